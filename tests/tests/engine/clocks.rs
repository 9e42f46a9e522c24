//! Clocks: what a norm counts for a case, when its time is over, and what a breach does.

mod anew;
mod reports;
mod reviews;
mod severity;
mod turns;
mod working;

use engine::journal::{Actor, Command, Envelope, Event};
use engine::machine::Instance;
use engine::machine::clock::Clock;
use engine::model::document::DocumentKind;
use engine::model::{CommandId, Time, UnitId};
use engine::runtime::{Accepted, Refusal};
use engine::store::Store;
use engine::store::memory::MemoryStore;
use serde_json::{Value, json};
use tests::world::World;

use super::{complete, end, open, refused, start, started, user_task, work};

/// Days in seconds.
const DAY: i64 = 86_400;

/// Monday to Friday, half past nine to six; 3 April 2026 is a holiday. The clock of these tests begins on Wednesday, 1 April, at ten.
pub(super) fn calendar() -> Value {
    json!({
        "id": "office", "title": { "en": "Office" }, "owner": { "post": "post-a" }, "zone": "Asia/Kolkata",
        "week": {
            "monday": [{ "from": "09:30", "to": "18:00" }], "tuesday": [{ "from": "09:30", "to": "18:00" }],
            "wednesday": [{ "from": "09:30", "to": "18:00" }], "thursday": [{ "from": "09:30", "to": "18:00" }],
            "friday": [{ "from": "09:30", "to": "18:00" }]
        },
        "covers": { "from": "2026-01-01", "to": "2026-12-31" },
        "holidays": [{ "date": "2026-04-03", "title": { "en": "Good Friday" } }]
    })
}

/// Three working days, at rest while the applicant is asked.
pub(super) fn norm(breach: &Value) -> Value {
    json!({
        "id": "n", "title": { "en": "Norm" }, "owner": { "post": "post-a" }, "calendar": "office",
        "clock": {
            "start": "lodged", "stop": ["decided"],
            "suspend": [{ "from": "asked", "until": "answered", "for": "applicant", "title": { "en": "Papers missing" } }]
        },
        "editions": [{ "title": { "en": "First" }, "source": ["a test"], "limits": [{ "within": { "workingDays": 3 } }] }],
        "warnings": [{ "before": { "workingDays": 1 } }],
        "breach": breach
    })
}

fn clocks() -> Value {
    json!([{
        "norm": "n",
        "bind": {
            "lodged": { "leaving": "start" }, "asked": { "entering": "ask" }, "answered": { "leaving": "ask" },
            "decided": { "leaving": "b" }
        }
    }])
}

fn process(id: &str, steps: &Value, clocks: &Value) -> String {
    let mut document: Value = serde_json::from_str(&super::process(id, steps.clone())).expect("a process");
    document["clocks"] = clocks.clone();
    document.to_string()
}

fn steps() -> Value {
    json!([
        started("a"),
        user_task("a", "more?"),
        { "id": "more?", "type": "exclusiveGateway", "next": [{ "to": "ask", "when": "n = 1" }, { "to": "b" }] },
        user_task("ask", "b"),
        user_task("b", "end"),
        end()
    ])
}

pub(super) async fn put(world: &World<MemoryStore>, kind: DocumentKind, document: &Value) -> Result<Accepted, Refusal> {
    let command = Command::DeployDocument { kind, document: document.to_string() };
    let actor = Actor::Person(world.person("asha"));
    let answer = world.engine.submit(&UnitId::site(), Envelope::new(actor, &world.key(), command)).await;
    world.advance(0).await;
    answer
}

/// An office with the calendar only.
async fn unbound_office() -> World<MemoryStore> {
    let world = crate::engine::office(json!([started("a"), user_task("a", "end"), end()])).await;
    put(&world, DocumentKind::Calendar, &calendar()).await.expect("the calendar");
    world
}

/// An office with the calendar, the norm with this breach, and a process under it.
async fn office(breach: Value) -> World<MemoryStore> {
    let world = super::office(json!([started("a"), user_task("a", "end"), end()])).await;
    put(&world, DocumentKind::Calendar, &calendar()).await.expect("the calendar");
    put(&world, DocumentKind::Norm, &norm(&breach)).await.expect("the norm");
    world.deploy(&process("timed", &steps(), &clocks())).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
    world
}

