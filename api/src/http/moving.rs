//! Moving running cases to another version of their process: what would change, told without writing anything; one case, or those of a
//! version some at a time.

use axum::Json;
use axum::extract::State;
use engine::graph::Deployed;
use engine::journal::Command;
use engine::machine::Rejection;
use engine::machine::moving::{CONSENT, Deadline, DeadlineOf, Forecast, Loss};
use engine::model::moving::Authority;
use engine::model::problem::short;
use engine::model::{CommandId, InstanceId, UnitId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::{CaseAnswer, Done};
use super::definitions::find;
use super::extract::{At, Key, Sent, Who};
use super::instances::about;
use super::place::known;
use super::problem::Problem;
use crate::app::moving::{self, ConsentBody, MappingBody, Place, Wish};
use crate::app::{App, Identity, reading, rights};

/// Cases that one request looks at, or moves.
const CASES_MAX: u32 = 50;

/// What one case would be moved to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "to": 2, "mapping": { "steps": { "scrutinise": "check" } } }))]
pub(super) struct CaseWish {
    /// The version that it would have.
    to: u32,
    /// What corresponds to what.
    #[serde(default)]
    mapping: MappingBody,
}

/// What one case is moved to, by whose order, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "from": 1, "to": 2, "mapping": { "steps": { "scrutinise": "check" } }, "order": "OO 7/2026", "reason": "Issue 2 takes its place.",
    "consent": { "by": "the applicant", "date": "2026-11-27", "record": "Letter 44/2026" }
}))]
pub(super) struct CaseMove {
    /// The version that it has: a case that was moved meanwhile is not moved from another.
    from: u32,
    /// The version that it is to have.
    to: u32,
    /// What corresponds to what.
    #[serde(default)]
    mapping: MappingBody,
    /// The office order, 1 to 2,000 characters.
    order: String,
    /// Why, 1 to 2,000 characters.
    reason: String,
    /// The applicant's consent, where something changes to their disadvantage.
    #[serde(default)]
    consent: Option<ConsentBody>,
}

/// What the running cases of a version would be moved to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "unit": "mumbai-3", "to": 2, "mapping": { "steps": { "scrutinise": "check" } } }))]
pub(super) struct Wished {
    /// The unit that keeps the cases.
    #[schema(value_type = String)]
    unit: UnitId,
    /// The version that they would have.
    to: u32,
    /// What corresponds to what.
    #[serde(default)]
    mapping: MappingBody,
    /// At most so many cases, 1 to 50 (50).
    #[serde(default)]
    limit: Option<u32>,
    /// `next` of the answer before.
    #[serde(default)]
    cursor: Option<String>,
}

/// What cases of a version are moved to, by whose order, and why. Those that need consent stay: each is moved by itself.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "unit": "mumbai-3", "to": 2, "mapping": { "steps": { "scrutinise": "check" } }, "order": "OO 7/2026", "reason": "Issue 2 takes its place.",
    "instances": ["mumbai-3.6f1e0c5a9b7d4e2f8a3b1c0d9e8f7a6b"]
}))]
pub(super) struct Ordered {
    /// The unit that keeps the cases.
    #[schema(value_type = String)]
    unit: UnitId,
    /// The version that they are to have.
    to: u32,
    /// What corresponds to what.
    #[serde(default)]
    mapping: MappingBody,
    /// The office order, 1 to 2,000 characters.
    order: String,
    /// Why, 1 to 2,000 characters.
    reason: String,
    /// The cases, 1 to 50, as the forecast named them: these are moved, and no others.
    instances: Vec<String>,
}

/// Where a path of a case stands, and where it would.
#[derive(Serialize, ToSchema)]
struct PlaceItem {
    /// Its step.
    from: String,
    /// The step of the new version; none: nothing corresponds.
    to: Option<String>,
}

