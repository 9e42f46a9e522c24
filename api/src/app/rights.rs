//! Who may read what, for pages and programs alike: officials the cases of the units that they serve, others the cases they started.

use engine::graph::Graph;
use engine::machine::definition::QUALITY_COORDINATOR;
use engine::machine::office::Office;
use engine::model::{PersonId, Time, UnitId};

use super::readers;

/// Whether a person plays a role for a unit. For the log of the whole office any appointment will do.
pub fn serves(office: &Office, person: &PersonId, unit: &UnitId, now: Time) -> bool {
    if unit.as_str() == UnitId::SITE {
        return office.current_of(person, now).next().is_some();
    }
    // It tells of the cases of all units, so only those see it whole who look after all of them.
    if unit.as_str() == UnitId::ACCESS && !office.units.contains_key(unit) {
        let mut roots = office.units.iter().filter(|(_, unit)| unit.parent.is_none());
        return roots.all(|(root, _)| readers::may_look(office, person, root, now));
    }
    !office.roles(person, unit, now).is_empty()
}

/// Whether a person may read a case.
pub fn reads(office: &Office, person: &PersonId, unit: &UnitId, started_by: Option<&PersonId>, now: Time) -> bool {
    started_by == Some(person) || serves(office, person, unit, now)
}

/// Whether a person has the role of quality coordinator for any unit.
pub fn coordinates(office: &Office, person: &PersonId, now: Time) -> bool {
    office.current_of(person, now).any(|holder| holder.post.roles.iter().any(|role| role == QUALITY_COORDINATOR))
}

/// Whether a person may end, halt, resume and move cases of a process: its owner, and quality coordinators of the unit.
pub fn commands(office: &Office, person: &PersonId, graph: &Graph, unit: &UnitId, now: Time) -> bool {
    office.holds_post(person, &graph.process.owner.post, now) || office.holding(person, QUALITY_COORDINATOR, unit, now).is_some()
}
