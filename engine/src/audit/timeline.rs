//! What every case goes by, as it was from moment to moment: the office, and the documents that were deployed.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use crate::evidence::bundle::{Bundle, Line, Report};
use crate::graph::Library;
use crate::graph::library::Checked;
use crate::journal::change::is_noted;
use crate::journal::{Entry, Event, Origin, codec};
use crate::machine::office::Office;
use crate::model::{CommandId, Time, UnitId};

/// How many changes before and after an instant are looked at: as many as may come between two logs' clocks.
const NEAR: usize = 16;

/// The office and its documents between two changes.
#[derive(Debug, Clone, Default)]
pub(super) struct Moment {
    pub(super) office: Arc<Office>,
    pub(super) library: Arc<Library>,
}

/// All changes, and the moments around the one that was asked for last. Whoever asks, asks for later and later ones, or begins anew.
pub(super) struct Timeline {
    changes: Vec<(Origin, Vec<Event>)>,
    /// The moments after the changes up to `reached`, the latest last; the one after no change is the first.
    moments: VecDeque<Moment>,
    reached: usize,
    /// The index of the last entry of each case of the chosen unit.
    last: HashMap<CommandId, u64>,
}

impl Timeline {
    /// Collects what changed, from all logs of a bundle, and where the cases of the chosen unit end in it.
    pub(super) fn new(bundle: &Bundle<'_>, report: &mut Report) -> Self {
        let (mut changes, mut last) = (Vec::new(), HashMap::new());
        for log in &bundle.logs {
            let is_chosen = log.unit == bundle.head.chosen.unit;
            let (mut lines, mut index) = (log.lines(), 0);
            while let Some(text) = lines.text() {
                let text = match text {
                    Ok(text) => text,
                    Err(error) => {
                        report.tampered(error.code, format!("{}: {}", log.name, error.message));
                        break;
                    }
                };
                // Most lines are of cases, and are read when these are lived through.
                if let Some(case) = Line::case_of(text).filter(|_| is_chosen) {
                    last.insert(case, index);
                    index += 1;
                    continue;
                }
                let Ok(line) = Line::read(text) else { continue };
                index = line.end();
                let Some(sealed) = line.sealed() else { continue };
                let is_of_all = log.unit.as_str() == UnitId::SITE || sealed.link.is_none();
                if let Some(link) = sealed.link.filter(|_| is_chosen) {
                    last.insert(link.instance, sealed.index);
                }
                match codec::open(&sealed) {
                    Ok(entry) if is_of_all => {
                        check_note(&log.name, &entry, report);
                        changes.push((entry.origin, entry.events));
                    }
                    Ok(_) => {}
                    Err(error) => report.tampered("replay.unreadable", format!("{}: {error}", log.name)),
                }
            }
        }
        changes.retain(|(_, events): &(Origin, Vec<Event>)| events.iter().any(is_change));
        // Stable: what one log says is in its order.
        changes.sort_by_key(|(origin, _)| origin.time);
        Self { changes, moments: VecDeque::from([Moment::default()]), reached: 0, last }
    }

    /// Whether a case goes on after an entry.
    pub(super) fn goes_on(&self, case: CommandId, index: u64) -> bool {
        self.last.get(&case).is_some_and(|last| *last > index)
    }

    /// Begins anew.
    pub(super) fn rewind(&mut self) {
        (self.moments, self.reached) = (VecDeque::from([Moment::default()]), 0);
    }

    /// The moment of an instant.
    pub(super) fn at(&mut self, time: Time) -> Option<&Moment> {
        let (own, front) = self.reach(time);
        self.moments.get(own.checked_sub(front)?)
    }

    /// The moment of an instant first, then those before and after it, the nearest first.
    pub(super) fn around(&mut self, time: Time) -> Vec<Moment> {
        let (own, front) = self.reach(time);
        let mut near: Vec<usize> = (0..self.moments.len()).collect();
        near.sort_by_key(|place| (front + place).abs_diff(own));
        near.into_iter().filter_map(|place| self.moments.get(place).cloned()).collect()
    }

    /// Has the moments around an instant there. How many changes there were by then; and by the first of the moments.
    fn reach(&mut self, time: Time) -> (usize, usize) {
        let own = self.changes.partition_point(|(origin, _)| origin.time <= time);
        let last = (own + NEAR).min(self.changes.len());
        while self.reached < last {
            let (origin, events) = &self.changes[self.reached];
            let next = self.moments.back().map(|moment| moment.after(origin, events)).unwrap_or_default();
            self.moments.push_back(next);
            self.reached += 1;
            if self.moments.len() > 2 * NEAR + 1 {
                self.moments.pop_front();
            }
        }
        // The front is the moment after so many changes.
        (own, self.reached + 1 - self.moments.len())
    }
}

/// The machine takes in no change of a key that says anything else than its note.
fn check_note(log: &str, entry: &Entry, report: &mut Report) {
    let differs = |event: &Event| matches!(event, Event::KeyRotated(change) if !is_noted(change));
    if entry.events.iter().any(differs) {
        let message = format!("{log}: entry {} says of a key something else than the note in it, which is signed.", entry.index);
        report.tampered("replay.note", message);
    }
}

fn is_change(event: &Event) -> bool {
    matches!(
        event,
        Event::UnitPut { .. }
            | Event::PostPut { .. }
            | Event::PersonRegistered { .. }
            | Event::AppointmentMade { .. }
            | Event::AppointmentEnded { .. }
            | Event::DocumentDeployed { .. }
            | Event::DefinitionDeployed { .. }
    )
}

impl Moment {
    /// The moment after a change.
    fn after(&self, origin: &Origin, events: &[Event]) -> Self {
        let mut moment = self.clone();
        for event in events.iter().filter(|event| is_change(event)) {
            match event {
                Event::DefinitionDeployed { version, document, .. } => {
                    // One that does not compile was deployed by another program: what goes by it is found there.
                    if let Ok(checked) = Checked::deployed(document) {
                        Arc::make_mut(&mut moment.library).take_in(&checked, *version);
                    }
                }
                Event::DocumentDeployed { kind, version, document, .. } => {
                    if let Ok(checked) = moment.library.check(*kind, document) {
                        Arc::make_mut(&mut moment.library).take_in(&checked, *version);
                    }
                }
                event => Arc::make_mut(&mut moment.office).apply(origin, event),
            }
        }
        moment
    }
}
