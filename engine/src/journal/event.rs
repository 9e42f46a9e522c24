//! Events: what happened, in the past tense. They are never edited: a change of meaning is a new event.
//!
//! Things that a command makes (tasks, jobs, timers …) are written by their ordinal alone: their id is the entry's command and it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::amendment::{Acknowledgement, Edition, Relation, Source, Told, Withdrawal};
use crate::digest::Hash;
use crate::model::bundle::Chosen;
use crate::model::document::DocumentKind;
use crate::model::id::Made;
use crate::model::moving::{Authority, Mapping, Taken};
use crate::model::office::{Post, Unit};
use crate::model::reading::Reading;
use crate::model::report::{Report, ReportKind};
use crate::model::{CommandId, JobId, PersonId, PostId, TaskId, Text, Time, UnitId, Values};
use crate::norm::Terms;

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde calls")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// What happened. `token` and `scope` are numbers within the case; scope 0 is the process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all_fields = "camelCase")]
pub enum Event {
    /// A definition was deployed. Its bytes are content-addressed: the author's bytes, kept beside the journal by their hash.
    #[serde(rename = "definition.deployed")]
    DefinitionDeployed {
        /// SHA-256 of its RFC 8785 bytes.
        definition: Hash,
        /// Process id.
        process: String,
        /// 1, 2, 3 … within the process id.
        version: u32,
        /// The document as its author wrote it.
        document: String,
    },

    /// A norm, calendar, schedule or page was deployed, in the site log.
    #[serde(rename = "document.deployed")]
    DocumentDeployed {
        /// What it is.
        kind: DocumentKind,
        /// SHA-256 of its RFC 8785 bytes.
        hash: Hash,
        /// Its id.
        id: String,
        /// 1, 2, 3 … within kind and id.
        version: u32,
        /// Its text as its author wrote it.
        document: String,
        /// Ordinal of the due row that takes it to the running clocks, of a calendar or norm.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ordinal: Option<u16>,
    },

    /// From now on nothing is deployed but what was issued; or no longer. In the site log, as all of the life of documents.
    #[serde(rename = "documents.controlled")]
    DocumentsControlled {
        /// Whether they are.
        controlled: bool,
    },
    /// A draft of a document was saved. It takes the place of the one before; what was approved of that is no longer.
    #[serde(rename = "draft.saved")]
    DraftSaved {
        /// What it is.
        kind: DocumentKind,
        /// Id of the document.
        id: String,
        /// SHA-256 of its RFC 8785 bytes.
        hash: Hash,
        /// The newest version in force then; 0: none.
        base: u32,
        /// Its text as its author wrote it.
        document: String,
    },
    /// A draft was sent for review.
    #[serde(rename = "draft.sent")]
    DraftSent {
        /// What it is.
        kind: DocumentKind,
        /// Id of the document.
        id: String,
        /// The draft.
        hash: Hash,
    },
    /// A draft was returned to its authors.
    #[serde(rename = "draft.returned")]
    DraftReturned {
        /// What it is.
        kind: DocumentKind,
        /// Id of the document.
        id: String,
        /// The draft.
        hash: Hash,
        /// Why.
        reason: String,
    },
    /// A draft was approved, by none of its authors.
    #[serde(rename = "draft.approved")]
    DraftApproved {
        /// What it is.
        kind: DocumentKind,
        /// Id of the document.
        id: String,
        /// The draft.
        hash: Hash,
    },
    /// A draft was given up.
    #[serde(rename = "draft.discarded")]
    DraftDiscarded {
        /// What it is.
        kind: DocumentKind,
        /// Id of the document.
        id: String,
        /// The draft.
        hash: Hash,
    },
    /// An approved draft was issued. It is deployed when it takes effect, as a command of its own.
    #[serde(rename = "document.issued")]
    DocumentIssued {
        /// Ordinal of the due row that brings it into force.
        ordinal: u16,
        /// What it is.
        kind: DocumentKind,
        /// Id of the document.
        id: String,
        /// The draft that was approved.
        hash: Hash,
        /// Issue number.
        issue: u32,
        /// Revision number within the issue.
        #[serde(default, skip_serializing_if = "is_zero")]
        revision: u32,
        /// From when it is in force.
        effective: Time,
        /// Why it was amended.
        reason: String,
        /// The posts that have a copy; the first has copy number 1.
        copies: Vec<PostId>,
        /// When it is to be reviewed.
        review: Date,
    },
    /// A document was withdrawn; or, where an issue had not yet taken effect, that issue.
    #[serde(rename = "document.withdrawn")]
    DocumentWithdrawn {
        /// What it is.
        kind: DocumentKind,
        /// Id of the document.
        id: String,
        /// What is withdrawn.
        hash: Hash,
        /// Why.
        reason: String,
        /// The row that would have brought it into force.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replaces: Option<Made>,
    },
    /// A document was reviewed, and stays as it is.
    #[serde(rename = "document.reviewed")]
    DocumentReviewed {
        /// What it is.
        kind: DocumentKind,
        /// Id of the document.
        id: String,
        /// When it is to be reviewed next.
        review: Date,
        /// What was found.
        reason: String,
    },
    /// The holder of a copy has read and understood it.
    #[serde(rename = "copy.acknowledged")]
    CopyAcknowledged {
        /// What it is.
        kind: DocumentKind,
        /// Id of the document.
        id: String,
        /// The issue.
        hash: Hash,
        /// The post that has the copy.
        post: PostId,
    },

