//! ZIP in one spelling: stored, sorted, without times, comments or extras. What was read and would not be written so is refused, so that a
//! bundle has no byte that nobody vouches for, and nothing in it can grow when it is unpacked.

use std::collections::BTreeMap;

use super::archive::{Archive, Member};
use super::malformed;
use crate::digest::Hasher;
use crate::evidence::EvidenceError;
use crate::model::limits::{BUNDLE_BYTES_MAX, BUNDLE_FILES_MAX};

/// Signatures of a file, of its line in the directory, and of the end.
const FILE: [u8; 4] = *b"PK\x03\x04";
const LISTED: [u8; 4] = *b"PK\x01\x02";
const END: [u8; 4] = *b"PK\x05\x06";
/// ZIP 1.0, no flags, stored, midnight, 1 January 1980.
const PLAIN: [u8; 10] = [10, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
/// Bytes of a file's header before its name.
const HEADER: usize = 30;
/// Bytes of a name.
const NAME_MAX: usize = 200;

/// The archive of these files.
///
/// # Errors
/// `bundle.too-large`, or `bundle.malformed` where a name is not one that a bundle may have.
pub(super) fn write(files: &BTreeMap<String, Vec<u8>>) -> Result<Vec<u8>, EvidenceError> {
    let bytes: usize = files.iter().map(|(name, content)| 2 * (name.len() + 64) + content.len()).sum();
    if bytes > BUNDLE_BYTES_MAX || files.len() > BUNDLE_FILES_MAX {
        let message = format!("The bundle would have more than {BUNDLE_BYTES_MAX} bytes, or too many files: choose less.");
        return Err(EvidenceError::new("bundle.too-large", message));
    }
    let (mut archive, mut listed) = (Vec::with_capacity(bytes), Vec::new());
    for (name, content) in files {
        if !is_name(name) {
            return Err(malformed(format!("no file can be called {name:?}")));
        }
        // Invariant: archives are below 4 GiB.
        let facts = facts(name, crc32fast::hash(content), u32::try_from(content.len()).unwrap_or(u32::MAX));
        list(&mut listed, &facts, name, archive.len() as u64);
        archive.extend(FILE);
        archive.extend(facts);
        archive.extend(name.as_bytes());
        archive.extend(content);
    }
    let at = archive.len() as u64;
    finish(&mut archive, &listed, at, files.len());
    Ok(archive)
}

/// The files of an archive, in order. Each is read once, piece by piece.
///
/// # Errors
/// `bundle.too-large` or `bundle.malformed`.
pub(super) fn read(archive: Archive<'_>) -> Result<Vec<Member>, EvidenceError> {
    let end = archive.size();
    if end > BUNDLE_BYTES_MAX as u64 {
        let message = format!("The bundle has {end} bytes; no more than {BUNDLE_BYTES_MAX} are read.");
        return Err(EvidenceError::new("bundle.too-large", message));
    }
    let (mut files, mut listed, mut at): (Vec<Member>, _, _) = (Vec::new(), Vec::new(), 0);
    loop {
        let mut header = [0; HEADER];
        let (signature, rest) = header.split_at_mut(FILE.len());
        if end - at < FILE.len() as u64 {
            break;
        }
        archive.fill(at, signature)?;
        if *signature != FILE {
            break;
        }
        let begin = at;
        let broken = || malformed(format!("the file at byte {begin} breaks off"));
        // From here to the end of the archive there are at least so many bytes.
        let has = |at: u64, bytes: u64| if end - at < bytes { Err(broken()) } else { Ok(()) };
        has(at, HEADER as u64)?;
        archive.fill(at + FILE.len() as u64, rest)?;
        at += HEADER as u64;
        let size = u32::from_le_bytes([header[18], header[19], header[20], header[21]]);
        let mut name = vec![0; u16::from_le_bytes([header[26], header[27]]).into()];
        has(at, name.len() as u64)?;
        archive.fill(at, &mut name)?;
        at += name.len() as u64;
        let name = String::from_utf8(name).ok().filter(|name| is_name(name));
        let name = name.ok_or_else(|| malformed(format!("the file at byte {begin} has a name that none may have")))?;
        has(at, size.into())?;
        if files.last().is_some_and(|before| before.name >= name) {
            return Err(malformed(format!("{name} is there twice, or not in its place")));
        }
        let (mut sum, mut hasher, mut text) = (crc32fast::Hasher::new(), Hasher::default(), Utf8::default());
        archive.pieces(at, size.into(), |piece| {
            sum.update(piece);
            hasher.update(piece);
            text.update(piece);
        })?;
        let facts = facts(&name, sum.finalize(), size);
        if header[FILE.len()..] != facts {
            return Err(malformed(format!("{name} is not what its header says")));
        }
        if files.len() == BUNDLE_FILES_MAX {
            return Err(malformed(format!("it has more than {BUNDLE_FILES_MAX} files")));
        }
        list(&mut listed, &facts, &name, begin);
        files.push(Member { name, hash: hasher.finish(), size: size.into(), at, is_text: text.is_whole() });
        at += u64::from(size);
    }
    let mut directory = Vec::new();
    finish(&mut directory, &listed, at, files.len());
    let mut rest = vec![0; directory.len()];
    let same = end - at == rest.len() as u64 && archive.fill(at, &mut rest).map(|()| rest == directory)?;
    if same { Ok(files) } else { Err(malformed("it is no ZIP file, or its directory is not that of its files")) }
}

/// Whether bytes that come piece by piece are UTF-8.
#[derive(Default)]
struct Utf8 {
    is_broken: bool,
    /// The beginning of a character that the last piece broke off.
    begun: Vec<u8>,
}

impl Utf8 {
    fn update(&mut self, mut piece: &[u8]) {
        while !self.begun.is_empty() && !self.is_broken {
            let Some((next, rest)) = piece.split_first() else { return };
            self.begun.push(*next);
            piece = rest;
            match std::str::from_utf8(&self.begun) {
                Ok(_) => self.begun.clear(),
                Err(error) => self.is_broken = error.error_len().is_some(),
            }
        }
        if let Err(error) = std::str::from_utf8(piece) {
            self.is_broken |= error.error_len().is_some();
            if !self.is_broken {
                self.begun.extend(&piece[error.valid_up_to()..]);
            }
        }
    }

    fn is_whole(&self) -> bool {
        !self.is_broken && self.begun.is_empty()
    }
}

/// What a header says of a file, between the signature and the name.
fn facts(name: &str, sum: u32, size: u32) -> [u8; 26] {
    // Invariant: names are below 64 KiB.
    let size = size.to_le_bytes();
    let length = u16::try_from(name.len()).unwrap_or(u16::MAX).to_le_bytes();
    let mut facts = [0; 26];
    facts[..10].copy_from_slice(&PLAIN);
    facts[10..14].copy_from_slice(&sum.to_le_bytes());
    facts[14..18].copy_from_slice(&size);
    facts[18..22].copy_from_slice(&size);
    facts[22..24].copy_from_slice(&length);
    facts
}

/// A file's line in the directory.
fn list(listed: &mut Vec<u8>, facts: &[u8; 26], name: &str, at: u64) {
    listed.extend(LISTED);
    listed.extend([10, 0]);
    listed.extend(facts);
    // No comment, the first disk, no attributes.
    listed.extend([0; 10]);
    listed.extend(u32::try_from(at).unwrap_or(u32::MAX).to_le_bytes());
    listed.extend(name.as_bytes());
}

/// The directory, which begins at this byte of the archive, and the end behind it.
fn finish(archive: &mut Vec<u8>, listed: &[u8], at: u64, files: usize) {
    let at = u32::try_from(at).unwrap_or(u32::MAX);
    let count = u16::try_from(files).unwrap_or(u16::MAX).to_le_bytes();
    archive.extend(listed);
    archive.extend(END);
    archive.extend([0; 4]);
    archive.extend(count);
    archive.extend(count);
    archive.extend(u32::try_from(listed.len()).unwrap_or(u32::MAX).to_le_bytes());
    archive.extend(at.to_le_bytes());
    archive.extend([0; 2]);
}

/// Folders and a file of plain ASCII: nothing that leads out of the folder in which it is unpacked.
fn is_name(name: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
    };
    name.len() <= NAME_MAX && name.split('/').all(plain)
}

#[cfg(test)]
mod tests {
    use super::Utf8;

    #[test]
    fn text_that_is_cut_anywhere_is_the_same_text() {
        let texts: [&[u8]; 8] =
            ["aé€😀z".as_bytes(), b"", b"a\xff", b"\xf0\x9f\x98", b"\xe2\x82z", b"\xed\xa0\x80", b"\xc0\x80", b"\x80"];
        for text in texts {
            for first in 0..=text.len() {
                for second in first..=text.len() {
                    let mut utf8 = Utf8::default();
                    for piece in [&text[..first], &text[first..second], &text[second..]] {
                        utf8.update(piece);
                    }
                    assert_eq!(utf8.is_whole(), std::str::from_utf8(text).is_ok(), "{text:?} {first} {second}");
                }
            }
        }
    }
}
