//! The events of a clock: which there are, which contradict one another, and what rests and extensions may be made of.

use super::Norm;
use super::compile::any;
use super::length::kind;
use super::read::Reader;
use crate::model::limits::NORM_EVENTS_MAX;
use crate::model::norm::{ClockEvents, Suspension, Within};
use crate::model::problem::short;

/// What an event does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Start,
    Stop,
    /// Begins a rest on the ground with this position.
    From(usize),
    /// Ends it.
    Until(usize),
    Extend,
    Interim,
    Reopen,
}

impl Role {
    fn told(self) -> &'static str {
        match self {
            Self::Start => "starts the clock",
            Self::Stop => "stops it",
            Self::From(_) => "lets it rest",
            Self::Until(_) => "ends a rest",
            Self::Extend => "extends it",
            Self::Interim => "is an interim reply",
            Self::Reopen => "takes it up again",
        }
    }
}

impl Norm {
    /// The events that a process has to bind, each once, in the order of the document.
    pub fn events(&self) -> Vec<&str> {
        let mut events: Vec<&str> = Vec::new();
        for (_, _, name) in roles(&self.document.clock) {
            if !events.contains(&name) {
                events.push(name);
            }
        }
        events
    }
}

/// Every event with its place and what it does, in the order of the document.
fn roles(clock: &ClockEvents) -> Vec<(String, Role, &str)> {
    let mut roles = vec![("/clock/start".to_owned(), Role::Start, clock.start.as_str())];
    for (position, stop) in clock.stop.iter().enumerate() {
        roles.push((format!("/clock/stop/{position}"), Role::Stop, stop));
    }
    for (position, suspension) in clock.suspend.iter().enumerate() {
        roles.push((format!("/clock/suspend/{position}/from"), Role::From(position), &suspension.from));
        roles.push((format!("/clock/suspend/{position}/until"), Role::Until(position), &suspension.until));
    }
    if let Some(extension) = &clock.extend {
        roles.push(("/clock/extend/on".to_owned(), Role::Extend, &extension.on));
    }
    if let Some(interim) = &clock.interim {
        roles.push(("/clock/interim".to_owned(), Role::Interim, interim));
    }
    if let Some(reopen) = &clock.reopen {
        roles.push(("/clock/reopen/on".to_owned(), Role::Reopen, &reopen.on));
    }
    roles
}

impl Reader<'_> {
    pub(super) fn events(&mut self) {
        let clock = &self.document.clock;
        if clock.stop.is_empty() {
            self.error("norm.stop-missing", "/clock/stop", "Nothing stops the clock. Write the event that does.");
        }
        let is_short = self.has_at_most("/clock/stop", clock.stop.len(), NORM_EVENTS_MAX);
        if !self.has_at_most("/clock/suspend", clock.suspend.len(), NORM_EVENTS_MAX) || !is_short {
            return;
        }
        let roles = roles(clock);
        for (position, (at, role, name)) in roles.iter().enumerate() {
            self.name(at, name, false);
            let earlier = roles[..position].iter().filter(|(_, _, earlier)| earlier == name);
            let against = earlier.map(|(_, earlier, _)| *earlier).find(|earlier| self.contradict(*earlier, *role));
            if against == Some(*role) {
                self.error("norm.event-twice", at, format!("The event {:?} is there twice. Remove one.", short(name)));
            } else if let Some(against) = against {
                let message = format!("The event {:?} {} and {}. Use two events.", short(name), against.told(), role.told());
                self.error("norm.event-contradiction", at, message);
            }
        }
        self.rests();
        self.extension();
    }

    /// Whether one event cannot do both. A rest may end with what begins another, with the end of the clock, or, where the clock starts
    /// anew, with the event that starts it.
    fn contradict(&self, one: Role, other: Role) -> bool {
        let restarts = |ground: usize| self.document.clock.suspend.get(ground).is_some_and(|suspension| suspension.restarts);
        match (one, other) {
            (Role::Start, Role::Until(ground)) => !restarts(ground),
            (Role::From(one), Role::Until(other)) => one == other,
            (Role::Stop, Role::Until(_)) => false,
            (Role::Start | Role::Stop, _) | (Role::From(_), Role::Interim) => true,
            _ => false,
        }
    }

    fn rests(&mut self) {
        for (position, suspension) in self.document.clock.suspend.iter().enumerate() {
            let at = format!("/clock/suspend/{position}");
            self.title(&format!("{at}/title"), &suspension.title);
            if let Some(most) = &suspension.at_most {
                self.within(&format!("{at}/atMost"), most);
                if any(most, &|within| *within == Within::Immediately(true)) {
                    let message = "A rest that is over at once is none. Write a time, or remove the ground.";
                    self.error("norm.rest-none", format!("{at}/atMost"), message);
                }
            }
            self.times(&format!("{at}/times"), suspension.times);
            let is_same = |earlier: &&Suspension| (&earlier.from, &earlier.until) == (&suspension.from, &suspension.until);
            if self.document.clock.suspend[..position].iter().any(|earlier| is_same(&earlier)) {
                let message = "Another ground begins and ends with the same events. Join the two, or name other events.";
                self.error("norm.event-twice", at, message);
            }
        }
    }

    /// An extension is of the kind of time that every limit is of, so that it can be added to it.
    fn extension(&mut self) {
        let Some(extension) = &self.document.clock.extend else { return };
        self.within("/clock/extend/by", &extension.by);
        self.times("/clock/extend/times", extension.times);
        let own = kind(&extension.by);
        if own.is_none() {
            let message = "It is not of one length. Write a plain time.";
            return self.error("norm.extension-unit", "/clock/extend/by", message);
        }
        let is_other = |within: &Within| kind(within).is_some_and(|kind| Some(kind) != own);
        let mut limits = self.document.editions.iter().flat_map(|edition| &edition.limits);
        if limits.any(|limit| any(&limit.within, &is_other)) {
            let message = "A limit is of another kind of time: elapsed, office time, or days. Write both in the same.";
            self.error("norm.extension-unit", "/clock/extend/by", message);
        }
    }

    fn times(&mut self, at: &str, times: Option<u32>) {
        if times.is_some_and(|times| !(1..=100).contains(&times)) {
            self.error("norm.times", at, "It is possible 1 to 100 times. Correct the number.");
        }
    }
}
