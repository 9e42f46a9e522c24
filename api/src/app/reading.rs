//! Personal values of cases, and the one way to them. Whatever hands out a case reads it here: its personal values lie apart until it is on record,
//! in the access log, who reads them. Where that cannot be recorded they stay apart, and read as if they were not there.
//!
//! `tests/tests/tidy` lets no other file of the server read cases from the engine; `tests/tests/http/reads.rs` asks every address for values.

use std::collections::{BTreeMap, BTreeSet};

use engine::digest::Hash;
use engine::graph::Library;
use engine::journal::{Command, Entry, Envelope, Event, Sealed, codec};
use engine::machine::Instance;
use engine::machine::reading::key;
use engine::machine::records::is_handed_out;
use engine::model::id::is_variable_name;
use engine::model::limits::{READ_CASES_MAX, READ_NAMES_MAX};
use engine::model::reading::{CaseRead, Reading, Through};
use engine::model::{CommandId, InstanceId, Time, UnitId, Values};
use engine::runtime::{LockedJob, Refusal};
use engine::store::{Store as _, StoreError};
use serde_json::Value;

use super::{App, Engine, Identity};

/// Why values are not shown.
#[derive(Debug, thiserror::Error)]
pub enum NotRead {
    /// That they are read cannot be put on record.
    #[error("that personal values are read cannot be recorded")]
    Unrecorded(#[source] Refusal),
    /// They cannot be read at all.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Whoever asks may not have them.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// Personal names of cases that have a value.
pub type Names = BTreeMap<InstanceId, BTreeSet<String>>;

/// Puts on record that somebody reads values. Once it returns that is durable, and they may be shown. Nothing to show costs nothing.
///
/// # Errors
/// When it cannot be recorded: then nothing may be shown.
pub async fn record(app: &App, who: &Identity, through: Through, names: Names) -> Result<(), Refusal> {
    let mut left: BTreeMap<InstanceId, Vec<String>> = names.into_iter().map(|(case, names)| (case, noted(&names))).collect();
    loop {
        left.retain(|_, names| !names.is_empty());
        if left.is_empty() {
            return Ok(());
        }
        let taken = left.iter_mut().take(READ_CASES_MAX).map(|(case, names)| {
            let rest = names.split_off(names.len().min(READ_NAMES_MAX));
            CaseRead { case: case.clone(), names: std::mem::replace(names, rest) }
        });
        let reading = Reading { through, cases: taken.collect() };
        // The same within the hour is the same command: it is answered as one that was accepted before.
        let key = key(app.engine.now(), &reading);
        app.engine.submit(&UnitId::access(), Envelope::new(who.actor(), &key, Command::NoteRead(reading))).await?;
    }
}

/// Names as they are noted. What a worker or a stranger's message calls otherwise than any variable can be called is noted as `_`.
fn noted(names: &BTreeSet<String>) -> Vec<String> {
    let names = names.iter().map(|name| if is_variable_name(name) { name.as_str() } else { "_" });
    names.collect::<BTreeSet<_>>().into_iter().map(str::to_owned).collect()
}

/// Where values of a case lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Variables of the process (0) or of a sub-process, as they stand.
    Scope(u32),
    /// What an event of an entry brought, by the entry's place in the history that was read and the event's in it.
    Entry(usize, usize),
}

/// A value that was taken out: where, its name.
struct Apart {
    place: Place,
    name: String,
    value: Value,
}

/// A case, with no personal value in it: each is null, as if it were erased.
pub struct Closed {
    id: InstanceId,
    at: Option<Time>,
    case: Instance,
    history: Vec<Entry>,
    apart: Vec<Apart>,
}

/// A case as it may be shown.
pub struct Opened {
    /// How it stands or stood.
    pub case: Instance,
    /// The entries that were read.
    pub history: Vec<Entry>,
    /// Personal variables of which values are kept back.
    pub hidden: BTreeSet<String>,
    /// Why they are, if they should be shown.
    pub unrecorded: Option<Refusal>,
}

impl Closed {
    /// A case as it stands, or as it stood at an instant; without its entries.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn load(engine: &Engine, id: &InstanceId, at: Option<Time>) -> Result<Option<Self>, StoreError> {
        let case = match at {
            Some(at) => engine.instance_at(&id.unit, id.command, at).await?,
            None => engine.instance(&id.unit, id.command).await?,
        };
        let Some(mut case) = case else { return Ok(None) };
        let (library, mut apart) = (engine.library(), Vec::new());
        for (number, scope) in &mut case.scopes {
            close(&library, Some(case.definition), &mut scope.variables, false, Place::Scope(*number), &mut apart);
        }
        for job in case.jobs.values_mut() {
            // Workers are handed theirs; nobody else is shown them.
            close(&library, Some(case.definition), &mut job.data, true, Place::Scope(0), &mut Vec::new());
        }
        Ok(Some(Self { id: id.clone(), at, case, history: Vec::new(), apart }))
    }

