//! The codec: command and events → the bytes that are hashed and the payloads beside them; and back. `FORMAT.md` freezes it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::actor::Actor;
use super::entry::{Entry, Link, Origin, Payload, Sealed};
use super::event::{Event, LogSigned};
use crate::digest::{
    Hash, JsonLimits, MAX_SAFE_INTEGER, Spelled, canonical, commitment, in_any_order, is_strict_ascii, leaf_hash,
};
use crate::model::limits::{BUNDLE_LINE_BYTES_MAX, HANDED_OVER_MAX, JSON_DEPTH_MAX, LEAF_BYTES_MAX};
use crate::model::{CommandId, PostId, Time};

/// Version of the leaf format.
pub const LEAF_VERSION: u32 = 1;
/// Name of the payload that holds the event list.
pub const EVENTS: &str = "events";
/// Under what name a value of an event is sealed apart from the event list, if it is: that of its variable, or [`HANDED_OVER`].
pub type Apart<'a> = dyn for<'n> Fn(&Event, &'n str) -> Option<&'n str> + 'a;
/// Name of the payloads of values that are or may be personal and lie under a name that is no personal variable's: copies that are handed to
/// workers and other cases, and what came from them as it came.
pub const HANDED_OVER: &str = "handed_over";
const MEDIA_TYPE: &str = "application/json";
/// Kinds of the entries, and names of their events, that hold a note on the signer's key which whoever relies on recovery keys has to see.
pub const KEY_NOTE_KINDS: [&str; 2] = ["key.rotated", "recovery.stated"];

/// Why stored bytes could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("entry {index}: {what}")]
pub struct CodecError {
    /// Index of the entry.
    pub index: u64,
    /// What is wrong.
    pub what: String,
}

/// What is to be sealed.
#[derive(Debug)]
pub struct Draft<'a> {
    /// Origin of the log.
    pub log: &'a str,
    /// Index of the entry.
    pub index: u64,
    /// Kind.
    pub kind: &'static str,
    /// Command, actor, time.
    pub origin: &'a Origin,
    /// The post by which the actor acts.
    pub via: Option<&'a PostId>,
    /// Content hash of the command.
    pub content: Hash,
    /// The case.
    pub link: Option<Link>,
    /// The definition in force.
    pub definition: Option<Hash>,
    /// What happened.
    pub events: &'a [Event],
}

/// The event list as a payload. Values marked personal are taken out of it; `personal` says where they belong.
#[derive(Serialize, Deserialize)]
struct EventList<'a> {
    events: Cow<'a, [Event]>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    personal: Vec<(usize, String, String)>,
}

/// Writes an entry: the one place where journal bytes are made. `apart` tells of a named value of an event under what name it is sealed in a
/// payload of its own, if it is; `salt` yields 32 fresh random bytes each time.
///
/// # Errors
/// When the leaf would pass its limit.
pub fn seal(draft: &Draft<'_>, apart: &Apart<'_>, salt: &mut dyn FnMut() -> [u8; 32]) -> Result<Sealed, CodecError> {
    let &Draft { log, index, kind, origin, via, content, link, definition, events } = draft;
    let broken = |what: String| CodecError { index, what };
    let mut events = Cow::Borrowed(events);
    let mut sealed: Vec<(String, String)> = Vec::new();
    let (mut personal, mut handed_over) = (Vec::new(), 0);
    for position in 0..events.len() {
        let event = &events[position];
        let Some(values) = event.values() else { continue };
        let names = values.keys().filter_map(|name| Some((name.clone(), apart(event, name)?.to_owned())));
        for (name, under) in names.collect::<Vec<_>>() {
            if under == HANDED_OVER {
                if handed_over == HANDED_OVER_MAX {
                    continue;
                }
                handed_over += 1;
            }
            let Some(value) = events.to_mut()[position].values_mut().and_then(|values| values.remove(&name)) else { continue };
            let payload = format!("{under}.{}", sealed.len());
            sealed.push((payload.clone(), canonical(&value)));
            personal.push((position, name, payload));
        }
    }
    let list = serde_json::to_string(&EventList { events, personal }).map_err(|error| broken(error.to_string()))?;
    let payloads: Vec<Payload> = std::iter::once((EVENTS.to_owned(), list))
        .chain(sealed)
        .map(|(name, body)| Payload { name, salt: salt(), body: Some(body) })
        .collect();

    let leaf = write_leaf(&Leaf { log, index, kind, origin, via, link, definition }, &payloads);
    if leaf.len() > LEAF_BYTES_MAX {
        return Err(broken(format!("its leaf has {} bytes, more than {LEAF_BYTES_MAX}", leaf.len())));
    }
    Ok(Sealed { index, time: origin.time, command: origin.command, content, link, leaf, payloads })
}

