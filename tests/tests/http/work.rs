//! A day's work over HTTP: deploy, start, claim, complete; and the evidence of it.

use engine::digest::{Hash, leaf_hash, root_of};
use serde_json::json;

use super::{at_work, leave, served};

#[tokio::test]
async fn a_case_from_its_definition_to_its_evidence() {
    let served = served().await;
    let asha = served.client("asha");
    let bimal = served.client("bimal");

    assert_eq!(asha.post("/api/v1/definitions/check", &leave()).await.ok(200), json!({ "problems": [] }));
    let deployed = asha.post("/api/v1/definitions", &leave()).await;
    assert_eq!(deployed.header("location"), "/api/v1/definitions/leave/1");
    let deployed = deployed.ok(201);
    assert_eq!((&deployed["version"], deployed["receipt"]["index"].is_u64()), (&json!(1), true));
    let again = asha.post("/api/v1/definitions", &leave()).await.ok(200);
    assert_eq!((&again["hash"], &again["version"], again.get("receipt")), (&deployed["hash"], &json!(1), None));
    assert_eq!(bimal.post("/api/v1/definitions", &leave()).await.problem(), "actor.not-allowed");
    let listed = asha.get("/api/v1/definitions").await.ok(200);
    assert_eq!((&listed["items"][0]["process"], &listed["items"][0]["unit"]), (&json!("leave"), &json!("office")));
    assert_eq!(asha.get("/api/v1/definitions/leave").await.ok(200)["versions"][0]["version"], 1);
    assert_eq!(asha.get("/api/v1/definitions/leave/1").await.ok(200)["title"]["hi"], "अवकाश");
    assert_eq!(asha.get("/api/v1/definitions/leave/1/document").await.text(), leave().to_string());
    assert!(asha.get("/api/v1/definitions/leave/1/diagram.svg?language=hi").await.text().contains("निर्णय"));

    let bad = asha.post("/api/v1/instances", &json!({ "unit": "office", "process": "leave", "data": { "days": "three" } })).await;
    assert_eq!(bad.problem(), "form.invalid");
    assert_eq!(bad.json()["problems"][0]["pointer"], "/days");
    let body = json!({ "unit": "office", "process": "leave", "version": 1, "number": "L/1", "data": { "days": 3 } });
    let started = asha.post("/api/v1/instances", &body).await;
    let (location, started) = (started.header("location").to_owned(), started.ok(201));
    assert_eq!(started["status"], "active");
    let task = started["tasks"][0].as_str().unwrap().to_owned();

    let offered = bimal.get("/api/v1/tasks?for=offered").await.ok(200);
    assert_eq!(offered["items"][0]["id"], task);
    let look = bimal.get(&format!("/api/v1/tasks/{task}")).await.ok(200);
    assert_eq!(look["form"]["schema"]["required"], json!(["granted"]));
    assert_eq!((&look["task"]["title"]["hi"], &look["help"]["en"]), (&json!("निर्णय"), &json!("Look at the roster.")));
    assert_eq!(served.client("dev").post(&format!("/api/v1/tasks/{task}/claim"), &json!({})).await.problem(), "task.not-allowed");
    bimal.post(&format!("/api/v1/tasks/{task}/claim"), &json!({})).await.ok(200);
    assert_eq!(bimal.get("/api/v1/tasks?for=mine").await.ok(200)["items"][0]["id"], task);
    assert_eq!(asha.post(&format!("/api/v1/tasks/{task}/claim"), &json!({})).await.problem(), "task.claimed");
    bimal.post(&format!("/api/v1/tasks/{task}/release"), &json!({})).await.ok(200);
    bimal.post(&format!("/api/v1/tasks/{task}/claim"), &json!({})).await.ok(200);
    let done = bimal.post(&format!("/api/v1/tasks/{task}/complete"), &json!({ "data": { "granted": true } })).await.ok(200);
    assert_eq!(done["status"], "active");

    let lock = json!({ "unit": "office", "worker": "w", "topics": ["mail"], "seconds": 60 });
    let jobs = asha.post("/api/v1/jobs/lock", &lock).await.ok(200);
    assert_eq!(jobs["jobs"][0]["data"], json!({ "granted": true }));
    let job = jobs["jobs"][0]["id"].as_str().unwrap();
    asha.post(&format!("/api/v1/jobs/{job}/fail"), &json!({ "worker": "w", "message": "no answer", "retries": 0 })).await.ok(200);
    let incident = asha.get("/api/v1/incidents?unit=office").await.ok(200)["items"][0]["id"].as_str().unwrap().to_owned();
    let picture = asha.get(&format!("{location}/diagram.svg")).await.text();
    assert!(picture.contains("Problem at"), "{picture}");
    asha.post(&format!("{location}/incidents/{incident}/retry"), &json!({})).await.ok(200);
    asha.post(&format!("{location}/suspend"), &json!({ "reason": "audit" })).await.ok(200);
    asha.post(&format!("{location}/resume"), &json!({})).await.ok(200);
    asha.post("/api/v1/jobs/lock", &lock).await.ok(200);
    let end = asha.post(&format!("/api/v1/jobs/{job}/complete"), &json!({ "worker": "w" })).await.ok(200);
    assert_eq!(end["status"], "completed");

    let case = asha.get(&location).await.ok(200);
    assert_eq!((&case["status"], &case["summary"]["number"]), (&json!("completed"), &json!("L/1")));
    assert_eq!(case["variables"], json!({ "days": 3, "granted": true }));
    let found = asha.get("/api/v1/instances?unit=office&number=L/1&status=completed").await.ok(200);
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    let history = asha.get(&format!("{location}/history?limit=200")).await.ok(200);
    let entries = history["items"].as_array().unwrap();
    assert_eq!(entries.len(), case["entries"].as_u64().unwrap() as usize);
    assert_eq!(entries.last().unwrap()["leaf"], end["receipt"]["leaf"]);
    assert_eq!(entries.iter().filter(|entry| entry["kind"] == "task.completed" && entry["via"] == "desk").count(), 1);
    served.stop().await;
}