fn only(case: &Instance) -> &Clock {
    assert_eq!(case.clocks.len(), 1, "{:#?}", case.clocks);
    case.clocks.values().next().expect("one")
}

async fn clock(world: &World<MemoryStore>, case: CommandId) -> Clock {
    only(&world.case(case).await).clone()
}

fn at(text: &str) -> Option<Time> {
    Some(Time::parse(text).expect("an instant"))
}

async fn events(world: &World<MemoryStore>, case: CommandId) -> Vec<Event> {
    let history = world.engine.history(&world.unit, case).await.expect("the store answers");
    history.into_iter().flat_map(|entry| entry.events).collect()
}

#[tokio::test]
async fn a_deadline_counts_working_days_and_ends_with_the_office_day() {
    let world = office(json!({})).await;
    let id = start(&world, "timed", json!({})).await;
    // Thursday is day one; Friday is a holiday; Monday is day two, Tuesday day three. 18:00 in India.
    assert_eq!(clock(&world, id).await.reckoning.due, at("2026-04-07T12:30:00Z"));
    let task = world.open_tasks().await.pop().expect("a task");
    assert_eq!(task.due, at("2026-04-07T12:30:00Z"), "a task without a due time of its own has the clock's");
    work(&world, "a", "asha", json!({})).await;
    world.advance(2 * DAY).await;
    work(&world, "b", "bimal", json!({})).await;
    let stopped = clock(&world, id).await;
    assert!(stopped.stopped.is_some() && !stopped.is_late(world.engine.now()) && stopped.warned.is_empty());
    assert_eq!(world.engine.store().next_due().await.expect("it answers"), None);
}

#[tokio::test]
async fn a_clock_rests_while_the_applicant_is_asked() {
    let world = office(json!({})).await;
    let id = start(&world, "timed", json!({})).await;
    work(&world, "a", "asha", json!({ "n": 1 })).await;
    let resting = clock(&world, id).await;
    assert!(resting.rests());
    assert_eq!(resting.reckoning.due, None);
    world.advance(6 * DAY).await;
    work(&world, "ask", "asha", json!({})).await;
    // From Wednesday the 1st to Tuesday the 7th three working days were lost: the 2nd, the 6th and the 7th.
    assert_eq!(clock(&world, id).await.reckoning.due, at("2026-04-10T12:30:00Z"));
    assert!(!clock(&world, id).await.rests());
}

#[tokio::test]
async fn a_clock_starts_anew_as_often_as_its_norm_allows() {
    let world = super::office(json!([started("a"), user_task("a", "end"), end()])).await;
    put(&world, DocumentKind::Calendar, &calendar()).await.expect("the calendar");
    let mut norm = norm(&json!({}));
    norm["clock"]["suspend"][0]["restarts"] = json!(true);
    norm["clock"]["suspend"][0]["times"] = json!(1);
    put(&world, DocumentKind::Norm, &norm).await.expect("the norm");
    let mut steps = steps();
    steps[3]["next"] = json!("more?");
    world.deploy(&process("timed", &steps, &clocks())).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
    let id = start(&world, "timed", json!({})).await;
    work(&world, "a", "asha", json!({ "n": 1 })).await;
    world.advance(DAY).await;
    work(&world, "ask", "asha", json!({ "n": 1 })).await;
    let again = clock(&world, id).await;
    // From Thursday, 2 April: Monday, Tuesday, Wednesday. It is asked a second time at once, and runs through that.
    assert_eq!((again.reckoning.due, again.rests()), (at("2026-04-08T12:30:00Z"), false));
    world.advance(DAY).await;
    work(&world, "ask", "asha", json!({ "n": 0 })).await;
    assert_eq!(clock(&world, id).await.reckoning.due, at("2026-04-08T12:30:00Z"));
}

