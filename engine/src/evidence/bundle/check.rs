//! What a bundle proves: that its entries are those that were signed, and that nothing is missing of what was chosen.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};

use super::line::{Content, Line, Shown};
use super::policy::{Lost, Outside, Policy, When};
use super::recovery;
use super::taken::{Losses, Taken};
use super::times::Times;
use super::{Archive, Bundle, Log};
use crate::digest::{Frontier, Hash, commitment, leaf_hash};
use crate::evidence::{Checkpoint, EvidenceError};
use crate::journal::codec::{self, EVENTS, KEY_NOTE_KINDS, Place};
use crate::journal::event::LogSigned;
use crate::model::limits::BUNDLE_FINDINGS_MAX;
use crate::model::{CommandId, Time, UnitId};

/// Kinds of the site log that say who may do what, by which norms and calendars, and what was signed of the units: of these the values must
/// be there.
pub const OFFICE_KINDS: [&str; 7] = [
    "unit.put",
    "post.put",
    "person.registered",
    "appointment.made",
    "appointment.ended",
    "document.deployed",
    CHECKPOINTS_TAKEN,
];

/// Kind of the entries that say what was erased.
const ERASED: &str = "values.erased";
/// Kind of the entries by which the site log takes in what was signed of the units.
const CHECKPOINTS_TAKEN: &str = "checkpoints.taken";

/// What comes of a verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// All that is there is what was signed, and nothing is missing of what was chosen.
    Verified,
    /// What is there is what was signed, but something is missing, or cannot be told.
    Incomplete,
    /// Something is not what was signed.
    Tampered,
}

impl Verdict {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Verified => "VERIFIED",
            Self::Incomplete => "INCOMPLETE",
            Self::Tampered => "TAMPERED",
        }
    }
}

/// Something that is wrong, or missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it makes of the whole.
    pub verdict: Verdict,
    /// Stable code.
    pub code: &'static str,
    /// What is wrong, where, and what to do.
    pub message: String,
}

/// What was found of one log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogChecked {
    /// Its signed name.
    pub name: String,
    /// How many entries were signed.
    pub size: u64,
    /// The root that was signed.
    pub root: Hash,
    /// How many entries are shown.
    pub shown: u64,
    /// When the last of them was recorded.
    pub last: Option<Time>,
    /// The size of the newest checkpoint from outside that it was held against.
    pub seen: Option<u64>,
    /// Sizes of checkpoints from outside that have a time, against which the entries' own were held.
    pub timed: Vec<(u64, When)>,
    /// The size of the newest checkpoint that the site log took in and that it was held against.
    pub taken: Option<u64>,
    /// The witnesses of the policy that have cosigned what was signed, and in which second: its entries were there before that was over.
    pub cosigned: Vec<(String, Time)>,
    /// What was lost of it before restores, as the policy declares.
    pub lost: Vec<Lost>,
}

/// How many payloads are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Payloads {
    /// There, and what was committed.
    pub disclosed: u64,
    /// Kept back, on a ground that is named.
    pub withheld: u64,
    /// Gone from the journal.
    pub erased: u64,
}

/// What was found of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What is wrong or missing; a bundle with nothing of it is verified.
    pub findings: Vec<Finding>,
    /// How many findings there are beyond those.
    pub omitted: u64,
    /// The logs.
    pub logs: Vec<LogChecked>,
    /// Cases that are shown whole.
    pub cases: u64,
    /// Cases that may have gone on in entries that are not shown.
    pub may_go_on: u64,
    /// Payloads of what is shown.
    pub payloads: Payloads,
}

impl Report {
    pub(in crate::evidence) fn new() -> Self {
        let (findings, logs, payloads) = (Vec::new(), Vec::new(), Payloads::default());
        Self { findings, omitted: 0, logs, cases: 0, may_go_on: 0, payloads }
    }

    /// The worst of what was found.
    pub fn verdict(&self) -> Verdict {
        self.findings.iter().map(|finding| finding.verdict).max().unwrap_or(Verdict::Verified)
    }

