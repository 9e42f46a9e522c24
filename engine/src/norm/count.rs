//! A length of time that stands alone, such as a timer's: counted as by a norm that says no more than this length.

use serde_json::json;

use super::compile::{any, compile};
use super::{Deadline, Ledger, Norm, NormError, Terms, reckon};
use crate::calendar::Calendar;
use crate::model::norm::Within;
use crate::model::{Problem, Time};

/// Where the length stands in the norm that is made of it.
const PLACE: &str = "/editions/0/limits/0/within";

/// A length of time that stands alone. It has the conventions of a norm that names none: the day on which it begins is not counted, a last
/// day on which the office is closed gives way to the next office day, and a day is over when the office closes.
#[derive(Debug, Clone)]
pub struct Count(Box<Norm>);

impl Count {
    /// Checks a length. The pointers of the problems begin at it.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn new(within: &Within) -> Result<Self, Vec<Problem>> {
        if any(within, &|within| matches!(within, Within::Immediately(_))) {
            let message = "At once is no time to wait. Write a length of time, such as { \"workingDays\": 2 }.";
            return Err(vec![Problem::error("norm.immediately", "", message)]);
        }
        let document = serde_json::from_value(json!({
            "id": "count", "title": { "en": "A length of time" }, "owner": { "post": "count" },
            "clock": { "start": "begun", "stop": ["over"] },
            "editions": [{ "title": { "en": "As written" }, "source": ["a definition"], "limits": [{ "within": within }] }]
        }));
        let document = document.map_err(|error| vec![Problem::error("norm.unread", "", format!("{error}. Correct it."))])?;
        let at_it = |problem: Problem| {
            let pointer = problem.pointer.strip_prefix(PLACE).unwrap_or_default().to_owned();
            Problem { pointer, ..problem }
        };
        match compile(document) {
            Ok((norm, _)) => Ok(Self(Box::new(norm))),
            Err(problems) => Err(problems.into_iter().map(at_it).collect()),
        }
    }

    /// When it is over that begins at an instant.
    ///
    /// # Errors
    /// When the calendar cannot reckon so far.
    pub fn end(&self, from: Time, calendar: &Calendar) -> Result<Deadline, NormError> {
        let ledger = Ledger { start: from, planned: None, rests: Vec::new(), extensions: Vec::new() };
        reckon(&self.0, Terms { edition: 0, limit: 0 }, &ledger, calendar)
    }
}
