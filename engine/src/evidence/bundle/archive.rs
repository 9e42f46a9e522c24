//! The bytes of a bundle, of which no more is in memory than is being looked at, however large the file is.

use super::line::Line;
use super::malformed;
use crate::digest::{Hash, Hasher};
use crate::evidence::EvidenceError;
use crate::model::limits::BUNDLE_LINE_BYTES_MAX;

/// Bytes that are read at a time.
pub(super) const ROOM: usize = 64 * 1024;

/// Where the bytes of a bundle are.
#[derive(Debug, Clone, Copy)]
pub enum Archive<'a> {
    /// In memory.
    Memory(&'a [u8]),
    /// In a file.
    File(&'a dyn Stored),
}

/// A file, as a bundle needs it.
pub trait Stored: std::fmt::Debug {
    /// How many bytes it has.
    fn size(&self) -> u64;

    /// Fills the room with the bytes from a place on. False where they cannot be read: whoever gave the file knows why, and that nothing that is
    /// found from then on counts.
    fn fill(&self, at: u64, room: &mut [u8]) -> bool;
}

impl<'a> From<&'a [u8]> for Archive<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Memory(bytes)
    }
}

impl<'a> From<&'a Vec<u8>> for Archive<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self::Memory(bytes)
    }
}

/// A file in a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// SHA-256 of it.
    pub hash: Hash,
    /// How many bytes it has.
    pub size: u64,
    /// Where they begin.
    pub(super) at: u64,
    /// Whether they are UTF-8.
    pub(super) is_text: bool,
}

impl Archive<'_> {
    /// How many bytes there are.
    pub fn size(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::File(file) => file.size(),
        }
    }

    /// Fills the room with the bytes from a place on.
    pub(super) fn fill(&self, at: u64, room: &mut [u8]) -> Result<(), EvidenceError> {
        let filled = match self {
            Self::Memory(bytes) => {
                let from = usize::try_from(at).ok().and_then(|at| bytes.get(at..)?.get(..room.len()));
                from.map(|from| room.copy_from_slice(from)).is_some()
            }
            Self::File(file) => file.fill(at, room),
        };
        if filled { Ok(()) } else { Err(malformed(format!("its bytes from {at} on cannot be read"))) }
    }

    /// So many bytes from a place on, piece by piece.
    pub(super) fn pieces(&self, mut at: u64, size: u64, mut on: impl FnMut(&[u8])) -> Result<(), EvidenceError> {
        let mut room = vec![0; up_to(size, ROOM)];
        let end = at + size;
        while at < end {
            let piece = &mut room[..up_to(end - at, ROOM)];
            self.fill(at, piece)?;
            on(piece);
            at += piece.len() as u64;
        }
        Ok(())
    }

    /// A file that has a limit: if it has more bytes, one more than that.
    pub(super) fn bytes(&self, member: &Member, most: usize) -> Result<Vec<u8>, EvidenceError> {
        let mut bytes = vec![0; up_to(member.size, most + 1)];
        self.fill(member.at, &mut bytes)?;
        Ok(bytes)
    }
}

fn up_to(size: u64, most: usize) -> usize {
    usize::try_from(size).map_or(most, |size| size.min(most))
}

/// The lines of a log, as they come.
#[derive(Debug)]
pub struct Lines<'a> {
    archive: Archive<'a>,
    member: &'a Member,
    /// The place of the first byte that is not in the room yet.
    at: u64,
    room: Vec<u8>,
    /// What of the room is not yet given out, and how much of that has no line's end.
    from: usize,
    to: usize,
    searched: usize,
    hasher: Hasher,
    is_over: bool,
}

impl<'a> Lines<'a> {
    pub(super) fn new(archive: Archive<'a>, member: &'a Member) -> Self {
        let room = vec![0; up_to(member.size, ROOM)];
        Self { archive, member, at: member.at, room, from: 0, to: 0, searched: 0, hasher: Hasher::default(), is_over: false }
    }

    /// The next line.
    pub fn read(&mut self) -> Option<Result<Line<'_>, EvidenceError>> {
        Some(self.text()?.and_then(Line::read))
    }

    /// The next line as it is written, without its end. Nothing follows a fault.
    pub(crate) fn text(&mut self) -> Option<Result<&str, EvidenceError>> {
        if self.is_over {
            return None;
        }
        match self.find() {
            Ok(Some((from, to))) => Some(std::str::from_utf8(&self.room[from..to]).map_err(|_| {
                self.is_over = true;
                malformed("a line is not UTF-8")
            })),
            Ok(None) => {
                self.is_over = true;
                None
            }
            Err(error) => {
                self.is_over = true;
                Some(Err(error))
            }
        }
    }

    /// Where the next line is in the room.
    fn find(&mut self) -> Result<Option<(usize, usize)>, EvidenceError> {
        let end = self.member.at + self.member.size;
        loop {
            if let Some(length) = line_feed(&self.room[self.from + self.searched..self.to]) {
                let line = (self.from, self.from + self.searched + length);
                (self.from, self.searched) = (line.1 + 1, 0);
                return Ok(Some(line));
            }
            self.searched = self.to - self.from;
            if self.searched > BUNDLE_LINE_BYTES_MAX {
                return Err(malformed(format!("a line has more than {BUNDLE_LINE_BYTES_MAX} bytes")));
            }
            if self.at == end {
                // Each pass must see the same bytes, or what one has checked another takes for granted.
                let changed = self.searched > 0 || std::mem::take(&mut self.hasher).finish() != self.member.hash;
                let what = || malformed(format!("{} was changed while it was read", self.member.name));
                return if changed { Err(what()) } else { Ok(None) };
            }
            self.room.copy_within(self.from..self.to, 0);
            (self.from, self.to) = (0, self.searched);
            if self.to == self.room.len() {
                self.room.resize(2 * self.to, 0);
            }
            let more = up_to(end - self.at, self.room.len() - self.to);
            let piece = &mut self.room[self.to..self.to + more];
            self.archive.fill(self.at, piece)?;
            self.hasher.update(piece);
            (self.at, self.to) = (self.at + more as u64, self.to + more);
        }
    }
}

/// Lines of their own, for whoever keeps them.
impl Iterator for Lines<'_> {
    type Item = Result<Line<'static>, EvidenceError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().map(|line| line.map(Line::into_owned))
    }
}

/// The place of the first line feed. Whole blocks are looked at first, since lines are long.
fn line_feed(bytes: &[u8]) -> Option<usize> {
    let (blocks, _) = bytes.as_chunks::<64>();
    let has_one = |block: &[u8; 64]| block.iter().fold(0, |found, byte| found | u8::from(*byte == b'\n')) > 0;
    let from = 64 * blocks.iter().position(has_one).unwrap_or(blocks.len());
    Some(from + bytes[from..].iter().position(|byte| *byte == b'\n')?)
}
