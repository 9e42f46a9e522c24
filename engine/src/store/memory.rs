//! Memory store: the reference. Plain maps behind one lock; what it answers is what every store must answer.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::check::{check, no_log, not_begun};
use super::count::{Tally, together};
use super::due::{Place, order, place};
use super::planted::{self, Bug};
use super::table::line;
use super::{
    Batch, Head, InstanceQuery, Mark, NO_DUE, ReadingQuery, ReportQuery, Store, StoreError, TaskCount, TaskQuery, Whose,
};
use crate::digest::Hash;
use crate::journal::Sealed;
use crate::journal::codec::variable_of;
use crate::model::id::Made;
use crate::model::{CommandId, TaskId, Time, UnitId};
use crate::projection::RowChange;
use crate::projection::row::{
    DefinitionRow, DueKind, DueRow, IncidentRow, InstanceRow, InstanceStatus, JobRow, MessageRow, ReadingRow, ReportRow,
    SubscriptionRow, TaskRow,
};

/// Logs and rows in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {
    logs: Mutex<BTreeMap<UnitId, Log>>,
}

#[derive(Debug)]
struct Log {
    head: Head,
    entries: Vec<Sealed>,
    /// Index by command.
    commands: BTreeMap<CommandId, usize>,
    /// Index by case and sequence.
    cases: BTreeMap<(CommandId, u64), usize>,
    rows: Rows,
}

#[derive(Debug, Default)]
struct Rows {
    instances: BTreeMap<CommandId, InstanceRow>,
    tasks: BTreeMap<Made, TaskRow>,
    jobs: BTreeMap<Made, JobRow>,
    dues: BTreeMap<Made, DueRow>,
    subscriptions: BTreeMap<Made, SubscriptionRow>,
    messages: BTreeMap<Made, MessageRow>,
    incidents: BTreeMap<Made, IncidentRow>,
    reports: BTreeMap<Made, ReportRow>,
    readings: BTreeMap<Made, ReadingRow>,
    definitions: BTreeMap<Hash, DefinitionRow>,
    snapshots: BTreeMap<CommandId, (u64, Vec<u8>)>,
}

impl Log {
    fn begun(head: Head) -> Self {
        let (commands, cases) = (BTreeMap::new(), BTreeMap::new());
        Self { head, entries: Vec::new(), commands, cases, rows: Rows::default() }
    }

    fn apply(&mut self, change: RowChange) {
        if let RowChange::ValuesErase { index, instance, names } = &change {
            self.erase(*index, *instance, names);
        }
        self.rows.apply(change);
    }

    /// Empties what the entries of a case before one hold of some variables.
    fn erase(&mut self, before: u64, instance: CommandId, names: &[String]) {
        for &at in self.cases.range((instance, 0)..=(instance, u64::MAX)).map(|(_, at)| at) {
            let Some(entry) = self.entries.get_mut(at).filter(|entry| entry.index < before) else { continue };
            for payload in entry.payloads.iter_mut().filter(|payload| names.iter().any(|name| name == variable_of(&payload.name)))
            {
                (payload.body, payload.salt) = (None, [0; 32]);
                entry.content = Hash::from_bytes([0; 32]);
            }
        }
    }
}

impl Rows {
    /// The changes that make them where there are none. Kept states are left out.
    fn puts(&self) -> Vec<RowChange> {
        let mut puts: Vec<RowChange> = self.instances.values().cloned().map(RowChange::InstancePut).collect();
        puts.extend(self.tasks.values().cloned().map(RowChange::TaskPut));
        puts.extend(self.jobs.values().cloned().map(RowChange::JobPut));
        puts.extend(self.dues.values().cloned().map(RowChange::DuePut));
        puts.extend(self.subscriptions.values().cloned().map(RowChange::SubscriptionPut));
        puts.extend(self.messages.values().cloned().map(RowChange::MessagePut));
        puts.extend(self.incidents.values().cloned().map(RowChange::IncidentPut));
        puts.extend(self.reports.values().cloned().map(RowChange::ReportPut));
        puts.extend(self.readings.values().cloned().map(RowChange::ReadingPut));
        puts.extend(self.definitions.values().cloned().map(RowChange::DefinitionPut));
        puts
    }

