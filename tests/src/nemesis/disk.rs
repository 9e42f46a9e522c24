//! A disk that loses its power, fills up, fails and is slow, under the database file of a server: `disk/disk.c` is laid over the C library of
//! its process. What was written and not synced is taken away, wholly, in part or torn, when the power is cut.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::office::Lots;

/// What a disk writes as a whole or not at all.
const SECTOR: usize = 512;
/// Bytes of the numbers that begin a record of the undo log.
const HEAD: usize = 32;
/// The files, by their numbers in the undo log.
const FILES: [&str; 2] = ["office.db", "office.db-wal"];

/// What is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    /// Nothing.
    Nothing = 0,
    /// No space is left.
    Full = b'n' as isize,
    /// The next write fails.
    Write = b'w' as isize,
    /// The next sync fails.
    Sync = b's' as isize,
    /// Each sync takes a few milliseconds.
    Slow = b'l' as isize,
    /// Each sync takes a tenth of a second.
    VerySlow = b'v' as isize,
}

/// The disk.
pub(super) struct Disk {
    dir: PathBuf,
    library: OsString,
}

/// Something that was done to a file, and what stood there before.
struct Done {
    what: u8,
    from: usize,
    to: usize,
    /// How long the file was.
    size: usize,
    before: Vec<u8>,
}

impl Disk {
    /// Laid under `office.db` in a folder; none where there is no C compiler, which is said aloud.
    ///
    /// # Panics
    /// When it cannot be built.
    pub(super) fn new(dir: &Path) -> Option<Self> {
        if Command::new("cc").arg("--version").output().is_err() {
            crate::skip("a C compiler: no cc on PATH");
            return None;
        }
        let (source, library) = (dir.join("disk.c"), dir.join("disk.so"));
        fs::write(&source, include_str!("disk/disk.c")).expect("the source is written");
        let flags = ["-Wall", "-Werror", "-O1", "-shared", "-fPIC", "-o"];
        let built = Command::new("cc").args(flags).args([&library, &source]).status().expect("cc runs");
        assert!(built.success(), "the disk is not built");
        fs::write(dir.join("control"), [0]).expect("it is written");
        fs::write(dir.join("undo"), []).expect("it is written");
        Some(Self { dir: dir.to_owned(), library: library.into_os_string() })
    }

    /// The environment of a server that stands on it.
    pub(super) fn environment(&self) -> [(&'static str, &OsStr); 2] {
        [("LD_PRELOAD", &self.library), ("SEVOTTAM_DISK", self.dir.as_os_str())]
    }

    /// From now on this is wrong with it.
    pub(super) fn goes(&self, wrong: Wrong) {
        // Not made anew: servers hold it in memory.
        let control = fs::OpenOptions::new().write(true).open(self.dir.join("control")).expect("it is there");
        control.write_all_at(&[wrong as u8], 0).expect("it is written");
    }

    /// The power is gone, the servers being dead: takes away what was not synced, or some of it; of how many writes.
    ///
    /// # Panics
    /// When the undo log cannot be read.
    pub(super) fn cut(&self, lots: &mut Lots) -> usize {
        self.goes(Wrong::Nothing);
        let undo = self.dir.join("undo");
        let unsynced = unsynced(&fs::read(&undo).expect("the undo log"));
        for (name, done) in FILES.iter().zip(&unsynced) {
            let path = self.dir.join(name);
            let Ok(mut bytes) = fs::read(&path) else { continue };
            lose(&mut bytes, done, lots);
            fs::write(&path, bytes).expect("it is written");
        }
        fs::write(&undo, []).expect("it is written");
        unsynced.iter().map(Vec::len).sum()
    }
}

/// What was done to each file and is not on the disk for certain.
fn unsynced(mut log: &[u8]) -> [Vec<Done>; 2] {
    let (mut open, mut doomed): ([Vec<Done>; 2], [Vec<Done>; 2]) = Default::default();
    while let [file, what, rest @ ..] = log {
        let number = |place: usize| {
            let bytes = rest.get(place * 8..place * 8 + 8)?;
            usize::try_from(u64::from_le_bytes(bytes.try_into().ok()?)).ok()
        };
        // The last record may have been broken off by the kill: what it tells of was not done then.
        let [Some(from), Some(to), Some(size), Some(length)] = [0, 1, 2, 3].map(number) else { break };
        let Some(before) = rest.get(HEAD..HEAD + length) else { break };
        let file = usize::from(*file);
        match what {
            b's' => open[file].clear(),
            // A later success does not bring back what the failure may have lost.
            b'f' => doomed[file].append(&mut open[file]),
            b'u' => [&mut open[file], &mut doomed[file]].into_iter().for_each(Vec::clear),
            _ => open[file].push(Done { what: *what, from, to, size, before: before.to_vec() }),
        }
        log = &rest[HEAD + length..];
    }
    for (doomed, mut open) in doomed.iter_mut().zip(open) {
        doomed.append(&mut open);
    }
    doomed
}

/// Takes away: everything; or sector by sector as it comes, the sector having any of the states that it had; or a part of the last write.
fn lose(bytes: &mut Vec<u8>, done: &[Done], lots: &mut Lots) {
    let Some(first) = done.first() else { return };
    match lots.draw(3) {
        0 => done.iter().rev().for_each(|done| {
            undo(bytes, done, done.from, done.to);
            bytes.resize(done.size, 0);
        }),
        1 => {
            let mut settled = BTreeSet::new();
            for done in done.iter().rev().filter(|done| done.what == b'w') {
                for sector in done.from / SECTOR..done.to.div_ceil(SECTOR) {
                    if !settled.contains(&sector) && lots.draw(2) == 0 {
                        undo(bytes, done, done.from.max(sector * SECTOR), done.to.min((sector + 1) * SECTOR));
                    } else {
                        settled.insert(sector);
                    }
                }
            }
            if lots.draw(2) == 0 && done.iter().all(|done| done.what == b'w') {
                bytes.truncate(first.size);
            }
        }
        _ => {
            if let Some(last) = done.last().filter(|last| last.what == b'w') {
                let torn = usize::try_from(lots.draw(9)).expect("small") * SECTOR;
                undo(bytes, last, last.from + torn, last.to);
            }
        }
    }
}

/// Puts back what stood in a part of a file; where nothing stood there are zeros.
fn undo(bytes: &mut Vec<u8>, done: &Done, from: usize, to: usize) {
    if done.what == b't' {
        bytes.resize(done.from, 0);
        bytes.extend_from_slice(&done.before);
        return;
    }
    for at in from..to.min(bytes.len()) {
        bytes[at] = done.before.get(at - done.from).copied().unwrap_or(0);
    }
}
