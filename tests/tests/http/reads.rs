//! Every answer with a personal value in it has an entry in the access log, written before; and who asks for those entries.

use api::server::Limits;
use engine::journal::{Event, codec};
use engine::model::reading::{CaseRead, Reading, Through};
use engine::model::{InstanceId, UnitId};
use engine::store::Store;
use serde_json::{Value, json};
use tests::client::{Client, Reply, Served};
use tests::world::small_office;

/// What nobody may see unrecorded.
const CANARY: &str = "canary-5f1b";

/// Asked for a name and a note, looked at by an official, told by a worker.
fn claim() -> String {
    json!({
        "id": "claim", "title": { "en": "Claim" }, "owner": { "post": "post-a" },
        "data": { "name": { "type": "string", "personal": true }, "phone": { "type": "string", "personal": true }, "note": { "type": "string" } },
        "forms": { "f": { "schema": { "type": "object", "properties": { "name": {}, "phone": {}, "note": {} } } },
            "g": { "schema": { "type": "object", "properties": { "note": {} } } } },
        "steps": [
            { "id": "asked", "type": "startEvent", "form": "f", "next": "fork" },
            { "id": "fork", "type": "parallelGateway", "next": ["look", "tell", "mark"] },
            { "id": "look", "type": "userTask", "performer": { "role": "officer" }, "form": "f", "outputs": ["name"], "next": "end" },
            { "id": "mark", "type": "userTask", "performer": { "role": "officer" }, "form": "g", "outputs": ["note"], "next": "end" },
            { "id": "tell", "type": "serviceTask", "topic": "mail", "inputs": { "to": "name" }, "next": "end" },
            { "id": "end", "type": "endEvent" }
        ]
    })
    .to_string()
}

struct Office {
    served: Served,
    case: String,
    /// Its tasks: one whose form asks for personal values, one whose form does not.
    look: String,
    mark: String,
}

/// An office in which someone without a post has lodged a case.
async fn office() -> Office {
    let served = Served::new(&small_office(), "office", Limits::default()).await;
    let world = &served.world;
    world.deploy(&claim()).await.expect("it is sound");
    world.hire("dinesh", &["auditor"]).await;
    world.hire("farid", &["officer"]).await;
    let register = engine::journal::Command::RegisterPerson { handle: "esha".into(), name: "Esha".into() };
    world.submit_site("system", register).await.expect("they are registered");
    let data = json!({ "name": CANARY, "note": "nothing of anybody" });
    let start = json!({ "unit": "office", "process": "claim", "data": data });
    let case = served.client("esha").post("/api/v1/instances", &start).await.ok(201);
    let case = case["id"].as_str().expect("an id").to_owned();
    let tasks = world.open_tasks().await;
    let task = |step: &str| {
        let row = tasks.iter().find(|row| row.step == step).expect("it is open");
        format!("office.{}", row.id)
    };
    let (look, mark) = (task("look"), task("mark"));
    assert_eq!(entries(&served).await.len(), 0, "lodging and listing reads nothing");
    Office { case, look, mark, served }
}

/// What the access log says: who, by which post, what.
async fn entries(served: &Served) -> Vec<(String, Option<String>, Reading)> {
    let sealed = served.world.engine.store().entries(&UnitId::access(), 0, 10_000).await.expect("it answers");
    let office = served.world.engine.office();
    let told = sealed.iter().map(|sealed| {
        let entry = codec::open(sealed).expect("it is in order");
        let [Event::ValuesRead(reading)] = &entry.events[..] else { panic!("{entry:?}") };
        let person = entry.origin.actor.person().and_then(|person| office.people.get(person)).expect("a person");
        (person.handle.clone(), entry.via.map(|via| via.to_string()), reading.clone())
    });
    told.collect()
}

/// What is shown through something of the case: the worker is handed a value under another name, which the journal has, too.
fn shown(through: Through) -> &'static [&'static str] {
    match through {
        Through::Jobs => &["to"],
        Through::CasePage | Through::File | Through::History | Through::Entries | Through::Bundle => &["name", "to"],
        Through::TaskPage | Through::Slip | Through::Case | Through::Task => &["name"],
    }
}

