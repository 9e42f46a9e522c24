//! Two more logs told by hand: the clocks of a case; and the documents and schedules of the site, with steps of the wall clock. They came
//! after the first two, whose files stay as they were.

use engine::digest::Hash;
use engine::journal::event::{Counted, Event, Reckoning};
use engine::journal::{Actor, Command};
use engine::model::document::DocumentKind;
use engine::model::id::Made;
use engine::model::{Time, Values};
use engine::norm::Terms;
use jiff::civil::date;
use serde_json::json;

use super::log::{Case, Log, Told, person, post, text, values};

fn at(seconds: i64) -> Time {
    Time(1_795_320_000_000_000 + seconds * 1_000_000)
}

/// A clock from its start to its end: at rest, prolonged, moved, late, and what its breach does.
pub(super) fn clocks() -> Log {
    let mut log = Log::new("office.example/unit/mumbai-3/1");
    let (system, officer, via) = (&Actor::System, &Actor::Person(person(2)), &post());
    let (definition, norm) = (Hash::of(b"svc.refund"), Hash::of(b"cbic.refund"));
    let calendar = vec![Hash::of(b"in.central"), Hash::of(b"in.central.delhi")];
    let reckoned = |due: Option<Time>| Reckoning {
        calendar: calendar.clone(),
        due,
        provisional: due == Some(at(3)),
        trouble: None,
        next: due,
        again: Vec::new(),
    };
    let terms = Some(Terms { edition: 2, limit: 1 });
    let step = || text("decide");

    let command = Command::StartInstance { process: text("svc.refund"), definition: None, number: None, data: Values::new() };
    let started = Event::InstanceStarted {
        definition,
        process: text("svc.refund"),
        number: None,
        caller: None,
        calls: [].into(),
        norms: [(text("cbic.refund"), norm)].into(),
        data: Values::new(),
    };
    let clock_started = |ordinal, planned, reckoning| Event::ClockStarted {
        ordinal,
        clock: text("cbic.refund"),
        norm,
        terms,
        attributes: [(text("kind"), text("gst"))].into(),
        planned,
        step: step(),
        reckoning,
    };
    let trouble = Reckoning { trouble: Some(text("clock.no-limit")), ..Reckoning::default() };
    let planned = Some(date(2026, 12, 1));
    let events = [started, clock_started(0, None, reckoned(Some(at(1)))), clock_started(1, planned, trouble)];
    let told = Told { actor: officer, via: Some(via), command: command.clone(), case: Some(Case::New) };
    let case = log.tell(told, Some(definition), &events);
    let made = |ordinal| Made { command: case, ordinal };
    let clock = made(0);

    let mut tell = |actor: &Actor, command: Command, events: &[Event]| {
        let told = Told { actor, via: None, command, case: Some(Case::Old(case)) };
        log.tell(told, Some(definition), events)
    };
    let task = Command::CompleteTask { task: made(2), data: Values::new() };
    let rested = Event::ClockRested { clock, ground: 0, step: step(), reckoning: reckoned(None) };
    let replied = Event::ClockReplied { clock, step: step() };
    tell(officer, task.clone(), &[rested, replied]);
    let resumed =
        |ground, restarts| Event::ClockResumed { clock, ground, restarts, terms, step: step(), reckoning: reckoned(Some(at(2))) };
    let extended = Event::ClockExtended { clock, step: step(), reckoning: reckoned(Some(at(3))) };
    tell(officer, task.clone(), &[resumed(Some(0), false), resumed(Some(0), true), resumed(None, false), extended]);
    let because = Hash::of(b"in.central.delhi, amended");
    let moved =
        |norm, terms| Event::ClockMoved { clock, before: Some(at(3)), because, norm, terms, reckoning: reckoned(Some(at(4))) };
    tell(system, Command::ReviewClocks { instance: case, because }, &[moved(None, None), moved(Some(because), terms)]);
    let advance = Command::AdvanceClock { instance: case, clock };
    tell(system, advance.clone(), &[Event::ClockWarned { clock, point: 0, next: Some(at(4)) }]);
    let data = values([("case", json!("00")), ("applicant", json!("Asha"))]);
    let reassigned = Event::TaskReassigned {
        task: made(2),
        role: text("deputy-commissioner"),
        step: step(),
        created: at(0),
        due: Some(at(4)),
    };
    let requested = Event::CaseRequested {
        ordinal: 0,
        unit: "mumbai-3".parse().expect("a unit"),
        process: text("grv.appeal"),
        data: data.clone(),
    };
    let breached = Event::ClockBreached { clock, due: at(4), next: Some(at(5)) };
    tell(system, advance.clone(), &[breached, reassigned, requested]);
    let escalated = Event::ClockEscalated {
        clock,
        rung: 0,
        ordinal: 0,
        step: text("escalation:cbic.refund"),
        role: text("commissioner"),
        next: None,
    };
    tell(system, advance, &[escalated]);
    let stopped = |step| Event::ClockStopped { clock, step };
    tell(officer, task, &[stopped(Some(step())), stopped(None)]);
    let refused = Event::CaseRefused { process: text("grv.appeal"), code: text("definition.unknown") };
    let command = Command::StartFollowing { process: text("grv.appeal"), data };
    log.tell(Told { actor: system, via: None, command, case: None }, None, &[refused]);

    // Working time in a definition, a limit that is known later, a warning that lies ahead again: they came after the rest.
    let counted = |provisional| Counted { from: at(5), calendar: calendar.clone(), provisional };
    let created = Event::TaskCreated {
        ordinal: 0,
        token: 0,
        step: step(),
        role: text("inspector"),
        only: None,
        due: Some(at(6)),
        counted: Some(counted(false)),
        by: None,
    };
    let armed =
        Event::TimerArmed { ordinal: 1, token: 0, step: text("remind"), due: at(6), repeats: 0, counted: Some(counted(false)) };
    let terms = Terms { edition: 2, limit: 1 };
    let limited = Event::ClockLimited {
        clock: made(1),
        terms,
        attributes: [(text("kind"), text("gst"))].into(),
        planned,
        reckoning: reckoned(Some(at(6))),
    };
    let mut tell = |command: Command, events: &[Event]| {
        log.tell(Told { actor: system, via: None, command, case: Some(Case::Old(case)) }, Some(definition), events)
    };
    let set = tell(Command::FireTimer { instance: case, timer: made(3) }, &[created, armed, limited]);
    let timer = Made { command: set, ordinal: 1 };
    let timer_moved = Event::TimerMoved { timer, before: at(6), because, due: at(7), counted: counted(true) };
    let again = Event::ClockMoved {
        clock,
        before: Some(at(6)),
        because,
        norm: None,
        terms: None,
        reckoning: Reckoning { again: vec![0, 2], ..reckoned(Some(at(7))) },
    };
    let task_moved = |only, person, counted, because| Event::TaskMoved {
        task: Made { command: set, ordinal: 0 },
        step: step(),
        role: text("inspector"),
        only,
        person,
        created: at(5),
        due: Some(at(7)),
        counted,
        because,
    };
    let by_calendar = task_moved(None, None, Some(counted(true)), Some(because));
    let by_clock = task_moved(Some(person(3)), Some(person(3)), None, None);
    tell(Command::ReviewClocks { instance: case, because }, &[again, timer_moved, by_calendar, by_clock]);
    // A day that a step names came later still.
    let named = Event::TaskCreated {
        ordinal: 0,
        token: 0,
        step: step(),
        role: text("inspector"),
        only: None,
        due: Some(at(6)),
        counted: None,
        by: Some(at(8)),
    };
    tell(Command::FireTimer { instance: case, timer: made(4) }, &[named]);
    log
}

