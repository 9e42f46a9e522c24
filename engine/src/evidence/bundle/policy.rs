//! The policy: what a verifier knows from elsewhere, best from paper. Keys that are relied on, witnesses, and checkpoints that were seen outside.

use super::taken::epoch;
use crate::digest::{Hash, MAX_TREE_SIZE};
use crate::evidence::{Checkpoint, EvidenceError, Key, Note, WitnessKey, read_hash, read_number};
use crate::model::limits::POLICY_BYTES_MAX;
use crate::model::{Time, UnitId};

/// What is relied on.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Keys of installations, each under its host's name.
    pub keys: Vec<Key>,
    /// Keys of single logs, for some of their sizes. Where a log has any, the key of its host does not count for it.
    pub ranged: Vec<Ranged>,
    /// What was lost before restores that were declared.
    pub lost: Vec<Lost>,
    /// Checkpoints that somebody outside holds.
    pub seen: Vec<Outside>,
    /// Witnesses that are relied on; no two are one key pair.
    pub witnesses: Vec<WitnessKey>,
    /// How many of them must have cosigned every checkpoint.
    pub quorum: usize,
    /// Keys of officers without whom no later epoch of a log counts. In its first epoch a key that this has from size 0 on counts without them: of that
    /// one the paper is trusted. No two are one key pair.
    pub recovery: Vec<Key>,
    /// How many of them must have signed; 0 where there are none.
    pub recovery_quorum: usize,
}

/// A key of one log, under that log's name, and the sizes of the checkpoints that it may sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranged {
    /// The key.
    pub key: Key,
    /// The smallest size.
    pub from: u64,
    /// The greatest size.
    pub to: u64,
}

/// What a declared restore has lost: of the entries that were signed under a name, those from one index on and before another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// The log, by the name under which they were signed.
    pub name: String,
    /// So many entries are still there: what was signed up to this size holds.
    pub from: u64,
    /// So many entries were signed.
    pub to: u64,
}

/// A checkpoint that somebody outside holds: from a receipt's proof, a printed register, or a witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    /// The log, by its signed name.
    pub name: String,
    /// Its size then.
    pub size: u64,
    /// Its root then.
    pub root: Hash,
    /// When it was seen, where that is known.
    pub when: Option<When>,
}

/// When a checkpoint was seen outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// It was there by then; there may have been more: a time stamp, a cosignature, a date in a register.
    By(Time),
    /// It was there then, and nothing beyond it: somebody looked at the server itself.
    At(Time),
}

impl When {
    /// As a line of a policy has it.
    fn read(word: &str, text: &str) -> Option<Self> {
        let time = Time::parse(text).filter(|time| time.0 >= 0 && time.to_string() == text)?;
        match word {
            "by" => Some(Self::By(time)),
            "at" => Some(Self::At(time)),
            _ => None,
        }
    }
}

/// As a line of a policy has it.
impl std::fmt::Display for When {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::By(time) => write!(f, "by {time}"),
            Self::At(time) => write!(f, "at {time}"),
        }
    }
}

