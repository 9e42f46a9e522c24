//! Bundles that are made to do harm: each gets a verdict with a code, at once, and nothing grows.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

use engine::audit::replay;
use engine::digest::{canonical, leaf_hash};
use engine::evidence::bundle::{Archive, Stored, Verdict, seal, unseal, verify};
use serde_json::{Value, json};
use tests::bundle::{bundle, everything, policy};

use super::bundle::{of_cases, world};
use super::office;

type Files = BTreeMap<String, Vec<u8>>;

async fn good() -> Vec<u8> {
    let (world, cases) = world(2).await;
    bundle(&world, &of_cases(&cases[..1])).await
}

fn files(archive: &[u8]) -> Files {
    unseal(archive).expect("a bundle").into_iter().map(|(name, content)| (name.to_owned(), content.to_vec())).collect()
}

/// An archive in which a file has another name of the same length, in its header and in the directory.
fn put(archive: &[u8], from: &str, to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut archive = archive.to_vec();
    let follows =
        |place: usize, length: usize, signature: &[u8]| place >= length && archive[place - length..].starts_with(signature);
    let is_named = |place: &usize| {
        archive[*place..].starts_with(from.as_bytes())
            && (follows(*place, 30, b"PK\x03\x04") || follows(*place, 46, b"PK\x01\x02"))
    };
    let places: Vec<usize> = (0..archive.len()).filter(is_named).collect();
    assert_eq!(places.len(), 2, "{from}");
    places.into_iter().for_each(|place| archive[place..place + to.len()].copy_from_slice(to));
    archive
}

#[track_caller]
fn check(what: &str, archive: &[u8], code: &str) {
    let begun = Instant::now();
    let (_, report) = verify(archive, &policy());
    assert!(begun.elapsed() < Duration::from_secs(5), "{what}: {:?}", begun.elapsed());
    let found: Vec<_> = report.findings.iter().map(|finding| (finding.verdict, finding.code)).collect();
    assert_eq!(found, [(Verdict::Tampered, code)], "{what}");
}

#[tokio::test]
async fn names_lead_nowhere_and_nothing_is_there_twice() {
    let good = good().await;
    check("a folder above", &put(&good, "README.txt", b"../ADME.tx"), "bundle.malformed");
    check("an absolute path", &put(&good, "README.txt", b"/EADME.txt"), "bundle.malformed");
    check("another system's folder", &put(&good, "README.txt", b"A\\..\\E.txt"), "bundle.malformed");
    check("the end of a C string", &put(&good, "README.txt", b"READM\0.txt"), "bundle.malformed");
    check("no UTF-8", &put(&good, "README.txt", b"READM\xff.txt"), "bundle.malformed");
    check("twice", &put(&good, "report.txt", b"README.txt"), "bundle.malformed");
    check("hidden", &put(&good, "README.txt", b".EADME.txt"), "bundle.malformed");
    // That is said of the name itself, before anything else is looked at; and nobody packs it.
    for name in ["../ADME.tx", "/EADME.txt", "A\\..\\E.txt", "READM\0.txt", ".EADME.txt", "a/../b.txt", "a/./bc.txt", "READMÉ.tx"]
    {
        let (_, report) = verify(&put(&good, "README.txt", name.as_bytes()), &policy());
        assert!(report.findings[0].message.contains("a name that none may have"), "{name}: {report:?}");
        let refused = seal(BTreeMap::from([(name.to_owned(), Vec::new())])).expect_err("refused");
        assert!(refused.message.contains("no file can be called"), "{name}: {refused}");
    }
}

/// A log's lines, the one at a place being another, all else as it should be.
fn with_line(archive: &[u8], log: &str, place: usize, change: impl Fn(&mut Value)) -> Vec<u8> {
    let mut files = files(archive);
    let text = String::from_utf8(files[log].clone()).expect("UTF-8");
    let mut lines: Vec<String> = text.lines().map(|line| format!("{line}\n")).collect();
    let mut line: Value = serde_json::from_str(&lines[place]).expect("a line");
    change(&mut line);
    lines[place] = canonical(&line) + "\n";
    files.insert(log.to_owned(), lines.concat().into_bytes());
    seal(files).expect("it is packed")
}

