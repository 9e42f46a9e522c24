//! Two logs told by hand that came with reports: a unit that keeps them, and the site whose schedules ask for them.

use engine::digest::Hash;
use engine::journal::event::Event;
use engine::journal::{Actor, Command};
use engine::model::bundle::{Chosen, Instant};
use engine::model::id::Made;
use engine::model::report::{
    Content, Cut, Digest, DueTask, Load, NormKept, Performance, Report, ReportKind, WarnedClock, Weedable, Weeding,
};
use engine::model::{CommandId, Time};

use super::log::{Log, Told, person, post, text};

fn at(seconds: i64) -> Time {
    Time(1_795_320_000_000_000 + seconds * 1_000_000)
}

/// A report of each kind, with every member there and with every member left out.
pub(super) fn reports() -> Log {
    let mut log = Log::new("office.example/unit/mumbai-3/1");
    let mut tell = |schedule: &str, report: Report| {
        let (document, schedule) = (Hash::of(schedule.as_bytes()), text(schedule));
        let command = Command::MakeReport { schedule: schedule.clone(), document, report: report.clone() };
        let made = Event::ReportMade { ordinal: 0, schedule, document, report };
        log.tell(Told { actor: &Actor::System, via: None, command, case: None }, None, &[made]);
    };
    let case = CommandId([7; 16]);
    let made = |ordinal| Made { command: case, ordinal };
    let load = |post, person, open| Load { role: text("inspector"), post, person, open, overdue: 1, today: 2, soon: 3 };
    let task = |ordinal, person, due| DueTask {
        task: made(ordinal),
        instance: case,
        process: text("svc.refund"),
        step: text("verify"),
        role: text("inspector"),
        person,
        due,
    };
    let clock = |due| WarnedClock { clock: made(9), instance: case, process: text("svc.refund"), norm: text("cbic.refund"), due };
    let digest = Digest {
        today: at(50_000),
        soon: at(309_200),
        load: Cut { items: vec![load(None, None, 6), load(Some(post()), Some(person(2)), 7)], omitted: 0 },
        tasks: Cut { items: vec![task(0, None, at(-1)), task(1, Some(person(2)), at(1))], omitted: 4 },
        clocks: Cut { items: vec![clock(Some(at(2))), clock(None)], omitted: 0 },
    };
    tell("sqm.digest", Report { at: at(0), partial: true, content: Content::Digest(digest) });
    let kept = NormKept {
        norm: text("cbic.refund"),
        started: 9,
        kept: 7,
        missed: 1,
        cancelled: 1,
        running: 3,
        overdue: 2,
        median_seconds: Some(86_400),
        ninetieth_seconds: Some(172_800),
    };
    let idle = NormKept { norm: text("grv.reply"), ..NormKept::default() };
    for from in [Some(at(-86_400)), None] {
        let performance = Performance { from, norms: Cut { items: vec![kept.clone(), idle.clone()], omitted: 0 } };
        tell("sqm.performance", Report { at: at(0), partial: false, content: Content::Performance(performance) });
    }
    // Handed out: all that can be said, and no more than must be.
    let (unit, at) = (|| "mumbai-3".parse().expect("a unit"), |seconds| Some(Instant(at(seconds))));
    let all = Chosen { unit: unit(), cases: vec![case], processes: vec![text("svc.refund")], from: at(-9), to: at(0) };
    let least = Chosen { unit: unit(), cases: Vec::new(), processes: Vec::new(), from: None, to: None };
    for (chosen, withheld) in [(all, Some(text("RTI Act s. 8(1)(j)"))), (least, None)] {
        let (bundle, purpose) = (Hash::of(b"a bundle"), text("Surveillance audit 2026"));
        let command =
            Command::NoteBundle { bundle, chosen: chosen.clone(), withheld: withheld.clone(), purpose: purpose.clone() };
        let made = Event::BundleMade { bundle, chosen, withheld, purpose };
        let actor = Actor::Person(person(2));
        log.tell(Told { actor: &actor, via: None, command, case: None }, None, &[made]);
    }
    log
}

/// The weeding list, which came later, with every member there and with every member left out.
pub(super) fn weeding() -> Log {
    let mut log = Log::new("office.example/unit/mumbai-3/1");
    let weedable = |ordinal, held| Weedable {
        instance: CommandId([ordinal; 16]),
        process: text("svc.refund"),
        ended: at(-9),
        until: "2026-11-21".parse().expect("a day"),
        held,
        proposed: held,
    };
    let cases = Cut { items: vec![weedable(7, true), weedable(8, false)], omitted: 0 };
    let report = Report { at: at(0), partial: false, content: Content::Weeding(Weeding { cases }) };
    let (document, schedule) = (Hash::of(b"records.weeding"), || text("records.weeding"));
    let command = Command::MakeReport { schedule: schedule(), document, report: report.clone() };
    let made = Event::ReportMade { ordinal: 0, schedule: schedule(), document, report };
    log.tell(Told { actor: &Actor::System, via: None, command, case: None }, None, &[made]);
    log
}

/// Schedules that fall, and what they ask for.
pub(super) fn requests() -> Log {
    let mut log = Log::new("office.example/site/1");
    let (schedule, document) = (|| text("sqm.performance"), Hash::of(b"sqm.performance"));
    let fired = Event::ScheduleFired { schedule: schedule(), document, at: at(0) };
    let requested = |ordinal, kind, from| Event::ReportRequested {
        ordinal,
        unit: "mumbai-3".parse().expect("a unit"),
        schedule: schedule(),
        document,
        kind,
        at: at(0),
        from,
    };
    let events = [fired, requested(0, ReportKind::Performance, Some(at(-1))), requested(1, ReportKind::Digest, None)];
    let command = Command::FireSchedule { schedule: schedule(), document, at: at(0) };
    log.tell(Told { actor: &Actor::System, via: None, command, case: None }, None, &events);
    log
}
