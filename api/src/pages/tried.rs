//! What the page of a trial shows: where it stands, and a form with every move that can be made.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use engine::graph::{Graph, StepKind};
use engine::machine::Rejection;
use engine::machine::definition::QUALITY_COORDINATOR;
use engine::machine::task::NOTE;
use engine::model::Problem;
use engine::model::definition::APPLICANT;
use engine::model::document::DocumentKind;
use engine::model::limits::TRIAL_MOVES_MAX;
use engine::model::office::Person;
use maud::{Markup, html};

use super::case::{legend, name_roles};
use super::check::problems;
use super::compare::called;
use super::form::{Control, FormView};
use super::frame::Frame;
use super::parts::{self, Tone};
use super::posted::{Posted, text};
use super::refused::{Refused, refusal};
use super::task::{begin, titles};
use super::trial::{Trial, form_of};
use super::visit::Visit;
use super::words::Words;
use super::{clocks, custody, documents, history};
use crate::app::actor::find;
use crate::app::drawing::{Stand, drawing};
use crate::app::ladder;
use crate::app::trial::{Open, Played, Tried};

/// What ids in the pictures begin with; further cases are told without one.
const PICTURES: [&str; 6] = ["", "b-", "c-", "d-", "e-", "f-"];

/// People who are offered to act as; anybody else is named by their handle.
const PEOPLE_MAX: usize = 200;
/// Rows of a list, of tasks, messages, jobs or whatever.
pub(super) const ROWS_MAX: usize = 30;
/// Entries of the case that are told.
const ENTRIES_MAX: usize = 100;
/// Entries of each other case that are told.
const OTHERS_ENTRIES_MAX: usize = 20;

fn path(id: &str) -> String {
    format!("{}/trial", documents::path(DocumentKind::Process, id))
}

/// An edition that cannot be tried, and why.
pub(super) fn broken(visit: &Visit, id: &str, found: &[Problem]) -> Response {
    let w = &visit.w;
    let title = documents::title(visit, DocumentKind::Process, id);
    let body = html! {
        (parts::notice(Tone::Problem, &w.say("trial-broken"), ""))
        (problems(visit, found))
    };
    let frame = Frame::new(visit, &title).wide().under(w.say("documents"), "/documents");
    let frame = frame.under(title.clone(), documents::path(DocumentKind::Process, id)).over(w.say("trial"));
    (StatusCode::UNPROCESSABLE_ENTITY, frame.failed(true).show(&body)).into_response()
}

/// The page.
pub(super) fn view(visit: &Visit, trial: &Trial, played: &Played) -> Result<Markup, Refused> {
    let graph = trial.graph()?;
    // What is late, and who holds a post, is told as of the trial's own time; the page itself is of now.
    let inner = visit.in_trial(played);
    let shown = Shown { visit: &inner, trial, played, graph };
    let w = &visit.w;
    let title = w.text(&graph.process.title).to_owned();
    let body = html! {
        (parts::notice(Tone::Warning, &w.say("trial-what"), &w.say("trial-kept")))
        (shown.failure())
        (shown.facts())
        @match played.cases.first() {
            None => (shown.begin()),
            Some(tried) => {
                (shown.stand(tried, 0))
                (one(trial, &html! { (shown.tasks()) (shown.moves(tried)) (shown.ways()) }))
                (shown.told(tried))
                (shown.others())
            }
        }
    };
    Ok(framed(visit, trial, &title, trial.rejection.is_some(), &body))
}

/// The page of a trial that was not played: its moves are kept in the form.
pub(super) fn unplayed(visit: &Visit, trial: &Trial, why: Option<&Rejection>) -> Result<Markup, Refused> {
    let w = &visit.w;
    let title = w.text(&trial.graph()?.process.title).to_owned();
    let body = html! {
        (parts::notice(Tone::Warning, &w.say("trial-what"), &w.say("trial-kept")))
        @if let Some(rejection) = why { (refusal(w, rejection)) }
        (parts::notice(Tone::Problem, &w.say("trial-unplayed"), &w.say("trial-unplayed-what")))
        (one(trial, &html! {
            div class="actions" {
                button class="main" name="do" value="open" { (w.say("trial-unplayed-again")) }
                button class="plain" name="do" value="undo" { (w.say("trial-undo")) }
                button class="plain" name="do" value="again" { (w.say("trial-again")) }
            }
        }))
    };
    Ok(framed(visit, trial, &title, true, &body))
}

