//! Space kept back on the disk of the database. When the disk fills up it is given away, so that the rows of what was acknowledged can still
//! be written, and read; nothing more is accepted until there is room for it again.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::Instant;

/// How often it is tried to keep space back again.
const AGAIN: Duration = Duration::from_secs(1);
/// Bytes written at a time.
const CHUNK: usize = 1 << 20;

/// The space.
#[derive(Debug)]
pub(super) struct Reserve {
    path: PathBuf,
    bytes: u64,
    /// When it is tried again, if it is not kept.
    gone: Option<Instant>,
}

impl Reserve {
    /// Keeps back so many bytes beside a database.
    pub(super) async fn new(database: &Path, bytes: u64) -> Self {
        let mut path = database.as_os_str().to_owned();
        path.push(".reserve");
        let mut reserve = Self { path: PathBuf::from(path), bytes, gone: Some(Instant::now()) };
        if !reserve.keeps().await {
            tracing::error!(
                bytes,
                "the disk is full: nothing is accepted until there is room; what was acknowledged can be read"
            );
        }
        reserve
    }

    /// Whether the space is kept, or can be now.
    pub(super) async fn keeps(&mut self) -> bool {
        let Some(next) = self.gone else { return true };
        if Instant::now() < next {
            return false;
        }
        let (path, bytes) = (self.path.clone(), self.bytes);
        let made = tokio::task::spawn_blocking(move || make(&path, bytes)).await;
        let made = made.unwrap_or_else(|error| Err(io::Error::other(error)));
        if let Err(error) = &made {
            tracing::debug!(%error, "no space can be kept back");
            // What there is of it is of no use, and others may need it.
            self.remove();
        }
        self.gone = made.is_err().then(|| Instant::now() + AGAIN);
        self.gone.is_none()
    }

    /// Gives the space away; whether there was any.
    pub(super) fn give(&mut self) -> bool {
        let was_kept = self.gone.is_none() && self.bytes > 0;
        if was_kept {
            tracing::error!("the disk is full: nothing is accepted until there is room; what was acknowledged can be read");
            self.remove();
            self.gone = Some(Instant::now() + AGAIN);
        }
        was_kept
    }

    /// Nobody needs it any more.
    pub(super) fn remove(&self) {
        if self.bytes > 0
            && let Err(error) = std::fs::remove_file(&self.path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "{} could not be removed", self.path.display());
        }
    }
}

/// Makes the file unless it is there. Its bytes are of no pattern, so that no disk packs them.
fn make(path: &Path, bytes: u64) -> io::Result<()> {
    if bytes == 0 || std::fs::metadata(path).is_ok_and(|found| found.len() == bytes) {
        return Ok(());
    }
    let mut word = 0x9e37_79b9_7f4a_7c15_u64;
    let mut draw = || {
        word ^= word << 13;
        word ^= word >> 7;
        word ^= word << 17;
        word.to_le_bytes()
    };
    let chunk: Vec<u8> = std::iter::repeat_with(&mut draw).take(CHUNK / 8).flatten().collect();
    let mut file = File::create(path)?;
    let mut left = bytes;
    while left > 0 {
        let part = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
        file.write_all(&chunk[..part])?;
        left -= part as u64;
    }
    // Only then is it certain that there is room for it.
    file.sync_data()
}
