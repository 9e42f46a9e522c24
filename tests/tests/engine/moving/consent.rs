//! What consent is needed for, whatever is said to correspond and whatever begins beside; and clocks that nothing would stop.

use engine::journal::Event;
use engine::machine::moving::questions;
use engine::model::moving::{Mapping, Taken};
use engine::model::report::{Content, ReportKind};
use engine::store::memory::MemoryStore;
use serde_json::{Value, json};
use tests::world::World;

use super::rights::{bound, document, list, normed, running, steps};
use super::{authority, codes, consent, mapping, moved, rejection, version};
use crate::engine::{end, start, started, user_task, work};

const ENDS: (&str, &str) = ("right.clock-ends", "/clocks/n");
const COMPENSATES: (&str, &str) = ("right.compensation-goes", "/clocks/n");
const ESCALATES: (&str, &str) = ("right.escalation-goes", "/clocks/n");

fn said(keep: &[&str], end: &[&str], begin: &[&str]) -> Mapping {
    Mapping { keep: list(keep), end: list(end), begin: list(begin), ..Mapping::default() }
}

/// The clock with one event elsewhere.
fn elsewhere(norm: &str, event: &str, place: Value) -> Value {
    let mut clock = bound(norm, norm);
    clock["bind"][event] = place;
    clock
}

fn applicant(id: &str, next: &str) -> Value {
    let mut task = user_task(id, next);
    task["performer"]["role"] = json!("applicant");
    task
}

#[tokio::test]
async fn a_clock_that_times_something_else_takes_no_place() {
    let check = async |old: Value, new: Value, mapping: Mapping, expected: &[(&str, &str)]| {
        let world = normed().await;
        version(&world, &document(steps(), old)).await;
        let id = start(&world, "timed", json!({})).await;
        let to = version(&world, &document(steps(), new.clone())).await;
        let rejection = rejection(moved(&world, id, to, mapping, authority()).await);
        assert_eq!(codes(&rejection), expected, "{new}");
    };
    let n = || json!([bound("n", "n")]);
    let other = json!([elsewhere("o", "decided", json!({ "leaving": "ask" }))]);
    check(n(), other, said(&[], &["n"], &["o"]), &[ENDS, COMPENSATES, ESCALATES]).await;
    check(n(), json!([bound("o", "o")]), said(&[], &["n"], &["o"]), &[COMPENSATES, ESCALATES]).await;
    // One begins for two: it stands for what was due first.
    let two = json!([bound("n", "n"), bound("m", "m")]);
    let expected = [("right.clock-ends", "/clocks/m"), COMPENSATES, ESCALATES];
    check(two, json!([bound("o", "o")]), said(&[], &["n", "m"], &["o"]), &expected).await;
    // It is too late for what was due first, and stands for the other.
    let two = json!([bound("o", "o"), bound("m", "m")]);
    check(two, n(), said(&[], &["o", "m"], &["n"]), &[("right.clock-ends", "/clocks/o")]).await;
}

#[tokio::test]
async fn a_clock_whose_start_is_past_in_the_new_version_would_never_begin() {
    let world = normed().await;
    version(&world, &document(steps(), json!([elsewhere("n", "lodged", json!({ "leaving": "a" }))]))).await;
    let id = start(&world, "timed", json!({})).await;
    let old = world.case(id).await.definition;
    let to = version(&world, &document(steps(), json!([bound("n", "n")]))).await;
    let goes = rejection(moved(&world, id, to, Mapping::default(), authority()).await);
    assert_eq!((goes.code, codes(&goes)), ("move.consent", vec![("right.norm-goes", "/clocks/n")]));
    // It is offered to begin with the move, and then nothing is lost.
    let library = world.engine.library();
    let graph = |hash| library.get(hash).expect("it is deployed").graph.clone();
    assert_eq!(questions(&graph(&old), &graph(&to), None).begin, ["n"]);
    moved(&world, id, to, said(&[], &[], &["n"]), authority()).await.expect("it begins");
    assert_eq!(running(&world.case(id).await), ["n"]);
    // Once it has begun there is nothing to offer, and to say it again changes nothing.
    let case = world.case(id).await;
    assert!(questions(&graph(&to), &graph(&old), Some((&library, &case))).begin.is_empty());
    moved(&world, id, old, said(&[], &[], &["n"]), authority()).await.expect("and back");
    work(&world, "a", "asha", json!({})).await;
    work(&world, "ask", "asha", json!({})).await;
    assert_eq!(running(&world.case(id).await), ["n"]);
    tests::bundle::audit(&world).await;
}

