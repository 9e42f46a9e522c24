//! People, and their appointments to posts by office order.

use axum::Json;
use axum::extract::State;
use engine::journal::Command;
use engine::model::id::Made;
use engine::model::office::{Appointment, Person};
use engine::model::{PersonId, PostId, UnitId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer::{Created, Done, Moment, Page, Receipt, Receipted, receipted, submit};
use super::extract::{Asked, At, Key, Sent, Who};
use super::office::{PageQuery, page};
use super::problem::Problem;
use crate::app::App;

/// A person.
#[derive(Serialize, ToSchema)]
pub(super) struct PersonItem {
    /// Pseudonym.
    #[schema(example = "p_6f1e0c5a9b7d4e2f8a3b1c0d9e8f7a6b")]
    id: String,
    /// Short name by which requests name their actor.
    handle: String,
    /// Full name.
    name: String,
}

/// People whom the office has registered.
#[utoipa::path(get, path = "/api/v1/office/people", tag = "office", operation_id = "listPeople", params(PageQuery),
    responses((status = 200, description = "People", body = Page<PersonItem>)))]
pub(super) async fn list(
    State(app): State<App>,
    _: Who,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<PersonItem>>, Problem> {
    let item = |person: Person| PersonItem { id: person.id.to_string(), handle: person.handle, name: person.name };
    page(&query, &app.engine.office().people, item)
}

/// A person to be registered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "handle": "asha", "name": "Asha Kulkarni" }))]
pub(super) struct NewPerson {
    /// Short name, unique: 1 to 64 lower-case letters, digits, `.`, `-` or `_`.
    handle: String,
    /// Full name.
    name: String,
}

/// Registers a person.
///
/// It needs the role `office-administrator`. Handle and name are personal data: the log's leaves hold the pseudonym alone.
#[utoipa::path(post, path = "/api/v1/office/people", tag = "office", operation_id = "registerPerson", request_body = NewPerson,
    responses((status = 201, description = "Registered", body = Created)))]
pub(super) async fn register(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    Sent(NewPerson { handle, name }): Sent<NewPerson>,
) -> Result<Done<Created>, Problem> {
    let accepted = submit(&app, &who, &key, &UnitId::site(), Command::RegisterPerson { handle, name }).await?;
    let id = PersonId::of(accepted.entry.origin.command).to_string();
    let answer = Created { id, receipt: Receipt::from(&accepted) };
    Ok(Done::created(answer, key, accepted.repeated, "/api/v1/office/people".to_owned()))
}

/// Which appointments a list shows.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AppointmentsQuery {
    /// Those that hold at this instant, RFC 3339; left out: all, ended ones too.
    #[param(value_type = Option<String>)]
    at: Option<Moment>,
    /// At most so many, 1 to 200 (50).
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// An appointment.
#[derive(Serialize, ToSchema)]
pub(super) struct AppointmentItem {
    /// Id.
    id: String,
    /// The person.
    person: String,
    /// The post.
    post: String,
    /// Number of the office order.
    order: String,
    /// From when.
    #[schema(format = DateTime)]
    from: String,
    /// Until when (not included); none: until further orders.
    #[schema(format = DateTime)]
    to: Option<String>,
}

/// Appointments.
#[utoipa::path(get, path = "/api/v1/office/appointments", tag = "office", operation_id = "listAppointments",
    params(AppointmentsQuery), responses((status = 200, description = "Appointments", body = Page<AppointmentItem>)))]
pub(super) async fn appointments(
    State(app): State<App>,
    _: Who,
    Asked(query): Asked<AppointmentsQuery>,
) -> Result<Json<Page<AppointmentItem>>, Problem> {
    let AppointmentsQuery { at, limit, cursor } = query;
    let item = |appointment: Appointment| AppointmentItem {
        id: appointment.id.to_string(),
        person: appointment.person.to_string(),
        post: appointment.post.to_string(),
        order: appointment.order,
        from: appointment.from.to_string(),
        to: appointment.to.map(|to| to.to_string()),
    };
    let office = app.engine.office();
    let mut wanted = office.appointments.clone();
    wanted.retain(|_, appointment| at.is_none_or(|Moment(at)| appointment.holds(at)));
    page(&PageQuery { limit, cursor }, &wanted, item)
}

/// An appointment to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "person": "p_6f1e0c5a9b7d4e2f8a3b1c0d9e8f7a6b", "post": "refund-inspector", "order": "OO 12/2026",
    "from": "2026-04-01T00:00:00+05:30" }))]
pub(super) struct NewAppointment {
    /// The person.
    #[schema(value_type = String)]
    person: PersonId,
    /// The post.
    #[schema(value_type = String)]
    post: PostId,
    /// Number of the office order.
    order: String,
    /// From when; left out: from now.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    from: Option<Moment>,
    /// Until when (not included); left out: until further orders.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    to: Option<Moment>,
}

/// Appoints a person to a post.
///
/// It needs the role `office-administrator`.
#[utoipa::path(post, path = "/api/v1/office/appointments", tag = "office", operation_id = "appoint", request_body = NewAppointment,
    responses((status = 201, description = "Appointed", body = Created)))]
pub(super) async fn appoint(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    Sent(body): Sent<NewAppointment>,
) -> Result<Done<Created>, Problem> {
    let NewAppointment { person, post, order, from, to } = body;
    let command = Command::Appoint { person, post, order, from: from.map(|at| at.0), to: to.map(|at| at.0) };
    let accepted = submit(&app, &who, &key, &UnitId::site(), command).await?;
    let id = Made { command: accepted.entry.origin.command, ordinal: 0 }.to_string();
    let answer = Created { id, receipt: Receipt::from(&accepted) };
    Ok(Done::created(answer, key, accepted.repeated, "/api/v1/office/appointments".to_owned()))
}

/// The end of an appointment.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "order": "OO 19/2026" }))]
pub(super) struct End {
    /// Number of the office order.
    order: String,
    /// When; left out: now.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Moment>,
}

/// Ends an appointment.
///
/// It needs the role `office-administrator`.
#[utoipa::path(post, path = "/api/v1/office/appointments/{id}/end", tag = "office", operation_id = "endAppointment",
    request_body = End, params(("id" = String, Path, description = "Appointment")),
    responses((status = 200, description = "Ended", body = Receipted)))]
pub(super) async fn end(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    At(appointment): At<Made>,
    Sent(End { order, at }): Sent<End>,
) -> Result<Done<Receipted>, Problem> {
    let command = Command::EndAppointment { appointment, order, at: at.map(|at| at.0) };
    receipted(&app, &who, key, &UnitId::site(), command).await
}
