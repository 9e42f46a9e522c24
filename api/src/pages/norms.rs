//! What the office promises: its time norms as they are in force today, and one norm with all its editions.

use std::collections::BTreeMap;

use axum::extract::Path;
use axum::response::Response;
use engine::model::norm::{Document, Edition, Limit};
use engine::norm::Norm;
use maud::{Markup, html};

use super::frame::Frame;
use super::parts::{self, Tone};
use super::refused::Refused;
use super::visit::{Visit, page};
use super::words::Words;
use crate::app::published;

/// The list.
pub(super) async fn list(visit: Visit) -> Response {
    let answer = async {
        visit.identity()?;
        page(all(&visit))
    };
    visit.answer(answer.await)
}

/// One norm.
pub(super) async fn show(visit: Visit, Path(id): Path<String>) -> Response {
    let answer = async {
        visit.identity()?;
        page(one(&visit, &id).ok_or(Refused::NotFound)?)
    };
    visit.answer(answer.await)
}

fn all(visit: &Visit) -> Markup {
    let w = &visit.w;
    let today = w.day(visit.now);
    let bound = bound(visit);
    let (mut kept, mut others) = (Vec::new(), Vec::new());
    for issue in visit.library.norms() {
        let norm = &*issue.document;
        if let Some(edition) = norm.in_force(today) {
            if bound.contains_key(norm.id()) { kept.push((norm, edition)) } else { others.push((norm, edition)) }
        }
    }
    let body = html! {
        p class="lead" { (w.say("norms-lead")) }
        section aria-labelledby="kept" { h2 id="kept" { (w.say("norms-kept")) } (table(visit, &kept, &bound)) }
        section aria-labelledby="others" {
            h2 id="others" { (w.say("norms-others")) }
            p class="soft" { (w.say("norms-others-what")) }
            (table(visit, &others, &bound))
        }
    };
    Frame::new(visit, &w.say("nav-norms")).wide().show(&body)
}

/// Processes by the norms that they bind.
fn bound(visit: &Visit) -> BTreeMap<String, Vec<String>> {
    let mut bound: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for deployed in visit.library.all_newest() {
        for clock in &deployed.graph.clocks {
            bound.entry(clock.norm.clone()).or_default().push(deployed.graph.process.id.clone());
        }
    }
    bound
}

fn table(visit: &Visit, norms: &[(&Norm, &Edition)], bound: &BTreeMap<String, Vec<String>>) -> Markup {
    let w = &visit.w;
    if norms.is_empty() {
        return html! { p class="none" { (w.say("norms-none")) } };
    }
    html! {
        table class="cards" {
            thead {
                tr {
                    th scope="col" { (w.say("norms-service")) }
                    th scope="col" { (w.say("clock-limit")) }
                    th scope="col" { (w.say("clock-source")) }
                    th scope="col" { (w.say("process")) }
                }
            }
            tbody {
                @for (norm, edition) in norms {
                    tr {
                        th scope="row" { a href={ "/norms/" (norm.id()) } { (w.text(&norm.document.title)) } }
                        td data-label=(w.say("clock-limit")) { (limits(w, &norm.document, edition)) }
                        td data-label=(w.say("clock-source")) {
                            (w.text(&edition.title))
                            @if !edition.verified { " " (parts::tag(Tone::Warning, &w.say("unverified"))) }
                        }
                        td data-label=(w.say("process")) {
                            @for process in bound.get(norm.id()).into_iter().flatten() { (visit.process_title(process)) " " }
                        }
                    }
                }
            }
        }
    }
}

/// The limits of an edition.
pub(super) fn limits(w: &Words, norm: &Document, edition: &Edition) -> Markup {
    listed(w, norm, &edition.limits.iter().collect::<Vec<_>>())
}

/// The limits of an edition, for a reader who is to know what is promised.
pub(super) fn promised(w: &Words, norm: &Document, edition: &Edition) -> Markup {
    let (limits, doubt) = published::promised(norm, edition);
    html! {
        (listed(w, norm, &limits))
        @if let Some(help) = doubt { p class="soft" lang=[w.language_of(help)] { (w.text(help)) } }
    }
}

fn listed(w: &Words, norm: &Document, limits: &[&Limit]) -> Markup {
    html! {
        @if let [only] = limits {
            (limit(w, norm, only))
        } @else {
            ul { @for one in limits { li { (limit(w, norm, one)) } } }
        }
    }
}

fn limit(w: &Words, norm: &Document, limit: &Limit) -> Markup {
    let attributes = limit.when.iter().map(|(name, value)| {
        let title = norm.attributes.get(name).and_then(|attribute| attribute.values.get(value));
        title.map_or_else(|| value.clone(), |title| w.text(title).to_owned())
    });
    let attributes: Vec<String> = attributes.collect();
    html! { @if !attributes.is_empty() { (attributes.join(", ")) ": " } (w.within(&limit.within)) }
}

fn one(visit: &Visit, id: &str) -> Option<Markup> {
    let w = &visit.w;
    let issue = visit.library.newest_norm(id)?;
    let (norm, version) = (&issue.document, issue.version.to_string());
    let today = w.day(visit.now);
    let in_force = norm.in_force(today);
    let day = |written: &Option<String>| {
        let date = written.as_deref().and_then(engine::model::time::date);
        date.map_or_else(|| "…".to_owned(), |date| w.date(date))
    };
    let body = html! {
        @if let Some(help) = &norm.document.help { p class="lead" { (w.text(help)) } }
        dl class="facts across" {
            div { dt { (w.say("owner")) } dd { (visit.post_title(&norm.document.owner.post)) } }
            div { dt { (w.say("norms-document")) } dd { (norm.id()) " (" (w.with("version", &[("n", &version)])) ")" } }
            div { dt { (w.say("references")) } dd { (norm.document.reference.join(" · ")) } }
        }
        @for edition in norm.document.editions.iter().rev() {
            section {
                h2 {
                    (w.text(&edition.title)) " "
                    @if in_force == Some(edition) { (parts::tag(Tone::Active, &w.say("norms-in-force"))) " " }
                    @if !edition.verified { (parts::tag(Tone::Warning, &w.say("unverified"))) }
                }
                p { (day(&edition.from)) " – " (day(&edition.to)) }
                p { (limits(w, &norm.document, edition)) }
                ul class="soft" lang="en" { @for source in &edition.source { li { (source) } } }
            }
        }
    };
    let title = w.text(&norm.document.title);
    Some(Frame::new(visit, title).under(w.say("nav-norms"), "/norms").show(&body))
}
