//! A browser under control: chromedriver on a free port, and what a visitor does.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use super::pictures;

/// A running chromedriver; it ends with this.
pub(super) struct Driver {
    process: Child,
    address: String,
    _profiles: tempfile::TempDir,
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn is_installed(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

impl Driver {
    /// Starts chromedriver; none where it or Chromium is not installed.
    pub(super) async fn start() -> Option<Self> {
        if !is_installed("chromium") || !is_installed("chromedriver") {
            return None;
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let profiles = tempfile::tempdir().unwrap();
        let process = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .env("TMPDIR", profiles.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let driver = Self { process, address: format!("http://127.0.0.1:{port}"), _profiles: profiles };
        for _ in 0..200 {
            if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return Some(driver);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("chromedriver does not answer");
    }

    /// A browser window of a width, with script or without.
    pub(super) async fn open(&self, office: &str, width: u32, script: bool) -> Browser {
        let args = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--lang=en-US",
        ];
        let size = format!("--window-size={},900", width.max(500));
        let mut options = json!({ "args": args.iter().copied().chain([size.as_str()]).collect::<Vec<_>>() });
        // Windows cannot be narrow; a screen that is told to be can.
        if width < 500 {
            options["mobileEmulation"] =
                json!({ "deviceMetrics": { "width": width, "height": 844, "pixelRatio": 2.0, "touch": true } });
        }
        if !script {
            options["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 });
        }
        let Value::Object(wanted) = json!({ "goog:chromeOptions": options }) else { unreachable!("an object") };
        let client = ClientBuilder::new(HttpConnector::new()).capabilities(wanted).connect(&self.address).await.unwrap();
        Browser { client, office: office.to_owned() }
    }
}

/// A browser window.
pub(super) struct Browser {
    client: Client,
    office: String,
}

impl Browser {
    /// Goes to a page.
    pub(super) async fn go(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.office)).await.unwrap();
    }

    /// Chooses who acts.
    pub(super) async fn act_as(&self, handle: &str) {
        self.go("/actor").await;
        self.press(&format!("button[value='{handle}']")).await;
    }

    /// Presses a button, and waits for the page that comes.
    pub(super) async fn press(&self, button: &str) {
        let found = self.client.find(Locator::Css(button)).await;
        let found = match found {
            Ok(found) => found,
            Err(error) => panic!("{button}: {error}\n{}", self.words().await),
        };
        // The mark of the old page: it is gone once the new one is there.
        let old = self.client.find(Locator::Css("html")).await.unwrap();
        found.click().await.unwrap();
        for _ in 0..200 {
            if old.tag_name().await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.client.wait().for_element(Locator::Css("footer.bottom")).await.unwrap();
    }

    /// Writes into a field in place of what is there.
    pub(super) async fn write(&self, id: &str, value: &str) {
        let field = self.client.find(Locator::Id(id)).await.unwrap_or_else(|error| panic!("{id}: {error}"));
        // A day is typed as the browser shows it; clearing it first would be refused.
        if field.attr("type").await.unwrap().as_deref() != Some("date") {
            field.clear().await.unwrap();
        }
        field.send_keys(value).await.unwrap();
    }

    /// Fills a field of a form: a text, a choice (`=value`) or a box (`x`).
    pub(super) async fn fill(&self, name: &str, value: &str) {
        let choice = match value {
            "x" => format!("input[type=checkbox][name='f-{name}']"),
            _ => match value.strip_prefix('=') {
                Some(value) => format!("[name='f-{name}'][value='{value}'], [name='f-{name}'] option[value='{value}']"),
                None => return self.write(&format!("f-{name}"), value).await,
            },
        };
        self.client.find(Locator::Css(&choice)).await.unwrap_or_else(|error| panic!("{name}: {error}")).click().await.unwrap();
    }

    /// Whether something is on the page.
    pub(super) async fn has(&self, what: &str) -> bool {
        self.client.find(Locator::Css(what)).await.is_ok()
    }

    /// Whether something is on the page and can be seen.
    pub(super) async fn shown(&self, what: &str) -> bool {
        self.client.find(Locator::Css(what)).await.unwrap().is_displayed().await.unwrap()
    }

    /// The value of a field.
    pub(super) async fn value(&self, id: &str) -> String {
        self.client.find(Locator::Id(id)).await.unwrap().prop("value").await.unwrap().unwrap_or_default()
    }

    /// An attribute of an element.
    pub(super) async fn attribute(&self, what: &str, name: &str) -> String {
        self.client.find(Locator::Css(what)).await.unwrap().attr(name).await.unwrap().unwrap_or_default()
    }

    /// The path of the page.
    pub(super) async fn path(&self) -> String {
        self.client.current_url().await.unwrap().path().to_owned()
    }

    /// The text of something, once it is there and shown.
    pub(super) async fn comes(&self, what: &str) -> String {
        self.client.wait().for_element(Locator::Css(what)).await.unwrap().text().await.unwrap()
    }

    /// The text of something, once it says this.
    pub(super) async fn says(&self, what: &str, wanted: &str) -> String {
        let mut told = String::new();
        for _ in 0..400 {
            let found = self.client.find(Locator::Css(what)).await.unwrap_or_else(|error| panic!("{what}: {error}"));
            told = found.text().await.unwrap_or_default();
            if told.contains(wanted) {
                return told;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("{what} says {told:?}, and not {wanted:?}");
    }

    /// What a script returns, once that is something.
    pub(super) async fn ask(&self, script: &str) -> Value {
        for _ in 0..400 {
            let answer = self.client.execute(script, Vec::new()).await.unwrap();
            if !answer.is_null() {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("{script} returns nothing");
    }

    /// Presses the Enter key in something.
    pub(super) async fn enter(&self, what: &str) {
        self.client.find(Locator::Css(what)).await.unwrap().send_keys("\u{e007}").await.unwrap();
    }

    /// Runs a script in the page.
    pub(super) async fn script(&self, script: &str) {
        self.client.execute(script, Vec::new()).await.unwrap();
    }

    /// The words of the page.
    pub(super) async fn words(&self) -> String {
        let main = self.client.find(Locator::Css("main")).await.unwrap();
        main.text().await.unwrap()
    }

    /// How wide the page is, and the screen.
    pub(super) async fn widths(&self) -> (u64, u64) {
        let script = "return [document.documentElement.scrollWidth, window.innerWidth]";
        let widths = self.client.execute(script, Vec::new()).await.unwrap();
        (widths[0].as_u64().unwrap(), widths[1].as_u64().unwrap())
    }

    /// Keeps a picture under `target/screenshots`.
    pub(super) async fn picture(&self, name: &str) {
        let picture = self.client.screenshot().await.unwrap();
        std::fs::write(pictures().join(format!("{name}.png")), picture).unwrap();
    }

    /// Closes the window.
    pub(super) async fn close(self) {
        self.client.close().await.unwrap();
    }
}
