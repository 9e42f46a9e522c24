//! Poison: cases that fail at once, jobs that nobody can do, messages that nobody wants. Each failure must be an incident, and nobody else
//! may be held up.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::clerk::{Clerk, Connection, connect, p99};
use super::export;
use super::faults::{Ground, home, work};
use super::office::{CLERKS, UNIT, deploy};

/// Clerks who do honest work all the while; the others poison.
const HONEST: usize = CLERKS - KINDS.len();
/// Makes a step.
type Step = fn() -> Value;
/// What is poisonous: its name, and what its one step is.
const KINDS: [(&str, Step); 4] = [
    ("job", || json!({ "id": "x", "type": "serviceTask", "topic": "poison", "retries": 3, "next": "end" })),
    ("error", || json!({ "id": "x", "type": "expressionTask", "set": { "n": "n / 0" }, "next": "end" })),
    // More than any expression may take.
    (
        "endless",
        || json!({ "id": "x", "type": "expressionTask", "set": { "n": "count(for i in 1..900 return count(for j in 1..900 return j))" }, "next": "end" }),
    ),
    // It never comes to rest.
    ("loop", || json!({ "id": "x", "type": "exclusiveGateway", "next": [{ "to": "y", "when": "n = 1" }, { "to": "end" }] })),
];

fn definition(name: &str, step: Value) -> Value {
    let mut steps = vec![json!({ "id": "begun", "type": "startEvent", "form": "n", "next": "x" }), step];
    if name == "loop" {
        steps.push(json!({ "id": "y", "type": "expressionTask", "set": { "n": "1" }, "next": "x" }));
    }
    steps.push(json!({ "id": "end", "type": "endEvent" }));
    json!({
        "id": format!("kill.{name}"), "title": { "en": "Poison" }, "owner": { "post": "clerk-0" },
        "data": { "n": { "type": "integer" } },
        "forms": { "n": { "schema": { "type": "object", "properties": { "n": {} }, "required": ["n"] } } },
        "steps": steps
    })
}

/// Clerks work for a while by themselves, and then beside the poison.
pub(super) async fn poison(ground: &mut Ground, clerks: &mut Vec<Clerk>) -> String {
    let nodes = ground.serve();
    for (name, step) in KINDS {
        deploy(&ground.dir, &nodes[0].address, name, &definition(name, step()));
    }
    let poisoners = clerks.split_off(HONEST);
    let working = work(clerks, &nodes);
    let time = Duration::from_secs(ground.n);
    let begun = Instant::now();
    tokio::time::sleep(time).await;
    let poisoned = Instant::now();
    let addresses = nodes.iter().map(|node| node.address.clone()).cycle();
    let poisoning = (0..).zip(poisoners.into_iter().zip(addresses));
    let poisoning = poisoning.map(|(kind, (clerk, at))| tokio::spawn(pour(clerk, at, kind, poisoned + time))).collect();
    let mut pourers = Vec::new();
    home(&mut pourers, poisoning).await;
    for node in nodes {
        node.kill();
    }
    home(clerks, working).await;

    let (calm, beside) = (p99(clerks, begun, poisoned), p99(clerks, poisoned, poisoned + time));
    assert!(beside < calm * 2 + Duration::from_millis(100), "the others wait: {calm:?} before, {beside:?} beside the poison");
    let entries = export::read(&ground.database);
    let events = |kind: &str| entries.iter().flat_map(|entry| &entry.events).filter(|event| event["event"] == kind).count();
    let is_poison = |event: &&Value| {
        let process = event["process"].as_str().and_then(|id| id.strip_prefix("kill."));
        event["event"] == "instance.started" && process.is_some_and(|id| KINDS.iter().any(|(kind, _)| id == *kind))
    };
    let cases = entries.iter().flat_map(|entry| &entry.events).filter(is_poison).count();
    let incidents = events("incident.raised");
    assert!(cases > 40, "hardly any poison: {cases} cases");
    assert_eq!(incidents, cases, "so many incidents of so many poisoned cases");
    clerks.append(&mut pourers);
    format!(
        "; {incidents} incidents of {cases} poisoned cases, 0 of them silent, {} early messages; p99 of others {calm:.1?} before, {beside:.1?} beside them",
        events("message.buffered")
    )
}

/// Starts one case after the other of a kind; and sends large messages, or fails at the jobs.
async fn pour(mut clerk: Clerk, at: String, kind: usize, until: Instant) -> Clerk {
    let (name, _) = KINDS[kind];
    let mut connection = connect(&at).await.expect("the server answers");
    let large = "x".repeat(100_000);
    while Instant::now() < until {
        let begin = json!({ "unit": UNIT, "process": format!("kill.{name}"), "data": { "n": 1 } });
        let (status, answer) = clerk.tell(&mut connection, "/api/v1/instances", begin).await.expect("an answer");
        assert!(status == 201, "{name}: {status} {answer}");
        if name == "job" {
            while fail_jobs(&mut clerk, &mut connection).await > 0 {}
        } else if name == "error" {
            let message = json!({ "unit": UNIT, "name": "poison", "ttlSeconds": 1, "data": { "text": large } });
            let (status, answer) = clerk.tell(&mut connection, "/api/v1/messages", message).await.expect("an answer");
            assert!(status == 200, "{name}: {status} {answer}");
            // Refused before it is read to its end: whoever is still writing may see no more than that the connection ends.
            let message = json!({ "unit": UNIT, "name": "poison", "data": { "text": large.repeat(4) } });
            let refused = clerk.tell(&mut connection, "/api/v1/messages", message).await;
            assert!(refused.as_ref().is_none_or(|(status, _)| *status == 413), "{refused:?}");
            connection = connect(&at).await.expect("the server answers");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // What failed a moment ago is not there again at once.
    let drained = Instant::now();
    while name == "job" && drained.elapsed() < Duration::from_secs(2) {
        fail_jobs(&mut clerk, &mut connection).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    clerk
}

/// Takes the jobs that are there and fails at each: how many.
async fn fail_jobs(clerk: &mut Clerk, connection: &mut Connection) -> usize {
    let lock = json!({ "unit": UNIT, "worker": "clumsy", "topics": ["poison"], "seconds": 60 });
    let (_, locked) = clerk.ask(connection, "/api/v1/jobs/lock", lock).await.expect("an answer");
    let jobs = locked["jobs"].as_array().cloned().unwrap_or_else(|| panic!("{locked}"));
    for job in &jobs {
        let path = format!("/api/v1/jobs/{}/fail", job["id"].as_str().expect("an id"));
        let why = json!({ "worker": "clumsy", "message": "it cannot be done", "backoffSeconds": 0 });
        let (status, answer) = clerk.tell(connection, &path, why).await.expect("an answer");
        assert!(status == 200, "{status} {answer}");
    }
    jobs.len()
}
