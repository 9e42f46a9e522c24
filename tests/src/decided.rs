//! E-10: of many cases one in a hundred was written otherwise than it was decided, so well that every hash and signature fits. Living through
//! them once more finds all of those, each where it was changed, and no other.

use std::collections::{BTreeMap, BTreeSet};

use engine::audit::{replay, replay_within};
use engine::evidence::bundle::{Bundle, pack, verify};
use engine::journal::{Actor, Command, Entry, Event};
use engine::model::id::Made;
use engine::model::{CommandId, PersonId, Values};
use engine::runtime::Accepted;
use engine::runtime::bundle::gather;
use engine::store::memory::MemoryStore;
use serde_json::json;

use crate::bundle::{everything, office, policy, signed};
use crate::forge::rewritten;
use crate::world::{World, small_office};

/// From so many cases on one of each kind is written otherwise.
pub const CASES: usize = 600;
/// Of so many cases one.
const ONE_IN: usize = 100;
/// Cases that go side by side.
const TOGETHER: usize = 50;

const PROCESS: &str = r#"{
    "id": "checked", "title": { "en": "Checked" }, "owner": { "post": "post-a" },
    "data": { "amount": { "title": { "en": "Amount" }, "type": "integer" } },
    "steps": [
        { "id": "begin", "type": "startEvent", "next": "check" },
        { "id": "check", "type": "userTask", "performer": { "role": "officer" }, "form": "claim", "outputs": ["amount"],
          "due": { "after": "P2D", "verified": false }, "next": "much?" },
        { "id": "much?", "type": "exclusiveGateway", "next": [{ "to": "decide", "when": "amount > 100" }, { "to": "note" }] },
        { "id": "decide", "type": "userTask", "performer": { "role": "officer", "notWhoDid": ["check"] }, "next": "wait" },
        { "id": "note", "type": "userTask", "performer": { "role": "officer" }, "next": "wait" },
        { "id": "wait", "type": "intermediateCatchEvent", "timer": { "after": "PT2H" }, "next": "close" },
        { "id": "close", "type": "userTask", "performer": { "role": "officer" }, "due": { "after": "P1D", "verified": false }, "next": "end" },
        { "id": "end", "type": "endEvent" }
    ],
    "forms": { "claim": { "title": { "en": "Claim" }, "schema": {
        "type": "object", "properties": { "amount": {} }, "required": ["amount"] } } }
}"#;

/// How a case is written otherwise. Each yields the command of the entry in which that is to be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    DueDate,
    SkippedStep,
    OtherBranch,
    SeparationOfDuties,
    OtherAssignee,
    TimerEarly,
}

const KINDS: [(Kind, &str); 6] = [
    (Kind::DueDate, "another due date"),
    (Kind::SkippedStep, "a step left out"),
    (Kind::OtherBranch, "the gateway's other branch"),
    (Kind::SeparationOfDuties, "a task done by whom the separation of duties forbids"),
    (Kind::OtherAssignee, "another assignee"),
    (Kind::TimerEarly, "a timer that fired early"),
];

/// How the case of this number is written otherwise, if it is.
fn planted(number: usize) -> Option<Kind> {
    (number % ONE_IN == 7).then(|| KINDS[number / ONE_IN % KINDS.len()].0)
}

/// The entries of one case.
struct Case<'a>(Vec<&'a mut Entry>);

impl Case<'_> {
    /// The entry of a kind, so many of that kind coming before it.
    fn entry(&mut self, kind: &str, before: usize) -> &mut Entry {
        self.0.iter_mut().filter(|entry| entry.kind == kind).nth(before).expect("the entry")
    }
}

fn created(entry: &mut Entry) -> (&mut String, &mut Option<engine::model::Time>) {
    let created = entry.events.iter_mut().find_map(|event| match event {
        Event::TaskCreated { step, due, .. } => Some((step, due)),
        _ => None,
    });
    created.expect("a task")
}

/// The events of an entry but for the completion of its task.
fn what_follows(entry: &Entry) -> impl Iterator<Item = &Event> {
    entry.events.iter().filter(|event| !matches!(event, Event::TaskCompleted { .. }))
}

