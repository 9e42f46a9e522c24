//! An office on a clock that stands still, on any store.

use std::path::Path;
use std::sync::{Arc, Mutex};

use api::app::directory::{Directory, set_up};
use api::app::trial::stage::Stage;
use engine::journal::{Actor, Command, Envelope};
use engine::machine::Instance;
use engine::model::document::DocumentKind;
use engine::model::office::Post;
use engine::model::{CommandId, PersonId, PostId, Time, UnitId};
use engine::runtime::clock::ManualClock;
use engine::runtime::{Accepted, Chance, Engine, Options, Refusal};
use engine::store::{Store, TaskQuery};

/// When tests begin: a Wednesday, 10:00 in India.
pub const START: &str = "2026-04-01T04:30:00Z";

/// The text of a file of the repository.
///
/// # Panics
/// When it cannot be read.
pub fn text(path: impl AsRef<Path>) -> String {
    let path = crate::top().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Bytes that look random and are the same for the same seed (SplitMix64).
pub fn chance(seed: u64) -> Chance {
    let state = Mutex::new(Random(seed));
    Arc::new(move |bytes: &mut [u8]| {
        let mut random = state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for chunk in bytes.chunks_mut(8) {
            let word = random.next().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    })
}

/// A small generator for tests: the same seed, the same sequence.
#[derive(Debug, Clone)]
pub struct Random(pub u64);

impl Random {
    /// The next 64 bits.
    #[expect(clippy::should_implement_trait, reason = "an endless sequence needs no Option")]
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n.max(1) as u64).unwrap_or(0)
    }

    /// True once in `n` times.
    pub fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// One of several.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        if of.is_empty() { None } else { of.get(self.below(of.len())) }
    }
}

/// A small office: three people who may do everything.
///
/// # Panics
/// Never: it is a literal.
pub fn small_office() -> Directory {
    let person = |handle: &str| serde_json::json!({ "handle": handle, "name": handle });
    let post = |id: &str| serde_json::json!({ "id": id, "unit": "office", "title": { "en": id }, "roles": ["officer", "quality-coordinator"] });
    let appointment =
        |handle: &str, post: &str| serde_json::json!({ "handle": handle, "post": post, "order": "1/2026", "from": "2026-01-01" });
    let directory = serde_json::json!({
        "units": [{ "id": "office", "title": { "en": "Office" }, "parent": null }],
        "posts": [post("post-a"), post("post-b"), post("post-c")],
        "people": [person("asha"), person("bimal"), person("chitra")],
        "appointments": [appointment("asha", "post-a"), appointment("bimal", "post-b"), appointment("chitra", "post-c")]
    });
    serde_json::from_value(directory).expect("an office")
}

/// Deploys the shipped calendars and norms. One may extend another that comes after it.
///
/// # Panics
/// When one is refused for good.
pub async fn deploy_shipped<S: Store>(engine: &Engine<S>) {
    for (folder, kind) in [("calendars", DocumentKind::Calendar), ("norms", DocumentKind::Norm)] {
        let entries = std::fs::read_dir(crate::top().join("definitions").join(folder)).expect("the folder is there");
        let mut waiting: Vec<_> = entries.map(|entry| entry.expect("a file").path()).collect();
        waiting.sort();
        while !waiting.is_empty() {
            let (before, mut later, mut last) = (waiting.len(), Vec::new(), None);
            for path in waiting {
                let command = Command::DeployDocument { kind, document: text(&path) };
                let key = format!("shipped:{}", path.display());
                if let Err(refusal) = engine.submit(&UnitId::site(), Envelope::new(Actor::System, &key, command)).await {
                    last = Some(refusal);
                    later.push(path);
                }
            }
            assert!(later.len() < before, "{later:?} are refused: {last:#?}");
            waiting = later;
        }
    }
}

/// An office at work.
pub struct World<S: Store> {
    /// The engine.
    pub engine: Engine<S>,
    /// Its clock.
    pub clock: Arc<ManualClock>,
    /// The unit in which things happen.
    pub unit: UnitId,
    /// Begins every key; another one where an office goes on that was written before.
    pub keys: &'static str,
    /// Numbers the commands, so that each has a key.
    counter: std::sync::atomic::AtomicU64,
}

impl<S: Store> World<S> {
    /// An office set up on a store.
    ///
    /// # Panics
    /// When the store or the office is refused.
    pub async fn new(store: S, directory: &Directory, unit: &str) -> Self {
        Self::at(store, directory, unit, "office.example").await
    }

    /// The same under another host's name.
    ///
    /// # Panics
    /// When the store or the office is refused.
    pub async fn at(store: S, directory: &Directory, unit: &str, host: &str) -> Self {
        let clock = Arc::new(ManualClock::new(Time::parse(START).expect("a fixed instant")));
        let options = Options { clock: Arc::clone(&clock) as Arc<_>, chance: chance(7), host: host.into(), ..Options::default() };
        let engine = Engine::open(store, options).await.expect("the store opens");
        set_up(&engine, directory).await.expect("the office is set up");
        Self { engine, clock, unit: unit.parse().expect("a unit id"), keys: "key", counter: 0.into() }
    }

    /// Another node that serves the same office on the same clock. `keys` begins the keys of its commands.
    ///
    /// # Panics
    /// When the store is refused.
    pub async fn node(&self, store: S, keys: &'static str) -> Self {
        let options = Options { chance: chance(keys.len() as u64 + 100), ..self.engine.options().clone() };
        let engine = Engine::open(store, options).await.expect("the store opens");
        Self { engine, clock: Arc::clone(&self.clock), unit: self.unit.clone(), keys, counter: 0.into() }
    }

