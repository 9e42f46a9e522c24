//! Audit: a bundle's cases lived through once more, and what its entries say of the machine. The same machine decides again what was decided, by the definitions, norms, calendars and
//! appointments of the bundle; what is written must be what it decides. Purely, and without the office.

mod recall;
mod timeline;
mod working;

use std::collections::{HashMap, HashSet};

use jiff::tz::TimeZone;

use crate::evidence::bundle::{Bundle, Line, Log, Report};
use crate::expression;
use crate::journal::{Entry, Event, codec};
use crate::machine::{self, Context, Decision, EarlyMessage, Instance, Rejection, task};
use crate::model::id::Made;
use crate::model::limits::BUNDLE_CASES_KEPT_MAX;
use crate::model::time::zone;
use crate::model::{CommandId, UnitId};
use timeline::{Moment, Timeline};
pub use working::{Fault, Looked, Sign, Step, Working, working};

/// What stands in the line of an entry by which a message was kept for later.
const BUFFERED: &str = "message.buffered";

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
    replay_within(bundle, report, BUNDLE_CASES_KEPT_MAX)
}

/// The same, with no more than so many cases, at least one, kept side by side.
pub fn replay_within(bundle: &Bundle<'_>, report: &mut Report, kept_max: usize) -> Replayed {
    let mut replayed = Replayed::default();
    let Some(zone) = zone(&bundle.head.zone) else {
        report.tampered("replay.zone", format!("The bundle names the time zone {:?}, and there is none.", bundle.head.zone));
        return replayed;
    };
    let unit = &bundle.head.chosen.unit;
    let Some(log) = bundle.logs.iter().find(|log| log.unit == *unit) else { return replayed };
    let mut timeline = Timeline::new(bundle, report);
    // A case is kept from its first entry to its last. Where more go on at once than are kept, the log is gone through again for the others.
    let mut left = None;
    loop {
        timeline.rewind();
        let cases = HashMap::new();
        let mut replay =
            Replay { unit, zone: &zone, timeline: &mut timeline, cases, early: HashMap::new(), left: HashSet::new(), kept_max };
        replay.pass(log, left.as_ref(), report, &mut replayed);
        if replay.left.is_empty() {
            return replayed;
        }
        left = Some(replay.left);
    }
}

struct Replay<'a> {
    unit: &'a UnitId,
    zone: &'a TimeZone,
    timeline: &'a mut Timeline,
    /// The cases that go on: none where what follows follows from something that was found.
    cases: HashMap<CommandId, Option<Case>>,
    /// Messages that came before anybody waited for them, and whether their values are withheld.
    early: HashMap<Made, (EarlyMessage, bool)>,
    /// Cases for which there was no room.
    left: HashSet<CommandId>,
    kept_max: usize,
}

/// A case as its entries left it.
struct Case {
    state: Instance,
    /// Whether values of it are withheld or erased.
    hidden: bool,
}

impl Case {
    /// Its place after an entry, whose events are applied; so many came before.
    fn follow(&mut self, entry: &Entry, before: u64) {
        self.state.sequence = before + 1;
        self.state.last = Some(entry.leaf_hash);
        self.state.handed_over |= entry.handed_over;
    }
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
    /// Goes through a log, for the cases that are left, or all.
    fn pass(&mut self, log: &Log<'_>, wanted: Option<&HashSet<CommandId>>, report: &mut Report, replayed: &mut Replayed) {
        let mut lines = log.lines();
        while let Some(text) = lines.text() {
            let text = match text {
                Ok(text) => text,
                Err(error) => {
                    report.tampered(error.code, format!("{}: {}", log.name, error.message));
                    break;
                }
            };
            let case = Line::case_of(text);
            let is_elsewhere =
                case.is_some_and(|case| self.left.contains(&case) || wanted.is_some_and(|wanted| !wanted.contains(&case)));
            // What came too early for one case may have been kept by another.
            if is_elsewhere && !text.contains(BUFFERED) {
                continue;
            }
            let Some(sealed) = Line::read(text).ok().and_then(Line::sealed) else { continue };
            let id = sealed.link.map(|link| link.instance);
            let id = id.filter(|id| wanted.is_none_or(|wanted| wanted.contains(id)) && !self.left.contains(id));
            let is_new = id.is_some_and(|id| !self.cases.contains_key(&id));
            let id = match id {
                Some(id) if is_new && self.cases.len() >= self.kept_max => {
                    self.left.insert(id);
                    None
                }
                id => id,
            };
            let hidden = sealed.payloads.iter().any(|payload| payload.body.is_none());
            let entry = match codec::open(&sealed) {
                Ok(entry) => entry,
                Err(error) => {
                    if id.is_some() {
                        report.tampered("replay.unreadable", format!("{}: {error}", log.name));
                    }
                    continue;
                }
            };
            self.remember(&entry, hidden);
            let Some(id) = id else { continue };
            replayed.cases += u64::from(is_new);
            let case = self.cases.entry(id).or_insert_with(|| Some(Case { state: Instance::new(id), hidden: false }));
            let Some(mut case) = case.take() else {
                self.forget(id, entry.index);
                continue;
            };
            let mut is_broken = false;
            match self.entry(&entry, &mut case, hidden) {
                Ok(Told::Same) => replayed.entries += 1,
                Ok(Told::Hidden) => replayed.untold += 1,
                Err(Differs { code, message }) => {
                    report.tampered(code, format!("{}: entry {} ({}) {message}", log.name, entry.index, entry.kind));
                    is_broken = true;
                }
            }
            let goes_on = self.timeline.goes_on(id, entry.index);
            replayed.ended += u64::from((is_broken || !goes_on) && case.state.is_over());
            if !goes_on {
                self.cases.remove(&id);
            } else if !is_broken {
                self.cases.insert(id, Some(case));
            }
        }
        // Those whose last entry cannot be read.
        replayed.ended += self.cases.values().flatten().filter(|case| case.state.is_over()).count() as u64;
    }

