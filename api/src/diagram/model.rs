//! What is to be drawn: steps, flows and where the case stands.

/// A process to draw.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Diagram {
    /// The name of the process, read out as the title of the picture.
    pub title: String,
    /// What the ids in the picture begin with, so that a page may have two.
    pub prefix: &'static str,
    /// The steps, events and gateways; other fields refer to them by index.
    pub nodes: Vec<Node>,
    /// The arrows between the nodes.
    pub flows: Vec<Flow>,
}

/// One step, event or gateway.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The identifier in the model; the drawing makes a safe `step-…` id of it.
    pub id: String,
    /// The words shown to people.
    pub title: String,
    /// Which shape it has.
    pub kind: Kind,
    /// Index of the enclosing sub-process.
    pub parent: Option<usize>,
    /// Index of the activity on whose border this event sits.
    pub attached_to: Option<usize>,
    /// Whether a boundary or start event interrupts; if not, its circle is dashed.
    pub interrupting: bool,
    /// Where the case stands at this node.
    pub mark: Mark,
    /// A short addition such as the role, drawn small under the title.
    pub note: Option<String>,
    /// Where a click leads: a path, a fragment or an http(s) address.
    pub href: Option<String>,
}

impl Node {
    /// A node with an id, a title and a kind, and everything else left plain.
    pub fn new(id: impl Into<String>, title: impl Into<String>, kind: Kind) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            kind,
            parent: None,
            attached_to: None,
            interrupting: true,
            mark: Mark::None,
            note: None,
            href: None,
        }
    }
}

/// An arrow from one node to another.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Flow {
    /// Index of the node it leaves.
    pub from: usize,
    /// Index of the node it enters.
    pub to: usize,
    /// Words beside the arrow.
    pub title: Option<String>,
    /// Whether the case went this way.
    pub taken: bool,
    /// Whether it is the way taken when no condition holds.
    pub default: bool,
}

impl Flow {
    /// A plain flow between two nodes.
    pub fn new(from: usize, to: usize) -> Self {
        Self { from, to, ..Self::default() }
    }
}

/// Where the case stands at a node; or, of two pictures side by side, what became of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mark {
    /// Not reached.
    #[default]
    None,
    /// Completed.
    Done,
    /// Waiting here now.
    Active,
    /// Stuck here.
    Problem,
    /// Not in the other picture, which is the older.
    Added,
    /// Not in the other picture, which is the newer.
    Removed,
    /// In both, and not the same.
    Changed,
}

/// The kind of a node, which decides its shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Plain start.
    StartEvent,
    /// Plain end.
    EndEvent,
    /// End that stops everything.
    TerminateEnd,
    /// Start on a message.
    MessageStart,
    /// Start at a time.
    TimerStart,
    /// Wait for a time.
    TimerCatch,
    /// Wait for a message.
    MessageCatch,
    /// Send a message on the way.
    MessageThrow,
    /// Send a message at the end.
    MessageEnd,
    /// Any other event.
    GenericEvent(EventForm),
    /// Step of no stated type.
    Task,
    /// Done by a person at the screen.
    UserTask,
    /// Done by a system.
    ServiceTask,
    /// A computed value.
    ExpressionTask,
    /// Done by a person away from the screen.
    ManualTask,
    /// Sends a message.
    SendTask,
    /// Waits for a message.
    ReceiveTask,
    /// Applies a decision table.
    BusinessRuleTask,
    /// Runs another process.
    CallActivity,
    /// Holds steps of its own.
    SubProcess,
    /// Sub-process started by an event.
    EventSubProcess,
    /// Sub-process that is undone as a whole.
    Transaction,
    /// Sub-process without a fixed order.
    AdHocSubProcess,
    /// One way only.
    ExclusiveGateway,
    /// All ways.
    ParallelGateway,
    /// One or more ways.
    InclusiveGateway,
    /// The way of the event that comes first.
    EventGateway,
    /// Any other rule.
    ComplexGateway,
}

/// The form of an event: where it stands and which sign it carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventForm {
    /// Start, catch, throw or end.
    pub position: EventPosition,
    /// The sign inside the circle.
    pub sign: EventSign,
}

/// Where an event stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventPosition {
    /// Begins a process: thin circle.
    Start,
    /// Waits on the way: double circle, outlined sign.
    Catch,
    /// Sends on the way: double circle, filled sign.
    Throw,
    /// Ends a path: thick circle, filled sign.
    End,
}

/// The sign inside an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventSign {
    /// No sign.
    Plain,
    /// Envelope.
    Message,
    /// Clock.
    Timer,
    /// Lightning.
    Error,
    /// Arrow head upwards.
    Escalation,
    /// Triangle.
    Signal,
    /// Two triangles to the left.
    Compensation,
    /// Lined sheet.
    Conditional,
    /// Arrow to the right.
    Link,
    /// Cross.
    Cancel,
    /// Filled circle.
    Terminate,
    /// Pentagon.
    Multiple,
    /// Plus.
    ParallelMultiple,
}

/// The broad family of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Event,
    Activity,
    Gateway,
}

impl Kind {
    /// The event form, for every kind that is an event.
    pub fn event_form(self) -> Option<EventForm> {
        use EventPosition::{Catch, End, Start, Throw};
        use EventSign::{Message, Plain, Terminate, Timer};
        let (position, sign) = match self {
            Self::StartEvent => (Start, Plain),
            Self::EndEvent => (End, Plain),
            Self::TerminateEnd => (End, Terminate),
            Self::MessageStart => (Start, Message),
            Self::TimerStart => (Start, Timer),
            Self::TimerCatch => (Catch, Timer),
            Self::MessageCatch => (Catch, Message),
            Self::MessageThrow => (Throw, Message),
            Self::MessageEnd => (End, Message),
            Self::GenericEvent(form) => return Some(form),
            _ => return None,
        };
        Some(EventForm { position, sign })
    }

    /// Event, activity or gateway.
    pub(super) fn family(self) -> Family {
        match self {
            Self::ExclusiveGateway
            | Self::ParallelGateway
            | Self::InclusiveGateway
            | Self::EventGateway
            | Self::ComplexGateway => Family::Gateway,
            _ if self.event_form().is_some() => Family::Event,
            _ => Family::Activity,
        }
    }

    /// Whether the kind is one of the sub-processes.
    pub(super) fn is_sub_process(self) -> bool {
        matches!(self, Self::SubProcess | Self::EventSubProcess | Self::Transaction | Self::AdHocSubProcess)
    }
}

/// The words the picture speaks; English unless the page gives others.
#[derive(Debug, Clone, Copy)]
pub struct Wording<'a> {
    /// The whole description; if absent an English one is made.
    pub description: Option<&'a str>,
    /// Said of a completed step.
    pub done: &'a str,
    /// Said of the step where the case is now.
    pub active: &'a str,
    /// Said of a step with a problem.
    pub problem: &'a str,
    /// Said of a step that the older picture does not have.
    pub added: &'a str,
    /// Said of a step that the newer picture does not have.
    pub removed: &'a str,
    /// Said of a step that is not the same in both.
    pub changed: &'a str,
}

impl Default for Wording<'_> {
    fn default() -> Self {
        Self {
            description: None,
            done: "done",
            active: "in progress",
            problem: "problem",
            added: "new",
            removed: "gone",
            changed: "changed",
        }
    }
}