    fn apply(&mut self, change: RowChange) {
        match change {
            RowChange::InstancePut(row) => drop(self.instances.insert(row.id, row)),
            RowChange::InstanceStatus { instance, status, ended } => {
                if let Some(row) = self.instances.get_mut(&instance) {
                    row.status = status;
                    row.ended = ended;
                }
                match status {
                    InstanceStatus::Suspended => self.hold(instance, true),
                    InstanceStatus::Active => self.hold(instance, false),
                    InstanceStatus::Completed | InstanceStatus::Cancelled => {}
                }
            }
            RowChange::InstanceMove { instance, definition } => {
                if let Some(row) = self.instances.get_mut(&instance) {
                    row.definition = definition;
                }
            }
            RowChange::TaskPut(row) => drop(self.tasks.insert(row.id, row)),
            RowChange::TaskAssign { task, assignee } => {
                if let Some(row) = self.tasks.get_mut(&task) {
                    row.assignee = assignee;
                }
            }
            RowChange::TaskDelete(id) => drop(self.tasks.remove(&id)),
            RowChange::JobPut(row) => drop(self.jobs.insert(row.id, row)),
            RowChange::JobUpdate { job, retries, available, worker } => {
                if let Some(row) = self.jobs.get_mut(&job) {
                    row.retries = retries.unwrap_or(row.retries);
                    row.available = available;
                    row.worker = worker;
                }
            }
            RowChange::JobDelete(id) => drop(self.jobs.remove(&id)),
            RowChange::DuePut(row) => drop(self.dues.insert(row.id, row)),
            RowChange::DueDelete(id) => drop(self.dues.remove(&id)),
            RowChange::SubscriptionPut(row) => drop(self.subscriptions.insert(row.id, row)),
            RowChange::SubscriptionDelete(id) => drop(self.subscriptions.remove(&id)),
            RowChange::MessagePut(row) => drop(self.messages.insert(row.id, row)),
            RowChange::MessageDelete(id) => drop(self.messages.remove(&id)),
            RowChange::IncidentPut(row) => drop(self.incidents.insert(row.id, row)),
            RowChange::IncidentDelete(id) => drop(self.incidents.remove(&id)),
            RowChange::ReportPut(row) => drop(self.reports.insert(row.id, row)),
            RowChange::ReadingPut(row) => drop(self.readings.insert(row.id, row)),
            RowChange::DefinitionPut(row) => drop(self.definitions.insert(row.hash, row)),
            // The journal's part of it is `Log::erase`.
            RowChange::ValuesErase { instance, .. } => drop(self.snapshots.remove(&instance)),
            RowChange::SnapshotPut { instance, sequence, state } => drop(self.snapshots.insert(instance, (sequence, state))),
        }
    }

    fn hold(&mut self, instance: CommandId, held: bool) {
        self.tasks.values_mut().filter(|row| row.instance == instance).for_each(|row| row.held = held);
        self.jobs.values_mut().filter(|row| row.instance == instance).for_each(|row| row.held = held);
        self.dues.values_mut().filter(|row| row.instance == Some(instance)).for_each(|row| row.held = held);
        self.subscriptions.values_mut().filter(|row| row.instance == instance).for_each(|row| row.held = held);
    }
}

/// At most `limit` of the rows, in the order of a key.
fn page<'a, R: Clone + 'a, K: Ord>(rows: impl Iterator<Item = &'a R>, key: impl Fn(&R) -> K, limit: u32) -> Vec<R> {
    let mut rows: Vec<&R> = rows.collect();
    rows.sort_by_key(|row| key(row));
    rows.into_iter().take(limit as usize).cloned().collect()
}