fn of(case: &str, through: Through, names: &[&str]) -> Reading {
    let case: InstanceId = case.parse().expect("an id");
    Reading { through, cases: vec![CaseRead { case, names: names.iter().map(|name| (*name).to_owned()).collect() }] }
}

/// Asks, and holds the answer against the access log: with the canary in it there is one entry more, and without it none.
async fn ask(office: &Office, who: &str, path: &str, ask: impl AsyncFnOnce(Client) -> Reply) -> (Reply, Vec<Reading>) {
    // Beyond the hour of whatever was read before.
    office.served.world.advance(3_601).await;
    let before = entries(&office.served).await;
    let reply = ask(office.served.client(who)).await;
    let after = entries(&office.served).await;
    assert_eq!(after[..before.len()], before);
    let new: Vec<Reading> = after[before.len()..]
        .iter()
        .map(|(handle, via, reading)| {
            let post = if who == "farid" { Some("post-of-farid".to_owned()) } else { None };
            assert_eq!((handle.as_str(), via), (who, &post), "{path}");
            reading.clone()
        })
        .collect();
    let shows = reply.body.windows(CANARY.len()).any(|part| part == CANARY.as_bytes());
    // The text of a PDF is not plain in its bytes.
    if path.contains(".pdf") {
        return (reply, new);
    }
    assert_eq!(new.len(), usize::from(shows), "{path}: {} {new:?}", reply.status);
    (reply, new)
}

/// The addresses of all operations that read, with what is asked for put in.
fn operations(office: &Office) -> Vec<String> {
    let api = api::http::openapi();
    let mut found = Vec::new();
    for (path, item) in api["paths"].as_object().expect("paths") {
        let Some(get) = item.get("get") else { continue };
        // A stream without an end; it tells of places in a log.
        if get["operationId"] == "followEvents" || path.ends_with("/events") {
            continue;
        }
        let mut address = path.clone();
        let mut query = Vec::new();
        for parameter in get["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().expect("a name");
            let value = match name {
                "id" if path.contains("/instances/") => office.case.clone(),
                "id" if path.contains("/tasks/") => office.look.clone(),
                "unit" => "office".to_owned(),
                "process" => "claim".to_owned(),
                "version" => "1".to_owned(),
                "person" => "esha".to_owned(),
                "file" => "cases.xes".to_owned(),
                "for" => "all".to_owned(),
                _ if parameter["in"] == "path" => "x".to_owned(),
                _ => continue,
            };
            if parameter["in"] == "path" {
                address = address.replace(&format!("{{{name}}}"), &value);
            } else if parameter["in"] == "query" {
                query.push(format!("{name}={value}"));
            }
        }
        if !query.is_empty() {
            address = format!("{address}?{}", query.join("&"));
        }
        found.push(address);
    }
    found
}

/// The addresses of all pages, from the one list of them.
fn pages(office: &Office) -> Vec<String> {
    let source = tests::world::text("api/src/pages/mod.rs");
    let routes = source.split(".route(").skip(1).filter_map(|rest| rest.split('"').nth(1));
    let filled = routes.map(|route| {
        let route = route
            .replace("/cases/{id}", &format!("/cases/{}", office.case))
            .replace("/tasks/{id}", &format!("/tasks/{}", office.look));
        let route = route.replace("{process}", "claim").replace("{version}", "1");
        route
            .split('{')
            .enumerate()
            .map(
                |(n, part)| {
                    if n == 0 { part.to_owned() } else { format!("x{}", part.split_once('}').map_or("", |(_, rest)| rest)) }
                },
            )
            .collect()
    });
    let mut filled: Vec<String> = filled.collect();
    filled.extend([format!("/tasks/{}", office.mark), "/cases?unit=office&number=1".to_owned(), "/reads?person=esha".to_owned()]);
    filled
}

