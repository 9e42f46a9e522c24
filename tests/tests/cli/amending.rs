//! Two offices, each a program with a database and a key of its own: what `amendment` does for people, from one to the other and back.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tests::client::Client;

use crate::program::{Program, json as told, run};

/// A small office: somebody who writes, somebody who approves, somebody who administers.
fn office() -> Value {
    let person = |handle: &str| json!({ "handle": handle, "name": handle });
    let post = |id: &str, roles: &[&str]| json!({ "id": id, "unit": "office", "title": { "en": id }, "roles": roles });
    let appointment =
        |handle: &str, post: &str| json!({ "handle": handle, "post": post, "order": "1/2026", "from": "2026-01-01" });
    json!({
        "units": [{ "id": "office", "title": { "en": "Office" }, "parent": null }],
        "posts": [post("post-a", &["officer", "quality-coordinator"]), post("post-b", &["officer", "quality-coordinator"]), post("post-d", &["office-administrator"])],
        "people": [person("asha"), person("bimal"), person("dora")],
        "appointments": [appointment("asha", "post-a"), appointment("bimal", "post-b"), appointment("dora", "post-d")]
    })
}

fn leave() -> Value {
    json!({
        "id": "leave", "title": { "en": "Leave" }, "owner": { "post": "post-a" },
        "steps": [
            { "id": "asked", "type": "startEvent", "next": "look" },
            { "id": "look", "type": "userTask", "performer": { "role": "officer" }, "next": "end" },
            { "id": "end", "type": "endEvent" }
        ]
    })
}

/// An office that serves and signs, and its public key.
fn serve(place: &std::path::Path, host: &str) -> (Program, String) {
    let at = |name: &str| place.join(format!("{host}-{name}")).to_str().expect("a path").to_owned();
    let (signer, directory) = (at("signer"), at("office.json"));
    let made = run(&["sign", "--init", "--folder", &signer, "--host", host]);
    assert!(made.status.success(), "{made:?}");
    std::fs::write(&directory, office().to_string()).expect("the file");
    let program = Program::serve(at("office.db"), &["--office", &directory, "--host", host, "--sign", &signer]);
    let key = String::from_utf8(made.stdout).expect("text").lines().last().expect("the key").to_owned();
    (program, key)
}

fn client(program: &Program, actor: &str) -> Client {
    let address: SocketAddr = program.address.trim_start_matches("http://").parse().expect("an address");
    Client::new(address, actor)
}

/// Sends the draft of the document, has it approved by somebody else, and issues it.
async fn adopt(author: &Client, approver: &Client) {
    let at = |rest: &str| format!("/api/v1/documents/process/leave/draft{rest}");
    let hash = author.get(&at("")).await.ok(200)["hash"].clone();
    author.post(&at("/send"), &json!({ "hash": hash })).await.ok(200);
    approver.post(&at("/approve"), &json!({ "hash": hash })).await.ok(200);
    author.post(&at("/issue"), &json!({ "hash": hash, "reason": "Notification 12/2026" })).await.ok(200);
}

