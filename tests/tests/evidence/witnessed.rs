//! One office witnesses another: signer and witness as processes of their own, and what becomes of it in checkpoints, proofs and bundles.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use engine::digest::{Hash, leaf_hash, root_of};
use engine::evidence::{Checkpoint, Key, Note, PrivateKey, PrivateWitnessKey, Proof, Submission, Verdict, WitnessKey};
use engine::model::Time;
use engine::runtime::clock::{Clock as _, SystemClock};

use super::program::starts;
use crate::program::{Program, run};

const SITE: &str = "office.example/site/1";
const UNIT: &str = "unit/demo-commissionerate/1";

fn text(output: &std::process::Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The key that a command prints last.
fn printed(arguments: &[&str]) -> String {
    let made = run(arguments);
    assert!(made.status.success(), "{made:?}");
    text(&made).lines().last().expect("the key").to_owned()
}

fn witness(folder: &str, key: &str, listen: &str) -> Program {
    let arguments = ["witness", "--folder", folder, "--key", key, "--listen", listen];
    Program::start(arguments.map(OsStr::new), &[("SEVOTTAM_LOG", OsStr::new("off"))])
}

/// What comes of a condition that others bring about; none when they do not.
fn within<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The newest checkpoint of a log that is shown.
fn note(folder: &str, log: &str) -> Option<Note> {
    let bytes = std::fs::read(Path::new(folder).join("log").join(log).join("checkpoint")).ok()?;
    Some(Note::read(&bytes).expect("a note"))
}

/// Status, type and body of an answer.
fn request(address: &str, method: &str, path: &str, body: &[u8]) -> (u16, String, String) {
    let mut stream = TcpStream::connect(address.strip_prefix("http://").expect("an address")).expect("it listens");
    let head =
        format!("{method} {path} HTTP/1.1\r\nHost: witness\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).expect("it is sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    let answer = String::from_utf8(answer).expect("UTF-8");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let kind = head.lines().find_map(|line| line.strip_prefix("content-type: ")).unwrap_or_default();
    (status, kind.to_owned(), body.to_owned())
}

#[test]
fn every_status_is_the_protocols() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("witness").to_str().unwrap().to_owned();
    let key = printed(&["witness", "--init", "--folder", &folder, "--name", "witness.example/1"]);
    let key = WitnessKey::read(&key).unwrap();
    assert_eq!(run(&["witness", "--init", "--folder", &folder, "--name", "w"]).status.code(), Some(3), "it has a key");
    assert_eq!(run(&["witness", "--init", "--folder", "elsewhere", "--name", "a b"]).status.code(), Some(2));
    assert_eq!(run(&["witness", "--folder", &folder]).status.code(), Some(2), "whose logs?");
    let secret = PrivateKey::new("office.example", &[5; 32]).unwrap();
    let served = witness(&folder, &secret.key().to_string(), "127.0.0.1:0");
    let busy = run(&["witness", "--folder", &folder, "--key", &secret.key().to_string(), "--listen", "127.0.0.1:0"]);
    assert_eq!(busy.status.code(), Some(3), "{busy:?}");

    let leaves: Vec<Hash> = (0..9).map(|n| leaf_hash(format!("leaf {n}").as_bytes())).collect();
    let submission = |old, size: usize, secret: &PrivateKey, origin: &str| {
        let proof = engine::digest::consistency_proof(&leaves[..size], old);
        let checkpoint = Checkpoint::new(origin, size as u64, root_of(&leaves[..size])).sign(secret).unwrap();
        Submission { old, proof, checkpoint }
    };
    let check = |what: &str, body: &str, status: u16, kind: &str, said: &str| {
        let (found, found_kind, answer) = request(&served.address, "POST", "/add-checkpoint", body.as_bytes());
        assert_eq!((found, &*found_kind), (status, kind), "{what}: {answer}");
        assert!(answer.contains(said) && answer.ends_with('\n'), "{what}: {answer:?}");
        answer
    };
    let (plain, size) = ("text/plain; charset=utf-8", "text/x.tlog.size");
    let good = submission(0, 5, &secret, SITE);
    let answer = check("the first", &good.to_string(), 200, plain, "\u{2014} witness.example/1 ");
    let note = Note::read(format!("{}{answer}", good.checkpoint).as_bytes()).unwrap();
    assert!(key.time(&note).unwrap().is_some());
    check("again, from nothing", &good.to_string(), 409, size, "");
    assert_eq!(check("another size", &submission(3, 9, &secret, SITE).to_string(), 409, size, ""), "5\n");
    check("of nobody", &submission(0, 5, &secret, "pune.example/site/1").to_string(), 404, plain, "(witness.unknown-log)\n");
    let other = PrivateKey::new("office.example", &[6; 32]).unwrap();
    check("another key", &submission(5, 9, &other, SITE).to_string(), 403, plain, "No key that is trusted");
    check("backwards", &submission(5, 4, &secret, SITE).to_string(), 400, plain, "old size");
    let mut forked = submission(5, 5, &secret, SITE);
    forked.checkpoint = Checkpoint::new(SITE, 5, leaves[0]).sign(&secret).unwrap();
    check("a fork", &forked.to_string(), 409, plain, "(witness.forked)\n");
    let mut wrong = submission(5, 9, &secret, SITE);
    wrong.proof.reverse();
    check("another proof", &wrong.to_string(), 422, plain, "(witness.inconsistent)\n");
    for (what, body) in [("nothing", ""), ("words", "old 5"), ("64 lines", &format!("old 5\n{}", "A\n".repeat(64)))] {
        check(what, body, 400, plain, "not well-formed");
    }
    check("too long", &"a".repeat(100_000), 413, plain, "too long");
    check("and it goes on", &submission(5, 9, &secret, SITE).to_string(), 200, plain, "\u{2014} witness.example/1 ");
    assert_eq!(request(&served.address, "GET", "/add-checkpoint", b"").0, 405);
    assert_eq!(request(&served.address, "POST", "/", b"").0, 404);
    assert!(served.terminate().unwrap().0.success());
}

#[test]
fn one_office_witnesses_another() {
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name).to_str().unwrap().to_owned();
    let (database, folder) = (at("office.db"), at("signer"));
    let key = printed(&["sign", "--init", "--folder", &folder]);
    let office = Key::read(&key).unwrap();
    let (name, other) = ("witness.pune.example/1", "witness.nobody.example/1");
    let witnessed = printed(&["witness", "--init", "--folder", &at("witness"), "--name", name]);
    let absent = printed(&["witness", "--init", "--folder", &at("absent"), "--name", other]);
    let witness_key = WitnessKey::read(&witnessed).unwrap();

    let running = witness(&at("witness"), &key, "127.0.0.1:0");
    let listen = running.address.strip_prefix("http://").unwrap().to_owned();
    // One that takes connections and never answers, and one that is not there at all.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent_at = format!("http://{}=", silent.local_addr().unwrap());
    let arguments =
        [format!("http://{listen}={witnessed}"), format!("{silent_at}{absent}"), format!("http://127.0.0.1:9/w={absent}")];
    let mut all = vec!["--demo", "--sign", &folder];
    arguments.iter().for_each(|witness| all.extend(["--witness", witness]));
    let quiet = [("SEVOTTAM_LOG", OsStr::new("error"))];
    let served = Program::serve_in(&database, &all, &quiet);

    // Every log of the office, of whatever unit, is cosigned; the lines are shown, proved and carried away.
    let cosigned = |log: &str| note(&folder, log).filter(|note| witness_key.time(note).unwrap().is_some());
    within("the unit's log is cosigned", || cosigned(UNIT));
    let site = within("and the site's", || cosigned("site/1"));
    assert_eq!(site.signatures.len(), 2);
    let bundle = |out: &str| {
        let chosen = ["--actor", "m-desai", "--unit", "demo-commissionerate", "--process", "svc.refund", "--purpose", "audit"];
        let made = run(&[&["bundle", "--server", &served.address, "--out", out][..], &chosen].concat());
        assert!(made.status.success(), "{made:?}");
    };
    let policy = |name: &str, lines: &str| std::fs::write(at(name), format!("key {key}\n{lines}")).unwrap();
    let verify = |bundle: &str, policy: &str| {
        let verified = run(&["verify", &at(bundle), "--policy", &at(policy)]);
        (verified.status.code(), text(&verified))
    };
    policy("one", &format!("witness {witnessed}\nquorum 1\n"));
    policy("two", &format!("witness {witnessed}\nwitness {absent}\nquorum 2\n"));
    policy("none", "");
    bundle(&at("a.zip"));
    let (code, said) = verify("a.zip", "one");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.matches(&format!("  cosigned by {name}: it was so before 2")).count() >= 2, "{said}");
    let (code, said) = verify("a.zip", "two");
    assert!(code == Some(2) && said.contains("(witness.quorum)"), "{said}");
    let (code, said) = verify("a.zip", "none");
    assert!(code == Some(0) && !said.contains("cosigned"), "{said}");
    let proof = request(&served.address, "GET", "/log/site/1/proof/0", b"").2;
    let proof = Proof::read(proof.as_bytes()).unwrap();
    assert!(witness_key.time(&proof.checkpoint).unwrap().is_some());
    let leaf = request(&served.address, "GET", "/log/site/1/tile/entries/000.p/1", b"").2;
    let leaf = leaf_hash(&leaf.as_bytes()[2..]);
    assert!(matches!(proof.verify(&leaf, &office.named(SITE)), Ok(Verdict::Included(_))));
    let (shown_at, anchor) = (at("signer/log"), at("anchor"));
    assert!(run(&["anchor", "make", "--checkpoints", &shown_at, "--out", &anchor]).status.success());
    assert!(std::fs::read_to_string(&anchor).unwrap().contains(&format!("\u{2014} {name} ")));

    // The witness is killed: it is signed all the same; what has not grown keeps its line. A bundle is noted in the unit's log, which grows by it.
    // The site's log does not grow any more once it has its start, which takes a moment.
    let start = within("its start is noted", || starts(&at("copy.db"), &database).pop()).0;
    let size = |note: &Note| note.text.lines().nth(1).and_then(|size| size.parse::<u64>().ok()).expect("a size");
    let before = within("the site's log is cosigned", || cosigned("site/1").filter(|note| size(note) > start));
    running.kill();
    bundle(&at("b.zip"));
    within("it is signed without the witness", || cosigned(UNIT).is_none().then_some(()));
    assert_eq!(note(&folder, "site/1"), Some(before));
    bundle(&at("c.zip"));
    let (code, said) = verify("c.zip", "one");
    assert!(code == Some(2) && said.contains("0 of the policy's witnesses"), "{said}");
    assert_eq!(verify("c.zip", "none").0, Some(0));

    // It comes back, and has forgotten nothing: what grew meanwhile is cosigned from there.
    let running = witness(&at("witness"), &key, &listen);
    within("the unit's log is cosigned again", || cosigned(UNIT));
    bundle(&at("d.zip"));
    assert_eq!(verify("d.zip", "one").0, Some(0));
    assert!(served.terminate().unwrap().0.success());

    // Another process begins where this one was, and keeps what is shown; also one that asks nobody.
    let before = cosigned("site/1").expect("it is shown with the line");
    let once = run(&["sign", "--once", "--folder", &folder, "--database", &database]);
    assert!(once.status.success(), "{once:?}");
    assert_eq!(note(&folder, "site/1"), Some(before.clone()));

    // A signer beside the database asks too.
    let more = r#"{ "units": [], "posts": [], "people": [{ "handle": "new-hand", "name": "New Hand" }], "appointments": [] }"#;
    std::fs::write(at("more.json"), more).unwrap();
    assert!(Program::serve(&database, &["--office", &at("more.json")]).terminate().unwrap().0.success());
    let mut signing = Command::new(env!("CARGO_BIN_EXE_sevottam-tested"))
        .args(["sign", "--folder", &folder, "--database", &database, "--witness", &format!("http://{listen}={witnessed}")])
        .env("SEVOTTAM_LOG", "error")
        .spawn()
        .unwrap();
    within("what is new is cosigned", || cosigned("site/1").filter(|note| note.text != before.text));
    signing.kill().and_then(|()| signing.wait()).unwrap();
    assert!(running.terminate().unwrap().0.success());
}

