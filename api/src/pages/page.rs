//! Pages that people read: the public ones, which nobody needs to sign in for; each as it is in force, as it stood, and as a draft has it.

use std::collections::BTreeMap;

use axum::extract::{Path, Query};
use axum::response::Response;
use engine::digest::Hash;
use engine::graph::library::Issue;
use engine::machine::control::Amendment;
use engine::model::document::DocumentKind;
use engine::model::page::{Page, Part, Section};
use engine::model::{Language, Time};
use engine::norm::Norm;
use maud::{Markup, html};

use super::documents;
use super::frame::Frame;
use super::norms::promised;
use super::parts::{self, Tone};
use super::past::{self, AsOf};
use super::refused::Refused;
use super::visit::{Answer, Visit, go, page};
use crate::app::editions::{ended, stood};
use crate::app::published::{self, norm_at, page_at};

const KIND: DocumentKind = DocumentKind::Page;

/// What the visitor may read of that which is in force.
pub(super) async fn list(visit: Visit) -> Response {
    let w = &visit.w;
    let body = html! {
        p class="lead" { (w.say("pages-lead")) }
        @let pages: Vec<_> = in_force(&visit).collect();
        @if pages.is_empty() { p class="none" { (w.say("pages-none")) } } @else {
            table class="cards" {
                thead {
                    tr {
                        th scope="col" { (w.say("page-title")) }
                        th scope="col" { (w.say("document-kind")) }
                        th scope="col" { (w.say("unit")) }
                        th scope="col" { (w.say("issue-effective")) }
                    }
                }
                tbody {
                    @for (amendment, issue) in pages {
                        tr {
                            th scope="row" { a href=(path(&issue.document.id)) lang=[w.language_of(&issue.document.title)] { (w.text(&issue.document.title)) } }
                            td data-label=(w.say("document-kind")) { (kind(&visit, &issue.document)) }
                            td data-label=(w.say("unit")) { (unit(&visit, &issue.document).unwrap_or_else(|| "–".to_owned())) }
                            td data-label=(w.say("issue-effective")) { (effective(&visit, &issue.document.id, &amendment)) }
                        }
                    }
                }
            }
        }
    };
    visit.answer(page(Frame::new(&visit, &w.say("nav-pages")).wide().show(&body)))
}

/// The charter, where there is one; else whatever can be read.
pub(super) async fn charter(visit: Visit) -> Response {
    let pages = in_force(&visit).map(|(_, issue)| &*issue.document);
    let charters: Vec<String> =
        pages.filter(|page| page.public && page.kind == "charter").map(|page| path(&page.id)).take(2).collect();
    let to: &str = if let [only] = charters.as_slice() { only } else { "/pages" };
    visit.answer(go(to))
}

/// A page as it is in force, or as it was at an instant.
pub(super) async fn show(visit: Visit, Path(id): Path<String>, Query(asked): Query<AsOf>) -> Response {
    let past = asked.instant(&visit);
    let answer = stands(&visit, &id, past);
    visit.answer(answer)
}

fn stands(visit: &Visit, id: &str, past: Option<Time>) -> Answer {
    let at = past.unwrap_or(visit.now);
    let newest =
        visit.library.document(KIND, id).and_then(|listed| visit.library.page_of(&listed.hash)).ok_or(Refused::NotFound)?;
    let found = page_at(&visit.office.controls, &visit.library, id, at);
    if !(open(visit, id).is_some() && found.as_ref().is_none_or(|(_, issue)| issue.document.public)) {
        visit.identity()?;
    }
    if let Some((found, issue)) = &found {
        return page(view(visit, found, issue, at, past));
    }
    let w = &visit.w;
    let body = html! {
        (past::note(visit, &path(id), past))
        p class="none" { (w.say("page-not-then")) }
        (past::form(visit, &path(id), past))
    };
    let title = &newest.document.title;
    page(Frame::new(visit, w.text(title)).titled_in(w.language_of(title)).under(w.say("nav-pages"), "/pages").show(&body))
}

/// A version, whether it is in force or not: one that is over is shown as it was in its last moment.
pub(super) async fn version(visit: Visit, Path((id, version)): Path<(String, String)>) -> Response {
    let answer = || {
        let version: u32 = version.parse().map_err(|_| Refused::NotFound)?;
        let controls = &visit.office.controls;
        let sheet = controls.amendments(&visit.library, KIND, &id);
        let is_it = |one: &&Amendment<'_>| one.version.as_ref().is_some_and(|listed| listed.version == version);
        let found = sheet.iter().find(is_it).ok_or(Refused::NotFound)?;
        let issue = visit.library.page_of(&found.hash).ok_or(Refused::NotFound)?;
        if open(&visit, &id) != Some(found.hash) {
            visit.identity()?;
        }
        let last = ended(controls, &visit.library, KIND, &id, &found.hash).map(|end| Time(end.0.saturating_sub(1)));
        page(view(&visit, found, issue, last.unwrap_or(visit.now), None))
    };
    visit.answer(answer())
}

