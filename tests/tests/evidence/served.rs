//! `/log/…`: a stranger reads a log in tiles, checks all of it, and carries a proof away.

use api::server::Limits;
use engine::digest::{Frontier, Hash, leaf_hash};
use engine::evidence::{Blocks, Checkpoint, Key, Note, Proof, Tile, TileKind, Verdict, unbundle};
use engine::journal::event::LogSigned;
use engine::journal::{Actor, Command, Envelope};
use engine::model::UnitId;
use engine::runtime::checkpoints::Looks;
use serde_json::json;
use tests::client::{Client, Served};
use tests::world::small_office;

use super::{SHORT, cases, cut, entries, office};

async fn served() -> Served {
    let served = Served::new(&small_office(), "office", Limits::default()).await;
    served.world.deploy(SHORT).await.unwrap();
    served
}

/// The newest checkpoint, as whoever has the key reads it.
async fn checkpoint(client: &Client, key: &Key) -> Checkpoint {
    let reply = client.get("/log/unit/office/1/checkpoint").await;
    assert_eq!(reply.status, 200, "{reply:?}");
    Checkpoint::open(&Note::read(&reply.body).unwrap(), key).unwrap()
}

#[tokio::test]
async fn a_stranger_reads_a_log_in_tiles() {
    let served = served().await;
    let stranger = served.client("");
    cases(&served.world, 598).await;
    let key = served.sign().await.key().named("office.example/unit/office/1");
    let signed = checkpoint(&stranger, &key).await;
    // More entries than are signed are not shown.
    cases(&served.world, 1).await;
    assert_eq!(signed.size, 599);

    let get = async |kind, index, width| {
        let path = Tile { kind, index, width }.path();
        let reply = stranger.get(&format!("/log/unit/office/1/tile/{path}")).await;
        assert_eq!(reply.status, 200, "{path}: {reply:?}");
        reply
    };
    let (mut frontier, mut leaves) = (Frontier::new(), Vec::new());
    for (index, width) in [(0, 256), (1, 256), (2, 87)] {
        let bundle = get(TileKind::Entries, index, width).await;
        assert_eq!(bundle.headers["cache-control"].to_str().unwrap().contains("immutable"), width == 256);
        let hashes: Vec<Hash> = unbundle(&bundle.body, width).unwrap().into_iter().map(leaf_hash).collect();
        let bytes: Vec<u8> = hashes.iter().flat_map(|hash| *hash.as_bytes()).collect();
        assert_eq!(get(TileKind::Hashes(0), index, width).await.body, bytes);
        hashes.iter().for_each(|hash| frontier.push(*hash));
        leaves.extend(hashes);
    }
    assert_eq!((frontier.size(), frontier.root()), (signed.size, signed.root));
    let upper = get(TileKind::Hashes(1), 0, 2).await.body;
    assert_eq!(upper[..32], *engine::digest::root_of(&leaves[..256]).as_bytes());
    assert_eq!(upper[32..], *engine::digest::root_of(&leaves[256..512]).as_bytes());
    // A narrower tile of the same place is there too; what is not signed is not.
    assert_eq!(
        get(TileKind::Hashes(0), 2, 5).await.body,
        leaves[512..517].iter().flat_map(|hash| *hash.as_bytes()).collect::<Vec<u8>>()
    );
    for (path, code) in [
        ("unit/office/1/tile/0/002.p/88", "log.not-yet-signed"),
        ("unit/office/1/tile/entries/002", "log.not-yet-signed"),
        ("unit/office/1/tile/0/2", "log.no-such-file"),
        ("unit/office/1/tile/0/../000", "log.no-such-file"),
        ("unit/office/2/checkpoint", "log.unsigned"),
        ("unit/nowhere/1/checkpoint", "log.unsigned"),
        ("unit/office/01/checkpoint", "log.no-such-file"),
        ("unit/site/1/checkpoint", "log.no-such-file"),
        ("unit/office/1/key", "log.no-such-file"),
        ("unit/..%2F..%2F..%2Foffice/1/checkpoint", "log.no-such-file"),
        ("unit/office/1/checkpoint/..", "log.no-such-file"),
        ("unit/office/1/proof/599", "log.not-yet-signed"),
        ("unit/office/1/proof/-1", "log.no-such-file"),
        ("unit/office/1/proof/18446744073709551616", "log.no-such-file"),
        ("unit/office/1/proof/18446744073709551615", "log.not-yet-signed"),
        ("", "request.no-route"),
    ] {
        let reply = stranger.get(&format!("/log/{path}")).await;
        let problem: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!((reply.status, problem["code"].as_str()), (404, Some(code)), "{path}");
    }
    assert!(stranger.get("/log/site/1/checkpoint").await.status == 200);
    served.stop().await;
}

