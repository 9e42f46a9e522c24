//! Controlled documents (SQM 3.2.4): the master list; and each document with its amendment sheet, its copies and its draft.

use std::collections::BTreeSet;

use axum::Form as Body;
use axum::extract::Path;
use axum::response::{Redirect, Response};
use engine::digest::Hash;
use engine::journal::Command;
use engine::journal::amendment::Exchange;
use engine::machine::Rejection;
use engine::machine::control::{Amendment, Controlled, Draft, Stage, Standing};
use engine::machine::definition::QUALITY_COORDINATOR;
use engine::model::document::DocumentKind;
use engine::model::{PostId, Text, UnitId};
use jiff::civil::Date;
use maud::{Markup, html};
use serde::Deserialize;

use super::check::problems;
use super::form::Control;
use super::frame::Frame;
use super::live;
use super::page as read;
use super::parts::{self, Tone};
use super::posted::{Posted, text};
use super::received;
use super::refused::{Refused, refusal, status_of};
use super::say::key;
use super::visit::{Visit, go, page, page_as};
use super::words::Words;
use crate::app::rights;

/// The master list.
pub(super) async fn list(visit: Visit) -> Response {
    let answer = async {
        visit.identity()?;
        page(master_list(&visit))
    };
    visit.answer(answer.await)
}

/// A document.
pub(super) async fn show(visit: Visit, Path((kind, id)): Path<(DocumentKind, String)>) -> Response {
    let answer = async {
        visit.identity()?;
        page(one(&visit, kind, &id, &html! {}, None).await?)
    };
    visit.answer(answer.await)
}

/// The page again, where only its answer was asked for: by a change of language after a refusal.
pub(super) async fn back(Path((kind, id, _)): Path<(DocumentKind, String, String)>) -> Redirect {
    Redirect::to(&path(kind, &id))
}

/// The address of a document's page.
pub(super) fn path(kind: DocumentKind, id: &str) -> String {
    format!("/documents/{}/{}", kind.name(), parts::encode(id))
}

/// A decision about a draft or an issue.
pub(super) async fn act(
    visit: Visit,
    Path((kind, id, what)): Path<(DocumentKind, String, String)>,
    Body(posted): Body<Posted>,
) -> Response {
    let answer = async {
        visit.identity()?;
        let command = match command(kind, &id, &what, &posted) {
            Ok(command) => command.ok_or(Refused::NotFound)?,
            Err(rejection) => return again(&visit, kind, &id, &posted, &rejection).await,
        };
        match visit.submit(&UnitId::site(), text(&posted, "key"), command).await {
            Ok(_) => go(&path(kind, &id)),
            Err(refused) => {
                let Some(rejection) = refused.rejection().cloned() else { return Err(refused) };
                again(&visit, kind, &id, &posted, &rejection).await
            }
        }
    };
    visit.answer(answer.await)
}

/// The page with what was refused, and the text that was sent.
async fn again(visit: &Visit, kind: DocumentKind, id: &str, posted: &Posted, rejection: &Rejection) -> Result<Response, Refused> {
    let message = html! { (refusal(&visit.w, rejection)) (problems(visit, &rejection.problems)) };
    let sent = posted.iter().find(|(name, _)| name == "document").map(|(_, text)| text.as_str());
    page_as(status_of(rejection), one(visit, kind, id, &message, sent).await?)
}

/// What a form asks for; none where there is no such form.
fn command(kind: DocumentKind, id: &str, what: &str, posted: &Posted) -> Result<Option<Command>, Rejection> {
    let day = |name: &str| match text(posted, name).trim() {
        "" => Ok(None),
        day => day.parse::<Date>().map(Some).map_err(|_| Rejection::invalid("document.effective", "There is no such day.")),
    };
    let (id, reason) = (id.to_owned(), text(posted, "reason").trim().to_owned());
    if what == "save" {
        let document = text(posted, "document").to_owned();
        return Ok(Some(Command::SaveDraft { kind, document, over: text(posted, "hash").parse().ok() }));
    }
    if what == "withdraw" {
        return Ok(Some(Command::WithdrawDocument { kind, id, reason }));
    }
    let Ok(hash) = text(posted, "hash").parse::<Hash>() else { return Ok(None) };
    Ok(Some(match what {
        "send" => Command::SendDraft { kind, id, hash },
        "return" => Command::ReturnDraft { kind, id, hash, reason },
        "approve" => Command::ApproveDraft { kind, id, hash },
        "discard" => Command::DiscardDraft { kind, id, hash },
        "acknowledge" => Command::AcknowledgeCopy { kind, id, hash },
        "acknowledge-received" => Command::Exchange(Exchange::Acknowledge { kind, id, hash }),
        "issue" => Command::IssueDocument {
            kind,
            id,
            hash,
            revision: text(posted, "revision") == "true",
            effective: day("effective")?,
            reason,
            roles: Vec::new(),
            review: day("review")?,
        },
        _ => return Ok(None),
    }))
}

