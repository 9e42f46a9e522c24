//! The changes of rows that an entry's events make.

use super::row::{
    DefinitionRow, DueKind, DueRow, IncidentRow, InstanceRow, InstanceStatus, JobRow, MessageRow, ReadingRow, ReportRow,
    SubscriptionRow, TaskRow,
};
use crate::digest::Hash;
use crate::journal::{Actor, Entry, Event};
use crate::model::id::Made;
use crate::model::reading::{CaseRead, Reading};
use crate::model::{CommandId, JobId, PersonId, TaskId, Time};

/// When nothing falls due any more.
const NEVER: Time = Time(i64::MAX);

/// One change of a row. Changes are applied in order; a change of a row that is not there does nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowChange {
    /// A case began.
    InstancePut(InstanceRow),
    /// A case changed its status; `ended` is set with it. Halting holds its tasks, jobs, due rows and subscriptions, going on frees them.
    InstanceStatus { instance: CommandId, status: InstanceStatus, ended: Option<Time> },
    /// A case goes by another definition.
    InstanceMove { instance: CommandId, definition: Hash },
    /// A task was created.
    TaskPut(TaskRow),
    /// A task was claimed or released.
    TaskAssign { task: TaskId, assignee: Option<PersonId> },
    /// A task is no longer open.
    TaskDelete(TaskId),
    /// A job was created.
    JobPut(JobRow),
    /// A job was locked, or an attempt failed.
    JobUpdate { job: JobId, retries: Option<u32>, available: Time, worker: Option<String> },
    /// A job is no longer open.
    JobDelete(JobId),
    /// Something is due.
    DuePut(DueRow),
    /// It is done, or fell away.
    DueDelete(Made),
    /// A case waits for a message.
    SubscriptionPut(SubscriptionRow),
    /// It no longer does.
    SubscriptionDelete(Made),
    /// An early message is kept.
    MessagePut(MessageRow),
    /// It is gone.
    MessageDelete(Made),
    /// An incident was raised.
    IncidentPut(IncidentRow),
    /// It was resolved, or its case ended.
    IncidentDelete(Made),
    /// A report was made.
    ReportPut(ReportRow),
    /// Personal values of a case were read.
    ReadingPut(ReadingRow),
    /// A definition was deployed.
    DefinitionPut(DefinitionRow),
    /// Personal values that the entries of a case before this one hold of these variables go, with their salts; and the hashes of the commands
    /// that brought them, and the state that was kept of the case. Whatever of it is gone already is left as it is.
    ValuesErase { index: u64, instance: CommandId, names: Vec<String> },
    /// A case's state after its entry of this sequence, so that it need not be replayed from its beginning. Kept by the runtime; one a case.
    SnapshotPut { instance: CommandId, sequence: u64, state: Vec<u8> },
}

impl RowChange {
    /// Whether it is written with its entry and never later: nothing else leads to it, or nobody may read what it takes away.
    pub fn is_at_once(&self) -> bool {
        matches!(self, Self::SnapshotPut { .. } | Self::ValuesErase { .. })
    }
}

