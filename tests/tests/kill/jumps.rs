//! Whatever the wall clock does: it jumps by an hour, a day and a year, forward and back, while clerks work. Nothing acknowledged is lost or
//! done twice, recorded time goes on, every timer fires once, and each jump is in the site log.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;
use tests::client::Client;

use super::{UNIT, begin, verdict};
use crate::program::{Program, run};
use tests::nemesis::Clerk;

/// Each of them works all the time.
const CLERKS: usize = 2;
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 365 * DAY;
/// How far off the wall clock is, in seconds, one after the other.
const JUMPS: [i64; 12] = [HOUR, 0, -HOUR, 0, DAY, 0, -DAY, 0, YEAR, 0, -YEAR, 0];
/// A step is to be journalled within so long.
const JOURNALLED: Duration = Duration::from_mins(1);
/// Due work is to be carried out so soon after a step forward: the dispatcher, which sleeps up to a minute, is woken.
const WOKEN: Duration = Duration::from_secs(5);

/// A process that waits for half an hour.
const PROCESS: &str = r#"{
    "id": "kill.wait", "title": { "en": "A wait" }, "owner": { "post": "clerk-0" },
    "steps": [
        { "id": "begun", "type": "startEvent", "next": "wait" },
        { "id": "wait", "type": "intermediateCatchEvent", "timer": { "after": "PT30M" }, "next": "done" },
        { "id": "done", "type": "endEvent" }
    ]
}"#;

/// The wall clock of a process: a file says how far it is off.
struct Wall {
    library: PathBuf,
    file: PathBuf,
}

impl Wall {
    fn set(&self, seconds: i64) {
        let new = self.file.with_extension("new");
        std::fs::write(&new, format!("{seconds:+}")).expect("the file is written");
        std::fs::rename(&new, &self.file).expect("the file is put in place");
    }

    fn serve(&self, database: &str) -> Program {
        let file = self.file.as_os_str();
        Program::serve_in(
            database,
            &[],
            &[
                ("LD_PRELOAD", self.library.as_os_str()),
                ("FAKETIME_TIMESTAMP_FILE", file),
                ("FAKETIME_NO_CACHE", "1".as_ref()),
                ("FAKETIME_DONT_FAKE_MONOTONIC", "1".as_ref()),
                ("NO_FAKE_STAT", "1".as_ref()),
            ],
        )
    }
}

fn library() -> Option<PathBuf> {
    let machines = std::fs::read_dir("/usr/lib").ok()?.flatten();
    machines.map(|machine| machine.path().join("faketime/libfaketimeMT.so.1")).find(|path| path.exists())
}

fn client(program: &Program) -> Client {
    let address: SocketAddr = program.address.trim_start_matches("http://").parse().expect("an address");
    Client::new(address, "clerk-0")
}

/// The steps in the site log from this entry on: by how many seconds, and whether they were found at the start.
async fn steps(client: &Client, from: &mut u64) -> Vec<(i64, bool)> {
    let page = client.get(&format!("/api/v1/logs/site/entries?limit=200&from={from}")).await.ok(200);
    let items = page["items"].as_array().expect("entries");
    *from += items.len() as u64;
    items.iter().flat_map(stepped).collect()
}

fn stepped(entry: &Value) -> Vec<(i64, bool)> {
    let events: Value = serde_json::from_str(entry["payloads"][0]["body"].as_str().expect("a body")).expect("events");
    let steps = events["events"].as_array().expect("events").iter().filter(|event| event["event"] == "time.stepped");
    let seconds = |event: &Value| (event["by"].as_i64().expect("a number") + 500_000).div_euclid(1_000_000);
    steps.map(|event| (seconds(event), event["atStart"] == true)).collect()
}

