//! Jobs of external workers: fetch and lock, complete, fail.

use axum::extract::State;
use engine::journal::Command;
use engine::model::id::Located;
use engine::model::limits::ID_BYTES_MAX;
use engine::model::{UnitId, Values};
use engine::runtime::LockedJob;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::{CaseAnswer, Done, limit, located};
use super::case;
use super::extract::{At, Key, Sent, Who};
use super::instances::about;
use super::place::known;
use super::problem::Problem;
use crate::app::App;
use crate::app::reading::{self, Wanted};

/// Most topics of one call.
const TOPICS_MAX: usize = 50;

/// What a worker asks for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "unit": "mumbai-3", "worker": "mailer-1", "topics": ["send-mail"], "seconds": 60, "limit": 10 }))]
pub(super) struct Lock {
    /// The unit.
    #[schema(value_type = String)]
    unit: UnitId,
    /// The worker's name for itself, 1 to 64 characters.
    worker: String,
    /// Topics, 1 to 50.
    topics: Vec<String>,
    /// How long no other worker gets them, 1 second to a day.
    seconds: i64,
    /// At most so many, 1 to 200 (50).
    #[serde(default)]
    limit: Option<u32>,
}

/// Jobs that the worker has now.
#[derive(Serialize, ToSchema)]
pub(super) struct Locked {
    /// The jobs, oldest first.
    jobs: Vec<JobItem>,
}

/// A job.
#[derive(Serialize, ToSchema)]
pub(super) struct JobItem {
    /// Id.
    id: String,
    /// Case.
    instance: String,
    /// Step id.
    step: String,
    /// Topic.
    topic: String,
    /// Attempts that remain.
    retries: u32,
    /// Until when it is the worker's.
    #[schema(format = DateTime)]
    until: String,
    /// Values handed over.
    #[schema(value_type = Object)]
    data: Values,
}

/// Locks jobs for a worker.
///
/// Sent again with the same key it locks no job twice, but answers only with what it locks now.
#[utoipa::path(post, path = "/api/v1/jobs/lock", tag = "jobs", operation_id = "lockJobs", request_body = Lock,
    responses((status = 200, description = "Jobs, locked", body = Locked)))]
pub(super) async fn lock(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    Sent(lock): Sent<Lock>,
) -> Result<Done<Locked>, Problem> {
    let (limit, unit) = (limit(lock.limit)?, known(&app, lock.unit)?);
    let Lock { worker, topics, seconds, .. } = lock;
    require_worker(&worker)?;
    if topics.is_empty() || topics.len() > TOPICS_MAX {
        return Err(Problem::new("job.topics", format!("Name 1 to {TOPICS_MAX} topics.")));
    }
    let wanted = Wanted { unit: &unit, key: &key.text, worker: &worker, topics: &topics, seconds, limit };
    let jobs = reading::jobs(&app, &who, &wanted).await?;
    let item = |job: LockedJob| JobItem {
        id: located(&unit, job.id),
        instance: case::of(&unit, job.instance).to_string(),
        step: job.step,
        topic: job.topic,
        retries: job.retries,
        until: job.until.to_string(),
        data: job.data,
    };
    Ok(Done::new(Locked { jobs: jobs.into_iter().map(item).collect() }, key, false))
}

/// What a worker brings back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "worker": "mailer-1", "data": { "sent": true } }))]
pub(super) struct Finish {
    /// The worker that locked it.
    worker: String,
    /// What came out.
    #[serde(default)]
    #[schema(value_type = Object)]
    data: Values,
}

/// Completes a locked job.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/complete", tag = "jobs", operation_id = "completeJob", request_body = Finish,
    params(("id" = String, Path, description = "Job")), responses((status = 200, description = "Completed", body = CaseAnswer)))]
pub(super) async fn complete(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    At(id): At<Located>,
    Sent(Finish { worker, data }): Sent<Finish>,
) -> Result<Done<CaseAnswer>, Problem> {
    require_worker(&worker)?;
    about(&app, &who, key, &id.unit, Command::CompleteJob { job: id.made, worker, data }).await
}

/// Why an attempt failed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "worker": "mailer-1", "message": "The mail server does not answer.", "backoffSeconds": 300 }))]
pub(super) struct Fail {
    /// The worker that locked it.
    worker: String,
    /// What went wrong, 1 to 2,000 characters.
    message: String,
    /// Attempts that remain; left out: one fewer than before. At zero it is an incident.
    #[serde(default)]
    retries: Option<u32>,
    /// Seconds until the next attempt, up to a day.
    #[serde(default)]
    backoff_seconds: Option<i64>,
}

/// Reports that a locked job failed.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/fail", tag = "jobs", operation_id = "failJob", request_body = Fail,
    params(("id" = String, Path, description = "Job")), responses((status = 200, description = "Noted", body = CaseAnswer)))]
pub(super) async fn fail(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    At(id): At<Located>,
    Sent(fail): Sent<Fail>,
) -> Result<Done<CaseAnswer>, Problem> {
    let Fail { worker, message, retries, backoff_seconds } = fail;
    require_worker(&worker)?;
    let backoff_seconds = backoff_seconds.unwrap_or(0);
    let length = message.chars().count();
    if message.trim().is_empty() || length > engine::model::limits::TEXT_CHARS_MAX {
        return Err(Problem::new("text.invalid", "Say what went wrong in 1 to 2,000 characters."));
    }
    about(&app, &who, key, &id.unit, Command::FailJob { job: id.made, worker, message, retries, backoff_seconds }).await
}

fn require_worker(worker: &str) -> Result<(), Problem> {
    if worker.is_empty() || worker.len() > ID_BYTES_MAX || worker.chars().any(char::is_control) {
        return Err(Problem::new("job.worker", format!("Name the worker in 1 to {ID_BYTES_MAX} bytes.")));
    }
    Ok(())
}
