//! `bundle` and `verify`: handed out by the server and noted, carried away, checked with nothing but a policy.

use api::server::Limits;
use engine::digest::Hash;
use engine::journal::{Event, codec};
use engine::model::Time;
use hyper::Method;
use hyper::body::Bytes;
use serde_json::json;
use tests::client::Served;
use tests::program::{json, run};
use tests::world::small_office;

use super::bundle::CHECKED;
use super::{SHORT, cases, entries, office};

async fn served() -> Served {
    let served = Served::new(&small_office(), "office", Limits::default()).await;
    served.world.deploy(SHORT).await.unwrap();
    served.world.deploy(CHECKED).await.unwrap();
    cases(&served.world, 3).await;
    served
}

#[tokio::test]
async fn what_is_handed_out_is_noted_first() {
    let served = served().await;
    let asha = served.client("asha");
    let wanted =
        json!({ "unit": "office", "processes": ["short"], "purpose": "Surveillance audit", "withhold": "RTI Act s. 8(1)(j)" });
    assert_eq!(asha.post("/api/v1/bundles", &wanted).await.problem(), "log.unsigned");
    served.sign().await;
    let reply = asha.post("/api/v1/bundles", &wanted).await;
    assert_eq!((reply.status, reply.header("content-type")), (200, "application/zip"), "{}", reply.text());
    let noted = entries(served.world.engine.store(), &office()).await.pop().expect("an entry");
    let entry = codec::open(&noted).unwrap();
    let Event::BundleMade { bundle, chosen, withheld, purpose } = &entry.events[0] else { panic!("{entry:?}") };
    assert_eq!((*bundle, purpose.as_str()), (Hash::of(&reply.body), "Surveillance audit"));
    assert_eq!((chosen.processes.as_slice(), withheld.as_deref()), (&["short".to_owned()][..], Some("RTI Act s. 8(1)(j)")));
    assert_eq!(entry.origin.actor.person(), Some(&served.world.person("asha")));
    assert_eq!(reply.header("sevottam-receipt"), format!("office.example/unit/office/1 {} {}", entry.index, entry.leaf_hash));

    // Who serves the unit only; and a reason is needed.
    served
        .world
        .submit_site("system", engine::journal::Command::RegisterPerson { handle: "dev".into(), name: "Dev".into() })
        .await
        .unwrap();
    assert_eq!(served.client("dev").post("/api/v1/bundles", &wanted).await.problem(), "actor.not-allowed");
    let refused = async |member: &str, value: serde_json::Value| {
        let mut wanted = wanted.clone();
        wanted[member] = value;
        asha.post("/api/v1/bundles", &wanted).await.problem()
    };
    assert_eq!(refused("purpose", json!(" ")).await, "bundle.purpose");
    assert_eq!(refused("withhold", json!("")).await, "bundle.choice");
    assert_eq!(refused("cases", json!(["pune-1.6f1e0c5a9b7d4e2f8a3b1c0d9e8f7a6b"])).await, "bundle.choice");
    assert_eq!(refused("cases", json!(["office.6f1e0c5a9b7d4e2f8a3b1c0d9e8f7a6b"])).await, "instance.unknown");
    assert_eq!(refused("from", json!("yesterday")).await, "bundle.choice");
    assert_eq!(refused("from", json!("2100-01-01T00:00:00Z")).await, "bundle.empty");
    assert_eq!(refused("processes", json!(["unheard-of"])).await, "definition.unknown");
    assert_eq!(refused("clause", json!("SQM 3.2.1")).await, "bundle.choice");
    assert_eq!(refused("unit", json!("nowhere")).await, "unit.unknown");
    assert_eq!(
        entries(served.world.engine.store(), &office()).await.len(),
        noted.index as usize + 1,
        "a refusal leaves no trace"
    );
    served.stop().await;
}

