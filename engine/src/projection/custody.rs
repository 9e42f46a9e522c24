//! Who held a case from when to when, read off its entries: the post that had a task in hand, the role for which one waited, the
//! applicant, or nobody, while it waited for a system, a message or a timer.

use std::collections::BTreeMap;

use crate::journal::{Entry, Event};
use crate::model::definition::APPLICANT;
use crate::model::id::Made;
use crate::model::{PostId, TaskId, Time};
use crate::norm::{Custodian, Held};

/// Begins the holder's name where a task waits for whoever plays a role.
pub const ROLE: &str = "role:";
/// The holder's name while nobody has the case.
pub const NOBODY: &str = "nobody";

/// Who holds a case.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Holder {
    Post(PostId),
    Role(String),
    Applicant,
    Nobody,
}

impl Holder {
    fn held(self, from: Time, to: Time) -> Held {
        let (holder, party) = match self {
            Self::Post(post) => (post.to_string(), Custodian::Office),
            Self::Role(role) => (format!("{ROLE}{role}"), Custodian::Office),
            Self::Applicant => (APPLICANT.to_owned(), Custodian::Applicant),
            Self::Nobody => (NOBODY.to_owned(), Custodian::Transit),
        };
        Held { holder, from, to, party }
    }
}

/// An open task.
struct Open {
    role: String,
    holder: Holder,
    since: Time,
}

/// Who held a case, in the order in which each began: posts and roles of the office, the applicant, or nobody (transit); `until` ends
/// what lasts. Tasks that are open side by side are held side by side. Tasks that a clock's ladder gave are not counted: who has one sees
/// to the case, and does not hold it.
pub fn custody(history: &[Entry], until: Time) -> Vec<Held> {
    let mut open: BTreeMap<TaskId, Open> = BTreeMap::new();
    let mut ladder: Vec<TaskId> = Vec::new();
    let mut found = Vec::new();
    let mut nobody_since = None;
    // What comes for a case that has ended is on record, but holds nothing.
    let mut over = false;
    let mut push = |holder: Holder, from: Time, to: Time| {
        if from < to {
            found.push(holder.held(from, to));
        }
    };
    for entry in history {
        let now = entry.origin.time;
        let made = |ordinal: u16| Made { command: entry.origin.command, ordinal };
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
                Event::TaskMapped { task, role, only, person, .. } => {
                    if let Some(held) = open.get_mut(task) {
                        let is_claimed = person.is_some() && matches!(held.holder, Holder::Post(_));
                        let waits = if only.is_some() { Holder::Applicant } else { Holder::Role(role.clone()) };
                        let holder = if is_claimed { held.holder.clone() } else { waits };
                        held.role.clone_from(role);
                        if holder != held.holder {
                            pass(held, holder, now, &mut push);
                        }
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
    found.sort_by(|a: &Held, b| (a.from, a.to, &a.holder).cmp(&(b.from, b.to, &b.holder)));
    found
}

fn pass(held: &mut Open, to: Holder, now: Time, push: &mut impl FnMut(Holder, Time, Time)) {
    let before = std::mem::replace(&mut held.holder, to);
    push(before, held.since, now);
    held.since = now;
}
