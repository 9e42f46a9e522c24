//! Schedules: what they start or make, when they fall next, and the dates of events that they wait for.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use engine::graph::library::{Issue, Planned};
use engine::journal::{Command, Event};
use engine::machine::schedule::unit_of;
use engine::model::document::DocumentKind;
use engine::model::limits::PREVIEW_MAX;
use engine::model::{Time, UnitId, time};
use engine::schedule::Occurrence;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer::{Done, Receipt, submit, words};
use super::documents::unknown;
use super::extract::{Asked, At, Key, Sent, Who};
use super::place::{heavy, known};
use super::problem::Problem;
use crate::app::App;
use crate::app::plan::Plan;

/// Which schedules a list shows.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// Those that start something in this unit or below it; left out: all.
    #[param(value_type = Option<String>)]
    unit: Option<UnitId>,
}

/// Schedules.
#[derive(Serialize, ToSchema)]
pub(super) struct Schedules {
    /// In the order of their ids.
    items: Vec<ScheduleItem>,
}

/// A schedule.
#[derive(Serialize, ToSchema)]
pub(super) struct ScheduleItem {
    /// Id.
    #[schema(example = "sqm.audit")]
    id: String,
    /// Title by language.
    title: BTreeMap<String, String>,
    /// 1, 2, 3 …
    version: u32,
    /// Whether it was compared with its source.
    verified: bool,
    /// The post that answers for it.
    owner: String,
    /// The unit of that post, in which cases are started, or on which reports are made.
    unit: Option<String>,
    /// The process that it starts, if it does.
    process: Option<String>,
    /// Whether that process is deployed.
    deployed: bool,
    /// The report that it makes, if it does: `digest` or `performance`.
    report: Option<&'static str>,
    /// Its zone.
    #[schema(example = "Asia/Kolkata")]
    zone: String,
    /// The event from which it counts, if it waits for one.
    #[schema(example = "certificate-issued")]
    anchor: Option<String>,
    /// The date of that event, once it is known.
    #[schema(value_type = Option<String>, format = Date)]
    anchored: Option<Date>,
    /// When it falls next; none while its anchor is awaited, or once it has ended.
    #[schema(format = DateTime)]
    next: Option<String>,
}

impl ScheduleItem {
    fn new(plan: &Plan, issue: &Issue<Planned>) -> Self {
        let Plan { office, library } = plan;
        let document = &issue.document.document;
        let anchor = issue.document.schedule.awaits();
        Self {
            id: document.id.clone(),
            title: words(&document.title),
            version: issue.version,
            verified: document.verified,
            owner: document.owner.post.to_string(),
            unit: unit_of(office, &issue.document).map(ToString::to_string),
            process: document.starts.as_ref().map(|starts| starts.process.clone()),
            deployed: document.starts.as_ref().is_some_and(|starts| library.newest(&starts.process).is_some()),
            report: document.makes.as_ref().map(|makes| makes.report.word()),
            zone: document.zone.clone(),
            anchor: anchor.map(ToOwned::to_owned),
            anchored: anchor.and_then(|anchor| office.anchors.get(anchor)).copied(),
            next: office.armed.get(&document.id).map(|armed| armed.at.to_string()),
        }
    }
}

/// Deployed schedules.
///
/// The newest version of each, with its next occurrence, or the event whose date it waits for.
#[utoipa::path(get, path = "/api/v1/schedules", tag = "schedules", operation_id = "listSchedules", params(ListQuery),
    responses((status = 200, description = "Schedules", body = Schedules)))]
pub(super) async fn list(State(app): State<App>, _: Who, Asked(query): Asked<ListQuery>) -> Result<Json<Schedules>, Problem> {
    let unit = query.unit.map(|unit| known(&app, unit)).transpose()?;
    let plan = plan(&app);
    let items = plan.schedules(unit.as_ref()).map(|issue| ScheduleItem::new(&plan, issue)).collect();
    Ok(Json(Schedules { items }))
}

/// Which occurrences are shown.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PreviewQuery {
    /// At most so many, 1 to 400 (10).
    count: Option<usize>,
    /// From this day on, in the schedule's zone; left out: from now.
    #[param(value_type = Option<String>, format = Date, example = "2027-04-01")]
    from: Option<Date>,
    /// As if the event that it waits for had this date.
    #[param(value_type = Option<String>, format = Date)]
    anchor: Option<Date>,
}

/// Occurrences to come.
#[derive(Serialize, ToSchema)]
pub(super) struct Preview {
    /// The event whose date is awaited; without it there are no occurrences.
    awaits: Option<String>,
    /// In the order of time.
    occurrences: Vec<OccurrenceItem>,
}

