//! Evidence to carry away: an auditor chooses cases, a procedure, a clause or a period, says what it is for, and gets a bundle.

use std::collections::BTreeSet;

use axum::Form as Body;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use engine::machine::Rejection;
use engine::model::{InstanceId, Time, UnitId};
use engine::runtime::Refusal;
use maud::{Markup, html};
use serde::Deserialize;

use super::form::Control;
use super::frame::Frame;
use super::posted::{Posted, day, text};
use super::refused::{Refused, refusal, status_of};
use super::visit::{Answer, Visit, archive, page, page_as};
use crate::app::bundle::{Asked, make};
use crate::app::rights;

/// The unit that is looked at, and what was chosen there.
#[derive(Debug, Default, Deserialize)]
pub(super) struct From {
    unit: Option<String>,
    #[serde(default)]
    process: String,
}

/// The form.
pub(super) async fn show(visit: Visit, Query(from): Query<From>) -> Response {
    let answer = async {
        let posted = vec![("process".to_owned(), from.process)];
        page(view(&visit, &served(&visit, from.unit.as_deref())?, &posted, None))
    };
    visit.answer(answer.await)
}

/// Makes the bundle: a file, or the form again with what was wrong.
pub(super) async fn take(visit: Visit, Body(posted): Body<Posted>) -> Response {
    let answer = made(&visit, &posted).await;
    visit.answer(answer)
}

/// A unit that the visitor serves.
fn served(visit: &Visit, named: Option<&str>) -> Result<UnitId, Refused> {
    let person = &visit.identity()?.0.id;
    let unit = visit.unit(named).ok_or(Refused::NotFound)?;
    if rights::serves(&visit.office, person, &unit, visit.now) { Ok(unit) } else { Err(Refused::Forbidden) }
}

async fn made(visit: &Visit, posted: &Posted) -> Answer {
    let unit = served(visit, Some(text(posted, "unit")))?;
    let again = |rejection: &Rejection| page_as(status_of(rejection), view(visit, &unit, posted, Some(rejection)));
    let (wish, purpose) = match asked(visit, &unit, posted).and_then(|asked| asked.wish(&visit.library)) {
        Ok(wish) => wish,
        Err(rejection) => return again(&rejection),
    };
    // A key of its own each time: the form stays on the screen when the file is saved, and each file that is handed out is noted.
    let (app, who, key) = (visit.app.clone(), visit.identity()?.clone(), visit.engine().mint_key());
    // Whoever hangs up leaves no half of it: what is made is noted.
    let made = tokio::spawn(async move { make(&app, &who, &key, &wish, &purpose).await }).await;
    let not = match made {
        Ok(Ok(made)) => {
            return archive(&format!("bundle-{unit}-{}.zip", made.accepted.receipt().index), made.bytes);
        }
        Ok(Err(not)) => not.refusal(),
        Err(_) => None,
    };
    match not {
        Some(Refusal::Rejected(rejection)) => again(&rejection),
        Some(refusal) => Err(refusal.into()),
        None => {
            let message = "The log in the database is not what was signed, or cannot be read. Tell the operators.";
            let rejection = Rejection::conflict("log.differs", message);
            page_as(StatusCode::INTERNAL_SERVER_ERROR, view(visit, &unit, posted, Some(&rejection)))
        }
    }
}

/// What was typed in. Days are days of the office, and the last one is meant too.
fn asked(visit: &Visit, unit: &UnitId, posted: &Posted) -> Result<Asked, Rejection> {
    let some = |name: &str| Some(text(posted, name).trim()).filter(|text| !text.is_empty()).map(str::to_owned);
    let wrong = |message: String| Rejection::invalid("bundle.choice", message);
    let cases = text(posted, "cases").split_whitespace().map(|word| {
        let id = word.rsplit('/').next().unwrap_or(word);
        id.parse::<InstanceId>().map_err(|_| wrong(format!("{word:?} is not the identifier of a case.")))
    });
    let begin = |name: &str, more: i64| match some(name) {
        None => Ok(None),
        Some(text) => {
            let date: Option<jiff::civil::Date> = day(&text).parse().ok();
            let date = date.and_then(|date| date.checked_add(jiff::Span::new().days(more)).ok());
            let zoned = date.and_then(|date| date.at(0, 0, 0, 0).to_zoned_datetime(visit.w.zone.clone()).ok());
            let time = zoned.map(|zoned| Time::from_timestamp(zoned.timestamp()).to_string());
            time.map(Some).ok_or_else(|| wrong(format!("{text:?} is no day.")))
        }
    };
    Ok(Asked {
        unit: unit.clone(),
        cases: cases.collect::<Result<_, _>>()?,
        processes: some("process").into_iter().collect(),
        clause: some("clause"),
        from: begin("from", 0)?,
        to: begin("to", 1)?,
        withhold: some("withhold"),
        leaves: !text(posted, "leaves").is_empty(),
        at: BTreeSet::new(),
        purpose: text(posted, "purpose").trim().to_owned(),
    })
}

fn view(visit: &Visit, unit: &UnitId, posted: &Posted, wrong: Option<&Rejection>) -> Markup {
    let w = &visit.w;
    let control = |name: &str, label: String, hint: Option<String>| Control {
        name: name.to_owned(),
        label,
        hint,
        value: text(posted, name).to_owned(),
        ..Control::default()
    };
    let units: Vec<(String, String)> = visit
        .units()
        .iter()
        .filter(|unit| !visit.roles(unit).is_empty())
        .map(|unit| (unit.to_string(), visit.unit_title(unit)))
        .collect();
    let processes: Vec<(String, String)> = visit
        .library
        .all_newest()
        .map(|deployed| (deployed.graph.process.id.clone(), w.text(&deployed.graph.process.title).to_owned()))
        .collect();
    let of_unit = Control { value: unit.to_string(), required: true, ..control("unit", w.say("unit"), None) };
    let purpose = Control { required: true, ..control("purpose", w.say("bundle-purpose"), Some(w.say("bundle-purpose-hint"))) };
    let process = Control { required: true, ..control("process", w.say("process"), None) };
    let body = html! {
        @if let Some(rejection) = wrong { (refusal(w, rejection)) }
        p class="lead" { (w.say("bundle-lead")) }
        form method="post" action="/bundles" data-download {
            (of_unit.list(&units, None))
            (process.list(&processes, Some(&w.say("all"))))
            (control("clause", w.say("bundle-clause"), Some(w.say("bundle-clause-hint"))).input(w, "text", None, None))
            (control("cases", w.say("bundle-cases"), Some(w.say("bundle-cases-hint"))).textarea(w, 2))
            (control("from", w.say("bundle-from"), None).input(w, "date", None, None))
            (control("to", w.say("bundle-to"), None).input(w, "date", None, None))
            (purpose.input(w, "text", None, None))
            (control("withhold", w.say("bundle-withhold"), Some(w.say("bundle-withhold-hint"))).input(w, "text", None, None))
            (control("leaves", w.say("bundle-leaves"), None).checkbox(w))
            div class="actions" { button class="main" { (w.say("bundle-make")) } }
        }
        p class="soft" { (w.say("bundle-check")) " " code { "sevottam verify bundle.zip --policy policy.txt" } }
    };
    let title = w.say("bundle");
    Frame::new(visit, &title).under(w.say("cases"), format!("/cases?unit={unit}")).failed(wrong.is_some()).show(&body)
}
