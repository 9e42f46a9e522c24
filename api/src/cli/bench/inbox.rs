//! `bench inbox`: what lists and counts of tasks take among ten thousand open ones and among very many; whether people work as fast there as in an empty
//! office; how soon a server is ready, and what it takes while nobody asks.

use std::future::ready;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::desk::{self, Desk as _, EngineDesk, form};
use super::http::{Client, HttpDesk};
use super::machine::Load;
use super::place::{Database, Place, close, open, opened};
use super::report::{Waits, float, table};
use super::server::Server;
use super::{Args, office};
use crate::cli::output::{self, Failure};

/// Open tasks to compare with.
const FEW: u32 = 10_000;
/// People who read at the same time.
const READERS: u16 = 8;
/// Tasks that each of them has claimed.
const CLAIMED: u32 = 25;
/// Rows of a page.
const ROWS: u32 = 50;
/// Pages after which a list is read that somebody leafs through.
const LEAVES: u32 = 20;
/// Clients that start and complete.
const CLIENTS: u16 = 64;

/// How it is in an office of a size.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Standing {
    /// Open tasks that were made.
    tasks: u32,
    /// From the start of the program to its being ready.
    ready_s: f64,
    /// Of one processor, while nobody asks.
    processor_share: Option<f64>,
    memory_bytes: Option<u64>,
    database_bytes: u64,
    commands_per_s: f64,
    lists: Vec<List>,
}

/// A list, and how long it took.
#[derive(Serialize)]
struct List {
    name: &'static str,
    #[serde(flatten)]
    waits: Waits,
}

/// Measures and prints.
pub(super) async fn run(place: &Place<'_>, args: &Args) -> Result<(), Failure> {
    let (load, time) = (Load::begin(), Duration::from_secs(args.seconds));
    let database = place.database("inbox").await?;
    // The office is set up, and the database closed.
    close(opened(&database).await?).await?;
    let mut standings = Vec::new();
    let many = args.cases.unwrap_or(10 * super::CASES);
    for tasks in [0, FEW.min(many), many] {
        standings.push(standing(&database, tasks, standings.last(), time).await?);
    }
    database.remove().await?;
    let store = place.store();
    if args.json {
        let (ratios, machine) = (ratios(&standings), load.json());
        output::json(
            &json!({ "workload": "inbox", "store": store, "standings": standings, "ratios": ratios, "machine": machine }),
        );
    } else {
        output::line(&text(store, &standings, &load));
    }
    Ok(())
}

/// Makes as many tasks as there should be, and measures.
async fn standing(database: &Database, tasks: u32, before: Option<&Standing>, time: Duration) -> Result<Standing, Failure> {
    let engine = open(database).await?;
    office::start_many(&engine, office::PROCESS, tasks - before.map_or(0, |before| before.tasks), &form()).await?;
    close(engine).await?;

    let server = Server::begin(&database.address())?;
    let ready_s = server.ready_s;
    let (processor_share, memory_bytes) = server.idle(time).await;
    let database_bytes = database.bytes().await?;
    let lists = if tasks == 0 { Vec::new() } else { read(server.address, time / 4).await? };
    server.end()?;
    let engine = open(database).await?;
    let (commands, elapsed, _) = desk::drive(CLIENTS, time, |client| ready(EngineDesk::new(engine.clone(), client))).await?;
    close(engine).await?;
    let commands_per_s = float(commands) / elapsed.as_secs_f64();
    Ok(Standing { tasks, ready_s, processor_share, memory_bytes, database_bytes, commands_per_s, lists })
}

