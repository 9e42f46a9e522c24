//! Was the machine working? What a bundle's entries say of it, and what of the logs could not be looked at.
//!
//! Whoever certifies a copy states that the computer worked properly, or that what did not work did no harm. This is what they can know of it.

use std::collections::{BTreeMap, HashMap};

use crate::evidence::bundle::{Bundle, Line, Log};
use crate::journal::event::{EpochDeclared, Gap, KeyRotated, Started};
use crate::journal::{Entry, Event, codec};
use crate::model::id::Made;
use crate::model::limits::{BUNDLE_GAPS_MAX, BUNDLE_SIGNS_MAX};
use crate::model::{CommandId, Time};

/// What is known of the machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Working {
    /// What ran, and what was not as it should be, by log and index.
    pub signs: Vec<Sign>,
    /// How many more there are than could be taken in.
    pub omitted: u64,
    /// Each log, in the bundle's order.
    pub logs: Vec<Looked>,
}

/// A start of the program, or something that was not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sign {
    /// The signed name of the log.
    pub log: String,
    /// The entry.
    pub index: u64,
    /// When it was recorded.
    pub time: Time,
    /// What it was.
    pub fault: Fault,
}

/// What was not as it should be, or ought to be known beside that. Ids and codes only: texts may name people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The program began to serve; as what, where the entry's values are there.
    Started(Option<Started>),
    /// Entries had to wait for their signature; how long, where the entry's values are there.
    Unsigned(Option<Gap>),
    /// The signer's key was changed by plan; how, where the entry's values are there.
    KeyRotated(Option<KeyRotated>),
    /// Logs went on under new epochs; which and why, where the entry's values are there.
    EpochDeclared(Option<EpochDeclared>),
    /// The wall clock was set; how far is told where the entry's values are there.
    ClockStepped(Option<Step>),
    /// A case was held up, and a person had to look.
    Incident {
        /// The case.
        case: Option<CommandId>,
        /// Why: a stable code. None where the leaf alone is shown, of the entry in which it was tried again.
        code: Option<String>,
        /// The entry in which it was tried again.
        resolved: Option<u64>,
    },
    /// A worker from outside reported that it could not do its job.
    JobFailed {
        /// The case.
        case: Option<CommandId>,
    },
    /// A case that a schedule asked for could not be started.
    CaseRefused {
        /// Its process.
        process: String,
        /// Why: a stable code.
        code: String,
    },
    /// Occurrences of a schedule were missed: at those instants the program did not run, or could not.
    Missed {
        /// The schedule.
        schedule: String,
        /// How many.
        count: u64,
        /// The first.
        from: Time,
        /// The last.
        to: Time,
    },
}

/// A step of the wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What it would have shown.
    pub before: Time,
    /// What it showed.
    pub after: Time,
    /// Whether it was found when the program started.
    pub at_start: bool,
}

/// How much of a log could be looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looked {
    /// Its signed name.
    pub log: String,
    /// 1, and one more for each restore that was declared.
    pub epoch: u64,
    /// How many entries are shown with what happened in them.
    pub whole: u64,
    /// How many are shown by their leaf alone, by kind: who did what kind of thing and when, not what happened.
    pub leaves: BTreeMap<String, u64>,
    /// How many are not shown at all.
    pub hidden: u64,
    /// Where those are: the first and the last of each run.
    pub gaps: Vec<(u64, u64)>,
    /// How many more runs there are than could be taken in.
    pub gaps_omitted: u64,
    /// The index after the last that is not shown.
    end: Option<u64>,
}

/// Looks through the entries of a bundle that was found to be in order. What cannot be read counts as not shown.
pub fn working(bundle: &Bundle<'_>) -> Working {
    let mut working = Working::default();
    for log in &bundle.logs {
        let looked = look(log, &mut working);
        working.logs.push(looked);
    }
    working
}

