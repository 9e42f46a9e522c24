//! A soak: clerks work at an even pace for long, and what the program takes must not grow.

use std::time::{Duration, Instant};

use super::clerk::Clerk;
use super::faults::{Ground, home, work};
use crate::program::{Program, Usage};

/// Between two commands of a clerk: together they send some 160 a second.
const PACE: Duration = Duration::from_millis(50);
/// The memory that the kernel gives the program.
const MEMORY_MAX: u64 = 512 << 20;
/// By how much its memory may have grown from the second third of the time to the last.
const GROWTH_MAX: u64 = 16 << 20;

/// F-24: so many minutes.
pub(super) async fn soak(ground: &mut Ground, clerks: &mut Vec<Clerk>) -> String {
    let started = (0..ground.nodes()).map(|_| Program::serve_within_memory(&ground.database, MEMORY_MAX));
    let (nodes, limits): (Vec<_>, Vec<_>) = started.unzip();
    clerks.iter_mut().for_each(|clerk| clerk.pace = PACE);
    let working = work(clerks, &nodes);
    let (begun, time) = (Instant::now(), Duration::from_secs(ground.n * 60));
    let mut thirds: [Usage; 3] = Default::default();
    while begun.elapsed() < time {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let third = (begun.elapsed().as_secs_f64() / time.as_secs_f64() * 3.0).min(2.9);
        let most = if third < 1.0 {
            &mut thirds[0]
        } else if third < 2.0 {
            &mut thirds[1]
        } else {
            &mut thirds[2]
        };
        for usage in nodes.iter().map(Program::usage) {
            let usage = usage.unwrap_or_else(|| panic!("it ended, having {} MiB at most: {}", MEMORY_MAX >> 20, limits[0]));
            *most = Usage { memory: most.memory.max(usage.memory), files: most.files.max(usage.files) };
        }
    }
    for node in nodes {
        node.kill();
    }
    home(clerks, working).await;
    let [first, second, last] = thirds;
    let told = format!(
        "{} / {} / {} MiB and {} / {} / {} files",
        first.memory >> 20,
        second.memory >> 20,
        last.memory >> 20,
        first.files,
        second.files,
        last.files
    );
    assert!(last.memory < second.memory + GROWTH_MAX && last.files <= second.files + 8, "it grows: {told}");
    format!("; {} minutes within {} MiB by {}: at most {told} in the thirds of them", ground.n, MEMORY_MAX >> 20, limits[0])
}
