//! What may be due for a delay, in rupees as decimals. It is reckoned and never imposed: that is for whom the law names.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::clock::{days_after, days_between};
use super::written::{self, authored};
use super::{Norm, NormError};
use crate::calendar::Calendar;
use crate::model::Time;
use crate::model::norm::PenaltyDays;

/// What may be due under one line of the norm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PenaltyDue {
    /// Position of the penalty in the norm's document.
    pub penalty: u16,
    /// Days of delay that count.
    pub days: i64,
    /// What the days come to, no more than the cap; none where nothing is due for each day.
    #[serde(default, with = "written::maybe_amount", skip_serializing_if = "Option::is_none")]
    pub amount: Option<Decimal>,
    /// Whether the days would come to more than the cap.
    pub capped: bool,
    /// The least and the most that may be imposed as a lump sum, instead of the amount for the days where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lump: Option<Lump>,
    /// Whether a provisional holiday took part in the days.
    pub provisional: bool,
    /// Whether the days lie where the lists of holidays are said to be complete.
    pub covered: bool,
}

/// Bounds of a lump sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lump {
    /// The least.
    #[serde(with = "written::amount")]
    pub from: Decimal,
    /// The most.
    #[serde(with = "written::amount")]
    pub to: Decimal,
}

/// What may be due where a time that was over at `due` was kept at `until`, or is not kept yet. Nothing where that is in time.
///
/// A day of delay is a date after the last one in time, up to the date of `until`; a part of it is a whole one, and a delay within the
/// last date itself is one day. Of working days, those among these dates; a delay is at least one.
pub fn penalties(norm: &Norm, due: Time, until: Time, calendar: &Calendar) -> Result<Vec<PenaltyDue>, NormError> {
    let penalties = norm.document.breach.as_ref().map_or(&[][..], |breach| &breach.penalties);
    if until < due {
        return Ok(Vec::new());
    }
    let last = calendar.date_of(Time(due.0.saturating_sub(1)));
    let end = calendar.date_of(until).max(last);
    let mut found = Vec::new();
    for (position, penalty) in penalties.iter().enumerate() {
        let (days, provisional, covered) = match penalty.days {
            PenaltyDays::Calendar => (days_between(last, end), false, true),
            PenaltyDays::Working => {
                let between = calendar.working_days_between(days_after(last, 1)?, days_after(end, 1)?);
                (between.value, between.provisional, between.covered)
            }
        };
        let days = days.max(1);
        let each = authored(penalty.per_day.as_deref());
        let whole = each.map(|each| each.checked_mul(Decimal::from(days)).ok_or(NormError::Amount)).transpose()?;
        let cap = authored(penalty.cap.as_deref());
        let capped = cap.is_some_and(|cap| whole.is_some_and(|whole| whole > cap));
        let amount = if capped { cap } else { whole };
        let to = authored(penalty.lump_to.as_deref());
        let lump = to.map(|to| Lump { from: authored(penalty.lump_from.as_deref()).unwrap_or(Decimal::ZERO), to });
        // Invariant: compiling has seen to it that there are few.
        let penalty = u16::try_from(position).unwrap_or(u16::MAX);
        found.push(PenaltyDue { penalty, days, amount, capped, lump, provisional, covered });
    }
    Ok(found)
}
