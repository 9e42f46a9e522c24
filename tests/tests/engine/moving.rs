//! Running cases moved to another version of their process: what goes on, what keeps them, what needs consent.

mod consent;
mod duties;
mod rights;
mod watches;

use std::collections::BTreeMap;

use engine::digest::Hash;
use engine::journal::{Actor, Command};
use engine::machine::moving::Forecast;
use engine::machine::{Rejection, state::Wait};
use engine::model::moving::{Authority, Consent, Mapping};
use engine::model::{CommandId, PersonId};
use engine::runtime::rebuild::rebuild;
use engine::runtime::{Accepted, Refusal};
use engine::store::Store;
use engine::store::memory::MemoryStore;
use serde_json::{Value, json};
use tests::world::World;

use super::{claim, complete, end, office, open, process, refused, start, started, task, user_task, values, variable, work};

/// Deploys another version; answers its hash.
async fn version(world: &World<MemoryStore>, document: &str) -> Hash {
    world.deploy(document).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
    let id: Value = serde_json::from_str(document).expect("JSON");
    world.engine.library().newest(id["id"].as_str().expect("an id")).expect("it is deployed").graph.hash
}

async fn steps(world: &World<MemoryStore>, steps: Value) -> Hash {
    version(world, &process("p", steps)).await
}

fn mapping(steps: &[(&str, &str)]) -> Mapping {
    let steps = steps.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect::<BTreeMap<_, _>>();
    Mapping { steps, ..Mapping::default() }
}

fn authority() -> Authority {
    Authority { order: "OO 7/2026".into(), reason: "Issue 2".into(), consent: None }
}

fn consent(date: &str) -> Authority {
    let date = date.parse().expect("a date");
    Authority { consent: Some(Consent { by: "the applicant".into(), date, record: "Letter 44/2026".into() }), ..authority() }
}

/// Moves a case as the program does; the forecast must say the same.
async fn moved(
    world: &World<MemoryStore>,
    case: CommandId,
    definition: Hash,
    mapping: Mapping,
    authority: Authority,
) -> Result<Accepted, Refusal> {
    let before = world.engine.store().head(&world.unit).await.expect("the store answers");
    let told = world.engine.forecast(&world.unit, &Actor::System, case, definition, &mapping).await;
    assert_eq!(world.engine.store().head(&world.unit).await.expect("the store answers"), before, "a forecast wrote something");
    let has_consent = authority.consent.is_some();
    let from = world.case(case).await.definition;
    let answer = world.submit("system", Command::MoveInstance { instance: case, from, definition, mapping, authority }).await;
    world.advance(0).await;
    match (told, &answer) {
        (Ok(Forecast { refusal: None, losses, .. }), answer) => {
            assert_eq!(answer.is_ok(), losses.is_empty() || has_consent, "{losses:?}: {answer:?}");
        }
        (Ok(Forecast { refusal: Some(told), .. }), Err(Refusal::Rejected(refused))) => assert_eq!(told, *refused),
        (Err(Refusal::Rejected(told)), Err(Refusal::Rejected(refused))) => assert_eq!(told, *refused),
        other => panic!("{other:#?}"),
    }
    answer
}

async fn forecast(world: &World<MemoryStore>, case: CommandId, definition: Hash, mapping: &Mapping) -> Forecast {
    world.engine.forecast(&world.unit, &Actor::System, case, definition, mapping).await.expect("it is told")
}

fn rejection(answer: Result<Accepted, Refusal>) -> Rejection {
    match answer {
        Err(Refusal::Rejected(rejection)) => rejection,
        other => panic!("not refused: {other:?}"),
    }
}

fn codes(rejection: &Rejection) -> Vec<(&str, &str)> {
    rejection.problems.iter().map(|problem| (problem.code.as_str(), problem.pointer.as_str())).collect()
}

