//! The plan: what schedules start and when, for pages, programs and calendars alike.

use std::sync::Arc;

use engine::calendar::exchange::FeedEvent;
use engine::graph::Library;
use engine::graph::library::{Issue, Planned};
use engine::machine::office::Office;
use engine::machine::schedule::{anchored, is_working, unit_of};
use engine::model::limits::{FEED_EVENTS_MAX, PREVIEW_MAX};
use engine::model::{Language, Time, UnitId};
use engine::schedule::Occurrence;
use jiff::civil::Date;

/// What the plan is made of.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The office.
    pub office: Arc<Office>,
    /// Its documents.
    pub library: Arc<Library>,
}

/// An occurrence to come.
#[derive(Debug, Clone)]
pub struct Coming<'a> {
    /// Of which schedule.
    pub of: &'a Issue<Planned>,
    /// The occurrence.
    pub occurrence: Occurrence,
}

/// What falls of one schedule in a stretch of time.
#[derive(Debug, Clone)]
pub struct Within<'a> {
    /// Of which schedule.
    pub of: &'a Issue<Planned>,
    /// Its occurrences; only the first where there are many.
    pub listed: Vec<Occurrence>,
    /// Where there are many: how many in all, and the last.
    pub more: Option<(u64, Occurrence)>,
}

impl Coming<'_> {
    /// When it falls.
    pub fn at(&self) -> Time {
        Time::from_timestamp(self.occurrence.instant)
    }
}

impl Plan {
    /// The next occurrences of a schedule after an instant, at most `count`; counted from `anchor`, where it is to be tried. None while
    /// the date that it counts from is not known.
    pub fn preview(&self, planned: &Planned, anchor: Option<Date>, after: Time, count: usize) -> Vec<Occurrence> {
        let works = |date: Date| is_working(&self.office, &self.library, planned, date);
        let schedule = match anchor {
            Some(date) => Some(planned.schedule.clone().anchored(date)),
            None => anchored(&self.office, planned),
        };
        schedule.map(|schedule| schedule.preview(after.timestamp(), count, &works)).unwrap_or_default()
    }

    /// Schedules that start something in a unit or below it; all where none is named. In the order of their ids.
    pub fn schedules(&self, unit: Option<&UnitId>) -> impl Iterator<Item = &Issue<Planned>> {
        self.library.schedules().filter(move |issue| {
            let of = unit_of(&self.office, &issue.document);
            unit.is_none_or(|unit| of.is_some_and(|of| self.office.is_above(unit, of)))
        })
    }

    /// What is to come after an instant, up to and with another, in the order of time. Of one schedule no more than a preview shows.
    pub fn coming(&self, unit: Option<&UnitId>, after: Time, until: Time) -> Vec<Coming<'_>> {
        let mut coming: Vec<Coming<'_>> = Vec::new();
        for issue in self.schedules(unit) {
            let occurrences = self.preview(&issue.document, None, after, PREVIEW_MAX).into_iter();
            coming.extend(occurrences.map(|occurrence| Coming { of: issue, occurrence }).take_while(|one| one.at() <= until));
        }
        coming.sort_by(|a, b| (a.at(), &a.of.heading.id).cmp(&(b.at(), &b.of.heading.id)));
        coming
    }

    /// What falls in a stretch of time, schedule by schedule, in the order of what comes first: each occurrence, or where there are more
    /// than `few`, how many.
    pub fn within(&self, unit: Option<&UnitId>, after: Time, until: Time, few: usize) -> Vec<Within<'_>> {
        let (from, to) = (after.timestamp(), until.timestamp());
        let mut found = Vec::new();
        for issue in self.schedules(unit) {
            let planned = &issue.document;
            let works = |date: Date| is_working(&self.office, &self.library, planned, date);
            let Some(schedule) = anchored(&self.office, planned) else { continue };
            let count = schedule.count(from, to, &works);
            let Some(last) = schedule.newest(from, to, &works) else { continue };
            let mut listed = schedule.preview(from, few.max(1), &works);
            listed.retain(|occurrence| occurrence.instant <= to);
            if count > few as u64 {
                listed.truncate(1);
                found.push(Within { of: issue, listed, more: Some((count, last)) });
            } else {
                found.push(Within { of: issue, listed, more: None });
            }
        }
        found.sort_by_key(|within| within.listed.first().map(|first| first.instant));
        found
    }

    /// The same as events of a calendar feed, the first of them. Each keeps its UID when its date rolls.
    pub fn events(&self, unit: Option<&UnitId>, after: Time, until: Time, host: &str, language: Language) -> Vec<FeedEvent> {
        let events = self.coming(unit, after, until).into_iter().take(FEED_EVENTS_MAX).map(|one| {
            let document = &one.of.document.document;
            let post = self.office.posts.get(&document.owner.post);
            let mut description = Vec::new();
            description.extend(document.help.as_ref().map(|help| help.get(language).to_owned()));
            description.extend(post.map(|post| post.title.get(language).to_owned()));
            FeedEvent {
                uid: format!("{}-{}@{host}", document.id, one.occurrence.nominal.strftime("%Y%m%dT%H%M%S")),
                at: one.at(),
                summary: document.title.get(language).to_owned(),
                description: description.join("\n"),
                category: "SCHEDULE",
                tentative: !document.verified,
            }
        });
        events.collect()
    }
}
