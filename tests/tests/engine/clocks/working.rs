//! Working time in a definition: timers and due times that count on the calendar of the unit, as norms do.

use engine::journal::event::Counted;
use engine::journal::{Command, Event};
use engine::model::Time;
use engine::model::document::DocumentKind;
use engine::runtime::Moved;
use engine::store::Store;
use engine::store::memory::MemoryStore;
use serde_json::{Value, json};
use tests::world::World;

use super::{DAY, at, calendar, end, events, open, put, start, started, user_task};

/// A task that is due in two working days, with a reminder and a lapse.
fn steps() -> Value {
    let mut task = user_task("a", "end");
    task["due"] = json!({ "after": { "workingDays": 2 } });
    json!([
        started("a"),
        task,
        { "id": "remind", "type": "boundaryEvent", "attachedTo": "a", "interrupting": false,
          "timer": { "every": { "workingDays": 1 }, "times": 2 }, "next": "r" },
        user_task("r", "r-end"),
        { "id": "r-end", "type": "endEvent" },
        { "id": "lapse", "type": "boundaryEvent", "attachedTo": "a", "timer": { "after": { "officeHours": 30 } }, "next": "l" },
        user_task("l", "end"),
        end()
    ])
}

/// An office whose unit works by this calendar, if it is deployed.
async fn unit_by(calendar: Option<&Value>) -> World<MemoryStore> {
    let world = crate::engine::office(steps()).await;
    if let Some(calendar) = calendar {
        put(&world, DocumentKind::Calendar, calendar).await.expect("the calendar");
    }
    let mut unit = world.engine.office().units[&world.unit].clone();
    unit.calendar = Some("office".into());
    world.submit_site("system", Command::PutUnit { unit }).await.expect("it is in order");
    world
}

fn amended(date: &str) -> Value {
    let mut amended = calendar();
    amended["amendments"] = json!([{
        "number": "12/2026", "date": "2026-04-01", "source": ["a test"], "add": [{ "date": date, "title": { "en": "By order" } }]
    }]);
    amended
}

/// Entries of one instant are recorded microseconds apart, and what is counted from them with them.
fn to_the_second(time: Time) -> Option<Time> {
    Some(Time(time.0 / 1_000_000 * 1_000_000))
}

async fn timer(world: &World<MemoryStore>, case: engine::model::CommandId, step: &str) -> engine::machine::state::Timer {
    let case = world.case(case).await;
    case.timers.values().find(|timer| timer.step == step).unwrap_or_else(|| panic!("no timer {step}: {case:#?}")).clone()
}

#[tokio::test]
async fn timers_and_due_times_count_working_time() {
    let world = unit_by(Some(&calendar())).await;
    let id = start(&world, "p", json!({})).await;
    // Wednesday at ten. Thursday is day one; Friday is a holiday; Monday is day two. 18:00 in India.
    let task = world.open_tasks().await.pop().expect("a task");
    assert_eq!(task.due, at("2026-04-06T12:30:00Z"));
    // Eight hours on Wednesday, eight and a half on Thursday and on Monday; five more on Tuesday, from half past nine.
    assert_eq!(to_the_second(timer(&world, id, "lapse").await.due), at("2026-04-07T09:00:00Z"));
    let reminder = timer(&world, id, "remind").await;
    assert_eq!(Some(reminder.due), at("2026-04-02T12:30:00Z"));
    let by = world.engine.library().calendar("office").expect("it is deployed").layers.clone();
    assert_eq!(reminder.counted.map(|Counted { calendar, .. }| calendar), Some(by), "by what it was counted stands there");
    world.advance(DAY + DAY / 2).await;
    assert_eq!(open(&world).await, ["a", "r"]);
    assert_eq!(Some(timer(&world, id, "remind").await.due), at("2026-04-06T12:30:00Z"), "a working day after the first");
    world.advance(5 * DAY).await;
    assert_eq!(open(&world).await, ["l", "r", "r"]);
    assert!(world.case(id).await.timers.is_empty());
}

#[tokio::test]
async fn without_a_calendar_it_stops_and_says_so() {
    let world = unit_by(None).await;
    let id = start(&world, "p", json!({})).await;
    assert_eq!(open(&world).await, Vec::<String>::new(), "elapsed days are not put in the place of working days");
    let case = world.case(id).await;
    let (incident, told) = case.incidents.iter().next().expect("an incident");
    assert_eq!(told.code, "clock.no-calendar");
    assert!(told.message.contains("office") && told.message.contains("Deploy one"), "{}", told.message);
    put(&world, DocumentKind::Calendar, &calendar()).await.expect("the calendar");
    world.submit("asha", Command::RetryIncident { instance: id, incident: *incident }).await.expect("it can be tried again");
    assert_eq!(open(&world).await, ["a"]);
}

