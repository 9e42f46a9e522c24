//! The life of cases and documents on the pages: as of an instant, records that are held and erased, drafts that are issued.

use std::sync::Arc;

use engine::model::Time;
use engine::runtime::clock::{Clock as _, ManualClock};

use super::*;

#[tokio::test]
async fn records_are_held_and_erased_by_two() {
    let clock = Arc::new(ManualClock::new(Time::parse("2026-11-24T04:30:00Z").unwrap()));
    let office = office_with(Options { clock: Arc::clone(&clock) as Arc<_>, ..Options::default() }).await;
    let case = office.start("k-1").await;
    let post = async |who: &str, what: &str, form: &[(&str, &str)]| {
        let got = office.post(who, "en", &format!("{case}/{what}"), form).await;
        assert_eq!(got.location, case, "{who} {what}: {}", got.text);
        for (who, language) in [("olga", "en"), ("wim", "hi"), ("pia", "en")] {
            check(&case, language, &office.get(who, language, &case).await.text);
        }
        office.get("wim", "en", &case).await.text
    };
    for path in [&case, "/definitions/t.sample/1"] {
        let page = office.get("olga", "en", path).await.text;
        assert!(page.contains("kept for 10 full years after its end") && page.contains("unverified"), "{path}: {page}");
    }
    let page = post("olga", "hold", &[("key", "h-1"), ("ground", EVIL)]).await;
    assert!(page.contains("/release-records\"") && !page.contains("/hold\""), "{page}");
    assert!(!office.get("olga", "en", &case).await.text.contains("/release-records\""));
    post("wim", "release-records", &[("key", "h-2"), ("reason", EVIL)]).await;
    let page = post("olga", "cancel", &[("key", "h-3"), ("reason", "no")]).await;
    assert!(page.contains("1,23,456") && !page.contains("/erase\""), "{page}");
    assert!(office.get("olga", "en", &case).await.text.contains("/erase\""));
    let early = [("key", "h-0"), ("ground", EVIL), ("authority", EVIL)];
    let refused = office.post("olga", "hi", &format!("{case}/erase"), &early).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    check(&case, "hi", &refused.text);
    clock.move_to(clock.now().plus_seconds(11 * 366 * 86_400));
    let page = post("olga", "erase", &[("key", "h-4"), ("ground", EVIL), ("authority", EVIL)]).await;
    let proposal = page.split("name=\"proposal\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a proposal");
    assert!(!office.get("olga", "en", &case).await.text.contains("/approve-erasure\""), "it is for somebody else");
    let refused = office.post("pia", "hi", &format!("{case}/approve-erasure"), &[("key", "h-5"), ("proposal", proposal)]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    check(&case, "hi", &refused.text);
    let page = post("wim", "approve-erasure", &[("key", "h-6"), ("proposal", proposal)]).await;
    assert!(page.contains("Erased from the journal") && !page.contains("1,23,456"), "{page}");
    let got = office.post("wim", "en", &format!("{case}/approve-erasure"), &[("key", "h-7"), ("proposal", "x")]).await;
    assert_eq!(got.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_case_is_shown_as_it_stood() {
    let clock = Arc::new(ManualClock::new(Time::parse("2026-11-24T04:30:00Z").unwrap()));
    let office = office_with(Options { clock: Arc::clone(&clock) as Arc<_>, ..Options::default() }).await;
    let case = office.start("k-1").await;
    clock.move_to(clock.now().plus_seconds(120));
    let got = office.post("olga", "en", &format!("{case}/cancel"), &[("key", "k-2"), ("reason", "Withdrawn")]).await;
    assert_eq!(got.location, case);
    clock.move_to(clock.now().plus_seconds(120));
    for (on, told, over) in [("10:00", true, false), ("10:02", true, true), ("10:04", false, true)] {
        let page = office.get("olga", "en", &format!("{case}?on=2026-11-24T{on}")).await.text;
        check(&case, "en", &page);
        assert_eq!((page.contains("As it stood"), page.contains("Withdrawn")), (told, over), "{on}");
        assert_eq!(page.contains("/hold\""), !told, "nothing is decided of the past");
        let list = office.get("pia", "hi", &format!("/cases?unit=top&status=cancelled&on=2026-11-24T{on}")).await.text;
        check("/cases", "hi", &list);
        assert_eq!(list.contains(&case), over, "{on}: {list}");
    }
    assert_eq!(office.get("olga", "en", &format!("{case}?on=2020-01-01T10:00")).await.status, StatusCode::NOT_FOUND);
    let list = office.get("olga", "en", "/cases?unit=top&on=2020-01-01T10:00").await.text;
    assert!(list.contains("As it stood on 1 January 2020, 10:00 IST") && !list.contains(&case), "{list}");
    check("/cases", "en", &list);
    for bad in ["on=", "on=x", "on=2020-13-01T10:00", "on=2999-01-01T10:00"] {
        assert!(!office.get("olga", "en", &format!("{case}?{bad}")).await.text.contains("As it stood"), "{bad}");
    }
}

#[tokio::test]
async fn a_draft_is_written_approved_by_another_and_issued() {
    let office = office().await;
    let path = "/documents/process/t.sample";
    let mut newer = process();
    newer["verified"] = json!(true);
    let document = newer.to_string();
    let post = async |who: &str, what: &str, form: &[(&str, &str)]| {
        let got = office.post(who, "en", &format!("{path}/{what}"), form).await;
        assert_eq!(got.location, path, "{who} {what}: {}", got.text);
        for (who, language) in [("olga", "en"), ("wim", "hi"), ("pia", "en")] {
            check(path, language, &office.get(who, language, path).await.text);
        }
        office.get("olga", "en", path).await.text
    };
    assert!(!office.get("wim", "en", path).await.text.contains("/save\""), "only who answers for it");
    let page = post("olga", "save", &[("key", "d-1"), ("document", &document)]).await;
    let hash = page.split("name=\"hash\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a draft").to_owned();
    assert!(!office.get("pia", "en", path).await.text.contains("id=\"draft\""), "whoever holds no post sees no draft");
    post("olga", "send", &[("key", "d-2"), ("hash", &hash)]).await;
    let got = office.post("olga", "hi", &format!("{path}/approve"), &[("key", "d-3"), ("hash", &hash)]).await;
    assert_eq!(got.status, StatusCode::FORBIDDEN);
    check(path, "hi", &got.text);
    // Somebody else who answers for it.
    let (person, order) = (office.engine.office().by_handle("wendy").unwrap().id.clone(), "4".to_owned());
    let appoint = Command::Appoint { person, post: "owner".parse().unwrap(), order, from: None, to: None };
    office.engine.submit(&UnitId::site(), Envelope::new(Actor::System, "w", appoint)).await.unwrap();
    let page = post("wendy", "approve", &[("key", "d-4"), ("hash", &hash)]).await;
    assert!(page.contains("Wendy") && page.contains("/issue\""), "{page}");
    let form = [("key", "d-5"), ("hash", hash.as_str()), ("reason", EVIL), ("effective", "no day"), ("review", "")];
    let got = office.post("olga", "en", &format!("{path}/issue"), &form).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", got.text);
    let form = [("key", "d-6"), ("hash", hash.as_str()), ("reason", EVIL), ("effective", "2999-01-01"), ("review", "")];
    let page = post("olga", "issue", &form).await;
    assert!(page.contains("waits for its day") && page.contains("I have read and understood it"), "{page}");
    let page = post("olga", "acknowledge", &[("key", "d-7"), ("hash", &hash)]).await;
    assert!(page.contains("read and understood by Olga"), "{page}");
    post("olga", "withdraw", &[("key", "d-8"), ("reason", EVIL)]).await;
    for (what, form) in [("send", &[("key", "d-9")][..]), ("vanish", &[("key", "d-9"), ("hash", &hash)])] {
        assert_eq!(office.post("olga", "en", &format!("{path}/{what}"), form).await.status, StatusCode::NOT_FOUND, "{what}");
    }
    assert_eq!(office.get("olga", "en", "/documents/process/none").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_new_document_is_begun_on_a_page() {
    let office = office().await;
    assert_eq!(office.get("pia", "en", "/documents/new").await.status, StatusCode::FORBIDDEN, "she holds no post");
    let page = office.get("olga", "en", "/documents/new").await.text;
    assert!(page.contains("&quot;post&quot;: &quot;owner&quot;"), "{page}");
    let begun = json!({ "id": "t.begun", "title": evil("Begun"), "owner": { "post": "owner" }, "steps": [] }).to_string();
    let post = async |kind: &str, key: &str, document: &str| {
        office.post("olga", "hi", "/documents/new", &[("key", key), ("kind", kind), ("document", document)]).await
    };
    let got = post("process", "n-1", "{").await;
    assert!(got.status == StatusCode::UNPROCESSABLE_ENTITY && got.text.contains("{</textarea>"), "{}", got.text);
    check("/documents/new", "hi", &got.text);
    assert_eq!(post("form", "n-2", &begun).await.status, StatusCode::NOT_FOUND);
    let got = post("process", "n-3", &begun).await;
    assert_eq!(got.location, "/documents/process/t.begun", "{}", got.text);
    let page = office.get("olga", "hi", &got.location).await.text;
    check(&got.location, "hi", &page);
    assert!(page.contains("class=\"cards problems\""), "it is unfinished, and what it lacks is told: {page}");
    assert!(page.contains("<h1>Begun हिंदी"), "it is called as its draft calls it: {page}");
    let page = office.get("olga", "en", "/documents/process/t.begun/trial").await.text;
    assert!(page.contains("Begun &lt;script") && !page.contains(">t.begun</a>"), "also where it is tried: {page}");
    let compared = office.get("olga", "en", "/documents/process/t.begun/compare").await;
    assert!(compared.text.contains("all of it is new") && compared.text.contains("<code>owner</code>"), "{}", compared.text);
    check("/documents/process/t.begun/compare", "en", &compared.text);
    assert_eq!(post("process", "n-4", &begun).await.status, StatusCode::CONFLICT, "there is a draft of it");
}