/// Somebody who answers every request like this; how often is counted.
fn rogue(answer: impl Fn(&str) -> Vec<u8> + Send + 'static) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let (address, asked) = (format!("http://{}", listener.local_addr().expect("an address")), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&asked);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut bytes = Vec::new();
            // The note is the end of the request, and ends with its signature.
            while !(bytes.ends_with(b"\n")
                && bytes.windows(4).any(|end| end == b"\r\n\r\n")
                && text_of(&bytes).contains('\u{2014}'))
            {
                let mut more = [0; 4096];
                match stream.read(&mut more) {
                    Ok(read) if read > 0 => bytes.extend_from_slice(&more[..read]),
                    _ => break,
                }
            }
            // Whoever asked may have heard enough.
            let _ = stream.write_all(&answer(&text_of(&bytes)));
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    (address, asked)
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn whoever_lies_adds_no_line_and_delays_nobody() {
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name).to_str().unwrap().to_owned();
    let (database, folder) = (at("office.db"), at("signer"));
    let key = printed(&["sign", "--init", "--folder", &folder]);
    let honest = printed(&["witness", "--init", "--folder", &at("witness"), "--name", "honest.example"]);
    let running = witness(&at("witness"), &key, "127.0.0.1:0");
    let secret = |seed| PrivateWitnessKey::new("rogue.example", &[seed; 32]).unwrap();
    // What is asked for, cosigned by whatever key at whatever time.
    let line = move |request: &str, seed: u8, now: &str| {
        let (_, checkpoint) = request.split_once("\r\n\r\n").and_then(|(_, body)| body.split_once("\n\n")).unwrap_or_default();
        let text = Note::read(checkpoint.as_bytes()).map(|note| note.text).unwrap_or_default();
        secret(seed).cosign(&text, Time::parse(now).unwrap()).to_string()
    };
    let answer = |status: &str, kind: &str, body: &str| {
        format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
    };
    let today = SystemClock.now().to_string();
    let rogues = [
        rogue(move |request| answer("200 OK", "text/plain", &line(request, 2, &today))),
        rogue(move |request| answer("200 OK", "text/plain", &line(request, 1, "2020-01-01T00:00:00Z"))),
        rogue(move |_| answer("200 OK", "text/plain", "\u{2014} rogue.example AAAAAAAA\n")),
        rogue(move |_| answer("200 OK", "text/plain", &"a".repeat(50_000_000))),
        rogue(move |_| answer("409 Conflict", "text/x.tlog.size", "999999999\n")),
        rogue(move |request| answer("409 Conflict", "text/x.tlog.size", if request.contains("old 1\n") { "2\n" } else { "1\n" })),
        rogue(move |_| answer("409 Conflict", "text/x.tlog.size", "0\n")),
        rogue(move |_| answer("302 Found", "text/plain", "elsewhere\n")),
        rogue(move |_| b"\xff\xfe".to_vec()),
        rogue(move |_| Vec::new()),
    ];
    let mut witnesses: Vec<String> = rogues.iter().map(|(address, _)| format!("{address}={}", secret(1).key())).collect();
    witnesses.push(format!("{}={honest}", running.address));
    let mut all = vec!["--demo", "--sign", &folder];
    witnesses.iter().for_each(|witness| all.extend(["--witness", witness]));
    let served = Program::serve_in(&database, &all, &[("SEVOTTAM_LOG", OsStr::new("off"))]);
    for (number, (_, asked)) in rogues.iter().enumerate() {
        // Twice, so that what came of the first is over.
        within(&format!("rogue {number} is asked"), || (asked.load(Ordering::SeqCst) > 1).then_some(()));
    }
    let honest = WitnessKey::read(&honest).unwrap();
    let lines = within("the honest one has cosigned", || {
        let note = note(&folder, UNIT)?;
        honest.time(&note).unwrap().map(|_| note.signatures.len())
    });
    assert_eq!(lines, 2, "its line and the log's");
    assert!(served.terminate().unwrap().0.success() && running.terminate().unwrap().0.success());
    // What makes no sense is said at once.
    for wrong in ["https://witness.example/", "witness.example=x", &format!("ftp://witness.example/={}", secret(1).key())] {
        let refused = run(&["sign", "--folder", &folder, "--database", &database, "--witness", wrong]);
        assert_eq!(refused.status.code(), Some(2), "{wrong}");
    }
}