#[tokio::test]
async fn a_case_goes_on_by_the_new_version_and_keeps_its_past() {
    let world = office(json!([started("a"), user_task("a", "b"), user_task("b", "end"), end()])).await;
    let id = start(&world, "p", json!({ "n": 1 })).await;
    claim(&world, "a", "asha").await.expect("it is free");
    let (before, kept) = (world.case(id).await, task(&world, "a").await);
    let mut check = user_task("check", "c");
    check["due"] = json!({ "after": "P2D" });
    let to = steps(&world, json!([started("check"), check, user_task("c", "end"), end()])).await;
    let told = forecast(&world, id, to, &mapping(&[("a", "check")])).await;
    let places: Vec<_> = told.places.iter().map(|place| (place.from.as_str(), place.to.as_deref())).collect();
    assert_eq!(places, [("a", Some("check"))]);
    let due = before.tasks[&kept].created.plus_seconds(2 * 86_400);
    let deadlines: Vec<_> =
        told.deadlines.iter().map(|deadline| (deadline.name.as_str(), deadline.before, deadline.after)).collect();
    assert_eq!(deadlines, [("check", None, Some(due))]);
    moved(&world, id, to, mapping(&[("a", "check")]), authority()).await.expect("it can be moved");

    let case = world.case(id).await;
    assert_eq!((case.definition, case.tasks[&kept].due), (to, Some(due)));
    let row = world.engine.store().instance(&world.unit, id).await.expect("the store answers").expect("a row");
    assert_eq!(row.definition, to);
    let row = world.open_tasks().await.remove(0);
    assert_eq!((row.id, row.step.as_str(), row.definition, row.due), (kept, "check", to, Some(due)));
    assert_eq!(row.assignee, Some(world.person("asha")), "whoever has a task keeps it");
    complete(&world, "check", "asha", json!({ "n": 2 })).await.expect("it is hers");
    assert_eq!(open(&world).await, ["c"]);
    work(&world, "c", "bimal", json!({})).await;
    let case = world.case(id).await;
    assert!(case.is_over() && variable(&case, "n") == json!(2));
    let history = world.engine.history(&world.unit, id).await.expect("the store answers");
    let versions: Vec<bool> = history.iter().map(|entry| entry.definition == Some(to)).collect();
    assert_eq!(versions, [false, false, true, true, true, true]);
    let replayed = tests::bundle::audit(&world).await;
    assert_eq!((replayed.cases, replayed.entries, replayed.ended), (1, 6, 1));
    assert!(rebuild(world.engine.store(), &world.unit, true).await.expect("the journal is whole").same());
}