/// The word for a kind.
pub(super) fn kind_word(w: &Words, kind: DocumentKind) -> String {
    w.say(match kind {
        DocumentKind::Process => key("document-process"),
        DocumentKind::Norm => key("document-norm"),
        DocumentKind::Calendar => key("document-calendar"),
        DocumentKind::Schedule => key("document-schedule"),
        DocumentKind::Page => key("document-page"),
    })
}

fn standing_tag(w: &Words, standing: Standing) -> Markup {
    match standing {
        Standing::Waiting => parts::tag(Tone::Active, &w.say("issue-waiting")),
        Standing::InForce => parts::tag(Tone::Done, &w.say("issue-in-force")),
        Standing::Withdrawn => parts::tag(Tone::Problem, &w.say("issue-withdrawn")),
        Standing::Obsolete => parts::tag(Tone::Quiet, &w.say("issue-obsolete")),
    }
}

fn stage_word(w: &Words, stage: &Stage) -> String {
    w.say(match stage {
        Stage::Draft => key("draft-written"),
        Stage::Review => key("draft-review"),
        Stage::Approved { .. } => key("draft-approved"),
    })
}

fn number(amendment: &Amendment<'_>) -> String {
    format!("{}.{}", amendment.issue, amendment.revision)
}

/// The day by which a document is to be reviewed, and in words whether it has come or is past.
fn review_day(visit: &Visit, kind: DocumentKind, id: &str) -> Option<Markup> {
    let (w, controls) = (&visit.w, &visit.office.controls);
    let (day, today) = (controls.get(kind, id)?.review?, w.day(visit.now));
    let late = day.until(today).map_or(0, |span| span.get_days());
    Some(html! {
        (w.date(day))
        @if controls.is_review_overdue(&visit.library, kind, id, today) {
            " " (parts::tag(Tone::Problem, &w.count("overdue", usize::try_from(late).unwrap_or_default())))
        } @else if late == 0 {
            " " (parts::tag(Tone::Warning, &w.say("due-today")))
        }
    })
}

fn master_list(visit: &Visit) -> Markup {
    let w = &visit.w;
    let controls = &visit.office.controls;
    let coordinates = visit.person().is_some_and(|person| rights::coordinates(&visit.office, &person.id, visit.now));
    let told = if controls.controlled { w.say("documents-controlled") } else { w.say("documents-free") };
    let body = html! {
        p class="lead" { (told) }
        @if visit.serves() {
            p class="screen-only actions" {
                a class="button plain" href="/documents/new" { (w.say("draft-new")) }
                @if coordinates { " " a class="button plain" href="/documents/import" { (w.say("import")) } }
            }
        }
        table class="cards" {
            thead {
                tr {
                    th scope="col" { (w.say("document")) }
                    th scope="col" { (w.say("document-kind")) }
                    th scope="col" { (w.say("issue")) }
                    th scope="col" { (w.say("issue-effective")) }
                    th scope="col" { (w.say("issue-review")) }
                }
            }
            tbody {
                @for (kind, id) in controls.master_list(&visit.library) {
                    @let sheet = controls.amendments(&visit.library, kind, &id);
                    @let shown = sheet.iter().find(|one| one.in_force).or(sheet.last());
                    @let controlled = controls.get(kind, &id);
                    tr {
                        th scope="row" {
                            a href=(path(kind, &id)) { (title(visit, kind, &id)) }
                            @if controlled.is_some_and(|controlled| controlled.draft.is_some()) { " " (parts::tag(Tone::Active, &w.say("draft"))) }
                        }
                        td data-label=(w.say("document-kind")) { (kind_word(w, kind)) }
                        td data-label=(w.say("issue")) {
                            @if let Some(shown) = shown { (number(shown)) " " (standing_tag(w, controls.standing(kind, &id, shown))) } @else { "–" }
                        }
                        td data-label=(w.say("issue-effective")) {
                            @if let Some(time) = shown.and_then(|shown| controls.effective(kind, &id, shown)) { (w.date(w.day(time))) } @else { "–" }
                        }
                        td data-label=(w.say("issue-review")) {
                            (review_day(visit, kind, &id).unwrap_or_else(|| html! { "–" }))
                        }
                    }
                }
            }
        }
    };
    Frame::new(visit, &w.say("documents")).wide().show(&body)
}