#[tokio::test]
async fn stopping_and_going_on_at_once_changes_nothing() {
    let world = office(json!({})).await;
    let id = start(&world, "timed", json!({})).await;
    work(&world, "a", "asha", json!({ "n": 1 })).await;
    work(&world, "ask", "asha", json!({})).await;
    assert_eq!(clock(&world, id).await.reckoning.due, at("2026-04-07T12:30:00Z"));
}

#[tokio::test]
async fn a_breach_is_recorded_and_climbs_the_ladder() {
    let breach = json!({ "escalate": [{ "role": "officer" }, { "role": "quality-coordinator", "after": { "workingDays": 1 } }] });
    let world = office(breach).await;
    let id = start(&world, "timed", json!({})).await;
    work(&world, "a", "asha", json!({})).await;
    world.advance(5 * DAY).await;
    let warned = clock(&world, id).await;
    assert_eq!((warned.warned.len(), warned.breached), (1, None), "a working day before the end");
    world.advance(DAY + DAY / 2).await;
    let late = clock(&world, id).await;
    assert!(late.is_late(world.engine.now()));
    assert_eq!((late.breached, late.rungs), (at("2026-04-07T12:30:00Z"), 1));
    assert_eq!(open(&world).await, ["b", "escalation:n"]);
    refused(
        {
            super::claim(&world, "escalation:n", "asha").await.expect("an officer may");
            complete(&world, "escalation:n", "asha", json!({ "other": 1 })).await
        },
        "form.invalid",
    );
    complete(&world, "escalation:n", "asha", json!({ "note": "Spoke to the desk." })).await.expect("a note is enough");
    assert_eq!(open(&world).await, ["b"], "the case itself goes on as before");
    world.advance(DAY).await;
    let task = world.open_tasks().await.into_iter().find(|task| task.step == "escalation:n").expect("the next rung");
    assert_eq!(task.role, "quality-coordinator");
    work(&world, "b", "bimal", json!({})).await;
    assert_eq!(open(&world).await, Vec::<String>::new(), "what the ladder gave falls away with the clock");
    let case = world.case(id).await;
    assert!(case.is_over() && only(&case).is_late(world.engine.now()));
    assert_eq!(world.engine.store().next_due().await.expect("it answers"), None);
}

#[tokio::test]
async fn a_breach_reassigns_and_starts_what_was_declared() {
    let world = office(json!({ "reassign": "quality-coordinator", "start": ["p", "not-there"] })).await;
    start(&world, "timed", json!({})).await;
    super::claim(&world, "a", "asha").await.expect("an officer may");
    world.advance(7 * DAY).await;
    let tasks = world.open_tasks().await;
    let passed = tasks.iter().find(|task| task.process == "timed").expect("still open");
    assert_eq!((passed.role.as_str(), &passed.assignee), ("quality-coordinator", &None));
    assert_eq!(tasks.iter().filter(|task| task.process == "p").count(), 1, "a case of the process was started, once");
    let next = world.engine.store().next_due().await.expect("it answers");
    assert_eq!(next, Some(Time(i64::MAX)), "what could not be started is on record, and nothing else is due");
}

#[tokio::test]
async fn silence_means_what_the_norm_says() {
    let mut steps = steps();
    steps.as_array_mut().expect("a list").extend([
        json!({ "id": "deemed", "type": "boundaryEvent", "attachedTo": "a", "message": { "name": "deemed-approved" }, "next": "b" }),
    ]);
    let world = super::office(json!([started("a"), user_task("a", "end"), end()])).await;
    put(&world, DocumentKind::Calendar, &calendar()).await.expect("the calendar");
    put(&world, DocumentKind::Norm, &norm(&json!({ "deem": "approved" }))).await.expect("the norm");
    let deaf = world.deploy(&process("timed", &super::clocks::steps(), &clocks())).await;
    let Err(Refusal::Rejected(rejection)) = deaf else { panic!("nobody hears it: {deaf:?}") };
    assert!(rejection.problems.iter().any(|problem| problem.code == "clock.deemed-unheard"), "{rejection:#?}");
    world.deploy(&process("timed", &steps, &clocks())).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
    start(&world, "timed", json!({})).await;
    world.advance(7 * DAY).await;
    assert_eq!(open(&world).await, ["b"]);
}