    /// Another office was recognised by its public key, by office order.
    #[serde(rename = "office.recognised")]
    OfficeRecognised {
        /// The host's name of its key.
        host: String,
        /// Its public key.
        key: String,
        /// What it is called.
        title: Text,
        /// How it stands to this one.
        relation: Relation,
        /// Office order.
        order: String,
    },
    /// It is recognised no longer.
    #[serde(rename = "office.disowned")]
    OfficeDisowned {
        /// The host's name of its key.
        host: String,
        /// Office order.
        order: String,
    },
    /// An edition of a document that another office issued was received. It is under control here, and not in force.
    #[serde(rename = "edition.received")]
    EditionReceived {
        /// Where it comes from.
        source: Source,
        /// The edition.
        edition: Edition,
    },
    /// A received edition was acknowledged to the office that issued it.
    #[serde(rename = "edition.acknowledged")]
    EditionAcknowledged {
        /// What is said of it.
        acknowledgement: Acknowledgement,
    },
    /// It came in that another office withdrew an edition which was received from it.
    #[serde(rename = "withdrawal.received")]
    WithdrawalReceived {
        /// Where it comes from.
        source: Source,
        /// What it says.
        withdrawal: Withdrawal,
    },
    /// The acknowledgement of another office came in.
    #[serde(rename = "acknowledgement.received")]
    AcknowledgementReceived {
        /// Where it comes from.
        source: Source,
        /// What it says.
        told: Told,
    },

    /// A version of a norm comes into force later, for running cases too: they are looked at then. In the site log.
    #[serde(rename = "review.armed")]
    ReviewArmed {
        /// Ordinal of its id.
        ordinal: u16,
        /// The norm.
        document: Hash,
        /// When it comes into force.
        at: Time,
    },

    /// A case began, pinned to what it keeps.
    #[serde(rename = "instance.started")]
    InstanceStarted {
        /// Definition.
        definition: Hash,
        /// Process id.
        process: String,
        /// The office's own number.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<String>,
        /// The token that called it, if it was called.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caller: Option<Caller>,
        /// Definitions of the processes that it may call.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        calls: BTreeMap<String, Hash>,
        /// Norms that hold for it, by id.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        norms: BTreeMap<String, Hash>,
        /// Variables from the start form.
        #[serde(default, skip_serializing_if = "Values::is_empty")]
        data: Values,
    },
    /// A case came to its end.
    #[serde(rename = "instance.completed")]
    InstanceCompleted,
    /// A case was ended before its time.
    #[serde(rename = "instance.cancelled")]
    InstanceCancelled {
        /// Why.
        reason: String,
    },
    /// A case was halted.
    #[serde(rename = "instance.suspended")]
    InstanceSuspended {
        /// Why.
        reason: String,
    },
    /// A halted case goes on.
    #[serde(rename = "instance.resumed")]
    InstanceResumed,
    /// A case was moved to another version of its process. What stood at a step stands at the step that corresponds to it; what else
    /// changes with it follows as events of its own.
    #[serde(rename = "instance.moved")]
    InstanceMoved {
        /// The version until now.
        from: Hash,
        /// The version from now on; the entry names it, too.
        definition: Hash,
        /// What corresponds to what. `steps` names the steps whose id is another.
        #[serde(flatten)]
        mapping: Mapping,
        /// By whose order, why, with whose consent.
        #[serde(flatten)]
        authority: Authority,
        /// The flow of the new version for the one by which a token came to a join, where its id is another.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        flows: BTreeMap<String, String>,
        /// The id within the new version of clocks that have another.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        clocks: BTreeMap<String, String>,
        /// Definitions of the processes that it may call from now on.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        calls: BTreeMap<String, Hash>,
        /// Norms that hold for what starts from now on, by id. What runs keeps its own.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        norms: BTreeMap<String, Hash>,
        /// What it takes from the applicant: what they consented to.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        losses: Vec<Taken>,
    },

