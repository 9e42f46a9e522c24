//! What other offices have to do with a document: editions that were received from one, and those that have acknowledged an issue; with the files
//! that are sent to them.

use axum::extract::Path;
use axum::response::Response;
use engine::digest::Hash;
use engine::journal::amendment::{Adopted, Relation, Withdrawal};
use engine::machine::Rejection;
use engine::machine::control::{Controlled, Issued, Received};
use engine::machine::definition::QUALITY_COORDINATOR;
use engine::model::document::DocumentKind;
use engine::runtime::Refusal;
use engine::runtime::bundle::NoBundle;
use engine::runtime::extract::Wanted;
use maud::{Markup, html};

use super::documents::path;
use super::parts::{self, Tone};
use super::refused::Refused;
use super::visit::{Visit, archive};
use super::words::Words;
use crate::app::bundle::NotMade;
use crate::app::evidence::NoEvidence;
use crate::app::extract::{acknowledged, amendment, withdrawn};

/// The newest issue of a document as a file for other offices.
pub(super) async fn send(visit: Visit, Path((kind, id)): Path<(DocumentKind, String)>) -> Response {
    let answer = async {
        visit.identity()?;
        let issues = visit.office.controls.get(kind, &id).map_or(&[][..], |controlled| &controlled.issues);
        let wanted = Wanted::of(kind, &id, issues, None).filter(|_| visit.serves()).ok_or(Refused::NotFound)?;
        file("amendment.zip", amendment(&visit.app, &[wanted]).await)
    };
    visit.answer(answer.await)
}

/// What was acknowledged last of an edition, as a file for the office that issued it.
pub(super) async fn answer(visit: Visit, Path((kind, id, hash)): Path<(DocumentKind, String, Hash)>) -> Response {
    let answer = async {
        visit.identity()?;
        let controlled = visit.office.controls.get(kind, &id).filter(|_| visit.serves()).ok_or(Refused::NotFound)?;
        let told = controlled.said(&hash).ok_or(Refused::NotFound)?;
        file("acknowledgement.zip", acknowledged(&visit.app, told).await)
    };
    visit.answer(answer.await)
}

/// That an issue was withdrawn, as a file for other offices.
pub(super) async fn withdrawal(visit: Visit, Path((kind, id, hash)): Path<(DocumentKind, String, Hash)>) -> Response {
    let answer = async {
        visit.identity()?;
        let controlled = visit.office.controls.get(kind, &id).filter(|_| visit.serves()).ok_or(Refused::NotFound)?;
        let recall = controlled.recalled(Some(&hash)).ok_or(Refused::NotFound)?;
        file("withdrawal.zip", withdrawn(&visit.app, recall).await)
    };
    visit.answer(answer.await)
}

fn file(name: &str, made: Result<Vec<u8>, NotMade>) -> Result<Response, Refused> {
    let bytes = made.map_err(|not| match not {
        NotMade::Refused(refusal) => Refused::Engine(refusal),
        NotMade::Nothing(NoBundle::Store(error)) | NotMade::Evidence(NoEvidence::Store(error)) => Refused::Store(error),
        NotMade::Packed(error) => Refused::Engine(Refusal::Rejected(Rejection::too_large("amendment.too-large", error.message))),
        other => {
            tracing::debug!(%other, "a file for another office cannot be made");
            let message = "It is not signed yet, or this office does not sign its logs. Try again in some seconds.";
            Refused::Engine(Refusal::Rejected(Rejection::conflict("log.not-yet-signed", message)))
        }
    })?;
    archive(name, bytes)
}