#[tokio::test]
async fn an_amended_calendar_moves_running_deadlines_on_the_record() {
    let world = office(json!({})).await;
    let moved = start(&world, "timed", json!({})).await;
    let resting = start(&world, "timed", json!({})).await;
    work(&world, "a", "asha", json!({ "n": 1 })).await;
    let (moved, resting) = if clock(&world, moved).await.rests() { (resting, moved) } else { (moved, resting) };
    let mut amended = calendar();
    amended["amendments"] = json!([{
        "number": "12/2026", "date": "2026-04-01", "source": ["a test"],
        "add": [{ "date": "2026-04-06", "title": { "en": "By order" } }]
    }]);
    let before = events(&world, moved).await.len();
    let checked = world.engine.library().check(DocumentKind::Calendar, &amended.to_string()).expect("a calendar");
    let foreseen = world.engine.foresee(&checked, 10).await.expect("the store answers");
    // The one deadline, and the task that is due with it; the other clock rests.
    assert_eq!((foreseen.cases, foreseen.moved, foreseen.moves.len()), (2, 2, 2), "{foreseen:?}");
    assert_eq!(foreseen.moves[0].after, at("2026-04-08T12:30:00Z"));
    assert_eq!(events(&world, moved).await.len(), before, "and nothing is written");
    put(&world, DocumentKind::Calendar, &amended).await.expect("an amendment");
    assert_eq!(clock(&world, moved).await.reckoning.due, at("2026-04-08T12:30:00Z"));
    let told = events(&world, moved).await.split_off(before);
    let [Event::ClockMoved { before, reckoning, .. }, Event::TaskMoved { due, .. }] = told.as_slice() else {
        panic!("{told:#?}")
    };
    assert_eq!(*due, reckoning.due, "its task is due with it");
    assert_eq!((*before, reckoning.due), (at("2026-04-07T12:30:00Z"), at("2026-04-08T12:30:00Z")));
    assert_eq!(clock(&world, resting).await.reckoning.due, None);
    // Once it runs again it counts by the calendar as it stands now.
    world.advance(DAY).await;
    work(&world, "ask", "asha", json!({})).await;
    assert_eq!(clock(&world, resting).await.reckoning.due, at("2026-04-09T12:30:00Z"));
    refused(put(&world, DocumentKind::Calendar, &amended).await, "document.already-deployed");
}

#[tokio::test]
async fn a_holiday_declared_late_takes_a_breach_back() {
    let breach = json!({ "escalate": [{ "role": "officer" }] });
    let world = office(breach).await;
    let id = start(&world, "timed", json!({})).await;
    world.advance(6 * DAY + DAY / 2).await;
    assert!(clock(&world, id).await.breached.is_some());
    assert_eq!(open(&world).await, ["a", "escalation:n"]);
    let mut amended = calendar();
    amended["amendments"] = json!([{
        "number": "13/2026", "date": "2026-04-07", "source": ["a test"],
        "add": [{ "date": "2026-04-07", "title": { "en": "By order" } }]
    }]);
    put(&world, DocumentKind::Calendar, &amended).await.expect("an amendment");
    let again = clock(&world, id).await;
    assert_eq!((again.reckoning.due, again.breached), (at("2026-04-08T12:30:00Z"), None));
    assert_eq!(open(&world).await, ["a"], "nobody need see to it any more");
    world.advance(DAY).await;
    assert_eq!(open(&world).await, ["a", "escalation:n"], "until it is late again");
}

