//! Every page in both languages: frame, labels, no inline style or script, hostile texts escaped; and what forms do.

mod compare;
mod counts;
mod life;
mod moving;
mod printed;
mod read;
mod received;
mod trial;

use std::net::SocketAddr;

use axum::Extension;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use engine::journal::{Actor, Command, Envelope};
use engine::model::document::DocumentKind;
use engine::model::report::ReportKind;
use engine::model::{TaskId, UnitId};
use engine::runtime::Options;
use engine::store::AnyStore;
use engine::store::sqlite::SqliteStore;
use engine::store::{Store, TaskQuery};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::app::directory::{Directory, set_up};
use crate::app::{App, Engine};

const EVIL: &str = "<script>alert(\"x\")</script>";

struct Office {
    router: Router,
    app: App,
    engine: Engine,
    unit: UnitId,
    _keep: tempfile::TempDir,
}

fn evil(text: &str) -> Value {
    json!({ "en": format!("{text} {EVIL}"), "hi": format!("{text} हिंदी {EVIL}") })
}

fn process() -> Value {
    json!({
        "id": "t.sample", "title": evil("Sample"), "help": evil("About"), "reference": [EVIL], "source": [EVIL],
        "retention": { "years": 10, "source": [EVIL] }, "owner": { "post": "owner" },
        "data": {
            "line": { "title": evil("Line"), "help": evil("Hint"), "type": "string", "maxLength": 50 },
            "lines": { "title": { "en": "Lines" }, "type": "string", "maxLength": 4000 },
            "few": { "title": { "en": "Few" }, "type": "string", "enum": ["a", "b"] },
            "many": { "title": { "en": "Many" }, "type": "string", "enum": ["a", "b", "c", "d", "e", "f"] },
            "ok": { "title": { "en": "OK" }, "type": "boolean" },
            "day": { "title": { "en": "Day" }, "type": "string", "format": "date" },
            "count": { "title": { "en": "Count" }, "type": "integer" },
            "amount": { "personal": true, "title": { "en": "Amount" }, "type": "string", "format": "decimal" },
            "chair": { "title": { "en": "Chair", "hi": "आसन" }, "type": "string", "format": "post" }
        },
        "forms": {
            "start": { "schema": { "type": "object", "properties": { "line": {}, "amount": {} }, "required": ["line"] } },
            "all": { "title": evil("All"), "help": evil("Fill"), "schema": {
                "type": "object",
                "properties": { "line": {}, "lines": {}, "few": {}, "many": {}, "ok": {}, "day": {}, "count": {}, "amount": {} },
                "required": ["lines", "few", "count"] } }
        },
        "steps": [
            { "id": "begin", "type": "startEvent", "form": "start", "next": "work" },
            { "id": "work", "type": "userTask", "title": evil("Work"), "help": evil("Do"), "reference": [EVIL],
              "performer": { "role": "worker" }, "form": "all", "record": "note", "due": { "after": "P2D", "source": EVIL },
              "outputs": ["line", "lines", "few", "many", "ok", "day", "count", "amount"], "next": "check" },
            { "id": "check", "type": "userTask", "title": { "en": "Check" }, "performer": {
                "role": "worker", "notWhoDid": ["work"], "notWhoHolds": { "data": ["chair"], "since": "day" }
            }, "due": { "by": "day", "verified": true }, "next": "count-days" },
            { "id": "count-days", "type": "userTask", "title": { "en": "Count" }, "performer": { "role": "worker" },
              "due": { "after": { "workingDays": 2 } }, "next": "end" },
            { "id": "end", "type": "endEvent" }
        ]
    })
}

