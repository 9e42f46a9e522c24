//! Readings of personal values as the machine takes them: where, by whom, in which form; and which of them are the same.

use engine::journal::{Actor, Command, Envelope};
use engine::machine::reading::{SAME_SECONDS, key};
use engine::model::id::Made;
use engine::model::reading::{CaseRead, Reading, Through};
use engine::model::{CommandId, InstanceId, Time, UnitId};
use engine::runtime::Refusal;
use engine::store::memory::MemoryStore;
use engine::store::{ReadingQuery, Store};
use tests::world::{World, small_office};

fn read(n: u8, names: &[&str]) -> CaseRead {
    let case = InstanceId { unit: "office".parse().expect("a unit"), command: CommandId([n; 16]) };
    CaseRead { case, names: names.iter().map(|name| (*name).to_owned()).collect() }
}

fn of(cases: Vec<CaseRead>) -> Reading {
    Reading { through: Through::CasePage, cases }
}

#[test]
fn the_same_within_the_hour_has_one_key() {
    let at = |seconds: i64| Time(seconds * 1_000_000);
    let one = of(vec![read(1, &["name", "phone"])]);
    let check = |time: Time, reading: &Reading, same: bool| {
        assert_eq!(key(at(SAME_SECONDS), &one) == key(time, reading), same, "{time:?} {reading:?}");
    };
    check(at(SAME_SECONDS), &one, true);
    check(at(2 * SAME_SECONDS - 1), &one, true);
    check(at(2 * SAME_SECONDS), &one, false);
    check(at(SAME_SECONDS - 1), &one, false);
    let others = [
        Reading { through: Through::Slip, ..one.clone() },
        of(vec![read(1, &["name"])]),
        of(vec![read(2, &["name", "phone"])]),
        of(vec![read(1, &["name", "phone"]), read(2, &["name"])]),
    ];
    others.iter().for_each(|other| check(at(SAME_SECONDS), other, false));
}

#[tokio::test]
async fn readings_are_noted_in_their_log_by_people() {
    let world = World::new(MemoryStore::default(), &small_office(), "office").await;
    let good = of(vec![read(1, &["name", "phone"]), read(2, &["name"])]);
    let note = async |unit: &UnitId, actor: Actor, reading: &Reading| {
        let envelope = Envelope::new(actor, &world.key(), Command::NoteRead(reading.clone()));
        world.engine.submit(unit, envelope).await
    };
    let asha = || Actor::Person(world.person("asha"));
    let check = async |unit: &UnitId, actor: Actor, reading: &Reading, code: &str| match note(unit, actor, reading).await {
        Err(Refusal::Rejected(rejection)) => assert_eq!(rejection.code, code, "{reading:?}"),
        other => panic!("{other:?}: {reading:?}"),
    };
    let access = UnitId::access();
    check(&world.unit, asha(), &good, "read.wrong-log").await;
    check(&UnitId::site(), asha(), &good, "read.wrong-log").await;
    check(&access, Actor::System, &good, "actor.not-a-person").await;
    for cases in [
        vec![],
        vec![read(1, &[])],
        vec![read(1, &["phone", "name"])],
        vec![read(1, &["name", "name"])],
        vec![read(1, &["no name"])],
        vec![read(2, &["name"]), read(1, &["name"])],
        vec![read(1, &["name"]), read(1, &["name"])],
        vec![read(1, &["name"]); 1_001],
    ] {
        check(&access, asha(), &of(cases), "read.malformed").await;
    }
    assert!(world.engine.store().head(&access).await.expect("it answers").is_none(), "what is refused leaves nothing");

    // Also while commands are held, since nobody signs: nothing is decided by reading.
    world.engine.hold(true);
    let accepted = note(&access, asha(), &good).await.expect("it is noted");
    let task = Made { command: CommandId([1; 16]), ordinal: 0 };
    let claim = world.submit("asha", Command::ClaimTask { task }).await;
    assert!(matches!(claim, Err(Refusal::Unsigned)), "{claim:?}");
    world.engine.hold(false);
    assert_eq!(&*accepted.log, "office.example/unit/access/1");
    assert_eq!((accepted.entry.index, accepted.entry.via.as_ref().map(ToString::to_string)), (0, Some("post-a".to_owned())));
    assert_eq!(accepted.instance(), None, "cases of two units may have one id");
    let rows = world.engine.store().readings(&access, &ReadingQuery { limit: 9, ..ReadingQuery::default() }).await;
    let rows = rows.expect("it answers");
    let told: Vec<_> = rows.iter().map(|row| (&row.case, row.names.as_str(), row.entry)).collect();
    assert_eq!(told, [(&good.cases[0].case, "name phone", 0), (&good.cases[1].case, "name", 0)]);

    // Who holds no post over the case's unit reads as themselves.
    let other = InstanceId { unit: "elsewhere".parse().expect("a unit"), command: CommandId([3; 16]) };
    let strange = of(vec![CaseRead { case: other, names: vec!["name".to_owned()] }]);
    assert_eq!(note(&access, asha(), &strange).await.expect("it is noted").entry.via, None);
}
