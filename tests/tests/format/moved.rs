//! The log of a case that was moved to another version of its process.

use engine::digest::Hash;
use engine::journal::event::{Counted, Event, Reckoning};
use engine::journal::{Actor, Command};
use engine::model::id::Made;
use engine::model::moving::{Authority, Consent, Mapping, Taken};
use engine::model::{Time, Values};
use engine::norm::Terms;

use super::log::{Case, Log, Told, person, post, text};

/// A case with a task, a job and a clock, moved with all that a move may say.
pub(super) fn moves() -> Log {
    let mut log = Log::new("office.example/unit/mumbai-3/1");
    let (owner, via) = (&Actor::Person(person(2)), &post());
    let (from, definition, norm) = (Hash::of(b"svc.refund"), Hash::of(b"svc.refund 2"), Hash::of(b"cbic.refund"));
    let command = Command::StartInstance { process: text("svc.refund"), definition: None, number: None, data: Values::new() };
    let started = [
        Event::InstanceStarted {
            definition: from,
            process: text("svc.refund"),
            number: None,
            caller: None,
            calls: [].into(),
            norms: [(text("cbic.refund"), norm)].into(),
            data: Values::new(),
        },
        Event::StepEntered { token: 0, step: text("decide"), scope: 0, flow: None },
        Event::ClockStarted {
            ordinal: 0,
            clock: text("cbic.refund"),
            norm,
            terms: Some(Terms { edition: 0, limit: 0 }),
            attributes: [].into(),
            planned: None,
            step: text("decide"),
            reckoning: Reckoning { due: Some(Time(1_790_000_000_000_000)), ..Reckoning::default() },
        },
        Event::TaskCreated {
            ordinal: 1,
            token: 0,
            step: text("decide"),
            role: text("inspector"),
            only: None,
            due: None,
            counted: None,
            by: None,
        },
        Event::StepEntered { token: 1, step: text("register"), scope: 0, flow: None },
        Event::JobCreated {
            ordinal: 2,
            token: 1,
            step: text("register"),
            topic: text("ledger"),
            retries: 3,
            data: Values::new(),
        },
    ];
    let told = Told { actor: owner, via: Some(via), command, case: Some(Case::New) };
    let instance = log.tell(told, Some(from), &started);
    let made = |ordinal: u16| Made { command: instance, ordinal };
    let mapping = Mapping {
        steps: [(text("decide"), text("order")), (text("register"), text("enter"))].into(),
        unset: vec![text("remarks")],
        keep: vec![text("cbic.acknowledge")],
        end: vec![text("cbic.refund")],
        begin: vec![text("cbic.decision")],
    };
    let date = "2026-04-01".parse().expect("a date");
    let consent = Some(Consent { by: text("the applicant"), date, record: text("Letter 44/2026") });
    let authority = Authority { order: text("OO 7/2026"), reason: text("Issue 2"), consent };
    let (to, at) = (Time(1_790_000_000_000_000), Time(1_780_000_000_000_000));
    let moved = [
        Event::InstanceMoved {
            from,
            definition,
            mapping: mapping.clone(),
            authority: authority.clone(),
            flows: [(text("decide>join"), text("order>join"))].into(),
            clocks: [(text("cbic.reply"), text("reply"))].into(),
            calls: [(text("sqm.nc"), Hash::of(b"sqm.nc"))].into(),
            norms: [(text("cbic.decision"), Hash::of(b"cbic.decision"))].into(),
            losses: vec![Taken { right: text("right.clock-ends"), name: text("cbic.refund") }],
        },
        Event::ClockEnded { clock: made(0) },
        Event::JobMapped {
            job: made(2),
            step: text("enter"),
            topic: text("ledger"),
            retries: 2,
            available: at,
            worker: Some(text("ledger-1")),
        },
        Event::TaskMapped {
            task: made(1),
            step: text("order"),
            role: text("inspector"),
            only: Some(person(3)),
            person: Some(person(3)),
            created: at,
            due: Some(to),
            counted: Some(Counted { from: at, calendar: vec![Hash::of(b"calendar")], provisional: false }),
            by: Some(to),
        },
    ];
    let command = Command::MoveInstance { instance, from, definition, mapping, authority };
    log.tell(Told { actor: owner, via: Some(via), command, case: Some(Case::Old(instance)) }, Some(definition), &moved);
    log
}