/// A deadline before and after.
#[derive(Serialize, ToSchema)]
struct DeadlineItem {
    /// `clock`, `task` or `timer`.
    of: &'static str,
    /// Id of the clock, or of the step.
    name: String,
    /// Until now.
    #[schema(format = DateTime)]
    before: Option<String>,
    /// From then on.
    #[schema(format = DateTime)]
    after: Option<String>,
    /// Whether it would be over by the move.
    overdue: bool,
}

/// A change to the applicant's disadvantage.
#[derive(Serialize, ToSchema)]
struct LossItem {
    /// Stable code.
    #[schema(example = "right.clock-ends")]
    code: &'static str,
    /// In a sentence.
    message: String,
}

/// Why a case cannot be moved so.
#[derive(Serialize, ToSchema)]
struct WhyItem {
    /// Stable code.
    code: &'static str,
    /// What was wrong and what to do.
    message: String,
    /// The places, where there are several.
    problems: Vec<WhereItem>,
}

/// A place at which something keeps a case.
#[derive(Serialize, ToSchema)]
struct WhereItem {
    /// Stable code.
    code: String,
    /// `/steps/…`, `/variables/…` or `/clocks/…`, by name.
    pointer: String,
    /// What is wrong and what to do.
    message: String,
}

impl From<Rejection> for WhyItem {
    fn from(rejection: Rejection) -> Self {
        let place = |problem: engine::model::Problem| WhereItem {
            code: problem.code,
            pointer: problem.pointer,
            message: problem.message,
        };
        Self { code: rejection.code, message: rejection.message, problems: rejection.problems.into_iter().map(place).collect() }
    }
}

/// What would change for a case.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ForecastItem {
    /// The case.
    #[schema(example = "mumbai-3.6f1e0c5a9b7d4e2f8a3b1c0d9e8f7a6b")]
    instance: String,
    /// Where it stands, and where it would.
    places: Vec<PlaceItem>,
    /// Its deadlines.
    deadlines: Vec<DeadlineItem>,
    /// What would change to the applicant's disadvantage: it needs their consent.
    losses: Vec<LossItem>,
    /// Whether it needs the applicant's consent.
    needs_consent: bool,
    /// Why it cannot be moved so; none: it can.
    refusal: Option<WhyItem>,
}

impl ForecastItem {
    fn new(unit: &UnitId, id: CommandId, forecast: Forecast) -> Self {
        let place = |place: engine::machine::moving::Place| PlaceItem { from: place.from, to: place.to };
        let deadline = |Deadline { of, name, before, after, overdue }: Deadline| DeadlineItem {
            of: match of {
                DeadlineOf::Clock => "clock",
                DeadlineOf::Task => "task",
                DeadlineOf::Timer => "timer",
            },
            name,
            before: before.map(|before| before.to_string()),
            after: after.map(|after| after.to_string()),
            overdue,
        };
        let loss = |loss: &Loss| LossItem { code: loss.right.code(), message: loss.message() };
        Self {
            instance: InstanceId { unit: unit.clone(), command: id }.to_string(),
            places: forecast.places.into_iter().map(place).collect(),
            deadlines: forecast.deadlines.into_iter().map(deadline).collect(),
            needs_consent: !forecast.losses.is_empty(),
            losses: forecast.losses.iter().map(loss).collect(),
            refusal: forecast.refusal.map(WhyItem::from),
        }
    }
}

/// What would change for cases.
#[derive(Serialize, ToSchema)]
pub(super) struct Forecasts {
    /// The cases.
    items: Vec<ForecastItem>,
    /// Where to go on; none: these are the last.
    next: Option<String>,
}

/// What became of a case.
#[derive(Serialize, ToSchema)]
pub(super) struct OutcomeItem {
    /// The case.
    instance: String,
    /// `moved`, `consent` (it needs the applicant's, and stays) or `refused` (it stays).
    outcome: &'static str,
    /// Why it stays.
    refusal: Option<WhyItem>,
}

/// What became of the cases.
#[derive(Serialize, ToSchema)]
pub(super) struct Outcomes {
    /// The cases, in the order in which they were named.
    items: Vec<OutcomeItem>,
}