#[tokio::test]
async fn every_answer_with_a_personal_value_has_its_entry() {
    let office = office().await;
    let (operations, pages) = (operations(&office), pages(&office));
    assert!(operations.len() > 40 && pages.len() > 40, "{operations:?} {pages:?}");
    let mut through: Vec<Through> = Vec::new();
    // An official, and the applicant, whose own readings are recorded too.
    for who in ["farid", "esha"] {
        for path in operations.iter().chain(&pages) {
            let (_, new) = ask(&office, who, path, async |client| client.get(path).await).await;
            for reading in new {
                assert_eq!(reading, of(&office.case, reading.through, shown(reading.through)), "{path}");
                through.push(reading.through);
            }
        }
    }
    let lock = json!({ "unit": "office", "worker": "w", "topics": ["mail"], "seconds": 60 });
    let (reply, new) = ask(&office, "farid", "jobs", async |client| client.post("/api/v1/jobs/lock", &lock).await).await;
    assert_eq!(reply.ok(200)["jobs"][0]["data"]["to"], CANARY);
    assert_eq!(new, [of(&office.case, Through::Jobs, shown(Through::Jobs))]);
    through.extend(new.iter().map(|reading| reading.through));
    office.served.sign().await;
    let bundle = json!({ "unit": "office", "processes": ["claim"], "purpose": "A test" });
    let (reply, new) = ask(&office, "farid", "bundle", async |client| client.post("/api/v1/bundles", &bundle).await).await;
    assert_eq!(reply.status, 200);
    assert_eq!(new, [of(&office.case, Through::Bundle, shown(Through::Bundle))]);
    through.extend(new.iter().map(|reading| reading.through));
    let withheld = json!({ "unit": "office", "processes": ["claim"], "purpose": "A test", "withhold": "RTI Act s. 8(1)(j)" });
    // What a worker was handed under a name of its own is not withheld: whoever deploys is warned of it.
    let before = entries(&office.served).await.len();
    assert_eq!(office.served.client("farid").post("/api/v1/bundles", &withheld).await.status, 200);
    assert_eq!(entries(&office.served).await.len(), before);
    through.sort_unstable();
    through.dedup();
    assert_eq!(through, Through::ALL, "each place was asked");
    office.served.stop().await;
}

/// As it stood, printed, and with values withheld.
#[tokio::test]
async fn the_past_and_what_is_printed_are_readings_too() {
    let office = office().await;
    let case = &office.case;
    office.served.world.advance(120).await;
    let past = format!("/cases/{case}?on=2026-04-01T10:00");
    let (reply, new) = ask(&office, "farid", &past, async |client| client.get(&past).await).await;
    assert_eq!((reply.status, new), (200, vec![of(case, Through::CasePage, shown(Through::CasePage))]));
    let past = format!("/api/v1/instances/{case}?asOf=2026-04-01T04:30:30Z");
    let (reply, new) = ask(&office, "farid", &past, async |client| client.get(&past).await).await;
    assert_eq!(reply.ok(200)["variables"]["name"], CANARY);
    assert_eq!(new, [of(case, Through::Case, &["name"])]);
    for (query, expected) in [("", 1), ("?withhold=RTI+Act", 0)] {
        let path = format!("/cases/{case}/file.pdf{query}");
        let (reply, new) = ask(&office, "farid", &path, async |client| client.get(&path).await).await;
        // Without its fonts no file is printed; that it was asked for is on record all the same.
        assert!([200, 503].contains(&reply.status), "{}", reply.text());
        assert_eq!(new.len(), expected, "{path}");
    }
    office.served.stop().await;
}

