//! Tasks that a person may claim: those offered to their roles, less those that they are kept from by what they did or hold.

use engine::expression::Clock;
use engine::graph::StepKind;
use engine::machine::task::barred;
use engine::model::{PersonId, TaskId, Time, UnitId};
use engine::projection::row::TaskRow;
use engine::store::{NO_DUE, Offered, Store, StoreError, TaskQuery};

use super::App;

/// Cases that are read for one page at most. Whoever is kept from more tasks than that in a row gets a short page, which says where to go on.
const CASES_READ_MAX: usize = 200;

/// A page of tasks.
pub struct Offers {
    /// As many as were asked for, if there are so many.
    pub rows: Vec<TaskRow>,
    /// After which task the page after this one begins; none on the last.
    pub next: Option<(Time, TaskId)>,
}

/// What is offered to a person in a unit now. They may be kept from some of it (`offered`).
pub fn to(app: &App, unit: &UnitId, person: &PersonId) -> Offered {
    Offered { roles: app.engine.office().roles(person, unit, app.engine.now()), person: Some(person.clone()) }
}

/// Tasks of a unit that a person may claim, in the order and up to the limit of the query.
pub async fn offered(app: &App, unit: &UnitId, person: &PersonId, query: TaskQuery) -> Result<Offers, StoreError> {
    let limit = query.limit as usize;
    // One more than wanted, so that the last page is known.
    let mut query = TaskQuery { offered: Some(to(app, unit, person)), limit: query.limit.saturating_add(1), ..query };
    let (mut rows, mut read, mut next) = (Vec::new(), 0, None);
    loop {
        let page = app.engine.store().tasks(unit, &query).await?;
        let is_last = page.len() < query.limit as usize;
        for row in page {
            let place = (row.due.unwrap_or(NO_DUE), row.id);
            let keeps_apart = keeps_apart(app, &row);
            if keeps_apart && read == CASES_READ_MAX {
                return Ok(Offers { rows, next });
            }
            read += usize::from(keeps_apart);
            if keeps_apart && is_barred(app, unit, person, &row).await? {
                // Passed over for good, whether the page is full or not.
            } else if rows.len() == limit {
                return Ok(Offers { rows, next });
            } else {
                rows.push(row);
            }
            (next, query.after) = (Some(place), Some(place));
        }
        if is_last {
            return Ok(Offers { rows, next: None });
        }
    }
}

/// Whether a task's step keeps anybody from it. Most do not, and then the case need not be read.
fn keeps_apart(app: &App, row: &TaskRow) -> bool {
    let library = app.engine.library();
    let graph = library.get(&row.definition).map(|deployed| &deployed.graph);
    graph.and_then(|graph| Some(&graph.steps[graph.step(&row.step)?].kind)).is_some_and(|kind| match kind {
        StepKind::UserTask { performer, .. } => !performer.not_who_did.is_empty() || performer.not_who_holds.is_some(),
        _ => false,
    })
}

async fn is_barred(app: &App, unit: &UnitId, person: &PersonId, row: &TaskRow) -> Result<bool, StoreError> {
    let library = app.engine.library();
    let Some(graph) = library.get(&row.definition).map(|deployed| &deployed.graph) else { return Ok(false) };
    let Some(case) = app.engine.instance(unit, row.instance).await? else { return Ok(false) };
    let Some(task) = case.tasks.get(&row.id) else { return Ok(false) };
    let clock = Clock { now: app.engine.now().timestamp(), zone: app.engine.options().zone.clone() };
    Ok(barred(graph, &app.engine.office(), &clock, &case, task, person).is_some())
}