impl MemoryStore {
    /// Bytes of the payloads that it holds, for those who bound what may come of a trial.
    pub fn payload_bytes(&self) -> usize {
        let logs = self.lock();
        let payloads = logs.values().flat_map(|log| &log.entries).flat_map(|entry| &entry.payloads);
        payloads.map(|payload| payload.body.as_ref().map_or(0, String::len)).sum()
    }

    /// Changes the rows of a unit; the unit's log is begun where there is none.
    pub(crate) fn change_rows(&self, unit: &UnitId, changes: impl IntoIterator<Item = RowChange>) {
        let mut logs = self.lock();
        let log = logs
            .entry(unit.clone())
            .or_insert_with(|| Log::begun(Head { origin: String::new(), size: 0, frontier: Vec::new(), time: Time(0) }));
        changes.into_iter().for_each(|change| log.apply(change));
    }

    /// The changes that make the rows of a unit, as they are, where there are none.
    pub(crate) fn row_puts(&self, unit: &UnitId) -> Vec<RowChange> {
        self.lock().get(unit).map(|log| log.rows.puts()).unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<UnitId, Log>> {
        // Nothing below panics while it holds the lock half-way, so a poisoned lock still guards whole data.
        self.logs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What `read` finds in a unit's log; the empty answer where there is none.
    #[expect(clippy::unnecessary_wraps, reason = "every caller answers a Result, as the trait wants")]
    fn read<T: Default>(&self, unit: &UnitId, read: impl FnOnce(&Log) -> T) -> Result<T, StoreError> {
        Ok(self.lock().get(unit).map(read).unwrap_or_default())
    }
}

impl Store for MemoryStore {
    async fn units(&self) -> Result<Vec<UnitId>, StoreError> {
        Ok(self.lock().keys().cloned().collect())
    }

    async fn head(&self, unit: &UnitId) -> Result<Option<Head>, StoreError> {
        self.read(unit, |log| Some(log.head.clone()))
    }

    async fn append(&self, batch: Batch) -> Result<(), StoreError> {
        check(&batch)?;
        let mut logs = self.lock();
        let log = logs.get(&batch.unit);
        let found = log.map_or(0, |log| log.head.size);
        if found != batch.from && !planted::is(Bug::SkipFence) {
            return Err(StoreError::Fenced { unit: batch.unit, expected: batch.from, found });
        }
        let (mut commands, mut cases) = (BTreeSet::new(), BTreeSet::new());
        for entry in &batch.entries {
            let place = entry.link.map(|link| (link.instance, link.sequence));
            let there = log.is_some_and(|log| {
                log.commands.contains_key(&entry.command) || place.is_some_and(|place| log.cases.contains_key(&place))
            });
            if there || !commands.insert(entry.command) || place.is_some_and(|place| !cases.insert(place)) {
                return Err(StoreError::Twice(batch.unit));
            }
            let first = entry.link.map(|link| (link.instance, 1));
            if first.is_some_and(|first| !cases.contains(&first) && !log.is_some_and(|log| log.cases.contains_key(&first))) {
                return Err(not_begun(entry));
            }
        }
        // From here on nothing can fail.
        let log = logs.entry(batch.unit).or_insert_with(|| Log::begun(batch.head.clone()));
        log.head = batch.head;
        for entry in batch.entries {
            log.commands.insert(entry.command, log.entries.len());
            if let Some(link) = entry.link {
                log.cases.insert((link.instance, link.sequence), log.entries.len());
            }
            log.entries.push(entry);
        }
        for change in batch.changes {
            log.apply(change);
        }
        Ok(())
    }

    async fn entries(&self, unit: &UnitId, from: u64, limit: u32) -> Result<Vec<Sealed>, StoreError> {
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        self.read(unit, |log| log.entries.iter().skip(from).take(limit as usize).cloned().collect())
    }

    async fn leaves(&self, unit: &UnitId, from: u64, limit: u32) -> Result<Vec<String>, StoreError> {
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        self.read(unit, |log| log.entries.iter().skip(from).take(limit as usize).map(|entry| entry.leaf.clone()).collect())
    }

    async fn case_entries(&self, unit: &UnitId, instance: CommandId, from: u64) -> Result<Vec<Sealed>, StoreError> {
        self.read(unit, |log| {
            log.cases.range((instance, from)..=(instance, u64::MAX)).filter_map(|(_, &at)| log.entries.get(at)).cloned().collect()
        })
    }

    async fn commands(&self, unit: &UnitId, ids: &[CommandId]) -> Result<Vec<Sealed>, StoreError> {
        self.read(unit, |log| {
            let places: BTreeSet<usize> = ids.iter().filter_map(|id| log.commands.get(id).copied()).collect();
            places.into_iter().filter_map(|at| log.entries.get(at)).cloned().collect()
        })
    }

    async fn snapshot(&self, unit: &UnitId, instance: CommandId) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
        self.read(unit, |log| log.rows.snapshots.get(&instance).cloned())
    }

    async fn snapshots(
        &self,
        unit: &UnitId,
        after: Option<CommandId>,
        limit: u32,
    ) -> Result<Vec<(CommandId, u64, Vec<u8>)>, StoreError> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.read(unit, |log| {
            let kept = log.rows.snapshots.range((from, Bound::Unbounded)).take(limit as usize);
            kept.map(|(instance, (sequence, state))| (*instance, *sequence, state.clone())).collect()
        })
    }

