//! Reports on a unit: those that schedules made, and the same as of now.

use axum::Json;
use axum::extract::State;
use engine::model::id::{Located, Made};
use engine::model::report::{self, Content, NormKept, ReportKind};
use engine::model::{CommandId, InstanceId, Time, UnitId};
use engine::projection::row::ReportRow;
use engine::store::{ReportQuery, Store};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer::{Moment, Page, Receipt, after, limit, located, time_and};
use super::extract::{Asked, At, Who};
use super::place::{asked_or_own, require_service};
use super::problem::Problem;
use crate::app::{App, reports};

/// Which reports a list shows.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// The unit; may be left out by someone who holds posts in one unit only.
    #[param(value_type = Option<String>)]
    unit: Option<UnitId>,
    /// `digest`, `performance` or `weeding`.
    #[param(value_type = Option<String>)]
    kind: Option<ReportKind>,
    /// At most so many, 1 to 200 (50).
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// A report in a list.
#[derive(Serialize, ToSchema)]
pub(super) struct ReportItem {
    /// Id.
    #[schema(example = "mumbai-3.6f1e0c5a9b7d4e2f8a3b1c0d9e8f7a6b-0")]
    id: String,
    /// `digest`, `performance` or `weeding`.
    kind: &'static str,
    /// The schedule that asked for it.
    schedule: String,
    /// As of when.
    #[schema(format = DateTime)]
    at: String,
    /// When it was made.
    #[schema(format = DateTime)]
    made: String,
}

impl ReportItem {
    fn new(unit: &UnitId, row: ReportRow) -> Self {
        let ReportRow { id, kind, schedule, at, made } = row;
        Self { id: located(unit, id), kind: kind.word(), schedule, at: at.to_string(), made: made.to_string() }
    }
}

/// A report.
#[derive(Serialize, ToSchema)]
pub(super) struct Report {
    /// The unit that it is on.
    unit: String,
    /// `digest`, `performance` or `weeding`.
    kind: &'static str,
    /// As of when.
    #[schema(format = DateTime)]
    at: String,
    /// Whether there was more to read than a report reads: then its counts are too low.
    partial: bool,
    /// The open work, of a digest.
    digest: Option<DigestItem>,
    /// How norms were kept, of a report on that.
    performance: Option<PerformanceItem>,
    /// What may be weeded out, of the weeding list.
    weeding: Option<WeedingItem>,
    /// The schedule that asked for it; none of one that is not kept.
    schedule: Option<String>,
    /// Where it is kept.
    receipt: Option<Receipt>,
}

/// The open work of a unit.
#[derive(Serialize, ToSchema)]
pub(super) struct DigestItem {
    /// The end of the day: what is due before it, and not overdue, is due today.
    #[schema(format = DateTime)]
    today: String,
    /// The end of the days to come that are looked at.
    #[schema(format = DateTime)]
    soon: String,
    /// Who has how much work.
    load: Cut<LoadItem>,
    /// Tasks that are overdue or due by then, the earliest first.
    tasks: Cut<DueTaskItem>,
    /// Clocks that are past a warning point or over, the earliest end first.
    clocks: Cut<WarnedClockItem>,
}

/// A list that is cut short where it would be too long.
#[derive(Serialize, ToSchema)]
pub(super) struct Cut<T> {
    /// The first of them.
    items: Vec<T>,
    /// How many more there are.
    omitted: u64,
}

impl<T> Cut<T> {
    fn of<R>(cut: report::Cut<R>, item: impl FnMut(R) -> T) -> Self {
        Self { items: cut.items.into_iter().map(item).collect(), omitted: cut.omitted }
    }
}

/// The open tasks of one role: those of one person, or those that nobody has claimed.
#[derive(Serialize, ToSchema)]
pub(super) struct LoadItem {
    /// Role.
    role: String,
    /// The post by which the person acts.
    post: Option<String>,
    /// Pseudonym of the person.
    person: Option<String>,
    /// Open tasks.
    open: u64,
    /// Of them overdue.
    overdue: u64,
    /// Of them due today.
    today: u64,
    /// Of them due in the days to come.
    soon: u64,
}

