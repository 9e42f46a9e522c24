//! What the signer has shown, and the trees that belong to it: kept in memory, and always held against the signed root.

use std::collections::{BTreeSet, HashMap};
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use engine::digest::{Hash, leaf_hash};
use engine::evidence::bundle::{Policy, epoch};
use engine::evidence::{Blocks, Checkpoint, Key, Note, Proof, TILE_WIDTH, Tile, TileKind, bundle};
use engine::model::{Time, UnitId};
use engine::runtime::signer::{CHECKPOINT, PATIENCE_SECONDS, POLICY, VKEY, WITNESSES};
use engine::store::{AnyStore, Store as _, StoreError};

use super::sealed::Seals;

/// Entries read at a time.
const PAGE: u32 = 1_000;
/// Seconds for which what was found to wait is good enough for a page.
const GLANCE: i64 = 60;

/// Where checkpoints are, and the trees below them.
#[derive(Debug, Default)]
pub struct Evidence {
    /// The folder of what the signer shows; none where nothing is signed.
    folder: Option<PathBuf>,
    trees: Mutex<HashMap<UnitId, Arc<tokio::sync::Mutex<Blocks>>>>,
    /// When it was looked last at what waits, and since when something did.
    glance: Mutex<Option<(Time, Option<Time>)>>,
    /// What is known to be signed.
    pub(super) seals: Seals,
    /// Held while a file for another office is made.
    pub extracting: Arc<tokio::sync::Mutex<()>>,
}

/// What is written and not signed yet, of all logs together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unsigned {
    /// How many entries.
    pub entries: u64,
    /// When the first of them was recorded.
    pub since: Option<Time>,
}

/// A log under its signed name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogName {
    /// The unit, or the site.
    pub unit: UnitId,
    /// Number of the epoch, from 1.
    pub epoch: u64,
}

impl LogName {
    /// Splits an origin's path, such as `unit/mumbai-3/1`, from what follows it.
    pub fn read(path: &str) -> Option<(Self, &str)> {
        let (unit, rest) = match path.split_once('/')? {
            ("site", rest) => (UnitId::site(), rest),
            ("unit", rest) => {
                let (unit, rest) = rest.split_once('/')?;
                let unit = unit.parse::<UnitId>().ok().filter(|unit| unit.as_str() != UnitId::SITE)?;
                (unit, rest)
            }
            _ => return None,
        };
        let (number, rest) = rest.split_once('/').unwrap_or((rest, ""));
        let epoch = number.parse().ok().filter(|epoch: &u64| *epoch > 0 && epoch.to_string() == number)?;
        Some((Self { unit, epoch }, rest))
    }

    /// The path of its origin, without the host.
    pub fn path(&self) -> String {
        if self.unit.as_str() == UnitId::SITE {
            format!("site/{}", self.epoch)
        } else {
            format!("unit/{}/{}", self.unit, self.epoch)
        }
    }
}

/// Why there is no evidence to give.
#[derive(Debug, thiserror::Error)]
pub enum NoEvidence {
    /// Nothing is signed yet of this log, or not in this epoch.
    #[error("nothing is signed of this log")]
    Unsigned,
    /// The entry is not below the newest checkpoint.
    #[error("the log is signed up to {0} entries")]
    Beyond(u64),
    /// The database is not what was signed.
    #[error("the log differs from what was signed")]
    Differs,
    /// What the signer shows cannot be read.
    #[error("{0}")]
    Broken(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The newest checkpoint of a log: the note, what it says, and the key that it was checked with.
#[derive(Debug, Clone)]
pub struct Newest {
    /// As it was signed.
    pub note: Note,
    /// What it says.
    pub checkpoint: Checkpoint,
    /// The log's key.
    pub key: Key,
}

impl Evidence {
    /// Checkpoints are shown in this folder.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder: Some(folder), ..Self::default() }
    }

    /// Whether checkpoints are shown at all.
    pub fn is_shown(&self) -> bool {
        self.folder.is_some()
    }

    /// A file that the signer shows of a log.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub async fn shown(&self, log: &LogName, file: &str) -> Result<String, NoEvidence> {
        let folder = self.folder.as_ref().ok_or(NoEvidence::Unsigned)?;
        let path = folder.join(log.path()).join(file);
        tokio::fs::read_to_string(&path).await.map_err(|error| match error.kind() {
            ErrorKind::NotFound => NoEvidence::Unsigned,
            _ => NoEvidence::Broken(format!("{}: {error}", path.display())),
        })
    }