#[tokio::test]
async fn a_receipt_is_proved() {
    let served = served().await;
    let (asha, stranger) = (served.client("asha"), served.client(""));
    cases(&served.world, 300).await;
    let answer = asha.post("/api/v1/instances", &json!({ "unit": "office", "process": "short", "data": {} })).await;
    let answer: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    let receipt = &answer["receipt"];
    let leaf: Hash = receipt["leaf"].as_str().unwrap().parse().unwrap();
    let (log, index) = (receipt["log"].as_str().unwrap(), receipt["index"].as_u64().unwrap());
    let address = format!("/log/{}/proof/{index}", log.strip_prefix("office.example/").unwrap());
    assert_eq!(stranger.get(&address).await.status, 404, "nothing is signed yet");
    let signer = served.sign().await;
    let key = signer.key().named(log);
    let reply = stranger.get(&address).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert!(reply.headers["content-disposition"].to_str().unwrap().ends_with(".tlog-proof\""));
    let proof = Proof::read(&reply.body).unwrap();
    assert_eq!(proof.index, index);
    assert!(matches!(proof.verify(&leaf, &key).unwrap(), Verdict::Included(_)));
    assert!(matches!(proof.verify(&Hash::of(b"another"), &key).unwrap(), Verdict::Differs(_)));
    served.stop().await;
}

#[tokio::test]
async fn what_is_not_what_was_signed_is_not_served() {
    let served = served().await;
    let stranger = served.client("");
    cases(&served.world, 10).await;
    let signer = served.sign().await;
    assert_eq!(stranger.get("/log/unit/office/1/proof/3").await.status, 200);
    // A checkpoint of another history, by the right key: as if the database had been restored behind the signer.
    let mut blocks = Blocks::new();
    blocks.push(Hash::of(b"another"));
    let secret = std::fs::read_to_string(served.signer.join("key")).unwrap();
    let secret = engine::evidence::PrivateKey::read(secret.trim_end()).unwrap();
    let place = served.signer.join("log/unit/office/1/checkpoint");
    let other = Checkpoint::new("office.example/unit/office/1", 1, blocks.root(1, blocks.tail()).unwrap());
    std::fs::write(&place, other.sign(&secret).unwrap().to_string()).unwrap();
    for path in ["proof/0", "tile/0/000.p/1", "tile/entries/000.p/1"] {
        let reply = stranger.get(&format!("/log/unit/office/1/{path}")).await;
        assert_eq!(reply.status, 500, "{path}");
        assert!(String::from_utf8_lossy(&reply.body).contains("log.differs"));
    }
    // By no key of the log's, or no note at all.
    for text in [other.sign(&engine::evidence::PrivateKey::new("x", &[1; 32]).unwrap()).unwrap().to_string(), "x".to_owned()] {
        std::fs::write(&place, text).unwrap();
        assert_eq!(stranger.get("/log/unit/office/1/proof/0").await.status, 500);
    }
    drop(signer);
    served.stop().await;
}