/// An open task that is overdue, or due soon.
#[derive(Serialize, ToSchema)]
pub(super) struct DueTaskItem {
    /// Task.
    task: String,
    /// Case.
    instance: String,
    /// Process id.
    process: String,
    /// Step id.
    step: String,
    /// Role.
    role: String,
    /// Pseudonym of the person who claimed it.
    person: Option<String>,
    /// When it should be done.
    #[schema(format = DateTime)]
    due: String,
}

/// A running clock that is past a warning point, or over.
#[derive(Serialize, ToSchema)]
pub(super) struct WarnedClockItem {
    /// Id of the clock, within the case.
    clock: String,
    /// Case.
    instance: String,
    /// Process id.
    process: String,
    /// Id of the norm.
    norm: String,
    /// When its time is over; none while it rests without limit.
    #[schema(format = DateTime)]
    due: Option<String>,
}

/// How norms were kept.
#[derive(Serialize, ToSchema)]
pub(super) struct PerformanceItem {
    /// What happened after this instant is counted; none: whatever happened.
    #[schema(format = DateTime)]
    from: Option<String>,
    /// Norm by norm, in the order of their ids.
    norms: Cut<NormKeptItem>,
}

/// How one norm was kept: its clocks.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct NormKeptItem {
    /// Id of the norm.
    norm: String,
    /// Started, or started anew after a rest.
    started: u64,
    /// Stopped in time.
    kept: u64,
    /// Stopped late.
    missed: u64,
    /// Stopped because the case was cancelled: neither.
    cancelled: u64,
    /// Running or resting at the end.
    running: u64,
    /// Of these over time.
    overdue: u64,
    /// Seconds from start to stop of those kept and missed, rests taken away, nights and holidays not: half of them took no longer.
    median_seconds: Option<u64>,
    /// Nine in ten of them took no longer.
    ninetieth_seconds: Option<u64>,
}

/// Cases that are over, whose retention period has ended, and of which personal values are still kept.
#[derive(Serialize, ToSchema)]
pub(super) struct WeedingItem {
    /// The cases: those of which nothing is decided first, and of them those whose period ended first.
    cases: Cut<WeedableItem>,
}

/// A case whose retention period is over.
#[derive(Serialize, ToSchema)]
pub(super) struct WeedableItem {
    /// Case.
    instance: String,
    /// Process id.
    process: String,
    /// When the case ended.
    #[schema(format = DateTime)]
    ended: String,
    /// The last day on which its records had to be kept.
    #[schema(value_type = String, format = Date)]
    until: Date,
    /// Whether they are held.
    held: bool,
    /// Whether their erasure is proposed already.
    proposed: bool,
}

impl Report {
    fn new(unit: &UnitId, report: report::Report) -> Self {
        let kind = report.content.kind().word();
        let (at, partial) = (report.at.to_string(), report.partial);
        let mut told = Self {
            unit: unit.to_string(),
            kind,
            at,
            partial,
            digest: None,
            performance: None,
            weeding: None,
            schedule: None,
            receipt: None,
        };
        match report.content {
            Content::Digest(content) => told.digest = Some(digest(unit, content)),
            Content::Performance(content) => told.performance = Some(performance(content)),
            Content::Weeding(content) => told.weeding = Some(weeding(unit, content)),
        }
        told
    }
}

fn digest(unit: &UnitId, digest: report::Digest) -> DigestItem {
    let case = |command: CommandId| InstanceId { unit: unit.clone(), command }.to_string();
    let load = |load: report::Load| {
        let report::Load { role, post, person, open, overdue, today, soon } = load;
        let (post, person) = (post.map(|post| post.to_string()), person.map(|person| person.to_string()));
        LoadItem { role, post, person, open, overdue, today, soon }
    };
    let task = |task: report::DueTask| DueTaskItem {
        task: located(unit, task.task),
        instance: case(task.instance),
        process: task.process,
        step: task.step,
        role: task.role,
        person: task.person.map(|person| person.to_string()),
        due: task.due.to_string(),
    };
    let clock = |clock: report::WarnedClock| WarnedClockItem {
        clock: clock.clock.to_string(),
        instance: case(clock.instance),
        process: clock.process,
        norm: clock.norm,
        due: clock.due.map(|due| due.to_string()),
    };
    DigestItem {
        today: digest.today.to_string(),
        soon: digest.soon.to_string(),
        load: Cut::of(digest.load, load),
        tasks: Cut::of(digest.tasks, task),
        clocks: Cut::of(digest.clocks, clock),
    }
}

