//! How long each held a case, and what may be due for its delay: reckoned when it is asked, for the API and the pages alike.

use engine::graph::Library;
use engine::machine::clock::Clock;
use engine::machine::office::Office;
use engine::model::norm::Penalty;
use engine::model::{Time, UnitId};
use engine::norm::{self, Custodian, Held, Norm, PenaltyDue, Share};

/// How long one held a case in all.
pub struct Total {
    /// A post, `role:` and a role, `applicant`, or `nobody`.
    pub holder: String,
    /// On whose side.
    pub party: Custodian,
    /// Minutes during which the office was open, by the calendar of the unit as it stands now; none where it has no calendar.
    pub minutes: Option<i64>,
}

/// How long each held a case, in the order in which they first had it.
pub fn totals(office: &Office, library: &Library, unit: &UnitId, held: &[Held]) -> Vec<Total> {
    let calendar = office.calendar_of(unit).and_then(|id| library.calendar(id));
    let Some(totals) = calendar.and_then(|working| norm::custody(held, &working.calendar).ok()) else { return untimed(held) };
    let total = |norm::Custody { holder, party, minutes }| Total { holder, party, minutes: Some(minutes) };
    totals.into_iter().map(total).collect()
}

/// Without a calendar nothing is known of office time.
fn untimed(held: &[Held]) -> Vec<Total> {
    let mut totals: Vec<Total> = Vec::new();
    for Held { holder, party, .. } in held {
        if !totals.iter().any(|total| total.holder == *holder && total.party == *party) {
            totals.push(Total { holder: holder.clone(), party: *party, minutes: None });
        }
    }
    totals
}

/// What may be due for a delay. It is imposed by whom the law names, never by itself.
pub struct MayBeDue<'a> {
    /// The line of the norm.
    pub penalty: &'a Penalty,
    /// What it comes to.
    pub found: PenaltyDue,
    /// What each of those who held the case while it was late would bear, where it is apportioned.
    pub shares: Vec<Share>,
}

/// What may be due for the delay of a clock until now, or until it stopped.
pub fn penalties<'a>(library: &Library, norm: &'a Norm, clock: &Clock, held: &[Held], now: Time) -> Vec<MayBeDue<'a>> {
    let until = clock.stopped.unwrap_or(now);
    let Some(due) = clock.reckoning.due.filter(|due| until >= *due) else { return Vec::new() };
    let Some(working) = library.calendar_of(&clock.reckoning.calendar) else { return Vec::new() };
    let lines = norm.document.breach.as_ref().map_or(&[][..], |breach| &breach.penalties);
    let may_be_due = |found: PenaltyDue| {
        let penalty = lines.get(usize::from(found.penalty))?;
        let amount = found.amount.filter(|_| penalty.apportioned);
        let shares = amount.and_then(|amount| norm::apportion(amount, held, due, until, &working.calendar).ok());
        Some(MayBeDue { penalty, found, shares: shares.unwrap_or_default() })
    };
    norm::penalties(norm, due, until, &working.calendar).unwrap_or_default().into_iter().filter_map(may_be_due).collect()
}
