//! Two logs told by hand, with fixed times and salts: the story of a case, and the office. Every kind of bytes is in them.

use std::collections::BTreeMap;

use engine::digest::{Hash, leaf_hash};
use engine::journal::codec::{Draft, HANDED_OVER, seal};
use engine::journal::entry::{Entry, Link, Origin, Sealed};
use engine::journal::event::{CallOutcome, Caller, Event};
use engine::journal::{Actor, Command, Envelope};
use engine::model::id::Made;
use engine::model::office::{Post, Unit};
use engine::model::{CommandId, PersonId, PostId, Text, Time, Values};
use serde_json::{Value, json};

/// A log, and its entries as they should be read back.
pub(super) struct Log {
    pub(super) origin: &'static str,
    pub(super) sealed: Vec<Sealed>,
    pub(super) entries: Vec<Entry>,
    cases: BTreeMap<CommandId, (u64, Hash)>,
    salts: u32,
}

/// Who asks for what, and which case it is about.
pub(super) struct Told<'a> {
    pub(super) actor: &'a Actor,
    pub(super) via: Option<&'a PostId>,
    pub(super) command: Command,
    pub(super) case: Option<Case>,
}

#[derive(Clone, Copy)]
pub(super) enum Case {
    /// The command starts it.
    New,
    Old(CommandId),
}

impl Log {
    pub(super) fn new(origin: &'static str) -> Self {
        Self { origin, sealed: Vec::new(), entries: Vec::new(), cases: BTreeMap::new(), salts: 0 }
    }

    /// Adds an entry; its key is its index.
    pub(super) fn tell(&mut self, told: Told<'_>, definition: Option<Hash>, events: &[Event]) -> CommandId {
        let index = self.sealed.len() as u64;
        let Envelope { id, actor, content, command } = Envelope::new(told.actor.clone(), &format!("key-{index}"), told.command);
        let step = i64::try_from(index).unwrap_or_default();
        let time = Time::parse("2026-11-22T04:00:01Z").expect("a time");
        let origin = Origin { command: id, actor, time: Time(time.0 + step * 61_000_001) };
        let link = told.case.map(|case| {
            let instance = if let Case::Old(instance) = case { instance } else { id };
            let last = self.cases.get(&instance);
            Link { instance, sequence: last.map_or(1, |(n, _)| n + 1), previous: last.map(|(_, hash)| *hash) }
        });
        let kind = command.kind();
        let via = told.via;
        let draft = Draft { log: self.origin, index, kind, origin: &origin, via, content, link, definition, events };
        fn apart<'n>(_: &Event, name: &'n str) -> Option<&'n str> {
            match name {
                "applicant" | "address" | "handle" | "name" => Some(name),
                "greeting" => Some(HANDED_OVER),
                _ => None,
            }
        }
        let mut salt = || {
            self.salts += 1;
            *Hash::of(format!("salt {}", self.salts).as_bytes()).as_bytes()
        };
        let sealed = seal(&draft, &apart, &mut salt).expect("an entry");
        let leaf_hash = leaf_hash(sealed.leaf.as_bytes());
        if let Some(link) = link {
            self.cases.insert(link.instance, (link.sequence, leaf_hash));
        }
        let (kind, via, events) = (kind.to_owned(), via.cloned(), events.to_vec());
        let handed_over = sealed.is_handed_over();
        self.entries.push(Entry { index, kind, origin, via, link, definition, leaf_hash, events, handed_over });
        self.sealed.push(sealed);
        id
    }
}

pub(super) fn values<const N: usize>(values: [(&str, Value); N]) -> Values {
    values.map(|(name, value)| (name.to_owned(), value)).into()
}

pub(super) fn text(text: &str) -> String {
    text.to_owned()
}

pub(super) fn person(n: u8) -> PersonId {
    PersonId::of(CommandId([n; 16]))
}

pub(super) fn post() -> PostId {
    "refund-process-owner".parse().expect("a post")
}

fn entered(token: u32, step: &str, scope: u32, flow: Option<&str>) -> Event {
    Event::StepEntered { token, step: text(step), scope, flow: flow.map(text) }
}