    /// A token came to a step; a new token where the number is new.
    #[serde(rename = "step.entered")]
    StepEntered {
        /// Token.
        token: u32,
        /// Step id.
        step: String,
        /// Scope.
        #[serde(default, skip_serializing_if = "is_zero")]
        scope: u32,
        /// Id of the flow, where the step before has several or this one joins several.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        flow: Option<String>,
    },
    /// Tokens ended: at an end event, in a join, or with their scope.
    #[serde(rename = "tokens.consumed")]
    TokensConsumed {
        /// The tokens.
        tokens: Vec<u32>,
    },
    /// A sub-process began.
    #[serde(rename = "scope.opened")]
    ScopeOpened {
        /// Its number.
        scope: u32,
        /// The token that waits for it.
        token: u32,
    },
    /// A sub-process ended.
    #[serde(rename = "scope.closed")]
    ScopeClosed {
        /// Its number.
        scope: u32,
    },
    /// Variables were written.
    #[serde(rename = "variables.set")]
    VariablesSet {
        /// Scope.
        #[serde(default, skip_serializing_if = "is_zero")]
        scope: u32,
        /// The new values.
        values: Values,
    },

    /// A task was offered to a role.
    #[serde(rename = "task.created")]
    TaskCreated {
        /// Ordinal of its id.
        ordinal: u16,
        /// The token that waits for it.
        token: u32,
        /// Step id.
        step: String,
        /// Role.
        role: String,
        /// The one person to whom it is offered, for the role `applicant`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        only: Option<PersonId>,
        /// When it should be done.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Time>,
        /// How that was counted, where it is working time of the task's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        counted: Option<Counted>,
        /// When it is due by what its step names, whatever the case says; kept, for the same words would say another instant later.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Time>,
    },
    /// A person took a task.
    #[serde(rename = "task.claimed")]
    TaskClaimed {
        /// Task.
        task: TaskId,
        /// Who.
        person: PersonId,
        /// The post by which they may; none for an applicant.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        post: Option<PostId>,
        /// The appointment by which they hold the post.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        appointment: Option<Made>,
    },
    /// A person gave a task back.
    #[serde(rename = "task.released")]
    TaskReleased {
        /// Task.
        task: TaskId,
    },
    /// A task was completed by whoever had claimed it.
    #[serde(rename = "task.completed")]
    TaskCompleted {
        /// Task.
        task: TaskId,
        /// The form's data, as sent.
        #[serde(default, skip_serializing_if = "Values::is_empty")]
        data: Values,
        /// The scope whose variables the data becomes; none: what was written follows as `variables.set`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        into: Option<u32>,
    },
    /// A task passed to another role; whoever had claimed it has it no longer.
    #[serde(rename = "task.reassigned")]
    TaskReassigned {
        /// Task.
        task: TaskId,
        /// Role.
        role: String,
        /// Step id.
        step: String,
        /// When it was created.
        created: Time,
        /// When it should be done.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Time>,
    },
    /// A task is due at another time: that of its case ends at another, or the calendar was changed on which its own is counted.
    #[serde(rename = "task.moved")]
    TaskMoved {
        /// Task.
        task: TaskId,
        /// Step id.
        step: String,
        /// Role.
        role: String,
        /// The one person to whom it is offered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        only: Option<PersonId>,
        /// Who has it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        person: Option<PersonId>,
        /// When it was created.
        created: Time,
        /// When it should be done.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Time>,
        /// How that was counted, where it is working time of the task's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        counted: Option<Counted>,
        /// The document that was changed, where that is why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        because: Option<Hash>,
    },
    /// A task goes by another version of the process from now on: what it is there.
    #[serde(rename = "task.mapped")]
    TaskMapped {
        /// Task.
        task: TaskId,
        /// Step id.
        step: String,
        /// Role.
        role: String,
        /// The one person to whom it is offered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        only: Option<PersonId>,
        /// Who has it; none where whoever had claimed it has it no longer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        person: Option<PersonId>,
        /// When it was created.
        created: Time,
        /// When it should be done.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Time>,
        /// How that was counted, where it is working time of the task's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        counted: Option<Counted>,
        /// When it is due by what its step names, whatever the case says.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Time>,
    },
    /// A task fell away.
    #[serde(rename = "task.cancelled")]
    TaskCancelled {
        /// Task.
        task: TaskId,
    },