#[tokio::test]
async fn what_an_applicant_is_asked_and_what_they_may_do() {
    let check = async |old: Value, new: Value, at: &[(&str, &str)], expected: &[(&str, &str)]| {
        let world = normed().await;
        version(&world, &document(old, json!([]))).await;
        let id = start(&world, "timed", json!({})).await;
        let to = version(&world, &document(new.clone(), json!([]))).await;
        let rejection = rejection(moved(&world, id, to, mapping(at), authority()).await);
        assert_eq!((rejection.code, codes(&rejection)), ("move.consent", expected.to_vec()), "{new}");
        moved(&world, id, to, mapping(at), consent("2026-04-01")).await.expect("they agreed");
        let history = world.engine.history(&world.unit, id).await.expect("the store answers");
        let taken = history.iter().flat_map(|entry| &entry.events).find_map(|event| match event {
            Event::InstanceMoved { losses, .. } => Some(losses.clone()),
            _ => None,
        });
        let of = |(code, at): &(&str, &str)| Taken { right: (*code).to_owned(), name: at.replace("/steps/", "") };
        assert_eq!(taken, Some(expected.iter().map(of).collect::<Vec<_>>()), "what they agreed to is written down");
        tests::bundle::audit(&world).await;
    };
    let ahead = |task: &str| json!([started("a"), user_task("a", task), applicant(task, "end"), end()]);
    check(ahead("p"), ahead("q"), &[("p", "q")], &[("right.step-added", "/steps/q")]).await;
    let mut other = ahead("p");
    other[2]["form"] = json!("strict");
    other[2]["outputs"] = json!(["n"]);
    check(ahead("p"), other, &[], &[("right.step-added", "/steps/p")]).await;
    // Open or ahead: it goes, or becomes somebody else's; or one stands for two.
    let open = || json!([started("p"), applicant("p", "end"), end()]);
    check(open(), json!([started("p"), user_task("p", "end"), end()]), &[], &[("right.step-goes", "/steps/p")]).await;
    check(ahead("p"), json!([started("a"), user_task("a", "end"), end()]), &[], &[("right.step-goes", "/steps/p")]).await;
    let two = json!([started("a"), user_task("a", "p"), applicant("p", "q"), applicant("q", "end"), end()]);
    check(two, ahead("q"), &[("p", "q")], &[("right.step-goes", "/steps/q")]).await;
}

/// A case under `n` that stands at the last task.
async fn at_the_end(world: &World<MemoryStore>) -> engine::model::CommandId {
    version(world, &document(steps(), json!([bound("n", "n")]))).await;
    let id = start(world, "timed", json!({})).await;
    work(world, "a", "asha", json!({})).await;
    work(world, "ask", "asha", json!({})).await;
    id
}

