//! Time norms: which limit holds for a case, when its time is over, and why: start, rest, restart, extension, units and conventions.
//!
//! A norm is compiled from its document and never changes. What happened to a clock is its `Ledger`; everything else is reckoned from
//! ledger, norm and calendar, whenever it is asked for. Nothing here reads a clock.
//!
//! **Late.** `due` is the first instant that is late: an act is in time before it, and late from it on ([`Deadline::is_late`]). So the
//! close of the office, which is no office time, is late; so is the midnight with which the last day ends. What is due at once is due
//! one microsecond after the start, the least that two commands are apart: only what the starting command does itself is in time.
//!
//! **Days** are dates in the calendar's zone. The day of the start is day 0 (General Clauses Act, 1897, section 9), or day 1 where the
//! norm says so. The whole amount is added to it at once, then the extensions, then the rest; only then does a last day on which the
//! office is closed give way (section 10), and only then is the instant sought at which it ends.
//!
//! **Rest** is counted in the norm's own unit. Minutes and hours run out of the time between its two instants, office time only while
//! the office is open. Of days, those after the date on which it began and up to the date on which it ended do not count: all of them,
//! or the working days among them. Rests that overlap rest once. A rest that begins and ends on one date changes no days; but no time
//! runs out while it rests, or before it began, to be late in the moment when it goes on: then the next day that is over later takes the
//! last one's place.
//!
//! **Over is over.** A rest or an extension counts only if it began before the time was over, as it stood then. What comes later makes
//! nothing timely again.
//!
//! **The shorter or longer of several** are clocks of their own, side by side, and the one that is named decides.
//!
//! **Backward**, days are counted back from the planned date, which is not counted; a day on which the office is closed gives way to the
//! working day before, so that notice never comes out shorter. There is no rest and no extension.

mod breach;
mod clock;
mod compile;
mod count;
mod course;
mod custody;
mod error;
mod events;
mod explain;
mod happen;
mod ledger;
mod length;
mod penalty;
mod points;
mod read;
mod reckon;
mod written;

#[cfg(test)]
mod tests;

pub use compile::{Norm, compile};
pub use count::Count;
pub use custody::{Custodian, Custody, Held, Share, apportion, custody};
pub use error::NormError;
pub use explain::{DayTold, Explanation, Line, LineKind, explain};
pub use ledger::{Deadline, Ledger, Rest, Terms};
pub use penalty::{Lump, PenaltyDue, penalties};
pub use reckon::reckon;