/// The life of a controlled document.
fn control(tell: &mut impl FnMut(&Actor, Command, &[Event])) {
    let (author, approver) = (&Actor::Person(person(1)), &Actor::Person(person(2)));
    let (kind, hash, document) = (DocumentKind::Process, Hash::of(b"svc.refund"), "{ \"id\": \"svc.refund\" }\n");
    let (id, reason) = (|| text("svc.refund"), || text("Time limit of section 11B"));
    let post = || "refund-process-owner".parse::<engine::model::PostId>().expect("a post id");
    let row = Made { command: engine::model::CommandId([7; 16]), ordinal: 0 };
    let review = date(2027, 4, 1);
    tell(author, Command::ControlDocuments { controlled: true }, &[Event::DocumentsControlled { controlled: true }]);
    let saved = Event::DraftSaved { kind, id: id(), hash, base: 1, document: text(document) };
    tell(author, Command::SaveDraft { kind, document: text(document), over: None }, &[saved]);
    tell(author, Command::SendDraft { kind, id: id(), hash }, &[Event::DraftSent { kind, id: id(), hash }]);
    let returned = Event::DraftReturned { kind, id: id(), hash, reason: reason() };
    tell(approver, Command::ReturnDraft { kind, id: id(), hash, reason: reason() }, &[returned]);
    tell(approver, Command::ApproveDraft { kind, id: id(), hash }, &[Event::DraftApproved { kind, id: id(), hash }]);
    tell(author, Command::DiscardDraft { kind, id: id(), hash }, &[Event::DraftDiscarded { kind, id: id(), hash }]);
    for (revision, number) in [(false, 0), (true, 1)] {
        let roles = vec![text("inspector")];
        let command =
            Command::IssueDocument { kind, id: id(), hash, revision, effective: None, reason: reason(), roles, review: None };
        let (effective, copies) = (at(7), vec![post()]);
        let issued = Event::DocumentIssued {
            ordinal: 0,
            kind,
            id: id(),
            hash,
            issue: 2,
            revision: number,
            effective,
            reason: reason(),
            copies,
            review,
        };
        tell(author, command, &[issued]);
    }
    let copy = Event::CopyAcknowledged { kind, id: id(), hash, post: post() };
    tell(approver, Command::AcknowledgeCopy { kind, id: id(), hash }, &[copy]);
    let reviewed = Event::DocumentReviewed { kind, id: id(), review, reason: reason() };
    tell(author, Command::ReviewDocument { kind, id: id(), review, reason: reason() }, &[reviewed]);
    for replaces in [None, Some(row)] {
        let withdrawn = Event::DocumentWithdrawn { kind, id: id(), hash, reason: reason(), replaces };
        tell(author, Command::WithdrawDocument { kind, id: id(), reason: reason() }, &[withdrawn]);
    }
    tell(&Actor::System, Command::TakeEffect { kind, id: id(), hash }, &[Event::DeliveryMade { due: row }]);
}