/// A calendar with every kind of line, and schedules: many occurrences a month, few, none any more, one that waits, one that starts
/// nothing, one that makes a report.
fn documents() -> Vec<(DocumentKind, Value)> {
    let day = json!([{ "from": "10:00", "to": "17:00" }]);
    let date = |rest: &str| format!("2026-{rest}");
    let calendar = json!({
        "id": "cal", "title": evil("Calendar"), "source": [EVIL], "owner": { "post": "owner" }, "zone": "Asia/Kolkata",
        "week": { "monday": day, "tuesday": day, "wednesday": day, "thursday": day, "friday": day },
        "covers": { "from": date("02-01"), "to": date("12-31") },
        "holidays": [
            { "date": date("01-26"), "title": evil("Closed"), "source": [EVIL] },
            { "date": date("03-04"), "title": evil("Perhaps"), "kind": "provisional" },
            { "date": date("03-05"), "title": evil("As one likes"), "kind": "restricted" },
            { "date": date("03-06"), "title": { "en": "Withdrawn" } }
        ],
        "days": [{ "date": date("03-07"), "title": evil("Saturday"), "shifts": day }],
        "amendments": [{ "number": EVIL, "date": date("01-01"), "source": [EVIL], "remove": [{ "date": date("03-06") }] }]
    });
    let schedule = |id: &str, process: &str, when: Value| {
        json!({
            "id": id, "title": evil(id), "help": evil("About"), "reference": [EVIL], "source": [EVIL], "owner": { "post": "owner" },
            "zone": "Asia/Kolkata", "starts": { "process": process }, "when": when
        })
    };
    let mut digest = schedule("digest", "none", json!({ "cron": "0 10 * * *" }));
    digest["makes"] = json!({ "report": "digest" });
    digest.as_object_mut().unwrap().remove("starts");
    let mut over = schedule("over", "t.sample", json!({ "cron": "0 9 * * *" }));
    over["to"] = json!("2020-01-01");
    vec![
        (DocumentKind::Calendar, calendar),
        (DocumentKind::Schedule, schedule("daily", "t.sample", json!({ "cron": "0 9 * * *" }))),
        (DocumentKind::Schedule, schedule("monthly", "t.nothing", json!({ "workingDay": 1 }))),
        (DocumentKind::Schedule, schedule("waits", "t.sample", json!({ "every": "P1M", "anchor": "manual-introduced" }))),
        (DocumentKind::Schedule, digest),
        (DocumentKind::Schedule, over),
    ]
}

async fn office() -> Office {
    office_with(Options::default()).await
}

async fn office_with(options: Options) -> Office {
    let keep = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&keep.path().join("office.db"), engine::store::sqlite::Options::default()).await.unwrap();
    let engine = Engine::open(AnyStore::Sqlite(store), options).await.unwrap();
    let directory = json!({
        "units": [
            { "id": "top", "title": evil("Top"), "parent": null, "calendar": "cal" },
            { "id": "low", "title": { "en": "Low", "hi": "नीचे" }, "parent": "top" }
        ],
        "posts": [
            { "id": "owner", "unit": "top", "title": evil("Owner"), "roles": ["quality-coordinator"] },
            { "id": "desk", "unit": "top", "title": { "en": "Desk" }, "roles": ["worker", "records-officer"] }
        ],
        "people": [
            { "handle": "olga", "name": format!("Olga {EVIL}") },
            { "handle": "wim", "name": "Wim" },
            { "handle": "wendy", "name": "Wendy" },
            { "handle": "pia", "name": "Pia" }
        ],
        "appointments": [
            { "handle": "olga", "post": "owner", "order": EVIL, "from": "2020-01-01" },
            { "handle": "wim", "post": "desk", "order": "2", "from": "2020-01-01" },
            { "handle": "wendy", "post": "desk", "order": "3", "from": "2020-01-01" }
        ]
    });
    let directory: Directory = serde_json::from_value(directory).unwrap();
    set_up(&engine, &directory).await.unwrap();
    let unit: UnitId = "top".parse().unwrap();
    let command = Command::DeployDefinition { document: process().to_string() };
    engine.submit(&unit, Envelope::new(Actor::System, "deploy", command)).await.unwrap();
    for (kind, document) in documents() {
        let command = Command::DeployDocument { kind, document: document.to_string() };
        let key = format!("deploy:{}", document["id"]);
        engine.submit(&UnitId::site(), Envelope::new(Actor::System, &key, command)).await.unwrap();
    }
    let app = App { demo: true, ..App::new(engine.clone()) };
    let router = super::router()
        .fallback(super::not_found)
        .layer(Extension(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 9)))))
        .with_state(app.clone());
    Office { router, app, engine, unit, _keep: keep }
}