#[tokio::test]
async fn an_amended_calendar_moves_timers_on_the_record() {
    let world = unit_by(Some(&calendar())).await;
    let (moved, halted) = (start(&world, "p", json!({})).await, start(&world, "p", json!({})).await);
    world.submit("asha", Command::SuspendInstance { instance: halted, reason: "stay".into() }).await.expect("it goes on");
    let before = events(&world, moved).await.len();
    let amended = amended("2026-04-02");
    let because = world.engine.library().check(DocumentKind::Calendar, &amended.to_string()).expect("a calendar").hash;
    let checked = world.engine.library().check(DocumentKind::Calendar, &amended.to_string()).expect("a calendar");
    let foreseen = world.engine.foresee(&checked, 10).await.expect("the store answers");
    let mut steps: Vec<_> = foreseen.moves.iter().map(|moves| (&moves.what, moves.before < moves.after)).collect();
    steps.sort_by_key(|(what, _)| format!("{what:?}"));
    assert!(
        matches!(steps[..], [(Moved::Task(_, task), true), (Moved::Timer(_, lapse), true), (Moved::Timer(_, remind), true)]
            if task == "a" && [lapse, remind].iter().all(|step| ["lapse", "remind"].contains(&step.as_str()))),
        "{foreseen:#?}"
    );
    assert_eq!((foreseen.cases, foreseen.moved), (2, 3), "what is halted is read, and moves when it goes on");
    put(&world, DocumentKind::Calendar, &amended).await.expect("an amendment");
    let told = events(&world, moved).await.split_off(before);
    let mut moves = Vec::new();
    for event in &told {
        let (before, due, by) = match event {
            Event::TimerMoved { before, because: reason, due, counted, .. } => {
                (Some(*before), Some(*due), (Some(*reason), counted))
            }
            Event::TaskMoved { due, counted: Some(counted), because, .. } => (None, *due, (*because, counted)),
            other => panic!("{other:#?}"),
        };
        assert_eq!((by.0, &by.1.calendar), (Some(because), &vec![because]));
        moves.push((before.and_then(to_the_second), due.and_then(to_the_second)));
    }
    let reminder = (at("2026-04-02T12:30:00Z"), at("2026-04-06T12:30:00Z"));
    let lapse = (at("2026-04-07T09:00:00Z"), at("2026-04-08T09:00:00Z"));
    let task = (None, at("2026-04-07T12:30:00Z"));
    assert!(moves.len() == 3 && [reminder, lapse, task].iter().all(|one| moves.contains(one)), "{moves:?}");
    let listed = world.open_tasks().await.into_iter().find(|task| task.instance == moved).and_then(|task| task.due);
    assert_eq!(listed, task.1, "and the list knows it");
    assert_eq!(to_the_second(timer(&world, halted, "lapse").await.due), lapse.0, "what is halted catches up later");
    world.submit("asha", Command::ResumeInstance { instance: halted }).await.expect("it was halted");
    assert_eq!(to_the_second(timer(&world, halted, "lapse").await.due), lapse.1);
    world.advance(3 * DAY).await;
    assert_eq!(open(&world).await, ["a", "a"], "nothing fires at the instant that was given up");
    assert_eq!(world.engine.store().next_due().await.expect("it answers"), reminder.1);
}

/// A task whose case has neither a clock nor a timer.
#[tokio::test]
async fn an_amended_calendar_moves_a_task_that_is_alone() {
    let world = unit_by(Some(&calendar())).await;
    let mut task = user_task("a", "end");
    task["due"] = json!({ "after": { "workingDays": 2 } });
    let mut elapsed = user_task("a", "end");
    elapsed["due"] = json!({ "after": "P2D" });
    for (id, task) in [("alone", task), ("elapsed", elapsed)] {
        super::super::deploy(&world, id, json!([started("a"), task, end()])).await;
    }
    let (alone, other) = (start(&world, "alone", json!({})).await, start(&world, "elapsed", json!({})).await);
    let amended = amended("2026-04-02");
    let checked = world.engine.library().check(DocumentKind::Calendar, &amended.to_string()).expect("a calendar");
    let foreseen = world.engine.foresee(&checked, 10).await.expect("the store answers");
    assert_eq!((foreseen.cases, foreseen.moved), (1, 1), "{foreseen:?}");
    let before = [alone, other].map(|case| (case, events(&world, case)));
    let mut counts = Vec::new();
    for (case, events) in before {
        counts.push((case, events.await.len()));
    }
    put(&world, DocumentKind::Calendar, &amended).await.expect("an amendment");
    let due = async |case| world.case(case).await.tasks.into_values().next().expect("a task").due;
    assert_eq!(due(alone).await, at("2026-04-07T12:30:00Z"));
    assert_eq!(foreseen.moves[0].after, due(alone).await);
    for (case, count) in counts {
        assert_eq!(events(&world, case).await.len() - count, usize::from(case == alone), "what counts no working time stays");
    }
}

/// What a step names is told once: the same words would say another day later.
#[tokio::test]
async fn a_day_that_was_named_stays() {
    let world = unit_by(Some(&calendar())).await;
    let mut task = user_task("a", "end");
    task["due"] = json!({ "by": "today() + duration(\"P3D\")" });
    super::super::deploy(&world, "named", json!([started("a"), task, end()])).await;
    let case = start(&world, "named", json!({})).await;
    let due = async || world.case(case).await.tasks.into_values().next().expect("a task").due;
    let named = due().await;
    assert_eq!(named, at("2026-04-04T18:30:00Z"), "when the day is over");
    world.advance(DAY).await;
    world.submit("asha", Command::SuspendInstance { instance: case, reason: "stay".into() }).await.expect("it goes on");
    world.advance(DAY).await;
    world.submit("asha", Command::ResumeInstance { instance: case }).await.expect("it was halted");
    assert_eq!(due().await, named);
}

#[tokio::test]
async fn a_task_is_due_when_the_time_of_its_case_is_over() {
    let world = super::office(json!({})).await;
    for (days, due) in [(2, "2026-04-03T04:30:00Z"), (30, "2026-04-07T12:30:00Z")] {
        let mut steps = super::steps();
        steps[1]["due"] = json!({ "after": format!("P{days}D") });
        let id = format!("within-{days}");
        world.deploy(&super::process(&id, &steps, &super::clocks())).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
        start(&world, &id, json!({})).await;
        let task = world.open_tasks().await.into_iter().find(|task| task.process == id).expect("a task");
        assert_eq!(task.due.and_then(to_the_second), at(due), "{days} days");
    }
}
