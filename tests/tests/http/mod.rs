//! The API from outside: the server in this process, spoken to over loopback.

mod amendments;
mod clocks;
mod control;
mod counts;
mod events;
mod exports;
mod hostile;
mod idempotency;
mod metrics;
mod moving;
mod pages;
mod paging;
mod past;
mod plan;
mod printed;
mod reads;
mod records;
mod refusals;
mod reports;
mod rights;
mod stopping;
mod trace;
mod trials;
mod work;

use api::app::directory::Directory;
use api::server::Limits;
use serde_json::{Value, json};
use tests::client::Served;

/// Two officials, an administrator, and someone who holds no post.
fn directory() -> Directory {
    let person = |handle: &str| json!({ "handle": handle, "name": format!("{handle} of the office") });
    let post = |id: &str, roles: &[&str]| json!({ "id": id, "unit": "office", "title": { "en": id }, "roles": roles });
    let appointment =
        |handle: &str, post: &str| json!({ "handle": handle, "post": post, "order": "1/2026", "from": "2026-01-01" });
    let directory = json!({
        "units": [
            { "id": "office", "title": { "en": "Office", "hi": "कार्यालय" }, "parent": null },
            { "id": "branch", "title": { "en": "Branch" }, "parent": "office" }
        ],
        "posts": [
            post("owner", &["quality-coordinator", "officer"]),
            post("desk", &["officer"]),
            post("administrator", &["office-administrator"])
        ],
        "people": [person("asha"), person("bimal"), person("chitra"), person("dev")],
        "appointments": [appointment("asha", "owner"), appointment("bimal", "desk"), appointment("chitra", "administrator")]
    });
    serde_json::from_value(directory).unwrap()
}

async fn served() -> Served {
    Served::new(&directory(), "office", Limits::default()).await
}

/// A small process: asked, decided by a person, told by a worker.
fn leave() -> Value {
    json!({
        "id": "leave", "title": { "en": "Leave", "hi": "अवकाश" }, "owner": { "post": "owner" },
        "data": {
            "days": { "type": "integer", "title": { "en": "Days" } },
            "granted": { "type": "boolean", "title": { "en": "Granted" } }
        },
        "forms": {
            "request": { "schema": { "type": "object", "properties": { "days": {} }, "required": ["days"] } },
            "decision": { "schema": { "type": "object", "properties": { "granted": {} }, "required": ["granted"] } }
        },
        "steps": [
            { "id": "asked", "type": "startEvent", "form": "request", "next": "decide" },
            { "id": "decide", "type": "userTask", "title": { "en": "Decide", "hi": "निर्णय" }, "help": { "en": "Look at the roster." },
              "performer": { "role": "officer" }, "form": "decision", "outputs": ["granted"], "next": "tell" },
            { "id": "tell", "type": "serviceTask", "topic": "mail", "inputs": { "granted": "granted" }, "next": "done" },
            { "id": "done", "type": "endEvent" }
        ]
    })
}

/// The same with a process deployed.
async fn at_work() -> Served {
    let served = served().await;
    served.client("asha").post("/api/v1/definitions", &leave()).await.ok(201);
    served
}

#[test]
fn the_description_is_as_it_was_reviewed() {
    let now = serde_json::to_string_pretty(&api::http::openapi()).unwrap() + "\n";
    let path = tests::top().join("tests/tests/http/openapi.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let then = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        then == now,
        "the API changed. If that is meant: UPDATE=1 cargo test -p tests --test all http::the_description, and review the diff"
    );
}

#[test]
fn every_code_stands_in_the_table() {
    let mut missing = Vec::new();
    for (folder, calls) in [
        ("engine/src/machine", &["Rejection::", "Trouble::new("][..]),
        ("engine/src/runtime", &["Rejection::"][..]),
        ("api/src/http", &["Problem::new("][..]),
        ("api/src/server", &["Problem::new("][..]),
        ("api/src", &["Problem::new("][..]),
    ] {
        for entry in std::fs::read_dir(tests::top().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for call in calls {
                // The first argument of the call, if it is a literal.
                for after in text.split(call).skip(1) {
                    let argument = after.split_once('(').filter(|_| call.ends_with("::")).map_or(after, |(_, argument)| argument);
                    let literal = argument.trim_start().strip_prefix('"').and_then(|literal| literal.split('"').next());
                    if let Some(code) = literal.filter(|code| api::http::codes::find(code).is_none()) {
                        missing.push(format!("{}: {code}", path.display()));
                    }
                }
            }
        }
    }
    assert!(missing.is_empty(), "add these codes to api/src/http/codes.rs:\n{}", missing.join("\n"));
}
