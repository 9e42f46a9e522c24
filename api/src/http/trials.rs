//! A process is tried: the moves so far are sent, and where the trial stands is answered. Nothing is written, and nothing is kept.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::header::RETRY_AFTER;
use engine::digest::Hash;
use engine::journal::{Entry, Event};
use engine::machine::Instance;
use engine::model::document::DocumentKind;
use engine::model::{Language, Time, UnitId, Values};
use engine::norm::Explanation;
use engine::projection::custody::custody;
use engine::projection::row::{DueKind, DueRow};
use engine::runtime::Refusal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer::words;
use super::case::{OpenIncident, TokenItem, incidents, tokens};
use super::clocks::ClockItem;
use super::differences::{Between, EditionItem, two};
use super::extract::{Asked, At, Sent, Who};
use super::place::{heavy, require_service};
use super::problem::Problem;
use crate::app::App;
use crate::app::drawing::{Stand, drawing};
use crate::app::trial::moves::Script;
use crate::app::trial::{Place, Played, Tried, due_of, play as act_out};
use crate::diagram::standalone_svg;

/// Open tasks, and things that are due, that are told.
const ROWS_MAX: usize = 200;
/// Entries of a case that are told, the last ones.
const ENTRIES_MAX: usize = 500;

/// What is tried.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Hash of the edition; left out: the draft, or else the newest.
    #[param(value_type = Option<String>)]
    edition: Option<Hash>,
    /// Whether each case is drawn too, and in which language: `en` or `hi`.
    #[param(value_type = Option<String>)]
    diagram: Option<String>,
}

/// Where a trial stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TrialAnswer {
    /// Always true: none of this is a case of the office. Nothing is kept of it, so it has no receipt and no proof.
    trial: bool,
    /// The edition that is tried.
    edition: EditionItem,
    /// The unit that keeps the case.
    unit: String,
    /// When it began. Sent again, the trial goes the same way.
    #[schema(format = DateTime)]
    at: String,
    /// What time it is in the trial.
    #[schema(format = DateTime)]
    now: String,
    /// The case, if one has begun; then those that came of it.
    cases: Vec<TriedCase>,
    /// How many more came of it than are told.
    more_cases: usize,
    /// Open tasks of all of them, the oldest first, 200 at most.
    tasks: Vec<TriedTask>,
    /// How many more are open.
    more_tasks: usize,
    /// What is due next, the earliest first, 200 at most.
    due: Vec<DueItem>,
    /// How much more is due.
    more_due: usize,
}

/// A case of a trial.
#[derive(Serialize, ToSchema)]
pub(super) struct TriedCase {
    /// Process id.
    process: String,
    /// Title of the process by language.
    title: BTreeMap<String, String>,
    /// The unit that keeps it.
    unit: String,
    /// `active`, `suspended`, `completed` or `cancelled`.
    status: &'static str,
    /// Variables of the process.
    #[schema(value_type = Object)]
    variables: Values,
    /// Where it stands.
    tokens: Vec<TokenItem>,
    /// Jobs that wait for a worker.
    jobs: Vec<TriedJob>,
    /// Messages that it waits for.
    messages: Vec<AwaitedItem>,
    /// What stopped tokens.
    incidents: Vec<OpenIncident>,
    /// Its clocks.
    clocks: Vec<TriedClock>,
    /// What happened, oldest first: the last 500 entries.
    history: Vec<TriedEntry>,
    /// How many came before them.
    earlier: usize,
    /// The case in the picture of its process, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    diagram: Option<String>,
}

/// An open task of a trial.
#[derive(Serialize, ToSchema)]
pub(super) struct TriedTask {
    /// Step id: what a move calls it by.
    task: String,
    /// Which of several open tasks of that step, the oldest being 0.
    nth: usize,
    /// Process id.
    process: String,
    /// Role.
    role: String,
    /// Handle of whoever has it.
    assignee: Option<String>,
    /// Handles of those who may work it, as things stand.
    people: Vec<String>,
    /// When it should be done.
    #[schema(format = DateTime)]
    due: Option<String>,
}