    /// The same log in its newest epoch: each declared restore begins one. A folder that was begun anew shows none of those before.
    pub async fn latest(&self, log: LogName) -> LogName {
        let mut newest = log.epoch;
        let of_log = self.folder.as_ref().and_then(|folder| folder.join(log.path()).parent().map(PathBuf::from));
        if let Some(of_log) = of_log
            && let Ok(mut epochs) = tokio::fs::read_dir(&of_log).await
        {
            while let Ok(Some(entry)) = epochs.next_entry().await {
                let epoch: Option<u64> = entry.file_name().to_str().and_then(|name| name.parse().ok());
                // A new one has its key a moment before its checkpoint.
                if let Some(epoch) = epoch.filter(|epoch| *epoch > newest)
                    && tokio::fs::try_exists(entry.path().join(CHECKPOINT)).await.unwrap_or(false)
                {
                    newest = epoch;
                }
            }
        }
        LogName { epoch: newest, ..log }
    }

    /// How many witnesses are asked to cosign every checkpoint.
    pub async fn witnesses(&self) -> usize {
        let Some(folder) = &self.folder else { return 0 };
        tokio::fs::read_to_string(folder.join(WITNESSES)).await.map_or(0, |text| text.lines().count())
    }

    /// The sizes of a log, under whichever of its names, at which its key was changed.
    pub async fn changed(&self, name: &str) -> BTreeSet<u64> {
        let Some(folder) = &self.folder else { return BTreeSet::new() };
        let text = tokio::fs::read_to_string(folder.join(POLICY)).await.unwrap_or_default();
        // Before a key was changed there is none.
        let policy = if text.is_empty() { Ok(Policy::default()) } else { Policy::read(&text) };
        let seen = policy.map_or_else(
            |error| {
                tracing::error!(%error, "the policy that the signer shows cannot be read: changes of its key are not told");
                Vec::new()
            },
            |policy| policy.seen,
        );
        let log = |name: &str| epoch(name).map(|(log, _)| log.to_owned());
        seen.into_iter().filter(|one| log(&one.name) == log(name)).map(|one| one.size).collect()
    }

    /// The newest checkpoint of a log.
    ///
    /// # Errors
    /// When nothing is signed, or what is shown is not the log's.
    pub async fn newest(&self, log: &LogName) -> Result<Newest, NoEvidence> {
        let broken = |error: &dyn std::fmt::Display| NoEvidence::Broken(format!("{}: {error}", log.path()));
        let key = Key::read(self.shown(log, VKEY).await?.trim_end()).map_err(|error| broken(&error))?;
        let note = Note::read(self.shown(log, CHECKPOINT).await?.as_bytes()).map_err(|error| broken(&error))?;
        let checkpoint = Checkpoint::open(&note, &key).map_err(|error| broken(&error))?;
        Ok(Newest { note, checkpoint, key })
    }

    /// What waits to be signed; none where no checkpoints are shown.
    ///
    /// # Errors
    /// When the store fails, or what is shown cannot be read: that says nothing of what is signed.
    pub async fn unsigned(&self, store: &AnyStore) -> Result<Option<Unsigned>, NoEvidence> {
        if self.folder.is_none() {
            return Ok(None);
        }
        let mut found = Unsigned::default();
        for unit in store.units().await? {
            // The head first: what is signed meanwhile is no less.
            let Some(head) = store.head(&unit).await? else { continue };
            let log = self.latest(LogName { unit, epoch: 1 }).await;
            let signed = match self.newest(&log).await {
                Ok(newest) => newest.checkpoint.size,
                Err(NoEvidence::Unsigned) => 0,
                Err(other) => return Err(other),
            };
            if signed < head.size {
                let first = store.entries(&log.unit, signed, 1).await?.pop().map_or(head.time, |entry| entry.time);
                found.entries += head.size - signed;
                found.since = Some(found.since.map_or(first, |since| since.min(first)));
            }
        }
        Ok(Some(found))
    }

