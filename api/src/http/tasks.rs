//! Tasks: list, count, look at one with its form, claim, release, complete.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use engine::graph::StepKind;
use engine::journal::Command;
use engine::machine::task::NOTE;
use engine::model::id::Located;
use engine::model::reading::Through;
use engine::model::{TaskId, Time, UnitId, Values};
use engine::projection::row::TaskRow;
use engine::store::{NO_DUE, Store, TaskCount, TaskQuery, Whose};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer::{CaseAnswer, Done, Moment, Page, after, limit, located, time_and, words};
use super::case;
use super::extract::{Asked, At, Key, Nothing, Sent, Who};
use super::instances::about;
use super::place::{asked_or_own, past, require_service};
use super::problem::Problem;
use crate::app::offered::{self, Offers, offered};
use crate::app::reading::Place;
use crate::app::{App, ladder};

/// Whose tasks a list shows.
#[derive(Deserialize, Clone, Copy, Default, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum For {
    /// Those that whoever asks has claimed.
    Mine,
    /// Those that whoever asks may claim.
    Offered,
    /// All of the unit.
    #[default]
    All,
}

/// Which tasks a list shows.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// The unit that keeps them; may be left out by someone who holds posts in one unit only.
    #[param(value_type = Option<String>)]
    unit: Option<UnitId>,
    /// `mine` (claimed by whoever asks), `offered` (unclaimed, for their roles or for them alone) or `all` (left out: so).
    #[serde(rename = "for", default)]
    #[param(value_type = Option<String>, example = "offered")]
    whose: For,
    /// Of this process.
    process: Option<String>,
    /// As of this instant of the past, RFC 3339; left out: as of now.
    #[serde(rename = "asOf")]
    #[param(value_type = Option<String>, format = DateTime)]
    as_of: Option<Moment>,
    /// At most so many, 1 to 200 (50).
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// An open task in a list.
#[derive(Serialize, ToSchema)]
pub(super) struct TaskItem {
    /// Id.
    #[schema(example = "mumbai-3.6f1e0c5a9b7d4e2f8a3b1c0d9e8f7a6b-2")]
    id: String,
    /// Case.
    instance: String,
    /// Process id.
    process: String,
    /// Step id.
    step: String,
    /// Title by language.
    title: BTreeMap<String, String>,
    /// Role to which it is offered.
    role: String,
    /// The one person to whom it is offered.
    only: Option<String>,
    /// Who claimed it.
    assignee: Option<String>,
    /// Whether it rests, because its case is suspended.
    held: bool,
    /// When it was created.
    #[schema(format = DateTime)]
    created: String,
    /// When it should be done.
    #[schema(format = DateTime)]
    due: Option<String>,
}

impl TaskItem {
    fn new(app: &App, unit: &UnitId, row: TaskRow) -> Self {
        let library = app.engine.library();
        let graph = library.get(&row.definition).map(|deployed| &deployed.graph);
        let title = graph.and_then(|graph| graph.authored(graph.step(&row.step)?)?.title.as_ref().map(words));
        let title = title.or_else(|| ladder::gave(&row.step).then(|| words(&ladder::title())));
        Self {
            id: located(unit, row.id),
            instance: case::of(unit, row.instance).to_string(),
            process: row.process,
            step: row.step,
            title: title.unwrap_or_default(),
            role: row.role,
            only: row.only.map(|person| person.to_string()),
            assignee: row.assignee.map(|person| person.to_string()),
            held: row.held,
            created: row.created.to_string(),
            due: row.due.map(|due| due.to_string()),
        }
    }
}

/// Open tasks of a unit, by due date.
///
/// Tasks of suspended cases are left out. As of an instant of the past, those that were open then, due and claimed as they were then.
#[utoipa::path(get, path = "/api/v1/tasks", tag = "tasks", operation_id = "listTasks", params(ListQuery),
    responses((status = 200, description = "Tasks", body = Page<TaskItem>)))]
