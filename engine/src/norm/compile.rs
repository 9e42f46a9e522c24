//! The document against sense: a norm that can be asked, or every problem of the document.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::Terms;
use super::length::{kind, surely_as_long};
use super::read::Reader;
use crate::model::Problem;
use crate::model::calendar::Roll;
use crate::model::limits::{NORM_COMBINATIONS_MAX, NORM_EDITIONS_MAX, NORM_LIMITS_MAX, NORM_MEMBERS_MAX};
use crate::model::norm::{Direction, Document, Edition, Ends, Limit, Received, Within};
use crate::model::problem::{pointer_token, short};

/// A time norm that can be asked.
#[derive(Debug, Clone)]
pub struct Norm {
    /// Its document.
    pub document: Document,
    /// First and last day of each edition.
    validity: Vec<Validity>,
}

/// First and last day; none: without end on that side.
type Validity = (Option<Date>, Option<Date>);

/// Compiles a document. Returns the norm with its warnings, or every problem.
pub fn compile(document: Document) -> Result<(Norm, Vec<Problem>), Vec<Problem>> {
    let mut reader = Reader { document: &document, problems: Vec::new() };
    reader.name("/id", &document.id, true);
    reader.title("/title", &document.title);
    reader.attributes();
    reader.events();
    let validity = reader.editions();
    reader.warnings();
    reader.breach();
    if document.direction == Direction::Backward {
        reader.backward();
    }
    let problems = reader.problems;
    if problems.iter().any(Problem::is_error) {
        return Err(problems);
    }
    Ok((Norm { document, validity }, problems))
}

impl Norm {
    /// Its id.
    pub fn id(&self) -> &str {
        &self.document.id
    }

    /// The edition and the limit of a case whose clock starts on `day`, a date in the calendar's zone. None: nothing was promised to it.
    pub fn terms(&self, day: Date, attributes: &BTreeMap<String, String>) -> Option<Terms> {
        let edition = self.position(day)?;
        let is_met = |limit: &Limit| limit.when.iter().all(|(name, value)| attributes.get(name) == Some(value));
        let limit = self.document.editions.get(edition)?.limits.iter().position(is_met)?;
        // Invariant: compiling has seen to it that there are fewer.
        Some(Terms { edition: u16::try_from(edition).ok()?, limit: u16::try_from(limit).ok()? })
    }

    fn position(&self, day: Date) -> Option<usize> {
        let holds = |(from, to): &Validity| from.is_none_or(|from| from <= day) && to.is_none_or(|to| day <= to);
        self.validity.iter().position(holds)
    }

    /// The edition that is in force on a day.
    pub fn in_force(&self, day: Date) -> Option<&Edition> {
        self.document.editions.get(self.position(day)?)
    }

    /// The edition of terms; none where they are not of this norm.
    pub fn edition(&self, terms: Terms) -> Option<&Edition> {
        self.document.editions.get(usize::from(terms.edition))
    }

    /// The limit of terms; none where they are not of this norm.
    pub fn limit(&self, terms: Terms) -> Option<&Limit> {
        self.edition(terms)?.limits.get(usize::from(terms.limit))
    }
}

