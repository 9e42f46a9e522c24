//! Every rule shown a file that breaks it, and one that does not.

use super::house::File;
use super::{Rule, floors, rules};

#[track_caller]
fn check(rule: Rule, path: &str, text: &str, expected: &[&str]) {
    // A neighbour for links to lead to.
    let files = [("README.md", ""), (path, text)].map(|(path, text)| File { path: path.to_owned(), text: text.to_owned() });
    let found = rule(&files);
    assert_eq!(found.len(), expected.len(), "{path}: {found:?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.contains(expected), "{found:?} does not speak of {expected:?}");
    }
}

#[test]
fn floors() {
    let rule = floors::floors;
    check(rule, "engine/src/graph/mod.rs", "use crate::model::Time;\nuse super::digest;", &[]);
    check(rule, "engine/src/graph/mod.rs", "use crate::journal::Event;", &[":1: `graph` imports sideways: `journal`"]);
    check(
        rule,
        "engine/src/graph/a.rs",
        "\nuse crate::{model::{Time, store}, runtime::Clock};",
        &[":2: `graph` imports up: `runtime`"],
    );
    check(rule, "engine/src/graph/a.rs", "use super::super::store::Store;", &["up: `store`"]);
    check(rule, "engine/src/graph/a.rs", "use super::store::Store;", &[]);
    check(rule, "engine/src/graph/a.rs", "mod tests { use super::super::store; }\nuse super::super::store;", &[":2:"]);
    check(
        rule,
        "engine/src/graph/a.rs",
        "// crate::store\nlet a = \"crate::store\"; let b = r#\"crate::store\"#; let c = 'c';",
        &[],
    );
    check(rule, "engine/src/graph/a.rs", "fn f<'a>(x: &'a str) -> crate::machine::State {}", &["up: `machine`"]);
    check(rule, "engine/src/attic/mod.rs", "", &["on no floor"]);
    check(rule, "engine/src/graph.rs", "use crate::attic;", &["to no room"]);
    check(rule, "api/src/pages/a.rs", "use crate::http::Answer; use engine::runtime::Engine;", &["sideways: `http`"]);
    check(rule, "api/src/main.rs", "use crate::http::Answer;", &[]);
}

#[test]
fn opening() {
    check(rules::opening, "api/src/a.rs", "//! What it is.\n", &[]);
    check(rules::opening, "api/src/a.rs", "use a;\n//! What it is.\n", &["api/src/a.rs:1"]);
}

#[test]
fn purity() {
    for impure in
        ["use tokio::a;", "std::fs::read(a)", "SystemTime::now()", "Timestamp::now()", "async fn f() {}", "rand::random()"]
    {
        check(rules::purity, "engine/src/machine/a.rs", impure, &["below the purity line"]);
        check(rules::purity, "engine/src/runtime/a.rs", impure, &[]);
        check(rules::purity, "engine/src/machine/tests.rs", impure, &[]);
    }
    check(rules::purity, "engine/src/machine/a.rs", "// tokio\nlet operand = \"tokio\";", &[]);
}

#[test]
fn sql() {
    let text = "// SELECT a\nlet a = \"SELECT a FROM b\";";
    check(rules::sql, "engine/src/runtime/a.rs", text, &[":2: SQL"]);
    check(rules::sql, "engine/src/store/sqlite/a.rs", text, &[]);
    check(rules::sql, "api/src/http/a.rs", "let a = r\"INSERT INTO b\";", &["SQL"]);
}

#[test]
fn reading() {
    let rule = rules::reading;
    check(
        rule,
        "api/src/pages/a.rs",
        "let case = visit.engine().instance(&id.unit, id.command).await?;",
        &[":1: `engine().instance(` outside"],
    );
    check(rule, "api/src/http/a.rs", "app.engine\n    .history(&unit, id)", &[":2: `engine.history(` outside"]);
    check(
        rule,
        "api/src/http/a.rs",
        "app.engine.store().case_entries(&unit, id, 1); codec::open(&sealed)",
        &["case_entries", "open"],
    );
    check(
        rule,
        "api/src/http/a.rs",
        "app.engine.store().instance(&unit, id); reading::instance(&app.engine, &id); accepted.instance()",
        &[],
    );
    check(rule, "api/src/app/reading.rs", "engine.instance(&unit, id)", &[]);
    check(rule, "api/src/cli/a.rs", "store.entries(&unit, 0, 9)", &[]);
}

#[test]
fn length() {
    check(rules::length, "api/src/a.rs", &"\n".repeat(600), &[]);
    check(rules::length, "api/src/a.rs", &"\n".repeat(601), &["601 lines"]);
}

#[test]
fn unfinished() {
    check(
        rules::unfinished,
        "api/src/a.rs",
        "fn f() { todo!() }\nfn g() { dbg!(1); unimplemented!() }",
        &["todo", "unimpl", "dbg"],
    );
    check(rules::unfinished, "api/src/a.rs", "// todo! \n#[ignore = \"takes an hour, 2026-01-31\"]", &[]);
    check(rules::unfinished, "api/src/a.rs", "#[ignore]", &["reason and a date"]);
    check(rules::unfinished, "api/src/a.rs", "#[ignore = \"takes an hour\"]", &["reason and a date"]);
    check(rules::unfinished, "api/src/a.rs", "#[ignore = \"2026-01-31\"]", &["reason and a date"]);
}

#[test]
fn traces() {
    check(rules::traces, "docs/a.md", concat!("see /wo", "rk/shared and Clau", "de"), &["/w", "cl"]);
    check(rules::traces, "docs/a.md", "see the framework and its work", &[]);
}

#[test]
fn json() {
    check(rules::json, "tests/scenarios/a.json", "{\"a\":1.5}", &[]);
    check(rules::json, "tests/scenarios/a.json", "{\"a\":1,}", &["a.json"]);
    check(rules::json, "definitions/processes/a.json", "{\"a\":1,\"a\":2}", &["a.json"]);
    check(rules::json, "definitions/schedules/a.json", "{\"a\":1,\"a\":2}", &["a.json"]);
    check(rules::json, "tests/golden/a.jsonl", "{}\n{}\n{\n", &["a.jsonl"]);
}

#[test]
fn definitions() {
    if engine::graph::check(b"no document", &engine::graph::Trusted).is_empty() {
        return;
    }
    check(rules::definitions, "definitions/elsewhere/a.json", "{}", &[]);
    let files = [File { path: "definitions/processes/a.json".to_owned(), text: "{}".to_owned() }];
    assert!(!rules::definitions(&files).is_empty());
}

#[test]
fn top_level() {
    check(rules::top_level, "engine/Cargo.toml", "", &[]);
    check(rules::top_level, "notes.txt", "", &["notes.txt"]);
}

#[test]
fn links() {
    check(rules::links, "docs/a.md", "[a](../README.md#b) [b](https://example.org) [c](#d) `[e](f)`", &[]);
    check(rules::links, "docs/a.md", "```\n[a](b.md)\n```\n[c](d.md)", &[":4: the link to d.md"]);
    check(rules::links, "docs/a.md", "[a](../../README.md)", &["leads nowhere"]);
}
