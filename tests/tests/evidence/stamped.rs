//! `anchor stamp`: an authority of the test's own, made with openssl, dates a file; an answer that is none to the question is not kept.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use engine::digest::Hash;
use engine::evidence::bundle::{Policy, When};
use engine::evidence::{Anchor, Stamp};
use engine::runtime::clock::{Clock as _, SystemClock};
use tests::bundle::{secret, signed};
use tests::program::run;

/// A root, and an authority that stamps SHA-256 alone.
const AUTHORITY: &str = "\
    printf '[req]\\ndistinguished_name=dn\\n[dn]\\n[tsa]\\nextendedKeyUsage=critical,timeStamping\\n\
    [ca]\\nbasicConstraints=critical,CA:true\\n[ts]\\nserial=serial\\nsigner_digest=sha256\\ndefault_policy=1.2.3\\ndigests=sha256\\n\
    tsa_name=yes\\n' > c\n\
    openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=Root -config c -extensions ca -days 2\n\
    openssl req -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr -subj '/O=Office of Time/CN=Stamp' -config c\n\
    openssl x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out tsa.pem -extfile c -extensions tsa -days 2\n";
const REPLY: &str =
    "openssl ts -reply -queryfile anchor.txt.tsq -config c -section ts -signer tsa.pem -inkey tsa.key -out anchor.txt.tsr";

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Where the authority lives.
struct Authority(tempfile::TempDir);

impl Authority {
    /// None where openssl is missing.
    fn new() -> Option<Self> {
        if Command::new("openssl").arg("version").output().is_err() {
            tests::skip("time stamps need openssl");
            return None;
        }
        let authority = Self(tempfile::tempdir().unwrap());
        let (done, said) = authority.shell(AUTHORITY);
        assert!(done, "{said}");
        Some(authority)
    }

    fn shell(&self, script: &str) -> (bool, String) {
        let ended = Command::new("sh").args(["-e", "-c", script]).current_dir(self.0.path()).output().unwrap();
        (ended.status.success(), text(&ended))
    }

    fn at(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    /// What it answers to a question; a rejection is an answer too.
    fn answer(&self, question: &[u8]) -> Vec<u8> {
        std::fs::write(self.at("anchor.txt.tsq"), question).unwrap();
        let _ = std::fs::remove_file(self.at("anchor.txt.tsr"));
        let (_, said) = self.shell(REPLY);
        std::fs::read(self.at("anchor.txt.tsr")).unwrap_or_else(|error| panic!("{error}: {said}"))
    }

    /// What it answers to a question that openssl asks.
    fn answer_to(&self, question: &str) -> Vec<u8> {
        let (done, said) = self.shell(&format!("openssl ts -query {question} -out q"));
        assert!(done, "{said}");
        self.answer(&std::fs::read(self.at("q")).unwrap())
    }
}

/// Asks once for a stamp upon `day.txt`, and has this answered to what is asked.
fn ask(authority: &Authority, answer: impl FnOnce(&[u8]) -> Vec<u8> + Send) -> Output {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/tsa?x=1", listener.local_addr().unwrap());
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let question = question(&mut stream).expect("a question");
            let _ = stream.write_all(&answer(&question));
        });
        run(&["anchor", "stamp", &authority.at("day.txt"), "--authority", &url])
    })
}

/// The body of a request; none where nobody asks.
fn question(stream: &mut impl std::io::Read) -> Option<Vec<u8>> {
    let mut read = Vec::new();
    let mut byte = [0];
    while !read.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        read.push(byte[0]);
    }
    let head = String::from_utf8(read).unwrap().to_ascii_lowercase();
    assert!(
        head.starts_with("post /tsa?x=1 http/1.1\r\n") && head.contains("content-type: application/timestamp-query\r\n"),
        "{head}"
    );
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok()).unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some(body)
}

