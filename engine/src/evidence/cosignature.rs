//! Cosignatures of witnesses (C2SP tlog-cosignature): at this time, this was the longest consistent tree that the witness had seen of the log.

use super::note::COSIGNATURE;
use super::{EvidenceError, Key, Note, PrivateKey, Signature};
use crate::model::Time;

/// Seconds since 1970 are below this; it is in the seventh millennium.
const SECONDS_END: u64 = 1 << 37;
/// Seconds by which the clocks of a witness and of whoever asks it may differ, and the answer be late.
const ASKED_SECONDS: i64 = 300;

/// A witness's public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessKey(Key);

/// A witness's private key.
#[derive(Debug)]
pub struct PrivateWitnessKey(PrivateKey);

/// A cosignature of a text that was just asked for, and that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosignature {
    text: String,
    line: Signature,
    time: Time,
}

/// What is signed: the time, and the text of the checkpoint.
fn message(seconds: u64, text: &str) -> Vec<u8> {
    format!("cosignature/v1\ntime {seconds}\n{text}").into_bytes()
}

impl WitnessKey {
    /// Reads the text of a witness's public key.
    ///
    /// # Errors
    /// `key.malformed`.
    pub fn read(text: &str) -> Result<Self, EvidenceError> {
        Ok(Self(Key::read_as(COSIGNATURE, text)?))
    }

    /// The witness's name.
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// Whether the two are one key pair: what is signed does not tell the name, so that one key under two names is one witness.
    pub fn is_also(&self, other: &Self) -> bool {
        self.0.is_also(&other.0)
    }

    /// Whether an installation signs its logs with this key pair: that is no witness to them.
    pub fn is_of_log(&self, key: &Key) -> bool {
        self.0.is_also(key)
    }

    /// When this witness cosigned the note, if it did; of several times the first.
    ///
    /// # Errors
    /// `note.signature` when a line says that it is by this witness and is not.
    pub fn time(&self, note: &Note) -> Result<Option<Time>, EvidenceError> {
        let mut first: Option<Time> = None;
        for line in note.signatures.iter().filter(|line| self.0.is_of(line)) {
            let time = self.time_of(&note.text, line)?;
            first = Some(first.map_or(time, |first| first.min(time)));
        }
        Ok(first)
    }

    fn time_of(&self, text: &str, line: &Signature) -> Result<Time, EvidenceError> {
        let signed = line.bytes.split_first_chunk::<8>().and_then(|(seconds, signature)| {
            let seconds = u64::from_be_bytes(*seconds);
            let fits = seconds < SECONDS_END && self.0.has_signed(&message(seconds, text), signature);
            fits.then(|| Time(i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000_000)))
        });
        signed.ok_or_else(|| {
            let message = format!("The cosignature by {} does not belong to this text: one of the two was changed.", self.name());
            EvidenceError::new("note.signature", message)
        })
    }

    /// Takes the answer of this witness, which was asked for its cosignature of the note just now. Lines by other keys say nothing.
    ///
    /// # Errors
    /// `witness.answer` when none is by this witness, `witness.time` when it tells another time than now; or as the note has it.
    pub fn accept(&self, note: &Note, answer: &[u8], now: Time) -> Result<Cosignature, EvidenceError> {
        let answered = Note::read(&[note.text.as_bytes(), b"\n", answer].concat())?;
        let Some(line) = answered.signatures.into_iter().find(|line| self.0.is_of(line)) else {
            let message =
                format!("There is no cosignature by {} in the answer: it is another witness, or has another key.", self.name());
            return Err(EvidenceError::new("witness.answer", message));
        };
        let time = self.time_of(&note.text, &line)?;
        if time < now.plus_seconds(-ASKED_SECONDS) || time > now.plus_seconds(ASKED_SECONDS) {
            let message = format!("{} cosigned at {time}, and it is {now} here: one of the two clocks is wrong.", self.name());
            return Err(EvidenceError::new("witness.time", message));
        }
        Ok(Cosignature { text: note.text.clone(), line, time })
    }
}

/// The key's text, as [`WitnessKey::read`] takes it.
impl std::fmt::Display for WitnessKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl PrivateWitnessKey {
    /// A key made of 32 bytes of chance.
    ///
    /// # Errors
    /// `key.malformed` when the name cannot be a key's.
    pub fn new(name: &str, seed: &[u8; 32]) -> Result<Self, EvidenceError> {
        Ok(Self(PrivateKey::new_as(COSIGNATURE, name, seed)?))
    }

    /// Reads the text of a witness's private key.
    ///
    /// # Errors
    /// `key.malformed`.
    pub fn read(text: &str) -> Result<Self, EvidenceError> {
        Ok(Self(PrivateKey::read_as(COSIGNATURE, text)?))
    }

    /// The text of the private key, for the key file alone.
    pub fn secret(&self) -> String {
        self.0.secret()
    }

    /// The public key.
    pub fn key(&self) -> WitnessKey {
        WitnessKey(self.0.key())
    }

    /// Cosigns the text of a checkpoint, by whole seconds.
    pub fn cosign(&self, text: &str, now: Time) -> Signature {
        let seconds = u64::try_from(now.0.div_euclid(1_000_000)).unwrap_or(0);
        self.0.signature(self.0.key().name(), &seconds.to_be_bytes(), &message(seconds, text))
    }
}

impl Cosignature {
    /// The text that was cosigned.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// When it was.
    pub fn time(&self) -> Time {
        self.time
    }

    /// Adds the line to a note of the same text, in the place of an older one by the same key.
    pub fn join(&self, note: &mut Note) {
        debug_assert_eq!(note.text, self.text, "a cosignature is of its own text");
        note.signatures.retain(|line| (&line.name, line.id) != (&self.line.name, self.line.id));
        note.signatures.push(self.line.clone());
    }
}
