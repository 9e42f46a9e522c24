//! The benchmark's office: a unit or more, 64 people with a post each; and a look at what was written.

use engine::digest::Hash;
use engine::journal::{Actor, Command, Envelope, codec};
use engine::model::limits::BATCH_COMMANDS_MAX;
use engine::model::office::{Post, Unit};
use engine::model::{Text, UnitId, Values};
use engine::projection::changes;
use engine::runtime::Engine;
use engine::store::Store;

use super::report::{Run, float};
use crate::app::directory::{self, Directory, NewAppointment, NewPerson};
use crate::cli::output::Failure;

/// People of the office; of more clients, several act as one person.
pub(super) const PEOPLE: u16 = 64;
/// The process.
pub(super) const PROCESS: &str = "bench.sop10";

/// The definition.
const SOP10: &str = include_str!("sop10.json");
/// Entries that are looked at afterwards.
const SAMPLE: u32 = 2_200;

/// The unit, the first where there are more.
pub(super) fn unit() -> Result<UnitId, Failure> {
    "bench".parse().map_err(|error| Failure::Usage(format!("{error}")))
}

/// The unit in which a client works, of so many.
pub(super) fn unit_of(client: u16, units: u16) -> Result<UnitId, Failure> {
    match client % PEOPLE % units {
        0 => unit(),
        number => format!("bench-{}", number + 1).parse().map_err(|error| Failure::Usage(format!("{error}"))),
    }
}

/// The handle of a client's person.
pub(super) fn handle(client: u16) -> String {
    format!("clerk-{}", client % PEOPLE + 1)
}

/// Sets up the office with one unit, and deploys the definition.
pub(super) async fn set_up<S: Store>(engine: &Engine<S>) -> Result<(), Failure> {
    set_up_over(engine, 1).await
}

/// The same with so many units, the people spread over them.
pub(super) async fn set_up_over<S: Store>(engine: &Engine<S>, units: u16) -> Result<(), Failure> {
    let refused = |refusal: engine::runtime::Refusal| Failure::Refused(format!("The benchmark's office: {refusal}."));
    let unit = unit()?;
    let title: Text =
        serde_json::from_value(serde_json::json!({ "en": "Benchmark" })).map_err(|error| Failure::Usage(error.to_string()))?;
    let people: Vec<String> = (0..PEOPLE).map(handle).collect();
    let posts = (0..PEOPLE).map(|person| {
        let id = handle(person).parse().map_err(|error| Failure::Usage(format!("{error}")))?;
        Ok(Post { id, unit: unit_of(person, units)?, title: title.clone(), roles: vec!["clerk".to_owned()] })
    });
    let posts = posts.collect::<Result<Vec<_>, Failure>>()?;
    let appointments = people.iter().zip(&posts).map(|(handle, post)| NewAppointment {
        handle: handle.clone(),
        post: post.id.clone(),
        order: "Office Order 1".to_owned(),
        from: jiff::civil::date(2026, 1, 1),
        to: None,
    });
    let units = (0..units.min(PEOPLE)).map(|number| {
        let parent = (number > 0).then(|| unit.clone());
        Ok(Unit { id: unit_of(number, units)?, title: title.clone(), parent, calendar: None })
    });
    let office = Directory {
        anchors: std::collections::BTreeMap::new(),
        units: units.collect::<Result<_, Failure>>()?,
        appointments: appointments.collect(),
        people: people.iter().map(|handle| NewPerson { handle: handle.clone(), name: format!("Clerk {handle}") }).collect(),
        posts,
    };
    directory::set_up(engine, &office).await.map_err(refused)?;
    let deploy = Command::DeployDefinition { document: SOP10.to_owned() };
    let key = format!("set-up:definition:{}", Hash::of(SOP10.as_bytes()));
    engine.submit(&unit, Envelope::new(Actor::System, &key, deploy)).await.map_err(refused)?;
    Ok(())
}

/// Submits a command of the program itself.
pub(super) async fn submit<S: Store>(engine: &Engine<S>, unit: &UnitId, command: Command) -> Result<(), Failure> {
    let refused = |refusal: engine::runtime::Refusal| Failure::Refused(format!("The benchmark: {refusal}."));
    engine.submit_fresh(unit, Envelope::new(Actor::System, &engine.mint_key(), command)).await.map(drop).map_err(refused)
}

/// Starts cases of a process, as many at a time as a transaction takes.
pub(super) async fn start_many<S: Store>(engine: &Engine<S>, process: &str, count: u32, data: &Values) -> Result<(), Failure> {
    let unit = unit()?;
    let landed = |answer: Option<Result<Result<(), Failure>, tokio::task::JoinError>>| match answer {
        Some(Err(error)) => Err(Failure::Refused(format!("The benchmark: {error}."))),
        Some(Ok(started)) => started,
        None => Ok(()),
    };
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..count {
        if waiting.len() == BATCH_COMMANDS_MAX {
            landed(waiting.join_next().await)?;
        }
        let command = Command::StartInstance { process: process.to_owned(), definition: None, number: None, data: data.clone() };
        let (engine, unit) = (engine.clone(), unit.clone());
        waiting.spawn(async move { submit(&engine, &unit, command).await });
    }
    while !waiting.is_empty() {
        landed(waiting.join_next().await)?;
    }
    Ok(())
}

/// Counts the rows and bytes of the first commands: entries and changes of rows, and the bytes of leaf and payloads.
pub(super) async fn sample(engine: &crate::app::Engine, run: &mut Run) -> Result<(), Failure> {
    // The first entry is the deployment.
    let entries = engine.store().entries(&unit()?, 1, SAMPLE).await.map_err(Failure::store)?;
    let (mut rows, mut bytes, count) = (0, 0, entries.len());
    for sealed in &entries {
        let entry = codec::open(sealed).map_err(Failure::store)?;
        let mut changed = Vec::new();
        entry.events.iter().for_each(|event| changes(&entry, event, PROCESS, &mut changed));
        rows += 1 + changed.len();
        bytes += sealed.leaf.len()
            + sealed.payloads.iter().map(|p| p.salt.len() + p.body.as_ref().map_or(0, String::len)).sum::<usize>();
    }
    if count > 0 {
        run.rows_per_command = Some(float(rows as u64) / float(count as u64));
        run.bytes_per_command = Some(float(bytes as u64) / float(count as u64));
    }
    Ok(())
}
