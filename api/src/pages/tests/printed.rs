//! What the printed file of a case says: values by their labels, what was erased and what is withheld, and who acted by which order.

use std::sync::Arc;

use axum::extract::FromRequestParts as _;
use engine::model::Time;
use engine::model::reading::Through;
use engine::runtime::clock::{Clock as _, ManualClock};

use super::super::case::find;
use super::super::file::file;
use super::super::file_proof::Sealed;
use super::super::print::is_too_much;
use super::super::visit::Visit;
use super::*;
use crate::paper::{Fonts, Paper, Part};

async fn visit(office: &Office, who: &str, language: &str) -> Visit {
    let request = Request::get("/").header(header::COOKIE, format!("actor={who}; language={language}"));
    let peer = ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 9)));
    let (mut parts, ()) = request.extension(peer).body(()).unwrap().into_parts();
    let Ok(visit) = Visit::from_request_parts(&mut parts, &office.app).await;
    visit
}

async fn paper(office: &Office, who: &str, language: &str, case: &str, withheld: Option<&str>) -> Paper {
    let visit = visit(office, who, language).await;
    let through = withheld.is_none().then_some(Through::File);
    let found = find(&visit, case.trim_start_matches("/cases/"), None, through).await.unwrap();
    file(&visit, &found, &Sealed::Pending(3), withheld)
}

/// All that stands under labels.
fn facts(paper: &Paper) -> Vec<(String, String)> {
    let facts = paper.parts.iter().filter_map(|part| if let Part::Facts(facts) = part { Some(facts.clone()) } else { None });
    facts.flatten().collect()
}

fn has(paper: &Paper, label: &str, text: &str) -> bool {
    facts(paper).iter().any(|(one, other)| one == label && other.contains(text))
}

#[tokio::test]
async fn it_says_what_was_lodged_and_what_was_erased_since() {
    let clock = Arc::new(ManualClock::new(Time::parse("2026-11-24T04:30:00Z").unwrap()));
    let office = office_with(Options { clock: Arc::clone(&clock) as Arc<_>, ..Options::default() }).await;
    let case = office.start("k-1").await;
    let english = paper(&office, "wim", "en", &case, None).await;
    assert!(has(&english, "Amount", "1,23,456.50") && has(&english, "Lodged by", "Pia"), "{english:#?}");
    assert!(has(&english, "Recorded", "24 November 2026, 10:00 IST"), "{english:#?}");
    let hindi = paper(&office, "wim", "hi", &case, None).await;
    assert!(hindi.language == "hi" && has(&hindi, "अभिलेखन का समय", "24 नवंबर 2026"), "{hindi:#?}");

    // Withheld on a ground: personal values, and who is no official; an official's name is not.
    let withheld = paper(&office, "wim", "en", &case, Some("s. 8(1)(j) RTI Act")).await;
    assert!(has(&withheld, "Amount", "withheld") && has(&withheld, "Lodged by", "withheld"), "{withheld:#?}");
    let said = format!("{withheld:?}");
    assert!(said.contains("s. 8(1)(j) RTI Act") && !said.contains("1,23,456") && !said.contains("Pia"), "{said}");

    let post = async |who: &str, what: &str, form: &[(&str, &str)]| {
        let got = office.post(who, "en", &format!("{case}/{what}"), form).await;
        assert_eq!(got.location, case, "{}", got.text);
    };
    post("olga", "cancel", &[("key", "k-2"), ("reason", "Withdrawn")]).await;
    let over = paper(&office, "wim", "en", &case, None).await;
    assert!(has(&over, "By", "Owner") && has(&over, "By", "office order") && has(&over, "Status", "cancelled"), "{over:#?}");
    clock.move_to(clock.now().plus_seconds(11 * 366 * 86_400));
    post("olga", "erase", &[("key", "k-3"), ("ground", "Kept long enough"), ("authority", "Order 9")]).await;
    let page = office.get("wim", "en", &case).await.text;
    let proposal = page.split("name=\"proposal\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    post("wim", "approve-erasure", &[("key", "k-4"), ("proposal", proposal)]).await;
    let erased = paper(&office, "wim", "en", &case, None).await;
    assert!(has(&erased, "Amount", "Erased: see entry "), "{erased:#?}");
    assert!(facts(&erased).iter().any(|(_, text)| text == "Kept long enough"), "{erased:#?}");
    assert!(facts(&erased).iter().any(|(_, text)| text == "Order 9"), "{erased:#?}");
    assert!(!format!("{erased:?}").contains("1,23,456"), "{erased:#?}");
}

#[tokio::test]
async fn it_has_every_entry_with_its_hash_and_ends_with_the_proof() {
    let office = office().await;
    let case = office.start("k-1").await;
    let task = format!("/tasks/top.{}", office.task().await);
    office.post("wim", "en", &format!("{task}/claim"), &[("key", "k-2")]).await;
    let form = [("key", "k-3"), ("f-lines", "A remark"), ("f-few", "b"), ("f-count", "7")];
    assert_eq!(office.post("wim", "en", &format!("{task}/complete"), &form).await.status, StatusCode::SEE_OTHER);
    let visit = visit(&office, "wim", "en").await;
    let found = find(&visit, case.trim_start_matches("/cases/"), None, Some(Through::File)).await.unwrap();
    let paper = file(&visit, &found, &Sealed::Pending(3), None);
    let tables: Vec<String> = paper
        .parts
        .iter()
        .filter_map(|part| if let Part::Table(table) = part { Some(format!("{table:?}")) } else { None })
        .collect();
    let entries = tables.last().unwrap();
    for entry in &found.history {
        assert!(entries.contains(&entry.leaf_hash.to_string()), "{entries}");
    }
    assert!(tables[0].contains("Note") && tables[0].contains(&found.history[2].leaf_hash.to_string()), "the record: {tables:?}");
    assert!(has(&paper, "Lines", "A remark") && has(&paper, "Count", "7"), "{paper:#?}");
    let last = paper.parts.iter().rposition(|part| *part == Part::Break).unwrap();
    let rest = format!("{:?}", &paper.parts[last..]);
    assert!(rest.contains("signed up to 3 entries") && rest.contains("Squares") && rest.contains("sevottam verify"), "{rest}");
}

#[tokio::test]
async fn without_fonts_it_says_what_to_install_and_what_is_too_long_is_refused() {
    let mut office = office().await;
    let case = office.start("k-1").await;
    office.app.fonts = Fonts { folder: Some("/nonexistent".into()) };
    office.router = super::super::router()
        .layer(Extension(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 9)))))
        .with_state(office.app.clone());
    for language in ["en", "hi"] {
        let got = office.get("wim", language, &format!("{case}/file.pdf")).await;
        assert_eq!(got.status, StatusCode::SERVICE_UNAVAILABLE);
        check("file.pdf", language, &got.text);
        assert!(got.text.contains("fonts-noto-core") && got.text.contains("file.no-fonts"), "{}", got.text);
    }
    let got = office.get("wim", "en", &format!("{case}/file.pdf?withhold={}", "x".repeat(2_001))).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.text.contains("file.too-long"), "{}", got.text);
    assert!(!is_too_much(2_000, Some("a ground")) && !is_too_much(2_000, None));
    assert!(is_too_much(2_001, None));
}
