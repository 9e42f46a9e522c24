//! Where the paths of a case can stand together, and go on from.

use super::{graph, process};
use crate::graph::Graph;
use crate::graph::fit::{Fit, Misfit, Stand};

/// `a` is a path on the step `a`, `j<b` one that came to the join `j` from `b`. What is found: `a|b` never at once, `j!` waits for ever,
/// `g*` multiplies.
fn check(steps: &str, stands: &str, expected: &str) {
    let graph: Graph = graph(&process(steps));
    let at = |id: &str| graph.step(id).unwrap_or_else(|| panic!("no step {id}"));
    let names: Vec<&str> = stands.split_whitespace().collect();
    let stand = |name: &&str| match name.split_once('<') {
        None => Stand::Step(at(name)),
        Some((join, from)) => {
            let mut into = graph.steps[at(join)].incoming.iter();
            Stand::Flow(*into.find(|&&flow| graph.flows[flow].from == at(from)).expect("a flow"))
        }
    };
    let found = Fit::new(&graph).misfits(0, &names.iter().map(stand).collect::<Vec<_>>());
    let told: Vec<String> = found
        .into_iter()
        .map(|misfit| match misfit {
            Misfit::Apart(one, other) => format!("{}|{}", names[one], names[other]),
            Misfit::Waits(step) => format!("{}!", graph.steps[step].id),
            Misfit::Multiplies(step) => format!("{}*", graph.steps[step].id),
            Misfit::NotDecided => "?".to_owned(),
        })
        .collect();
    assert_eq!(told.join(" "), expected, "{stands} in {steps}");
}

#[test]
fn paths_stand_together_where_they_can_come_about() {
    let plain = "s start > a; a user > b; b user > e; e end";
    for (stands, expected) in [("a", ""), ("b", ""), ("a b", "a|b"), ("a a", "a|a")] {
        check(plain, stands, expected);
    }
    let split = "s start > f; f and > a, b; a user > j; b user > j; j and > c; c user > e; e end";
    for (stands, expected) in [
        ("a b", ""),
        ("a j<b", ""),
        ("c", ""),
        ("a", "j!"),
        ("j<a", "j!"),
        ("a c", "a|c j!"),
        ("a j<a", "a|j<a j!"),
        ("j<a j<b", ""),
        ("a b c", "a|c b|c"),
    ] {
        check(split, stands, expected);
    }
    // Alternatives never come about at once, though each may.
    let choice = "s start > x; x xor > a?ok, b; a user > m; b user > m; m xor > e; e end";
    for (stands, expected) in [("a", ""), ("b", ""), ("a b", "a|b")] {
        check(choice, stands, expected);
    }
    // In a loop within a branch, and with what a non-interrupting event begins beside it, as often as it fires.
    let beside = "s start > a; a user > b; b user > e; e end; t side@a > x; x user > y; y end";
    for (stands, expected) in [("a x", ""), ("b x", ""), ("x x", ""), ("a x x b", "a|b"), ("x", "")] {
        check(beside, stands, expected);
    }
    let interrupted = "s start > a; a user > e; e end; t boundary@a > x; x user > y; y end";
    for (stands, expected) in [("a", ""), ("x", ""), ("t", ""), ("a x", "a|x")] {
        check(interrupted, stands, expected);
    }
    let nested = "s start > f; f and > a, g; g and > b, c; b user > h; c user > h; h and > j; a user > j; j and > e; e end";
    for (stands, expected) in [("a b c", ""), ("a h<b c", ""), ("j<a b c", ""), ("a h<b", "h! j!"), ("a j<h", "")] {
        check(nested, stands, expected);
    }
}

#[test]
fn what_lies_ahead() {
    let steps = "s start > a; a user > x; x xor > b?ok, c; b user > a; c user > e; e end; t boundary@c > d; d user > z; z end";
    let graph = graph(&process(steps));
    for (from, expected) in [("a", "a x b c e t d z"), ("c", "c e t d z"), ("d", "d z"), ("e", "e")] {
        let ahead = graph.ahead(graph.step(from));
        let mut found: Vec<&str> =
            (0..graph.steps.len()).filter(|step| ahead[*step]).map(|step| graph.steps[step].id.as_str()).collect();
        let mut expected: Vec<&str> = expected.split(' ').collect();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "from {from}");
    }
}
