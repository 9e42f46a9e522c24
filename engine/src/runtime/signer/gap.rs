//! Gaps in signing: what had to wait while the signer was away, as it says so itself under its key.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::SignerError;
use super::files::GAPS;
use crate::evidence::{Key, Note};
use crate::journal::event::{Gap, LogWaited};
use crate::model::Time;
use crate::model::limits::GAP_LOGS_MAX;
use crate::runtime::folder::{failed, note};

/// Seconds that an entry may wait for its signature: longer, and the gap is recorded.
pub const PATIENCE_SECONDS: i64 = 15 * 60;
/// Second line of the text.
const TITLE: &str = "gap in signing";

/// The text that is signed: the host, the title, from and to, and a line for each log.
pub(super) fn text(gap: &Gap, host: &str) -> String {
    let Gap { from, to, logs } = gap;
    let lines = logs.iter().map(|LogWaited { log, before, after }| format!("{log} {before} {after}\n"));
    format!("{host}\n{TITLE}\n{from} {to}\n{}", lines.collect::<String>())
}

/// Reads a note that one of these keys has signed under the host's name.
pub(super) fn open(note: &Note, keys: &[Key]) -> Result<Gap, SignerError> {
    let signed = note.verify(keys)?;
    // One gap, one text: what is written otherwise is none.
    let gap = read(&note.text).filter(|gap| signed.iter().any(|key| text(gap, key.name()) == note.text));
    gap.ok_or_else(|| {
        SignerError::Files("a note in the folder of gaps does not tell of a gap in signing of this host".to_owned())
    })
}

fn read(text: &str) -> Option<Gap> {
    let mut lines = text.lines().skip(2);
    let (from, to) = lines.next()?.split_once(' ')?;
    let logs = lines.map(|line| {
        let mut words = line.split(' ');
        let log = words.next()?.to_owned();
        Some(LogWaited { log, before: words.next()?.parse().ok()?, after: words.next()?.parse().ok()? })
    });
    Some(Gap { from: Time::parse(from)?, to: Time::parse(to)?, logs: logs.collect::<Option<_>>()? })
}

/// Splits what is more than an entry holds.
pub(super) fn split(from: Time, to: Time, mut logs: Vec<LogWaited>) -> Vec<Gap> {
    logs.sort_by(|one, other| one.log.cmp(&other.log));
    logs.chunks(GAP_LOGS_MAX).map(|logs| Gap { from, to, logs: logs.to_vec() }).collect()
}

/// The names of the gaps that are shown below a folder of [`super::PUBLISHED`], the oldest first.
///
/// # Errors
/// When the folder cannot be read.
pub fn gaps(folder: &Path) -> Result<Vec<String>, SignerError> {
    names(&folder.join(GAPS))
}

/// The names of the notes in a folder, in their order.
pub(super) fn names(place: &Path) -> Result<Vec<String>, SignerError> {
    let entries = match fs::read_dir(place) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed(place))?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(failed(place))?.file_name();
        // Whatever else lies there, such as a file that is just being written, is none.
        let is_name = |name: &&str| name.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        names.extend(name.to_str().filter(is_name).map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

/// A gap that is shown, if one of these keys has signed it.
///
/// # Errors
/// When it cannot be read, or none of them has signed it.
pub fn shown_gap(folder: &Path, name: &str, keys: &[Key]) -> Result<Gap, SignerError> {
    let path = folder.join(GAPS).join(name);
    let bytes = note(&path)?.ok_or_else(|| SignerError::Files(format!("{}: it is gone", path.display())))?;
    open(&Note::read(&bytes)?, keys)
}