struct Leaf<'a> {
    log: &'a str,
    index: u64,
    kind: &'a str,
    origin: &'a Origin,
    via: Option<&'a PostId>,
    link: Option<Link>,
    definition: Option<Hash>,
}

/// Members in alphabetical order, no white space, ASCII only: RFC 8785 by construction, since every text is an id, a hash or a code.
fn write_leaf(leaf: &Leaf<'_>, payloads: &[Payload]) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(640);
    // Writing to a String cannot fail.
    let _ = write!(out, r#"{{"actor":"{}""#, leaf.origin.actor);
    if let Some(link) = leaf.link {
        let _ = write!(out, r#","case":"{}""#, link.instance);
    }
    let _ = write!(out, r#","cmd":"{}""#, leaf.origin.command);
    if let Some(definition) = leaf.definition {
        let _ = write!(out, r#","def":"{definition}""#);
    }
    let _ = write!(out, r#","i":{},"kind":"{}","log":"{}""#, leaf.index, leaf.kind, leaf.log);
    if let Some(link) = leaf.link {
        match link.previous {
            Some(previous) => drop(write!(out, r#","op":"{previous}""#)),
            None => out.push_str(r#","op":null"#),
        }
        let _ = write!(out, r#","os":{}"#, link.sequence);
    }
    out.push_str(r#","pl":["#);
    for (i, payload) in payloads.iter().enumerate() {
        let body = payload.body.as_deref().unwrap_or_default();
        let comma = if i == 0 { "" } else { "," };
        let _ = write!(out, r#"{comma}["{}","{MEDIA_TYPE}","{}"]"#, payload.name, commitment(&payload.salt, body.as_bytes()));
    }
    let _ = write!(out, r#"],"t":"{}","v":{LEAF_VERSION}"#, leaf.origin.time);
    if let Some(via) = leaf.via {
        let _ = write!(out, r#","via":"{via}""#);
    }
    out.push('}');
    out
}

/// A leaf as parsed. Unknown members and versions are refused: one leaf, one meaning.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
struct ReadLeaf<'a> {
    v: u32,
    #[serde(borrow)]
    log: Cow<'a, str>,
    i: u64,
    #[serde(borrow)]
    t: Cow<'a, str>,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    actor: Cow<'a, str>,
    via: Option<PostId>,
    cmd: CommandId,
    case: Option<CommandId>,
    os: Option<u64>,
    op: Option<Hash>,
    def: Option<Hash>,
    pl: Vec<(String, String, Hash)>,
}

impl<'a> ReadLeaf<'a> {
    /// A leaf as [`write_leaf`] writes it, which is in the strict form. Of another it yields nothing, and it has to be read by the rules.
    fn written(leaf: &'a str) -> Option<Self> {
        if leaf.len() > LEAF_BYTES_MAX || leaf.bytes().fold(0, |odd, byte| odd | u8::from(!matches!(byte, b' '..=b'~'))) > 0 {
            return None;
        }
        let mut text = Spelled::new(leaf);
        text.token(r#"{"actor":"#)?;
        let actor = text.plain()?;
        let case = text.member(r#","case":"#)?.map(str::parse).transpose().ok()?;
        text.token(r#","cmd":"#)?;
        let cmd = text.plain()?.parse().ok()?;
        let def = text.member(r#","def":"#)?.map(str::parse).transpose().ok()?;
        text.token(r#","i":"#)?;
        let i = text.number()?;
        text.token(r#","kind":"#)?;
        let kind = text.plain()?;
        text.token(r#","log":"#)?;
        let log = text.plain()?;
        let (mut op, mut os) = (None, None);
        if case.is_some() {
            if text.token(r#","op":null"#).is_none() {
                text.token(r#","op":"#)?;
                op = Some(text.plain()?.parse().ok()?);
            }
            text.token(r#","os":"#)?;
            os = Some(text.number()?);
        }
        let (mut pl, mut end) = (Vec::with_capacity(2), r#","pl":["#);
        while text.token(end).is_some() {
            text.token("[")?;
            let name = text.plain()?.to_owned();
            text.token(",")?;
            let media_type = text.plain()?.to_owned();
            text.token(",")?;
            pl.push((name, media_type, text.plain()?.parse().ok()?));
            text.token("]")?;
            end = ",";
        }
        text.token(r#"],"t":"#)?;
        let t = text.plain()?;
        text.token(r#","v":"#)?;
        let v = u32::try_from(text.number()?).ok()?;
        let via = text.member(r#","via":"#)?.map(str::parse).transpose().ok()?;
        text.token("}")?;
        text.end()?;
        let (log, t, kind, actor) = (log.into(), t.into(), kind.into(), actor.into());
        let leaf = Self { v, log, i, t, kind, actor, via, cmd, case, os, op, def, pl };
        Some(leaf).filter(|leaf| leaf.i.max(leaf.os.unwrap_or(0)) <= MAX_SAFE_INTEGER && !leaf.pl.is_empty())
    }

    /// A leaf, however it is spelled.
    fn read(leaf: &'a str) -> Result<Self, String> {
        Self::written(leaf).map_or_else(|| serde_json::from_str(leaf).map_err(|error| format!("leaf: {error}")), Ok)
    }
}

/// The place that a leaf has in a case.
fn link_of(leaf: &ReadLeaf<'_>) -> Result<Option<Link>, String> {
    match (leaf.case, leaf.os) {
        (Some(instance), Some(sequence)) => Ok(Some(Link { instance, sequence, previous: leaf.op })),
        (None, None) => Ok(None),
        _ => Err("its leaf names a case without a place in it".to_owned()),
    }
}

/// Where a leaf says that it stands, and what it commits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Origin of its log.
    pub log: String,
    /// Index in the log.
    pub index: u64,
    /// When it was recorded.
    pub time: Time,
    /// What was asked.
    pub kind: String,
    /// The command.
    pub command: CommandId,
    /// The place in its case.
    pub link: Option<Link>,
    /// The definition in force.
    pub definition: Option<Hash>,
    /// The names of its payloads, in order, with their commitments.
    pub payloads: Vec<(String, Hash)>,
}

/// Reads a leaf as a stranger must: only in the strict form, with known members only, of this version.
///
/// # Errors
/// What is wrong with it. `index` is where it was found.
pub fn read_leaf(index: u64, leaf: &str) -> Result<Place, CodecError> {
    let broken = |what: String| CodecError { index, what };
    let leaf = match ReadLeaf::written(leaf) {
        Some(leaf) => leaf,
        None if is_strict_ascii(leaf.as_bytes()) => ReadLeaf::read(leaf).map_err(broken)?,
        None => return Err(broken("its leaf is not in the strict form".to_owned())),
    };
    if leaf.v != LEAF_VERSION {
        return Err(broken(format!("leaf version {} is not known to this program: use a newer one", leaf.v)));
    }
    let time = Time::spelled(&leaf.t);
    let time = time.ok_or_else(|| broken(format!("time {:?}", leaf.t)))?;
    let link = link_of(&leaf).map_err(broken)?;
    if leaf.pl.iter().any(|(_, media_type, _)| media_type != MEDIA_TYPE) {
        return Err(broken("it has a payload of another kind than any may be".to_owned()));
    }
    let payloads = leaf.pl.into_iter().map(|(name, _, commitment)| (name, commitment)).collect();
    let ReadLeaf { log, i: index, kind, cmd: command, def: definition, .. } = leaf;
    let (log, kind) = (log.into_owned(), kind.into_owned());
    Ok(Place { log, index, time, kind, command, link, definition, payloads })
}

/// Whether the payloads are those that the leaf commits; erased ones are left out.
///
/// # Errors
/// The first payload that differs.
pub fn check_commitments(sealed: &Sealed) -> Result<(), CodecError> {
    let broken = |what: String| CodecError { index: sealed.index, what };
    let leaf = ReadLeaf::read(&sealed.leaf).map_err(broken)?;
    if leaf.pl.len() != sealed.payloads.len() {
        return Err(broken("its leaf commits another number of payloads".to_owned()));
    }
    for (payload, (name, _, committed)) in sealed.payloads.iter().zip(&leaf.pl) {
        let same = payload.name == *name
            && payload.body.as_ref().is_none_or(|body| commitment(&payload.salt, body.as_bytes()) == *committed);
        if !same {
            return Err(broken(format!("payload {} is not what its leaf commits", payload.name)));
        }
    }
    Ok(())
}

/// The variable whose value lies in a payload of this name; [`HANDED_OVER`] where it is no variable's.
pub fn variable_of(payload: &str) -> &str {
    payload.rsplit_once('.').map_or(payload, |(name, _)| if name.is_empty() { payload } else { name })
}

/// The variables that an event list says were erased; none where it cannot be read.
pub fn erased(list: &str) -> BTreeSet<String> {
    let names = |event: &Map<String, Value>| {
        let names = event.get("names")?.as_array()?.iter().map(|name| name.as_str().map(str::to_owned));
        names.collect::<Option<Vec<String>>>()
    };
    events_of(list, &["values.erased"]).iter().filter_map(names).flatten().collect()
}

/// The checkpoints that an event list says the site log took in; none where it cannot be read.
pub fn taken(list: &str) -> Vec<LogSigned> {
    let checkpoints = |event: &Map<String, Value>| {
        event.get("checkpoints")?.as_array()?.iter().map(log_signed).collect::<Option<Vec<LogSigned>>>()
    };
    events_of(list, &["checkpoints.taken"]).iter().filter_map(checkpoints).flatten().collect()
}

/// The signed notes of changes of keys, and of new epochs as recovery officers have signed them, that an event list holds; none where it cannot be
/// read.
pub fn key_notes(list: &str) -> Vec<String> {
    let note = |event: &Map<String, Value>| event.get("note")?.as_str().map(str::to_owned);
    events_of(list, &KEY_NOTE_KINDS).iter().filter_map(note).collect()
}

/// The events of these names in an event list, as a stranger reads it who knows no other events: by the rules that leaves are read by, but for the order
/// of members. Lenient readers differ in what they make of a list that is written otherwise; so it says nothing.
fn events_of(list: &str, names: &[&str]) -> Vec<Map<String, Value>> {
    let limits = JsonLimits { max_bytes: BUNDLE_LINE_BYTES_MAX, max_depth: JSON_DEPTH_MAX, fractions: false };
    let Some(Value::Object(mut list)) = in_any_order(list, &limits) else { return Vec::new() };
    let Some(Value::Array(events)) = list.remove("events") else { return Vec::new() };
    let events = events.into_iter().filter_map(|event| match event {
        Value::Object(event) => Some(event),
        _ => None,
    });
    events.filter(|event| event.get("event").and_then(Value::as_str).is_some_and(|name| names.contains(&name))).collect()
}

/// A checkpoint as an event has it: just these members.
fn log_signed(value: &Value) -> Option<LogSigned> {
    let one = value.as_object().filter(|one| one.len() == 3)?;
    let log = one.get("log")?.as_str()?.to_owned();
    Some(LogSigned { log, size: one.get("size")?.as_u64()?, root: one.get("root")?.as_str()?.parse().ok()? })
}

/// Reads an entry back. An erased personal value reads as null.
///
/// # Errors
/// When the bytes are not of this format, or the event list is gone.
pub fn open(sealed: &Sealed) -> Result<Entry, CodecError> {
    let broken = |what: String| CodecError { index: sealed.index, what };
    let leaf = ReadLeaf::read(&sealed.leaf).map_err(broken)?;
    if leaf.v != LEAF_VERSION {
        return Err(broken(format!("leaf version {} is not known to this program: use a newer one", leaf.v)));
    }
    if leaf.i != sealed.index || leaf.cmd != sealed.command || leaf.pl.len() != sealed.payloads.len() {
        return Err(broken("its leaf and its row differ".to_owned()));
    }
    let list = sealed.payloads.first().filter(|payload| payload.name == EVENTS).and_then(|payload| payload.body.as_deref());
    let list = list.ok_or_else(|| broken("its event list is missing".to_owned()))?;
    let list: EventList<'_> = serde_json::from_str(list).map_err(|error| broken(format!("event list: {error}")))?;
    let mut events = list.events.into_owned();
    for (position, name, payload) in &list.personal {
        let body = sealed.payloads.iter().find(|p| p.name == *payload).and_then(|p| p.body.as_deref());
        let value = match body {
            Some(body) => serde_json::from_str(body).map_err(|error| broken(format!("payload {payload}: {error}")))?,
            None => Value::Null,
        };
        if let Some(values) = events.get_mut(*position).and_then(Event::values_mut) {
            values.insert(name.clone(), value);
        }
    }
    let link = link_of(&leaf).map_err(broken)?;
    let actor = if leaf.actor == "system" {
        Actor::System
    } else {
        Actor::Person(leaf.actor.parse().map_err(|error| broken(format!("actor: {error}")))?)
    };
    let time = Time::spelled(&leaf.t).or_else(|| Time::parse(&leaf.t)).ok_or_else(|| broken(format!("time {:?}", leaf.t)))?;
    Ok(Entry {
        index: leaf.i,
        kind: leaf.kind.into_owned(),
        origin: Origin { command: leaf.cmd, actor, time },
        via: leaf.via,
        link,
        definition: leaf.def,
        leaf_hash: leaf_hash(sealed.leaf.as_bytes()),
        events,
        handed_over: sealed.is_handed_over(),
    })
}

#[cfg(test)]
mod tests {
    use super::{ReadLeaf, is_strict_ascii};

    const LEAVES: [&str; 3] = [
        r#"{"actor":"p-1","case":"0123456789abcdef0123456789abcdef","cmd":"0123456789abcdef0123456789abcdef","def":"00000000000000000000000000000000000000000000000000000000000000aa","i":7,"kind":"instance.started","log":"a.example/unit/b/1","op":null,"os":1,"pl":[["events","application/json","00000000000000000000000000000000000000000000000000000000000000bb"]],"t":"2026-11-22T04:00:01.000000Z","v":1,"via":"post-1"}"#,
        r#"{"actor":"p-1","case":"0123456789abcdef0123456789abcdef","cmd":"fedcba9876543210fedcba9876543210","i":8,"kind":"task.completed","log":"a.example/unit/b/1","op":"00000000000000000000000000000000000000000000000000000000000000cc","os":2,"pl":[["events","application/json","00000000000000000000000000000000000000000000000000000000000000bb"],["name.0","application/json","00000000000000000000000000000000000000000000000000000000000000dd"]],"t":"2026-11-22T04:00:02.000000Z","v":1}"#,
        r#"{"actor":"system","cmd":"0123456789abcdef0123456789abcdef","i":0,"kind":"unit.put","log":"a.example/site/1","pl":[["events","application/json","00000000000000000000000000000000000000000000000000000000000000bb"]],"t":"2026-11-22T04:00:01.000000Z","v":1}"#,
    ];

    /// Pieces by which a leaf's bytes are replaced.
    const PIECES: [&str; 18] = [
        "",
        "0",
        "1",
        "9007199254740991",
        "9007199254740992",
        "a",
        "A",
        " ",
        "\"",
        "\\",
        "\\\"",
        "\\u0061",
        ",",
        "}",
        "]",
        "null",
        "é",
        "\t",
    ];

    /// What is read by its spelling is just what is read by the rules; of what is not, the rules decide.
    #[test]
    fn a_leaf_that_is_read_quickly_is_read_the_same() {
        let mut quick = 0;
        for leaf in LEAVES {
            assert!(ReadLeaf::written(leaf).is_some(), "{leaf}");
            for place in 0..leaf.len() {
                for (piece, gone) in PIECES.iter().flat_map(|piece| [(piece, 0), (piece, 1), (piece, 2)]) {
                    let changed = [&leaf[..place], piece, leaf.get(place + gone..).unwrap_or_default()].concat();
                    let Some(read) = ReadLeaf::written(&changed) else { continue };
                    quick += 1;
                    assert!(is_strict_ascii(changed.as_bytes()), "{changed}");
                    assert_eq!(serde_json::from_str::<ReadLeaf<'_>>(&changed).ok(), Some(read), "{changed}");
                }
            }
        }
        assert!(quick > 5_000, "{quick}");
    }
}
