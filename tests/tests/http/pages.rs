//! A charter over HTTP: drafted, approved, issued and read by anyone; its promises are those of norms, as they are in force at each moment.

use api::server::Limits;
use hyper::{Method, header};
use serde_json::{Value, json};
use tests::client::{Client, Reply, Served};
use tests::world::small_office;

fn norm(days: u32) -> Value {
    json!({
        "id": "letter", "title": { "en": "Answer to a letter", "hi": "पत्र का उत्तर" }, "owner": { "post": "post-a" },
        "clock": { "start": "received", "stop": ["answered"] },
        "editions": [{
            "title": { "en": format!("Order of {days} days"), "hi": "आदेश" }, "source": ["An order"], "limits": [{ "within": { "days": days } }]
        }]
    })
}

fn charter(told: &str, norm: &str) -> Value {
    json!({
        "id": "charter", "title": { "en": "Charter", "hi": "चार्टर" }, "kind": "charter", "public": true, "owner": { "post": "post-a" },
        "sections": [
            { "id": "us", "title": { "en": "Who we are", "hi": "हम कौन हैं" }, "content": [{ "paragraph": { "en": told, "hi": "हम" } }] },
            { "id": "promises", "title": { "en": "Promises", "hi": "वचन" }, "content": [{ "norms": [norm] }] }
        ]
    })
}

async fn read(client: &Client, path: &str, language: &str) -> Reply {
    client.send(client.request(Method::GET, path).header(header::ACCEPT_LANGUAGE, language), Vec::new().into()).await
}

#[track_caller]
fn shown(reply: &Reply, told: &[&str], untold: &[&str]) {
    let text = reply.text();
    assert_eq!(reply.status, 200, "{text}");
    told.iter().for_each(|told| assert!(text.contains(told), "{told} is not there: {text}"));
    untold.iter().for_each(|untold| assert!(!text.contains(untold), "{untold} is there: {text}"));
}

const AT: &str = "/api/v1/documents/page/charter";

/// Saves a draft, has it approved by somebody else, and issues it at once.
async fn issue(served: &Served, document: &Value, revision: bool) -> Value {
    let hash = issue_from(served, document, &json!({ "revision": revision })).await;
    served.world.advance(120).await;
    hash
}

/// The same, on these terms.
async fn issue_from(served: &Served, document: &Value, more: &Value) -> Value {
    let (asha, bimal) = (served.client("asha"), served.client("bimal"));
    let saved = asha.post("/api/v1/documents/page/drafts", document).await.ok(201);
    assert_eq!(saved["problems"], json!([]));
    let hash = json!({ "hash": saved["hash"] });
    asha.post(&format!("{AT}/draft/send"), &hash).await.ok(200);
    assert_eq!(asha.post(&format!("{AT}/draft/approve"), &hash).await.problem(), "draft.own-approval");
    bimal.post(&format!("{AT}/draft/approve"), &hash).await.ok(200);
    let mut terms =
        json!({ "hash": hash["hash"], "reason": "Notification 12/2026", "roles": ["officer"], "review": "2028-04-01" });
    for (name, value) in more.as_object().expect("an object") {
        terms[name] = value.clone();
    }
    asha.post(&format!("{AT}/draft/issue"), &terms).await.ok(200);
    hash
}

