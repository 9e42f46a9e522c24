//! Folds row changes: per row, what is left of them when all are done. So they are written by a statement per table and kind of change,
//! however many there were, and a task that was created, claimed and completed meanwhile costs nothing but a look.

use std::collections::BTreeMap;

use super::table::Snapshot;
use crate::digest::Hash;
use crate::model::id::Made;
use crate::model::{CommandId, PersonId, Time};
use crate::projection::RowChange;
use crate::projection::row::{
    DefinitionRow, DueRow, IncidentRow, InstanceRow, InstanceStatus, JobRow, MessageRow, ReadingRow, ReportRow, SubscriptionRow,
    TaskRow,
};

/// What is left for one row.
pub(super) enum Left<R, U> {
    /// It is written whole.
    Put(R),
    /// It is written whole, and there is none yet: it is of a command whose entry came since rows were written last.
    New(R),
    /// A row that may be there is changed.
    Update(U),
    /// It is deleted.
    Delete,
}

/// A job's change.
pub(super) struct JobUpdate {
    pub(super) retries: Option<u32>,
    pub(super) available: Time,
    pub(super) worker: Option<String>,
}

/// A case's change.
#[derive(Default)]
pub(super) struct InstanceUpdate {
    pub(super) status: Option<InstanceStatus>,
    /// Set with the status.
    pub(super) ended: Option<Time>,
    pub(super) definition: Option<Hash>,
}

/// A table's changes by unit number and key.
pub(super) type Changes<K, R, U = ()> = BTreeMap<(i64, K), Left<R, U>>;

/// The changes of many commands.
#[derive(Default)]
pub(super) struct Fold {
    pub(super) instances: Changes<CommandId, InstanceRow, InstanceUpdate>,
    pub(super) tasks: Changes<Made, TaskRow, Option<PersonId>>,
    pub(super) jobs: Changes<Made, JobRow, JobUpdate>,
    pub(super) dues: Changes<Made, DueRow>,
    pub(super) subscriptions: Changes<Made, SubscriptionRow>,
    pub(super) messages: Changes<Made, MessageRow>,
    pub(super) incidents: Changes<Made, IncidentRow>,
    pub(super) reports: Changes<Made, ReportRow>,
    pub(super) readings: Changes<Made, ReadingRow>,
    pub(super) definitions: Changes<Hash, DefinitionRow>,
    pub(super) snapshots: Changes<CommandId, Snapshot>,
    /// How many changes it took in, large ones counted several times.
    pub(super) weight: usize,
    /// Cases whose rows, those not put here, are held or freed. Written before everything else.
    pub(super) holds: BTreeMap<(i64, CommandId), bool>,
    /// Values that are erased. Written after everything else.
    pub(super) erasures: Vec<Erasure>,
}

/// Values that go.
pub(super) struct Erasure {
    /// Number of the unit.
    pub(super) unit: i64,
    /// The entry that says so: those before it are meant.
    pub(super) index: u64,
    /// Its case.
    pub(super) instance: CommandId,
    /// The variables.
    pub(super) names: Vec<String>,
}