struct Got {
    status: StatusCode,
    location: String,
    cookie: String,
    text: String,
}

impl Office {
    async fn send(&self, request: Request<Body>) -> Got {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let head = |name| response.headers().get(name).map_or_else(String::new, |value| value.to_str().unwrap().to_owned());
        let (status, location, cookie) = (response.status(), head(header::LOCATION), head(header::SET_COOKIE));
        let text = String::from_utf8(to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap();
        Got { status, location, cookie, text }
    }

    async fn get(&self, who: &str, language: &str, path: &str) -> Got {
        let cookies = format!("actor={who}; language={language}");
        self.send(Request::get(path).header(header::COOKIE, cookies).body(Body::empty()).unwrap()).await
    }

    async fn post(&self, who: &str, language: &str, path: &str, form: &[(&str, &str)]) -> Got {
        let body: Vec<String> =
            form.iter().map(|(name, value)| format!("{}={}", super::parts::encode(name), super::parts::encode(value))).collect();
        let request = Request::post(path)
            .header(header::COOKIE, format!("actor={who}; language={language}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(body.join("&"))).unwrap()).await
    }

    async fn task(&self) -> TaskId {
        let query = TaskQuery { limit: 1, ..TaskQuery::default() };
        self.engine.store().tasks(&self.unit, &query).await.unwrap()[0].id
    }

    /// Starts a case; its path.
    async fn start(&self, key: &str) -> String {
        let form = [("key", key), ("unit", "top"), ("f-line", EVIL), ("f-amount", "1,23,456.50")];
        let got = self.post("pia", "en", "/start/t.sample", &form).await;
        assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
        got.location.trim_end_matches("/receipt").to_owned()
    }
}

/// The tags of a page with their attributes. Texts and attributes have no angle brackets of their own: they are escaped.
fn tags(text: &str) -> Vec<&str> {
    text.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(tag, _)| tag).collect()
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    tag.split_once(&format!(" {name}=\""))?.1.split_once('"').map(|(value, _)| value)
}

fn check(path: &str, language: &str, text: &str) {
    let tags = tags(text);
    let named = |name: &str| tags.iter().copied().filter(|tag| tag.split([' ', '/']).next() == Some(name)).collect::<Vec<_>>();
    assert!(text.starts_with("<!DOCTYPE html>"), "{path}");
    assert_eq!(attribute(named("html")[0], "lang"), Some(language), "{path}");
    assert_eq!(named("h1").len(), 1, "{path}: one heading");
    assert_eq!(named("main").len(), 1, "{path}: one main");
    assert!(text.contains("<title>") && !text.contains("<title></title>"), "{path}");
    assert!(!text.contains(EVIL) && !text.contains("<script>"), "{path}: a hostile text got through");
    assert!(named("style").is_empty(), "{path}: inline style");
    assert!(named("script").iter().all(|tag| attribute(tag, "src").is_some()), "{path}: inline script");
    let ids: Vec<&str> = tags.iter().filter_map(|tag| attribute(tag, "id")).collect();
    let mut once = ids.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), ids.len(), "{path}: an id stands twice");
    for tag in &tags {
        assert!(attribute(tag, "style").is_none() && !tag.contains(" onclick=") && !tag.contains(" onload="), "{path}: {tag}");
        for name in ["aria-labelledby", "aria-describedby"] {
            for id in attribute(tag, name).into_iter().flat_map(str::split_whitespace) {
                assert!(ids.contains(&id), "{path}: {name} leads nowhere: {id}");
            }
        }
    }
    let labelled: Vec<&str> = named("label").into_iter().filter_map(|tag| attribute(tag, "for")).collect();
    let controls = named("input").into_iter().chain(named("select")).chain(named("textarea"));
    for control in controls.filter(|tag| attribute(tag, "type") != Some("hidden")) {
        assert!(attribute(control, "id").is_some_and(|id| labelled.contains(&id)), "{path}: no label for {control}");
    }
    for form in named("form").into_iter().filter(|tag| attribute(tag, "method") == Some("post")) {
        assert!(attribute(form, "action").is_some(), "{path}: {form}");
    }
}

