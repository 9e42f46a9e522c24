//! Signed notes (C2SP signed-note): a text, and signatures by named Ed25519 keys.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};

use super::EvidenceError;
use crate::digest::{Hash, hex};
use crate::model::limits::{NOTE_BYTES_MAX, NOTE_SIGNATURES_MAX};

/// The signature type of Ed25519 keys that sign the text, as logs do.
const ED25519: u8 = 0x01;
/// That of Ed25519 keys that sign the text with a time, as witnesses do.
pub(super) const COSIGNATURE: u8 = 0x04;
/// What a signature line begins with: an em dash and a space.
pub(super) const DASH: &str = "\u{2014} ";
/// What the text of a private key begins with.
const PRIVATE: &str = "PRIVATE+KEY+";

/// A note as read: its form is right, its signatures are not checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What is signed, its last line feed included.
    pub text: String,
    /// The signature lines, in order; there is at least one.
    pub signatures: Vec<Signature>,
}

/// One signature line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Name of the key.
    pub name: String,
    /// First four bytes of the key's id.
    pub id: [u8; 4],
    /// The signature proper; of an unknown key, any bytes.
    pub bytes: Vec<u8>,
}

/// A public key with its name, as a policy lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    name: String,
    kind: u8,
    id: [u8; 4],
    public: VerifyingKey,
}

/// A private key with its name. One key signs for many logs, each under the log's own name.
pub struct PrivateKey {
    name: String,
    kind: u8,
    key: SigningKey,
}

impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PrivateKey").field("name", &self.name).finish_non_exhaustive()
    }
}

fn malformed(what: impl Into<String>) -> EvidenceError {
    EvidenceError::new("note.malformed", what)
}

impl Note {
    /// Reads a note.
    ///
    /// # Errors
    /// `note.too-large` or `note.malformed`.
    pub fn read(bytes: &[u8]) -> Result<Self, EvidenceError> {
        if bytes.len() > NOTE_BYTES_MAX {
            let message = format!("The note has {} bytes; no more than {NOTE_BYTES_MAX} are read.", bytes.len());
            return Err(EvidenceError::new("note.too-large", message));
        }
        let whole = std::str::from_utf8(bytes).map_err(|_| malformed("The note is not UTF-8."))?;
        if let Some(place) = whole.bytes().position(|byte| byte < b' ' && byte != b'\n') {
            return Err(malformed(format!("The note has a control character at byte {place}.")));
        }
        let blank = whole.rfind("\n\n").ok_or_else(|| malformed("The note has no blank line between text and signatures."))?;
        let (text, rest) = (&whole[..=blank], &whole[blank + 2..]);
        let lines = rest.strip_suffix('\n').ok_or_else(|| malformed("The note does not end with a line feed."))?;
        let mut signatures = Vec::new();
        for line in lines.split('\n') {
            if signatures.len() == NOTE_SIGNATURES_MAX {
                let message = format!("The note has more than {NOTE_SIGNATURES_MAX} signatures.");
                return Err(EvidenceError::new("note.too-large", message));
            }
            signatures.push(read_signature(line)?);
        }
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// The keys of those given that have signed, each once. Signatures by other keys say nothing.
    ///
    /// # Errors
    /// `note.signature` when one of the given keys did not sign this text although a line says so, `note.no-key` when none of them has.
    pub fn verify<'k>(&self, keys: &'k [Key]) -> Result<Vec<&'k Key>, EvidenceError> {
        let mut signed: Vec<&Key> = Vec::new();
        for (place, signature) in self.signatures.iter().enumerate() {
            // A line that stands there again says what it said before.
            if self.signatures[..place].contains(signature) {
                continue;
            }
            for key in keys.iter().filter(|key| key.is_of(signature)) {
                if !key.has_signed(self.text.as_bytes(), &signature.bytes) {
                    let message =
                        format!("The signature by {} does not belong to this text: one of the two was changed.", key.name);
                    return Err(EvidenceError::new("note.signature", message));
                }
                if !signed.contains(&key) {
                    signed.push(key);
                }
            }
        }
        if signed.is_empty() {
            let names: Vec<&str> = self.signatures.iter().map(|signature| signature.name.as_str()).take(5).collect();
            let message = format!("No key that is trusted here has signed the note; it names {}.", names.join(", "));
            return Err(EvidenceError::new("note.no-key", message));
        }
        Ok(signed)
    }
}

