//! Every problem of a document: its code and its place.

use serde_json::{Value, json};

use super::{date, document, plain};
use crate::calendar::{compile, layers};
use crate::model::calendar::Document;
use crate::model::limits::CALENDAR_PROBLEMS_MAX;

/// The problems of documents, the lowest first, as "code pointer".
fn problems(documents: &[Value]) -> Vec<String> {
    let documents: Vec<Document> = documents.iter().map(document).collect();
    let layers: Vec<&Document> = documents.iter().collect();
    let problems = match compile(&layers) {
        Ok((_, warnings)) => warnings,
        Err(problems) => problems,
    };
    for problem in &problems {
        assert!(problem.message.ends_with('.') && problem.message.contains(' '), "{problem:?}");
    }
    let expected = |problem: &&crate::model::Problem| problem.code != "calendar.covers-missing";
    problems.iter().filter(expected).map(|problem| format!("{} {}", problem.code, problem.pointer)).collect()
}

#[track_caller]
fn check(changes: &Value, expected: &[&str]) {
    assert_eq!(problems(&[plain(changes)]), expected);
}

fn holiday(day: &str, title: &str) -> Value {
    json!({ "date": day, "title": { "en": title } })
}

/// An order with these parts.
fn order(parts: &Value) -> Value {
    let mut order = json!({ "number": "1", "date": "2026-02-01", "source": ["Order 1"] });
    for (name, part) in parts.as_object().unwrap() {
        order[name] = part.clone();
    }
    order
}

#[test]
fn a_sound_calendar_has_none() {
    check(&json!({}), &[]);
}

#[test]
fn dates() {
    let check = |day: &str, expected: &[&str]| check(&json!({ "holidays": [holiday(day, "Holi")] }), expected);
    check("2028-02-29", &[]);
    check("2026-02-29", &["calendar.date-impossible /holidays/0/date"]);
    check("2026-13-01", &["calendar.date-impossible /holidays/0/date"]);
    check("20260304", &["calendar.date-impossible /holidays/0/date"]);
    check("2026-03-04T00:00", &["calendar.date-impossible /holidays/0/date"]);
    check("26 January", &["calendar.date-impossible /holidays/0/date"]);
    check("0026-03-04", &["calendar.date-far /holidays/0/date"]);
}

#[test]
fn zones() {
    check(&json!({ "zone": "Asia/Kolkata" }), &[]);
    check(&json!({ "zone": "Asia/Dehli" }), &["calendar.zone-unknown /zone"]);
    check(&json!({ "zone": "asia/kolkata" }), &["calendar.zone-unknown /zone"]);
    check(&json!({ "zone": "+05:30" }), &["calendar.zone-unknown /zone"]);
    check(&json!({ "zone": null }), &["calendar.zone-missing /zone"]);
}

#[test]
fn weeks() {
    check(&json!({ "week": null }), &["calendar.week-missing /week"]);
    check(&json!({ "week": {} }), &["calendar.week-empty /week"]);
    let check = |shifts: Value, expected: &[&str]| check(&json!({ "week": { "monday": shifts } }), expected);
    let shift = |from: &str, to: &str| json!({ "from": from, "to": to });
    check(json!([shift("09:00", "13:00"), shift("13:30", "17:00")]), &[]);
    check(json!([shift("09:00", "13:00"), shift("13:00", "24:00")]), &[]);
    check(json!([shift("09:00", "13:00"), shift("12:59", "17:00")]), &["calendar.shift-overlap /week/monday/1"]);
    check(json!([shift("10:00", "12:00"), shift("08:00", "09:00")]), &["calendar.shift-overlap /week/monday/1"]);
    check(json!([shift("17:00", "09:00"), shift("18:00", "19:00")]), &["calendar.shift-reversed /week/monday/0"]);
    check(json!([shift("09:00", "09:00"), shift("18:00", "19:00")]), &["calendar.shift-reversed /week/monday/0"]);
    check(json!([shift("9:00", "17:00"), shift("18:00", "19:00")]), &["calendar.shift-time /week/monday/0/from"]);
    check(
        json!([shift("09:60", "24:01"), shift("18:00", "19:00")]),
        &["calendar.shift-time /week/monday/0/from", "calendar.shift-time /week/monday/0/to"],
    );
    check(json!([shift("24:00", "24:00"), shift("18:00", "19:00")]), &["calendar.shift-time /week/monday/0/from"]);
    let nine: Vec<Value> = (0..9).map(|hour| shift(&format!("{hour:02}:00"), &format!("{hour:02}:30"))).collect();
    check(json!(nine), &["limit.shifts /week/monday"]);
}

