//! The office under attack: clerks, and a procedure of two tasks with a timer.

use std::path::Path;

use serde_json::json;

use crate::program::{Program, run};

/// How many clerks it has.
pub const CLERKS: usize = 8;
/// Its unit.
pub const UNIT: &str = "killed";

/// Two tasks; the first has a timer of a second, which rings while the task stays open.
fn definition() -> serde_json::Value {
    let clerk = json!({ "role": "clerk" });
    json!({
        "id": "kill.two", "title": { "en": "Two tasks" }, "owner": { "post": "clerk-0" },
        "data": { "word": { "type": "string" } },
        "forms": { "word": { "schema": { "type": "object", "properties": { "word": {} }, "required": ["word"] } } },
        "steps": [
            { "id": "begun", "type": "startEvent", "next": "first" },
            { "id": "first", "type": "userTask", "title": { "en": "First" }, "performer": clerk, "form": "word", "outputs": ["word"], "next": "second" },
            { "id": "late", "type": "boundaryEvent", "attachedTo": "first", "interrupting": false, "timer": { "after": "PT1S" }, "next": "rung" },
            { "id": "rung", "type": "endEvent" },
            { "id": "second", "type": "userTask", "title": { "en": "Second" }, "performer": clerk, "form": "word", "outputs": ["word"], "next": "done" },
            { "id": "done", "type": "endEvent" }
        ]
    })
}

fn office() -> serde_json::Value {
    let each = |make: fn(usize) -> serde_json::Value| (0..CLERKS).map(make).collect::<Vec<_>>();
    json!({
        "units": [{ "id": UNIT, "title": { "en": "Killed" }, "parent": null }],
        "posts": each(|n| json!({ "id": format!("clerk-{n}"), "unit": UNIT, "title": { "en": "Clerk" }, "roles": ["clerk", "quality-coordinator"] })),
        "people": each(|n| json!({ "handle": format!("clerk-{n}"), "name": "A Clerk" })),
        "appointments": each(|n| json!({ "handle": format!("clerk-{n}"), "post": format!("clerk-{n}"), "order": "1", "from": "2026-01-01" })),
    })
}

/// A small generator with a fixed seed: the same pauses in every run.
#[derive(Debug)]
pub struct Lots(pub u64);

impl Lots {
    /// A number below another.
    pub fn draw(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

/// Sets the office up in a new database.
///
/// # Panics
/// When it is refused.
pub fn begin(dir: &Path, database: &str) {
    let office_file = dir.join("office.json");
    std::fs::write(&office_file, office().to_string()).expect("the office");
    let program = Program::serve(database, &["--office", office_file.to_str().expect("a path")]);
    deploy(dir, &program.address, "two", &definition());
    deploy(dir, &program.address, "flood", &waiting());
    assert!(program.terminate().is_some_and(|(status, _)| status.success()));
}

/// Deploys a definition.
///
/// # Panics
/// When it is refused.
pub fn deploy(dir: &Path, server: &str, name: &str, definition: &serde_json::Value) {
    let process = dir.join(format!("{name}.json"));
    std::fs::write(&process, definition.to_string()).expect("the definition");
    let process = process.to_str().expect("a path");
    let deployed = run(&["deploy", process, "--unit", UNIT, "--server", server, "--actor", "clerk-0"]);
    assert!(deployed.status.success(), "{deployed:?}");
}

/// Waits for the instant that it is told.
fn waiting() -> serde_json::Value {
    json!({
        "id": "kill.flood", "title": { "en": "A wait" }, "owner": { "post": "clerk-0" },
        "data": { "word": { "type": "string" } },
        "forms": { "word": { "schema": { "type": "object", "properties": { "word": {} }, "required": ["word"] } } },
        "steps": [
            { "id": "begun", "type": "startEvent", "form": "word", "next": "wait" },
            { "id": "wait", "type": "intermediateCatchEvent", "timer": { "at": "= date and time(word)" }, "next": "done" },
            { "id": "done", "type": "endEvent" }
        ]
    })
}