/// An occurrence.
#[derive(Serialize, ToSchema)]
pub(super) struct OccurrenceItem {
    /// The instant when it falls.
    #[schema(format = DateTime)]
    at: String,
    /// The local date and time as the schedule has it, before rolling and shifting.
    #[schema(example = "2026-10-02T10:00:00")]
    nominal: String,
    /// Whether its date moved to a working day.
    rolled: bool,
    /// Whether its local time does not exist, and it falls at the end of the gap.
    shifted: bool,
    /// Its number from 1, where occurrences are counted from an anchor.
    number: Option<u64>,
}

impl From<Occurrence> for OccurrenceItem {
    fn from(occurrence: Occurrence) -> Self {
        let Occurrence { nominal, instant, rolled, shifted, number } = occurrence;
        Self { at: Time::from_timestamp(instant).to_string(), nominal: nominal.to_string(), rolled, shifted, number }
    }
}

/// The next occurrences of a schedule.
///
/// By the calendar of its owner's unit as it stands now.
#[utoipa::path(get, path = "/api/v1/schedules/{id}/preview", tag = "schedules", operation_id = "previewSchedule",
    params(("id" = String, Path, description = "Schedule"), PreviewQuery),
    responses((status = 200, description = "Occurrences", body = Preview)))]
pub(super) async fn preview(
    State(app): State<App>,
    _: Who,
    At(id): At<String>,
    Asked(query): Asked<PreviewQuery>,
) -> Result<Json<Preview>, Problem> {
    let count @ 1..=PREVIEW_MAX = query.count.unwrap_or(10) else {
        return Err(Problem::new("query.count", format!("Ask for 1 to {PREVIEW_MAX} occurrences.")));
    };
    let plan = plan(&app);
    let issue = plan.library.newest_schedule(&id).cloned().ok_or_else(|| unknown(DocumentKind::Schedule, &id))?;
    let midnight = |date: Date| {
        let zone = time::zone(&issue.document.document.zone)?;
        Some(Time(Time::from_timestamp(zone.to_timestamp(date.at(0, 0, 0, 0)).ok()?).0 - 1))
    };
    let from = match query.from {
        None => app.engine.now(),
        Some(date) => midnight(date).ok_or_else(|| Problem::new("query.malformed", "The date lies outside of time."))?,
    };
    let awaited = issue.document.schedule.awaits().filter(|anchor| !plan.office.anchors.contains_key(*anchor));
    let awaits = awaited.filter(|_| query.anchor.is_none()).map(ToOwned::to_owned);
    let occurrences = heavy(move || plan.preview(&issue.document, query.anchor, from, count)).await?;
    Ok(Json(Preview { awaits, occurrences: occurrences.into_iter().map(OccurrenceItem::from).collect() }))
}

/// The date of an event.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "anchor": "charter-issued", "date": "2026-04-01" }))]
pub(super) struct Anchor {
    /// Name of the event, as schedules have it.
    anchor: String,
    /// Its date.
    #[schema(value_type = String, format = Date)]
    date: Date,
}

/// What follows from a date.
#[derive(Serialize, ToSchema)]
pub(super) struct Anchored {
    /// When each schedule that counts from it falls next; none where it does not any more.
    #[schema(value_type = Object)]
    next: BTreeMap<String, Option<String>>,
    /// The receipt.
    receipt: Receipt,
}

/// Gives the date of an event that schedules count from.
///
/// Given again, the later date holds. What lies in the past by it is not made up for. It needs a post with the role
/// `quality-coordinator`.
#[utoipa::path(post, path = "/api/v1/anchors", tag = "schedules", operation_id = "giveAnchor", request_body = Anchor,
    responses((status = 200, description = "Given", body = Anchored)))]
pub(super) async fn give(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    Sent(Anchor { anchor, date }): Sent<Anchor>,
) -> Result<Done<Anchored>, Problem> {
    let accepted = submit(&app, &who, &key, &UnitId::site(), Command::GiveAnchor { anchor, date }).await?;
    let next = accepted.entry.events.iter().filter_map(|event| match event {
        Event::ScheduleArmed { schedule, at, .. } => Some((schedule.clone(), Some(at.to_string()))),
        Event::ScheduleEnded { schedule, .. } => Some((schedule.clone(), None)),
        _ => None,
    });
    Ok(Done::new(Anchored { next: next.collect(), receipt: Receipt::from(&accepted) }, key, accepted.repeated))
}

/// The plan as it stands now.
pub(super) fn plan(app: &App) -> Plan {
    Plan { office: app.engine.office(), library: app.engine.library() }
}