#[tokio::test]
async fn a_charter_lives_as_other_documents_do_and_anyone_reads_it() {
    let served = Served::new(&small_office(), "office", Limits::default()).await;
    let (asha, bimal, anyone) = (served.client("asha"), served.client("bimal"), served.client(""));
    assert_eq!(read(&anyone, "/pages/charter", "en").await.status, 404);
    assert_eq!(read(&anyone, "/charter", "en").await.header("location"), "/pages");
    asha.post("/api/v1/documents/norm", &norm(15)).await.ok(201);

    // A page names norms that are there, or it goes no further than a draft.
    let saved = asha.post("/api/v1/documents/page/drafts", &charter("One", "lettre")).await.ok(201);
    let place = &saved["problems"][0];
    assert_eq!(
        (&place["code"], &place["pointer"]),
        (&json!("page.unknown-norm"), &json!("/sections/1/content/0/norms/0")),
        "{saved}"
    );
    let wrong = json!({ "hash": saved["hash"] });
    assert_eq!(asha.post(&format!("{AT}/draft/send"), &wrong).await.problem(), "document.invalid");
    asha.post(&format!("{AT}/draft/discard"), &wrong).await.ok(200);

    let hash = issue(&served, &charter("One", "letter"), false).await;
    bimal.post(&format!("{AT}/acknowledge"), &hash).await.ok(200);
    assert_eq!(read(&anyone, "/charter", "en").await.header("location"), "/pages/charter");
    shown(&read(&anyone, "/pages", "en").await, &["href=\"/pages/charter\"", "Charter"], &[]);
    shown(
        &read(&anyone, "/pages/charter", "en").await,
        &["One", "15 days", "Order of 15 days", "unverified", "1 April 2028"],
        &[],
    );
    shown(&read(&anyone, "/pages/charter", "hi").await, &["हम कौन हैं", "15 दिन", "असत्यापित", "पत्र का उत्तर"], &["15 days"]);

    // The norm changes, and the page says so without being touched; as of a moment before, it says what it said.
    served.world.advance(3_600).await;
    asha.post("/api/v1/documents/norm", &norm(10)).await.ok(201);
    served.world.advance(120).await;
    shown(&read(&anyone, "/pages/charter", "en").await, &["10 days", "One"], &["15 days"]);
    let before = "/pages/charter?on=2026-04-01T10:30";
    shown(&read(&anyone, before, "en").await, &["15 days", "As it stood on 1 April 2026, 10:30"], &["10 days"]);
    shown(&read(&anyone, "/pages/charter?on=2026-03-01T10:00", "en").await, &["It is not in force at this time."], &["days"]);
    let affected = asha.get("/api/v1/documents/norm/letter/affected").await.ok(200);
    assert_eq!(affected["pages"], json!(["charter"]), "{affected}");
    let told = ["Pages that show its limits", "href=\"/pages/charter\""];
    shown(&read(&asha, "/documents/norm/letter/compare?affected=yes", "en").await, &told, &[]);
    let withdraw = json!({ "reason": "No longer given" });
    assert_eq!(asha.post("/api/v1/documents/norm/letter/withdraw", &withdraw).await.problem(), "document.in-use");

    // The next issue; what it replaces is kept, marked, and says what it said last.
    asha.post("/api/v1/documents/page/drafts", &charter("Two", "letter")).await.ok(201);
    let found = asha.get(&format!("{AT}/difference")).await.ok(200);
    let changes: Vec<&Value> = found["changes"].as_array().expect("changes").iter().map(|change| &change["path"]).collect();
    assert_eq!(changes, [&json!(["sections", "us", "content", "0", "paragraph", "en"])], "{found}");
    let draft = json!({ "hash": found["to"]["hash"] });
    asha.post(&format!("{AT}/draft/discard"), &draft).await.ok(200);
    issue(&served, &charter("Two", "letter"), true).await;
    asha.post("/api/v1/documents/norm", &norm(7)).await.ok(201);
    served.world.advance(60).await;
    let issues = asha.get(&format!("{AT}/issues")).await.ok(200);
    let told = |item: &Value| format!("{}.{} {}", item["issue"], item["revision"], item["state"].as_str().unwrap_or_default());
    assert_eq!(issues["items"].as_array().expect("items").iter().map(told).collect::<Vec<_>>(), ["1.0 obsolete", "1.1 in-force"]);
    shown(&read(&anyone, "/pages/charter", "en").await, &["Two", "7 days"], &["obsolete"]);
    assert_eq!(read(&anyone, "/pages/charter/1", "en").await.status, 401, "an obsolete version is for those who are signed in");
    shown(
        &read(&asha, "/pages/charter/1", "en").await,
        &["One", "obsolete", "It was in force until 1 April 2026", "10 days"],
        &["7 days"],
    );
    shown(&read(&anyone, "/pages/charter/2", "en").await, &["Two", "7 days"], &["obsolete"]);
    assert_eq!(read(&anyone, "/pages/charter/3", "en").await.status, 404);
    let listed = asha.get("/api/v1/master-list").await.ok(200);
    let listed =
        listed["items"].as_array().expect("items").iter().find(|item| item["kind"] == "page").expect("it is listed").clone();
    assert_eq!((&listed["id"], &listed["review"]), (&json!("charter"), &json!("2028-04-01")));

    // Withdrawn, it is kept for the past; then its norm may go, and nothing names that any more.
    asha.post(&format!("{AT}/withdraw"), &withdraw).await.ok(200);
    served.world.advance(60).await;
    for path in ["/pages/charter", "/pages/charter/1", "/pages/charter/2", before] {
        assert_eq!(read(&anyone, path, "en").await.status, 401, "{path}: nobody need read any more what was withdrawn");
    }
    shown(&read(&asha, "/pages/charter", "en").await, &["It is not in force at this time."], &["Two"]);
    shown(&read(&asha, before, "en").await, &["One", "15 days"], &[]);
    assert_eq!(read(&anyone, "/charter", "en").await.header("location"), "/pages");
    assert_eq!(asha.get("/api/v1/documents/norm/letter/affected").await.ok(200)["pages"], json!([]), "it shows nothing any more");
    asha.post("/api/v1/documents/norm/letter/withdraw", &withdraw).await.ok(200);
    let saved = asha.post("/api/v1/documents/page/drafts", &charter("Three", "letter")).await.ok(201);
    let withdrawn = |found: &Value| assert_eq!(found["problems"][0]["code"], "page.withdrawn-norm", "{found}");
    withdrawn(&saved);
    withdrawn(&asha.get(&format!("{AT}/draft")).await.ok(200));
    withdrawn(&asha.post("/api/v1/documents/page/check", &charter("Three", "letter")).await.ok(200));
    let refused = asha.post(&format!("{AT}/draft/send"), &json!({ "hash": saved["hash"] })).await;
    assert_eq!(refused.problem(), "document.invalid");
    assert!(refused.text().contains("page.withdrawn-norm"), "{}", refused.text());
    served.stop().await;
}