#[test]
fn lines() {
    let twice = json!({ "holidays": [holiday("2026-03-04", "Holi"), holiday("2026-03-04", "Holi")] });
    check(&twice, &["calendar.line-twice /holidays/1"]);
    // Two holidays may fall on one day.
    check(&json!({ "holidays": [holiday("2026-08-15", "Independence Day"), holiday("2026-08-15", "Parsi New Year")] }), &[]);
    check(&json!({ "holidays": [holiday("2026-03-04", " ")] }), &["calendar.title-length /holidays/0/title"]);

    let half = json!({ "date": "2026-03-04", "title": { "en": "Half day" }, "shifts": [{ "from": "09:00", "to": "13:00" }] });
    let other = json!({ "date": "2026-03-04", "title": { "en": "Long day" }, "shifts": [{ "from": "08:00", "to": "20:00" }] });
    let closed = json!({ "date": "2026-03-05", "title": { "en": "No hours" }, "shifts": [] });
    check(&json!({ "days": [half] }), &[]);
    check(&json!({ "days": [half, other] }), &["calendar.hours-twice /days/1"]);
    check(&json!({ "days": [closed] }), &["calendar.day-empty /days/0/shifts"]);
    let both = json!({ "days": [half], "holidays": [holiday("2026-03-04", "Holi")] });
    check(&both, &["calendar.day-contradicted /days/0"]);
}

#[test]
fn coverage() {
    let republic_day = holiday("2027-01-26", "Republic Day");
    let covers = |from: &str, to: &str| json!({ "covers": { "from": from, "to": to }, "holidays": [republic_day] });
    check(&covers("2026-01-01", "2027-12-31"), &[]);
    check(&covers("2026-01-01", "2026-12-31"), &["calendar.outside-covers /holidays/0"]);
    check(&covers("2027-12-31", "2027-01-01"), &["calendar.covers-reversed /covers", "calendar.outside-covers /holidays/0"]);
    let documents = document(&plain(&json!({})));
    let (_, warnings) = compile(&[&documents]).unwrap();
    assert_eq!(warnings[0].code, "calendar.covers-missing");
}

#[test]
fn amendments() {
    let check = |parts: &Value, expected: &[&str]| {
        let holidays = json!([
            holiday("2026-03-21", "Id-ul-Fitr"),
            holiday("2026-08-15", "Independence Day"),
            holiday("2026-08-15", "Milad")
        ]);
        check(&json!({ "holidays": holidays, "amendments": [order(parts)] }), expected);
    };
    check(&json!({ "remove": [{ "date": "2026-03-21" }] }), &[]);
    check(&json!({ "move": [{ "from": "2026-03-21", "to": "2026-03-20" }] }), &[]);
    check(&json!({ "remove": [{ "date": "2026-08-15", "title": "Milad" }] }), &[]);
    let nothing = "calendar.amendment-nothing";
    check(&json!({ "remove": [{ "date": "2026-03-22" }] }), &[&format!("{nothing} /amendments/0/remove/0/date")]);
    check(&json!({ "remove": [{ "date": "2026-03-21", "title": "Eid" }] }), &[&format!("{nothing} /amendments/0/remove/0/date")]);
    check(
        &json!({ "remove": [{ "date": "2026-03-21" }, { "date": "2026-03-21" }] }),
        &[&format!("{nothing} /amendments/0/remove/1/date")],
    );
    check(&json!({ "move": [{ "from": "2026-03-22", "to": "2026-03-20" }] }), &[&format!("{nothing} /amendments/0/move/0/from")]);
    check(&json!({ "remove": [{ "date": "2026-08-15" }] }), &["calendar.amendment-ambiguous /amendments/0/remove/0/date"]);
    check(&json!({ "add": [holiday("2026-03-21", "Id-ul-Fitr")] }), &["calendar.line-twice /amendments/0/add/0"]);
}

#[test]
fn amendments_come_in_order() {
    let dated = |number: &str, day: &str| order(&json!({ "number": number, "date": day }));
    check(&json!({ "amendments": [dated("1", "2026-02-01"), dated("2", "2026-02-01")] }), &[]);
    check(
        &json!({ "amendments": [dated("1", "2026-02-02"), dated("2", "2026-02-01")] }),
        &["calendar.amendment-order /amendments/1/date"],
    );
    check(
        &json!({ "amendments": [dated("1", "2026-02-01"), dated("1", "2026-02-02")] }),
        &["calendar.amendment-twice /amendments/1/number"],
    );
}

