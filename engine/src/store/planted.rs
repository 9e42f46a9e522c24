//! Bugs that are planted to see that they are found: in builds with the feature `planted` alone, one at a time, chosen when the program starts.

use super::{Batch, Head};
use crate::journal::Sealed;
use crate::model::UnitId;

/// A bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// A store takes a batch that was decided on an old state.
    SkipFence,
    /// The caller is told before anything is written.
    AnswerEarly,
    /// A timer fires twice in one entry.
    FireTwice,
    /// The tree leaves out a leaf now and then.
    DropLeaf,
    /// Two entries of a batch change places.
    SwapEntries,
    /// What was accepted before is not known any more.
    ForgetKey,
    /// What falls due wakes nobody.
    LoseWakeUp,
    /// What another node, or this one, wrote without being told is not taken in: neither the office, nor what makes a refusal untrue.
    StayBehind,
    /// The rows of an entry are not written now and then.
    LoseRow,
    /// Commits are not synced.
    SkipSync,
    /// A failed write or sync is taken for a refusal, and the process goes on.
    CarryOn,
    /// The space kept back is not given away on a full disk.
    KeepSpace,
    /// A backup leaves out what stands in the write-ahead log alone.
    LeaveLog,
    /// A case that fails holds its unit up.
    HoldUp,
    /// A connection to the database is taken to live until it says otherwise.
    TrustLine,
    /// What is about to be written is signed already.
    SignEarly,
    /// Where entries are missing that were signed, the signer begins again with what is there.
    MissNothing,
    /// The head of a request may have any size.
    ReadAnyHead,
    /// Each command leaves something behind in memory.
    KeepAll,
}

/// Whether this bug is planted.
///
/// # Panics
/// When the name that was chosen is not that of a bug.
#[cfg(feature = "planted")]
pub fn is(bug: Bug) -> bool {
    static CHOSEN: std::sync::OnceLock<Option<Bug>> = std::sync::OnceLock::new();
    *CHOSEN.get_or_init(|| {
        let name = std::env::var("SEVOTTAM_PLANTED").ok()?;
        let bugs = [
            ("skip-fence", Bug::SkipFence),
            ("answer-early", Bug::AnswerEarly),
            ("fire-twice", Bug::FireTwice),
            ("drop-leaf", Bug::DropLeaf),
            ("swap-entries", Bug::SwapEntries),
            ("forget-key", Bug::ForgetKey),
            ("lose-wake-up", Bug::LoseWakeUp),
            ("stay-behind", Bug::StayBehind),
            ("lose-row", Bug::LoseRow),
            ("skip-sync", Bug::SkipSync),
            ("carry-on", Bug::CarryOn),
            ("keep-space", Bug::KeepSpace),
            ("leave-log", Bug::LeaveLog),
            ("hold-up", Bug::HoldUp),
            ("trust-line", Bug::TrustLine),
            ("sign-early", Bug::SignEarly),
            ("miss-nothing", Bug::MissNothing),
            ("read-any-head", Bug::ReadAnyHead),
            ("keep-all", Bug::KeepAll),
        ];
        let found = bugs.iter().find(|(known, _)| *known == name).map(|(_, bug)| *bug);
        // A misspelt name would plant nothing, and the test would be believed.
        Some(found.unwrap_or_else(|| panic!("no bug is called {name}")))
    }) == Some(bug)
}

/// It is not: this build has none.
#[cfg(not(feature = "planted"))]
pub const fn is(_: Bug) -> bool {
    false
}

/// The last batches that writers were about to write, where the signer signs those: several of a unit may be on their way.
#[cfg(feature = "planted")]
static EARLY: std::sync::Mutex<std::collections::VecDeque<(UnitId, Head, Vec<Sealed>)>> =
    std::sync::Mutex::new(std::collections::VecDeque::new());

/// Tells the signer of it, and lets a moment go by: on a slow disk too the signature, which is itself written before it is shown, comes first.
#[cfg(feature = "planted")]
pub(crate) async fn sign_early(batch: &Batch) {
    {
        let mut early = EARLY.lock().expect("nobody panics with it");
        early.push_back((batch.unit.clone(), batch.head.clone(), batch.entries.clone()));
        let surplus = early.len().saturating_sub(16);
        early.drain(..surplus);
    }
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
}

/// The batch of a unit that is about to be written behind so many entries.
#[cfg(feature = "planted")]
pub(crate) fn early(unit: &UnitId, from: u64) -> Option<(Head, Vec<Sealed>)> {
    let early = EARLY.lock().expect("nobody panics with it");
    let follows = |of: &UnitId, entries: &[Sealed]| of == unit && entries.first().is_some_and(|first| first.index == from);
    early.iter().rev().find(|(of, _, entries)| follows(of, entries)).map(|(_, head, entries)| (head.clone(), entries.clone()))
}

/// Nothing is signed early.
#[cfg(not(feature = "planted"))]
pub(crate) fn sign_early(_: &Batch) -> std::future::Ready<()> {
    std::future::ready(())
}

/// Nothing is.
#[cfg(not(feature = "planted"))]
pub(crate) const fn early(_: &UnitId, _: u64) -> Option<(Head, Vec<Sealed>)> {
    None
}