#[tokio::test]
async fn an_amendment_goes_out_and_its_acknowledgement_comes_back() {
    let place = tempfile::tempdir().expect("a directory");
    let at = |name: &str| place.path().join(name).to_str().expect("a path").to_owned();
    let ((head, head_key), (unit, unit_key)) = (serve(place.path(), "hq.example"), serve(place.path(), "unit.example"));
    let ask = |program: &Program, actor: &str, arguments: &[&str]| {
        run(&[&["amendment"], arguments, &["--server", &program.address, "--actor", actor]].concat())
    };
    let (amendment, acknowledgement) = (at("amendment.zip"), at("acknowledgement.zip"));

    client(&head, "asha").post("/api/v1/documents/process/drafts", &leave()).await.ok(201);
    let make = ["make", "--document", "process/leave", "--out", &amendment];
    let refused = ask(&head, "asha", &make);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("(amendment.not-issued)"), "{refused:?}");
    adopt(&client(&head, "asha"), &client(&head, "bimal")).await;
    let made = ask(&head, "asha", &make);
    assert!(made.status.success(), "{made:?}");

    // Checked without a server, with the key from paper.
    let checked = run(&["amendment", "check", &amendment, "--key", &head_key]);
    let said = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert_eq!(checked.status.code(), Some(0), "{checked:?}");
    assert!(said.contains("process leave, issue 1.0\n") && said.ends_with("VERIFIED\n"), "{said}");
    let policy = at("policy.txt");
    std::fs::write(&policy, format!("key {head_key}\n")).expect("the file");
    let checked = run(&["amendment", "check", &amendment, "--policy", &policy, "--json"]);
    assert_eq!((checked.status.code(), told(&checked)["editions"][0]["issue"].clone()), (Some(0), json!(1)), "{checked:?}");
    let checked = run(&["amendment", "check", &amendment, "--key", &unit_key]);
    assert_eq!(checked.status.code(), Some(1), "{checked:?}");
    let mut bytes = std::fs::read(&amendment).expect("the file");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(at("changed.zip"), &bytes).expect("the file");
    let checked = run(&["amendment", "check", &at("changed.zip"), "--key", &head_key]);
    assert!(checked.status.code() == Some(1) && String::from_utf8_lossy(&checked.stdout).contains("TAMPERED: "), "{checked:?}");
    for wrong in [
        &["amendment", "check", &amendment][..],
        &["amendment", "check", "/none", "--key", &head_key],
        &["amendment", "check", &amendment, "--key", "x"],
    ] {
        assert_eq!(run(wrong).status.code(), Some(3), "{wrong:?}");
    }

    // Recognised by office order, taken in, adopted, acknowledged.
    let import = ["import", &amendment];
    assert_eq!(ask(&unit, "bimal", &import).status.code(), Some(1));
    let recognise = |key: &'static str, relation: &'static str| {
        ["recognise", "--vkey", key, "--title", "The other office", "--relation", relation, "--order", "7/2026"]
    };
    let (head_key, unit_key): (&'static str, &'static str) = (head_key.leak(), unit_key.leak());
    for (program, key, relation) in [(&unit, head_key, "above"), (&head, unit_key, "below")] {
        let done = ask(program, "dora", &recognise(key, relation));
        assert!(done.status.success(), "{done:?}");
    }
    for how in ["taken in", "there already"] {
        let done = ask(&unit, "bimal", &import);
        assert!(done.status.success() && String::from_utf8_lossy(&done.stdout).contains(how), "{done:?}");
    }
    adopt(&client(&unit, "asha"), &client(&unit, "asha")).await;
    let acknowledge = ["acknowledge", "--document", "process/leave", "--out", &acknowledgement];
    let done = ask(&unit, "bimal", &acknowledge);
    assert!(done.status.success(), "{done:?}");
    let checked = run(&["amendment", "check", &acknowledgement, "--key", unit_key]);
    assert!(String::from_utf8_lossy(&checked.stdout).contains("adopted as it is as issue 1.0"), "{checked:?}");
    let done = ask(&head, "asha", &["import", &acknowledgement]);
    assert!(String::from_utf8_lossy(&done.stdout).contains("acknowledgement from unit.example: taken in"), "{done:?}");
    let sheet = client(&head, "asha").get("/api/v1/documents/process/leave/issues").await.ok(200);
    assert_eq!(sheet["items"][0]["offices"][0]["host"], "unit.example", "{sheet}");
    // Withdrawn there, and learnt of here.
    let withdrawal = at("withdrawal.zip");
    let make = ["make", "--withdrawal", "process/leave", "--out", &withdrawal];
    assert_eq!(ask(&head, "asha", &make).status.code(), Some(1), "nothing was withdrawn");
    let reason = json!({ "reason": "No longer needed" });
    client(&head, "asha").post("/api/v1/documents/process/leave/withdraw", &reason).await.ok(200);
    let made = ask(&head, "asha", &make);
    assert!(made.status.success(), "{made:?}");
    let checked = run(&["amendment", "check", &withdrawal, "--key", head_key]);
    let said = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert_eq!(checked.status.code(), Some(0), "{checked:?}");
    assert!(said.contains("process leave, issue 1.0\n") && said.contains("  why: No longer needed\n"), "{said}");
    let checked = told(&run(&["amendment", "check", &withdrawal, "--key", head_key, "--json"]));
    assert_eq!((&checked["verdict"], &checked["withdrawal"]["id"]), (&json!("VERIFIED"), &json!("leave")), "{checked}");
    for how in ["withdrawal from hq.example: taken in", "withdrawal from hq.example: there already"] {
        let done = ask(&unit, "bimal", &["import", &withdrawal]);
        assert!(done.status.success() && String::from_utf8_lossy(&done.stdout).contains(how), "{done:?}");
    }
    // That it is known is acknowledged in its turn.
    let known = at("known.zip");
    let done = ask(&unit, "asha", &["acknowledge", "--document", "process/leave", "--out", &known]);
    assert!(done.status.success(), "{done:?}");
    let checked = run(&["amendment", "check", &known, "--key", unit_key]);
    assert!(String::from_utf8_lossy(&checked.stdout).contains("  that it was withdrawn was received 20"), "{checked:?}");
    let done = ask(&head, "asha", &["import", &known]);
    assert!(String::from_utf8_lossy(&done.stdout).contains("acknowledgement from unit.example: taken in"), "{done:?}");
    let sheet = client(&head, "asha").get("/api/v1/documents/process/leave/issues").await.ok(200);
    let office = &sheet["recalls"][0]["offices"][0];
    assert!(office["host"] == "unit.example" && office["withdrawn"].is_string(), "{sheet}");
    for wrong in [
        &["make", "--out", &withdrawal][..],
        &["make", "--withdrawal", "leave", "--out", &withdrawal],
        &["make", "--withdrawal", "process/leave", "--document", "process/leave", "--out", &withdrawal],
    ] {
        assert_eq!(ask(&head, "asha", wrong).status.code(), Some(2), "{wrong:?}");
    }
    let disown = ["disown", "--host", "hq.example", "--order", "8/2026"];
    let done = ask(&unit, "dora", &disown);
    assert!(String::from_utf8_lossy(&done.stdout).starts_with("disowned: entry "), "{done:?}");
    assert_eq!(ask(&unit, "dora", &disown).status.code(), Some(1));
    assert_eq!(ask(&unit, "bimal", &import).status.code(), Some(1), "nothing is taken in from it any more");
    assert!(head.terminate().is_some() && unit.terminate().is_some());
}
