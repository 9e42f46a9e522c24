//! What the page of a trial shows: where it stands, and one form for each move that can be made.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use engine::graph::{Graph, StepKind};
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
use super::{clocks, custody, documents, history};
use crate::app::drawing::{Stand, drawing};
use crate::app::ladder;
use crate::app::trial::{Open, Played, Tried};

/// What ids in the pictures begin with; further cases are told without one.
const PICTURES: [&str; 6] = ["", "b-", "c-", "d-", "e-", "f-"];

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
                (shown.tasks())
                (shown.moves(tried))
                (shown.ways())
                (shown.told(tried))
                (shown.others())
            }
        }
    };
    let name = documents::title(visit, DocumentKind::Process, &trial.id);
    let frame = Frame::new(visit, &title).wide().unrecorded().failed(trial.rejection.is_some()).over(w.say("trial"));
    let frame = frame.beside(parts::tag(Tone::Warning, &w.say("trial")));
    Ok(frame.under(w.say("documents"), "/documents").under(name, documents::path(DocumentKind::Process, &trial.id)).show(&body))
}

/// What is shown, and as of when.
pub(super) struct Shown<'a> {
    pub(super) visit: &'a Visit,
    trial: &'a Trial,
    pub(super) played: &'a Played,
    graph: &'a Graph,
}