/// Who is kept from more tasks in a row than are looked at for one page gets a short page, and is told where to go on.
#[tokio::test]
async fn who_is_kept_from_very_many_tasks_finds_the_others() {
    let served = served().await;
    let (asha, bimal) = (served.client("asha"), served.client("bimal"));
    let process = json!({
        "id": "two", "title": { "en": "Two" }, "owner": { "post": "owner" },
        "steps": [
            { "id": "start", "type": "startEvent", "next": "look" },
            { "id": "look", "type": "userTask", "performer": { "role": "officer" }, "next": "review" },
            { "id": "review", "type": "userTask", "next": "done", "performer": { "role": "officer", "notWhoDid": ["look"] } },
            { "id": "done", "type": "endEvent" }
        ]
    });
    asha.post("/api/v1/definitions", &process).await.ok(201);
    let mut last = String::new();
    for number in 0..=205 {
        let looks = if number < 205 { &asha } else { &bimal };
        let started = asha.post("/api/v1/instances", &json!({ "unit": "office", "process": "two", "data": {} })).await.ok(201);
        let task = format!("/api/v1/tasks/{}", started["tasks"][0].as_str().unwrap());
        looks.post(&format!("{task}/claim"), &json!({})).await.ok(200);
        let done = looks.post(&format!("{task}/complete"), &json!({ "data": {} })).await.ok(200);
        last = done["tasks"][0].as_str().unwrap().to_owned();
    }
    let (mut pages, mut found, mut cursor) = (Vec::new(), Vec::new(), String::new());
    loop {
        let page = asha.get(&format!("/api/v1/tasks?for=offered&limit=10{cursor}")).await.ok(200);
        let items = page["items"].as_array().unwrap();
        pages.push(items.len());
        found.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(found, [last]);
    assert_eq!(pages.len(), 2, "{pages:?}");
    served.stop().await;
}

/// Nobody is offered what they could not claim, and a page of what remains is full all the same.
#[tokio::test]
async fn who_is_kept_from_a_task_is_not_offered_it() {
    let served = served().await;
    let (asha, bimal) = (served.client("asha"), served.client("bimal"));
    let review = json!({ "id": "review", "type": "userTask", "next": "done", "performer": {
        "role": "officer", "notWhoDid": ["look"], "notWhoHolds": { "data": ["owner"] }
    } });
    let process = json!({
        "id": "audit", "title": { "en": "Audit" }, "owner": { "post": "owner" },
        "data": { "owner": { "type": "string", "format": "post", "title": { "en": "Owner" } } },
        "forms": { "named": { "schema": { "type": "object", "properties": { "owner": {} } } } },
        "steps": [
            { "id": "start", "type": "startEvent", "form": "named", "next": "look" },
            { "id": "look", "type": "userTask", "performer": { "role": "officer" }, "next": "review" },
            review, { "id": "done", "type": "endEvent" }
        ]
    });
    asha.post("/api/v1/definitions", &process).await.ok(201);
    // Every third case names the post of one of the two, and every second is looked at by the other.
    let posts = [None, Some("owner"), Some("desk")];
    let mut expected = [Vec::new(), Vec::new()];
    for number in 0..12 {
        let data = posts[number % 3].map_or_else(|| json!({}), |post| json!({ "owner": post }));
        let body = json!({ "unit": "office", "process": "audit", "data": data });
        let started = asha.post("/api/v1/instances", &body).await.ok(201);
        let looks = [&asha, &bimal][number % 2];
        let task = format!("/api/v1/tasks/{}", started["tasks"][0].as_str().unwrap());
        looks.post(&format!("{task}/claim"), &json!({})).await.ok(200);
        let done = looks.post(&format!("{task}/complete"), &json!({ "data": {} })).await.ok(200);
        for (who, post) in [(0, "owner"), (1, "desk")] {
            if number % 2 != who && posts[number % 3] != Some(post) {
                expected[who].push(done["tasks"][0].as_str().unwrap().to_owned());
            }
        }
    }
    for (client, expected) in [&asha, &bimal].into_iter().zip(&expected) {
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = client.get(&format!("/api/v1/tasks?for=offered&limit=2{cursor}")).await.ok(200);
            let items = page["items"].as_array().unwrap();
            found.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            assert_eq!(items.len(), 2, "a page with more behind it is full");
            cursor = format!("&cursor={}", next.replace(' ', "%20"));
        }
        let mut expected = expected.clone();
        expected.sort();
        found.sort();
        assert_eq!(found, expected);
        assert_eq!(found.len(), 4);
    }
    let all = asha.get("/api/v1/tasks?limit=50").await.ok(200);
    let other =
        all["items"].as_array().unwrap().iter().find(|item| !expected[0].contains(&item["id"].as_str().unwrap().to_owned()));
    let other = other.unwrap()["id"].as_str().unwrap();
    assert!(
        ["task.separation", "task.independence"]
            .contains(&asha.post(&format!("/api/v1/tasks/{other}/claim"), &json!({})).await.problem().as_str())
    );
    served.stop().await;
}

