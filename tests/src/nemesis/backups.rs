//! Copies taken while clerks work: each is whole, holds everything that was acknowledged before it was begun, and is the beginning of what
//! the log became; and an office goes on from a copy.

use std::time::{Duration, Instant};

use super::clerk::Clerk;
use super::export::read;
use super::faults::{Ground, home, work};
use crate::program::{Program, run};

/// A copy, and when it was begun.
struct Copy {
    database: String,
    begun: Instant,
}

/// Takes the copies and looks at them.
pub(super) async fn backups(ground: &mut Ground, clerks: &mut Vec<Clerk>) -> String {
    let nodes = ground.serve();
    let working = work(clerks, &nodes);
    let (mut copies, mut longest) = (Vec::new(), Duration::ZERO);
    for n in 0..ground.n {
        ground.pause(200, 400).await;
        let begun = Instant::now();
        let database = tokio::task::block_in_place(|| copy(ground, n));
        longest = longest.max(begun.elapsed());
        copies.push(Copy { database, begun });
    }
    for node in nodes {
        node.kill();
    }
    home(clerks, working).await;
    let written = read(&ground.database);
    for Copy { database, begun } in &copies {
        let copied = read(database);
        let is_beginning = copied.iter().zip(&written).all(|(copied, written)| copied.hash == written.hash);
        assert!(is_beginning && copied.len() <= written.len(), "{database} holds another history");
        let promises = clerks.iter().flat_map(|clerk| &clerk.promises).filter(|promise| promise.during.1 < *begun);
        let lost = promises.filter(|promise| promise.index >= copied.len() as u64).count();
        assert!(lost == 0, "{database} lacks {lost} of what was acknowledged before it was begun");
        let rebuilt = run(&["rebuild", "--check", "--database", database]);
        assert!(rebuilt.status.success(), "the rows of {database} are not what its journal says: {rebuilt:?}");
    }
    if let Some(Copy { database, .. }) = copies.last() {
        goes_on(database).await;
    }
    format!(
        "; 0 of {} copies lacked anything that was acknowledged before, each taken within {longest:.1?} while clerks worked",
        copies.len()
    )
}

/// The office goes on from a copy: clerks who know nothing of what it lacks are served there.
async fn goes_on(database: &str) {
    let before = read(database).len();
    let program = Program::serve(database, &[]);
    let clerk = tokio::spawn(Clerk::with_new_keys(0).work(program.address.clone()));
    tokio::time::sleep(Duration::from_secs(1)).await;
    program.kill();
    let clerk = clerk.await.expect("a clerk does not fail");
    assert!(!clerk.promises.is_empty(), "nobody is served from {database}");
    let entries = read(database);
    for promise in &clerk.promises {
        assert!(promise.index >= before as u64, "written over what was there: {promise:?}");
        let entry = entries.get(usize::try_from(promise.index).expect("an index"));
        assert_eq!(entry.map(|entry| entry.hash.to_string()).as_ref(), Some(&promise.leaf), "LOST: {promise:?}");
    }
}

/// Takes a copy as an operator does; where it is.
fn copy(ground: &Ground, n: u64) -> String {
    if let Some(server) = &ground.server {
        return server.copy(&ground.database);
    }
    let to = ground.kept().join(format!("backup-{n}.db")).display().to_string();
    let done = run(&["backup", "--database", &ground.database, "--to", &to]);
    assert!(done.status.success(), "{done:?}");
    to
}
