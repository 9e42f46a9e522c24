//! `bench norms`: how fast a deadline is reckoned, beside numpy where Python has it; how long an amended calendar takes to reach all
//! running clocks; and how fast clocks that all end at once are carried out.

use std::hint::black_box;
use std::path::Path;
use std::process::Command as Process;
use std::sync::Arc;
use std::time::Instant;

use engine::graph::Library;
use engine::journal::Command;
use engine::model::document::DocumentKind;
use engine::model::{Time, UnitId, Values};
use engine::norm::{Ledger, Terms, reckon};
use engine::runtime::clock::ManualClock;
use engine::runtime::{Engine, Options};
use jiff::ToSpan;
use jiff::civil::date;
use serde_json::{Value, json};

use super::office;
use crate::cli::database;
use crate::cli::output::{self, Failure};

/// Deadlines that are reckoned for one figure.
const DEADLINES: i64 = 1_000_000;
/// Days of which they start, one after the other.
const DAYS: i64 = 7_000;
/// The norm's length, in working days.
const WORKING_DAYS: u32 = 30;

/// The figures.
struct Figures {
    reckoned_ns: f64,
    counted_ns: f64,
    numpy: Option<(f64, f64)>,
    cases: u64,
    started_s: f64,
    amended_s: f64,
    moved: u64,
    drained_s: f64,
    drained: u64,
}

/// Measures and prints.
pub(super) async fn run(dir: &Path, cases: u32, as_json: bool) -> Result<(), Failure> {
    let (reckoned_ns, counted_ns) = deadlines()?;
    let numpy = numpy();
    let mut figures = many(dir, cases).await?;
    (figures.reckoned_ns, figures.counted_ns, figures.numpy) = (reckoned_ns, counted_ns, numpy);
    if as_json {
        output::json(&figures.json());
    } else {
        output::line(&figures.text());
    }
    Ok(())
}

impl Figures {
    fn json(&self) -> Value {
        json!({
            "deadline": {
                "workingDays": WORKING_DAYS, "reckonNs": self.reckoned_ns, "addWorkingDaysNs": self.counted_ns,
                "numpyOneByOneNs": self.numpy.map(|(one, _)| one), "numpyVectorisedNs": self.numpy.map(|(_, all)| all)
            },
            "amendment": { "cases": self.cases, "moved": self.moved, "seconds": self.amended_s },
            "atOnce": { "clocks": self.drained, "seconds": self.drained_s },
            "startSeconds": self.started_s
        })
    }

    fn text(&self) -> String {
        let numpy = match self.numpy {
            Some((one, all)) => format!(
                "  numpy.busday_offset, one by one {one:>8.0} ns   ({:.1} x ours)\n  numpy.busday_offset, vectorised {all:>8.0} ns   ({:.1} x ours)",
                one / self.counted_ns,
                all / self.counted_ns
            ),
            None => "  numpy is not there: python3 with numpy would be measured beside it".to_owned(),
        };
        format!(
            "A deadline {WORKING_DAYS} working days on, 20 years of holidays\n  a norm's whole deadline         {:>8.0} ns\n  working days alone              {:>8.0} ns\n{numpy}\n\n\
             {} running clocks (started in {:.1} s)\n  an amended calendar reached all in {:.2} s; {} deadlines moved, each on the record\n  \
             {} clocks that ended at once were carried out in {:.2} s: {:.0} a second",
            self.reckoned_ns,
            self.counted_ns,
            self.cases,
            self.started_s,
            self.amended_s,
            self.moved,
            self.drained,
            self.drained_s,
            float(self.drained) / self.drained_s.max(f64::EPSILON),
        )
    }
}

#[expect(clippy::cast_precision_loss, reason = "figures to look at")]
fn float(n: u64) -> f64 {
    n as f64
}

