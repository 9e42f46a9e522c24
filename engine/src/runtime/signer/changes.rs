//! What the signer says of the life of its key, in signed notes for whoever takes it into the site log; and the recovery keys, whose officers sign
//! the declarations of new epochs too.

use std::collections::BTreeSet;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::files::{CHANGES, POLICY};
use super::gap::names;
use super::keys::{Begun, Why};
use super::{Signer, SignerError, State, VERSION, after};
use crate::digest::Hash;
use crate::evidence::bundle::Policy;
use crate::evidence::change::{open, read, text};
use crate::evidence::{Key, Note, PrivateKey};
use crate::journal::event::{EpochDeclared, KeyChange, KeyRotated, LogEnded, LogSigned, RecoveryDeclared};
use crate::model::Time;
use crate::model::limits::{EPOCH_REASON_MAX, GAP_LOGS_MAX, POLICY_BYTES_MAX, RECOVERY_KEYS_MAX};
use crate::runtime::folder::{failed, note};

/// The recovery keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Recovery {
    /// The public keys.
    pub(super) keys: Vec<String>,
    /// How many are to sign.
    pub(super) quorum: u32,
}

impl Recovery {
    /// Those of a policy, if it names any.
    pub(super) fn of(policy: &Policy) -> Option<Self> {
        let quorum = u32::try_from(policy.recovery_quorum).ok().filter(|quorum| *quorum > 0)?;
        Some(Self { keys: policy.recovery.iter().map(Key::to_string).collect(), quorum })
    }

    /// As lines of a policy.
    pub(super) fn lines(&self) -> String {
        let keys: Vec<String> = self.keys.iter().map(|key| format!("recovery {key}\n")).collect();
        let keys = keys.concat();
        format!("{keys}recovery-quorum {}\n", self.quorum)
    }
}

/// A reason as one line, so that no text of it is taken for another.
pub(super) fn one_line(reason: &str) -> String {
    reason.chars().map(|c| if c.is_control() { ' ' } else { c }).take(EPOCH_REASON_MAX).collect()
}

/// The note that a key signs under the host's name.
fn signed(key: &PrivateKey, change: &KeyChange) -> Result<Note, SignerError> {
    let host = key.key().name().to_owned();
    // Only what officers state has no text, and the signer does not say that.
    Ok(key.sign(&host, &text(change, &host).unwrap_or_default())?)
}

/// What is said of a key that was changed by plan, by both.
pub(super) fn rotated(
    old: &PrivateKey,
    new: &PrivateKey,
    mut logs: Vec<LogSigned>,
    time: Time,
) -> Result<Vec<String>, SignerError> {
    logs.sort_by(|one, other| one.log.cmp(&other.log));
    let notes = logs.chunks(GAP_LOGS_MAX).map(|logs| {
        let (was, is, logs) = (old.key().to_string(), new.key().to_string(), logs.to_vec());
        let change = KeyChange::Rotated(KeyRotated { time, old: was, new: is, logs, note: String::new() });
        let mut note = signed(old, &change)?;
        note.signatures.extend(signed(new, &change)?.signatures);
        Ok(note.to_string())
    });
    notes.collect()
}

/// What is said of logs that begin new epochs, by the key that signs from now on.
pub(super) fn declared<'b>(
    key: &PrivateKey,
    begun: impl Iterator<Item = &'b Begun>,
    why: &Why<'_>,
) -> Result<Vec<String>, SignerError> {
    let ended = begun.map(|begun| {
        let LogSigned { log, size, root } = begun.ended.last.clone();
        LogEnded { next: after(&log), log, size, root }
    });
    let mut logs: Vec<LogEnded> = ended.collect();
    logs.sort_by(|one, other| one.log.cmp(&other.log));
    let notes = logs.chunks(GAP_LOGS_MAX).map(|logs| {
        let (reason, logs) = (one_line(why.reason), logs.to_vec());
        let declared = EpochDeclared { time: why.now, why: why.what, reason, key: key.key().to_string(), logs };
        Ok(signed(key, &KeyChange::Declared(declared))?.to_string())
    });
    notes.collect()
}

impl Signer {
    /// Declares the recovery keys: once, for from then on a verifier counts on them.
    ///
    /// # Errors
    /// `signer.recovery-known` when there are some, `policy.malformed` when they cannot be relied on so; and when the folder cannot be written.
    pub fn declare_recovery(&mut self, keys: &[Key], quorum: u32, time: Time) -> Result<(), SignerError> {
        if self.state.recovery.is_some() {
            return Err(SignerError::RecoveryKnown);
        }
        if keys.len() > RECOVERY_KEYS_MAX {
            return Err(SignerError::RecoveryMany);
        }
        let keys: Vec<String> = keys.iter().map(Key::to_string).collect();
        let recovery = Recovery { keys: keys.clone(), quorum };
        let next = State { v: VERSION, recovery: Some(recovery), ..self.state.clone() };
        Policy::read(&super::keys::policy(&self.key.key(), &next)?)?;
        let change = KeyChange::Recovery(RecoveryDeclared { time, quorum, keys });
        self.show_changes()?;
        self.remember(State { changes: vec![signed(&self.key, &change)?.to_string()], ..next })?;
        self.show_changes()?;
        self.show_policy()
    }

