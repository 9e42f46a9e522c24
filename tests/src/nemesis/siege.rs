//! A siege: clients that send nothing more, send a byte now and then, read nothing, send rubbish, or far too much at once, while clerks work.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::clerk::{Clerk, p99};
use super::faults::{Ground, home, work};
use super::office::Lots;
use crate::program::Usage;

/// Besiegers of each kind.
const EACH: usize = 50;
/// How long a head may take to come, what is sent may be left unread, and a body may take: what the program promises, and a little. Whoever reads
/// nothing asks for some seconds before anything waits to be read.
const HELD_MAX: [Duration; 3] = [Duration::from_secs(12), Duration::from_secs(45), Duration::from_secs(40)];
/// Memory that a siege may take.
const MEMORY_MAX: u64 = 64 << 20;

/// What the rubbish is: some of it is no HTTP, some of it is read in two ways by careless servers.
const RUBBISH: [&str; 8] = [
    "\x16\x03\x01\x02\x00\x01\x00\x01\u{fc}\x03\x03",
    "GET / HTTP/9.9\r\n\r\n",
    "GET /\x00 HTTP/1.1\r\nhost: x\r\n\r\n",
    "POST /api/v1/instances HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nabcdef",
    "POST /api/v1/instances HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n",
    "POST /api/v1/instances HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nrubbish",
    "POST /api/v1/instances HTTP/1.1\r\nhost: x\r\ntransfer-encoding: xchunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
    "GET / HTTP/1.1\r\nhost : x\r\n folded: y\r\n\r\n",
];

/// F-18: calm for a while, and then the siege for as long.
pub(super) async fn siege(ground: &mut Ground, clerks: &mut Vec<Clerk>) -> String {
    let nodes = ground.serve();
    let address = nodes[0].address.trim_start_matches("http://").to_owned();
    let working = work(clerks, &nodes[..1]);
    let time = Duration::from_secs(ground.n);
    let begun = Instant::now();
    tokio::time::sleep(time).await;
    let before = usage(&nodes[0]);
    let besieged = Instant::now();
    let mut besiegers = JoinSet::new();
    for n in 0..EACH * 4 {
        besiegers.spawn(besiege(n % 4, address.clone(), besieged + time, Lots(ground.lots.draw(1 << 30))));
    }
    let (mut held, mut peak, mut released) = ([Duration::ZERO; 3], before, [0_u64; 4]);
    while besieged.elapsed() < time {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let now = usage(&nodes[0]);
        peak = Usage { memory: peak.memory.max(now.memory), files: peak.files.max(now.files) };
    }
    while let Some(done) = besiegers.join_next().await {
        let (kind, longest, over) = done.expect("a besieger does not fail");
        released[kind] += over;
        if let Some(held) = held.get_mut(kind) {
            *held = (*held).max(longest);
        }
    }
    let (calm, beside) = (begun..besieged, besieged..besieged + time);
    let after = settled(&nodes[0], before).await;
    for node in nodes {
        node.kill();
    }
    home(clerks, working).await;
    let [calm, beside] = [calm, beside].map(|during| p99(clerks, during.start, during.end));
    assert!(beside < calm * 2 + Duration::from_millis(100), "the others wait: {calm:?} before, {beside:?} in the siege");
    // What the longest of them may take must have passed.
    let is_long = time > HELD_MAX[1];
    assert!(!is_long || released.iter().all(|released| *released > 0), "somebody is never let go of: {released:?}");
    for (held, most) in held.iter().zip(HELD_MAX) {
        assert!(*held <= most, "held for {held:?}, and {most:?} is the most");
    }
    let memory = (peak.memory - before.memory) >> 20;
    assert!(peak.memory < before.memory + MEMORY_MAX, "the siege took {memory} MiB");
    format!(
        "; {} besiegers, held {held:.1?} at most (heads, unread answers, bodies), {} times rubbish, each refused; {memory} MiB and {} files \
         more, {} files afterwards; p99 of others {calm:.1?} before, {beside:.1?} in the siege",
        EACH * 4,
        released[3],
        peak.files - before.files,
        after.files.saturating_sub(before.files),
    )
}