#[test]
fn a_long_closure_is_a_mistake() {
    let closure = |days: i64| {
        let first = date("2026-01-05");
        let on = |day: i64| crate::calendar::add_units(first, day, crate::calendar::Unit::Day).unwrap().to_string();
        let holidays: Vec<Value> = (0..days).map(|day| holiday(&on(day), "Closed")).collect();
        json!({ "week": super::week("1111111", "09:00", "17:00"), "holidays": holidays })
    };
    check(&closure(92), &[]);
    check(&closure(93), &["calendar.closed-long /holidays"]);
    check(&closure(700), &["calendar.closed-long /holidays"]);
}

#[test]
fn layers_stand_upon_one_another() {
    let base = plain(&json!({ "id": "base" }));
    let upper =
        |extends: Value| json!({ "id": "upper", "title": { "en": "Upper" }, "owner": { "post": "head" }, "extends": extends });
    assert_eq!(problems(&[base.clone(), upper(json!("base"))]), [""; 0]);
    assert_eq!(problems(&[base.clone(), upper(json!("other"))]), ["calendar.extends-unknown /extends"]);
    assert_eq!(problems(&[base.clone(), upper(json!(null))]), ["calendar.extends-unknown /extends"]);
    assert_eq!(
        problems(&[upper(json!("base"))]),
        ["calendar.extends-unknown /extends", "calendar.zone-missing /zone", "calendar.week-missing /week",]
    );
    // A mistake below says where it is.
    let bad = plain(&json!({ "id": "base", "zone": "Nowhere" }));
    let documents = [document(&bad), document(&upper(json!("base")))];
    let problems = compile(&[&documents[0], &documents[1]]).unwrap_err();
    assert!(problems[0].message.starts_with("In the calendar \"base\" below: "), "{problems:?}");
}

#[test]
fn chains() {
    let named = |id: &str, extends: &str| document(&plain(&json!({ "id": id, "extends": extends })));
    let documents =
        [named("a", "b"), named("b", "a"), named("c", "nowhere"), document(&plain(&json!({ "id": "d" }))), named("e", "d")];
    let known = |id: &str| documents.iter().find(|document| document.id == id);
    let check = |id: &str, expected: Result<&[&str], &str>| {
        let found = layers(id, &known);
        let found = found.as_ref().map(|layers| layers.iter().map(|layer| layer.id.as_str()).collect::<Vec<_>>());
        match (found, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected),
            (Err(found), Err(expected)) => assert_eq!(found[0].code, expected),
            (found, expected) => panic!("{id}: {found:?}, not {expected:?}"),
        }
    };
    check("e", Ok(&["d", "e"]));
    check("d", Ok(&["d"]));
    check("a", Err("calendar.extends-loop"));
    check("c", Err("calendar.extends-unknown"));
    let endless: Vec<Document> = (0..20).map(|n| named(&format!("n{n}"), &format!("n{}", n + 1))).collect();
    let known = |id: &str| endless.iter().find(|document| document.id == id);
    assert_eq!(layers("n0", &known).unwrap_err()[0].code, "limit.calendar-layers");
}

#[test]
fn limits() {
    // What is too long is not looked at further.
    let many: Vec<Value> = (0..3_601).map(|n| holiday("2026-02-30", &format!("Holiday {n}"))).collect();
    check(&json!({ "holidays": many }), &["limit.calendar-lines /holidays"]);
    let orders: Vec<Value> = (0..501).map(|n| order(&json!({ "number": n.to_string() }))).collect();
    check(&json!({ "amendments": orders }), &["limit.calendar-amendments /amendments"]);
    let wrong: Vec<Value> = (0..500).map(|n| holiday("2026-02-30", &format!("Holiday {n}"))).collect();
    assert_eq!(problems(&[plain(&json!({ "holidays": wrong }))]).len(), CALENDAR_PROBLEMS_MAX);
}

#[test]
fn every_problem_is_reported_at_once() {
    let wrong = json!({
        "zone": "Nowhere", "week": { "monday": [{ "from": "17:00", "to": "09:00" }] },
        "holidays": [holiday("2026-02-30", "Holi")], "amendments": [order(&json!({ "remove": [{ "date": "2026-02-01" }] }))],
    });
    assert_eq!(
        problems(&[plain(&wrong)]),
        [
            "calendar.zone-unknown /zone",
            "calendar.shift-reversed /week/monday/0",
            "calendar.date-impossible /holidays/0/date",
            "calendar.amendment-nothing /amendments/0/remove/0/date",
        ]
    );
}