#[tokio::test]
async fn every_page_is_well_made_in_both_languages() {
    let office = office().await;
    let case = office.start("k-1").await;
    let task = format!("/tasks/top.{}", office.task().await);
    let pages = |claimed: bool| {
        let mut pages = vec![
            ("wim", "/".to_owned()),
            ("olga", "/cases".to_owned()),
            ("olga", "/bundles?process=t.sample".to_owned()),
            ("olga", "/plan".to_owned()),
            ("pia", "/plan?unit=low".to_owned()),
            ("wim", "/calendars/cal?year=2026".to_owned()),
            ("wim", "/calendars/cal".to_owned()),
            ("olga", case.clone()),
            ("pia", format!("{case}/receipt")),
            ("pia", "/start".to_owned()),
            ("pia", "/start/t.sample".to_owned()),
            ("olga", "/definitions".to_owned()),
            ("olga", "/definitions/t.sample/1".to_owned()),
            ("olga", "/definitions/check".to_owned()),
            ("olga", "/office?role=worker&on=2021-05-06".to_owned()),
            ("olga", "/documents".to_owned()),
            ("olga", "/documents/new".to_owned()),
            ("olga", "/documents/import".to_owned()),
            ("wim", "/documents/process/t.sample".to_owned()),
            ("olga", "/documents/calendar/cal".to_owned()),
            ("olga", "/documents/process/t.sample/compare?affected=yes".to_owned()),
            ("olga", "/documents/process/t.sample/trial".to_owned()),
            ("nobody", "/actor".to_owned()),
            ("nobody", "/receipt".to_owned()),
            ("nobody", "/receipt?log=x&index=%22&leaf=%3Cscript%3E".to_owned()),
        ];
        pages.extend([("wim", task.clone()), ("wendy", task.clone())].into_iter().skip(usize::from(!claimed)));
        pages
    };
    for claimed in [false, true] {
        if claimed {
            assert_eq!(office.post("wim", "en", &format!("{task}/claim"), &[("key", "k-2")]).await.status, StatusCode::SEE_OTHER);
        }
        for language in ["en", "hi"] {
            for (who, path) in pages(claimed) {
                let got = office.get(who, language, &path).await;
                assert_eq!(got.status, StatusCode::OK, "{path}");
                check(&path, language, &got.text);
            }
        }
    }
    for language in ["en", "hi"] {
        for (who, path, status) in [
            ("wim", "/nothing", StatusCode::NOT_FOUND),
            ("wim", "/tasks/top.x", StatusCode::NOT_FOUND),
            ("pia", "/start/none", StatusCode::NOT_FOUND),
        ] {
            let got = office.get(who, language, path).await;
            assert_eq!(got.status, status, "{path}");
            check(path, language, &got.text);
        }
    }
    assert_eq!(office.get("nobody", "en", "/").await.location, "/actor");
}