fn http(status: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/timestamp-reply\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_dates_an_anchor() {
    let Some(authority) = Authority::new() else { return };
    let (world, _) = super::bundle::world(1).await;
    let notes = signed(world.engine.store()).await.into_values().map(|signed| signed.note);
    let key = secret().key();
    let anchor = Anchor::new(notes, std::slice::from_ref(&key)).unwrap();
    std::fs::write(authority.at("day.txt"), anchor.to_string()).unwrap();
    let before = SystemClock.now().plus_seconds(-2);
    let mut answered = Vec::new();
    let stamped = tokio::task::block_in_place(|| {
        ask(&authority, |question| {
            answered = authority.answer(question);
            http("200 OK", &answered)
        })
    });
    let said = text(&stamped);
    assert!(stamped.status.success(), "{said}");
    assert_eq!(std::fs::read(authority.at("day.txt.tsr")).unwrap(), answered, "as it was given");
    let verify = said.lines().last().unwrap().to_owned();
    assert!(verify.starts_with("openssl ts -verify -data ") && said.contains("Not checked here"), "{said}");
    let (done, checked) = authority.shell(&verify);
    assert!(done && checked.contains("Verification: OK"), "{checked}");
    assert!(said.contains("Authority  O=Office of Time, CN=Stamp\n") && said.contains("Policy     1.2.3\n"), "{said}");

    // What is kept is shown again with the anchor, as remarks in a policy.
    let check = |file: &str, stamp: &str| {
        let digits = Hash::of(&std::fs::read(authority.at(file)).unwrap()).to_string();
        run(&[
            "anchor",
            "check",
            &authority.at(file),
            "--sha256",
            &digits,
            "--key",
            &key.to_string(),
            "--stamp",
            &authority.at(stamp),
        ])
    };
    let checked = check("day.txt", "day.txt.tsr");
    let lines = String::from_utf8(checked.stdout.clone()).unwrap();
    let stamp = Stamp::read(&answered, &anchor.hash()).unwrap();
    assert!((before..=SystemClock.now()).contains(&stamp.time), "{stamp:?}");
    assert!(lines.starts_with(&format!("# stamped {} by O=Office of Time, CN=Stamp, number", stamp.time)), "{checked:?}");
    let policy = Policy::read(&format!("key {key}\n{lines}")).unwrap();
    assert_eq!(policy.seen.len(), 2, "the remarks say nothing to it: {lines}");
    assert!(policy.seen.iter().all(|seen| seen.when == Some(When::By(stamp.time))), "{lines}");
    // Another day's anchor; no stamp; a second stamp upon the same.
    let other = Anchor::new(
        signed(world.engine.store()).await.into_values().take(1).map(|signed| signed.note),
        std::slice::from_ref(&key),
    )
    .unwrap();
    std::fs::write(authority.at("other.txt"), other.to_string()).unwrap();
    let refused = check("other.txt", "day.txt.tsr");
    assert!(refused.status.code() == Some(1) && text(&refused).contains("stamp.other-hash"), "{refused:?}");
    let refused = check("day.txt", "day.txt");
    assert!(refused.status.code() == Some(1) && text(&refused).contains("stamp.malformed"), "{refused:?}");
    let again = run(&[
        "anchor",
        "stamp",
        &authority.at("day.txt"),
        "--authority",
        "http://127.0.0.1:1/",
        "--out",
        &authority.at("day.txt.tsr"),
    ]);
    assert!(again.status.code() == Some(3) && text(&again).contains("left as it is"), "{again:?}");

    // Cut anywhere it is none; changed anywhere nothing panics, and what is read still is upon this hash.
    for length in 0..answered.len() {
        assert!(Stamp::read(&answered[..length], &anchor.hash()).is_err(), "cut at {length}");
    }
    let mut told = 0;
    for bit in 0..answered.len() * 8 {
        let mut changed = answered.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        told += usize::from(Stamp::read(&changed, &anchor.hash()).as_ref() != Ok(&stamp));
    }
    assert!(told > 1_000, "what it says and its form: {told}");
}

#[test]
fn an_answer_that_is_none_to_the_question_is_not_kept() {
    let Some(authority) = Authority::new() else { return };
    std::fs::write(authority.at("day.txt"), "the checkpoints of a day\n").unwrap();
    std::fs::write(authority.at("other.txt"), "the checkpoints of another day\n").unwrap();
    let earlier = authority.answer_to("-data day.txt -sha256 -cert");
    let without = authority.answer_to("-data day.txt -sha256 -cert -no_nonce");
    let other = authority.answer_to("-data other.txt -sha256 -cert");
    let bare = authority.answer_to("-data day.txt -sha256");
    let rejected = authority.answer_to("-data day.txt -sha1 -cert");
    let rows: [(&str, Vec<u8>, i32, &str); 11] = [
        ("an earlier answer", http("200 OK", &earlier), 1, "stamp.other-nonce"),
        ("without a number", http("200 OK", &without), 1, "stamp.other-nonce"),
        ("upon another file", http("200 OK", &other), 1, "stamp.other-hash"),
        ("without a certificate", http("200 OK", &bare), 1, "stamp.malformed"),
        ("a rejection", http("200 OK", &rejected), 1, "stamp.refused"),
        ("more than there is room for", http("200 OK", &vec![0x30; 70_000]), 1, "stamp.too-large"),
        ("garbage", http("200 OK", b"<html>It works!</html>"), 1, "stamp.malformed"),
        ("nothing", http("200 OK", b""), 1, "stamp.malformed"),
        ("something behind it", http("200 OK", &[&earlier[..], b"\0"].concat()), 1, "stamp.malformed"),
        ("no such page", http("404 Not Found", b"none"), 1, "stamp.no-stamp"),
        ("a closed door", Vec::new(), 3, "stamp.no-answer"),
    ];
    for (what, answer, code, expected) in rows {
        let refused = ask(&authority, move |_| answer);
        assert_eq!(refused.status.code(), Some(code), "{what}: {refused:?}");
        assert!(text(&refused).contains(expected), "{what}: {refused:?}");
        assert!(!Path::new(&authority.at("day.txt.tsr")).exists(), "{what}");
    }
    for (url, code) in [("ftp://127.0.0.1:1/", 2), ("nowhere", 2), ("http://127.0.0.1:1/", 3), ("https://127.0.0.1:1/", 3)] {
        let refused = run(&["anchor", "stamp", &authority.at("day.txt"), "--authority", url]);
        assert_eq!(refused.status.code(), Some(code), "{url}: {refused:?}");
    }
}

/// Over TLS: by openssl's server, of which this test is the voice. Whom nobody trusted vouches for is told nothing.
#[test]
fn an_authority_may_speak_https() {
    let Some(authority) = Authority::new() else { return };
    std::fs::write(authority.at("day.txt"), "the checkpoints of a day\n").unwrap();
    let (done, said) = authority.shell(
        "printf 'subjectAltName=IP:127.0.0.1\n' > san\n\
         openssl req -newkey rsa:2048 -nodes -keyout web.key -out web.csr -subj /CN=web -config c\n\
         openssl x509 -req -in web.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out web.pem -extfile san -days 2\n",
    );
    assert!(done, "{said}");
    let ask = |roots: &str| {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
        let mut server = Command::new("openssl")
            .args([
                "s_server",
                "-quiet",
                "-naccept",
                "2",
                "-accept",
                &format!("127.0.0.1:{port}"),
                "-cert",
                "web.pem",
                "-key",
                "web.key",
            ])
            .current_dir(authority.0.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // The first that comes only looks whether it listens.
        while TcpStream::connect(format!("127.0.0.1:{port}")).is_err() {
            std::thread::yield_now();
        }
        let (mut heard, mut voice) = (server.stdout.take().unwrap(), server.stdin.take().unwrap());
        let said = std::thread::scope(|scope| {
            scope.spawn(|| {
                if let Some(question) = question(&mut heard) {
                    let _ = voice.write_all(&http("200 OK", &authority.answer(&question)));
                    let _ = voice.flush();
                }
            });
            let url = format!("https://127.0.0.1:{port}/tsa?x=1");
            let arguments = ["anchor", "stamp", &authority.at("day.txt"), "--authority", &url];
            let said = Command::new(env!("CARGO_BIN_EXE_sevottam-tested"))
                .args(arguments)
                .env("SSL_CERT_FILE", authority.at(roots))
                .output();
            server.kill().unwrap();
            said.unwrap()
        });
        server.wait().unwrap();
        said
    };
    // Some other certificate, which signs nobody.
    let refused = ask("tsa.pem");
    assert!(refused.status.code() == Some(3) && text(&refused).contains("stamp.no-answer"), "{refused:?}");
    assert!(!Path::new(&authority.at("day.txt.tsr")).exists());
    let stamped = ask("ca.pem");
    assert!(stamped.status.success() && text(&stamped).contains("O=Office of Time, CN=Stamp"), "{stamped:?}");
}

/// The recipe of the page on evidence.
#[test]
fn an_anchor_takes_a_time_stamp_by_hand() {
    let Some(authority) = Authority::new() else { return };
    let page = std::fs::read_to_string(tests::top().join("engine/src/evidence/FORMAT.md")).unwrap();
    let recipes: Vec<&str> = page.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let [_, _, ask, check] = recipes[..] else { panic!("four recipes: {recipes:?}") };
    std::fs::write(authority.at("anchor.txt"), "the checkpoints of a day\n").unwrap();
    for script in [ask, REPLY] {
        let (done, said) = authority.shell(script);
        assert!(done, "{script}: {said}");
    }
    let (done, said) = authority.shell(check);
    assert!(done && said.contains("Verification: OK"), "{said}");
    std::fs::write(authority.at("anchor.txt"), "the checkpoints of another day\n").unwrap();
    let (done, said) = authority.shell(check);
    assert!(!done, "{said}");
}