/// The definition that a case has.
async fn definition(app: &App, id: &InstanceId) -> Result<Deployed, Problem> {
    let case = reading::instance(&app.engine, id).await?;
    let case = case.ok_or_else(|| Problem::new("instance.unknown", "There is no such case."))?;
    let deployed = app.engine.library().get(&case.definition).cloned();
    deployed.ok_or_else(|| Problem::new("definition.unknown", "The case's definition is not deployed."))
}

/// Tells what moving a case to another version would change.
///
/// Nothing is written. It needs the post of the process owner, or the role `quality-coordinator`, as the move itself does.
#[utoipa::path(post, path = "/api/v1/instances/{id}/forecast", tag = "moves", operation_id = "forecastMove", request_body = CaseWish,
    params(("id" = String, Path, description = "Case")), responses((status = 200, description = "What would change", body = ForecastItem)))]
pub(super) async fn forecast(
    State(app): State<App>,
    Who(who): Who,
    At(id): At<InstanceId>,
    Sent(CaseWish { to, mapping }): Sent<CaseWish>,
) -> Result<Json<ForecastItem>, Problem> {
    let has = definition(&app, &id).await?;
    let to = find(&app, &has.graph.process.id, to)?.graph.hash;
    let told = app.engine.forecast(&id.unit, &who.actor(), id.command, to, &mapping.into()).await?;
    Ok(Json(ForecastItem::new(&id.unit, id.command, told)))
}

/// Moves a case to another version of its process.
///
/// It goes on there where it stands. What changes to the applicant's disadvantage needs their consent. It needs the post of the process owner,
/// or the role `quality-coordinator`.
#[utoipa::path(post, path = "/api/v1/instances/{id}/move", tag = "moves", operation_id = "moveInstance", request_body = CaseMove,
    params(("id" = String, Path, description = "Case")), responses((status = 200, description = "Moved", body = CaseAnswer)))]
pub(super) async fn one(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    At(id): At<InstanceId>,
    Sent(CaseMove { from, to, mapping, order, reason, consent }): Sent<CaseMove>,
) -> Result<Done<CaseAnswer>, Problem> {
    let process = definition(&app, &id).await?.graph.process.id.clone();
    let hash = |version| find(&app, &process, version).map(|deployed| deployed.graph.hash);
    let command = Command::MoveInstance {
        instance: id.command,
        from: hash(from)?,
        definition: hash(to)?,
        mapping: mapping.into(),
        authority: Authority { order, reason, consent: consent.map(Into::into) },
    };
    about(&app, &who, key, &id.unit, command).await
}

fn place(cursor: Option<&str>) -> Result<Place, Problem> {
    let unfit = || Problem::new("query.cursor", "This is no `next` of a list of cases that are moved. Begin without one.");
    cursor.map_or(Ok(Place::START), |cursor| Place::parse(cursor).ok_or_else(unfit))
}

fn limit(asked: Option<u32>) -> Result<usize, Problem> {
    let limit = asked.unwrap_or(CASES_MAX);
    if (1..=CASES_MAX).contains(&limit) {
        return Ok(limit as usize);
    }
    Err(Problem::new("query.limit", format!("At most 1 to {CASES_MAX} cases are looked at in one request.")))
}

/// What is wished, by somebody who may.
fn wish(
    app: &App,
    who: &Identity,
    unit: UnitId,
    process: String,
    (from, to): (u32, u32),
    mapping: MappingBody,
) -> Result<Wish, Problem> {
    let unit = known(app, unit)?;
    let (from, to) = (find(app, &process, from)?, find(app, &process, to)?.graph.hash);
    if !rights::commands(&app.engine.office(), &who.0.id, &from.graph, &unit, app.engine.now()) {
        let message = "This needs the post of the process owner, or the role quality-coordinator for the unit.";
        return Err(Problem::new("actor.not-allowed", message));
    }
    Ok(Wish { unit, process, from: from.graph.hash, to, mapping: mapping.into() })
}

