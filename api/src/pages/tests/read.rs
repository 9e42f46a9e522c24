//! Pages that people read: hostile texts in them, what anyone sees of them and what only officials do; and documents checked as they are written.

use super::*;

fn page(id: &str, public: bool) -> Value {
    json!({
        "id": id, "title": evil("Promises"), "help": evil("Help"), "kind": "charter", "public": public, "reference": [EVIL],
        "source": [EVIL], "owner": { "post": "owner" },
        "sections": [
            { "id": "main", "title": evil("What"), "reference": [EVIL], "content": [
                { "paragraph": evil("Told") }, { "list": [evil("One"), { "en": "In English only" }] }, { "numbered": [evil("First")] },
                { "norms": ["n"] }
            ] }
        ]
    })
}

fn norm() -> Value {
    json!({
        "id": "n", "title": evil("Answer"), "owner": { "post": "owner" }, "clock": { "start": "received", "stop": ["answered"] },
        "editions": [
            { "title": evil("Of old"), "to": "2019-12-31", "source": [EVIL], "limits": [{ "within": { "days": 30 } }] },
            { "title": evil("Of now"), "from": "2020-01-01", "source": [EVIL], "limits": [{ "within": { "days": 15 } }] }
        ]
    })
}

async fn deploy(office: &Office, kind: DocumentKind, document: &Value) {
    let command = Command::DeployDocument { kind, document: document.to_string() };
    let envelope = Envelope::new(Actor::System, &format!("deploy:{}:{document}", kind.name()), command);
    office.engine.submit(&UnitId::site(), envelope).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
}

#[tokio::test]
async fn anyone_reads_what_is_public_and_only_that() {
    let office = office().await;
    deploy(&office, DocumentKind::Norm, &norm()).await;
    deploy(&office, DocumentKind::Page, &page("charter", true)).await;
    deploy(&office, DocumentKind::Page, &page("manual", false)).await;
    for language in ["en", "hi"] {
        for (who, path) in [
            ("nobody", "/pages"),
            ("nobody", "/pages/charter"),
            ("nobody", "/pages/charter/1"),
            ("nobody", "/pages/charter?on=2020-05-06T10:00"),
            ("olga", "/pages/charter"),
            ("olga", "/pages/manual"),
            ("olga", "/documents/page/charter"),
        ] {
            let got = office.get(who, language, path).await;
            assert_eq!(got.status, StatusCode::OK, "{path}");
            check(path, language, &got.text);
        }
    }
    let shown = |text: &str, told: &[&str]| told.iter().for_each(|told| assert!(text.contains(told), "{told}: {text}"));
    let got = office.get("nobody", "en", "/pages/charter").await.text;
    shown(&got, &["Told &lt;script&gt;", "<td data-label=\"Limit\">15 days</td>", "Of now", "unverified", "data-print"]);
    assert!(!got.contains("30 days") && !got.contains("Of old") && !got.contains("href=\"/norms"), "{got}");
    let got = office.get("nobody", "hi", "/pages/charter").await.text;
    shown(&got, &["<td data-label=\"सीमा\">15 दिन</td>", "असत्यापित", "<li lang=\"en\">In English only</li>"]);
    shown(&office.get("olga", "en", "/pages/charter").await.text, &["href=\"/norms/n\"", "href=\"/documents/page/charter\""]);
    assert!(
        office.get("nobody", "en", "/pages/charter?on=2020-05-06T10:00").await.text.contains("It is not in force at this time.")
    );

    assert_eq!(office.get("nobody", "en", "/charter").await.location, "/pages/charter");
    for (who, path, expected) in [
        ("nobody", "/pages/manual", StatusCode::SEE_OTHER),
        ("nobody", "/pages/manual/1", StatusCode::SEE_OTHER),
        ("nobody", "/pages/none", StatusCode::NOT_FOUND),
        ("nobody", "/pages/charter/2", StatusCode::NOT_FOUND),
        ("nobody", "/pages/charter/x", StatusCode::NOT_FOUND),
        ("nobody", "/documents/page/charter", StatusCode::SEE_OTHER),
    ] {
        assert_eq!(office.get(who, "en", path).await.status, expected, "{path}");
    }
    assert!(!office.get("nobody", "en", "/pages").await.text.contains("/pages/manual"));
    assert!(office.get("olga", "en", "/pages").await.text.contains("/pages/manual"));
    // One charter is the charter; of two, a reader chooses.
    deploy(&office, DocumentKind::Page, &page("charter-of-low", true)).await;
    assert_eq!(office.get("nobody", "en", "/charter").await.location, "/pages");

    // A draft is shown as it will be read.
    let draft = [("key", "d-1"), ("document", &page("charter", true).to_string().replace("Told", "Told anew"))];
    assert_eq!(office.post("olga", "en", "/documents/page/charter/save", &draft).await.location, "/documents/page/charter");
    let got = office.get("olga", "en", "/documents/page/charter").await.text;
    check("the draft", "en", &got);
    shown(
        &got,
        &["As it will be read", "Told anew &lt;script&gt;", "<td data-label=\"Limit\">15 days</td>", "href=\"/pages/charter/1\""],
    );
    assert!(!office.get("nobody", "en", "/pages/charter").await.text.contains("anew"));
}