#[tokio::test]
async fn the_same_within_the_hour_is_one_entry() {
    let office = office().await;
    let (farid, bimal) = (office.served.client("farid"), office.served.client("bimal"));
    let case = format!("/cases/{}", office.case);
    // To the beginning of an hour by the clock; tests begin half an hour before one.
    office.served.world.advance(1_800).await;
    for _ in 0..3 {
        farid.get(&case).await;
        office.served.world.advance(600).await;
    }
    assert_eq!(entries(&office.served).await.len(), 1);
    // Somebody else, something else, and the hour after.
    bimal.get(&case).await;
    farid.get(&format!("{case}/receipt")).await;
    assert_eq!(entries(&office.served).await.len(), 3);
    office.served.world.advance(1_800).await;
    farid.get(&case).await;
    assert_eq!(entries(&office.served).await.len(), 4);
    // Other values of the same case are another reading.
    let task = office.served.world.open_tasks().await.into_iter().find(|row| row.step == "look").expect("it is open").id;
    let world = &office.served.world;
    world.submit("bimal", engine::journal::Command::ClaimTask { task }).await.expect("it is free");
    let data = [("phone".to_owned(), json!("98200"))].into_iter().collect();
    world.submit("bimal", engine::journal::Command::CompleteTask { task, data }).await.expect("it is his");
    farid.get(&case).await;
    assert_eq!(
        entries(&office.served).await.last().expect("one more").2,
        of(&office.case, Through::CasePage, &["name", "phone", "to"])
    );
    office.served.stop().await;
}

/// A message for which no case waits yet has no definition that tells what in it is personal: all of it is.
#[tokio::test]
async fn a_message_that_comes_early_is_read_on_record() {
    let office = office().await;
    let message = json!({ "unit": "office", "name": "paid", "key": "k", "data": { "payer": CANARY, "two words": CANARY } });
    office.served.client("farid").post("/api/v1/messages", &message).await.ok(200);
    let store = office.served.world.engine.store();
    let all = store.entries(&"office".parse().expect("a unit"), 0, 1_000).await.expect("it answers");
    let last = all.last().expect("the message");
    let path = format!("/api/v1/logs/office/entries?from={}", last.index);
    let (_, new) = ask(&office, "farid", &path, async |client| client.get(&path).await).await;
    assert_eq!(new, [of(&format!("office.{}", last.command), Through::Entries, &["_", "payer"])]);
    office.served.stop().await;
}

/// What cannot be recorded is not shown; the rest of a page is.
#[tokio::test]
async fn what_cannot_be_recorded_is_not_shown() {
    let office = office().await;
    let farid = office.served.client("farid");
    let (case, look) = (&office.case, &office.look);
    // Nothing is written any more.
    office.served.world.engine.stop().await;
    for path in [format!("/cases/{case}"), format!("/tasks/{look}"), format!("/cases/{case}/receipt")] {
        let reply = farid.get(&path).await;
        assert_eq!(reply.status, 200, "{path}");
        assert!(reply.text().contains("read.unrecorded") && !reply.text().contains(CANARY), "{path}: {}", reply.text());
        assert!(reply.text().contains("Claim"), "{path}: the rest is there");
    }
    assert!(farid.get(&format!("/cases/{case}")).await.text().contains("nothing of anybody"));
    assert_eq!(farid.get(&format!("/cases/{case}/file.pdf")).await.status, 503);
    for path in [
        format!("/api/v1/instances/{case}"),
        format!("/api/v1/instances/{case}/history"),
        format!("/api/v1/tasks/{look}"),
        "/api/v1/logs/office/entries".to_owned(),
    ] {
        let reply = farid.get(&path).await;
        assert_eq!((reply.problem().as_str(), reply.status), ("read.unrecorded", 503), "{path}");
    }
    // Where nobody's values are shown nothing need be recorded.
    assert_eq!(farid.get(&format!("/api/v1/tasks/{}", office.mark)).await.status, 200);
    assert_eq!(farid.get(&format!("/api/v1/instances/{case}/custody")).await.status, 200);
    office.served.stop().await;
}