impl Fold {
    /// Takes in a change of the unit with this number. `new` tells of a command whether its entry came with the change, so that nothing of
    /// its making has a row yet.
    pub(super) fn add(&mut self, unit: i64, change: RowChange, new: impl Fn(&CommandId) -> bool) {
        self.weight += match &change {
            RowChange::DefinitionPut(row) => 1 + row.document.len() / 512,
            _ => 1,
        };
        match change {
            RowChange::InstancePut(row) => put(&mut self.instances, unit, row.id, new(&row.id), row),
            RowChange::InstanceStatus { instance, status, ended } => {
                match self.instances.get_mut(&(unit, instance)) {
                    Some(Left::Put(row) | Left::New(row)) => (row.status, row.ended) = (status, ended),
                    Some(Left::Delete) => {}
                    Some(Left::Update(update)) => (update.status, update.ended) = (Some(status), ended),
                    None => {
                        let update = InstanceUpdate { status: Some(status), ended, definition: None };
                        self.instances.insert((unit, instance), Left::Update(update));
                    }
                }
                match status {
                    InstanceStatus::Suspended => self.hold(unit, instance, true),
                    InstanceStatus::Active => self.hold(unit, instance, false),
                    InstanceStatus::Completed | InstanceStatus::Cancelled => {}
                }
            }
            RowChange::InstanceMove { instance, definition } => match self.instances.get_mut(&(unit, instance)) {
                Some(Left::Put(row) | Left::New(row)) => row.definition = definition,
                Some(Left::Delete) => {}
                Some(Left::Update(update)) => update.definition = Some(definition),
                None => {
                    let update = InstanceUpdate { definition: Some(definition), ..InstanceUpdate::default() };
                    self.instances.insert((unit, instance), Left::Update(update));
                }
            },
            RowChange::TaskPut(row) => put(&mut self.tasks, unit, row.id, new(&row.id.command), row),
            RowChange::TaskAssign { task, assignee } => match self.tasks.get_mut(&(unit, task)) {
                Some(Left::Put(row) | Left::New(row)) => row.assignee = assignee,
                Some(Left::Delete) => {}
                None | Some(Left::Update(_)) => drop(self.tasks.insert((unit, task), Left::Update(assignee))),
            },
            RowChange::TaskDelete(id) => delete(&mut self.tasks, unit, id),
            RowChange::JobPut(row) => put(&mut self.jobs, unit, row.id, new(&row.id.command), row),
            RowChange::JobUpdate { job, retries, available, worker } => match self.jobs.get_mut(&(unit, job)) {
                Some(Left::Put(row) | Left::New(row)) => {
                    row.retries = retries.unwrap_or(row.retries);
                    row.available = available;
                    row.worker = worker;
                }
                Some(Left::Delete) => {}
                Some(Left::Update(update)) => {
                    update.retries = retries.or(update.retries);
                    update.available = available;
                    update.worker = worker;
                }
                None => {
                    self.jobs.insert((unit, job), Left::Update(JobUpdate { retries, available, worker }));
                }
            },
            RowChange::JobDelete(id) => delete(&mut self.jobs, unit, id),
            RowChange::DuePut(row) => put(&mut self.dues, unit, row.id, new(&row.id.command), row),
            RowChange::DueDelete(id) => delete(&mut self.dues, unit, id),
            RowChange::SubscriptionPut(row) => put(&mut self.subscriptions, unit, row.id, new(&row.id.command), row),
            RowChange::SubscriptionDelete(id) => delete(&mut self.subscriptions, unit, id),
            RowChange::MessagePut(row) => put(&mut self.messages, unit, row.id, new(&row.id.command), row),
            RowChange::MessageDelete(id) => delete(&mut self.messages, unit, id),
            RowChange::IncidentPut(row) => put(&mut self.incidents, unit, row.id, new(&row.id.command), row),
            RowChange::IncidentDelete(id) => delete(&mut self.incidents, unit, id),
            RowChange::ReportPut(row) => put(&mut self.reports, unit, row.id, new(&row.id.command), row),
            RowChange::ReadingPut(row) => put(&mut self.readings, unit, row.id, new(&row.id.command), row),
            RowChange::DefinitionPut(row) => put(&mut self.definitions, unit, row.hash, false, row),
            RowChange::ValuesErase { index, instance, names } => {
                self.erasures.push(Erasure { unit, index, instance, names });
            }
            RowChange::SnapshotPut { instance, sequence, state } => {
                self.snapshots.insert((unit, instance), Left::Put(Snapshot { instance, sequence, state }));
            }
        }
    }

    /// How many rows are written, changed or deleted.
    pub(super) fn rows(&self) -> usize {
        self.instances.len()
            + self.tasks.len()
            + self.jobs.len()
            + self.dues.len()
            + self.subscriptions.len()
            + self.messages.len()
            + self.incidents.len()
            + self.reports.len()
            + self.readings.len()
            + self.definitions.len()
            + self.snapshots.len()
    }

    fn hold(&mut self, unit: i64, instance: CommandId, held: bool) {
        self.holds.insert((unit, instance), held);
        for_puts(&mut self.tasks, unit, |row| row.held = if row.instance == instance { held } else { row.held });
        for_puts(&mut self.jobs, unit, |row| row.held = if row.instance == instance { held } else { row.held });
        for_puts(&mut self.dues, unit, |row| row.held = if row.instance == Some(instance) { held } else { row.held });
        for_puts(&mut self.subscriptions, unit, |row| row.held = if row.instance == instance { held } else { row.held });
    }
}

fn put<K: Ord, R, U>(changes: &mut Changes<K, R, U>, unit: i64, key: K, new: bool, row: R) {
    let key = (unit, key);
    let left = if new && !changes.contains_key(&key) { Left::New(row) } else { Left::Put(row) };
    changes.insert(key, left);
}

fn delete<K: Ord, R, U>(changes: &mut Changes<K, R, U>, unit: i64, key: K) {
    let key = (unit, key);
    if let Some(Left::New(_)) = changes.get(&key) {
        changes.remove(&key);
    } else {
        changes.insert(key, Left::Delete);
    }
}

fn for_puts<K: Ord, R, U>(changes: &mut Changes<K, R, U>, unit: i64, mut change: impl FnMut(&mut R)) {
    for ((of, _), left) in changes.iter_mut() {
        if let Left::Put(row) | Left::New(row) = left
            && *of == unit
        {
            change(row);
        }
    }
}
