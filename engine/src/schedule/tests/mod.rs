//! Tests of the schedule module.

#![allow(clippy::unwrap_used)] // In a test, a panic is the report.

mod conformance;
mod days;
mod hostile;
mod laws;
mod rules;
mod shipped;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::{IsWorking, compile};
use crate::model::schedule::Schedule;

/// A calendar without holidays.
const ANY_DAY: IsWorking<'static> = &|_| true;

/// A document with these members, beside the necessary ones.
fn document(members: Value) -> Schedule {
    let mut document = json!({
        "id": "test", "title": { "en": "Test" }, "owner": { "post": "owner" }, "zone": "Asia/Kolkata", "starts": { "process": "test" },
    });
    let Value::Object(members) = members else { panic!("members are an object") };
    document.as_object_mut().unwrap().extend(members);
    serde_json::from_value(document).unwrap()
}

/// A cron expression in a zone.
fn cron_in(expression: &str, zone: &str) -> Schedule {
    document(json!({ "when": { "cron": expression }, "zone": zone }))
}

/// The first local date and time of an expression after another, where clocks never change.
fn next_local(expression: &str, after: &str) -> Option<DateTime> {
    let after = TimeZone::UTC.to_timestamp(after.parse().unwrap()).unwrap();
    let schedule = compile(&cron_in(expression, "UTC")).unwrap_or_else(|problems| panic!("{expression}: {problems:?}"));
    schedule.next_after(after, ANY_DAY).map(|occurrence| occurrence.nominal)
}