/// A job that waits for a worker.
#[derive(Serialize, ToSchema)]
pub(super) struct TriedJob {
    /// Step id.
    step: String,
    /// Topic: what a move calls it by.
    topic: String,
    /// Attempts that remain.
    retries: u32,
    /// Values handed over.
    #[schema(value_type = Object)]
    data: Values,
}

/// A message that is waited for.
#[derive(Serialize, ToSchema)]
pub(super) struct AwaitedItem {
    /// Step id.
    step: String,
    /// Name.
    name: String,
    /// Correlation key.
    key: String,
}

/// A clock of a trial, and why its deadline is what it is.
#[derive(Serialize, ToSchema)]
pub(super) struct TriedClock {
    /// The clock.
    #[serde(flatten)]
    clock: ClockItem,
    /// Day by day; none where no limit holds.
    #[schema(value_type = Option<Object>)]
    explanation: Option<Explanation>,
}

/// Something that happened in a trial.
#[derive(Serialize, ToSchema)]
pub(super) struct TriedEntry {
    /// What was done, such as `task.completed`.
    kind: String,
    /// Pseudonym of the person, or `system`.
    actor: String,
    /// The post by which they acted.
    via: Option<String>,
    /// When.
    #[schema(format = DateTime)]
    time: String,
    /// What happened; instants in it are microseconds since 1970.
    #[schema(value_type = Vec<Object>)]
    events: Vec<Event>,
}

/// Something that is due.
#[derive(Serialize, ToSchema)]
pub(super) struct DueItem {
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// `timer`, `clock`, or `other`.
    what: &'static str,
    /// Process id of its case, if it belongs to one.
    process: Option<String>,
    /// Step of the timer, or id of the clock within its process.
    #[serde(rename = "of")]
    of: Option<String>,
}

/// Tries a process.
///
/// The draft, or any edition, together with the office's other documents, its people and its appointments as they are. The moves are acted out from the
/// beginning on a clock of the trial's own, and where it stands after them is answered: to make one more, send them all again with it. A move that
/// is refused is refused as in reality, by the same code, with its place in `problems`. Nothing is written, and nothing is kept. For whoever holds a post.
#[utoipa::path(post, path = "/api/v1/documents/{kind}/{id}/trial", tag = "documents", operation_id = "tryProcess", request_body = Script,
    params(("kind" = String, Path, description = "`process`"), ("id" = String, Path, description = "Id"), Which),
    responses((status = 200, description = "Where the trial stands", body = TrialAnswer)))]
pub(super) async fn play(
    State(app): State<App>,
    Who(who): Who,
    At((kind, id)): At<(DocumentKind, String)>,
    Asked(Which { edition, diagram }): Asked<Which>,
    Sent(script): Sent<Script>,
) -> Result<Json<TrialAnswer>, Problem> {
    require_service(&app, &who, &UnitId::site())?;
    if kind != DocumentKind::Process {
        return Err(Problem::new("trial.kind", "Only a process can be tried."));
    }
    let language = diagram.map(|tag| {
        Language::from_tag(&tag).ok_or_else(|| Problem::new("query.malformed", "The language of the diagram is `en` or `hi`."))
    });
    let language = language.transpose()?;
    let pair = two(&app, &who, kind, &id, &Between { from: None, to: edition })?;
    let edition = EditionItem::from(&pair.to);
    let library = app.engine.library();
    let checked = heavy(move || library.check(kind, &pair.to.text)).await?.map_err(|problems| {
        let message = "The definition has errors, so it cannot be tried.";
        Problem::new("definition.invalid", message).with(problems)
    })?;
    let mut played = act_out(&app, checked, script).await.map_err(|refusal| match refusal {
        Refusal::Busy => {
            Problem::new("server.busy", "Others are tried just now. Try again in a moment.").header(RETRY_AFTER, "2")
        }
        refusal => refusal.into(),
    })?;
    if let Some((place, refusal)) = played.refused.take() {
        return Err(refused(place, refusal));
    }
    Ok(Json(heavy(move || answer(&played, edition, language)).await?))
}

/// A refusal with the place of the move that it is about.
fn refused(place: Place, refusal: Refusal) -> Problem {
    let mut problem = Problem::from(refusal);
    let at = place.pointer();
    for found in &mut problem.problems {
        found.pointer = format!("{at}/data{}", found.pointer);
    }
    if problem.problems.is_empty() {
        problem.problems.push(engine::model::Problem::error(problem.code, at, problem.detail.clone()));
    }
    problem
}