/// The address of a page.
pub(super) fn path(id: &str) -> String {
    format!("/pages/{}", parts::encode(id))
}

fn open(visit: &Visit, id: &str) -> Option<Hash> {
    published::open(&visit.office.controls, &visit.library, id, visit.now)
}

/// Pages in force that the visitor may read.
fn in_force(visit: &Visit) -> impl Iterator<Item = (Amendment<'_>, &Issue<Page>)> {
    let pages = visit.library.pages().filter(|issue| issue.document.public || visit.identity().is_ok());
    pages.filter_map(|issue| {
        let found = stood(&visit.office.controls, &visit.library, KIND, &issue.document.id, visit.now)?;
        (found.hash == issue.hash).then_some((found, issue))
    })
}

/// What kind of page it is. A word of the office's own is there as it wrote it, in Latin letters.
fn kind(visit: &Visit, page: &Page) -> Markup {
    let w = &visit.w;
    match w.page_kind(&page.kind) {
        Ok(known) => html! { (known) },
        Err(own) => html! { span lang=[(w.language != Language::English).then(|| Language::English.tag())] { (own) } },
    }
}

/// The unit of the post that answers for a page.
fn unit(visit: &Visit, page: &Page) -> Option<String> {
    visit.office.posts.get(&page.owner.post).map(|post| visit.unit_title(&post.unit))
}

fn effective(visit: &Visit, id: &str, amendment: &Amendment<'_>) -> String {
    let time = visit.office.controls.effective(KIND, id, amendment);
    time.map_or_else(|| "–".to_owned(), |time| visit.w.date(visit.w.day(time)))
}

/// A version, with its norms as they stood at an instant.
fn view(visit: &Visit, amendment: &Amendment<'_>, issue: &Issue<Page>, at: Time, past: Option<Time>) -> Markup {
    let (w, shown) = (&visit.w, &*issue.document);
    let controls = &visit.office.controls;
    let here = path(&shown.id);
    let over = ended(controls, &visit.library, KIND, &shown.id, &amendment.hash).filter(|end| *end <= visit.now);
    let review = controls.get(KIND, &shown.id).and_then(|controlled| controlled.review).filter(|_| over.is_none());
    let body = html! {
        @if past.is_some() {
            (past::note(visit, &here, past))
        } @else if let Some(end) = over {
            (parts::notice(Tone::Warning, &w.with("page-over", &[("time", &w.time(end))]), &w.say("page-over-what")))
            p class="screen-only" { a href=(here) { (w.say("as-of-now")) } }
        }
        @if !shown.verified { (parts::notice(Tone::Warning, &w.say("not-verified"), &w.say("page-unverified-what"))) }
        dl class="facts across" {
            div { dt { (w.say("issue")) } dd { (amendment.issue) "." (amendment.revision) } }
            div { dt { (w.say("issue-effective")) } dd { (effective(visit, &shown.id, amendment)) } }
            @if let Some(day) = review { div { dt { (w.say("issue-review")) } dd { (w.date(day)) } } }
            div { dt { (w.say("page-owner")) } dd { (visit.post_title(&shown.owner.post)) } }
            @if !shown.reference.is_empty() { div { dt { (w.say("references")) } dd { (shown.reference.join(" · ")) } } }
        }
        @for section in &shown.sections {
            section id={ "at-" (section.id) } {
                h2 lang=[w.language_of(&section.title)] { (w.text(&section.title)) }
                (content(visit, section, at))
            }
        }
        (sources(visit, shown, at))
        div class="actions screen-only" {
            button type="button" data-print hidden { (w.say("page-print")) }
            @if visit.person().is_some() { a class="button plain" href=(documents::path(KIND, &shown.id)) { (w.say("page-document")) } }
        }
        (past::form(visit, &here, past))
    };
    let title = w.text(&shown.title);
    let frame = Frame::new(visit, title).titled_in(w.language_of(&shown.title)).under(w.say("nav-pages"), "/pages");
    let frame = frame.over(html! { (kind(visit, shown)) @if let Some(unit) = unit(visit, shown) { " · " (unit) } });
    if over.is_some() { frame.beside(parts::tag(Tone::Quiet, &w.say("issue-obsolete"))) } else { frame }.show(&body)
}