    async fn marks(&self, unit: &UnitId, from: u64, limit: u32) -> Result<Vec<Mark>, StoreError> {
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        self.read(unit, |log| {
            let at = |place: Option<&usize>| place.and_then(|&at| log.entries.get(at)).map(|entry| entry.index);
            let mark = |entry: &Sealed| {
                let case = |sequence| entry.link.and_then(|link| at(log.cases.get(&(link.instance, sequence))));
                Mark {
                    index: entry.index,
                    command: entry.command,
                    leads: at(log.commands.get(&entry.command)),
                    began: case(1),
                    sequence: entry.link.map(|link| link.sequence).filter(|sequence| case(*sequence) == Some(entry.index)),
                    numbered: true,
                }
            };
            log.entries.iter().skip(from).take(limit as usize).map(mark).collect()
        })
    }

    async fn replace_rows(&self, unit: &UnitId, changes: Vec<RowChange>) -> Result<(), StoreError> {
        let mut logs = self.lock();
        let log = logs.get_mut(unit).ok_or_else(|| no_log(unit))?;
        log.rows = Rows::default();
        for change in changes {
            log.apply(change);
        }
        Ok(())
    }

    async fn dump_rows(&self, unit: &UnitId) -> Result<Vec<String>, StoreError> {
        self.read(unit, |Log { rows, .. }| {
            let mut lines: Vec<String> = rows.instances.values().map(line).collect();
            lines.extend(rows.tasks.values().map(line));
            lines.extend(Tally::of(rows.tasks.values()).iter().map(Tally::line));
            lines.extend(rows.jobs.values().map(line));
            lines.extend(rows.dues.values().map(line));
            lines.extend(rows.subscriptions.values().map(line));
            lines.extend(rows.messages.values().map(line));
            lines.extend(rows.incidents.values().map(line));
            lines.extend(rows.reports.values().map(line));
            lines.extend(rows.readings.values().map(line));
            lines.extend(rows.definitions.values().map(line));
            lines.sort();
            lines
        })
    }

    async fn instance(&self, unit: &UnitId, id: CommandId) -> Result<Option<InstanceRow>, StoreError> {
        self.read(unit, |log| log.rows.instances.get(&id).cloned())
    }