/// A reader of Hindi hears as English what is there in English only: the title, and a kind of the office's own.
#[tokio::test]
async fn what_is_not_translated_is_marked() {
    let office = office().await;
    deploy(&office, DocumentKind::Norm, &norm()).await;
    let mut own = page("guide", true);
    (own["title"], own["kind"]) = (json!({ "en": "How to ask" }), json!("short-guide"));
    deploy(&office, DocumentKind::Page, &own).await;
    for (path, told) in [
        ("/pages/guide", "<h1 lang=\"en\">How to ask</h1>"),
        ("/pages/guide?on=2020-05-06T10:00", "<h1 lang=\"en\">How to ask</h1>"),
        ("/pages/guide", "<span lang=\"en\">Short guide</span>"),
        ("/pages", "<span lang=\"en\">Short guide</span>"),
    ] {
        let got = office.get("nobody", "hi", path).await.text;
        assert!(got.contains(told), "{path}: {got}");
        let got = office.get("nobody", "en", path).await.text;
        assert!(!got.contains(told), "{path}: {got}");
    }
}

/// Two readings of one source are one promise: the one that holds is shown, with the doubt in words.
#[tokio::test]
async fn a_doubtful_source_is_no_second_promise() {
    let office = office().await;
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../definitions/norms/cbic.complaint.reply.json");
    deploy(&office, DocumentKind::Norm, &serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()).await;
    let mut charter = page("charter", true);
    charter["sections"][0]["content"] = json!([{ "norms": ["cbic.complaint.reply"] }]);
    deploy(&office, DocumentKind::Page, &charter).await;
    for (language, told, untold) in [
        ("en", "<td data-label=\"Limit\">30 working days<p class=\"soft\">Three pages have 30 working days", "Days: 30 days"),
        ("hi", "<td data-label=\"सीमा\">30 कार्य दिवस<p class=\"soft\">तीन पृष्ठों पर", "दिन: 30 दिन"),
    ] {
        let got = office.get("nobody", language, "/pages/charter").await.text;
        check("/pages/charter", language, &got);
        assert!(got.contains(told) && !got.contains(untold), "{told}: {got}");
    }
}

#[tokio::test]
async fn a_document_is_checked_as_it_is_written() {
    let office = office().await;
    deploy(&office, DocumentKind::Norm, &norm()).await;
    let good = process().to_string();
    let asked = async |who: &str, language: &str, kind: &str, document: &str| {
        office.post(who, language, "/documents/check", &[("kind", kind), ("document", document)]).await
    };
    let said = |got: &Got| got.text.split_once("<p data-said>").unwrap().1.split_once("</p>").unwrap().0.to_owned();
    let got = asked("olga", "en", "process", &good).await;
    assert_eq!((got.status, said(&got).as_str()), (StatusCode::OK, "Checked as you write: there is no problem."));
    assert!(
        got.text.contains("id=\"live-step-work\"") && !got.text.contains("<html") && !got.text.contains(EVIL),
        "{}",
        got.text
    );
    let bad = good.replace("\"next\":\"work\"", "\"nxet\":\"work\"");
    for (language, sentence, named) in [
        ("en", "Checked as you write: 2 errors.", "<span lang=\"en\">Entry 0"),
        ("hi", "लिखते समय जाँच: 2 त्रुटियाँ।", "ऐसा कोई गुण नहीं है। <span lang=\"en\" class=\"soft\">Entry 0"),
    ] {
        let got = asked("olga", language, "process", &bad).await;
        assert_eq!((got.status, said(&got).as_str()), (StatusCode::OK, sentence));
        assert!(got.text.contains("<code data-pointer=\"/steps/0/nxet\">") && got.text.contains(named), "{}", got.text);
        assert!(!got.text.contains("<svg"), "{}", got.text);
    }
    let mut untranslated = page("charter", true);
    let got = asked("olga", "en", "page", &untranslated.to_string()).await;
    assert_eq!(said(&got), "Checked as you write: 1 warning.");
    assert!(got.text.contains("As it will be read") && got.text.contains("page.untranslated"), "{}", got.text);
    untranslated["sections"][0]["content"][3]["norms"][0] = json!("m");
    let got = asked("olga", "en", "page", &untranslated.to_string()).await;
    assert!(got.text.contains("<code data-pointer=\"/sections/0/content/3/norms/0\">"), "{}", got.text);
    assert_eq!(said(&asked("olga", "en", "norm", "{").await), "Checked as you write: 1 error.");

    assert_eq!(asked("nobody", "en", "process", &good).await.location, "/actor");
    assert_eq!(asked("olga", "en", "letter", &good).await.status, StatusCode::NOT_FOUND);
    assert_eq!(asked("olga", "en", "process", &"\"".repeat(300_000)).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    // Where the script finds its place.
    for (path, kind) in
        [("/documents/new", None), ("/definitions/check", Some("process")), ("/documents/process/t.sample", Some("process"))]
    {
        let text = office.get("olga", "hi", path).await.text;
        let place = tags(&text).into_iter().find(|tag| tag.contains(" data-live")).unwrap_or_else(|| panic!("{path}: {text}"));
        assert_eq!((attribute(place, "data-kind"), attribute(place, "data-max")), (kind, Some("262144")), "{path}");
        assert!(text.contains("<p role=\"status\">") && text.contains("live.js?v="), "{path}");
        // A link in what is shown there does not lose what was not saved.
        let form = tags(&text).into_iter().find(|tag| tag.contains("class=\"code-form\"")).expect("a form");
        assert!(form.contains(" data-guard"), "{path}: {form}");
    }
}