/// How a draft will be read.
pub(super) fn preview(visit: &Visit, page: &Page) -> Markup {
    let w = &visit.w;
    html! {
        div class="slip" {
            h2 { (w.say("page-preview")) ": " span lang=[w.language_of(&page.title)] { (w.text(&page.title)) } }
            @for section in &page.sections {
                h3 lang=[w.language_of(&section.title)] { (w.text(&section.title)) }
                (content(visit, section, visit.now))
            }
        }
    }
}

/// What stands in a section.
fn content(visit: &Visit, section: &Section, at: Time) -> Markup {
    let w = &visit.w;
    html! {
        @for part in &section.content {
            @match part {
                Part::Paragraph(text) => p lang=[w.language_of(text)] { (w.text(text)) },
                Part::List(list) => ul { @for text in list { li lang=[w.language_of(text)] { (w.text(text)) } } },
                Part::Numbered(list) => ol { @for text in list { li lang=[w.language_of(text)] { (w.text(text)) } } },
                Part::Norms(norms) => (promises(visit, norms, at)),
            }
        }
        @if !section.reference.is_empty() { p class="soft" { (w.say("references")) ": " (section.reference.join(" · ")) } }
    }
}

fn norm<'a>(visit: &'a Visit, id: &str, at: Time) -> Option<&'a Norm> {
    norm_at(&visit.office.controls, &visit.library, id, at)
}

/// What the norms promise, as they stood at an instant: never typed twice.
fn promises(visit: &Visit, norms: &[String], at: Time) -> Markup {
    let (w, day) = (&visit.w, visit.w.day(at));
    html! {
        table class="cards" {
            thead {
                tr {
                    th scope="col" { (w.say("norms-service")) }
                    th scope="col" { (w.say("clock-limit")) }
                    th scope="col" { (w.say("clock-source")) }
                }
            }
            tbody {
                @for id in norms {
                    @let norm = norm(visit, id, at);
                    @let edition = norm.and_then(|norm| norm.in_force(day));
                    tr {
                        th scope="row" {
                            @match norm {
                                Some(norm) if visit.person().is_some() => a href={ "/norms/" (id) } lang=[w.language_of(&norm.document.title)] { (w.text(&norm.document.title)) },
                                Some(norm) => span lang=[w.language_of(&norm.document.title)] { (w.text(&norm.document.title)) },
                                None => code { (id) },
                            }
                        }
                        @match (norm, edition) {
                            (Some(norm), Some(edition)) => {
                                td data-label=(w.say("clock-limit")) { (promised(w, &norm.document, edition)) }
                                td data-label=(w.say("clock-source")) {
                                    span lang=[w.language_of(&edition.title)] { (w.text(&edition.title)) } " "
                                    @if edition.verified { (parts::tag(Tone::Done, &w.say("verified"))) } @else { (parts::tag(Tone::Warning, &w.say("unverified"))) }
                                }
                            }
                            _ => {
                                td data-label=(w.say("clock-limit")) class="soft" { (w.say("page-no-limit")) }
                                td data-label=(w.say("clock-source")) { "–" }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Where a page comes from, and where the times do that it shows.
fn sources(visit: &Visit, page: &Page, at: Time) -> Markup {
    let (w, day) = (&visit.w, visit.w.day(at));
    let mut norms: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (_, id) in page.norms() {
        let Some(edition) = norm(visit, id, at).and_then(|norm| norm.in_force(day)) else { continue };
        for source in &edition.source {
            let named = norms.entry(source).or_default();
            if !named.contains(&id) {
                named.push(id);
            }
        }
    }
    let title = |id: &str| norm(visit, id, at).map_or_else(|| id.to_owned(), |norm| w.text(&norm.document.title).to_owned());
    html! {
        @if !page.source.is_empty() || !norms.is_empty() {
            section aria-labelledby="sources" class="soft" {
                h2 id="sources" { (w.say("sources")) }
                ul { @for source in &page.source { li lang="en" { (source) } } }
                @if !norms.is_empty() {
                    h3 { (w.say("page-norm-sources")) }
                    ul {
                        @for (source, ids) in &norms {
                            li { span lang="en" { (source) } ": " (ids.iter().map(|id| title(id)).collect::<Vec<_>>().join("; ")) }
                        }
                    }
                }
            }
        }
    }
}