fn framed(visit: &Visit, trial: &Trial, title: &str, failed: bool, body: &Markup) -> Markup {
    let w = &visit.w;
    let name = documents::title(visit, DocumentKind::Process, &trial.id);
    let frame = Frame::new(visit, title).wide().unrecorded().failed(failed).over(w.say("trial"));
    let frame = frame.beside(parts::tag(Tone::Warning, &w.say("trial")));
    frame.under(w.say("documents"), "/documents").under(name, documents::path(DocumentKind::Process, &trial.id)).show(body)
}

/// The one form of the page, with the moves so far. A button says which move it makes; the fields of a move have its tag in their names.
fn one(trial: &Trial, inside: &Markup) -> Markup {
    let script = serde_json::to_string(&trial.script).unwrap_or_default();
    html! {
        form method="post" action=(path(&trial.id)) novalidate data-download {
            // The return key presses the first button of a form: this one, so it makes no move.
            button disabled hidden {}
            input type="hidden" name="edition" value=(trial.edition.hash);
            input type="hidden" name="trial" value=(script);
            (inside)
        }
    }
}

/// What is shown, and as of when.
pub(super) struct Shown<'a> {
    pub(super) visit: &'a Visit,
    trial: &'a Trial,
    pub(super) played: &'a Played,
    graph: &'a Graph,
}