/// Fourteen holidays a year, from 2015 to 2034, on any days of the week.
fn holidays() -> Vec<jiff::civil::Date> {
    let fixed = [
        (1, 26),
        (3, 4),
        (3, 21),
        (3, 26),
        (3, 31),
        (4, 3),
        (5, 1),
        (5, 27),
        (6, 26),
        (8, 15),
        (8, 26),
        (10, 2),
        (10, 20),
        (12, 25),
    ];
    (2015..2035).flat_map(|year| fixed.map(|(month, day)| date(year, month, day))).collect()
}

fn calendar(extra: Option<&str>) -> String {
    let hours = json!([{ "from": "09:30", "to": "18:00" }]);
    let mut days: Vec<Value> =
        holidays().into_iter().map(|day| json!({ "date": day.to_string(), "title": { "en": "Holiday" } })).collect();
    days.extend(extra.map(|day| json!({ "date": day, "title": { "en": "By order" } })));
    json!({
        "id": "bench", "title": { "en": "Benchmark" }, "owner": { "post": "clerk-1" }, "zone": "Asia/Kolkata",
        "week": { "monday": hours, "tuesday": hours, "wednesday": hours, "thursday": hours, "friday": hours },
        "covers": { "from": "2015-01-01", "to": "2034-12-31" }, "holidays": days
    })
    .to_string()
}

fn norm() -> String {
    json!({
        "id": "bench", "title": { "en": "Benchmark" }, "owner": { "post": "clerk-1" }, "calendar": "bench",
        "clock": { "start": "started", "stop": ["ended"] },
        "editions": [{ "title": { "en": "One" }, "source": ["none"], "limits": [{ "within": { "workingDays": WORKING_DAYS } }] }]
    })
    .to_string()
}

fn process() -> String {
    json!({
        "id": "bench.timed", "title": { "en": "Timed" }, "owner": { "post": "clerk-1" },
        "steps": [
            { "id": "start", "type": "startEvent", "next": "work" },
            { "id": "work", "type": "userTask", "performer": { "role": "clerk" }, "next": "end" },
            { "id": "end", "type": "endEvent" }
        ],
        "clocks": [{ "norm": "bench", "bind": { "started": { "leaving": "start" }, "ended": { "leaving": "work" } } }]
    })
    .to_string()
}

/// Nanoseconds for a deadline, and for its working days alone.
fn deadlines() -> Result<(f64, f64), Failure> {
    let bad = |what: &str| Failure::Refused(format!("The benchmark's {what} does not compile."));
    let mut library = Library::default();
    for (kind, text) in [(DocumentKind::Calendar, calendar(None)), (DocumentKind::Norm, norm())] {
        let checked = library.check(kind, &text).map_err(|_| bad(kind.name()))?;
        library.take_in(&checked, 1);
    }
    let working = library.calendar("bench").ok_or_else(|| bad("calendar"))?;
    let norm = &library.newest_norm("bench").ok_or_else(|| bad("norm"))?.document;
    let terms = Terms { edition: 0, limit: 0 };
    let first = Time::parse("2015-02-02T05:00:00Z").unwrap_or(Time(0));
    let mut ledger = Ledger { start: first, planned: None, rests: Vec::new(), extensions: Vec::new() };
    let begun = Instant::now();
    for n in 0..DEADLINES {
        ledger.start = first.plus_seconds(n % DAYS * 86_400);
        let _ = black_box(reckon(norm, terms, black_box(&ledger), &working.calendar));
    }
    let reckoned = nanoseconds(begun);
    let days: Vec<_> = (0..DAYS).filter_map(|n| date(2015, 2, 2).checked_add(n.days()).ok()).collect();
    let begun = Instant::now();
    for n in 0..usize::try_from(DEADLINES).unwrap_or(0) {
        let day = days[n % days.len()];
        let counted =
            working.calendar.add_working_days(black_box(day), i64::from(WORKING_DAYS), engine::model::calendar::Roll::Forward);
        let _ = black_box(counted);
    }
    Ok((reckoned, nanoseconds(begun)))
}

