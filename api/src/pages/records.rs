//! The records of a case on its page: what holds them, what is proposed to be erased and what is gone; and the forms for it.

use engine::graph::Graph;
use engine::machine::Instance;
use engine::machine::records::{RECORDS_OFFICER, erasable};
use engine::model::definition::Retention;
use engine::model::{InstanceId, Time};
use maud::{Markup, html};

use super::form::Control;
use super::parts::{self, Tone};
use super::say::key;
use super::visit::Visit;
use super::words::Words;

/// A line that a form asks for: its name, label and hint.
type Asked = (&'static str, &'static str, Option<&'static str>);

/// How long records are kept, by what, and whether that was compared with its source.
pub(super) fn retention(w: &Words, retention: &Retention) -> Markup {
    html! {
        p {
            (w.with("retention", &[("years", &retention.years.to_string())])) " "
            @if !retention.verified { (parts::tag(Tone::Warning, &w.say("unverified"))) }
            br; span class="soft" lang="en" { (retention.source.join(" · ")) }
        }
    }
}

/// The section; nothing where nothing was said and the visitor may say nothing.
pub(super) fn section(visit: &Visit, id: &InstanceId, case: &Instance, graph: &Graph, past: Option<Time>) -> Markup {
    let w = &visit.w;
    let records = &case.records;
    // Of the past nothing is decided any more.
    let now = past.is_none();
    let (officer, owner) = (now && visit.plays(RECORDS_OFFICER, &id.unit), now && visit.commands(graph, &id.unit));
    let is_plain = records.held.is_none() && records.proposal.is_none() && records.erased.is_empty();
    if is_plain && !officer && !owner {
        return html! {};
    }
    let names = |names: &mut dyn Iterator<Item = &String>| {
        let names: Vec<String> = names.map(|name| w.variable(graph, name)).collect();
        names.join(", ")
    };
    let can_go = case.is_over() && records.held.is_none() && !erasable(graph, case).is_empty();
    html! {
        section aria-labelledby="records" {
            h2 id="records" { (w.say("records")) }
            @if let Some(kept) = &graph.process.retention { (retention(w, kept)) }
            @if let Some(held) = &records.held {
                (parts::notice(Tone::Warning, &w.say("records-held"), held))
                @if officer { (form(visit, id, key("release-records"), &[("reason", key("reason"), None)])) }
            }
            @if !records.erased.is_empty() {
                (parts::notice(Tone::Done, &w.say("records-erased"), &names(&mut records.erased.iter())))
            }
            @if let Some(proposal) = &records.proposal {
                div class="notice" {
                    p class="notice-title" { (w.say("erasure-proposed")) }
                    dl class="facts" {
                        div { dt { (w.say("erasure-names")) } dd { (names(&mut proposal.names.iter())) } }
                        div { dt { (w.say("erasure-ground")) } dd class="lines" { (proposal.ground) } }
                        div { dt { (w.say("erasure-authority")) } dd class="lines" { (proposal.authority) } }
                        div {
                            dt { (w.say("erasure-by")) }
                            dd {
                                (proposal.by.as_ref().map_or_else(|| w.say("actor-system"), |person| visit.name(person)))
                                ", " (parts::time(w, proposal.time))
                            }
                        }
                    }
                    @if officer && proposal.by.as_ref() != visit.person().map(|person| &person.id) {
                        p { (w.say("erasure-approve-help")) }
                        form method="post" action={ "/cases/" (id) "/approve-erasure" } {
                            (parts::key_field(visit))
                            input type="hidden" name="proposal" value=(proposal.id);
                            button { (w.say("approve-erasure")) }
                        }
                    }
                    @if officer || owner {
                        details {
                            summary { (w.say("reject-erasure")) }
                            form method="post" action={ "/cases/" (id) "/reject-erasure" } {
                                (parts::key_field(visit))
                                input type="hidden" name="proposal" value=(proposal.id);
                                (line(visit, "reject-erasure", ("reason", key("reason"), None)))
                                button class="plain" { (w.say("reject-erasure")) }
                            }
                        }
                    }
                }
            }
            div class="screen-only" {
                @if owner && can_go && records.proposal.is_none() {
                    details {
                        summary { (w.say("erase")) }
                        p { (w.say("erase-help")) }
                        (form(visit, id, key("erase"), &[
                            ("ground", key("erasure-ground"), Some(key("erasure-ground-hint"))),
                            ("authority", key("erasure-authority"), Some(key("erasure-authority-hint"))),
                        ]))
                    }
                }
                @if (officer || owner) && records.held.is_none() {
                    details {
                        summary { (w.say("hold")) }
                        p { (w.say("hold-help")) }
                        (form(visit, id, key("hold"), &[("ground", key("hold-ground"), None)]))
                    }
                }
            }
        }
    }
}

fn form(visit: &Visit, id: &InstanceId, what: &str, asked: &[Asked]) -> Markup {
    html! {
        form method="post" action={ "/cases/" (id) "/" (what) } {
            (parts::key_field(visit))
            @for one in asked { (line(visit, what, *one)) }
            button class="plain" { (visit.w.say(what)) }
        }
    }
}

/// A line of a form. Its id tells it from the lines of the same name in other forms of the page.
fn line(visit: &Visit, what: &str, (name, label, hint): Asked) -> Markup {
    let w = &visit.w;
    let control = Control { name: name.to_owned(), label: w.say(label), required: true, ..Control::default() };
    Control { hint: hint.map(|hint| w.say(hint)), ..control }.line(&format!("{name}-{what}"))
}