#[tokio::test]
async fn what_keeps_a_case_is_told_all_at_once() {
    let sub = |id: &str, inner: Value| json!({ "id": id, "type": "subProcess", "next": "end", "steps": inner });
    let inner = |task: &str| json!([{ "id": "in", "type": "startEvent", "next": task }, user_task(task, "out"), { "id": "out", "type": "endEvent" }]);
    let split = |to: &[&str]| json!({ "id": "split", "type": "parallelGateway", "next": to });
    let join = |next: &str| json!({ "id": "join", "type": "parallelGateway", "next": next });
    let job = |topic: &str| json!({ "id": "job", "type": "serviceTask", "topic": topic, "next": "end" });
    let alarm = |id: &str, on: &str| json!({ "id": id, "type": "boundaryEvent", "attachedTo": on, "timer": { "after": "P9D" }, "next": "end" });
    let parallel =
        || json!([started("split"), split(&["a", "b"]), user_task("a", "join"), user_task("b", "join"), join("end"), end()]);
    let check = async |old: Value, new: Value, steps: &[(&str, &str)], expected: &[(&str, &str)]| {
        let world = office(old).await;
        let id = start(&world, "p", json!({ "n": 1 })).await;
        let to = self::steps(&world, new.clone()).await;
        let rejection = rejection(moved(&world, id, to, mapping(steps), authority()).await);
        assert_eq!(codes(&rejection), expected, "{new}: {rejection:#?}");
        assert_eq!(rejection.code, "move.impossible");
    };
    let plain = || json!([started("a"), user_task("a", "end"), end()]);
    let other = || json!([started("x"), user_task("x", "end"), end()]);
    check(plain(), other(), &[], &[("move.no-counterpart", "/steps/a")]).await;
    check(
        plain(),
        other(),
        &[("a", "y"), ("z", "x")],
        &[("move.no-counterpart", "/steps/a"), ("move.unknown-step", "/steps/a"), ("move.unknown-step", "/steps/z")],
    )
    .await;
    // Once for what is asked, once for what waits there.
    check(plain(), other(), &[("a", "end")], &[("move.other-kind", "/steps/a"), ("move.other-kind", "/steps/a")]).await;
    let caught = json!([started("a"), { "id": "a", "type": "intermediateCatchEvent", "timer": { "after": "PT1H" }, "next": "end" }, end()]);
    check(plain(), caught, &[], &[("move.other-kind", "/steps/a")]).await;
    // Into a sub-process, out of one, and from one to another.
    let nested = || json!([started("s"), sub("s", inner("a")), end()]);
    check(plain(), nested(), &[], &[("move.other-scope", "/steps/a")]).await;
    check(nested(), plain(), &[], &[("move.other-scope", "/steps/a"), ("move.no-counterpart", "/steps/s")]).await;
    let renamed = json!([started("t"), sub("t", inner("a")), end()]);
    check(nested(), renamed, &[], &[("move.other-scope", "/steps/a"), ("move.no-counterpart", "/steps/s")]).await;
    check(
        json!([started("job"), job("one"), end()]),
        json!([started("job"), job("two"), end()]),
        &[],
        &[("move.other-topic", "/steps/job")],
    )
    .await;
    // A parallel split that becomes a sequence does twice what comes second; a sequence that becomes a split waits for what never began.
    check(
        parallel(),
        json!([started("a"), user_task("a", "b"), user_task("b", "end"), end()]),
        &[],
        &[("move.apart", "/steps/a")],
    )
    .await;
    check(
        json!([started("a"), user_task("a", "b"), user_task("b", "end"), end()]),
        parallel(),
        &[],
        &[("move.stuck", "/steps/a")],
    )
    .await;
    // One branch more that was never begun.
    let three = json!([
        started("split"),
        split(&["a", "b", "c"]),
        user_task("a", "join"),
        user_task("b", "join"),
        user_task("c", "join"),
        join("end"),
        end()
    ]);
    check(parallel(), three, &[], &[("move.stuck", "/steps/a")]).await;
    let watched = |second: &str| {
        json!([started("a"), user_task("a", "b"), user_task("b", "end"), alarm("w", "a"), alarm(second, "b"), end()])
    };
    check(watched("v"), watched("u"), &[("w", "u")], &[("move.other-host", "/steps/w")]).await;
    let twice = json!([started("a"), user_task("a", "end"), alarm("w", "a"), alarm("v", "a"), end()]);
    check(
        twice,
        json!([started("a"), user_task("a", "end"), alarm("v", "a"), end()]),
        &[("w", "v")],
        &[("move.twice", "/steps/w")],
    )
    .await;
}

#[tokio::test]
async fn a_case_is_moved_only_by_whom_and_when_it_may_be() {
    let world = office(json!([started("a"), user_task("a", "end"), end()])).await;
    world.hire("clerk", &["officer"]).await;
    let id = start(&world, "p", json!({})).await;
    let old = world.case(id).await.definition;
    let to = steps(&world, json!([started("a"), user_task("a", "b"), user_task("b", "end"), end()])).await;
    let by = async |actor: &str, definition: Hash, authority: Authority| {
        let from = world.case(id).await.definition;
        let command = Command::MoveInstance { instance: id, from, definition, mapping: Mapping::default(), authority };
        world.submit(actor, command).await
    };
    refused(by("clerk", to, authority()).await, "actor.not-allowed");
    refused(by("asha", to, Authority { order: String::new(), ..authority() }).await, "text.invalid");
    refused(by("asha", to, Authority { reason: " ".into(), ..authority() }).await, "text.invalid");
    refused(by("asha", old, authority()).await, "move.same-version");
    refused(by("asha", Hash::of(b"nothing"), authority()).await, "definition.unknown");
    super::deploy(&world, "q", json!([started("a"), user_task("a", "end"), end()])).await;
    let other = world.engine.library().newest("q").expect("it is deployed").graph.hash;
    refused(by("asha", other, authority()).await, "definition.unknown");
    refused(by("asha", to, consent("2099-01-01")).await, "move.consent-date");
    let suspend = Command::SuspendInstance { instance: id, reason: "wait".into() };
    world.submit("asha", suspend).await.expect("it rests");
    refused(by("asha", to, authority()).await, "instance.suspended");
    world.submit("asha", Command::ResumeInstance { instance: id }).await.expect("it goes on");
    by("asha", to, authority()).await.expect("it is moved");
    let stale =
        Command::MoveInstance { instance: id, from: old, definition: old, mapping: Mapping::default(), authority: authority() };
    refused(world.submit("asha", stale).await, "move.moved-meanwhile");
    // And back again: an issue that proves bad is left as it came.
    by("asha", old, authority()).await.expect("it is moved back");
    work(&world, "a", "bimal", json!({})).await;
    refused(by("asha", to, authority()).await, "instance.over");
    tests::bundle::audit(&world).await;
}

