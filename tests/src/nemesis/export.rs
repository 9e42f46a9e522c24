//! The checker: reads the exported journal and the ledgers, and nothing of the program's own.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use engine::digest::{Hash, leaf_hash, root_of};
use serde_json::Value;

use super::clerk::Clerk;
use super::office::UNIT;
use crate::program::run;

/// What a run proved, as counts.
#[derive(Debug, Default)]
pub struct Verdict {
    /// Entries in the log.
    pub entries: usize,
    /// Acknowledgements, each found.
    pub acknowledged: usize,
    /// Refusals, none of them found.
    pub refused: usize,
    /// Answers that never came at first, all of them definite in the end.
    pub unknown: usize,
    /// Timers set.
    pub armed: usize,
    /// Timers fired, once and not early.
    pub fired: usize,
}

/// An exported entry.
pub struct Exported {
    /// Its leaf.
    pub leaf: Value,
    /// Hash of the leaf.
    pub hash: Hash,
    /// What happened.
    pub events: Vec<Value>,
}

/// The log of the unit as it is exported, checked for form, order and root.
///
/// # Panics
/// When it is not whole.
pub fn read(database: &str) -> Vec<Exported> {
    read_of(database, UNIT)
}

/// The same of another unit, or of the site.
///
/// # Panics
/// When it is not whole.
pub fn read_of(database: &str, unit: &str) -> Vec<Exported> {
    let output = run(&["export", "--unit", unit, "--database", database]);
    assert!(output.status.success(), "{output:?}");
    let (mut entries, mut head) = (Vec::new(), Value::Null);
    for line in String::from_utf8(output.stdout).expect("UTF-8").lines() {
        let line: Value = serde_json::from_str(line).expect("JSON");
        let Some(text) = line["leaf"].as_str() else {
            head = line["head"].clone();
            continue;
        };
        let leaf: Value = serde_json::from_str(text).expect("a leaf");
        assert_eq!(leaf["i"].as_u64(), Some(entries.len() as u64), "an index is missing");
        let body = line["payloads"][0]["body"].as_str().expect("an event list");
        let body: Value = serde_json::from_str(body).expect("events");
        let events = body["events"].as_array().cloned().expect("events");
        entries.push(Exported { leaf, hash: leaf_hash(text.as_bytes()), events });
    }
    let leaves: Vec<Hash> = entries.iter().map(|entry| entry.hash).collect();
    assert_eq!(head["size"].as_u64(), Some(leaves.len() as u64), "the head says another size");
    assert_eq!(head["root"].as_str(), Some(root_of(&leaves).to_string().as_str()), "the head says another root");
    entries
}

/// The id of a command by its actor, as leaves name it, and its key.
fn command(actor: &str, key: &str) -> String {
    let mut id = Hash::of(format!("{actor}\n{key}").as_bytes()).to_string();
    id.truncate(32);
    id
}

/// The ledgers against the export, and the rows against the journal.
///
/// # Panics
/// When a law is broken.
pub fn check(database: &str, clerks: &[Clerk]) -> Verdict {
    let entries = read(database);
    let rebuilt = run(&["rebuild", "--check", "--database", database]);
    assert!(rebuilt.status.success(), "the rows are not what the journal says: {rebuilt:?}");
    let mut verdict = Verdict { entries: entries.len(), ..Verdict::default() };
    let mut commands = BTreeSet::new();
    for entry in &entries {
        assert!(commands.insert(entry.leaf["cmd"].as_str().expect("a command")), "twice: {}", entry.leaf);
    }
    assert!(entries.windows(2).all(|pair| pair[0].leaf["t"].as_str() < pair[1].leaf["t"].as_str()), "time stands still");
    let mut during: BTreeMap<u64, (Instant, Instant)> = BTreeMap::new();
    let mut told = BTreeSet::new();
    for clerk in clerks {
        let mut actor = None;
        for promise in &clerk.promises {
            let entry = usize::try_from(promise.index).ok().and_then(|at| entries.get(at));
            let entry = entry.unwrap_or_else(|| panic!("LOST: {promise:?} of {}", clerk.handle));
            let who = entry.leaf["actor"].as_str().expect("an actor");
            assert_eq!(entry.leaf["cmd"].as_str(), Some(command(who, &promise.key).as_str()), "another command at {promise:?}");
            assert_eq!(entry.hash.to_string(), promise.leaf, "another leaf at {promise:?}");
            assert_eq!(entry.leaf["log"].as_str(), Some(promise.log.as_str()), "another log at {promise:?}");
            assert_eq!(*actor.get_or_insert(who), who, "two people answer to {}", clerk.handle);
            assert!(told.insert(command(who, &promise.key)), "two acknowledgements of {promise:?}");
            during.insert(promise.index, promise.during);
        }
        let Some(actor) = actor else { continue };
        for key in &clerk.refusals {
            assert!(!commands.contains(command(actor, key).as_str()), "refused, and yet there: {key}");
        }
        verdict.refused += clerk.refusals.len();
        verdict.unknown += clerk.unknown;
    }
    // Whatever a person did was acknowledged in the end: an answer that never came was asked for again.
    // What is deployed is in no ledger, and jobs are locked without receipts.
    let is_told =
        |entry: &&Exported| !["definition.deployed", "job.locked"].contains(&entry.leaf["kind"].as_str().unwrap_or_default());
    for entry in entries.iter().filter(|entry| entry.leaf["actor"] != "system").filter(is_told) {
        assert!(told.contains(entry.leaf["cmd"].as_str().unwrap_or_default()), "nobody was told of {}", entry.leaf);
    }
    // What was acknowledged before another was sent stands before it.
    let mut first = None::<Instant>;
    for (index, (sent, acknowledged)) in during.iter().rev() {
        assert!(first.is_none_or(|first| first >= *sent), "entry {index} was sent after a later one was acknowledged");
        first = Some(first.map_or(*acknowledged, |first| first.min(*acknowledged)));
    }
    verdict.acknowledged = told.len();
    (verdict.armed, verdict.fired) = timers(&entries);
    verdict
}

/// Each timer ended once, and fired no earlier than it was due: how many were set, and how many fired.
fn timers(entries: &[Exported]) -> (usize, usize) {
    let (mut open, mut armed, mut fired): (BTreeMap<String, i64>, _, _) = (BTreeMap::new(), 0, 0);
    for entry in entries {
        for event in &entry.events {
            let ends = || event["timer"].as_str().unwrap_or_default();
            match event["event"].as_str() {
                Some("timer.armed") => {
                    let id = format!("{}-{}", entry.leaf["cmd"].as_str().unwrap_or_default(), event["ordinal"]);
                    open.insert(id, event["due"].as_i64().expect("an instant"));
                    armed += 1;
                }
                Some("timer.fired") => {
                    let due = open.remove(ends()).unwrap_or_else(|| panic!("timer {} ended twice", ends()));
                    let time = entry.leaf["t"].as_str().and_then(engine::model::Time::parse).expect("a time");
                    assert!(due <= time.0, "timer {} fired early", ends());
                    fired += 1;
                }
                Some("timer.disarmed") => {
                    open.remove(ends()).unwrap_or_else(|| panic!("timer {} ended twice", ends()));
                }
                _ => {}
            }
        }
    }
    assert!(open.is_empty(), "{} timers never ended: {:?}", open.len(), open.keys().next());
    (armed, fired)
}