/// What is not public needs somebody who is signed in, also as it stood once.
#[tokio::test]
async fn a_manual_is_read_by_those_who_are_signed_in() {
    let served = Served::new(&small_office(), "office", Limits::default()).await;
    let (asha, anyone) = (served.client("asha"), served.client(""));
    let mut manual = charter("One", "letter");
    manual["public"] = json!(false);
    assert_eq!(asha.post("/api/v1/documents/page", &manual).await.problem(), "document.invalid");
    asha.post("/api/v1/documents/norm", &norm(15)).await.ok(201);
    let deployed = asha.post("/api/v1/documents/page", &manual).await.ok(201);
    assert_eq!((&deployed["kind"], &deployed["version"]), (&json!("page"), &json!(1)));
    assert_eq!(asha.post("/api/v1/documents/page/check", &manual).await.ok(200)["problems"], json!([]));
    for path in ["/pages/charter", "/pages/charter/1", "/pages/charter?on=2026-03-01T10:00"] {
        assert_eq!(read(&anyone, path, "en").await.status, 401, "{path}");
    }
    shown(&read(&anyone, "/pages", "en").await, &[], &["/pages/charter"]);
    shown(&read(&asha, "/pages/charter", "en").await, &["One", "15 days", "href=\"/norms/letter\""], &[]);
    served.stop().await;
}

/// Withdrawn before its day and issued again as it was, a page is in force from its day on, and not withdrawn for ever.
#[tokio::test]
async fn a_page_that_was_withdrawn_early_can_be_issued_again() {
    let served = Served::new(&small_office(), "office", Limits::default()).await;
    let (asha, anyone) = (served.client("asha"), served.client(""));
    asha.post("/api/v1/documents/norm", &norm(15)).await.ok(201);
    let terms = json!({ "effective": "2026-04-03" });
    issue_from(&served, &charter("One", "letter"), &terms).await;
    asha.post(&format!("{AT}/withdraw"), &json!({ "reason": "Too early" })).await.ok(200);
    served.world.advance(60).await;
    issue_from(&served, &charter("One", "letter"), &terms).await;
    served.world.advance(3 * 86_400).await;
    shown(&read(&anyone, "/pages/charter", "en").await, &["One", "15 days"], &["obsolete"]);
    shown(&read(&anyone, "/pages/charter/1", "en").await, &["One"], &["obsolete"]);
    assert_eq!(read(&anyone, "/charter", "en").await.header("location"), "/pages/charter");
    served.stop().await;
}

/// What was deployed after its day had not stood since.
#[tokio::test]
async fn a_page_does_not_stand_before_it_is_deployed() {
    let served = Served::new(&small_office(), "office", Limits::default()).await;
    let (asha, anyone) = (served.client("asha"), served.client(""));
    asha.post("/api/v1/documents/norm", &norm(15)).await.ok(201);
    issue_from(&served, &charter("One", "letter"), &json!({ "effective": "2026-04-03" })).await;
    served.world.clock.move_to(served.world.engine.now().plus_seconds(3 * 86_400));
    served.world.advance(1).await;
    served.world.advance(120).await;
    shown(&read(&anyone, "/pages/charter", "en").await, &["One"], &[]);
    let between = "/pages/charter?on=2026-04-03T10:00";
    shown(&read(&anyone, between, "en").await, &["It is not in force at this time."], &["One"]);
    served.stop().await;
}

/// Each norm of a page is looked up whenever anyone reads it: a page names only so many.
#[tokio::test]
async fn a_page_names_only_so_many_norms() {
    let served = Served::new(&small_office(), "office", Limits::default()).await;
    let asha = served.client("asha");
    asha.post("/api/v1/documents/norm", &norm(15)).await.ok(201);
    let mut long = charter("One", "letter");
    long["sections"][1]["content"] = json!(vec![json!({ "norms": vec!["letter"; 100] }); 5]);
    let told = async |page: &Value| {
        let found = asha.post("/api/v1/documents/page/check", page).await.ok(200);
        let problems = found["problems"].as_array().expect("problems").clone();
        assert!(problems.len() <= 201, "no more is told than anyone reads");
        problems.iter().any(|problem| problem["code"] == "limit.norms")
    };
    assert!(!told(&long).await, "five hundred");
    long["sections"][0]["content"] = json!([{ "norms": ["letter"] }]);
    assert!(told(&long).await, "one more");
    let refused = asha.post("/api/v1/documents/page", &long).await;
    assert!(refused.problem() == "document.invalid" && refused.text().contains("limit.norms"), "{}", refused.text());
    served.stop().await;
}

