//! A refund claim from its start to its end in a real browser: as several people, without script, in English and Hindi, at a desk; then
//! on a phone. Skipped, aloud, where there is no Chromium.

mod driver;
mod live;
mod receipt;

use std::path::PathBuf;

use api::app::App;
use api::app::directory::{Directory, set_up};
use engine::journal::{Actor, Command, Envelope};
use engine::model::document::DocumentKind;
use engine::model::{InstanceStatus, UnitId};
use engine::runtime::{Engine, Options};
use engine::store::AnyStore;
use engine::store::sqlite::SqliteStore;
use engine::store::{InstanceQuery, Store};
use tests::world::text;

use driver::Driver;

/// What is put into a field: its name in the form, and the text; a choice by its value, a box by `x`.
type Entry = (&'static str, &'static str);

/// Who does which step of the claim, with what.
const WORK: [(&str, &str, &[Entry]); 9] = [
    ("u-yadav", "receive", &[("claim_no", "REF/2026/8"), ("claim_serial", "8"), ("received_on", "04012026")]),
    ("f-khan", "scrutinise", &[("complete", "=true"), ("scrutiny_note", "All documents are there.")]),
    ("f-khan", "acknowledge", &[("acknowledgement_no", "ACK-8"), ("complete_on", "04012026")]),
    ("p-gill", "verify", &[("verified_amount", "1,20,000.00"), ("verification_report", "Payment verified; no dues.")]),
    ("s-chatterjee", "propose", &[("view", "=sanction"), ("view_reasons", "Admissible as verified.")]),
    (
        "s-chatterjee",
        "sanction-order",
        &[
            ("order_no", "R-8/2026"),
            ("order_date", "04102026"),
            ("decision", "=sanction"),
            ("sanctioned_amount", "१,२०,०००"),
            ("order_reasons", "शुल्क दो बार जमा हुआ।"),
        ],
    ),
    ("u-yadav", "dispatch", &[("dispatch_no", "D-101"), ("sent_on", "04112026")]),
    ("l-das", "pay", &[("payment_advice_no", "PA-55"), ("paid_on", "04122026")]),
    ("j-menon", "post-audit", &[("post_audit_ok", "=true"), ("post_audit_remarks", "In order.")]),
];

/// An office on show, served on a free port.
struct Served {
    engine: api::app::Engine,
    unit: UnitId,
    address: String,
    stop: tokio::sync::watch::Sender<bool>,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
    _keep: tempfile::TempDir,
}

async fn serve() -> Served {
    let keep = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&keep.path().join("office.db"), engine::store::sqlite::Options::default()).await.unwrap();
    let engine = Engine::open(AnyStore::Sqlite(store), Options::default()).await.unwrap();
    let directory: Directory = serde_json::from_str(&text("definitions/office.json")).unwrap();
    set_up(&engine, &directory).await.unwrap();
    tests::world::deploy_shipped(&engine).await;
    let unit: UnitId = "demo-commissionerate".parse().unwrap();
    let command = Command::DeployDefinition { document: text("definitions/processes/svc.refund.json") };
    engine.submit(&unit, Envelope::new(Actor::System, "deploy", command)).await.unwrap();
    for file in ["cert.surveillance", "cpgrams.morning", "grv.root-cause", "sqm.audit-at-first"] {
        let document = text(format!("definitions/schedules/{file}.json"));
        let command = Command::DeployDocument { kind: DocumentKind::Schedule, document };
        engine.submit(&UnitId::site(), Envelope::new(Actor::System, file, command)).await.unwrap();
    }
    for file in ["charter", "sqm.documents"] {
        let command =
            Command::DeployDocument { kind: DocumentKind::Page, document: text(format!("definitions/pages/{file}.json")) };
        engine.submit(&UnitId::site(), Envelope::new(Actor::System, file, command)).await.unwrap();
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let app = App { demo: true, ..App::new(engine.clone()) };
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let server = tokio::spawn(api::server::serve(app, listener, stopped));
    Served { engine, unit, address, stop, server, _keep: keep }
}