/// An auditor who asks for a clause gets the cases of the processes that carry it out, whether they, a step or a norm of theirs names it.
#[tokio::test]
async fn a_clause_chooses_the_processes_that_carry_it_out() {
    const INSIDE: &str = r#"{
        "id": "inside", "title": { "en": "Inside" }, "owner": { "post": "post-a" },
        "steps": [
            { "id": "begin", "type": "startEvent", "next": "part" },
            { "id": "part", "type": "subProcess", "next": "end", "steps": [
                { "id": "in", "type": "startEvent", "reference": ["SQM 3.2.1"], "next": "out" }, { "id": "out", "type": "endEvent" }
            ] },
            { "id": "end", "type": "endEvent" }
        ]
    }"#;
    let served = Served::new(&small_office(), "office", Limits::default()).await;
    served.world.deploy(SHORT).await.unwrap();
    let top = INSIDE.replace("inside", "top").replace("\"owner\"", "\"reference\": [\"SQM 3.20\", \"IS 15700\"], \"owner\"");
    for (text, process) in [(INSIDE, "inside"), (top.as_str(), "top")] {
        served.world.deploy(text).await.unwrap();
        let start = engine::journal::Command::StartInstance {
            process: process.to_owned(),
            definition: None,
            number: None,
            data: engine::model::Values::default(),
        };
        served.world.submit("asha", start).await.unwrap();
    }
    served.sign().await;
    let asha = served.client("asha");
    let wanted = |clause: &str| json!({ "unit": "office", "purpose": "Audit", "clause": clause });
    let check = async |clause: &str, expected: &[&str]| {
        let reply = asha.post("/api/v1/bundles", &wanted(clause)).await;
        if expected.is_empty() {
            assert_eq!(reply.problem(), "bundle.choice", "{clause}");
            return;
        }
        assert_eq!(reply.status, 200, "{clause}: {}", reply.text());
        served.sign().await;
        let noted = entries(served.world.engine.store(), &office()).await.pop().expect("an entry");
        let entry = codec::open(&noted).unwrap();
        let Event::BundleMade { chosen, purpose, .. } = &entry.events[0] else { panic!("{entry:?}") };
        assert_eq!(chosen.processes, expected);
        assert_eq!(*purpose, format!("Audit ({clause})"));
    };
    check("SQM 3.2.1", &["inside", "top"]).await;
    check("SQM 3.2", &["inside", "top"]).await;
    check("SQM 3.20", &["top"]).await;
    check("IS 15700", &["top"]).await;
    check("SQM 3.2.10", &[]).await;
    check("3.2.1", &[]).await;
    check(" ", &[]).await;
    let mut both = wanted("SQM 3.2");
    both["processes"] = json!(["short", "top"]);
    assert_eq!(asha.post("/api/v1/bundles", &both).await.status, 200);
    both["processes"] = json!(["short"]);
    assert_eq!(asha.post("/api/v1/bundles", &both).await.problem(), "bundle.choice");
    served.stop().await;
}

