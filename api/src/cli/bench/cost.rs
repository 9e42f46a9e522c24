//! What the evidence costs: the workload with a signer beside it and without one, by turns on one database; and what hashing takes of it.

use std::future::ready;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::digest::{Frontier, commitment, leaf_hash};
use engine::runtime::clock::system_chance;
use engine::runtime::signer::Signer;
use engine::runtime::{Chance, Engine, Options};
use engine::store::Store as _;
use serde_json::{Value, json};

use super::report::float;
use super::{desk, office};
use crate::cli::database;
use crate::cli::output::Failure;
use crate::cli::sign::{EVERY, refused};

/// Clients that work.
const CLIENTS: u16 = 64;
/// With a signer or without: what grows or cools down meanwhile falls upon both alike.
const TURNS: [bool; 8] = [false, true, true, false, false, true, true, false];
/// Entries read at a time.
const PAGE: u32 = 1_000;

/// What was done in the turns of one kind.
#[derive(Default)]
struct Done {
    commands: u64,
    time: Duration,
}

impl Done {
    fn per_second(&self) -> f64 {
        float(self.commands) / self.time.as_secs_f64()
    }
}

/// What the evidence costs.
pub(super) struct Cost {
    plain: f64,
    signed: f64,
    /// Of the time of the turns, what hashing alone takes on one core.
    hashing: f64,
}

impl Cost {
    /// Of what would be done without evidence, the part that is not: what signing beside it takes, and all time spent on hashing as though nothing
    /// else were done meanwhile.
    fn whole(&self) -> f64 {
        1.0 - self.signed / self.plain * (1.0 - self.hashing)
    }

    /// As JSON.
    pub(super) fn json(&self) -> Value {
        json!({
            "unsignedPerSecond": self.plain,
            "signedPerSecond": self.signed,
            "signedByUnsigned": self.signed / self.plain,
            "hashing": self.hashing,
            "whole": self.whole(),
        })
    }

    /// In words.
    pub(super) fn text(&self) -> String {
        format!(
            "The evidence of sop10, {CLIENTS} clients, engine in process\n  without a signer           {:>8.0} commands a second\n  \
             with one beside it         {:>8.0} commands a second, {:.2} of that\n  hashing, on one core       {:>8.1} % of the time\n  \
             so it costs at most        {:>8.1} %",
            self.plain,
            self.signed,
            self.signed / self.plain,
            self.hashing * 100.0,
            self.whole() * 100.0,
        )
    }
}

/// Measures it, in turns of so long.
pub(super) async fn measure(dir: &Path, turn: Duration) -> Result<Cost, Failure> {
    let store = database::open_file(&dir.join("cost.db")).await?;
    let engine = Engine::open(store, Options::default()).await.map_err(Failure::store)?;
    office::set_up(&engine).await?;
    let folder = dir.join("signer");
    let chance: Chance = Arc::new(system_chance);
    Signer::init(&folder, &engine.options().host, &chance).map_err(refused)?;
    let mut signer = Signer::open(&folder).map_err(refused)?;
    let [mut plain, mut signed] = [Done::default(), Done::default()];
    for is_signed in TURNS {
        let working = desk::drive(CLIENTS, turn, |client| ready(desk::EngineDesk::new(engine.clone(), client)));
        let (commands, time, _) = if is_signed {
            // What was done unsigned is caught up with first, and is no part of this turn; what is left at its end is.
            signer.round(engine.store()).await.map_err(refused)?;
            let driven = beside(&mut signer, &engine, working).await?;
            let began = Instant::now();
            signer.round(engine.store()).await.map_err(refused)?;
            (driven.0, driven.1 + began.elapsed(), driven.2)
        } else {
            working.await?
        };
        let done = if is_signed { &mut signed } else { &mut plain };
        done.commands += commands;
        done.time += time;
    }
    let (hashed, spent) = hashing(&engine).await?;
    engine.stop().await;
    engine.store().close().await.map_err(Failure::store)?;
    let each = spent.as_secs_f64() / float(hashed.max(1));
    Ok(Cost { plain: plain.per_second(), signed: signed.per_second(), hashing: each * plain.per_second() })
}

/// Does work with a signer beside it, which signs every second as it does beside a server.
async fn beside<T>(
    signer: &mut Signer,
    engine: &crate::app::Engine,
    working: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    tokio::pin!(working);
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            biased;
            done = &mut working => return done,
            _ = ticks.tick() => {}
        }
        // The clients are tasks of their own, and go on meanwhile.
        signer.round(engine.store()).await.map_err(refused)?;
    }
}

/// Hashes once more what is in the log: entries, and how long that took.
async fn hashing(engine: &crate::app::Engine) -> Result<(u64, Duration), Failure> {
    let unit = office::unit()?;
    let mut frontier = Frontier::new();
    let mut spent = Duration::ZERO;
    loop {
        let page = engine.store().entries(&unit, frontier.size(), PAGE).await.map_err(Failure::store)?;
        if page.is_empty() {
            break;
        }
        let began = Instant::now();
        for entry in &page {
            for payload in &entry.payloads {
                std::hint::black_box(commitment(&payload.salt, payload.body.as_deref().unwrap_or_default().as_bytes()));
            }
            frontier.push(leaf_hash(entry.leaf.as_bytes()));
        }
        spent += began.elapsed();
    }
    let head = engine.store().head(&unit).await.map_err(Failure::store)?;
    if head.is_none_or(|head| head.frontier != frontier.to_bytes()) {
        return Err(Failure::Refused("The benchmark's log has another root than its head.".to_owned()));
    }
    Ok((frontier.size(), spent))
}