/// Whoever has the entries computes the root of the head, and finds every receipt.
#[tokio::test]
async fn the_log_proves_itself() {
    let served = at_work().await;
    let asha = served.client("asha");
    for days in 1..40 {
        let body = json!({ "unit": "office", "process": "leave", "data": { "days": days } });
        asha.post("/api/v1/instances", &body).await.ok(201);
    }
    let (mut leaves, mut from) = (Vec::<Hash>::new(), Some(0));
    // Each page is noted, and the notes are read too: of a page of notes alone there is none, so that there is an end.
    let mut once_more = true;
    while let Some(start) = from {
        let page = asha.get(&format!("/api/v1/logs/office/entries?from={start}&limit=17")).await.ok(200);
        for entry in page["items"].as_array().unwrap() {
            assert_eq!(entry["index"], leaves.len());
            assert_eq!(entry["payloads"][0]["name"], "events");
            leaves.push(leaf_hash(entry["leaf"].as_str().unwrap().as_bytes()));
            assert_eq!(entry["leafHash"], leaves.last().unwrap().to_string());
        }
        from = page["next"].as_u64().or_else(|| std::mem::take(&mut once_more).then_some(leaves.len() as u64));
    }
    let head = asha.get("/api/v1/logs/office/head").await.ok(200);
    assert_eq!((&head["size"], &head["root"]), (&json!(43), &json!(root_of(&leaves).to_string())));
    assert_eq!(asha.get("/api/v1/logs").await.ok(200)["items"].as_array().unwrap().len(), 2);
    assert_eq!(asha.get("/api/v1/logs/branch/head").await.ok(200)["size"], 0);
    served.stop().await;
}

