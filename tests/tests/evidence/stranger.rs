//! A stranger's verifier, in another language and from the page on formats alone: it says of every proof, changed in whatever way, what ours
//! says. And the recipe of that page, with common tools.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use engine::digest::{Hash, hex, leaf_hash, root_of};
use engine::evidence::bundle::{seal, unseal};
use engine::evidence::{Blocks, Checkpoint, Key, PrivateKey, PrivateWitnessKey, Proof, Verdict};
use engine::model::Time;
use tests::world::Random;

const ORIGIN: &str = "office.example/unit/office/1";

/// How many changed proofs are tried: 10,000 before a release.
pub(super) fn mutations() -> usize {
    std::env::var("SEVOTTAM_MUTATIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(200)
}

fn secret() -> PrivateKey {
    PrivateKey::new("office.example", &[5; 32]).unwrap()
}

/// A leaf and its proof in a log of this size.
fn proof(index: u64, size: u64) -> (Hash, Proof) {
    let leaves: Vec<Hash> = (0..size).map(|n| leaf_hash(format!("entry {n}").as_bytes())).collect();
    let mut blocks = Blocks::new();
    for leaf in &leaves {
        blocks.push(*leaf);
    }
    let checkpoint = Checkpoint::new(ORIGIN, size, root_of(&leaves)).sign(&secret()).unwrap();
    let path = blocks.inclusion(index, size, &leaves, &leaves).unwrap();
    (leaves[index as usize], Proof { index, path, checkpoint })
}

fn ours(key: &Key, leaf: &Hash, proof: &[u8]) -> &'static str {
    match Proof::read(proof).and_then(|proof| proof.verify(leaf, key)) {
        Ok(Verdict::Included(_)) => "INCLUDED",
        Ok(Verdict::Differs(_)) => "DIFFERS",
        Err(_) => "REFUSED",
    }
}

/// What a stranger's program says of each; none where it cannot be run.
fn theirs(mut program: Command, asked: &[(Hash, Vec<u8>)]) -> Option<Vec<String>> {
    let mut child = program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
    let mut stdin = child.stdin.take().expect("a pipe");
    let lines: String =
        asked.iter().map(|(leaf, proof)| format!("{{\"leaf\":\"{leaf}\",\"proof\":\"{}\"}}\n", hex(proof))).collect();
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()).expect("it is read"));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("all is written");
    assert!(output.status.success());
    let said: Vec<String> = String::from_utf8(output.stdout).expect("UTF-8").lines().map(str::to_owned).collect();
    assert_eq!(said.len(), asked.len());
    Some(said)
}

/// A change as malice or chance makes it.
fn changed(random: &mut Random, (leaf, text): &(Hash, String), other: &(Hash, String)) -> (Hash, Vec<u8>) {
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let others: Vec<&str> = other.1.split_inclusive('\n').collect();
    let (a, b) = (random.below(lines.len()), random.below(lines.len()));
    let whole = |lines: Vec<&str>| lines.concat().into_bytes();
    let bytes = match random.below(13) {
        0 => whole(lines),
        1 => return (other.0, whole(lines)),
        2 => {
            lines.remove(a);
            whole(lines)
        }
        3 => {
            lines.insert(a, lines[b]);
            whole(lines)
        }
        4 => {
            lines.swap(a, b);
            whole(lines)
        }
        5 => {
            lines[a] = others[a.min(others.len() - 1)];
            whole(lines)
        }
        6 => text.as_bytes()[..random.below(text.len())].to_vec(),
        7 => text
            .replacen("index ", ["index 0", "index +", "index", "extra AAAA\nindex ", "index 9"][random.below(5)], 1)
            .into_bytes(),
        8 => text.replacen('=', ["", "==", "A", "\u{a0}"][random.below(4)], 1).into_bytes(),
        9 => text.replacen('\n', ["\r\n", "", "\n\n", "\u{85}"][random.below(4)], 1 + random.below(8)).into_bytes(),
        10 => format!("{text}{}", others[others.len() - 1]).into_bytes(),
        kind => {
            let mut bytes = text.clone().into_bytes();
            let at = random.below(bytes.len());
            if kind == 11 {
                bytes[at] ^= 1 << random.below(8)
            } else {
                bytes[at] = b"AZaz09+/= \n"[random.below(11)]
            }
            bytes
        }
    };
    (*leaf, bytes)
}

