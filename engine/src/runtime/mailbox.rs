//! The mailbox of a unit's writer: what was asked for, and what is due. They take turns, and a turn of due work is short, so that nobody
//! waits for a flood of it, and the flood goes on however much is asked for.

use tokio::sync::{mpsc, oneshot};

use super::{Accepted, Refusal};
use crate::journal::Envelope;
use crate::model::id::Made;
use crate::model::limits::{BATCH_COMMANDS_MAX, DUE_TURN_MAX, MAILBOX_COMMANDS_MAX};

/// A command on its way to a unit's writer.
pub(super) struct Ask {
    pub(super) envelope: Envelope,
    /// The due row that it carries out.
    pub(super) cause: Option<Made>,
    /// Whether the key is new for certain, so that no repeat need be looked for.
    pub(super) fresh: bool,
    /// Whether it is refused, as long as commands are held, unless it was accepted before.
    pub(super) held: bool,
    pub(super) answer: oneshot::Sender<Result<Accepted, Refusal>>,
}

/// The answer to a command on its way.
pub(super) type Answered = oneshot::Receiver<Result<Accepted, Refusal>>;

/// Who sends a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// Somebody asks for it and waits.
    Asked,
    /// It is due.
    Due,
}

/// Where commands are put in.
#[derive(Clone)]
pub(super) struct Mailbox {
    asked: mpsc::Sender<Ask>,
    due: mpsc::Sender<Ask>,
}

/// Where the writer takes them out.
pub(super) struct Inbox {
    asked: mpsc::Receiver<Ask>,
    due: mpsc::Receiver<Ask>,
    /// Whose turn it is, if both wait.
    turn: Lane,
}

/// A mailbox and its other end.
pub(super) fn mailbox() -> (Mailbox, Inbox) {
    let (asked, asked_out) = mpsc::channel(MAILBOX_COMMANDS_MAX);
    let (due, due_out) = mpsc::channel(MAILBOX_COMMANDS_MAX);
    (Mailbox { asked, due }, Inbox { asked: asked_out, due: due_out, turn: Lane::Asked })
}

impl Mailbox {
    /// Puts a command in at once.
    pub(super) fn put(&self, lane: Lane, ask: Ask) -> Result<(), Refusal> {
        let lane = match lane {
            Lane::Asked => &self.asked,
            Lane::Due => &self.due,
        };
        lane.try_send(ask).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Refusal::Busy,
            mpsc::error::TrySendError::Closed(_) => Refusal::Stopping,
        })
    }

    /// Whether nobody takes anything out any more.
    pub(super) fn is_closed(&self) -> bool {
        self.asked.is_closed()
    }
}

impl Inbox {
    /// Waits for commands and takes those of one turn; none once the mailbox is closed and empty. Dropped while it waits, it took none.
    pub(super) async fn take(&mut self, asks: &mut Vec<Ask>) {
        // After a turn of the one lane the other comes first, if anything waits there.
        let first = if self.turn == Lane::Due { self.due.try_recv().ok() } else { None };
        let (lane, ask) = if let Some(ask) = first {
            (Lane::Due, ask)
        } else {
            tokio::select! {
                biased;
                Some(ask) = self.asked.recv() => (Lane::Asked, ask),
                Some(ask) = self.due.recv() => (Lane::Due, ask),
                else => return,
            }
        };
        asks.push(ask);
        let (from, most, turn) = match lane {
            Lane::Asked => (&mut self.asked, BATCH_COMMANDS_MAX, Lane::Due),
            Lane::Due => (&mut self.due, DUE_TURN_MAX, Lane::Asked),
        };
        self.turn = turn;
        while asks.len() < most
            && let Ok(ask) = from.try_recv()
        {
            asks.push(ask);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Actor, Command};
    use crate::model::CommandId;

    fn put(mailbox: &Mailbox, lane: Lane, count: usize) {
        for _ in 0..count {
            let command = Command::CancelCalled { called: CommandId([0; 16]) };
            let envelope = Envelope::new(Actor::System, "key", command);
            let ask = Ask { envelope, cause: None, fresh: lane == Lane::Due, held: false, answer: oneshot::channel().0 };
            mailbox.put(lane, ask).expect("there is room");
        }
    }

    /// What the next turns take, and how much.
    async fn turns(inbox: &mut Inbox, count: usize) -> Vec<(Lane, usize)> {
        let mut turns = Vec::new();
        for _ in 0..count {
            let mut asks = Vec::new();
            inbox.take(&mut asks).await;
            let lane = if asks.iter().all(|ask| ask.fresh) { Lane::Due } else { Lane::Asked };
            turns.push((lane, asks.len()));
        }
        turns
    }

    #[tokio::test]
    async fn lanes_take_turns_and_those_of_due_work_are_short() {
        let (mailbox, mut inbox) = mailbox();
        put(&mailbox, Lane::Due, 2 * DUE_TURN_MAX + 1);
        put(&mailbox, Lane::Asked, BATCH_COMMANDS_MAX + 2);
        let wanted = [
            (Lane::Asked, BATCH_COMMANDS_MAX),
            (Lane::Due, DUE_TURN_MAX),
            (Lane::Asked, 2),
            (Lane::Due, DUE_TURN_MAX),
            (Lane::Due, 1),
        ];
        assert_eq!(turns(&mut inbox, 5).await, wanted);
        // What was due had the last turn, so whoever asks comes first.
        put(&mailbox, Lane::Due, 1);
        put(&mailbox, Lane::Asked, 1);
        drop(mailbox);
        assert_eq!(
            turns(&mut inbox, 3).await,
            [(Lane::Asked, 1), (Lane::Due, 1), (Lane::Due, 0)],
            "what waits is taken, then nothing"
        );
    }
}
