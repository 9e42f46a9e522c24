//! Whatever is killed when: no acknowledged command is lost, none is done twice, none that was refused is there, and every timer fires once.
//!
//! Clients keep a ledger of what they were told. The server is killed again and again; a command whose answer never came is sent again
//! with the same key until the answer is definite. In the end the ledger is held against the journal. `SEVOTTAM_KILLS` says how often.

mod jumps;
mod nodes;
mod order;
mod verdict;

use std::time::Duration;

use tests::nemesis::Clerk;
use tests::nemesis::office::{CLERKS, Lots, UNIT, begin};

use crate::program::Program;

/// How often is killed.
fn kills() -> u64 {
    std::env::var("SEVOTTAM_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(10)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_and_nothing_is_done_twice() {
    let kills = kills();
    let dir = tempfile::tempdir().expect("a directory");
    let database = dir.path().join("office.db").to_str().expect("a path").to_owned();
    begin(dir.path(), &database);

    let mut lots = Lots(2026);
    let mut clerks: Vec<Clerk> = (0..CLERKS).map(Clerk::new).collect();
    let mut killed = 0;
    while another(killed, kills, &clerks) {
        killed += 1;
        let program = Program::serve(&database, &[]);
        let working: Vec<_> = clerks.drain(..).map(|clerk| tokio::spawn(clerk.work(program.address.clone()))).collect();
        tokio::time::sleep(Duration::from_millis(50 + lots.draw(351))).await;
        program.kill();
        for clerk in working {
            clerks.push(clerk.await.expect("a clerk does not fail"));
        }
    }

    settle(&database, &mut clerks, Duration::from_millis(2_500)).await;
    verdict::check(&database, &clerks, &format!("{killed} kills")).await;
}

/// Whether there is another round: so many there are in any case, and more where the machine was too busy for the clerks to do what proves something.
fn another(round: u64, rounds: u64, clerks: &[Clerk]) -> bool {
    let promised: usize = clerks.iter().map(|clerk| clerk.promises.len()).sum();
    let enough = promised > 100 && clerks.iter().any(|clerk| !clerk.refusals.is_empty());
    round < rounds || !enough && round < 10 * rounds
}

/// The last server lives: what is unknown becomes known, and what is due is done within so long.
async fn settle(database: &str, clerks: &mut [Clerk], due: Duration) {
    let program = Program::serve(database, &[]);
    for clerk in clerks {
        clerk.settle(&program.address).await;
    }
    tokio::time::sleep(due).await;
    let (status, took) = program.terminate().expect("it stops");
    assert!(status.success() && took < Duration::from_secs(10), "{status} after {took:?}");
}
