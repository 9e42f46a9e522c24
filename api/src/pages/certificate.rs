//! A certificate about electronic records, to be printed and signed by a person: a page that stands alone, without server, script or address.

use std::collections::BTreeSet;

use engine::audit::{Fault, Looked, Replayed, Sign, Working};
use engine::digest::Hash;
use engine::evidence::bundle::{Head, LogChecked, Policy, Report};
use engine::journal::event::{EpochDeclared, EpochReason, Gap, KeyRotated, LogEnded, LogSigned, LogWaited, Started};
use engine::model::time::zone;
use engine::model::{Language, Text, Time};
use jiff::tz::TimeZone;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::say::key;
use super::words::Words;
use crate::app::certificate::{Form, Piece, pieces};

const CSS: &str = include_str!("certificate.css");

/// What a certificate is filled in with: a bundle that was found to be in order, and what was found.
#[derive(Debug)]
pub struct Certified<'a> {
    /// The form.
    pub form: &'a Form,
    /// What is ticked of it.
    pub ticked: BTreeSet<&'a str>,
    /// The file.
    pub archive: &'a [u8],
    /// The files in it, the manifest first.
    pub files: &'a [(&'a str, &'a [u8])],
    /// What it says of itself.
    pub head: &'a Head,
    /// What was relied on.
    pub policy: &'a Policy,
    /// What was found of its signatures and trees.
    pub report: &'a Report,
    /// What its cases came to.
    pub replayed: Replayed,
    /// What its entries say of the machine.
    pub working: &'a Working,
}

/// The page. The same bundle, policy and form give the same page: it has no date of its own.
pub fn certificate(given: &Certified<'_>, language: Language) -> String {
    let w = Words::new(language, zone(&given.head.zone).unwrap_or(TimeZone::UTC));
    let hash = Hash::of(given.archive).to_string();
    let title = w.text(&given.form.title);
    // Each sheet says to which file it belongs.
    let style = format!("{CSS}@page {{ @bottom-left {{ content: \"SHA-256 {}…\"; }} }}\n", &hash[..16]);
    let page = html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(style)) }
            }
            body {
                main {
                    h1 { (title) }
                    (warning(&w, given.form))
                    p class="lead" { (w.say("certificate-lead")) }
                    (party(given, &w, &hash))
                    (expert(given, &w))
                    (hash_report(given, &w, &hash))
                    (was_working(given, &w))
                }
            }
        }
    };
    page.into_string()
}

/// What nobody has verified is not to be signed.
fn warning(w: &Words, form: &Form) -> Markup {
    html! {
        @if !form.verified {
            div class="warning" role="note" {
                p { strong { (w.say("certificate-unverified")) } " " (w.say("certificate-unverified-what")) }
                p { (w.say("certificate-source")) }
                ul lang="en" { @for source in &form.source { li { (source) } } }
            }
        }
    }
}

/// The form's own words, in their language.
fn legal(w: &Words, form: &Form) -> Words {
    Words::new(form.language(w.language), w.zone.clone())
}

/// A text of the form that may be in another language than the page.
fn of_form<'a>(legal: &Words, text: &'a Text) -> (&'static str, &'a str) {
    (legal.language.tag(), legal.text(text))
}

fn party(given: &Certified<'_>, w: &Words, hash: &str) -> Markup {
    let (form, legal) = (given.form, legal(w, given.form));
    let (tag, title) = of_form(&legal, &form.party.title);
    html! {
        section class="form" lang=(tag) aria-labelledby="party" {
            @for line in &form.heading { p class="heading" { (legal.text(line)) } }
            h2 id="party" { (title) }
            @for text in &form.party.text { p { (paragraph(given, &legal, legal.text(text), hash)) } }
        }
    }
}

fn paragraph(given: &Certified<'_>, legal: &Words, text: &str, hash: &str) -> Markup {
    // Invariant: a form that was read has no unknown place.
    let pieces = pieces(text).unwrap_or_default();
    html! {
        @for (at, piece) in pieces.iter().enumerate() {
            @match piece {
                Piece::Words(words) => {
                    // The last of them stays with its box.
                    @if matches!(pieces.get(at + 1), Some(Piece::Box(_))) { (split(words).0) } @else { (words) }
                }
                Piece::Blank(width) => {
                    span class="blank" role="img" aria-label=(legal.say("certificate-blank")) style={ "width:" (width) "mm" } {}
                }
                Piece::Box(name) => {
                    @let before = at.checked_sub(1).and_then(|at| pieces.get(at));
                    span class="boxed" {
                        @if let Some(Piece::Words(words)) = before { (split(words).1) }
                        (tick(legal, name.is_some_and(|name| given.ticked.contains(name))))
                    }
                }
                Piece::Hashes => (hashes(given, legal, hash)),
            }
        }
    }
}

