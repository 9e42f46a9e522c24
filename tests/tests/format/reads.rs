//! The access log: who has read personal values.

use engine::journal::event::Event;
use engine::journal::{Actor, Command};
use engine::model::reading::{CaseRead, Reading, Through};
use engine::model::{CommandId, InstanceId};

use super::log::{Log, Told, person, post, text};

/// An official reads through each place there is; an applicant, who holds no post, the slip; and a bundle discloses two cases.
pub(super) fn reads() -> Log {
    let mut log = Log::new("office.example/unit/access/1");
    let case = |n: u8| InstanceId { unit: "mumbai-3".parse().expect("a unit"), command: CommandId([n; 16]) };
    let read = |n: u8, names: &[&str]| CaseRead { case: case(n), names: names.iter().map(|name| text(name)).collect() };
    let mut tell = |who: u8, reading: Reading| {
        let (actor, via) = (Actor::Person(person(who)), post());
        let via = (who == 1).then_some(&via);
        let told = Told { actor: &actor, via, command: Command::NoteRead(reading.clone()), case: None };
        log.tell(told, None, &[Event::ValuesRead(reading)]);
    };
    for through in Through::ALL {
        tell(1, Reading { through, cases: vec![read(7, &["name", "phone"])] });
    }
    tell(2, Reading { through: Through::Slip, cases: vec![read(7, &["name"])] });
    tell(1, Reading { through: Through::Bundle, cases: vec![read(7, &["name", "phone"]), read(8, &["name"])] });
    log
}
