//! Two editions side by side on a page: in words, as pictures, as text; and whom the draft affects.

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
    assert!(
        page.contains("Both have the same content") && !page.contains("Draft") && !page.contains("id=\"affected\""),
        "{page}"
    );
    for path in ["/compare?to=x", &format!("/compare?to={}", "0".repeat(64))] {
        assert_eq!(office.get("olga", "en", &format!("{at}{path}")).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(office.get("olga", "en", "/documents/process/none/compare").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_calendar_tells_what_it_would_move() {
    let office = office().await;
    let case = office.start("k-1").await;
    let task = format!("/tasks/top.{}", office.task().await);
    office.post("wim", "en", &format!("{task}/claim"), &[("key", "c-1")]).await;
    let mut draft = documents()[0].1.clone();
    draft["holidays"].as_array_mut().unwrap().insert(0, json!({ "date": "2026-02-02", "title": { "en": "New" } }));
    let at = "/documents/calendar/cal";
    office.post("olga", "en", &format!("{at}/save"), &[("key", "d-1"), ("document", &draft.to_string())]).await;
    let page = office.get("olga", "en", &format!("{at}/compare?affected=yes")).await.text;
    check(&case, "en", &page);
    for told in ["One change", "<code>holidays / 2026-02-02</code>", "0 deadlines and timers would move", "class=\"lines\""] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(!page.contains("class=\"bpmn\""), "a calendar has no picture");
}