/// Each of these lines is well-formed, and another than was signed; or fewer.
#[tokio::test]
async fn what_fits_in_itself_is_held_against_what_was_signed() {
    let (world, cases) = world(2).await;
    let archive = bundle(&world, &of_cases(&cases[1..])).await;
    let log = "log/unit/office/1/entries.jsonl";
    let lines: Vec<Value> =
        files(&archive)[log].split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
    let node = lines.iter().position(|line| line["node"].is_string()).expect("a subtree");
    let of_case: Vec<usize> = (0..lines.len())
        .filter(|n| lines[*n]["leaf"].as_str().is_some_and(|leaf| leaf.contains(&format!("\"case\":\"{}", cases[1]))))
        .collect();
    assert_eq!(of_case.len(), 5);
    check("another subtree", &with_line(&archive, log, node, |line| line["node"] = json!("0".repeat(64))), "log.root");
    let later = |line: &mut Value| {
        let leaf = line["leaf"].as_str().expect("a leaf");
        line["leaf"] = json!(leaf.replacen("task.claimed", "task.released", 1));
    };
    check("another leaf", &with_line(&archive, log, of_case[3], later), "case.order");
    let last = |line: &mut Value| {
        let leaf = line["leaf"].as_str().expect("a leaf");
        line["leaf"] = json!(leaf.replacen("task.completed", "task.released", 1));
    };
    check("another last leaf", &with_line(&archive, log, of_case[4], last), "log.root");
    check(
        "another value",
        &with_line(&archive, log, of_case[0], |line| line["payloads"][0]["body"] = json!("{}")),
        "payload.altered",
    );
    // What is hidden fits the tree, and is missed.
    let hide = |line: &mut Value| {
        let leaf = leaf_hash(line["leaf"].as_str().expect("a leaf").as_bytes());
        *line = json!({ "index": line["index"], "node": leaf, "size": 1 });
    };
    for place in [0, 1, 3] {
        let (_, report) = verify(&with_line(&archive, log, of_case[place], hide), &policy());
        let found: Vec<_> = report.findings.iter().map(|finding| (finding.verdict, finding.code)).collect();
        assert_eq!(found, [(Verdict::Incomplete, "case.gap")], "{place}");
    }
    // The last can be hidden, and then it is said that the case may go on.
    let (_, report) = verify(&with_line(&archive, log, of_case[4], hide), &policy());
    assert_eq!((report.verdict(), report.cases, report.may_go_on), (Verdict::Verified, 1, 1));
}

#[tokio::test]
async fn what_breaks_off_or_lies_is_malformed() {
    let good = good().await;
    check("nothing", b"", "bundle.malformed");
    check("something else", b"%PDF-1.7", "bundle.malformed");
    for place in [18, 22, 26] {
        let mut archive = good.clone();
        archive[place..place + 2].copy_from_slice(&[0xff, 0xff]);
        check("a size beyond its end", &archive, "bundle.malformed");
    }
    check("bytes before", &[b"\0", &good[..]].concat(), "bundle.malformed");
    check("bytes after", &[&good[..], b"\0"].concat(), "bundle.malformed");
    check("twice one after the other", &[&good[..], &good[..]].concat(), "bundle.malformed");
    let changed = |name: &str, content: &[u8]| {
        let mut files = files(&good);
        assert!(files.insert(name.to_owned(), content.to_vec()).is_some(), "{name}");
        seal(files).expect("it is packed")
    };
    let log = "log/site/1/entries.jsonl";
    check("no UTF-8", &changed(log, b"\xff\n"), "bundle.malformed");
    check("no end", &changed(log, b"{}"), "bundle.malformed");
    check("no lines", &changed(log, b""), "log.root");
    for number in ["1e400", "99999999999999999999999999999999", "-1", "1.0", "\"0\"", "18446744073709551616"] {
        let line = format!("{{\"index\":{number},\"node\":\"{}\",\"size\":1}}\n", "0".repeat(64));
        check(number, &changed(log, line.as_bytes()), "bundle.malformed");
    }
    for size in ["0", "3", "9223372036854775808", "18446744073709551615"] {
        let line = format!("{{\"index\":0,\"node\":\"{}\",\"size\":{size}}}\n", "0".repeat(64));
        check(size, &changed(log, line.as_bytes()), "entry.order");
    }
    let deep = "[".repeat(1_000_000);
    check("deep", &changed(log, format!("{deep}\n").as_bytes()), "bundle.malformed");
    check("deep", &changed("bundle.json", deep.as_bytes()), "bundle.malformed");
    check("long", &changed(log, &[&b" ".repeat(17 * 1024 * 1024)[..], b"\n"].concat()), "bundle.malformed");
    check("a long note", &changed("log/site/1/checkpoint", &b"a\n".repeat(1_000_000)), "note.too-large");
    check("many lines", &changed(log, &b"\n".repeat(5_000_000)), "bundle.malformed");
    // More files than are read; and it is not packed so, either.
    let mut many = files(&good);
    many.extend((0..10_000).map(|number| (format!("n{number}"), Vec::new())));
    assert_eq!(seal(many).expect_err("too many").code, "bundle.too-large");
}

/// What others pack is no bundle, whatever is in it: nothing is ever unpacked. What we pack is a ZIP file to others.
#[tokio::test]
async fn nothing_grows_and_others_can_read_ours() {
    let good = good().await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("good.zip"), &good).unwrap();
    let script = "
