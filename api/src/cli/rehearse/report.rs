//! What a rehearsal tells: the plan, the load, the norms, the breaches, and what is left.

use std::collections::{BTreeMap, HashMap};

use comfy_table::Table;
use comfy_table::presets::NOTHING;
use engine::graph::Library;
use engine::journal::{Entry, Event};
use engine::model::id::Made;
use engine::model::{CommandId, Time, UnitId};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

/// Breaches that are listed; all are counted.
const LISTED: usize = 100;
/// Occurrences of one schedule that are listed; of more, the first and the last.
const OFTEN: usize = 24;

/// A schedule's occurrence.
struct Fired {
    at: Time,
    schedule: String,
    started: String,
    unit: String,
}

/// The tasks of a post.
#[derive(Default)]
struct Load {
    claimed: u64,
    completed: u64,
    late: u64,
}

/// The clocks of a norm.
#[derive(Default)]
struct Clocks {
    started: u64,
    kept: u64,
    missed: u64,
    escalated: u64,
}

/// A breach.
struct Breach {
    due: Time,
    norm: String,
    process: String,
    case: CommandId,
}

/// A running clock.
struct Running {
    norm: String,
    breached: bool,
}

/// What came of a rehearsal.
pub(super) struct Report {
    zone: TimeZone,
    seed: u64,
    arrived: BTreeMap<String, usize>,
    plan: Vec<Fired>,
    load: BTreeMap<(UnitId, String), Load>,
    norms: BTreeMap<String, Clocks>,
    breaches: Vec<Breach>,
    refused: BTreeMap<(String, String), u64>,
    open: BTreeMap<(UnitId, String), (u64, u64)>,
    clocks: HashMap<Made, Running>,
    /// The post that has a task, and when the task is due.
    tasks: HashMap<Made, (Option<String>, Option<Time>)>,
}

impl Report {
    pub(super) fn new(zone: TimeZone, seed: u64) -> Self {
        Self {
            zone,
            seed,
            arrived: BTreeMap::new(),
            plan: Vec::new(),
            load: BTreeMap::new(),
            norms: BTreeMap::new(),
            breaches: Vec::new(),
            refused: BTreeMap::new(),
            open: BTreeMap::new(),
            clocks: HashMap::new(),
            tasks: HashMap::new(),
        }
    }

    /// A case was lodged.
    pub(super) fn lodged(&mut self, process: &str) {
        *self.arrived.entry(process.to_owned()).or_default() += 1;
    }

    /// A task that is left open.
    pub(super) fn open(&mut self, unit: &UnitId, role: &str, late: bool) {
        let open = self.open.entry((unit.clone(), role.to_owned())).or_default();
        open.0 += 1;
        open.1 += u64::from(late);
    }

    /// Takes in an entry.
    pub(super) fn take(&mut self, library: &Library, unit: &UnitId, process: &str, entry: &Entry) {
        let now = entry.origin.time;
        let mut fired = None;
        for event in &entry.events {
            match event {
                Event::ScheduleFired { schedule, at, .. } => fired = Some((schedule.clone(), *at)),
                Event::CaseRequested { process, unit, .. } => {
                    if let Some((schedule, at)) = fired.take() {
                        self.plan.push(Fired { at, schedule, started: process.clone(), unit: unit.to_string() });
                    }
                }
                Event::ReportRequested { schedule, unit, kind, at, .. } => {
                    let (schedule, started) = (schedule.clone(), format!("report: {}", kind.word()));
                    self.plan.push(Fired { at: *at, schedule, started, unit: unit.to_string() });
                }
                Event::CaseRefused { process, code } => {
                    *self.refused.entry((process.clone(), code.clone())).or_default() += 1;
                }
                Event::TaskCreated { ordinal, due, .. } => {
                    self.tasks.insert(Made { command: entry.origin.command, ordinal: *ordinal }, (None, *due));
                }
                Event::TaskMoved { task, due, .. } => self.tasks.entry(*task).or_default().1 = *due,
                Event::TaskClaimed { task, post, .. } => {
                    let post = post.as_ref().map_or_else(|| "applicant".to_owned(), ToString::to_string);
                    self.load.entry((unit.clone(), post.clone())).or_default().claimed += 1;
                    self.tasks.entry(*task).or_default().0 = Some(post);
                }
                Event::TaskCompleted { task, .. } => {
                    if let Some((Some(post), due)) = self.tasks.remove(task) {
                        let load = self.load.entry((unit.clone(), post)).or_default();
                        load.completed += 1;
                        load.late += u64::from(due.is_some_and(|due| now >= due));
                    }
                }
                _ => self.take_clock(library, process, entry, event),
            }
        }
    }

    fn take_clock(&mut self, library: &Library, process: &str, entry: &Entry, event: &Event) {
        match event {
            Event::ClockStarted { ordinal, norm, .. } => {
                let norm = library.norm_of(norm).map(|issue| issue.document.id().to_owned()).unwrap_or_default();
                self.norms.entry(norm.clone()).or_default().started += 1;
                let id = Made { command: entry.origin.command, ordinal: *ordinal };
                self.clocks.insert(id, Running { norm, breached: false });
            }
            Event::ClockBreached { clock, due, .. } => {
                let Some(running) = self.clocks.get_mut(clock) else { return };
                running.breached = true;
                self.norms.entry(running.norm.clone()).or_default().missed += 1;
                if let Some(link) = entry.link {
                    let (norm, process) = (running.norm.clone(), process.to_owned());
                    self.breaches.push(Breach { due: *due, norm, process, case: link.instance });
                }
            }
            Event::ClockEscalated { clock, .. } => {
                if let Some(running) = self.clocks.get(clock) {
                    self.norms.entry(running.norm.clone()).or_default().escalated += 1;
                }
            }
            Event::ClockStopped { clock, step } => {
                if let Some(running) = self.clocks.remove(clock)
                    && !running.breached
                    && step.is_some()
                {
                    self.norms.entry(running.norm).or_default().kept += 1;
                }
            }
            _ => {}
        }
    }