/// The note with all its lines.
impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| write!(f, "{signature}"))
    }
}

/// The line, its end included.
impl std::fmt::Display for Signature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bytes = [&self.id[..], &self.bytes].concat();
        writeln!(f, "{DASH}{} {}", self.name, STANDARD.encode(bytes))
    }
}

fn read_signature(line: &str) -> Result<Signature, EvidenceError> {
    let wrong = || malformed("A line after the blank line is no signature: — name base64.");
    let (name, bytes) = line.strip_prefix(DASH).and_then(|rest| rest.split_once(' ')).ok_or_else(wrong)?;
    let bytes = STANDARD.decode(bytes).map_err(|_| wrong())?;
    match bytes.split_first_chunk::<4>() {
        Some((id, bytes)) if is_name(name) && !bytes.is_empty() => {
            Ok(Signature { name: name.to_owned(), id: *id, bytes: bytes.to_vec() })
        }
        _ => Err(wrong()),
    }
}

/// A key's name is not empty and has neither white space nor `+`.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

/// The id of a key: SHA-256(name ‖ line feed ‖ type ‖ key), its first four bytes.
fn key_id(name: &str, kind: u8, key: &VerifyingKey) -> [u8; 4] {
    let hash = Hash::of(&[name.as_bytes(), b"\n", &[kind], key.as_bytes()].concat());
    let [a, b, c, d, ..] = *hash.as_bytes();
    [a, b, c, d]
}

fn bad_key(what: &str) -> EvidenceError {
    EvidenceError::new("key.malformed", format!("{what} A key is written name+8 hexadecimal digits+base64."))
}

/// The name and the 32 bytes of the text of a key of this kind; the digits between them must be those of `id`.
fn read_key(text: &str, kind: u8, id: impl Fn(&str, &[u8; 32]) -> Option<[u8; 4]>) -> Result<(String, [u8; 32]), EvidenceError> {
    let mut parts = text.trim_end_matches('\n').splitn(3, '+');
    let (Some(name), Some(digits), Some(data)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(bad_key("The key does not have three parts."));
    };
    if !is_name(name) || name.len() > 1_024 {
        return Err(bad_key("The name of the key is not well-formed."));
    }
    let data = if data.len() <= 64 { STANDARD.decode(data).unwrap_or_default() } else { Vec::new() };
    let Some(bytes) = data.strip_prefix(&[kind]) else {
        return Err(bad_key(match kind {
            COSIGNATURE => "The key is not the Ed25519 key of a witness.",
            _ => "The key is not an Ed25519 key.",
        }));
    };
    let bytes: [u8; 32] = bytes.try_into().map_err(|_| bad_key("The key does not have 32 bytes."))?;
    match id(name, &bytes) {
        Some(id) if hex(&id) == digits => Ok((name.to_owned(), bytes)),
        Some(_) => Err(bad_key("The key's digits do not fit its name and bytes: it was mistyped.")),
        None => Err(bad_key("The bytes are no Ed25519 key.")),
    }
}

impl Key {
    /// Reads the text of a public key: `name+id+base64`.
    ///
    /// # Errors
    /// `key.malformed`.
    pub fn read(text: &str) -> Result<Self, EvidenceError> {
        Self::read_as(ED25519, text)
    }

    /// The same of a key of this kind.
    pub(super) fn read_as(kind: u8, text: &str) -> Result<Self, EvidenceError> {
        let parsed = |bytes: &[u8; 32]| VerifyingKey::from_bytes(bytes).ok().filter(|key| !key.is_weak());
        let (name, bytes) = read_key(text, kind, |name, bytes| Some(key_id(name, kind, &parsed(bytes)?)))?;
        let key = parsed(&bytes).ok_or_else(|| bad_key("The bytes are no Ed25519 key."))?;
        Ok(Self::new(&name, kind, key))
    }