/// Words up to the last, and the last.
fn split(words: &str) -> (&str, &str) {
    let last = words.trim_end().rfind(' ').map_or(0, |space| space + 1);
    words.split_at(last)
}

/// A box, drawn, so that no font has to have it.
fn tick(w: &Words, ticked: bool) -> Markup {
    let label = w.say(if ticked { key("certificate-ticked") } else { key("certificate-unticked") });
    html! {
        svg class="box" role="img" aria-label=(label) viewBox="0 0 10 10" {
            path d="M.5.5h9v9h-9z" fill="none" stroke="currentColor" {}
            @if ticked { path d="M2 5l2.2 2.5L8 2.2" fill="none" stroke="currentColor" stroke-width="1.5" {} }
        }
    }
}

/// Of the copy the hash of its file; of what it was taken from the root of each log.
fn hashes(given: &Certified<'_>, w: &Words, hash: &str) -> Markup {
    let bytes = given.archive.len().to_string();
    html! {
        br; (w.with("certificate-hash-file", &[("bytes", &bytes)])) br; code { (hash) }
        @for LogChecked { name, size, root, .. } in &given.report.logs {
            ";" br; (w.with("certificate-hash-log", &[("size", &size.to_string()), ("log", name)])) br; code { (root) }
        }
    }
}

/// Its words are not known here, and are not guessed.
fn expert(given: &Certified<'_>, w: &Words) -> Markup {
    let legal = legal(w, given.form);
    let (tag, title) = of_form(&legal, &given.form.expert.title);
    html! {
        section class="form sheet" aria-labelledby="expert" {
            h2 id="expert" lang=(tag) { (title) }
            div class="place" {
                p { strong { (w.say("certificate-expert")) } }
                p { (w.say("certificate-expert-from")) " " (w.text(&given.form.expert.from)) }
                p { (w.say("certificate-expert-own")) }
            }
        }
    }
}

fn hash_report(given: &Certified<'_>, w: &Words, hash: &str) -> Markup {
    let Certified { archive, files, head, policy, report, replayed, .. } = given;
    let chosen = &head.chosen;
    let instant = |instant: Option<engine::model::bundle::Instant>| instant.map(|instant| exact(w, instant.0));
    let number = |n: u64| n.to_string();
    html! {
        section class="sheet" aria-labelledby="report" {
            h2 id="report" { (w.say("certificate-report")) }
            p { (w.say("certificate-report-lead")) }
            dl {
                dt { (w.say("certificate-file")) }
                dd { code { (hash) } br; (w.with("certificate-bytes", &[("bytes", &archive.len().to_string())])) }
                dt { (w.say("certificate-chosen")) }
                dd {
                    (w.with("certificate-unit", &[("unit", chosen.unit.as_str()), ("host", &head.host)]))
                    @if !chosen.processes.is_empty() { br; (w.with("certificate-processes", &[("processes", &chosen.processes.join(", "))])) }
                    @if !chosen.cases.is_empty() { br; (w.with("certificate-cases", &[("cases", &chosen.cases.len().to_string())])) }
                    @if let Some(from) = instant(chosen.from) { br; (w.with("certificate-from", &[("time", &from)])) }
                    @if let Some(to) = instant(chosen.to) { br; (w.with("certificate-to", &[("time", &to)])) }
                }
                dt { (w.say("certificate-verdict")) }
                dd {
                    strong { (report.verdict().name()) } " – " (w.say("certificate-verdict-what")) br;
                    (w.with("certificate-replayed", &[
                        ("cases", &number(report.cases)), ("open", &number(report.may_go_on)),
                        ("entries", &number(replayed.entries)), ("untold", &number(replayed.untold)),
                    ])) br;
                    (w.with("certificate-values", &[
                        ("disclosed", &number(report.payloads.disclosed)), ("withheld", &number(report.payloads.withheld)),
                        ("erased", &number(report.payloads.erased)),
                    ]))
                }
                dt { (w.say("certificate-key")) }
                @for key in policy.keys.iter().filter(|key| key.name() == head.host) { dd { code { (key) } } }
                @for key in policy.ranged.iter().filter(|key| report.logs.iter().any(|log| log.name == key.key.name())) { dd { code { (key.key) } } }
                dt { (w.say("certificate-program")) }
                dd { "sevottam " (env!("CARGO_PKG_VERSION")) }
            }
            h3 { (w.say("certificate-logs")) }
            table {
                thead { tr {
                    th scope="col" { (w.say("receipt-log")) }
                    th scope="col" { (w.say("certificate-size")) }
                    th scope="col" { (w.say("verify-root")) }
                    th scope="col" { (w.say("certificate-last")) }
                    th scope="col" { (w.say("certificate-seen")) }
                } }
                tbody {
                    @for LogChecked { name, size, root, last, seen, .. } in &report.logs {
                        tr {
                            th scope="row" { (name) }
                            td { (size) }
                            td { code { (root) } }
                            td { @if let Some(last) = last { (exact(w, *last)) } }
                            td {
                                @match seen {
                                    Some(seen) => (w.with("certificate-seen-size", &[("size", &number(*seen))])),
                                    None => (w.say("certificate-seen-none")),
                                }
                            }
                        }
                    }
                }
            }
            h3 { (w.say("certificate-files")) }
            p { (w.say("certificate-files-lead")) }
            table class="files" {
                thead { tr { th scope="col" { (w.say("certificate-name")) } th scope="col" { "SHA-256" } } }
                tbody { @for (name, content) in *files { tr { th scope="row" { (name) } td { code { (Hash::of(content)) } } } } }
            }
        }
    }
}

