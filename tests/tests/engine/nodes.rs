//! Several nodes on one store: what one of them acknowledged every other knows, and what is done is done once, whoever does it.

use std::collections::BTreeSet;
use std::sync::Arc;

use api::app::directory::Directory;
use engine::journal::{Actor, Command, Envelope};
use engine::model::{CommandId, TaskId, UnitId};
use engine::runtime::rebuild::rebuild;
use engine::runtime::{Accepted, Refusal};
use engine::store::postgres::{Options, PostgresStore};
use engine::store::{InstanceQuery, Store, TaskQuery};
use serde_json::json;
use tests::balky::Balky;
use tests::world::{Random, World, small_office};
use tokio::task::JoinSet;

use super::{end, process, refused, started, user_task, values};

/// Runs a test on two nodes of one office: on a store in memory, and on PostgreSQL.
macro_rules! on_nodes {
    ($($name:ident),* $(,)?) => {
        mod in_memory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let mut store = super::Balky::default();
                store.shared = true;
                let a = super::World::new(store.clone(), &super::small_office(), "office").await;
                let b = a.node(store, "other").await;
                super::$name(a, b).await;
            })*
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let Some(url) = tests::postgres::database() else { return };
                let open = async |node| super::PostgresStore::open(&url, super::Options::new(node)).await.expect("it opens");
                let a = super::World::new(open("a").await, &super::small_office(), "office").await;
                let b = a.node(open("b").await, "other").await;
                super::$name(a, b).await;
            })*
        }
    };
}

on_nodes!(
    what_one_acknowledged_the_other_knows,
    a_refusal_is_of_the_state_that_holds,
    one_key_has_one_answer,
    a_task_is_claimed_once,
    one_unit_is_written_by_both,
    what_is_due_is_done_once,
);

async fn tasks<S: Store>(world: &World<S>, case: CommandId) -> Vec<TaskId> {
    let query = TaskQuery { instance: Some(case), limit: 9, ..TaskQuery::default() };
    let rows = world.engine.store().tasks(&world.unit, &query).await.expect("the store answers");
    rows.into_iter().map(|row| row.id).collect()
}

async fn task<S: Store>(world: &World<S>, case: CommandId) -> TaskId {
    tasks(world, case).await[0]
}

fn starts() -> Command {
    Command::StartInstance { process: "p".into(), definition: None, number: None, data: values(json!({})) }
}

async fn start<S: Store>(world: &World<S>) -> CommandId {
    world.submit("asha", starts()).await.expect("it starts").instance().expect("a start has a case")
}

async fn deploy<S: Store>(world: &World<S>) {
    let document = process("p", json!([started("a"), user_task("a", "b"), user_task("b", "end"), end()]));
    world.deploy(&document).await.expect("it is deployed");
}

/// The journal is whole, and the rows are what it says.
async fn whole<S: Store>(world: &World<S>) {
    for unit in [&UnitId::site(), &world.unit] {
        assert!(rebuild(world.engine.store(), unit, true).await.expect("the journal is whole").same(), "{unit}");
    }
}

async fn what_one_acknowledged_the_other_knows<S: Store>(a: World<S>, b: World<S>) {
    // The office, and a definition: deployed at one, started at the other.
    deploy(&a).await;
    b.engine.catch_up().await.expect("the store answers");
    assert_eq!(b.engine.office(), a.engine.office());
    let case = start(&b).await;
    // Each step at another node.
    for (claims, completes) in [(&a, &b), (&b, &a)] {
        let task = task(claims, case).await;
        claims.submit("asha", Command::ClaimTask { task }).await.expect("it is claimed");
        completes.submit("asha", Command::CompleteTask { task, data: values(json!({})) }).await.expect("it is completed");
    }
    assert!(b.case(case).await.is_over() && a.case(case).await.is_over());
    // A person comes at one node, and acts at the other, both writing the site log in turn.
    for (n, (one, other)) in [(&a, &b), (&b, &a), (&a, &b)].into_iter().enumerate() {
        let (handle, order) = (format!("new-{n}"), format!("{n}/2026"));
        let more = json!({ "units": [], "posts": [], "people": [{ "handle": handle, "name": handle }],
            "appointments": [{ "handle": handle, "post": "post-a", "order": order, "from": "2026-01-01" }] });
        let more: Directory = serde_json::from_value(more).expect("an office");
        api::app::directory::set_up(&one.engine, &more).await.expect("it is set up");
        other.engine.catch_up().await.expect("the store answers");
        other.submit(&handle, starts()).await.expect("it starts");
        assert_eq!(other.engine.office(), one.engine.office());
    }
    // A newer version at the other node is the newest at both.
    let newer = process("p", json!([started("z"), user_task("z", "end"), end()]));
    b.deploy(&newer).await.expect("it is deployed");
    a.engine.catch_up().await.expect("the store answers");
    let case = start(&a).await;
    assert_eq!(a.case(case).await.tasks.len(), 1);
    assert_eq!(a.engine.library().newest("p").expect("it is there").version, 2);
    whole(&a).await;
}

async fn a_refusal_is_of_the_state_that_holds<S: Store>(a: World<S>, b: World<S>) {
    deploy(&a).await;
    let case = start(&a).await;
    let task = task(&a, case).await;
    for _ in 0..10 {
        // Both have the case in memory, each as it left it.
        a.submit("asha", Command::ClaimTask { task }).await.expect("it is claimed");
        refused(b.submit("bimal", Command::ClaimTask { task }).await, "task.claimed");
        b.submit("asha", Command::ReleaseTask { task }).await.expect("it is released");
        // The one still has it as claimed: were that believed, it would refuse.
        a.submit("bimal", Command::ClaimTask { task }).await.expect("it is free");
        b.submit("bimal", Command::ReleaseTask { task }).await.expect("it is released");
    }
    whole(&b).await;
}