impl Shown<'_> {
    /// A form that makes a move.
    pub(super) fn form(&self, what: &str, inside: &Markup) -> Markup {
        html! {
            form method="post" action=(path(&self.trial.id)) novalidate {
                (self.carried())
                @if !what.is_empty() { input type="hidden" name="do" value=(what); }
                (inside)
            }
        }
    }

    /// The moves so far, in every form.
    fn carried(&self) -> Markup {
        let script = serde_json::to_string(&self.trial.script).unwrap_or_default();
        html! {
            input type="hidden" name="edition" value=(self.trial.edition.hash);
            input type="hidden" name="trial" value=(script);
        }
    }

    /// A choice of the person who acts, under an id of its own.
    pub(super) fn act_as(&self, id: &str, people: &[&Person], chosen: &str) -> Markup {
        let w = &self.visit.w;
        html! {
            div class="field" {
                label for=(id) { (w.say("trial-act-as")) }
                select id=(id) name="actor" {
                    @for person in people {
                        option value=(person.handle) selected[person.handle == chosen] { (self.called(person)) }
                    }
                }
            }
        }
    }

    /// A person, and the first post that they hold then.
    fn called(&self, person: &Person) -> String {
        let held = self.visit.office.current_of(&person.id, self.played.now).next();
        let post = held.map_or_else(|| self.visit.w.say("trial-public"), |holder| self.visit.post_title(&holder.post.id));
        format!("{} – {post}", person.name)
    }

    /// Everyone, those without a post first: they are whom the office serves.
    fn everyone(&self) -> Vec<&Person> {
        let mut people: Vec<&Person> = self.visit.office.people.values().collect();
        let holds = |person: &Person| self.visit.office.current_of(&person.id, self.played.now).next().is_some();
        people.sort_by_key(|person| (holds(person), &person.name));
        people
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
        let unit = Control {
            name: "unit".to_owned(),
            label: w.say("unit"),
            required: true,
            value: self.played.unit.to_string(),
            ..Control::default()
        };
        let place = html! { (unit.list(&units, None)) (self.instant("trial-from", self.played.now)) };
        let scope = &self.graph.scopes[0];
        let performer = scope.start.and_then(|step| match &self.graph.steps[step].kind {
            StepKind::Start { performer: Some(performer), .. } if performer.role != APPLICANT => Some(performer.role.as_str()),
            _ => None,
        });
        let people: Vec<&Person> = match performer {
            Some(role) => {
                self.visit.office.holders(role, &self.played.unit, self.played.now).iter().map(|holder| holder.person).collect()
            }
            None => self.everyone(),
        };
        let lookup = |name: &str| titles(self.graph, name);
        let wrong = self.trial.rejection.as_ref().map(|rejection| rejection.problems.clone()).unwrap_or_default();
        let form = form_of(self.graph, "").map(|form| FormView::new(form, &lookup, posted.clone()).wrong(wrong));
        html! {
            section aria-labelledby="begin" {
                h2 id="begin" { (w.say("trial-begin")) }
                @if scope.start.is_some() {
                    (self.form("start", &html! {
                        (place)
                        @if people.is_empty() { p class="soft" { (w.say("trial-nobody")) } }
                        (self.act_as("actor", &people, text(posted, "actor")))
                        @match &form { Some(form) => (form.fields(w)), None => p { (w.say("no-form")) } }
                        div class="actions" { button class="main" { (w.say("start-button")) } }
                    }))
                }
                @for (number, step) in scope.message_starts.iter().enumerate() {
                    @if let StepKind::Start { message: Some(catch), .. } = &self.graph.steps[*step].kind {
                        (self.message(number, &catch.name, "", &catch.outputs, &if scope.start.is_none() && number == 0 { place.clone() } else { html! {} }))
                    }
                }
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
                            @for one in &open {
                                tr {
                                    th scope="row" { (w.step(self.graph_of(one.tried), &one.task.step)) }
                                    td data-label=(w.say("role")) { (w.role(&one.task.role)) }
                                    td data-label=(w.say("due")) { (parts::due(w, one.task.due, self.played.now)) }
                                    td {
                                        @if std::ptr::eq(one, chosen) { (parts::tag(Tone::Active, &w.say("trial-shown"))) } @else {
                                            (self.form("open", &html! { (named(one)) button class="plain" { (w.say("trial-work")) } }))
                                        }
                                    }
                                }
                            }
                        }
                    }
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
        let mut people: Vec<&Person> = holder.into_iter().chain(open.people.iter().copied()).chain(self.everyone()).collect();
        let mut seen = std::collections::BTreeSet::new();
        people.retain(|person| seen.insert(&person.id));
        let names: Vec<String> = open.people.iter().map(|person| self.called(person)).collect();
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
            (self.form("", &html! {
                (named(open))
                (self.act_as("actor", &people, text(&filled, "actor")))
                @if let Some(form) = &form { (form.fields(w)) } @else if ladder::gave(step) {
                    (Control { name: NOTE.to_owned(), label: w.say("escalation-note"), ..Control::default() }.textarea(w, 3))
                } @else { p { (w.say("no-form")) } }
                div class="actions" {
                    button class="main" name="do" value="complete" { (w.say("complete")) }
                    @if holder.is_some() { button name="do" value="release" { (w.say("release")) } } @else { button name="do" value="claim" { (w.say("claim")) } }
                }
            }))
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
                (history::timeline(self.visit, graph, None, &history::tell(self.visit, graph, &tried.history)))
            }
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
                    @for (number, tried) in others.iter().enumerate() {
                        @let graph = self.graph_of(tried);
                        details {
                            summary { (w.text(&graph.process.title)) " " (parts::status_tag(w, tried.case.status)) }
                            (self.picture(graph, Some(tried), number + 1))
                            (self.data(graph, tried))
                            (history::timeline(self.visit, graph, None, &history::tell(self.visit, graph, &tried.history)))
                        }
                    }
                }
            }
        }
    }

    /// Back by one move, back to the beginning, and away with it as a file.
    fn ways(&self) -> Markup {
        let w = &self.visit.w;
        html! {
                div class="actions screen-only" {
                    (self.form("undo", &html! { button class="plain" { (w.say("trial-undo")) } }))
                    (self.form("again", &html! { button class="plain" { (w.say("trial-again")) } }))
                    @if self.trial.script.start.is_some() {
                        form method="post" action=(path(&self.trial.id)) data-download {
                            (self.carried())
                            input type="hidden" name="do" value="download";
                            button class="plain" { (w.say("trial-download")) }
                        }
                    }
                }
                p class="hint screen-only" { (w.say("trial-download-what")) }
        }
    }
}

/// Which task a form is about.
fn named(open: &Open<'_>) -> Markup {
    html! {
        input type="hidden" name="process" value=(open.tried.case.process);
        input type="hidden" name="task" value=(open.task.step);
        input type="hidden" name="nth" value=(open.nth);
    }
}
