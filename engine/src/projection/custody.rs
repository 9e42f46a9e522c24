//! Who held a case from when to when, read off its entries: the post that had a task in hand, the role for which one waited, the
//! applicant, or nobody, while it waited for a system, a message or a timer.

use std::collections::BTreeMap;

use crate::journal::{Entry, Event};
use crate::model::id::Made;
use crate::model::{PostId, TaskId, Time};

/// Who holds a case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holder {
    /// A post: a person who holds it has claimed a task.
    Post(PostId),
    /// A role: a task waits for someone who plays it.
    Role(String),
    /// The applicant.
    Applicant,
    /// Nobody: no task is open.
    Nobody,
}

/// A stretch of time in which a case was held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Custody {
    /// By whom.
    pub holder: Holder,
    /// From when.
    pub from: Time,
    /// Until when.
    pub to: Time,
}

/// An open task.
struct Open {
    role: String,
    holder: Holder,
    since: Time,
}

/// Who held a case, in the order in which each began; `until` ends what lasts. Tasks that are open side by side are held side by side.
/// Tasks that a clock's ladder gave are not counted: who has one sees to the case, and does not hold it.
pub fn custody(history: &[Entry], until: Time) -> Vec<Custody> {
    let mut open: BTreeMap<TaskId, Open> = BTreeMap::new();
    let mut ladder: Vec<TaskId> = Vec::new();
    let mut found = Vec::new();
    let mut nobody_since = None;
    let mut push = |holder: Holder, from: Time, to: Time| {
        if from < to {
            found.push(Custody { holder, from, to });
        }
    };
    for entry in history {
        let now = entry.origin.time;
        let made = |ordinal: u16| Made { command: entry.origin.command, ordinal };
        let mut over = false;
        for event in &entry.events {
            match event {
                Event::TaskCreated { ordinal, role, only, .. } => {
                    let holder = if only.is_some() { Holder::Applicant } else { Holder::Role(role.clone()) };
                    open.insert(made(*ordinal), Open { role: role.clone(), holder, since: now });
                }
                Event::ClockEscalated { ordinal, .. } => ladder.push(made(*ordinal)),
                Event::TaskClaimed { task, post, .. } if !ladder.contains(task) => {
                    if let Some(held) = open.get_mut(task) {
                        let holder = post.clone().map_or(Holder::Applicant, Holder::Post);
                        pass(held, holder, now, &mut push);
                    }
                }
                Event::TaskReleased { task } => {
                    if let Some(held) = open.get_mut(task) {
                        let holder =
                            if held.holder == Holder::Applicant { Holder::Applicant } else { Holder::Role(held.role.clone()) };
                        pass(held, holder, now, &mut push);
                    }
                }
                Event::TaskReassigned { task, role, .. } => {
                    if let Some(held) = open.get_mut(task) {
                        held.role.clone_from(role);
                        pass(held, Holder::Role(role.clone()), now, &mut push);
                    }
                }
                Event::TaskCompleted { task, .. } | Event::TaskCancelled { task } => {
                    if let Some(held) = open.remove(task) {
                        push(held.holder, held.since, now);
                    }
                }
                Event::InstanceCompleted | Event::InstanceCancelled { .. } => over = true,
                _ => {}
            }
        }
        match (open.is_empty() && !over, nobody_since) {
            (true, None) => nobody_since = Some(now),
            (false, Some(since)) => {
                push(Holder::Nobody, since, now);
                nobody_since = None;
            }
            _ => {}
        }
    }
    for held in open.into_values() {
        push(held.holder, held.since, until);
    }
    if let Some(since) = nobody_since {
        push(Holder::Nobody, since, until);
    }
    found.sort_by(|a, b| (a.from, a.to, &a.holder).cmp(&(b.from, b.to, &b.holder)));
    found
}

fn pass(held: &mut Open, to: Holder, now: Time, push: &mut impl FnMut(Holder, Time, Time)) {
    let before = std::mem::replace(&mut held.holder, to);
    push(before, held.since, now);
    held.since = now;
}
