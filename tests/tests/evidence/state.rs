//! The signer's folder: what it keeps to itself, what it shows, and that nothing is shown before it is kept.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use engine::runtime::signer::{Signer, SignerError};
use engine::store::memory::MemoryStore;
use tests::world::chance;

use super::{cases, new_signer, office, shown, world};

const ORIGIN: &str = "office.example/unit/office/1";

fn refused(result: Result<Signer, SignerError>) -> (&'static str, String) {
    let error = result.map(drop).unwrap_err();
    (error.code(), error.to_string())
}

#[test]
fn key_and_state_are_for_the_signer_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert!(refused(Signer::open(folder)).1.contains("--init"));
    drop(new_signer(folder));
    for file in ["key", "state.json"] {
        let mode = |mode| fs::set_permissions(folder.join(file), Permissions::from_mode(mode)).unwrap();
        assert_eq!(fs::metadata(folder.join(file)).unwrap().permissions().mode() & 0o777, 0o600);
        for open in [0o640, 0o604, 0o620] {
            mode(open);
            let (code, text) = refused(Signer::open(folder));
            assert_eq!(code, "signer.files");
            assert!(text.contains("must be 600"), "{text}");
        }
        mode(0o600);
    }
    // A key is never written over, and never used without what it has signed.
    assert_eq!(Signer::init(folder, "office.example", &chance(12)).unwrap_err().code(), "signer.files");
    fs::rename(folder.join("state.json"), folder.join("elsewhere")).unwrap();
    assert_eq!(refused(Signer::open(folder)).0, "signer.files");
    assert_eq!(Signer::init(folder, "office.example", &chance(12)).unwrap_err().code(), "signer.files");
    for damaged in ["", "{}", r#"{"v":3,"turn":0,"logs":{}}"#, r#"{"v":1,"turn":0,"logs":{},"more":1}"#] {
        fs::write(folder.join("state.json"), damaged).unwrap();
        fs::set_permissions(folder.join("state.json"), Permissions::from_mode(0o600)).unwrap();
        assert_eq!(refused(Signer::open(folder)).0, "signer.files", "{damaged}");
    }
}

#[test]
fn an_installation_has_one_signer() {
    let folder = tempfile::tempdir().unwrap();
    let first = new_signer(folder.path());
    assert_eq!(refused(Signer::open(folder.path())).0, "signer.busy");
    drop(first);
    Signer::open(folder.path()).unwrap();
}

#[tokio::test]
async fn nothing_is_shown_that_is_not_kept() {
    let (folder, world) = (tempfile::tempdir().unwrap(), world(MemoryStore::default()).await);
    let (folder, store) = (folder.path(), world.engine.store());
    let mut signer = new_signer(folder);
    signer.round(store).await.unwrap();
    let before = shown(folder, &signer, ORIGIN).unwrap();
    cases(&world, 3).await;
    // The state cannot be written.
    fs::create_dir_all(folder.join("state.json.new/in-the-way")).unwrap();
    assert_eq!(signer.round(store).await.unwrap_err().code(), "signer.files");
    assert_eq!(shown(folder, &signer, ORIGIN).unwrap(), before);
    assert_eq!(signer.signed(&office()).unwrap().0, before.size);
    fs::remove_dir_all(folder.join("state.json.new")).unwrap();
    assert_eq!(signer.round(store).await.unwrap(), 1);
    assert_eq!(shown(folder, &signer, ORIGIN).unwrap().size, before.size + 3);
}

#[tokio::test]
async fn what_is_kept_is_shown_in_the_end() {
    let (folder, world) = (tempfile::tempdir().unwrap(), world(MemoryStore::default()).await);
    let (folder, store) = (folder.path(), world.engine.store());
    let mut signer = new_signer(folder);
    // It ends between keeping and showing.
    fs::write(folder.join("log"), "in the way").unwrap();
    assert_eq!(signer.round(store).await.unwrap_err().code(), "signer.files");
    let kept = signer.signed(&office()).unwrap();
    drop(signer);
    fs::remove_file(folder.join("log")).unwrap();
    let signer = Signer::open(folder).unwrap();
    let shown = shown(folder, &signer, ORIGIN).unwrap();
    assert_eq!((shown.size, shown.root), kept);
}

#[tokio::test]
async fn an_old_state_that_is_put_back_is_known() {
    let (folder, world) = (tempfile::tempdir().unwrap(), world(MemoryStore::default()).await);
    let (folder, store) = (folder.path(), world.engine.store());
    let mut signer = new_signer(folder);
    signer.round(store).await.unwrap();
    let old = fs::read(folder.join("state.json")).unwrap();
    cases(&world, 1).await;
    signer.round(store).await.unwrap();
    drop(signer);
    let new = fs::read(folder.join("state.json")).unwrap();
    fs::write(folder.join("state.json"), &old).unwrap();
    let (code, text) = refused(Signer::open(folder));
    assert_eq!(code, "signer.files");
    assert!(text.contains("older than what it has signed"), "{text}");
    fs::write(folder.join("state.json"), &new).unwrap();
    Signer::open(folder).unwrap();
}
