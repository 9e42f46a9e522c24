//! What other offices have to do with a document, on its page: received editions and who acknowledged them, and which offices below have.

use engine::digest::Hash;
use engine::journal::amendment::{Acknowledgement, Adopted, Edition, Exchange, Relation, Source, Told, Withdrawal};
use engine::model::{Text, Time};

use super::*;

const KEY: &str = "hq.example+00000000+AA==";

async fn ask(office: &Office, actor: &str, exchange: Exchange) {
    let person = office.engine.office().by_handle(actor).expect("a person").id.clone();
    let key = format!("{exchange:?}");
    let envelope = Envelope::new(Actor::Person(person), &Hash::of(key.as_bytes()).to_string(), Command::Exchange(exchange));
    office.engine.submit(&UnitId::site(), envelope).await.expect("it is done");
}

async fn recognise(office: &Office, key: &str, relation: Relation) {
    let title = serde_json::from_value::<Text>(evil("The other office")).expect("a text");
    let exchange = Exchange::Recognise { key: key.to_owned(), title, relation, order: "7/2026".to_owned() };
    let envelope = Envelope::new(Actor::System, key, Command::Exchange(exchange));
    office.engine.submit(&UnitId::site(), envelope).await.expect("it is recognised");
}

fn source(host: &str) -> Source {
    Source { host: host.to_owned(), log: format!("{host}/site/1"), size: 9, root: Hash::of(b"root"), package: Hash::of(b"file") }
}

