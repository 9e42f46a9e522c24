//! Penalties, and who bears them: by hand, and that no paisa is lost.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{at, norm, shipped};
use crate::model::Time;
use crate::model::random::Random;
use crate::norm::custody::{Custodian, Held, Share};
use crate::norm::{NormError, apportion, custody, penalties};

#[test]
fn per_day_capped_and_lump() {
    let delhi = shipped("in.central.delhi");
    let check = |penalty: Value, due: &str, until: &str, expected: Value| {
        let mut whole = json!({ "title": { "en": "Penalty" }, "payee": "state", "source": ["Rule 8"] });
        for (name, member) in penalty.as_object().unwrap() {
            whole[name] = member.clone();
        }
        let norm = norm(&json!({ "days": 30 }), &json!({ "breach": { "penalties": [whole] } }));
        let found = penalties(&norm, at(due), at(until), &delhi).unwrap();
        let told =
            found.iter().map(|found| json!({ "days": found.days, "amount": found.amount.map(|amount| amount.to_string()) }));
        assert_eq!(told.collect::<Value>(), expected, "{penalty} {due} {until}");
        let text = serde_json::to_string(&found).unwrap();
        assert_eq!(serde_json::from_str::<Vec<crate::norm::PenaltyDue>>(&text).unwrap(), found);
    };
    let bihar = || json!({ "perDay": "250", "cap": "5000", "lumpFrom": "500", "lumpTo": "5000" });
    let close = "2026-03-20T17:00:00+05:30";
    check(bihar(), close, "2026-03-20T16:59:59+05:30", json!([]));
    check(bihar(), close, "2026-03-20T17:00:00+05:30", json!([{ "days": 1, "amount": "250" }]));
    check(bihar(), close, "2026-03-21T00:00:00+05:30", json!([{ "days": 1, "amount": "250" }]));
    check(bihar(), close, "2026-03-22T23:00:00+05:30", json!([{ "days": 2, "amount": "500" }]));
    check(bihar(), close, "2026-04-09T10:00:00+05:30", json!([{ "days": 20, "amount": "5000" }]));
    check(bihar(), close, "2026-04-10T10:00:00+05:30", json!([{ "days": 21, "amount": "5000" }]));
    check(bihar(), "2026-03-21T00:00:00+05:30", "2026-03-21T00:00:00+05:30", json!([{ "days": 1, "amount": "250" }]));
    let working = || json!({ "perDay": "20.50", "days": "working" });
    check(working(), close, "2026-03-22T10:00:00+05:30", json!([{ "days": 1, "amount": "20.50" }]));
    check(working(), close, "2026-03-23T10:00:00+05:30", json!([{ "days": 1, "amount": "20.50" }]));
    check(working(), close, "2026-03-31T10:00:00+05:30", json!([{ "days": 5, "amount": "102.50" }]));
    check(json!({ "lumpTo": "50000" }), close, "2026-03-31T10:00:00+05:30", json!([{ "days": 11, "amount": null }]));
    let most = json!({ "perDay": "999999999999.99" });
    check(
        most,
        "0001-01-01T00:00:00Z",
        "9998-12-31T00:00:00Z",
        json!([{ "days": 3_651_693, "amount": "3651692999999963483.07" }]),
    );
}

fn held(holder: &str, from: &str, to: &str, party: Custodian) -> Held {
    Held { holder: holder.to_owned(), from: at(from), to: at(to), party }
}

#[test]
fn custody_by_sides() {
    let delhi = shipped("in.central.delhi");
    let times = [
        held("a", "2026-03-20T16:00:00+05:30", "2026-03-23T10:00:00+05:30", Custodian::Office),
        held("b", "2026-03-23T10:00:00+05:30", "2026-03-23T11:00:00+05:30", Custodian::Transit),
        held("a", "2026-03-23T09:30:00+05:30", "2026-03-23T10:30:00+05:30", Custodian::Office),
        held("x", "2026-03-23T11:00:00+05:30", "2026-03-24T09:00:30+05:30", Custodian::Applicant),
        held("a", "2026-03-24T10:00:00+05:30", "2026-03-24T09:00:00+05:30", Custodian::Court),
    ];
    let found: Vec<_> = custody(&times, &delhi).unwrap().into_iter().map(|one| (one.holder, one.party, one.minutes)).collect();
    let expected = [
        ("a", Custodian::Office, 150),
        ("b", Custodian::Transit, 60),
        ("x", Custodian::Applicant, 330),
        ("a", Custodian::Court, 0),
    ];
    assert_eq!(found, expected.map(|(holder, party, minutes)| (holder.to_owned(), party, minutes)));
}

