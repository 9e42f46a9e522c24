//! How long one reckoning takes: `cargo test --release -p engine --lib norm::tests::speed -- --ignored --nocapture`.

use std::hint::black_box;
use std::time::Instant;

use jiff::civil;
use serde_json::{Value, json};

use super::{TERMS, norm, started};
use crate::model::Time;
use crate::model::calendar as authored;
use crate::norm::reckon;

#[test]
#[ignore = "a measurement, for a quiet machine"]
fn thirty_working_days_under_twenty_years_of_holidays() {
    let holidays = (2016..2036).flat_map(|year| (0..17).map(move |number| civil::date(year, 1 + number % 12, 1 + number)));
    let shifts = json!([{ "from": "09:00", "to": "13:00" }, { "from": "13:30", "to": "17:00" }]);
    let names = ["monday", "tuesday", "wednesday", "thursday", "friday"];
    let week: serde_json::Map<String, Value> = names.iter().map(|name| ((*name).to_owned(), shifts.clone())).collect();
    let document: authored::Document = serde_json::from_value(json!({
        "id": "random", "title": { "en": "Random" }, "owner": { "post": "head" }, "zone": "Asia/Kolkata", "week": week,
        "holidays": holidays.map(|date| json!({ "date": date.to_string(), "title": { "en": "Holiday" } })).collect::<Vec<_>>(),
    }))
    .unwrap();
    let calendar = crate::calendar::compile(&[&document]).unwrap().0;
    for within in [json!({ "workingDays": 30 }), json!({ "days": 30 }), json!({ "hours": 48 }), json!({ "officeHours": 40 })] {
        let norm = norm(&within, &json!({}));
        let base = Time::parse("2026-01-05T10:00:00+05:30").unwrap();
        let begun = Instant::now();
        for round in 0..200_000 {
            black_box(reckon(&norm, TERMS, black_box(&started(base.plus_seconds(round * 600))), &calendar).unwrap());
        }
        println!("{within}: {} ns", begun.elapsed().as_nanos() / 200_000);
    }
}
