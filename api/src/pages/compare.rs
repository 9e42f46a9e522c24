//! Two editions of a controlled document side by side: in words, as pictures and as text; and whom the later one affects.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, Query};
use axum::response::Response;
use engine::digest::Hash;
use engine::graph::difference::{Change, Found, Way, difference};
use engine::graph::library::Checked;
use engine::graph::{Graph, Library};
use engine::model::document::DocumentKind;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

use super::definition::drawn;
use super::documents;
use super::frame::Frame;
use super::lines::{self, Lines};
use super::page as read;
use super::parts::{self, way_tag};
use super::refused::Refused;
use super::say::key;
use super::visit::{Visit, page};
use super::words::Words;
use crate::app::affected::{Affected, affected};
use crate::app::editions::{Edition, Pair, editions, pair};
use crate::app::heavy::heavy;
use crate::diagram::{Diagram, Mark};

/// Changes that are told in words.
const CHANGES_MAX: usize = 500;
/// People who are named; of the others the number is told.
const NAMES_MAX: usize = 50;
/// A value that is longer is folded away.
const VALUE_CHARS: usize = 160;

/// Which two, and whether it is asked whom the later one affects.
#[derive(Deserialize)]
pub(super) struct Asked {
    from: Option<String>,
    to: Option<String>,
    affected: Option<String>,
}

/// What is compared, worked out.
struct Compared {
    changes: Vec<Change>,
    lines: Lines,
    before: Option<Arc<Graph>>,
    after: Option<Arc<Graph>>,
}

/// The page.
pub(super) async fn show(visit: Visit, Path((kind, id)): Path<(DocumentKind, String)>, Query(asked): Query<Asked>) -> Response {
    let answer = async {
        visit.identity()?;
        let mut all = editions(&visit.office.controls, &visit.library, kind, &id);
        all.retain(|edition| edition.number.is_some() || visit.serves());
        let hash = |text: &Option<String>| match text.as_deref() {
            None | Some("") => Ok(None),
            Some(text) => text.parse::<Hash>().map(Some).map_err(|_| Refused::NotFound),
        };
        let pair = pair(&all, hash(&asked.from)?, hash(&asked.to)?).ok_or(Refused::NotFound)?;
        let (library, two) = (visit.library.clone(), pair.clone());
        let compared = heavy(move || compare(&library, kind, &two)).await.ok_or(Refused::NotFound)?;
        let affected = match asked.affected {
            Some(_) if visit.serves() => Some(affected(visit.engine(), kind, &id, &pair).await?),
            _ => None,
        };
        page(view(&visit, kind, &id, &all, &pair, &compared, affected.as_ref()))
    };
    visit.answer(answer.await)
}

fn compare(library: &Library, kind: DocumentKind, pair: &Pair) -> Compared {
    let (before, after) = pair.values();
    // As it is hashed, but for the white space: how an author spaced it makes no difference.
    let text = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default();
    let graph = |edition: &Edition<'_>| match kind {
        DocumentKind::Process => match library.get(&edition.hash) {
            Some(deployed) => Some(Arc::clone(&deployed.graph)),
            None => library.check(kind, &edition.text).ok().as_ref().and_then(Checked::graph).cloned(),
        },
        _ => None,
    };
    Compared {
        changes: difference(&before, &after),
        lines: lines::compare(&text(&before), &text(&after)),
        before: pair.from.as_ref().and_then(graph),
        after: graph(&pair.to),
    }
}

/// What an edition is called.
pub(super) fn called(w: &Words, edition: &Edition<'_>) -> String {
    edition.number.map_or_else(|| w.say("draft"), |(issue, revision)| format!("{} {issue}.{revision}", w.say("issue")))
}

