//! Reports: the cases of a unit are read as they stood at an instant, and added up. Asked for by a schedule, what comes of it is kept as an
//! entry of the unit's log; whoever only looks has it made for now.

use std::collections::BTreeSet;

use jiff::ToSpan;

use super::due::answered;
use super::{Engine, Refusal, broken};
use crate::digest::Hash;
use crate::journal::{Actor, Command, Entry, Envelope, Event, codec};
use crate::machine::call::due_key;
use crate::machine::records::last_day;
use crate::machine::report::Tally;
use crate::model::id::Made;
use crate::model::limits::{REPORT_CASES_MAX, REPORT_ENTRIES_MAX};
use crate::model::report::{Report, ReportKind};
use crate::model::{CommandId, InstanceStatus, Time, UnitId};
use crate::projection::row::{DueKind, InstanceRow, TaskRow};
use crate::store::{InstanceQuery, NO_DUE, Store, StoreError, TaskQuery};

/// Rows and entries that are read at a time.
const PAGE: u32 = 1_000;

/// A report that was made, with the entry that keeps it.
#[derive(Debug, Clone)]
pub struct KeptReport {
    /// The schedule that asked for it.
    pub schedule: String,
    /// The report.
    pub report: Report,
    /// The entry.
    pub entry: Entry,
}

/// A report that a schedule asks for.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) unit: UnitId,
    pub(super) schedule: String,
    pub(super) document: Hash,
    pub(super) kind: ReportKind,
    pub(super) at: Time,
    pub(super) from: Option<Time>,
}

