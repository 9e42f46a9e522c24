//! Scenarios acted out on a store: who does what, and what must be open afterwards.

pub use api::app::trial::scenario::Scenario;

use api::app::trial::scenario::{Expect, Refused, Step};
use engine::machine::Instance;
use engine::model::{CommandId, Time};
use engine::runtime::Refusal;
use engine::store::{InstanceQuery, Store};
use serde_json::Value;

use crate::world::{World, deploy_shipped, text};

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
        let place = format!("{}, step {number} ({step:?})", scenario.title);
        match step {
            Step::Refused(Refused::Refused { attempt, code }) => {
                let refusal =
                    stage.perform(Some(id), attempt).await.err().unwrap_or_else(|| panic!("{place}: it was not refused"));
                let Refusal::Rejected(rejection) = refusal else { panic!("{place}: {refusal}") };
                assert_eq!(rejection.code, code, "{place}: {rejection:#?}");
            }
            Step::Do(what) => {
                stage.perform(Some(id), what).await.unwrap_or_else(|refusal| panic!("{place}: {refusal:#?}"));
            }
            Step::Expect { expect } => hold(&world, id, expect, &place).await,
        }
        world.advance(0).await;
        check_all(&world).await;
    }
    let case = world.case(id).await;
    assert_eq!(case.status, scenario.end, "{}: {case:#?}", scenario.title);
    assert!(crate::bundle::audit(&world).await.entries > 0);
    world
}

async fn hold<S: Store>(world: &World<S>, id: CommandId, expect: &Expect, place: &str) {
    let case: Instance = world.case(id).await;
    let (tasks, now) = (world.open_tasks().await, world.engine.now());
    let late: Vec<_> = tasks.iter().filter(|task| task.due.is_some_and(|due| due <= now)).cloned().collect();
    for (what, expected, tasks) in [("open", &expect.open, tasks), ("overdue", &expect.overdue, late)] {
        let Some(mut expected) = expected.clone() else { continue };
        expected.sort();
        let mut found: Vec<String> = tasks.into_iter().map(|task| task.step).collect();
        found.sort();
        assert_eq!(found, expected, "{place}, {what}; incidents: {:#?}", case.incidents);
    }
    for (name, value) in &expect.variables {
        let found = case.variable(0, name).cloned().unwrap_or(Value::Null);
        assert!(same(&found, value), "{place}: {name} is {found}, not {value}");
    }
}

/// Whether two values are the same; amounts are compared as decimals.
fn same(a: &Value, b: &Value) -> bool {
    let number = |value: &Value| match value {
        Value::String(text) => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        other => other.to_string(),
    };
    a == b
        || (a.is_string() && a.as_str().is_some_and(|text| text.contains('.') && number(a) == number(b)))
        || (b.is_string() && b.as_str().is_some_and(|text| text.contains('.') && number(a) == number(b)))
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
