//! Documents, schedules, anchors and calendars over HTTP, and the feed for calendar programs.

use serde_json::{Value, json};

use super::{at_work, leave};
use engine::calendar::exchange::from_ical;

fn calendar() -> Value {
    let day = json!([{ "from": "09:30", "to": "18:00" }]);
    json!({
        "id": "cal", "title": { "en": "Calendar", "hi": "पंचांग" }, "owner": { "post": "owner" }, "zone": "Asia/Kolkata",
        "source": ["The gazette"],
        "week": { "monday": day, "tuesday": day, "wednesday": day, "thursday": day, "friday": day },
        "covers": { "from": "2026-01-01", "to": "2026-12-31" },
        "holidays": [
            { "date": "2026-04-03", "title": { "en": "Good Friday", "hi": "गुड फ़्राइडे" } },
            { "date": "2026-04-06", "title": { "en": "Perhaps" }, "kind": "provisional" },
            { "date": "2026-04-08", "title": { "en": "As one likes" }, "kind": "restricted" }
        ]
    })
}

fn schedule(id: &str, when: Value) -> Value {
    json!({
        "id": id, "title": { "en": "Audit; the inner, one", "hi": "आंतरिक लेखापरीक्षा, जो प्रत्येक माह की तीसरी तिथि को होती है, सभी शाखाओं में" },
        "owner": { "post": "owner" }, "zone": "Asia/Kolkata", "starts": { "process": "leave" }, "when": when, "time": "10:00",
        "roll": "forward", "source": ["Agreed"], "reference": ["SQM 3.1"]
    })
}

#[tokio::test]
async fn documents_are_deployed_and_read() {
    let served = at_work().await;
    let (asha, bimal, dev) = (served.client("asha"), served.client("bimal"), served.client("dev"));
    let deployed = asha.post("/api/v1/documents/calendar", &calendar()).await;
    assert_eq!(deployed.header("location"), "/api/v1/documents/calendar/cal");
    let deployed = deployed.ok(201);
    assert_eq!((&deployed["version"], &deployed["id"], &deployed["kind"]), (&json!(1), &json!("cal"), &json!("calendar")));
    assert_eq!(deployed["receipt"]["log"], "office.example/site/1");
    let again = asha.post("/api/v1/documents/calendar", &calendar()).await.ok(200);
    assert_eq!((&again["hash"], &again["version"], again.get("receipt")), (&deployed["hash"], &json!(1), None));
    let mut changed = calendar();
    changed["verified"] = json!(true);
    assert_eq!(bimal.post("/api/v1/documents/calendar", &changed).await.problem(), "actor.not-allowed");
    assert_eq!(asha.post("/api/v1/documents/calendar", &changed).await.ok(201)["version"], 2);
    let listed = dev.get("/api/v1/documents/calendar").await.ok(200);
    assert_eq!((&listed["items"][0]["id"], &listed["items"][0]["version"]), (&json!("cal"), &json!(2)));
    assert_eq!(dev.get("/api/v1/documents/schedule").await.ok(200), json!({ "items": [] }));
    let read = dev.get("/api/v1/documents/calendar/cal").await.ok(200);
    assert_eq!(read["text"], changed.to_string());
    assert_eq!(
        (&read["title"]["hi"], &read["source"], &read["verified"]),
        (&json!("पंचांग"), &json!(["The gazette"]), &json!(true))
    );

    for (path, body, code) in [
        ("/api/v1/documents/calendar", json!({ "id": "cal" }), "document.invalid"),
        ("/api/v1/documents/schedule", calendar(), "document.invalid"),
        ("/api/v1/documents/process", leave(), "document.process"),
    ] {
        let refused = asha.post(path, &body).await;
        assert_eq!(refused.problem(), code, "{path}");
    }
    assert_eq!(asha.get("/api/v1/documents/norm/none").await.problem(), "document.unknown");
    served.stop().await;
}

