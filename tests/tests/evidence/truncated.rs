//! A log cut short at each of its last 200 sizes: the signer signs none of them, and whoever holds one later checkpoint sees it of every bundle. Who holds
//! none is told so.

use engine::digest::{leaf_hash, root_of};
use engine::evidence::Checkpoint;
use engine::evidence::bundle::{Outside, Verdict, verify};
use engine::runtime::bundle::Signed;
use engine::store::memory::MemoryStore;
use tests::bundle::{bundle_of, policy, secret, signed};

use super::bundle::of_cases;
use super::{cases, cut, entries, new_signer, office, shown, world};
use crate::program::run;

const ORIGIN: &str = "office.example/unit/office/1";
const SIZES: u64 = 200;

#[tokio::test]
async fn the_signer_signs_none_of_the_last_sizes_again() {
    let (folder, world) = (tempfile::tempdir().unwrap(), world(MemoryStore::default()).await);
    cases(&world, 220).await;
    let mut signer = new_signer(folder.path());
    let store = world.engine.store();
    signer.round(store).await.unwrap();
    let last = shown(folder.path(), &signer, ORIGIN).unwrap();
    for lost in 1..=SIZES {
        let shorter = cut(store, |unit, size| if *unit == office() { size - lost } else { size }).await;
        let refused = signer.round(&shorter).await.unwrap_err();
        assert_eq!(refused.code(), "signer.rolled-back", "{lost} lost");
        assert_eq!(shown(folder.path(), &signer, ORIGIN).unwrap(), last, "{lost} lost");
    }
}

#[tokio::test]
async fn one_later_checkpoint_outside_tells_of_every_shorter_bundle() {
    let world = world(MemoryStore::default()).await;
    cases(&world, 220).await;
    let all = entries(world.engine.store(), &office()).await;
    let leaves: Vec<_> = all.iter().map(|entry| leaf_hash(entry.leaf.as_bytes())).collect();
    let first = all.iter().find_map(|entry| entry.link).unwrap().instance;
    let whole = signed(world.engine.store()).await;
    let last = &whole[&office()].checkpoint;
    let mut outside = policy();
    outside.seen.push(Outside { name: ORIGIN.to_owned(), size: last.size, root: last.root, when: None });
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(at("policy.txt"), format!("key {}\n", secret().key())).unwrap();

    for size in last.size - SIZES..=last.size {
        // What the installation's own key says of a log that was cut, so that nothing in the bundle speaks against it.
        let checkpoint = Checkpoint::new(ORIGIN, size, root_of(&leaves[..usize::try_from(size).unwrap()]));
        let note = checkpoint.sign(&secret()).unwrap();
        let mut shorter = whole.clone();
        shorter.insert(office(), Signed { note, checkpoint, ..whole[&office()].clone() });
        let archive = bundle_of(&world, &of_cases(&[first]), &shorter).await;
        let (_, report) = verify(&archive, &outside);
        let codes: Vec<_> = report.findings.iter().map(|finding| finding.code).collect();
        if size == last.size {
            assert_eq!((report.verdict(), codes), (Verdict::Verified, vec![]));
            continue;
        }
        assert_eq!((report.verdict(), codes), (Verdict::Incomplete, vec!["log.truncated"]), "of {size} entries");
        // Without one nothing can be known of it, and that is what is said.
        let (_, report) = verify(&archive, &policy());
        assert!(report.verdict() == Verdict::Verified && report.logs.iter().all(|log| log.seen.is_none()), "of {size} entries");
        if size % 50 == 0 {
            std::fs::write(at("bundle.zip"), &archive).unwrap();
            let output = run(&["verify", &at("bundle.zip"), "--policy", &at("policy.txt")]);
            let text = String::from_utf8(output.stdout).unwrap();
            let unheld = "NOT held against any checkpoint from outside: whether there was more cannot be told";
            assert_eq!(text.matches(unheld).count(), report.logs.len(), "{text}");
        }
    }
}