    /// A job waits for a worker.
    #[serde(rename = "job.created")]
    JobCreated {
        /// Ordinal of its id.
        ordinal: u16,
        /// The token that waits for it.
        token: u32,
        /// Step id.
        step: String,
        /// Topic.
        topic: String,
        /// Attempts.
        retries: u32,
        /// Values handed over.
        #[serde(default, skip_serializing_if = "Values::is_empty")]
        data: Values,
    },
    /// A worker has it.
    #[serde(rename = "job.locked")]
    JobLocked {
        /// Job.
        job: JobId,
        /// Worker.
        worker: String,
        /// Until when.
        until: Time,
    },
    /// A worker completed it.
    #[serde(rename = "job.completed")]
    JobCompleted {
        /// Job.
        job: JobId,
        /// What came out.
        #[serde(default, skip_serializing_if = "Values::is_empty")]
        data: Values,
    },
    /// An attempt failed.
    #[serde(rename = "job.failed")]
    JobFailed {
        /// Job.
        job: JobId,
        /// What went wrong.
        message: String,
        /// Attempts that remain.
        retries: u32,
        /// When the next may begin.
        available: Time,
    },
    /// A job that had no attempts left may be tried again.
    #[serde(rename = "job.retried")]
    JobRetried {
        /// Job.
        job: JobId,
        /// Attempts.
        retries: u32,
    },
    /// A job stands at another step, under another version of the process.
    #[serde(rename = "job.mapped")]
    JobMapped {
        /// Job.
        job: JobId,
        /// Step id.
        step: String,
        /// Topic.
        topic: String,
        /// Attempts that remain.
        retries: u32,
        /// When it may be fetched.
        available: Time,
        /// Who locked it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        worker: Option<String>,
    },
    /// A job fell away.
    #[serde(rename = "job.cancelled")]
    JobCancelled {
        /// Job.
        job: JobId,
    },

    /// A timer was set.
    #[serde(rename = "timer.armed")]
    TimerArmed {
        /// Ordinal of its id.
        ordinal: u16,
        /// The token that waits for it, or whose activity it watches.
        token: u32,
        /// The event's step id.
        step: String,
        /// When it fires.
        due: Time,
        /// Firings that remain after this one, of a repeating timer.
        #[serde(default, skip_serializing_if = "is_zero")]
        repeats: u32,
        /// How its instant was counted, where it is working time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        counted: Option<Counted>,
    },
    /// A timer fires at another instant, because a calendar was changed.
    #[serde(rename = "timer.moved")]
    TimerMoved {
        /// Timer.
        timer: Made,
        /// When it would have fired.
        before: Time,
        /// What was changed: the document's hash.
        because: Hash,
        /// When it fires.
        due: Time,
        /// How that was counted.
        counted: Counted,
    },
    /// A timer fired.
    #[serde(rename = "timer.fired")]
    TimerFired {
        /// Timer.
        timer: Made,
    },
    /// A timer fell away.
    #[serde(rename = "timer.disarmed")]
    TimerDisarmed {
        /// Timer.
        timer: Made,
    },

    /// The case waits for a message.
    #[serde(rename = "subscription.opened")]
    SubscriptionOpened {
        /// Ordinal of its id.
        ordinal: u16,
        /// The token that waits, or whose activity it watches.
        token: u32,
        /// The event's step id.
        step: String,
        /// Message name.
        name: String,
        /// Correlation key.
        key: String,
    },
    /// It no longer waits.
    #[serde(rename = "subscription.closed")]
    SubscriptionClosed {
        /// Subscription.
        subscription: Made,
    },
    /// A message reached the case.
    #[serde(rename = "message.received")]
    MessageReceived {
        /// The message: the command that published it.
        message: Made,
        /// The subscription that it met; none where it started the case.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subscription: Option<Made>,
        /// Values.
        #[serde(default, skip_serializing_if = "Values::is_empty")]
        data: Values,
    },
    /// The case threw a message; it is delivered as a command of its own.
    #[serde(rename = "message.thrown")]
    MessageThrown {
        /// Ordinal of its id.
        ordinal: u16,
        /// Message name.
        name: String,
        /// Correlation key.
        key: String,
        /// Time to live in seconds.
        ttl_seconds: i64,
        /// Values.
        #[serde(default, skip_serializing_if = "Values::is_empty")]
        data: Values,
    },
    /// A thrown message, call or return was delivered: its due row is done.
    #[serde(rename = "delivery.made")]
    DeliveryMade {
        /// The due row.
        due: Made,
    },
    /// No one waits for the message yet: it is kept.
    #[serde(rename = "message.buffered")]
    MessageBuffered {
        /// Ordinal of its id.
        ordinal: u16,
        /// Message name.
        name: String,
        /// Correlation key.
        key: String,
        /// Until when.
        expires: Time,
        /// Values.
        #[serde(default, skip_serializing_if = "Values::is_empty")]
        data: Values,
    },
    /// No one came for it in time.
    #[serde(rename = "message.expired")]
    MessageExpired {
        /// Message.
        message: Made,
    },

