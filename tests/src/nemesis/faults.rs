//! What befalls the program, by the numbers of the fault plan. Each starts an office, has clerks work in it, does its worst, lets what is
//! unknown become known, and calls the checker.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use super::clerk::Clerk;
use super::export::{self, Verdict};
use super::office::{CLERKS, Lots, UNIT, begin};
use super::{backups, failover, network, partitions, poison, power, rivals, siege, signing, soak};
use crate::client::Client;
use crate::postgres::Server;
use crate::program::{Program, run};

/// The faults: name, what it is, of what `n` counts, and how many there are unless told.
pub const FAULTS: [(&str, &str, &str, u64); 18] = [
    (
        "F-1",
        "idempotency and rude clients: hang-ups in the middle of requests, the same sent again and at the same time",
        "rounds",
        3,
    ),
    ("F-2", "kill -9", "kills", 25),
    ("F-3", "the rows rebuilt from the journal, after kills", "rebuilds", 5),
    ("F-4", "power cuts: what was not synced is lost, wholly, in part or torn (SQLite)", "cuts", 20),
    ("F-5", "the disk fills up, fails or is slow, and then its power is cut (SQLite)", "troubles", 8),
    ("F-6", "the write-ahead log is damaged while nobody serves it (SQLite)", "rounds of eight damages", 5),
    ("F-7", "the server of the database crashes under two nodes", "crashes", 5),
    (
        "F-8",
        "failover to a synchronous standby; the dead primary comes back and takes itself for the primary (PostgreSQL)",
        "failovers",
        3,
    ),
    (
        "F-9",
        "partitions: a node and the database, or its clients, lose each other, one way or both, for seconds or by fits and starts \
         (PostgreSQL)",
        "partitions",
        10,
    ),
    ("F-12", "a flood of timers of one instant while clerks work", "thousand timers", 2),
    (
        "F-15",
        "poison: jobs that always fail, expressions that fail or never end, loops, large messages, while clerks work",
        "seconds",
        10,
    ),
    (
        "F-16",
        "linearisability of claim, release, complete and reads of the same few tasks over three nodes, which are killed and stalled",
        "kills and stalls",
        6,
    ),
    ("F-17", "a node stalls with what it holds (SIGSTOP), the other goes on, and it wakes (SIGCONT)", "stalls", 4),
    ("F-18", "a siege: clients that dawdle, read nothing or send rubbish, while clerks work", "seconds", 50),
    ("F-19", "backups while clerks work, each read through; and the last one served in place of what was", "backups", 5),
    ("F-24", "a soak: what the program takes does not grow", "minutes", 3),
    ("F-25", "SIGTERM in the middle of work", "stops", 10),
    ("E-7", "kill -9 of the program and of its signer, at any time and as it signs", "kills", 25),
];

/// Whether a fault can befall this store: those of a disk are played under SQLite, PostgreSQL having tests of its own for them.
pub fn befalls(name: &str, store: &str) -> bool {
    match name {
        "F-4" | "F-5" | "F-6" => store == "sqlite",
        "F-8" => store == "postgres",
        "F-9" => store == "postgres" && network::is_possible(),
        _ => true,
    }
}

/// Faults of the plan that are not here.
pub const ABSENT: [(&str, &str); 4] = [
    ("F-10", "wall clock: `cargo test -p tests kill::jumps`"),
    ("F-20", "upgrade: `cargo test -p tests golden`, no mixed nodes"),
    ("F-21", "loss of a whole node: by a person"),
    ("F-22", "simulation: `cargo run -p tests --bin sim`"),
];

/// Where it happens.
pub struct Ground {
    pub(super) dir: PathBuf,
    pub(super) database: String,
    pub(super) server: Option<Server>,
    pub(super) lots: Lots,
    pub(super) n: u64,
}

impl Ground {
    /// A new office, in SQLite or PostgreSQL; none where PostgreSQL is missing, which is said aloud.
    ///
    /// # Panics
    /// When it cannot be set up.
    pub fn new(postgres: bool, seed: u64, n: u64) -> Option<Self> {
        let dir = tempfile::Builder::new().prefix("nemesis-").tempdir().expect("a folder").keep();
        let server = if postgres { Some(Server::start()?) } else { None };
        let database = server.as_ref().map_or_else(|| dir.join("office.db").display().to_string(), Server::database);
        begin(&dir, &database);
        Some(Self { dir, database, server, lots: Lots(seed), n })
    }

    /// Where everything is kept that shows what happened.
    pub fn kept(&self) -> &Path {
        &self.dir
    }

    pub(super) fn nodes(&self) -> u64 {
        if self.server.is_some() { 2 } else { 1 }
    }

    pub(super) fn serve(&self) -> Vec<Program> {
        (0..self.nodes()).map(|_| self.node()).collect()
    }

    pub(super) fn node(&self) -> Program {
        Program::serve(&self.database, &[])
    }

