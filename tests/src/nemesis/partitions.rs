//! Lines that are cut: a node that does not reach the database any more says so, the other goes on, and once the line is whole again both do.

use std::time::{Duration, Instant};

use super::clerk::{Clerk, connect, send};
use super::faults::{Ground, home, work};
use super::network::{Line, Network, Way};
use super::power::{served, start};
use crate::program::Program;

/// An answer, or that there is none: whoever asks a node that has lost the database is told within this time. A connection that is dead, and
/// each that cannot be made in its place, takes five seconds.
const TOLD: Duration = Duration::from_secs(25);
/// Once the line is whole again, whoever asks is served within this time, and whoever had asked before is told.
const HEALED: Duration = Duration::from_secs(5);
/// The port of the database.
const PORT: u16 = 5432;
/// Milliseconds of the first partition at least: long enough that no connection is believed in any more.
const LONG: u64 = 20_000;
/// A node that goes on is served within this time, though the other was cut off with the head of the log in its hands.
const GOES_ON: Duration = Duration::from_secs(10);

/// The longest of everything.
#[derive(Debug, Default)]
struct Longest {
    told: Duration,
    went_on: Duration,
    healed: Duration,
}

/// F-9: so many times, with two nodes, each in a network of its own. The first one suffers.
pub(super) async fn partitions(ground: &mut Ground, clerks: &mut Vec<Clerk>) -> String {
    let networks = [0, 1].map(Network::new);
    let name = ground.database.trim_start_matches("postgres:///").split('?').next().expect("a name").to_owned();
    let server = ground.server.as_mut().expect("it befalls PostgreSQL alone");
    server.open_to(&networks.each_ref().map(|network| network.database.here()));
    let nodes = networks.each_ref().map(|Network { name: namespace, database, clients }| {
        let address = format!("postgres://postgres@{}/{name}?sslmode=disable", database.here());
        Program::serve_within(namespace, clients.there(), clients.here(), &address)
    });
    for clerk in clerks.iter_mut() {
        // Whoever is told at once that there is no database asks again at once.
        clerk.pace = Duration::from_millis(5);
    }
    let working = work(clerks, &nodes);
    let mut probes = [0, 1].map(Clerk::with_new_keys);
    let mut longest = Longest::default();
    let (mut lost, mut ends) = (Vec::new(), Vec::new());
    ground.pause(500, 500).await;
    let before = nodes[0].usage().expect("it lives").files;
    for round in 0..ground.n {
        let Network { database, clients, .. } = &networks[0];
        match round % 5 {
            0 => {
                let began = Instant::now();
                ends.push(lose(ground, &networks[0], Way::Both, LONG, &nodes, &mut probes, &mut longest).await);
                lost.push(began..Instant::now());
            }
            1 => ends.push(flap(ground, database).await),
            2 => ends.push(lose(ground, &networks[0], Way::In, 4_000, &nodes, &mut probes, &mut longest).await),
            3 => ends.push(lose(ground, &networks[0], Way::Out, 4_000, &nodes, &mut probes, &mut longest).await),
            _ => {
                clients.cut(Way::Both);
                ground.pause(3_000, 4_000).await;
                longest.went_on = longest.went_on.max(served(&nodes[1], &mut probes[1]).await);
                clients.heal();
            }
        }
        for (node, probe) in nodes.iter().zip(&mut probes) {
            longest.healed = longest.healed.max(served(node, probe).await);
        }
        ground.pause(500, 500).await;
    }
    let after = nodes[0].usage().expect("it lives").files;
    assert!(after < before + 40, "{before} open files became {after}");
    for node in nodes {
        node.kill();
    }
    home(clerks, working).await;
    // Those too whose question was on its way when the line was cut.
    let waits = || clerks.iter().flat_map(|clerk| &clerk.waits).copied();
    let late = |end: Instant| {
        waits().filter(move |(asked, _)| *asked < end).map(move |(asked, wait)| (asked + wait).saturating_duration_since(end))
    };
    longest.healed = ends.into_iter().flat_map(late).fold(longest.healed, Duration::max);
    let waits = waits().filter(|(asked, wait)| lost.iter().any(|lost| *asked < lost.end && *asked + *wait > lost.start));
    longest.told = waits.map(|(_, wait)| wait).fold(longest.told, Duration::max);
    clerks.extend(probes);
    let Longest { told, went_on, healed } = longest;
    assert!(told < TOLD && went_on < GOES_ON && healed < HEALED, "{longest:?}");
    format!(
        "; {} partitions: told within {told:.1?}, the other node went on within {went_on:.1?}, all served and told within {healed:.1?} of the end, \
         {before} open files before and {after} after",
        ground.n
    )
}

/// The first node loses the database for longer than any lease is held; when the line was whole again.
async fn lose(
    ground: &mut Ground,
    network: &Network,
    way: Way,
    least: u64,
    nodes: &[Program; 2],
    probes: &mut [Clerk; 2],
    longest: &mut Longest,
) -> Instant {
    let ([lost, probe], line) = (probes, &network.database);
    assert!(network.believed(PORT) > 0, "it is connected");
    line.cut(way);
    let went_on = served(&nodes[1], probe);
    let asked = Instant::now();
    let mut connection = connect(&nodes[0].address).await.expect("its clients reach it");
    let ask = start(lost);
    let (answer, went_on) = tokio::join!(send(&mut connection, &lost.handle, &ask), went_on);
    let (status, answer) = answer.expect("an answer");
    longest.told = longest.told.max(asked.elapsed());
    longest.went_on = longest.went_on.max(went_on);
    // What was on its way when the line was cut may have arrived; then it says so.
    assert!(status == 201 || status >= 500 && answer["code"].is_string(), "{status} {answer}");
    if status == 201 {
        lost.promised(&ask, &answer);
    }
    ground.pause(least, 6_000).await;
    if least == LONG {
        assert_eq!(network.believed(PORT), 0, "dead connections are believed");
    }
    line.heal();
    let whole = Instant::now();
    if status == 201 {
        return whole;
    }
    loop {
        if let Some((200..=299, answer)) = send(&mut connection, &lost.handle, &ask).await {
            lost.promised(&ask, &answer);
            break;
        }
        assert!(whole.elapsed() < Duration::from_secs(60), "it stays lost");
        tokio::time::sleep(Duration::from_millis(20)).await;
        if connection.is_closed() {
            connection = connect(&nodes[0].address).await.expect("its clients reach it");
        }
    }
    longest.healed = longest.healed.max(whole.elapsed());
    whole
}

/// The line fails by fits and starts; when it was whole for good.
async fn flap(ground: &mut Ground, line: &Line) -> Instant {
    let mut whole = Instant::now();
    for _ in 0..8 {
        line.cut(Way::Both);
        ground.pause(100, 1_900).await;
        line.heal();
        whole = Instant::now();
        ground.pause(100, 900).await;
    }
    whole
}
