//! Two offices, each with a database, a log and a key of its own: an amendment is made, checked, taken in, adapted, adopted and acknowledged; and
//! every changed byte of it is found.

use std::sync::Arc;

use api::app::App;
use api::app::bundle::NotMade;
use api::app::extract::withdrawn;
use api::server::Limits;
use engine::evidence::Key;
use engine::evidence::bundle::{Policy, Verdict, seal, unseal};
use engine::evidence::extract::{Sent, host_of, verify};
use engine::journal::Command;
use engine::machine::control::Recall;
use engine::model::document::DocumentKind;
use hyper::body::Bytes;
use hyper::{Method, header};
use serde_json::{Value, json};
use tests::client::{Client, Reply, Served};
use tests::world::{Random, small_office};

/// A process of which what lies between may be adapted.
fn leave(title: &str) -> Value {
    json!({
        "id": "leave", "title": { "en": title }, "owner": { "post": "post-a" },
        "steps": [
            { "id": "asked", "type": "startEvent", "next": "examine" },
            { "id": "examine", "type": "subProcess", "next": "decide",
              "adaptable": { "reason": { "en": "Offices differ in size" }, "keep": ["look"] },
              "steps": [
                { "id": "in", "type": "startEvent", "next": "look" },
                { "id": "look", "type": "userTask", "performer": { "role": "officer" }, "next": "out" },
                { "id": "out", "type": "endEvent" }
              ] },
            { "id": "decide", "type": "userTask", "performer": { "role": "officer", "notWhoDid": ["look"] }, "next": "end" },
            { "id": "end", "type": "endEvent" }
        ]
    })
}

const LEAVE: &str = "/api/v1/documents/process/leave";
const MADE: &str = "/api/v1/amendments?documents=process/leave";

async fn office(host: &str) -> Served {
    let served = Served::at(&small_office(), "office", Limits::default(), host).await;
    served.world.hire("dora", &["office-administrator"]).await;
    served
}

/// Drafts, approves and issues a document, and answers its hash.
async fn issue(served: &Served, document: &Value, terms: &Value) -> String {
    let (asha, bimal) = (served.client("asha"), served.client("bimal"));
    let saved = asha.post("/api/v1/documents/process/drafts", document).await.ok(201);
    adopt(&asha, &bimal, &saved["hash"], terms).await;
    saved["hash"].as_str().unwrap().to_owned()
}

async fn adopt(author: &Client, approver: &Client, hash: &Value, terms: &Value) {
    author.post(&format!("{LEAVE}/draft/send"), &json!({ "hash": hash })).await.ok(200);
    approver.post(&format!("{LEAVE}/draft/approve"), &json!({ "hash": hash })).await.ok(200);
    let mut issue = json!({ "hash": hash, "reason": "Notification 12/2026" });
    issue.as_object_mut().unwrap().extend(terms.as_object().unwrap().clone());
    author.post(&format!("{LEAVE}/draft/issue"), &issue).await.ok(200);
}

async fn import(client: &Client, file: &[u8]) -> Reply {
    let request = client.request(Method::POST, "/api/v1/amendments").header(header::CONTENT_TYPE, "application/zip");
    client.send(request, Bytes::copy_from_slice(file)).await
}

async fn file(client: &Client, path: &str) -> Vec<u8> {
    let reply = client.get(path).await;
    assert_eq!((reply.status, reply.header("content-type")), (200, "application/zip"), "{}", reply.text());
    reply.body.to_vec()
}

fn policy(key: &Key) -> Policy {
    Policy { keys: vec![key.clone()], ..Policy::default() }
}

fn codes(problems: &Value) -> Vec<String> {
    let problems = problems.as_array().unwrap().iter();
    problems.map(|one| format!("{} {}", one["code"].as_str().unwrap(), one["pointer"].as_str().unwrap())).collect()
}

async fn recognise(served: &Served, key: &Key, relation: &str) -> Reply {
    let body = json!({ "key": key.to_string(), "title": { "en": "The other office" }, "relation": relation, "order": "7/2026" });
    served.client("dora").post("/api/v1/offices", &body).await
}

