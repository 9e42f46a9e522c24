//! `bench lifecycle`: a complaint lodged, assigned, resolved and looked for by its number, by fifty people over HTTP: the sequence that DIGIT
//! publishes of its grievance service. Once in an empty office, once among very many complaints that are open.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use engine::journal::Command;
use engine::model::Values;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::desk::{self, Desk as _};
use super::http::{HttpDesk, Served};
use super::machine::Load;
use super::place::{Place, close, opened};
use super::report::{Waits, float, table};
use super::{Args, office};
use crate::cli::output::{self, Failure};

/// The process.
const PROCESS: &str = "bench.complaint";
/// People at the same time, as DIGIT's load test has them.
const CLIENTS: u16 = 50;
/// Lifecycles a second that DIGIT publishes at 1,006,743 rows on 8 to 16 processors (Citizen Complaint Resolution System,
/// `performance/docs/findings.md`, read 2026).
const DIGIT_PER_S: f64 = 6.3;
/// The steps that are measured.
const STEPS: [&str; 4] = ["create", "assign", "resolve", "search"];

/// How it went beside so many open complaints.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Standing {
    open: u32,
    lifecycles: usize,
    per_second: f64,
    whole: Waits,
    /// In the order of the steps; assigning and resolving are a claim and a completion each.
    steps: [Waits; 4],
}

/// Measures and prints.
pub(super) async fn run(place: &Place<'_>, args: &Args) -> Result<(), Failure> {
    let (load, time) = (Load::begin(), Duration::from_secs(args.seconds));
    let database = place.database("lifecycle").await?;
    let engine = opened(&database).await?;
    office::submit(&engine, &office::unit()?, Command::DeployDefinition { document: definition() }).await?;
    let served = Served::begin(engine.clone()).await?;
    let empty = standing(served.address(), 0, time).await?;
    let many = args.cases.unwrap_or(10 * super::CASES);
    office::start_many(&engine, PROCESS, many, &complaint()).await?;
    let many = standing(served.address(), many, time).await?;
    let dispatcher = served.end().await?;
    close(engine).await?;
    let _ = dispatcher.await;
    database.remove().await?;
    let (ratio, of_digit) = (many.per_second / empty.per_second, many.per_second / DIGIT_PER_S);
    if args.json {
        output::json(&json!({
            "workload": "lifecycle", "store": place.store(), "clients": CLIENTS, "steps": STEPS, "standings": [empty, many],
            "ratios": { "ofEmpty": ratio, "ofDigit": of_digit }, "machine": load.json()
        }));
        return Ok(());
    }
    let mut steps = table(["open before", "lifecycles/s", "whole", STEPS[0], STEPS[1], STEPS[2], STEPS[3]]);
    for standing in [&empty, &many] {
        let ms = |us: u32| f64::from(us) / 1_000.0;
        let waits = [&standing.whole].into_iter().chain(&standing.steps);
        let waits = waits.map(|waits| format!("{:.1} / {:.1}", ms(waits.p50_us), ms(waits.p99_us)));
        let first = [standing.open.to_string(), format!("{:.0}", standing.per_second)];
        steps.add_row(first.into_iter().chain(waits));
    }
    output::line(&format!(
        "A complaint created, assigned, resolved and looked for, by {CLIENTS} people over HTTP, on {}: p50 / p99 in ms\n\n{steps}\n\n\
         Of the empty office's rate: {ratio:.2}. DIGIT publishes {DIGIT_PER_S} a second at a million rows on 8 to 16 processors: {of_digit:.0} times as many.\n\n{}",
        place.store(),
        load.text()
    ));
    Ok(())
}