#[tokio::test]
async fn a_changed_norm_leaves_running_cases_on_theirs() {
    let world = office(json!({})).await;
    let id = start(&world, "timed", json!({})).await;
    let mut changed = norm(&json!({}));
    changed["editions"][0]["limits"][0]["within"] = json!({ "workingDays": 1 });
    changed.as_object_mut().expect("an object").remove("warnings");
    put(&world, DocumentKind::Norm, &changed).await.expect("a new version");
    assert_eq!(clock(&world, id).await.reckoning.due, at("2026-04-07T12:30:00Z"));
    let new = start(&world, "timed", json!({})).await;
    assert_eq!(clock(&world, new).await.reckoning.due, at("2026-04-02T12:30:00Z"));
    // Unless a transitional clause says otherwise, from the day on which it comes into force.
    let mut later = changed.clone();
    later["editions"] = json!([
        { "title": { "en": "First" }, "source": ["a test"], "to": "2026-04-01", "limits": [{ "within": { "workingDays": 3 } }] },
        {
            "title": { "en": "Second" }, "source": ["a test"], "from": "2026-04-02", "running": "moved",
            "limits": [{ "within": { "workingDays": 5 } }]
        }
    ]);
    put(&world, DocumentKind::Norm, &later).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
    assert_eq!(clock(&world, id).await.reckoning.due, at("2026-04-07T12:30:00Z"));
    world.advance(DAY).await;
    assert_eq!(clock(&world, id).await.reckoning.due, at("2026-04-09T12:30:00Z"), "five working days from the start");
    // Or at once.
    changed["editions"][0]["limits"][0]["within"] = json!({ "workingDays": 2 });
    changed["editions"][0]["running"] = json!("moved");
    put(&world, DocumentKind::Norm, &changed).await.expect("a third version");
    assert_eq!(clock(&world, id).await.reckoning.due, at("2026-04-06T12:30:00Z"), "two working days");
    assert_eq!(clock(&world, new).await.reckoning.due, at("2026-04-06T12:30:00Z"));
}

#[tokio::test]
async fn a_clock_goes_by_the_calendar_that_its_unit_goes_by_now() {
    let world = unbound_office().await;
    let mut norm = norm(&json!({}));
    norm.as_object_mut().expect("an object").remove("calendar");
    put(&world, DocumentKind::Norm, &norm).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
    world.deploy(&process("timed", &steps(), &clocks())).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
    let id = start(&world, "timed", json!({})).await;
    assert_eq!(clock(&world, id).await.reckoning.trouble.as_deref(), Some("clock.no-calendar"));
    let mut unit = world.engine.office().units[&world.unit].clone();
    let move_to = async |calendar: &str, unit: &mut engine::model::office::Unit| {
        unit.calendar = Some(calendar.to_owned());
        world
            .submit_site("system", Command::PutUnit { unit: unit.clone() })
            .await
            .unwrap_or_else(|refusal| panic!("{refusal:#?}"));
        world.advance(0).await;
    };
    move_to("office", &mut unit).await;
    assert_eq!(clock(&world, id).await.reckoning.due, at("2026-04-07T12:30:00Z"), "it had waited for its calendar");
    let mut other = calendar();
    other["id"] = json!("other");
    other["holidays"] = json!([]);
    put(&world, DocumentKind::Calendar, &other).await.expect("another calendar");
    move_to("other", &mut unit).await;
    assert_eq!(clock(&world, id).await.reckoning.due, at("2026-04-06T12:30:00Z"), "Good Friday is a working day there");
}

#[tokio::test]
async fn a_process_must_bind_its_norm_whole() {
    let world = office(json!({})).await;
    let codes = async |steps: &Value, clocks: &Value| match world.deploy(&process("other", steps, clocks)).await {
        Err(Refusal::Rejected(rejection)) => {
            let problems = rejection.problems.into_iter().filter(|problem| problem.is_error());
            problems.map(|problem| format!("{} {}", problem.code, problem.pointer)).collect::<Vec<_>>()
        }
        other => panic!("not refused: {other:?}"),
    };
    let mut unbound = clocks();
    unbound[0]["bind"].as_object_mut().expect("an object").remove("answered");
    assert_eq!(codes(&steps(), &unbound).await, ["clock.unbound /clocks/0/bind"]);
    let mut strange = clocks();
    strange[0]["bind"]["sealed"] = json!({ "leaving": "b" });
    assert_eq!(codes(&steps(), &strange).await, ["clock.unbound /clocks/0/bind/sealed"]);
    let mut nowhere = clocks();
    nowhere[0]["bind"]["asked"] = json!({ "entering": "aks" });
    assert_eq!(codes(&steps(), &nowhere).await, ["clock.unknown-step /clocks/0/bind/asked"]);
    let unknown = json!([{ "norm": "no.such", "bind": {} }]);
    assert_eq!(codes(&steps(), &unknown).await, ["clock.unknown-norm /clocks/0/norm"]);
    let mut by_the_back_door = steps();
    by_the_back_door[2]["next"] = json!([{ "to": "ask", "when": "n = 1" }, { "to": "end", "when": "n = 2" }, { "to": "b" }]);
    assert_eq!(codes(&by_the_back_door, &clocks()).await, ["clock.never-stops /clocks/0/bind"]);
}