fn view(
    visit: &Visit,
    kind: DocumentKind,
    id: &str,
    all: &[Edition<'_>],
    pair: &Pair,
    compared: &Compared,
    affected: Option<&Affected>,
) -> Markup {
    let w = &visit.w;
    let before = pair.from.as_ref().map_or_else(|| w.say("compare-nothing"), |from| called(w, from));
    let after = called(w, &pair.to);
    let here = format!("{}/compare", documents::path(kind, id));
    let choice = |name: &'static str, label: String, chosen: Option<&Edition<'_>>| {
        html! {
            label for=(name) { (label) }
            select id=(name) name=(name) {
                @for edition in all {
                    option value=(edition.hash) selected[Some(edition) == chosen] {
                        (called(w, edition)) @if edition.in_force { " – " (w.say("issue-in-force")) }
                    }
                }
            }
        }
    };
    let body = html! {
        form class="switch" method="get" action=(here) {
            (choice("from", w.say("compare-from"), pair.from.as_ref()))
            (choice("to", w.say("compare-to"), Some(&pair.to)))
            button class="plain" { (w.say("show")) }
        }
        @if pair.from.is_none() { p class="soft" { (w.say("compare-first")) } }
        @if compared.changes.is_empty() {
            p class="none" { (w.say("compare-same")) }
        } @else {
            section aria-labelledby="changes" {
                h2 id="changes" { (w.count("changes", compared.changes.len())) }
                (in_words(visit, compared))
            }
            (pictures(visit, compared, &before, &after, pair.from.is_none()))
            section aria-labelledby="text" {
                h2 id="text" { (w.say("compare-text")) }
                (compared.lines.show(w, &before, &after))
            }
        }
        @if visit.serves() {
            section aria-labelledby="affected" class="screen-only" {
                h2 id="affected" { (w.with("affected", &[("edition", &after)])) }
                @match affected {
                    Some(affected) => (whom(visit, kind, id, affected)),
                    None => p { a class="button plain" href={ (here) "?to=" (pair.to.hash) @if let Some(from) = &pair.from { "&from=" (from.hash) } "&affected=yes#affected" } { (w.say("affected-show")) } },
                }
            }
        }
    };
    let (title, heading) = (documents::title(visit, kind, id), w.say("compare"));
    let frame = Frame::new(visit, &heading).wide().under(w.say("documents"), "/documents");
    frame.under(title.clone(), documents::path(kind, id)).over(title).show(&body)
}

/// The changes in a step, or in none, each with the way to it from there.
struct Group<'a> {
    step: Option<&'a str>,
    rows: Vec<(&'a Change, String)>,
}

/// The changes in words: of a process step by step, and what belongs to no step by itself.
fn in_words(visit: &Visit, compared: &Compared) -> Markup {
    let w = &visit.w;
    let shown = &compared.changes[..compared.changes.len().min(CHANGES_MAX)];
    let is_process = compared.before.is_some() || compared.after.is_some();
    let mut groups: Vec<Group<'_>> = Vec::new();
    for change in shown {
        let (step, rest) = match change.step() {
            Some((step, rest)) if is_process => (Some(step), rest),
            _ => (None, change.path.as_slice()),
        };
        let row = (change, rest.join(" / "));
        match groups.iter_mut().find(|group| group.step == step) {
            Some(group) => group.rows.push(row),
            None => groups.push(Group { step, rows: vec![row] }),
        }
    }
    html! {
        @for Group { step, rows } in &groups {
            @let whole = rows.iter().find(|(_, rest)| step.is_some() && rest.is_empty());
            h3 {
                @match step {
                    Some(step) => { (step_title(w, compared, step)) " " code { (step) } " " }
                    None => { (w.say("compare-whole")) " " }
                }
                (way_tag(w, whole.map_or(Way::Changed, |(change, _)| change.way)))
            }
            table class="cards changes" {
                thead {
                    tr {
                        th scope="col" { (w.say("compare-where")) }
                        th scope="col" { (w.say("compare-before")) }
                        th scope="col" { (w.say("compare-after")) }
                    }
                }
                tbody {
                    @for (change, rest) in rows {
                        tr {
                            th scope="row" {
                                @if rest.is_empty() { (w.say("compare-all")) } @else { code { (rest) } }
                                @if change.way == Way::Reordered { " " span class="soft" { (w.say("compare-order")) } }
                            }
                            td data-label=(w.say("compare-before")) { (value(w, change.before.as_ref())) }
                            td data-label=(w.say("compare-after")) { (value(w, change.after.as_ref())) }
                        }
                    }
                }
            }
        }
        @if shown.len() < compared.changes.len() { p class="soft" { (w.say("compare-more")) } }
    }
}

fn step_title(w: &Words, compared: &Compared, step: &str) -> String {
    let graphs = [&compared.after, &compared.before];
    let graph = graphs.into_iter().flatten().find(|graph| graph.step(step).is_some());
    graph.map_or_else(String::new, |graph| w.step(graph, step))
}

/// A value as it would be read: a text by itself, anything else as JSON.
fn value(w: &Words, found: Option<&Found>) -> Markup {
    let Some(found) = found else { return html! { span class="soft" { "–" } } };
    let text = match &found.value {
        Value::String(text) => text.clone(),
        value => serde_json::to_string_pretty(value).unwrap_or_default(),
    };
    html! {
        @if text.chars().count() > VALUE_CHARS {
            details { summary { (w.say("compare-value")) } pre { (text) } }
        } @else {
            pre { (text) }
        }
    }
}

/// Both pictures, each with what the other does not have.
fn pictures(visit: &Visit, compared: &Compared, before: &str, after: &str, is_first: bool) -> Markup {
    let w = &visit.w;
    let mut marks: BTreeMap<&str, Mark> = BTreeMap::new();
    for change in &compared.changes {
        let Some((step, rest)) = change.step() else { continue };
        let mark = match change.way {
            Way::Added if rest.is_empty() => Mark::Added,
            Way::Removed if rest.is_empty() => Mark::Removed,
            _ => Mark::Changed,
        };
        marks.entry(step).or_insert(mark);
    }
    let picture = |graph: &Graph, prefix: &'static str| {
        let mut diagram = drawn(visit, graph);
        mark(&mut diagram, &marks);
        diagram.prefix = prefix;
        parts::diagram(w, &diagram)
    };
    let pictures = [(&compared.before, before, "before-"), (&compared.after, after, "after-")];
    html! {
        @if pictures.iter().any(|(graph, ..)| graph.is_some()) {
            section aria-labelledby="pictures" {
                h2 id="pictures" { (w.say("diagram")) }
                p class="soft" {
                    (way_tag(w, Way::Added)) " " (way_tag(w, Way::Removed)) " " (way_tag(w, Way::Changed))
                }
                @for (graph, name, prefix) in pictures.into_iter().skip(usize::from(is_first)) {
                    h3 { (name) }
                    @match graph {
                        Some(graph) => (picture(graph, prefix)),
                        None => p class="none" { (w.say("compare-no-picture")) },
                    }
                }
            }
        }
    }
}