    /// A key that no command had before.
    pub fn key(&self) -> String {
        format!("{}-{}", self.keys, self.counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
    }

    /// A person by handle.
    ///
    /// # Panics
    /// When there is none.
    pub fn person(&self, handle: &str) -> PersonId {
        let office = self.engine.office();
        office.by_handle(handle).unwrap_or_else(|| panic!("no person {handle}")).id.clone()
    }

    /// Appoints somebody new to a post of their own with these roles.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn hire(&self, handle: &str, roles: &[&str]) {
        let post = serde_json::json!({ "id": format!("post-of-{handle}"), "unit": self.unit, "title": { "en": handle }, "roles": roles });
        let post: Post = serde_json::from_value(post).expect("a post");
        let id = post.id.clone();
        self.submit_site("system", Command::PutPost { post }).await.expect("it is put");
        let register = Command::RegisterPerson { handle: handle.to_owned(), name: handle.to_owned() };
        self.submit_site("system", register).await.expect("they are registered");
        self.appoint(handle, &id).await;
    }

    /// Appoints a person to a post from now on.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn appoint(&self, handle: &str, post: &PostId) {
        let (person, post, order) = (self.person(handle), post.clone(), "2/2026".to_owned());
        self.submit_site("system", Command::Appoint { person, post, order, from: None, to: None })
            .await
            .expect("they are appointed");
    }

    /// Submits a command under a new key, for a person by handle or for the program (`system`).
    ///
    /// # Errors
    /// The refusal.
    pub async fn submit(&self, actor: &str, command: Command) -> Result<Accepted, Refusal> {
        let actor = if actor == "system" { Actor::System } else { Actor::Person(self.person(actor)) };
        self.engine.submit(&self.unit, Envelope::new(actor, &self.key(), command)).await
    }

    /// Deploys a definition in the unit of its owner's post.
    ///
    /// # Errors
    /// The refusal.
    pub async fn deploy(&self, document: &str) -> Result<Accepted, Refusal> {
        let owner = serde_json::from_str::<serde_json::Value>(document).ok();
        let owner = owner.and_then(|document| document["owner"]["post"].as_str().and_then(|post| post.parse().ok()));
        let office = self.engine.office();
        let unit = owner.and_then(|post| office.posts.get(&post)).map_or_else(|| self.unit.clone(), |post| post.unit.clone());
        let command = Command::DeployDefinition { document: document.to_owned() };
        self.engine.submit(&unit, Envelope::new(Actor::System, &self.key(), command)).await
    }

    /// Submits a command to the site log under a new key, for a person by handle or for the program (`system`).
    ///
    /// # Errors
    /// The refusal.
    pub async fn submit_site(&self, actor: &str, command: Command) -> Result<Accepted, Refusal> {
        let actor = if actor == "system" { Actor::System } else { Actor::Person(self.person(actor)) };
        self.engine.submit(&UnitId::site(), Envelope::new(actor, &self.key(), command)).await
    }

    /// Deploys a norm, calendar, schedule or page, as the person or as the program (`system`).
    ///
    /// # Errors
    /// The refusal.
    pub async fn deploy_document(&self, actor: &str, kind: DocumentKind, document: &str) -> Result<Accepted, Refusal> {
        self.submit_site(actor, Command::DeployDocument { kind, document: document.to_owned() }).await
    }

    /// Moves the clock by seconds and carries out what has fallen due, instant by instant.
    ///
    /// # Panics
    /// When due work is refused.
    pub async fn advance(&self, seconds: i64) {
        let key = || self.key();
        self.stage(&key).advance(seconds).await.expect("due work is carried out");
    }

    /// The stage on which scenarios are acted out.
    pub fn stage<'a>(&'a self, key: &'a (dyn Fn() -> String + Sync)) -> Stage<'a, S> {
        Stage { engine: &self.engine, clock: &self.clock, unit: &self.unit, key, spend: &|_| true }
    }

    /// Open tasks of the unit.
    ///
    /// # Panics
    /// When the store does not answer.
    pub async fn open_tasks(&self) -> Vec<engine::projection::row::TaskRow> {
        self.engine.store().tasks(&self.unit, &TaskQuery { limit: 200, ..TaskQuery::default() }).await.expect("the store answers")
    }

    /// A case as it stands, checked: no token is stranded, and replaying the journal gives the same state.
    ///
    /// # Panics
    /// When there is no such case, or a law is broken.
    pub async fn case(&self, id: CommandId) -> Instance {
        let case = self.engine.instance(&self.unit, id).await.expect("the store answers").expect("the case is there");
        assert_eq!(case.stranded(), Vec::<u32>::new(), "tokens are stranded in {case:#?}");
        let deployed = self.engine.library().get(&case.definition).cloned().expect("the definition stays deployed");
        for (number, token) in &case.tokens {
            let held = case.incidents.values().any(|incident| incident.token == *number);
            let step = deployed.graph.step(&token.step).expect("a token stands on a step");
            let waits = token.wait != engine::machine::state::Wait::Nothing;
            let joins = matches!(deployed.graph.steps[step].kind, engine::graph::StepKind::ParallelGateway);
            assert!(waits || held || joins, "the token {number} is stranded on {}: {case:#?}", token.step);
        }
        assert!(!case.is_over() || (case.tokens.is_empty() && case.tasks.is_empty() && case.timers.is_empty()), "{case:#?}");
        let replayed = self.engine.replayed(&self.unit, id).await.expect("the store answers");
        assert_eq!(replayed.as_ref(), Some(&case), "replay differs from the snapshot and its tail");
        case
    }
}