    /// Reads its entries from a sequence on, at most `limit`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn read_history(&mut self, engine: &Engine, from: u64, limit: usize) -> Result<(), StoreError> {
        let mut sealed = engine.store().case_entries(&self.id.unit, self.id.command, from).await?;
        sealed.truncate(limit);
        for sealed in sealed.iter().filter(|sealed| self.at.is_none_or(|at| sealed.time <= at)) {
            let entry = open(engine, sealed, self.history.len(), &mut self.apart)?;
            self.history.push(entry);
        }
        Ok(())
    }

    /// How it stands, without personal values.
    pub fn case(&self) -> &Instance {
        &self.case
    }

    /// Its entries, without personal values.
    pub fn history(&self) -> &[Entry] {
        &self.history
    }

    /// It as it is, for whoever needs no personal value.
    pub fn unopened(self) -> Opened {
        let hidden = self.apart.into_iter().map(|one| one.name).collect();
        Opened { case: self.case, history: self.history, hidden, unrecorded: None }
    }

    /// It with the personal values that are shown, by where they lie and their names, once it is on record that they are read.
    pub async fn open(self, app: &App, who: &Identity, through: Through, shown: impl Fn(Place, &str) -> bool) -> Opened {
        let (wanted, kept): (Vec<Apart>, Vec<Apart>) = self.apart.into_iter().partition(|one| shown(one.place, &one.name));
        let mut opened = Opened {
            case: self.case,
            history: self.history,
            hidden: kept.into_iter().map(|one| one.name).collect(),
            unrecorded: None,
        };
        let names: BTreeSet<String> = wanted.iter().map(|one| one.name.clone()).collect();
        if let Err(refusal) = record(app, who, through, Names::from([(self.id, names.clone())])).await {
            tracing::warn!(%refusal, "personal values are not shown, since it cannot be recorded");
            opened.hidden.extend(names);
            opened.unrecorded = Some(refusal);
            return opened;
        }
        for Apart { place, name, value } in wanted {
            let values = match place {
                Place::Scope(number) => opened.case.scopes.get_mut(&number).map(|scope| &mut scope.variables),
                Place::Entry(entry, event) => {
                    opened.history.get_mut(entry).and_then(|entry| entry.events.get_mut(event)?.values_mut())
                }
            };
            if let Some(values) = values {
                values.insert(name, value);
            }
        }
        opened
    }
}

/// A case as it stands, without personal values.
///
/// # Errors
/// When the store cannot be read.
pub async fn instance(engine: &Engine, id: &InstanceId) -> Result<Option<Instance>, StoreError> {
    Ok(Closed::load(engine, id, None).await?.map(|closed| closed.case))
}

/// The entries of a case, oldest first, without personal values.
///
/// # Errors
/// When the store cannot be read.
pub async fn history(engine: &Engine, id: &InstanceId) -> Result<Vec<Entry>, StoreError> {
    let sealed = engine.store().case_entries(&id.unit, id.command, 1).await?;
    sealed.iter().map(|sealed| open(engine, sealed, 0, &mut Vec::new())).collect()
}

/// The entry of a command, without personal values.
///
/// # Errors
/// When the store cannot be read.
pub async fn entry(engine: &Engine, unit: &UnitId, command: CommandId) -> Result<Option<Entry>, StoreError> {
    let found = engine.store().commands(unit, &[command]).await?;
    found.first().map(|sealed| open(engine, sealed, 0, &mut Vec::new())).transpose()
}

/// Entries of a log byte for byte, personal values and all, from an index on: at most `limit`, and no more after `bytes`; and where the next page
/// begins. It is on record that the values were read.
///
/// # Errors
/// When they cannot be read, or that cannot be recorded.
pub async fn entries(
    app: &App,
    who: &Identity,
    unit: &UnitId,
    from: u64,
    limit: usize,
    bytes: usize,
) -> Result<(Vec<Sealed>, Option<u64>), NotRead> {
    /// Entries read at a time, so that a page of big ones stays small.
    const STRIDE: u32 = 16;
    let (mut entries, mut from, mut size, mut next): (Vec<Sealed>, _, _, _) = (Vec::new(), from, 0, None);
    'read: loop {
        let page = app.engine.store().entries(unit, from, STRIDE).await?;
        if page.is_empty() {
            break;
        }
        for sealed in page {
            if entries.len() == limit || size > bytes {
                next = Some(sealed.index);
                break 'read;
            }
            size += sealed.leaf.len() + sealed.payloads.iter().filter_map(|p| p.body.as_ref()).map(String::len).sum::<usize>();
            from = sealed.index + 1;
            entries.push(sealed);
        }
    }
    let mut names = Names::new();
    let library = app.engine.library();
    for sealed in &entries {
        note(&library, unit, sealed, &mut names);
    }
    record(app, who, Through::Entries, names).await.map_err(NotRead::Unrecorded)?;
    Ok((entries, next))
}

