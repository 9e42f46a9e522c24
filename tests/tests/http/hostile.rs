//! Hostile requests by the thousand, made from a seed: each is refused with a code, and none leaves a trace in a journal.

use engine::store::Store;
use hyper::body::Bytes;
use hyper::{Method, header};
use serde_json::{Value, json};
use tests::client::{Client, Reply, Served};
use tests::world::Random;

use super::at_work;

const SEED: u64 = 0x5e70_77a3;
const ROUNDS: usize = 3_000;
const NO_ONE: &str = "00112233445566778899aabbccddeeff";

/// Operations with a body that would fit, though about nothing that is there.
fn operations() -> Vec<(String, Value)> {
    let (case, made) = (format!("office.{NO_ONE}"), format!("office.{NO_ONE}-0"));
    vec![
        ("/api/v1/instances".into(), json!({ "unit": "office", "process": "none", "data": { "days": 1 } })),
        (format!("/api/v1/instances/{case}/cancel"), json!({ "reason": "because" })),
        (format!("/api/v1/instances/{case}/suspend"), json!({ "reason": "because" })),
        (format!("/api/v1/tasks/{made}/complete"), json!({ "data": { "granted": true } })),
        (format!("/api/v1/jobs/{made}/complete"), json!({ "worker": "w", "data": {} })),
        (format!("/api/v1/jobs/{made}/fail"), json!({ "worker": "w", "message": "m", "retries": 1, "backoffSeconds": 5 })),
        ("/api/v1/jobs/lock".into(), json!({ "unit": "nowhere", "worker": "w", "topics": ["t"], "seconds": 5 })),
        ("/api/v1/messages".into(), json!({ "unit": "nowhere", "name": "n", "key": "k", "ttlSeconds": 5, "data": {} })),
        ("/api/v1/office/units".into(), json!({ "id": "u", "title": { "en": "t" }, "parent": "office" })),
        ("/api/v1/office/posts".into(), json!({ "id": "p", "unit": "office", "title": { "en": "t" }, "roles": ["r"] })),
        ("/api/v1/office/people".into(), json!({ "handle": "h", "name": "n" })),
        ("/api/v1/office/appointments".into(), json!({ "person": format!("p_{NO_ONE}"), "post": "desk", "order": "1" })),
        (format!("/api/v1/office/appointments/{NO_ONE}-0/end"), json!({ "order": "1", "at": "2026-05-01T00:00:00Z" })),
        ("/api/v1/documents/process/none/trial".into(), json!({ "unit": "office", "start": { "actor": "asha" }, "steps": [] })),
        ("/api/v1/definitions".into(), json!({ "id": "x" })),
    ]
}

/// A value of another type.
fn wrong(value: &Value) -> Value {
    match value {
        Value::String(_) => json!(17),
        Value::Number(_) => json!("17"),
        Value::Array(_) => json!({ "a": 1 }),
        _ => json!([[], 1]),
    }
}

/// Text that stands for nothing in an address.
fn scrap(random: &mut Random) -> String {
    const SCRAPS: [&str; 12] =
        ["%00", "%ff", "..", "%2e%2e", "'", "%22", "%3Cscript%3E", "office", "A", "-1", "%F0%9F%98%80", "99999999999999999999"];
    (0..=random.below(4)).filter_map(|_| random.pick(&SCRAPS).copied()).collect()
}

async fn attack(client: &Client, random: &mut Random) -> (String, Reply) {
    let operations = operations();
    let (path, body) = random.pick(&operations).unwrap();
    let mut members = body.as_object().unwrap().clone();
    let name = members.keys().nth(random.below(members.len())).unwrap().clone();
    let definition = path.ends_with("/definitions");
    let text = body.to_string();
    let inside = |value: &str| format!("{},\"x\":{value}}}", &text[..text.len() - 1]);
    let text = match random.below(14) {
        0 => text[..random.below(text.len())].to_owned(),
        1 => text.clone() + random.pick(&["x", "}", "{}", "\u{1}", ",", "//", "\0"]).unwrap(),
        2 if !definition => {
            members.insert(name.clone(), wrong(&members[&name]));
            Value::from(members).to_string()
        }
        3 => format!("{{{}:1,{}", json!(name), &text[1..]),
        4 => inside(&("[".repeat(random.below(3_000) + 40) + "1")),
        5 => inside(&format!("{}1{}", "[".repeat(40), "]".repeat(40))),
        6 => inside(random.pick(&["1e400", "9007199254740993", "-0", "NaN", "01", "1.", "0x10", "1e999999999", "--1"]).unwrap()),
        7 => inside(random.pick(&["\"\\ud800\"", "\"\u{0}\"", "\"\\x\"", "'a'", "\"\\u00\"", "\"\n\""]).unwrap()),
        8 => inside("\"\\u0000\""),
        9 => inside(random.pick(&["1", "null", "{}", "[]", "\"\"", "true"]).unwrap()),
        10 => random.pick(&["", " ", "null", "[]", "1", "\"x\"", "true", "{}x", "\u{feff}{}"]).unwrap().to_string(),
        _ => return elsewhere(client, random, path, text).await,
    };
    let reply = client.post_text(path, &text, Some("hostile")).await;
    (format!("POST {path} {text}"), reply)
}

