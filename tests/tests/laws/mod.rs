//! Laws that hold for every definition and every sequence of commands.

mod edit;
mod generate;

use std::collections::BTreeMap;

use edit::{Edited, edit};
use engine::journal::{Actor, Command};
use engine::model::moving::{Authority, Mapping};
use engine::model::{CommandId, InstanceStatus, Values};
use engine::runtime::Refusal;
use engine::store::memory::MemoryStore;
use engine::store::{InstanceQuery, Store};
use serde_json::json;
use tests::scenario::check_all;
use tests::world::{Random, World, small_office};

/// Cases of this many random definitions; `SEVOTTAM_LAWS` raises it.
fn rounds() -> u64 {
    std::env::var("SEVOTTAM_LAWS").ok().and_then(|text| text.parse().ok()).unwrap_or(60)
}

#[tokio::test(flavor = "multi_thread")]
async fn random_definitions_and_commands_keep_the_laws() {
    let mut moved = 0;
    for seed in 0..rounds() {
        let random = Random(seed);
        let mut live = Live::new(random).await;
        for _ in 0..60 {
            live.something().await;
        }
        moved += live.moved;
        live.finish(seed).await;
    }
    assert!(moved >= usize::try_from(rounds()).unwrap_or(0), "only {moved} cases were moved");
}

/// An office in which things happen at random.
struct Live {
    world: World<MemoryStore>,
    random: Random,
    /// The versions of the process, the first one first; of each, how it came from the one before.
    versions: Vec<Edited>,
    /// How many cases were moved.
    moved: usize,
}

impl Live {
    async fn new(mut random: Random) -> Self {
        let world = World::new(MemoryStore::default(), &small_office(), "office").await;
        let documents = generate::processes(&mut random);
        let first = documents.last().cloned().expect("a process");
        for document in documents {
            let text = serde_json::to_string(&document).expect("it is JSON");
            let deployed = world.deploy(&text).await;
            deployed.unwrap_or_else(|refusal| panic!("a sound definition is refused: {refusal:#?}\n{document:#}"));
        }
        let versions = vec![Edited { document: first, steps: BTreeMap::new(), is_harmless: true }];
        let mut live = Self { world, random, versions, moved: 0 };
        live.start().await;
        live
    }

    async fn start(&mut self) {
        let data = Values::from([("n".to_owned(), json!(self.random.below(10)))]);
        let command = Command::StartInstance { process: "random".into(), definition: None, number: None, data };
        self.world.submit("asha", command).await.expect("it starts");
        self.world.advance(0).await;
    }

    /// One random command, legal or not, then every law.
    async fn something(&mut self) {
        let actor = *self.random.pick(&["asha", "bimal", "chitra"]).expect("there are some");
        match self.random.below(18) {
            0 => self.start().await,
            1..=5 => self.work(actor).await,
            6 => self.job().await,
            7 => self.message().await,
            8 => self.world.advance(i64::try_from(self.random.below(200_000)).unwrap_or(0)).await,
            9 => self.halt().await,
            10 => self.retry().await,
            11 | 12 => self.change().await,
            13..=16 => self.move_on().await,
            _ => self.nonsense(actor).await,
        }
        self.world.advance(0).await;
        check_all(&self.world).await;
    }

    async fn work(&mut self, actor: &str) {
        let tasks = self.world.open_tasks().await;
        let Some(task) = self.random.pick(&tasks).cloned() else { return };
        let data = Values::from([("n".to_owned(), json!(self.random.below(10)))]);
        let actor = match &task.assignee {
            Some(person) => {
                let office = self.world.engine.office();
                office.people.get(person).map_or("asha".to_owned(), |person| person.handle.clone())
            }
            None => actor.to_owned(),
        };
        if task.assignee.is_none() {
            tolerate(self.world.submit(&actor, Command::ClaimTask { task: task.id }).await);
        }
        if self.random.once_in(8) {
            tolerate(self.world.submit(&actor, Command::ReleaseTask { task: task.id }).await);
        } else {
            tolerate(self.world.submit(&actor, Command::CompleteTask { task: task.id, data }).await);
        }
    }

