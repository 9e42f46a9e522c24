//! The policy: what a verifier knows from elsewhere, best from paper. Keys that are relied on, witnesses, and checkpoints that were seen outside.

use crate::digest::Hash;
use crate::evidence::{EvidenceError, Key, WitnessKey, read_hash, read_number};
use crate::model::Time;
use crate::model::limits::POLICY_BYTES_MAX;

/// What is relied on.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Keys of installations, each under its host's name.
    pub keys: Vec<Key>,
    /// Checkpoints that somebody outside holds.
    pub seen: Vec<Outside>,
    /// Witnesses that are relied on; no two are one key pair.
    pub witnesses: Vec<WitnessKey>,
    /// How many of them must have cosigned every checkpoint.
    pub quorum: usize,
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
    /// Reads a policy: a line `key <vkey>` for each key, `seen <log> <size> <root>` for each checkpoint, as its three lines have them, with
    /// `by <time>` or `at <time>` behind it where it is known when it was seen, `witness <vkey>` for each witness, and one line `quorum <n>` where they are to be relied on. Empty lines and those that begin with `#`
    /// say nothing.
    ///
    /// # Errors
    /// `policy.malformed` or `key.malformed`, with the line.
    pub fn read(text: &str) -> Result<Self, EvidenceError> {
        let wrong = |what: String| EvidenceError::new("policy.malformed", format!("The policy is not well-formed: {what}."));
        if text.len() > POLICY_BYTES_MAX {
            return Err(wrong(format!("it has more than {POLICY_BYTES_MAX} bytes")));
        }
        let (mut policy, mut quorum) = (Self::default(), None);
        let of_line = |number: i32, error: EvidenceError| {
            EvidenceError::new(error.code, format!("Line {number} of the policy: {}", error.message))
        };
        for (line, number) in text.lines().zip(1..) {
            let words: Vec<&str> = line.split_ascii_whitespace().collect();
            match words[..] {
                [] => {}
                [word, ..] if word.starts_with('#') => {}
                ["key", key] => policy.keys.push(Key::read(key).map_err(|error| of_line(number, error))?),
                ["witness", key] => {
                    let key = WitnessKey::read(key).map_err(|error| of_line(number, error))?;
                    if policy.witnesses.iter().any(|other| other.is_also(&key)) {
                        return Err(wrong(format!("line {number} names the key of a witness a second time")));
                    }
                    policy.witnesses.push(key);
                }
                ["quorum", count] => {
                    let count = read_number(count).filter(|count| *count > 0).and_then(|count| usize::try_from(count).ok());
                    let count = count.ok_or_else(|| wrong(format!("line {number} has no number of witnesses, from 1")))?;
                    if quorum.replace(count).is_some() {
                        return Err(wrong(format!("line {number} is a second `quorum`")));
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
                    let known = "`key <vkey>`, `seen <log> <size> <root>`, `witness <vkey>` or `quorum <n>`";
                    return Err(wrong(format!("line {number} is none of {known}")));
                }
            }
        }
        if policy.keys.is_empty() {
            return Err(wrong("it names no key, so that nothing could be relied on".to_owned()));
        }
        policy.quorum = quorum.unwrap_or(0);
        if policy.quorum > policy.witnesses.len() {
            return Err(wrong(format!("it wants {} witnesses and names {}", policy.quorum, policy.witnesses.len())));
        }
        // Whoever signs a log is no witness to it.
        if let Some(own) = policy.witnesses.iter().find(|witness| policy.keys.iter().any(|key| witness.is_of_log(key))) {
            return Err(wrong(format!("the witness {} has the key of an office that it lists", own.name())));
        }
        Ok(policy)
    }
}
