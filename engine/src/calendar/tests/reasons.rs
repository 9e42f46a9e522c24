//! Why a day works or does not: layers, amendments, single days.

use serde_json::{Value, json};

use super::{calendar, date, plain, shipped};
use crate::calendar::{Calendar, Effect};

/// Whether a day works, and the line that says so, as "works|closed effect calendar pointer amendment".
#[track_caller]
fn check(calendar: &Calendar, day: &str, expected: &str) {
    let found = calendar.day(date(day));
    let reason = found.reason;
    let works = if found.works.value { "works" } else { "closed" };
    let mark = if found.works.provisional { " provisional" } else { "" };
    let order = reason.amendment.map(|number| format!(" {number}")).unwrap_or_default();
    assert_eq!(format!("{works}{mark}: {:?} {} {}{order}", reason.effect, reason.calendar, reason.pointer), expected, "{day}");
}

#[test]
fn of_delhi() {
    let delhi = shipped("in.central.delhi");
    check(&delhi, "2026-01-27", "works: Week in.central /week/tuesday");
    check(&delhi, "2026-01-25", "closed: Week in.central /week/sunday");
    check(&delhi, "2026-01-01", "works: Restricted in.central.delhi /holidays/0");
    check(&delhi, "2026-01-26", "closed: Closed in.central.delhi /holidays/4");
    check(&delhi, "2026-11-08", "closed: Week in.central /week/sunday");
    check(&delhi, "2027-01-26", "closed provisional: Provisional in.central.delhi /holidays/48");
    let republic_day = delhi.day(date("2026-01-26"));
    assert_eq!(republic_day.reason.title.unwrap().others["hi"], "गणतंत्र दिवस");
    assert!(republic_day.reason.verified && republic_day.reason.source[0].contains("niepvd"));
    assert!(republic_day.works.covered && !delhi.day(date("2027-01-26")).works.covered);
    let estimate = delhi.day(date("2027-01-26")).reason;
    assert!(!estimate.verified && estimate.source[0].contains("estimate"));
}

fn holiday(day: &str, title: &str, kind: &str) -> Value {
    json!({ "date": day, "title": { "en": title }, "kind": kind })
}

fn hours(day: &str, from: &str, to: &str) -> Value {
    json!({ "date": day, "title": { "en": "Other hours" }, "shifts": [{ "from": from, "to": to }] })
}

/// A nation with one holiday of each kind in a week of March 2026, and a State upon it.
fn state(changes: &Value) -> Calendar {
    let nation = plain(&json!({ "id": "nation", "holidays": [
        holiday("2026-03-02", "A", "closed"), holiday("2026-03-03", "B", "restricted"), holiday("2026-03-04", "C", "provisional"),
    ] }));
    let mut state = json!({ "id": "state", "title": { "en": "State" }, "owner": { "post": "head" }, "extends": "nation" });
    for (name, member) in changes.as_object().unwrap() {
        state[name] = member.clone();
    }
    calendar(&[nation, state])
}

#[test]
fn what_a_layer_says_nothing_of_holds() {
    let state = state(&json!({}));
    check(&state, "2026-03-02", "closed: Closed nation /holidays/0");
    check(&state, "2026-03-03", "works: Restricted nation /holidays/1");
    check(&state, "2026-03-04", "closed provisional: Provisional nation /holidays/2");
    assert_eq!(state.layer_ids().collect::<Vec<_>>(), ["nation", "state"]);
}

#[test]
fn an_upper_layer_goes_before_a_lower() {
    let state = state(&json!({
        "holidays": [
            holiday("2026-03-02", "A", "restricted"),
            holiday("2026-03-03", "B", "closed"),
            holiday("2026-03-04", "Other", "closed"),
        ],
        "days": [hours("2026-03-07", "09:00", "13:00")],
    }));
    check(&state, "2026-03-02", "works: Restricted state /holidays/0");
    check(&state, "2026-03-03", "closed: Closed state /holidays/1");
    // A certain holiday takes the doubt away.
    check(&state, "2026-03-04", "closed: Closed state /holidays/2");
    check(&state, "2026-03-07", "works: Hours state /days/0");
    assert_eq!(state.shifts(date("2026-03-07")).len(), 1);
    assert_eq!(state.shifts(date("2026-03-07"))[0].to_minutes, 13 * 60);
    assert!(state.shifts(date("2026-03-08")).is_empty());
}