#[tokio::test]
async fn from_the_head_office_to_the_unit_and_back() {
    let (head, unit) = (office("hq.example").await, office("unit.example").await);
    let asha = head.client("asha");

    // Issued editions only, and only what is signed.
    asha.post("/api/v1/documents/process/drafts", &leave("Leave")).await.ok(201);
    assert_eq!(asha.get(MADE).await.problem(), "amendment.not-issued");
    asha.post(&format!("{LEAVE}/draft/discard"), &json!({ "hash": asha.get(&format!("{LEAVE}/draft")).await.json()["hash"] }))
        .await
        .ok(200);
    let hash = issue(&head, &leave("Leave"), &json!({ "effective": "2026-04-05" })).await;
    assert_eq!(asha.get(MADE).await.problem(), "log.unsigned");
    let head_key = head.sign().await.key();
    let amendment = file(&asha, MADE).await;
    assert_eq!(file(&asha, &format!("{MADE}@{hash}")).await, amendment, "the same bytes");
    for (query, code) in [
        ("process/none", "amendment.not-issued"),
        ("process/leave@0", "amendment.choice"),
        ("form/leave", "amendment.choice"),
        ("process/leave,process/leave", "amendment.choice"),
        ("", "amendment.choice"),
    ] {
        assert_eq!(asha.get(&format!("/api/v1/amendments?documents={query}")).await.problem(), code, "{query}");
    }

    // Anyone checks it with nothing but the key.
    let (extract, report) = verify(&amendment, &policy(&head_key));
    assert_eq!(report.findings, []);
    let Some(Sent::Amendment(issues)) = extract.map(|extract| extract.sent) else { panic!("no amendment") };
    let one = &issues[0];
    assert_eq!((one.edition.hash.to_string(), one.edition.issue, issues.len()), (hash.clone(), 1, 1));
    assert_eq!(one.approved.0.to_string(), head.world.person("bimal").to_string());
    assert_eq!(one.by.0.to_string(), head.world.person("asha").to_string());
    assert_eq!(one.edition.document, leave("Leave").to_string());

    // Nobody takes it in before its office is recognised, by the right key; and not just anyone does.
    let (chitra, bimal) = (unit.client("chitra"), unit.client("bimal"));
    assert_eq!(import(&chitra, &amendment).await.problem(), "amendment.unknown-office");
    let other = engine::evidence::PrivateKey::new("hq.example", &[9; 32]).unwrap().key();
    recognise(&unit, &other, "above").await.ok(200);
    assert_eq!(import(&chitra, &amendment).await.problem(), "amendment.tampered");
    recognise(&unit, &head_key, "below").await.ok(200);
    assert_eq!(import(&chitra, &amendment).await.problem(), "amendment.unknown-office", "it takes over, and sends nothing");
    recognise(&unit, &head_key, "above").await.ok(200);
    assert_eq!(recognise(&unit, &head_key, "above").await.problem(), "office.recognised");
    for body in [&amendment[..], b"PK"] {
        assert_eq!(import(&unit.client("dora"), body).await.problem(), "actor.not-allowed", "before it is looked at");
    }
    let taken = import(&chitra, &amendment).await.ok(200);
    assert_eq!(
        (&taken["kind"], &taken["from"], &taken["items"][0]["hash"]),
        (&json!("amendment"), &json!("hq.example"), &json!(hash))
    );
    assert_eq!(taken["receipt"]["log"], "unit.example/site/1");
    assert_eq!(import(&bimal, &amendment).await.ok(200).get("receipt"), None, "twice is once");
    let received = chitra.get(&format!("{LEAVE}/received")).await.ok(200)["items"].clone();
    assert_eq!(received.as_array().map(Vec::len), Some(1));
    assert_eq!((&received[0]["from"], &received[0]["adopted"]), (&json!("hq.example"), &Value::Null));
    assert_eq!(received[0].get("text"), None);
    let one = chitra.get(&format!("{LEAVE}/received/{hash}")).await.ok(200);
    assert_eq!((&one["text"], &one["index"]), (&json!(leave("Leave").to_string()), &received[0]["index"]));
    let none = format!("{LEAVE}/received/{}", "0".repeat(64));
    assert_eq!(chitra.get(&none).await.problem(), "edition.unknown");
    // Nobody without a post reads what came, or who is recognised.
    let register = Command::RegisterPerson { handle: "mina".to_owned(), name: "Mina".to_owned() };
    unit.world.submit_site("system", register).await.expect("they are registered");
    for path in [format!("{LEAVE}/received"), format!("{LEAVE}/received/{hash}"), "/api/v1/offices".to_owned()] {
        assert_eq!(unit.client("mina").get(&path).await.problem(), "actor.not-allowed", "{path}");
    }

    // It is a draft as it was received, and whoever took it in does not approve it.
    let draft = chitra.get(&format!("{LEAVE}/draft")).await.ok(200);
    assert_eq!(
        (&draft["hash"], &draft["text"], &draft["stage"]),
        (&json!(hash), &json!(leave("Leave").to_string()), &json!("draft"))
    );
    assert_eq!(draft["authors"], json!([unit.world.person("chitra").to_string()]));
    assert_eq!(chitra.post("/api/v1/definitions", &leave("Leave")).await.problem(), "document.external");

    // What goes beyond what may be adapted is told each time, all of it, and goes no further.
    let mut adapted = leave("Our own leave");
    adapted["steps"][2]["performer"]["notWhoDid"] = json!([]);
    adapted["steps"][1]["steps"][1]["performer"]["role"] = json!("quality-coordinator");
    let over = |hash: &Value| format!("/api/v1/documents/process/drafts?over={}", hash.as_str().unwrap());
    let saved = chitra.post(&over(&json!(hash)), &adapted).await.ok(201);
    let beyond = [
        "adaptation.outside /steps/2/performer/notWhoDid/0",
        "adaptation.outside /title/en",
        "adaptation.kept /steps/1/steps/1",
        "adaptation.role /steps/1/steps/1/performer/role",
    ];
    let mut sorted = codes(&saved["problems"]);
    sorted.sort();
    let mut expected = beyond.map(str::to_owned).to_vec();
    expected.sort();
    assert_eq!(sorted, expected);
    let refused = chitra.post(&format!("{LEAVE}/draft/send"), &json!({ "hash": saved["hash"] })).await;
    assert_eq!(refused.problem(), "amendment.out-of-bounds");
    assert_eq!(refused.json()["problems"].as_array().map(Vec::len), Some(4));
    assert_eq!(codes(&chitra.get(&format!("{LEAVE}/draft")).await.ok(200)["problems"]).len(), 4);

    // Within the bounds it is adopted: by somebody else, not later than where it comes from.
    let mut adapted = leave("Leave");
    adapted["steps"][1]["steps"][1]["next"] = json!("copy");
    let copy = json!({ "id": "copy", "type": "userTask", "performer": { "role": "officer" }, "next": "out" });
    adapted["steps"][1]["steps"].as_array_mut().unwrap().push(copy);
    let saved = chitra.post(&over(&saved["hash"]), &adapted).await.ok(201);
    assert_eq!(saved["problems"], json!([]));
    let this = json!({ "hash": saved["hash"] });
    chitra.post(&format!("{LEAVE}/draft/send"), &this).await.ok(200);
    assert_eq!(chitra.post(&format!("{LEAVE}/draft/approve"), &this).await.problem(), "draft.own-approval");
    bimal.post(&format!("{LEAVE}/draft/approve"), &this).await.ok(200);
    let late = json!({ "hash": saved["hash"], "reason": "x", "effective": "2026-04-06" });
    assert_eq!(chitra.post(&format!("{LEAVE}/draft/issue"), &late).await.problem(), "amendment.late");

    // Received is acknowledged, and then, as what it was adopted.
    let acknowledge = async || {
        let answer = chitra.post(&format!("{LEAVE}/received/acknowledge"), &json!({ "hash": hash })).await.ok(200);
        assert_eq!(
            chitra.post(&format!("{LEAVE}/received/acknowledge"), &json!({ "hash": hash })).await.ok(200).get("receipt"),
            None
        );
        let path = format!("{LEAVE}/received/{hash}/acknowledgement");
        (answer, path)
    };
    let (answer, path) = acknowledge().await;
    let unit_key = unit.sign().await.key();
    let first = file(&chitra, &path).await;
    chitra.post(&format!("{LEAVE}/draft/issue"), &json!({ "hash": saved["hash"], "reason": "Adopted" })).await.ok(200);
    let _ = acknowledge().await;
    assert_eq!(chitra.get(&path).await.problem(), "log.not-yet-signed", "not what was acknowledged before");
    unit.sign().await;
    let second = file(&chitra, &path).await;
    let (extract, _) = verify(&first, &policy(&unit_key));
    let Some(Sent::Acknowledgement(told)) = extract.map(|extract| extract.sent) else { panic!("no acknowledgement") };
    assert_eq!((json!(told.index), told.acknowledgement.adopted), (answer["receipt"]["index"].clone(), None));

    // The head office sees it with the issue.
    assert_eq!(import(&asha, &second).await.problem(), "amendment.unknown-office");
    recognise(&head, &unit_key, "below").await.ok(200);
    assert_eq!(import(&asha, &first).await.ok(200)["kind"], "acknowledgement");
    let copies = async || asha.get(&format!("{LEAVE}/issues")).await.ok(200)["items"][0]["offices"].clone();
    assert_eq!((&copies().await[0]["host"], &copies().await[0]["adopted"]), (&json!("unit.example"), &Value::Null));
    import(&asha, &second).await.ok(200);
    assert_eq!(import(&asha, &second).await.ok(200).get("receipt"), None, "twice is once");
    assert_eq!(import(&asha, &first).await.ok(200).get("receipt"), None, "the later one stays");
    let copy = copies().await[0].clone();
    assert_eq!((&copy["adopted"]["hash"], &copy["adopted"]["issue"]), (&saved["hash"], &json!(1)), "{copy}");
    assert_eq!(
        copy["adopted"]["effective"], "2026-04-04T18:30:00.000000Z",
        "the day from which it is in force at the head office"
    );
    assert_eq!(import(&chitra, &second).await.problem(), "amendment.unknown-office", "its own");

    // Both are in force on the same day. The next issue tells what changed; the one before is not taken in again.
    head.world.advance(5 * 86_400).await;
    unit.world.advance(5 * 86_400).await;
    assert_eq!(chitra.get(&format!("{LEAVE}/issues")).await.ok(200)["items"][0]["state"], "in-force");
    issue(&head, &leave("Leave of absence"), &json!({ "revision": true })).await;
    head.sign().await;
    let next = file(&asha, MADE).await;
    let (extract, _) = verify(&next, &policy(&head_key));
    let Some(Sent::Amendment(issues)) = extract.map(|extract| extract.sent) else { panic!("no amendment") };
    let since = issues[0].since.as_ref().expect("what changed");
    assert_eq!(
        (issues[0].edition.revision, since.changes.clone()),
        (1, vec![r#"changed title / en: "Leave" -> "Leave of absence""#.to_owned()])
    );
    assert_eq!(import(&chitra, &next).await.ok(200)["items"][0]["revision"], 1);
    let page = chitra.get(&format!("{LEAVE}/received?limit=1")).await.ok(200);
    assert_eq!((&page["items"][0]["revision"], page["items"].as_array().map(Vec::len)), (&json!(1), Some(1)), "the newest first");
    let page = chitra.get(&format!("{LEAVE}/received?limit=1&cursor={}", page["next"].as_str().expect("a cursor"))).await.ok(200);
    assert_eq!((&page["items"][0]["revision"], page.get("next")), (&json!(0), None));
    assert_eq!(chitra.get(&format!("{LEAVE}/received?limit=0")).await.problem(), "query.limit");
    // While a file is made nobody waits for the next.
    let made = head.evidence.extracting.lock().await;
    let busy = asha.get(MADE).await;
    assert_eq!((busy.status, busy.problem()), (503, "server.busy".to_owned()));
    drop(made);
    let again = file(&asha, &format!("{MADE}@{hash}")).await;
    assert_eq!(import(&chitra, &again).await.problem(), "amendment.older");
    assert_eq!(import(&chitra, b"PK").await.problem(), "amendment.malformed");
    assert_eq!(import(&chitra, &vec![0; 16 * 1024 * 1024]).await.problem(), "amendment.malformed");
    assert_eq!(import(&chitra, &vec![0; 16 * 1024 * 1024 + 1]).await.problem(), "body.too-large");
    let json = chitra.post("/api/v1/amendments", &json!({})).await;
    assert_eq!(json.problem(), "body.type");
    let gone = json!({ "order": "8/2026" });
    unit.client("dora").post("/api/v1/offices/hq.example/disown", &gone).await.ok(200);
    assert_eq!(unit.client("dora").post("/api/v1/offices/hq.example/disown", &gone).await.problem(), "office.unknown");
    assert_eq!(import(&chitra, &next).await.problem(), "amendment.unknown-office");
    head.stop().await;
    unit.stop().await;
}

/// What a browser posts of a file, and the page that comes back.
async fn upload(client: &Client, language: &str, file: &[u8]) -> Reply {
    let mut body = b"--x9\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nupload-".to_vec();
    body.extend(engine::digest::Hash::of(file).to_string().into_bytes());
    body.extend(
        b"\r\n--x9\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.zip\"\r\nContent-Type: application/zip\r\n\r\n",
    );
    body.extend(file);
    body.extend(b"\r\n--x9--\r\n");
    let request =
        client.request(Method::POST, "/documents/import").header(header::CONTENT_TYPE, "multipart/form-data; boundary=x9");
    client.send(request.header(header::COOKIE, format!("language={language}")), Bytes::from(body)).await
}

#[tokio::test]
async fn a_withdrawal_goes_out_and_files_are_taken_in_on_a_page() {
    let (head, unit) = (office("hq.example").await, office("unit.example").await);
    let (asha, chitra) = (head.client("asha"), unit.client("chitra"));
    let hash = issue(&head, &leave("Leave"), &json!({ "effective": "2026-04-05" })).await;
    let head_key = head.sign().await.key();
    let amendment = file(&asha, MADE).await;
    let page = upload(&chitra, "hi", &amendment).await;
    assert!(page.status == 403 && page.text().contains("amendment.unknown-office"), "{}", page.text());
    assert!(page.text().contains("इस कुंजी से किसी कार्यालय को मान्यता नहीं दी गई है"), "{}", page.text());
    recognise(&unit, &head_key, "above").await.ok(200);

    // On the page: what is wrong is said, and whoever may not is told so before the file is looked at.
    for (bytes, status, told) in [
        (&b""[..], 422, "Choose the file"),
        (b"PK", 422, "amendment.malformed"),
        (&amendment[..amendment.len() - 9], 422, "amendment.malformed"),
        (&vec![0; 16 * 1024 * 1024 + 1][..], 422, "amendment.malformed"),
        (&vec![0; 17 * 1024 * 1024][..], 413, "amendment.too-large"),
    ] {
        let page = upload(&chitra, "en", bytes).await;
        assert!(page.status == status && page.text().contains(told), "{told}: {} {}", page.status, page.text());
    }
    let mut changed =
        unseal(&amendment).unwrap().into_iter().map(|(name, text)| (name.to_owned(), text.to_vec())).collect::<Vec<_>>();
    changed.iter_mut().filter(|(name, _)| name == "README.txt").for_each(|(_, text)| text.push(b'x'));
    let page =
        upload(&chitra, "en", &seal(changed.into_iter().filter(|(name, _)| name != "MANIFEST.sha256").collect()).unwrap()).await;
    assert!(page.status == 422 && page.text().contains("extract.altered"), "{}", page.text());
    let plain = chitra.request(Method::POST, "/documents/import").header(header::CONTENT_TYPE, "application/zip");
    let page = chitra.send(plain, Bytes::from(amendment.clone())).await;
    assert!(page.status == 422 && page.text().contains("body.unfit"), "{}", page.text());
    let dora = unit.client("dora");
    assert_eq!(upload(&dora, "en", &amendment).await.status, 403);
    assert_eq!(dora.get("/documents/import").await.status, 403);
    for (language, told) in [("en", "Amendment from The other office (hq.example)"), ("hi", "यह पहले से यहाँ है: कुछ नहीं बदला।")]
    {
        let page = upload(&chitra, language, &amendment).await;
        assert!(page.status == 200 && page.text().contains(told), "{language}: {}", page.text());
        assert!(page.text().contains("href=\"/documents/process/leave\""), "{}", page.text());
    }

    // Withdrawn before its day: nothing is sent before it is signed, and what was not withdrawn is not told.
    let at = format!("{LEAVE}/withdrawal");
    assert_eq!(asha.get(&at).await.problem(), "amendment.not-withdrawn");
    asha.post(&format!("{LEAVE}/withdraw"), &json!({ "reason": "Overtaken by the Act" })).await.ok(200);
    assert_eq!(asha.get(&at).await.problem(), "log.not-yet-signed");
    head.sign().await;
    let early = file(&asha, &at).await;
    assert_eq!(file(&asha, &format!("/documents/process/leave/withdrawal/{hash}")).await, early);
    let (extract, report) = verify(&early, &policy(&head_key));
    assert_eq!(report.findings, []);
    let Some(Sent::Withdrawal(told)) = extract.map(|extract| extract.sent) else { panic!("no withdrawal") };
    assert_eq!((told.hash.to_string(), told.issue, told.early, &*told.reason), (hash.clone(), 1, true, "Overtaken by the Act"));
    let taken = import(&chitra, &early).await.ok(200);
    assert_eq!((&taken["kind"], &taken["items"][0]["hash"]), (&json!("withdrawal"), &json!(hash)), "{taken}");
    assert_eq!(import(&chitra, &early).await.ok(200).get("receipt"), None, "twice is once");
    let received = chitra.get(&format!("{LEAVE}/received/{hash}")).await.ok(200);
    assert_eq!(
        (&received["withdrawn"]["early"], &received["withdrawn"]["index"]),
        (&json!(true), &json!(told.index)),
        "{received}"
    );
    let send = json!({ "hash": hash });
    assert_eq!(chitra.post(&format!("{LEAVE}/draft/send"), &send).await.problem(), "amendment.withdrawn");

    // That it is known is acknowledged in its turn, and stands there with what was withdrawn.
    chitra.post(&format!("{LEAVE}/received/acknowledge"), &send).await.ok(200);
    assert_eq!(chitra.get(&format!("{LEAVE}/received/{hash}")).await.ok(200)["acknowledged"], true);
    let unit_key = unit.sign().await.key();
    let known = file(&chitra, &format!("{LEAVE}/received/{hash}/acknowledgement")).await;
    recognise(&head, &unit_key, "below").await.ok(200);
    import(&asha, &known).await.ok(200);
    // Also while there is no other issue.
    let sheet = asha.get(&format!("{LEAVE}/issues")).await.ok(200);
    assert_eq!((&sheet["items"], &sheet["recalls"][0]["offices"][0]["host"]), (&json!([]), &json!("unit.example")), "{sheet}");
    let page = asha.get("/documents/process/leave").await.text();
    assert!(page.contains("(unit.example) has acknowledged it"), "{page}");

    // Issued again, in force at once, and withdrawn after that: the other issue, by its entry, though its content is the same.
    let again = issue(&head, &leave("Leave"), &json!({})).await;
    head.world.advance(1).await;
    head.sign().await;
    import(&chitra, &file(&asha, MADE).await).await.ok(200);
    assert_eq!(chitra.get(&format!("{LEAVE}/received/{again}")).await.ok(200)["withdrawn"], Value::Null);
    asha.post(&format!("{LEAVE}/withdraw"), &json!({ "reason": "No longer needed" })).await.ok(200);
    head.sign().await;
    let late = file(&asha, &format!("{at}?edition={again}")).await;
    assert_ne!(late, early);
    let page = upload(&chitra, "en", &late).await;
    assert!(page.status == 200 && page.text().contains("Withdrawal from The other office"), "{}", page.text());
    assert_eq!(chitra.get(&format!("{LEAVE}/received/{again}")).await.ok(200)["withdrawn"]["early"], false);
    assert_eq!(asha.get(&format!("{at}?edition={}", engine::digest::Hash::of(b"x"))).await.problem(), "amendment.not-withdrawn");
    let page = chitra.get("/documents/process/leave").await.text();
    assert!(page.contains("was withdrawn by The other office (hq.example)") && page.contains("No longer needed"), "{page}");
    let page = asha.get("/documents/process/leave").await.text();
    assert!(page.contains("Withdrawal of issue 2.0 as a file") && page.contains("Withdrawal of issue 1.0 as a file"), "{page}");
    assert_eq!(page.matches("(unit.example) has acknowledged it").count(), 1, "of the first: {page}");

    // No file pairs one issue with the withdrawal of another.
    issue(&head, &leave("Leave of absence"), &json!({})).await;
    head.world.advance(1).await;
    asha.post(&format!("{LEAVE}/withdraw"), &json!({ "reason": "Nor this" })).await.ok(200);
    head.sign().await;
    let app = App { evidence: Arc::clone(&head.evidence), ..App::new(head.world.engine.clone()) };
    let recalls = head.world.engine.office().controls.get(DocumentKind::Process, "leave").unwrap().recalls.clone();
    let (first, last) = (&recalls[1], &recalls[2]);
    assert!(withdrawn(&app, last).await.is_ok());
    for wrong in [Recall { issued: first.issued, ..last.clone() }, Recall { withdrawn: first.withdrawn, ..last.clone() }] {
        let Err(NotMade::Packed(error)) = withdrawn(&app, &wrong).await else { panic!("it is packed") };
        assert_eq!(error.code, "extract.malformed");
    }

    // Another office that never had it.
    let third = office("third.example").await;
    recognise(&third, &head_key, "above").await.ok(200);
    assert_eq!(import(&third.client("chitra"), &late).await.problem(), "withdrawal.unknown-edition");
    for served in [head, unit, third] {
        served.stop().await;
    }
}

#[tokio::test]
async fn every_changed_byte_is_found() {
    let head = office("hq.example").await;
    issue(&head, &leave("Leave"), &json!({})).await;
    head.world.advance(1).await;
    issue(&head, &leave("Leave of absence"), &json!({ "revision": true })).await;
    head.world.advance(1).await;
    head.client("asha").post(&format!("{LEAVE}/withdraw"), &json!({ "reason": "No longer needed" })).await.ok(200);
    let key = head.sign().await.key();
    let amendment = file(&head.client("asha"), MADE).await;
    every_change(&amendment, &key);
    every_change(&file(&head.client("asha"), &format!("{LEAVE}/withdrawal")).await, &key);
    head.stop().await;
}

fn every_change(amendment: &[u8], key: &Key) {
    let policy = policy(key);
    let found = |file: &[u8]| {
        let _ = host_of(file);
        let (extract, report) = verify(file, &policy);
        assert_eq!(extract.is_some(), report.verdict() != Verdict::Tampered && report.findings.is_empty());
        report
    };
    assert_eq!(found(amendment).verdict(), Verdict::Verified);
    let mut random = Random(5);
    let stride = amendment.len() / 400 + 1;
    for place in (0..amendment.len()).step_by(stride) {
        let mut changed = amendment.to_vec();
        changed[place] ^= 1 << random.below(8);
        let report = found(&changed);
        assert_ne!(report.verdict(), Verdict::Verified, "byte {place}");
        assert!(!report.findings[0].message.is_empty());
    }
    for length in (0..amendment.len()).step_by(stride) {
        assert_ne!(found(&amendment[..length]).verdict(), Verdict::Verified, "{length} bytes");
    }
    // And where the list of files and all sums are made to fit: each file is named.
    for (name, content) in unseal(amendment).unwrap() {
        let mut files: std::collections::BTreeMap<String, Vec<u8>> =
            unseal(amendment).unwrap().into_iter().map(|(name, content)| (name.to_owned(), content.to_vec())).collect();
        for way in ["changed", "longer", "gone"] {
            let mut other = files.clone();
            match way {
                "gone" => _ = other.remove(name),
                "longer" => other.get_mut(name).unwrap().push(b'\n'),
                _ => other.get_mut(name).unwrap()[content.len() / 2] ^= 1,
            }
            if let Ok(sealed) = seal(other)
                && name != "MANIFEST.sha256"
            {
                let report = found(&sealed);
                assert_eq!(report.verdict(), Verdict::Tampered, "{name} {way}");
            }
        }
        files.insert("more.txt".to_owned(), b"more".to_vec());
        assert!(found(&seal(files).unwrap()).findings[0].message.contains("more.txt"));
    }
    // By another key of the same host, and by none.
    let other = engine::evidence::PrivateKey::new("hq.example", &[9; 32]).unwrap().key();
    for policy in [Policy { keys: vec![other], ..Policy::default() }, Policy::default()] {
        assert_eq!(verify(amendment, &policy).1.verdict(), Verdict::Tampered);
    }
}