#[tokio::test]
async fn what_was_received_and_who_acknowledged() {
    let office = office().await;
    recognise(&office, KEY, Relation::Above).await;
    recognise(&office, "unit.example+00000000+AA==", Relation::Below).await;
    let mut document = process();
    document["id"] = json!("t.foreign");
    let text = document.to_string();
    let hash = Hash::of(engine::digest::canonical(&document).as_bytes());
    let edition = Edition {
        kind: DocumentKind::Process,
        id: "t.foreign".to_owned(),
        hash,
        issue: 4,
        revision: 2,
        effective: Time(0),
        reason: EVIL.to_owned(),
        index: 41,
        issued: Time(0),
        document: text.clone(),
    };
    ask(
        &office,
        "olga",
        Exchange::Receive { source: source("hq.example"), key: KEY.to_owned(), editions: vec![edition.clone()] },
    )
    .await;
    let at = "/documents/process/t.foreign";
    for language in ["en", "hi"] {
        check(at, language, &office.get("olga", language, at).await.text);
    }
    let page = office.get("olga", "en", at).await.text;
    for told in [
        "Received from another office",
        "4.2",
        "entry 41 of hq.example/site/1",
        "not yet",
        "Acknowledge it to that office",
        "Written by",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }

    // A draft that goes beyond what may be adapted is told of, with the place.
    let mut draft = document.clone();
    draft["steps"][1]["performer"]["role"] = json!("quality-coordinator");
    let draft = draft.to_string();
    let form = [("key", "r-1"), ("hash", &*hash.to_string()), ("document", &draft)];
    office.post("olga", "en", &format!("{at}/save"), &form).await;
    let page = office.get("olga", "en", at).await.text;
    assert!(page.contains("adaptation.outside") && page.contains("/steps/1/performer/role"), "{page}");
    let page = office.get("olga", "hi", at).await.text;
    assert!(page.contains("इसे बदलने की अनुमति नहीं है। जैसा आया था वैसा ही रखें।"), "{page}");

    let form = [("key", "r-2"), ("hash", &*hash.to_string())];
    let got = office.post("olga", "en", &format!("{at}/acknowledge-received"), &form).await;
    assert_eq!(got.location, at, "{}", got.text);
    let page = office.get("olga", "hi", at).await.text;
    assert!(page.contains(&format!("{at}/acknowledgement/{hash}")) && !page.contains("उस कार्यालय को पावती दें"), "{page}");
    let got = office.get("olga", "en", &format!("{at}/acknowledgement/{hash}")).await;
    assert!(got.text.contains("log.not-yet-signed"), "{}", got.text);

    // Its title is that of the edition, as long as nothing is in force. Withdrawn where it comes from, it says so.
    assert!(page.contains("<h1>Sample हिंदी &lt;script"), "{page}");
    let page = office.get("olga", "en", "/documents/import").await.text;
    assert!(
        page.contains("amendments and withdrawals") && page.contains("(unit.example)") && page.contains("type=\"file\""),
        "{page}"
    );
    for early in [true, false] {
        let reason = EVIL.to_owned();
        let (kind, id) = (DocumentKind::Process, "t.foreign".to_owned());
        let withdrawal = Withdrawal {
            kind,
            id,
            hash,
            issue: 4,
            revision: 2,
            issued: if early { 41 } else { 51 },
            early,
            reason,
            index: 57,
            time: Time(0),
        };
        if !early {
            let edition = Edition { index: 51, issued: Time(1), ..edition.clone() };
            ask(
                &office,
                "olga",
                Exchange::Receive { source: source("hq.example"), key: KEY.to_owned(), editions: vec![edition] },
            )
            .await;
        }
        ask(&office, "olga", Exchange::HearWithdrawal { source: source("hq.example"), key: KEY.to_owned(), withdrawal }).await;
        for (language, told) in [("en", "entry 57 of its log"), ("hi", "पंजी की प्रविष्टि 57")] {
            let page = office.get("olga", language, at).await.text;
            check(at, language, &page);
            assert!(page.contains(told), "{page}");
        }
        let page = office.get("olga", "en", at).await.text;
        assert!(page.contains("Issue 4.2 was withdrawn by") && page.contains("it was never in force"), "{page}");
        assert_eq!(page.contains("withdraw it here too"), !early, "{page}");
    }

    // An issue of our own, and the offices below. Somebody else who answers for it approves it.
    let (person, order) = (office.engine.office().by_handle("wendy").expect("a person").id.clone(), "4".to_owned());
    let appoint = Command::Appoint { person, post: "owner".parse().expect("a post"), order, from: None, to: None };
    office.engine.submit(&UnitId::site(), Envelope::new(Actor::System, "w", appoint)).await.expect("she is appointed");
    let own = "/documents/process/t.sample";
    let mut other = process();
    other["x-note"] = json!("next");
    let text = other.to_string();
    let hash = Hash::of(engine::digest::canonical(&other).as_bytes()).to_string();
    for (actor, what, more) in [
        ("olga", "save", ("document", text.as_str())),
        ("olga", "send", ("hash", &hash)),
        ("wendy", "approve", ("hash", &hash)),
        ("olga", "issue", ("hash", &hash)),
    ] {
        let form = [("key", what), more, ("reason", "A new law")];
        let got = office.post(actor, "en", &format!("{own}/{what}"), &form).await;
        assert_eq!(got.location, own, "{what}: {}", got.text);
    }
    let page = office.get("olga", "en", own).await.text;
    assert!(
        page.contains("Other offices that take it over")
            && page.contains("unit.example")
            && page.contains(&format!("{own}/amendment")),
        "{page}"
    );
    let adopted = Some(Adopted { hash: Hash::of(b"other"), issue: 7, revision: 1, effective: Time(0) });
    let sheet = office.engine.office();
    let issued =
        sheet.controls.get(DocumentKind::Process, "t.sample").and_then(|controlled| controlled.issues.last()).expect("an issue");
    let acknowledgement = Acknowledgement {
        to: "office.example".to_owned(),
        kind: DocumentKind::Process,
        id: "t.sample".to_owned(),
        hash: issued.hash,
        issue: issued.issue,
        revision: issued.revision,
        received: Time(0),
        adopted,
        withdrawn: None,
    };
    let told = Told { index: 17, time: Time(0), acknowledgement };
    ask(&office, "olga", Exchange::TakeIn { source: source("unit.example"), key: "unit.example+00000000+AA==".to_owned(), told })
        .await;
    let page = office.get("olga", "en", own).await.text;
    assert!(page.contains("entry 17 of its log") && page.contains("adapted, issue 7.1"), "{page}");
    for language in ["en", "hi"] {
        check(own, language, &office.get("olga", language, own).await.text);
    }
}

#[test]
fn why_a_file_or_a_draft_is_refused_is_said_in_hindi() {
    let w = crate::pages::words::Words::new(engine::model::Language::Hindi, jiff::tz::TimeZone::UTC);
    let codes = "amendment: malformed tampered unknown-office older other-content other-office too-many too-large no-file out-of-bounds late \
                 acknowledged withdrawn, withdrawal: unknown-edition, acknowledgement: unknown-issue elsewhere, adaptation: outside kept \
                 bypassed repeated order role call variable personal, draft: exists malformed outdated own-approval stage stale unknown, \
                 document: withdrawn in-use effective review issue-waits no-issue distribution controlled external unknown owner";
    for subject in codes.split(", ") {
        let (subject, codes) = subject.split_once(": ").unwrap();
        for code in codes.split_whitespace() {
            let said = crate::pages::refused::translated(&w, &format!("{subject}.{code}"));
            assert!(said.is_some_and(|said| said.chars().any(|c| ('\u{900}'..='\u{97f}').contains(&c))), "{subject}.{code}");
        }
    }
}