/// Whether a process is refused because a path never stops its clock.
async fn never_stops(world: &World<MemoryStore>, steps: &Value, clocks: &Value) -> bool {
    match world.deploy(&process("paths", steps, clocks)).await {
        Ok(_) => false,
        Err(Refusal::Rejected(rejection)) => {
            let mut errors = rejection.problems.iter().filter(|problem| problem.is_error());
            assert!(errors.all(|problem| problem.code == "clock.never-stops"), "{rejection:#?}");
            true
        }
        Err(refusal) => panic!("{refusal:#?}"),
    }
}

#[tokio::test]
async fn a_sub_process_that_is_interrupted_takes_the_stops_within_with_it() {
    let world = office(json!({})).await;
    let sub = |next: &str| {
        json!([
            started("sub"),
            {
                "id": "sub", "type": "subProcess", "next": "end",
                "steps": [
                    { "id": "inner", "type": "startEvent", "next": "ask" }, user_task("ask", "b"), user_task("b", "done"),
                    { "id": "done", "type": "endEvent" }
                ]
            },
            { "id": "late", "type": "boundaryEvent", "attachedTo": "sub", "timer": { "after": "P1D" }, "next": next },
            user_task("c", "end"),
            end()
        ])
    };
    let clocks = |stops: Value| {
        json!([{
            "norm": "n",
            "bind": {
                "lodged": { "leaving": "inner" }, "asked": { "entering": "ask" }, "answered": { "leaving": "ask" }, "decided": stops
            }
        }])
    };
    assert!(never_stops(&world, &sub("c"), &clocks(json!({ "leaving": "b" }))).await);
    assert!(!never_stops(&world, &sub("c"), &clocks(json!([{ "leaving": "b" }, { "entering": "c" }]))).await);
}

#[tokio::test]
async fn a_branch_that_ends_the_others_takes_their_stops_with_it() {
    let world = office(json!({})).await;
    let split = |terminate: bool| {
        json!([
            started("ask"),
            user_task("ask", "split"),
            { "id": "split", "type": "parallelGateway", "next": ["b", "c"] },
            user_task("b", "end"),
            user_task("c", "over"),
            { "id": "over", "type": "endEvent", "terminate": terminate },
            end()
        ])
    };
    assert!(never_stops(&world, &split(true), &clocks()).await);
    assert!(!never_stops(&world, &split(false), &clocks()).await);
}

#[tokio::test]
async fn one_branch_that_stops_the_clock_is_enough() {
    let world = office(json!({})).await;
    let mut steps = json!([
        started("split"),
        { "id": "split", "type": "parallelGateway", "next": ["b", "c"] },
        user_task("b", "join"),
        user_task("c", "join"),
        { "id": "join", "type": "parallelGateway", "next": "end" },
        user_task("ask", "end"),
        end()
    ]);
    steps[4]["next"] = json!("ask");
    world.deploy(&process("split", &steps, &clocks())).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
    let id = start(&world, "split", json!({})).await;
    work(&world, "b", "asha", json!({})).await;
    assert!(clock(&world, id).await.stopped.is_some());
}