/// Who asks who has read.
#[tokio::test]
async fn auditors_and_coordinators_look_at_readings() {
    let office = office().await;
    let case = &office.case;
    let (asha, dinesh) = (office.served.client("asha"), office.served.client("dinesh"));
    for who in ["farid", "esha", "bimal"] {
        office.served.world.advance(60).await;
        office.served.client(who).get(&format!("/cases/{case}/receipt")).await;
    }
    let reads = format!("/api/v1/instances/{case}/reads");
    let all = dinesh.get(&reads).await.ok(200);
    let people: Vec<&Value> = all["items"].as_array().expect("items").iter().map(|item| &item["person"]).collect();
    let world = &office.served.world;
    let expected = ["bimal", "esha", "farid"].map(|handle| json!(world.person(handle)));
    assert_eq!(people, expected.iter().collect::<Vec<_>>());
    let last = &all["items"][2];
    assert_eq!(last["via"], "post-of-farid");
    assert_eq!(
        (&last["case"], &last["names"], &last["through"], &last["entry"]),
        (&json!(case), &json!(["name"]), &json!("slip"), &json!(0))
    );
    assert_eq!(all["items"][1]["via"], Value::Null);
    // Page by page.
    let (mut paged, mut next) = (Vec::new(), String::new());
    loop {
        let page = asha.get(&format!("{reads}?limit=2{next}")).await.ok(200);
        paged.extend(page["items"].as_array().expect("items").clone());
        match page["next"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(json!(paged), all["items"]);
    let by_farid = dinesh.get("/api/v1/reads?person=farid").await.ok(200);
    assert_eq!(by_farid["items"], json!([last]));
    // And on pages, in both languages.
    let page = asha.get(&format!("/cases/{case}")).await.text();
    assert!(page.contains("Who has read personal values") && page.contains("farid"), "{page}");
    for path in [format!("/cases/{case}/reads"), "/reads?person=farid".to_owned()] {
        let page = dinesh.get(&path).await;
        assert!(page.status == 200 && page.text().contains("Slip") && page.text().contains("farid"), "{path}: {}", page.text());
    }
    // The log itself, byte for byte; its leaves name no field.
    let log = dinesh.get("/api/v1/logs/access/entries").await.ok(200);
    assert!(log["items"].as_array().expect("items").iter().all(|item| !item["leaf"].as_str().expect("a leaf").contains("name")));

    // Nobody else.
    for who in ["farid", "esha"] {
        let client = office.served.client(who);
        for path in [reads.as_str(), "/api/v1/reads?person=esha", "/api/v1/logs/access/entries"] {
            assert_eq!(client.get(path).await.problem(), "actor.not-allowed", "{who} {path}");
        }
        for path in [format!("/cases/{case}/reads"), "/reads?person=esha".to_owned()] {
            assert_eq!(client.get(&path).await.status, 403, "{who} {path}");
        }
        assert!(!client.get(&format!("/cases/{case}")).await.text().contains("Who has read personal values"));
    }
    assert_eq!(dinesh.get("/api/v1/reads?person=nobody").await.problem(), "person.unknown");
    assert_eq!(dinesh.get("/api/v1/instances/office.6f1e0c5a9b7d4e2f8a3b1c0d9e8f7a6b/reads").await.problem(), "instance.unknown");
    assert_eq!(asha.get(&format!("{reads}?cursor=x")).await.problem(), "query.cursor");
    // Its tree is there for everybody, what it says is not; and whole only for those who look after all units.
    office.served.sign().await;
    let size = asha.get("/api/v1/logs/access/head").await.ok(200)["size"].as_u64().expect("a size");
    let stranger = office.served.client("");
    assert_eq!(stranger.get(&format!("/log/unit/access/1/tile/0/000.p/{size}")).await.status, 200);
    assert_eq!(stranger.get(&format!("/log/unit/access/1/tile/entries/000.p/{size}")).await.problem(), "log.closed");
    let other = engine::journal::Command::PutUnit {
        unit: serde_json::from_value(json!({ "id": "other", "title": { "en": "Other" }, "parent": null })).expect("a unit"),
    };
    world.submit_site("system", other).await.expect("it is put up");
    assert_eq!(dinesh.get("/api/v1/logs/access/entries").await.problem(), "actor.not-allowed");
    assert_eq!(dinesh.get(&reads).await.status, 200);
    // And no unit may have the log's name.
    let put = engine::journal::Command::PutUnit {
        unit: serde_json::from_value(json!({ "id": "access", "title": { "en": "A" }, "parent": null })).expect("a unit"),
    };
    assert!(world.submit_site("system", put).await.expect_err("it is reserved").to_string().contains("access"));
    office.served.stop().await;
}