#[tokio::test]
async fn values_are_declared_or_left_behind_by_name() {
    let document = |data: Value| {
        let mut document: Value =
            serde_json::from_str(&process("p", json!([started("a"), user_task("a", "end"), end()]))).expect("JSON");
        document["data"] = data;
        document["steps"][1]["outputs"] = json!(["n"]);
        document["forms"] = json!({ "f": { "schema": { "type": "object", "properties": { "n": {} } } } });
        document
    };
    let mut first = document(
        json!({ "n": { "type": "integer" }, "text": { "type": "string" }, "name": { "type": "string", "personal": true } }),
    );
    first["forms"]["f"]["schema"]["properties"] = json!({ "n": {}, "text": {}, "name": {} });
    let check = async |data: Value, unset: &[&str], expected: &[(&str, &str)]| {
        let world = office(json!([started("a"), user_task("a", "end"), end()])).await;
        version(&world, &first.to_string()).await;
        let id = start(&world, "p", json!({ "n": 5, "text": "t", "name": "Asha" })).await;
        let to = version(&world, &document(data.clone()).to_string()).await;
        let mapping = Mapping { unset: unset.iter().map(|name| (*name).to_owned()).collect(), ..Mapping::default() };
        let answer = moved(&world, id, to, mapping, authority()).await;
        if expected.is_empty() {
            answer.unwrap_or_else(|refusal| panic!("{data}: {refusal:#?}"));
            let case = world.case(id).await;
            assert!(unset.iter().all(|name| variable(&case, name).is_null()), "{case:#?}");
            tests::bundle::audit(&world).await;
        } else {
            assert_eq!(codes(&rejection(answer)), expected, "{data}");
        }
    };
    let (n, text, name) =
        (json!({ "type": "integer" }), json!({ "type": "string" }), json!({ "type": "string", "personal": true }));
    check(json!({ "n": n, "text": text, "name": name, "new": text }), &[], &[]).await;
    check(json!({ "n": n, "name": name }), &[], &[("move.undeclared", "/variables/text")]).await;
    check(json!({ "n": n, "name": name }), &["text"], &[]).await;
    check(
        json!({ "n": n, "text": text, "name": name }),
        &["text", "m"],
        &[("move.no-value", "/variables/m"), ("move.declared", "/variables/text")],
    )
    .await;
    check(
        json!({ "n": { "type": "integer", "maximum": 4 }, "text": text, "name": name }),
        &[],
        &[("move.value", "/variables/n")],
    )
    .await;
    // What is personal is so in both, or it could not be erased.
    check(json!({ "n": n, "text": text, "name": text }), &[], &[("move.personal", "/variables/name")]).await;
    check(json!({ "n": n, "text": name, "name": name }), &[], &[("move.personal", "/variables/text")]).await;
    check(json!({ "n": n, "text": text }), &["name"], &[("move.personal", "/variables/name")]).await;
}