    pub(super) async fn pause(&mut self, least: u64, more: u64) {
        let pause = least + self.lots.draw(more);
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
}

/// Sends the clerks to work, by turns at each node.
pub(super) fn work(clerks: &mut Vec<Clerk>, nodes: &[Program]) -> Vec<JoinHandle<Clerk>> {
    let addresses = nodes.iter().map(|node| node.address.clone()).cycle();
    clerks.drain(..).zip(addresses).map(|(clerk, address)| tokio::spawn(clerk.work(address))).collect()
}

pub(super) async fn home(clerks: &mut Vec<Clerk>, working: Vec<JoinHandle<Clerk>>) {
    for clerk in working {
        clerks.push(clerk.await.expect("a clerk does not fail"));
    }
}

/// With no more promises than these nothing is proved.
const LEAST: usize = 50;

/// As many rounds as were asked for, and up to ten times as many where a slow machine promises too little in them.
pub(super) fn enough(round: u64, ground: &Ground, clerks: &[Clerk]) -> bool {
    let promises: usize = clerks.iter().map(|clerk| clerk.promises.len()).sum();
    round >= ground.n && (promises > LEAST || round >= 10 * ground.n)
}

/// Carries out a fault; what it proved, in words.
///
/// # Panics
/// When a law is broken.
pub async fn run_fault(name: &str, ground: &mut Ground) -> String {
    let mut clerks: Vec<Clerk> = (0..CLERKS).map(|n| if name == "F-1" { Clerk::rude(n) } else { Clerk::new(n) }).collect();
    let mut suffered = String::new();
    match name {
        "F-1" => suffered = rude(ground, &mut clerks).await,
        "F-4" => suffered = power::cuts(ground, &mut clerks).await,
        "F-5" => suffered = power::trouble(ground, &mut clerks).await,
        "F-6" => suffered = power::damage(ground, &mut clerks).await,
        "F-7" => suffered = crashes(ground, &mut clerks).await,
        "F-8" => suffered = failover::failover(ground, &mut clerks).await,
        "F-9" => suffered = partitions::partitions(ground, &mut clerks).await,
        "F-12" => suffered = flood(ground, &mut clerks).await,
        "F-15" => suffered = poison::poison(ground, &mut clerks).await,
        "F-16" => suffered = rivals::fight(ground, &mut clerks).await,
        "F-17" => stalls(ground, &mut clerks).await,
        "F-18" => suffered = siege::siege(ground, &mut clerks).await,
        "F-24" => suffered = soak::soak(ground, &mut clerks).await,
        "F-19" => suffered = backups::backups(ground, &mut clerks).await,
        "F-25" => suffered = stops(ground, &mut clerks).await,
        "E-7" => suffered = signing::kills(ground, &mut clerks).await,
        _ => {
            let mut round = 0;
            while !enough(round, ground, &clerks) {
                round += 1;
                kill(ground, &mut clerks).await;
                if name == "F-3" {
                    // What crashed is opened once, so that it recovers; then the rows must be what a rebuild makes, before it is made.
                    work_a_while(ground, &mut clerks).await;
                    for check in [&["--check"][..], &[]] {
                        let rebuilt = run(&[&["rebuild", "--database", &ground.database], check].concat());
                        assert!(rebuilt.status.success(), "{rebuilt:?}");
                    }
                }
            }
        }
    }
    let Verdict { entries, acknowledged, refused, unknown, armed, fired } = settle(ground, &mut clerks).await;
    let again: u64 = clerks.iter().map(|clerk| clerk.again).sum();
    let hung_up: u64 = clerks.iter().map(|clerk| clerk.hung_up).sum();
    assert!(acknowledged > LEAST, "it did too little to prove anything: {acknowledged} acknowledged");
    format!(
        "0 lost of {acknowledged} acknowledged, 0 twice of {entries} entries, 0 there of {refused} refused, \
         0 unknown in the end of {unknown}, 0 early and 0 twice of {fired} fired timers, 0 unended of {armed} set; \
         {again} answers the same again, {hung_up} hang-ups{suffered}"
    )
}

/// The last node lives: what is unknown becomes known, what is due is done, and then the ledgers are held against the export.
async fn settle(ground: &Ground, clerks: &mut [Clerk]) -> Verdict {
    let program = Program::serve(&ground.database, &[]);
    for clerk in clerks.iter_mut() {
        clerk.settle(&program.address).await;
    }
    // What dead nodes held is taken up within ten seconds.
    tokio::time::sleep(Duration::from_secs(if ground.server.is_some() { 11 } else { 4 })).await;
    let stopped = program.terminate();
    assert!(stopped.is_some_and(|(status, _)| status.success()), "it does not stop: {stopped:?}");
    export::check(&ground.database, clerks)
}

pub(super) async fn kill(ground: &mut Ground, clerks: &mut Vec<Clerk>) {
    let nodes = ground.serve();
    let working = work(clerks, &nodes);
    ground.pause(50, 351).await;
    for node in nodes {
        node.kill();
    }
    home(clerks, working).await;
}

/// Clerks work, and the nodes are stopped in good order.
pub(super) async fn work_a_while(ground: &mut Ground, clerks: &mut Vec<Clerk>) -> Duration {
    let nodes = ground.serve();
    let working = work(clerks, &nodes);
    ground.pause(50, 351).await;
    let mut slowest = Duration::ZERO;
    for node in nodes {
        let (status, took) = node.terminate().expect("it stops");
        assert!(status.success() && took < Duration::from_secs(10), "{status} after {took:?}");
        slowest = slowest.max(took);
    }
    home(clerks, working).await;
    slowest
}

async fn rude(ground: &mut Ground, clerks: &mut Vec<Clerk>) -> String {
    for _ in 0..ground.n {
        let nodes = ground.serve();
        let working = work(clerks, &nodes);
        ground.pause(2_000, 1_000).await;
        for node in nodes {
            node.kill();
        }
        home(clerks, working).await;
    }
    assert!(clerks.iter().any(|clerk| clerk.hung_up > 10 && clerk.again > 10), "they were polite");
    String::new()
}

async fn crashes(ground: &mut Ground, clerks: &mut Vec<Clerk>) -> String {
    if ground.server.is_none() {
        // Embedded: the database crashes with its process.
        for _ in 0..ground.n {
            kill(ground, clerks).await;
        }
        return ", the database being embedded and killed with its process".to_owned();
    }
    let nodes = ground.serve();
    let working = work(clerks, &nodes);
    for _ in 0..ground.n {
        ground.pause(300, 300).await;
        // Both nodes go on by themselves as soon as it is there again.
        if let Some(server) = &mut ground.server {
            server.crash();
        }
    }
    ground.pause(1_000, 300).await;
    for node in nodes {
        node.kill();
    }
    home(clerks, working).await;
    String::new()
}

async fn flood(ground: &mut Ground, clerks: &mut Vec<Clerk>) -> String {
    let (nodes, timers) = (ground.serve(), ground.n * 1_000);
    let seconds = 10 + ground.n * 8;
    let due = Instant::now() + Duration::from_secs(seconds);
    let at = instant_in(i64::try_from(seconds).unwrap_or(i64::MAX));
    // Some set timers; then the others work all the while.
    let share = timers.div_ceil((CLERKS - CLERKS / 2) as u64);
    let setting = clerks.split_off(CLERKS / 2).into_iter().zip(nodes.iter().cycle());
    let setting = setting.map(|(clerk, node)| tokio::spawn(clerk.set_timers(node.address.clone(), share, at.clone()))).collect();
    let mut set = Vec::new();
    home(&mut set, setting).await;
    assert!(due > Instant::now(), "the timers were not set before they were due");
    let working = work(clerks, &nodes);
    tokio::time::sleep_until(due.into()).await;
    let client = Client::new(nodes[0].address.trim_start_matches("http://").parse().expect("an address"), "clerk-0");
    let mut longest = Duration::ZERO;
    loop {
        let asked = Instant::now();
        let page = client.get(&format!("/api/v1/instances?unit={UNIT}&process=kill.flood&status=active&limit=1")).await.ok(200);
        longest = longest.max(asked.elapsed());
        if page["items"].as_array().is_some_and(Vec::is_empty) {
            break;
        }
        assert!(due.elapsed() < Duration::from_secs(60), "not drained within a minute");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let drained = due.elapsed();
    for node in nodes {
        node.kill();
    }
    home(clerks, working).await;
    clerks.append(&mut set);
    format!("; {timers} timers of one instant drained within {drained:.1?} while clerks worked, a list in {longest:.1?} at most")
}

/// The instant so many seconds from now, as a definition takes it.
fn instant_in(seconds: i64) -> String {
    let now = engine::runtime::clock::Clock::now(&engine::runtime::clock::SystemClock);
    engine::model::Time(now.0 / 1_000_000 * 1_000_000).plus_seconds(seconds).to_string()
}

async fn stalls(ground: &mut Ground, clerks: &mut Vec<Clerk>) {
    for _ in 0..ground.n {
        let nodes = ground.serve();
        let working = work(clerks, &nodes);
        ground.pause(100, 200).await;
        // Longer than any lease is held, so that the other takes over what it held; then it wakes with its old beliefs.
        nodes[0].signal("-STOP");
        ground.pause(6_000, 3_000).await;
        nodes[0].signal("-CONT");
        ground.pause(200, 300).await;
        for node in nodes {
            node.kill();
        }
        home(clerks, working).await;
    }
}

async fn stops(ground: &mut Ground, clerks: &mut Vec<Clerk>) -> String {
    let mut slowest = Duration::ZERO;
    let mut round = 0;
    while !enough(round, ground, clerks) {
        round += 1;
        slowest = slowest.max(work_a_while(ground, clerks).await);
    }
    format!(", stopped within {slowest:.1?}")
}
