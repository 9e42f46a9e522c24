//! Calendars day by day, and the feed that calendar programs subscribe to.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use engine::calendar::exchange::{Feed, FeedEvent};
use engine::calendar::{Calendar, Effect};
use engine::model::document::DocumentKind;
use engine::model::id::Located;
use engine::model::limits::{CALENDAR_DAYS_MAX, PAGE_ROWS_MAX};
use engine::model::{Language, UnitId};
use engine::projection::row::TaskRow;
use engine::store::{Store, TaskQuery};
use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer::words;
use super::documents::unknown;
use super::extract::{Asked, At, Who};
use super::place::{heavy, known};
use super::problem::Problem;
use super::schedules::plan;
use crate::app::{App, Identity};

/// Days of a year ahead that the feed covers.
const FEED_DAYS: i64 = 366;

/// Which days are told.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DaysQuery {
    /// First day; left out: today, in the calendar's zone.
    #[param(value_type = Option<String>, format = Date, example = "2026-04-01")]
    from: Option<Date>,
    /// Last day, at most 366 days in all; left out: 31 days in all.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Date>,
}

/// Days of a calendar.
#[derive(Serialize, ToSchema)]
pub(super) struct CalendarDays {
    /// The calendar.
    calendar: String,
    /// Its layers, the lowest first.
    layers: Vec<String>,
    /// Its zone.
    #[schema(example = "Asia/Kolkata")]
    zone: Option<String>,
    /// In order.
    days: Vec<DayItem>,
}

/// A day.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "four independent facts about a day, as they are sent")]
pub(super) struct DayItem {
    /// Date.
    #[schema(value_type = String, format = Date)]
    date: Date,
    /// Whether the office works.
    works: bool,
    /// What decides: `week`, `closed`, `provisional`, `restricted`, `hours` or `cancelled`.
    effect: &'static str,
    /// Title of the line that decides, by language; none where it is the week alone.
    reason: Option<BTreeMap<String, String>>,
    /// The layer in which that line stands.
    layer: String,
    /// Its place in that layer's document, a JSON pointer.
    #[schema(example = "/holidays/3")]
    pointer: String,
    /// Number of the amending order that put it there.
    #[serde(skip_serializing_if = "Option::is_none")]
    amendment: Option<String>,
    /// Where it comes from.
    source: Vec<String>,
    /// Whether it was compared with its source.
    verified: bool,
    /// Whether it rests on a holiday that is not certain yet.
    provisional: bool,
    /// Whether the lists of holidays are said to be complete for it.
    covered: bool,
}

impl DayItem {
    fn new(calendar: &Calendar, date: Date) -> Self {
        let day = calendar.day(date);
        let reason = day.reason;
        Self {
            date,
            works: day.works.value,
            effect: match reason.effect {
                Effect::Week => "week",
                Effect::Closed => "closed",
                Effect::Provisional => "provisional",
                Effect::Restricted => "restricted",
                Effect::Hours => "hours",
                Effect::Cancelled => "cancelled",
            },
            reason: reason.title.map(words),
            layer: reason.calendar.to_owned(),
            pointer: reason.pointer.to_owned(),
            amendment: reason.amendment.map(ToOwned::to_owned),
            source: reason.source.to_vec(),
            verified: reason.verified,
            provisional: day.works.provisional,
            covered: day.works.covered,
        }
    }
}

/// Days of a calendar, each with the reason why the office works or does not.
#[utoipa::path(get, path = "/api/v1/calendars/{id}/days", tag = "schedules", operation_id = "listDays",
    params(("id" = String, Path, description = "Calendar", example = "in.central.delhi"), DaysQuery),
    responses((status = 200, description = "Days", body = CalendarDays)))]
pub(super) async fn days(
    State(app): State<App>,
    _: Who,
    At(id): At<String>,
    Asked(query): Asked<DaysQuery>,
) -> Result<Json<CalendarDays>, Problem> {
    let library = app.engine.library();
    let working = library.calendar(&id).ok_or_else(|| unknown(DocumentKind::Calendar, &id))?;
    let calendar = &working.calendar;
    let zone = calendar.zone().clone();
    let from = query.from.unwrap_or_else(|| zone.to_datetime(app.engine.now().timestamp()).date());
    let to = query.to.unwrap_or_else(|| from.saturating_add(30.days()));
    if to < from || (to - from).get_days() >= CALENDAR_DAYS_MAX {
        return Err(Problem::new("query.days", format!("Ask for 1 to {CALENDAR_DAYS_MAX} days, the first before the last.")));
    }
    Ok(Json(CalendarDays {
        calendar: id,
        layers: calendar.layer_ids().map(ToOwned::to_owned).collect(),
        zone: zone.iana_name().map(ToOwned::to_owned),
        days: from.series(1.day()).take_while(|date| *date <= to).map(|date| DayItem::new(calendar, date)).collect(),
    }))
}

