//! Bundles of evidence: gathered from what is signed, and noted in the journal before they are handed out.

mod ask;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use engine::digest::Hash;
use engine::evidence::bundle::{Line, Parts, pack};
use engine::evidence::{Checkpoint, EvidenceError};
use engine::graph::Library;
use engine::journal::{Command, Envelope};
use engine::model::UnitId;
use engine::model::reading::Through;
use engine::runtime::bundle::{NoBundle, Signed, Wish, gather};
use engine::runtime::{Accepted, Refusal};
use engine::store::Store as _;
use tokio::sync::Semaphore;
use tokio::time::Instant;

pub use self::ask::Asked;
use super::evidence::{LogName, NoEvidence};
use super::reading::{Names, note, record};
use super::{App, Identity};

/// A bundle reads whole logs and lies in memory: one is made at a time.
static ONE: Semaphore = Semaphore::const_new(1);
/// How long another one waits for its turn.
const TURN_TIME: Duration = Duration::from_secs(20);

/// Cosignatures come a moment after the signature. A bundle takes each log's checkpoint once every witness that is asked has cosigned it, and does
/// without those that have not come in this time. It looks again after so long.
const COSIGNED_TIME: Duration = Duration::from_secs(2);
const COSIGNED_REST: Duration = Duration::from_millis(100);

/// A bundle, and where the journal says that it was handed out.
pub struct Made {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The entry.
    pub accepted: Accepted,
}

/// Why none was made.
#[derive(Debug, thiserror::Error)]
pub enum NotMade {
    /// What was chosen is not there, or not signed.
    #[error(transparent)]
    Nothing(#[from] NoBundle),
    /// What is signed cannot be shown.
    #[error(transparent)]
    Evidence(#[from] NoEvidence),
    /// It cannot be packed.
    #[error(transparent)]
    Packed(#[from] EvidenceError),
    /// It may not be handed out.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// That its personal values are read cannot be put on record.
    #[error("that personal values are read cannot be recorded")]
    Unrecorded(#[source] Refusal),
}

/// Makes a bundle for whoever asks, and notes it.
///
/// # Errors
/// When it is not to be had, or must not be handed out.
pub async fn make(app: &App, who: &Identity, key: &str, wish: &Wish, purpose: &str) -> Result<Made, NotMade> {
    let _one = tokio::time::timeout(TURN_TIME, ONE.acquire()).await.map_err(|_| Refusal::Busy)?;
    let (store, options) = (app.engine.store(), app.engine.options());
    let mut signed = BTreeMap::new();
    let (mut units, witnesses) = (store.units().await.map_err(NoBundle::from)?, app.evidence.witnesses().await);
    let until = Instant::now() + COSIGNED_TIME;
    loop {
        // The site's last: what the others stand on is in it.
        units.sort_by_key(|unit| unit.as_str() == UnitId::SITE);
        let mut wanting = BTreeSet::new();
        for unit in units {
            match newest(app, &unit).await {
                Ok(newest) => {
                    let own = &newest.checkpoint.origin;
                    if newest.note.signatures.iter().filter(|line| line.name != *own).count() < witnesses {
                        wanting.insert(unit.clone());
                    }
                    signed.insert(unit, newest);
                }
                // Whether it is needed shows later.
                Err(NoEvidence::Unsigned) => {}
                Err(error) => return Err(error.into()),
            }
        }
        // The site's log may have taken in meanwhile what is newer than was read of a unit.
        app.engine.catch_up().await.map_err(NoBundle::from)?;
        let taken = app.engine.office();
        let is_behind = |one: &Signed| {
            let Checkpoint { origin, size, .. } = &one.checkpoint;
            taken.taken.get(origin).is_some_and(|taken| taken.size > *size)
        };
        wanting.extend(signed.iter().filter(|(_, one)| is_behind(one)).map(|(unit, _)| unit.clone()));
        if wanting.is_empty() || Instant::now() >= until {
            break;
        }
        wanting.insert(UnitId::site());
        units = wanting.into_iter().collect();
        tokio::time::sleep(COSIGNED_REST).await;
    }
    // A zone without a name has none of which anybody else would know.
    let zone = options.zone.iana_name().unwrap_or("UTC");
    let parts = gather(store, &options.host, zone, wish, &signed).await?;
    let (unit, is_open, library) = (wish.chosen.unit.clone(), wish.withheld.is_none(), app.engine.library());
    let packed = super::heavy::heavy(move || {
        let disclosed = if is_open { disclosed(&library, &unit, &parts) } else { BTreeMap::new() };
        pack(parts).map(|bytes| (bytes, disclosed))
    });
    let packed = packed.await.ok_or_else(|| NoEvidence::Broken("the bundle could not be packed".to_owned()))?;
    let (bytes, disclosed) = packed?;
    record(app, who, Through::Bundle, disclosed).await.map_err(NotMade::Unrecorded)?;
    let command = Command::NoteBundle {
        bundle: Hash::of(&bytes),
        chosen: wish.chosen.clone(),
        withheld: wish.withheld.clone(),
        purpose: purpose.to_owned(),
    };
    let accepted = app.engine.submit(&wish.chosen.unit, Envelope::new(who.actor(), key, command)).await?;
    Ok(Made { bytes, accepted })
}

/// Personal values that a bundle discloses of the unit's cases.
fn disclosed(library: &Library, unit: &UnitId, parts: &Parts) -> Names {
    let mut names = Names::new();
    for text in parts.logs.iter().flat_map(|(_, _, lines)| lines.lines()) {
        // Only what lies in the chosen unit is shown of cases and early messages.
        if let Some(sealed) = Line::read(text).ok().and_then(Line::sealed) {
            note(library, unit, &sealed, &mut names);
        }
    }
    names
}

/// The newest checkpoint of a unit's log, in its newest epoch.
pub(super) async fn newest(app: &App, unit: &UnitId) -> Result<Signed, NoEvidence> {
    let log = app.evidence.latest(LogName { unit: unit.clone(), epoch: 1 }).await;
    let newest = app.evidence.newest(&log).await?;
    let held = app.evidence.changed(&newest.checkpoint.origin).await;
    Ok(Signed { path: log.path(), note: newest.note, checkpoint: newest.checkpoint, held })
}
