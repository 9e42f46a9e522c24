//! SHA-256 values (FIPS 180-4) with one spelling, lower-case hexadecimal, and payload commitments.

use std::fmt;
use std::str::FromStr;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

/// Prefix of every payload commitment (reliability.md §4.3).
const COMMITMENT_PREFIX: &[u8] = b"gqe/payload/v1\n";

/// A SHA-256 value (FIPS 180-4).
///
/// Written, parsed and serialised as exactly 64 lower-case hexadecimal digits, so that equal
/// hashes are equal text. Ordered as its bytes, which is also the order of its text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; 32]);

/// SHA-256 of bytes that come part by part.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hasher(Sha256);

impl Hasher {
    /// The next bytes.
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of all of them.
    pub(crate) fn finish(self) -> Hash {
        Hash(self.0.finalize().into())
    }
}

/// The text is not a hash: [`struct@Hash`] takes exactly 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("A hash is written as exactly 64 lower-case hexadecimal digits (0-9, a-f).")]
pub struct ParseHashError;

impl Hash {
    /// SHA-256 of the bytes (FIPS 180-4).
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self::of_parts([bytes])
    }

    /// SHA-256 of the parts one after the other, without copying them together.
    pub fn of_parts<P: AsRef<[u8]>>(parts: impl IntoIterator<Item = P>) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }

    /// The hash with these 32 bytes; nothing is computed.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its text, in the room given.
    fn digits<'t>(&self, text: &'t mut [u8; 64]) -> &'t str {
        let (pairs, _) = text.as_chunks_mut::<2>();
        for (pair, byte) in pairs.iter_mut().zip(self.0) {
            *pair = digits(byte);
        }
        // Invariant: hexadecimal digits are ASCII.
        std::str::from_utf8(text).unwrap_or_default()
    }

    /// The 32 bytes of the hash.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.digits(&mut [0; 64]))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

impl FromStr for Hash {
    type Err = ParseHashError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        unhex_32(text).map(Self).ok_or(ParseHashError)
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.digits(&mut [0; 64]))
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(HashVisitor)
    }
}

struct HashVisitor;

impl Visitor<'_> for HashVisitor {
    type Value = Hash;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("64 lower-case hexadecimal digits")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Hash, E> {
        text.parse().map_err(E::custom)
    }
}

/// Lower-case hexadecimal text of the bytes, two digits each (RFC 4648 §8, lower case).
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|byte| digits(*byte).map(char::from)).collect()
}

const fn digits(byte: u8) -> [u8; 2] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    [DIGITS[(byte >> 4) as usize], DIGITS[(byte & 15) as usize]]
}

/// The bytes of lower-case hexadecimal text; `None` for an odd length or any other character.
///
/// Upper-case digits are refused so that equal bytes have one spelling.
#[must_use]
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if rest.is_empty() { pairs.iter().map(|pair| undigits(*pair)).collect() } else { None }
}

/// As [`unhex`], of exactly 32 bytes.
pub(crate) fn unhex_32(text: &str) -> Option<[u8; 32]> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != 32 || !rest.is_empty() {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(pairs) {
        *byte = undigits(*pair)?;
    }
    Some(bytes)
}

fn undigits([high, low]: [u8; 2]) -> Option<u8> {
    let (high, low) = (VALUES[usize::from(high)], VALUES[usize::from(low)]);
    if high | low > 15 { None } else { Some(high << 4 | low) }
}

/// The value of each digit, and of other bytes one that no digit has.
const VALUES: [u8; 256] = {
    let mut values = [u8::MAX; 256];
    let mut value = 0;
    while value < 16 {
        values[digits(value)[1] as usize] = value;
        value += 1;
    }
    values
};

/// Commitment to a payload: `SHA-256("gqe/payload/v1\n" ‖ salt ‖ payload bytes as received)`
/// (reliability.md §4.3).
///
/// The prefix and the salt have fixed lengths, so the input is unambiguous. The salt must be
/// 32 fresh bytes from the operating system for each payload and is destroyed on erasure.
#[must_use]
pub fn commitment(salt: &[u8; 32], payload: &[u8]) -> Hash {
    Hash::of_parts([COMMITMENT_PREFIX, salt, payload])
}