    /// Shows what recovery officers have signed beside the signer's own line, where enough of them have; says how many.
    ///
    /// # Errors
    /// `signer.no-statement` when it is no declaration that this signer shows, or too few of its officers have signed it.
    pub fn recovered(&self, stated: &Note) -> Result<usize, SignerError> {
        let refuse = |what: &str| Err(SignerError::NoStatement(what.to_owned()));
        let Some(recovery) = &self.state.recovery else { return refuse("this installation has declared no recovery keys") };
        let Ok(KeyChange::Declared(_)) = read(&stated.text) else { return refuse("it declares no new epoch") };
        let name = name(&stated.text);
        let shown = self.files.published(CHANGES, &name)?.map(|bytes| Note::read(&bytes)).transpose()?;
        let Some(mut shown) = shown.filter(|shown| shown.text == stated.text) else {
            return refuse("this signer shows no such declaration; it must be as it was shown, to the last character");
        };
        let mut officers = 0;
        for key in &recovery.keys {
            let key = Key::read(key)?;
            if stated.verify(std::slice::from_ref(&key)).is_ok() {
                officers += 1;
                let lines = stated.signatures.iter().filter(|line| key.is_of(line) && !shown.signatures.contains(line));
                let lines: Vec<_> = lines.take(1).cloned().collect();
                shown.signatures.extend(lines);
            }
        }
        if officers < usize::try_from(recovery.quorum).unwrap_or(usize::MAX) {
            return refuse(&format!("{officers} of the {} recovery officers that are wanted have signed it", recovery.quorum));
        }
        // Whoever signed the lines may have written more of them than a note has room for, and nobody could read it then.
        let whole = shown.to_string();
        if Note::read(whole.as_bytes()).ok().as_ref() != Some(&shown) {
            return refuse("with the lines of its officers it is no note that anybody could read");
        }
        self.files.publish(CHANGES, &name, &whole)?;
        Ok(officers)
    }

    /// Where what was said last of the key is shown, below [`super::PUBLISHED`].
    pub fn changes(&self) -> Vec<String> {
        let notes = self.state.changes.iter().filter_map(|text| Note::read(text.as_bytes()).ok());
        notes.map(|note| format!("{CHANGES}/{}", name(&note.text))).collect()
    }

    /// Lets others see what was said last of the key. What is shown already may have the lines of recovery officers, which are not remembered.
    pub(super) fn show_changes(&self) -> Result<(), SignerError> {
        for text in &self.state.changes {
            let name = name(&Note::read(text.as_bytes())?.text);
            if self.files.published(CHANGES, &name)?.is_none() {
                self.files.publish(CHANGES, &name, text)?;
            }
        }
        Ok(())
    }
}

/// The name under which a text is shown: when it was said, and some digits of its hash, so that none takes another's place.
fn name(text: &str) -> String {
    let time = text.lines().nth(2).and_then(Time::parse).map_or(0, |time| time.0);
    format!("{time}-{}", &Hash::of(text.as_bytes()).to_string()[..16])
}

/// What is said of a key in one file, or why it does not count.
pub type Said = Result<Vec<KeyChange>, SignerError>;

/// What is said of the key below a folder of [`super::PUBLISHED`], the oldest first, by the hash of its file: without what is known already.
///
/// # Errors
/// When the folder cannot be read. Of a file that cannot be, that is said in its place, under the hash of its name.
pub fn changes(folder: &Path, known: &BTreeSet<Hash>) -> Result<Vec<(Hash, Said)>, SignerError> {
    let place = folder.join(CHANGES);
    let mut new = Vec::new();
    for name in names(&place)? {
        let read = note(&place.join(&name)).map(Option::unwrap_or_default);
        let hash = Hash::of(read.as_deref().unwrap_or(name.as_bytes()));
        if !known.contains(&hash) {
            new.push((hash, read));
        }
    }
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let (keys, path) = (super::keys(folder)?, folder.join(POLICY));
    let policy = match crate::runtime::folder::bounded(&path, POLICY_BYTES_MAX)? {
        Some(bytes) => Policy::read(&String::from_utf8(bytes).map_err(|error| failed(&path)(std::io::Error::other(error)))?)?,
        None => Policy::default(),
    };
    let said = |bytes: &[u8]| Ok(open(&Note::read(bytes)?, &keys, &policy)?);
    Ok(new.into_iter().map(|(hash, read)| (hash, read.map_err(SignerError::from).and_then(|bytes| said(&bytes)))).collect())
}
