//! Trials of anything by anybody: random moves on the shipped processes. Each is made or refused with a code, none is a failure of the
//! program, and nothing is written.

use api::app::App;
use api::app::trial::moves::{Move, Script, Start};
use api::app::trial::{Place, play};
use engine::graph::library::Checked;
use engine::model::Values;
use engine::runtime::{Engine, Options, Refusal};
use engine::store::{AnyStore, Store};
use serde_json::{Value, json};
use tests::world::{Random, deploy_shipped, text};

use super::rounds;

/// A value of one of the kinds that forms ask for.
fn value(random: &mut Random) -> Value {
    let values = [
        json!(true),
        json!(false),
        json!(7),
        json!("x"),
        json!("2026-05-01"),
        json!("1200.00"),
        json!(["a"]),
        Value::Null,
        json!({}),
    ];
    random.pick(&values).unwrap().clone()
}

/// What a schema asks for, mostly; and now and then something else.
fn fitting(random: &mut Random, schema: &Value) -> Value {
    if random.once_in(12) {
        return value(random);
    }
    if let Some(choices) = schema["enum"].as_array() {
        return random.pick(choices).cloned().unwrap_or_default();
    }
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("boolean"), _) => json!(random.once_in(2)),
        (Some("integer"), _) => json!(random.below(40)),
        (Some("array"), _) => json!(["one"]),
        (_, Some("date")) => json!("2026-05-04"),
        (_, Some("decimal")) => json!("1200.50"),
        _ => json!("some words of text"),
    }
}

/// Data for the variables of a process.
fn data(random: &mut Random, document: &Value) -> Values {
    let declared = document["data"].as_object().cloned().unwrap_or_default();
    let mut data = Values::new();
    for (name, schema) in declared {
        if !random.once_in(3) {
            data.insert(name, fitting(random, &schema));
        }
    }
    data
}

#[tokio::test(flavor = "multi_thread")]
async fn random_moves_are_made_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let options = engine::store::sqlite::Options::default();
    let store = engine::store::sqlite::SqliteStore::open(&folder.path().join("office.db"), options).await.unwrap();
    let engine = Engine::open(AnyStore::Sqlite(store), Options::default()).await.unwrap();
    let office = serde_json::from_str(&text("definitions/office.json")).unwrap();
    api::app::directory::set_up(&engine, &office).await.unwrap();
    deploy_shipped(&engine).await;
    let mut documents = Vec::new();
    for file in std::fs::read_dir(tests::top().join("definitions/processes")).unwrap() {
        documents.push(text(file.unwrap().path()));
    }
    documents.sort();
    let people: Vec<String> =
        engine.office().people.values().map(|person| person.handle.clone()).chain(["nobody".into()]).collect();
    let heads = async || {
        let mut heads = Vec::new();
        for unit in engine.store().units().await.unwrap() {
            heads.push(engine.store().head(&unit).await.unwrap());
        }
        heads
    };
    let app = App::new(engine.clone());
    let (before, mut made, mut refused) = (heads().await, 0, 0);
    for seed in 0..rounds() / 8 {
        let mut random = Random(seed);
        let document = random.pick(&documents).unwrap().clone();
        let parsed: Value = serde_json::from_str(&document).unwrap();
        // As if all that it calls were there.
        let checked = Checked::deployed(&document).unwrap();
        let person = |random: &mut Random| random.pick(&people).unwrap().clone();
        let start = Start { actor: person(&mut random), data: data(&mut random, &parsed) };
        let mut script = Script { at: Some("2026-04-01".into()), start: Some(start), ..Script::default() };
        let mut steps = 0;
        for _ in 0..30 {
            let played = match play(&app, checked.clone(), script.clone()).await {
                Ok(played) => played,
                Err(Refusal::Rejected(_)) => break,
                Err(other) => panic!("seed {seed}: {other}: {script:?}"),
            };
            match &played.refused {
                Some((Place::Step(_), Refusal::Rejected(_))) => {
                    refused += 1;
                    script.steps.pop();
                }
                // The start form asks for more, for less, or for something else; or it is another's to fill in.
                Some((Place::Start, Refusal::Rejected(rejection))) => {
                    refused += 1;
                    let start = script.start.as_mut().unwrap();
                    start.actor = person(&mut random);
                    for problem in &rejection.problems {
                        let name = problem.pointer.trim_start_matches('/').to_owned();
                        if start.data.remove(&name).is_none() {
                            start.data.insert(name.clone(), fitting(&mut random, &parsed["data"][&name]));
                        }
                    }
                    continue;
                }
                Some((place, other)) => panic!("seed {seed}, {place:?}: {other}: {script:?}"),
                None => {
                    made += usize::from(script.steps.len() > steps);
                    steps = script.steps.len();
                }
            }
            let open = played.tasks();
            let step = match (random.below(8), random.pick(&open)) {
                (0, _) => Move::Advance { by: None, to: None },
                (1, _) => Move::Advance { by: Some(format!("P{}D", random.below(40))), to: None },
                (2, _) => Move::Message { name: "answer".into(), key: String::new(), data: data(&mut random, &parsed) },
                (_, Some(open)) => {
                    let actor = match random.pick(&open.people) {
                        Some(one) if !random.once_in(6) => one.handle.clone(),
                        _ => person(&mut random),
                    };
                    let asked = form(&parsed, &open.task.step);
                    let data = asked.into_iter().map(|name| {
                        let schema = parsed["data"][&name].clone();
                        (name, fitting(&mut random, &schema))
                    });
                    Move::Complete { task: open.task.step.clone(), actor, nth: open.nth, data: data.collect() }
                }
                (3, None) => Move::Retry { actor: person(&mut random) },
                (4, None) => Move::Cancel { actor: person(&mut random), reason: "so".into() },
                (_, None) => Move::Advance { by: None, to: None },
            };
            script.steps.push(step);
        }
    }
    assert!(made > 20 && refused > 20, "{made} moves were made, {refused} refused");
    assert_eq!(heads().await, before, "nothing was written");
    engine.stop().await;
}

/// The names that the form of a step asks for.
fn form(document: &Value, step: &str) -> Vec<String> {
    fn find<'a>(steps: &'a Value, id: &str) -> Option<&'a Value> {
        steps.as_array()?.iter().find_map(|step| if step["id"] == id { Some(step) } else { find(&step["steps"], id) })
    }
    let name = find(&document["steps"], step).and_then(|step| step["form"].as_str()).unwrap_or_default();
    let properties = document["forms"][name]["schema"]["properties"].as_object();
    properties.into_iter().flat_map(|properties| properties.keys().cloned()).collect()
}