/// A clause that only a page names, such as the charter, is carried out by the processes that keep the norms which it shows under it.
#[tokio::test]
async fn a_clause_of_a_page_chooses_the_processes_that_keep_its_norms() {
    let served = Served::new(&small_office(), "office", Limits::default()).await;
    let asha = served.client("asha");
    for id in ["kept", "other"] {
        let norm = json!({
            "id": id, "title": { "en": "Norm" }, "owner": { "post": "post-a" }, "clock": { "start": "asked", "stop": ["done"] },
            "editions": [{ "title": { "en": "Order" }, "source": ["An order"], "limits": [{ "within": { "days": 2 } }] }]
        });
        asha.post("/api/v1/documents/norm", &norm).await.ok(201);
        let mut process: serde_json::Value = serde_json::from_str(SHORT).unwrap();
        process["id"] = json!(format!("keeps-{id}"));
        let (first, last) =
            (process["steps"][0]["id"].clone(), process["steps"].as_array().unwrap().last().unwrap()["id"].clone());
        process["clocks"] = json!([{ "norm": id, "bind": { "asked": { "leaving": first }, "done": { "entering": last } } }]);
        asha.post("/api/v1/definitions", &process).await.ok(201);
        let start = json!({ "unit": "office", "process": format!("keeps-{id}"), "data": {} });
        asha.post("/api/v1/instances", &start).await.ok(201);
    }
    let section = |id: &str, reference: &str, content: serde_json::Value| json!({ "id": id, "title": { "en": id }, "reference": [reference], "content": [content] });
    let page = json!({
        "id": "charter", "title": { "en": "Charter" }, "kind": "charter", "reference": ["SQM 2.2"], "owner": { "post": "post-a" },
        "sections": [
            section("promises", "SQM 3.2.1", json!({ "norms": ["kept"] })),
            section("others", "SQM 3.2.3", json!({ "norms": ["other"] })),
            section("words", "SQM 2.9", json!({ "paragraph": { "en": "No norm" } })),
        ]
    });
    asha.post("/api/v1/documents/page", &page).await.ok(201);
    served.sign().await;
    for (clause, expected) in [
        ("SQM 3.2.1", vec!["keeps-kept"]),
        ("SQM 3.2.3", vec!["keeps-other"]),
        ("SQM 3.2", vec!["keeps-kept", "keeps-other"]),
        ("SQM 2.2", vec!["keeps-kept", "keeps-other"]),
        ("SQM 2.9", vec![]),
        ("SQM 3.2.4", vec![]),
    ] {
        let reply = asha.post("/api/v1/bundles", &json!({ "unit": "office", "purpose": "Audit", "clause": clause })).await;
        if expected.is_empty() {
            assert_eq!(reply.problem(), "bundle.choice", "{clause}");
            continue;
        }
        assert_eq!(reply.status, 200, "{clause}: {}", reply.text());
        let noted = entries(served.world.engine.store(), &office()).await.pop().expect("an entry");
        let entry = codec::open(&noted).unwrap();
        let Event::BundleMade { chosen, .. } = &entry.events[0] else { panic!("{entry:?}") };
        assert_eq!(chosen.processes, expected, "{clause}");
    }
    served.stop().await;
}