    async fn job(&mut self) {
        let topics = ["topic".to_owned()];
        let key = self.world.key();
        let actor = engine::journal::Actor::System;
        let locked = self.world.engine.lock_jobs(&self.world.unit, &actor, &key, "w", &topics, 30, 1).await.expect("it answers");
        let Some(job) = locked.first() else { return };
        let command = if self.random.once_in(3) {
            Command::FailJob { job: job.id, worker: "w".into(), message: "no".into(), retries: None, backoff_seconds: 5 }
        } else {
            let data = Values::from([("n".to_owned(), json!(self.random.below(10)))]);
            Command::CompleteJob { job: job.id, worker: "w".into(), data }
        };
        tolerate(self.world.submit("system", command).await);
    }

    async fn message(&mut self) {
        let name = format!("m{}", self.random.below(3));
        let data = Values::from([("n".to_owned(), json!(self.random.below(10)))]);
        tolerate(self.world.submit("system", Command::PublishMessage { name, key: String::new(), ttl_seconds: 600, data }).await);
    }

    async fn cases(&self) -> Vec<engine::projection::row::InstanceRow> {
        let query = InstanceQuery { limit: 200, ..InstanceQuery::default() };
        self.world.engine.store().instances(&self.world.unit, &query).await.expect("it answers")
    }

    async fn halt(&mut self) {
        let cases = self.cases().await;
        let Some(instance) = self.random.pick(&cases).map(|row| row.id) else { return };
        let reason = "because".to_owned();
        let command = match self.random.below(5) {
            0 => Command::CancelInstance { instance, reason },
            1 | 2 => Command::SuspendInstance { instance, reason },
            _ => Command::ResumeInstance { instance },
        };
        tolerate(self.world.submit("system", command).await);
    }

    /// Another version of the process.
    async fn change(&mut self) {
        let Some(newest) = self.versions.last().filter(|_| self.versions.len() < 6) else { return };
        let edited = edit(&mut self.random, &newest.document, self.versions.len());
        match self.world.deploy(&edited.document.to_string()).await {
            Ok(_) => self.versions.push(edited),
            // What an edit makes may be unsound, and is then no version.
            Err(Refusal::Rejected(_)) => {}
            Err(other) => panic!("{other:?}"),
        }
    }

    /// A case is moved to a later version, or is not; a forecast says which.
    async fn move_on(&mut self) {
        let cases = self.cases().await;
        let any = self.random.once_in(8);
        let is_running = |status| matches!(status, InstanceStatus::Active | InstanceStatus::Suspended);
        let running = cases.into_iter().filter(|row| row.process == "random" && (any || is_running(row.status)));
        let running: Vec<_> = running.collect();
        let Some(row) = self.random.pick(&running).cloned() else { return };
        let library = self.world.engine.library();
        let versions: Vec<_> = library.versions("random").iter().map(|deployed| deployed.graph.hash).collect();
        let Some(at) = versions.iter().position(|hash| *hash == row.definition) else { return };
        let to = at + 1 + self.random.below(2);
        let Some(definition) = versions.get(to).copied() else { return };
        let mut steps: BTreeMap<String, String> = BTreeMap::new();
        for version in &self.versions[at + 1..=to] {
            let mut next = version.steps.clone();
            for renamed in steps.values_mut() {
                if let Some(again) = next.remove(renamed) {
                    *renamed = again;
                }
            }
            for (from, to) in next {
                steps.entry(from).or_insert(to);
            }
        }
        // Of what is not there any more nothing is said.
        let graph = |hash| library.get(hash).map(|deployed| &deployed.graph).expect("it is deployed");
        let (old, new) = (graph(&row.definition), graph(&definition));
        steps.retain(|from, to| old.step(from).is_some() && new.step(to).is_some());
        let is_harmless = self.versions[at + 1..=to].iter().all(|version| version.is_harmless);
        let mapping = Mapping { steps, ..Mapping::default() };
        let before = self.world.case(row.id).await;
        let told = self.world.engine.forecast(&self.world.unit, &Actor::System, row.id, definition, &mapping).await;
        let authority = Authority { order: "OO 7/2026".into(), reason: "A new issue".into(), consent: None };
        let command = Command::MoveInstance { instance: row.id, from: before.definition, definition, mapping, authority };
        let answer = self.world.submit("system", command).await;
        let told = told.map(|told| told.refusal);
        match (&told, &answer) {
            (Ok(None), Ok(_)) => self.moved += 1,
            (Ok(Some(told)), Err(Refusal::Rejected(refused))) => {
                assert_eq!(told.code, refused.code, "{refused:#?}");
                let runs = before.status == InstanceStatus::Active;
                assert!(!runs || !is_harmless, "a harmless change is refused: {refused:#?}\n{before:#?}");
            }
            other => panic!("a forecast says otherwise than what came of it: {other:#?}"),
        }
    }

