//! Running cases moved over HTTP: a forecast writes nothing, one case, and those of a version some at a time.

use engine::store::Store as _;
use serde_json::{Value, json};

use super::{at_work, leave};

/// The second version: the decision is called otherwise, has a term, and is told of by a person.
fn second() -> Value {
    let mut second = leave();
    second["steps"][0]["next"] = json!("order");
    second["steps"][1]["id"] = json!("order");
    second["steps"][1]["due"] = json!({ "after": "P2D" });
    second
}

#[tokio::test]
async fn cases_come_to_another_version() {
    let served = at_work().await;
    let (asha, bimal, dev) = (served.client("asha"), served.client("bimal"), served.client("dev"));
    let mut cases = Vec::new();
    for days in 1..=4 {
        let started =
            asha.post("/api/v1/instances", &json!({ "unit": "office", "process": "leave", "data": { "days": days } })).await;
        cases.push(started.ok(201)["id"].as_str().expect("an id").to_owned());
    }
    asha.post("/api/v1/definitions", &second()).await.ok(201);
    let mapping = json!({ "steps": { "decide": "order" } });

    // What would change for one case; nothing is written.
    let head = async || served.world.engine.store().head(&served.world.unit).await.expect("the store answers");
    let before = head().await;
    let at = |case: &str, what: &str| format!("/api/v1/instances/{case}/{what}");
    let told = asha.post(&at(&cases[0], "forecast"), &json!({ "to": 2, "mapping": mapping })).await.ok(200);
    assert_eq!(told["places"], json!([{ "from": "decide", "to": "order" }]), "{told}");
    assert_eq!((&told["refusal"], &told["needsConsent"], &told["losses"]), (&Value::Null, &json!(false), &json!([])));
    let deadline = &told["deadlines"][0];
    assert_eq!((&deadline["of"], &deadline["name"], &deadline["before"]), (&json!("task"), &json!("order"), &Value::Null));
    assert!(deadline["after"].is_string() && deadline["overdue"] == json!(false), "{told}");
    let told = asha.post(&at(&cases[0], "forecast"), &json!({ "to": 2 })).await.ok(200);
    assert_eq!(told["refusal"]["code"], "move.impossible");
    assert_eq!(told["refusal"]["problems"][0]["pointer"], "/steps/decide");
    assert_eq!(head().await, before, "a forecast wrote something");

    // Who may, and what is refused.
    for who in [&bimal, &dev] {
        assert_eq!(who.post(&at(&cases[0], "forecast"), &json!({ "to": 2 })).await.problem(), "actor.not-allowed");
    }
    assert_eq!(asha.post(&at(&cases[0], "forecast"), &json!({ "to": 7 })).await.problem(), "definition.unknown");
    assert_eq!(asha.post(&at(&cases[0], "forecast"), &json!({ "to": 2, "from": 1 })).await.problem(), "body.unfit");
    let order =
        |from: u32, to: u32| json!({ "from": from, "to": to, "mapping": mapping, "order": "OO 7/2026", "reason": "Issue 2" });
    assert_eq!(asha.post(&at(&cases[0], "move"), &order(2, 2)).await.problem(), "move.moved-meanwhile");
    let mut unordered = order(1, 2);
    unordered["order"] = json!("");
    assert_eq!(asha.post(&at(&cases[0], "move"), &unordered).await.problem(), "text.invalid");

    // One by itself; the same again is the same answer.
    let again =
        async || asha.post_text(&at(&cases[0], "move"), &order(1, 2).to_string(), Some("m1")).await.ok(200)["receipt"].clone();
    assert_eq!(again().await, again().await);
    let case = asha.get(&format!("/api/v1/instances/{}", cases[0])).await.ok(200);
    assert_eq!((&case["version"], &case["tasks"][0]["step"]), (&json!(2), &json!("order")), "{case}");
    assert_eq!(asha.post(&at(&cases[0], "move"), &order(1, 2)).await.problem(), "move.moved-meanwhile");

    // The others one at a time.
    let many = |what: &str| format!("/api/v1/definitions/leave/1/{what}");
    let mut body = json!({ "unit": "office", "to": 2, "mapping": mapping, "limit": 1 });
    let told = asha.post(&many("forecast"), &body).await.ok(200);
    assert_eq!(told["items"].as_array().map(Vec::len), Some(1), "{told}");
    body["cursor"] = told["next"].clone();
    let told = asha.post(&many("forecast"), &body).await.ok(200);
    assert_eq!(told["items"].as_array().map(Vec::len), Some(1), "{told}");
    assert_eq!(bimal.post(&many("forecast"), &body).await.problem(), "actor.not-allowed");
    for (name, value, code) in
        [("limit", json!(51), "query.limit"), ("cursor", json!("x"), "query.cursor"), ("unit", json!("no"), "unit.unknown")]
    {
        let mut wrong = body.clone();
        wrong[name] = value;
        assert_eq!(asha.post(&many("forecast"), &wrong).await.problem(), code);
    }
    // Nobody but those who may is told even that there is nothing.
    let none = json!({ "unit": "office", "to": 1, "order": "OO 7/2026", "reason": "Issue 2", "instances": [cases[1]] });
    let empty = json!({ "unit": "office", "to": 1, "cursor": body["cursor"] });
    for who in [&bimal, &dev] {
        assert_eq!(who.post("/api/v1/definitions/leave/2/forecast", &empty).await.problem(), "actor.not-allowed");
        assert_eq!(who.post("/api/v1/definitions/leave/2/move", &none).await.problem(), "actor.not-allowed");
    }

    // Of each version its own cases, and no others.
    let of_version = async |from: u32, to: u32| {
        let wanted = json!({ "unit": "office", "to": to, "mapping": mapping });
        let told = asha.post(&format!("/api/v1/definitions/leave/{from}/forecast"), &wanted).await.ok(200);
        let mut found: Vec<String> = told["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(|one| one["instance"].as_str().expect("an id").to_owned())
            .collect();
        found.sort();
        found
    };
    let mut others = cases[1..].to_vec();
    others.sort();
    assert_eq!((of_version(1, 2).await, of_version(2, 1).await), (others, vec![cases[0].clone()]));

    // Those that are named are moved, and told once more when it is sent again; what is refused does not hold up the others.
    asha.post(&at(&cases[2], "suspend"), &json!({ "reason": "wait" })).await.ok(200);
    let missing = format!("office.{}", "0".repeat(32));
    let order = |named: Value| json!({ "unit": "office", "to": 2, "mapping": mapping, "order": "OO 7/2026", "reason": "Issue 2", "instances": named });
    for (named, code) in [
        (json!([]), "body.unfit"),
        (json!(vec![cases[1].clone(); 51]), "body.unfit"),
        (json!([cases[1], cases[1]]), "body.unfit"),
        (json!(["x"]), "instance.unknown"),
        (json!([cases[1].replace("office.", "site.")]), "instance.unknown"),
    ] {
        assert_eq!(asha.post(&many("move"), &order(named)).await.problem(), code);
    }
    let send = async || {
        let order = order(json!([missing, cases[2], cases[1]])).to_string();
        asha.post_text(&many("move"), &order, Some("m2")).await.ok(200)["items"].clone()
    };
    let done = send().await;
    let said: Vec<_> =
        done.as_array().expect("items").iter().map(|one| (one["outcome"].clone(), one["refusal"]["code"].clone())).collect();
    let refused = |code: &str| (json!("refused"), json!(code));
    assert_eq!(said, [refused("instance.unknown"), refused("instance.suspended"), (json!("moved"), Value::Null)]);
    let stood = head().await;
    assert_eq!((send().await, head().await), (done, stood), "sent again, something was moved");
    let version = async |case: &str| asha.get(&format!("/api/v1/instances/{case}")).await.ok(200)["version"].clone();
    assert_eq!((version(&cases[1]).await, version(&cases[3]).await), (json!(2), json!(1)), "one that nobody named was moved");
}

#[tokio::test]
async fn what_needs_consent_stays_where_many_are_moved() {
    let served = at_work().await;
    let asha = served.client("asha");
    let started = asha.post("/api/v1/instances", &json!({ "unit": "office", "process": "leave", "data": { "days": 1 } })).await;
    let id = started.ok(201)["id"].as_str().expect("an id").to_owned();
    let mut asks = leave();
    asks["steps"][1]["next"] = json!("ask");
    let ask =
        json!({ "id": "ask", "type": "userTask", "performer": { "role": "applicant" }, "form": "decision", "next": "tell" });
    asks["steps"].as_array_mut().expect("steps").push(ask);
    asha.post("/api/v1/definitions", &asks).await.ok(201);
    let order = json!({ "unit": "office", "to": 2, "order": "OO 7/2026", "reason": "Issue 2", "instances": [id] });
    let done = asha.post("/api/v1/definitions/leave/1/move", &order).await.ok(200);
    assert_eq!((&done["items"][0]["outcome"], &done["items"][0]["refusal"]["code"]), (&json!("consent"), &json!("move.consent")));
    assert_eq!(done["items"][0]["refusal"]["problems"][0]["code"], "right.step-added");
    let mut one = json!({ "from": 1, "to": 2, "order": "OO 7/2026", "reason": "Issue 2" });
    assert_eq!(asha.post(&format!("/api/v1/instances/{id}/move"), &one).await.problem(), "move.consent");
    one["consent"] = json!({ "by": "the applicant", "date": "2026-01-05", "record": "Letter 4/2026" });
    asha.post(&format!("/api/v1/instances/{id}/move"), &one).await.ok(200);
}