impl Policy {
    /// Reads a policy: a line `key <vkey>` for each key, with `from <size>` or `to <size>` behind it where it is one log's and holds for some
    /// of its sizes, `seen <log> <size> <root>` for each checkpoint, as its three lines have them, with
    /// `by <time>` or `at <time>` behind it where it is known when it was seen, `lost <log> <from> <to>` for each restore that was declared, `witness <vkey>` for each witness, and one line `quorum <n>` where they are to be relied on; `recovery <vkey>` for each
    /// recovery key, and one line `recovery-quorum <n>` with them. Empty lines and those that begin with `#`
    /// say nothing.
    ///
    /// # Errors
    /// `policy.malformed` or `key.malformed`, with the line.
    pub fn read(text: &str) -> Result<Self, EvidenceError> {
        let wrong = |what: String| EvidenceError::new("policy.malformed", format!("The policy is not well-formed: {what}."));
        if text.len() > POLICY_BYTES_MAX {
            return Err(wrong(format!("it has more than {POLICY_BYTES_MAX} bytes")));
        }
        let (mut policy, mut quorum, mut recovery_quorum) = (Self::default(), None, None);
        let of_line = |number: i32, error: EvidenceError| {
            EvidenceError::new(error.code, format!("Line {number} of the policy: {}", error.message))
        };
        for (line, number) in text.lines().zip(1..) {
            let words: Vec<&str> = line.split_ascii_whitespace().collect();
            match words[..] {
                [] => {}
                [word, ..] if word.starts_with('#') => {}
                ["key", key, ref sizes @ ..] => {
                    let key = Key::read(key).map_err(|error| of_line(number, error))?;
                    let (from, to) = range(sizes).ok_or_else(|| {
                        wrong(format!(
                            "line {number} has no sizes such as `from 120`, `to 120` or `from 0 to 120`, behind its key"
                        ))
                    })?;
                    if is_log(key.name()) {
                        policy.ranged.push(Ranged { key, from, to });
                    } else if sizes.is_empty() {
                        policy.keys.push(key);
                    } else {
                        let what =
                            "has sizes behind the key of an office: sizes are of one log, by the key under that log's name";
                        return Err(wrong(format!("line {number} {what}")));
                    }
                }
                ["lost", name, from, to] => {
                    let read = read_number(from).zip(read_number(to)).filter(|(from, to)| from <= to && is_log(name));
                    let (from, to) = read.ok_or_else(|| {
                        wrong(format!(
                            "line {number} does not say of a log, such as office.example/site/1, from which entry up to which"
                        ))
                    })?;
                    if policy.lost.iter().any(|lost| lost.name == name) {
                        return Err(wrong(format!("line {number} says a second time what {name} has lost")));
                    }
                    policy.lost.push(Lost { name: name.to_owned(), from, to });
                }
                ["witness", key] => {
                    let key = WitnessKey::read(key).map_err(|error| of_line(number, error))?;
                    if policy.witnesses.iter().any(|other| other.is_also(&key)) {
                        return Err(wrong(format!("line {number} names the key of a witness a second time")));
                    }
                    policy.witnesses.push(key);
                }
                ["recovery", key] => {
                    let key = Key::read(key).map_err(|error| of_line(number, error))?;
                    if policy.recovery.iter().any(|other| other.is_also(&key)) {
                        return Err(wrong(format!("line {number} names a recovery key a second time")));
                    }
                    policy.recovery.push(key);
                }
                [word @ ("quorum" | "recovery-quorum"), count] => {
                    let count = read_number(count).filter(|count| *count > 0).and_then(|count| usize::try_from(count).ok());
                    let count = count.ok_or_else(|| wrong(format!("line {number} has no number of keys, from 1")))?;
                    let known = if word == "quorum" { &mut quorum } else { &mut recovery_quorum };
                    if known.replace(count).is_some() {
                        return Err(wrong(format!("line {number} is a second `{word}`")));
                    }
                }
                ["seen", name, size, root, ref when @ ..] => {
                    let read = read_number(size).zip(read_hash(root));
                    let (size, root) = read.ok_or_else(|| wrong(format!("line {number} has no size, or no root in base64")))?;
                    let untimed = || {
                        wrong(format!("line {number} has no time such as `by 2026-11-27T15:30:00.000000Z`, or `at` in its place"))
                    };
                    let when = match *when {
                        [] => None,
                        [word, time] => Some(When::read(word, time).ok_or_else(untimed)?),
                        _ => return Err(untimed()),
                    };
                    policy.seen.push(Outside { name: name.to_owned(), size, root, when });
                }
                _ => {
                    let known = "`key <vkey>`, `seen <log> <size> <root>`, `lost <log> <from> <to>`, `witness <vkey>`, `quorum <n>`, \
                                 `recovery <vkey>` or `recovery-quorum <n>`";
                    return Err(wrong(format!("line {number} is none of {known}")));
                }
            }
        }
        if policy.keys.is_empty() && policy.ranged.is_empty() {
            return Err(wrong("it names no key, so that nothing could be relied on".to_owned()));
        }
        policy.quorum = quorum.unwrap_or(0);
        if policy.quorum > policy.witnesses.len() {
            return Err(wrong(format!("it wants {} witnesses and names {}", policy.quorum, policy.witnesses.len())));
        }
        policy.recovery_quorum = recovery_quorum.unwrap_or(0);
        if policy.recovery_quorum > policy.recovery.len() || policy.recovery.is_empty() != (policy.recovery_quorum == 0) {
            return Err(wrong(format!(
                "it wants {} recovery keys and names {}: where there are any, one line `recovery-quorum <n>` says how many are to sign",
                policy.recovery_quorum,
                policy.recovery.len()
            )));
        }
        if let Some(own) = policy.recovery.iter().find(|one| policy.all_keys().any(|key| one.is_also(key))) {
            return Err(wrong(format!("the recovery key {} is the key of an office that it lists", own.name())));
        }
        // Whoever signs a log is no witness to it.
        if let Some(own) = policy.witnesses.iter().find(|witness| policy.all_keys().any(|key| witness.is_of_log(key))) {
            return Err(wrong(format!("the witness {} has the key of an office that it lists", own.name())));
        }
        Ok(policy)
    }