/// The changes of rows that one event makes. `process` is the id of the process whose definition the entry names, else empty.
pub fn changes(entry: &Entry, event: &Event, process: &str, out: &mut Vec<RowChange>) {
    let time = entry.origin.time;
    let made = |ordinal: u16| Made { command: entry.origin.command, ordinal };
    let instance = entry.link.map(|link| link.instance);
    let due = |ordinal: u16, kind: DueKind, at: Time, instance: Option<CommandId>| {
        RowChange::DuePut(DueRow { id: made(ordinal), kind, at, instance, held: false })
    };
    // A clock is looked at when it reaches its next point. As long as it runs or rests it has a row, so that all that do can be found.
    // A point that lies in the past by now is reached at once: the key of a row that was carried out is not used again.
    let look = |clock: Made, next: Option<Time>| {
        let at = next.unwrap_or(NEVER).max(time);
        RowChange::DuePut(DueRow { id: clock, kind: DueKind::Clock, at, instance, held: false })
    };
    let task_row = |id: TaskId, step: &str, role: &str, only: Option<PersonId>, created: Time, due: Option<Time>| {
        let (instance, definition) = (instance?, entry.definition?);
        let (process, step, role) = (process.to_owned(), step.to_owned(), role.to_owned());
        let row = TaskRow { id, instance, definition, process, step, role, only, assignee: None, held: false, created, due };
        Some(RowChange::TaskPut(row))
    };
    let status = |status: InstanceStatus, ended: Option<Time>| {
        instance.map(|instance| RowChange::InstanceStatus { instance, status, ended })
    };
    match event {
        Event::DefinitionDeployed { definition, process, version, document } => {
            out.push(RowChange::DefinitionPut(DefinitionRow {
                hash: *definition,
                process: process.clone(),
                version: *version,
                document: document.clone(),
                deployed: time,
            }));
        }
        Event::InstanceStarted { definition, process, number, caller, .. } => {
            if let Some(id) = instance {
                out.push(RowChange::InstancePut(InstanceRow {
                    id,
                    definition: *definition,
                    process: process.clone(),
                    number: number.clone(),
                    parent: caller.as_ref().map(|caller| caller.instance),
                    status: InstanceStatus::Active,
                    started_by: entry.origin.actor.to_string(),
                    started: time,
                    ended: None,
                }));
            }
        }
        Event::InstanceCompleted => out.extend(status(InstanceStatus::Completed, Some(time))),
        Event::InstanceCancelled { .. } => out.extend(status(InstanceStatus::Cancelled, Some(time))),
        Event::InstanceSuspended { .. } => out.extend(status(InstanceStatus::Suspended, None)),
        Event::InstanceResumed => out.extend(status(InstanceStatus::Active, None)),
        Event::InstanceMoved { definition, .. } => {
            out.extend(instance.map(|instance| RowChange::InstanceMove { instance, definition: *definition }));
        }
        Event::TaskCreated { ordinal, step, role, only, due, .. } => {
            out.extend(task_row(made(*ordinal), step, role, only.clone(), time, *due));
        }
        Event::TaskClaimed { task, person, .. } => {
            out.push(RowChange::TaskAssign { task: *task, assignee: Some(person.clone()) });
        }
        Event::TaskReleased { task } => out.push(RowChange::TaskAssign { task: *task, assignee: None }),
        Event::TaskMoved { task, step, role, only, person, created, due, .. }
        | Event::TaskMapped { task, step, role, only, person, created, due, .. } => {
            out.extend(task_row(*task, step, role, only.clone(), *created, *due));
            out.push(RowChange::TaskAssign { task: *task, assignee: person.clone() });
        }
        Event::TaskReassigned { task, role, step, created, due } => {
            out.extend(task_row(*task, step, role, None, *created, *due));
        }
        Event::ClockEscalated { clock, ordinal, step, role, next, .. } => {
            out.extend(task_row(made(*ordinal), step, role, None, time, None));
            out.push(look(*clock, *next));
        }
        Event::ClockStarted { ordinal, reckoning, .. } => out.push(look(made(*ordinal), reckoning.next)),
        Event::ClockRested { clock, reckoning, .. }
        | Event::ClockResumed { clock, reckoning, .. }
        | Event::ClockExtended { clock, reckoning, .. }
        | Event::ClockMoved { clock, reckoning, .. }
        | Event::ClockLimited { clock, reckoning, .. } => out.push(look(*clock, reckoning.next)),
        Event::ClockWarned { clock, next, .. } | Event::ClockBreached { clock, next, .. } => out.push(look(*clock, *next)),
        Event::ClockStopped { clock, .. } | Event::ClockEnded { clock } => out.push(RowChange::DueDelete(*clock)),
        Event::CaseRequested { ordinal, .. } => out.push(due(*ordinal, DueKind::Start, time, None)),
        Event::ReportRequested { ordinal, .. } => out.push(due(*ordinal, DueKind::Report, time, None)),
        Event::ReportMade { ordinal, schedule, report, .. } => {
            let (id, kind, schedule) = (made(*ordinal), report.content.kind(), schedule.clone());
            out.push(RowChange::ReportPut(ReportRow { id, kind, schedule, at: report.at, made: time }));
        }
        Event::ValuesRead(Reading { through, cases }) => {
            // The machine lets nobody else read.
            let Actor::Person(person) = &entry.origin.actor else { return };
            let row = |(ordinal, CaseRead { case, names }): (u16, &CaseRead)| ReadingRow {
                id: made(ordinal),
                entry: entry.index,
                at: time,
                person: person.clone(),
                via: entry.via.clone(),
                case: case.clone(),
                names: names.join(" "),
                through: *through,
            };
            out.extend((0..).zip(cases).map(row).map(RowChange::ReadingPut));
        }
        Event::ScheduleArmed { ordinal, at, replaces, .. } => {
            out.extend(replaces.map(RowChange::DueDelete));
            out.push(due(*ordinal, DueKind::Schedule, *at, None));
        }
        Event::DocumentIssued { ordinal, effective, .. } => out.push(due(*ordinal, DueKind::Effect, *effective, None)),
        Event::ScheduleEnded { replaces: Some(row), .. } | Event::DocumentWithdrawn { replaces: Some(row), .. } => {
            out.push(RowChange::DueDelete(*row));
        }
        Event::ReviewArmed { ordinal, at, .. } => out.push(due(*ordinal, DueKind::Review, *at, None)),
        Event::DocumentDeployed { ordinal: Some(ordinal), .. } => out.push(due(*ordinal, DueKind::Review, time, None)),
        Event::TaskCompleted { task, .. } | Event::TaskCancelled { task } => out.push(RowChange::TaskDelete(*task)),
        Event::JobCreated { ordinal, step, topic, retries, .. } => {
            if let Some(instance) = instance {
                out.push(RowChange::JobPut(JobRow {
                    id: made(*ordinal),
                    instance,
                    step: step.clone(),
                    topic: topic.clone(),
                    retries: *retries,
                    available: time,
                    worker: None,
                    held: false,
                }));
            }
        }
        Event::JobMapped { job, step, topic, retries, available, worker } => {
            let (step, topic, worker) = (step.clone(), topic.clone(), worker.clone());
            let row = |instance| JobRow {
                id: *job,
                instance,
                step,
                topic,
                retries: *retries,
                available: *available,
                worker,
                held: false,
            };
            out.extend(instance.map(|instance| RowChange::JobPut(row(instance))));
        }
        Event::JobLocked { job, worker, until } => {
            out.push(RowChange::JobUpdate { job: *job, retries: None, available: *until, worker: Some(worker.clone()) });
        }
        Event::JobFailed { job, retries, available, .. } => {
            out.push(RowChange::JobUpdate { job: *job, retries: Some(*retries), available: *available, worker: None });
        }
        Event::JobRetried { job, retries } => {
            out.push(RowChange::JobUpdate { job: *job, retries: Some(*retries), available: time, worker: None });
        }
        Event::JobCompleted { job, .. } | Event::JobCancelled { job } => out.push(RowChange::JobDelete(*job)),
        Event::TimerArmed { ordinal, due: at, .. } => out.push(due(*ordinal, DueKind::Timer, *at, instance)),
        Event::TimerMoved { timer, due: at, .. } => {
            out.push(RowChange::DuePut(DueRow { id: *timer, kind: DueKind::Timer, at: *at, instance, held: false }));
        }
        Event::TimerFired { timer } | Event::TimerDisarmed { timer } => out.push(RowChange::DueDelete(*timer)),
        Event::SubscriptionOpened { ordinal, name, key, .. } => {
            if let Some(instance) = instance {
                out.push(RowChange::SubscriptionPut(SubscriptionRow {
                    id: made(*ordinal),
                    instance,
                    name: name.clone(),
                    key: key.clone(),
                    opened: time,
                    held: false,
                }));
            }
        }
        Event::SubscriptionClosed { subscription } => out.push(RowChange::SubscriptionDelete(*subscription)),
        Event::MessageThrown { ordinal, .. } => out.push(due(*ordinal, DueKind::Publish, time, None)),
        Event::CallRequested { ordinal, .. } => out.push(due(*ordinal, DueKind::Call, time, None)),
        // It rests while the caller is suspended.
        Event::CallAnswered { ordinal, caller, .. } => {
            out.push(due(*ordinal, DueKind::Return, time, Some(caller.instance)));
        }
        Event::CallAbandoned { ordinal, .. } => out.push(due(*ordinal, DueKind::Abandon, time, None)),
        Event::DeliveryMade { due } => out.push(RowChange::DueDelete(*due)),
        Event::MessageBuffered { ordinal, name, key, expires, .. } => {
            out.push(RowChange::MessagePut(MessageRow {
                id: made(*ordinal),
                name: name.clone(),
                key: key.clone(),
                published: time,
                expires: *expires,
            }));
            out.push(due(*ordinal, DueKind::Expire, *expires, None));
        }
        Event::MessageReceived { message, .. } | Event::MessageExpired { message } => {
            out.push(RowChange::MessageDelete(*message));
            out.push(RowChange::DueDelete(*message));
        }
        Event::IncidentRaised { ordinal, code, message, .. } => {
            if let Some(instance) = instance {
                out.push(RowChange::IncidentPut(IncidentRow {
                    id: made(*ordinal),
                    instance,
                    code: code.clone(),
                    message: message.clone(),
                    raised: time,
                }));
            }
        }
        Event::IncidentResolved { incident } => out.push(RowChange::IncidentDelete(*incident)),
        Event::ValuesErased { names, .. } => {
            out.extend(instance.map(|instance| RowChange::ValuesErase { index: entry.index, instance, names: names.clone() }));
        }
        // The office is small and kept whole in memory: it is read from the site log, not from rows.
        Event::DocumentDeployed { .. }
        | Event::DocumentsControlled { .. }
        | Event::DraftSaved { .. }
        | Event::DraftSent { .. }
        | Event::DraftReturned { .. }
        | Event::DraftApproved { .. }
        | Event::DraftDiscarded { .. }
        | Event::DocumentWithdrawn { .. }
        | Event::DocumentReviewed { .. }
        | Event::CopyAcknowledged { .. }
        | Event::OfficeRecognised { .. }
        | Event::OfficeDisowned { .. }
        | Event::EditionReceived { .. }
        | Event::EditionAcknowledged { .. }
        | Event::AcknowledgementReceived { .. }
        | Event::WithdrawalReceived { .. }
        | Event::AnchorGiven { .. }
        | Event::ClockReplied { .. }
        | Event::CaseRefused { .. }
        | Event::ScheduleFired { .. }
        | Event::ScheduleMissed { .. }
        | Event::ScheduleEnded { .. }
        | Event::BundleMade { .. }
        | Event::ExportMade(_)
        | Event::TimeStepped { .. }
        | Event::CheckpointsTaken { .. }
        | Event::SealGap(_)
        | Event::KeyRotated(_)
        | Event::EpochDeclared(_)
        | Event::RecoveryDeclared(_)
        | Event::RecoveryStated(_)
        | Event::SoftwareStarted(_)
        | Event::UnitPut { .. }
        | Event::PostPut { .. }
        | Event::PersonRegistered { .. }
        | Event::AppointmentMade { .. }
        | Event::AppointmentEnded { .. }
        | Event::StepEntered { .. }
        | Event::TokensConsumed { .. }
        | Event::ScopeOpened { .. }
        | Event::ScopeClosed { .. }
        | Event::VariablesSet { .. }
        | Event::CallReturned { .. }
        | Event::ErasureProposed { .. }
        | Event::ErasureRejected { .. }
        | Event::RecordsHeld { .. }
        | Event::RecordsReleased { .. } => {}
    }
}
