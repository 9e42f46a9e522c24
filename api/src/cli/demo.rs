//! The example office: set up from the documents that lie in the program, with a few cases under way.

use std::net::SocketAddr;

use engine::journal::{Actor, Command, Envelope, Event};
use engine::model::id::Made;
use engine::model::{TaskId, UnitId, Values};
use engine::runtime::Accepted;
use serde::Deserialize;

use super::documents::{Documents, refused};
use super::output::Failure;
use crate::app::Engine;
use crate::app::actor::find;

/// A case of the example office, brought some steps on its way.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    unit: UnitId,
    process: String,
    actor: String,
    data: Values,
    steps: Vec<ExampleStep>,
}

/// A task that is claimed, and completed where there is data.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExampleStep {
    task: String,
    actor: String,
    data: Option<Values>,
}

/// Sets up the example office, or brings it up to date. Its cases are started only where there are none.
pub(super) async fn set_up(engine: &Engine) -> Result<(), Failure> {
    let is_new = engine.office().units.is_empty();
    let documents = Documents::Shipped;
    documents.set_up(engine).await?;
    if is_new {
        for (number, example) in documents.read::<Vec<Example>>("examples.json")?.into_iter().enumerate() {
            play(engine, number, example).await?;
        }
    }
    Ok(())
}

/// Starts a case and moves it on.
async fn play(engine: &Engine, number: usize, example: Example) -> Result<(), Failure> {
    let Example { unit, process, actor, data, steps } = example;
    let mut at = 0;
    let mut submit = async |actor: &str, command: Command| {
        let person = find(&engine.office(), actor).map(|person| person.id.clone());
        let person = person.ok_or_else(|| Failure::Refused(format!("The example office has no {actor}.")))?;
        let envelope = Envelope::new(Actor::Person(person), &format!("example:{number}:{at}"), command);
        at += 1;
        engine.submit(&unit, envelope).await.map_err(|refusal| refused(&format!("Example {number}"), &refusal))
    };
    let start = Command::StartInstance { process, definition: None, number: None, data };
    let mut open = created(&submit(&actor, start).await?);
    for ExampleStep { task, actor, data } in steps {
        let place = open.iter().position(|(step, _)| *step == task);
        let place = place.ok_or_else(|| Failure::Refused(format!("Example {number} has no open task {task}.")))?;
        let id = open.remove(place).1;
        submit(&actor, Command::ClaimTask { task: id }).await?;
        if let Some(data) = data {
            open.extend(created(&submit(&actor, Command::CompleteTask { task: id, data }).await?));
        }
    }
    Ok(())
}

/// The tasks that an entry created: step and id.
pub(super) fn created(accepted: &Accepted) -> Vec<(String, TaskId)> {
    let command = accepted.entry.origin.command;
    let tasks = accepted.entry.events.iter().filter_map(|event| match event {
        Event::TaskCreated { ordinal, step, .. } => Some((step.clone(), Made { command, ordinal: *ordinal })),
        _ => None,
    });
    tasks.collect()
}

/// Where to look first.
pub(super) fn welcome(address: SocketAddr) -> String {
    format!(
        "
This is the example office: anyone may act as anyone, on this machine only.
  Look at it       http://{address}/
  Act as           u-yadav (dak counter), f-khan (inspector), s-chatterjee (deputy commissioner), m-desai (quality coordinator),
                   kavita-rao (a citizen)
  From a script    curl -H 'Sevottam-Actor: u-yadav' 'http://{address}/api/v1/tasks?unit=demo-commissionerate&for=offered'
  Command line     sevottam tasks --for offered --unit demo-commissionerate --actor u-yadav --server http://{address}
"
    )
}