    /// A call activity asked for a case; it is started as a command of its own.
    #[serde(rename = "call.requested")]
    CallRequested {
        /// Ordinal of its id.
        ordinal: u16,
        /// The token that waits.
        token: u32,
        /// The version to start.
        definition: Hash,
        /// How deep calls are nested.
        depth: u32,
        /// Values handed over.
        #[serde(default, skip_serializing_if = "Values::is_empty")]
        data: Values,
    },
    /// The called case ended.
    #[serde(rename = "call.returned")]
    CallReturned {
        /// The token that waited.
        token: u32,
        /// The called case.
        called: CommandId,
        /// How it ended.
        outcome: CallOutcome,
        /// Its variables.
        #[serde(default, skip_serializing_if = "Values::is_empty")]
        data: Values,
    },
    /// The case tells its caller that it ended; delivered as a command of its own.
    #[serde(rename = "call.answered")]
    CallAnswered {
        /// Ordinal of its id.
        ordinal: u16,
        /// The caller.
        caller: Caller,
        /// How it ended.
        outcome: CallOutcome,
        /// Its variables.
        #[serde(default, skip_serializing_if = "Values::is_empty")]
        data: Values,
    },
    /// A called case is no longer waited for: it is cancelled as a command of its own.
    #[serde(rename = "call.abandoned")]
    CallAbandoned {
        /// Ordinal of its id.
        ordinal: u16,
        /// The token that waited.
        token: u32,
        /// The called case: its id is that of the command that will have started it.
        called: CommandId,
    },

    /// A clock of the case started.
    #[serde(rename = "clock.started")]
    ClockStarted {
        /// Ordinal of its id.
        ordinal: u16,
        /// Its id within the process.
        clock: String,
        /// The norm.
        norm: Hash,
        /// The edition and limit by which it counts; none where none holds for this case.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        terms: Option<Terms>,
        /// Attributes of the case, by which the limit was chosen.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        attributes: BTreeMap<String, String>,
        /// The planned date, of a norm that counts backward.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        planned: Option<Date>,
        /// The step at which it happened.
        step: String,
        /// The deadline.
        #[serde(flatten)]
        reckoning: Reckoning,
    },
    /// It rests.
    #[serde(rename = "clock.rested")]
    ClockRested {
        /// Clock.
        clock: Made,
        /// Position of the ground in the norm's document.
        ground: u16,
        /// The step at which it happened.
        step: String,
        /// The deadline.
        #[serde(flatten)]
        reckoning: Reckoning,
    },
    /// It runs again.
    #[serde(rename = "clock.resumed")]
    ClockResumed {
        /// Clock.
        clock: Made,
        /// Position of the ground that ended; none where it had stopped, and was taken up again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ground: Option<u16>,
        /// Whether it starts anew.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        restarts: bool,
        /// The edition and limit by which it counts from here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        terms: Option<Terms>,
        /// The step at which it happened.
        step: String,
        /// The deadline.
        #[serde(flatten)]
        reckoning: Reckoning,
    },
    /// It was prolonged.
    #[serde(rename = "clock.extended")]
    ClockExtended {
        /// Clock.
        clock: Made,
        /// The step at which it happened.
        step: String,
        /// The deadline.
        #[serde(flatten)]
        reckoning: Reckoning,
    },
    /// An interim reply was given; the clock runs on.
    #[serde(rename = "clock.replied")]
    ClockReplied {
        /// Clock.
        clock: Made,
        /// The step at which it happened.
        step: String,
    },
    /// It stopped for good: what it times is done, or the case ended.
    #[serde(rename = "clock.stopped")]
    ClockStopped {
        /// Clock.
        clock: Made,
        /// The step at which it happened; none: the case ended.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<String>,
    },
    /// It was ended by the order that moved its case: what it times is not done, and it is not taken up again.
    #[serde(rename = "clock.ended")]
    ClockEnded {
        /// Clock.
        clock: Made,
    },
    /// Its deadline moved because a calendar or a norm was changed.
    #[serde(rename = "clock.moved")]
    ClockMoved {
        /// Clock.
        clock: Made,
        /// The deadline until now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<Time>,
        /// What was changed: the document's hash.
        because: Hash,
        /// The norm by which it counts from here, where that was changed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        norm: Option<Hash>,
        /// The edition and limit by which it counts from here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        terms: Option<Terms>,
        /// The deadline.
        #[serde(flatten)]
        reckoning: Reckoning,
    },
    /// It had no limit, because the case did not yet say by what one is chosen; now it does, and the limit holds from the start.
    #[serde(rename = "clock.limited")]
    ClockLimited {
        /// Clock.
        clock: Made,
        /// The edition and limit by which it counts.
        terms: Terms,
        /// Attributes of the case, by which the limit was chosen.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        attributes: BTreeMap<String, String>,
        /// The planned date, of a norm that counts backward.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        planned: Option<Date>,
        /// The deadline.
        #[serde(flatten)]
        reckoning: Reckoning,
    },
    /// A point before its end was reached.
    #[serde(rename = "clock.warned")]
    ClockWarned {
        /// Clock.
        clock: Made,
        /// Position of the point in the norm's document.
        point: u16,
        /// When it has to be looked at again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<Time>,
    },
    /// Its time is over.
    #[serde(rename = "clock.breached")]
    ClockBreached {
        /// Clock.
        clock: Made,
        /// When its time was over.
        due: Time,
        /// When it has to be looked at again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<Time>,
    },
    /// A rung of the ladder was reached: a role has a task of its own to see to the case.
    #[serde(rename = "clock.escalated")]
    ClockEscalated {
        /// Clock.
        clock: Made,
        /// Position of the rung in the norm's document.
        rung: u16,
        /// Ordinal of the task's id.
        ordinal: u16,
        /// What the task has in place of a step id: `escalation:` and the clock's id within the process.
        step: String,
        /// Role.
        role: String,
        /// When the clock has to be looked at again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<Time>,
    },
    /// Another case is asked for; it is started as a command of its own.
    #[serde(rename = "case.requested")]
    CaseRequested {
        /// Ordinal of its id.
        ordinal: u16,
        /// The unit in which it starts.
        unit: UnitId,
        /// Process id.
        process: String,
        /// Values handed over.
        #[serde(default, skip_serializing_if = "Values::is_empty")]
        data: Values,
    },

