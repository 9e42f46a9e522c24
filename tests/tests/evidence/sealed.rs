//! A receipt says whether a signature covers it; where a case begins or ends the answer waits for that, within a bound.

use std::sync::Arc;
use std::time::Duration;

use api::app::evidence::Evidence;
use api::app::sealed::Signed;
use api::server::Limits;
use engine::evidence::{Checkpoint, Proof};
use engine::journal::{Actor, Command, Envelope};
use engine::runtime::Accepted;
use engine::runtime::signer::PUBLISHED;
use engine::store::memory::MemoryStore;
use hyper::Method;
use hyper::body::Bytes;
use serde_json::{Value, json};
use tests::bundle::secret;
use tests::client::{Client, Reply, Served};
use tests::world::small_office;
use tokio::sync::watch;
use tokio::time::Instant;

use super::{SHORT, cases, new_signer, office, start};

const NOTHING: Duration = Duration::ZERO;

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// What the signer in the same process tells of the unit's log.
fn signed(size: u64) -> Vec<engine::evidence::Note> {
    let checkpoint = Checkpoint::new("office.example/unit/office/1", size, engine::digest::Hash::of(b""));
    vec![checkpoint.sign(&secret()).expect("it is signed")]
}

/// What comes of waiting, and after how long.
async fn seal(evidence: &Evidence, accepted: &Accepted, asked: Option<Duration>) -> (Option<u64>, Duration) {
    let begun = Instant::now();
    let signed = evidence.seal(&office(), accepted, asked).await;
    (signed.map(|signed| signed.size), begun.elapsed())
}

#[tokio::test(start_paused = true)]
async fn a_lodging_waits_for_the_signer_of_the_same_process() {
    let world = super::world(MemoryStore::default()).await;
    let lodged = world.submit("asha", start()).await.expect("it is lodged");
    let deployed = world.deploy(&SHORT.replace("Short", "Shorter")).await.expect("it is deployed");
    let (index, later) = (lodged.entry.index, deployed.entry.index);
    assert!(index < later);
    // Nothing is signed here, or nobody tells.
    assert_eq!(seal(&Evidence::default(), &lodged, None).await, (None, NOTHING));
    let folder = tempfile::tempdir().expect("a folder");
    let evidence = Evidence::new(folder.path().to_owned());
    let (sealed, took) = seal(&evidence, &lodged, Some(millis(5_000))).await;
    assert_eq!((sealed, took < millis(1_000)), (None, true));
    evidence.told(&signed(index));
    let (waited, ()) = tokio::join!(seal(&evidence, &lodged, None), async {
        tokio::time::sleep(millis(700)).await;
        evidence.told(&signed(index + 1));
    });
    assert_eq!(waited, (Some(index + 1), millis(700)), "told, it does not look again");
    assert_eq!(seal(&evidence, &lodged, None).await, (Some(index + 1), NOTHING));
    // Other commands are answered at once, unless they ask to wait.
    assert_eq!(seal(&evidence, &deployed, None).await, (None, NOTHING));
    assert_eq!(seal(&evidence, &deployed, Some(millis(500))).await, (None, millis(500)));
    let repeated = Accepted { repeated: true, ..lodged.clone() };
    assert_eq!(seal(&evidence, &repeated, Some(NOTHING)).await, (Some(index + 1), NOTHING));
    assert_eq!(seal(&evidence, &deployed, Some(millis(60_000))).await, (None, millis(10_000)), "no longer than the bound");
}

#[tokio::test(start_paused = true)]
async fn a_signer_that_is_away_is_waited_for_once() {
    let world = super::world(MemoryStore::default()).await;
    let lodged = world.submit("asha", start()).await.expect("it is lodged");
    let index = lodged.entry.index;
    let evidence = Arc::new(Evidence::new(tempfile::tempdir().expect("a folder").path().to_owned()));
    evidence.told(&signed(index));
    assert_eq!(seal(&evidence, &lodged, None).await, (None, millis(2_000)));
    assert_eq!(seal(&evidence, &lodged, None).await, (None, NOTHING));
    assert_eq!(seal(&evidence, &lodged, Some(millis(300))).await, (None, millis(300)), "who asks to wait does");
    evidence.told(&signed(index - 1));
    assert_eq!(seal(&evidence, &lodged, None).await, (None, millis(2_000)), "it was there meanwhile");
    // Not all of them wait, so that others have room; and who hangs up makes room.
    evidence.told(&signed(index));
    let crowd = |count: usize| {
        let one = |_| {
            let (evidence, lodged) = (Arc::clone(&evidence), lodged.clone());
            tokio::spawn(async move { seal(&evidence, &lodged, Some(millis(4_000))).await })
        };
        (0..count).map(one).collect::<Vec<_>>()
    };
    let waiting = crowd(256);
    tokio::time::sleep(millis(10)).await;
    assert_eq!(seal(&evidence, &lodged, Some(millis(4_000))).await, (None, NOTHING));
    for one in &waiting {
        one.abort();
    }
    tokio::time::sleep(millis(10)).await;
    assert_eq!(seal(&evidence, &lodged, Some(millis(400))).await, (None, millis(400)));
    let (waited, ()) = tokio::join!(seal(&evidence, &lodged, Some(millis(400))), async {
        tokio::time::sleep(millis(100)).await;
        evidence.ended();
    });
    assert_eq!(waited, (None, millis(100)), "nobody tells any more");
    assert_eq!(seal(&evidence, &lodged, Some(millis(400))).await, (None, NOTHING), "nobody will ever tell");
}