    fn new(name: &str, kind: u8, public: VerifyingKey) -> Self {
        Self { name: name.to_owned(), kind, id: key_id(name, kind, &public), public }
    }

    /// The key's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same key under another name: that of another log of the installation.
    #[must_use]
    pub fn named(&self, name: &str) -> Self {
        Self::new(name, self.kind, self.public)
    }

    /// Whether the two are one key pair, whatever they are called.
    pub(super) fn is_also(&self, other: &Self) -> bool {
        self.public == other.public
    }

    /// Whether a line says that it is by this key.
    pub(crate) fn is_of(&self, signature: &Signature) -> bool {
        self.id == signature.id && self.name == signature.name
    }

    pub(super) fn has_signed(&self, text: &[u8], signature: &[u8]) -> bool {
        let signature = ed25519_dalek::Signature::from_slice(signature);
        signature.is_ok_and(|signature| self.public.verify_strict(text, &signature).is_ok())
    }
}

/// The key's text, as [`Key::read`] takes it.
impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let data = [&[self.kind][..], self.public.as_bytes()].concat();
        write!(f, "{}+{}+{}", self.name, hex(&self.id), STANDARD.encode(data))
    }
}

impl PrivateKey {
    /// A key made of 32 bytes of chance.
    ///
    /// # Errors
    /// `key.malformed` when the name cannot be a key's.
    pub fn new(name: &str, seed: &[u8; 32]) -> Result<Self, EvidenceError> {
        Self::new_as(ED25519, name, seed)
    }

    /// The same of a key of this kind.
    pub(super) fn new_as(kind: u8, name: &str, seed: &[u8; 32]) -> Result<Self, EvidenceError> {
        if !is_name(name) {
            return Err(bad_key("The name of the key is not well-formed."));
        }
        Ok(Self { name: name.to_owned(), kind, key: SigningKey::from_bytes(seed) })
    }

    /// Reads the text of a private key.
    ///
    /// # Errors
    /// `key.malformed`.
    pub fn read(text: &str) -> Result<Self, EvidenceError> {
        Self::read_as(ED25519, text)
    }

    /// The same of a key of this kind.
    pub(super) fn read_as(kind: u8, text: &str) -> Result<Self, EvidenceError> {
        let rest = text.strip_prefix(PRIVATE).ok_or_else(|| bad_key("This is no private key."))?;
        let id = |name: &str, seed: &[u8; 32]| Some(key_id(name, kind, &SigningKey::from_bytes(seed).verifying_key()));
        let (name, seed) = read_key(rest, kind, id)?;
        Self::new_as(kind, &name, &seed)
    }

    /// The text of the private key, as [`PrivateKey::read`] takes it. It is for the key file alone.
    pub fn secret(&self) -> String {
        let data = [&[self.kind][..], self.key.as_bytes()].concat();
        format!("{PRIVATE}{}+{}+{}", self.name, hex(&self.key().id), STANDARD.encode(data))
    }

    /// The public key, under the signer's own name.
    pub fn key(&self) -> Key {
        Key::new(&self.name, self.kind, self.key.verifying_key())
    }

    /// The signature of this key under a name: `before` stands in its bytes, `text` is what is signed.
    pub(super) fn signature(&self, name: &str, before: &[u8], text: &[u8]) -> Signature {
        let key = self.key().named(name);
        let bytes = [before, &self.key.sign(text).to_bytes()].concat();
        Signature { name: key.name, id: key.id, bytes }
    }

    /// The note of a text, signed under a name. The text ends with a line feed.
    ///
    /// # Errors
    /// `note.malformed` when text or name cannot be in a note.
    pub fn sign(&self, name: &str, text: &str) -> Result<Note, EvidenceError> {
        let note = Note { text: text.to_owned(), signatures: vec![self.signature(name, &[], text.as_bytes())] };
        // Whoever reads it will see the same, or it is not signed.
        match Note::read(note.to_string().as_bytes()) {
            Ok(read) if read == note => Ok(note),
            _ => Err(malformed("The text cannot be signed as a note.")),
        }
    }
}
