//! Who has read personal values: of a case, and by a person.

use axum::Json;
use axum::extract::State;
use engine::model::id::Made;
use engine::model::{InstanceId, Time};
use engine::projection::row::ReadingRow;
use engine::store::Store;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer::{Page, after, limit, time_and};
use super::extract::{Asked, At, Who};
use super::problem::Problem;
use crate::app::actor::find;
use crate::app::readers::{self, ROLES, Readings};
use crate::app::{App, Identity};

/// Which part of a list is asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct CaseQuery {
    /// At most so many, 1 to 200 (50).
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Whose readings are asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PersonQuery {
    /// Handle or pseudonym of the reader.
    person: String,
    /// At most so many, 1 to 200 (50).
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// That personal values were read. It stands for whatever that person saw of them through the same until the end of the hour.
#[derive(Serialize, ToSchema)]
pub(super) struct ReadItem {
    /// When it was recorded, before anything was shown.
    #[schema(format = DateTime)]
    time: String,
    /// Pseudonym of the reader.
    person: String,
    /// The post by which they may; none for an applicant.
    via: Option<String>,
    /// The case.
    case: String,
    /// The personal variables that were shown with a value.
    names: Vec<String>,
    /// Through what: `case-page`, `task-page`, `slip`, `file`, `case`, `history`, `task`, `entries`, `jobs` or `bundle`.
    #[schema(example = "case-page")]
    through: &'static str,
    /// Index of the entry in the log `access`.
    entry: u64,
}

impl From<ReadingRow> for ReadItem {
    fn from(row: ReadingRow) -> Self {
        let ReadingRow { id: _, entry, at, person, via, case, names, through } = row;
        Self {
            time: at.to_string(),
            person: person.to_string(),
            via: via.map(|via| via.to_string()),
            case: case.to_string(),
            names: names.split(' ').map(str::to_owned).collect(),
            through: through.code(),
            entry,
        }
    }
}

fn page(Readings { rows, next }: Readings) -> Json<Page<ReadItem>> {
    let next = next.map(|(at, id)| format!("{} {id}", at.0));
    Json(Page::of(rows.into_iter().map(ReadItem::from).collect(), next))
}

fn not_allowed(of: &str) -> Problem {
    Problem::new("actor.not-allowed", format!("This needs an appointment to a post with the role {}{of}.", ROLES.join(", ")))
}

/// Who has read personal values of a case, latest first.
///
/// For auditors, quality coordinators and records officers of the case's unit or one above it. The same person reading the same values again
/// through the same within an hour is one entry.
#[utoipa::path(get, path = "/api/v1/instances/{id}/reads", tag = "reads", operation_id = "listReadsOfCase",
    params(("id" = String, Path, description = "Case"), CaseQuery),
    responses((status = 200, description = "Readings", body = Page<ReadItem>)))]
pub(super) async fn of_case(
    State(app): State<App>,
    Who(who): Who,
    At(id): At<InstanceId>,
    Asked(query): Asked<CaseQuery>,
) -> Result<Json<Page<ReadItem>>, Problem> {
    let (limit, after) = (limit(query.limit)?, cursor(query.cursor.as_deref())?);
    if !readers::may_look(&app.engine.office(), &who.0.id, &id.unit, app.engine.now()) {
        return Err(not_allowed(" in the case's unit or one above it"));
    }
    let case = app.engine.store().instance(&id.unit, id.command).await?;
    case.ok_or_else(|| Problem::new("instance.unknown", "There is no such case."))?;
    Ok(page(readers::of_case(&app, &id, after, limit).await?))
}

/// What a person has read of personal values, latest first.
///
/// For auditors, quality coordinators and records officers: of the cases of their own units and those below. A page may come out short, and still
/// name a next one.
#[utoipa::path(get, path = "/api/v1/reads", tag = "reads", operation_id = "listReadsByPerson", params(PersonQuery),
    responses((status = 200, description = "Readings", body = Page<ReadItem>)))]
pub(super) async fn by_person(
    State(app): State<App>,
    Who(who): Who,
    Asked(query): Asked<PersonQuery>,
) -> Result<Json<Page<ReadItem>>, Problem> {
    let (limit, after) = (limit(query.limit)?, cursor(query.cursor.as_deref())?);
    let Identity(asker) = who;
    let office = app.engine.office();
    if !readers::may_look_somewhere(&office, &asker.id, app.engine.now()) {
        return Err(not_allowed(""));
    }
    let person = find(&office, &query.person).map(|person| person.id.clone());
    let person =
        person.ok_or_else(|| Problem::new("person.unknown", "The office knows no person of this handle or pseudonym."))?;
    Ok(page(readers::of_person(&app, &asker.id, &person, after, limit).await?))
}

fn cursor(cursor: Option<&str>) -> Result<Option<(Time, Made)>, Problem> {
    after(cursor, time_and)
}