impl<S: Store> Engine<S> {
    /// A report on a unit as of `at`, which is not later than now, on what happened after `from`. It follows from the journal alone: made
    /// again later, it says the same.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn report(&self, unit: &UnitId, kind: ReportKind, from: Option<Time>, at: Time) -> Result<Report, StoreError> {
        let since = match kind {
            // What has ended since may have been open then.
            ReportKind::Digest | ReportKind::Weeding => at,
            ReportKind::Performance => from.unwrap_or(Time(0)),
        };
        // In this order: a case that is worked on meanwhile leaves the rows by an entry that is read afterwards.
        let (mut cases, cut) = match kind {
            ReportKind::Weeding => self.ended_cases(unit, at).await?,
            ReportKind::Digest | ReportKind::Performance => (self.open_cases(unit, kind).await?, false),
        };
        let (changed, cut_too) = self.changed_cases(unit, since).await?;
        cases.extend(changed);
        let partial = cut || cut_too || cases.len() > REPORT_CASES_MAX;
        let library = self.library();
        let mut tally = Tally::new(&library, &self.options().zone, kind, from, at);
        for id in cases.into_iter().take(REPORT_CASES_MAX) {
            let Some(case) = self.instance_at(unit, id, at).await? else { continue };
            let ended = match case.status {
                // A state that an older program kept does not say when the case ended.
                InstanceStatus::Cancelled => self.shared.store.instance(unit, id).await?.and_then(|row| row.ended),
                InstanceStatus::Completed if case.records.ended.is_none() => {
                    self.shared.store.instance(unit, id).await?.and_then(|row| row.ended)
                }
                _ => None,
            };
            tally.add(&case, ended);
        }
        Ok(Report { at, partial, content: tally.content() })
    }

    /// A report that was made; none where there is no such.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn kept_report(&self, unit: &UnitId, id: Made) -> Result<Option<KeptReport>, StoreError> {
        let found = self.shared.store.commands(unit, &[id.command]).await?;
        let Some(sealed) = found.first() else { return Ok(None) };
        let entry = codec::open(sealed).map_err(broken)?;
        let kept = entry.events.iter().find_map(|event| match event {
            Event::ReportMade { ordinal, schedule, report, .. } if *ordinal == id.ordinal => {
                Some((schedule.clone(), report.clone()))
            }
            _ => None,
        });
        Ok(kept.map(|(schedule, report)| KeptReport { schedule, report, entry }))
    }

    /// Makes a report that a schedule asks for, once: under the key of its due row.
    pub(super) async fn make_report(&self, row: Made, wanted: &Wanted) -> Result<(), Refusal> {
        let store_error = |error| Refusal::Store(std::sync::Arc::new(error));
        let Wanted { unit, schedule, document, kind, at, from } = wanted;
        let (kind, at, from, document) = (*kind, *at, *from, *document);
        // It may have been made before a crash, from rows that are others now.
        let key = due_key(row);
        let id = Envelope::id_of(&Actor::System, &key);
        if !self.shared.store.commands(unit, &[id]).await.map_err(store_error)?.is_empty() {
            return Ok(());
        }
        // Whatever its writer decided up to here is in the store once this is answered.
        self.pass(unit, row, document).await?;
        let report = self.report(unit, kind, from, at).await.map_err(store_error)?;
        let command = Command::MakeReport { schedule: schedule.clone(), document, report };
        answered(self.send(unit, Envelope::new(Actor::System, &key, command), None, false)).await.map(drop)
    }

    /// Cases with entries after an instant, and whether there are more entries than are looked through.
    async fn changed_cases(&self, unit: &UnitId, since: Time) -> Result<(BTreeSet<CommandId>, bool), StoreError> {
        let (store, mut cases) = (&self.shared.store, BTreeSet::new());
        let size = store.head(unit).await?.map_or(0, |head| head.size);
        // Entries lie in the order of their times: the first that is later, by halving.
        let (mut from, mut to) = (0, size);
        while from < to {
            let middle = from + (to - from) / 2;
            match store.entries(unit, middle, 1).await?.first() {
                Some(entry) if entry.time <= since => from = middle + 1,
                _ => to = middle,
            }
        }
        let end = size.min(from.saturating_add(REPORT_ENTRIES_MAX));
        while from < end {
            let page = store.entries(unit, from, PAGE).await?;
            let Some(last) = page.last() else { break };
            from = last.index + 1;
            cases.extend(page.iter().filter_map(|entry| entry.link).map(|link| link.instance));
        }
        Ok((cases, end < size))
    }

    /// Cases that have ended, and that long ago that their records need not be kept any more; and whether there are more than are looked
    /// through.
    async fn ended_cases(&self, unit: &UnitId, at: Time) -> Result<(BTreeSet<CommandId>, bool), StoreError> {
        let (library, zone) = (self.library(), &self.options().zone);
        let (mut cases, mut rows_read) = (BTreeSet::new(), 0);
        // What began after this cannot have ended long enough ago.
        let Some(shortest) = library.all().filter_map(|deployed| Some(deployed.graph.process.retention.as_ref()?.years)).min()
        else {
            return Ok((cases, false));
        };
        let today = zone.to_datetime(at.timestamp());
        let began = zone.to_timestamp(today.saturating_sub(i32::from(shortest).years())).map_or(at, Time::from_timestamp);
        for status in [InstanceStatus::Completed, InstanceStatus::Cancelled] {
            let after = Some((began, CommandId([0; 16])));
            let mut query = InstanceQuery { status: Some(status), after, limit: PAGE, ..InstanceQuery::default() };
            loop {
                let rows = self.shared.store.instances(unit, &query).await?;
                let Some(last) = rows.last() else { break };
                query.after = Some((last.started, last.id));
                rows_read += rows.len() as u64;
                let over = |row: &&InstanceRow| {
                    let graph = library.get(&row.definition).map(|deployed| &deployed.graph);
                    let until = graph.zip(row.ended).and_then(|(graph, ended)| last_day(graph, ended, zone));
                    until.is_some_and(|until| until < today.date())
                };
                cases.extend(rows.iter().filter(over).map(|row| row.id));
                if cases.len() > REPORT_CASES_MAX || rows_read > REPORT_ENTRIES_MAX {
                    return Ok((cases, true));
                }
            }
        }
        Ok((cases, false))
    }

    /// Cases that have open work now, or clocks.
    async fn open_cases(&self, unit: &UnitId, kind: ReportKind) -> Result<BTreeSet<CommandId>, StoreError> {
        let (store, mut cases) = (&self.shared.store, BTreeSet::new());
        let mut after = None;
        while cases.len() <= REPORT_CASES_MAX {
            let rows = store.due_of(unit, DueKind::Clock, after, PAGE).await?;
            let Some(last) = rows.last() else { break };
            after = Some(last.id);
            cases.extend(rows.iter().filter_map(|row| row.instance));
        }
        let mut after = None;
        while kind == ReportKind::Digest && cases.len() <= REPORT_CASES_MAX {
            let query = TaskQuery { after, limit: PAGE, ..TaskQuery::default() };
            let rows = store.tasks(unit, &query).await?;
            let Some(last) = rows.last() else { break };
            after = Some((last.due.unwrap_or(NO_DUE), last.id));
            cases.extend(rows.iter().map(|row: &TaskRow| row.instance));
        }
        Ok(cases)
    }
}
