//! Makes journals and rows: real entries, sealed by the codec, and rows from a seed.

use std::collections::BTreeMap;

use engine::digest::{Frontier, Hash, leaf_hash};
use engine::journal::codec::{Draft, seal};
use engine::journal::entry::Link;
use engine::journal::{Actor, Event, Origin, Sealed};
use engine::model::id::Made;
use engine::model::reading::Through;
use engine::model::{CommandId, InstanceId, PersonId, Time, UnitId};
use engine::projection::RowChange;
use engine::projection::row::*;
use engine::store::{Batch, Head, Store};
use serde_json::json;

/// A small generator (splitmix64): the same seed, the same journal.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    pub(super) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    pub(super) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len() as u64) as usize]
    }
}

pub(super) fn command(n: u64) -> CommandId {
    let bytes = Hash::of(&n.to_be_bytes());
    CommandId(bytes.as_bytes()[..16].try_into().unwrap())
}

pub(super) fn made(n: u64) -> Made {
    Made { command: command(n), ordinal: (n % 300) as u16 }
}

pub(super) fn person(n: u64) -> PersonId {
    PersonId::of(command(1_000_000 + n))
}

pub(super) fn unit(name: &str) -> UnitId {
    name.parse().unwrap()
}

/// One unit's log as its writer sees it.
#[derive(Clone)]
pub(super) struct Log {
    pub(super) unit: UnitId,
    pub(super) size: u64,
    frontier: Frontier,
    cases: BTreeMap<CommandId, (u64, Hash)>,
    salt: u8,
}

impl Log {
    pub(super) fn new(name: &str) -> Self {
        Self { unit: unit(name), size: 0, frontier: Frontier::new(), cases: BTreeMap::new(), salt: 0 }
    }

    fn origin(&self) -> String {
        format!("office.example/unit/{}/1", self.unit)
    }

    /// One of five cases at most, or one that the command of this id shall begin.
    pub(super) fn some_case(&self, random: &mut Random, id: CommandId) -> CommandId {
        if self.cases.len() < 5 { id } else { *random.pick(&self.cases.keys().copied().collect::<Vec<_>>()) }
    }

    /// An entry of this command, in this case if any, with a personal value now and then. A case is begun by the command of its name.
    pub(super) fn entry(&mut self, id: CommandId, case: Option<CommandId>) -> Sealed {
        let index = self.size;
        let before = case.and_then(|case| self.cases.get(&case).copied());
        let link = case.map(|instance| Link {
            instance,
            sequence: before.map_or(1, |(sequence, _)| sequence + 1),
            previous: before.map(|(_, hash)| hash),
        });
        let values =
            [("amount", json!("12.50")), ("phone", json!("98200 \u{0}\u{7f} \u{928}\u{92e} \"quoted\"")), ("name", json!(null))];
        let values = values.into_iter().take((index % 4) as usize).map(|(name, value)| (name.to_owned(), value)).collect();
        let time = Time(1_700_000_000_000_000 + i64::try_from(index).unwrap());
        let origin = Origin { command: id, actor: Actor::System, time };
        let log = self.origin();
        let draft = Draft {
            log: &log,
            index,
            kind: "task.completed",
            origin: &origin,
            via: None,
            content: Hash::of(&id.0),
            link,
            definition: case.map(|case| Hash::of(&case.0)),
            events: &[Event::VariablesSet { scope: 0, values }, Event::InstanceResumed],
        };
        let salt = &mut self.salt;
        let sealed = seal(&draft, &|_, name| (name != "amount").then_some(name), &mut || {
            *salt = salt.wrapping_add(1);
            [*salt; 32]
        });
        let sealed = sealed.unwrap();
        let hash = leaf_hash(sealed.leaf.as_bytes());
        self.frontier.push(hash);
        self.size += 1;
        if let Some(link) = link {
            self.cases.insert(link.instance, (link.sequence, hash));
        }
        sealed
    }