    fn date(&self, at: Time) -> String {
        at.timestamp().to_zoned_datetime(self.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// As JSON.
    pub(super) fn json(&self) -> Value {
        let plan = self.plan.iter().map(|fired| {
            json!({ "at": fired.at.to_string(), "schedule": fired.schedule, "process": fired.started, "unit": fired.unit })
        });
        let load = self.load.iter().map(|((unit, post), load)| {
            json!({ "unit": unit, "post": post, "claimed": load.claimed, "completed": load.completed, "late": load.late })
        });
        let norms = self.norms.iter().map(|(norm, kept)| {
            json!({
                "norm": norm, "started": kept.started, "kept": kept.kept, "missed": kept.missed, "escalated": kept.escalated
            })
        });
        let breaches = self.breaches.iter().map(|breach| {
            json!({ "due": breach.due.to_string(), "norm": breach.norm, "process": breach.process, "case": breach.case })
        });
        let open = self
            .open
            .iter()
            .map(|((unit, role), (open, late))| json!({ "unit": unit, "role": role, "open": open, "overdue": late }));
        let arrived = self.arrived.iter().map(|(process, count)| json!({ "process": process, "cases": count }));
        let refused =
            self.refused.iter().map(|((process, code), count)| json!({ "process": process, "code": code, "cases": count }));
        json!({
            "seed": self.seed, "arrived": arrived.collect::<Vec<_>>(), "plan": plan.collect::<Vec<_>>(),
            "refused": refused.collect::<Vec<_>>(), "load": load.collect::<Vec<_>>(),
            "norms": norms.collect::<Vec<_>>(), "breaches": breaches.collect::<Vec<_>>(), "open": open.collect::<Vec<_>>()
        })
    }

    /// The plan, one line an occurrence; a schedule that falls often has one line in all.
    fn planned(&self) -> Vec<Vec<String>> {
        let mut by_schedule: BTreeMap<&str, Vec<&Fired>> = BTreeMap::new();
        for fired in &self.plan {
            by_schedule.entry(&fired.schedule).or_default().push(fired);
        }
        let mut rows: Vec<(Time, Vec<String>)> = Vec::new();
        for fallen in by_schedule.values() {
            let row = |fired: &Fired, when: String| {
                (fired.at, vec![when, fired.schedule.clone(), fired.started.clone(), fired.unit.clone()])
            };
            match fallen.as_slice() {
                [first, .., last] if fallen.len() > OFTEN => {
                    rows.push(row(first, format!("{} … {}, {} times", self.date(first.at), self.date(last.at), fallen.len())));
                }
                each => rows.extend(each.iter().map(|fired| row(fired, self.date(fired.at)))),
            }
        }
        rows.sort();
        rows.into_iter().map(|(_, row)| row).collect()
    }

    /// As tables.
    pub(super) fn text(&self) -> String {
        let mut parts = Vec::new();
        let mut part = |title: &str, header: &[&str], rows: Vec<Vec<String>>| {
            let body = if rows.is_empty() {
                "  none".to_owned()
            } else {
                let mut table = Table::new();
                table.load_style(NOTHING).set_header(header);
                for row in rows {
                    table.add_row(row);
                }
                table.to_string()
            };
            parts.push(format!("{title}\n{body}"));
        };
        let arrived = self.arrived.iter().map(|(process, count)| vec![process.clone(), count.to_string()]);
        part(&format!("Cases that arrived (seed {})", self.seed), &["PROCESS", "CASES"], arrived.collect());
        part("The plan: what the schedules asked for", &["WHEN", "SCHEDULE", "PROCESS", "UNIT"], self.planned());
        let refused = self.refused.iter().map(|((process, code), count)| vec![process.clone(), code.clone(), count.to_string()]);
        part("Asked for, and refused", &["PROCESS", "WHY", "CASES"], refused.collect());
        let load = self.load.iter().map(|((unit, post), load)| {
            vec![unit.to_string(), post.clone(), load.claimed.to_string(), load.completed.to_string(), load.late.to_string()]
        });
        part("Load of each post", &["UNIT", "POST", "CLAIMED", "COMPLETED", "OF THEM LATE"], load.collect());
        let norms = self.norms.iter().map(|(norm, kept)| {
            let ended = kept.kept + kept.missed;
            let rate = (kept.kept * 100).checked_div(ended).map_or_else(|| "-".to_owned(), |rate| format!("{rate} %"));
            let numbers = [kept.started, kept.kept, kept.missed, kept.escalated].map(|n| n.to_string());
            std::iter::once(norm.clone()).chain(numbers).chain([rate]).collect()
        });
        part("Norms", &["NORM", "STARTED", "KEPT", "MISSED", "ESCALATED", "KEPT OF DECIDED"], norms.collect());
        let breaches = self
            .breaches
            .iter()
            .take(LISTED)
            .map(|breach| vec![self.date(breach.due), breach.norm.clone(), breach.process.clone(), breach.case.to_string()]);
        part(
            &format!("Breaches: {}{}", self.breaches.len(), if self.breaches.len() > LISTED { ", the first 100" } else { "" }),
            &["DUE", "NORM", "PROCESS", "CASE"],
            breaches.collect(),
        );
        let open = self
            .open
            .iter()
            .map(|((unit, role), (open, late))| vec![unit.to_string(), role.clone(), open.to_string(), late.to_string()]);
        part("Left open", &["UNIT", "ROLE", "TASKS", "OVERDUE"], open.collect());
        parts.join("\n\n")
    }
}
