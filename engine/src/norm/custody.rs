//! Who held a case for how long, in minutes of office time, and how an amount is shared out among those who held it while it was late.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{NormError, written};
use crate::calendar::Calendar;
use crate::model::Time;
use crate::model::norm::Party;

/// A time during which someone held a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Who: a person, a post, an authority, as the caller names them.
    pub holder: String,
    /// From when.
    pub from: Time,
    /// Until when; while it lasts, until the instant for which it is asked.
    pub to: Time,
    /// On whose side.
    pub party: Custodian,
}

/// On whose side a case lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Custodian {
    /// Someone of the office.
    Office,
    /// The applicant.
    Applicant,
    /// Another authority.
    Authority,
    /// A court.
    Court,
    /// Nobody: it was on its way.
    Transit,
}

impl From<Party> for Custodian {
    fn from(party: Party) -> Self {
        match party {
            Party::Applicant => Self::Applicant,
            Party::Authority => Self::Authority,
            Party::Court => Self::Court,
            Party::Office => Self::Office,
        }
    }
}

/// How long one holder had a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Custody {
    /// Who.
    pub holder: String,
    /// On whose side.
    pub party: Custodian,
    /// Minutes during which the office was open, a part of a minute left out.
    pub minutes: i64,
}

/// What one holder bears of an amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Who.
    pub holder: String,
    /// Minutes by which it was shared out.
    pub minutes: i64,
    /// The share, to the paisa.
    #[serde(with = "written::amount")]
    pub amount: Decimal,
}

/// How long each holder had a case, in the order in which they first appear. Times of one holder that overlap count once. Someone who
/// appears on two sides appears twice.
pub fn custody(held: &[Held], calendar: &Calendar) -> Result<Vec<Custody>, NormError> {
    let mut found = Vec::new();
    for (holder, party, times) in grouped(held) {
        found.push(Custody { holder: holder.to_owned(), party, minutes: minutes(&times, calendar)? });
    }
    Ok(found)
}

/// Shares an amount out among those of the office who held a case while it was late, from `due` to `until`, by their minutes of office
/// time. Whole paise; what is left over goes, one paisa each, to the largest remainders, of equal ones to who held it first. The shares
/// add up to the amount.
///
/// Where nobody held it while the office was open, all the time counts, day and night; where nobody did at all, there are no shares.
/// Fails on an amount that is negative, too large, or has parts of a paisa.
pub fn apportion(amount: Decimal, held: &[Held], due: Time, until: Time, calendar: &Calendar) -> Result<Vec<Share>, NormError> {
    let paise = amount.checked_mul(Decimal::ONE_HUNDRED).filter(|paise| paise.is_integer() && !paise.is_sign_negative());
    let paise: i128 = paise.and_then(|paise| paise.try_into().ok()).ok_or(NormError::Amount)?;
    let late = held.iter().filter(|held| held.party == Custodian::Office);
    let late: Vec<Held> = late.map(|held| Held { from: held.from.max(due), to: held.to.min(until), ..held.clone() }).collect();
    let mut shares: Vec<(String, i64)> = Vec::new();
    for (holder, _, times) in grouped(&late) {
        shares.push((holder.to_owned(), minutes(&times, calendar)?));
    }
    if shares.iter().all(|(_, minutes)| *minutes == 0) {
        // A case that was late by an evening only has an amount too.
        shares = grouped(&late)
            .into_iter()
            .map(|(holder, _, times)| {
                let whole: i64 = times.iter().map(|(from, to)| to.0.saturating_sub(from.0)).sum();
                // Not even a minute is at least something.
                (holder.to_owned(), if whole > 0 { (whole / 60_000_000).max(1) } else { 0 })
            })
            .collect();
    }
    let whole: i128 = shares.iter().map(|(_, minutes)| i128::from(*minutes)).sum();
    shares.retain(|(_, minutes)| *minutes > 0);
    if whole == 0 {
        return Ok(Vec::new());
    }
    let part = |minutes: i64| paise.checked_mul(i128::from(minutes)).ok_or(NormError::Amount);
    let mut parts = Vec::new();
    let mut order = Vec::new();
    for (position, (_, minutes)) in shares.iter().enumerate() {
        let part = part(*minutes)?;
        parts.push(part / whole);
        order.push((-(part % whole), position));
    }
    order.sort_unstable();
    let left = paise - parts.iter().sum::<i128>();
    for (_, position) in order.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        parts[position] += 1;
    }
    let share = |((holder, minutes), paise): ((String, i64), i128)| {
        let amount = Decimal::try_from_i128_with_scale(paise, 2).map_err(|_| NormError::Amount)?;
        Ok(Share { holder, minutes, amount })
    };
    shares.into_iter().zip(parts).map(share).collect()
}

type Times = Vec<(Time, Time)>;

/// The times of each holder, none of them empty, joined where they overlap.
fn grouped(held: &[Held]) -> Vec<(&str, Custodian, Times)> {
    let mut groups: Vec<(&str, Custodian, Times)> = Vec::new();
    for held in held {
        let time = (held.from, held.to);
        match groups.iter_mut().find(|(holder, party, _)| (*holder, *party) == (&*held.holder, held.party)) {
            Some((.., times)) => times.push(time),
            None => groups.push((&held.holder, held.party, vec![time])),
        }
    }
    for (.., times) in &mut groups {
        times.retain(|(from, to)| from < to);
        times.sort_unstable();
        let mut joined: Times = Vec::new();
        for (from, to) in times.drain(..) {
            match joined.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => joined.push((from, to)),
            }
        }
        *times = joined;
    }
    groups
}

fn minutes(times: &Times, calendar: &Calendar) -> Result<i64, NormError> {
    let mut sum = jiff::SignedDuration::ZERO;
    for (from, to) in times {
        sum += calendar.office_time_between(*from, *to)?.value;
    }
    Ok(sum.as_mins())
}