    /// Lets go of a case whose last entry this is.
    fn forget(&mut self, id: CommandId, index: u64) {
        if !self.timeline.goes_on(id, index) {
            self.cases.remove(&id);
        }
    }

    /// Keeps a message that came before anybody waited for it.
    fn remember(&mut self, entry: &Entry, hidden: bool) {
        for event in &entry.events {
            if let Event::MessageBuffered { ordinal, name, key, data, .. } = event {
                let id = Made { command: entry.origin.command, ordinal: *ordinal };
                let message = EarlyMessage { id, name: name.clone(), key: key.clone(), data: data.clone() };
                self.early.insert(id, (message, hidden));
            }
        }
    }

    /// Decides an entry of a case again, and applies what is written.
    fn entry(&mut self, entry: &Entry, case: &mut Case, hidden: bool) -> Result<Told, Differs> {
        let early = entry.events.iter().filter_map(|event| match event {
            Event::MessageReceived { message, .. } if message.command != entry.origin.command => self.early.get(message),
            _ => None,
        });
        let (mail, hid): (Vec<EarlyMessage>, Vec<bool>) = early.cloned().unzip();
        case.hidden |= hidden || hid.contains(&true);
        let time = entry.origin.time;
        let decided = match self.timeline.at(time) {
            Some(moment) => decide(self.unit, self.zone, moment, entry, &case.state, &mail),
            None => Err(differing("replay.refused", "cannot be decided again.")),
        };
        let told = match decided {
            // It has applied what is written already.
            Ok(after) => {
                let sequence = case.state.sequence;
                case.state = after;
                case.follow(entry, sequence);
                return Ok(Told::Same);
            }
            Err(differs) => {
                // Another log's clock tells only nearly which appointments and documents this decision saw: those just before and after are
                // tried too.
                let moments = self.timeline.around(time);
                let same = |moment| decide(self.unit, self.zone, moment, entry, &case.state, &mail).is_ok();
                if moments.iter().skip(1).any(same) {
                    Ok(Told::Same)
                } else if case.hidden {
                    separate(self.zone, &moments, entry, &case.state).map(|()| Told::Hidden)
                } else {
                    Err(differs)
                }
            }
        };
        let sequence = case.state.sequence;
        for event in &entry.events {
            machine::apply(&mut case.state, &entry.origin, event);
        }
        case.follow(entry, sequence);
        told
    }
}

fn differing(code: &'static str, message: impl Into<String>) -> Differs {
    Differs { code, message: message.into() }
}

/// Whether the machine decides what is written; and the case as it is then.
fn decide(
    unit: &UnitId,
    zone: &TimeZone,
    moment: &Moment,
    entry: &Entry,
    case: &Instance,
    mail: &[EarlyMessage],
) -> Result<Instance, Differs> {
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
            Ok(Decision { events, via, instance: Some(after), .. }) if events == entry.events && via == entry.via => {
                return Ok(after);
            }
            // It touches no case, as where nobody waits any longer.
            Ok(Decision { events, via, instance: None, .. }) if events == entry.events && via == entry.via => {
                let mut after = case.clone();
                for event in &events {
                    machine::apply(&mut after, &entry.origin, event);
                }
                return Ok(after);
            }
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
