//! `replay`: scenarios are acted out again on an office in memory: whether procedures still do what they did when somebody tried them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use engine::model::Time;
use engine::runtime::clock::ManualClock;
use engine::runtime::{Engine, Options};
use engine::store::memory::MemoryStore;

use super::documents::Documents;
use super::output::{self, Failure};
use crate::app::trial::scenario::Scenario;
use crate::app::trial::stage::Stage;

/// When a scenario begins that does not say so.
const START: &str = "2026-04-01T04:30:00Z";

/// Act out scenarios: whether procedures still do what they did when they were tried
///
/// A trial on the page of a draft is downloaded as a scenario. Nothing is kept and nothing is sent. Without --definitions the shipped ones are played.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Scenario files
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// A folder laid out like `definitions/`: office.json, calendars, norms, processes
    #[arg(long, value_name = "DIR")]
    definitions: Option<PathBuf>,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let documents = args.definitions.map_or(Documents::Shipped, Documents::Folder);
    let mut differ = 0;
    for path in &args.files {
        let scenario = read(path)?;
        match act(&documents, &scenario).await? {
            Ok(()) => output::line(&format!("{}: {}: as it was", path.display(), scenario.title)),
            Err(what) => {
                differ += 1;
                output::line(&format!("{}: {}: {what}", path.display(), scenario.title));
            }
        }
    }
    if differ == 0 { Ok(()) } else { Err(Failure::Refused(format!("{differ} of {} differ.", args.files.len()))) }
}

/// A scenario, with the versions that it names beside it.
fn read(path: &Path) -> Result<Scenario, Failure> {
    let unfit = |what: String| Failure::Refused(format!("{}: {what}.", path.display()));
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).map_err(|error| error.to_string());
    let beside = |name: &str| {
        let file = path.parent().unwrap_or(Path::new("")).join(name);
        text(std::fs::read(&file).map_err(|error| format!("{name} cannot be read: {error}"))?)
    };
    Scenario::read(&text(output::read(path)?).map_err(unfit)?, beside).map_err(unfit)
}

/// Acts a scenario out; what differs from what it says.
async fn act(documents: &Documents, scenario: &Scenario) -> Result<Result<(), String>, Failure> {
    let begin = scenario.at.as_deref().unwrap_or(START);
    let unreadable = |what: &str| Failure::Refused(format!("{}: {what}.", scenario.title));
    let begin = Time::parse(begin).ok_or_else(|| unreadable("`at` is an instant as in RFC 3339"))?;
    let unit = scenario.unit.parse().map_err(|_| unreadable("`unit` names no unit"))?;
    let clock = Arc::new(ManualClock::new(begin));
    let options = Options { clock: Arc::clone(&clock) as Arc<_>, ..Options::default() };
    let engine = Engine::open(MemoryStore::default(), options).await.map_err(Failure::store)?;
    // Others would start cases of their own when a norm is breached.
    let wanted = |name: &str| scenario.definitions.iter().any(|file| Path::new("processes").join(file) == Path::new(name));
    documents.set_up_but_for_schedules(&engine, wanted).await?;
    let keys = AtomicU64::new(0);
    let key = || format!("scenario:{}", keys.fetch_add(1, Ordering::Relaxed));
    let stage = Stage { engine: &engine, clock: &clock, unit: &unit, key: &key, spend: &|_| true };
    let case = match stage.start(&scenario.process, &scenario.start).await {
        Ok(started) => started.instance(),
        Err(refusal) => return Ok(Err(format!("the start is refused: {refusal}"))),
    };
    let Some(case) = case else { return Ok(Err("no case began".to_owned())) };
    for (number, step) in scenario.steps.iter().enumerate() {
        if let Err(what) = stage.step(case, step).await {
            return Ok(Err(format!("/steps/{number}: {what}")));
        }
    }
    Ok(stage.ends(case, scenario.end).await.map_err(|what| format!("/end: {what}")))
}