#[tokio::test]
async fn duties_stay_apart_through_a_move() {
    let apart = |from: &str| {
        let mut task = user_task("b", "end");
        task["performer"]["notWhoDid"] = json!([from]);
        task
    };
    let world = office(json!([started("a"), user_task("a", "b"), apart("a"), end()])).await;
    let id = start(&world, "p", json!({})).await;
    work(&world, "a", "asha", json!({})).await;
    let to = steps(&world, json!([started("c"), user_task("c", "b"), apart("c"), end()])).await;
    let rejection = rejection(moved(&world, id, to, Mapping::default(), authority()).await);
    assert_eq!(codes(&rejection), [("move.separation", "/steps/a")]);
    moved(&world, id, to, mapping(&[("a", "c")]), authority()).await.expect("it is said");
    refused(claim(&world, "b", "asha").await, "task.separation");
    claim(&world, "b", "bimal").await.expect("he did nothing");

    // Whoever has a task that is kept from them in the new version has it no longer.
    let world = office(json!([started("a"), user_task("a", "b"), user_task("b", "end"), end()])).await;
    let id = start(&world, "p", json!({})).await;
    work(&world, "a", "asha", json!({})).await;
    claim(&world, "b", "asha").await.expect("nothing forbids it yet");
    let to = steps(&world, json!([started("a"), user_task("a", "b"), apart("a"), end()])).await;
    moved(&world, id, to, Mapping::default(), authority()).await.expect("it is moved");
    assert_eq!(assignee(&world, "b").await, None);
    refused(claim(&world, "b", "asha").await, "task.separation");
    tests::bundle::audit(&world).await;
}

async fn assignee(world: &World<MemoryStore>, step: &str) -> Option<PersonId> {
    world.open_tasks().await.into_iter().find(|task| task.step == step).and_then(|task| task.assignee)
}

#[tokio::test]
async fn another_role_has_the_task_by_the_new_version() {
    let world = office(json!([started("a"), user_task("a", "end"), end()])).await;
    world.hire("head", &["head"]).await;
    let id = start(&world, "p", json!({})).await;
    claim(&world, "a", "asha").await.expect("it is free");
    let mut task = user_task("a", "end");
    task["performer"]["role"] = json!("head");
    let to = steps(&world, json!([started("a"), task, end()])).await;
    moved(&world, id, to, Mapping::default(), authority()).await.expect("it is moved");
    assert_eq!(assignee(&world, "a").await, None);
    refused(claim(&world, "a", "asha").await, "task.not-allowed");
    work(&world, "a", "head", json!({})).await;
    // Who held the case, and from when on it was another's.
    let history = world.engine.history(&world.unit, id).await.expect("the store answers");
    let held = engine::projection::custody::custody(&history, world.engine.now());
    let holders: Vec<&str> = held.iter().map(|held| held.holder.as_str()).collect();
    assert_eq!(holders, ["role:officer", "post-a", "role:head", "post-of-head"]);
    tests::bundle::audit(&world).await;
}

#[tokio::test]
async fn what_stopped_a_case_is_mended_by_the_new_version() {
    let choice = |flows: Value| json!({ "id": "which?", "type": "exclusiveGateway", "next": flows });
    let fits = |id: &str| json!({ "to": "a", "when": "n = 1", "id": id });
    let world = office(json!([
        started("which?"),
        choice(json!([fits("one"), { "to": "end", "when": "n = 2" }])),
        user_task("a", "end"),
        end()
    ]))
    .await;
    let id = start(&world, "p", json!({ "n": 3 })).await;
    let incident = *world.case(id).await.incidents.keys().next().expect("no flow is taken");
    let to =
        steps(&world, json!([started("which?"), choice(json!([fits("one"), { "to": "end" }])), user_task("a", "end"), end()]))
            .await;
    moved(&world, id, to, Mapping::default(), authority()).await.expect("it is moved");
    assert!(world.case(id).await.incidents.contains_key(&incident), "a person looks at it");
    world.submit("asha", Command::RetryIncident { instance: id, incident }).await.expect("it is tried again");
    assert!(world.case(id).await.is_over());
    tests::bundle::audit(&world).await;
}

