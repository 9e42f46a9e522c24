//! The law of cases asked for by name.

use engine::projection::RowChange::InstancePut;
use engine::store::Store;

use super::super::make::*;

pub(in crate::store) async fn instances_are_found_by_name(store: &impl Store) {
    let mut log = Log::new("mumbai-3");
    let changes = (0..40).map(|n| InstancePut(instance(n))).collect();
    store.append(log.commands([1], changes)).await.unwrap();
    for (names, found) in [(vec![3, 99, 5], vec![3, 5]), (vec![77], vec![]), (vec![], vec![])] {
        let names: Vec<_> = names.into_iter().map(command).collect();
        let mut named = store.instances_named(&log.unit, &names).await.unwrap();
        named.sort_by_key(|row| names.iter().position(|name| *name == row.id));
        assert_eq!(named, found.into_iter().map(instance).collect::<Vec<_>>());
        // Those of another unit are not there.
        assert!(store.instances_named(&unit("pune-1"), &names).await.unwrap().is_empty());
    }
}