/// Editions that were received, the newest first.
pub(super) fn editions(visit: &Visit, kind: DocumentKind, id: &str, controlled: &Controlled) -> Markup {
    let w = &visit.w;
    html! {
        @if !controlled.received.is_empty() {
            section aria-labelledby="received" {
                h2 id="received" { (w.say("received")) }
                p { (w.say("received-lead")) }
                table class="cards" {
                    thead {
                        tr {
                            th scope="col" { (w.say("received-issue")) }
                            th scope="col" { (w.say("received-from")) }
                            th scope="col" { (w.say("issue-effective")) }
                            th scope="col" { (w.say("issue-reason")) }
                            th scope="col" { (w.say("received-adopted")) }
                            th scope="col" { (w.say("received-acknowledged")) }
                        }
                    }
                    tbody { @for one in controlled.received.iter().rev() { (edition(visit, kind, id, one)) } }
                }
            }
        }
    }
}

fn edition(visit: &Visit, kind: DocumentKind, id: &str, one: &Received) -> Markup {
    let (w, edition, said) = (&visit.w, &one.edition, visit.office.controls.acknowledgement(&visit.app.engine.library(), one));
    let told = one.acknowledged.as_ref();
    let is_told = told == Some(&said);
    let may = visit.office.units.keys().any(|unit| visit.plays(QUALITY_COORDINATOR, unit));
    html! {
        tr {
            th scope="row" {
                (edition.issue) "." (edition.revision) br; span class="soft" { (parts::time(w, one.time)) }
                @if one.withdrawn.is_some() { br; (parts::tag(Tone::Problem, &w.say("issue-withdrawn"))) }
            }
            td data-label=(w.say("received-from")) {
                (office_title(visit, &one.source.host)) br;
                span class="soft" { (w.with("received-entry", &[("index", &edition.index.to_string()), ("log", &one.source.log)])) ", " (parts::time(w, edition.issued)) }
            }
            td data-label=(w.say("issue-effective")) { (parts::time(w, edition.effective)) }
            td data-label=(w.say("issue-reason")) class="lines" {
                (edition.reason)
                @if let Some((withdrawal, _)) = &one.withdrawn { br; strong { (told_of(w, withdrawal)) } " " (withdrawal.reason) }
            }
            td data-label=(w.say("received-adopted")) { (adoption(w, &edition.hash, said.adopted.as_ref())) }
            td data-label=(w.say("received-acknowledged")) {
                @if is_told { (parts::tag(Tone::Done, &w.say("value-yes"))) } @else { (parts::tag(Tone::Active, &w.say("value-no"))) }
                @if told.is_some() && visit.serves() {
                    " " a class="screen-only" href={ (path(kind, id)) "/acknowledgement/" (edition.hash) } { (w.say("received-file")) }
                }
                @if !is_told && may {
                    form method="post" action={ (path(kind, id)) "/acknowledge-received" } class="screen-only" {
                        (parts::key_field(visit))
                        input type="hidden" name="hash" value=(edition.hash);
                        button class="plain" { (w.say("received-acknowledge")) }
                    }
                }
            }
        }
    }
}

/// That it was withdrawn where it comes from, and when.
fn told_of(w: &Words, withdrawal: &Withdrawal) -> String {
    let values = [("time", &*w.time(withdrawal.time)), ("index", &*withdrawal.index.to_string())];
    if withdrawal.early { w.with("withdrawn-early", &values) } else { w.with("withdrawn-there", &values) }
}

/// What was withdrawn last of a document that another office issues, as long as nothing came after it.
pub(super) fn notice(visit: &Visit, kind: DocumentKind, id: &str) -> Markup {
    let w = &visit.w;
    let controls = &visit.office.controls;
    let last = controls.get(kind, id).and_then(|controlled| controlled.received.last());
    // Of an office that is recognised no longer nothing binds.
    let last = last.filter(|last| controls.offices.contains_key(&last.source.host));
    let known = last.and_then(|last| Some((last, &last.withdrawn.as_ref()?.0)));
    html! {
        @if let Some((last, withdrawal)) = known {
            div class="notice warning" role="note" {
                p class="notice-title" {
                    (w.with("withdrawn-by", &[("issue", &format!("{}.{}", withdrawal.issue, withdrawal.revision)), ("from", &office_title(visit, &last.source.host))]))
                }
                p { (told_of(w, withdrawal)) " " (withdrawal.reason) }
                p { (if withdrawal.early { w.say("withdrawn-early-todo") } else { w.say("withdrawn-todo") }) }
            }
        }
    }
}

