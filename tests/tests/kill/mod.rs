//! Whatever is killed when: no acknowledged command is lost, none is done twice, none that was refused is there, and every timer fires once.
//!
//! Clients keep a ledger of what they were told. The server is killed again and again; a command whose answer never came is sent again
//! with the same key until the answer is definite. In the end the ledger is held against the journal. `SEVOTTAM_KILLS` says how often.

mod clerk;
mod jumps;
mod nodes;
mod verdict;

use std::path::Path;
use std::time::Duration;

use clerk::Clerk;
use serde_json::json;

use crate::program::{Program, run};

const CLERKS: usize = 8;
const UNIT: &str = "killed";

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
struct Lots(u64);

impl Lots {
    fn draw(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

fn begin(dir: &Path, database: &str) {
    let (office_file, process) = (dir.join("office.json"), dir.join("process.json"));
    std::fs::write(&office_file, office().to_string()).expect("the office");
    std::fs::write(&process, definition().to_string()).expect("the definition");
    let program = Program::serve(database, &["--office", office_file.to_str().expect("a path")]);
    let process = process.to_str().expect("a path");
    let deployed = run(&["deploy", process, "--unit", UNIT, "--server", &program.address, "--actor", "clerk-0"]);
    assert!(deployed.status.success(), "{deployed:?}");
    assert!(program.terminate().is_some_and(|(status, _)| status.success()));
}

/// How often is killed.
fn kills() -> u64 {
    std::env::var("SEVOTTAM_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(10)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_and_nothing_is_done_twice() {
    let kills = kills();
    let dir = tempfile::tempdir().expect("a directory");
    let database = dir.path().join("office.db").to_str().expect("a path").to_owned();
    begin(dir.path(), &database);

    let mut lots = Lots(2026);
    let mut clerks: Vec<Clerk> = (0..CLERKS).map(Clerk::new).collect();
    for _ in 0..kills {
        let program = Program::serve(&database, &[]);
        let working: Vec<_> = clerks.drain(..).map(|clerk| tokio::spawn(clerk.work(program.address.clone()))).collect();
        tokio::time::sleep(Duration::from_millis(50 + lots.draw(351))).await;
        program.kill();
        for clerk in working {
            clerks.push(clerk.await.expect("a clerk does not fail"));
        }
    }

    settle(&database, &mut clerks, Duration::from_millis(2_500)).await;
    verdict::check(&database, &clerks, &format!("{kills} kills")).await;
}

/// The last server lives: what is unknown becomes known, and what is due is done within so long.
async fn settle(database: &str, clerks: &mut [Clerk], due: Duration) {
    let program = Program::serve(database, &[]);
    for clerk in clerks {
        clerk.settle(&program.address).await;
    }
    tokio::time::sleep(due).await;
    let (status, took) = program.terminate().expect("it stops");
    assert!(status.success() && took < Duration::from_secs(10), "{status} after {took:?}");
}