/// Documents of the site, a schedule that waits, fires, misses and ends, and steps of the wall clock.
pub(super) fn schedules() -> Log {
    let mut log = Log::new("office.example/site/1");
    let (system, coordinator) = (&Actor::System, &Actor::Person(person(1)));
    let mut tell = |actor: &Actor, command: Command, events: &[Event]| {
        log.tell(Told { actor, via: None, command, case: None }, None, events);
    };
    let document = || text("{ \"id\": \"in.central\" }\n");
    let hash = Hash::of(b"in.central");
    let deployed =
        |kind, ordinal| Event::DocumentDeployed { kind, hash, id: text("in.central"), version: 2, document: document(), ordinal };
    let review = Event::ReviewArmed { ordinal: 1, document: hash, at: at(9) };
    for (kind, ordinal) in [(DocumentKind::Calendar, Some(0)), (DocumentKind::Norm, None)] {
        let mut events = vec![deployed(kind, ordinal)];
        events.extend((kind == DocumentKind::Norm).then(|| review.clone()));
        tell(coordinator, Command::DeployDocument { kind, document: document() }, &events);
    }
    let (schedule, version) = (|| text("sqm.audit"), Hash::of(b"sqm.audit"));
    let armed = |ordinal, at, replaces| Event::ScheduleArmed { ordinal, schedule: schedule(), document: version, at, replaces };
    let kind = DocumentKind::Schedule;
    tell(coordinator, Command::DeployDocument { kind, document: document() }, &[deployed(kind, None), armed(0, at(1), None)]);
    let (anchor, day) = (text("charter-issued"), date(2026, 11, 22));
    let given = Event::AnchorGiven { anchor: anchor.clone(), date: day };
    let before = Made { command: engine::model::CommandId([9; 16]), ordinal: 0 };
    tell(coordinator, Command::GiveAnchor { anchor, date: day }, &[given, armed(0, at(1), Some(before))]);
    let missed = Event::ScheduleMissed { schedule: schedule(), document: version, from: at(1), to: at(2), count: 7 };
    let fired = Event::ScheduleFired { schedule: schedule(), document: version, at: at(3) };
    let due = Made { command: engine::model::CommandId([9; 16]), ordinal: 1 };
    let command = Command::FireSchedule { schedule: schedule(), document: version, at: at(1) };
    tell(system, command.clone(), &[Event::DeliveryMade { due }, missed, fired, armed(0, at(4), None)]);
    let ended = |replaces| Event::ScheduleEnded { schedule: schedule(), document: version, replaces };
    tell(system, command, &[Event::DeliveryMade { due }, ended(None)]);
    tell(coordinator, Command::DeployDocument { kind, document: document() }, &[deployed(kind, None), ended(Some(due))]);
    tell(system, Command::NoteDelivery {}, &[Event::DeliveryMade { due }]);
    for (before, after, at_start) in [(at(5), at(3_605), false), (at(3_605), at(6), true)] {
        let stepped = Event::TimeStepped { before, after, by: after.0 - before.0, at_start };
        tell(system, Command::NoteStep { before, after, at_start }, &[stepped]);
    }
    control(&mut tell);
    log
}
