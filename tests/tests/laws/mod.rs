//! Laws that hold for every definition and every sequence of commands.

mod generate;

use engine::journal::Command;
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
    for seed in 0..rounds() {
        let random = Random(seed);
        let mut live = Live::new(random).await;
        for _ in 0..60 {
            live.something().await;
        }
        live.finish(seed).await;
    }
}

/// An office in which things happen at random.
struct Live {
    world: World<MemoryStore>,
    random: Random,
}

impl Live {
    async fn new(mut random: Random) -> Self {
        let world = World::new(MemoryStore::default(), &small_office(), "office").await;
        for document in generate::processes(&mut random) {
            let text = serde_json::to_string(&document).expect("it is JSON");
            let deployed = world.deploy(&text).await;
            deployed.unwrap_or_else(|refusal| panic!("a sound definition is refused: {refusal:#?}\n{document:#}"));
        }
        let mut live = Self { world, random };
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
        match self.random.below(12) {
            0 => self.start().await,
            1..=5 => self.work(actor).await,
            6 => self.job().await,
            7 => self.message().await,
            8 => self.world.advance(i64::try_from(self.random.below(200_000)).unwrap_or(0)).await,
            9 => self.halt().await,
            10 => self.retry().await,
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
