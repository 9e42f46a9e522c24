//! The clocks of a case over HTTP: its limits, why a deadline is what it is, who held the case, and what may be due for a delay.

use hyper::Method;
use hyper::body::Bytes;
use serde_json::{Value, json};
use tests::client::Client;

use super::{Served, leave, served};

fn calendar() -> Value {
    let day = json!([{ "from": "09:30", "to": "18:00" }]);
    json!({
        "id": "cal", "title": { "en": "Calendar" }, "owner": { "post": "owner" }, "zone": "Asia/Kolkata",
        "week": { "monday": day, "tuesday": day, "wednesday": day, "thursday": day, "friday": day },
        "covers": { "from": "2026-01-01", "to": "2026-12-31" },
        "holidays": [{ "date": "2026-04-03", "title": { "en": "Good Friday", "hi": "गुड फ़्राइडे" }, "source": ["The gazette"] }]
    })
}

fn norm() -> Value {
    json!({
        "id": "leave.decided", "title": { "en": "Leave decided", "hi": "अवकाश पर निर्णय" }, "owner": { "post": "owner" }, "calendar": "cal",
        "clock": { "start": "asked", "stop": ["decided"] },
        "editions": [{ "title": { "en": "Standing order 1" }, "source": ["Page 1"], "limits": [{ "within": { "workingDays": 2 } }] }],
        "warnings": [{ "before": { "workingDays": 1 } }],
        "breach": {
            "escalate": [{ "role": "officer" }],
            "penalties": [{
                "title": { "en": "For each day" }, "payee": "applicant", "perDay": "250", "cap": "5000", "apportioned": true,
                "source": ["Page 2"]
            }]
        }
    })
}

/// The office with leave under its norm, and a case of it.
pub(super) async fn timed() -> (Served, String) {
    let served = served().await;
    let asha = served.client("asha");
    asha.post("/api/v1/documents/calendar", &calendar()).await.ok(201);
    asha.post("/api/v1/documents/norm", &norm()).await.ok(201);
    let unit = json!({ "id": "office", "title": { "en": "Office" }, "calendar": "cal" });
    served.client("chitra").post("/api/v1/office/units", &unit).await.ok(200);
    let mut process = leave();
    process["clocks"] = json!([{
        "norm": "leave.decided", "bind": { "asked": { "leaving": "asked" }, "decided": { "leaving": "decide" } }
    }]);
    asha.post("/api/v1/definitions", &process).await.ok(201);
    let body = json!({ "unit": "office", "process": "leave", "data": { "days": 3 } });
    let case = asha.post("/api/v1/instances", &body).await.header("location").to_owned();
    (served, case)
}

#[tokio::test]
async fn a_deadline_and_why() {
    let (served, case) = timed().await;
    let asha = served.client("asha");
    let clocks = asha.get(&format!("{case}/clocks")).await.ok(200);
    let clock = &clocks["clocks"][0];
    // Wednesday, 1 April: Thursday is day one, Friday a holiday, Monday day two.
    assert_eq!((&clock["due"], &clock["late"]), (&json!("2026-04-06T12:30:00.000000Z"), &json!(false)), "{clock:#}");
    assert_eq!((&clock["status"], &clock["within"]), (&json!("running"), &json!({ "workingDays": 2 })));
    assert_eq!(clock["norm"]["title"]["hi"], "अवकाश पर निर्णय");
    let why = asha.get(&format!("{case}/clocks/leave.decided/explain")).await.ok(200);
    assert_eq!(why["due"], clock["due"]);
    let lines = why["lines"].as_array().unwrap();
    let holiday = lines.iter().find(|line| line["date"] == "2026-04-03").expect("the holiday is told");
    assert_eq!((&holiday["kind"], &holiday["day"]["title"]["hi"]), (&json!("closed"), &json!("गुड फ़्राइडे")));
    assert_eq!(lines.iter().filter(|line| line["kind"] == "counted").count(), 2);
    assert_eq!(lines.last().unwrap()["kind"], "end");
    assert_eq!(asha.get(&format!("{case}/clocks/other/explain")).await.problem(), "clock.unknown");
    assert_eq!(
        served.client("dev").get(&format!("{case}/clocks")).await.problem(),
        "instance.unknown",
        "it is not theirs to read"
    );
}

#[tokio::test]
async fn a_delay_costs_what_the_norm_says_and_the_ladder_has_a_form() {
    let (served, case) = timed().await;
    let (asha, bimal) = (served.client("asha"), served.client("bimal"));
    let task = bimal.get("/api/v1/tasks?for=offered").await.ok(200)["items"][0]["id"].as_str().unwrap().to_owned();
    bimal.post(&format!("/api/v1/tasks/{task}/claim"), &json!({})).await.ok(200);
    served.world.advance(8 * 86_400).await;
    let clock = &asha.get(&format!("{case}/clocks")).await.ok(200)["clocks"][0];
    assert_eq!((&clock["late"], &clock["rungs"]), (&json!(true), &json!(1)), "{clock:#}");
    let penalty = &clock["penalties"][0];
    // From Tuesday, the 7th, to Thursday, the 9th.
    assert_eq!((&penalty["days"], &penalty["amount"], &penalty["payee"]), (&json!(3), &json!("750"), &json!("applicant")));
    let shares = penalty["shares"].as_array().unwrap();
    assert_eq!(shares.len(), 1, "{shares:#?}");
    let custody = asha.get(&format!("{case}/custody")).await.ok(200);
    let parties: Vec<&str> = custody["held"].as_array().unwrap().iter().filter_map(|held| held["party"].as_str()).collect();
    assert_eq!(parties, ["office", "office"], "the role, and then the post that took it: {custody:#}");
    let offered = asha.get("/api/v1/tasks?for=all&unit=office").await.ok(200);
    let ladder =
        offered["items"].as_array().unwrap().iter().find(|task| task["step"] == "escalation:leave.decided").expect("its task");
    assert_eq!(ladder["title"]["en"], "Overdue: see to the case");
    let id = ladder["id"].as_str().unwrap();
    let form = &bimal.get(&format!("/api/v1/tasks/{id}")).await.ok(200)["form"];
    assert_eq!(form["schema"]["properties"]["note"]["type"], "string", "{form}");
}