/// An auditor needs no command line: a form chooses, and what is wrong with it is told on it.
#[tokio::test]
async fn a_page_makes_bundles() {
    let served = served().await;
    served.sign().await;
    let asha = served.client("asha");
    let page = asha.get("/bundles?unit=office&process=short").await;
    assert!(page.status == 200 && page.text().contains("<option value=\"short\" selected"), "{}", page.text());
    let post = async |actor: &str, form: &str| {
        let client = served.client(actor);
        let request = client.request(Method::POST, "/bundles").header("content-type", "application/x-www-form-urlencoded");
        client.send(request, Bytes::from(form.to_owned())).await
    };
    let form = |more: &str| format!("unit=office&process=short&{more}");
    let made = post("asha", &form("from=2026-04-01&to=01-04-2026&purpose=Audit&withhold=RTI&leaves=true&cases=")).await;
    assert_eq!((made.status, made.header("content-type")), (200, "application/zip"), "{}", made.text());
    let noted = entries(served.world.engine.store(), &office()).await.pop().expect("an entry");
    let entry = codec::open(&noted).unwrap();
    let Event::BundleMade { bundle, chosen, withheld, purpose } = &entry.events[0] else { panic!("{entry:?}") };
    assert_eq!((*bundle, purpose.as_str(), withheld.as_deref()), (Hash::of(&made.body), "Audit", Some("RTI")));
    // The whole day, as the office has it.
    let period = [chosen.from, chosen.to].map(|instant| instant.expect("a day").0);
    assert_eq!(period, ["2026-03-31T18:30:00Z", "2026-04-01T18:30:00Z"].map(|text| Time::parse(text).unwrap()));

    for (more, status, code) in [
        ("purpose=", 422, "bundle.purpose"),
        ("purpose=Audit&cases=short", 422, "bundle.choice"),
        ("purpose=Audit&from=yesterday", 422, "bundle.choice"),
        ("purpose=Audit&clause=SQM+9", 422, "bundle.choice"),
        ("purpose=Audit&from=2030-01-01", 404, "bundle.empty"),
    ] {
        let refused = post("asha", &form(more)).await;
        assert_eq!(refused.status, status, "{more}: {}", refused.text());
        let kept = "<option value=\"short\" selected";
        assert!(refused.text().contains(code) && refused.text().contains(kept), "{more}: {}", refused.text());
    }
    served
        .world
        .submit_site("system", engine::journal::Command::RegisterPerson { handle: "dev".into(), name: "Dev".into() })
        .await
        .unwrap();
    assert_eq!(post("dev", &form("purpose=Audit")).await.status, 403);
    assert_eq!(served.client("dev").get("/bundles").await.status, 403);
    assert_eq!(entries(served.world.engine.store(), &office()).await.len(), noted.index as usize + 1);
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_makes_and_verifies_bundles() {
    let served = served().await;
    let key = served.sign().await.key();
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name).to_str().unwrap().to_owned();
    let (zip, policy, server) = (at("bundle.zip"), at("policy.txt"), format!("http://{}", served.address));
    let make = |more: &[&str]| {
        let asked = ["bundle", "--server", &server, "--actor", "asha", "--unit", "office", "--purpose", "Audit", "--out", &zip];
        run(&[&asked[..], more].concat())
    };
    let made = tokio::task::block_in_place(|| make(&["--process", "short", "--json"]));
    assert!(made.status.success(), "{made:?}");
    let bytes = std::fs::read(&zip).unwrap();
    assert_eq!(json(&made)["sha256"], Hash::of(&bytes).to_string());
    std::fs::write(&policy, format!("# from paper\nkey {key}\n")).unwrap();
    let verify = |zip: &str| run(&["verify", zip, "--policy", &policy, "--json"]);

    let said = verify(&zip);
    assert_eq!((said.status.code(), &json(&said)["verdict"]), (Some(0), &json!("VERIFIED")), "{said:?}");
    assert_eq!(json(&said)["replay"], json!({ "cases": 3, "ended": 3, "entries": 3, "untold": 0 }));
    let said = run(&["verify", &zip, "--policy", &policy]);
    assert!(String::from_utf8_lossy(&said.stdout).ends_with("\nVERIFIED\n"), "{said:?}");
    // Of the unit's log; the site's own is not held against itself.
    assert_eq!(String::from_utf8_lossy(&said.stdout).matches("  NOT held against the site's log\n").count(), 1, "{said:?}");

    let mut changed = bytes.clone();
    *changed.last_mut().unwrap() ^= 1;
    std::fs::write(at("changed.zip"), &changed).unwrap();
    let said = verify(&at("changed.zip"));
    assert_eq!((said.status.code(), &json(&said)["findings"][0]["code"]), (Some(1), &json!("bundle.malformed")), "{said:?}");

    let seen = format!("key {key}\nseen office.example/unit/office/1 4000 {}\n", "A".repeat(43) + "=");
    std::fs::write(&policy, seen).unwrap();
    let said = verify(&zip);
    assert_eq!((said.status.code(), &json(&said)["findings"][0]["code"]), (Some(2), &json!("log.truncated")), "{said:?}");

    // Another's key; no policy; no bundle; no arguments.
    let other = tests::bundle::secret().key();
    std::fs::write(&policy, format!("key {other}\n")).unwrap();
    let said = verify(&zip);
    assert_eq!((said.status.code(), &json(&said)["findings"][0]["code"]), (Some(1), &json!("note.no-key")), "{said:?}");
    std::fs::write(&policy, "").unwrap();
    for said in [verify(&zip), verify(&at("none.zip")), run(&["verify"]), run(&["verify", &zip, "--poliy", &policy])] {
        assert_eq!(said.status.code(), Some(3), "{said:?}");
    }
    served.stop().await;
}