/// What a node takes.
fn usage(node: &crate::program::Program) -> Usage {
    node.usage().expect("it lives")
}

/// The besiegers are gone, and soon nothing is held for them.
async fn settled(node: &crate::program::Program, before: Usage) -> Usage {
    let begun = Instant::now();
    loop {
        let now = usage(node);
        if now.files <= before.files + 4 {
            return now;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(45),
            "{} files are open for besiegers that are gone",
            now.files - before.files
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// One of them, again and again: its kind, how long it was held at most, and how often it was let go of or refused.
async fn besiege(kind: usize, address: String, until: Instant, mut lots: Lots) -> (usize, Duration, u64) {
    let (mut longest, mut released) = (Duration::ZERO, 0);
    while Instant::now() < until {
        let begun = Instant::now();
        let Ok(stream) = TcpStream::connect(&address).await else { break };
        let over = match kind {
            0 => drip(stream, "GET / HTTP/1.1\r\nhost: x\r\nx: ", until).await,
            1 => deaf(stream, until).await,
            2 => {
                let head = "POST /api/v1/instances HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nsevottam-actor: clerk-1\r\n\
                            idempotency-key: siege\r\ncontent-length: 5000\r\n\r\n";
                drip(stream, head, until).await
            }
            _ => {
                rubbish(stream, &mut lots).await;
                tokio::time::sleep(Duration::from_millis(100)).await;
                true
            }
        };
        // Whoever was not let go of by the end of the siege was held for so long at least.
        longest = longest.max(begun.elapsed());
        released += u64::from(over);
    }
    (kind, longest, released)
}

/// Sends a beginning, and then a byte now and then; whether the other side put an end to it.
async fn drip(mut stream: TcpStream, beginning: &str, until: Instant) -> bool {
    if stream.write_all(beginning.as_bytes()).await.is_err() {
        return true;
    }
    let mut answer = [0; 1024];
    while Instant::now() < until {
        match tokio::time::timeout(Duration::from_millis(700), stream.read(&mut answer)).await {
            Ok(Ok(0) | Err(_)) => return true,
            Ok(Ok(_)) => {}
            Err(_) if stream.write_all(b"a").await.is_err() => return true,
            Err(_) => {}
        }
    }
    false
}

/// Asks for much, many times over, and reads nothing of it.
async fn deaf(mut stream: TcpStream, until: Instant) -> bool {
    let asks = "GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(100);
    while Instant::now() < until {
        match tokio::time::timeout(Duration::from_millis(700), stream.write_all(asks.as_bytes())).await {
            Ok(Err(_)) => return true,
            Ok(Ok(())) | Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    }
    false
}

/// Sends rubbish, or a head of a megabyte. It is refused, or the connection ends.
async fn rubbish(mut stream: TcpStream, lots: &mut Lots) {
    let at = usize::try_from(lots.draw(RUBBISH.len() as u64 + 1)).expect("small");
    // Well answered if anybody read it.
    let large = || format!("GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx: {}\r\n\r\n", "a".repeat(1 << 20));
    let sent = RUBBISH.get(at).map_or_else(large, |text| (*text).to_owned());
    // Refused before it is read to its end.
    let _ = stream.write_all(sent.as_bytes()).await;
    let mut answer = Vec::new();
    let mut some = [0; 4096];
    loop {
        match tokio::time::timeout(HELD_MAX[0], stream.read(&mut some)).await {
            Ok(Ok(read @ 1..)) if answer.len() < 65_536 => answer.extend_from_slice(&some[..read]),
            Ok(_) => break,
            Err(_) => panic!("{sent:.60} is not let go of, having got {:.200}", String::from_utf8_lossy(&answer)),
        }
    }
    let text = String::from_utf8_lossy(&answer);
    assert!(
        text.is_empty() || text.starts_with("HTTP/1.1 4") || text.starts_with("HTTP/1.1 5"),
        "{sent:.60} was answered {text:.200}"
    );
    assert!(text.matches("HTTP/1.1").count() <= 1, "{sent:.60} was taken for two requests: {text:.400}");
}
