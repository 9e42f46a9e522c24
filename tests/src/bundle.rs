//! Bundles made in tests: logs signed by a key of their own, and what is found of them.

use std::collections::{BTreeMap, BTreeSet};

use engine::audit::{Replayed, replay};
use engine::digest::Frontier;
use engine::evidence::Checkpoint;
use engine::evidence::bundle::{Policy, Report, Verdict, pack, verify};
use engine::model::UnitId;
use engine::model::bundle::Chosen;
use engine::runtime::bundle::{Signed, Wish, gather};
use engine::store::Store;

pub use crate::readers::secret;
use crate::world::World;

/// The unit that has cases.
///
/// # Panics
/// Never: the name can be a unit's.
pub fn office() -> UnitId {
    "office".parse().expect("a unit")
}

/// The policy that relies on it.
pub fn policy() -> Policy {
    Policy { keys: vec![secret().key()], ..Policy::default() }
}

/// A checkpoint of every log as it stands.
///
/// # Panics
/// When the store does not answer.
pub async fn signed(store: &impl Store) -> BTreeMap<UnitId, Signed> {
    let mut signed = BTreeMap::new();
    for unit in store.units().await.expect("the store answers") {
        let head = store.head(&unit).await.expect("the store answers").expect("a head");
        let root = Frontier::from_bytes(head.size, &head.frontier).expect("a frontier").root();
        let checkpoint = Checkpoint::new(&head.origin, head.size, root);
        let note = checkpoint.sign(&secret()).expect("it is signed");
        let path = head.origin.strip_prefix("office.example/").expect("the host").to_owned();
        signed.insert(unit, Signed { path, note, checkpoint, held: BTreeSet::new() });
    }
    signed
}

/// Everything of a unit.
pub fn everything(unit: &UnitId) -> Wish {
    let chosen = Chosen { unit: unit.clone(), cases: Vec::new(), processes: Vec::new(), from: None, to: None };
    Wish { chosen, withheld: None, leaves: false, at: BTreeSet::new() }
}

/// The bytes of a bundle.
///
/// # Panics
/// When there is none.
pub async fn bundle<S: Store>(world: &World<S>, wish: &Wish) -> Vec<u8> {
    bundle_of(world, wish, &signed(world.engine.store()).await).await
}

/// The bytes of a bundle under these checkpoints.
///
/// # Panics
/// When there is none.
pub async fn bundle_of<S: Store>(world: &World<S>, wish: &Wish, signed: &BTreeMap<UnitId, Signed>) -> Vec<u8> {
    let parts = gather(world.engine.store(), "office.example", "Asia/Kolkata", wish, signed).await;
    pack(parts.expect("what was chosen is there")).expect("it is packed")
}

/// What is found of a bundle, its cases being lived through once more.
pub fn found(archive: &[u8], policy: &Policy) -> (Report, Replayed) {
    let (bundle, mut report) = verify(archive, policy);
    let sound = report.verdict() != Verdict::Tampered;
    let replayed = bundle.filter(|_| sound).map(|bundle| replay(&bundle, &mut report)).unwrap_or_default();
    (report, replayed)
}

/// Holds a unit to the strictest law there is: a stranger who has its log decides every entry of every case again, and finds it written.
///
/// # Panics
/// When anything is found.
pub async fn audit<S: Store>(world: &World<S>) -> Replayed {
    let archive = bundle(world, &everything(&world.unit)).await;
    let (report, replayed) = found(&archive, &policy());
    assert_eq!(report.findings, [], "{replayed:?}");
    assert_eq!((replayed.untold, report.may_go_on), (0, 0));
    assert_eq!(replayed.cases, report.cases);
    replayed
}
