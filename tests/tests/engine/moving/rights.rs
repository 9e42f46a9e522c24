//! What a move takes from an applicant needs their consent; what runs under a norm goes on under it.

use engine::digest::Hash;
use engine::journal::Event;
use engine::machine::Instance;
use engine::machine::clock::Clock;
use engine::model::CommandId;
use engine::model::document::DocumentKind;
use engine::model::moving::Mapping;
use engine::store::memory::MemoryStore;
use serde_json::{Value, json};
use tests::world::World;

use super::{authority, codes, consent, forecast, mapping, moved, rejection, version};
use crate::engine::clocks::{calendar, norm, put};
use crate::engine::{end, office, process, start, started, user_task, work};

/// An office with norms: `n` with all that a breach can do for an applicant, `m` with a longer time, `o` with a shorter.
pub(super) async fn normed() -> World<MemoryStore> {
    let world = office(json!([started("a"), user_task("a", "end"), end()])).await;
    put(&world, DocumentKind::Calendar, &calendar()).await.expect("the calendar");
    let breach = json!({
        "escalate": [{ "role": "officer" }],
        "penalties": [{ "title": { "en": "Compensation" }, "payee": "applicant", "perDay": "10", "source": ["a test"] }]
    });
    for (id, days, breach) in [("n", 3, breach), ("m", 9, json!({})), ("o", 2, json!({}))] {
        let mut norm = norm(&breach);
        norm["id"] = json!(id);
        norm["editions"][0]["limits"] = json!([{ "within": { "workingDays": days } }]);
        put(&world, DocumentKind::Norm, &norm).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
    }
    world
}

pub(super) fn steps() -> Value {
    json!([started("a"), user_task("a", "ask"), user_task("ask", "b"), user_task("b", "end"), end()])
}

pub(super) fn bound(norm: &str, id: &str) -> Value {
    json!({
        "norm": norm, "id": id,
        "bind": {
            "lodged": { "leaving": "start" }, "asked": { "entering": "ask" }, "answered": { "leaving": "ask" }, "decided": { "leaving": "b" }
        }
    })
}

pub(super) fn document(steps: Value, clocks: Value) -> String {
    let mut document: Value = serde_json::from_str(&process("timed", steps)).expect("JSON");
    document["clocks"] = clocks;
    document.to_string()
}

async fn begun(world: &World<MemoryStore>) -> CommandId {
    version(world, &document(steps(), json!([bound("n", "n")]))).await;
    start(world, "timed", json!({})).await
}

