//! Much that is due at once: clocks before everything else, what is of one case in its order, each once and none early.

use engine::journal::Command;
use engine::model::limits::DUE_BATCH_MAX;
use engine::projection::row::DueKind;
use engine::store::Store;
use serde_json::json;

use super::{DAY, clocks, office, process};
use crate::engine::{deploy, end, started, user_task, values};

#[tokio::test]
async fn a_flood_is_carried_out_in_order_of_severity_each_once_and_none_early() {
    let world = office(json!({})).await;
    let wait = |next: &str| json!({ "id": "w", "type": "intermediateCatchEvent", "timer": { "after": "= duration(\"PT1H\") * n" }, "next": next });
    deploy(&world, "waits", json!([started("w"), wait("end"), end()])).await;
    // A clock beside a timer, which falls due before or after it.
    let both = json!([started("w"), wait("b"), user_task("b", "end"), end()]);
    let mut bind = clocks();
    bind[0]["bind"]["asked"] = json!({ "entering": "end" });
    bind[0]["bind"]["answered"] = json!({ "leaving": "w" });
    world.deploy(&process("both", &both, &bind)).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
    let flood = i64::try_from(DUE_BATCH_MAX).expect("a small number") + 20;
    for n in 0..flood {
        for process in ["waits", "both", "timed"] {
            let data = values(json!({ "n": n * 37 % flood + 1 }));
            let command = Command::StartInstance { process: process.into(), definition: None, number: None, data };
            world.submit("asha", command).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
        }
    }
    world.clock.move_to(world.engine.now().plus_seconds(20 * DAY));
    let (store, unit) = (world.engine.store(), &world.unit);
    let due = store.due(world.engine.now(), u32::MAX).await.expect("the store answers");
    let kinds: Vec<DueKind> = due.iter().map(|(_, row)| row.kind).collect();
    let last_clock = kinds.iter().rposition(|kind| *kind == DueKind::Clock).expect("clocks are due");
    let timers_before = kinds[..last_clock].iter().filter(|kind| **kind == DueKind::Timer).count();
    assert!(timers_before > 10 && timers_before < usize::try_from(flood).expect("a small number"), "{timers_before}");

    let size = store.head(unit).await.expect("the store answers").expect("a log").size;
    world.engine.settle().await.expect("due work is carried out");
    let done = store.entries(unit, size, u32::MAX).await.expect("the store answers");
    let done: Vec<_> = done.iter().map(|sealed| engine::journal::codec::open(sealed).expect("an entry")).collect();
    let kind = |kind| if kind == DueKind::Clock { "clock.advanced" } else { "timer.fired" };
    let wanted: Vec<_> = due.iter().map(|(_, row)| (kind(row.kind), row.instance)).collect();
    let told: Vec<_> = done.iter().map(|entry| (entry.kind.as_str(), entry.link.map(|link| link.instance))).collect();
    assert_eq!(told, wanted);
    assert!(done.iter().zip(&due).all(|(entry, (_, row))| entry.origin.time >= row.at));
}