/// Writes a case otherwise: the command of the entry in which that is to be found, and those of the entries that are left out. `flow` is that of
/// the other branch.
fn alter(case: &mut Case<'_>, kind: Kind, number: usize, other: &PersonId, flow: Option<&str>) -> (CommandId, Vec<CommandId>) {
    match kind {
        Kind::DueDate => {
            let entry = case.entry("instance.started", 0);
            let due = created(entry).1.as_mut().expect("a due date");
            *due = due.plus_seconds(86_400);
            (entry.origin.command, Vec::new())
        }
        Kind::SkippedStep => {
            // What followed from the decision follows from the check at once, and nobody decided.
            let (decided, at) = (case.entry("task.completed", 1).clone(), case.entry("task.completed", 0).origin.clone());
            let claimed = case.entry("task.claimed", 1).origin.command;
            let sooner = at.time.0 - decided.origin.time.0;
            let entry = case.entry("task.completed", 0);
            entry.events.retain(|event| match event {
                Event::TaskCreated { .. } => false,
                Event::StepEntered { step, .. } => step != "decide",
                _ => true,
            });
            entry.events.extend(what_follows(&decided).cloned().map(|mut event| {
                if let Event::TimerArmed { due, .. } = &mut event {
                    due.0 += sooner;
                }
                event
            }));
            for event in &mut case.entry("timer.fired", 0).events {
                match event {
                    Event::TimerFired { timer } => timer.command = at.command,
                    Event::DeliveryMade { due } => due.command = at.command,
                    _ => {}
                }
            }
            (at.command, vec![claimed, decided.origin.command])
        }
        Kind::OtherBranch => {
            let entry = case.entry("task.completed", 0);
            *created(entry).0 = "decide".to_owned();
            for event in &mut entry.events {
                if let Event::StepEntered { step, flow: taken, .. } = event
                    && step == "note"
                {
                    (*step, *taken) = ("decide".to_owned(), flow.map(str::to_owned));
                }
            }
            (entry.origin.command, Vec::new())
        }
        Kind::SeparationOfDuties => {
            // Whoever checked decides, by their own post and appointment.
            let checked = case.entry("task.claimed", 0).clone();
            let who = checked.events.iter().find_map(|event| match event {
                Event::TaskClaimed { person, post, appointment, .. } => Some((person.clone(), post.clone(), *appointment)),
                _ => None,
            });
            let (who, by, appointed) = who.expect("a claim");
            for kind in ["task.claimed", "task.completed"] {
                let entry = case.entry(kind, 1);
                (entry.origin.actor, entry.via) = (Actor::Person(who.clone()), checked.via.clone());
                for event in &mut entry.events {
                    if let Event::TaskClaimed { person, post, appointment, .. } = event {
                        (*person, *post, *appointment) = (who.clone(), by.clone(), appointed);
                    }
                }
            }
            (case.entry("task.claimed", 1).origin.command, Vec::new())
        }
        Kind::OtherAssignee => {
            let entry = case.entry("task.claimed", 2);
            for event in &mut entry.events {
                if let Event::TaskClaimed { person, .. } = event {
                    *person = other.clone();
                }
            }
            (entry.origin.command, Vec::new())
        }
        Kind::TimerEarly => {
            // A minute after it was armed, and all that was reckoned from then with it.
            let armed = case.entry("task.completed", 1).origin.time;
            let entry = case.entry("timer.fired", 0);
            let early = engine::model::Time(armed.plus_seconds(60).0 + i64::try_from(number).expect("small"));
            let sooner = early.0 - entry.origin.time.0;
            created(entry).1.as_mut().expect("a due date").0 += sooner;
            entry.origin.time = early;
            (entry.origin.command, Vec::new())
        }
    }
}

/// An office whose cases all come to their end.
async fn office_of(count: usize) -> (World<MemoryStore>, Vec<CommandId>) {
    let world = World::new(MemoryStore::default(), &small_office(), "office").await;
    world.deploy(PROCESS).await.expect("it is deployed");
    let made = |accepted: &Accepted| {
        let task = accepted.entry.events.iter().find_map(|event| match event {
            Event::TaskCreated { ordinal, .. } => Some(Made { command: accepted.entry.origin.command, ordinal: *ordinal }),
            _ => None,
        });
        task.expect("a task")
    };
    let work = async |actor: &str, task: Made, data: Values| {
        world.submit(actor, Command::ClaimTask { task }).await.expect("it is claimed");
        world.submit(actor, Command::CompleteTask { task, data }).await.expect("it is completed")
    };
    let mut cases = Vec::new();
    while cases.len() < count {
        for number in (cases.len()..count).take(TOGETHER) {
            let is_much = planted(number).map_or(number.is_multiple_of(2), |kind| kind != Kind::OtherBranch);
            let start = Command::StartInstance { process: "checked".into(), definition: None, number: None, data: Values::new() };
            let begun = world.submit("asha", start).await.expect("it starts");
            cases.push(begun.instance().expect("a case"));
            let amount = if is_much { 500 } else { 50 };
            let checked = work("asha", made(&begun), Values::from([("amount".into(), json!(amount))])).await;
            work(if is_much { "bimal" } else { "asha" }, made(&checked), Values::new()).await;
        }
        world.advance(3 * 3_600).await;
        for task in world.open_tasks().await {
            work("bimal", task.id, Values::new()).await;
        }
    }
    (world, cases)
}