fn nanoseconds(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1e9 / float(DEADLINES.unsigned_abs())
}

/// The same by numpy, where Python has it: nanoseconds one by one, and vectorised.
fn numpy() -> Option<(f64, f64)> {
    const SCRIPT: &str = "
import sys, time
import numpy as np
calendar = np.busdaycalendar(holidays=[day for day in sys.argv[1].split(',')])
days = np.arange('2015-02-02', '2034-04-04', dtype='datetime64[D]')[:7000]
few = 20000
begun = time.perf_counter()
for n in range(few):
    np.busday_offset(days[n % 7000], 30, roll='forward', busdaycal=calendar)
one = (time.perf_counter() - begun) / few * 1e9
many = np.tile(days, 143)
begun = time.perf_counter()
np.busday_offset(many, 30, roll='forward', busdaycal=calendar)
print(one, (time.perf_counter() - begun) / len(many) * 1e9)
";
    let days: Vec<String> = holidays().iter().map(ToString::to_string).collect();
    let done = Process::new("python3").arg("-c").arg(SCRIPT).arg(days.join(",")).output().ok()?;
    let text = String::from_utf8(done.stdout).ok().filter(|_| done.status.success())?;
    let (one, all) = text.trim().split_once(' ')?;
    Some((one.parse().ok()?, all.parse().ok()?))
}

/// Many running clocks on an SQLite file: an amended calendar, and then the end of all of them.
async fn many(dir: &Path, cases: u32) -> Result<Figures, Failure> {
    let start = Time::parse("2026-01-05T05:00:00Z").unwrap_or(Time(0));
    let clock = Arc::new(ManualClock::new(start));
    let store = database::open_file(&dir.join("norms.db")).await?;
    let options = Options { clock: Arc::clone(&clock) as Arc<_>, ..Options::default() };
    let engine = Engine::open(store, options).await.map_err(Failure::store)?;
    office::set_up(&engine).await?;
    let unit = office::unit()?;
    deploy(&engine).await?;

    let begun = Instant::now();
    office::start_many(&engine, "bench.timed", cases, &Values::new()).await?;
    let started_s = begun.elapsed().as_secs_f64();

    let begun = Instant::now();
    let before = size(&engine, &unit).await?;
    let amended = Command::DeployDocument { kind: DocumentKind::Calendar, document: calendar(Some("2026-01-20")) };
    office::submit(&engine, &UnitId::site(), amended).await?;
    engine.settle().await.map_err(Failure::store)?;
    let amended_s = begun.elapsed().as_secs_f64();
    let moved = size(&engine, &unit).await? - before;

    clock.move_to(start.plus_seconds(90 * 86_400));
    let begun = Instant::now();
    let before = size(&engine, &unit).await?;
    engine.settle().await.map_err(Failure::store)?;
    let drained_s = begun.elapsed().as_secs_f64();
    let drained = size(&engine, &unit).await? - before;
    engine.stop().await;
    engine.store().close().await.map_err(Failure::store)?;
    Ok(Figures {
        reckoned_ns: 0.0,
        counted_ns: 0.0,
        numpy: None,
        cases: u64::from(cases),
        started_s,
        amended_s,
        moved,
        drained_s,
        drained,
    })
}

/// Deploys the norm, its calendar, and the process `bench.timed` under it.
pub(super) async fn deploy(engine: &crate::app::Engine) -> Result<(), Failure> {
    let site = UnitId::site();
    for (kind, document) in [(DocumentKind::Calendar, calendar(None)), (DocumentKind::Norm, norm())] {
        office::submit(engine, &site, Command::DeployDocument { kind, document }).await?;
    }
    office::submit(engine, &office::unit()?, Command::DeployDefinition { document: process() }).await
}

async fn size(engine: &crate::app::Engine, unit: &UnitId) -> Result<u64, Failure> {
    use engine::store::Store;
    Ok(engine.store().head(unit).await.map_err(Failure::store)?.map_or(0, |head| head.size))
}