    /// A batch of these entries, which were just made, and changes.
    pub(super) fn batch(&self, entries: Vec<Sealed>, changes: Vec<RowChange>) -> Batch {
        let time = entries.last().map_or(Time(7), |entry| entry.time);
        let head = Head { origin: self.origin(), size: self.size, frontier: self.frontier.to_bytes(), time };
        Batch { unit: self.unit.clone(), from: self.size - entries.len() as u64, head, entries, changes }
    }

    /// A batch of entries of these commands, outside any case.
    pub(super) fn commands(&mut self, ids: impl IntoIterator<Item = u64>, changes: Vec<RowChange>) -> Batch {
        let entries = ids.into_iter().map(|n| self.entry(command(n), None)).collect();
        self.batch(entries, changes)
    }
}

pub(super) fn instance(n: u64) -> InstanceRow {
    InstanceRow {
        id: command(n),
        definition: Hash::of(b"definition"),
        process: "svc.refund".to_owned(),
        number: None,
        parent: None,
        status: InstanceStatus::Active,
        started_by: "system".to_owned(),
        started: Time(n.cast_signed()),
        ended: None,
    }
}

pub(super) fn task(n: u64, case: u64) -> TaskRow {
    TaskRow {
        id: made(n),
        instance: command(case),
        definition: Hash::of(b"definition"),
        process: "svc.refund".to_owned(),
        step: "scrutinise".to_owned(),
        role: "inspector".to_owned(),
        only: None,
        assignee: None,
        held: false,
        created: Time(1),
        due: None,
    }
}

pub(super) fn job(n: u64, case: u64) -> JobRow {
    JobRow {
        id: made(n),
        instance: command(case),
        step: "pay".to_owned(),
        topic: "payment".to_owned(),
        retries: 3,
        available: Time(10),
        worker: None,
        held: false,
    }
}

pub(super) fn due(n: u64, case: Option<u64>, at: i64) -> DueRow {
    DueRow { id: made(n), kind: DueKind::Timer, at: Time(at), instance: case.map(command), held: false }
}

pub(super) fn subscription(n: u64, case: u64) -> SubscriptionRow {
    SubscriptionRow {
        id: made(n),
        instance: command(case),
        name: "paid".to_owned(),
        key: "k".to_owned(),
        opened: Time(n.cast_signed()),
        held: false,
    }
}

pub(super) fn message(n: u64, expires: i64) -> MessageRow {
    MessageRow {
        id: made(n),
        name: "paid".to_owned(),
        key: "k".to_owned(),
        published: Time(n.cast_signed()),
        expires: Time(expires),
    }
}

pub(super) fn report(n: u64) -> ReportRow {
    let kind = ReportKind::ALL[(n % 3) as usize];
    ReportRow { id: made(n), kind, schedule: "sqm.digest".to_owned(), at: Time((n % 4).cast_signed()), made: Time(9) }
}

pub(super) fn reading(n: u64) -> ReadingRow {
    ReadingRow {
        id: made(n),
        entry: n,
        at: Time((n % 4).cast_signed()),
        person: person(n % 3),
        via: (!n.is_multiple_of(2)).then(|| "post-a".parse().unwrap()),
        case: InstanceId { unit: unit("mumbai-3"), command: command(n % 5) },
        names: "name phone".to_owned(),
        through: Through::ALL[(n % 10) as usize],
    }
}

/// How many open tasks a unit has, held ones too.
pub(super) async fn tasks_of(store: &impl Store, unit: &UnitId) -> usize {
    store.dump_rows(unit).await.unwrap().iter().filter(|line| line.starts_with("task ")).count()
}

/// Texts that a careless store would not give back as they were.
pub(super) const TEXTS: [&str; 7] = ["", "inspector", "it's; --", "\"\\\u{0}x", "नमस्ते \u{1f600}", "null", "12"];