/// What a document is called: as it is in force, else as its draft or the edition that was received has it, or by its id.
pub(super) fn title(visit: &Visit, kind: DocumentKind, id: &str) -> String {
    if let Some(listed) = visit.library.document(kind, id) {
        return visit.w.text(&listed.heading.title).to_owned();
    }
    let controlled = visit.office.controls.get(kind, id);
    let draft = controlled.and_then(|controlled| controlled.draft.as_ref()).map(|draft| &*draft.text);
    let text = draft.or_else(|| Some(controlled?.received.last()?.edition.document.as_str()));
    // Of a draft anything may be wrong.
    let named = text.and_then(|text| serde_json::from_str::<Titled>(text).ok());
    let named = named.map(|named| visit.w.text(&named.title).trim().to_owned()).filter(|title| !title.is_empty());
    named.unwrap_or_else(|| id.to_owned())
}

/// A document as far as its title.
#[derive(Deserialize)]
struct Titled {
    title: Text,
}

/// Whether the visitor answers for a document: whoever holds the owner's post, and quality coordinators of its unit.
fn answers(visit: &Visit, owner: Option<&PostId>) -> bool {
    let (Some(person), Some(post)) = (visit.person(), owner.and_then(|owner| visit.office.posts.get(owner))) else {
        return false;
    };
    visit.office.holds_post(&person.id, &post.id, visit.now) || visit.plays(QUALITY_COORDINATOR, &post.unit)
}

async fn one(visit: &Visit, kind: DocumentKind, id: &str, message: &Markup, sent: Option<&str>) -> Result<Markup, Refused> {
    let w = &visit.w;
    let controls = &visit.office.controls;
    let nothing = Controlled::default();
    let (sheet, controlled) = (controls.amendments(&visit.library, kind, id), controls.get(kind, id).unwrap_or(&nothing));
    let listed = visit.library.document(kind, id);
    if sheet.is_empty() && controlled.draft.is_none() && controlled.received.is_empty() && controlled.recalls.is_empty() {
        return Err(Refused::NotFound);
    }
    let owner = listed.as_ref().map(|listed| listed.heading.owner.clone());
    // Of a document that is new, whoever wrote its draft.
    let wrote =
        controlled.draft.as_ref().is_some_and(|draft| visit.person().is_some_and(|person| draft.authors.contains(&person.id)));
    let may = answers(visit, owner.as_ref()) || wrote || owner.is_none() && visit.serves();
    let in_force = listed.as_ref().map(|listed| listed.heading.text.clone());
    let newest = in_force.or_else(|| Some(controlled.received.last()?.edition.document.clone())).unwrap_or_default();
    let draft = match &controlled.draft {
        Some(draft) if visit.serves() => {
            let looked = live::look(visit, kind, &draft.text, "").await?;
            html! {
                (draft_section(visit, kind, id, draft, may))
                (problems(visit, &looked.problems))
                (looked.picture)
            }
        }
        _ => html! {},
    };
    let text =
        sent.map(str::to_owned).or_else(|| controlled.draft.as_ref().map(|draft| draft.text.to_string())).unwrap_or(newest);
    let body = html! {
        (message)
        (received::notice(visit, kind, id))
        dl class="facts across" {
            div { dt { (w.say("document-kind")) } dd { (kind_word(w, kind)) " " code { (id) } } }
            @if let Some(owner) = &owner { div { dt { (w.say("owner")) } dd { (visit.post_title(owner)) } } }
            @if let Some(day) = review_day(visit, kind, id) { div { dt { (w.say("issue-review")) } dd { (day) } } }
            @if kind == DocumentKind::Page && listed.is_some() { div { dt { (w.say("document-page")) } dd { a href=(read::path(id)) { (w.say("page-read")) } } } }
        }
        (draft)
        @if may && visit.serves() {
            details open[sent.is_some()] {
                summary { (w.say("draft-edit")) }
                form method="post" action={ (path(kind, id)) "/save" } class="code-form" novalidate data-guard {
                    (parts::key_field(visit))
                    @if let Some(draft) = &controlled.draft { input type="hidden" name="hash" value=(draft.hash); }
                    (Control { name: "document".to_owned(), label: w.say("document-json"), required: true, value: text, ..Control::default() }.textarea(w, 18))
                    div class="actions" { button { (w.say("draft-save")) } }
                    (live::place(visit, Some(kind)))
                }
            }
        }
        (received::editions(visit, kind, id, controlled))
        (amendments(visit, kind, id, &sheet))
        @for amendment in sheet.iter().filter(|amendment| amendment.issued.is_some() && (amendment.in_force || amendment.version.is_none())) {
            (copies(visit, kind, id, amendment))
        }
        (received::recalls(visit, kind, id, controlled))
        @if may && sheet.iter().any(|amendment| amendment.in_force || amendment.version.is_none()) {
            details class="screen-only" {
                summary { (w.say("withdraw")) }
                p { (w.say("withdraw-help")) }
                (form(visit, kind, id, key("withdraw"), None, true))
            }
        }
    };
    Ok(Frame::new(visit, &title(visit, kind, id)).wide().under(w.say("documents"), "/documents").show(&body))
}