/// A refund claim from its lodging to its end, with what goes wrong on the way.
pub(super) fn unit() -> Log {
    let mut log = Log::new("office.example/unit/mumbai-3/1");
    let system = &Actor::System;
    let coordinator = &Actor::Person(person(1));
    let officer = &Actor::Person(person(2));
    let applicant = &Actor::Person(person(3));
    let via = &post();
    let at = |seconds: i64| Time(1_795_320_000_000_000 + seconds * 1_000_000);
    let definition = Hash::of(b"svc.refund");
    let called = Hash::of(b"svc.refund.audit");
    let made = |command, ordinal| Made { command, ordinal };

    let document = text("{ \"id\": \"svc.refund\", \"title\": { \"en\": \"Refund claim\", \"hi\": \"प्रतिदाय दावा\" } }\n");
    let told =
        Told { actor: coordinator, via: None, command: Command::DeployDefinition { document: document.clone() }, case: None };
    log.tell(told, None, &[Event::DefinitionDeployed { definition, process: text("svc.refund"), version: 1, document }]);

    let (name, key, data) = (text("bank-answer"), text("R-7"), values([("account", json!("known"))]));
    let command = Command::PublishMessage { name: name.clone(), key: key.clone(), ttl_seconds: 3600, data: data.clone() };
    let expires = at(3600);
    let told = Told { actor: officer, via: Some(via), command, case: None };
    let early = log.tell(told, None, &[Event::MessageBuffered { ordinal: 0, name, key, expires, data }]);

    let data = values([
        ("applicant", json!("आशा \"Asha\" Rao")),
        ("address", json!({ "town": "Thane", "lines": ["1\\2", "\u{1}\u{7f}😀"], "b": null })),
        ("amount", json!("1250.50")),
        ("pages", json!(12)),
        ("urgent", json!(true)),
    ]);
    let started = Event::InstanceStarted {
        definition,
        process: text("svc.refund"),
        number: Some(text("R/2026/7")),
        caller: None,
        calls: [(text("svc.refund.audit"), called)].into(),
        norms: BTreeMap::new(),
        data: data.clone(),
    };
    let command = Command::StartInstance { process: text("svc.refund"), definition: None, number: Some(text("R/2026/7")), data };
    let created = |ordinal| Event::TaskCreated {
        ordinal,
        token: 0,
        step: text("scrutinise"),
        role: text("inspector"),
        only: None,
        due: Some(at(86_400)),
        counted: None,
        by: None,
    };
    let told = Told { actor: applicant, via: None, command, case: Some(Case::New) };
    let a = log.tell(
        told,
        Some(definition),
        &[started, entered(0, "lodged", 0, None), entered(0, "scrutinise", 0, None), created(0)],
    );
    let case = Some(Case::Old(a));
    let task = made(a, 0);
    let mut tell = |actor: &Actor, via: Option<&PostId>, command: Command, events: &[Event]| {
        log.tell(Told { actor, via, command, case }, Some(definition), events)
    };

    let appointment = Some(made(CommandId([9; 16]), 0));
    let claimed = Event::TaskClaimed { task, person: person(2), post: Some(post()), appointment };
    tell(officer, Some(via), Command::ClaimTask { task }, &[claimed]);
    tell(officer, Some(via), Command::ReleaseTask { task }, &[Event::TaskReleased { task }]);

    let data = values([("complete", json!(true)), ("applicant", json!("Asha R. Rao"))]);
    let command = Command::CompleteTask { task, data: data.clone() };
    let completed = tell(
        officer,
        Some(via),
        command,
        &[
            Event::TaskCompleted { task, data, into: Some(0) },
            Event::VariablesSet { scope: 0, values: values([("applicant", Value::Null), ("complete", json!(true))]) },
            entered(0, "complete?", 0, None),
            entered(0, "pay", 0, Some("complete?.1")),
            Event::ScopeOpened { scope: 1, token: 0 },
            entered(1, "transfer", 1, None),
            Event::JobCreated {
                ordinal: 0,
                token: 1,
                step: text("transfer"),
                topic: text("bank.transfer"),
                retries: 3,
                data: values([("amount", json!("1250.50"))]),
            },
            Event::TimerArmed { ordinal: 1, token: 1, step: text("late"), due: at(172_800), repeats: 2, counted: None },
            Event::SubscriptionOpened { ordinal: 2, token: 1, step: text("stop"), name: text("withdrawn"), key: text("R-7") },
            Event::VariablesSet { scope: 1, values: Values::new() },
        ],
    );
    let job = made(completed, 0);
    let worker = || text("bank-1");
    let command = Command::LockJob { job, worker: worker(), seconds: 60 };
    tell(system, None, command, &[Event::JobLocked { job, worker: worker(), until: at(90) }]);
    let (message, retries, backoff_seconds) = (text("the bank said \u{201c}no\u{201d}"), Some(0), 0);
    let command = Command::FailJob { job, worker: worker(), message: message.clone(), retries, backoff_seconds };
    let raised = Event::IncidentRaised { ordinal: 0, token: 1, code: text("job.failed"), message: text("Look at the job.") };
    let failed = tell(system, None, command, &[Event::JobFailed { job, message, retries: 0, available: at(95) }, raised]);
    let incident = made(failed, 0);
    let retried = [Event::IncidentResolved { incident }, Event::JobRetried { job, retries: 3 }];
    tell(officer, Some(via), Command::RetryIncident { instance: a, incident }, &retried);
    let timer = made(completed, 1);
    let fired =
        [Event::TimerFired { timer }, Event::JobCancelled { job }, created(0), Event::TaskCancelled { task: made(failed, 1) }];
    tell(system, None, Command::FireTimer { instance: a, timer }, &fired);

    let data = values([("utr", json!("N123"))]);
    let command = Command::CompleteJob { job, worker: worker(), data: data.clone() };
    let depth = 1;
    let finished = tell(
        system,
        None,
        command,
        &[
            Event::JobCompleted { job, data },
            Event::TimerDisarmed { timer },
            Event::TokensConsumed { tokens: vec![1] },
            Event::ScopeClosed { scope: 1 },
            Event::MessageThrown { ordinal: 0, name: text("paid"), key: text("R-7"), ttl_seconds: 60, data: Values::new() },
            Event::CallRequested {
                ordinal: 1,
                token: 0,
                definition: called,
                depth,
                data: values([("applicant", json!("Asha"))]),
            },
        ],
    );
    let due = made(finished, 0);
    let (name, key, data) = (text("withdrawn"), text("R-7"), values([("address", json!([]))]));
    let command = Command::PublishMessage { name, key, ttl_seconds: 0, data: data.clone() };
    let subscription = made(completed, 2);
    let received = Event::MessageReceived { message: made(early, 0), subscription: Some(subscription), data };
    tell(system, None, command, &[Event::DeliveryMade { due }, received, Event::SubscriptionClosed { subscription }]);

    let caller = Caller { instance: a, token: 0, depth };
    let command = Command::StartCalled { parent: a, token: 0, definition: called, depth, data: Values::new() };
    let started = Event::InstanceStarted {
        definition: called,
        process: text("svc.refund.audit"),
        number: None,
        caller: Some(caller.clone()),
        calls: BTreeMap::new(),
        norms: BTreeMap::new(),
        data: Values::new(),
    };
    let outcome = CallOutcome::Completed;
    let answered = Event::CallAnswered { ordinal: 0, caller, outcome, data: values([("fair", json!(false))]) };
    let told = Told { actor: system, via: None, command, case: Some(Case::New) };
    let b = log.tell(told, Some(called), &[started, entered(0, "end", 0, None), Event::InstanceCompleted, answered]);

    let mut tell = |actor: &Actor, via: Option<&PostId>, command: Command, events: &[Event]| {
        log.tell(Told { actor, via, command, case }, Some(definition), events)
    };
    let data = values([("fair", json!(false))]);
    let command = Command::ReturnCall { parent: a, token: 0, called: b, outcome, data: data.clone() };
    tell(
        system,
        None,
        command,
        &[Event::DeliveryMade { due: made(b, 0) }, Event::CallReturned { token: 0, called: b, outcome, data }],
    );
    let reason = || text("a court's order");
    let command = Command::SuspendInstance { instance: a, reason: reason() };
    tell(officer, Some(via), command, &[Event::InstanceSuspended { reason: reason() }]);
    tell(officer, Some(via), Command::ResumeInstance { instance: a }, &[Event::InstanceResumed]);
    let command = Command::CancelInstance { instance: a, reason: reason() };
    let abandoned = Event::CallAbandoned { ordinal: 0, token: 0, called: b };
    let consumed = Event::TokensConsumed { tokens: vec![0, 2] };
    tell(officer, Some(via), command, &[abandoned, consumed, Event::InstanceCancelled { reason: reason() }]);

    let message = made(early, 0);
    let told = Told { actor: system, via: None, command: Command::ExpireMessage { message }, case: None };
    log.tell(told, None, &[Event::MessageExpired { message }]);
    log
}