    async fn instances_named(&self, unit: &UnitId, ids: &[CommandId]) -> Result<Vec<InstanceRow>, StoreError> {
        self.read(unit, |log| ids.iter().filter_map(|id| log.rows.instances.get(id).cloned()).collect())
    }

    async fn instances(&self, unit: &UnitId, query: &InstanceQuery) -> Result<Vec<InstanceRow>, StoreError> {
        let key = |row: &InstanceRow| (std::cmp::Reverse(row.started), row.id);
        let wanted = |row: &&InstanceRow| {
            query.process.as_ref().is_none_or(|process| row.process == *process)
                && query.status.is_none_or(|status| row.status == status)
                && query.number.as_ref().is_none_or(|number| row.number.as_ref() == Some(number))
                && query.started_by.as_ref().is_none_or(|actor| row.started_by == *actor)
                && query.after.is_none_or(|(started, id)| key(row) > (std::cmp::Reverse(started), id))
        };
        self.read(unit, |log| page(log.rows.instances.values().filter(wanted), key, query.limit))
    }

    async fn task(&self, unit: &UnitId, id: TaskId) -> Result<Option<TaskRow>, StoreError> {
        self.read(unit, |log| log.rows.tasks.get(&id).cloned())
    }

    async fn tasks(&self, unit: &UnitId, query: &TaskQuery) -> Result<Vec<TaskRow>, StoreError> {
        let key = |row: &TaskRow| (row.due.unwrap_or(NO_DUE), row.id);
        let wanted = |row: &&TaskRow| {
            !row.held
                && query.offered.as_ref().is_none_or(|offered| offered.has(row))
                && query.assignee.as_ref().is_none_or(|person| row.assignee.as_ref() == Some(person))
                && query.instance.is_none_or(|instance| row.instance == instance)
                && query.process.as_ref().is_none_or(|process| row.process == *process)
                && query.after.is_none_or(|after| key(row) > after)
        };
        self.read(unit, |log| page(log.rows.tasks.values().filter(wanted), key, query.limit))
    }

    async fn task_counts(&self, unit: &UnitId, whose: &Whose, now: Time) -> Result<Vec<TaskCount>, StoreError> {
        let one = |row: &TaskRow| {
            let overdue = u64::from(row.due.is_some_and(|due| due < now));
            TaskCount { process: row.process.clone(), open: 1, overdue, first: row.due }
        };
        let counted = |row: &&TaskRow| !row.held && whose.has(row);
        self.read(unit, |log| together(log.rows.tasks.values().filter(counted).map(one)))
    }

    async fn job(&self, unit: &UnitId, id: Made) -> Result<Option<JobRow>, StoreError> {
        self.read(unit, |log| log.rows.jobs.get(&id).cloned())
    }

    async fn jobs(&self, unit: &UnitId, topics: &[String], now: Time, limit: u32) -> Result<Vec<JobRow>, StoreError> {
        let wanted = |row: &&JobRow| !row.held && row.retries > 0 && row.available <= now && topics.contains(&row.topic);
        self.read(unit, |log| page(log.rows.jobs.values().filter(wanted), |row| (row.available, row.id), limit))
    }

    async fn due(&self, now: Time, limit: u32) -> Result<Vec<(UnitId, DueRow)>, StoreError> {
        let logs = self.lock();
        let mut rows = Vec::new();
        for (unit, log) in logs.iter() {
            let due = || log.rows.dues.values().filter(|row| !row.held && row.at <= now);
            let mut clocks: BTreeMap<CommandId, BTreeSet<Place>> = BTreeMap::new();
            for row in due().filter(|row| row.kind == DueKind::Clock) {
                if let Some(case) = row.instance {
                    clocks.entry(case).or_default().insert(place(row));
                }
            }
            for row in due() {
                let clocks = row.instance.and_then(|case| clocks.get(&case));
                let clock = clocks.and_then(|clocks| clocks.range(place(row)..).next().copied());
                rows.push((order(unit, row, clock), row));
            }
        }
        rows.sort_by_key(|(order, _)| *order);
        Ok(rows.into_iter().take(limit as usize).map(|((_, _, unit, _), row)| (unit.clone(), row.clone())).collect())
    }