/// What the feed holds.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct FeedQuery {
    /// What is planned in this unit or below it, and the tasks there; left out: everywhere.
    #[param(value_type = Option<String>)]
    unit: Option<UnitId>,
    /// `en` (left out: so) or `hi`.
    language: Option<String>,
}

/// The plan of the coming year and one's own deadlines, for calendar programs.
///
/// iCalendar (RFC 5545): occurrences of schedules, and the open tasks with a due date that whoever asks has claimed. An event keeps its UID
/// when it moves.
#[utoipa::path(get, path = "/calendar.ics", tag = "schedules", operation_id = "subscribeCalendar", params(FeedQuery),
    responses((status = 200, description = "The feed", body = String, content_type = "text/calendar")))]
pub(super) async fn feed(State(app): State<App>, Who(who): Who, Asked(query): Asked<FeedQuery>) -> Result<Response, Problem> {
    let unit = query.unit.map(|unit| known(&app, unit)).transpose()?;
    let language = match &query.language {
        None => Language::English,
        Some(tag) => Language::from_tag(tag).ok_or_else(|| Problem::new("query.malformed", "The language is `en` or `hi`."))?,
    };
    let now = app.engine.now();
    let mut events = deadlines(&app, &who, unit.as_ref(), language).await?;
    let (plan, host, of) = (plan(&app), app.engine.options().host.clone(), unit.clone());
    let until = now.plus_seconds(FEED_DAYS * 86_400);
    events.extend(heavy(move || plan.events(of.as_ref(), now, until, &host, language)).await?);
    let office = app.engine.office();
    let title = unit.as_ref().and_then(|unit| office.units.get(unit)).map(|unit| unit.title.get(language).to_owned());
    let name = title.map_or_else(|| "Sevottam".to_owned(), |title| format!("Sevottam – {title}"));
    let text = Feed { name, language, stamp: now }.write(&events);
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "inline; filename=\"calendar.ics\""),
        (header::CACHE_CONTROL, "private, no-cache"),
    ];
    Ok((headers, text).into_response())
}

/// Tasks that whoever asks has claimed, with a due date.
async fn deadlines(app: &App, who: &Identity, unit: Option<&UnitId>, language: Language) -> Result<Vec<FeedEvent>, Problem> {
    let (office, library, now) = (app.engine.office(), app.engine.library(), app.engine.now());
    let person = &who.0.id;
    let host = &app.engine.options().host;
    let is_public = office.current_of(person, now).next().is_none();
    let wanted = |of: &&UnitId| unit.is_none_or(|unit| office.is_above(unit, of));
    let serves = |of: &&UnitId| is_public || !office.roles(person, of, now).is_empty();
    let units: Vec<UnitId> = office.units.keys().filter(wanted).filter(serves).cloned().collect();
    let mut events = Vec::new();
    for unit in units {
        let query = TaskQuery { assignee: Some(person.clone()), limit: PAGE_ROWS_MAX, ..TaskQuery::default() };
        for row in app.engine.store().tasks(&unit, &query).await? {
            events.extend(deadline(&library, &unit, row, host, language));
        }
    }
    Ok(events)
}

fn deadline(
    library: &Arc<engine::graph::Library>,
    unit: &UnitId,
    row: TaskRow,
    host: &str,
    language: Language,
) -> Option<FeedEvent> {
    let at = row.due?;
    let graph = library.get(&row.definition).map(|deployed| &deployed.graph);
    let title = graph.and_then(|graph| graph.authored(graph.step(&row.step)?)?.title.as_ref());
    let process = graph.map(|graph| graph.process.title.get(language).to_owned());
    let id = Located { unit: unit.clone(), made: row.id };
    Some(FeedEvent {
        uid: format!("task-{id}@{host}"),
        at,
        summary: title.map_or(row.step, |title| title.get(language).to_owned()),
        description: process.unwrap_or_default(),
        category: "DEADLINE",
        tentative: false,
    })
}
