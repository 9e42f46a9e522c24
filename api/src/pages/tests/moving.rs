//! Running cases moved through the pages: what is asked, what would change, the move of many, and of one with the applicant's consent.

use std::sync::Arc;

use axum::http::StatusCode;
use engine::journal::{Actor, Command, Envelope};
use engine::model::document::DocumentKind;
use engine::model::{Time, UnitId};
use engine::runtime::Options;
use engine::runtime::clock::{Clock as _, ManualClock};
use engine::store::{InstanceQuery, Store};
use serde_json::{Value, json};

use super::{Office, check, evil, office, office_with, process};

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

/// Starts a case by the first version, which a newer one has taken the place of.
async fn start_old(office: &Office, key: &str) {
    let library = office.engine.library();
    let first = library.versions("t.sample").into_iter().find(|one| one.version == 1).map(|one| one.graph.hash);
    let data = json!({ "line": "x" }).as_object().unwrap().clone().into_iter().collect();
    let command = Command::StartInstance { process: "t.sample".into(), definition: first, number: None, data };
    let pia = office.engine.office().people.values().find(|person| person.handle == "pia").unwrap().id.clone();
    office.engine.submit(&office.unit, Envelope::new(Actor::Person(pia), key, command)).await.unwrap();
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
        let told = if language == "en" {
            "the new version has no such step"
        } else {
            "नए संस्करण में इसके अनुरूप कुछ नहीं है"
        };
        assert!(got.text.contains(told) && (language == "en" || got.text.contains("हिंदी &lt;script&gt;")), "{}", got.text);
        let got = office.post("olga", language, here, &form("show", "labour")).await;
        check(here, language, &got.text);
        assert!(got.text.contains("value=\"move\"") && got.text.contains("value=\"labour\" selected"), "{}", got.text);
    }
    assert_eq!(versions(&office).await, [1, 1], "a dry run moved something");
    assert_eq!(office.post("wim", "en", here, &form("move", "labour")).await.status, StatusCode::FORBIDDEN);
    // Another unit than one of the visitor's is not silently taken for their first one.
    let mut elsewhere = form("show", "labour");
    elsewhere[2].1 = "nowhere";
    assert_eq!(office.post("olga", "en", here, &elsewhere).await.status, StatusCode::FORBIDDEN);

    // What the dry run showed is moved; what came since is not, however often it is sent.
    let shown = office.post("olga", "en", here, &form("show", "labour")).await.text;
    let cases: Vec<&str> = shown.split("name=\"case\" value=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(cases.len(), 2, "{shown}");
    start_old(&office, "k-3").await;
    let mut order = form("move", "labour");
    order.extend(cases.iter().map(|case| ("case", *case)));
    for language in ["hi", "en"] {
        let got = office.post("olga", language, here, &order).await;
        check(here, language, &got.text);
        assert_eq!((got.status, versions(&office).await), (StatusCode::OK, vec![1, 2, 2]), "{}", got.text);
    }
    let many = vec![("case", cases[0]); 26];
    order.extend(many);
    assert_eq!(office.post("olga", "en", here, &order).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    order.push(("case", "x"));
    assert_eq!(office.post("olga", "en", here, &order).await.status, StatusCode::NOT_FOUND);
    // A form without cases was not made by a dry run: it is one.
    let got = office.post("olga", "en", here, &form("move", "labour")).await;
    assert_eq!((got.status, versions(&office).await), (StatusCode::OK, vec![1, 2, 2]), "{}", got.text);
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
    let here = format!("{case}/move");
    let mut named = form.to_vec();
    named.push(("case", case.rsplit('.').next().unwrap()));
    for what in ["show", "move"] {
        named[4].1 = what;
        let got = office.post("olga", "en", many, &named).await;
        // The way to the page of the case takes along what was filled in: it is a button of this form.
        let way = format!("formaction=\"{here}\" formnovalidate name=\"do\" value=\"show\"");
        assert!(got.status == StatusCode::OK && got.text.contains(&way), "{}", got.text);
        assert!(got.text.contains("value=\"labour\" selected"), "{}", got.text);
    }
    let got = office.post("olga", "hi", many, &named).await;
    check(many, "hi", &got.text);
    assert!(got.text.contains("उनकी सहमति बताएँ") && !got.text.contains("Name their consent"), "{}", got.text);
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
    // Half a consent is none, and nothing of it is lost.
    for half in [
        vec![("by", "the applicant")],
        vec![("consent-record", "Letter 4")],
        vec![("date", "31-02-2026")],
        vec![("by", "the applicant"), ("date", "some day"), ("consent-record", "Letter 4")],
    ] {
        let mut with = form.to_vec();
        with.extend(half.iter().copied());
        let got = office.post("olga", "en", &here, &with).await;
        check(&here, "en", &got.text);
        assert!(got.status == StatusCode::UNPROCESSABLE_ENTITY && got.text.contains("move.consent-date"), "{}", got.text);
        assert!(half.iter().all(|(_, value)| got.text.contains(&format!("value=\"{value}\""))), "{}", got.text);
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

#[tokio::test]
async fn clocks_are_called_by_their_norms_and_one_that_was_late_when_it_was_ended_was_missed() {
    let clock = Arc::new(ManualClock::new(Time::parse("2026-11-24T04:30:00Z").unwrap()));
    let office = office_with(Options { clock: Arc::clone(&clock) as Arc<_>, ..Options::default() }).await;
    let norm = json!({
        "id": "one-day", "title": evil("Within a day"), "owner": { "post": "owner" },
        "clock": { "start": "lodged", "stop": ["decided"] },
        "editions": [{ "title": { "en": "First" }, "source": ["a test"], "limits": [{ "within": { "days": 1 } }] }]
    });
    let command = Command::DeployDocument { kind: DocumentKind::Norm, document: norm.to_string() };
    office.engine.submit(&UnitId::site(), Envelope::new(Actor::System, "norm", command)).await.unwrap();
    let mut timed = json!({
        "id": "t.timed", "title": { "en": "Timed" }, "owner": { "post": "owner" },
        "steps": [
            { "id": "begin", "type": "startEvent", "next": "work" },
            { "id": "work", "type": "userTask", "performer": { "role": "worker" }, "next": "end" },
            { "id": "end", "type": "endEvent" }
        ],
        "clocks": [{ "norm": "one-day", "bind": { "lodged": { "leaving": "begin" }, "decided": { "leaving": "work" } } }]
    });
    deploy(&office, &timed).await;
    let mut cases = Vec::new();
    for key in ["k-1", "k-2"] {
        let got = office.post("pia", "en", "/start/t.timed", &[("key", key), ("unit", "top")]).await;
        assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
        cases.push(got.location.trim_end_matches("/receipt").to_owned());
        if key == "k-1" {
            clock.move_to(clock.now().plus_seconds(3 * 86_400));
            while office.engine.run_due().await.unwrap().done > 0 {}
        }
    }
    timed.as_object_mut().unwrap().remove("clocks");
    deploy(&office, &timed).await;

    let form = [("to", "2"), ("unit", "top"), ("c-one-day", "end"), ("order", "OO 7"), ("reason", "Issue 2")];
    let consent = [("by", "the applicant"), ("date", "24-11-2026"), ("consent-record", "Letter 4")];
    let titles = [("en", "Within a day &lt;script&gt;"), ("hi", "Within a day हिंदी &lt;script&gt;")];
    for (case, stands) in cases.iter().zip([["not kept", "पालन नहीं हुआ"], ["ended by order", "आदेश से समाप्त"]])
    {
        let here = format!("{case}/move");
        for (language, title) in titles {
            let mut undecided = form.to_vec();
            undecided[2].1 = "";
            undecided.extend([("key", "m-1"), ("do", "show")]);
            for (form, told) in [(undecided, 2), ([&form[..], &[("key", "m-1"), ("do", "show")]].concat(), 3)] {
                let got = office.post("olga", language, &here, &form).await;
                check(&here, language, &got.text);
                // What is to be said of it, its deadline, and why it stays or what is lost by it.
                let places = got.text.matches(title).count();
                assert!(places >= told && !got.text.contains(">one-day"), "{places} in {language}: {}", got.text);
            }
        }
        let form = [&form[..], &consent[..], &[("key", here.as_str()), ("do", "move")]].concat();
        let got = office.post("olga", "en", &here, &form).await;
        assert_eq!(got.location, *case, "{}", got.text);
        // Its mark, not the line of the history, which says of both that they ended by order.
        for (language, stands) in ["en", "hi"].into_iter().zip(stands) {
            let page = office.get("olga", language, case).await.text;
            assert!(page.contains(&format!("</span> {stands}</span>")), "{stands}: {page}");
        }
    }
}

#[test]
fn what_keeps_a_case_is_said_in_hindi() {
    let w = crate::pages::words::Words::new(engine::model::Language::Hindi, jiff::tz::TimeZone::UTC);
    let moves = "unknown-step other-kind other-host twice no-counterpart other-scope other-topic other-call no-flow apart stuck multiplies \
                 not-decided value undeclared no-value declared personal separation clock clock-undecided too-long impossible consent \
                 consent-date same-version moved-meanwhile";
    let rights =
        "deadline-later clock-ends clock-rests norm-goes compensation-goes escalation-goes deeming-goes less-time step-added";
    let codes = moves.split_whitespace().map(|code| format!("move.{code}"));
    for code in codes.chain(rights.split_whitespace().map(|code| format!("right.{code}"))) {
        let said = crate::pages::refused::translated(&w, &code);
        assert!(said.is_some_and(|said| said.chars().any(|c| ('\u{900}'..='\u{97f}').contains(&c))), "{code}");
    }
}