#[test]
fn an_office_may_work_on_a_holiday_below_it() {
    let open = state(&json!({ "days": [hours("2026-03-02", "10:00", "12:00")] }));
    check(&open, "2026-03-02", "works: Hours state /days/0");
    // What it replaces is no longer listed.
    assert!(open.lines().all(|(day, line)| day != date("2026-03-02") || line.effect == Effect::Hours));
    let longer = state(&json!({ "days": [hours("2026-03-03", "08:00", "20:00")] }));
    check(&longer, "2026-03-03", "works: Hours state /days/0");
    assert_eq!(longer.shifts(date("2026-03-03"))[0].to_minutes, 20 * 60);
    let closed = state(&json!({ "week": { "tuesday": [{ "from": "09:00", "to": "10:00" }] } }));
    check(&closed, "2026-03-03", "works: Restricted nation /holidays/1");
    check(&closed, "2026-03-05", "closed: Week state /week/thursday");
}

#[test]
fn amendments_are_applied_in_order() {
    let order = |number: &str, parts: Value| {
        let mut order = json!({ "number": number, "date": "2026-02-01", "source": ["Gazette"] });
        parts.as_object().unwrap().iter().for_each(|(name, part)| order[name] = part.clone());
        order
    };
    let state = state(&json!({ "amendments": [
        order("O1", json!({ "remove": [{ "date": "2026-03-02" }], "add": [holiday("2026-03-09", "D", "closed")] })),
        order("O2", json!({ "move": [{ "from": "2026-03-04", "to": "2026-03-05", "kind": "closed" }] })),
        order("O3", json!({
            "move": [{ "from": "2026-03-09", "to": "2026-03-10" }], "days": [hours("2026-03-14", "09:00", "12:00")],
        })),
        order("O4", json!({ "add": [holiday("2026-03-14", "E", "closed"), holiday("2026-03-13", "E", "provisional")] })),
        order("O5", json!({ "remove": [{ "date": "2026-03-10" }], "add": [holiday("2026-03-10", "D", "restricted")] })),
    ] }));
    check(&state, "2026-03-02", "works: Cancelled state /amendments/0/remove/0 O1");
    check(&state, "2026-03-04", "works: Cancelled state /amendments/1/move/0 O2");
    check(&state, "2026-03-05", "closed: Closed state /amendments/1/move/0 O2");
    check(&state, "2026-03-09", "works: Cancelled state /amendments/2/move/0 O3");
    check(&state, "2026-03-14", "closed: Week nation /week/saturday");
    check(&state, "2026-03-13", "closed provisional: Provisional state /amendments/3/add/1 O4");
    // From gazetted to restricted, as Haryana did with Eid in 2025.
    check(&state, "2026-03-10", "works: Restricted state /amendments/4/add/0 O5");
    assert_eq!(state.day(date("2026-03-05")).reason.title.unwrap().en, "C");
    assert_eq!(state.day(date("2026-03-05")).reason.source, ["Gazette"]);
}

#[test]
fn a_calendar_covers_what_all_its_layers_cover() {
    let covers = |from: &str, to: &str| json!({ "from": from, "to": to });
    let nation = plain(&json!({ "id": "nation", "covers": covers("2025-01-01", "2026-06-30") }));
    let state = json!({ "id": "state", "title": { "en": "State" }, "owner": { "post": "head" }, "extends": "nation",
        "covers": covers("2026-01-01", "2026-12-31") });
    let state = calendar(&[nation, state]);
    let check = |day: &str, expected: bool| assert_eq!(state.day(date(day)).works.covered, expected, "{day}");
    check("2025-12-31", false);
    check("2026-01-01", true);
    check("2026-06-30", true);
    check("2026-07-01", false);
    assert_eq!(state.lines().filter(|(_, line)| line.effect == Effect::Closed).count(), 0);
}
