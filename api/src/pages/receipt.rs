//! Checking a receipt, by anyone: whether the entry is in the log as it is signed, and in plain words what that proves.

use axum::extract::{Query, State};
use axum::response::Response;
use engine::digest::Hash;
use engine::evidence::Verdict;
use maud::{Markup, html};
use serde::Deserialize;

use super::assets;
use super::form::Control;
use super::frame::Frame;
use super::parts::{self, Tone};
use super::say::key;
use super::visit::{Visit, page};
use crate::app::App;
use crate::app::evidence::{LogName, Newest, NoEvidence};

/// A receipt as it was typed in, or as a slip's link has it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    log: String,
    #[serde(default)]
    index: String,
    #[serde(default)]
    leaf: String,
}

/// What came of it.
enum Outcome {
    /// Nothing was asked yet.
    Empty,
    /// It is no receipt of this office; which field cannot be one.
    Malformed(&'static str),
    /// The entry is there.
    Proved(Box<Newest>, LogName, u64),
    /// Another entry stands there.
    Other(LogName),
    /// It is not signed yet; up to how many entries are.
    Pending(u64),
    /// Nothing is signed.
    Unsigned,
    /// The log is not what was signed, or what the site's log took in of it, or cannot be read now.
    Broken,
}

/// The page. Nobody needs to sign in for it.
pub(super) async fn show(visit: Visit, State(app): State<App>, Query(asked): Query<Asked>) -> Response {
    let outcome = check(&app, &visit, &asked).await;
    let answer = async {
        let w = &visit.w;
        let failed = matches!(outcome, Outcome::Malformed(_));
        let body = html! {
            p class="lead" { (w.say("verify-lead")) }
            (told(&visit, &asked, &outcome))
            (form(&visit, &asked, &outcome))
        };
        page(Frame::new(&visit, &w.say("verify-title")).failed(failed).show(&body))
    };
    visit.answer(answer.await)
}

async fn check(app: &App, visit: &Visit, asked: &Asked) -> Outcome {
    let [log, index, leaf] = [&asked.log, &asked.index, &asked.leaf].map(|text| text.trim());
    if [log, index, leaf].iter().all(|text| text.is_empty()) {
        return Outcome::Empty;
    }
    let host = &app.engine.options().host;
    let path = log.strip_prefix(host.as_str()).and_then(|rest| rest.strip_prefix('/'));
    let Some((name, "")) = path.and_then(LogName::read) else { return Outcome::Malformed("log") };
    let Ok(index) = index.parse::<u64>() else { return Outcome::Malformed("index") };
    let Ok(leaf) = leaf.parse::<Hash>() else { return Outcome::Malformed("leaf") };
    // A receipt names the log as it began; it may have been signed under a later epoch since.
    let name = app.evidence.latest(name).await;
    match app.evidence.proof(app.engine.store(), &name, index).await {
        Ok((proof, _, newest)) => match proof.verify(&leaf, &newest.key) {
            Ok(Verdict::Included(_)) => agreed(app, visit, newest, name, index).await,
            Ok(Verdict::Differs(_)) => Outcome::Other(name),
            Err(_) => Outcome::Broken,
        },
        Err(NoEvidence::Beyond(size)) => Outcome::Pending(size),
        Err(NoEvidence::Unsigned) => Outcome::Unsigned,
        Err(error) => {
            tracing::error!(%error, "a receipt cannot be checked");
            Outcome::Broken
        }
    }
}

/// The entry is in the log; where the site's log took that in, it must have taken in the same.
async fn agreed(app: &App, visit: &Visit, newest: Newest, name: LogName, index: u64) -> Outcome {
    if let Some(taken) = visit.office.taken.get(&newest.checkpoint.origin) {
        match app.evidence.begins(app.engine.store(), &name, &newest, taken.size, taken.root).await {
            Ok(true) => {}
            Ok(false) => {
                tracing::error!(
                    origin = newest.checkpoint.origin,
                    size = taken.size,
                    "a log is not what the site log took in of it"
                );
                return Outcome::Broken;
            }
            Err(error) => {
                tracing::error!(%error, "a receipt cannot be checked");
                return Outcome::Broken;
            }
        }
    }
    Outcome::Proved(Box::new(newest), name, index)
}

fn told(visit: &Visit, asked: &Asked, outcome: &Outcome) -> Markup {
    let w = &visit.w;
    let notice = |tone, title: &str, text: &str| parts::notice(tone, title, text);
    match outcome {
        Outcome::Empty => html! {},
        Outcome::Malformed(_) => notice(Tone::Problem, &w.say("verify-malformed"), &w.say("verify-malformed-what")),
        Outcome::Other(name) => html! {
            (notice(Tone::Problem, &w.say("verify-other"), &w.say("verify-other-what")))
            (restored(visit, name))
        },
        Outcome::Pending(size) => {
            let text = w.with("verify-pending-what", &[("size", &size.to_string())]);
            notice(Tone::Warning, &w.say("verify-pending"), &text)
        }
        Outcome::Unsigned => notice(Tone::Warning, &w.say("verify-unsigned"), &w.say("verify-unsigned-what")),
        Outcome::Broken => notice(Tone::Problem, &w.say("verify-broken"), &w.say("verify-broken-what")),
        Outcome::Proved(newest, name, index) => html! {
            (notice(Tone::Done, &w.say("verify-proved"), ""))
            dl class="facts receipt" {
                div { dt { (w.say("receipt-log")) } dd { code { (newest.checkpoint.origin) } } }
                div { dt { (w.say("receipt-index")) } dd { code { (index) } } }
                div { dt { (w.say("receipt-leaf")) } dd { code { (asked.leaf.trim()) } } }
                div { dt { (w.say("verify-size")) } dd { code { (newest.checkpoint.size) } } }
                div { dt { (w.say("verify-root")) } dd { code { (newest.checkpoint.root) } } }
                div { dt { (w.say("verify-key")) } dd { code { (newest.key) } } }
            }
            (again(visit, asked, newest, name, *index))
            @if let Some(taken) = visit.office.taken.get(&newest.checkpoint.origin).filter(|taken| taken.size > *index) {
                p { (w.with("verify-taken", &[("size", &taken.size.to_string()), ("time", &w.time(taken.time))])) }
            }
            (restored(visit, name))
            section aria-labelledby="proves" {
                h2 id="proves" { (w.say("verify-proves")) }
                ul {
                    @for line in [key("verify-proves-there"), key("verify-proves-whole"), key("verify-proves-keep")] { li { (w.say(line)) } }
                }
                h2 { (w.say("verify-proves-not")) }
                ul { @for line in [key("verify-not-true"), key("verify-not-alone")] { li { (w.say(line)) } } }
            }
            p class="actions" {
                a class="button" href={ "/log/" (name.path()) "/proof/" (index) } download { (w.say("verify-proof")) }
                " " a class="button plain" href={ "/log/" (name.path()) "/checkpoint" } { (w.say("verify-checkpoint")) }
            }
        },
    }
}

/// Where the reader's own browser says what it found, if it can check; without script nothing is there.
fn again(visit: &Visit, asked: &Asked, newest: &Newest, name: &LogName, index: u64) -> Markup {
    let w = &visit.w;
    html! {
        p role="status" hidden data-receipt data-proof={ "/log/" (name.path()) "/proof/" (index) } data-index=(index)
            data-leaf=(asked.leaf.trim()) data-key=(newest.key) data-good=(w.say("verify-here-good")) data-part=(w.say("verify-here-part"))
            data-bad=(w.say("verify-here-bad")) data-unable=(w.say("verify-here-unable")) {}
        script src=(assets::href("receipt.js")) defer {}
    }
}

/// That the log was restored, where it was.
fn restored(visit: &Visit, name: &LogName) -> Markup {
    html! {
        @if name.epoch > 1 {
            p { (visit.w.say("verify-restored")) " " a href={ "/log/" (name.path()) "/restore" } { (visit.w.say("verify-restored-see")) } }
        }
    }
}

fn form(visit: &Visit, asked: &Asked, outcome: &Outcome) -> Markup {
    let w = &visit.w;
    let field = |name: &str, label: &str, value: &str| Control {
        name: name.to_owned(),
        label: w.say(label),
        value: value.to_owned(),
        wrong: matches!(outcome, Outcome::Malformed(wrong) if *wrong == name).then(|| w.say("verify-copy")).into_iter().collect(),
        required: true,
        ..Control::default()
    };
    html! {
        section aria-labelledby="ask" {
            h2 id="ask" { (w.say("verify-ask")) }
            form method="get" action="/receipt" novalidate {
                (field("log", key("receipt-log"), &asked.log).input(w, "text", None, None))
                (field("index", key("receipt-index"), &asked.index).input(w, "text", Some("numeric"), None))
                (field("leaf", key("receipt-leaf"), &asked.leaf).input(w, "text", None, None))
                div class="field" { button { (w.say("verify-do")) } }
            }
        }
    }
}
