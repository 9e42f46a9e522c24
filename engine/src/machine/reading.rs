//! Reading of personal values: noted in the access log before they are shown, and nothing follows from it.

use std::fmt::Write as _;

use super::rejection::Rejection;
use super::{Context, Decision};
use crate::digest::Hash;
use crate::journal::Event;
use crate::model::limits::{READ_CASES_MAX, READ_NAMES_MAX};
use crate::model::reading::{CaseRead, Reading};
use crate::model::{Time, UnitId};

/// The role of those who look at who has read what, beside quality coordinators and records officers.
pub const AUDITOR: &str = "auditor";

/// How long one entry stands for: whoever sees the same values of the same cases through the same again, within the same hour by the clock, is
/// not noted again. An hour is about as long as somebody is at one case, going to and fro between its pages; and short enough that an entry
/// tells when somebody looked.
pub const SAME_SECONDS: i64 = 3_600;

/// The key of the command that notes a reading: the same for the same values within the hour. So it is one entry, however often, on whichever
/// node, and whatever was forgotten in between.
pub fn key(now: Time, read: &Reading) -> String {
    let mut text = read.through.code().to_owned();
    for CaseRead { case, names } in &read.cases {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n{case} {}", names.join(" "));
    }
    format!("read:{}:{}", now.0.div_euclid(SAME_SECONDS * 1_000_000), Hash::of(text.as_bytes()))
}

/// Notes a reading. Whether the reader may was decided by whoever shows the values; here is found by which post.
pub(super) fn note(context: &Context<'_>, read: &Reading) -> Result<Decision, Rejection> {
    if context.unit.as_str() != UnitId::ACCESS {
        return Err(Rejection::invalid("read.wrong-log", "What is read is noted in the access log."));
    }
    let person = context.person()?;
    let in_order =
        |names: &[String]| !names.is_empty() && names.len() <= READ_NAMES_MAX && names.windows(2).all(|two| two[0] < two[1]);
    let cases = &read.cases;
    let is_sound = !cases.is_empty()
        && cases.len() <= READ_CASES_MAX
        && cases.windows(2).all(|two| two[0].case < two[1].case)
        && cases.iter().all(|one| in_order(&one.names) && one.names.iter().all(|name| crate::model::id::is_variable_name(name)));
    if !is_sound {
        let message = format!(
            "A reading is of 1 to {READ_CASES_MAX} cases, each with 1 to {READ_NAMES_MAX} names of variables, all in alphabetical order."
        );
        return Err(Rejection::invalid("read.malformed", message));
    }
    let office = context.office;
    let is_over_all = |unit: &UnitId| cases.iter().all(|one| office.is_above(unit, &one.case.unit));
    // An applicant reads their own case without a post; one without a role shows nothing.
    let held = office.current_of(person, context.origin.time);
    let via = held.filter(|holder| !holder.post.roles.is_empty()).find(|holder| is_over_all(&holder.post.unit));
    let via = via.map(|holder| holder.post.id.clone());
    Ok(Decision { events: vec![Event::ValuesRead(read.clone())], instance: None, via, opened: Vec::new() })
}