pub(super) async fn list(
    State(app): State<App>,
    Who(who): Who,
    Asked(query): Asked<ListQuery>,
) -> Result<Json<Page<TaskItem>>, Problem> {
    let (limit, after) = (limit(query.limit)?, after(query.cursor.as_deref(), time_and::<TaskId>)?);
    let unit = asked_or_own(&app, query.unit, &who)?;
    if query.whose == For::All {
        require_service(&app, &who, &unit)?;
    }
    let person = who.0.id;
    let wanted = TaskQuery { process: query.process, after, limit: limit + 1, ..TaskQuery::default() };
    let place = |(due, id): (Time, TaskId)| format!("{} {id}", due.0);
    let item = |row| TaskItem::new(&app, &unit, row);
    if let Some(at) = past(&app, query.as_of)? {
        let assignee = match query.whose {
            For::Mine => Some(&person),
            For::All => None,
            For::Offered => {
                let message = "Tasks that were offered are told as of now only: ask for all that were open then.";
                return Err(Problem::new("query.as-of", message));
            }
        };
        let mut rows = app.engine.tasks_at(&unit, wanted.process.as_deref(), assignee, at).await?;
        let standing = |row: &TaskRow| (row.due.unwrap_or(NO_DUE), row.id);
        rows.retain(|row| wanted.after.is_none_or(|after| standing(row) > after));
        return Ok(Json(Page::new(rows, limit, |row| place(standing(row)), item)));
    }
    let rows = match query.whose {
        For::Mine => app.engine.store().tasks(&unit, &TaskQuery { assignee: Some(person), ..wanted }).await?,
        For::Offered => {
            let Offers { rows, next } = offered(&app, &unit, &person, TaskQuery { limit, ..wanted }).await?;
            return Ok(Json(Page::of(rows.into_iter().map(item).collect(), next.map(place))));
        }
        For::All => app.engine.store().tasks(&unit, &wanted).await?,
    };
    Ok(Json(Page::new(rows, limit, |row| place((row.due.unwrap_or(NO_DUE), row.id)), item)))
}

/// Which tasks are counted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct CountQuery {
    /// The unit that keeps them; may be left out by someone who holds posts in one unit only.
    #[param(value_type = Option<String>)]
    unit: Option<UnitId>,
    /// `mine` (claimed by whoever asks), `offered` (unclaimed, for their roles or for them alone) or `all` (left out: so).
    #[serde(rename = "for", default)]
    #[param(value_type = Option<String>, example = "all")]
    whose: For,
}

/// How many tasks of a process are open.
#[derive(Serialize, ToSchema)]
pub(super) struct CountItem {
    /// Process id.
    process: String,
    /// Title by language, of its newest version.
    title: BTreeMap<String, String>,
    /// Open tasks.
    open: u64,
    /// Those of them that are past their due time.
    overdue: u64,
    /// The earliest due time of them.
    #[serde(rename = "firstDue")]
    #[schema(format = DateTime)]
    first_due: Option<String>,
}

/// How many tasks of a unit are open, by process, and how many of them overdue.
///
/// Tasks of suspended cases are left out, as in the list. Of those that are offered, all are counted that are for one's roles, also such that one
/// is kept from by what one did before; the list leaves those out.
#[utoipa::path(get, path = "/api/v1/tasks/counts", tag = "tasks", operation_id = "countTasks", params(CountQuery),
    responses((status = 200, description = "Counts, one a process", body = Page<CountItem>)))]
pub(super) async fn counts(
    State(app): State<App>,
    Who(who): Who,
    Asked(query): Asked<CountQuery>,
) -> Result<Json<Page<CountItem>>, Problem> {
    let unit = asked_or_own(&app, query.unit, &who)?;
    let whose = match query.whose {
        For::Mine => Whose::Claimed(who.0.id),
        For::Offered => Whose::Offered(offered::to(&app, &unit, &who.0.id)),
        For::All => {
            require_service(&app, &who, &unit)?;
            Whose::All
        }
    };
    let counts = app.engine.store().task_counts(&unit, &whose, app.engine.now()).await?;
    let library = app.engine.library();
    let item = |count: TaskCount| CountItem {
        title: library.newest(&count.process).map(|deployed| words(&deployed.graph.process.title)).unwrap_or_default(),
        process: count.process,
        open: count.open,
        overdue: count.overdue,
        first_due: count.first.map(|due| due.to_string()),
    };
    Ok(Json(Page::of(counts.into_iter().map(item).collect(), None)))
}

/// A task with what is needed to do it.
#[derive(Serialize, ToSchema)]
pub(super) struct TaskAnswer {
    /// The task as lists show it.
    task: TaskItem,
    /// Work instruction by language.
    help: BTreeMap<String, String>,
    /// Clauses and rules that it carries out.
    reference: Vec<String>,
    /// The record that its completion makes.
    record: Option<String>,
    /// The form; none where nothing is to be filled in.
    form: Option<FormBody>,
    /// What the form's fields hold now.
    #[schema(value_type = Object)]
    values: Values,
}

/// A form.
#[derive(Serialize, ToSchema)]
pub(super) struct FormBody {
    /// Name within the definition.
    name: String,
    /// JSON Schema 2020-12 of the data.
    #[schema(value_type = Object)]
    schema: serde_json::Map<String, serde_json::Value>,
    /// Sections with their fields in order.
    #[schema(value_type = Vec<Object>)]
    layout: Vec<engine::model::definition::Section>,
}

