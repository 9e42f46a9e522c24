//! Messages from outside.

use axum::extract::State;
use engine::journal::{Command, Event};
use engine::model::limits::MESSAGE_TTL_SECONDS_DEFAULT;
use engine::model::{UnitId, Values};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::{Done, Receipt, submit};
use super::case;
use super::extract::{Key, Sent, Who};
use super::place::known;
use super::problem::Problem;
use crate::app::App;

/// A message.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "unit": "mumbai-3", "name": "payment-received", "key": "R/2026/17", "data": { "amount": "1200.00" } }))]
pub(super) struct Message {
    /// The unit.
    #[schema(value_type = String)]
    unit: UnitId,
    /// Name.
    name: String,
    /// Correlation key; left out: the empty one.
    #[serde(default)]
    key: String,
    /// How long it is kept if no one waits for it, up to 90 days (an hour).
    #[serde(default)]
    ttl_seconds: Option<i64>,
    /// Values.
    #[serde(default)]
    #[schema(value_type = Object)]
    data: Values,
}

/// What became of a message.
#[derive(Serialize, ToSchema)]
pub(super) struct Published {
    /// The case that it reached or started.
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    /// Whether it is kept, because no one waits for it yet.
    buffered: bool,
    /// The receipt.
    receipt: Receipt,
}

/// Publishes a message.
///
/// It goes to the oldest case that waits for its name and key, or starts a process that begins with it, or is kept until its time to live
/// ends.
#[utoipa::path(post, path = "/api/v1/messages", tag = "messages", operation_id = "publishMessage", request_body = Message,
    responses((status = 200, description = "Published", body = Published)))]
pub(super) async fn publish(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    Sent(message): Sent<Message>,
) -> Result<Done<Published>, Problem> {
    let unit = known(&app, message.unit)?;
    let ttl_seconds = message.ttl_seconds.unwrap_or(MESSAGE_TTL_SECONDS_DEFAULT);
    let command = Command::PublishMessage { name: message.name, key: message.key, ttl_seconds, data: message.data };
    let accepted = submit(&app, &who, &key, &unit, command).await?;
    let instance = accepted.instance().map(|instance| case::of(&unit, instance).to_string());
    let buffered = accepted.entry.events.iter().any(|event| matches!(event, Event::MessageBuffered { .. }));
    Ok(Done::new(Published { instance, buffered, receipt: Receipt::from(&accepted) }, key, accepted.repeated))
}