    /// A case that was asked for could not be started.
    #[serde(rename = "case.refused")]
    CaseRefused {
        /// Process id.
        process: String,
        /// Why: a stable code.
        code: String,
    },

    /// A report is asked for, in the site log; it is made as a command of its own.
    #[serde(rename = "report.requested")]
    ReportRequested {
        /// Ordinal of its id.
        ordinal: u16,
        /// The unit that it is on.
        unit: UnitId,
        /// Id of the schedule.
        schedule: String,
        /// Its version.
        document: Hash,
        /// What it is about.
        kind: ReportKind,
        /// As of when.
        at: Time,
        /// From when on it counts; left out: from the beginning.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Time>,
    },
    /// A report was made, in the log of the unit that it is on.
    #[serde(rename = "report.made")]
    ReportMade {
        /// Ordinal of its id.
        ordinal: u16,
        /// Id of the schedule.
        schedule: String,
        /// Its version.
        document: Hash,
        /// The report.
        report: Report,
    },

    /// A bundle of evidence was handed out, in the log of the unit that it is from.
    #[serde(rename = "bundle.made")]
    BundleMade {
        /// SHA-256 of its bytes.
        bundle: Hash,
        /// What was chosen.
        chosen: Chosen,
        /// The ground on which personal values were withheld; left out: they were disclosed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        withheld: Option<String>,
        /// What it is for.
        purpose: String,
    },
    /// Cases were handed out in bulk for other tools, in the log of the unit that they are of.
    #[serde(rename = "export.made")]
    ExportMade(Exported),

    /// A schedule waits for its next occurrence, in the site log.
    #[serde(rename = "schedule.armed")]
    ScheduleArmed {
        /// Ordinal of its id.
        ordinal: u16,
        /// Id of the schedule.
        schedule: String,
        /// The version.
        document: Hash,
        /// When it falls.
        at: Time,
        /// The row that waited until now, and no longer does: by another version, date or calendar the schedule falls elsewhere.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replaces: Option<Made>,
    },
    /// An occurrence came: what it starts or makes follows as `case.requested` or `report.requested`.
    #[serde(rename = "schedule.fired")]
    ScheduleFired {
        /// Id of the schedule.
        schedule: String,
        /// The version.
        document: Hash,
        /// When it fell.
        at: Time,
    },
    /// Occurrences passed while the program did not run, and are not made up for.
    #[serde(rename = "schedule.missed")]
    ScheduleMissed {
        /// Id of the schedule.
        schedule: String,
        /// The version.
        document: Hash,
        /// The first of them.
        from: Time,
        /// The last of them.
        to: Time,
        /// How many.
        count: u64,
    },
    /// A schedule waits for nothing any more: it has come to its end, or does not fall at all as things stand now.
    #[serde(rename = "schedule.ended")]
    ScheduleEnded {
        /// Id of the schedule.
        schedule: String,
        /// The version.
        document: Hash,
        /// The row that waited until now, and no longer does; none where it was carried out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replaces: Option<Made>,
    },
    /// An event that schedules wait for has a date, in the site log.
    #[serde(rename = "anchor.given")]
    AnchorGiven {
        /// Name of the event, such as `charter-issued`.
        anchor: String,
        /// Its date.
        date: Date,
    },