fn was_working(given: &Certified<'_>, w: &Words) -> Markup {
    let Working { signs, omitted, logs } = given.working;
    let of = |wanted: fn(&Fault) -> bool| signs.iter().filter(|sign| wanted(&sign.fault)).collect::<Vec<_>>();
    let restored: Vec<&Looked> = logs.iter().filter(|log| log.epoch > 1).collect();
    html! {
        section class="sheet" aria-labelledby="working" {
            h2 id="working" { (w.say("certificate-working")) }
            p { (w.say("certificate-working-lead")) }
            (faults(w, &w.say("certificate-starts"), &of(|fault| matches!(fault, Fault::Started(_)))))
            (faults(w, &w.say("certificate-unsigned"), &of(|fault| matches!(fault, Fault::Unsigned(_)))))
            (faults(w, &w.say("certificate-steps"), &of(|fault| matches!(fault, Fault::ClockStepped(_)))))
            (faults(w, &w.say("certificate-keys"), &of(|fault| matches!(fault, Fault::KeyRotated(_) | Fault::EpochDeclared(_)))))
            h3 { (w.say("certificate-restores")) }
            @if restored.is_empty() { p { (w.say("certificate-restores-none")) } } @else {
                ul {
                    @for Looked { log, epoch, .. } in restored {
                        li { (w.with("certificate-restored", &[("log", log), ("epoch", &epoch.to_string())])) }
                    }
                }
            }
            (faults(w, &w.say("certificate-incidents"), &of(|fault| matches!(fault, Fault::Incident { .. }))))
            (faults(w, &w.say("certificate-jobs"), &of(|fault| matches!(fault, Fault::JobFailed { .. }))))
            (faults(w, &w.say("certificate-missed"), &of(|fault| matches!(fault, Fault::Missed { .. } | Fault::CaseRefused { .. }))))
            @if *omitted > 0 { p { strong { (w.with("certificate-omitted", &[("count", &omitted.to_string())])) } } }
            h3 { (w.say("certificate-unseen")) }
            @for log in logs { (unseen(w, log)) }
            h3 { (w.say("certificate-unrecorded")) }
            p { (w.say("certificate-unrecorded-what")) }
        }
    }
}

fn faults(w: &Words, title: &str, signs: &[&Sign]) -> Markup {
    html! {
        h3 { (title) }
        @if signs.is_empty() { p { (w.say("certificate-none")) } } @else {
            table {
                thead { tr {
                    th scope="col" { (w.say("receipt-log")) }
                    th scope="col" { (w.say("receipt-index")) }
                    th scope="col" { (w.say("receipt-time")) }
                    th scope="col" { (w.say("certificate-fault")) }
                } }
                tbody {
                    @for Sign { log, index, time, fault: what } in signs {
                        tr { td { (log) } th scope="row" { (index) } td { (exact(w, *time)) } td { (fault(w, what)) } }
                    }
                }
            }
        }
    }
}