    /// All keys of offices and of their logs.
    pub fn all_keys(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter().chain(self.ranged.iter().map(|ranged| &ranged.key))
    }

    /// The keys that may sign checkpoints of a log: its own, or its host's for all sizes.
    pub(super) fn of_log(&self, host: &str, log: &str) -> Vec<Ranged> {
        let own: Vec<Ranged> = self.ranged.iter().filter(|one| one.key.name() == log).cloned().collect();
        if !own.is_empty() {
            return own;
        }
        let key = self.keys.iter().find(|key| key.name() == host);
        key.map(|key| Ranged { key: key.named(log), from: 0, to: MAX_TREE_SIZE }).into_iter().collect()
    }

    /// The checkpoint of a log, signed by a key that may sign it at its size.
    ///
    /// # Errors
    /// `policy.no-key` when no key of the log is known, `key.retired` when one has signed beyond its last size, `key.early` when one has before
    /// its first; and as [`Checkpoint::open`].
    pub fn open(&self, host: &str, log: &str, note: &Note) -> Result<Checkpoint, EvidenceError> {
        let own: Vec<&Ranged> = self.ranged.iter().filter(|ranged| ranged.key.name() == log).collect();
        if own.is_empty() {
            let key = self.keys.iter().find(|key| key.name() == host).ok_or_else(|| {
                let message = format!("the policy has no key of {host}, so that nothing could be relied on");
                EvidenceError::new("policy.no-key", message)
            })?;
            return Checkpoint::open(note, &key.named(log));
        }
        let size = Checkpoint::read(&note.text)?.size;
        let keys: Vec<Key> = own.iter().filter(|one| one.from <= size && size <= one.to).map(|one| one.key.clone()).collect();
        match note.verify(&keys) {
            Ok(signed) => Checkpoint::open(note, signed[0]),
            Err(error) if error.code == "note.no-key" => {
                let other = own.iter().find(|one| note.verify(std::slice::from_ref(&one.key)).is_ok());
                Err(other.map_or(error, |other| out_of_force(other, size)))
            }
            Err(error) => Err(error),
        }
    }
}

/// Whoever has a key that is in force no longer, or not yet, can sign with it still.
fn out_of_force(Ranged { key, from, to }: &Ranged, size: u64) -> EvidenceError {
    let (code, what) = if size > *to {
        ("key.retired", format!("was in force up to size {to}, and was given up then"))
    } else {
        ("key.early", format!("is in force from size {from} on, and was not before"))
    };
    let message = format!(
        "The checkpoint of size {size} is signed by a key that {what}: {key}. Rely on nothing of it, and ask for one that is signed by the key of its size."
    );
    EvidenceError::new(code, message)
}

/// The sizes of the words behind a key.
fn range(words: &[&str]) -> Option<(u64, u64)> {
    let (from, to) = match *words {
        [] => (0, MAX_TREE_SIZE),
        ["from", from] => (read_number(from)?, MAX_TREE_SIZE),
        ["to", to] => (0, read_number(to)?),
        ["from", from, "to", to] => (read_number(from)?, read_number(to)?),
        _ => return None,
    };
    (from <= to).then_some((from, to))
}

/// Whether this is the signed name of a log.
fn is_log(name: &str) -> bool {
    let is_unit = |log: &str| {
        let (host, unit) = log.rsplit_once('/')?;
        Some(host.strip_suffix("/unit").is_some_and(|host| !host.is_empty()) && unit.parse::<UnitId>().is_ok())
    };
    let is_site = |log: &str| log.strip_suffix("/site").is_some_and(|host| !host.is_empty());
    epoch(name).is_some_and(|(log, _)| is_site(log) || is_unit(log) == Some(true))
}