/// Whether an entry tells of cases, or of a message for which no case waits yet.
pub fn is_of_cases(sealed: &Sealed) -> bool {
    let has_message = |entry: Entry| entry.events.iter().any(|event| matches!(event, Event::MessageBuffered { .. }));
    sealed.link.is_some() || codec::open(sealed).is_ok_and(has_message)
}

/// Takes in what an entry discloses of personal values, byte for byte. A message that came before its case stands for the case that it may become.
pub fn note(library: &Library, unit: &UnitId, sealed: &Sealed, names: &mut Names) {
    let Ok(entry) = codec::open(sealed) else { return };
    let is_of_case = |event: &&Event| sealed.link.is_some() || matches!(event, Event::MessageBuffered { .. });
    let told = entry.events.iter().filter(is_of_case).filter_map(|event| Some((is_handed_out(event), event.values()?)));
    let told = told.flat_map(|(handed_out, values)| values.iter().map(move |value| (handed_out, value)));
    let told =
        told.filter(|(handed_out, (name, value))| !value.is_null() && is_personal(library, entry.definition, name, *handed_out));
    let told: Vec<String> = told.map(|(_, (name, _))| name.clone()).collect();
    if !told.is_empty() {
        let command = sealed.link.map_or(sealed.command, |link| link.instance);
        names.entry(InstanceId { unit: unit.clone(), command }).or_default().extend(told);
    }
}

/// What a worker asks for.
pub struct Wanted<'a> {
    /// The unit.
    pub unit: &'a UnitId,
    /// The key of the request.
    pub key: &'a str,
    /// The worker's name for itself.
    pub worker: &'a str,
    /// Topics.
    pub topics: &'a [String],
    /// How long no other worker gets them.
    pub seconds: i64,
    /// At most so many.
    pub limit: u32,
}

/// Jobs locked for a worker, once it is on record that the worker is handed their values. Where it cannot be, they stay locked until their time is
/// over, and the same key brings them.
///
/// # Errors
/// When none is locked, or that cannot be recorded.
pub async fn jobs(app: &App, who: &Identity, wanted: &Wanted<'_>) -> Result<Vec<LockedJob>, NotRead> {
    let &Wanted { unit, key, worker, topics, seconds, limit } = wanted;
    let jobs = app.engine.lock_jobs(unit, &who.actor(), key, worker, topics, seconds, limit).await?;
    let (library, mut names) = (app.engine.library(), Names::new());
    for job in &jobs {
        let personal =
            job.data.iter().filter(|(name, value)| !value.is_null() && is_personal(&library, Some(job.definition), name, true));
        let case = InstanceId { unit: unit.clone(), command: job.instance };
        names.entry(case).or_default().extend(personal.map(|(name, _)| name.clone()));
    }
    record(app, who, Through::Jobs, names).await.map_err(NotRead::Unrecorded)?;
    Ok(jobs)
}

/// Opens an entry, and takes its personal values out.
fn open(engine: &Engine, sealed: &Sealed, number: usize, apart: &mut Vec<Apart>) -> Result<Entry, StoreError> {
    let mut entry = codec::open(sealed).map_err(|error| StoreError::Broken(error.to_string()))?;
    let library = engine.library();
    for (place, event) in entry.events.iter_mut().enumerate() {
        let handed_out = is_handed_out(event);
        if let Some(values) = event.values_mut() {
            close(&library, entry.definition, values, handed_out, Place::Entry(number, place), apart);
        }
    }
    Ok(entry)
}

/// Takes personal values out.
fn close(
    library: &Library,
    definition: Option<Hash>,
    values: &mut Values,
    handed_out: bool,
    place: Place,
    apart: &mut Vec<Apart>,
) {
    let is_personal = |name: &str, value: &Value| !value.is_null() && is_personal(library, definition, name, handed_out);
    for (name, value) in values.iter_mut().filter(|(name, value)| is_personal(name, value)) {
        apart.push(Apart { place, name: name.clone(), value: value.take() });
    }
}

/// Whether a value is personal. What no definition tells of is: also what a step hands to a worker, a message or another case under a name that is
/// no variable's, since it may be made of some that are. What is handed out may be made of one though it has the name of a variable that is not.
fn is_personal(library: &Library, definition: Option<Hash>, name: &str, handed_out: bool) -> bool {
    let Some(deployed) = definition.and_then(|hash| library.get(&hash)) else { return true };
    let graph = &deployed.graph;
    graph.personal.contains(name) || !graph.declares(name) || handed_out && graph.copied.contains(name)
}
