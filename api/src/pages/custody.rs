//! Who had the file and for how long, and what may be due for its delay: shown, and imposed by nothing here.

use engine::journal::Entry;
use engine::machine::clock::Clock;
use engine::model::UnitId;
use engine::model::definition::APPLICANT;
use engine::model::norm::Payee;
use engine::norm::{Custodian, Held, Norm};
use engine::projection::custody::{NOBODY, ROLE, custody};
use maud::{Markup, html};

use super::parts::{self, Tone};
use super::say::{grouped, key};
use super::visit::Visit;
use super::words::Words;
use crate::app::custody::{MayBeDue, Total, penalties, totals};

/// On whose side a case lay, in the order in which the sides are shown.
const SIDES: [(Custodian, &str); 5] = [
    (Custodian::Office, key("side-office")),
    (Custodian::Applicant, key("side-applicant")),
    (Custodian::Authority, key("side-authority")),
    (Custodian::Court, key("side-court")),
    (Custodian::Transit, key("side-transit")),
];

/// Who held a case until now.
pub(super) fn held(visit: &Visit, history: &[Entry]) -> Vec<Held> {
    custody(history, visit.now)
}

/// How long each had the file in office time: the office's own time, and apart from it that of the applicant and that on the way.
pub(super) fn section(visit: &Visit, unit: &UnitId, held: &[Held]) -> Markup {
    let w = &visit.w;
    let totals = totals(&visit.office, &visit.library, unit, held);
    if totals.is_empty() {
        return html! {};
    }
    html! {
        section aria-labelledby="custody" {
            h2 id="custody" { (w.say("custody")) }
            p class="soft" { (w.say("custody-lead")) }
            table class="cards" {
                thead {
                    tr {
                        th scope="col" { (w.say("custody-holder")) }
                        th scope="col" { (w.say("custody-side")) }
                        th scope="col" { (w.say("custody-time")) }
                    }
                }
                @for (party, side) in SIDES {
                    @let of_it: Vec<&Total> = totals.iter().filter(|total| total.party == party).collect();
                    @if !of_it.is_empty() {
                        tbody {
                            @for total in &of_it {
                                tr {
                                    th scope="row" { (holder(visit, &total.holder)) }
                                    td data-label=(w.say("custody-side")) { (w.say(side)) }
                                    td data-label=(w.say("custody-time")) { (w.office_time(total.minutes)) }
                                }
                            }
                            @if of_it.len() > 1 {
                                tr {
                                    th scope="row" { (w.say("custody-together")) }
                                    td data-label=(w.say("custody-side")) { (w.say(side)) }
                                    td data-label=(w.say("custody-time")) {
                                        strong { (w.office_time(of_it.iter().map(|total| total.minutes).sum())) }
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

fn holder(visit: &Visit, holder: &str) -> String {
    let w = &visit.w;
    match (holder, holder.strip_prefix(ROLE), holder.parse()) {
        (APPLICANT, ..) => w.role(APPLICANT),
        (NOBODY, ..) => w.say("custody-nobody"),
        (_, Some(role), _) => w.with("custody-waiting", &[("role", &w.role(role))]),
        (_, None, Ok(post)) => visit.post_title(&post),
        (_, None, Err(_)) => holder.to_owned(),
    }
}

impl Words {
    /// Office time: `3 hours 20 minutes`.
    fn office_time(&self, minutes: Option<i64>) -> String {
        let Some(minutes) = minutes.and_then(|minutes| usize::try_from(minutes).ok()) else { return self.say("custody-untimed") };
        let (hours, left) = (minutes / 60, minutes % 60);
        let hours_said = (hours > 0).then(|| self.count("duration-hours", hours));
        let left_said = (left > 0 || hours == 0).then(|| self.count("duration-minutes", left));
        hours_said.into_iter().chain(left_said).collect::<Vec<_>>().join(" ")
    }
}

/// What may be due for the delay of a clock, where it is late and its norm says so.
pub(super) fn may_be_due(visit: &Visit, norm: &Norm, clock: &Clock, held: &[Held]) -> Markup {
    let w = &visit.w;
    let found = penalties(&visit.library, norm, clock, held, visit.now);
    html! {
        @if !found.is_empty() {
            h4 { (w.say("penalties")) " " (parts::tag(Tone::Warning, &w.say("penalties-not-imposed"))) }
            ul class="penalties" { @for one in &found { li { (penalty(visit, one)) } } }
        }
    }
}

fn penalty(visit: &Visit, MayBeDue { penalty, found, shares }: &MayBeDue<'_>) -> Markup {
    let w = &visit.w;
    let rupees = |amount: &dyn ToString| format!("₹ {}", grouped(&amount.to_string()));
    let payee = match penalty.payee {
        Payee::Applicant => key("payee-applicant"),
        Payee::State => key("payee-state"),
    };
    html! {
        (w.text(&penalty.title)) ", " (w.say(payee)) ": "
        @if let Some(amount) = &found.amount {
            strong { (rupees(amount)) }
            " (" (w.count("penalty-days", usize::try_from(found.days).unwrap_or_default()))
            @if found.capped { ", " (w.say("penalty-capped")) }
            ")"
        }
        @if let Some(lump) = &found.lump {
            @if found.amount.is_some() { " " (w.say("penalty-or")) " " }
            (w.with("penalty-lump", &[("from", &rupees(&lump.from)), ("to", &rupees(&lump.to))]))
        }
        " "
        @if !penalty.verified { (parts::tag(Tone::Warning, &w.say("unverified"))) }
        @if !shares.is_empty() {
            ul {
                @for share in shares {
                    li { (holder(visit, &share.holder)) ": " (rupees(&share.amount)) " (" (w.office_time(Some(share.minutes))) ")" }
                }
            }
        }
        p class="soft" lang="en" { (penalty.source.join(" · ")) }
    }
}
