//! Scenarios as data: a case acted out, who does what, and what must be open afterwards.

use engine::journal::Command;
use engine::machine::Instance;
use engine::model::{CommandId, InstanceStatus, Values};
use engine::runtime::{Accepted, Refusal};
use engine::store::{InstanceQuery, Store};
use serde::Deserialize;
use serde_json::Value;

use crate::world::{World, deploy_shipped, text};

/// A scenario file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it shows.
    pub title: String,
    /// The office, a file of `definitions/`.
    pub office: String,
    /// Definitions to deploy, files of `definitions/processes/`.
    pub definitions: Vec<String>,
    /// The unit.
    pub unit: String,
    /// The process to start.
    pub process: String,
    /// Who starts it, with what.
    pub start: Start,
    /// What happens then.
    pub steps: Vec<Step>,
    /// How the case stands at the end.
    pub end: InstanceStatus,
}

/// The start of a case.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// Who.
    pub actor: String,
    /// With what.
    #[serde(default)]
    pub data: Values,
}

/// One thing that happens, or must hold.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Step {
    /// Something happens.
    Do(Do),
    /// Something must hold.
    Expect {
        /// What.
        expect: Expect,
    },
}

/// Something that happens.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "do", rename_all = "lowercase", deny_unknown_fields)]
pub enum Do {
    /// A person takes a task.
    Claim { task: String, actor: String },
    /// A person gives a task back.
    Release { task: String, actor: String },
    /// A person completes a task, claiming it first where needed.
    Complete {
        task: String,
        actor: String,
        #[serde(default)]
        data: Values,
    },
    /// Something is tried and refused.
    Refused {
        #[serde(rename = "try")]
        attempt: Box<Do>,
        code: String,
    },
    /// Time passes.
    Advance { by: String },
    /// A message comes.
    Message {
        name: String,
        #[serde(default)]
        key: String,
        #[serde(default)]
        data: Values,
    },
    /// A worker does a job.
    Job {
        topic: String,
        #[serde(default)]
        data: Values,
    },
}

/// What must hold.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// Steps of all open tasks, in any order.
    pub open: Option<Vec<String>>,
    /// Steps of the open tasks that are overdue, in any order.
    pub overdue: Option<Vec<String>>,
    /// Values of some variables of the case.
    #[serde(default)]
    pub variables: Values,
}

/// Acts a scenario out on a store, and checks the laws after every step.
///
/// # Panics
/// When something differs from what the scenario says.
pub async fn act<S: Store>(store: S, scenario: &Scenario) -> World<S> {
    let directory = serde_json::from_str(&text(format!("definitions/{}", scenario.office))).expect("an office");
    let world = World::new(store, &directory, &scenario.unit).await;
    deploy_shipped(&world.engine).await;
    for file in &scenario.definitions {
        let deployed = world.deploy(&text(format!("definitions/processes/{file}"))).await;
        deployed.unwrap_or_else(|refusal| panic!("{file} is refused: {refusal:#?}"));
    }
    let command = Command::StartInstance {
        process: scenario.process.clone(),
        definition: None,
        number: None,
        data: scenario.start.data.clone(),
    };
    let started = world.submit(&scenario.start.actor, command).await;
    let started = started.unwrap_or_else(|refusal| panic!("{}: the start is refused: {refusal:#?}", scenario.title));
    let id = started.instance().expect("a start has a case");
    world.advance(0).await;
    for (number, step) in scenario.steps.iter().enumerate() {
        let place = format!("{}, step {number} ({step:?})", scenario.title);
        match step {
            Step::Do(Do::Refused { attempt, code }) => {
                let refusal = perform(&world, attempt).await.err().unwrap_or_else(|| panic!("{place}: it was not refused"));
                let Refusal::Rejected(rejection) = refusal else { panic!("{place}: {refusal}") };
                assert_eq!(rejection.code, code, "{place}: {rejection:#?}");
            }
            Step::Do(what) => {
                perform(&world, what).await.unwrap_or_else(|refusal| panic!("{place}: {refusal:#?}"));
            }
            Step::Expect { expect } => hold(&world, id, expect, &place).await,
        }
        world.advance(0).await;
        check_all(&world).await;
    }
    let case = world.case(id).await;
    assert_eq!(case.status, scenario.end, "{}: {case:#?}", scenario.title);
    assert!(crate::bundle::audit(&world).await.entries > 0);
    world
}

