//! Inputs made from seeds: arbitrary bytes, and good examples that were changed. Nothing panics, nothing takes long, and what is read is
//! written back the same. What has such a test beside its code is not here: expressions, cron, proofs, bundles, requests.

mod corpus;
mod documents;
mod parsers;
mod trials;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use tests::world::Random;

/// No input of these may take longer, with room for a build that is not optimised on a machine that is busy.
const TIME_MAX: Duration = Duration::from_secs(20);

/// How many inputs each target is given; `SEVOTTAM_FUZZ` raises it.
fn rounds() -> u64 {
    std::env::var("SEVOTTAM_FUZZ").ok().and_then(|text| text.parse().ok()).unwrap_or(400)
}

/// Tries a target on so many inputs made from its examples. An input that fails is shown, with the seed that makes it again.
fn fuzz(rounds: u64, examples: &[Vec<u8>], target: impl Fn(&[u8])) {
    for seed in 0..rounds {
        let mut random = Random(seed);
        let input = input(&mut random, examples);
        within(seed, || format!("{:?}", String::from_utf8_lossy(&input)), || target(&input));
    }
}

/// Runs one attempt.
fn within(seed: u64, shown: impl Fn() -> String, attempt: impl FnOnce()) {
    let begun = Instant::now();
    let done = catch_unwind(AssertUnwindSafe(attempt));
    assert!(done.is_ok(), "seed {seed} panics: {:.4000}", shown());
    assert!(begun.elapsed() < TIME_MAX, "seed {seed} takes {:?}: {:.4000}", begun.elapsed(), shown());
}

/// Bytes that parsers trip over.
const TOKENS: [&str; 40] = [
    "\0",
    "\n",
    "\r\n",
    "\r",
    "\t",
    " ",
    "\"",
    "\"\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "'",
    ",",
    ";",
    ":",
    "=",
    "-",
    "-1",
    "0",
    "00",
    "1e999",
    "1.5",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "99999999999999999999999999",
    "null",
    "true",
    "{",
    "}",
    "[",
    "]",
    "[[[[",
    "{\"\":",
    "P",
    "T",
    "\u{feff}",
    "\u{2028}",
    "𝔘",
    "नमस्ते",
];

/// An input: an example that was changed, or, now and then, anything at all.
fn input(random: &mut Random, examples: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = match random.pick(examples) {
        Some(example) if !random.once_in(10) => example.clone(),
        _ => (0..random.below(300)).map(|_| u8::try_from(random.below(256)).unwrap()).collect(),
    };
    for _ in 0..=random.below(5) {
        let (at, other) = (random.below(bytes.len() + 1), random.below(bytes.len() + 1));
        let (from, to) = (at.min(other), at.max(other));
        match random.below(9) {
            0 => bytes.truncate(at),
            1 | 2 => drop(bytes.splice(at..at, random.pick(&TOKENS).unwrap().bytes())),
            3 if at < bytes.len() => bytes[at] = u8::try_from(random.below(256)).unwrap(),
            4 => drop(bytes.drain(from..to.min(from + 40))),
            5 => {
                // A piece of it, over and over.
                let piece = bytes[from..to.min(from + 60)].to_vec();
                let times = 1 + random.below(60);
                drop(bytes.splice(at..at, piece.repeat(times)));
            }
            6 => {
                let piece = random.pick(examples).map(|example| example[random.below(example.len() + 1)..].to_vec());
                drop(bytes.splice(from..to, piece.unwrap_or_default()));
            }
            7 if from + 1 < to => bytes[from..to].reverse(),
            _ => drop(bytes.splice(from..to.min(from + 3), random.pick(&TOKENS).unwrap().bytes())),
        }
    }
    bytes.truncate(64 * 1024);
    bytes
}
