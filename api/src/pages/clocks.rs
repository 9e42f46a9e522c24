//! The clocks of a case: how much time there is, what rests, and, day by day, why the deadline is what it is.

use engine::machine::Instance;
use engine::machine::clock::Clock;
use engine::model::InstanceId;
use engine::model::norm::{Party, Within};
use engine::norm::Rest;
use maud::{Markup, html};

use super::parts::{self, Tone};
use super::say::key;
use super::visit::Visit;
use super::words::Words;

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

/// How a clock stands: in words, with its mark.
fn stand(visit: &Visit, clock: &Clock) -> Markup {
    let w = &visit.w;
    let late = clock.is_late(visit.now);
    html! {
        @match (clock.stopped, clock.rests(), late) {
            (Some(_), _, false) => (parts::tag(Tone::Done, &w.say("clock-met"))),
            (Some(_), _, true) => (parts::tag(Tone::Problem, &w.say("clock-missed"))),
            (None, _, true) => (parts::tag(Tone::Problem, &w.say("clock-late"))),
            (None, true, false) => (parts::tag(Tone::Quiet, &w.say("clock-rests"))),
            (None, false, false) => (parts::tag(Tone::Active, &w.say("clock-runs"))),
        }
    }
}

/// The clocks of a case, where it has any.
pub(super) fn section(visit: &Visit, id: &InstanceId, case: &Instance) -> Markup {
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
                            @if clock.terms.is_some() {
                                p { a href={ "/cases/" (id) "/clocks/" (made) } { (w.say("clock-why")) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn told_rest(w: &Words, norm: &engine::norm::Norm, rest: &Rest) -> Markup {
    let ground = rest.ground.and_then(|ground| norm.document.clock.suspend.get(usize::from(ground)));
    html! {
        @if let Some(ground) = ground {
            (w.text(&ground.title)) " – " (w.party(ground.party)) ": "
        } @else {
            (w.say("clock-between")) ": "
        }
        (parts::time(w, rest.from)) " – "
        @if let Some(to) = rest.to { (parts::time(w, to)) } @else { (w.say("clock-until-now")) }
    }
}