/// Has so many cases decided, writes one in a hundred otherwise, and lives through all of them once more: what was proved.
///
/// # Panics
/// When one of those is not found, or something is found of another.
pub async fn replayed(count: usize) -> String {
    let (world, cases) = office_of(count).await;
    let chitra = world.person("chitra");
    let mut wanted = BTreeMap::new();
    let altered = std::sync::Mutex::new(&mut wanted);
    let store = rewritten(world.engine.store(), |entries| {
        let flow = entries.iter().flat_map(|entry| &entry.events).find_map(|event| match event {
            Event::StepEntered { step, flow, .. } if step == "decide" => Some(flow.clone()),
            _ => None,
        });
        let flow = flow.flatten();
        let mut of_case: BTreeMap<CommandId, Case<'_>> = BTreeMap::new();
        for entry in entries.iter_mut() {
            if let Some(link) = entry.link {
                of_case.entry(link.instance).or_insert_with(|| Case(Vec::new())).0.push(entry);
            }
        }
        let mut left_out = BTreeSet::new();
        for (number, id) in cases.iter().enumerate() {
            let Some(kind) = planted(number) else { continue };
            let case = of_case.get_mut(id).expect("the case");
            let (command, gone) = alter(case, kind, number, &chitra, flow.as_deref());
            altered.lock().expect("nobody panics").insert(command, kind);
            left_out.extend(gone);
        }
        entries.retain(|entry| !left_out.contains(&entry.origin.command));
        entries.sort_by_key(|entry| entry.origin.time);
    })
    .await;
    let parts = gather(&store, "office.example", "Asia/Kolkata", &everything(&office()), &signed(&store).await).await;
    let archive = pack(parts.expect("it is gathered")).expect("it is packed");

    // Whoever does not live through the cases finds nothing.
    let (bundle, mut report) = verify(&archive, &policy());
    let bundle = bundle.expect("a bundle");
    assert_eq!(report.findings, []);
    let mut again = report.clone();
    let replayed = replay(&bundle, &mut report);
    assert_eq!((replayed.cases, report.cases, replayed.untold), (count as u64, count as u64, 0));
    let found: BTreeSet<CommandId> = report.findings.iter().map(|finding| command(&bundle, &finding.message)).collect();
    assert_eq!(report.omitted, 0);
    assert_eq!(found.len(), report.findings.len(), "each case once");
    for (kind, what) in KINDS {
        let all: Vec<CommandId> = wanted.iter().filter(|(_, one)| **one == kind).map(|(command, _)| *command).collect();
        let told = all.iter().filter(|command| found.contains(command)).count();
        println!("{what}: {told} of {} found", all.len());
        assert_eq!(told, all.len(), "{what}: {:#?}", report.findings);
        assert!(!all.is_empty() || count < CASES, "{what}");
    }
    let others = found.iter().filter(|command| !wanted.contains_key(command)).count();
    assert_eq!(others, 0, "{:#?}", report.findings);

    // It comes to the same where there is room for few cases, and the log is gone through again and again.
    assert_eq!(replay_within(&bundle, &mut again, TOGETHER / 3), replayed);
    let told = |report: &engine::evidence::bundle::Report| {
        report.findings.iter().map(|finding| finding.message.clone()).collect::<BTreeSet<_>>()
    };
    assert_eq!(told(&again), told(&report));
    format!("{} of {count} cases were written otherwise and all found; found in others: {others}", wanted.len())
}

/// The command of the entry of which something is found.
fn command(bundle: &Bundle<'_>, message: &str) -> CommandId {
    let index = message.split_once(": entry ").and_then(|(_, rest)| rest.split_once(' ')).expect("an entry").0;
    let index: u64 = index.parse().expect("an index");
    let log = bundle.logs.iter().find(|log| log.unit == office()).expect("the log");
    let sealed = log.lines().filter_map(|line| line.expect("a line").sealed()).find(|sealed| sealed.index == index);
    sealed.expect("the entry").command
}
