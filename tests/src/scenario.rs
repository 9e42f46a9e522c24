//! Scenarios acted out on a store: who does what, and what must be open afterwards.

pub use api::app::trial::scenario::Scenario;

use engine::model::Time;
use engine::store::{InstanceQuery, Store};

use crate::world::{World, deploy_shipped, text};

/// Every scenario file, in order.
///
/// # Panics
/// When one cannot be read.
pub fn all() -> Vec<Scenario> {
    let folder = crate::top().join("tests/scenarios");
    let entries = std::fs::read_dir(&folder).expect("the folder is there");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a file").path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let beside = |name: &str| std::fs::read_to_string(folder.join(name)).map_err(|error| format!("{name}: {error}"));
    let read = |file: &std::path::PathBuf| {
        Scenario::read(&text(file), beside).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    };
    files.iter().map(read).collect()
}

/// Acts a scenario out on a store, and checks the laws after every step.
///
/// # Panics
/// When something differs from what the scenario says.
pub async fn act<S: Store>(store: S, scenario: &Scenario) -> World<S> {
    let directory = serde_json::from_str(&text(format!("definitions/{}", scenario.office))).expect("an office");
    let world = World::new(store, &directory, &scenario.unit).await;
    deploy_shipped(&world.engine).await;
    for file in &scenario.definitions {
        let deployed = world.deploy(&text(format!("definitions/processes/{file}"))).await;
        deployed.unwrap_or_else(|refusal| panic!("{file} is refused: {refusal:#?}"));
    }
    if let Some(at) = &scenario.at {
        world.clock.move_to(Time::parse(at).expect("an instant"));
    }
    let key = || world.key();
    let stage = world.stage(&key);
    let started = stage.start(&scenario.process, &scenario.start).await;
    let started = started.unwrap_or_else(|refusal| panic!("{}: the start is refused: {refusal:#?}", scenario.title));
    let id = started.instance().expect("a start has a case");
    for (number, step) in scenario.steps.iter().enumerate() {
        let done = stage.step(id, step).await;
        done.unwrap_or_else(|what| panic!("{}, step {number} ({step:?}): {what}", scenario.title));
        world.advance(0).await;
        check_all(&world).await;
    }
    stage.ends(id, scenario.end).await.unwrap_or_else(|what| panic!("{}: {what}", scenario.title));
    assert!(crate::bundle::audit(&world).await.entries > 0);
    world
}

/// Checks the laws on every case of the unit.
///
/// # Panics
/// When one is broken.
pub async fn check_all<S: Store>(world: &World<S>) {
    let query = InstanceQuery { limit: 200, ..InstanceQuery::default() };
    for row in world.engine.store().instances(&world.unit, &query).await.expect("the store answers") {
        let case = world.case(row.id).await;
        assert_eq!(case.status, row.status, "the row and the case differ");
    }
}
