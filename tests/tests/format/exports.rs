//! The log of a unit whose cases were handed out for other tools: all that can be said, and no more than must be.

use engine::digest::Hash;
use engine::journal::event::{Event, Exported};
use engine::journal::{Actor, Command};
use engine::model::Time;
use engine::model::bundle::{Chosen, Instant};

use super::log::{Log, Told, person, text};

/// A register of a process and a period with its purpose, entries byte for byte, and an event log of everything.
pub(super) fn exports() -> Log {
    let mut log = Log::new("office.example/unit/mumbai-3/1");
    let at = |text: &str| Some(Instant(Time::parse(text).expect("an instant")));
    let least =
        || Chosen { unit: "mumbai-3".parse().expect("a unit"), cases: Vec::new(), processes: Vec::new(), from: None, to: None };
    let of_process = Chosen {
        processes: vec![text("svc.refund")],
        from: at("2026-04-01T00:00:00Z"),
        to: at("2026-10-01T00:00:00Z"),
        ..least()
    };
    for (file, chosen, entries, purpose) in [
        ("cases.csv", of_process, None, Some(text("Half-yearly return"))),
        ("entries", least(), Some([0, 49]), None),
        ("cases.xes", least(), None, None),
    ] {
        let exported = Exported { export: Hash::of(file.as_bytes()), file: text(file), chosen, entries, purpose };
        let command = Command::NoteExport(exported.clone());
        let actor = Actor::Person(person(2));
        log.tell(Told { actor: &actor, via: None, command, case: None }, None, &[Event::ExportMade(exported)]);
    }
    log
}