#[test]
fn all_say_the_same_of_every_changed_proof() {
    let key = secret().key().named(ORIGIN);
    let shapes = [(0, 1), (0, 2), (77, 200), (255, 256), (256, 257), (600, 1_000), (999, 1_000)];
    let good: Vec<(Hash, String)> =
        shapes.into_iter().map(|(index, size)| proof(index, size)).map(|(leaf, proof)| (leaf, proof.to_string())).collect();
    let mut asked: Vec<(Hash, Vec<u8>)> = good.iter().map(|(leaf, text)| (*leaf, text.clone().into_bytes())).collect();
    let mut random = Random(2026);
    while asked.len() < mutations() {
        let (one, other) = (&good[random.below(good.len())], &good[random.below(good.len())]);
        asked.push(changed(&mut random, one, other));
    }
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    let mut python = Command::new("python3");
    python.arg(tests::top().join("tests/golden/check_proof.py")).arg(key.to_string());
    let python = theirs(python, &asked);
    if python.is_none() {
        tests::skip("the independent verifier of proofs needs python3");
    }
    let library = super::watcher::client().and_then(|client| {
        let mut library = Command::new(client);
        library.arg("proofs").arg(key.to_string());
        theirs(library, &asked)
    });
    for (at, (leaf, proof)) in asked.iter().enumerate() {
        let ours = ours(&key, leaf, proof);
        for (who, theirs) in [("Python", &python), ("Go", &library)] {
            let theirs = theirs.as_ref().map_or(ours, |theirs| &theirs[at]);
            assert_eq!(ours, theirs, "{who}: {leaf} {}", String::from_utf8_lossy(proof));
        }
        *count.entry(ours).or_default() += 1;
    }
    // All three are said, so that none says the same of everything.
    assert!(count.len() == 3 && count.values().all(|count| *count >= 7), "{count:?}");
    println!("{count:?}");
}

#[test]
fn the_recipe_works() {
    let page = std::fs::read_to_string(tests::top().join("engine/src/evidence/FORMAT.md")).unwrap();
    let recipe = page.split("```sh\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a recipe");
    let check_by = |secret: &PrivateKey, text: &str| {
        let key = secret.key().named(ORIGIN);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("p"), text).unwrap();
        let ended =
            Command::new("sh").args(["-e", "-c", recipe]).current_dir(folder.path()).env("vkey", key.to_string()).output();
        ended.ok()
    };
    let check = |text: &str| check_by(&secret(), text);
    if Command::new("openssl").arg("version").output().is_err() || Command::new("xxd").arg("-v").output().is_err() {
        return tests::skip("the recipe of the page on evidence needs openssl and xxd");
    }
    let good = proof(77, 200).1.to_string();
    let said = check(&good).unwrap();
    assert!(said.status.success() && String::from_utf8_lossy(&said.stdout).contains("Verified Successfully"), "{said:?}");
    // The sign that parts the words of a key may stand in the last of them too: so it is with every second key.
    let mut keys = (0..=u8::MAX).map(|seed| PrivateKey::new("office.example", &[seed; 32]).unwrap());
    let other = keys.find(|secret| secret.key().to_string().matches('+').count() > 2).expect("a key");
    let mut signed = proof(77, 200).1;
    let Checkpoint { origin, size, root, .. } = Checkpoint::read(&signed.checkpoint.text).unwrap();
    signed.checkpoint = Checkpoint::new(&origin, size, root).sign(&other).unwrap();
    let said = check_by(&other, &signed.to_string()).unwrap();
    assert!(said.status.success(), "{said:?}");
    // Whatever lines of witnesses stand before or after that of the log.
    let mut cosigned = proof(77, 200).1;
    let witness = PrivateWitnessKey::new("witness.example", &[6; 32]).unwrap();
    let line = witness.cosign(&cosigned.checkpoint.text, Time(1_775_000_000_000_000));
    cosigned.checkpoint.signatures =
        [std::slice::from_ref(&line), &cosigned.checkpoint.signatures, std::slice::from_ref(&line)].concat();
    assert!(check(&cosigned.to_string()).unwrap().status.success());
    let said = check(&good.replace("\n200\n", "\n201\n")).unwrap();
    assert!(!said.status.success(), "{said:?}");
}