#[tokio::test(start_paused = true)]
async fn a_signer_elsewhere_is_watched_as_long_as_somebody_waits() {
    let world = super::world(MemoryStore::default()).await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut signer = new_signer(folder.path());
    let evidence = Arc::new(Evidence::new(folder.path().join(PUBLISHED)));
    let (stop, stopped) = watch::channel(false);
    let watching = tokio::spawn(Arc::clone(&evidence).watch(stopped));
    tokio::task::yield_now().await;
    let lodged = world.submit("asha", start()).await.expect("it is lodged");
    let ((sealed, took), ()) = tokio::join!(seal(&evidence, &lodged, None), async {
        tokio::time::sleep(millis(450)).await;
        signer.round(world.engine.store()).await.expect("it signs");
    });
    assert_eq!(sealed, Some(lodged.entry.index + 1));
    assert!((millis(450)..millis(700)).contains(&took), "{took:?}");
    assert_eq!(evidence.covered(&office(), lodged.entry.index + 1).await, None);
    stop.send_replace(true);
    watching.await.expect("it ends");
}

async fn served() -> Served {
    let served = Served::new(&small_office(), "office", Limits::default()).await;
    served.world.deploy(SHORT).await.expect("it is deployed");
    served
}

/// Posts with more headers.
async fn post(client: &Client, path: &str, body: &Value, headers: &[(&str, &str)]) -> Reply {
    let mut request = client.request(Method::POST, path).header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    client.send(request, Bytes::from(body.to_string())).await
}

/// Does something by which the unit's log grows, and signs as soon as it has: the answer must have waited for that.
async fn and_signs(served: &Served, done: impl Future<Output = Reply>) -> Reply {
    let mut size = served.world.engine.follow(&office()).await.expect("it is followed");
    let before = *size.borrow_and_update();
    let is_signed = std::cell::Cell::new(false);
    let waited = async {
        let reply = done.await;
        assert!(is_signed.get(), "it was answered before: {}", reply.text());
        reply
    };
    let (reply, ()) = tokio::join!(waited, async {
        size.wait_for(|size| *size > before).await.expect("it grows");
        served.sign().await;
        is_signed.set(true);
    });
    reply
}

#[tokio::test]
async fn an_answer_says_whether_it_is_sealed() {
    let served = served().await;
    let (asha, stranger) = (served.client("asha"), served.client(""));
    let lodge = json!({ "unit": "office", "process": "short", "data": {} });
    served.sign().await;
    let first = post(&asha, "/api/v1/instances", &lodge, &[("idempotency-key", "one"), ("prefer", "wait=0")]).await.ok(201);
    let receipt = &first["receipt"];
    assert_eq!((&receipt["sealed"], receipt.get("size"), receipt.get("proof")), (&json!(false), None, None), "{first}");
    // The folder is free again for whoever signs next.
    let key = served.sign().await.key().named("office.example/unit/office/1");
    let again = post(&asha, "/api/v1/instances", &lodge, &[("idempotency-key", "one"), ("prefer", "wait=0")]).await.ok(201);
    let (sealed, index) = (&again["receipt"], again["receipt"]["index"].as_u64().expect("an index"));
    assert_eq!((&sealed["sealed"], &sealed["size"]), (&json!(true), &json!(index + 1)), "{again}");
    assert_eq!(sealed["leaf"], receipt["leaf"]);
    let proof = stranger.get(sealed["proof"].as_str().expect("a place")).await;
    let proof = Proof::read(&proof.body).expect("a proof");
    let leaf = sealed["leaf"].as_str().expect("a hash").parse().expect("a hash");
    proof.verify(&leaf, &key).expect("it is proved");
    // It waits where a signer is looked for.
    let (stop, stopped) = watch::channel(false);
    let watching = tokio::spawn(Arc::clone(&served.evidence).watch(stopped));
    tokio::task::yield_now().await;
    for preference in ["wait=9", "respond-async, Wait = 8; x=y", "wait=soon, handling=lenient, wait=7"] {
        let headers = [("prefer", preference)];
        let answer = and_signs(&served, post(&asha, "/api/v1/instances", &lodge, &headers)).await;
        assert_eq!(answer.ok(201)["receipt"]["sealed"], true, "{preference}");
    }
    let answer = and_signs(&served, asha.post("/api/v1/instances", &lodge)).await;
    assert_eq!(answer.ok(201)["receipt"]["sealed"], true, "where nothing is said");
    stop.send_replace(true);
    watching.await.expect("it ends");
    served.stop().await;
}