/// Issues that were withdrawn, each as a file for other offices that may have it.
pub(super) fn recalls(visit: &Visit, kind: DocumentKind, id: &str, controlled: &Controlled) -> Markup {
    let w = &visit.w;
    html! {
        @if visit.serves() && !controlled.recalls.is_empty() {
            section aria-labelledby="recalls" class="screen-only" {
                h2 id="recalls" { (w.say("recalls")) }
                p { (w.say("recalls-lead")) }
                ul {
                    @for recall in controlled.recalls.iter().rev() {
                        li {
                            a href={ (path(kind, id)) "/withdrawal/" (recall.hash) } {
                                (w.with("recall-file", &[("issue", &format!("{}.{}", recall.issue, recall.revision))]))
                            }
                            " " span class="soft" { (parts::time(w, recall.at)) }
                            ul {
                                @for (host, told) in &recall.offices {
                                    li { (w.with("recall-known", &[("office", &office_title(visit, host)), ("time", &w.time(told.time)), ("index", &told.index.to_string())])) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// As what something was adopted.
fn adoption(w: &Words, received: &Hash, adopted: Option<&Adopted>) -> Markup {
    let Some(Adopted { hash, issue, revision, .. }) = adopted else {
        return html! { (parts::tag(Tone::Active, &w.say("not-adopted"))) };
    };
    let number = format!("{issue}.{revision}");
    let how = if hash == received {
        w.with("adopted", &[("issue", &number)])
    } else {
        w.with("adopted-adapted", &[("issue", &number)])
    };
    html! { (how) }
}

/// What another office is called.
pub(super) fn office_title(visit: &Visit, host: &str) -> String {
    let known = visit.office.controls.offices.get(host);
    known.map_or_else(|| host.to_owned(), |known| format!("{} ({host})", visit.w.text(&known.title)))
}

/// The offices below, of the distribution list of an issue: which of them have acknowledged it, and as what it was adopted there.
pub(super) fn below(visit: &Visit, kind: DocumentKind, id: &str, issued: &Issued) -> Markup {
    let w = &visit.w;
    let offices = &visit.office.controls.offices;
    let mut hosts: Vec<&String> =
        offices.iter().filter(|(_, one)| one.relation == Relation::Below).map(|(host, _)| host).collect();
    hosts.extend(issued.offices.keys().filter(|host| !offices.contains_key(*host)));
    html! {
        @if !hosts.is_empty() {
            h3 { (w.say("offices-below")) }
            table class="cards" {
                thead {
                    tr {
                        th scope="col" { (w.say("office-other")) }
                        th scope="col" { (w.say("received-acknowledged")) }
                        th scope="col" { (w.say("received-adopted")) }
                    }
                }
                tbody {
                    @for host in hosts {
                        @let told = issued.offices.get(host);
                        tr {
                            th scope="row" { (office_title(visit, host)) }
                            td data-label=(w.say("received-acknowledged")) {
                                @match told {
                                    None => (parts::tag(Tone::Active, &w.say("value-no"))),
                                    Some(told) => {
                                        (parts::tag(Tone::Done, &w.say("value-yes"))) " " (parts::time(w, told.time)) br;
                                        span class="soft" { (w.with("acknowledged-entry", &[("index", &told.index.to_string())])) }
                                    }
                                }
                            }
                            td data-label=(w.say("received-adopted")) {
                                @match told {
                                    None => "–",
                                    Some(told) => (adoption(w, &issued.hash, told.acknowledgement.adopted.as_ref())),
                                }
                            }
                        }
                    }
                }
            }
        }
        @if visit.serves() && visit.office.controls.get(kind, id).and_then(|controlled| controlled.issues.last()) == Some(issued) {
            p class="screen-only" { a href={ (path(kind, id)) "/amendment" } { (w.say("amendment-file")) } }
        }
    }
}