impl Reader<'_> {
    fn attributes(&mut self) {
        for (name, attribute) in &self.document.attributes {
            let at = format!("/attributes/{}", pointer_token(name));
            self.name(&at, name, false);
            self.title(&format!("{at}/title"), &attribute.title);
            if attribute.values.is_empty() {
                self.error("norm.values-missing", format!("{at}/values"), "It has no values. Write them, or remove it.");
            }
            for (value, title) in &attribute.values {
                self.title(&format!("{at}/values/{}", pointer_token(value)), title);
            }
            let mut limits = self.document.editions.iter().flat_map(|edition| &edition.limits);
            if !limits.any(|limit| limit.when.contains_key(name)) {
                self.warning("norm.attribute-unused", at, "No limit depends on it. Use it, or remove it.");
            }
        }
    }

    fn editions(&mut self) -> Vec<Validity> {
        let editions = &self.document.editions;
        if editions.is_empty() {
            self.error("norm.editions-missing", "/editions", "Nothing is promised. Write an edition.");
        }
        if !self.has_at_most("/editions", editions.len(), NORM_EDITIONS_MAX) {
            return Vec::new();
        }
        let mut validity = Vec::new();
        for (position, edition) in editions.iter().enumerate() {
            let at = format!("/editions/{position}");
            self.title(&format!("{at}/title"), &edition.title);
            self.source(&format!("{at}/source"), &edition.source);
            let from = self.date(&format!("{at}/from"), edition.from.as_deref());
            let to = self.date(&format!("{at}/to"), edition.to.as_deref());
            if to.is_some() && to < from {
                let message = "It ends before it begins. Exchange the two dates.";
                self.error("norm.edition-reversed", format!("{at}/to"), message);
            }
            validity.push((from, to));
            self.limits(&format!("{at}/limits"), edition);
        }
        let is_read = |(edition, (from, to)): (&Edition, &Validity)| {
            edition.from.is_some() == from.is_some() && edition.to.is_some() == to.is_some()
        };
        // A date that could not be read would look like an open end.
        if editions.iter().zip(&validity).all(is_read) {
            self.validity(&validity);
        }
        validity
    }

    /// Editions neither overlap nor leave days between them.
    fn validity(&mut self, validity: &[Validity]) {
        let mut order: Vec<usize> = (0..validity.len()).collect();
        order.sort_by_key(|position| validity[*position].0);
        let mut latest: Option<usize> = None;
        for position in order {
            let (from, to) = validity[position];
            let at = format!("/editions/{position}/from");
            if let Some(before) = latest {
                let ended = validity[before].1;
                if from.is_none() || ended.is_none() || from <= ended {
                    let message = format!(
                        "It overlaps with the edition at /editions/{before}. On every day at most one holds; correct the dates."
                    );
                    self.error("norm.edition-overlap", at, message);
                } else if ended.and_then(|ended| ended.tomorrow().ok()) != from {
                    let message = format!(
                        "Nothing is promised between it and the edition at /editions/{before}. Correct the dates, unless it was so."
                    );
                    self.warning("norm.edition-gap", at, message);
                }
            }
            // The one that reaches furthest is what the next is measured with.
            let reaches = |edition: usize| validity[edition].1.unwrap_or(Date::MAX);
            if latest.is_none_or(|before| reaches(before) <= to.unwrap_or(Date::MAX)) {
                latest = Some(position);
            }
        }
    }

    fn limits(&mut self, at: &str, edition: &Edition) {
        let limits = &edition.limits;
        if limits.is_empty() {
            return self.error("norm.limits-missing", at, "This edition has no limit. Write one.");
        }
        if !self.has_at_most(at, limits.len(), NORM_LIMITS_MAX) {
            return;
        }
        let mut is_known = true;
        for (position, limit) in limits.iter().enumerate() {
            let here = format!("{at}/{position}");
            for (name, value) in &limit.when {
                let pointer = format!("{here}/when/{}", pointer_token(name));
                let known = self.document.attributes.get(name).map(|attribute| attribute.values.contains_key(value));
                is_known &= known == Some(true);
                match known {
                    Some(true) => {}
                    Some(false) => {
                        let message = format!("{:?} is no value of {:?}. Add it, or correct it.", short(value), short(name));
                        self.error("norm.value-unknown", pointer, message);
                    }
                    None => {
                        let message = format!("There is no attribute {:?}. Add it, or correct the name.", short(name));
                        self.error("norm.attribute-unknown", pointer, message);
                    }
                }
            }
            let includes = |earlier: &Limit| earlier.when.iter().all(|(name, value)| limit.when.get(name) == Some(value));
            if let Some(earlier) = limits[..position].iter().position(includes) {
                let message = format!(
                    "It is never reached: the limit at {at}/{earlier} above holds for all of its cases. Put the narrower one first."
                );
                self.error("norm.limit-unreachable", here.clone(), message);
            }
            self.within(&format!("{here}/within"), &limit.within);
        }
        if is_known && let Some(case) = self.without_limit(limits) {
            let message = format!("A case with {case} has no limit. Add one at the end without \"when\", unless that is right.");
            self.warning("norm.limit-missing", at, message);
        }
    }

    /// Attributes of a case that no limit is for, if it is found soon.
    fn without_limit(&self, limits: &[Limit]) -> Option<String> {
        let attributes: Vec<_> = self
            .document
            .attributes
            .iter()
            .filter(|(name, _)| limits.iter().any(|limit| limit.when.contains_key(*name)))
            .map(|(name, attribute)| (name, attribute.values.keys().collect::<Vec<_>>()))
            .collect();
        let combinations = attributes.iter().try_fold(1_usize, |product, (_, values)| product.checked_mul(values.len()))?;
        (0..combinations.min(NORM_COMBINATIONS_MAX)).find_map(|number| {
            let mut rest = number;
            let mut case = BTreeMap::new();
            for (name, values) in &attributes {
                case.insert(*name, values[rest % values.len()]);
                rest /= values.len();
            }
            let is_met = |limit: &Limit| limit.when.iter().all(|(name, value)| case.get(name) == Some(&value));
            let told = || case.iter().map(|(name, value)| format!("{} {:?}", short(name), short(value))).collect::<Vec<_>>();
            (!limits.iter().any(is_met)).then(|| told().join(", "))
        })
    }

    fn warnings(&mut self) {
        let document = self.document;
        if !self.has_at_most("/warnings", document.warnings.len(), NORM_MEMBERS_MAX) {
            return;
        }
        for (position, warning) in document.warnings.iter().enumerate() {
            let at = format!("/warnings/{position}");
            match (&warning.before, warning.percent) {
                (Some(before), None) => {
                    self.within(&format!("{at}/before"), before);
                    self.early_enough(&at, |limit| surely_as_long(before, limit));
                    if *before == Within::Immediately(true) {
                        let message = "It warns when the time is over. Write how long before.";
                        self.error("norm.warning-late", format!("{at}/before"), message);
                    }
                }
                (None, Some(percent)) if (1..=99).contains(&percent) => {
                    // Parts of an hour are a whole one: of one hour every part is all of it. Of a day, the office's opening is before its end.
                    let is_all = |limit: &Within| {
                        matches!(kind(limit), Some(super::length::Kind::Elapsed | super::length::Kind::Office))
                            && super::length::part(limit, percent) == *limit
                    };
                    self.early_enough(&at, is_all);
                }
                (None, Some(_)) => {
                    let message = "A part is of 1 to 99 per cent. Correct it.";
                    self.error("norm.warning-percent", format!("{at}/percent"), message);
                }
                _ => {
                    let message =
                        "A warning comes either so long before the end, or after a part of the time. Write one of the two.";
                    self.error("norm.warning", at, message);
                }
            }
        }
    }

    /// A warning that for no limit lies within its time is a mistake; one that does for some may be meant so.
    fn early_enough(&mut self, at: &str, is_outside: impl Fn(&Within) -> bool) {
        let limits: Vec<bool> = self
            .document
            .editions
            .iter()
            .flat_map(|edition| &edition.limits)
            .filter(|limit| limit.within != Within::Immediately(true))
            .map(|limit| is_outside(&limit.within))
            .collect();
        let message = "It does not lie between start and end. Write a shorter time before the end, or another part.";
        if !limits.is_empty() && limits.iter().all(|is_outside| *is_outside) {
            self.error("norm.warning-late", at, message);
        } else if limits.contains(&true) {
            let message =
                "For some limits it does not lie between start and end, and comes at one of them. Look whether that is meant.";
            self.warning("norm.warning-late", at, message);
        }
    }

    /// What a norm that counts backward cannot have.
    fn backward(&mut self) {
        let document = self.document;
        let clock = &document.clock;
        let at_once = |within: &Within| *within == Within::Immediately(true);
        let mut found = vec![
            ("/clock/suspend".to_owned(), !clock.suspend.is_empty(), "A planned date does not move while one waits"),
            ("/clock/extend".to_owned(), clock.extend.is_some(), "What comes before a planned date cannot be prolonged"),
            ("/clock/reopen".to_owned(), clock.reopen.is_some(), "What was done before a planned date is done"),
            (
                "/counting/received".to_owned(),
                document.counting.received != Received::SameDay,
                "It is not counted from a receipt",
            ),
            ("/counting/ends".to_owned(), document.counting.ends == Ends::SameTime, "A planned date has no time of day"),
            (
                "/counting/lastDay".to_owned(),
                document.counting.last_day.0 == Roll::ModifiedForward,
                "Such a day always gives way to the working day before",
            ),
        ];
        for (position, warning) in document.warnings.iter().enumerate() {
            let why = "It has no length from a start that could be divided";
            found.push((format!("/warnings/{position}/percent"), warning.percent.is_some(), why));
        }
        for (edition, limits) in document.editions.iter().map(|edition| &edition.limits).enumerate() {
            for (limit, within) in limits.iter().map(|limit| &limit.within).enumerate() {
                let at = format!("/editions/{edition}/limits/{limit}/within");
                found.push((at, any(within, &at_once), "At once is not before anything"));
            }
        }
        for (pointer, is_wrong, why) in found {
            if is_wrong {
                self.error("norm.backward", pointer, format!("{why}. Remove it, or let the norm count forward."));
            }
        }
    }
}

/// Whether a length, or one of those inside it, is such.
pub(super) fn any(within: &Within, is_such: &dyn Fn(&Within) -> bool) -> bool {
    match within {
        Within::EarliestOf(all) | Within::LatestOf(all) => all.iter().any(|within| any(within, is_such)),
        plain => is_such(plain),
    }
}
