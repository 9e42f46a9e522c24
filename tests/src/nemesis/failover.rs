//! The server of the database dies for good, its standby takes its place, and the dead one comes back as if nothing had been.

use std::path::Path;
use std::time::Duration;

use super::clerk::Clerk;
use super::faults::{Ground, home, work};
use super::power::served;
use crate::postgres::Server;
use crate::program::Program;

/// How long a statement may take.
const STATEMENT_MAX: Duration = Duration::from_secs(30);

/// F-8: so many times, under two nodes whose address leads to whichever server is the primary.
pub(super) async fn failover(ground: &mut Ground, clerks: &mut Vec<Clerk>) -> String {
    let name = ground.database.trim_start_matches("postgres:///").split('?').next().expect("a name").to_owned();
    let address = |folder: &Path| format!("postgres:///{name}?host={}&user=postgres", folder.display());
    let primary = ground.kept().join("primary");
    let mut longest = Duration::ZERO;
    let mut probe = Clerk::with_new_keys(0);
    for round in 0..ground.n {
        let mut first = ground.server.take().expect("a server");
        let standby = tokio::task::block_in_place(|| first.standby());
        lead(&primary, &first);
        ground.database = address(&primary);
        ground.server = Some(standby);
        let nodes = ground.serve();
        // Somebody has the first server's own address, and nobody tells them.
        let stubborn = Program::serve(address(first.folder()), &[]);
        let working = work(clerks, &nodes);
        ground.pause(300, 300).await;
        tokio::task::block_in_place(|| {
            first.die();
            let second = ground.server.as_ref().expect("the standby");
            second.promote();
            lead(&primary, second);
        });
        longest = longest.max(served(&nodes[0], &mut probe).await);
        // The dead one is back and takes itself for the primary. It waits for its standby for longer than any statement may take.
        tokio::task::block_in_place(|| first.revive());
        let misled = tokio::spawn(Clerk::with_new_keys(usize::try_from(round).expect("few") + 1).work(stubborn.address.clone()));
        tokio::time::sleep(STATEMENT_MAX + Duration::from_secs(4)).await;
        stubborn.kill();
        let misled = misled.await.expect("a clerk does not fail");
        assert!(misled.promises.is_empty(), "the dead server answered for the office: {:?}", misled.promises);
        assert!(misled.unknown > 0, "nobody asked the dead server");
        first.die();
        clerks.push(misled);
        for node in nodes {
            node.kill();
        }
        home(clerks, working).await;
    }
    clerks.push(probe);
    format!("; {} failovers, served again within {longest:.1?}; 0 answers by a dead server that came back", ground.n)
}

/// The address leads to this server from now on.
fn lead(primary: &Path, to: &Server) {
    let beside = primary.with_extension("new");
    std::os::unix::fs::symlink(to.folder(), &beside).expect("a link");
    std::fs::rename(beside, primary).expect("it takes the place of the other");
}
