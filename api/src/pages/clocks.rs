//! The clocks of a case: how much time there is, what rests, and, day by day, why the deadline is what it is.

use axum::extract::Path;
use axum::response::Response;
use engine::graph::Graph;
use engine::machine::Instance;
use engine::machine::clock::Clock;
use engine::model::norm::{Party, Within};
use engine::model::{InstanceId, Time};
use engine::norm::{Explanation, Held, Line, LineKind, Rest};
use maud::{Markup, html};

use super::custody;
use super::frame::Frame;
use super::parts::{self, Tone};
use super::refused::Refused;
use super::say::key;
use super::visit::{Answer, Visit, case_name, page};
use super::words::Words;
use crate::app::reading;

impl Words {
    /// A length of time in words: `30 working days`.
    pub(super) fn within(&self, within: &Within) -> String {
        let (key, n) = match within {
            Within::Immediately(_) => return self.say("within-immediately"),
            Within::Minutes(n) => (key("duration-minutes"), n),
            Within::Hours(n) => (key("duration-hours"), n),
            Within::OfficeMinutes(n) => (key("within-office-minutes"), n),
            Within::OfficeHours(n) => (key("within-office-hours"), n),
            Within::Days(n) => (key("duration-days"), n),
            Within::WorkingDays(n) => (key("within-working-days"), n),
            Within::Weeks(n) => (key("duration-weeks"), n),
            Within::Months(n) => (key("duration-months"), n),
            Within::EarliestOf(several) => return self.with("within-earliest", &[("several", &self.all_within(several))]),
            Within::LatestOf(several) => return self.with("within-latest", &[("several", &self.all_within(several))]),
        };
        self.count(key, *n as usize)
    }

    fn all_within(&self, several: &[Within]) -> String {
        several.iter().map(|one| self.within(one)).collect::<Vec<_>>().join(", ")
    }

    fn party(&self, party: Party) -> String {
        self.say(match party {
            Party::Applicant => key("party-applicant"),
            Party::Authority => key("party-authority"),
            Party::Court => key("party-court"),
            Party::Office => key("party-office"),
        })
    }
}

/// How a clock stands: its mark, and the message that says so.
pub(super) fn standing(visit: &Visit, clock: &Clock) -> (Tone, &'static str) {
    match (clock.stopped, clock.rests(), clock.is_late(visit.now)) {
        // One whose time was over when it was ended was missed all the same, as reports count it.
        (Some(_), _, false) if clock.ended => (Tone::Quiet, key("clock-ended")),
        (Some(_), _, false) if clock.reckoning.due.is_none() => (Tone::Quiet, key("clock-stopped")),
        (Some(_), _, false) => (Tone::Done, key("clock-met")),
        (Some(_), _, true) => (Tone::Problem, key("clock-missed")),
        (None, _, true) => (Tone::Problem, key("clock-late")),
        (None, true, false) => (Tone::Quiet, key("clock-rests")),
        (None, false, false) if clock.is_near(&visit.library, visit.now) => (Tone::Warning, key("clock-near")),
        (None, false, false) => (Tone::Active, key("clock-runs")),
    }
}

/// The same as a tag.
fn stand(visit: &Visit, clock: &Clock) -> Markup {
    let (tone, said) = standing(visit, clock);
    parts::tag(tone, &visit.w.say(said))
}

/// A time limit of a case that is over, or near its end: so near that its norm warns.
pub(super) struct Pressing {
    due: Time,
    is_late: bool,
}

/// What presses most in a case as it stands now.
pub(super) fn pressing(visit: &Visit, case: &Instance) -> Option<Pressing> {
    let running = case.clocks.values().filter(|clock| clock.stopped.is_none());
    let pressing = running.filter_map(|clock| {
        let (due, is_late) = (clock.reckoning.due?, clock.is_late(visit.now));
        (is_late || clock.is_near(&visit.library, visit.now)).then_some(Pressing { due, is_late })
    });
    pressing.min_by_key(|pressing| pressing.due)
}

/// What presses, in words.
pub(super) fn pressing_tag(w: &Words, pressing: &Pressing) -> Markup {
    let date = w.date(w.day(pressing.due));
    let (tone, words) =
        if pressing.is_late { (Tone::Problem, key("pressing-late")) } else { (Tone::Warning, key("pressing-near")) };
    parts::tag(tone, &w.with(words, &[("date", &date)]))
}

