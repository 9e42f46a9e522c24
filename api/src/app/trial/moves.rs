//! What is done in a trial, as data: the moves of scenario files, which tests act out too.

use engine::model::{UnitId, Values};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The start of a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TrialStart)]
pub struct Start {
    /// Who: a handle, or a pseudonym.
    pub actor: String,
    /// Data of the start form.
    #[serde(default, skip_serializing_if = "Values::is_empty")]
    #[schema(value_type = Object)]
    pub data: Values,
}

/// Something that happens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "do", rename_all = "lowercase", deny_unknown_fields)]
#[schema(as = TrialMove)]
pub enum Move {
    /// A person takes a task.
    Claim {
        /// Its step.
        task: String,
        /// Who.
        actor: String,
        /// Which of several open tasks of that step, the oldest being 0.
        #[serde(default, skip_serializing_if = "is_zero")]
        nth: usize,
    },
    /// A person gives a task back.
    Release {
        /// Its step.
        task: String,
        /// Who.
        actor: String,
        /// Which of several open tasks of that step, the oldest being 0.
        #[serde(default, skip_serializing_if = "is_zero")]
        nth: usize,
    },
    /// A person completes a task, claiming it first where needed.
    Complete {
        /// Its step.
        task: String,
        /// Who.
        actor: String,
        /// Which of several open tasks of that step, the oldest being 0.
        #[serde(default, skip_serializing_if = "is_zero")]
        nth: usize,
        /// Data of its form.
        #[serde(default, skip_serializing_if = "Values::is_empty")]
        #[schema(value_type = Object)]
        data: Values,
    },
    /// Time passes: by a duration, to an instant or the beginning of a day, or, if neither is named, to what is due next.
    Advance {
        /// An ISO 8601 duration; a day of it has 24 hours.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
        /// An RFC 3339 instant, or a date.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
    },
    /// A message comes.
    Message {
        /// Its name.
        name: String,
        /// Its correlation key.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        key: String,
        /// Its data.
        #[serde(default, skip_serializing_if = "Values::is_empty")]
        #[schema(value_type = Object)]
        data: Values,
    },
    /// A worker does a job.
    Job {
        /// Its topic.
        topic: String,
        /// What the worker hands back.
        #[serde(default, skip_serializing_if = "Values::is_empty")]
        #[schema(value_type = Object)]
        data: Values,
    },
    /// A worker fails at a job.
    Fail {
        /// Its topic.
        topic: String,
        /// What the worker says.
        message: String,
    },
    /// The oldest incident is tried again.
    Retry {
        /// Who.
        actor: String,
    },
    /// The case is cancelled.
    Cancel {
        /// Who.
        actor: String,
        /// Why.
        reason: String,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(nth: &usize) -> bool {
    *nth == 0
}

/// A trial as it is sent: where and when it is played, who begins, and what happens then.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Trial, example = json!({
    "unit": "mumbai-3", "at": "2027-04-01T10:00:00+05:30",
    "start": { "actor": "kavita-rao", "data": { "amount": "1200.00" } },
    "steps": [{ "do": "complete", "task": "scrutinise", "actor": "f-khan", "data": { "complete": true } }, { "do": "advance", "by": "P3D" }]
}))]
pub struct Script {
    /// The unit that keeps the case; left out: that of the owner's post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub unit: Option<UnitId>,
    /// The instant at which it begins, RFC 3339, or a date; left out: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Who starts the case, with what; left out: nothing has begun, or a message begins it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Start>,
    /// What happens then, 200 moves at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Move>,
}