/// A form with a reason, if one is asked for.
fn form(visit: &Visit, kind: DocumentKind, id: &str, what: &'static str, hash: Option<Hash>, asks: bool) -> Markup {
    let w = &visit.w;
    let reason = Control { name: "reason".to_owned(), label: w.say("reason"), required: true, ..Control::default() };
    html! {
        form method="post" action={ (path(kind, id)) "/" (what) } {
            (parts::key_field(visit))
            @if let Some(hash) = hash { input type="hidden" name="hash" value=(hash); }
            @if asks { (reason.line(&format!("reason-{what}"))) }
            button class="plain" { (w.say(what)) }
        }
    }
}

/// The draft, and what may be decided about it.
fn draft_section(visit: &Visit, kind: DocumentKind, id: &str, draft: &Draft, may: bool) -> Markup {
    let w = &visit.w;
    let hash = Some(draft.hash);
    let wrote = visit.person().is_some_and(|person| draft.authors.contains(&person.id));
    let authors: Vec<String> = draft.authors.iter().map(|person| visit.name(person)).collect();
    let day = |name: &str, label: String| {
        Control { name: name.to_owned(), label, required: false, ..Control::default() }.input(w, "date", None, None)
    };
    html! {
        section aria-labelledby="draft" {
            h2 id="draft" { (w.say("draft")) }
            dl class="facts" {
                div { dt { (w.say("status")) } dd { (stage_word(w, &draft.stage)) } }
                div { dt { (w.say("draft-authors")) } dd { (authors.join(", ")) ", " (parts::time(w, draft.saved)) } }
                @if let Some(reason) = &draft.returned { div { dt { (w.say("draft-returned")) } dd class="lines" { (reason) } } }
                @if let Stage::Approved { by, at } = &draft.stage {
                    div {
                        dt { (w.say("draft-approved-by")) }
                        dd { (by.person().map_or_else(|| w.say("actor-system"), |person| visit.name(person))) ", " (parts::time(w, *at)) }
                    }
                }
            }
            p class="screen-only" { a class="button plain" href={ (path(kind, id)) "/compare?to=" (draft.hash) } { (w.say("compare-draft")) }
                @if kind == DocumentKind::Process { " " a class="button plain" href={ (path(kind, id)) "/trial?edition=" (draft.hash) } { (w.say("try-it")) } }
            }
            @if may {
                div class="screen-only" {
                    @match draft.stage {
                        Stage::Draft => (form(visit, kind, id, key("send"), hash, false)),
                        Stage::Review => {
                            @if wrote { p class="soft" { (w.say("draft-own")) } } @else { (form(visit, kind, id, key("approve"), hash, false)) }
                        }
                        Stage::Approved { .. } => {
                            form method="post" action={ (path(kind, id)) "/issue" } {
                                (parts::key_field(visit))
                                input type="hidden" name="hash" value=(draft.hash);
                                (day("effective", w.say("issue-effective")))
                                (day("review", w.say("issue-review")))
                                (Control { name: "revision".to_owned(), label: w.say("issue-revision"), ..Control::default() }.checkbox(w))
                                (Control { name: "reason".to_owned(), label: w.say("issue-reason"), required: true, ..Control::default() }.line("reason-issue"))
                                button class="main" { (w.say("issue-it")) }
                            }
                        }
                    }
                    @if draft.stage != Stage::Draft { details { summary { (w.say("return")) } (form(visit, kind, id, key("return"), hash, true)) } }
                    details { summary { (w.say("discard")) } (form(visit, kind, id, key("discard"), hash, false)) }
                }
            }
        }
    }
}

