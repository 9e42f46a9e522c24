//! The example office: set up from the documents that lie in the program, with a few cases under way.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use engine::digest::Hash;
use engine::journal::{Actor, Command, Envelope, Event};
use engine::model::document::DocumentKind;
use engine::model::id::Made;
use engine::model::{TaskId, UnitId, Values, time};
use engine::runtime::{Accepted, Refusal};
use serde::Deserialize;

use super::output::Failure;
use super::shipped::{document, documents_in};
use crate::app::Engine;
use crate::app::actor::find;
use crate::app::directory::{self, Directory};

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
    let office: Directory = document("office.json")?;
    directory::set_up(engine, &office).await.map_err(|refusal| refused("The office", &refusal))?;
    for kind in [DocumentKind::Calendar, DocumentKind::Norm] {
        deploy(engine, documents_in(&format!("{}s/", kind.name()))?, Some(kind)).await?;
    }
    deploy(engine, documents_in("processes/")?, None).await?;
    deploy(engine, documents_in("schedules/")?, Some(DocumentKind::Schedule)).await?;
    give_anchors(engine).await?;
    if is_new {
        for (number, example) in document::<Vec<Example>>("examples.json")?.into_iter().enumerate() {
            play(engine, number, example).await?;
        }
    }
    Ok(())
}

/// Deploys each: a process in its owner's unit, any other kind in the site log. One that refers to another may come first, so what is
/// refused is tried again after the others.
async fn deploy(engine: &Engine, mut waiting: Vec<(String, String)>, kind: Option<DocumentKind>) -> Result<(), Failure> {
    loop {
        let (before, mut later, mut last) = (waiting.len(), Vec::new(), None);
        for (name, document) in waiting {
            let key = format!("set-up:definition:{}", Hash::of(document.as_bytes()));
            let (log, command) = match (kind, owner_unit(engine, &document)) {
                (Some(kind), _) => (UnitId::site(), Command::DeployDocument { kind, document: document.clone() }),
                (None, Some(unit)) => (unit, Command::DeployDefinition { document: document.clone() }),
                (None, None) => {
                    return Err(Failure::Refused(format!("{name}: its owner's post is in no unit of the example office.")));
                }
            };
            match engine.submit(&log, Envelope::new(Actor::System, &key, command)).await {
                Ok(_) => {}
                Err(Refusal::Rejected(rejection)) if rejection.code.ends_with(".already-deployed") => {}
                Err(refusal) => {
                    last = Some(refused(&name, &refusal));
                    later.push((name, document));
                }
            }
        }
        match last {
            None => return Ok(()),
            Some(failure) if later.len() == before => return Err(failure),
            Some(_) => waiting = later,
        }
    }
}

/// Gives the dates of events that its schedules count from, so long before today, so that a year is planned. Those given stay.
async fn give_anchors(engine: &Engine) -> Result<(), Failure> {
    let today = engine.options().zone.to_datetime(engine.now().timestamp()).date();
    for (anchor, before) in document::<BTreeMap<String, String>>("anchors.json")? {
        let date = time::duration(&before).and_then(|before| today.checked_sub(before).ok());
        let date = date.ok_or_else(|| Failure::Refused(format!("anchors.json: {before} is no duration.")))?;
        if !engine.office().anchors.contains_key(&anchor) {
            let envelope = Envelope::new(Actor::System, &format!("set-up:anchor:{anchor}"), Command::GiveAnchor { anchor, date });
            engine.submit(&UnitId::site(), envelope).await.map_err(|refusal| refused("The date of an event", &refusal))?;
        }
    }
    Ok(())
}

fn owner_unit(engine: &Engine, document: &str) -> Option<UnitId> {
    let document: serde_json::Value = serde_json::from_str(document).ok()?;
    let post = document.pointer("/owner/post")?.as_str()?.parse().ok()?;
    engine.office().posts.get(&post).map(|post| post.unit.clone())
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

fn refused(what: &str, refusal: &Refusal) -> Failure {
    let problems = match refusal {
        Refusal::Rejected(rejection) => rejection.problems.as_slice(),
        _ => &[],
    };
    let lines = problems.iter().map(|problem| format!("  {}: {}", problem.pointer, problem.message));
    let lines: Vec<String> = std::iter::once(format!("{what} was refused: {refusal}.")).chain(lines).collect();
    Failure::Refused(lines.join("\n"))
}