impl Shown<'_> {
    /// A choice of the person who acts; of anybody, with room for a handle.
    pub(super) fn act_as(&self, tag: &str, people: &[&Person], chosen: &str, anybody: bool) -> Markup {
        let w = &self.visit.w;
        let (actor, handle) = (format!("actor.{tag}"), format!("handle.{tag}"));
        html! {
            div class="field" {
                label for=(actor) { (w.say("trial-act-as")) }
                select id=(actor) name=(actor) {
                    @if anybody { option value="" { (w.say("choose")) } }
                    @for person in people.iter().take(PEOPLE_MAX) {
                        option value=(person.handle) selected[person.handle == chosen] { (self.called(person)) }
                    }
                }
            }
            @if anybody {
                @let value = text(&self.trial.posted, "handle").to_owned();
                (Control { name: handle.clone(), label: w.say("trial-handle"), value, ..Control::default() }.line(&handle))
            }
        }
    }

    /// A person, and the first post that they hold then.
    fn called(&self, person: &Person) -> String {
        let held = self.visit.office.current_of(&person.id, self.played.now).next();
        let post = held.map_or_else(|| self.visit.w.say("trial-public"), |holder| self.visit.post_title(&holder.post.id));
        format!("{} – {post}", person.name)
    }

    /// Officials, by name. Members of the public are not listed: whoever tries names one by their handle.
    fn officials(&self) -> Vec<&Person> {
        let mut people: Vec<&Person> = self.visit.office.current(self.played.now).map(|holder| holder.person).collect();
        people.sort_by_key(|person| (&person.name, &person.id));
        people.dedup_by_key(|person| &person.id);
        people
    }

    /// Whoever began the case.
    fn starter(&self) -> Option<&Person> {
        find(&self.visit.office, &self.trial.script.start.as_ref()?.actor)
    }

    /// Those who may end a case, or set it going again.
    pub(super) fn commanders(&self) -> Vec<&Person> {
        let (office, now) = (&self.visit.office, self.played.now);
        let owner = &self.graph.process.owner.post;
        let owners = office.current(now).filter(|holder| holder.post.id == *owner).map(|holder| holder.person);
        let coordinators = office.holders(QUALITY_COORDINATOR, &self.played.unit, now);
        let mut people: Vec<&Person> = owners.chain(coordinators.iter().map(|holder| holder.person)).collect();
        people.sort_by_key(|person| &person.name);
        people.dedup_by_key(|person| &person.id);
        people
    }

    fn failure(&self) -> Markup {
        let Some(rejection) = &self.trial.rejection else { return html! {} };
        let w = &self.visit.w;
        let (graph, form) = match self.chosen(&self.played.tasks()) {
            Some(open) => (self.graph_of(open.tried), form_of(self.graph_of(open.tried), &open.task.step)),
            None => (self.graph, form_of(self.graph, "")),
        };
        let lookup = |name: &str| titles(graph, name);
        match form {
            Some(form) if !rejection.problems.is_empty() => {
                FormView::new(form, &lookup, self.trial.posted.clone()).wrong(rejection.problems.clone()).summary(w)
            }
            _ => refusal(w, rejection),
        }
    }

    fn facts(&self) -> Markup {
        let w = &self.visit.w;
        let moves = self.trial.script.steps.len();
        html! {
            dl class="facts across" {
                div { dt { (w.say("document")) } dd { (called(w, &self.trial.edition)) } }
                div { dt { (w.say("unit")) } dd { (self.visit.unit_title(&self.played.unit)) } }
                @if let Some(tried) = self.played.cases.first() {
                    div { dt { (w.say("status")) } dd { (parts::status_tag(w, tried.case.status)) } }
                }
                div { dt { (w.say("trial-now")) } dd { strong { (parts::time(w, self.played.now)) } } }
                @if !self.played.cases.is_empty() {
                    div { dt { (w.say("trial-moves")) } dd { (moves) " / " (TRIAL_MOVES_MAX) } }
                }
            }
        }
    }

    /// Where and when it begins, who begins it, with what.
    fn begin(&self) -> Markup {
        let w = &self.visit.w;
        let posted = &self.trial.posted;
        let mut units: Vec<(String, String)> =
            self.visit.office.units.keys().map(|unit| (unit.to_string(), self.visit.unit_title(unit))).collect();
        units.sort_by_key(|(unit, _)| *unit != self.played.unit.as_str());
        let place = |tag: &str| {
            let unit = Control {
                name: format!("unit.{tag}"),
                label: w.say("unit"),
                required: true,
                value: self.played.unit.to_string(),
                ..Control::default()
            };
            html! { (unit.list(&units, None)) (self.instant(tag, self.played.now)) }
        };
        let scope = &self.graph.scopes[0];
        let performer = scope.start.and_then(|step| match &self.graph.steps[step].kind {
            StepKind::Start { performer: Some(performer), .. } if performer.role != APPLICANT => Some(performer.role.as_str()),
            _ => None,
        });
        let people: Vec<&Person> = match performer {
            Some(role) => {
                self.visit.office.holders(role, &self.played.unit, self.played.now).iter().map(|holder| holder.person).collect()
            }
            None => self.officials(),
        };
        let lookup = |name: &str| titles(self.graph, name);
        let wrong = self.trial.rejection.as_ref().map(|rejection| rejection.problems.clone()).unwrap_or_default();
        let form = form_of(self.graph, "").map(|form| FormView::new(form, &lookup, posted.clone()).wrong(wrong));
        html! {
            section aria-labelledby="begin" {
                h2 id="begin" { (w.say("trial-begin")) }
                (one(self.trial, &html! {
                    @if scope.start.is_some() {
                        (place("start"))
                        @if performer.is_some() && people.is_empty() { p class="soft" { (w.say("trial-nobody")) } }
                        (self.act_as("start", &people, text(posted, "actor"), performer.is_none()))
                        @match &form { Some(form) => (form.fields(w)), None => p { (w.say("no-form")) } }
                        div class="actions" { button class="main" name="do" value="start.start" { (w.say("start-button")) } }
                    }
                    @for (number, step) in scope.message_starts.iter().take(ROWS_MAX).enumerate() {
                        @if let StepKind::Start { message: Some(catch), .. } = &self.graph.steps[*step].kind {
                            @let tag = format!("message-{number}");
                            (self.message(&tag, &catch.name, "", &catch.outputs, &if scope.start.is_none() && number == 0 { place(&tag) } else { html! {} }))
                        }
                    }
                }))
            }
            section aria-labelledby="diagram" {
                h2 id="diagram" { (w.say("diagram")) }
                (self.picture(self.graph, None, 0))
            }
        }
    }

    fn picture(&self, graph: &Graph, tried: Option<&Tried>, number: usize) -> Markup {
        let Some(prefix) = PICTURES.get(number).copied() else { return html! {} };
        let stand = tried.map(|tried| Stand::of(graph, &tried.case, &tried.history));
        let mut diagram = drawing(graph, self.visit.w.language, stand.as_ref());
        diagram.prefix = prefix;
        name_roles(self.visit, graph, &mut diagram);
        parts::diagram(&self.visit.w, &diagram)
    }

    pub(super) fn graph_of(&self, tried: &Tried) -> &Graph {
        self.visit.library.get(&tried.case.definition).map_or(self.graph, |deployed| &*deployed.graph)
    }

    /// Where the case stands.
    fn stand(&self, tried: &Tried, number: usize) -> Markup {
        let w = &self.visit.w;
        html! {
            section aria-labelledby="stand" {
                h2 id="stand" { (w.say("where-it-stands")) }
                (legend(w))
                (self.picture(self.graph_of(tried), Some(tried), number))
            }
        }
    }

    /// The task that is shown with its form: the one that was posted or asked for, else the first.
    fn chosen<'b>(&self, open: &'b [Open<'b>]) -> Option<&'b Open<'b>> {
        let (step, nth) = (text(&self.trial.posted, "task"), text(&self.trial.posted, "nth").parse().unwrap_or(0));
        open.iter().find(|open| open.task.step == step && open.nth == nth).or(open.first())
    }

    fn tasks(&self) -> Markup {
        let w = &self.visit.w;
        let open = self.played.tasks();
        let Some(chosen) = self.chosen(&open) else { return html! {} };
        html! {
            section aria-labelledby="tasks" {
                h2 id="tasks" { (w.say("open-tasks")) }
                @if open.len() > 1 {
                    table class="cards" {
                        thead {
                            tr {
                                th scope="col" { (w.say("task")) }
                                th scope="col" { (w.say("role")) }
                                th scope="col" { (w.say("due")) }
                                th scope="col" { span class="hidden" { (w.say("actions")) } }
                            }
                        }
                        tbody {
                            @for (number, one) in open.iter().take(ROWS_MAX).enumerate() {
                                @let tag = format!("open-{number}");
                                tr {
                                    th scope="row" { (w.step(self.graph_of(one.tried), &one.task.step)) }
                                    td data-label=(w.say("role")) { (w.role(&one.task.role)) }
                                    td data-label=(w.say("due")) { (parts::due(w, one.task.due, self.played.now)) }
                                    td {
                                        @if std::ptr::eq(one, chosen) { (parts::tag(Tone::Active, &w.say("trial-shown"))) } @else {
                                            (named(one, &tag))
                                            button class="plain" name="do" value={ "open." (tag) } { (w.say("trial-work")) }
                                        }
                                    }
                                }
                            }
                        }
                    }
                    (more(w, open.len()))
                }
                (self.task(chosen))
            }
        }
    }

    /// A task with its form.
    fn task(&self, open: &Open<'_>) -> Markup {
        let (w, graph) = (&self.visit.w, self.graph_of(open.tried));
        let step = &open.task.step;
        let is_again = self.trial.rejection.is_some() && text(&self.trial.posted, "task") == step;
        let filled = if is_again { self.trial.posted.clone() } else { self.filled(graph, open) };
        let wrong = self.trial.rejection.as_ref().filter(|_| is_again).map(|rejection| rejection.problems.clone());
        let lookup = |name: &str| titles(graph, name);
        let form = form_of(graph, step).map(|form| FormView::new(form, &lookup, filled.clone()).wrong(wrong.unwrap_or_default()));
        let authored = graph.step(step).and_then(|step| graph.authored(step));
        let holder = open.task.claim.as_ref().and_then(|claim| self.visit.office.people.get(&claim.person));
        // Whoever is kept from it may be tried as well: the refusal is part of the trial.
        let first = holder.into_iter().chain(open.people.iter().copied()).chain(self.starter());
        let mut people: Vec<&Person> = first.chain(self.officials()).collect();
        let mut seen = std::collections::BTreeSet::new();
        people.retain(|person| seen.insert(&person.id));
        let mut names: Vec<String> = open.people.iter().take(ROWS_MAX).map(|person| self.called(person)).collect();
        if open.people.len() > ROWS_MAX {
            names.push(w.count("and-more", open.people.len() - ROWS_MAX));
        }
        let posted = Some(text(&filled, "actor")).filter(|_| is_again);
        let actor = posted.or(people.first().map(|person| person.handle.as_str())).unwrap_or_default();
        html! {
            h3 { (w.step(graph, step)) }
            @if let Some(help) = authored.and_then(|step| step.help.as_ref()) { p { (w.text(help)) } }
            dl class="facts across" {
                @if open.tried.case.id != self.played.cases[0].case.id {
                    div { dt { (w.say("process")) } dd { (w.text(&graph.process.title)) } }
                }
                div { dt { (w.say("offered-to")) } dd { (w.role(&open.task.role)) } }
                div { dt { (w.say("due")) } dd { (parts::due(w, open.task.due, self.played.now)) } }
                div {
                    dt { (w.say("who-has-it")) }
                    dd { @match holder { Some(person) => (self.called(person)), None => (w.say("unclaimed")) } }
                }
                div { dt { (w.say("trial-may")) } dd { @if names.is_empty() { (w.say("trial-nobody")) } @else { (names.join("; ")) } } }
            }
            (named(open, "task"))
            (self.act_as("task", &people, actor, true))
            @if let Some(form) = &form { (form.fields(w)) } @else if ladder::gave(step) {
                (Control { name: NOTE.to_owned(), label: w.say("escalation-note"), ..Control::default() }.textarea(w, 3))
            } @else { p { (w.say("no-form")) } }
            div class="actions" {
                button class="main" name="do" value="complete.task" { (w.say("complete")) }
                @if holder.is_some() { button name="do" value="release.task" { (w.say("release")) } }
                @else { button name="do" value="claim.task" { (w.say("claim")) } }
            }
        }
    }

    /// What the case has for the fields of a task already.
    fn filled(&self, graph: &Graph, open: &Open<'_>) -> Posted {
        let Some(form) = form_of(graph, &open.task.step) else { return Posted::new() };
        let case = &open.tried.case;
        let scope = open.task.token.and_then(|token| case.tokens.get(&token)).map_or(0, |token| token.scope);
        begin(&self.visit.w, graph, form, case, scope)
    }

    /// Clocks, data and history of a case.
    fn told(&self, tried: &Tried) -> Markup {
        let (w, graph) = (&self.visit.w, self.graph_of(tried));
        let held = custody::held(self.visit, &tried.history);
        html! {
            (clocks::section(self.visit, None, &tried.case, &held))
            section aria-labelledby="data" {
                h2 id="data" { (w.say("data")) }
                (self.data(graph, tried))
            }
            section aria-labelledby="history" {
                h2 id="history" { (w.say("history")) }
                (self.history(graph, tried, ENTRIES_MAX))
            }
        }
    }

    /// The last entries of a case.
    fn history(&self, graph: &Graph, tried: &Tried, most: usize) -> Markup {
        let told = history::tell(self.visit, graph, &tried.history);
        let earlier = told.len().saturating_sub(most);
        html! {
            (history::timeline(self.visit, graph, None, told.get(earlier..).unwrap_or_default()))
            @if earlier > 0 { p class="soft" { (self.visit.w.count("trial-earlier", earlier)) } }
        }
    }

    fn data(&self, graph: &Graph, tried: &Tried) -> Markup {
        let w = &self.visit.w;
        html! {
            @for (number, scope) in tried.case.scopes.iter().filter(|(number, scope)| **number == 0 || !scope.variables.is_empty()) {
                @if let Some(step) = &scope.step { h3 { (w.step(graph, step)) " (" (number) ")" } }
                @if scope.variables.is_empty() { p class="none" { (w.say("data-none")) } } @else {
                    (history::facts(self.visit, graph, &scope.variables))
                }
            }
        }
    }

    /// Cases that came of it: called ones, and those that a breach began.
    fn others(&self) -> Markup {
        let w = &self.visit.w;
        let others = self.played.cases.get(1..).unwrap_or_default();
        html! {
            @if !others.is_empty() {
                section aria-labelledby="others" {
                    h2 id="others" { (w.say("trial-others")) }
                    @for (number, tried) in others.iter().take(ROWS_MAX).enumerate() {
                        @let graph = self.graph_of(tried);
                        details {
                            summary { (w.text(&graph.process.title)) " " (parts::status_tag(w, tried.case.status)) }
                            (self.picture(graph, Some(tried), number + 1))
                            (self.data(graph, tried))
                            (self.history(graph, tried, OTHERS_ENTRIES_MAX))
                        }
                    }
                    (more(w, others.len() + self.played.more))
                }
            }
        }
    }

    /// Back by one move, back to the beginning, and away with it as a file.
    fn ways(&self) -> Markup {
        let w = &self.visit.w;
        html! {
                div class="actions screen-only" {
                    button class="plain" name="do" value="undo" { (w.say("trial-undo")) }
                    button class="plain" name="do" value="again" { (w.say("trial-again")) }
                    @if self.trial.script.start.is_some() {
                        button class="plain" name="do" value="download" { (w.say("trial-download")) }
                    }
                }
                p class="hint screen-only" { (w.say("trial-download-what")) }
        }
    }
}

/// How many more there are than are listed.
pub(super) fn more(w: &Words, all: usize) -> Markup {
    html! { @if all > ROWS_MAX { p class="soft" { (w.count("and-more", all - ROWS_MAX)) } } }
}

/// Which task the fields of a tag are about.
fn named(open: &Open<'_>, tag: &str) -> Markup {
    html! {
        input type="hidden" name={ "process." (tag) } value=(open.tried.case.process);
        input type="hidden" name={ "task." (tag) } value=(open.task.step);
        input type="hidden" name={ "nth." (tag) } value=(open.nth);
    }
}