fn fault(w: &Words, fault: &Fault) -> String {
    let case = |case: &Option<engine::model::CommandId>| case.map_or_else(String::new, |case| case.to_string());
    match fault {
        Fault::Started(None) => w.say("certificate-start-unseen"),
        Fault::Started(Some(Started { version, program, node })) => {
            w.with("certificate-start", &[("version", version), ("node", node), ("program", &program.to_string())])
        }
        Fault::Unsigned(None) => w.say("certificate-gap-unseen"),
        Fault::Unsigned(Some(Gap { from, to, logs })) => {
            let log = |one: &LogWaited| {
                let (before, after) = (one.before.to_string(), one.after.to_string());
                w.with("certificate-gap-log", &[("log", &one.log), ("before", &before), ("after", &after)])
            };
            let said = w.with("certificate-gap", &[("from", &exact(w, *from)), ("to", &exact(w, *to))]);
            logs.iter().fold(said, |said, one| format!("{said} {}", log(one)))
        }
        Fault::KeyRotated(None) => w.say("certificate-rotated-unseen"),
        Fault::KeyRotated(Some(KeyRotated { time, old, new, logs, .. })) => {
            let log = |one: &LogSigned| w.with("certificate-rotated-log", &[("log", &one.log), ("size", &one.size.to_string())]);
            let said = w.with("certificate-rotated", &[("time", &exact(w, *time)), ("old", old), ("new", new)]);
            logs.iter().fold(said, |said, one| format!("{said} {}", log(one)))
        }
        Fault::EpochDeclared(None) => w.say("certificate-epoch-unseen"),
        // Not the reason: it is somebody's words, and may name people.
        Fault::EpochDeclared(Some(EpochDeclared { time, why, key: new, logs, .. })) => {
            let message = match why {
                EpochReason::NewKey => key("certificate-epoch-new-key"),
                EpochReason::Restore => key("certificate-epoch-restore"),
            };
            let log = |LogEnded { log, size, next, .. }: &LogEnded| {
                w.with("certificate-epoch-log", &[("log", log), ("size", &size.to_string()), ("next", next)])
            };
            let said = w.with(message, &[("time", &exact(w, *time)), ("key", new)]);
            logs.iter().fold(said, |said, one| format!("{said} {}", log(one)))
        }
        Fault::ClockStepped(None) => w.say("certificate-step-unseen"),
        Fault::ClockStepped(Some(step)) => {
            let message = if step.at_start { key("certificate-step-start") } else { key("certificate-step") };
            w.with(message, &[("before", &exact(w, step.before)), ("after", &exact(w, step.after))])
        }
        Fault::Incident { case: of, code: None, .. } => w.with("certificate-incident-unseen", &[("case", &case(of))]),
        Fault::Incident { case: of, code: Some(code), resolved } => {
            let said = w.with("certificate-incident", &[("case", &case(of)), ("code", code)]);
            let after = match resolved {
                Some(index) => w.with("certificate-incident-retried", &[("index", &index.to_string())]),
                None => w.say("certificate-incident-open"),
            };
            format!("{said} {after}")
        }
        Fault::JobFailed { case: of } => w.with("certificate-job", &[("case", &case(of))]),
        Fault::CaseRefused { process, code } => w.with("certificate-refused", &[("process", process), ("code", code)]),
        Fault::Missed { schedule, count, from, to } => w.with(
            key("certificate-missed-what"),
            &[("schedule", schedule), ("count", &count.to_string()), ("from", &exact(w, *from)), ("to", &exact(w, *to))],
        ),
    }
}

/// What of a log could not be looked at.
fn unseen(w: &Words, log: &Looked) -> Markup {
    let Looked { log: name, whole, leaves, hidden, gaps, gaps_omitted, .. } = log;
    let range = |(from, to): &(u64, u64)| if from == to { from.to_string() } else { format!("{from}–{to}") };
    html! {
        h4 { (name) }
        ul {
            li { (w.with("certificate-whole", &[("count", &whole.to_string())])) }
            @if leaves.is_empty() && *hidden == 0 { li { (w.say("certificate-all-seen")) } }
            @if !leaves.is_empty() {
                li {
                    (w.with("certificate-leaves", &[("count", &leaves.values().sum::<u64>().to_string())])) " "
                    (leaves.iter().map(|(kind, count)| format!("{kind} {count}")).collect::<Vec<_>>().join(", "))
                }
            }
            @if *hidden > 0 {
                li {
                    (w.with("certificate-hidden", &[("count", &hidden.to_string())])) " "
                    (gaps.iter().map(range).collect::<Vec<_>>().join(", "))
                    @if *gaps_omitted > 0 { " " (w.with("certificate-gaps", &[("count", &gaps_omitted.to_string())])) }
                }
            }
        }
    }
}

/// An instant in the office's zone, to the second: `24/11/2026 14:05:09 IST`.
fn exact(w: &Words, time: Time) -> String {
    time.timestamp().to_zoned_datetime(w.zone.clone()).strftime("%d/%m/%Y %H:%M:%S %Z").to_string()
}
