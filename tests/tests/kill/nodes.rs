//! The same on PostgreSQL with two nodes: nodes are killed, stall and come back, and the server of the database crashes under them.

use std::time::Duration;

use tests::postgres::Server;

use super::{CLERKS, Clerk, Lots, another, begin, kills, settle, verdict};
use crate::program::Program;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_lose_nothing_and_do_nothing_twice() {
    let Some(mut server) = Server::start() else { return };
    let rounds = kills().div_ceil(2);
    let dir = tempfile::tempdir().expect("a directory");
    let database = server.database();
    begin(dir.path(), &database);

    let mut lots = Lots(1915);
    let mut clerks: Vec<Clerk> = (0..CLERKS).map(Clerk::new).collect();
    let mut suffered = [0; 3];
    let mut round = 0;
    while another(round, rounds, &clerks) {
        round += 1;
        let (one, other) = (Program::serve(&database, &[]), Program::serve(&database, &[]));
        // A clerk goes to the one and, in the next round, perhaps to the other.
        let first = lots.draw(2);
        let at = |n: u64| if (n + first).is_multiple_of(2) { &one } else { &other }.address.clone();
        let working: Vec<_> = (0..).zip(clerks.drain(..)).map(|(n, clerk)| tokio::spawn(clerk.work(at(n)))).collect();
        tokio::time::sleep(Duration::from_millis(50 + lots.draw(251))).await;
        let fate = lots.draw(3);
        suffered[usize::try_from(fate).expect("it is small")] += 1;
        match fate {
            0 => one.kill(),
            1 => {
                one.stall(Duration::from_millis(lots.draw(400)));
                tokio::time::sleep(Duration::from_millis(lots.draw(200))).await;
                one.kill();
            }
            _ => {
                server.crash();
                // Both go on by themselves as soon as it is there again.
                tokio::time::sleep(Duration::from_millis(200 + lots.draw(300))).await;
                one.kill();
            }
        }
        tokio::time::sleep(Duration::from_millis(lots.draw(200))).await;
        other.kill();
        for clerk in working {
            clerks.push(clerk.await.expect("a clerk does not fail"));
        }
    }

    // The due work of dead nodes is taken up by others within ten seconds.
    settle(&database, &mut clerks, Duration::from_secs(9)).await;
    let [kills, stalls, crashes] = suffered;
    let what = format!("two nodes, {kills} times one killed, {stalls} times stalled and killed, {crashes} crashes of the server");
    verdict::check(&database, &clerks, &what).await;
}
