//! Anchors: the newest checkpoints of all logs of an installation as one text. Its SHA-256 is what a numbered bound register, a notice board
//! or a time-stamping authority keeps: one line a day holds every log.

use super::bundle::When;
use super::note::DASH;
use super::{Checkpoint, EvidenceError, Key, Note, WitnessKey, hash_text};
use crate::digest::Hash;
use crate::model::Time;
use crate::model::limits::ANCHOR_BYTES_MAX;

/// The checkpoints, in the order of their origins (bytes), each log under each of its names once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor(Vec<(Checkpoint, Note)>);

fn malformed(what: impl std::fmt::Display) -> EvidenceError {
    EvidenceError::new("anchor.malformed", format!("The anchor is not well-formed: {what}."))
}

impl Anchor {
    /// The anchor of these checkpoints, each of which one of the installation's keys has signed: those that it has had, each under the host's name.
    ///
    /// # Errors
    /// `anchor.malformed` when there is none, or two of one name, or one of another host; or as the checkpoint has it.
    pub fn new(notes: impl IntoIterator<Item = Note>, keys: &[Key]) -> Result<Self, EvidenceError> {
        let host = keys.first().map(Key::name).unwrap_or_default();
        if keys.iter().any(|key| key.name() != host) {
            return Err(malformed("its keys are not of one host"));
        }
        let mut held = Vec::new();
        for note in notes {
            let origin = note.text.lines().next().unwrap_or_default();
            if !origin.strip_prefix(host).is_some_and(|rest| rest.starts_with('/')) {
                return Err(malformed(format_args!("{origin:?} is no log of {host}")));
            }
            let keys: Vec<Key> = keys.iter().map(|key| key.named(origin)).collect();
            let checkpoint = Checkpoint::open(&note, note.verify(&keys)?[0])?;
            held.push((checkpoint, note));
        }
        held.sort_by(|(one, _), (other, _)| one.origin.cmp(&other.origin));
        if held.is_empty() {
            return Err(malformed("there is no checkpoint"));
        }
        if let Some((twice, _)) = held.windows(2).find(|pair| pair[0].0.origin == pair[1].0.origin).map(|pair| &pair[0]) {
            return Err(malformed(format_args!("{} is there twice", twice.origin)));
        }
        let anchor = Self(held);
        if anchor.to_string().len() > ANCHOR_BYTES_MAX {
            return Err(malformed(format_args!("it has more than {ANCHOR_BYTES_MAX} bytes")));
        }
        Ok(anchor)
    }

    /// Reads the text of an anchor. It has one spelling: whatever is read is written the same again.
    ///
    /// # Errors
    /// As [`Anchor::new`], and `anchor.malformed` or `note.malformed` for what is no row of notes.
    pub fn read(bytes: &[u8], keys: &[Key]) -> Result<Self, EvidenceError> {
        if bytes.len() > ANCHOR_BYTES_MAX {
            return Err(malformed(format_args!("it has more than {ANCHOR_BYTES_MAX} bytes")));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| malformed("it is not UTF-8"))?;
        let anchor = Self::new(read_notes(text)?, keys)?;
        if anchor.to_string() != text {
            return Err(malformed("its checkpoints are not in order, or not written as they must be"));
        }
        Ok(anchor)
    }

    /// What the register keeps: the SHA-256 of the whole text.
    pub fn hash(&self) -> Hash {
        Hash::of(self.to_string().as_bytes())
    }

    /// What it holds.
    pub fn checkpoints(&self) -> impl ExactSizeIterator<Item = &Checkpoint> {
        self.0.iter().map(|(checkpoint, _)| checkpoint)
    }

    /// The lines by which a verifier's policy takes in what is held. With the time of a stamp upon the text all of it was there by then; so
    /// was what one of the witnesses has cosigned: it does not say that there was no more.
    ///
    /// # Errors
    /// `note.signature` when a line says that it is by one of these witnesses and is not.
    pub fn policy(&self, stamped: Option<Time>, witnesses: &[WitnessKey]) -> Result<String, EvidenceError> {
        let mut lines = Vec::new();
        for (Checkpoint { origin, size, root, .. }, note) in &self.0 {
            let seen = format!("seen {origin} {size} {}", hash_text(root));
            let mut times: Vec<When> = stamped.map(When::By).into_iter().collect();
            for witness in witnesses {
                times.extend(witness.time(note)?.map(When::By));
            }
            lines.extend(times.iter().map(|when| format!("{seen} {when}\n")));
            lines.extend(times.is_empty().then(|| format!("{seen}\n")));
        }
        Ok(lines.concat())
    }
}

/// Notes, one directly after another.
///
/// # Errors
/// As [`Note::read`].
pub fn read_notes(text: &str) -> Result<Vec<Note>, EvidenceError> {
    let mut notes = Vec::new();
    // A note ends with its signatures, so the next begins with the first line after one that is none.
    let (mut from, mut at, mut signed) = (0, 0, false);
    for line in text.split_inclusive('\n') {
        let signature = line.starts_with(DASH);
        if signed && !signature {
            notes.push(Note::read(&text.as_bytes()[from..at])?);
            from = at;
        }
        signed = signature;
        at += line.len();
    }
    notes.push(Note::read(&text.as_bytes()[from..])?);
    Ok(notes)
}

/// The text: note after note.
impl std::fmt::Display for Anchor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|(_, note)| write!(f, "{note}"))
    }
}
