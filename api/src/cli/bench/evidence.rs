//! `bench evidence`: what evidence costs people who work (`cost.rs`); how fast a bundle is made, checked, and lived through once more; and what a proof takes in a log of a million entries.

use std::collections::{BTreeMap, BTreeSet};
use std::future::ready;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use engine::audit::replay;
use engine::digest::{Frontier, leaf_hash, verify_inclusion};
use engine::evidence::bundle::{Policy, Verdict, pack, verify};
use engine::evidence::{Blocks, Checkpoint, PrivateKey, TILE_WIDTH};
use engine::model::bundle::Chosen;
use engine::runtime::bundle::{Signed, Wish, gather};
use engine::runtime::{Engine, Options};
use engine::store::Store as _;
use serde_json::json;

use super::machine::Load;
use super::report::float;
use super::{cost, desk, office};
use crate::cli::database;
use crate::cli::output::{self, Failure};
use crate::cli::verify::Opened;

/// Entries of the log in which a proof is sought.
const ENTRIES: u64 = 1_000_000;
/// Proofs that are made.
const PROOFS: u64 = 1_000;
/// Bytes of a leaf, as they are on average.
const LEAF_BYTES: usize = 600;
/// Commands of a case.
const COMMANDS: u64 = 11;
/// Clients that make cases, and for how long before it is asked whether there are enough.
const CLIENTS: u16 = 64;
const SLICE: Duration = Duration::from_secs(1);

/// Measures and prints.
pub(super) async fn run(dir: &Path, cases: u32, turn: Duration, as_json: bool) -> Result<(), Failure> {
    let load = Load::begin();
    let cost = cost::measure(dir, turn).await?;
    let proof_us = proofs()?;
    let store = database::open_file(&dir.join("evidence.db")).await?;
    let engine = Engine::open(store, Options::default()).await.map_err(Failure::store)?;
    office::set_up(&engine).await?;
    let mut done = 0;
    while done < u64::from(cases) * COMMANDS {
        done += desk::drive(CLIENTS, SLICE, |client| ready(desk::EngineDesk::new(engine.clone(), client))).await?.0;
    }
    let secret = PrivateKey::new(&engine.options().host, &[7; 32]).map_err(Failure::store)?;
    let signed = signed(&engine, &secret).await?;
    let chosen = Chosen { unit: office::unit()?, cases: Vec::new(), processes: Vec::new(), from: None, to: None };
    let wish = Wish { chosen, withheld: None, leaves: false, at: BTreeSet::new() };
    let zone = engine.options().zone.iana_name().unwrap_or("UTC").to_owned();

    let began = Instant::now();
    let parts = gather(engine.store(), &engine.options().host, &zone, &wish, &signed).await.map_err(Failure::store)?;
    let archive = pack(parts).map_err(Failure::store)?;
    let made_s = began.elapsed().as_secs_f64();

    let policy = Policy { keys: vec![secret.key()], ..Policy::default() };
    let (bytes, path) = (archive.len(), dir.join("evidence.zip"));
    std::fs::write(&path, archive).map_err(|error| output::unwritable(&path, &error))?;
    // So that others can be held beside it while it is there.
    let key = path.with_extension("policy");
    std::fs::write(&key, format!("key {}\n", secret.key())).map_err(|error| output::unwritable(&key, &error))?;
    let opened = Opened::open(&path).map_err(Failure::Unreachable)?;
    let began = Instant::now();
    let (bundle, mut report) = verify(opened.archive(), &policy);
    let checked_s = began.elapsed().as_secs_f64();
    let began = Instant::now();
    let replayed = bundle.map(|bundle| replay(&bundle, &mut report)).unwrap_or_default();
    let replayed_s = began.elapsed().as_secs_f64();
    if report.verdict() != Verdict::Verified {
        return Err(Failure::Refused(format!("The benchmark's bundle is not verified: {:?}.", report.findings)));
    }
    engine.stop().await;
    engine.store().close().await.map_err(Failure::store)?;
    let entries: u64 = report.logs.iter().map(|log| log.shown).sum();
    let (checked, lived) = (float(entries) / checked_s, float(replayed.entries) / replayed_s);
    if as_json {
        output::json(&json!({
            "cost": cost.json(),
            "bundle": { "cases": report.cases, "entries": entries, "bytes": bytes, "seconds": made_s },
            "verify": { "seconds": checked_s, "entriesPerSecond": checked },
            "replay": { "seconds": replayed_s, "entriesPerSecond": lived },
            "proof": { "entries": ENTRIES, "microseconds": proof_us },
            "machine": load.json(),
        }));
    } else {
        output::line(&cost.text());
        output::line(&format!(
            "A bundle of {} cases, {entries} entries, {:.0} MB\n  made in                    {made_s:>8.2} s\n  \
             checked, on one core       {checked:>8.0} entries a second\n  lived through once more    {lived:>8.0} entries a second\n\
             A proof in {ENTRIES} entries    {proof_us:>8.0} µs",
            report.cases,
            float(bytes as u64) / 1e6,
        ));
        output::line(&load.text());
    }
    Ok(())
}

/// A checkpoint of each log.
async fn signed(engine: &crate::app::Engine, secret: &PrivateKey) -> Result<BTreeMap<engine::model::UnitId, Signed>, Failure> {
    let mut signed = BTreeMap::new();
    let store = engine.store();
    for unit in store.units().await.map_err(Failure::store)? {
        let Some(head) = store.head(&unit).await.map_err(Failure::store)? else { continue };
        let Some(frontier) = Frontier::from_bytes(head.size, &head.frontier) else { continue };
        let checkpoint = Checkpoint::new(&head.origin, head.size, frontier.root());
        let note = checkpoint.sign(secret).map_err(Failure::store)?;
        let path = head.origin.split_once('/').map(|(_, path)| path.to_owned()).unwrap_or_default();
        signed.insert(unit, Signed { path, note, checkpoint, held: BTreeSet::new() });
    }
    Ok(signed)
}

/// How long a proof takes, in microseconds: two blocks of leaves are hashed, all else is kept.
fn proofs() -> Result<f64, Failure> {
    let leaf = |index: u64| {
        let mut leaf = vec![b' '; LEAF_BYTES];
        leaf[..8].copy_from_slice(&index.to_be_bytes());
        leaf_hash(&leaf)
    };
    let mut blocks = Blocks::new();
    (0..ENTRIES).for_each(|index| blocks.push(leaf(index)));
    let part = |block: Option<u64>| -> Vec<_> {
        let first = block.unwrap_or_default() * TILE_WIDTH;
        (first..(first + TILE_WIDTH).min(ENTRIES)).map(leaf).collect()
    };
    let broken = || Failure::Refused("The benchmark's proof does not lead to the root.".to_owned());
    let root = blocks.root(ENTRIES, &part(Some(ENTRIES / TILE_WIDTH))).ok_or_else(broken)?;
    let mut spent = Duration::ZERO;
    for number in 0..PROOFS {
        let index = number * (ENTRIES / PROOFS) + number % 256;
        let began = Instant::now();
        let [own, last] = Blocks::needed(index, ENTRIES);
        let own = part(own);
        let last = if last.is_some() { part(last) } else { own.clone() };
        let path = black_box(blocks.inclusion(index, ENTRIES, &own, &last)).ok_or_else(broken)?;
        spent += began.elapsed();
        if !verify_inclusion(&leaf(index), index, ENTRIES, &path, &root) {
            return Err(broken());
        }
    }
    Ok(spent.as_secs_f64() * 1e6 / float(PROOFS))
}