#[tokio::test]
async fn a_clock_that_nothing_would_stop_is_kept_or_ended() {
    let passed = || json!([elsewhere("n", "decided", json!({ "leaving": "a" }))]);
    let endless = [("move.clock-endless", "/clocks/n")];
    for (mapping, authority, expected) in [
        (Mapping::default(), authority(), &endless[..]),
        (said(&["n"], &["n"], &[]), authority(), &endless[..]),
        (said(&[], &["n"], &[]), authority(), &[ENDS, COMPENSATES, ESCALATES][..]),
        (said(&["n"], &[], &[]), authority(), &[][..]),
        (said(&[], &["n"], &[]), consent("2026-04-01"), &[][..]),
    ] {
        let world = normed().await;
        let id = at_the_end(&world).await;
        let old = world.case(id).await.definition;
        let to = version(&world, &document(steps(), passed())).await;
        let library = world.engine.library();
        let graph = |hash| library.get(hash).expect("it is deployed").graph.clone();
        let case = world.case(id).await;
        let asked = |case| questions(&graph(&old), &graph(&to), case).undecided;
        assert_eq!((asked(None), asked(Some((&library, &case)))), (vec![], list(&["n"])));
        let answer = moved(&world, id, to, mapping.clone(), authority).await;
        if expected.is_empty() {
            answer.unwrap_or_else(|refusal| panic!("{mapping:?}: {refusal:#?}"));
            assert_eq!(running(&world.case(id).await), mapping.keep);
            tests::bundle::audit(&world).await;
        } else {
            assert_eq!(codes(&rejection(answer)), expected, "{mapping:?}");
        }
    }
    // Nor does one begin that nothing would stop.
    let world = normed().await;
    let id = at_the_end(&world).await;
    let clocks = json!([bound("n", "n"), elsewhere("o", "decided", json!({ "leaving": "a" }))]);
    let to = version(&world, &document(steps(), clocks)).await;
    let rejection = rejection(moved(&world, id, to, said(&[], &[], &["o"]), authority()).await);
    assert_eq!(codes(&rejection), [("move.clock-endless", "/clocks/o")]);
}

#[tokio::test]
async fn a_clock_that_was_kept_once_can_be_kept_again() {
    let world = normed().await;
    version(&world, &document(steps(), json!([bound("n", "n")]))).await;
    let id = start(&world, "timed", json!({})).await;
    let between = version(&world, &document(steps(), json!([]))).await;
    let other = start(&world, "timed", json!({})).await;
    moved(&world, id, between, said(&["n"], &[], &[]), authority()).await.expect("nothing is lost");
    let to = version(&world, &document(steps(), json!([bound("o", "o")]))).await;
    let library = world.engine.library();
    let graph = |hash| library.get(hash).expect("it is deployed").graph.clone();
    let (case, none) = (world.case(id).await, world.case(other).await);
    let asked = |case| questions(&graph(&between), &graph(&to), Some((&library, case))).undecided;
    assert_eq!((asked(&case), asked(&none)), (list(&["n"]), vec![]));
    let refusal = rejection(moved(&world, id, to, Mapping::default(), authority()).await);
    assert_eq!(codes(&refusal), [("move.clock-undecided", "/clocks/n")]);
    // What is said for many holds where it applies.
    for (case, runs) in [(id, &["n"][..]), (other, &[])] {
        moved(&world, case, to, said(&["n"], &[], &[]), authority()).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
        assert_eq!(running(&world.case(case).await), runs);
    }
    tests::bundle::audit(&world).await;
}

#[tokio::test]
async fn a_time_limit_that_was_over_when_it_was_ended_was_missed() {
    for (days, expected) in [(0, (0, 1)), (10, (1, 0))] {
        let world = normed().await;
        let id = at_the_end(&world).await;
        world.advance(days * 86_400).await;
        let to = version(&world, &document(steps(), json!([]))).await;
        moved(&world, id, to, said(&[], &["n"], &[]), consent("2026-04-01")).await.expect("they agreed");
        world.advance(60).await;
        let now = world.engine.now();
        let report = world.engine.report(&world.unit, ReportKind::Performance, None, now).await.expect("it is read");
        let Content::Performance(performance) = report.content else { panic!("{report:?}") };
        let told: Vec<_> = performance.norms.items.iter().map(|line| (line.missed, line.cancelled)).collect();
        assert_eq!(told, [expected], "{days}");
    }
}
