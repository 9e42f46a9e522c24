//! A client that others wrote, the library by which Go's checksum database is read: it reads our logs as they are served, and checks our proofs.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use api::server::Limits;
use tests::client::Served;
use tests::world::small_office;

use super::{SHORT, cases};

/// Where Debian's golang-golang-x-mod-dev puts it.
const LIBRARY: &str = "/usr/share/gocode";

/// The client, built once; none where there is no Go, or not its library.
pub(super) fn client() -> Option<&'static Path> {
    static CLIENT: OnceLock<Option<PathBuf>> = OnceLock::new();
    let built = CLIENT.get_or_init(|| {
        let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("check_log");
        let mut go = Command::new("go");
        go.env("GO111MODULE", "off").env("GOPATH", LIBRARY).env("GOFLAGS", "").arg("build").arg("-o").arg(&out);
        let has_library = Path::new(LIBRARY).join("src/golang.org/x/mod/sumdb/tlog").is_dir();
        go.args(["check_log.go", "check_bundle.go", "check_strict.go"].map(|file| tests::top().join("tests/golden").join(file)));
        let built = go.output().ok().filter(|_| has_library)?;
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        Some(out)
    });
    if built.is_none() {
        tests::skip("a client that others wrote needs go and golang-golang-x-mod-dev");
    }
    built.as_deref()
}

/// What the client says of a log: what it has read, or why it does not believe it.
async fn read(client: &'static Path, served: &Served, key: &str, old: &[PathBuf]) -> Result<String, String> {
    let mut command = Command::new(client);
    command.arg("read").arg(format!("http://{}/log/unit/office/1", served.address)).arg(key).args(old);
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("it runs").expect("it ends");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

#[tokio::test]
async fn a_client_that_others_wrote_reads_our_logs() {
    let Some(client) = client() else { return };
    let served = Served::new(&small_office(), "office", Limits::default()).await;
    served.world.deploy(SHORT).await.expect("deployed");
    let folder = tempfile::tempdir().expect("a folder");
    let shown = served.signer.join("log/unit/office/1/checkpoint");
    let (mut old, mut key) = (Vec::new(), String::new());
    for (entries, cases_more) in [(1, 0), (256, 255), (257, 1), (300, 43)] {
        cases(&served.world, cases_more).await;
        key = served.sign().await.key().named("office.example/unit/office/1").to_string();
        assert_eq!(read(client, &served, &key, &old).await, Ok(format!("READ {entries}")), "{} seen before", old.len());
        old.push(folder.path().join(entries.to_string()));
        std::fs::copy(&shown, &old[old.len() - 1]).expect("kept");
    }
    // What it would not believe: another key, and a tree of another history under the right one.
    let stranger = engine::evidence::PrivateKey::new("office.example", &[9; 32]).expect("a key");
    let other = stranger.key().named("office.example/unit/office/1").to_string();
    assert!(read(client, &served, &other, &[]).await.is_err());
    let forked = std::fs::read_to_string(&old[1]).expect("kept").replace("\n256\n", "\n255\n");
    std::fs::write(&old[1], forked).expect("changed");
    assert!(read(client, &served, &key, &old).await.is_err(), "a checkpoint that was changed is not one of this log's");
    served.stop().await;
}
