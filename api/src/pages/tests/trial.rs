//! A process is tried on a page: move by move, back again, and away as a file; nothing of it is written.

use engine::store::Head;

use super::*;
use crate::app::trial::scenario::{Scenario, Step};

const AT: &str = "/documents/process/t.sample/trial";

/// What a form carries.
fn hidden(page: &str, name: &str) -> String {
    let value =
        page.split(&format!("name=\"{name}\" value=\"")).nth(1).and_then(|rest| rest.split('"').next()).expect("it is carried");
    value.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

impl Office {
    /// Makes a move from a page; the page after it, checked in both languages.
    async fn go(&self, from: &str, form: &[(&str, &str)]) -> Got {
        let (edition, trial) = (hidden(from, "edition"), hidden(from, "trial"));
        let mut all = vec![("edition", edition.as_str()), ("trial", trial.as_str())];
        all.extend(form);
        let hindi = self.post("wim", "hi", AT, &all).await;
        check(AT, "hi", &hindi.text);
        let got = self.post("wim", "en", AT, &all).await;
        check(AT, "en", &got.text);
        got
    }

    async fn heads(&self) -> Vec<Option<Head>> {
        let mut heads = Vec::new();
        for unit in self.engine.store().units().await.unwrap() {
            heads.push(self.engine.store().head(&unit).await.unwrap());
        }
        heads
    }
}

#[tokio::test]
async fn a_draft_is_tried_move_by_move() {
    let office = office().await;
    let mut draft = process();
    draft["steps"][3]["next"] = json!("tell");
    let more = json!([
        { "id": "tell", "type": "serviceTask", "topic": "mail", "outputs": ["count"], "next": "wait" },
        { "id": "wait", "type": "intermediateCatchEvent", "message": { "name": "answer", "key": "few" }, "outputs": ["few"], "next": "rest" },
        { "id": "rest", "type": "intermediateCatchEvent", "title": evil("Rest"), "timer": { "after": "P3D" }, "next": "end" }
    ]);
    let steps = draft["steps"].as_array_mut().unwrap();
    let end = steps.pop().unwrap();
    steps.extend(more.as_array().unwrap().iter().cloned().chain([end]));
    let text = draft.to_string();
    let saved = office.post("olga", "en", "/documents/process/t.sample/save", &[("key", "d-1"), ("document", &text)]).await;
    assert_eq!(saved.location, "/documents/process/t.sample", "{}", saved.text);
    let before = office.heads().await;
    let page = office.get("olga", "en", "/documents/process/t.sample").await.text;
    let link = format!("{AT}?edition=");
    let to = page.split(&format!("href=\"{link}")).nth(1).and_then(|rest| rest.split('"').next()).expect("the way to a trial");
    let first = office.get("olga", "en", &format!("{link}{to}")).await.text;
    check(AT, "en", &first);
    assert!(
        first.contains("This is a trial") && first.contains("name=\"f-line\"") && first.contains("class=\"bpmn\""),
        "{first}"
    );

    // What the form does not take is told at its fields, and nothing has begun.
    let begin = [("do", "start"), ("unit", "top"), ("day", "2026-11-24"), ("time", "10:00"), ("actor", "pia")];
    let refused = office.go(&first, &begin).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("href=\"#f-line\"") && refused.text.contains("value=\"start.start\""), "{}", refused.text);
    // Officials are listed; a member of the public is named by whoever tries.
    assert!(first.contains("value=\"wendy\"") && first.contains("name=\"handle.start\"") && !first.contains("Pia"), "{first}");
    let mut whole = begin.to_vec();
    whole.extend([("f-line", EVIL), ("f-amount", "1,23,456.50")]);
    whole.retain(|(name, _)| *name != "actor");
    whole.extend([("actor", "olga"), ("handle", "pia")]);
    let begun = office.go(&refused.text, &whole).await;
    assert!(hidden(&begun.text, "trial").contains("\"actor\":\"pia\""), "{}", begun.text);
    // The moves so far stand in the page once, in a form that the return key does not send.
    assert_eq!(begun.text.matches("name=\"trial\"").count(), 1, "{}", begun.text);
    let form = begun.text.split("data-download>").nth(1).expect("the form");
    assert!(form.starts_with("<button disabled hidden>"), "{form}");
    assert_eq!(begun.status, StatusCode::OK, "{}", begun.text);
    for told in
        ["24 November 2026, 10:00", "1,23,456", "class=\"node task active\"", "Wendy", "name=\"f-lines\"", "Undo the last move"]
    {
        assert!(begun.text.contains(told), "{told}: {}", begun.text);
    }

    // A refusal leaves the trial as it was; the claim that went before it is not kept either.
    let task = [("task", "work"), ("nth", "0"), ("process", "t.sample"), ("actor", "wim")];
    let mut bad = task.to_vec();
    bad.extend([("do", "complete"), ("f-lines", "kept text")]);
    let refused = office.go(&begun.text, &bad).await;
    assert_eq!(
        (refused.status, hidden(&refused.text, "trial")),
        (StatusCode::UNPROCESSABLE_ENTITY, hidden(&begun.text, "trial"))
    );
    assert!(
        refused.text.contains("kept text") && refused.text.contains("href=\"#f-count\"") && refused.text.contains("not claimed"),
        "{}",
        refused.text
    );
    let mut good = bad.clone();
    good.extend([("f-few", "a"), ("f-count", "12"), ("f-day", "2026-11-30")]);
    let page = office.go(&refused.text, &good).await.text;
    assert!(page.contains("<h3>Check</h3>") && page.contains("<option value=\"wim\""), "{page}");

    // Duties are kept apart as in reality.
    let check_by =
        |actor: &'static str| [("do", "complete"), ("task", "check"), ("nth", "0"), ("process", "t.sample"), ("actor", actor)];
    let refused = office.go(&page, &check_by("wim")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("task.separation"), "{}", refused.text);
    let page = office.go(&refused.text, &check_by("wendy")).await.text;
    let page = office
        .go(&page, &[("do", "complete"), ("task", "count-days"), ("nth", "0"), ("process", "t.sample"), ("actor", "wim")])
        .await
        .text;
    assert!(page.contains("mail"), "{page}");
    let bad = office.go(&page, &[("do", "job"), ("topic", "mail"), ("data", "{\"count\": 1.5}")]).await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", bad.text);
    let page = office.go(&page, &[("do", "job"), ("topic", "mail"), ("data", "{\"count\": 7}")]).await.text;
    let message = [("do", "message"), ("name", "answer"), ("correlation", "a"), ("data", "{\"few\": \"b\"}")];
    let page = office.go(&page, &message).await.text;
    assert!(page.contains("Due next: Rest"), "{page}");
    let ended = office.go(&page, &[("do", "next")]).await.text;
    assert!(ended.contains("27 November 2026, 10:00") && ended.contains("completed"), "{ended}");

    // Back by one, and on by another way; then it is carried away, and begun again.
    let back = office.go(&ended, &[("do", "undo")]).await.text;
    assert_eq!(hidden(&back, "trial"), hidden(&page, "trial"));
    let page = office.go(&back, &[("do", "advance"), ("day", "2026-11-25"), ("time", "09:30")]).await.text;
    assert!(page.contains("25 November 2026, 09:30"), "{page}");
    let refused = office.go(&page, &[("do", "advance"), ("day", "2026-11-24"), ("time", "09:30")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    // The form has the fields of all moves: those of the one that is made count.
    let all = [
        ("actor.task", "wim"),
        ("actor.cancel", "olga"),
        ("reason.cancel", EVIL),
        ("day.to", "2027-01-01"),
        ("do", "cancel.cancel"),
    ];
    let cancelled = office.go(&page, &all).await.text;
    assert!(cancelled.contains("cancelled"), "{cancelled}");
    let (edition, trial) = (hidden(&cancelled, "edition"), hidden(&cancelled, "trial"));
    let file = office.post("wim", "en", AT, &[("edition", &edition), ("trial", &trial), ("do", "download")]).await;
    let scenario: Scenario = serde_json::from_str(&file.text).unwrap();
    assert_eq!((scenario.process.as_str(), scenario.definitions.len(), scenario.steps.len()), ("t.sample", 1, 8));
    assert!(matches!(scenario.steps.last(), Some(Step::Expect { .. })));
    let again = office.go(&cancelled, &[("do", "again")]).await.text;
    assert!(again.contains("name=\"f-line\"") && !again.contains("Undo the last move"), "{again}");

    let receipt = ended.contains("/receipt") || ended.contains("/cases/");
    assert!(!receipt, "a trial has no receipt, and is no case: {ended}");
    assert_eq!(office.heads().await, before, "nothing was written");
}

#[tokio::test]
async fn a_trial_that_makes_no_sense_is_refused() {
    let office = office().await;
    for (who, path, status) in [
        ("pia", AT, StatusCode::FORBIDDEN),
        ("olga", "/documents/norm/t.sample/trial", StatusCode::NOT_FOUND),
        ("olga", "/documents/process/none/trial", StatusCode::NOT_FOUND),
        ("olga", "/documents/process/t.sample/trial?edition=x", StatusCode::NOT_FOUND),
    ] {
        let got = office.get(who, "en", path).await;
        assert_eq!(got.status, status, "{path}");
        check(path, "en", &got.text);
    }
    let long = json!({ "steps": (0..201).map(|_| json!({ "do": "advance" })).collect::<Vec<_>>() }).to_string();
    for (what, trial) in [
        ("undo", "{"),
        ("undo", "{\"steps\":[{\"do\":\"dance\"}]}"),
        ("undo", &format!("{{\"at\":\"{EVIL}\"}}")),
        ("next", &long),
        ("dance", ""),
        ("retry", "{}"),
        ("download", "{}"),
        ("advance", "{}"),
        ("start", &"[".repeat(10_000)),
    ] {
        let got = office.post("olga", "hi", AT, &[("trial", trial), ("do", what)]).await;
        assert!(got.status.is_client_error(), "{what} {:.80}: {} {}", trial, got.status, got.text);
        check(what, "hi", &got.text);
    }
    // Too many moves are not played, and not thrown away; one is undone, and they are.
    let got = office.post("olga", "en", AT, &[("trial", &long), ("do", "open")]).await;
    assert_eq!((got.status, hidden(&got.text, "trial")), (StatusCode::UNPROCESSABLE_ENTITY, long.clone()), "{}", got.text);
    assert!(got.text.contains("value=\"undo\""), "{}", got.text);
    let got = office.post("olga", "en", AT, &[("trial", &long), ("do", "next")]).await;
    assert_eq!(hidden(&got.text, "trial"), long, "only the move that was added is dropped");
    // What was not found to be without errors is told, and not tried.
    let mut draft = process();
    draft["steps"][0]["next"] = json!("nowhere");
    office.post("olga", "en", "/documents/process/t.sample/save", &[("key", "d-1"), ("document", &draft.to_string())]).await;
    let got = office.get("olga", "en", AT).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    check(AT, "en", &got.text);
    assert!(got.text.contains("cannot be tried") && got.text.contains("/steps/0/next"), "{}", got.text);
}