pub(super) fn list(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

pub(super) fn running(case: &Instance) -> Vec<&str> {
    case.clocks.values().filter(|clock| clock.stopped.is_none()).map(|clock| clock.id.as_str()).collect()
}

fn only(case: &Instance) -> &Clock {
    case.clocks.values().next().expect("a clock")
}

#[tokio::test]
async fn a_clock_runs_on_by_the_norm_that_it_has() {
    let world = normed().await;
    let id = begun(&world).await;
    let before = only(&world.case(id).await).clone();
    // Another version of the norm holds for new cases; a move is no way to bring it to this one.
    let mut later = norm(&json!({}));
    later["editions"][0]["limits"] = json!([{ "within": { "workingDays": 30 } }]);
    put(&world, DocumentKind::Norm, &later).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
    let to = version(&world, &document(steps(), json!([bound("n", "renamed")]))).await;
    let told = forecast(&world, id, to, &Mapping::default()).await;
    assert!(told.losses.is_empty() && told.deadlines.iter().all(|deadline| deadline.before == deadline.after), "{told:#?}");
    moved(&world, id, to, Mapping::default(), authority()).await.expect("nothing is lost");
    let case = world.case(id).await;
    assert_eq!(only(&case), &Clock { id: "renamed".into(), ..before.clone() });
    assert_eq!(case.norms.values().collect::<Vec<_>>(), [&before.norm]);
    // It rests and runs as the new version binds it.
    work(&world, "a", "asha", json!({})).await;
    assert!(only(&world.case(id).await).rests());
    work(&world, "ask", "asha", json!({})).await;
    work(&world, "b", "asha", json!({})).await;
    assert!(world.case(id).await.is_over());
    tests::bundle::audit(&world).await;
}

#[tokio::test]
async fn what_becomes_of_a_clock_is_said() {
    let check = async |clocks: Value, mapping: Mapping, expected: &[(&str, &str)]| {
        let world = normed().await;
        let id = begun(&world).await;
        let to = version(&world, &document(steps(), clocks.clone())).await;
        let rejection = rejection(moved(&world, id, to, mapping, authority()).await);
        assert_eq!(codes(&rejection), expected, "{clocks}");
    };
    let said = |keep: &[&str], end: &[&str], begin: &[&str]| Mapping {
        keep: list(keep),
        end: list(end),
        begin: list(begin),
        ..Mapping::default()
    };
    let undecided = [("move.clock-undecided", "/clocks/n")];
    check(json!([]), said(&[], &[], &[]), &undecided).await;
    check(json!([bound("m", "m")]), said(&[], &[], &[]), &undecided).await;
    check(json!([]), said(&["n"], &["n"], &[]), &undecided).await;
    // Of what neither binds nothing is asked: it may have been kept by another case.
    check(json!([]), said(&["n", "x"], &[], &["n"]), &[("move.clock", "/clocks/n")]).await;
    // One id, another norm: the events of the one would be taken for those of the other.
    check(json!([bound("m", "n")]), said(&["n"], &[], &[]), &[("move.clock", "/clocks/n")]).await;
    check(json!([bound("n", "n"), bound("m", "m")]), said(&["n"], &[], &["n"]), &[("move.clock", "/clocks/n")]).await;
    let ends =
        [("right.clock-ends", "/clocks/n"), ("right.compensation-goes", "/clocks/n"), ("right.escalation-goes", "/clocks/n")];
    check(json!([]), said(&[], &["n"], &[]), &ends).await;
    let later = [("right.deadline-later", "/clocks/n"), ends[1], ends[2]];
    check(json!([bound("m", "m")]), said(&[], &["n"], &["m"]), &later).await;
    check(json!([bound("o", "o")]), said(&[], &["n"], &["o"]), &ends[1..]).await;
}

#[tokio::test]
async fn a_clock_is_ended_kept_or_begun_as_it_was_said() {
    let world = normed().await;
    let (ended, kept, begins) =
        (begun(&world).await, start(&world, "timed", json!({})).await, start(&world, "timed", json!({})).await);
    let to = version(&world, &document(steps(), json!([bound("o", "o")]))).await;
    let end = Mapping { end: list(&["n"]), ..Mapping::default() };
    moved(&world, ended, to, end.clone(), consent("2026-04-01")).await.expect("they agreed");
    let case = world.case(ended).await;
    assert!(only(&case).ended && running(&case).is_empty(), "{case:#?}");
    let keep = Mapping { keep: list(&["n"]), ..Mapping::default() };
    moved(&world, kept, to, keep, authority()).await.expect("nothing is lost");
    assert_eq!(running(&world.case(kept).await), ["n"]);
    let begin = Mapping { begin: list(&["o"]), ..end };
    moved(&world, begins, to, begin, consent("2026-04-01")).await.expect("they agreed");
    assert_eq!(running(&world.case(begins).await), ["o"]);
    // What was kept is looked after on: its time is over, and somebody sees to it.
    world.advance(10 * 86_400).await;
    let late = world.case(kept).await;
    assert!(late.clocks.values().any(|clock| clock.id == "n" && clock.breached.is_some()), "{late:#?}");
    let history = world.engine.history(&world.unit, ended).await.expect("the store answers");
    let said = history.iter().flat_map(|entry| &entry.events).any(|event| matches!(event, Event::ClockEnded { .. }));
    assert!(said);
    tests::bundle::audit(&world).await;
}

#[tokio::test]
async fn what_is_asked_of_an_applicant_anew_needs_consent() {
    let asked = |id: &str, next: &str, due: &str| {
        let mut task = user_task(id, next);
        task["performer"]["role"] = json!("applicant");
        task["due"] = json!({ "after": due });
        task
    };
    let first = || json!([started("a"), asked("a", "b", "P10D"), user_task("b", "end"), end()]);
    let check = async |steps: Value, at: &[(&str, &str)], expected: &[(&str, &str)]| {
        let world = normed().await;
        version(&world, &document(first(), json!([]))).await;
        let id = start(&world, "timed", json!({})).await;
        let to: Hash = version(&world, &document(steps.clone(), json!([]))).await;
        let answer = moved(&world, id, to, mapping(at), authority()).await;
        if expected.is_empty() {
            answer.unwrap_or_else(|refusal| panic!("{steps}: {refusal:#?}"));
        } else {
            let rejection = rejection(answer);
            assert_eq!((rejection.code, codes(&rejection)), ("move.consent", expected.to_vec()), "{steps}");
            moved(&world, id, to, mapping(at), consent("2026-04-01")).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
        }
        tests::bundle::audit(&world).await;
    };
    let alarm =
        |after: &str| json!({ "id": "w", "type": "boundaryEvent", "attachedTo": "a", "timer": { "after": after }, "next": "b" });
    check(json!([started("a"), asked("a", "b", "P20D"), user_task("b", "end"), end()]), &[], &[]).await;
    check(json!([started("a"), asked("a", "b", "P5D"), user_task("b", "end"), end()]), &[], &[("right.less-time", "/steps/a")])
        .await;
    check(
        json!([started("a"), asked("a", "b", "P10D"), user_task("b", "end"), alarm("P5D"), end()]),
        &[],
        &[("right.less-time", "/steps/a")],
    )
    .await;
    check(json!([started("a"), asked("a", "b", "P10D"), user_task("b", "end"), alarm("P15D"), end()]), &[], &[]).await;
    check(
        json!([started("x"), asked("x", "y", "P10D"), asked("y", "end", "P10D"), end()]),
        &[("a", "x")],
        &[("right.step-added", "/steps/x"), ("right.step-added", "/steps/y")],
    )
    .await;
}

#[tokio::test]
async fn a_time_limit_that_would_begin_or_run_on_is_not_taken_silently() {
    // At rest while the applicant is asked; the new version never says that they answered, once the case is where it is.
    let world = normed().await;
    let id = begun(&world).await;
    work(&world, "a", "asha", json!({})).await;
    assert!(only(&world.case(id).await).rests());
    let mut elsewhere = bound("n", "n");
    elsewhere["bind"]["answered"] = json!({ "leaving": "a" });
    let to = version(&world, &document(steps(), json!([elsewhere]))).await;
    assert_eq!(
        codes(&rejection(moved(&world, id, to, Mapping::default(), authority()).await)),
        [("right.clock-rests", "/clocks/n")]
    );

    let world = normed().await;
    let mut later = bound("n", "n");
    later["bind"]["lodged"] = json!({ "leaving": "a" });
    version(&world, &document(steps(), json!([later]))).await;
    let id = start(&world, "timed", json!({})).await;
    assert!(world.case(id).await.clocks.is_empty());
    let to = version(&world, &document(steps(), json!([]))).await;
    assert_eq!(
        codes(&rejection(moved(&world, id, to, Mapping::default(), authority()).await)),
        [("right.norm-goes", "/clocks/n")]
    );
}

#[tokio::test]
async fn silence_that_means_approval_is_not_taken_silently() {
    let mut norm = norm(&json!({ "deem": "approved" }));
    norm["id"] = json!("deems");
    let hears = |host: &str| {
        json!([
            started("a"), user_task("a", "ask"), user_task("ask", "b"), user_task("b", "end"), end(),
            { "id": "deemed", "type": "boundaryEvent", "attachedTo": host, "message": { "name": "deemed-approved" }, "next": "b" }
        ])
    };
    let deems = || json!([bound("deems", "n")]);
    for (host, clocks, said, expected) in [
        ("a", deems(), Mapping::default(), None),
        ("b", deems(), Mapping::default(), Some("right.deeming-goes")),
        ("a", json!([]), Mapping { keep: list(&["n"]), ..Mapping::default() }, None),
    ] {
        let world = normed().await;
        put(&world, DocumentKind::Norm, &norm).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
        let mut first: Value = serde_json::from_str(&document(hears("a"), deems())).expect("JSON");
        first["title"]["en"] = json!("First");
        version(&world, &first.to_string()).await;
        let id = start(&world, "timed", json!({})).await;
        let to = version(&world, &document(hears(host), clocks)).await;
        let answer = moved(&world, id, to, said, authority()).await;
        match expected {
            None => _ = answer.unwrap_or_else(|refusal| panic!("{host}: {refusal:#?}")),
            Some(code) => assert_eq!(codes(&rejection(answer)), [(code, "/clocks/n")], "{host}"),
        }
        tests::bundle::audit(&world).await;
    }
}