async fn perform<S: Store>(world: &World<S>, what: &Do) -> Result<Option<Accepted>, Refusal> {
    match what {
        Do::Claim { task, actor } => {
            let task = open_task(world, task).await.id;
            world.submit(actor, Command::ClaimTask { task }).await.map(Some)
        }
        Do::Release { task, actor } => {
            let task = open_task(world, task).await.id;
            world.submit(actor, Command::ReleaseTask { task }).await.map(Some)
        }
        Do::Complete { task, actor, data } => {
            let row = open_task(world, task).await;
            if row.assignee != Some(world.person(actor)) {
                world.submit(actor, Command::ClaimTask { task: row.id }).await?;
            }
            world.submit(actor, Command::CompleteTask { task: row.id, data: data.clone() }).await.map(Some)
        }
        Do::Refused { .. } => panic!("a refusal within a refusal"),
        Do::Advance { by } => {
            let span: jiff::Span = by.parse().expect("a duration");
            let seconds = span.total((jiff::Unit::Second, jiff::SpanRelativeTo::days_are_24_hours())).expect("a fixed duration");
            #[expect(clippy::cast_possible_truncation, reason = "scenarios last years, not ages")]
            world.advance(seconds as i64).await;
            Ok(None)
        }
        Do::Message { name, key, data } => {
            let (name, key, data) = (name.clone(), key.clone(), data.clone());
            world.submit("system", Command::PublishMessage { name, key, ttl_seconds: 3_600, data }).await.map(Some)
        }
        Do::Job { topic, data } => {
            let actor = engine::journal::Actor::System;
            let topics = [topic.clone()];
            let locked = world.engine.lock_jobs(&world.unit, &actor, &world.key(), "worker", &topics, 60, 1).await?;
            let job = locked.first().unwrap_or_else(|| panic!("no job of the topic {topic}")).id;
            world.submit("system", Command::CompleteJob { job, worker: "worker".into(), data: data.clone() }).await.map(Some)
        }
    }
}

/// The oldest open task of a step.
async fn open_task<S: Store>(world: &World<S>, step: &str) -> engine::projection::row::TaskRow {
    let mut tasks = world.open_tasks().await;
    tasks.retain(|task| task.step == step);
    tasks.sort_by_key(|task| (task.created, task.id));
    tasks.into_iter().next().unwrap_or_else(|| panic!("no open task of the step {step}"))
}

async fn hold<S: Store>(world: &World<S>, id: CommandId, expect: &Expect, place: &str) {
    let case: Instance = world.case(id).await;
    let (tasks, now) = (world.open_tasks().await, world.engine.now());
    let late: Vec<_> = tasks.iter().filter(|task| task.due.is_some_and(|due| due <= now)).cloned().collect();
    for (what, expected, tasks) in [("open", &expect.open, tasks), ("overdue", &expect.overdue, late)] {
        let Some(mut expected) = expected.clone() else { continue };
        expected.sort();
        let mut found: Vec<String> = tasks.into_iter().map(|task| task.step).collect();
        found.sort();
        assert_eq!(found, expected, "{place}, {what}; incidents: {:#?}", case.incidents);
    }
    for (name, value) in &expect.variables {
        let found = case.variable(0, name).cloned().unwrap_or(Value::Null);
        assert!(same(&found, value), "{place}: {name} is {found}, not {value}");
    }
}

/// Whether two values are the same; amounts are compared as decimals.
fn same(a: &Value, b: &Value) -> bool {
    let number = |value: &Value| match value {
        Value::String(text) => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        other => other.to_string(),
    };
    a == b
        || (a.is_string() && a.as_str().is_some_and(|text| text.contains('.') && number(a) == number(b)))
        || (b.is_string() && b.as_str().is_some_and(|text| text.contains('.') && number(a) == number(b)))
}

/// Checks the laws on every case of the unit.
///
/// # Panics
/// When one is broken.
pub async fn check_all<S: Store>(world: &World<S>) {
    let query = InstanceQuery { limit: 200, ..InstanceQuery::default() };
    for row in world.engine.store().instances(&world.unit, &query).await.expect("the store answers") {
        let case = world.case(row.id).await;
        assert_eq!(case.status, row.status, "the row and the case differ");
    }
}