/// Not the body, but what is around it.
async fn elsewhere(client: &Client, random: &mut Random, path: &str, text: String) -> (String, Reply) {
    const PLACES: [&str; 12] = [
        "instances/",
        "tasks/",
        "definitions/",
        "logs/",
        "office/roles/",
        "instances/office.",
        "tasks/office.",
        "jobs/",
        "",
        "me/",
        "../",
        "logs/office/",
    ];
    const QUERIES: [&str; 14] = [
        "limit=0",
        "limit=201",
        "limit=-1",
        "limit=a",
        "limit=1&limit=2",
        "cursor=!",
        "cursor=AAAA",
        "cursor=%00",
        "unit=OFFICE",
        "unit=",
        "unit=nowhere",
        "colour=red",
        "cursor=MTIzNCBhYmM",
        "limit=99999999999",
    ];
    const LISTS: [&str; 2] = ["/api/v1/instances", "/api/v1/tasks"];
    let long = "k".repeat(201);
    let (request, body) = match random.below(6) {
        0 => {
            let place = random.pick(&PLACES).unwrap();
            (client.request(Method::GET, &format!("/api/v1/{place}{}", scrap(random))), String::new())
        }
        1 => {
            let (list, query) = (random.pick(&LISTS).unwrap(), random.pick(&QUERIES).unwrap());
            (client.request(Method::GET, &format!("{list}?{query}")), String::new())
        }
        2 => {
            let key: &[u8] = random.pick(&[b"".as_slice(), b"\xff", b"caf\xc3\xa9", b"a\tb", long.as_bytes()]).unwrap();
            let request = client.request(Method::POST, path).header(header::CONTENT_TYPE, "application/json");
            (request.header("Idempotency-Key", key), text)
        }
        3 => {
            let kind = *random
                .pick(&["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "", "json", "*/*"])
                .unwrap();
            (client.request(Method::POST, path).header(header::CONTENT_TYPE, kind), text)
        }
        4 => {
            let method = random.pick(&[Method::PUT, Method::DELETE, Method::PATCH, Method::TRACE, Method::OPTIONS]).unwrap();
            (client.request(method.clone(), path), text)
        }
        _ => {
            let actor: &[u8] = random.pick(&[b"nobody".as_slice(), b"p_0", b"system", b"\xff\xfe", b"", b"asha, bimal"]).unwrap();
            let mut request = client.request(Method::POST, path).header(header::CONTENT_TYPE, "application/json");
            request.headers_mut().unwrap().insert("Sevottam-Actor", header::HeaderValue::from_bytes(actor).unwrap());
            (request, text)
        }
    };
    let told = format!("{request:?} {body}");
    (told, client.send(request, Bytes::from(body)).await)
}

async fn sizes(served: &Served) -> Vec<u64> {
    let mut sizes = Vec::new();
    for unit in served.world.engine.store().units().await.unwrap() {
        sizes.push(served.world.engine.store().head(&unit).await.unwrap().map_or(0, |head| head.size));
    }
    sizes
}

#[tokio::test]
async fn nothing_hostile_leaves_a_trace() {
    let served = at_work().await;
    // An administrator, so that no refusal is only for want of a role.
    let clients = [served.client("asha"), served.client("chitra")];
    let before = sizes(&served).await;
    let mut random = Random(SEED);
    let mut codes = std::collections::BTreeSet::new();
    for round in 0..ROUNDS {
        let (told, reply) = attack(&clients[round % 2], &mut random).await;
        assert!((400..500).contains(&reply.status), "round {round}: {} for {told}: {}", reply.status, reply.text());
        codes.insert(reply.problem());
    }
    assert!(codes.len() >= 20, "the requests are all refused for the same few reasons: {codes:?}");
    assert_eq!(sizes(&served).await, before);
    let much = "x".repeat(300 * 1024);
    for (path, _) in operations().iter().filter(|(path, _)| !path.ends_with("/definitions")) {
        let reply = served.client("chitra").post_text(path, &much, None).await;
        assert_eq!(reply.problem(), "body.too-large");
    }
    assert_eq!(sizes(&served).await, before);
    served.stop().await;
}
