//! What a disk does to an office: its power is cut, it fills up, it fails, it is slow; and somebody damages the write-ahead log.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;
use std::time::{Duration, Instant};

use serde_json::json;

use super::clerk::{Ask, Clerk, connect, look, send};
use super::disk::{Disk, Wrong};
use super::export::{Exported, read};
use super::faults::{Ground, enough, home, work, work_a_while};
use super::office::UNIT;
use crate::program::{Program, run};

/// How soon all must be well again after the disk is, and how soon a program that cannot trust its disk must be gone.
const SOON: Duration = Duration::from_secs(10);

/// F-4: kill -9, and what was not synced is lost, wholly, in part or torn.
pub(super) async fn cuts(ground: &mut Ground, clerks: &mut Vec<Clerk>) -> String {
    let Some(disk) = Disk::new(ground.kept()) else { return String::new() };
    let (mut lost, mut rounds) = (0, 0);
    while !enough(rounds, ground, clerks) {
        rounds += 1;
        let node = Program::serve_in(&ground.database, &[], &disk.environment());
        // So that much is under way when the power goes.
        disk.goes(Wrong::Slow);
        let working = work(clerks, std::slice::from_ref(&node));
        ground.pause(50, 351).await;
        node.kill();
        home(clerks, working).await;
        lost += disk.cut(&mut ground.lots);
    }
    assert!(lost > 0, "everything was synced always: the disk does not work");
    format!("; {rounds} power cuts, {lost} writes not synced by then")
}

/// F-5: the disk fills up, a write fails, a sync fails, syncs are slow: by turns, each followed by a power cut.
pub(super) async fn trouble(ground: &mut Ground, clerks: &mut Vec<Clerk>) -> String {
    let Some(disk) = Disk::new(ground.kept()) else { return String::new() };
    let (mut slowest, mut last, mut refused) = (Duration::ZERO, Duration::ZERO, false);
    // Asks for what must be so, and keeps a ledger as the others do.
    let mut probe = Clerk::with_new_keys(0);
    let mut round = 0;
    while !enough(round, ground, clerks) {
        let mut node = Program::serve_in(&ground.database, &[], &disk.environment());
        let working = work(clerks, std::slice::from_ref(&node));
        ground.pause(100, 200).await;
        match round % 4 {
            0 => {
                disk.goes(Wrong::Full);
                ground.pause(300, 300).await;
                refused |= full(&node, &mut probe).await;
                disk.goes(Wrong::Nothing);
                last = last.max(served(&node, &mut probe).await);
            }
            1 | 2 => {
                disk.goes(if round % 4 == 1 { Wrong::Write } else { Wrong::Sync });
                let begun = Instant::now();
                let status = node.ended(SOON).unwrap_or_else(|| panic!("it goes on, its disk having failed (round {round})"));
                assert!(!status.success(), "{status}");
                slowest = slowest.max(begun.elapsed());
            }
            _ => {
                disk.goes(Wrong::VerySlow);
                served(&node, &mut probe).await;
                ground.pause(1_000, 500).await;
            }
        }
        node.kill();
        home(clerks, working).await;
        disk.cut(&mut ground.lots);
        round += 1;
    }
    assert!(refused, "the disk was never full");
    clerks.push(probe);
    format!("; {round} troubles: served {last:.1?} after there was room again, ended {slowest:.1?} after a failure at the latest")
}

/// Everything can be read, and whoever asks for something to be written is told why it is not; whether somebody was.
async fn full(node: &Program, probe: &mut Clerk) -> bool {
    let mut connection = connect(&node.address).await.expect("it answers");
    for path in ["/api/v1/tasks?unit=killed&limit=5", "/api/v1/instances?unit=killed&limit=5"] {
        let (status, answer) = look(&mut connection, "clerk-0", path).await.expect("an answer");
        assert_eq!(status, 200, "{path} while the disk is full: {answer}");
    }
    let ask = start(probe);
    let (status, answer) = send(&mut connection, &probe.handle, &ask).await.expect("an answer");
    if status == 201 {
        // Where the write-ahead log has room of its own, what is accepted is durable.
        probe.promised(&ask, &answer);
        return false;
    }
    assert_eq!((status, answer["code"].as_str()), (507, Some("store.full")), "{answer}");
    true
}