#[tokio::test]
async fn schedules_are_previewed_and_given_their_dates() {
    let served = at_work().await;
    let (asha, bimal, dev) = (served.client("asha"), served.client("bimal"), served.client("dev"));
    let unit = json!({ "id": "office", "title": { "en": "Office" }, "calendar": "cal" });
    served.client("chitra").post("/api/v1/office/units", &unit).await.ok(200);
    asha.post("/api/v1/documents/calendar", &calendar()).await.ok(201);
    let monthly = schedule("s", json!({ "every": "P1M", "anchor": "2026-01-03" }));
    asha.post("/api/v1/documents/schedule", &monthly).await.ok(201);
    let waiting = schedule("w", json!({ "after": ["P1M"], "repeats": true, "anchor": "manual-introduced" }));
    asha.post("/api/v1/documents/schedule", &waiting).await.ok(201);

    let listed = dev.get("/api/v1/schedules").await.ok(200);
    let (s, w) = (&listed["items"][0], &listed["items"][1]);
    assert_eq!(
        (&s["next"], &s["unit"], &s["process"], &s["deployed"]),
        (&json!("2026-04-07T04:30:00.000000Z"), &json!("office"), &json!("leave"), &json!(true))
    );
    assert_eq!(
        (&s["anchor"], &w["anchor"], &w["next"], &w["anchored"]),
        (&Value::Null, &json!("manual-introduced"), &Value::Null, &Value::Null)
    );
    assert_eq!(dev.get("/api/v1/schedules?unit=branch").await.ok(200)["items"], json!([]));

    let preview = dev.get("/api/v1/schedules/s/preview?count=2").await.ok(200);
    assert_eq!(preview["awaits"], Value::Null);
    assert_eq!(
        preview["occurrences"][0],
        json!({ "at": "2026-04-07T04:30:00.000000Z", "nominal": "2026-04-03T10:00:00", "rolled": true, "shifted": false, "number": 4 })
    );
    assert_eq!(preview["occurrences"].as_array().unwrap().len(), 2);
    let later = dev.get("/api/v1/schedules/s/preview?count=1&from=2027-02-03").await.ok(200);
    assert_eq!(later["occurrences"][0]["at"], "2027-02-03T04:30:00.000000Z", "the first day counts");
    let awaited = dev.get("/api/v1/schedules/w/preview").await.ok(200);
    assert_eq!(awaited, json!({ "awaits": "manual-introduced", "occurrences": [] }));
    let tried = dev.get("/api/v1/schedules/w/preview?anchor=2026-04-01&count=1").await.ok(200);
    assert_eq!(tried["occurrences"][0]["at"], "2026-05-01T04:30:00.000000Z");

    let date = json!({ "anchor": "manual-introduced", "date": "2026-03-15" });
    assert_eq!(bimal.post("/api/v1/anchors", &date).await.problem(), "actor.not-allowed");
    let given = asha.post_text("/api/v1/anchors", &date.to_string(), Some("once")).await.ok(200);
    assert_eq!(given["next"], json!({ "w": "2026-04-15T04:30:00.000000Z" }));
    let again = asha.post_text("/api/v1/anchors", &date.to_string(), Some("once")).await;
    assert_eq!((again.header("idempotent-replay"), again.json()), ("true", given));
    let listed = dev.get("/api/v1/schedules").await.ok(200);
    assert_eq!(
        (&listed["items"][1]["anchored"], &listed["items"][1]["next"]),
        (&json!("2026-03-15"), &json!("2026-04-15T04:30:00.000000Z"))
    );

    for (path, code) in [
        ("/api/v1/schedules/none/preview", "document.unknown"),
        ("/api/v1/schedules/s/preview?count=0", "query.count"),
        ("/api/v1/schedules/s/preview?count=401", "query.count"),
        ("/api/v1/schedules/s/preview?from=soon", "query.malformed"),
        ("/api/v1/schedules?unit=nowhere", "unit.unknown"),
    ] {
        assert_eq!(dev.get(path).await.problem(), code, "{path}");
    }
    let bad = json!({ "anchor": "Manual", "date": "2026-03-15" });
    assert_eq!(asha.post("/api/v1/anchors", &bad).await.problem(), "anchor.name");
    served.stop().await;
}

#[tokio::test]
async fn days_are_told_with_their_reasons() {
    let served = at_work().await;
    let asha = served.client("asha");
    asha.post("/api/v1/documents/calendar", &calendar()).await.ok(201);
    let days = asha.get("/api/v1/calendars/cal/days?from=2026-04-03&to=2026-04-08").await.ok(200);
    let told: Vec<_> =
        days["days"].as_array().unwrap().iter().map(|day| (&day["works"], &day["effect"], &day["provisional"])).collect();
    let row = |works: bool, effect: &str, provisional: bool| (json!(works), json!(effect), json!(provisional));
    let expected = [
        row(false, "closed", false),
        row(false, "week", false),
        row(false, "week", false),
        row(false, "provisional", true),
        row(true, "week", false),
        row(true, "restricted", false),
    ];
    assert_eq!(told, expected.iter().map(|(a, b, c)| (a, b, c)).collect::<Vec<_>>());
    let friday = &days["days"][0];
    assert_eq!(
        (&friday["reason"]["hi"], &friday["layer"], &friday["pointer"]),
        (&json!("गुड फ़्राइडे"), &json!("cal"), &json!("/holidays/0"))
    );
    assert_eq!((&days["layers"], &days["zone"]), (&json!(["cal"]), &json!("Asia/Kolkata")));
    assert_eq!(asha.get("/api/v1/calendars/cal/days").await.ok(200)["days"].as_array().unwrap().len(), 31);
    assert_eq!(
        asha.get("/api/v1/calendars/cal/days?from=2026-01-01&to=2026-12-31").await.ok(200)["days"].as_array().unwrap().len(),
        365
    );
    for (path, code) in [
        ("/api/v1/calendars/none/days", "document.unknown"),
        ("/api/v1/calendars/cal/days?from=2026-02-01&to=2026-01-31", "query.days"),
        ("/api/v1/calendars/cal/days?from=2026-01-01&to=2027-01-02", "query.days"),
        ("/api/v1/calendars/cal/days?from=9999-12-31", "query.malformed"),
    ] {
        let reply = asha.get(path).await;
        if path.contains("9999") {
            reply.ok(200);
        } else {
            assert_eq!(reply.problem(), code, "{path}");
        }
    }
    served.stop().await;
}