fn look(log: &Log<'_>, working: &mut Working) -> Looked {
    let epoch = log.name.rsplit_once('/').and_then(|(_, epoch)| epoch.parse().ok()).unwrap_or(1);
    let mut looked = Looked { log: log.name.clone(), epoch, ..Looked::default() };
    // Incidents that are still open, by their places among the signs.
    let mut open: HashMap<Made, usize> = HashMap::new();
    for line in log.lines().filter_map(Result::ok) {
        match &line {
            Line::Node { index, size, .. } => looked.hide(*index, *size),
            Line::Entry { index, leaf, payloads: None } => {
                let Ok(place) = codec::read_leaf(*index, leaf) else {
                    looked.hide(*index, 1);
                    continue;
                };
                let case = place.link.map(|link| link.instance);
                let fault = match place.kind.as_str() {
                    "software.started" => Some(Fault::Started(None)),
                    "seal.gap" => Some(Fault::Unsigned(None)),
                    "key.rotated" => Some(Fault::KeyRotated(None)),
                    "epoch.declared" => Some(Fault::EpochDeclared(None)),
                    "time.stepped" => Some(Fault::ClockStepped(None)),
                    "incident.retried" => Some(Fault::Incident { case, code: None, resolved: Some(*index) }),
                    "job.failed" => Some(Fault::JobFailed { case }),
                    _ => None,
                };
                if let Some(fault) = fault {
                    working.note(Sign { log: log.name.clone(), index: *index, time: place.time, fault });
                }
                *looked.leaves.entry(place.kind).or_default() += 1;
            }
            Line::Entry { index, .. } => {
                let index = *index;
                let Some(entry) = line.sealed().and_then(|sealed| codec::open(&sealed).ok()) else {
                    looked.hide(index, 1);
                    continue;
                };
                looked.whole += 1;
                working.entry(&log.name, &entry, &mut open);
            }
        }
    }
    looked
}

impl Looked {
    fn hide(&mut self, from: u64, size: u64) {
        let goes_on = self.end.replace(from + size) == Some(from);
        self.hidden += size;
        if goes_on {
            if let Some((_, last)) = self.gaps.last_mut().filter(|_| self.gaps_omitted == 0) {
                *last += size;
            }
        } else if self.gaps.len() < BUNDLE_GAPS_MAX {
            self.gaps.push((from, from + size - 1));
        } else {
            self.gaps_omitted += 1;
        }
    }
}

impl Working {
    fn note(&mut self, sign: Sign) {
        // A program that was started again and again leaves room for what it did wrong.
        let room = if matches!(sign.fault, Fault::Started(_)) { BUNDLE_SIGNS_MAX / 2 } else { BUNDLE_SIGNS_MAX };
        if self.signs.len() < room {
            self.signs.push(sign);
        } else {
            self.omitted += 1;
        }
    }

    fn entry(&mut self, log: &str, entry: &Entry, open: &mut HashMap<Made, usize>) {
        let case = entry.link.map(|link| link.instance);
        for event in &entry.events {
            let fault = match event {
                Event::SoftwareStarted(started) => Fault::Started(Some(started.clone())),
                Event::SealGap(gap) => Fault::Unsigned(Some(gap.clone())),
                Event::KeyRotated(change) => Fault::KeyRotated(Some(change.clone())),
                Event::EpochDeclared(change) => Fault::EpochDeclared(Some(change.clone())),
                Event::TimeStepped { before, after, at_start, .. } => {
                    Fault::ClockStepped(Some(Step { before: *before, after: *after, at_start: *at_start }))
                }
                Event::IncidentRaised { ordinal, code, .. } => {
                    open.insert(Made { command: entry.origin.command, ordinal: *ordinal }, self.signs.len());
                    Fault::Incident { case, code: Some(code.clone()), resolved: None }
                }
                Event::IncidentResolved { incident } => {
                    let raised = open.remove(incident).and_then(|place| self.signs.get_mut(place));
                    if let Some(Sign { fault: Fault::Incident { resolved, .. }, .. }) = raised {
                        *resolved = Some(entry.index);
                    }
                    continue;
                }
                Event::JobFailed { .. } => Fault::JobFailed { case },
                Event::CaseRefused { process, code } => Fault::CaseRefused { process: process.clone(), code: code.clone() },
                Event::ScheduleMissed { schedule, from, to, count, .. } => {
                    Fault::Missed { schedule: schedule.clone(), count: *count, from: *from, to: *to }
                }
                _ => continue,
            };
            self.note(Sign { log: log.to_owned(), index: entry.index, time: entry.origin.time, fault });
        }
    }
}