/// The clocks of a case, where it has any. One of a trial has no id and no page that tells why: that is told here.
pub(super) fn section(visit: &Visit, id: Option<&InstanceId>, case: &Instance, held: &[Held]) -> Markup {
    let w = &visit.w;
    let mut clocks: Vec<_> = case.clocks.iter().collect();
    clocks.sort_by_key(|(_, clock)| clock.ledger.start);
    html! {
        @if !clocks.is_empty() {
            section aria-labelledby="clocks" {
                h2 id="clocks" { (w.say("clocks")) }
                @for (made, clock) in clocks {
                    @if let Some(issue) = visit.library.norm_of(&clock.norm) {
                        @let norm = &issue.document;
                        div class="clock" {
                            h3 { (w.text(&norm.document.title)) " " (stand(visit, clock)) }
                            dl class="facts across" {
                                @if let Some((edition, limit)) = clock.terms.and_then(|terms| norm.edition(terms).zip(norm.limit(terms))) {
                                    div { dt { (w.say("clock-limit")) } dd { (w.within(&limit.within)) } }
                                    div {
                                        dt { (w.say("clock-source")) }
                                        dd {
                                            (w.text(&edition.title))
                                            @if !edition.verified { " " (parts::tag(Tone::Warning, &w.say("unverified"))) }
                                        }
                                    }
                                }
                                div { dt { (w.say("clock-since")) } dd { (parts::time(w, clock.ledger.start)) } }
                                @if let Some(stopped) = clock.stopped {
                                    div { dt { (w.say("clock-stopped")) } dd { (parts::time(w, stopped)) } }
                                }
                                div {
                                    dt { (w.say("clock-due")) }
                                    dd {
                                        @if let Some(due) = clock.reckoning.due {
                                            @if clock.stopped.is_some() { (parts::time(w, due)) } @else { (parts::time(w, due)) " " (parts::due_mark(w, due, visit.now)) }
                                            @if clock.reckoning.provisional { " " (parts::tag(Tone::Warning, &w.say("clock-provisional"))) }
                                        } @else if clock.rests() {
                                            (w.say("clock-due-rests"))
                                        } @else {
                                            (w.say("clock-due-none"))
                                            @if let Some(trouble) = &clock.reckoning.trouble { " " code { (trouble) } }
                                        }
                                    }
                                }
                            }
                            @if !clock.ledger.rests.is_empty() {
                                ul { @for rest in &clock.ledger.rests { li { (told_rest(w, norm, rest)) } } }
                            }
                            @match id {
                                Some(id) if clock.terms.is_some() => p { a href={ "/cases/" (id) "/clocks/" (made) } { (w.say("clock-why")) } },
                                None => {
                                    @if let Some(explained) = clock.explained(&visit.library) {
                                        details { summary { (w.say("clock-why")) } (derivation(visit, clock, &explained)) }
                                    }
                                }
                                Some(_) => {}
                            }
                            (custody::may_be_due(visit, norm, clock, held))
                        }
                    }
                }
            }
        }
    }
}