/// The page on which anyone checks a receipt: what it says of the right one, and of every wrong one.
#[tokio::test]
async fn anyone_checks_a_receipt_on_a_page() {
    let served = served().await;
    let stranger = served.client("");
    cases(&served.world, 3).await;
    let leaf = entries(served.world.engine.store(), &office()).await[2].leaf.clone();
    let (leaf, log) = (leaf_hash(leaf.as_bytes()), "office.example/unit/office/1");
    let page = async |log: &str, index: &str, leaf: &str| {
        let reply = stranger.get(&format!("/receipt?log={log}&index={index}&leaf={leaf}")).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        String::from_utf8(reply.body.to_vec()).unwrap()
    };
    let right = leaf.to_string();
    assert!(page(log, "2", &right).await.contains("Nothing is signed of this log."));
    served.sign().await;
    let proved = page(log, "2", &right).await;
    assert!(proved.contains("The entry is in the log.") && proved.contains("What it does not prove"), "{proved}");
    assert!(proved.contains("href=\"/log/unit/office/1/proof/2\""), "{proved}");
    assert!(!proved.contains("The log of the whole office"), "{proved}");
    served
        .world
        .engine
        .take_checkpoints(&served.signer.join("log"), &mut Looks::default())
        .await
        .unwrap()
        .expect("it is taken in");
    let proved = page(log, "2", &right).await;
    assert!(proved.contains("The log of the whole office took in this log, up to 4 entries, on "), "{proved}");
    for (log, index, leaf, expected) in [
        (log, "2", Hash::of(b"another").to_string(), "This entry is not in the log."),
        (log, "1", right.clone(), "This entry is not in the log."),
        (log, "4", right.clone(), "This entry is not signed yet."),
        ("office.example/unit/nowhere/1", "2", right.clone(), "Nothing is signed of this log."),
        ("other.example/unit/office/1", "2", right.clone(), "This is no receipt of this office."),
        ("office.example/unit/office", "2", right.clone(), "This is no receipt of this office."),
        ("office.example/unit/office/1/tile", "2", right.clone(), "This is no receipt of this office."),
        (log, "-2", right.clone(), "This is no receipt of this office."),
        (log, "2", right.to_uppercase(), "This is no receipt of this office."),
        (log, "2", String::new(), "This is no receipt of this office."),
    ] {
        let got = page(log, index, &leaf).await;
        assert!(got.contains(expected) && !got.contains("The entry is in the log."), "{log} {index} {leaf}: {got}");
    }

    // The unit's log loses its last two entries, and that is declared: what is left is proved under the new name.
    let store = served.world.engine.store();
    let lost = cut(store, |unit, size| if unit.as_str() == "office" { size - 2 } else { size }).await;
    let mut signer = engine::runtime::signer::Signer::open(&served.signer).unwrap();
    signer.declare_restore(&lost, "a lost disk", engine::model::Time::parse("2026-04-02T00:00:00Z").unwrap()).await.unwrap();
    let first = leaf_hash(entries(store, &office()).await[0].leaf.as_bytes()).to_string();
    let kept = page(log, "0", &first).await;
    assert!(kept.contains("The entry is in the log.") && kept.contains("/log/unit/office/2/restore"), "{kept}");
    assert!(page(log, "2", &right).await.contains("This entry is not signed yet."));

    // The site's log has taken in of it what is signed; or something else; or more than is signed.
    for (size, root, holds) in
        [(1, first.parse().unwrap(), true), (2, Hash::of(b"another"), false), (9, Hash::of(b"another"), false)]
    {
        let checkpoints = vec![LogSigned { log: "office.example/unit/office/2".to_owned(), size, root }];
        let envelope = Envelope::new(Actor::System, &format!("taken {size}"), Command::TakeCheckpoints { checkpoints });
        served.world.engine.submit(&UnitId::site(), envelope).await.unwrap();
        let told = page(log, "0", &first).await;
        assert_eq!(told.contains(&format!("took in this log, up to {size} entries, on ")), holds, "{told}");
        assert_eq!(told.contains("The entry is in the log."), holds, "{told}");
        assert_eq!(told.contains("The log cannot be checked now."), !holds, "{told}");
    }
    served.stop().await;
}