/// A proxy with TLS in front of a witness: it takes its own port first, and says which.
const PROXY: &str = "
import socket, ssl, sys, threading
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain('tls.pem', 'tls.key')
listener = socket.create_server(('127.0.0.1', 0))
print(listener.getsockname()[1], flush=True)
def carry(one, other):
    try:
        while data := one.recv(65536):
            other.sendall(data)
    except OSError:
        pass
while True:
    plain, _ = listener.accept()
    try:
        outer = context.wrap_socket(plain, server_side=True)
    except OSError:
        print('refused', flush=True)
        continue
    inner = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
    for pair in (outer, inner), (inner, outer):
        threading.Thread(target=carry, args=pair, daemon=True).start()
";

#[test]
fn a_witness_is_reached_by_tls_where_its_name_is_vouched_for() {
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name).to_str().unwrap().to_owned();
    let authority = "openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=Root -days 2\n\
        openssl req -newkey rsa:2048 -nodes -keyout tls.key -out tls.csr -subj /CN=localhost\n\
        printf 'subjectAltName=DNS:localhost' > names\n\
        openssl x509 -req -in tls.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out tls.pem -extfile names -days 2\n";
    let has = |program: &str| Command::new(program).arg("--version").output().is_ok();
    if !has("python3") || !has("openssl") {
        return tests::skip("a proxy with TLS needs python3 and openssl");
    }
    let made = Command::new("sh").args(["-e", "-c", authority]).current_dir(place.path()).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    let (database, folder) = (at("office.db"), at("signer"));
    let key = printed(&["sign", "--init", "--folder", &folder]);
    let witnessed = printed(&["witness", "--init", "--folder", &at("witness"), "--name", "witness.example"]);
    let running = witness(&at("witness"), &key, "127.0.0.1:0");
    let port = running.address.rsplit(':').next().unwrap().to_owned();
    let mut proxy =
        Command::new("python3").args(["-c", PROXY, &port]).current_dir(place.path()).stdout(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(proxy.stdout.take().unwrap()).lines().map_while(Result::ok);
    let port = said.next().expect("a port");
    let witness_key = WitnessKey::read(&witnessed).unwrap();
    let cosigned = || note(&folder, "site/1").and_then(|note| witness_key.time(&note).unwrap());
    for (name, authority, expected) in
        [("127.0.0.1", "ca.pem", false), ("localhost", "tls.pem", false), ("localhost", "ca.pem", true)]
    {
        let address = format!("https://{name}:{port}={witnessed}");
        let environment = [("SSL_CERT_FILE", at(authority)), ("SEVOTTAM_LOG", "off".to_owned())];
        let environment = environment.each_ref().map(|(name, value)| (*name, OsStr::new(value)));
        let served = Program::serve_in(&database, &["--demo", "--sign", &folder, "--witness", &address], &environment);
        if expected {
            within("it is cosigned", cosigned);
        } else {
            // Twice, so that what came of the first is over.
            assert_eq!([said.next(), said.next()], [(); 2].map(|()| Some("refused".to_owned())));
            assert_eq!(cosigned(), None, "{name} {authority}");
        }
        assert!(served.terminate().unwrap().0.success());
    }
    proxy.kill().and_then(|()| proxy.wait()).unwrap();
    assert!(running.terminate().unwrap().0.success());
}