/// Waits for a step; how long it took.
async fn await_step(client: &Client, from: &mut u64, expected: (i64, bool)) -> Duration {
    let asked = Instant::now();
    loop {
        let found = steps(client, from).await;
        if !found.is_empty() {
            let [(seconds, at_start)] = found[..] else { panic!("more than one step: {found:?}") };
            // At the start it is measured from what was recorded last, some time before.
            let lost = if at_start { 0..60 } else { 0..1 };
            assert!(at_start == expected.1 && lost.contains(&(seconds - expected.0)), "{found:?} and not {expected:?}");
            return asked.elapsed();
        }
        assert!(asked.elapsed() < JOURNALLED, "the step by {expected:?} is not journalled");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// An office whose server has a wall clock of its own; none where libfaketime is missing, which is said aloud.
fn office(dir: &Path) -> Option<(Wall, String)> {
    let Some(library) = library() else {
        tests::skip("libfaketime: no libfaketimeMT.so.1 in /usr/lib/*/faketime");
        return None;
    };
    let database = dir.join("office.db").to_str().expect("a path").to_owned();
    begin(dir, &database);
    let wall = Wall { library, file: dir.join("wall") };
    wall.set(0);
    Some((wall, database))
}

/// A case waits, nothing else is to be done, and the half hour is over all at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_step_makes_due_is_carried_out_at_once() {
    let dir = tempfile::tempdir().expect("a directory");
    let Some((wall, database)) = office(dir.path()) else { return };
    let program = wall.serve(&database);
    let process = dir.path().join("wait.json");
    std::fs::write(&process, PROCESS).expect("the definition");
    let process = process.to_str().expect("a path");
    let deployed = run(&["deploy", process, "--unit", UNIT, "--server", &program.address, "--actor", "clerk-0"]);
    assert!(deployed.status.success(), "{deployed:?}");

    let client = client(&program);
    let body = serde_json::json!({ "unit": UNIT, "process": "kill.wait", "data": {} });
    let started = client.post("/api/v1/instances", &body).await.ok(201);
    let path = format!("/api/v1/instances/{}", started["id"].as_str().expect("an id"));
    let asked = Instant::now();
    wall.set(HOUR);
    while client.get(&path).await.ok(200)["status"] != "completed" {
        assert!(asked.elapsed() < WOKEN, "what is due by the wall clock is not carried out");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    println!("carried out {:?} after the step", asked.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wall_clock_that_jumps_harms_nothing() {
    let dir = tempfile::tempdir().expect("a directory");
    let Some((wall, database)) = office(dir.path()) else { return };
    let program = wall.serve(&database);
    let (asking, mut from) = (client(&program), 0);
    assert_eq!(steps(&asking, &mut from).await, []);
    let working: Vec<_> = (0..CLERKS).map(|number| tokio::spawn(Clerk::new(number).work(program.address.clone()))).collect();
    let (mut before, mut slowest) = (0, Duration::ZERO);
    for off in JUMPS {
        wall.set(off);
        slowest = slowest.max(await_step(&asking, &mut from, (off - before, false)).await);
        before = off;
    }
    drop(asking);
    assert!(program.terminate().is_some_and(|(status, _)| status.success()));
    let mut clerks = Vec::new();
    for clerk in working {
        clerks.push(clerk.await.expect("a clerk does not fail"));
    }

    // The wall clock is right again, and a year behind what was recorded.
    let program = wall.serve(&database);
    let asking = client(&program);
    for clerk in &mut clerks {
        clerk.settle(&program.address).await;
    }
    await_step(&asking, &mut from, (-YEAR, true)).await;
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert!(program.terminate().is_some_and(|(status, _)| status.success()));

    verdict::check(&database, &clerks, &format!("{} jumps", JUMPS.len())).await;
    let site = run(&["export", "--unit", "site", "--database", &database]);
    let site = String::from_utf8(site.stdout).expect("UTF-8");
    let entries =
        site.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")).filter(|line| line["leaf"].is_string());
    let exported = entries.flat_map(|entry| stepped(&entry)).count();
    assert_eq!(exported, JUMPS.len() + 1, "each is in the export, once");
    println!("steps were journalled within {slowest:?}");
}