/// The recipe for bundles goes on with that for proofs.
#[tokio::test]
async fn the_recipe_for_bundles_works() {
    let page = std::fs::read_to_string(tests::top().join("engine/src/evidence/FORMAT.md")).unwrap();
    let after = |heading: &str| {
        let rest = page.split_once(heading).and_then(|(_, rest)| rest.split_once("```sh\n")).expect("a recipe").1;
        rest.split_once("```").expect("its end").0
    };
    let recipe = [after("**By hand.**"), after("## 7. By hand")].concat();
    for (tool, asked) in [("unzip", "-v"), ("openssl", "version"), ("xxd", "-v"), ("python3", "-V")] {
        if Command::new(tool).arg(asked).output().is_err() {
            return tests::skip("the recipe for bundles of the page on evidence needs unzip, openssl, xxd and python3");
        }
    }
    let (world, cases) = super::bundle::world(5).await;
    let archive = tests::bundle::bundle(&world, &super::bundle::of_cases(&cases[1..2])).await;
    let check = |archive: &[u8], log: &str, index: u64| {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("b.zip"), archive).unwrap();
        let vkey = tests::bundle::secret().key().named(&format!("office.example/{log}")).to_string();
        let mut shell = Command::new("sh");
        shell.args(["-e", "-c", &recipe]).current_dir(folder.path());
        let ended = shell.envs([("vkey", vkey.as_str()), ("log", log), ("index", &index.to_string())]).output().unwrap();
        let verified = String::from_utf8_lossy(&ended.stdout).contains("Verified Successfully");
        assert_eq!(ended.status.success(), verified, "{ended:?}");
        (verified, format!("{ended:?}"))
    };
    // Of which entries the payloads are shown, and where the claim of the applicant is.
    let unit = "unit/office/1";
    let files: BTreeMap<String, Vec<u8>> =
        unseal(&archive).unwrap().into_iter().map(|(name, content)| (name.to_owned(), content.to_vec())).collect();
    let lines = String::from_utf8(files[&format!("log/{unit}/entries.jsonl")].clone()).unwrap();
    let shown: Vec<(u64, bool)> = lines
        .lines()
        .filter(|line| line.contains("\"payloads\""))
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|line| (line["index"].as_u64().unwrap(), line.to_string().contains("Applicant 1")))
        .collect();
    assert!(shown.len() == 6 && lines.contains("\"node\""), "{lines}");
    for (index, _) in &shown {
        let (verified, told) = check(&archive, unit, *index);
        assert!(verified, "{told}");
    }
    let (verified, told) = check(&archive, "site/1", 0);
    assert!(verified, "{told}");
    let (last, _) = *shown.last().unwrap();
    assert!(!check(&archive, unit, last + 100).0, "there is no such entry");
    let (claim, _) = *shown.iter().find(|(_, claim)| *claim).expect("a claim");

    // A byte of the file, whichever.
    for at in [archive.len() / 3, archive.len() / 2] {
        let mut flipped = archive.clone();
        flipped[at] ^= 1;
        assert!(!check(&flipped, unit, claim).0, "{at}");
    }
    // Another file under the manifest as it was: the first file, and the first line of the directory.
    let mut other = files.clone();
    other.get_mut("README.txt").expect("a file")[0] ^= 1;
    let mut other = seal(other).unwrap();
    let listed = archive.windows(4).position(|four| four == b"PK\x01\x02").expect("a directory");
    for range in [0..30 + "MANIFEST.sha256".len() + files["MANIFEST.sha256"].len(), listed..listed + 46] {
        other[range.clone()].copy_from_slice(&archive[range]);
    }
    let (verified, told) = check(&other, unit, claim);
    assert!(!verified && told.contains("README.txt: FAILED"), "{told}");
    // A character after this one, the manifest being made anew.
    let resealed = |file: &str, before: &str, behind: usize| {
        let mut files = files.clone();
        let content = files.get_mut(&format!("log/{unit}/{file}")).expect("a file");
        let at = String::from_utf8_lossy(content).find(before).expect("it is there") + before.len() + behind;
        content[at] = if content[at] == b'1' { b'2' } else { b'1' };
        seal(files).unwrap()
    };
    assert!(check(&resealed("entries.jsonl", "\"payloads\"", 0), unit, claim).1.contains("JSON"), "no JSON any more");
    let body = resealed("entries.jsonl", "Applicant ", 0);
    assert!(!check(&body, unit, claim).0, "the payload is not what was committed");
    assert!(check(&body, unit, last).0, "of the other entries nothing was changed");
    for (file, before, behind) in [
        ("entries.jsonl", "\\\"cmd\\\":\\\"", 0),
        ("entries.jsonl", "\"node\":\"", 0),
        ("checkpoint", "office.example/unit/office/", 0),
        ("checkpoint", "office.example/unit/office/1\n", 0),
        // The signature, behind the key's id.
        ("checkpoint", "\u{2014} office.example/unit/office/1 ", 20),
    ] {
        assert!(!check(&resealed(file, before, behind), unit, last).0, "{before}");
    }
}
