//! The golden vectors. `UPDATE=1` writes them anew: for a new kind or event only, never because bytes of an old one changed.

use engine::journal::{Entry, Payload, Sealed, codec};
use serde_json::json;

use super::exchange::{exchange, withdrawals, withdrawn};
use super::exports::exports;
use super::handed::handed;
use super::keys::keys;
use super::log::{Log, site, unit};
use super::moved::moves;
use super::pages::pages;
use super::reads::reads;
use super::records::records;
use super::report::{reports, requests, weeding};
use super::serving::serving;
use super::taken::checkpoints;
use super::time::{clocks, schedules};

/// A log by the name of its file under tests/golden.
type Golden = (&'static str, fn() -> Log);
/// All of them.
pub(super) const FILES: [Golden; 19] = [
    ("journal-v1.jsonl", unit),
    ("site-v1.jsonl", site),
    ("clocks-v1.jsonl", clocks),
    ("schedules-v1.jsonl", schedules),
    ("reports-v1.jsonl", reports),
    ("requests-v1.jsonl", requests),
    ("records-v1.jsonl", records),
    ("weeding-v1.jsonl", weeding),
    ("exchange-v1.jsonl", exchange),
    ("moves-v1.jsonl", moves),
    ("withdrawals-v1.jsonl", withdrawals),
    ("checkpoints-v1.jsonl", checkpoints),
    ("serving-v1.jsonl", serving),
    ("keys-v1.jsonl", keys),
    ("pages-v1.jsonl", pages),
    ("exports-v1.jsonl", exports),
    ("withdrawn-v1.jsonl", withdrawn),
    ("reads-v1.jsonl", reads),
    ("handed-v1.jsonl", handed),
];

/// The log as its export.
pub(super) fn export(log: &Log) -> String {
    let mut text = String::new();
    for sealed in &log.sealed {
        let payload =
            |Payload { name, salt, body }: &Payload| json!({ "name": name, "salt": engine::digest::hex(salt), "body": body });
        let payloads: Vec<_> = sealed.payloads.iter().map(payload).collect();
        let line = json!({ "index": sealed.index, "leaf": sealed.leaf, "payloads": payloads });
        text.push_str(&engine::digest::canonical(&line));
        text.push('\n');
    }
    let mut frontier = engine::digest::Frontier::new();
    log.sealed.iter().for_each(|sealed| frontier.push(engine::digest::leaf_hash(sealed.leaf.as_bytes())));
    let head = json!({ "head": { "origin": log.origin, "size": frontier.size(), "root": frontier.root() } });
    text + &engine::digest::canonical(&head) + "\n"
}

#[test]
fn bytes_are_frozen() {
    for (name, log) in FILES {
        let path = tests::top().join("tests/golden").join(name);
        let made = export(&log());
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &made).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap();
        for (index, (made, kept)) in made.lines().zip(kept.lines()).enumerate() {
            assert_eq!(made, kept, "line {index} of {name}: these bytes are promised for ever");
        }
        assert_eq!(made.lines().count(), kept.lines().count(), "{name}: lines");
    }
}

#[test]
fn what_was_sealed_is_read_back() {
    for (_, log) in FILES {
        let Log { sealed, entries, .. } = log();
        for (sealed, entry) in sealed.iter().zip(&entries) {
            assert!(engine::digest::is_strict_ascii(sealed.leaf.as_bytes()), "{}", sealed.leaf);
            assert_eq!(&codec::open(sealed).unwrap(), entry);
        }
    }
}

#[test]
fn an_erased_value_reads_as_null() {
    let Log { sealed, .. } = unit();
    let mut erased: Sealed = sealed.into_iter().find(|sealed| sealed.payloads.len() > 1).expect("an entry with personal values");
    let name = erased.payloads[1].name.split('.').next().unwrap().to_owned();
    erased.payloads[1].body = None;
    let Entry { events, .. } = codec::open(&erased).unwrap();
    let values = events.iter().find_map(engine::journal::Event::values).unwrap();
    assert!(values[&name].is_null());
    erased.payloads[0].body = None;
    assert!(codec::open(&erased).is_err(), "the event list is never erased");
}