fn answer(played: &Played, edition: EditionItem, language: Option<Language>) -> TrialAnswer {
    let handle = |person: &engine::model::PersonId| played.office.people.get(person).map(|person| person.handle.clone());
    let open = played.tasks();
    let more = |n: usize| n.saturating_sub(ROWS_MAX);
    let (more_tasks, more_due) = (more(open.len()), more(played.due.len()));
    let tasks = open.into_iter().take(ROWS_MAX).map(|open| TriedTask {
        task: open.task.step.clone(),
        nth: open.nth,
        process: open.tried.case.process.clone(),
        role: open.task.role.clone(),
        assignee: open.task.claim.as_ref().and_then(|claim| handle(&claim.person)),
        people: open.people.iter().map(|person| person.handle.clone()).collect(),
        due: open.task.due.map(|due| due.to_string()),
    });
    TrialAnswer {
        trial: true,
        edition,
        unit: played.unit.to_string(),
        at: played.begun.to_string(),
        now: played.now.to_string(),
        cases: played.cases.iter().map(|tried| case(played, tried, language)).collect(),
        more_cases: played.more,
        tasks: tasks.collect(),
        more_tasks,
        due: played.due.iter().take(ROWS_MAX).map(|(_, row)| due(played, row)).collect(),
        more_due,
    }
}

fn case(played: &Played, tried: &Tried, language: Option<Language>) -> TriedCase {
    let Tried { unit, case, history } = tried;
    let graph = played.library.get(&case.definition).map(|deployed| &deployed.graph);
    let job = |job: &engine::machine::state::Job| TriedJob {
        step: job.step.clone(),
        topic: job.topic.clone(),
        retries: job.retries,
        data: job.data.clone(),
    };
    let awaited = |one: &engine::machine::state::Subscription| AwaitedItem {
        step: one.step.clone(),
        name: one.name.clone(),
        key: one.key.clone(),
    };
    let earlier = history.len().saturating_sub(ENTRIES_MAX);
    let draw = |language| graph.map(|graph| standalone_svg(&drawing(graph, language, Some(&Stand::of(graph, case, history)))));
    TriedCase {
        process: case.process.clone(),
        title: graph.map(|graph| words(&graph.process.title)).unwrap_or_default(),
        unit: unit.to_string(),
        status: case.status.word(),
        variables: case.scopes.get(&0).map(|scope| scope.variables.clone()).unwrap_or_default(),
        tokens: tokens(case),
        jobs: case.jobs.values().map(job).collect(),
        messages: case.subscriptions.values().map(awaited).collect(),
        incidents: incidents(case),
        clocks: clocks(played, case, history),
        history: history.iter().skip(earlier).cloned().map(TriedEntry::from).collect(),
        earlier,
        diagram: language.and_then(draw),
    }
}

fn clocks(played: &Played, case: &Instance, history: &[Entry]) -> Vec<TriedClock> {
    let (library, now): (_, Time) = (&played.library, played.now);
    let held = custody(history, now);
    let mut clocks: Vec<_> = case.clocks.iter().collect();
    clocks.sort_by_key(|(_, clock)| clock.ledger.start);
    let told = clocks.into_iter().filter_map(|(id, clock)| {
        Some(TriedClock { clock: ClockItem::new(library, *id, clock, &held, now)?, explanation: clock.explained(library) })
    });
    told.collect()
}

impl From<Entry> for TriedEntry {
    fn from(entry: Entry) -> Self {
        Self {
            kind: entry.kind,
            actor: entry.origin.actor.to_string(),
            via: entry.via.map(|via| via.to_string()),
            time: entry.origin.time.to_string(),
            events: entry.events,
        }
    }
}

fn due(played: &Played, row: &DueRow) -> DueItem {
    let what = match row.kind {
        DueKind::Timer => "timer",
        DueKind::Clock => "clock",
        _ => "other",
    };
    let (process, of) = due_of(played, row).unzip();
    DueItem { at: row.at.to_string(), what, process, of: of.flatten() }
}