    /// The wall clock strayed from elapsed time by more than two seconds, in the site log. Recorded time has not gone back.
    #[serde(rename = "time.stepped")]
    TimeStepped {
        /// What it would have shown; found at the start, what was recorded last.
        before: Time,
        /// What it showed.
        after: Time,
        /// From `before` to `after`, in microseconds: less than 0 where it was set back.
        by: i64,
        /// Whether it was found when the program started: the wall clock was behind what had been recorded.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        at_start: bool,
    },

    /// The site log takes in what was signed of the units' logs, so that whatever holds the site's log holds theirs.
    #[serde(rename = "checkpoints.taken")]
    CheckpointsTaken {
        /// Those of logs that had grown, in the order of their names (bytes).
        checkpoints: Vec<LogSigned>,
    },
    /// Entries had to wait more than a quarter of an hour for their signature, in the site log: the signer was away. Written once it was back.
    #[serde(rename = "seal.gap")]
    SealGap(Gap),
    /// The signer's key was changed by plan, in the site log.
    #[serde(rename = "key.rotated")]
    KeyRotated(KeyRotated),
    /// Logs go on under new epochs, in the site log: the key was given up, or the database put back.
    #[serde(rename = "epoch.declared")]
    EpochDeclared(EpochDeclared),
    /// The office has recovery keys, in the site log.
    #[serde(rename = "recovery.declared")]
    RecoveryDeclared(RecoveryDeclared),
    /// Recovery officers have signed a declaration of new epochs, in the site log.
    #[serde(rename = "recovery.stated")]
    RecoveryStated(RecoveryStated),
    /// A node began to serve, in the site log.
    #[serde(rename = "software.started")]
    SoftwareStarted(Started),
    /// Personal values of cases were shown to whoever the entry names, in the access log. Written before they are shown.
    #[serde(rename = "values.read")]
    ValuesRead(Reading),

    /// Something stopped a token, and a person must look.
    #[serde(rename = "incident.raised")]
    IncidentRaised {
        /// Ordinal of its id.
        ordinal: u16,
        /// The token.
        token: u32,
        /// Stable code.
        code: String,
        /// What is wrong and what to do.
        message: String,
    },
    /// It was tried again.
    #[serde(rename = "incident.resolved")]
    IncidentResolved {
        /// Incident.
        incident: Made,
    },

    /// Somebody asked that personal values of the case be erased.
    #[serde(rename = "erasure.proposed")]
    ErasureProposed {
        /// The variables whose values would go.
        names: Vec<String>,
        /// Why they may go.
        ground: String,
        /// Whose order or request it is.
        authority: String,
    },
    /// What was proposed was declined, or taken back.
    #[serde(rename = "erasure.rejected")]
    ErasureRejected {
        /// The command that proposed it.
        proposal: CommandId,
        /// Why.
        reason: String,
    },
    /// Personal values of the case are erased: whatever its earlier entries hold of these variables is gone, with its salt.
    #[serde(rename = "values.erased")]
    ValuesErased {
        /// The command that proposed it.
        proposal: CommandId,
        /// The variables.
        names: Vec<String>,
        /// Why they may go.
        ground: String,
        /// Whose order or request it is.
        authority: String,
    },
    /// The records of the case are held: nothing of them is erased.
    #[serde(rename = "records.held")]
    RecordsHeld {
        /// What needs them.
        ground: String,
    },
    /// They are held no longer.
    #[serde(rename = "records.released")]
    RecordsReleased {
        /// Why nothing needs them any more.
        reason: String,
    },

    /// A unit was added or changed.
    #[serde(rename = "unit.put")]
    UnitPut {
        /// The unit.
        unit: Unit,
    },
    /// A post was added or changed.
    #[serde(rename = "post.put")]
    PostPut {
        /// The post.
        post: Post,
    },
    /// A person was registered; the id is the command's.
    #[serde(rename = "person.registered")]
    PersonRegistered {
        /// `handle` and `name`, both personal.
        data: Values,
    },
    /// A person was appointed to a post; the id is the command's, ordinal 0.
    #[serde(rename = "appointment.made")]
    AppointmentMade {
        /// The person.
        person: PersonId,
        /// The post.
        post: PostId,
        /// Office order.
        order: String,
        /// From when.
        from: Time,
        /// Until when (not included).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Time>,
    },
    /// An appointment ends.
    #[serde(rename = "appointment.ended")]
    AppointmentEnded {
        /// The appointment.
        appointment: Made,
        /// Office order.
        order: String,
        /// When.
        at: Time,
    },
}