fn weeding(unit: &UnitId, weeding: report::Weeding) -> WeedingItem {
    let item = |case: report::Weedable| {
        let report::Weedable { instance, process, ended, until, held, proposed } = case;
        let instance = InstanceId { unit: unit.clone(), command: instance }.to_string();
        WeedableItem { instance, process, ended: ended.to_string(), until, held, proposed }
    };
    WeedingItem { cases: Cut::of(weeding.cases, item) }
}

fn performance(performance: report::Performance) -> PerformanceItem {
    let item = |line: NormKept| {
        let NormKept { norm, started, kept, missed, cancelled, running, overdue, median_seconds, ninetieth_seconds } = line;
        NormKeptItem { norm, started, kept, missed, cancelled, running, overdue, median_seconds, ninetieth_seconds }
    };
    PerformanceItem { from: performance.from.map(|from| from.to_string()), norms: Cut::of(performance.norms, item) }
}

/// Reports on a unit, latest first.
///
/// For whoever serves the unit. What a report says is read one by one.
#[utoipa::path(get, path = "/api/v1/reports", tag = "reports", operation_id = "listReports", params(ListQuery),
    responses((status = 200, description = "Reports", body = Page<ReportItem>)))]
pub(super) async fn list(
    State(app): State<App>,
    Who(who): Who,
    Asked(query): Asked<ListQuery>,
) -> Result<Json<Page<ReportItem>>, Problem> {
    let (limit, after) = (limit(query.limit)?, after(query.cursor.as_deref(), time_and::<Made>)?);
    let unit = asked_or_own(&app, query.unit, &who)?;
    require_service(&app, &who, &unit)?;
    let query = ReportQuery { kind: query.kind, after, limit: limit + 1 };
    let rows = app.engine.store().reports(&unit, &query).await?;
    let place = |row: &ReportRow| format!("{} {}", row.at.0, row.id);
    Ok(Json(Page::new(rows, limit, place, |row| ReportItem::new(&unit, row))))
}

/// A report that a schedule made.
///
/// In counts and ids, as it was written down; with the receipt of its entry. Names are looked up elsewhere.
#[utoipa::path(get, path = "/api/v1/reports/{id}", tag = "reports", operation_id = "getReport",
    params(("id" = String, Path, description = "Report")), responses((status = 200, description = "The report", body = Report)))]
pub(super) async fn get(State(app): State<App>, Who(who): Who, At(id): At<Located>) -> Result<Json<Report>, Problem> {
    let Located { unit, made } = id;
    require_service(&app, &who, &unit)?;
    let kept = app.engine.kept_report(&unit, made).await?;
    let kept = kept.ok_or_else(|| Problem::new("report.unknown", "There is no such report."))?;
    let head = app.engine.store().head(&unit).await?;
    let log = head.map(|head| head.origin).unwrap_or_default();
    let receipt = Some(Receipt::of(&app, &unit, log, &kept.entry).await);
    Ok(Json(Report { schedule: Some(kept.schedule), receipt, ..Report::new(&unit, kept.report) }))
}

/// What a report as of now is to tell.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct NowQuery {
    /// The unit; may be left out by someone who holds posts in one unit only.
    #[param(value_type = Option<String>)]
    unit: Option<UnitId>,
    /// `digest`, `performance` or `weeding`.
    #[param(value_type = String)]
    kind: ReportKind,
    /// How norms were kept after this instant; left out: since the last report on that, or ever.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Moment>,
}

/// A report as of now.
///
/// By the same reckoning as those that schedules make. It is not kept.
#[utoipa::path(get, path = "/api/v1/reports/now", tag = "reports", operation_id = "reportNow", params(NowQuery),
    responses((status = 200, description = "The report", body = Report)))]
pub(super) async fn now(State(app): State<App>, Who(who): Who, Asked(query): Asked<NowQuery>) -> Result<Json<Report>, Problem> {
    let unit = asked_or_own(&app, query.unit, &who)?;
    require_service(&app, &who, &unit)?;
    let from: Option<Time> = query.from.map(|Moment(from)| from);
    let report = reports::now(&app.engine, &unit, query.kind, from).await?;
    Ok(Json(Report::new(&unit, report)))
}
