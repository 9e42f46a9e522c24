//! Space kept back on the disk of the database. When the disk fills up it is given away, so that the rows of what was acknowledged can still
//! be written, and read; nothing more is accepted until there is room for it again.

use std::fs::File;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::Instant;

use super::beside;
use crate::store::planted::{self, Bug};

/// How often it is tried to keep space back again.
const AGAIN: Duration = Duration::from_secs(3);
/// Bytes written at a time and brought to the disk: not so many that a commit or a stop waits long for them.
const CHUNK: usize = 4 << 20;

/// The space.
#[derive(Debug)]
pub(super) struct Reserve {
    path: PathBuf,
    bytes: u64,
    state: State,
    /// Whether the operators know that the disk is full.
    told: bool,
    /// Whether what is being made is not wanted any more.
    ends: Arc<AtomicBool>,
}

#[derive(Debug)]
enum State {
    /// None is asked for, or none can be had for another reason than that the disk is full.
    None,
    /// It is being made; until it is known that there is no room for it, there is.
    Making(JoinHandle<io::Result<()>>),
    Kept,
    /// The disk is full; it is tried again then.
    Gone(Instant),
}

impl Reserve {
    /// Begins to keep back so many bytes beside a database.
    pub(super) fn new(database: &Path, bytes: u64) -> Self {
        let mut reserve = Self { path: beside(database, ENDING), bytes, state: State::None, told: false, ends: Arc::default() };
        if bytes > 0 {
            reserve.make();
        }
        reserve
    }

    fn make(&mut self) {
        let (path, bytes, ends) = (self.path.clone(), self.bytes, Arc::clone(&self.ends));
        self.state = State::Making(spawn_blocking(move || write(&path, bytes, &ends)));
    }

    /// Waits for what is being made.
    async fn made(&mut self) {
        let State::Making(making) = &mut self.state else { return };
        let made = making.await.unwrap_or_else(|error| Err(io::Error::other(error)));
        self.state = match made {
            Ok(()) => State::Kept,
            Err(error) => {
                // What there is of it is of no use, and others may need it.
                self.remove();
                if matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) {
                    self.full();
                    State::Gone(Instant::now() + AGAIN)
                } else if self.ends.load(Ordering::Relaxed) {
                    State::None
                } else {
                    tracing::warn!(%error, "{} cannot be kept back; on a full disk lists would fail too", self.path.display());
                    State::None
                }
            }
        };
    }

    /// Whether anything may be accepted: the space is kept, or can be now.
    pub(super) async fn keeps(&mut self) -> bool {
        match &self.state {
            State::None | State::Kept => return true,
            State::Making(making) if !making.is_finished() => return true,
            State::Making(_) => {}
            State::Gone(again) if Instant::now() < *again => return false,
            State::Gone(_) => self.make(),
        }
        self.made().await;
        !matches!(self.state, State::Gone(_))
    }

    /// Something could not be written for want of space: the operators are told once.
    pub(super) fn full(&mut self) {
        if !self.told {
            tracing::error!("the disk is full: nothing is accepted until there is room; what was acknowledged can be read");
            self.told = true;
        }
    }

    /// Something was written.
    pub(super) fn written(&mut self) {
        if self.told {
            tracing::info!("there is room on the disk again");
            self.told = false;
        }
    }

    /// Gives the space away; whether there was any.
    pub(super) async fn give(&mut self) -> bool {
        let was_made = matches!(self.state, State::Making(_));
        self.made().await;
        if was_made && matches!(self.state, State::Gone(_)) {
            // What there was of it has been given back.
            return true;
        }
        let was_kept = matches!(self.state, State::Kept) && !planted::is(Bug::KeepSpace);
        if was_kept {
            self.full();
            self.remove();
            self.state = State::Gone(Instant::now() + AGAIN);
        }
        was_kept
    }

    /// It stays for the next start, which may be on a full disk; what is not made by now is not.
    pub(super) async fn end(mut self) {
        self.ends.store(true, Ordering::Relaxed);
        self.made().await;
    }

    fn remove(&self) {
        remove(&self.path);
    }
}

/// The ending of its name.
const ENDING: &str = ".reserve";

/// Gives away the space beside a database that cannot be opened, since it may be for want of it; whether there was any.
pub(super) fn give_away(database: &Path) -> bool {
    remove(&beside(database, ENDING))
}

fn remove(path: &Path) -> bool {
    match std::fs::remove_file(path) {
        Ok(()) => true,
        Err(error) => {
            if error.kind() != ErrorKind::NotFound {
                tracing::warn!(%error, "{} could not be removed", path.display());
            }
            false
        }
    }
}

/// Writes the file unless it is there. Its bytes are of no pattern, so that no disk packs them.
fn write(path: &Path, bytes: u64, ends: &AtomicBool) -> io::Result<()> {
    if std::fs::metadata(path).is_ok_and(|found| found.len() == bytes) {
        return Ok(());
    }
    let mut word = 0x9e37_79b9_7f4a_7c15_u64;
    let mut draw = || {
        word ^= word << 13;
        word ^= word >> 7;
        word ^= word << 17;
        word.to_le_bytes()
    };
    let mut file = File::create(path)?;
    let mut left = bytes;
    while left > 0 {
        let part = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
        let chunk: Vec<u8> = std::iter::repeat_with(&mut draw).take(CHUNK / 8).flatten().collect();
        file.write_all(&chunk[..part])?;
        // Only then is it certain that there is room for it.
        file.sync_data()?;
        left -= part as u64;
        if left > 0 && ends.load(Ordering::Relaxed) {
            return Err(ErrorKind::Interrupted.into());
        }
    }
    Ok(())
}