    /// Takes in something that is not what was signed, or not what was decided.
    pub fn tampered(&mut self, code: &'static str, message: impl Into<String>) {
        // It is the worst there is: it is never left out, and what was missing before gives way.
        if self.findings.len() >= BUNDLE_FINDINGS_MAX {
            self.omitted += 1;
            if self.verdict() == Verdict::Tampered {
                return;
            }
            self.findings.pop();
        }
        self.findings.push(Finding { verdict: Verdict::Tampered, code, message: message.into() });
    }

    /// Takes in something that is missing.
    pub fn incomplete(&mut self, code: &'static str, message: impl Into<String>) {
        if self.findings.len() >= BUNDLE_FINDINGS_MAX {
            self.omitted += 1;
            return;
        }
        self.findings.push(Finding { verdict: Verdict::Incomplete, code, message: message.into() });
    }
}

/// Reads a bundle and checks what it proves under a policy. The bundle comes back where it could be read at all.
pub fn verify<'a>(archive: impl Into<Archive<'a>>, policy: &Policy) -> (Option<Bundle<'a>>, Report) {
    let mut report = Report::new();
    let bundle = match Bundle::read(archive) {
        Ok(bundle) => bundle,
        Err(EvidenceError { code: "bundle.newer", message }) => {
            report.incomplete("bundle.newer", message);
            return (None, report);
        }
        Err(error) => {
            report.tampered(error.code, error.message);
            return (None, report);
        }
    };
    // The site's log is the first: what it took in of the others is known when they are read.
    let mut taken = Took::default();
    for log in &bundle.logs {
        // The first contradiction ends it: what follows from what was changed says nothing.
        match check_log(&bundle.head.host, Some(&bundle), log, policy, &taken, &mut report) {
            Ok(more) => {
                taken.checkpoints.extend(more.checkpoints);
                taken.notes.extend(more.notes);
            }
            Err(Contradiction { code, message }) => {
                report.tampered(code, format!("{}: {message}", log.name));
                return (Some(bundle), report);
            }
        }
    }
    // Of the sizes that were checked: a log's own statement stands in the site's log, as it stands itself.
    let logs: Vec<(&Log<'_>, u64)> = bundle.logs.iter().zip(report.logs.iter().map(|log| log.size)).collect();
    recovery::check(policy, &bundle.head.host, &logs, &taken.notes, &mut report);
    (Some(bundle), report)
}

/// Checks a part of a log that stands for itself: what is shown of it is what was signed; that nothing is missing is not asked.
pub(in crate::evidence) fn verify_part(host: &str, log: &Log<'_>, policy: &Policy) -> Report {
    let mut report = Report::new();
    if let Err(Contradiction { code, message }) = check_log(host, None, log, policy, &Took::default(), &mut report) {
        report.tampered(code, format!("{}: {message}", log.name));
    }
    report
}

/// Why something is not what was signed.
pub(super) struct Contradiction {
    code: &'static str,
    message: String,
}

impl Contradiction {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl From<EvidenceError> for Contradiction {
    fn from(error: EvidenceError) -> Self {
        Self { code: error.code, message: error.message }
    }
}

/// What the site log took in.
#[derive(Default)]
struct Took {
    /// What was signed of the units' logs.
    checkpoints: Vec<Outside>,
    /// The signed notes on changes of keys and on new epochs.
    notes: Vec<String>,
}

/// A log as far as it was read.
struct Reading<'a> {
    /// The bundle in which it lies; none: it stands for itself.
    bundle: Option<&'a Bundle<'a>>,
    log: &'a Log<'a>,
    tree: Frontier,
    time: Option<Time>,
    times: Times<'a>,
    /// What the site log took in of this one.
    held: Taken<'a>,
    cases: HashMap<CommandId, Case>,
    /// What the site log took in, where this is the site log.
    taken: Took,
    /// Values that are gone, of which no entry has said yet that they were erased: entry and variable, by case.
    gone: BTreeMap<Option<CommandId>, Vec<(u64, String)>>,
    shown: u64,
    /// The index of the last entry that is not shown.
    hidden: Option<u64>,
    /// Whether it is in a run of entries that are not shown.
    gap: bool,
}

/// A case as far as it was read.
struct Case {
    sequence: u64,
    leaf: Hash,
    index: u64,
    /// Whether any of its entries is there with its values, and any without.
    with: bool,
    without: bool,
    /// Whether entries of it are missing.
    gap: bool,
}

/// Checks one log, also against what the site log took in of it; of the site log, what it took in.
fn check_log(
    host: &str,
    bundle: Option<&Bundle<'_>>,
    log: &Log<'_>,
    policy: &Policy,
    taken: &Took,
    report: &mut Report,
) -> Result<Took, Contradiction> {
    let checkpoint = policy.open(host, &log.name, &log.checkpoint)?;
    let cosigned = witnessed(log, policy, report)?;
    let mut seen: Vec<Outside> = policy.seen.iter().filter(|one| one.name == log.name).cloned().collect();
    seen.sort_by_key(|one| one.size);
    let newest = seen.last().map(|seen| seen.size);
    let timed = seen.iter().filter_map(|seen| Some((seen.size, seen.when?))).collect();
    let times = Times::new(&seen, &cosigned, checkpoint.size);
    let mut seen = seen.into_iter().peekable();
    let losses = Losses::new(&policy.lost, &log.name);
    let lost = losses.all().cloned().collect();
    // What was seen under this name is held against it above.
    let earlier = policy.seen.iter().filter(|one| one.name != log.name);
    let mut reading = Reading {
        bundle,
        log,
        tree: Frontier::new(),
        time: None,
        times,
        held: Taken::new(taken.checkpoints.iter().chain(earlier), &log.name, checkpoint.size, losses),
        cases: HashMap::new(),
        taken: Took::default(),
        gone: BTreeMap::new(),
        shown: 0,
        hidden: None,
        gap: false,
    };
    let mut lines = log.lines();
    loop {
        let size = reading.tree.size();
        while let Some(outside) = seen.next_if(|outside| outside.size <= size) {
            if outside.size < size {
                let message = format!(
                    "{}: the entries around size {} are not shown, so that the checkpoint seen outside cannot be held against it. Ask for a bundle with --at {}.",
                    log.name, outside.size, outside.size
                );
                report.incomplete("seen.hidden", message);
            } else if outside.root != reading.tree.root() {
                let message =
                    format!("the checkpoint of size {size} that was seen outside has another root: the log was rewritten");
                return Err(Contradiction::new("seen.differs", message));
            }
        }
        reading.held.at(size, || reading.tree.root(), report)?;
        let Some(line) = lines.read() else { break };
        reading.line(line?, report)?;
    }
    reading.end_gap(None, report);
    let Reading { tree, time, times, held, cases, gone, shown, hidden, taken: took_in, .. } = reading;
    for (index, name) in gone.into_values().flatten() {
        let message =
            format!("{}: the value of {name} in entry {index} is gone, and no entry says that it was erased.", log.name);
        report.incomplete("payload.gone", message);
    }
    if (tree.size(), tree.root()) != (checkpoint.size, checkpoint.root) {
        let message = format!("its {} entries have another root than was signed for {}", tree.size(), checkpoint.size);
        return Err(Contradiction::new("log.root", message));
    }
    times.report(&log.name, report);
    for outside in seen {
        let missing = outside.size - checkpoint.size;
        let message = format!(
            "{}: a checkpoint of size {} was seen outside: {missing} entries at the end are missing.",
            log.name, outside.size
        );
        report.incomplete("log.truncated", message);
    }
    let held = held.end(report);
    for (id, case) in cases.iter().filter(|(_, case)| case.with) {
        if case.gap || case.without {
            report.incomplete("case.gap", format!("{}: entries of the case {id}, or their values, are missing.", log.name));
        } else {
            report.cases += 1;
            report.may_go_on += u64::from(hidden.is_some_and(|hidden| hidden > case.index));
        }
    }
    if let Some(chosen) = bundle.map(|bundle| &bundle.head.chosen).filter(|chosen| chosen.unit == log.unit) {
        for id in chosen.cases.iter().filter(|id| !cases.get(id).is_some_and(|case| case.with)) {
            report.incomplete("case.missing", format!("{}: the case {id} was chosen and is not there.", log.name));
        }
    }
    let (name, last) = (log.name.clone(), time);
    let Checkpoint { size, root, .. } = checkpoint;
    report.logs.push(LogChecked { name, size, root, shown, last, seen: newest, timed, taken: held, cosigned, lost });
    Ok(took_in)
}

/// The cosignatures of a log's checkpoint by witnesses of the policy.
fn witnessed(log: &Log<'_>, policy: &Policy, report: &mut Report) -> Result<Vec<(String, Time)>, Contradiction> {
    let mut cosigned = Vec::new();
    for witness in &policy.witnesses {
        if let Some(time) = witness.time(&log.checkpoint)? {
            cosigned.push((witness.name().to_owned(), time));
        }
    }
    if cosigned.len() < policy.quorum {
        let message = format!(
            "{}: {} of the policy's witnesses have cosigned what was signed, where it wants {}: another history may have been shown to others. \
             Ask for a bundle once they have.",
            log.name,
            cosigned.len(),
            policy.quorum
        );
        report.incomplete("witness.quorum", message);
    }
    Ok(cosigned)
}

impl Reading<'_> {
    fn line(&mut self, line: Line<'_>, report: &mut Report) -> Result<(), Contradiction> {
        let next = self.tree.size();
        let wrong = |index: u64| Contradiction::new("entry.order", format!("a line says index {index}, where {next} is next"));
        match line {
            Line::Node { index, size, node } => {
                if index != next || !self.tree.push_subtree(size, node) {
                    return Err(wrong(index));
                }
                if self.log.unit.as_str() == UnitId::SITE && self.bundle.is_some() {
                    report.incomplete("site.hidden", format!("{}: {size} entries from {index} on are not shown.", self.log.name));
                }
                self.hidden = Some(self.tree.size() - 1);
                self.gap = true;
                Ok(())
            }
            Line::Entry { index, leaf, payloads } => {
                if index != next {
                    return Err(wrong(index));
                }
                let broken = |error: codec::CodecError| Contradiction::new("entry.leaf", error.to_string());
                let place = codec::read_leaf(index, &leaf).map_err(broken)?;
                if place.log != self.log.origin || place.index != index {
                    return Err(Contradiction::new(
                        "entry.place",
                        format!("entry {index} says that it is another entry, or of another log"),
                    ));
                }
                if self.time.is_some_and(|before| before >= place.time) {
                    return Err(Contradiction::new("entry.time", format!("entry {index} is not later than the one before it")));
                }
                self.end_gap(Some(place.time), report);
                self.time = Some(place.time);
                self.times.entry(index, place.time);
                self.held.entry(index);
                let hash = leaf_hash(leaf.as_bytes());
                self.tree.push(hash);
                self.shown += 1;
                match &payloads {
                    Some(shown) => self.payloads(&place, shown, report)?,
                    None => self.leaf_alone(&place, report),
                }
                self.follow(&place, hash, payloads.is_some())
            }
        }
    }

    /// Entries are shown again, or the log ends: whether those between can be left out.
    fn end_gap(&mut self, after: Option<Time>, report: &mut Report) {
        let gap = std::mem::take(&mut self.gap);
        let Some(chosen) = self.bundle.map(|bundle| &bundle.head.chosen).filter(|_| gap) else { return };
        if self.log.unit != chosen.unit || chosen.is_of_cases() {
            return;
        }
        // Time rises: what lies before an entry before the period, or after one after it, is not in it.
        let is_before = after.zip(chosen.from).is_some_and(|(after, from)| after < from.0);
        let is_after = self.time.zip(chosen.to).is_some_and(|(before, to)| before >= to.0);
        if !is_before && !is_after {
            let message =
                format!("{}: entries before {} are not shown, and may lie in the period.", self.log.name, self.tree.size());
            report.incomplete("period.gap", message);
        }
    }

    fn payloads(&mut self, place: &Place, shown: &[Shown<'_>], report: &mut Report) -> Result<(), Contradiction> {
        let index = place.index;
        let differs = |what: &str| Contradiction::new("payload.altered", format!("entry {index}: {what}"));
        if shown.len() != place.payloads.len() || place.payloads.first().is_none_or(|(name, _)| name != EVENTS) {
            return Err(differs("its payloads are not those that its leaf commits"));
        }
        for (position, (payload, (name, committed))) in shown.iter().zip(&place.payloads).enumerate() {
            if payload.name != *name {
                return Err(differs("its payloads are not those that its leaf commits"));
            }
            match &payload.content {
                Content::Disclosed { salt, body } if commitment(salt, body.as_bytes()) == *committed => {
                    report.payloads.disclosed += 1;
                }
                Content::Disclosed { .. } => return Err(differs(&format!("the payload {name} is not what its leaf commits"))),
                _ if position == 0 => return Err(differs("its events are missing, which are never erased or withheld")),
                Content::Erased => {
                    report.payloads.erased += 1;
                    let case = place.link.map(|link| link.instance);
                    self.gone.entry(case).or_default().push((index, codec::variable_of(name).to_owned()));
                }
                Content::Withheld(_) => report.payloads.withheld += 1,
            }
        }
        if place.kind == ERASED
            && let Some(Content::Disclosed { body, .. }) = shown.first().map(|payload| &payload.content)
            && let Entry::Occupied(mut gone) = self.gone.entry(place.link.map(|link| link.instance))
        {
            let erased = codec::erased(body);
            gone.get_mut().retain(|(_, name)| !erased.contains(name));
            if gone.get().is_empty() {
                gone.remove();
            }
        }
        if self.log.unit.as_str() == UnitId::SITE
            && let Some(Content::Disclosed { body, .. }) = shown.first().map(|payload| &payload.content)
        {
            if place.kind == CHECKPOINTS_TAKEN {
                let taken = codec::taken(body).into_iter();
                let outside = taken.map(|LogSigned { log: name, size, root }| Outside { name, size, root, when: None });
                self.taken.checkpoints.extend(outside);
            } else if KEY_NOTE_KINDS.contains(&place.kind.as_str()) {
                self.taken.notes.extend(codec::key_notes(body));
            }
        }
        if let Some(hash) = place.definition.filter(|hash| !self.bundle.is_some_and(|bundle| bundle.documents.contains(hash))) {
            let message = format!("{}: entry {index} goes by the definition {hash}, which is not there.", self.log.name);
            report.incomplete("document.missing", message);
        }
        Ok(())
    }

    /// Only the leaf is shown: whether the values can be left out.
    fn leaf_alone(&self, place: &Place, report: &mut Report) {
        let Some(chosen) = self.bundle.map(|bundle| &bundle.head.chosen) else { return };
        let is_office = self.log.unit.as_str() == UnitId::SITE && OFFICE_KINDS.contains(&place.kind.as_str());
        let is_chosen = self.log.unit == chosen.unit && !chosen.is_of_cases() && chosen.is_in_period(place.time);
        if is_office || is_chosen {
            report.incomplete("payload.missing", format!("{}: the values of entry {} are missing.", self.log.name, place.index));
        }
    }

    /// The entry's place in its case.
    fn follow(&mut self, place: &Place, leaf: Hash, with: bool) -> Result<(), Contradiction> {
        let Some(link) = place.link else { return Ok(()) };
        let wrong =
            || Contradiction::new("case.order", format!("entry {} does not follow the one before it of its case", place.index));
        if (link.sequence == 1) != (link.instance == place.command) || (link.sequence == 1) != link.previous.is_none() {
            return Err(wrong());
        }
        let nothing = Case { sequence: 0, leaf, index: 0, with: false, without: false, gap: false };
        let case = self.cases.entry(link.instance).or_insert(nothing);
        if link.sequence <= case.sequence
            || link.sequence == case.sequence + 1 && link.sequence > 1 && link.previous != Some(case.leaf)
        {
            return Err(wrong());
        }
        case.gap |= link.sequence != case.sequence + 1;
        (case.sequence, case.leaf, case.index) = (link.sequence, leaf, place.index);
        case.with |= with;
        case.without |= !with;
        Ok(())
    }
}