/// What an acknowledgement says of time: each limit with its date, or that none runs yet, as long as the application is not complete.
pub(super) fn promised(visit: &Visit, graph: &Graph, case: &Instance) -> Markup {
    let w = &visit.w;
    html! {
        @if !graph.clocks.is_empty() && !case.is_over() {
            h2 { (w.say("clocks")) }
            ul {
                @for bound in &graph.clocks {
                    @let hash = case.clock(&bound.id).map(|clock| clock.norm).or_else(|| case.norms.get(&bound.norm).copied());
                    @if let Some(issue) = hash.and_then(|hash| visit.library.norm_of(&hash)) {
                        li {
                            (w.text(&issue.document.document.title)) ": "
                            @match case.clock(&bound.id) {
                                None => (w.say("promised-not-yet")),
                                Some(clock) if clock.ended => (w.say("clock-ended")),
                                Some(clock) if clock.stopped.is_some() => (w.say("promised-done")),
                                Some(clock) => {
                                    @match clock.reckoning.due {
                                        Some(due) => (w.with("promised-by", &[("time", &w.time(due))])),
                                        None if clock.rests() => (w.say("promised-rests")),
                                        None => (w.say("clock-due-none")),
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A rest, in words: on which ground, whose time it is, and from when until when.
pub(super) fn told_rest(w: &Words, norm: &engine::norm::Norm, rest: &Rest) -> String {
    let ground = rest.ground.and_then(|ground| norm.document.clock.suspend.get(usize::from(ground)));
    let why =
        ground.map_or_else(|| w.say("clock-between"), |ground| format!("{} – {}", w.text(&ground.title), w.party(ground.party)));
    let until = rest.to.map_or_else(|| w.say("clock-until-now"), |to| w.time(to));
    format!("{why}: {} – {until}", w.time(rest.from))
}

/// The page that tells why a deadline is what it is.
pub(super) async fn show(visit: Visit, Path((id, clock)): Path<(String, String)>) -> Response {
    let answer: Answer = async {
        visit.identity()?;
        let id: InstanceId = id.parse().map_err(|_| Refused::NotFound)?;
        let case = reading::instance(visit.engine(), &id).await?.ok_or(Refused::NotFound)?;
        if !visit.reads(&id.unit, case.started_by.as_ref()) {
            return Err(Refused::Forbidden);
        }
        let clock = case.clock(&clock).ok_or(Refused::NotFound)?;
        let explained = clock.explained(&visit.library).ok_or(Refused::NotFound)?;
        let case = case_name(case.number.as_deref(), case.id);
        let w = &visit.w;
        let title = w.say("explain-title");
        let frame = Frame::new(&visit, &title).under(case, format!("/cases/{id}"));
        page(frame.over(w.text(&explained.title).to_owned()).show(&derivation(&visit, clock, &explained)))
    }
    .await;
    visit.answer(answer)
}

fn derivation(visit: &Visit, clock: &Clock, explained: &Explanation) -> Markup {
    let w = &visit.w;
    html! {
        p class="lead" { (w.text(&explained.summary)) }
        dl class="facts across" {
            div {
                dt { (w.say("clock-due")) }
                dd {
                    @match explained.due {
                        Some(due) if clock.stopped.is_some() => (parts::time(w, due)),
                        due => (parts::due(w, due, visit.now)),
                    }
                    " " (stand(visit, clock))
                }
            }
            div {
                dt { (w.say("clock-source")) }
                dd {
                    (w.text(&explained.edition))
                    @if !explained.verified { " " (parts::tag(Tone::Warning, &w.say("unverified"))) }
                    @if !explained.source.is_empty() {
                        details {
                            summary { (w.say("explain-source")) }
                            ul lang="en" { @for source in &explained.source { li { (source) } } }
                        }
                    }
                }
            }
            div { dt { (w.say("explain-calendar")) } dd { a href={ "/calendars/" (explained.calendar) } { (explained.calendar) } ", " (explained.zone) } }
        }
        @if explained.provisional { (parts::notice(Tone::Warning, &w.say("clock-provisional"), &w.say("explain-provisional"))) }
        @if !explained.covered { (parts::notice(Tone::Warning, &w.say("explain-uncovered"), "")) }
        table class="cards" {
            caption { (w.say("explain-caption")) }
            thead {
                tr {
                    th scope="col" { (w.say("explain-day")) }
                    th scope="col" { (w.say("explain-counted")) }
                    th scope="col" { (w.say("explain-why")) }
                }
            }
            tbody { @for line in &explained.lines { (row(w, line)) } }
        }
    }
}

fn row(w: &Words, line: &Line) -> Markup {
    let counts = matches!(line.kind, LineKind::Counted | LineKind::Several | LineKind::End);
    html! {
        tr class=[(line.kind == LineKind::End).then_some("end")] {
            th scope="row" {
                time datetime=(line.date) { (w.date(line.date)) }
                @if let Some(until) = line.until { " – " time datetime=(until) { (w.date(until)) } }
            }
            td data-label=(w.say("explain-counted")) {
                @if let Some(number) = line.number.filter(|_| counts) {
                    (number) @if let Some(of) = line.of { " / " (of) }
                } @else { "–" }
            }
            td data-label=(w.say("explain-why")) {
                (w.text(&line.text))
                @for source in &line.source { br; span class="soft" lang="en" { (source) } }
            }
        }
    }
}
