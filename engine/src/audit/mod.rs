//! Audit: a bundle's cases lived through once more, and what its entries say of the machine. The same machine decides again what was decided, by the definitions, norms, calendars and
//! appointments of the bundle; what is written must be what it decides. Purely, and without the office.

mod recall;
mod timeline;
mod working;

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::tz::TimeZone;

use crate::evidence::bundle::{Bundle, Report};
use crate::expression;
use crate::journal::{Entry, Event, codec};
use crate::machine::{self, Context, EarlyMessage, Instance, Rejection, task};
use crate::model::id::Made;
use crate::model::time::zone;
use crate::model::{CommandId, UnitId};
use timeline::{Moment, Timeline};
pub use working::{Fault, Looked, Sign, Step, Working, working};

/// What the replay of a bundle's cases came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Cases.
    pub cases: u64,
    /// Cases that have come to their end.
    pub ended: u64,
    /// Entries that the machine decides again just so.
    pub entries: u64,
    /// Entries of which that cannot be told, since values that they go by are withheld or erased. The separation of duties was checked.
    pub untold: u64,
}

/// Lives through the cases of a bundle whose entries were found to be those that were signed. What differs goes into the report.
pub fn replay(bundle: &Bundle<'_>, report: &mut Report) -> Replayed {
    let mut replayed = Replayed::default();
    let Some(zone) = zone(&bundle.head.zone) else {
        report.tampered("replay.zone", format!("The bundle names the time zone {:?}, and there is none.", bundle.head.zone));
        return replayed;
    };
    let unit = &bundle.head.chosen.unit;
    let Some(log) = bundle.logs.iter().find(|log| log.unit == *unit) else { return replayed };
    let mut replay =
        Replay { unit, zone, timeline: Timeline::new(bundle, report), cases: BTreeMap::new(), early: HashMap::new() };
    let mut broken = HashSet::new();
    for sealed in log.lines().filter_map(|line| line.ok()?.sealed()) {
        let hidden = sealed.payloads.iter().any(|payload| payload.body.is_none());
        let entry = match codec::open(&sealed) {
            Ok(entry) => entry,
            Err(error) => {
                report.tampered("replay.unreadable", format!("{}: {error}", log.name));
                continue;
            }
        };
        replay.remember(&entry);
        let Some(link) = entry.link.filter(|link| !broken.contains(&link.instance)) else { continue };
        match replay.entry(&entry, link.instance, hidden) {
            Ok(Told::Same) => replayed.entries += 1,
            Ok(Told::Hidden) => replayed.untold += 1,
            Err(Differs { code, message }) => {
                report.tampered(code, format!("{}: entry {} ({}) {message}", log.name, entry.index, entry.kind));
                // What follows in this case follows from it.
                broken.insert(link.instance);
            }
        }
    }
    replayed.cases = replay.cases.len() as u64;
    replayed.ended = replay.cases.values().filter(|case| case.state.is_over()).count() as u64;
    replayed
}

struct Replay<'a> {
    unit: &'a UnitId,
    zone: TimeZone,
    timeline: Timeline,
    cases: BTreeMap<CommandId, Case>,
    early: HashMap<Made, EarlyMessage>,
}

/// A case as its entries left it.
struct Case {
    state: Instance,
    /// Whether values of it are withheld or erased.
    hidden: bool,
}

/// What can be told of an entry.
enum Told {
    /// The machine decides it just so.
    Same,
    /// It does not, or it refuses, but values that it would need are hidden.
    Hidden,
}

/// Why an entry is not what the machine decides.
struct Differs {
    code: &'static str,
    message: String,
}

