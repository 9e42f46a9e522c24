//! Documents checked as one writes, in a real browser: the sentence, the problems and the picture come by themselves, a problem leads to its line,
//! nobody's focus is moved, and on a slow link only one question is on its way.

use super::driver::{Browser, Driver};
use super::serve;

const STATUS: &str = "[data-live] [role=status]";

/// A process whose second step leads to `next`.
fn process(next: &str) -> String {
    format!(
        "{{\n  \"id\": \"x\",\n  \"title\": {{ \"en\": \"X\" }},\n  \"owner\": {{ \"post\": \"sqm-nodal-officer\" }},\n  \"steps\": [\n    \
         {{ \"id\": \"begin\", \"type\": \"startEvent\",\n      \"next\": \"{next}\" }},\n    {{ \"id\": \"done\", \"type\": \"endEvent\" }}\n  ]\n}}"
    )
}

/// How much is told of the text.
const COUNT: &str = "return document.querySelectorAll('[data-live] section > *').length";

/// Puts a text into the field as a paste does.
async fn paste(browser: &Browser, text: &str) {
    let text = serde_json::to_string(text).unwrap();
    let script = format!(
        "const area = document.querySelector('#document'); area.focus(); area.value = {text};
        area.dispatchEvent(new Event('input', {{ bubbles: true }}));"
    );
    browser.script(&script).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_is_checked_as_one_writes() {
    let Some(driver) = Driver::start().await else {
        tests::skip("chromium is missing");
        return;
    };
    let served = serve().await;
    let browser = driver.open(&served.address, 1280, true).await;
    browser.act_as("m-desai").await;
    browser.go("/language/en?to=/documents/new").await;
    assert!(!browser.shown("[data-live] section").await, "nothing is there before anything is written");
    assert!(
        browser.ask("return document.querySelector('[data-live] [role=status]').closest('[hidden]') === null").await == true,
        "but its place is"
    );

    // Typed by hand.
    browser.write("document", "{\"id\": \"x\", \"steps\": 7}").await;
    let told = browser.says(STATUS, "errors").await;
    assert!(told.starts_with("Checked as you write: "), "{told}");
    assert_eq!(browser.ask("return document.activeElement.id").await, "document", "whoever writes goes on writing");

    paste(&browser, &process("done")).await;
    browser.says(STATUS, "there is no problem").await;
    assert!(browser.has("[data-live] svg.bpmn").await, "it is drawn");
    browser.picture("desk-18-live").await;

    // A problem leads to its line, by the keyboard too.
    paste(&browser, &process("doen")).await;
    browser.says(STATUS, "error").await;
    assert!(!browser.has("[data-live] svg").await, "what is wrong is not drawn");
    browser.script("document.querySelector('[data-live] .problems button[data-pointer=\"/steps/0/next\"]').focus()").await;
    browser.enter("[data-live] .problems button[data-pointer=\"/steps/0/next\"]").await;
    let chosen = "const area = document.activeElement; return area.value.slice(area.selectionStart, area.selectionEnd)";
    assert_eq!(browser.ask(chosen).await, "      \"next\": \"doen\" },");
    browser.picture("desk-19-live-problem").await;

    // Another kind, chosen in the same form.
    browser.script("const kind = document.querySelector('#kind'); kind.value = 'norm'; kind.dispatchEvent(new Event('input', { bubbles: true }))").await;
    browser.says("[data-live]", "editions").await;
    slow(&browser).await;
    back(&browser).await;
    held(&browser).await;

    // What cannot be asked is said, and so is what is too long to be asked.
    browser.script("window.fetch = () => Promise.reject(new TypeError('the link is down'))").await;
    paste(&browser, &process("a")).await;
    browser.says(STATUS, "could not be checked just now").await;
    assert_eq!(browser.ask(COUNT).await, 0, "what was said of another text is not left standing");
    paste(&browser, &"x".repeat(300_000)).await;
    browser.says(STATUS, "too long to be checked as you write").await;

    // In Hindi, on a draft of a page.
    browser.go("/language/hi?to=/documents/page/charter").await;
    browser.script("document.querySelector('details:has(#document)').open = true").await;
    let text = browser.value("document").await;
    paste(&browser, &text.replacen("cbic.acknowledge", "cbic.acknowledged", 1)).await;
    browser.says(STATUS, "लिखते समय जाँच: 1 त्रुटि").await;
    assert!(browser.words().await.contains("page.unknown-norm"));
    paste(&browser, &text).await;
    browser.says(STATUS, "कोई त्रुटि नहीं है").await;
    browser.says("[data-live]", "पत्राचार की अभिस्वीकृति").await;
    browser.picture("desk-20-live-page").await;
    browser.close().await;
    served.stop.send(true).unwrap();
    served.server.await.unwrap().unwrap();
}

/// The first answer is held back while two more texts are written: nothing else is asked meanwhile, and only the newest is told of.
async fn slow(browser: &Browser) {
    browser.script("document.querySelector('#kind').value = 'process'").await;
    browser
        .script(
            "window.asked = []; window.heard = [];
            const held = new Promise((go) => { window.release = go; });
            const real = window.fetch;
            window.fetch = async (...what) => { asked.push(new URLSearchParams(what[1].body).get('document')); await held; return real(...what); };
            const status = document.querySelector('[data-live] [role=status]');
            new MutationObserver(() => heard.push(status.textContent)).observe(status, { childList: true, characterData: true, subtree: true });",
        )
        .await;
    paste(browser, "{").await;
    browser.ask("return asked.length > 0 || null").await;
    paste(browser, "[1]").await;
    paste(browser, &process("done")).await;
    browser.script("window.written = performance.now()").await;
    // More than the pause after which it would ask.
    browser.ask("return performance.now() - written > 1500 || null").await;
    assert_eq!(browser.ask("return asked.length").await, 1, "one question is on its way");
    browser.script("release()").await;
    browser.says(STATUS, "there is no problem").await;
    assert_eq!(browser.ask("return asked.length").await, 2, "what was overtaken is never asked");
    let heard = browser.ask("return heard").await;
    assert_eq!(heard, serde_json::json!(["Checked as you write: there is no problem."]), "and the first answer is not told");
}

/// While an answer is on its way the text becomes another, and is the first again before that is asked: what stands there then is of the first.
async fn back(browser: &Browser) {
    browser
        .script(
            "window.sent = []; window.answered = false;
            const held = new Promise((go) => { window.release = go; });
            const real = window.fetch;
            window.fetch = async (...what) => { sent.push(what); const answer = await real(...what); await held; window.answered = true; return answer; };",
        )
        .await;
    let wrong = serde_json::to_string(&process("doen")).unwrap();
    paste(browser, &process("doen")).await;
    browser.ask("return sent.length > 0 || null").await;
    // In one go, so that the pause is not over in between.
    browser
        .script(&format!(
            "const area = document.querySelector('#document');
            const write = (text) => {{ area.value = text; area.dispatchEvent(new Event('input', {{ bubbles: true }})); }};
            write('{{');
            release();
            const waits = setInterval(() => {{
                if (!answered || document.querySelector('[data-live] [aria-busy]')) return;
                clearInterval(waits);
                write({wrong});
            }}, 10);"
        ))
        .await;
    browser.says(STATUS, "error").await;
    assert_eq!(browser.ask("return sent.length").await, 2, "it is asked about once more, the other never");
}

/// Whoever stands in the panel is not thrown out of it into the text.
async fn held(browser: &Browser) {
    paste(browser, &process("done")).await;
    browser.says(STATUS, "there is no problem").await;
    browser
        .script("document.querySelector('[data-live] section [tabindex]').focus(); document.activeElement.dataset.old = 'yes'")
        .await;
    browser
        .script(&format!(
            "const area = document.querySelector('#document'); area.value = {} + ' '; area.dispatchEvent(new Event('input', {{ bubbles: true }}))",
            serde_json::to_string(&process("done")).unwrap()
        ))
        .await;
    let fresh = "const one = document.querySelector('[data-live] section [tabindex]'); return one && !one.dataset.old && document.activeElement === one || null";
    browser.ask(fresh).await;
}