    /// Since when something waits to be signed, if that is longer than it should. It is looked at once a minute, however many pages ask.
    pub async fn waits_since(&self, store: &AnyStore, now: Time) -> Option<Time> {
        self.folder.as_ref()?;
        let known = {
            let mut glance = self.glance.lock().unwrap_or_else(PoisonError::into_inner);
            let fresh = glance.filter(|(looked, _)| now < looked.plus_seconds(GLANCE));
            // Whoever asks meanwhile is told what was known before.
            *glance = fresh.or(Some((now, glance.and_then(|(_, since)| since))));
            fresh
        };
        let since = if let Some((_, since)) = known {
            since
        } else {
            // A store that does not answer shows on the page anyway, and what cannot be read leaves what was known.
            let since = match self.unsigned(store).await {
                Ok(unsigned) => unsigned.and_then(|unsigned| unsigned.since),
                Err(error) => {
                    tracing::warn!(%error, "it cannot be told what waits for its signature");
                    self.glance.lock().unwrap_or_else(PoisonError::into_inner).and_then(|(_, since)| since)
                }
            };
            *self.glance.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, since));
            since
        };
        // A signer that was restarted has long caught up.
        since.filter(|since| since.plus_seconds(PATIENCE_SECONDS) < now)
    }

    /// The proof that an entry is in its log as it is signed now, and the hash of its leaf.
    ///
    /// # Errors
    /// When the entry is not signed yet, or the log is not what was signed.
    pub async fn proof(&self, store: &AnyStore, log: &LogName, index: u64) -> Result<(Proof, Hash, Newest), NoEvidence> {
        let newest = self.newest(log).await?;
        let size = newest.checkpoint.size;
        if index >= size {
            return Err(NoEvidence::Beyond(size));
        }
        let blocks = self.tree(store, log, &newest.checkpoint).await?;
        let [own, last] = Blocks::needed(index, size);
        let own = hashes(&block(store, &log.unit, own).await?);
        let last = if last.is_some() { hashes(&block(store, &log.unit, last).await?) } else { own.clone() };
        let leaf = usize::try_from(index % TILE_WIDTH).ok().and_then(|place| own.get(place)).copied();
        let path = blocks.inclusion(index, size, &own, &last);
        let (Some(leaf), Some(path)) = (leaf, path) else { return Err(NoEvidence::Differs) };
        Ok((Proof { index, path, checkpoint: newest.note.clone() }, leaf, newest))
    }

    /// Whether a log as it is signed now begins with the first `size` entries under this root.
    ///
    /// # Errors
    /// When the log is not what was signed.
    pub async fn begins(
        &self,
        store: &AnyStore,
        log: &LogName,
        newest: &Newest,
        size: u64,
        root: Hash,
    ) -> Result<bool, NoEvidence> {
        if size > newest.checkpoint.size {
            return Ok(false);
        }
        let blocks = self.tree(store, log, &newest.checkpoint).await?;
        let last = (!size.is_multiple_of(TILE_WIDTH)).then_some(size / TILE_WIDTH);
        Ok(blocks.root(size, &hashes(&block(store, &log.unit, last).await?)) == Some(root))
    }

    /// The bytes of a tile.
    ///
    /// # Errors
    /// When the signed tree does not have it, or the log is not what was signed.
    pub async fn tile(&self, store: &AnyStore, log: &LogName, tile: Tile) -> Result<Vec<u8>, NoEvidence> {
        let newest = self.newest(log).await?;
        if !tile.is_in(newest.checkpoint.size) {
            return Err(NoEvidence::Beyond(newest.checkpoint.size));
        }
        let blocks = self.tree(store, log, &newest.checkpoint).await?;
        let width = usize::from(tile.width);
        let bytes = match tile.kind {
            TileKind::Entries => {
                let leaves = block(store, &log.unit, Some(tile.index)).await?;
                leaves.get(..width).map(|leaves| bundle(leaves.iter().map(String::as_bytes)))
            }
            TileKind::Hashes(0) => {
                let leaves = hashes(&block(store, &log.unit, Some(tile.index)).await?);
                leaves.get(..width).map(joined)
            }
            TileKind::Hashes(level) => blocks.upper(level, tile.index, tile.width).map(|hashes| joined(&hashes)),
        };
        bytes.ok_or(NoEvidence::Differs)
    }

    /// The tree of a log, which must have the signed root.
    async fn tree(
        &self,
        store: &AnyStore,
        log: &LogName,
        signed: &Checkpoint,
    ) -> Result<tokio::sync::OwnedMutexGuard<Blocks>, NoEvidence> {
        let tree = {
            let mut trees = self.trees.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(trees.entry(log.unit.clone()).or_default())
        };
        let mut blocks = tree.lock_owned().await;
        let last = (!signed.size.is_multiple_of(TILE_WIDTH)).then_some(signed.size / TILE_WIDTH);
        let last = hashes(&block(store, &log.unit, last).await?);
        // What is kept may be of a database that was restored meanwhile: then once more, from the beginning.
        for _ in 0..2 {
            while blocks.size() < signed.size {
                let page = store.leaves(&log.unit, blocks.size(), PAGE).await?;
                if page.is_empty() {
                    return Err(NoEvidence::Differs);
                }
                for leaf in hashes(&page) {
                    blocks.push(leaf);
                }
            }
            if blocks.root(signed.size, &last) == Some(signed.root) {
                return Ok(blocks);
            }
            *blocks = Blocks::new();
        }
        tracing::error!(origin = signed.origin, size = signed.size, "the log in the database is not what was signed");
        Err(NoEvidence::Differs)
    }
}

/// The leaves of a block.
async fn block(store: &AnyStore, unit: &UnitId, index: Option<u64>) -> Result<Vec<String>, StoreError> {
    let Some(first) = index.and_then(|index| index.checked_mul(TILE_WIDTH)) else { return Ok(Vec::new()) };
    store.leaves(unit, first, u32::from(u8::MAX) + 1).await
}

fn hashes(leaves: &[String]) -> Vec<Hash> {
    leaves.iter().map(|leaf| leaf_hash(leaf.as_bytes())).collect()
}

fn joined(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}