#[tokio::test]
async fn pages_say_what_presses_who_had_the_file_and_what_may_be_due() {
    let (served, case) = timed().await;
    let (asha, bimal) = (served.client("asha"), served.client("bimal"));
    let task = bimal.get("/api/v1/tasks?for=offered").await.ok(200)["items"][0]["id"].as_str().unwrap().to_owned();
    bimal.post(&format!("/api/v1/tasks/{task}/claim"), &json!({})).await.ok(200);
    let case = case.replace("/api/v1/instances/", "/cases/");
    let check = async |client: &Client, path: &str, said: [&[&str]; 2], unsaid: &str| {
        for (language, said) in ["en", "hi"].into_iter().zip(said) {
            let request = client.request(Method::GET, path).header("accept-language", language);
            let page = client.send(request, Bytes::new()).await;
            assert_eq!(page.status, 200, "{path}");
            let missing: Vec<_> = said.iter().filter(|words| !page.text().contains(**words)).collect();
            assert!(missing.is_empty(), "{path} in {language} does not say {missing:?}: {}", page.text());
            assert!(!page.text().contains(unsaid), "{path} in {language} says {unsaid}: {}", page.text());
        }
    };
    check(&bimal, "/", [&["Decide"], &["निर्णय"]], "tag warning").await;
    // Due on Monday, the 6th; the working day before is Thursday.
    served.world.advance(86_400 + 43_200).await;
    let near = ["time limit ends 6 April 2026", "समय-सीमा 6 अप्रैल 2026 को समाप्त"];
    check(&bimal, "/", [&near[..1], &near[1..]], "tag problem").await;
    check(&asha, &case, [&[near[0], "near its end"], &[near[1], "समाप्ति के निकट"]], "₹").await;
    served.world.advance(7 * 86_400 - 43_200).await;
    let late = ["time limit over since 6 April 2026", "समय-सीमा 6 अप्रैल 2026 से समाप्त"];
    check(&bimal, "/", [&late[..1], &late[1..]], near[0]).await;
    // From Wednesday, the 1st, at ten to Thursday, the 9th, at ten, while the office was open.
    let english = [
        late[0],
        "Who had the file",
        "desk",
        "42 hours 30 minutes",
        "the office",
        "₹ 750",
        "3 days of delay",
        "computed, not imposed",
    ];
    let hindi =
        [late[1], "फ़ाइल किसके पास रही", "desk", "42 घंटे 30 मिनट", "कार्यालय", "₹ 750", "3 दिन का विलंब", "केवल गणना, अधिरोपित नहीं"];
    check(&asha, &case, [&english, &hindi], near[0]).await;
}

#[tokio::test]
async fn a_dry_run_names_whose_deadline_would_move() {
    let (served, case) = timed().await;
    let (asha, dev) = (served.client("asha"), served.client("dev"));
    let mut amended = calendar();
    amended["amendments"] = json!([{
        "number": "12/2026", "date": "2026-04-01", "source": ["By order"],
        "add": [{ "date": "2026-04-06", "title": { "en": "By order" } }]
    }]);
    let found = asha.post("/api/v1/documents/calendar/check", &amended).await.ok(200);
    assert_eq!(
        (&found["cases"], &found["moved"]),
        (&json!(1), &json!(2)),
        "the clock, and the task that is due with it: {found:#}"
    );
    let moves: Vec<_> = ["kind", "name", "after"].map(|member| [&found["moves"][0][member], &found["moves"][1][member]]).into();
    let day = json!("2026-04-07T12:30:00.000000Z");
    assert_eq!(moves, [[&json!("clock"), &json!("task")], [&json!("leave.decided"), &json!("decide")], [&day, &day]]);
    assert!(case.ends_with(found["moves"][0]["instance"].as_str().unwrap()));
    let theirs = dev.post("/api/v1/documents/calendar/check", &amended).await.ok(200);
    assert_eq!((&theirs["moved"], &theirs["moves"]), (&json!(2), &json!([])), "how many, but not whose");
    let broken = asha.post("/api/v1/documents/norm/check", &json!({ "id": "x" })).await.ok(200);
    assert!(!broken["problems"].as_array().unwrap().is_empty());
    let due = &asha.get(&format!("{case}/clocks")).await.ok(200)["clocks"][0]["due"];
    assert_eq!(due, "2026-04-06T12:30:00.000000Z", "nothing moved yet");
}