/// Reads the lists as people do, several at the same time.
async fn read(address: SocketAddr, time: Duration) -> Result<Vec<List>, Failure> {
    let mut deep = String::new();
    for person in 0..READERS {
        let (mut desk, mut client) = (HttpDesk::new(address, person).await?, Client::new(address, person).await?);
        for task in page(&mut client, &offered(CLAIMED)).await?.0 {
            desk.claim(&task).await?;
        }
        deep = offered(ROWS);
        for _ in 0..LEAVES {
            let (_, next) = page(&mut client, &deep).await?;
            let Some(next) = next else { break };
            deep = format!("{}&cursor={}", offered(ROWS), next.replace(' ', "%20"));
        }
    }
    let mine = format!("/api/v1/tasks?unit=bench&for=mine&limit={ROWS}");
    let mut lists = Vec::new();
    let counts = |whose: &str| format!("/api/v1/tasks/counts?unit=bench&for={whose}");
    for (name, path) in [
        ("mine", mine),
        ("my roles'", offered(ROWS)),
        ("20 pages on", deep),
        ("counts, all", counts("all")),
        ("counts, my roles'", counts("offered")),
        ("the page", "/".to_owned()),
    ] {
        let (mut readers, until) = (JoinSet::new(), Instant::now() + time);
        for person in 0..READERS {
            let (mut client, path) = (Client::new(address, person).await?, path.clone());
            readers.spawn(async move {
                let mut latencies = Vec::new();
                let mut last = Instant::now();
                while last < until {
                    client.get(&path).await?;
                    let now = Instant::now();
                    latencies.push(u32::try_from((now - last).as_micros()).unwrap_or(u32::MAX));
                    last = now;
                }
                Ok::<_, Failure>(latencies)
            });
        }
        let mut latencies = Vec::new();
        while let Some(done) = readers.join_next().await {
            latencies.extend(done.map_err(|error| Failure::Refused(format!("A client failed: {error}.")))??);
        }
        lists.push(List { name, waits: Waits::of(&mut latencies) });
    }
    Ok(lists)
}

fn offered(rows: u32) -> String {
    format!("/api/v1/tasks?unit=bench&for=offered&limit={rows}")
}

/// The tasks of a page, and where the next begins.
async fn page(client: &mut Client, path: &str) -> Result<(Vec<String>, Option<String>), Failure> {
    let broken = |error: serde_json::Error| Failure::Refused(format!("{path}: {error}."));
    let page: Value = serde_json::from_slice(client.get(path).await?).map_err(broken)?;
    let ids = page["items"].as_array().into_iter().flatten().filter_map(|item| item["id"].as_str().map(str::to_owned));
    Ok((ids.collect(), page["next"].as_str().map(str::to_owned)))
}

/// Each list's 99th percentile by that among few; and the rate of commands by that of the empty office.
fn ratios(standings: &[Standing]) -> Value {
    let [empty, few, many] = standings else { return Value::Null };
    let lists = few.lists.iter().zip(&many.lists).map(|(few, many)| (many.name.to_owned(), json!(slower(few, many))));
    json!({ "p99": lists.collect::<serde_json::Map<_, _>>(), "commandsPerSecond": many.commands_per_s / empty.commands_per_s })
}

fn slower(few: &List, many: &List) -> f64 {
    f64::from(many.waits.p99_us) / f64::from(few.waits.p99_us.max(1))
}

fn text(store: &str, standings: &[Standing], load: &Load) -> String {
    let [empty, few, many] = standings else { return String::new() };
    let mut lists = table(["list", "few, p50 µs", "p99 µs", "many, p50 µs", "p99 µs", "ratio of the p99"]);
    for (few, many) in few.lists.iter().zip(&many.lists) {
        let of = |waits: Waits| [waits.p50_us.to_string(), waits.p99_us.to_string()];
        let ratio = vec![format!("{:.2}", slower(few, many))];
        lists.add_row([vec![few.name.to_owned()], of(few.waits).to_vec(), of(many.waits).to_vec(), ratio].concat());
    }
    let mut office = table(["open tasks", "ready, ms", "idle, % of a core", "memory, MiB", "database, MiB", "commands/s"]);
    for standing in standings {
        let some = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
        office.add_row([
            standing.tasks.to_string(),
            format!("{:.0}", standing.ready_s * 1_000.0),
            some(standing.processor_share.map(|share| format!("{:.2}", share * 100.0))),
            some(standing.memory_bytes.map(|bytes| format!("{:.0}", mebi(bytes)))),
            format!("{:.0}", mebi(standing.database_bytes)),
            format!("{:.0}", standing.commands_per_s),
        ]);
    }
    format!(
        "Lists of {ROWS}, and counts, on {store}, read by {READERS} people at a time over HTTP, among {} open tasks and among {}\n\n{lists}\n\nThe server, and {CLIENTS} clients in its process\n\n{office}\n\ncommands/s, of the empty office's: {:.2}\n\n{}",
        few.tasks,
        many.tasks,
        many.commands_per_s / empty.commands_per_s,
        load.text(),
    )
}

fn mebi(bytes: u64) -> f64 {
    float(bytes) / 1_048_576.0
}