/// Who would show the charter elsewhere reads it with its norms resolved, as it is in force and as it stood, in both languages.
#[tokio::test]
async fn a_page_is_read_by_programs_with_its_norms_resolved() {
    const CHARTER: &str = "/api/v1/pages/charter";
    let served = Served::new(&small_office(), "office", Limits::default()).await;
    let (asha, anyone) = (served.client("asha"), served.client(""));
    assert_eq!(anyone.get(CHARTER).await.problem(), "document.unknown");
    let mut letter = norm(15);
    let reading = json!({ "when": { "reading": "strict" }, "within": { "days": 12 } });
    letter["help"] = json!({ "en": "Sundays are counted.", "hi": "रविवार गिने जाते हैं।" });
    letter["attributes"] = json!({ "reading": { "title": { "en": "Reading" }, "values": { "strict": { "en": "Strict" } } } });
    letter["editions"][0]["verified"] = json!(true);
    letter["editions"][0]["limits"] = json!([reading, { "within": { "days": 15 } }]);
    asha.post("/api/v1/documents/norm", &letter).await.ok(201);
    let mut document = charter("One", "letter");
    document["reference"] = json!(["SQM 2.2"]);
    issue(&served, &document, false).await;

    let page = anyone.get(CHARTER).await.ok(200);
    assert_eq!((&page["title"], &page["reference"]), (&json!({ "en": "Charter", "hi": "चार्टर" }), &json!(["SQM 2.2"])));
    assert_eq!((&page["issue"], &page["revision"], &page["version"]), (&json!(1), &json!(0), &json!(1)));
    assert_eq!((&page["owner"], &page["unit"], &page["review"]), (&json!("post-a"), &json!("office"), &json!("2028-04-01")));
    assert_eq!(page["verified"], json!(false));
    let sections = &page["sections"];
    assert_eq!(sections[0]["title"], json!({ "en": "Who we are", "hi": "हम कौन हैं" }));
    assert_eq!(sections[0]["content"], json!([{ "paragraph": { "en": "One", "hi": "हम" } }]));
    // What is promised is told, and how its source is read; another reading is no second promise.
    let promised = |title: &str, days: u32, verified: bool, doubt: Value| {
        json!([{ "norms": [{
            "id": "letter", "title": { "en": "Answer to a letter", "hi": "पत्र का उत्तर" },
            "edition": {
                "title": { "en": title, "hi": "आदेश" }, "from": null, "to": null, "doubt": doubt, "source": ["An order"], "verified": verified,
                "limits": [{ "when": {}, "within": { "days": days } }]
            }
        }] }])
    };
    let doubt = letter["help"].clone();
    assert_eq!(sections[1]["content"], promised("Order of 15 days", 15, true, doubt.clone()));

    served.world.advance(3_600).await;
    asha.post("/api/v1/documents/norm", &norm(10)).await.ok(201);
    served.world.advance(120).await;
    let told = async |query: &str| anyone.get(&format!("{CHARTER}{query}")).await.ok(200)["sections"][1]["content"].clone();
    assert_eq!(told("").await, promised("Order of 10 days", 10, false, Value::Null));
    assert_eq!(told("?asOf=2026-04-01T05:00:00Z").await, promised("Order of 15 days", 15, true, doubt));
    for (query, code) in [
        ("?asOf=2026-03-01T05:00:00Z", "page.not-in-force"),
        ("?asOf=2036-03-01T05:00:00Z", "query.as-of"),
        ("?asOf=once", "query.malformed"),
    ] {
        assert_eq!(anyone.get(&format!("{CHARTER}{query}")).await.problem(), code, "{query}");
    }

    // What is not public any more, or never was, is for those who are known to the office.
    document["public"] = json!(false);
    issue(&served, &document, true).await;
    assert_eq!(anyone.get(CHARTER).await.problem(), "actor.missing");
    assert_eq!(anyone.get(&format!("{CHARTER}?asOf=2026-04-01T05:00:00Z")).await.problem(), "actor.missing");
    assert_eq!(asha.get(CHARTER).await.ok(200)["revision"], json!(1));
    asha.post(&format!("{AT}/withdraw"), &json!({ "reason": "No longer given" })).await.ok(200);
    served.world.advance(60).await;
    assert_eq!(asha.get(CHARTER).await.problem(), "page.not-in-force");
    served.stop().await;
}