/// One open task with its form.
#[utoipa::path(get, path = "/api/v1/tasks/{id}", tag = "tasks", operation_id = "getTask",
    params(("id" = String, Path, description = "Task")), responses((status = 200, description = "The task", body = TaskAnswer)))]
pub(super) async fn get(State(app): State<App>, Who(who): Who, At(id): At<Located>) -> Result<Json<TaskAnswer>, Problem> {
    let row = app.engine.store().task(&id.unit, id.made).await?;
    let row = row.ok_or_else(|| Problem::new("task.unknown", "There is no such open task."))?;
    let closed = case::find(&app, &who, &case::of(&id.unit, row.instance)).await;
    let closed = closed.map_err(|_| Problem::new("task.unknown", "There is no such open task."))?;
    let library = app.engine.library();
    let graph = library.get(&row.definition).map(|deployed| &deployed.graph);
    let step = graph.and_then(|graph| graph.step(&row.step).map(|step| (graph, step)));
    let authored = step.and_then(|(graph, step)| graph.authored(step));
    let name = step.and_then(|(graph, step)| match &graph.steps[step].kind {
        StepKind::UserTask { form, .. } => form.clone(),
        _ => None,
    });
    let form = name.and_then(|name| {
        let form = graph?.forms.get(&name)?;
        Some(FormBody { name, schema: form.schema.clone(), layout: form.authored.layout.clone() })
    });
    let form = form.or_else(|| {
        ladder::gave(&row.step).then(|| FormBody { name: NOTE.to_owned(), schema: ladder::form(), layout: Vec::new() })
    });
    let case = closed.case();
    let scope = case.tasks.get(&id.made).and_then(|task| case.tokens.get(&task.token?)).map_or(0, |token| token.scope);
    let fields = form.as_ref().and_then(|form| form.schema.get("properties")?.as_object());
    let is_asked = |name: &str| fields.is_some_and(|fields| fields.contains_key(name));
    let opened = closed.open(&app, &who, Through::Task, |place, name| matches!(place, Place::Scope(_)) && is_asked(name)).await;
    let case = case::shown(opened)?.case;
    let values = fields.into_iter().flat_map(|fields| fields.keys());
    let values = values.filter_map(|name| Some((name.clone(), case.variable(scope, name)?.clone()))).collect();
    Ok(Json(TaskAnswer {
        help: authored.and_then(|step| step.help.as_ref()).map(words).unwrap_or_default(),
        reference: authored.map(|step| step.reference.clone()).unwrap_or_default(),
        record: authored.and_then(|step| step.record.clone()),
        task: TaskItem::new(&app, &id.unit, row),
        form,
        values,
    }))
}

/// Claims a task.
///
/// It needs an appointment to a post with the task's role, in the unit or one above it; or being the applicant, for a task of theirs.
#[utoipa::path(post, path = "/api/v1/tasks/{id}/claim", tag = "tasks", operation_id = "claimTask",
    params(("id" = String, Path, description = "Task")), responses((status = 200, description = "Claimed", body = CaseAnswer)))]
pub(super) async fn claim(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    At(id): At<Located>,
    _: Nothing,
) -> Result<Done<CaseAnswer>, Problem> {
    about(&app, &who, key, &id.unit, Command::ClaimTask { task: id.made }).await
}

/// Gives a claimed task back.
#[utoipa::path(post, path = "/api/v1/tasks/{id}/release", tag = "tasks", operation_id = "releaseTask",
    params(("id" = String, Path, description = "Task")), responses((status = 200, description = "Given back", body = CaseAnswer)))]
pub(super) async fn release(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    At(id): At<Located>,
    _: Nothing,
) -> Result<Done<CaseAnswer>, Problem> {
    about(&app, &who, key, &id.unit, Command::ReleaseTask { task: id.made }).await
}

/// The data of a completed form.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "data": { "complete": true } }))]
pub(super) struct Complete {
    /// The form's data. Amounts are decimal strings.
    #[serde(default)]
    #[schema(value_type = Object)]
    data: Values,
}

/// Completes a claimed task.
#[utoipa::path(post, path = "/api/v1/tasks/{id}/complete", tag = "tasks", operation_id = "completeTask", request_body = Complete,
    params(("id" = String, Path, description = "Task")), responses((status = 200, description = "Completed", body = CaseAnswer)))]
pub(super) async fn complete(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    At(id): At<Located>,
    Sent(Complete { data }): Sent<Complete>,
) -> Result<Done<CaseAnswer>, Problem> {
    about(&app, &who, key, &id.unit, Command::CompleteTask { task: id.made, data }).await
}