fn pictures() -> PathBuf {
    let folder = tests::top().join("target/screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_goes_its_way_through_the_pages() {
    let Some(driver) = Driver::start().await else {
        tests::skip("chromium is missing");
        return;
    };
    let served = serve().await;
    let case = without_script(&served, &driver).await;
    the_plan(&served, &driver).await;
    on_a_phone(&served, &driver, &case).await;
    served.stop.send(true).unwrap();
    served.server.await.unwrap().unwrap();
}

/// The whole claim, without script; its path.
async fn without_script(served: &Served, driver: &Driver) -> String {
    let browser = driver.open(&served.address, 1280, false).await;
    browser.act_as("kavita-rao").await;
    browser.go("/start/svc.refund").await;
    // Sent empty it comes back with what is missing, and what was written is kept.
    browser.write("f-claimant_name", "Kavita Rao").await;
    browser.press("form[action='/start/svc.refund'] button.main").await;
    assert!(browser.has(".summary a[href='#f-amount']").await, "the summary leads to the field");
    assert_eq!(browser.value("f-claimant_name").await, "Kavita Rao");
    browser.picture("desk-1-error").await;
    for (name, value) in [
        ("claimant_address", "12 Example Road, Demo City"),
        ("kind", "=customs"),
        ("amount", "1,20,000.00"),
        ("period", "January 2026"),
        ("grounds", "Duty paid twice <script>alert(1)</script>"),
        ("documents", "Bill of entry\nBoth challans"),
        ("bank_account", "DEMO0000001 / 000111222333"),
    ] {
        browser.fill(name, value).await;
    }
    browser.press("form[action='/start/svc.refund'] button.main").await;
    let receipt = browser.path().await;
    assert!(receipt.ends_with("/receipt"), "{receipt}");
    assert!(!browser.shown("button[data-print]").await, "script is off, so the button to print is not shown");
    browser.picture("desk-2-receipt").await;
    let case = receipt.trim_end_matches("/receipt").to_owned();

    for (place, (who, step, entries)) in WORK.iter().enumerate() {
        browser.act_as(who).await;
        // The second half in Hindi.
        browser.go(&format!("/language/{}?to=/", if place < 4 { "en" } else { "hi" })).await;
        browser.press("#offered ~ table form button").await;
        for (name, value) in *entries {
            browser.fill(name, value).await;
        }
        browser.picture(&format!("desk-{}-{step}", place + 3)).await;
        browser.press("#work button.main").await;
        assert!(browser.has(".notice.done").await, "{step} is done:\n{}", browser.words().await);
    }
    browser.act_as("n-joseph").await;
    browser.go(&case).await;
    assert!(browser.has(".title .tag.done").await, "the case is completed");
    browser.picture("desk-12-case").await;
    browser.press(".clock:last-of-type a").await;
    assert!(browser.path().await.contains("/clocks/"), "why the date is what it is lies one link away");
    assert!(browser.has("table tbody tr.end").await, "day by day to the end:\n{}", browser.words().await);
    browser.picture("desk-16-deadline").await;
    let query = InstanceQuery { limit: 5, ..InstanceQuery::default() };
    let cases = served.engine.store().instances(&served.unit, &query).await.unwrap();
    assert_eq!(cases.iter().map(|case| case.status).collect::<Vec<_>>(), [InstanceStatus::Completed]);
    let state = served.engine.instance(&served.unit, cases[0].id).await.unwrap().unwrap();
    assert_eq!(state.variable(0, "payable").and_then(|value| value.as_str()), Some("120000"));
    assert_eq!(state.variable(0, "claim_serial"), Some(&serde_json::json!(8)));
    browser.close().await;
    case
}

/// The coordinator gives a date that a schedule waits for, without script, and looks at the year.
async fn the_plan(served: &Served, driver: &Driver) {
    let browser = driver.open(&served.address, 1280, false).await;
    browser.act_as("m-desai").await;
    browser.go("/language/en?to=/plan").await;
    browser.picture("desk-13-plan").await;
    browser.write("date-certificate-issued", "04012026").await;
    browser.press("#anchor-certificate-issued form button").await;
    assert!(browser.words().await.contains("1 April 2026"), "it is given:\n{}", browser.words().await);
    browser.go("/plan#year").await;
    browser.picture("desk-13-plan-year").await;
    browser.go("/language/hi?to=/plan").await;
    browser.go("/plan#schedules").await;
    browser.picture("desk-14-plan").await;
    browser.go("/calendars/in.central.delhi?year=2026").await;
    browser.picture("desk-15-calendar").await;
    browser.close().await;
}

/// Every kind of page at 390 pixels, in both languages: nothing is wider than the screen.
async fn on_a_phone(served: &Served, driver: &Driver, case: &str) {
    let browser = driver.open(&served.address, 390, true).await;
    browser.act_as("n-joseph").await;
    let deadline = format!("{case}/clocks/cbic.refund");
    let pages = [
        "/",
        "/cases",
        case,
        &deadline,
        "/start",
        "/start/svc.refund",
        "/definitions",
        "/definitions/svc.refund/1",
        "/definitions/check",
        "/plan",
        "/calendars/in.central.delhi?year=2026",
        "/norms",
        "/norms/cbic.refund",
        "/pages",
        "/pages/charter",
        "/documents/page/charter",
        "/office",
        "/actor",
    ];
    for language in ["en", "hi"] {
        browser.go(&format!("/language/{language}?to=/")).await;
        for page in pages {
            browser.go(page).await;
            assert_eq!(browser.attribute("html", "lang").await, language);
            let (wide, screen) = browser.widths().await;
            assert!(wide <= screen, "{page} in {language} is {wide} pixels wide on a screen of {screen}");
            let name = page.trim_matches('/').split(['/', '.']).collect::<Vec<_>>().join("-");
            let name: String = name.chars().take(24).collect();
            browser.picture(&format!("phone-{language}-{name}")).await;
        }
    }
    browser.close().await;
}
