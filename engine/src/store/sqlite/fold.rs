//! Folds the row changes of one transaction: per row, what is left of them when all are done. So a transaction needs a statement per table
//! and kind of change, however many commands it carries.

use std::collections::BTreeMap;

use super::table::Snapshot;
use crate::digest::Hash;
use crate::model::id::Made;
use crate::model::{CommandId, PersonId, Time};
use crate::projection::RowChange;
use crate::projection::row::{
    DefinitionRow, DueRow, IncidentRow, InstanceRow, InstanceStatus, JobRow, MessageRow, SubscriptionRow, TaskRow,
};

/// What is left for one row.
pub(super) enum Left<R, U> {
    /// It is written whole.
    Put(R),
    /// A row that may be there is changed.
    Update(U),
    /// It is deleted. A row put before in the same transaction may have replaced one that was there, so this is never left out.
    Delete,
}

/// A job's change.
pub(super) struct JobUpdate {
    pub(super) retries: Option<u32>,
    pub(super) available: Time,
    pub(super) worker: Option<String>,
}

/// A table's changes by unit number and key.
pub(super) type Changes<K, R, U = ()> = BTreeMap<(i64, K), Left<R, U>>;

/// The changes of one transaction.
#[derive(Default)]
pub(super) struct Fold {
    pub(super) instances: Changes<CommandId, InstanceRow, (InstanceStatus, Option<Time>)>,
    pub(super) tasks: Changes<Made, TaskRow, Option<PersonId>>,
    pub(super) jobs: Changes<Made, JobRow, JobUpdate>,
    pub(super) dues: Changes<Made, DueRow>,
    pub(super) subscriptions: Changes<Made, SubscriptionRow>,
    pub(super) messages: Changes<Made, MessageRow>,
    pub(super) incidents: Changes<Made, IncidentRow>,
    pub(super) definitions: Changes<Hash, DefinitionRow>,
    pub(super) snapshots: Changes<CommandId, Snapshot>,
    /// Cases whose rows, those not put here, are held or freed. Written before everything else.
    pub(super) holds: BTreeMap<(i64, CommandId), bool>,
}

impl Fold {
    /// Takes in a change of the unit with this number.
    pub(super) fn add(&mut self, unit: i64, change: &RowChange) {
        match change {
            RowChange::InstancePut(row) => put(&mut self.instances, unit, row.id, row),
            RowChange::InstanceStatus { instance, status, ended } => {
                match self.instances.get_mut(&(unit, *instance)) {
                    Some(Left::Put(row)) => (row.status, row.ended) = (*status, *ended),
                    Some(Left::Delete) => {}
                    None | Some(Left::Update(_)) => {
                        self.instances.insert((unit, *instance), Left::Update((*status, *ended)));
                    }
                }
                match status {
                    InstanceStatus::Suspended => self.hold(unit, *instance, true),
                    InstanceStatus::Active => self.hold(unit, *instance, false),
                    InstanceStatus::Completed | InstanceStatus::Cancelled => {}
                }
            }
            RowChange::TaskPut(row) => put(&mut self.tasks, unit, row.id, row),
            RowChange::TaskAssign { task, assignee } => match self.tasks.get_mut(&(unit, *task)) {
                Some(Left::Put(row)) => row.assignee.clone_from(assignee),
                Some(Left::Delete) => {}
                None | Some(Left::Update(_)) => drop(self.tasks.insert((unit, *task), Left::Update(assignee.clone()))),
            },
            RowChange::TaskDelete(id) => delete(&mut self.tasks, unit, *id),
            RowChange::JobPut(row) => put(&mut self.jobs, unit, row.id, row),
            RowChange::JobUpdate { job, retries, available, worker } => match self.jobs.get_mut(&(unit, *job)) {
                Some(Left::Put(row)) => {
                    row.retries = retries.unwrap_or(row.retries);
                    row.available = *available;
                    row.worker.clone_from(worker);
                }
                Some(Left::Delete) => {}
                Some(Left::Update(update)) => {
                    update.retries = retries.or(update.retries);
                    update.available = *available;
                    update.worker.clone_from(worker);
                }
                None => {
                    let update = JobUpdate { retries: *retries, available: *available, worker: worker.clone() };
                    self.jobs.insert((unit, *job), Left::Update(update));
                }
            },
            RowChange::JobDelete(id) => delete(&mut self.jobs, unit, *id),
            RowChange::DuePut(row) => put(&mut self.dues, unit, row.id, row),
            RowChange::DueDelete(id) => delete(&mut self.dues, unit, *id),
            RowChange::SubscriptionPut(row) => put(&mut self.subscriptions, unit, row.id, row),
            RowChange::SubscriptionDelete(id) => delete(&mut self.subscriptions, unit, *id),
            RowChange::MessagePut(row) => put(&mut self.messages, unit, row.id, row),
            RowChange::MessageDelete(id) => delete(&mut self.messages, unit, *id),
            RowChange::IncidentPut(row) => put(&mut self.incidents, unit, row.id, row),
            RowChange::IncidentDelete(id) => delete(&mut self.incidents, unit, *id),
            RowChange::DefinitionPut(row) => put(&mut self.definitions, unit, row.hash, row),
            RowChange::SnapshotPut { instance, sequence, state } => {
                let row = Snapshot { instance: *instance, sequence: *sequence, state: state.clone() };
                self.snapshots.insert((unit, *instance), Left::Put(row));
            }
        }
    }

    fn hold(&mut self, unit: i64, instance: CommandId, held: bool) {
        self.holds.insert((unit, instance), held);
        for_puts(&mut self.tasks, unit, |row| row.held = if row.instance == instance { held } else { row.held });
        for_puts(&mut self.jobs, unit, |row| row.held = if row.instance == instance { held } else { row.held });
        for_puts(&mut self.dues, unit, |row| row.held = if row.instance == Some(instance) { held } else { row.held });
        for_puts(&mut self.subscriptions, unit, |row| row.held = if row.instance == instance { held } else { row.held });
    }
}

fn put<K: Ord, R: Clone, U>(changes: &mut Changes<K, R, U>, unit: i64, key: K, row: &R) {
    changes.insert((unit, key), Left::Put(row.clone()));
}

fn delete<K: Ord, R, U>(changes: &mut Changes<K, R, U>, unit: i64, key: K) {
    changes.insert((unit, key), Left::Delete);
}

fn for_puts<K: Ord, R, U>(changes: &mut Changes<K, R, U>, unit: i64, mut change: impl FnMut(&mut R)) {
    for ((of, _), left) in changes.iter_mut() {
        if let Left::Put(row) = left
            && *of == unit
        {
            change(row);
        }
    }
}