#[tokio::test]
async fn a_norm_that_asks_for_more_than_is_bound_is_refused() {
    let world = office(json!({})).await;
    let mut more = norm(&json!({}));
    more["clock"]["interim"] = json!("replied");
    let answer = put(&world, DocumentKind::Norm, &more).await;
    let Err(Refusal::Rejected(rejection)) = answer else { panic!("not refused: {answer:?}") };
    assert_eq!(rejection.problems[0].code, "norm.breaks-binding", "{rejection:#?}");
    // As much as if the process were deployed under it: one that deems, where nobody hears it; one that other events stop.
    let mut turned = norm(&json!({}));
    turned["clock"]["stop"] = json!(["asked"]);
    turned["clock"]["suspend"][0]["from"] = json!("decided");
    for changed in [norm(&json!({ "deem": "approved" })), turned] {
        let answer = put(&world, DocumentKind::Norm, &changed).await;
        let Err(Refusal::Rejected(rejection)) = answer else { panic!("not refused: {answer:?}") };
        assert_eq!(rejection.problems[0].code, "norm.breaks-binding", "{rejection:#?}");
    }
}

#[tokio::test]
async fn a_norm_counts_by_a_calendar_that_is_there() {
    let world = office(json!({})).await;
    let mut lost = norm(&json!({}));
    lost["calendar"] = json!("no-such");
    let answer = put(&world, DocumentKind::Norm, &lost).await;
    let Err(Refusal::Rejected(rejection)) = answer else { panic!("not refused: {answer:?}") };
    assert_eq!(rejection.problems[0].code, "norm.unknown-calendar", "{rejection:#?}");
}

#[tokio::test]
async fn documents_are_deployed_by_whoever_answers_for_them() {
    let world = office(json!({})).await;
    let citizen = Command::RegisterPerson { handle: "devi".into(), name: "Devi".into() };
    let site = UnitId::site();
    world.engine.submit(&site, Envelope::new(Actor::System, "devi", citizen)).await.expect("registered");
    let mut changed = norm(&json!({}));
    changed["help"] = json!({ "en": "Another." });
    let command = Command::DeployDocument { kind: DocumentKind::Norm, document: changed.to_string() };
    let envelope = Envelope::new(Actor::Person(world.person("devi")), "k", command.clone());
    refused(world.engine.submit(&site, envelope).await, "actor.not-allowed");
    refused(world.submit("asha", command).await, "document.wrong-log");
    let broken = Command::DeployDocument { kind: DocumentKind::Norm, document: json!({ "id": "n", "surprise": 1 }).to_string() };
    let answer = world.engine.submit(&site, Envelope::new(Actor::System, "b", broken)).await;
    let Err(Refusal::Rejected(rejection)) = answer else { panic!("not refused: {answer:?}") };
    assert_eq!(rejection.code, "document.invalid");
    assert!(rejection.problems.iter().any(|problem| problem.pointer == "/surprise"), "{rejection:#?}");
}

#[tokio::test]
async fn without_a_limit_the_clock_says_so_and_the_case_goes_on() {
    let world = office(json!({})).await;
    let mut picky = norm(&json!({}));
    picky["id"] = json!("picky");
    picky["attributes"] =
        json!({ "mode": { "title": { "en": "Mode" }, "values": { "paper": { "en": "Paper" }, "line": { "en": "On line" } } } });
    picky["editions"][0]["limits"][0]["when"] = json!({ "mode": "paper" });
    put(&world, DocumentKind::Norm, &picky).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
    let mut clocks = clocks();
    clocks[0]["norm"] = json!("picky");
    clocks[0]["attributes"] = json!({ "mode": "text" });
    world.deploy(&process("picky", &steps(), &clocks)).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
    let paper = start(&world, "picky", json!({ "text": "paper" })).await;
    assert_eq!(clock(&world, paper).await.reckoning.due, at("2026-04-07T12:30:00Z"));
    let line = start(&world, "picky", json!({ "text": "line" })).await;
    assert_eq!(clock(&world, line).await.reckoning.trouble.as_deref(), Some("clock.no-limit"));
    let named = start(&world, "picky", json!({ "text": "Devi, by hand" })).await;
    let named = clock(&world, named).await;
    assert_eq!(named.reckoning.trouble.as_deref(), Some("clock.no-limit"));
    assert!(named.attributes.is_empty(), "only what the norm knows is kept, or a clock would hold what erasure does not find");
}