/// The office: a unit, a post, a person, and the appointment that joins them.
pub(super) fn site() -> Log {
    let mut log = Log::new("office.example/site/1");
    let clerk = &Actor::Person(person(1));
    let mut tell =
        |command: Command, event: Event| log.tell(Told { actor: clerk, via: None, command, case: None }, None, &[event]);
    let title = Text { en: text("Mumbai III"), others: [(text("hi"), text("मुंबई ३"))].into() };
    let unit = Unit { id: "mumbai-3".parse().expect("a unit"), title, parent: None, calendar: None };
    tell(Command::PutUnit { unit: unit.clone() }, Event::UnitPut { unit: unit.clone() });
    let part = Unit {
        id: "range-1".parse().expect("a unit"),
        title: Text::english("Range 1"),
        parent: Some(unit.id.clone()),
        calendar: None,
    };
    tell(Command::PutUnit { unit: part.clone() }, Event::UnitPut { unit: part });
    let title = Text::english("Refund process owner");
    let chair = Post { id: post(), unit: unit.id, title, roles: vec![text("inspector"), text("refund.owner")] };
    tell(Command::PutPost { post: chair.clone() }, Event::PostPut { post: chair });
    let data = values([("handle", json!("asha")), ("name", json!("Asha Rao"))]);
    let command = Command::RegisterPerson { handle: text("asha"), name: text("Asha Rao") };
    let person = PersonId::of(tell(command, Event::PersonRegistered { data }));
    let (post, order, from) = (post(), text("Office Order 17/2026"), Time(1_795_320_000_000_000));
    let command =
        Command::Appoint { person: person.clone(), post: post.clone(), order: order.clone(), from: Some(from), to: None };
    let appointed = tell(command, Event::AppointmentMade { person, post, order, from, to: Some(Time(from.0 + 1)) });
    let (appointment, order, at) = (Made { command: appointed, ordinal: 0 }, text("Office Order 18/2026"), from);
    let command = Command::EndAppointment { appointment, order: order.clone(), at: None };
    tell(command, Event::AppointmentEnded { appointment, order, at });
    log
}