#[tokio::test]
async fn jobs_and_calls_go_on() {
    let job = |id: &str, next: &str| json!({ "id": id, "type": "serviceTask", "topic": "t", "outputs": ["n"], "next": next });
    let call = |id: &str| json!({ "id": id, "type": "callActivity", "process": "called", "outputs": ["n"], "next": "end" });
    let world = office(json!([started("a"), user_task("a", "end"), end()])).await;
    super::deploy(&world, "called", json!([started("inner"), user_task("inner", "end"), end()])).await;
    let first = steps(&world, json!([started("job"), job("job", "call"), call("call"), end()])).await;
    let id = start(&world, "p", json!({})).await;
    let locked = world
        .engine
        .lock_jobs(&world.unit, &Actor::System, &world.key(), "w", &["t".to_owned()], 60, 1)
        .await
        .expect("it answers");
    let to = steps(&world, json!([started("task"), job("task", "ask"), call("ask"), end()])).await;
    moved(&world, id, to, mapping(&[("job", "task")]), authority()).await.expect("it is moved");
    let row = world.engine.store().job(&world.unit, locked[0].id).await.expect("the store answers").expect("a job");
    assert_eq!((row.id, row.step.as_str(), row.worker.as_deref()), (locked[0].id, "task", Some("w")));
    let done = Command::CompleteJob { job: locked[0].id, worker: "w".into(), data: values(json!({ "n": 7 })) };
    world.submit("system", done).await.expect("the worker has it still");
    world.advance(0).await;
    let back = world.case(id).await;
    let Some(Wait::Call(called)) = back.tokens.values().next().map(|token| token.wait.clone()) else { panic!("{back:#?}") };
    // A call that waits is one of the same process.
    super::deploy(&world, "other", json!([started("inner"), user_task("inner", "end"), end()])).await;
    let mut elsewhere = call("call");
    elsewhere["process"] = json!("other");
    let wrong = steps(&world, json!([started("job"), job("job", "call"), elsewhere, end()])).await;
    let refusal = rejection(moved(&world, id, wrong, mapping(&[("ask", "call")]), authority()).await);
    assert_eq!(codes(&refusal), [("move.other-call", "/steps/ask")]);
    moved(&world, id, first, mapping(&[("ask", "call")]), authority()).await.expect("it is moved");
    work(&world, "inner", "asha", json!({ "n": 9 })).await;
    world.advance(0).await;
    let case = world.case(id).await;
    assert!(case.is_over() && variable(&case, "n") == json!(9), "{case:#?}");
    assert!(world.case(called).await.is_over());
    tests::bundle::audit(&world).await;
}

#[tokio::test]
async fn a_join_waits_on_for_what_it_waited_for() {
    let gateway = |id: &str, next: Value| json!({ "id": id, "type": "parallelGateway", "next": next });
    let old = json!([
        started("split"),
        gateway("split", json!(["a", "b"])),
        user_task("a", "join"),
        user_task("b", "join"),
        gateway("join", json!("c")),
        user_task("c", "end"),
        end()
    ]);
    // Renamed throughout, and with one more step behind a task: the flow into the join is another, and still the only one that is left.
    let new = json!([
        started("fork"),
        gateway("fork", json!(["x", "y"])),
        user_task("x", "z"),
        user_task("z", "meet"),
        user_task("y", "meet"),
        gateway("meet", json!("c")),
        user_task("c", "end"),
        end()
    ]);
    let world = office(old.clone()).await;
    let id = start(&world, "p", json!({})).await;
    work(&world, "a", "asha", json!({})).await;
    let to = steps(&world, new).await;
    let all = [("a", "x"), ("b", "y"), ("join", "meet"), ("split", "fork")];
    moved(&world, id, to, mapping(&all), authority()).await.expect("it is moved");
    assert_eq!(open(&world).await, ["y"]);
    work(&world, "y", "bimal", json!({})).await;
    assert_eq!(open(&world).await, ["c"]);
    tests::bundle::audit(&world).await;

    // A join that no longer waits for the other branch lets go at once; the other branch then has an end of its own.
    let world = office(old).await;
    let id = start(&world, "p", json!({})).await;
    work(&world, "a", "asha", json!({})).await;
    let apart = json!([
        started("split"),
        gateway("split", json!(["a", "b"])),
        user_task("a", "join"),
        user_task("b", "end"),
        gateway("join", json!("c")),
        user_task("c", "end"),
        end()
    ]);
    let to = steps(&world, apart).await;
    moved(&world, id, to, Mapping::default(), authority()).await.expect("it is moved");
    assert_eq!(open(&world).await, ["b", "c"]);
    tests::bundle::audit(&world).await;
}
