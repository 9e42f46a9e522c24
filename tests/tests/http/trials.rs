//! A process is tried: every scenario as a trial, the limits of a trial, what is refused; and nothing at all is written.

use api::app::App;
use api::app::trial::moves::{Move, Script, Start};
use api::app::trial::play;
use api::app::trial::scenario::{Act, Refused, Scenario, Step};
use api::app::trial::stage::Stage;
use api::server::Limits;
use engine::model::document::DocumentKind;
use engine::runtime::TRIAL_HOST;
use engine::store::memory::MemoryStore;
use engine::store::{Head, Store};
use serde_json::{Value, json};
use tests::client::{Client, Served};
use tests::scenario::{act, all};
use tests::world::{START, deploy_shipped, text};

use super::{directory, leave};

/// The heads of all logs: whatever is written moves one of them.
async fn heads(served: &Served) -> Vec<Option<Head>> {
    let store = served.world.engine.store();
    let mut heads = Vec::new();
    for unit in store.units().await.unwrap() {
        heads.push(store.head(&unit).await.unwrap());
    }
    heads
}

/// Those that a trial can have: it has one version of a process.
fn scenarios() -> Vec<Scenario> {
    let mut scenarios = all();
    scenarios.retain(|scenario| !scenario.steps.iter().any(|step| matches!(step, Step::Do(Act::Version(_)))));
    scenarios
}

/// The example office with everything that ships, but for schedules.
async fn shipped() -> Served {
    let office = serde_json::from_str(&text("definitions/office.json")).unwrap();
    let served = Served::new(&office, "demo-commissionerate", Limits::default()).await;
    deploy_shipped(&served.world.engine).await;
    let folder = std::fs::read_dir(tests::top().join("definitions/processes")).unwrap();
    let mut waiting: Vec<String> = folder.map(|file| text(file.unwrap().path())).collect();
    // One may call another that comes after it.
    while !waiting.is_empty() {
        let before = waiting.len();
        let mut later = Vec::new();
        for document in waiting {
            if served.world.deploy(&document).await.is_err() {
                later.push(document);
            }
        }
        assert!(later.len() < before, "{} processes are refused", later.len());
        waiting = later;
    }
    served
}

