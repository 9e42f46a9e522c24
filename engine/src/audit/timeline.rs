//! What every case goes by, as it was from moment to moment: the office, and the documents that were deployed.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::evidence::bundle::{Bundle, Report};
use crate::graph::Library;
use crate::graph::library::Checked;
use crate::journal::{Event, Origin, codec};
use crate::machine::office::Office;
use crate::model::{Time, UnitId};

/// How many changes before and after an instant are looked at: as many as may come between two logs' clocks.
const NEAR: usize = 16;

/// The office and its documents between two changes.
#[derive(Debug, Clone, Default)]
pub(super) struct Moment {
    pub(super) office: Arc<Office>,
    pub(super) library: Arc<Library>,
}

/// All changes, and the moments around the one that was asked for last. Whoever asks, asks for later and later ones.
pub(super) struct Timeline {
    changes: Vec<(Origin, Vec<Event>)>,
    /// The moments after the changes up to `reached`, the latest last; the one after no change is the first.
    moments: VecDeque<Moment>,
    reached: usize,
}

impl Timeline {
    /// Collects what changed, from all logs of a bundle.
    pub(super) fn new(bundle: &Bundle<'_>, report: &mut Report) -> Self {
        let mut changes = Vec::new();
        for log in &bundle.logs {
            for sealed in log.lines().filter_map(|line| line.ok()?.sealed()) {
                let is_of_all = log.unit.as_str() == UnitId::SITE || sealed.link.is_none();
                match codec::open(&sealed) {
                    Ok(entry) if is_of_all => changes.push((entry.origin, entry.events)),
                    Ok(_) => {}
                    Err(error) => report.tampered("replay.unreadable", format!("{}: {error}", log.name)),
                }
            }
        }
        changes.retain(|(_, events)| events.iter().any(is_change));
        // Stable: what one log says is in its order.
        changes.sort_by_key(|(origin, _)| origin.time);
        Self { changes, moments: VecDeque::from([Moment::default()]), reached: 0 }
    }

    /// The moment of an instant first, then those before and after it, the nearest first.
    pub(super) fn around(&mut self, time: Time) -> Vec<Moment> {
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
        let front = self.reached + 1 - self.moments.len();
        let mut near: Vec<usize> = (0..self.moments.len()).collect();
        near.sort_by_key(|place| (front + place).abs_diff(own));
        near.into_iter().filter_map(|place| self.moments.get(place).cloned()).collect()
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
