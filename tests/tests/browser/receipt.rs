//! A receipt that the reader's own browser checks too: what is signed passes, and whatever of it is changed does not.

use api::server::Limits;
use engine::digest::leaf_hash;
use engine::journal::Command;
use engine::model::{UnitId, Values};
use engine::store::Store as _;
use tests::client::Served;
use tests::world::small_office;

use super::driver::Driver;

const SHORT: &str = r#"{
    "id": "short", "title": { "en": "Short" }, "owner": { "post": "post-a" },
    "steps": [{ "id": "begin", "type": "startEvent", "next": "end" }, { "id": "end", "type": "endEvent" }]
}"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_checks_a_receipt_by_itself() {
    let Some(driver) = Driver::start().await else {
        tests::skip("chromium is missing");
        return;
    };
    let served = Served::new(&small_office(), "office", Limits::default()).await;
    served.world.deploy(SHORT).await.unwrap();
    for _ in 0..6 {
        let start =
            Command::StartInstance { process: "short".to_owned(), definition: None, number: None, data: Values::default() };
        served.world.submit("asha", start).await.unwrap();
    }
    served.sign().await;
    let unit: UnitId = "office".parse().unwrap();
    let entries = served.world.engine.store().entries(&unit, 0, 99).await.unwrap();
    let browser = driver.open(&format!("http://{}", served.address), 1280, true).await;
    // Each entry has a path of another shape.
    for (index, entry) in entries.iter().enumerate() {
        let leaf = leaf_hash(entry.leaf.as_bytes());
        browser.go(&format!("/receipt?log=office.example/unit/office/1&index={index}&leaf={leaf}")).await;
        let told = browser.comes("[data-receipt]:not([hidden])").await;
        assert!(
            told.starts_with("Your browser has checked it too") && told.contains("the signature by the key"),
            "{index}: {told}"
        );
    }
    browser.picture("desk-17-checked-receipt").await;

    // The page is as the server sent it; what the script is given is changed, and it is run once more.
    let other = leaf_hash(b"another");
    for (name, value) in [
        ("leaf", other.to_string()),
        ("index", "1".to_owned()),
        ("key", "office.example/unit/office/1+00000000+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned()),
    ] {
        browser
            .go(&format!("/receipt?log=office.example/unit/office/1&index=2&leaf={}", leaf_hash(entries[2].leaf.as_bytes())))
            .await;
        browser.comes("[data-receipt]:not([hidden])").await;
        let again = format!(
            "const place = document.querySelector('[data-receipt]'); place.hidden = true; place.dataset.{name} = '{value}';
            const script = document.createElement('script'); script.src = '/assets/receipt.js'; document.head.append(script);"
        );
        browser.script(&again).await;
        let told = browser.comes("[data-receipt]:not([hidden])").await;
        assert!(told.contains("the proof fails"), "{name}: {told}");
    }
    browser.close().await;
    served.stop().await;
}