    async fn due_of(&self, unit: &UnitId, kind: DueKind, after: Option<Made>, limit: u32) -> Result<Vec<DueRow>, StoreError> {
        let wanted = |row: &&DueRow| row.kind == kind && after.is_none_or(|after| row.id > after);
        self.read(unit, |log| page(log.rows.dues.values().filter(wanted), |row| row.id, limit))
    }

    async fn next_due(&self) -> Result<Option<Time>, StoreError> {
        Ok(self.lock().values().flat_map(|log| log.rows.dues.values()).filter(|row| !row.held).map(|row| row.at).min())
    }

    async fn subscriber(&self, unit: &UnitId, name: &str, key: &str) -> Result<Option<SubscriptionRow>, StoreError> {
        let wanted = |row: &&SubscriptionRow| !row.held && row.name == name && row.key == key;
        self.read(unit, |log| log.rows.subscriptions.values().filter(wanted).min_by_key(|row| (row.opened, row.id)).cloned())
    }

    async fn messages(&self, unit: &UnitId, name: &str, key: &str, now: Time, limit: u32) -> Result<Vec<MessageRow>, StoreError> {
        let wanted = |row: &&MessageRow| row.name == name && row.key == key && row.expires > now;
        self.read(unit, |log| page(log.rows.messages.values().filter(wanted), |row| (row.published, row.id), limit))
    }

    async fn message_count(&self, unit: &UnitId) -> Result<u64, StoreError> {
        self.read(unit, |log| log.rows.messages.len() as u64)
    }

    async fn incidents(&self, unit: &UnitId, instance: Option<CommandId>, limit: u32) -> Result<Vec<IncidentRow>, StoreError> {
        let wanted = |row: &&IncidentRow| instance.is_none_or(|instance| row.instance == instance);
        self.read(unit, |log| page(log.rows.incidents.values().filter(wanted), |row| (row.raised, row.id), limit))
    }

    async fn reports(&self, unit: &UnitId, query: &ReportQuery) -> Result<Vec<ReportRow>, StoreError> {
        let key = |row: &ReportRow| (std::cmp::Reverse(row.at), row.id);
        let wanted = |row: &&ReportRow| {
            query.kind.is_none_or(|kind| row.kind == kind)
                && query.after.is_none_or(|(at, id)| key(row) > (std::cmp::Reverse(at), id))
        };
        self.read(unit, |log| page(log.rows.reports.values().filter(wanted), key, query.limit))
    }

    async fn readings(&self, unit: &UnitId, query: &ReadingQuery) -> Result<Vec<ReadingRow>, StoreError> {
        let key = |row: &ReadingRow| (std::cmp::Reverse(row.at), row.id);
        let wanted = |row: &&ReadingRow| {
            query.case.as_ref().is_none_or(|case| row.case == *case)
                && query.person.as_ref().is_none_or(|person| row.person == *person)
                && query.after.is_none_or(|(at, id)| key(row) > (std::cmp::Reverse(at), id))
        };
        self.read(unit, |log| page(log.rows.readings.values().filter(wanted), key, query.limit))
    }

    async fn definitions(&self, unit: &UnitId) -> Result<Vec<DefinitionRow>, StoreError> {
        let key = |row: &DefinitionRow| (row.deployed, row.process.clone(), row.version, row.hash);
        self.read(unit, |log| page(log.rows.definitions.values(), key, u32::MAX))
    }

    async fn definition(&self, unit: &UnitId, hash: &Hash) -> Result<Option<DefinitionRow>, StoreError> {
        self.read(unit, |log| log.rows.definitions.get(hash).cloned())
    }
}