impl Replay<'_> {
    /// Keeps a message that came before anybody waited for it.
    fn remember(&mut self, entry: &Entry) {
        for event in &entry.events {
            if let Event::MessageBuffered { ordinal, name, key, data, .. } = event {
                let id = Made { command: entry.origin.command, ordinal: *ordinal };
                self.early.insert(id, EarlyMessage { id, name: name.clone(), key: key.clone(), data: data.clone() });
            }
        }
    }

    /// Decides an entry of a case again, and applies what is written.
    fn entry(&mut self, entry: &Entry, id: CommandId, hidden: bool) -> Result<Told, Differs> {
        let moments = self.timeline.around(entry.origin.time);
        let case = self.cases.entry(id).or_insert_with(|| Case { state: Instance::new(id), hidden: false });
        case.hidden |= hidden;
        let mail: Vec<EarlyMessage> = entry
            .events
            .iter()
            .filter_map(|event| match event {
                Event::MessageReceived { message, .. } if message.command != entry.origin.command => {
                    self.early.get(message).cloned()
                }
                _ => None,
            })
            .collect();
        let mut first = None;
        let mut same = false;
        // Another log's clock tells only nearly which appointments and documents this decision saw: those just before and after are tried too.
        for moment in &moments {
            match decide(self.unit, &self.zone, moment, entry, &case.state, &mail) {
                Ok(()) => {
                    same = true;
                    break;
                }
                Err(differs) => _ = first.get_or_insert(differs),
            }
        }
        let told = match first {
            _ if same => Ok(Told::Same),
            Some(_) if case.hidden => separate(&self.zone, &moments, entry, &case.state).map(|()| Told::Hidden),
            differs => Err(differs.unwrap_or_else(|| differing("replay.refused", "cannot be decided again."))),
        };
        for event in &entry.events {
            machine::apply(&mut case.state, &entry.origin, event);
        }
        case.state.sequence += 1;
        case.state.last = Some(entry.leaf_hash);
        told
    }
}

fn differing(code: &'static str, message: impl Into<String>) -> Differs {
    Differs { code, message: message.into() }
}

/// Whether the machine decides what is written.
fn decide(
    unit: &UnitId,
    zone: &TimeZone,
    moment: &Moment,
    entry: &Entry,
    case: &Instance,
    mail: &[EarlyMessage],
) -> Result<(), Differs> {
    let definition = entry.definition.and_then(|hash| moment.library.get(&hash));
    let definition = definition.ok_or_else(|| {
        differing("replay.definition", "goes by a definition that was not deployed before it, or is not there.")
    })?;
    let context = Context {
        unit,
        origin: entry.origin.clone(),
        cause: recall::cause(entry),
        office: &moment.office,
        library: &moment.library,
        clock: expression::Clock { now: entry.origin.time.timestamp(), zone: zone.clone() },
        mail,
        mail_count: mail.len() as u64,
    };
    let before = (case.sequence > 0).then_some(case);
    let mut differs = differing("replay.kind", "has no events of what its kind says.");
    for command in recall::commands(entry, case, &definition.graph, &moment.library) {
        let before = if matches!(entry.kind.as_str(), "instance.started") { None } else { before };
        match machine::decide(&context, before, &command) {
            Ok(decision) if decision.events == entry.events && decision.via == entry.via => return Ok(()),
            Ok(decision) => differs = difference(&decision.events, entry),
            Err(Rejection { code, message, .. }) => {
                differs = differing("replay.refused", format!("should have been refused: {code}: {message}"));
            }
        }
    }
    Err(differs)
}

/// The first event that is another, in words.
fn difference(decided: &[Event], entry: &Entry) -> Differs {
    let name = |event: Option<&Event>| {
        let event = event.and_then(|event| serde_json::to_value(event).ok());
        event.and_then(|event| event["event"].as_str().map(str::to_owned)).unwrap_or_else(|| "nothing".to_owned())
    };
    let place = (0..decided.len().max(entry.events.len())).find(|place| decided.get(*place) != entry.events.get(*place));
    let message = match place {
        None => "names another post than the one by which its actor acted.".to_owned(),
        Some(place) => {
            let (written, decided) = (name(entry.events.get(place)), name(decided.get(place)));
            let how = if written == decided { " with other values" } else { "" };
            format!("says {written} at position {place}, where {decided}{how} is decided.")
        }
    };
    differing("replay.differs", message)
}

/// The separation of duties, which can be told though values are hidden.
fn separate(zone: &TimeZone, moments: &[Moment], entry: &Entry, case: &Instance) -> Result<(), Differs> {
    let (Some(moment), Some(person)) = (moments.first(), entry.origin.actor.person()) else { return Ok(()) };
    let clock = expression::Clock { now: entry.origin.time.timestamp(), zone: zone.clone() };
    for event in &entry.events {
        let (Event::TaskClaimed { task: id, .. } | Event::TaskCompleted { task: id, .. }) = event else { continue };
        let Some(open) = case.tasks.get(id) else {
            return Err(differing("replay.refused", "is about a task that is not open."));
        };
        let Some(deployed) = moment.library.get(&case.definition) else { continue };
        if let Some(rejection) = task::barred(&deployed.graph, &moment.office, &clock, case, open, person) {
            return Err(differing(
                "replay.refused",
                format!("should have been refused: {}: {}", rejection.code, rejection.message),
            ));
        }
    }
    Ok(())
}
