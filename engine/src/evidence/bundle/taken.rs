//! What the site log took in of a unit's log, held against the log as it is shown: under the epoch that is shown, and under those before it; and
//! what was seen outside under those before it.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::vec::IntoIter;

use super::check::{Contradiction, Report};
use super::policy::{Lost, Outside};
use crate::digest::Hash;
use crate::evidence::read_number;

/// The name of a log without its epoch, and its epoch.
pub fn epoch(name: &str) -> Option<(&str, u64)> {
    let (log, epoch) = name.rsplit_once('/')?;
    Some((log, read_number(epoch).filter(|epoch| *epoch > 0)?))
}

/// What was taken in of one log.
pub(super) struct Taken<'a> {
    name: &'a str,
    /// How many entries are signed of it under the epoch that is shown.
    size: u64,
    /// By epoch, up to the one that is shown.
    epochs: Vec<Epoch>,
    losses: Losses<'a>,
    /// The last entry that is shown so far.
    shown: Option<u64>,
    /// The newest size at which the epoch that is shown was held against it.
    held: Option<u64>,
}

struct Epoch {
    number: u64,
    is_shown: bool,
    /// Sizes rise.
    left: Peekable<IntoIter<Outside>>,
    /// The size before.
    before: u64,
}

/// What was lost of a log before each of the epochs up to the one that is shown, by the epoch under which it was signed.
pub(super) struct Losses<'a> {
    of: BTreeMap<u64, &'a Lost>,
    /// The epoch that is shown.
    shown: u64,
}

/// What has become of so many entries that were signed under an earlier epoch.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    /// They are still there.
    Kept,
    /// The last of them at least are lost, as was declared.
    Lost,
    /// Nobody has declared anything of them.
    Undeclared,
}

impl<'a> Losses<'a> {
    pub(super) fn new(lost: &'a [Lost], name: &str) -> Self {
        let (log, shown) = epoch(name).unwrap_or((name, 1));
        let of_log = lost.iter().filter_map(|lost| Some((epoch(&lost.name).filter(|(of, _)| *of == log)?.1, lost)));
        Self { of: of_log.filter(|(number, _)| *number < shown).collect(), shown }
    }

    /// What was lost, the first first.
    pub(super) fn all(&self) -> impl Iterator<Item = &'a Lost> {
        self.of.values().copied()
    }

    fn fate(&self, epoch: u64, size: u64) -> Fate {
        // What was kept of one epoch is the beginning of the next.
        for epoch in epoch..self.shown {
            match self.of.get(&epoch) {
                Some(lost) if size <= lost.from => {}
                Some(lost) if size <= lost.to => return Fate::Lost,
                _ => return Fate::Undeclared,
            }
        }
        Fate::Kept
    }
}

impl<'a> Taken<'a> {
    /// Of all that the site log took in or that was seen outside, what is of a log that is signed for this size.
    pub(super) fn new<'o>(all: impl Iterator<Item = &'o Outside>, name: &'a str, size: u64, losses: Losses<'a>) -> Self {
        let mut of_log: BTreeMap<u64, Vec<Outside>> = BTreeMap::new();
        let own = epoch(name);
        for one in all {
            if let (Some((log, number)), Some((own, last))) = (epoch(&one.name), own)
                && log == own
                && number <= last
            {
                of_log.entry(number).or_default().push(one.clone());
            }
        }
        let epochs = of_log.into_iter().map(|(number, mut left)| {
            left.sort_by_key(|one| one.size);
            Epoch { number, is_shown: own.is_some_and(|(_, last)| last == number), left: left.into_iter().peekable(), before: 0 }
        });
        Self { name, size, epochs: epochs.collect(), losses, shown: None, held: None }
    }

    /// An entry is shown.
    pub(super) fn entry(&mut self, index: u64) {
        self.shown = Some(index);
    }

    /// The tree has grown to a size.
    pub(super) fn at(&mut self, size: u64, root: impl Fn() -> Hash, report: &mut Report) -> Result<(), Contradiction> {
        for epoch in &mut self.epochs {
            while let Some(one) = epoch.left.next_if(|one| one.size <= size) {
                let fate = self.losses.fate(epoch.number, one.size);
                if fate == Fate::Lost {
                    continue;
                }
                // Others may lie within entries that are not shown: these two hold whatever is shown, and the end.
                let is_newest = epoch.left.peek().is_none_or(|next| next.size > self.size);
                let is_next = self.shown.is_some_and(|index| index >= epoch.before);
                epoch.before = one.size;
                if one.size < size {
                    if is_newest || is_next {
                        let message = format!(
                            "{}: the site log took in a checkpoint of size {} of it, or it was seen outside, and it lies within entries that are not shown, \
                             so that the two cannot be held against each other. Ask for a bundle of this unit with --at {}.",
                            one.name, one.size, one.size
                        );
                        report.incomplete("taken.untold", message);
                    }
                } else if one.root == root() {
                    self.held = if epoch.is_shown { Some(size) } else { self.held };
                } else if epoch.is_shown {
                    let message =
                        format!("the site log took in a checkpoint of size {size} with another root: the log was rewritten");
                    return Err(Contradiction::new("taken.differs", message));
                } else if fate == Fate::Kept {
                    let message = format!(
                        "a checkpoint of size {size} was signed under {}, with another root, and the policy says that nothing of it was lost: \
                         the log was rewritten",
                        one.name
                    );
                    return Err(Contradiction::new("taken.differs", message));
                } else {
                    restored(self.name, epoch.number, &one, report);
                    // What follows of that epoch differs too.
                    epoch.left = Vec::new().into_iter().peekable();
                }
            }
        }
        Ok(())
    }

    /// Says what is missing at the end; and the newest size at which the log was held against what was taken in.
    pub(super) fn end(self, report: &mut Report) -> Option<u64> {
        for Epoch { number, left, .. } in self.epochs {
            let fate = |one: &Outside| self.losses.fate(number, one.size);
            let mut left = left.filter(|one| fate(one) != Fate::Lost);
            let first = left.next();
            if let Some(first) = first.as_ref().filter(|one| fate(one) == Fate::Undeclared) {
                restored(self.name, number, first, report);
            } else if let Some(last) = left.next_back().or(first) {
                let message = format!(
                    "{}: a checkpoint of size {} was taken in by the site log, or seen outside: {} entries at the end are missing.",
                    self.name,
                    last.size,
                    last.size - self.size
                );
                report.incomplete("taken.truncated", message);
            }
        }
        self.held
    }
}

/// What was signed under an earlier epoch is not what there is now.
fn restored(name: &str, number: u64, one: &Outside, report: &mut Report) {
    let message = format!(
        "{name}: under epoch {number} of this log ({}) a checkpoint of size {} was taken in by the site log, or seen outside, and there are other \
         entries now, or fewer. A restore that was declared looks so, and so does a log that was rewritten: ask for the declaration of the restore \
         on paper, and put what it says was lost into the policy: `lost {} <from> <to>`.",
        one.name, one.size, one.name
    );
    report.incomplete("taken.restored", message);
}
