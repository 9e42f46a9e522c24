//! ZIP in one spelling: stored, sorted, without times, comments or extras. What was read and would not be written so is refused, so that a
//! bundle has no byte that nobody vouches for, and nothing in it can grow when it is unpacked.

use std::collections::BTreeMap;

use super::malformed;
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
        let facts = facts(name, content);
        list(&mut listed, &facts, name, archive.len());
        archive.extend(FILE);
        archive.extend(facts);
        archive.extend(name.as_bytes());
        archive.extend(content);
    }
    end(&mut archive, &listed, files.len());
    Ok(archive)
}

/// The files of an archive, in order.
///
/// # Errors
/// `bundle.too-large` or `bundle.malformed`.
pub(super) fn read(archive: &[u8]) -> Result<Vec<(&str, &[u8])>, EvidenceError> {
    if archive.len() > BUNDLE_BYTES_MAX {
        let message = format!("The bundle has {} bytes; no more than {BUNDLE_BYTES_MAX} are read.", archive.len());
        return Err(EvidenceError::new("bundle.too-large", message));
    }
    let (mut files, mut listed, mut rest): (Vec<(&str, &[u8])>, _, _) = (Vec::new(), Vec::new(), archive);
    while rest.starts_with(&FILE) {
        let at = archive.len() - rest.len();
        let broken = || malformed(format!("the file at byte {at} breaks off"));
        let (header, after) = rest.split_at_checked(HEADER).ok_or_else(broken)?;
        let size = u32::from_le_bytes([header[18], header[19], header[20], header[21]]);
        let length = u16::from_le_bytes([header[26], header[27]]);
        let (name, after) = after.split_at_checked(length.into()).ok_or_else(broken)?;
        let name = std::str::from_utf8(name).ok().filter(|name| is_name(name));
        let name = name.ok_or_else(|| malformed(format!("the file at byte {at} has a name that none may have")))?;
        let (content, after) = usize::try_from(size).ok().and_then(|size| after.split_at_checked(size)).ok_or_else(broken)?;
        if files.last().is_some_and(|(before, _)| *before >= name) {
            return Err(malformed(format!("{name} is there twice, or not in its place")));
        }
        let facts = facts(name, content);
        if header[FILE.len()..] != facts {
            return Err(malformed(format!("{name} is not what its header says")));
        }
        if files.len() == BUNDLE_FILES_MAX {
            return Err(malformed(format!("it has more than {BUNDLE_FILES_MAX} files")));
        }
        list(&mut listed, &facts, name, at);
        files.push((name, content));
        rest = after;
    }
    let mut directory = Vec::new();
    end(&mut directory, &listed, files.len());
    // The end says where the directory begins.
    let at = u32::try_from(archive.len() - rest.len()).unwrap_or(u32::MAX);
    let place = directory.len() - 6;
    directory[place..place + 4].copy_from_slice(&at.to_le_bytes());
    if rest == directory { Ok(files) } else { Err(malformed("it is no ZIP file, or its directory is not that of its files")) }
}

/// What a header says of a file, between the signature and the name.
fn facts(name: &str, content: &[u8]) -> [u8; 26] {
    // Invariant: archives are below 4 GiB, and names below 64 KiB.
    let size = u32::try_from(content.len()).unwrap_or(u32::MAX).to_le_bytes();
    let length = u16::try_from(name.len()).unwrap_or(u16::MAX).to_le_bytes();
    let mut facts = [0; 26];
    facts[..10].copy_from_slice(&PLAIN);
    facts[10..14].copy_from_slice(&crc32fast::hash(content).to_le_bytes());
    facts[14..18].copy_from_slice(&size);
    facts[18..22].copy_from_slice(&size);
    facts[22..24].copy_from_slice(&length);
    facts
}

/// A file's line in the directory.
fn list(listed: &mut Vec<u8>, facts: &[u8; 26], name: &str, at: usize) {
    listed.extend(LISTED);
    listed.extend([10, 0]);
    listed.extend(facts);
    // No comment, the first disk, no attributes.
    listed.extend([0; 10]);
    listed.extend(u32::try_from(at).unwrap_or(u32::MAX).to_le_bytes());
    listed.extend(name.as_bytes());
}

/// The directory, and the end behind it.
fn end(archive: &mut Vec<u8>, listed: &[u8], files: usize) {
    let at = u32::try_from(archive.len()).unwrap_or(u32::MAX);
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