/// The cases that are named, all of one unit.
fn cases(unit: &UnitId, named: &[String]) -> Result<Vec<CommandId>, Problem> {
    if !(1..=CASES_MAX as usize).contains(&named.len()) {
        return Err(Problem::new("body.unfit", format!("Name 1 to {CASES_MAX} cases in one request.")));
    }
    let mut cases = Vec::new();
    for name in named {
        let id = name.parse::<InstanceId>().ok().filter(|id| id.unit == *unit);
        let unfit = || Problem::new("instance.unknown", format!("{:?} is no case of the unit {unit}.", short(name)));
        let id = id.ok_or_else(unfit)?.command;
        if cases.contains(&id) {
            return Err(Problem::new("body.unfit", format!("The case {name} is named twice.")));
        }
        cases.push(id);
    }
    Ok(cases)
}

/// Tells what moving the running cases of a version would change, case by case.
///
/// Nothing is written. A page may be short, and `next` says where to go on. It needs what the move itself does.
#[utoipa::path(post, path = "/api/v1/definitions/{process}/{version}/forecast", tag = "moves", operation_id = "forecastMoves",
    request_body = Wished,
    params(("process" = String, Path, description = "Process id"), ("version" = u32, Path, description = "Version that the cases have")),
    responses((status = 200, description = "What would change", body = Forecasts)))]
pub(super) async fn forecasts(
    State(app): State<App>,
    Who(who): Who,
    At((process, from)): At<(String, u32)>,
    Sent(Wished { unit, to, mapping, limit: asked, cursor }): Sent<Wished>,
) -> Result<Json<Forecasts>, Problem> {
    let (limit, place) = (limit(asked)?, place(cursor.as_deref())?);
    let wish = wish(&app, &who, unit, process, (from, to), mapping)?;
    let (rows, next) = moving::running(&app.engine, &wish, place, limit).await?;
    let cases: Vec<CommandId> = rows.iter().map(|row| row.id).collect();
    let told = moving::forecasts(&app.engine, &who.actor(), &wish, &cases).await?;
    let items = cases.into_iter().zip(told).map(|(case, told)| ForecastItem::new(&wish.unit, case, told)).collect();
    Ok(Json(Forecasts { items, next: next.map(|next| next.word()) }))
}

/// Moves cases of a version: those that are named, as the forecast showed them.
///
/// Each is moved by a command of its own, whose key follows from that of the request; those that need consent or cannot be moved stay as they
/// are, and are told. Sent again with the same key and the same cases, nothing is moved twice, and no other case is moved.
#[utoipa::path(post, path = "/api/v1/definitions/{process}/{version}/move", tag = "moves", operation_id = "moveInstances",
    request_body = Ordered,
    params(("process" = String, Path, description = "Process id"), ("version" = u32, Path, description = "Version that the cases have")),
    responses((status = 200, description = "What became of each", body = Outcomes)))]
pub(super) async fn many(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    At((process, from)): At<(String, u32)>,
    Sent(Ordered { unit, to, mapping, order, reason, instances }): Sent<Ordered>,
) -> Result<Done<Outcomes>, Problem> {
    let wish = wish(&app, &who, unit, process, (from, to), mapping)?;
    let cases = cases(&wish.unit, &instances)?;
    let authority = Authority { order, reason, consent: None };
    let outcomes = moving::carry_out(&app.engine, &who.actor(), &key.text, &wish, &authority, &cases).await?;
    let item = |(case, refusal): (CommandId, Option<Rejection>)| OutcomeItem {
        instance: InstanceId { unit: wish.unit.clone(), command: case }.to_string(),
        outcome: match &refusal {
            None => "moved",
            Some(rejection) if rejection.code == CONSENT => "consent",
            Some(_) => "refused",
        },
        refusal: refusal.map(WhyItem::from),
    };
    let items = cases.iter().copied().zip(outcomes).map(item).collect();
    Ok(Done::new(Outcomes { items }, key, false))
}
