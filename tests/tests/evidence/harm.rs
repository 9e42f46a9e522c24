//! Bundles that are made to do harm: each gets a verdict with a code, at once, and nothing grows.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

use engine::evidence::bundle::{Verdict, seal, unseal, verify};
use tests::bundle::{bundle, policy};

use super::bundle::{of_cases, world};

type Files = BTreeMap<String, Vec<u8>>;

async fn good() -> Vec<u8> {
    let (world, cases) = world(2).await;
    bundle(&world, &of_cases(&cases[..1])).await
}

fn files(archive: &[u8]) -> Files {
    unseal(archive).expect("a bundle").into_iter().map(|(name, content)| (name.to_owned(), content.to_vec())).collect()
}

/// Every place of a text in an archive put to another of the same length.
fn put(archive: &[u8], from: &str, to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut archive = archive.to_vec();
    let places: Vec<usize> =
        archive.windows(from.len()).enumerate().filter(|(_, at)| *at == from.as_bytes()).map(|(n, _)| n).collect();
    assert!(places.len() >= 2, "{from}");
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