fn script(scenario: &Scenario, steps: Vec<Move>) -> Script {
    let at = scenario.at.clone().or(Some(START.to_owned()));
    Script { unit: Some(scenario.unit.parse().unwrap()), at, start: Some(scenario.start.clone()), steps }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_scenario_is_a_trial() {
    let served = shipped().await;
    let asks = served.client("m-desai");
    let before = heads(&served).await;
    let mut processes: Vec<String> = Vec::new();
    for scenario in scenarios() {
        let path = format!("/api/v1/documents/process/{}/trial", scenario.process);
        let try_it = async |steps: Vec<Move>| asks.post(&path, &serde_json::to_value(script(&scenario, steps)).unwrap()).await;
        let mut steps = Vec::new();
        for step in &scenario.steps {
            match step {
                Step::Do(Act::Move(what)) => steps.push(what.clone()),
                Step::Do(Act::Version(_)) | Step::Expect { .. } => {}
                Step::Refused(Refused::Refused { attempt, code }) => {
                    let Act::Move(attempt) = attempt else { continue };
                    let mut steps = steps.clone();
                    steps.push(attempt.clone());
                    let refused = try_it(steps.clone()).await;
                    assert_eq!(refused.problem(), *code, "{}: {attempt:?}", scenario.title);
                    let pointer = format!("/steps/{}", steps.len() - 1);
                    let problems = &refused.json()["problems"];
                    assert!(problems[0]["pointer"].as_str().is_some_and(|at| at.starts_with(&pointer)), "{problems}");
                }
            }
        }
        let stands = try_it(steps).await.ok(200);
        assert_eq!(stands["trial"], true);
        let end = serde_json::to_value(scenario.end).unwrap();
        assert_eq!(stands["cases"][0]["status"], end, "{}: {stands}", scenario.title);
        assert_eq!(stands["cases"][0]["process"], *scenario.process);
        let open = scenario.steps.iter().rev().find_map(|step| match step {
            Step::Expect { expect } => expect.open.clone(),
            _ => None,
        });
        if let (Some(mut open), true) = (open, matches!(scenario.steps.last(), Some(Step::Expect { .. }))) {
            let mut found: Vec<&str> =
                stands["tasks"].as_array().unwrap().iter().map(|task| task["task"].as_str().unwrap()).collect();
            open.sort();
            found.sort_unstable();
            assert_eq!(found, open, "{}", scenario.title);
        }
        processes.push(scenario.process.clone());
    }
    processes.sort();
    processes.dedup();
    let shipped = std::fs::read_dir(tests::top().join("definitions/processes")).unwrap().count();
    assert_eq!(processes.len(), shipped, "a scenario, and so a trial, of every shipped process");
    assert_eq!(heads(&served).await, before, "a trial writes nothing");
    served.stop().await;
}

#[tokio::test]
async fn a_trial_becomes_a_scenario() {
    let served = shipped().await;
    let scenario = scenarios().into_iter().find(|one| one.process == "svc.refund").unwrap();
    let steps = scenario.steps.iter().filter_map(|step| match step {
        Step::Do(Act::Move(what)) => Some(what.clone()),
        _ => None,
    });
    let mut steps: Vec<Move> = steps.take(4).collect();
    steps.push(Move::Advance { by: None, to: None });
    let script = script(&scenario, steps);
    let engine = &served.world.engine;
    let document = engine.library().newest("svc.refund").unwrap().heading.text.clone();
    let checked = engine.library().check(DocumentKind::Process, &document).unwrap();
    let graph = checked.graph().unwrap().clone();
    let app = App::new(engine.clone());
    let played = play(&app, checked, script.clone()).await.unwrap();
    assert!(played.refused.is_none());
    let file = serde_json::to_string(&Scenario::of(&graph, &script, &played).unwrap()).unwrap();
    let read: Scenario = serde_json::from_str(&file).unwrap();
    let Some(Step::Expect { expect }) = read.steps.last() else { panic!("{file}") };
    assert!(expect.open.as_ref().is_some_and(|open| !open.is_empty()), "{file}");
    act(MemoryStore::default(), &read).await;
    served.stop().await;
}

/// A small process as a draft: a job, a message with a boundary timer, a call, then the end; and a step that is another person's.
fn draft() -> Value {
    let mut draft = leave();
    let steps = json!([
        { "id": "asked", "type": "startEvent", "form": "request", "next": "decide" },
        { "id": "decide", "type": "userTask", "title": { "en": "Decide" }, "performer": { "role": "officer" }, "form": "decision",
          "outputs": ["granted"], "next": "tell" },
        { "id": "tell", "type": "serviceTask", "topic": "mail", "inputs": { "granted": "granted" }, "outputs": ["days"], "next": "answer" },
        { "id": "answer", "type": "intermediateCatchEvent", "message": { "name": "answered" }, "outputs": ["days"], "next": "wait" },
        { "id": "wait", "type": "intermediateCatchEvent", "timer": { "after": "P10D" }, "next": "both" },
        { "id": "both", "type": "parallelGateway", "next": ["look", "file"] },
        { "id": "look", "type": "userTask", "title": { "en": "Look" }, "performer": { "role": "officer", "notWhoDid": ["decide"] }, "next": "done" },
        { "id": "file", "type": "callActivity", "process": "filing", "next": "done" },
        { "id": "done", "type": "endEvent" }
    ]);
    draft["steps"] = steps;
    draft
}

fn filing() -> Value {
    json!({
        "id": "filing", "title": { "en": "Filing" }, "owner": { "post": "owner" },
        "steps": [
            { "id": "begin", "type": "startEvent", "next": "look" },
            { "id": "look", "type": "userTask", "title": { "en": "File" }, "performer": { "role": "officer" }, "next": "end" },
            { "id": "end", "type": "endEvent" }
        ]
    })
}

async fn drafted() -> (Served, Client) {
    let served = Served::new(&directory(), "office", Limits::default()).await;
    let asha = served.client("asha");
    asha.post("/api/v1/definitions", &leave()).await.ok(201);
    asha.post("/api/v1/definitions", &filing()).await.ok(201);
    let saved = asha.post("/api/v1/documents/process/drafts", &draft()).await.ok(201);
    assert_eq!(saved["problems"], json!([]));
    (served, asha)
}

const AT: &str = "/api/v1/documents/process/leave/trial";

#[tokio::test]
async fn a_draft_is_tried_from_its_start_to_its_end() {
    let (served, asha) = drafted().await;
    let before = heads(&served).await;
    let empty = asha.post(AT, &json!({})).await.ok(200);
    assert_eq!((&empty["moreCases"], &empty["moreTasks"], &empty["moreDue"]), (&json!(0), &json!(0), &json!(0)));
    assert_eq!((&empty["cases"], &empty["tasks"], &empty["due"]), (&json!([]), &json!([]), &json!([])));
    assert_eq!((&empty["edition"]["issue"], &empty["unit"]), (&Value::Null, &json!("office")), "the draft, in its owner's unit");

    let mut trial = json!({ "at": "2026-06-01", "start": { "actor": "dev", "data": { "days": 3 } }, "steps": [] });
    let mut go = async |step: Value| {
        trial["steps"].as_array_mut().unwrap().push(step);
        asha.post(&format!("{AT}?diagram=hi"), &trial).await.ok(200)
    };
    let stands = go(json!({ "do": "claim", "task": "decide", "actor": "bimal" })).await;
    assert_eq!(stands["at"], "2026-05-31T18:30:00.000000Z", "a day begins in the office's zone");
    assert_eq!(stands["tasks"][0]["assignee"], "bimal");
    assert_eq!(stands["tasks"][0]["people"], json!(["asha", "bimal"]));
    go(json!({ "do": "release", "task": "decide", "actor": "bimal" })).await;
    let stands = go(json!({ "do": "complete", "task": "decide", "actor": "bimal", "data": { "granted": true } })).await;
    let case = &stands["cases"][0];
    assert_eq!((&case["jobs"][0]["topic"], &case["jobs"][0]["data"]), (&json!("mail"), &json!({ "granted": true })));
    assert_eq!(case["variables"]["granted"], true);
    assert!(case["diagram"].as_str().is_some_and(|svg| svg.contains("<svg") && svg.contains("अवकाश")), "{case}");
    let stands = go(json!({ "do": "fail", "topic": "mail", "message": "no line" })).await;
    let retries = stands["cases"][0]["jobs"][0]["retries"].as_u64().unwrap();
    for _ in 0..retries {
        go(json!({ "do": "fail", "topic": "mail", "message": "no line" })).await;
    }
    let stands = go(json!({ "do": "retry", "actor": "asha" })).await;
    assert_eq!(stands["cases"][0]["incidents"], json!([]));
    let stands = go(json!({ "do": "job", "topic": "mail", "data": { "days": 4 } })).await;
    assert_eq!(stands["cases"][0]["messages"][0]["name"], "answered");
    assert_eq!(stands["cases"][0]["variables"]["days"], 4);
    let stands = go(json!({ "do": "message", "name": "answered", "data": { "days": 5 } })).await;
    let due = &stands["due"][0];
    assert_eq!((&due["what"], &due["of"], &due["process"]), (&json!("timer"), &json!("wait"), &json!("leave")), "{stands}");
    let stands = go(json!({ "do": "advance", "to": "2026-06-05" })).await;
    assert_eq!(stands["now"], "2026-06-04T18:30:00.000000Z");
    let stands = go(json!({ "do": "advance" })).await;
    assert_eq!(stands["now"], "2026-06-10T18:30:01.000000Z", "to what is due next");
    // Two tasks of the same step, in two cases: the older is of the case itself.
    let tasks: Vec<_> =
        stands["tasks"].as_array().unwrap().iter().map(|task| (&task["task"], &task["nth"], &task["process"])).collect();
    let (look, zero, one) = (json!("look"), json!(0), json!(1));
    assert_eq!(tasks, [(&look, &zero, &json!("leave")), (&look, &one, &json!("filing"))]);
    assert_eq!(stands["tasks"][0]["people"], json!(["asha"]), "whoever decided is kept from it");
    go(json!({ "do": "complete", "task": "look", "nth": 1, "actor": "bimal" })).await;
    let stands = go(json!({ "do": "complete", "task": "look", "actor": "asha" })).await;
    assert_eq!(
        stands["cases"].as_array().unwrap().iter().map(|case| &case["status"]).collect::<Vec<_>>(),
        ["completed", "completed"]
    );
    let told = stands.to_string();
    assert!(
        !told.contains("\"receipt\"") && !told.contains("\"leaf\"") && !told.contains("office.example"),
        "no receipt, no proof"
    );

    // The same once more is the same; and of what was issued, the other way.
    assert_eq!(asha.post(AT, &trial).await.ok(200)["tasks"], json!([]));
    let first = &trial["steps"].as_array().unwrap()[..3];
    let issued = served.world.engine.library().newest("leave").unwrap().graph.hash;
    let short = json!({ "start": trial["start"], "steps": first });
    let stands = asha.post(&format!("{AT}?edition={issued}"), &short).await.ok(200);
    assert_eq!((&stands["edition"]["issue"], &stands["cases"][0]["jobs"][0]["step"]), (&json!(1), &json!("tell")));
    assert_eq!(heads(&served).await, before, "nothing was written");
    served.stop().await;
}

#[tokio::test]
async fn what_no_trial_does_is_refused() {
    let (served, asha) = drafted().await;
    let before = heads(&served).await;
    let start = json!({ "actor": "dev", "data": { "days": 3 } });
    let check = async |trial: Value, status: u16, code: &str, pointer: &str| {
        let refused = asha.post(AT, &trial).await;
        assert_eq!((refused.problem().as_str(), refused.status), (code, status), "{trial}: {}", refused.text());
        if !pointer.is_empty() {
            assert_eq!(refused.json()["problems"][0]["pointer"], pointer, "{trial}: {}", refused.text());
        }
    };
    let after = |steps: Value| json!({ "start": start, "steps": steps });
    let complete = json!({ "do": "complete", "task": "decide", "actor": "bimal", "data": { "granted": true } });
    let claim = json!({ "do": "claim", "task": "decide", "actor": "bimal" });
    check(json!({ "start": { "actor": "nobody" } }), 404, "person.unknown", "/start").await;
    check(json!({ "start": { "actor": "dev" } }), 422, "form.invalid", "/start/data/days").await;
    check(json!({ "unit": "nowhere", "start": start }), 404, "unit.unknown", "").await;
    check(json!({ "unit": "site", "start": start }), 404, "unit.unknown", "").await;
    for at in ["yesterday", "1969-01-01", "2200-01-01", "9999-12-31T23:59:59Z", ""] {
        check(json!({ "at": at, "start": start }), 422, "trial.time", "").await;
    }
    check(after(json!([{ "do": "complete", "task": "none", "actor": "bimal" }])), 404, "task.unknown", "/steps/0").await;
    check(after(json!([{ "do": "complete", "task": "decide", "nth": 1, "actor": "bimal" }])), 404, "task.unknown", "/steps/0")
        .await;
    check(after(json!([{ "do": "claim", "task": "decide", "actor": "dev" }])), 403, "task.not-allowed", "/steps/0").await;
    check(after(json!([claim, claim])), 409, "task.already-yours", "/steps/1").await;
    check(after(json!([{ "do": "complete", "task": "decide", "actor": "bimal" }])), 422, "form.invalid", "/steps/0/data/granted")
        .await;
    check(after(json!([{ "do": "job", "topic": "mail" }])), 409, "job.not-available", "/steps/0").await;
    check(
        after(json!([complete, { "do": "job", "topic": "mail", "data": { "days": "x" } }])),
        422,
        "variable.invalid",
        "/steps/1",
    )
    .await;
    check(after(json!([{ "do": "retry", "actor": "asha" }])), 409, "incident.not-open", "/steps/0").await;
    check(after(json!([{ "do": "cancel", "actor": "bimal", "reason": "so" }])), 403, "actor.not-allowed", "/steps/0").await;
    check(after(json!([{ "do": "cancel", "actor": "asha", "reason": "" }])), 422, "instance.reason", "/steps/0").await;
    check(after(json!([{ "do": "advance" }])), 409, "trial.nothing-due", "/steps/0").await;
    check(json!({ "steps": [{ "do": "cancel", "actor": "asha", "reason": "so" }] }), 409, "trial.not-begun", "/steps/0").await;
    for advance in [
        json!({ "by": "P1D", "to": "2026-06-01" }),
        json!({ "by": "P1Y" }),
        json!({ "by": "P1M" }),
        json!({ "by": "a day" }),
        json!({ "by": "P99999D" }),
        json!({ "by": "P19998Y" }),
        json!({ "to": "2020-01-01" }),
        json!({ "to": "2999-01-01" }),
        json!({ "to": "soon" }),
    ] {
        let mut step = advance.clone();
        step["do"] = json!("advance");
        check(after(json!([step])), 422, "trial.time", "/steps/0").await;
    }
    let long: Vec<Value> = (0..201).map(|_| json!({ "do": "advance", "by": "PT1S" })).collect();
    assert_eq!(asha.post(AT, &after(long[1..].into())).await.ok(200)["trial"], true);
    check(after(long.into()), 422, "trial.moves", "").await;
    for hostile in [
        json!("x"),
        json!({ "steps": {} }),
        json!({ "steps": [{}] }),
        json!({ "steps": [{ "do": "dance" }] }),
        json!({ "steps": [{ "do": "claim", "task": 1, "actor": "asha" }] }),
        json!({ "steps": [{ "do": "claim", "task": "decide", "actor": "asha", "nth": -1 }] }),
        json!({ "steps": [{ "do": "refused", "try": claim, "code": "x" }] }),
        json!({ "moves": [] }),
        json!({ "start": { "actor": "dev", "data": [] } }),
    ] {
        check(hostile, 422, "body.unfit", "").await;
    }
    let at = |path: &str| format!("/api/v1/documents/{path}");
    assert_eq!(asha.post(&at("process/none/trial"), &json!({})).await.problem(), "document.unknown");
    assert_eq!(asha.post(&at("norm/leave/trial"), &json!({})).await.problem(), "trial.kind");
    assert_eq!(asha.post(&format!("{AT}?edition={}", "0".repeat(64)), &json!({})).await.problem(), "edition.unknown");
    assert_eq!(asha.post(&format!("{AT}?diagram=xx"), &json!({})).await.problem(), "query.malformed");
    assert_eq!(served.client("dev").post(AT, &json!({})).await.problem(), "actor.not-allowed", "who holds no post tries nothing");
    assert_eq!(served.client("").post(AT, &json!({})).await.problem(), "actor.missing");
    assert_eq!(heads(&served).await, before, "nothing was written");
    served.stop().await;
}

#[tokio::test]
async fn what_goes_in_a_circle_comes_to_an_end() {
    let (served, asha) = drafted().await;
    let circle = json!({
        "id": "circle", "title": { "en": "Circle" }, "owner": { "post": "owner" },
        "steps": [
            { "id": "begin", "type": "startEvent", "next": "wait" },
            { "id": "wait", "type": "intermediateCatchEvent", "timer": { "after": "PT1S" }, "next": "again" },
            { "id": "again", "type": "exclusiveGateway", "next": [{ "to": "wait", "when": "1 = 1" }, { "to": "end" }] },
            { "id": "end", "type": "endEvent" }
        ]
    });
    let saved = asha.post("/api/v1/documents/process/drafts", &circle).await.ok(201);
    assert_eq!(
        saved["problems"].as_array().map(|found| found.iter().filter(|one| one["severity"] == "error").count()),
        Some(0),
        "{saved}"
    );
    let at = "/api/v1/documents/process/circle/trial";
    let advance = |by: &str| json!({ "start": { "actor": "dev" }, "steps": [{ "do": "advance", "by": by }] });
    let stands = asha.post(at, &advance("PT1M")).await.ok(200);
    assert_eq!(stands["cases"][0]["history"].as_array().map(Vec::len), Some(62), "{}", stands["due"]);
    let refused = asha.post(at, &advance("P1D")).await;
    assert_eq!((refused.problem().as_str(), &refused.json()["problems"][0]["pointer"]), ("trial.too-much", &json!("/steps/0")));
    // A draft with errors is not tried.
    let mut broken = circle.clone();
    broken["steps"][0]["next"] = json!("nowhere");
    let over = format!("/api/v1/documents/process/drafts?over={}", saved["hash"].as_str().unwrap());
    asha.post(&over, &broken).await.ok(201);
    assert_eq!(asha.post(at, &json!({})).await.problem(), "definition.invalid");
    served.stop().await;
}

#[tokio::test]
async fn the_logs_of_a_trial_are_nobodys() {
    let (served, _) = drafted().await;
    let engine = &served.world.engine;
    let checked = engine.library().check(DocumentKind::Process, &leave().to_string()).unwrap();
    let trial = engine.for_trial(&checked, engine.options().clock.clone());
    assert_eq!(trial.options().host, TRIAL_HOST);
    assert!(trial.store().units().await.unwrap().is_empty());
    let start = Start { actor: "dev".into(), data: json!({ "days": 3 }).as_object().unwrap().clone().into_iter().collect() };
    let script = Script { start: Some(start), ..Script::default() };
    let app = App::new(engine.clone());
    // Two at once, one after the other: each begins anew.
    let (one, other) = tokio::join!(play(&app, checked.clone(), script.clone()), play(&app, checked.clone(), script));
    for played in [one.unwrap(), other.unwrap()] {
        assert_eq!((played.cases.len(), played.cases[0].history[0].index), (1, 0));
    }
    served.stop().await;
}

#[tokio::test]
async fn one_trial_does_not_hold_up_another_for_long() {
    let (served, _) = drafted().await;
    let engine = &served.world.engine;
    let checked = engine.library().check(DocumentKind::Process, &leave().to_string()).unwrap();
    let app = App::new(engine.clone());
    let taken = app.trials.take().await.unwrap();
    tokio::time::pause();
    let refused = play(&app, checked.clone(), Script::default()).await;
    assert!(matches!(refused, Err(engine::runtime::Refusal::Busy)), "it waited, or went on beside the other");
    tokio::time::resume();
    drop(taken);
    assert!(play(&app, checked, Script::default()).await.is_ok());
    served.stop().await;
}

#[tokio::test]
async fn what_a_trial_keeps_is_looked_at_after_every_move() {
    let (served, _) = drafted().await;
    let engine = &served.world.engine;
    let checked = engine.library().check(DocumentKind::Process, &leave().to_string()).unwrap();
    let clock = std::sync::Arc::new(engine::runtime::clock::ManualClock::new(engine.now()));
    let trial = engine.for_trial(&checked, std::sync::Arc::clone(&clock) as _);
    let (key, unit) = (|| "k".to_owned(), "office".parse().unwrap());
    let stage = Stage { engine: &trial, clock: &clock, unit: &unit, key: &key, spend: &|_| false };
    let start = Start { actor: "dev".into(), data: json!({ "days": 3 }).as_object().unwrap().clone().into_iter().collect() };
    // Nothing is due after a start of this process.
    let refused = stage.start("leave", &start).await.map(|_| ()).unwrap_err();
    assert!(refused.to_string().contains("More follows from this"), "{refused}");
    served.stop().await;
}