/// Lines as a calendar program has them, unfolded.
fn unfolded(text: &str) -> Vec<String> {
    text.replace("\r\n ", "").split("\r\n").map(ToOwned::to_owned).collect()
}

#[tokio::test]
async fn calendar_programs_are_fed() {
    let served = at_work().await;
    let (asha, dev) = (served.client("asha"), served.client("dev"));
    let monthly = schedule("s", json!({ "every": "P1M", "anchor": "2026-01-03" }));
    asha.post("/api/v1/documents/schedule", &monthly).await.ok(201);
    let mut timed = leave();
    timed["steps"][1]["due"] = json!({ "after": "P3D" });
    asha.post("/api/v1/definitions", &timed).await.ok(201);
    let start = json!({ "unit": "office", "process": "leave", "data": { "days": 3 } });
    let case = asha.post("/api/v1/instances", &start).await.ok(201);
    let task = case["tasks"][0].as_str().unwrap();

    let before = asha.get("/calendar.ics").await;
    assert_eq!(before.header("content-type"), "text/calendar; charset=utf-8");
    assert_eq!(before.text().matches("BEGIN:VEVENT").count(), 12, "the year's, and no task that nobody has claimed");
    asha.post(&format!("/api/v1/tasks/{task}/claim"), &json!({})).await.ok(200);

    let hindi = asha.get("/calendar.ics?unit=office&language=hi").await.text();
    assert!(hindi.ends_with("END:VCALENDAR\r\n"));
    for line in hindi.split("\r\n") {
        assert!(line.len() <= 75 && !line.contains(['\n', '\r']), "{} octets: {line}", line.len());
    }
    let lines = unfolded(&hindi);
    for line in [
        format!("UID:task-{task}@office.example"),
        "SUMMARY;LANGUAGE=hi:निर्णय".to_owned(),
        "DTSTART:20260404T043000Z".to_owned(),
        "CATEGORIES:DEADLINE".to_owned(),
        "UID:s-20260403T100000@office.example".to_owned(),
        "DTSTART:20260403T043000Z".to_owned(),
        "SUMMARY;LANGUAGE=hi:आंतरिक लेखापरीक्षा\\, जो प्रत्येक माह की तीसरी तिथि को होती है\\, सभी शाखाओं में".to_owned(),
        "STATUS:TENTATIVE".to_owned(),
        "NAME;LANGUAGE=hi:Sevottam – कार्यालय".to_owned(),
    ] {
        assert!(lines.contains(&line), "{line} is not in\n{}", lines.join("\n"));
    }
    assert!(
        unfolded(&asha.get("/calendar.ics").await.text()).contains(&"SUMMARY;LANGUAGE=en:Audit\\; the inner\\, one".to_owned())
    );
    assert_eq!(lines.iter().filter(|line| line.starts_with("DTSTAMP:20260401T04300")).count(), 13);

    // It moves, and is the same event.
    served
        .client("chitra")
        .post("/api/v1/office/units", &json!({ "id": "office", "title": { "en": "Office" }, "calendar": "cal" }))
        .await
        .ok(200);
    asha.post("/api/v1/documents/calendar", &calendar()).await.ok(201);
    let moved = unfolded(&asha.get("/calendar.ics").await.text());
    let place = moved.iter().position(|line| line == "UID:s-20260403T100000@office.example").expect("it is there");
    assert_eq!(moved[place + 2], "DTSTART:20260407T043000Z");

    assert_eq!(dev.get("/calendar.ics").await.text().matches("DEADLINE").count(), 0, "another's deadlines are not told");
    assert_eq!(dev.get("/calendar.ics?unit=branch").await.text().matches("BEGIN:VEVENT").count(), 0);
    assert_eq!(dev.get("/calendar.ics?language=fr").await.problem(), "query.malformed");
    assert_eq!(served.client("").get("/calendar.ics").await.problem(), "actor.missing");
    // Not a list of holidays, and refused as one.
    assert!(from_ical(&hindi).is_err());
    served.stop().await;
}
