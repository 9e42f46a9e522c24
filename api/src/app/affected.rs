//! Whom an edition of a document affects, before it is approved: the cases that run, the people who will work by it, and what stands on it.

use std::collections::{BTreeMap, BTreeSet};
use std::iter::successors;

use engine::graph::difference::{Way, difference};
use engine::graph::library::{Checked, Issue, Planned};
use engine::graph::{Graph, Library, StepIndex, StepKind};
use engine::machine::office::Office;
use engine::model::document::DocumentKind;
use engine::model::page::Page;
use engine::model::{InstanceStatus, PersonId, Time, UnitId};
use engine::runtime::Foreseen;
use engine::store::{InstanceQuery, Store as _, StoreError};
use tokio::sync::Semaphore;

use super::Engine;
use super::editions::Pair;
use super::heavy::heavy;

/// It may read many cases, so it is done for one at a time.
static ONE: Semaphore = Semaphore::const_new(1);

/// How many running cases are counted in a unit: as many as can be read while somebody waits.
const CASES_MAX: usize = 10_000;
/// Cases read at a time.
const CASES: u32 = 1_000;

/// Whom an edition affects.
#[derive(Debug, Clone, Default)]
pub struct Affected {
    /// Running cases by the version by which they began, and go on.
    pub running: BTreeMap<u32, u64>,
    /// Whether there are more of them than were counted.
    pub more: bool,
    /// Roles that perform a step which is new or was changed, and who plays each now.
    pub performers: BTreeMap<String, Vec<PersonId>>,
    /// Processes that call this one, or keep time by this norm.
    pub processes: Vec<String>,
    /// Schedules that start this process.
    pub schedules: Vec<String>,
    /// Pages in force that name this norm: they show its limits.
    pub pages: Vec<String>,
    /// What a norm or calendar moves in running cases.
    pub foreseen: Option<Foreseen>,
}

/// Whom the second edition affects, beside the first. What cannot run at all affects nobody yet: its problems are told elsewhere.
///
/// # Errors
/// When the store cannot be read.
pub async fn affected(engine: &Engine, kind: DocumentKind, id: &str, pair: &Pair) -> Result<Affected, StoreError> {
    let _one = ONE.acquire().await;
    let (office, library, now) = (engine.office(), engine.library(), engine.now());
    let (known, text) = (library.clone(), pair.to.text.clone());
    let checked: Option<Checked> = heavy(move || known.check(kind, &text).ok()).await.flatten();
    let mut affected = Affected::default();
    match kind {
        DocumentKind::Process => {
            (affected.running, affected.more) = running(engine, id).await?;
            if let Some(graph) = checked.as_ref().and_then(Checked::graph) {
                affected.performers = performers(&office, graph, pair, now);
            }
            affected.processes = using(&library, |graph| graph.steps.iter().any(|step| calls(&step.kind, id)));
            let starts = |planned: &Planned| planned.document.starts.as_ref().is_some_and(|starts| starts.process == id);
            let schedules = library.schedules().filter(|one| starts(&one.document));
            affected.schedules = schedules.map(|one| one.heading.id.clone()).collect();
        }
        DocumentKind::Norm => {
            affected.processes = using(&library, |graph| graph.process.clocks.iter().any(|clock| clock.norm == id));
            let shows = |page: &&Issue<Page>| page.document.norms().any(|(_, norm)| norm == id);
            let withdrawn = |page: &Issue<Page>| office.controls.is_withdrawn(DocumentKind::Page, &page.heading.id, &page.hash);
            let pages = library.pages().filter(shows).filter(|page| !withdrawn(page));
            affected.pages = pages.map(|page| page.heading.id.clone()).collect();
        }
        DocumentKind::Calendar | DocumentKind::Schedule | DocumentKind::Page => {}
    }
    if let (DocumentKind::Norm | DocumentKind::Calendar, Some(checked)) = (kind, checked) {
        affected.foreseen = Some(engine.foresee(&checked, 0).await?);
    }
    Ok(affected)
}

fn calls(kind: &StepKind, id: &str) -> bool {
    matches!(kind, StepKind::CallActivity { process, .. } if process == id)
}

/// Processes in force of which something holds.
fn using(library: &Library, holds: impl Fn(&Graph) -> bool) -> Vec<String> {
    let found = library.all_newest().filter(|deployed| holds(&deployed.graph));
    found.map(|deployed| deployed.graph.process.id.clone()).collect()
}

/// Who performs a step that is new or was changed.
fn performers(office: &Office, graph: &Graph, pair: &Pair, now: Time) -> BTreeMap<String, Vec<PersonId>> {
    let (before, after) = pair.values();
    let changes = difference(&before, &after);
    let changed: BTreeSet<StepIndex> = changes.iter().filter_map(|change| graph.step(change.step()?.0)).collect();
    let all_new = changes.iter().any(|change| change.way == Way::Added && change.path == ["steps"]);
    let whole: BTreeSet<StepIndex> = changes
        .iter()
        .filter(|change| change.way == Way::Added)
        .filter_map(|change| change.step().filter(|(_, rest)| rest.is_empty()).and_then(|(step, _)| graph.step(step)))
        .collect();
    // What lies in a sub-process that is new is new, too.
    let is_new = |step: StepIndex| {
        let outer = |step: &StepIndex| graph.scopes[graph.steps[*step].scope].step;
        all_new || successors(Some(step), outer).any(|step| whole.contains(&step))
    };
    let mut roles: BTreeMap<String, Vec<PersonId>> = BTreeMap::new();
    for step in (0..graph.steps.len()).filter(|step| changed.contains(step) || is_new(*step)) {
        let StepKind::UserTask { performer, .. } = &graph.steps[step].kind else { continue };
        roles.entry(performer.role.clone()).or_insert_with_key(|role| {
            let playing = office.current(now).filter(|holder| holder.post.roles.contains(role));
            let mut people: Vec<PersonId> = playing.map(|holder| holder.person.id.clone()).collect();
            people.sort();
            people.dedup();
            people
        });
    }
    roles
}

/// Running cases of a process by their version, and whether there are more than were counted.
async fn running(engine: &Engine, process: &str) -> Result<(BTreeMap<u32, u64>, bool), StoreError> {
    let (library, mut counts, mut more) = (engine.library(), BTreeMap::new(), false);
    for unit in engine.store().units().await?.iter().filter(|unit| unit.as_str() != UnitId::SITE) {
        for status in [InstanceStatus::Active, InstanceStatus::Suspended] {
            let mut query = InstanceQuery {
                process: Some(process.to_owned()),
                status: Some(status),
                limit: CASES,
                ..InstanceQuery::default()
            };
            let mut read = 0;
            loop {
                let rows = engine.store().instances(unit, &query).await?;
                for row in &rows {
                    let version = library.get(&row.definition).map_or(0, |deployed| deployed.version);
                    *counts.entry(version).or_insert(0) += 1;
                }
                read += rows.len();
                query.after = rows.last().map(|row| (row.started, row.id));
                if rows.len() < CASES as usize {
                    break;
                }
                if read >= CASES_MAX {
                    more = true;
                    break;
                }
            }
        }
    }
    Ok((counts, more))
}
