//! Tasks that a person may claim: those offered to their roles, less those that they are kept from by what they did or hold.

use engine::expression::Clock;
use engine::graph::StepKind;
use engine::machine::task::barred;
use engine::model::{PersonId, UnitId};
use engine::projection::row::TaskRow;
use engine::store::{NO_DUE, Offered, Store, StoreError, TaskQuery};

use super::App;

/// Tasks of a unit that a person may claim, in the order and up to the limit of the query.
pub async fn offered(app: &App, unit: &UnitId, person: &PersonId, query: TaskQuery) -> Result<Vec<TaskRow>, StoreError> {
    let roles = app.engine.office().roles(person, unit, app.engine.now());
    let mut query = TaskQuery { offered: Some(Offered { roles, person: Some(person.clone()) }), ..query };
    let limit = query.limit as usize;
    let mut found = Vec::new();
    loop {
        let rows = app.engine.store().tasks(unit, &query).await?;
        let is_last = rows.len() < limit;
        query.after = rows.last().map(|row| (row.due.unwrap_or(NO_DUE), row.id)).or(query.after);
        for row in rows {
            if !is_barred(app, unit, person, &row).await? {
                found.push(row);
            }
        }
        if is_last || found.len() >= limit {
            found.truncate(limit);
            return Ok(found);
        }
    }
}

async fn is_barred(app: &App, unit: &UnitId, person: &PersonId, row: &TaskRow) -> Result<bool, StoreError> {
    let library = app.engine.library();
    let Some(graph) = library.get(&row.definition).map(|deployed| &deployed.graph) else { return Ok(false) };
    // Most steps keep nobody apart, and then the case need not be read.
    let keeps_apart = graph.step(&row.step).is_some_and(|step| match &graph.steps[step].kind {
        StepKind::UserTask { performer, .. } => !performer.not_who_did.is_empty() || performer.not_who_holds.is_some(),
        _ => false,
    });
    if !keeps_apart {
        return Ok(false);
    }
    let Some(case) = app.engine.instance(unit, row.instance).await? else { return Ok(false) };
    let Some(task) = case.tasks.get(&row.id) else { return Ok(false) };
    let clock = Clock { now: app.engine.now().timestamp(), zone: app.engine.options().zone.clone() };
    Ok(barred(graph, &app.engine.office(), &clock, &case, task, person).is_some())
}