#[tokio::test]
async fn the_office_is_kept_by_its_administrator() {
    let served = served().await;
    let (asha, chitra) = (served.client("asha"), served.client("chitra"));
    let unit = json!({ "id": "wing", "title": { "en": "Wing", "hi": "खंड" }, "parent": "branch" });
    assert_eq!(asha.post("/api/v1/office/units", &unit).await.problem(), "actor.not-allowed");
    chitra.post("/api/v1/office/units", &unit).await.ok(200);
    let post = json!({ "id": "clerk", "unit": "wing", "title": { "en": "Clerk" }, "roles": ["clerk"] });
    chitra.post("/api/v1/office/posts", &post).await.ok(200);
    let person = chitra.post("/api/v1/office/people", &json!({ "handle": "esha", "name": "Esha" })).await.ok(201);
    let appointment = json!({ "person": person["id"], "post": "clerk", "order": "2/2026", "from": "2026-02-01T00:00:00+05:30" });
    let appointment = chitra.post("/api/v1/office/appointments", &appointment).await.ok(201);
    let holders = asha.get("/api/v1/office/roles/clerk/holders?unit=wing").await.ok(200);
    assert_eq!((&holders["items"][0]["handle"], &holders["items"][0]["order"]), (&json!("esha"), &json!("2/2026")));
    let me = served.client("esha").get("/api/v1/me").await.ok(200);
    assert_eq!(me["roles"], json!({ "wing": ["clerk"] }));
    let earlier = asha.get("/api/v1/office/roles/clerk/holders?unit=wing&at=2026-01-15T00:00:00Z").await.ok(200);
    assert_eq!(earlier["items"], json!([]));
    let end = format!("/api/v1/office/appointments/{}/end", appointment["id"].as_str().unwrap());
    chitra.post(&end, &json!({ "order": "3/2026" })).await.ok(200);
    let now = asha.get("/api/v1/office/appointments?at=2026-04-02T00:00:00Z").await.ok(200);
    assert_eq!(now["items"].as_array().unwrap().len(), 3);
    assert_eq!(asha.get("/api/v1/office/people").await.ok(200)["items"].as_array().unwrap().len(), 5);
    let buffered = asha.post("/api/v1/messages", &json!({ "unit": "office", "name": "hello", "ttlSeconds": 60 })).await.ok(200);
    assert_eq!((&buffered["buffered"], buffered.get("instance")), (&json!(true), None));
    served.stop().await;
}

#[tokio::test]
async fn pages_for_readers_and_health() {
    let served = served().await;
    let nobody = served.client("");
    assert_eq!(nobody.get("/healthz").await.text(), "alive\n");
    assert_eq!(nobody.get("/readyz").await.text(), "ready\n");
    assert_eq!(nobody.get("/openapi.json").await.ok(200)["openapi"], "3.1.0");
    for (path, says) in
        [("/api", "claimTask"), ("/problems", "task.separation"), ("/problems/task.separation", "Separation of duties")]
    {
        let page = nobody.get(path).await;
        assert!(page.status == 200 && page.text().contains(says), "{path}: {}", page.text());
        assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    }
    served.stop().await;
}