#[tokio::test]
async fn a_task_is_filled_in_refused_and_done_once() {
    let office = office().await;
    let case = office.start("k-1").await;
    let task = format!("/tasks/top.{}", office.task().await);
    office.post("wim", "en", &format!("{task}/claim"), &[("key", "k-2")]).await;
    let complete = format!("{task}/complete");
    let bad = [("key", "k-3"), ("f-count", "many"), ("f-lines", EVIL), ("f-few", "b")];
    for language in ["en", "hi"] {
        let got = office.post("wim", language, &complete, &bad).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
        check(&complete, language, &got.text);
        assert!(
            got.text.contains("href=\"#f-count\"") && got.text.contains("value=\"many\""),
            "the value is kept, the summary leads to it"
        );
        assert!(got.text.contains("value=\"k-3\"") && got.text.contains("value=\"b\" checked"), "{}", got.text);
    }
    let good = [
        ("key", "k-3"),
        ("f-count", "१२"),
        ("f-lines", "one\r\ntwo"),
        ("f-few", "b"),
        ("f-day", "24-11-2026"),
        ("f-amount", "₹ 5,000"),
    ];
    for _ in 0..2 {
        let got = office.post("wim", "en", &complete, &good).await;
        assert_eq!((got.status, got.location.as_str()), (StatusCode::SEE_OTHER, task.as_str()), "{}", got.text);
    }
    let other = [("key", "k-4"), ("f-count", "1"), ("f-lines", "x"), ("f-few", "a")];
    let got = office.post("wim", "hi", &complete, &other).await;
    assert_eq!(got.status, StatusCode::CONFLICT);
    check(&complete, "hi", &got.text);
    assert!(got.text.contains("task.not-open"));
    let got = office.get("wim", "en", &task).await;
    check(&task, "en", &got.text);
    assert!(got.text.contains("notice done"), "a finished task says so");
    let id = case.trim_start_matches("/cases/").parse::<engine::model::InstanceId>().unwrap();
    let state = office.engine.instance(&office.unit, id.command).await.unwrap().unwrap();
    let values = serde_json::to_value(&state.scopes[&0].variables).unwrap();
    let expected =
        json!({ "line": EVIL, "amount": "5000", "count": 12, "lines": "one\ntwo", "few": "b", "day": "2026-11-24", "ok": false });
    assert_eq!(values, expected);

    // What comes next is offered to whoever may take it, and due by the day that was filled in.
    let next = format!("/tasks/top.{}/claim", office.task().await);
    for (who, offered) in [("wim", false), ("wendy", true)] {
        let inbox = office.get(who, "en", "/").await.text;
        assert_eq!(inbox.contains(&next), offered, "{who}: {inbox}");
    }
    let got = office.get("wendy", "hi", next.trim_end_matches("/claim")).await;
    let definition = office.get("olga", "hi", "/definitions/t.sample/1").await.text;
    assert!(
        definition.contains("जिनके पास ये पद हैं वे नहीं") && definition.contains("आसन, या इस तिथि से जिनके पास थे: Day"),
        "{definition}"
    );
    assert!(got.text.contains("इस तिथि तक: Day") && got.text.contains("24 नवंबर 2026"), "{}", got.text);
    // Separation of duties is told with its code.
    let got = office.post("wim", "hi", &next, &[("key", "k-5")]).await;
    assert_eq!(got.status, StatusCode::FORBIDDEN);
    check(&next, "hi", &got.text);
    assert!(got.text.contains("task.separation") && got.text.contains("कर्तव्य-पृथक्करण"));
}

