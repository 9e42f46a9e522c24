//! Norm, ledger and calendar → the end of a clock's time, where it warns, and where its ladder leads.

use super::clock::Clock;
use super::{Deadline, Ledger, Norm, NormError, Terms};
use crate::calendar::Calendar;

/// When the time of a clock is over.
///
/// Fails if terms or ledger are not of this norm, if a norm that counts backward has no planned date, or if the calendar cannot reckon
/// so far.
pub fn reckon(norm: &Norm, terms: Terms, ledger: &Ledger, calendar: &Calendar) -> Result<Deadline, NormError> {
    let limit = norm.limit(terms).ok_or(NormError::Terms)?;
    let mut clock = Clock::new(norm, ledger, calendar)?;
    let due = clock.end(&limit.within)?.due;
    // The marks are those of the end; where it warns is a matter of service, not of law.
    let marks = clock.marks;
    let (mut warnings, mut rungs) = (Vec::new(), Vec::new());
    if let Some(due) = due {
        for warning in &norm.document.warnings {
            warnings.push(clock.warning(warning, &limit.within, due)?);
        }
        let mut latest = due;
        for rung in norm.document.breach.iter().flat_map(|breach| &breach.escalate) {
            let reached = match &rung.after {
                Some(after) => clock.after(due, after)?,
                None => due,
            };
            // Lengths in different units may change places over a long holiday; a ladder never leads down.
            latest = latest.max(reached);
            rungs.push(latest);
        }
    }
    Ok(Deadline { due, provisional: marks.provisional, covered: marks.covered, warnings, rungs })
}