/// The deadline of a clock as it was reckoned.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reckoning {
    /// The layers of the calendar by which it was reckoned, by hash, the lowest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calendar: Vec<Hash>,
    /// When the time is over; none while it rests without limit, or where no limit holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Time>,
    /// Whether a provisional holiday took part in it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub provisional: bool,
    /// Why there is none although there should be: a stable code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// When the clock has to be looked at next: a warning, the end, a rung of the ladder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Time>,
    /// Warnings that were given and lie ahead again by this deadline, by their positions in the norm's document: each is given once more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub again: Vec<u16>,
}

/// What was signed of a log: the text of its checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogSigned {
    /// The log, by its signed name.
    pub log: String,
    /// How many entries.
    pub size: u64,
    /// RFC 6962 root over them.
    pub root: Hash,
}

/// A gap in signing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// When the first entry was recorded that had to wait.
    pub from: Time,
    /// When it was signed, by the signer's clock.
    pub to: Time,
    /// The logs that had grown meanwhile, in the order of their names (bytes).
    pub logs: Vec<LogWaited>,
}

/// What the signer says of its key, and what recovery officers state of that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "camelCase")]
pub enum KeyChange {
    /// It was changed by plan.
    Rotated(KeyRotated),
    /// Logs go on under new epochs.
    Declared(EpochDeclared),
    /// There are recovery keys.
    Recovery(RecoveryDeclared),
    /// Their officers have signed.
    Stated(RecoveryStated),
}

impl KeyChange {
    /// The kind of the entry, which is its event's name too.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Rotated(_) => "key.rotated",
            Self::Declared(_) => "epoch.declared",
            Self::Recovery(_) => "recovery.declared",
            Self::Stated(_) => "recovery.stated",
        }
    }
}

/// A key that was changed by plan: at these sizes both have signed, and the new one alone from there on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRotated {
    /// When, by the signer's clock.
    pub time: Time,
    /// The old public key, under the host's name.
    pub old: String,
    /// The new one.
    pub new: String,
    /// What both have signed, in the order of the logs' names (bytes).
    pub logs: Vec<LogSigned>,
    /// The note that says so, signed by both.
    pub note: String,
}

/// Logs that go on under new epochs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpochDeclared {
    /// When, by the signer's clock.
    pub time: Time,
    /// Why: a code.
    pub why: EpochReason,
    /// Why, in somebody's words.
    pub reason: String,
    /// The public key that signs from now on, under the host's name.
    pub key: String,
    /// What was signed last, in the order of the logs' names (bytes).
    pub logs: Vec<LogEnded>,
}

/// Why logs go on under new epochs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EpochReason {
    /// The key was lost, or may be in other hands.
    NewKey,
    /// The database was put back to an older state.
    Restore,
}

/// A name of a log under which nothing is signed any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogEnded {
    /// The name.
    pub log: String,
    /// How many entries were signed under it; none where nothing was known to be.
    pub size: u64,
    /// RFC 6962 root over them.
    pub root: Hash,
    /// The name under which it goes on.
    pub next: String,
}

/// The keys of the officers without whom no new epoch counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecoveryDeclared {
    /// When, by the signer's clock.
    pub time: Time,
    /// How many of them are to sign.
    pub quorum: u32,
    /// The public keys.
    pub keys: Vec<String>,
}

/// A declaration of new epochs, as recovery officers have signed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecoveryStated {
    /// The note.
    pub note: String,
}

/// A program that began to serve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Started {
    /// Its version.
    pub version: String,
    /// SHA-256 of its file.
    pub program: Hash,
    /// Name of the node: of its machine, and where it listens.
    pub node: String,
}

/// A file with records of many cases that is handed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exported {
    /// SHA-256 of its bytes.
    pub export: Hash,
    /// What it is, as the last part of its address: `cases.xes`, `entries`.
    pub file: String,
    /// What was chosen.
    pub chosen: Chosen,
    /// Of entries byte for byte, the index of the first and of the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entries: Option<[u64; 2]>,
    /// What it is for, where that was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
}

/// What of a log had to wait for its signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogWaited {
    /// The log, by its signed name.
    pub log: String,
    /// How many entries were signed before.
    pub before: u64,
    /// How many were signed then.
    pub after: u64,
}

/// How an instant was counted that is so much working time away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// From when.
    pub from: Time,
    /// The layers of the calendar, by hash, the lowest first.
    pub calendar: Vec<Hash>,
    /// Whether a provisional holiday took part in it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub provisional: bool,
}

/// How a called case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CallOutcome {
    /// It came to its end.
    Completed,
    /// It was cancelled.
    Cancelled,
    /// It could not be started.
    Refused,
}

/// The token that called a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// The calling case.
    pub instance: CommandId,
    /// Its token.
    pub token: u32,
    /// How deep calls are nested.
    pub depth: u32,
}