/// A change of a small world, in which keys meet often.
pub(super) fn change(random: &mut Random) -> RowChange {
    let (n, case) = (random.below(12), random.below(5));
    let text = |random: &mut Random| (*random.pick(&TEXTS)).to_owned();
    let who = |random: &mut Random| (!random.one_in(2)).then(|| person(random.0 % 3));
    let at = Time(random.below(50).cast_signed() - 5);
    match random.below(21) {
        0 => RowChange::InstancePut(InstanceRow {
            process: text(random),
            number: random.one_in(2).then(|| text(random)),
            parent: random.one_in(2).then(|| command(case + 1)),
            started: at,
            started_by: text(random),
            ..instance(case)
        }),
        1..=3 => RowChange::InstanceStatus {
            instance: command(case),
            status: *random.pick(&[
                InstanceStatus::Active,
                InstanceStatus::Suspended,
                InstanceStatus::Suspended,
                InstanceStatus::Completed,
                InstanceStatus::Cancelled,
            ]),
            ended: random.one_in(2).then_some(at),
        },
        4 | 5 => RowChange::TaskPut(TaskRow {
            process: text(random),
            role: text(random),
            only: who(random),
            due: random.one_in(2).then_some(at),
            ..task(n, case)
        }),
        6 => RowChange::TaskAssign { task: made(n), assignee: who(random) },
        7 => RowChange::TaskDelete(made(n)),
        8 => RowChange::JobPut(JobRow { topic: text(random), retries: random.below(3) as u32, available: at, ..job(n, case) }),
        9 => RowChange::JobUpdate {
            job: made(n),
            retries: random.one_in(2).then_some(u32::MAX),
            available: at,
            worker: random.one_in(2).then(|| text(random)),
        },
        20 => RowChange::InstanceMove { instance: command(case), definition: Hash::of(&[u8::try_from(n).unwrap_or(0)]) },
        10 => RowChange::JobDelete(made(n)),
        11 => {
            // Clocks half the time, so that some cases have several rows and some of those are clocks; a clock always belongs to a case.
            let kind = if random.one_in(2) { DueKind::Clock } else { *random.pick(&DueKind::ALL) };
            let of_case = kind == DueKind::Clock || random.one_in(2);
            RowChange::DuePut(DueRow { kind, ..due(n, of_case.then_some(case), at.0) })
        }
        12 => RowChange::DueDelete(made(n)),
        13 => RowChange::SubscriptionPut(SubscriptionRow {
            name: text(random),
            key: text(random),
            opened: at,
            ..subscription(n, case)
        }),
        14 => match random.below(3) {
            0 => RowChange::SubscriptionDelete(made(n)),
            1 => RowChange::MessageDelete(made(n)),
            _ => RowChange::IncidentDelete(made(n)),
        },
        15 => RowChange::MessagePut(MessageRow { name: text(random), key: text(random), published: at, ..message(n, at.0 + 9) }),
        16 => RowChange::IncidentPut(IncidentRow {
            id: made(n),
            instance: command(case),
            code: text(random),
            message: text(random),
            raised: at,
        }),
        18 if n % 2 == 0 => {
            let through = *random.pick(&Through::ALL);
            RowChange::ReadingPut(ReadingRow { through, names: text(random), person: person(case), at, ..reading(n) })
        }
        18 => RowChange::ReportPut(ReportRow { kind: *random.pick(&ReportKind::ALL), schedule: text(random), at, ..report(n) }),
        17 => RowChange::DefinitionPut(DefinitionRow {
            hash: Hash::of(&n.to_be_bytes()),
            process: text(random),
            version: n as u32,
            document: text(random),
            deployed: at,
        }),
        _ => RowChange::SnapshotPut {
            instance: command(case),
            sequence: random.below(1 << 40),
            state: random.next().to_be_bytes()[..n.min(8) as usize].to_vec(),
        },
    }
}