    async fn retry(&mut self) {
        let incidents = self.world.engine.store().incidents(&self.world.unit, None, 50).await.expect("it answers");
        let Some(incident) = self.random.pick(&incidents) else { return };
        let command = Command::RetryIncident { instance: incident.instance, incident: incident.id };
        tolerate(self.world.submit("system", command).await);
    }

    /// A command about something that is not there, or not so: refused, and nothing is written.
    async fn nonsense(&mut self, actor: &str) {
        let before = self.world.engine.store().head(&self.world.unit).await.expect("it answers");
        let nobody = CommandId([u8::try_from(self.random.below(256)).unwrap_or(0); 16]);
        let made = engine::model::id::Made { command: nobody, ordinal: 1 };
        let command = match self.random.below(6) {
            0 => Command::ClaimTask { task: made },
            1 => Command::CompleteTask { task: made, data: Values::new() },
            2 => Command::FireTimer { instance: nobody, timer: made },
            3 => Command::StartInstance { process: "nothing".into(), definition: None, number: None, data: Values::new() },
            4 => Command::CancelInstance { instance: nobody, reason: "no".into() },
            _ => Command::CompleteJob { job: made, worker: "w".into(), data: Values::new() },
        };
        let refused = self.world.submit(actor, command).await;
        assert!(matches!(refused, Err(Refusal::Rejected(_))), "{refused:?}");
        let after = self.world.engine.store().head(&self.world.unit).await.expect("it answers");
        assert_eq!(before, after, "a refusal left a trace");
    }

    /// Works off everything: every case can still come to an end, or is held by an incident.
    async fn finish(&mut self, seed: u64) {
        for row in self.cases().await {
            if row.status == InstanceStatus::Suspended {
                tolerate(self.world.submit("system", Command::ResumeInstance { instance: row.id }).await);
            }
        }
        for _ in 0..400 {
            if self.cases().await.iter().all(|row| row.status != InstanceStatus::Active) {
                break;
            }
            self.work("asha").await;
            self.job().await;
            self.message().await;
            self.retry().await;
            self.world.advance(50_000).await;
        }
        check_all(&self.world).await;
        tests::bundle::audit(&self.world).await;
        for row in self.cases().await {
            let held = !self.world.case(row.id).await.incidents.is_empty();
            let over = matches!(row.status, InstanceStatus::Completed | InstanceStatus::Cancelled);
            assert!(over || held, "seed {seed}: the case {} never ends: {:#?}", row.id, self.world.case(row.id).await);
        }
    }
}

/// A refusal is an answer too; what is not is a fault of the store.
fn tolerate<T>(answer: Result<T, Refusal>) {
    match answer {
        Ok(_) | Err(Refusal::Rejected(_)) => {}
        Err(other) => panic!("{other:?}"),
    }
}
