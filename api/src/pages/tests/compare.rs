//! Two editions side by side on a page: in words, as pictures, as text; and whom the draft affects.

use std::sync::Arc;

use engine::model::Time;
use engine::runtime::clock::ManualClock;

use super::*;

#[tokio::test]
async fn a_draft_beside_what_is_in_force() {
    let office = office().await;
    office.start("k-1").await;
    let mut draft = process();
    draft["x-note"] = json!(EVIL);
    draft["steps"][1]["performer"]["role"] = json!("quality-coordinator");
    draft["steps"][2]["next"] = json!("extra");
    draft["steps"][3] =
        json!({ "id": "extra", "type": "userTask", "title": evil("Extra"), "performer": { "role": "applicant" }, "next": "end" });
    let text = draft.to_string();
    let at = "/documents/process/t.sample";
    let got = office.post("olga", "en", &format!("{at}/save"), &[("key", "d-1"), ("document", &text)]).await;
    assert_eq!(got.location, at, "{}", got.text);
    let page = office.get("olga", "en", at).await.text;
    assert!(page.contains("class=\"bpmn\"") && page.contains("/compare?to="), "the draft is drawn, and can be compared");

    for language in ["en", "hi"] {
        for path in [format!("{at}/compare"), format!("{at}/compare?affected=yes")] {
            check(&path, language, &office.get("olga", language, &path).await.text);
        }
    }
    let page = office.get("olga", "en", &format!("{at}/compare?affected=yes")).await.text;
    for told in [
        "5 changes",
        "<code>performer / role</code>",
        "<pre>quality-coordinator</pre>",
        "id=\"before-step-work\" class=\"node task changed\"",
        "id=\"after-step-work\" class=\"node task changed\"",
        "id=\"before-step-count-days\" class=\"node task removed\"",
        "id=\"after-step-extra\" class=\"node task added\"",
        "id=\"after-step-begin\" class=\"node event\"",
        "<ins>",
        ": 1<br>",
        "Olga",
        "Wendy",
        "held by nobody through a post",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(!page.contains("id=\"before-step-extra\"") && !page.contains("id=\"after-step-count-days\""));

    // Who holds no post sees what was issued, and no draft.
    let page = office.get("pia", "en", &format!("{at}/compare?affected=yes")).await.text;
    check("pia", "en", &page);
    assert!(page.contains("all of it is new") && !page.contains("Draft") && !page.contains("id=\"affected\""), "{page}");
    for path in ["/compare?to=x", &format!("/compare?to={}", "0".repeat(64))] {
        assert_eq!(office.get("olga", "en", &format!("{at}{path}")).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(office.get("olga", "en", "/documents/process/none/compare").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_calendar_tells_what_it_would_move() {
    let clock = Arc::new(ManualClock::new(Time::parse("2026-11-23T04:30:00Z").unwrap()));
    let office = office_with(Options { clock: Arc::clone(&clock) as Arc<_>, ..Options::default() }).await;
    office.start("k-1").await;
    let done = [("f-lines", "x"), ("f-few", "a"), ("f-count", "1"), ("f-day", "2026-11-30")];
    for (who, key, data) in [("wim", "c-1", done.as_slice()), ("wendy", "c-2", &[])] {
        let task = format!("/tasks/top.{}", office.task().await);
        office.post(who, "en", &format!("{task}/claim"), &[("key", key)]).await;
        let form: Vec<_> = [("key", task.as_str())].into_iter().chain(data.iter().copied()).collect();
        let got = office.post(who, "en", &format!("{task}/complete"), &form).await;
        assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    }
    // What is due in two working days now, is due a day later if the first of them is none.
    let mut draft = documents()[0].1.clone();
    draft["holidays"].as_array_mut().unwrap().insert(0, json!({ "date": "2026-11-24", "title": { "en": "New" } }));
    let at = "/documents/calendar/cal";
    office.post("olga", "en", &format!("{at}/save"), &[("key", "d-1"), ("document", &draft.to_string())]).await;
    let page = office.get("olga", "en", &format!("{at}/compare?affected=yes")).await.text;
    check(at, "en", &page);
    for told in ["One change", "<code>holidays / 2026-11-24</code>", "one deadline or timer would move", "class=\"lines\""] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(!page.contains("class=\"bpmn\""), "a calendar has no picture");
}

#[tokio::test]
async fn who_works_in_a_new_sub_process_is_affected() {
    let office = office().await;
    let mut draft = process();
    draft["steps"][3] = json!({ "id": "count-days", "type": "subProcess", "next": "end", "steps": [
        { "id": "in", "type": "startEvent", "next": "inner" },
        { "id": "inner", "type": "userTask", "performer": { "role": "quality-coordinator" }, "next": "out" },
        { "id": "out", "type": "endEvent" }
    ]});
    draft["steps"][3]["id"] = json!("new-part");
    draft["steps"][2]["next"] = json!("new-part");
    let at = "/documents/process/t.sample";
    office.post("olga", "en", &format!("{at}/save"), &[("key", "d-1"), ("document", &draft.to_string())]).await;
    let page = office.get("wim", "en", &format!("{at}/compare?affected=yes")).await.text;
    let whom = page.split("id=\"affected\"").nth(1).expect("the part on whom it affects");
    assert!(whom.contains("Olga"), "{whom}");
}
