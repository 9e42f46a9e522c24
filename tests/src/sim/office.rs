//! The office of the simulator, and the procedures that it works: something of everything that waits, falls due or goes to another log.

use api::app::directory::{Directory, set_up};
use engine::journal::{Actor, Command, Envelope};
use engine::model::UnitId;
use engine::model::document::DocumentKind;
use engine::runtime::Engine;
use serde_json::{Value, json};

use super::store::SimStore;
use crate::world::text;

/// Who works there.
pub const PEOPLE: [&str; 4] = ["asha", "bimal", "chitra", "devi"];
/// Where.
pub const UNIT: &str = "office";

fn directory() -> Directory {
    let posts = PEOPLE.map(|handle| {
        json!({ "id": format!("post-{handle}"), "unit": UNIT, "title": { "en": handle }, "roles": ["officer", "quality-coordinator"] })
    });
    let nodal =
        json!({ "id": "sqm-nodal-officer", "unit": UNIT, "title": { "en": "Nodal officer" }, "roles": ["nodal-officer"] });
    let appointments = PEOPLE
        .map(|handle| json!({ "handle": handle, "post": format!("post-{handle}"), "order": "1/2026", "from": "2026-01-01" }));
    let directory = json!({
        "units": [{ "id": UNIT, "title": { "en": "Office" }, "parent": null, "calendar": "cal" }],
        "posts": posts.into_iter().chain([nodal]).collect::<Vec<_>>(),
        "people": PEOPLE.map(|handle| json!({ "handle": handle, "name": handle })),
        "appointments": appointments
    });
    serde_json::from_value(directory).expect("an office")
}

fn process(id: &str, steps: &Value) -> String {
    json!({
        "id": id, "title": { "en": id }, "owner": { "post": "post-asha" },
        "data": { "n": { "type": "integer" }, "key": { "type": "string", "maxLength": 20 } },
        "forms": { "f": { "schema": { "type": "object", "properties": { "n": {}, "key": {} } } } },
        "steps": steps
    })
    .to_string()
}

fn task(id: &str, next: &str) -> Value {
    json!({ "id": id, "type": "userTask", "performer": { "role": "officer" }, "form": "f", "outputs": ["n"], "next": next })
}

fn start(next: &str) -> Value {
    json!({ "id": "start", "type": "startEvent", "form": "f", "next": next })
}

fn end(id: &str) -> Value {
    json!({ "id": id, "type": "endEvent" })
}

/// The procedure at the heart of it. `version` makes each issue another document.
pub fn work(version: u64) -> String {
    let (mut first, mut second) = (task("a", "b"), task("b", "x"));
    first["due"] = json!({ "after": { "workingDays": 2 } });
    second["performer"] = json!({ "role": "officer", "notWhoDid": ["a"] });
    second["title"] = json!({ "en": format!("Second, issue {version}") });
    let steps = json!([
        start("split"),
        { "id": "split", "type": "parallelGateway", "next": ["a", "j", "m"] },
        first,
        { "id": "remind", "type": "boundaryEvent", "attachedTo": "a", "interrupting": false, "timer": { "every": "PT5M", "times": 3 },
          "next": "reminded" },
        end("reminded"),
        second,
        { "id": "lapse", "type": "boundaryEvent", "attachedTo": "b", "timer": { "after": { "officeHours": 3 + version % 2 } }, "next": "l" },
        task("l", "x"),
        { "id": "x", "type": "exclusiveGateway", "next": "join" },
        { "id": "j", "type": "serviceTask", "topic": "t", "retries": 2, "inputs": { "n": "n" }, "outputs": { "n": "result.n" }, "next": "join" },
        { "id": "m", "type": "intermediateCatchEvent", "message": { "name": if version % 5 == 4 { "letters" } else { "papers" }, "key": "key" }, "outputs": ["n"], "next": "join" },
        { "id": "join", "type": "parallelGateway", "next": "call" },
        { "id": "call", "type": "callActivity", "process": "called", "inputs": { "n": "n" }, "outputs": { "n": "result.n" }, "next": "pause" },
        { "id": "stop", "type": "boundaryEvent", "attachedTo": "call", "message": { "name": "stop", "key": "key" }, "next": "pause" },
        { "id": "pause", "type": "intermediateCatchEvent", "timer": { "after": "PT30S" }, "next": "tell" },
        { "id": "tell", "type": "intermediateThrowEvent", "message": { "name": "begin", "data": { "n": "n" } }, "next": "end" },
        end("end")
    ]);
    process("work", &steps)
}

/// The calendar, amended so often.
pub fn calendar(amendments: u64) -> String {
    let day = json!([{ "from": "09:30", "to": "18:00" }]);
    let amendments: Vec<Value> = (0..amendments)
        .map(|n| {
            json!({ "number": format!("{n}/2026"), "date": "2026-04-01", "source": ["the simulator"],
                "add": [{ "date": format!("2026-04-{:02}", 2 + n % 20), "title": { "en": "By order" } }] })
        })
        .collect();
    json!({
        "id": "cal", "title": { "en": "Calendar" }, "owner": { "post": "post-asha" }, "zone": "Asia/Kolkata",
        "week": { "monday": day, "tuesday": day, "wednesday": day, "thursday": day, "friday": day },
        "covers": { "from": "2026-01-01", "to": "2026-12-31" }, "holidays": [], "amendments": amendments
    })
    .to_string()
}

/// The schedule, every so many minutes.
pub fn schedule(minutes: u64) -> String {
    json!({
        "id": "s", "title": { "en": "s" }, "owner": { "post": "post-asha" }, "zone": "Asia/Kolkata", "starts": { "process": "called" },
        "when": { "cron": format!("*/{minutes} * * * *") }
    })
    .to_string()
}

/// Sets the office up.
///
/// # Panics
/// When any of it is refused: nothing goes wrong yet.
pub async fn open(engine: &Engine<SimStore>) {
    set_up(engine, &directory()).await.expect("the office is set up");
    let (site, unit): (_, UnitId) = (UnitId::site(), UNIT.parse().expect("a unit"));
    let by_message = json!([
        { "id": "start", "type": "startEvent", "message": { "name": "begin" }, "outputs": ["n"], "next": "c" },
        task("c", "end"),
        end("end")
    ]);
    let commands = [
        (&site, Command::DeployDocument { kind: DocumentKind::Calendar, document: calendar(0) }),
        (&unit, Command::DeployDefinition { document: process("called", &json!([start("c"), task("c", "end"), end("end")])) }),
        (&unit, Command::DeployDefinition { document: process("begun", &by_message) }),
        (&unit, Command::DeployDefinition { document: work(1) }),
        (&unit, Command::DeployDefinition { document: work(0) }),
        (&unit, Command::DeployDefinition { document: text("definitions/processes/sqm.missed-run.json") }),
        (&site, Command::DeployDocument { kind: DocumentKind::Schedule, document: schedule(20) }),
    ];
    for (n, (unit, command)) in commands.into_iter().enumerate() {
        let envelope = Envelope::new(Actor::System, &format!("set-up-{n}"), command);
        engine.submit(unit, envelope).await.unwrap_or_else(|refusal| panic!("{n}: {refusal:#?}"));
    }
}