/// A complaint as it is lodged.
fn complaint() -> Values {
    let text = "The street light at the corner of the market has been out for nine days, and the drain beside it is open. Two people have fallen \
                there after dark. The ward office was told by telephone on the second day.";
    let form = [("text", json!(text)), ("place", json!("Ward 12, Market Road")), ("phone", json!("+91 98200 00000"))];
    form.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn definition() -> String {
    let text = |most: u32| json!({ "type": "string", "maxLength": most });
    let task = |id: &str, form: &str, outputs: &[&str], next: &str| {
        json!({
            "id": id, "type": "userTask", "title": { "en": id }, "performer": { "role": "clerk" }, "form": form, "outputs": outputs,
            "due": { "after": "P7D" }, "next": next
        })
    };
    let form = |fields: &[&str]| {
        let properties: serde_json::Map<_, _> = fields.iter().map(|field| ((*field).to_owned(), json!({}))).collect();
        json!({ "schema": { "type": "object", "properties": properties, "required": fields } })
    };
    json!({
        "id": PROCESS, "title": { "en": "A complaint" }, "owner": { "post": "clerk-1" },
        "data": { "text": text(2_000), "place": text(200), "phone": text(40), "who": text(100), "what": text(2_000) },
        "forms": { "lodged": form(&["text", "place", "phone"]), "assigned": form(&["who"]), "resolved": form(&["what"]) },
        "steps": [
            { "id": "lodged", "type": "startEvent", "form": "lodged", "next": "assign" },
            task("assign", "assigned", &["who"], "resolve"),
            task("resolve", "resolved", &["what"], "done"),
            { "id": "done", "type": "endEvent" }
        ]
    })
    .to_string()
}

async fn standing(address: SocketAddr, open: u32, time: Duration) -> Result<Standing, Failure> {
    let begun = Instant::now();
    let until = begun + time;
    let mut people = JoinSet::new();
    for person in 0..CLIENTS {
        let desk = HttpDesk::new(address, person).await?;
        people.spawn(live(desk, until));
    }
    let mut lived: Vec<[u32; 4]> = Vec::new();
    while let Some(done) = people.join_next().await {
        lived.extend(done.map_err(|error| Failure::Refused(format!("A client failed: {error}.")))??);
    }
    let per_second = float(lived.len() as u64) / begun.elapsed().as_secs_f64();
    let mut whole: Vec<u32> = lived.iter().map(|steps| steps.iter().sum()).collect();
    let steps = std::array::from_fn(|step| Waits::of(&mut lived.iter().map(|steps| steps[step]).collect::<Vec<_>>()));
    Ok(Standing { open, lifecycles: lived.len(), per_second, whole: Waits::of(&mut whole), steps })
}

/// One complaint after another: the microseconds of each step.
async fn live(mut desk: HttpDesk, until: Instant) -> Result<Vec<[u32; 4]>, Failure> {
    let one = |key: &str, value: &str| Values::from_iter([(key.to_owned(), Value::from(value))]);
    let lodged = complaint();
    let (assigned, resolved) = (one("who", "Ward engineer"), one("what", "The lamp was replaced and the drain covered."));
    let mut lived = Vec::new();
    while Instant::now() < until {
        let number = format!("PGR-{}", desk::number());
        let mut steps = [0; 4];
        let mut last = Instant::now();
        let mut note = |step: usize| {
            let now = Instant::now();
            steps[step] = u32::try_from((now - last).as_micros()).unwrap_or(u32::MAX);
            last = now;
        };
        let mut task = only(desk.start_of(PROCESS, Some(&number), &lodged).await?)?;
        note(0);
        desk.claim(&task).await?;
        task = only(desk.complete(task, &assigned).await?)?;
        note(1);
        desk.claim(&task).await?;
        desk.complete(task, &resolved).await?;
        note(2);
        let found = desk.get(&format!("/api/v1/instances?unit=bench&number={number}")).await?;
        note(3);
        let found: Value = serde_json::from_slice(found).map_err(|error| Failure::Refused(format!("The list: {error}.")))?;
        // What was acknowledged is found at once.
        if found["items"][0]["status"] != "completed" {
            return Err(Failure::Refused(format!("{number} is not found as completed: {found}.")));
        }
        lived.push(steps);
    }
    Ok(lived)
}

/// The one task that a command opened.
fn only(mut tasks: Vec<String>) -> Result<String, Failure> {
    tasks.pop().ok_or_else(|| Failure::Refused("A complaint has no task.".to_owned()))
}
