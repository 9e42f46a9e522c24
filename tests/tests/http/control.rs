//! Controlled documents over HTTP: from a draft to an acknowledged copy, by two people; what is refused on the way; and what the lists tell.

use api::server::Limits;
use engine::journal::Command;
use engine::model::Time;
use hyper::{Method, header};
use serde_json::{Value, json};
use tests::client::Served;
use tests::world::small_office;

/// A process with one step.
fn leave(step: &str) -> Value {
    json!({
        "id": "leave", "title": { "en": "Leave" }, "owner": { "post": "post-a" },
        "steps": [
            { "id": "asked", "type": "startEvent", "next": step },
            { "id": step, "type": "userTask", "performer": { "role": "officer" }, "next": "end" },
            { "id": "end", "type": "endEvent" }
        ]
    })
}

#[tokio::test]
async fn from_a_draft_to_an_acknowledged_copy() {
    let served = Served::new(&small_office(), "office", Limits::default()).await;
    let (asha, bimal, chitra) = (served.client("asha"), served.client("bimal"), served.client("chitra"));
    let at = |rest: &str| format!("/api/v1/documents/process/leave{rest}");
    served.world.hire("dora", &["office-administrator"]).await;
    let dora = served.client("dora");
    assert_eq!(asha.get("/api/v1/control").await.ok(200), json!({ "controlled": false }));
    asha.post("/api/v1/definitions", &leave("look")).await.ok(201);
    assert_eq!(asha.post("/api/v1/control", &json!({ "controlled": true })).await.problem(), "actor.not-allowed");
    assert_eq!(
        dora.post("/api/v1/control", &json!({ "controlled": true })).await.ok(200)["receipt"]["log"],
        "office.example/site/1"
    );
    assert_eq!(asha.post("/api/v1/definitions", &leave("decide")).await.problem(), "document.controlled");

    // A draft may be unfinished; what is wrong with it is told each time, and it goes no further.
    let mut unfinished = leave("decide");
    unfinished["steps"][0]["next"] = json!("nowhere");
    let saved = asha.post("/api/v1/documents/process/drafts", &unfinished).await.ok(201);
    assert!(saved["problems"].as_array().is_some_and(|problems| !problems.is_empty()), "{saved}");
    let hash = json!({ "hash": saved["hash"] });
    assert_eq!(asha.post(&at("/draft/send"), &hash).await.problem(), "definition.invalid");
    let over = |hash: &Value| format!("/api/v1/documents/process/drafts?over={}", hash["hash"].as_str().unwrap_or_default());
    assert_eq!(asha.post("/api/v1/documents/process/drafts", &leave("decide")).await.problem(), "draft.exists");
    let saved = asha.post(&over(&hash), &leave("decide")).await.ok(201);
    assert_eq!(saved["problems"], json!([]));
    let (stale, hash) = (hash, json!({ "hash": saved["hash"] }));
    assert_eq!(asha.post(&at("/draft/send"), &stale).await.problem(), "draft.stale");
    let draft = chitra.get(&at("/draft")).await.ok(200);
    assert_eq!((&draft["stage"], &draft["base"], &draft["problems"]), (&json!("draft"), &json!(1), &json!([])));
    assert_eq!(serde_json::from_str::<Value>(draft["text"].as_str().unwrap()).unwrap(), leave("decide"));

    // What it changes beside what is in force, and whom it affects. A step of another name is another step.
    asha.post("/api/v1/instances", &json!({ "unit": "office", "process": "leave" })).await.ok(201);
    let found = chitra.get(&at("/difference")).await.ok(200);
    assert_eq!((&found["from"]["issue"], &found["to"]["issue"]), (&json!(1), &Value::Null), "{found}");
    let told = |change: &Value| format!("{} {}", change["way"].as_str().unwrap(), change["path"]);
    let changes: Vec<String> = found["changes"].as_array().unwrap().iter().map(told).collect();
    assert_eq!(
        changes,
        [r#"changed ["steps","asked","next"]"#, r#"removed ["steps","look"]"#, r#"added ["steps","decide"]"#],
        "{found}"
    );
    assert_eq!(found["changes"][2]["after"]["pointer"], "/steps/1");
    assert_eq!(found["changes"][0]["before"], json!({ "pointer": "/steps/0/next", "value": "look" }));
    let back =
        format!("/difference?from={}&to={}", found["to"]["hash"].as_str().unwrap(), found["from"]["hash"].as_str().unwrap());
    assert_eq!(chitra.get(&at(&back)).await.ok(200)["changes"][1]["path"], json!(["steps", "decide"]));
    let affected = chitra.get(&at("/affected")).await.ok(200);
    assert_eq!((&affected["running"], &affected["more"]), (&json!([{ "version": 1, "cases": 1 }]), &json!(false)), "{affected}");
    let playing = affected["performers"]["officer"].as_array().unwrap();
    assert!(playing.contains(&json!(served.world.person("asha").to_string())), "{affected}");

    // Returned, sent again, approved by somebody else, issued.
    asha.post(&at("/draft/send"), &hash).await.ok(200);
    let reason = json!({ "hash": hash["hash"], "reason": "Say by when" });
    bimal.post(&at("/draft/return"), &reason).await.ok(200);
    assert_eq!(chitra.get("/api/v1/drafts").await.ok(200)["items"][0]["returned"], "Say by when");
    assert_eq!(bimal.post(&at("/draft/approve"), &hash).await.problem(), "draft.stage");
    asha.post(&at("/draft/send"), &hash).await.ok(200);
    assert_eq!(asha.post(&at("/draft/approve"), &hash).await.problem(), "draft.own-approval");
    bimal.post(&at("/draft/approve"), &hash).await.ok(200);
    let issue = json!({ "hash": hash["hash"], "reason": "Notification 12/2026", "effective": "2026-04-03", "roles": ["officer"], "review": "2027-04-01" });
    let mut early = issue.clone();
    early["effective"] = json!("2026-03-01");
    assert_eq!(asha.post(&at("/draft/issue"), &early).await.problem(), "document.effective");
    asha.post(&at("/draft/issue"), &issue).await.ok(200);
    assert_eq!(chitra.get(&at("/draft")).await.problem(), "draft.unknown");

    // It waits for its day, then it is in force, and the one before is kept as obsolete.
    let sheet = |sheet: &Value| -> Vec<(u64, String)> {
        let items = sheet["items"].as_array().expect("items").iter();
        items.map(|item| (item["issue"].as_u64().unwrap(), item["state"].as_str().unwrap().to_owned())).collect()
    };
    let told =
        |states: &[(u64, &str)]| -> Vec<(u64, String)> { states.iter().map(|(n, state)| (*n, (*state).to_owned())).collect() };
    assert_eq!(sheet(&chitra.get(&at("/issues")).await.ok(200)), told(&[(1, "in-force"), (2, "waiting")]));
    let listed = chitra.get("/api/v1/master-list").await.ok(200)["items"][0].clone();
    assert_eq!((&listed["issue"], &listed["next"]), (&json!(1), &json!("2026-04-02T18:30:00.000000Z")), "midnight in India");
    served.world.advance(3 * 86_400).await;
    let found = chitra.get(&at("/issues")).await.ok(200);
    assert_eq!(sheet(&found), told(&[(1, "obsolete"), (2, "in-force")]));
    let last = &found["items"][1];
    assert_eq!((&last["reason"], &last["version"]), (&json!("Notification 12/2026"), &json!(2)));
    assert_eq!(last["copies"].as_array().map(Vec::len), Some(3), "{last}");
    bimal.post(&at("/acknowledge"), &hash).await.ok(200);
    assert_eq!(bimal.post(&at("/acknowledge"), &hash).await.problem(), "copy.acknowledged");
    let found = chitra.get(&at("/issues")).await.ok(200);
    let copy = found["items"][1]["copies"].as_array().unwrap().iter().find(|copy| copy["post"] == "post-b").unwrap();
    assert_eq!(copy["acknowledged"][0]["person"], served.world.person("bimal").to_string());

    asha.post(&at("/review"), &json!({ "review": "2028-01-01", "reason": "Nothing to change" })).await.ok(200);
    asha.post(&at("/withdraw"), &json!({ "reason": "No longer given" })).await.ok(200);
    let listed = chitra.get("/api/v1/master-list").await.ok(200)["items"][0].clone();
    assert_eq!((&listed["withdrawn"], &listed["issue"], &listed["review"]), (&json!(true), &Value::Null, &json!("2028-01-01")));
    let start = json!({ "unit": "office", "process": "leave" });
    assert_eq!(asha.post("/api/v1/instances", &start).await.problem(), "document.withdrawn");

    // A document may have 2 MiB, however it is sent.
    let mut large = leave("look");
    (large["id"], large["x-note"]) = (json!("large"), json!("x".repeat(1_000_000)));
    asha.post("/api/v1/documents/process/drafts", &large).await.ok(201);
    large["x-note"] = json!("x".repeat(2 * 1024 * 1024));
    assert_eq!(asha.post("/api/v1/documents/process/drafts", &large).await.problem(), "body.too-large");

    let nobody = served.client("dora");
    for (path, body, code) in [
        ("/api/v1/documents/process/drafts".to_owned(), json!({ "id": "x" }), "draft.malformed"),
        ("/api/v1/documents/form/drafts".to_owned(), leave("x"), "path.malformed"),
        ("/api/v1/documents/process/drafts?over=0".to_owned(), leave("x"), "query.malformed"),
        (at("/draft/send"), hash.clone(), "draft.unknown"),
        (at("/draft/send"), json!({}), "body.unfit"),
        ("/api/v1/documents/process/none/withdraw".to_owned(), json!({ "reason": "x" }), "document.unknown"),
        (at("/review"), json!({ "review": "soon", "reason": "x" }), "body.unfit"),
    ] {
        assert_eq!(asha.post(&path, &body).await.problem(), code, "{path} {body}");
    }
    assert_eq!(nobody.post("/api/v1/documents/process/drafts", &leave("x")).await.problem(), "actor.not-allowed");
    for (path, code) in [
        ("/api/v1/documents/norm/none/issues".to_owned(), "document.unknown"),
        ("/api/v1/documents/norm/none/difference".to_owned(), "document.unknown"),
        (at(&format!("/difference?to={}", "0".repeat(64))), "edition.unknown"),
        (at("/difference?to=newest"), "query.malformed"),
    ] {
        assert_eq!(asha.get(&path).await.problem(), code, "{path}");
    }
    let register = Command::RegisterPerson { handle: "edgar".to_owned(), name: "Edgar".to_owned() };
    served.world.submit_site("system", register).await.unwrap();
    let applicant = served.client("edgar");
    assert_eq!(applicant.get(&at("/affected")).await.problem(), "actor.not-allowed");
    assert_eq!(
        applicant.get(&at("/difference")).await.ok(200)["to"]["issue"],
        json!(2),
        "no draft is shown to whom holds no post"
    );
    served.stop().await;
}

#[tokio::test]
async fn a_review_that_is_overdue_is_marked() {
    let served = Served::new(&small_office(), "office", Limits::default()).await;
    let asha = served.client("asha");
    asha.post("/api/v1/definitions", &leave("look")).await.ok(201);
    let check = async |at: &str, overdue: bool, words: Option<[&str; 2]>| {
        served.world.clock.move_to(Time::parse(at).expect("an instant"));
        let listed = asha.get("/api/v1/master-list").await.ok(200)["items"][0].clone();
        assert_eq!(listed["reviewOverdue"], overdue, "{at}: {listed}");
        for (n, language) in ["en", "hi"].into_iter().enumerate() {
            for path in ["/documents", "/documents/process/leave"] {
                let request = asha.request(Method::GET, path).header(header::ACCEPT_LANGUAGE, language);
                let page = asha.send(request, Vec::new().into()).await.text();
                let found: Vec<&str> =
                    [["due today", "आज नियत"], ["overdue by 1 day", "1 दिन विलंबित"], ["overdue by 40 days", "40 दिन विलंबित"]]
                        .into_iter()
                        .map(|words| words[n])
                        .filter(|words| page.contains(&format!("</span> {words}</span>")))
                        .collect();
                assert_eq!(found, words.map(|words| words[n]).into_iter().collect::<Vec<_>>(), "{at} {path}: {page}");
            }
        }
    };
    check("2026-04-02T06:00:00Z", false, None).await;
    let review = json!({ "review": "2026-04-10", "reason": "Nothing to change" });
    asha.post("/api/v1/documents/process/leave/review", &review).await.ok(200);
    // Days are days in India.
    check("2026-04-09T18:29:59Z", false, None).await;
    check("2026-04-09T18:30:00Z", false, Some(["due today", "आज नियत"])).await;
    check("2026-04-10T18:29:59Z", false, Some(["due today", "आज नियत"])).await;
    check("2026-04-10T18:30:00Z", true, Some(["overdue by 1 day", "1 दिन विलंबित"])).await;
    check("2026-05-20T06:00:00Z", true, Some(["overdue by 40 days", "40 दिन विलंबित"])).await;
    asha.post("/api/v1/documents/process/leave/withdraw", &json!({ "reason": "No longer given" })).await.ok(200);
    check("2026-05-20T06:00:01Z", false, None).await;
    served.stop().await;
}