/// A case can be started, now or soon; how soon.
pub(super) async fn served(node: &Program, probe: &mut Clerk) -> Duration {
    let (begun, ask) = (Instant::now(), start(probe));
    loop {
        if let Some(mut connection) = connect(&node.address).await
            && let Some((200..=299, answer)) = send(&mut connection, &probe.handle, &ask).await
        {
            probe.promised(&ask, &answer);
            return begun.elapsed();
        }
        assert!(begun.elapsed() < SOON, "nobody is served");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub(super) fn start(probe: &mut Clerk) -> Ask {
    probe.new_ask("/api/v1/instances", json!({ "unit": UNIT, "process": "kill.two", "data": {} }))
}

/// F-6: after a kill somebody damages the write-ahead log. Either the log is a beginning of what it was, with rows to match, or the damage is
/// told; it is never taken for what was written. And where it is a beginning, a signer that has signed the whole misses the rest.
pub(super) async fn damage(ground: &mut Ground, clerks: &mut Vec<Clerk>) -> String {
    let (trial, signer) = (ground.kept().join("trial"), ground.kept().join("signer").display().to_string());
    let made = run(&["sign", "--init", "--folder", &signer]);
    assert!(made.status.success(), "{made:?}");
    let mut outcomes = BTreeMap::from([("whole", 0), ("a beginning", 0), ("told", 0)]);
    let mut old = None;
    let mut rounds = 0;
    while !enough(rounds, ground, clerks) {
        rounds += 1;
        super::faults::kill(ground, clerks).await;
        let [database, wal] = ["office.db", "office.db-wal"].map(|name| fs::read(ground.kept().join(name)).unwrap_or_default());
        lay(&trial, &database, &wal);
        let whole = read(&trial.join("office.db").display().to_string());
        let signed = signs(&signer, &trial);
        assert!(signed.status.success(), "what nobody touched is not signed: {signed:?}");
        for how in 0..8 {
            let mut damaged = wal.clone();
            let length = damaged.len().max(1) as u64;
            let at = usize::try_from(ground.lots.draw(length)).expect("it is in memory");
            match how {
                0 | 1 => damaged.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << (at % 8)),
                2 => damaged.iter_mut().skip(at).take(4_096).for_each(|byte| *byte = 0),
                3 => damaged.iter_mut().skip(at).take(600).for_each(|byte| *byte = byte.wrapping_mul(31).wrapping_add(7)),
                4 => damaged.truncate(at),
                5 => damaged.clear(),
                6 => damaged.iter_mut().take(32).for_each(|byte| *byte ^= 0x5a),
                _ => damaged = old.clone().unwrap_or_default(),
            }
            lay(&trial, &database, &damaged);
            let outcome = judged(&trial, &whole);
            *outcomes.entry(outcome).or_default() += 1;
            if outcome == "a beginning" {
                let signed = signs(&signer, &trial);
                let is_missed = String::from_utf8_lossy(&signed.stderr).contains("ROLLBACK DETECTED");
                assert!(!signed.status.success() && is_missed, "lost entries that were signed are not missed: {signed:?}");
            }
        }
        old = Some(wal);
        // Clerks go on with what nobody touched.
        work_a_while(ground, clerks).await;
    }
    assert!(outcomes["a beginning"] + outcomes["told"] > 0, "nothing was damaged");
    let [whole, beginning, told] = ["whole", "a beginning", "told"].map(|name| outcomes[name]);
    format!(
        "; 0 of {} damages taken for what was written: {whole} left it whole, {beginning} a beginning, of which the signer missed the rest, \
         {told} told",
        whole + beginning + told
    )
}

fn lay(trial: &Path, database: &[u8], wal: &[u8]) {
    let _ = fs::remove_dir_all(trial);
    fs::create_dir(trial).expect("a folder");
    fs::write(trial.join("office.db"), database).expect("it is written");
    fs::write(trial.join("office.db-wal"), wal).expect("it is written");
}

/// The signer signs what is there, or does not.
fn signs(signer: &str, trial: &Path) -> Output {
    run(&["sign", "--once", "--folder", signer, "--database", &trial.join("office.db").display().to_string()])
}

/// What becomes of a damaged database.
fn judged(trial: &Path, whole: &[Exported]) -> &'static str {
    let database = trial.join("office.db").display().to_string();
    let rebuilt = run(&["rebuild", "--check", "--database", &database]);
    let said = String::from_utf8_lossy(&rebuilt.stderr);
    match rebuilt.status.code() {
        Some(0) => {
            let found = read(&database);
            let same = found.iter().zip(whole).take_while(|(found, whole)| found.hash == whole.hash).count();
            assert_eq!(same, found.len(), "{database}: another history passes for the true one");
            if found.len() == whole.len() { "whole" } else { "a beginning" }
        }
        Some(1 | 3) if !said.is_empty() && !said.contains("panicked") => "told",
        _ => panic!("{database}: {rebuilt:?}"),
    }
}