/// Marks the nodes; what lies in a sub-process that is new or gone is so itself.
fn mark(diagram: &mut Diagram, marks: &BTreeMap<&str, Mark>) {
    for at in 0..diagram.nodes.len() {
        let outer = diagram.nodes[at].parent.map(|parent| diagram.nodes[parent].mark);
        diagram.nodes[at].mark = match outer {
            Some(outer @ (Mark::Added | Mark::Removed)) => outer,
            _ => marks.get(diagram.nodes[at].id.as_str()).copied().unwrap_or_default(),
        };
    }
}

/// Whom the later edition affects.
fn whom(visit: &Visit, kind: DocumentKind, id: &str, affected: &Affected) -> Markup {
    let w = &visit.w;
    let newest = visit.library.newest(id).map_or(0, |newest| newest.version);
    let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let running = affected.running.values().sum();
    html! {
        dl class="facts" {
            @if kind == DocumentKind::Process {
                div {
                    dt { (w.say("affected-running")) }
                    dd {
                        (w.count("affected-cases", number(running)))
                        @if affected.more { " " (w.say("affected-more")) }
                        @for (version, cases) in &affected.running {
                            br; (w.with("version", &[("n", &version.to_string())])) ": " (cases)
                            @if *version < newest { " " a href={ "/definitions/" (id) "/" (version) "/move" } { (w.say("move")) } }
                        }
                        @if running > 0 { br; span class="soft" { (w.say("affected-pinned")) } }
                    }
                }
                @for (role, people) in &affected.performers {
                    div {
                        dt { (w.role(role)) }
                        dd {
                            @let names: Vec<String> = people.iter().take(NAMES_MAX).map(|person| visit.name(person)).collect();
                            @if names.is_empty() { span class="soft" { (w.say("affected-nobody")) } } @else { (names.join(", ")) }
                            @if people.len() > NAMES_MAX { " " (w.with("affected-others", &[("n", &(people.len() - NAMES_MAX).to_string())])) }
                        }
                    }
                }
            }
            @if !affected.processes.is_empty() {
                div {
                    dt { (w.say(if kind == DocumentKind::Norm { key("affected-clocks") } else { key("affected-callers") })) }
                    dd { @for (place, id) in affected.processes.iter().enumerate() { @if place > 0 { ", " } (visit.process_title(id)) } }
                }
            }
            @if !affected.schedules.is_empty() {
                div { dt { (w.say("affected-schedules")) } dd { (affected.schedules.join(", ")) } }
            }
            @if !affected.pages.is_empty() {
                div {
                    dt { (w.say("affected-pages")) }
                    dd { @for (place, id) in affected.pages.iter().enumerate() { @if place > 0 { ", " } a href=(read::path(id)) { (documents::title(visit, DocumentKind::Page, id)) } } }
                }
            }
            @if let Some(foreseen) = &affected.foreseen {
                div {
                    dt { (w.say("affected-moved")) }
                    dd {
                        (w.count("affected-moves", number(foreseen.moved))) ", "
                        (w.count("affected-cases", number(foreseen.cases)))
                    }
                }
            }
        }
        @if kind == DocumentKind::Process && affected.performers.is_empty() {
            p class="soft" { (w.say("affected-no-performer")) }
        }
    }
}