#[tokio::test]
async fn cases_are_seen_and_commanded_by_those_who_may() {
    let office = office().await;
    let case = office.start("k-1").await;
    office
        .engine
        .submit(
            &UnitId::site(),
            Envelope::new(Actor::System, "p", Command::RegisterPerson { handle: "paul".into(), name: "Paul".into() }),
        )
        .await
        .unwrap();
    assert_eq!(office.get("paul", "en", &case).await.status, StatusCode::FORBIDDEN);
    assert!(!office.get("paul", "en", "/cases?unit=top").await.text.contains(&case));
    assert!(office.get("pia", "en", "/cases?unit=top").await.text.contains(&case));
    assert!(!office.get("pia", "en", &case).await.text.contains("/suspend\""));
    assert!(office.get("olga", "en", &case).await.text.contains("/suspend\""));
    let refused = office.post("olga", "en", &format!("{case}/suspend"), &[("key", "s-1"), ("reason", " ")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    check(&case, "en", &refused.text);
    for (what, form) in [
        ("suspend", &[("key", "s-1"), ("reason", EVIL)][..]),
        ("resume", &[("key", "s-2")]),
        ("cancel", &[("key", "s-3"), ("reason", "no")]),
    ] {
        let got = office.post("olga", "en", &format!("{case}/{what}"), form).await;
        assert_eq!(got.location, case, "{what}: {}", got.text);
        check(&case, "en", &office.get("olga", "en", &case).await.text);
    }
}

#[tokio::test]
async fn definitions_are_checked_and_deployed() {
    let office = office().await;
    let path = "/definitions/check";
    let got = office.post("wim", "hi", path, &[("key", "d"), ("document", "{ \"id\": \"<b>\" }"), ("do", "check")]).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    check(path, "hi", &got.text);
    let mut newer = process();
    newer["verified"] = json!(true);
    let document = newer.to_string();
    let got = office.post("wim", "en", path, &[("key", "d"), ("document", &document), ("do", "check")]).await;
    check(path, "en", &got.text);
    assert!(got.text.contains("<svg") && !got.text.contains("value=\"deploy\""), "whoever may not deploy sees no button");
    let got = office.post("olga", "en", path, &[("key", "d"), ("document", &document), ("do", "check")]).await;
    assert!(got.text.contains("value=\"deploy\""));
    let got = office.post("olga", "en", path, &[("key", "d"), ("document", &document), ("do", "deploy")]).await;
    assert_eq!(got.location, "/definitions/t.sample/2", "{}", got.text);
    assert_eq!(office.get("olga", "en", "/definitions/t.sample/2/document").await.text, document);
}

#[tokio::test]
async fn cookies_and_files() {
    let office = office().await;
    let got = office.get("wim", "en", "/language/hi?to=/cases").await;
    assert!(got.cookie.starts_with("language=hi;") && got.location == "/cases");
    let got = office.post("nobody", "en", "/actor", &[("person", "wim")]).await;
    assert!(got.cookie.starts_with("actor=wim;") && got.cookie.contains("SameSite=Strict"));
    let href = super::assets::href("style.css");
    let response = office.router.clone().oneshot(Request::get(&href).body(Body::empty()).unwrap()).await.unwrap();
    assert!(response.headers()[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
    let tag = response.headers()[header::ETAG].clone();
    let again = Request::get("/assets/style.css").header(header::IF_NONE_MATCH, tag).body(Body::empty()).unwrap();
    assert_eq!(office.send(again).await.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn the_plan_is_shown_and_its_dates_are_given_by_a_coordinator() {
    let office = office().await;
    let page = office.get("wim", "en", "/plan").await.text;
    assert!(page.contains("date awaited") && !page.contains("/plan/anchors"), "he may not give it");
    assert!(page.contains("not deployed: nothing will start") && page.contains(" times<"), "{page}");
    let page = office.get("olga", "hi", "/plan").await.text;
    assert!(page.contains("/plan/anchors") && page.contains("तिथि प्रतीक्षित") && page.contains("/calendar.ics?language=hi"));
    let form = |date| [("key", "k-anchor"), ("anchor", "manual-introduced"), ("date-manual-introduced", date)];
    let wrong = office.post("olga", "en", "/plan/anchors", &form("soon")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    check("/plan/anchors", "en", &wrong.text);
    assert!(
        wrong.text.contains("value=\"soon\"") && wrong.text.contains("href=\"#date-manual-introduced\""),
        "what was written is kept"
    );
    let early = office.post("olga", "en", "/plan/anchors", &form("0001-01-01")).await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(early.text.contains("anchor.date"), "{}", early.text);
    let refused = office.post("wim", "en", "/plan/anchors", &form("2026-01-05")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let given = office.post("olga", "en", "/plan/anchors", &form("05/01/2026")).await;
    assert_eq!((given.status, given.location.as_str()), (StatusCode::SEE_OTHER, "/plan#anchor-manual-introduced"));
    let page = office.get("olga", "en", "/plan").await.text;
    assert!(page.contains("5 January 2026") && !page.contains("date awaited"));
    assert_eq!(office.get("olga", "en", "/plan/anchors").await.status, StatusCode::SEE_OTHER, "reloaded, it leads to the plan");
}

#[tokio::test]
async fn a_calendar_tells_its_year() {
    let office = office().await;
    let page = office.get("wim", "en", "/calendars/cal?year=2026").await.text;
    for words in [
        "26 January 2026</time>, Monday",
        "closed, provisional",
        "restricted: the office works",
        "works, with hours of its own",
        "cancelled: as its weekday",
        "Monday, Tuesday, Wednesday, Thursday, Friday",
        "The list may be incomplete",
        "22 working days",
        "/calendars/cal?year=2027",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(office.get("wim", "hi", "/calendars/cal?year=2026").await.text.contains("सोमवार"));
    for path in ["/calendars/none", "/calendars/cal?year=1969", "/calendars/cal?year=2101"] {
        assert_eq!(office.get("wim", "en", path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn reports_are_read_by_those_who_serve_the_unit() {
    let office = office().await;
    office.start("k-1").await;
    let task = office.task().await;
    office.post("wim", "en", &format!("/tasks/top.{task}/claim"), &[("key", "k-2")]).await;
    let page = office.get("wim", "en", "/reports").await.text;
    assert!(page.contains("None has been made yet") && page.contains("/reports/now/performance?unit=top"), "{page}");
    let report = |kind| office.engine.report(&office.unit, kind, None, office.engine.now());
    for (kind, key) in [(ReportKind::Digest, "r-1"), (ReportKind::Performance, "r-2")] {
        let report = report(kind).await.unwrap();
        let document = engine::digest::Hash::of(b"digest");
        let command = Command::MakeReport { schedule: "digest".into(), document, report };
        office.engine.submit(&office.unit, Envelope::new(Actor::System, key, command)).await.unwrap();
    }
    let list = office.get("wim", "en", "/reports?unit=top").await.text;
    let paths: Vec<&str> =
        list.split("href=\"/reports/top.").skip(1).filter_map(|rest| rest.split_once('"')).map(|(id, _)| id).collect();
    assert_eq!(paths.len(), 2, "{list}");
    let mut pages: Vec<String> = paths.iter().map(|id| format!("/reports/top.{id}")).collect();
    pages.extend(
        ["/reports", "/reports/now/digest", "/reports/now/performance?unit=top", "/reports/now/weeding"].map(str::to_owned),
    );
    for language in ["en", "hi"] {
        for path in &pages {
            let got = office.get("wim", language, path).await;
            assert_eq!(got.status, StatusCode::OK, "{path}");
            check(path, language, &got.text);
            assert_eq!(office.get("pia", language, path).await.status, StatusCode::FORBIDDEN, "{path}: she serves no unit");
        }
    }
    let digest = office.get("wim", "en", "/reports/now/digest").await.text;
    assert!(digest.contains("Wim") && digest.contains("Desk") && digest.contains(&format!("/tasks/top.{task}")), "{digest}");
    assert!(digest.contains("Reckoned just now"), "{digest}");
    let kept = office.get("wim", "hi", pages.iter().find(|path| path.ends_with("-0")).unwrap()).await.text;
    assert!(kept.contains("office.example/unit/top/1"), "with the receipt: {kept}");
    for path in ["/reports/top.x", "/reports/now/horoscope", &format!("/reports/top.{task}")] {
        assert_eq!(office.get("wim", "en", path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let plan = office.get("wim", "en", "/plan").await.text;
    assert!(plan.contains("Report: <a href=\"/reports\">Digest of open work</a>"), "{plan}");
    assert!(!office.get("pia", "en", "/cases").await.text.contains("href=\"/reports\""), "the way is shown to officials only");
}
