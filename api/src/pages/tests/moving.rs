//! Running cases moved through the pages: what is asked, what would change, the move of many, and of one with the applicant's consent.

use axum::http::StatusCode;
use engine::journal::{Actor, Command, Envelope};
use engine::store::{InstanceQuery, Store};
use serde_json::{Value, json};

use super::{Office, check, evil, office, process};

/// Another version: the work is called otherwise, and the applicant is asked once more.
fn second(asks: bool) -> Value {
    let mut second = process();
    second["steps"][0]["next"] = json!("labour");
    second["steps"][1]["id"] = json!("labour");
    second["steps"][1]["due"] = json!({ "after": "P9D" });
    second["steps"][2]["performer"]["notWhoDid"] = json!(["labour"]);
    if asks {
        second["steps"][3]["next"] = json!("ask");
        let ask =
            json!({ "id": "ask", "type": "userTask", "title": evil("Ask"), "performer": { "role": "applicant" }, "next": "end" });
        second["steps"].as_array_mut().unwrap().push(ask);
    }
    second
}

async fn deploy(office: &Office, document: &Value) {
    let command = Command::DeployDefinition { document: document.to_string() };
    let key = format!("deploy:{document}").chars().filter(char::is_ascii_alphanumeric).take(180).collect::<String>();
    let key = format!("{key}{}", document.to_string().len());
    office.engine.submit(&office.unit, Envelope::new(Actor::System, &key, command)).await.unwrap();
}

async fn versions(office: &Office) -> Vec<u32> {
    let query = InstanceQuery { limit: 50, ..InstanceQuery::default() };
    let rows = office.engine.store().instances(&office.unit, &query).await.unwrap();
    let library = office.engine.library();
    let mut versions: Vec<u32> = rows.iter().map(|row| library.get(&row.definition).unwrap().version).collect();
    versions.sort_unstable();
    versions
}

#[tokio::test]
async fn cases_are_moved_after_a_dry_run() {
    let office = office().await;
    for key in ["k-1", "k-2"] {
        office.start(key).await;
    }
    let here = "/definitions/t.sample/1/move";
    // Where there is no other version there is nothing to move to, and no way to the page.
    assert!(!office.get("olga", "en", "/definitions/t.sample/1").await.text.contains(here));
    assert_eq!(office.get("olga", "en", here).await.status, StatusCode::NOT_FOUND);
    deploy(&office, &second(false)).await;
    assert!(office.get("olga", "en", "/definitions/t.sample/1").await.text.contains(here));
    assert!(!office.get("wim", "en", "/definitions/t.sample/1").await.text.contains(here));
    assert_eq!(office.get("wim", "en", here).await.status, StatusCode::FORBIDDEN);

    let form = |what: &'static str, step: &'static str| {
        vec![
            ("key", "m-1"),
            ("to", "2"),
            ("unit", "top"),
            ("s-work", step),
            ("do", what),
            ("order", "OO 7/2026"),
            ("reason", "Issue 2"),
        ]
    };
    for language in ["en", "hi"] {
        let got = office.get("olga", language, here).await;
        check(here, language, &got.text);
        assert!(got.text.contains("name=\"s-work\"") && got.text.contains("value=\"labour\""), "{}", got.text);
        // Nothing corresponds yet: each case says so, and none can be moved.
        let got = office.post("olga", language, here, &form("show", "")).await;
        check(here, language, &got.text);
        assert!(!got.text.contains("value=\"move\""), "{}", got.text);
        let got = office.post("olga", language, here, &form("show", "labour")).await;
        check(here, language, &got.text);
        assert!(got.text.contains("value=\"move\"") && got.text.contains("value=\"labour\" selected"), "{}", got.text);
    }
    assert_eq!(versions(&office).await, [1, 1], "a dry run moved something");
    assert_eq!(office.post("wim", "en", here, &form("move", "labour")).await.status, StatusCode::FORBIDDEN);
    let got = office.post("olga", "hi", here, &form("move", "labour")).await;
    check(here, "hi", &got.text);
    assert_eq!((got.status, versions(&office).await), (StatusCode::OK, vec![2, 2]), "{}", got.text);
    // Sent again, nobody is left to be moved.
    let got = office.post("olga", "en", here, &form("move", "labour")).await;
    assert_eq!((got.status, versions(&office).await), (StatusCode::OK, vec![2, 2]), "{}", got.text);
}

#[tokio::test]
async fn a_case_is_moved_with_the_applicants_consent() {
    let office = office().await;
    let case = office.start("k-1").await;
    deploy(&office, &second(true)).await;
    let many = "/definitions/t.sample/1/move";
    let form = [
        ("key", "m-1"),
        ("to", "2"),
        ("unit", "top"),
        ("s-work", "labour"),
        ("do", "move"),
        ("order", "OO 7"),
        ("reason", "Issue 2"),
    ];
    let got = office.post("olga", "en", many, &form).await;
    let here = format!("{case}/move");
    assert!(got.status == StatusCode::OK && got.text.contains(&format!("href=\"{here}?to=2\"")), "{}", got.text);
    assert_eq!(versions(&office).await, [1]);
    assert!(office.get("olga", "en", &case).await.text.contains(&format!("href=\"{here}\"")));
    for language in ["en", "hi"] {
        let got = office.get("olga", language, &format!("{here}?to=2")).await;
        check(&here, language, &got.text);
        let shown = [("key", "m-2"), ("to", "2"), ("unit", "top"), ("s-work", "labour"), ("do", "show")];
        let got = office.post("olga", language, &here, &shown).await;
        check(&here, language, &got.text);
        assert!(got.text.contains("name=\"consent-record\""), "{}", got.text);
        let got = office.post("olga", language, &here, &form).await;
        check(&here, language, &got.text);
        assert!(
            got.status == StatusCode::CONFLICT && got.text.contains("move.consent") && got.text.contains("OO 7"),
            "{}",
            got.text
        );
    }
    let mut with = form.to_vec();
    with.extend([("by", "the applicant"), ("date", "05-01-2026"), ("consent-record", "Letter 4")]);
    let got = office.post("olga", "en", &here, &with).await;
    assert_eq!((got.status, got.location.as_str()), (StatusCode::SEE_OTHER, case.as_str()), "{}", got.text);
    assert_eq!(versions(&office).await, [2]);
    for language in ["en", "hi"] {
        let got = office.get("olga", language, &case).await;
        check(&case, language, &got.text);
        assert!(got.text.contains("OO 7") && got.text.contains("Letter 4"), "{}", got.text);
    }
}