import hashlib, zipfile
with zipfile.ZipFile('good.zip') as good:
    assert good.testzip() is None
    for line in good.read('MANIFEST.sha256').decode().splitlines():
        assert hashlib.sha256(good.read(line[66:])).hexdigest() == line[:64]
    with zipfile.ZipFile('same.zip', 'w') as same:
        for name in good.namelist():
            same.writestr(name, good.read(name))
with zipfile.ZipFile('bomb.zip', 'w', zipfile.ZIP_DEFLATED) as bomb:
    bomb.writestr('MANIFEST.sha256', bytes(400_000_000))
";
    let Ok(done) = Command::new("python3").args(["-c", script]).current_dir(folder.path()).output() else {
        return tests::skip("bombs are made by python3");
    };
    assert!(done.status.success(), "{done:?}");
    check("a bomb", &std::fs::read(folder.path().join("bomb.zip")).unwrap(), "bundle.malformed");
    check("packed otherwise", &std::fs::read(folder.path().join("same.zip")).unwrap(), "bundle.malformed");
}

/// A file of a bundle, as it is read: how much at a time and from where.
#[derive(Debug)]
struct Watched {
    bytes: Vec<u8>,
    /// What the file has in place of the bytes, once so many bytes have been read.
    then: Option<(u64, Vec<u8>)>,
    read: Cell<u64>,
    most: Cell<usize>,
}

impl Watched {
    fn new(bytes: &[u8], then: Option<(u64, Vec<u8>)>) -> Self {
        Self { bytes: bytes.to_vec(), then, read: Cell::new(0), most: Cell::new(0) }
    }
}

impl Stored for Watched {
    fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn fill(&self, at: u64, room: &mut [u8]) -> bool {
        let bytes = self.then.as_ref().filter(|(after, _)| self.read.get() >= *after).map_or(&self.bytes, |(_, then)| then);
        self.read.set(self.read.get() + room.len() as u64);
        self.most.set(self.most.get().max(room.len()));
        let from = usize::try_from(at).expect("small");
        bytes.get(from..from + room.len()).map(|from| room.copy_from_slice(from)).is_some()
    }
}

/// It is never in memory as a whole, whatever it is.
#[tokio::test]
async fn a_file_is_read_piece_by_piece() {
    let (world, _) = world(150).await;
    let good = bundle(&world, &everything(&office())).await;
    let check = |archive: &[u8], times: u64| {
        let file = Watched::new(archive, None);
        let (bundle, mut report) = verify(Archive::File(&file), &policy());
        let (of_memory, mut expected) = verify(archive, &policy());
        if let (Some(one), Some(other)) = (bundle, of_memory) {
            assert_eq!(replay(&one, &mut report), replay(&other, &mut expected));
        }
        assert_eq!(report, expected);
        assert!(file.most.get() <= 64 * 1024, "{}", file.most.get());
        assert!(file.read.get() <= times * archive.len() as u64 + 100_000, "{} of {}", file.read.get(), archive.len());
    };
    assert!(good.len() > 500_000, "{}", good.len());
    // For its form, for what it proves, and twice for its cases: what they go by, and they.
    check(&good, 4);
    check(&good[..good.len() / 2], 1);
    let zeros = vec![0; 5_000_000];
    check(&zeros, 1);
    let mut other = files(&good);
    other.insert("README.txt".to_owned(), zeros);
    check(&seal(other).expect("it is packed"), 4);
}

/// Each pass sees the bytes whose hash the first has found: who changes a file while it is read gains nothing.
#[tokio::test]
async fn a_file_that_changes_while_it_is_read_is_not_believed() {
    let (world, _) = world(3).await;
    let good = bundle(&world, &everything(&office())).await;
    // As long as before.
    let text = String::from_utf8(files(&good)["log/unit/office/1/entries.jsonl"].clone()).expect("UTF-8");
    let other = text.replacen("instance.completed", "instance.cancelled", 1);
    assert_ne!(text, other);
    let at = good.windows(text.len()).position(|window| window == text.as_bytes()).expect("its place");
    let mut changed = good.clone();
    changed[at..at + text.len()].copy_from_slice(other.as_bytes());
    let find = |file: &Watched| {
        let (bundle, mut report) = verify(Archive::File(file), &policy());
        if let Some(bundle) = bundle.filter(|_| report.verdict() == Verdict::Verified) {
            replay(&bundle, &mut report);
        }
        report.verdict()
    };
    let whole = Watched::new(&good, None);
    assert_eq!(find(&whole), Verdict::Verified);
    // The last pass reads the log at once, and after that nothing.
    assert!(text.len() < 64 * 1024);
    let last = whole.read.get() - text.len() as u64;
    for after in (0..=last).step_by(usize::try_from(last / 40).expect("small")).chain([last]) {
        assert_eq!(find(&Watched::new(&good, Some((after, changed.clone())))), Verdict::Tampered, "{after} of {last}");
    }
    assert_eq!(find(&Watched::new(&good, Some((last + 1, changed)))), Verdict::Verified);
}