/// The amendment sheet.
fn amendments(visit: &Visit, kind: DocumentKind, id: &str, sheet: &[Amendment<'_>]) -> Markup {
    let w = &visit.w;
    let controls = &visit.office.controls;
    html! {
        @if !sheet.is_empty() {
            section aria-labelledby="sheet" {
                h2 id="sheet" { (w.say("amendments")) }
                table class="cards" {
                    thead {
                        tr {
                            th scope="col" { (w.say("issue")) }
                            th scope="col" { (w.say("issue-effective")) }
                            th scope="col" { (w.say("issue-reason")) }
                            th scope="col" { (w.say("draft-approved-by")) }
                        }
                    }
                    tbody {
                        @for (place, amendment) in sheet.iter().enumerate().rev() {
                            tr {
                                th scope="row" {
                                    @match (kind, &amendment.version) {
                                        (DocumentKind::Process, Some(listed)) => a href={ "/definitions/" (id) "/" (listed.version) } { (number(amendment)) },
                                        (DocumentKind::Page, Some(listed)) => a href={ (read::path(id)) "/" (listed.version) } { (number(amendment)) },
                                        _ => (number(amendment)),
                                    }
                                    " " (standing_tag(w, controls.standing(kind, id, amendment)))
                                }
                                td data-label=(w.say("issue-effective")) {
                                    @if let Some(time) = controls.effective(kind, id, amendment) { (parts::time(w, time)) } @else { "–" }
                                }
                                td data-label=(w.say("issue-reason")) class="lines" {
                                    @if let Some(issued) = amendment.issued { (issued.reason) } @else { (w.say("issue-deployed")) }
                                    @if place > 0 {
                                        " " a class="screen-only" href={ (path(kind, id)) "/compare?from=" (sheet[place - 1].hash) "&to=" (amendment.hash) } { (w.say("compare")) }
                                    }
                                }
                                td data-label=(w.say("draft-approved-by")) {
                                    @if let Some(person) = amendment.issued.and_then(|issued| issued.approved.0.person()) { (visit.name(person)) } @else { "–" }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The distribution list of an issue.
fn copies(visit: &Visit, kind: DocumentKind, id: &str, amendment: &Amendment<'_>) -> Markup {
    let w = &visit.w;
    let Some(issued) = amendment.issued else { return html! {} };
    let mine: BTreeSet<&PostId> = match visit.person() {
        Some(person) => issued.copies.iter().filter(|post| visit.office.holds_post(&person.id, post, visit.now)).collect(),
        None => BTreeSet::new(),
    };
    let unread = visit
        .person()
        .is_some_and(|person| mine.iter().any(|post| !issued.acknowledged.contains_key(&((*post).clone(), person.id.clone()))));
    html! {
        section aria-labelledby="copies" {
            h2 id="copies" { (w.with("copies", &[("issue", &number(amendment))])) }
            ol {
                @for post in &issued.copies {
                    li {
                        (visit.post_title(post))
                        @for ((_, person), time) in issued.acknowledged.iter().filter(|((of, _), _)| of == post) { ": " (w.with("copy-read", &[("who", &visit.name(person)), ("time", &w.time(*time))])) }
                    }
                }
            }
            (received::below(visit, kind, id, issued))
            @if unread { (form(visit, kind, id, key("acknowledge"), Some(issued.hash), false)) }
        }
    }
}