#[test]
fn shares() {
    let delhi = shipped("in.central.delhi");
    let check = |amount: &str, times: &[Held], expected: &[(&str, i64, &str)]| {
        let (due, until) = (at("2026-03-20T17:00:00+05:30"), at("2026-03-25T10:00:00+05:30"));
        let shares = apportion(amount.parse().unwrap(), times, due, until, &delhi).unwrap();
        let told: Vec<_> = shares.iter().map(|share| (&*share.holder, share.minutes, share.amount.to_string())).collect();
        let expected: Vec<_> =
            expected.iter().map(|(holder, minutes, amount)| (*holder, *minutes, (*amount).to_owned())).collect();
        assert_eq!(told, expected);
    };
    // Before it was late, or in other hands, nothing counts.
    let times = [
        held("a", "2026-03-10T16:00:00+05:30", "2026-03-23T10:00:00+05:30", Custodian::Office),
        held("x", "2026-03-23T10:00:00+05:30", "2026-03-23T16:00:00+05:30", Custodian::Applicant),
        held("b", "2026-03-23T16:00:00+05:30", "2026-03-24T10:00:00+05:30", Custodian::Office),
        held("c", "2026-03-25T11:00:00+05:30", "2026-03-26T10:00:00+05:30", Custodian::Office),
    ];
    check("1000", &times, &[("a", 60, "333.33"), ("b", 120, "666.67")]);
    check("0.01", &times, &[("a", 60, "0.00"), ("b", 120, "0.01")]);
    let thirds =
        ["a", "b", "c"].map(|who| held(who, "2026-03-23T09:00:00+05:30", "2026-03-23T10:00:00+05:30", Custodian::Office));
    check("1", &thirds, &[("a", 60, "0.34"), ("b", 60, "0.33"), ("c", 60, "0.33")]);
    let evening = [held("a", "2026-03-20T16:00:00+05:30", "2026-03-20T19:00:00+05:30", Custodian::Office)];
    check("250", &evening, &[("a", 120, "250.00")]);
    check("250", &times[1..2], &[]);
    check("250", &[], &[]);
    for wrong in ["-1", "0.001", "9999999999999999999999999999"] {
        let found = apportion(wrong.parse().unwrap(), &thirds, at("2026-03-20T17:00:00Z"), at("2026-03-25T10:00:00Z"), &delhi);
        assert!(wrong.starts_with('9') || found == Err(NormError::Amount), "{wrong}: {found:?}");
    }
}

/// Whatever was held: the shares add up, none is negative, and nobody bears more than a paisa beside their part.
#[test]
fn no_paisa_is_lost() {
    let delhi = shipped("in.central.delhi");
    let due = at("2026-03-20T17:00:00+05:30");
    for round in 0..500 {
        let mut random = Random(31 << 32 | round);
        let minute = |random: &mut Random| Time(due.0 + random.between(-5_000, 40_000) * 60_000_000);
        let times: Vec<Held> = (0..random.below(8))
            .map(|_| Held {
                holder: format!("h{}", random.below(4)),
                from: minute(&mut random),
                to: minute(&mut random),
                party: *random.among(&[Custodian::Office, Custodian::Office, Custodian::Transit]),
            })
            .collect();
        let amount = Decimal::new(random.between(0, 10_000_000), 2);
        let shares = apportion(amount, &times, due, Time(i64::MAX / 8), &delhi).unwrap();
        if shares.is_empty() {
            continue;
        }
        assert_eq!(shares.iter().map(|share| share.amount).sum::<Decimal>(), amount, "{times:?}");
        let whole: i64 = shares.iter().map(|share| share.minutes).sum();
        let is_near = |share: &Share| {
            let exact = amount * Decimal::from(share.minutes) / Decimal::from(whole);
            share.amount >= Decimal::ZERO && (share.amount - exact).abs() <= Decimal::new(1, 2)
        };
        assert!(shares.iter().all(is_near), "{shares:?}");
    }
}