/// Sends the same at both nodes at the same time.
async fn at_both<S: Store>(a: &World<S>, b: &World<S>, key: &str, command: Command) -> [Result<Accepted, Refusal>; 2] {
    let envelope = || Envelope::new(Actor::Person(a.person("asha")), key, command.clone());
    let (one, other) = tokio::join!(a.engine.submit(&a.unit, envelope()), b.engine.submit(&b.unit, envelope()));
    [one, other]
}

async fn one_key_has_one_answer<S: Store>(a: World<S>, b: World<S>) {
    deploy(&a).await;
    for n in 0..60 {
        let answers = at_both(&a, &b, &format!("both-{n}"), starts()).await;
        let [one, other] = answers.map(|answer| answer.expect("it is accepted"));
        assert_eq!(one.receipt(), other.receipt(), "one answer");
        assert_ne!(one.repeated, other.repeated, "one of them is the repeat");
        let case = one.instance().expect("it has a case");
        let task = task(&b, case).await;
        for (name, command) in
            [("claim", Command::ClaimTask { task }), ("complete", Command::CompleteTask { task, data: values(json!({})) })]
        {
            let [one, other] =
                at_both(&a, &b, &format!("{name}-{n}"), command).await.map(|answer| answer.expect("it is accepted"));
            assert_eq!(one.receipt(), other.receipt(), "one answer");
        }
    }
    let query = InstanceQuery { limit: 200, ..InstanceQuery::default() };
    assert_eq!(a.engine.store().instances(&a.unit, &query).await.expect("the store answers").len(), 60);
    whole(&a).await;
}

async fn a_task_is_claimed_once<S: Store>(a: World<S>, b: World<S>) {
    deploy(&a).await;
    for _ in 0..60 {
        let case = start(&a).await;
        let task = task(&b, case).await;
        let claim = || Command::ClaimTask { task };
        let (one, other) = tokio::join!(a.submit("asha", claim()), b.submit("bimal", claim()));
        match (one, other) {
            (Ok(_), lost) | (lost, Ok(_)) => refused(lost, "task.claimed"),
            (one, other) => panic!("nobody has it: {one:?} {other:?}"),
        }
    }
    whole(&b).await;
}

/// Clerks at both nodes, who work one case after another, some of their commands at the other node, and some twice.
async fn one_unit_is_written_by_both<S: Store>(a: World<S>, b: World<S>) {
    deploy(&a).await;
    let nodes = [Arc::new(a), Arc::new(b)];
    let mut clerks = JoinSet::new();
    for seed in 0..8 {
        let nodes = nodes.clone();
        clerks.spawn(async move {
            let (mut random, mut receipts) = (Random(seed), Vec::new());
            let actor = Actor::Person(nodes[0].person(["asha", "bimal", "chitra"][seed as usize % 3]));
            let mut tell = async |command: Command| {
                let at = random.below(2);
                let key = nodes[at].key();
                let envelope = || Envelope::new(actor.clone(), &key, command.clone());
                let (one, other) = (&nodes[at], &nodes[1 - at]);
                let accepted = one.engine.submit(&one.unit, envelope()).await.expect("it is accepted");
                if random.once_in(4) {
                    let again = other.engine.submit(&other.unit, envelope()).await.expect("it is accepted");
                    assert_eq!((again.receipt(), again.repeated), (accepted.receipt(), true));
                }
                receipts.push(accepted.receipt());
                accepted.instance().expect("it has a case")
            };
            for n in 0..10 {
                let case = tell(starts()).await;
                for _ in 0..2 {
                    let task = task(&nodes[n % 2], case).await;
                    tell(Command::ClaimTask { task }).await;
                    tell(Command::CompleteTask { task, data: values(json!({})) }).await;
                }
            }
            receipts
        });
    }
    let mut indexes = BTreeSet::new();
    while let Some(receipts) = clerks.join_next().await {
        for receipt in receipts.expect("a clerk ends well") {
            assert!(indexes.insert(receipt.index), "two have index {}", receipt.index);
        }
    }
    assert_eq!(indexes.len(), 8 * 10 * 5);
    whole(&nodes[0]).await;
}

async fn what_is_due_is_done_once<S: Store>(a: World<S>, b: World<S>) {
    let steps = json!([
        started("a"),
        user_task("a", "end"),
        { "id": "remind", "type": "boundaryEvent", "attachedTo": "a", "interrupting": false, "timer": { "every": "PT1H", "times": 3 }, "next": "r" },
        user_task("r", "r-end"),
        { "id": "r-end", "type": "endEvent" },
        end()
    ]);
    a.deploy(&process("p", steps)).await.expect("it is deployed");
    let mut cases = Vec::new();
    for n in 0..40 {
        cases.push(start(if n % 2 == 0 { &a } else { &b }).await);
    }
    for _ in 0..3 {
        a.clock.move_to(a.engine.now().plus_seconds(3_601));
        loop {
            // Both look at the same time, whoever's turn it is.
            let (one, other) = tokio::join!(a.engine.run_due(), b.engine.run_due());
            let (one, other) = (one.expect("the store answers"), other.expect("the store answers"));
            assert_eq!(one.refused + other.refused, 0);
            if one.done + other.done == 0 {
                break;
            }
        }
    }
    for case in cases {
        assert_eq!(tasks(&a, case).await.len(), 4, "reminded three times");
        let history = b.engine.history(&b.unit, case).await.expect("the store answers");
        assert_eq!(history.iter().filter(|entry| entry.kind == "timer.fired").count(), 3, "{history:#?}");
    }
    whole(&a).await;
}