#[tokio::test]
async fn the_slip_has_the_proof_at_once() {
    let served = served().await;
    let (asha, stranger) = (served.client("asha"), served.client(""));
    let (stop, stopped) = watch::channel(false);
    let watching = tokio::spawn(Arc::clone(&served.evidence).watch(stopped));
    tokio::task::yield_now().await;
    let request = asha.request(Method::POST, "/start/short").header("content-type", "application/x-www-form-urlencoded");
    let posted = and_signs(&served, asha.send(request, Bytes::from_static(b"key=form-1&unit=office"))).await;
    assert_eq!(posted.status, 303, "{}", posted.text());
    let slip = asha.get(posted.header("location")).await.text();
    let link = slip.split("href=\"").find(|rest| rest.starts_with("/log/")).and_then(|rest| rest.split('"').next());
    let proof = stranger.get(link.expect("a link to the proof")).await;
    assert_eq!(proof.status, 200, "{}", proof.text());
    assert!(Proof::read(&proof.body).is_ok() && !slip.contains("Load this page again"), "{slip}");
    stop.send_replace(true);
    watching.await.expect("it ends");
    served.stop().await;
}

#[tokio::test]
async fn commands_are_refused_once_the_signer_was_away_too_long() {
    let served = served().await;
    let asha = served.client("asha");
    let (engine, evidence) = (&served.world.engine, &served.evidence);
    let hold = async |seconds| evidence.hold(engine, seconds).await.expect("the store answers");
    let lodge = json!({ "unit": "office", "process": "short", "data": {} });
    let early: Value = serde_json::from_str(&SHORT.replace("short", "early")).expect("a definition");
    let accepted = post(&asha, "/api/v1/definitions", &early, &[("idempotency-key", "early")]).await;
    assert!(accepted.status < 300, "{}", accepted.text());
    served.sign().await;
    cases(&served.world, 1).await;
    served.world.advance(3_599).await;
    assert!(!hold(3_600).await, "not yet an hour");
    served.world.advance(2).await;
    assert!(hold(3_600).await);
    // What cannot be read says nothing: what was known stays, held or not.
    let checkpoint = served.signer.join("log/unit/office/1/checkpoint");
    let good = std::fs::read(&checkpoint).expect("a checkpoint");
    for held in [true, false] {
        engine.hold(held);
        std::fs::write(&checkpoint, "half").expect("it is written");
        evidence.hold(engine, 3_600).await.expect_err("it cannot be read");
        let again = post(&asha, "/api/v1/definitions", &early, &[("idempotency-key", "other")]).await;
        assert_eq!(again.status == 503, held, "{}", again.text());
        std::fs::write(&checkpoint, &good).expect("it is written");
    }
    assert!(hold(3_600).await);
    // What was accepted before is so still, for whoever asks again.
    let repeated = post(&asha, "/api/v1/definitions", &early, &[("idempotency-key", "early")]).await;
    assert_eq!(repeated.status, accepted.status, "{}", repeated.text());
    let put = json!({ "id": "new", "title": { "en": "New" }, "parent": null });
    let refused = post(&asha, "/api/v1/office/units", &put, &[]).await;
    assert_eq!((refused.status, refused.problem().as_str()), (503, "seal.overdue"), "{}", refused.text());
    assert_eq!(refused.header("retry-after"), "60");
    let claim = asha
        .send(
            asha.request(Method::POST, "/tasks/office.00000000000000000000000000000000-0/claim")
                .header("content-type", "application/x-www-form-urlencoded"),
            Bytes::from_static(b"key=k"),
        )
        .await;
    assert_eq!(claim.status, 503);
    assert!(claim.text().contains("cases can be lodged"), "{}", claim.text());
    // A citizen lodges all the same; and what is due, and the program itself, go on.
    assert_eq!(asha.post("/api/v1/instances", &lodge).await.ok(201)["receipt"]["sealed"], false);
    let system =
        Envelope::new(Actor::System, "k", Command::NoteStep { before: engine.now(), after: engine.now(), at_start: false });
    engine.submit(&engine::model::UnitId::site(), system).await.expect("it is noted");
    served.sign().await;
    assert!(!hold(3_600).await);
    assert_ne!(post(&asha, "/api/v1/office/units", &put, &[]).await.status, 503);
    assert_eq!(evidence.covered(&office(), 0).await.map(|Signed { epoch, .. }| epoch), Some(1));
    served.stop().await;
}
