//! How things stood at an instant of the past: a case from its entries up to then, the register and the open tasks of a unit from its cases.
//! Nothing is kept for it, so it can be asked of any instant; what was erased since is not there any more.

use super::cases::follow;
use super::{Engine, broken};
use crate::journal::codec;
use crate::machine::Instance;
use crate::model::{CommandId, InstanceStatus, PersonId, Time, UnitId};
use crate::projection::row::{InstanceRow, TaskRow};
use crate::store::{InstanceQuery, NO_DUE, Store, StoreError};

/// Cases read at a time.
const PAGE: u32 = 200;
/// Cases that a page of the register looks at, at most: it may come out short, and says where to go on.
const LOOKED_AT_MAX: u32 = 2_000;
/// Cases that were open then, of which tasks are told.
pub const OPEN_CASES_MAX: usize = 5_000;

/// A page of the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Register {
    /// The cases, newest first.
    pub rows: Vec<InstanceRow>,
    /// After which one the next page begins, if there may be more.
    pub next: Option<(Time, CommandId)>,
}

/// Why the past is not told.
#[derive(Debug, thiserror::Error)]
pub enum NoPast {
    /// Too much was open then.
    #[error("more than {OPEN_CASES_MAX} cases were open then")]
    TooMany,
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl<S: Store> Engine<S> {
    /// A case as it stood at an instant; none where it had not begun.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn instance_at(&self, unit: &UnitId, id: CommandId, at: Time) -> Result<Option<Instance>, StoreError> {
        let mut instance = Instance::new(id);
        for sealed in self.shared.store.case_entries(unit, id, 1).await?.iter().take_while(|sealed| sealed.time <= at) {
            follow(&mut instance, &codec::open(sealed).map_err(broken)?);
        }
        Ok((instance.sequence > 0).then_some(instance))
    }

    /// The cases of a unit that had begun at an instant, as they stood then, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn instances_at(&self, unit: &UnitId, query: &InstanceQuery, at: Time) -> Result<Register, StoreError> {
        let limit = query.limit as usize;
        let mut after = query.after.or(Some(begun_by(at)));
        let (mut rows, mut looked) = (Vec::new(), 0);
        while rows.len() < limit && looked < LOOKED_AT_MAX {
            let page = InstanceQuery { status: None, after, limit: PAGE, ..query.clone() };
            let page = self.shared.store.instances(unit, &page).await?;
            let is_last = page.len() < PAGE as usize;
            for row in page {
                looked += 1;
                after = Some((row.started, row.id));
                let then = self.row_at(unit, row, at).await?;
                rows.extend(then.filter(|row| query.status.is_none_or(|status| status == row.status)));
                if rows.len() == limit {
                    return Ok(Register { rows, next: after });
                }
            }
            if is_last {
                return Ok(Register { rows, next: None });
            }
        }
        Ok(Register { rows, next: after })
    }

    /// A case's row as it was.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn row_at(&self, unit: &UnitId, row: InstanceRow, at: Time) -> Result<Option<InstanceRow>, StoreError> {
        if row.started > at {
            return Ok(None);
        }
        if row.ended.is_some_and(|ended| ended <= at) {
            return Ok(Some(row));
        }
        let then = self.instance_at(unit, row.id, at).await?;
        Ok(then.map(|then| InstanceRow { definition: then.definition, status: then.status, ended: None, ..row }))
    }

    /// The tasks of a unit that were open at an instant and did not rest, by due date as it was then; of one process, or claimed by one
    /// person, where that is asked.
    ///
    /// # Errors
    /// When too many cases were open then, or the store cannot be read.
    pub async fn tasks_at(
        &self,
        unit: &UnitId,
        process: Option<&str>,
        assignee: Option<&PersonId>,
        at: Time,
    ) -> Result<Vec<TaskRow>, NoPast> {
        let mut query = InstanceQuery {
            process: process.map(str::to_owned),
            after: Some(begun_by(at)),
            limit: PAGE,
            ..InstanceQuery::default()
        };
        let (mut tasks, mut open) = (Vec::new(), 0);
        loop {
            let page = self.shared.store.instances(unit, &query).await?;
            let Some(last) = page.last() else { break };
            query.after = Some((last.started, last.id));
            for row in page.iter().filter(|row| row.ended.is_none_or(|ended| ended > at)) {
                open += 1;
                if open > OPEN_CASES_MAX {
                    return Err(NoPast::TooMany);
                }
                let Some(case) = self.instance_at(unit, row.id, at).await? else { continue };
                if case.status == InstanceStatus::Active {
                    tasks.extend(tasks_of(&case));
                }
            }
        }
        tasks.retain(|task| assignee.is_none_or(|person| task.assignee.as_ref() == Some(person)));
        tasks.sort_by_key(|task| (task.due.unwrap_or(NO_DUE), task.id));
        Ok(tasks)
    }
}

/// The place in the register before which stands whatever had begun at an instant.
fn begun_by(at: Time) -> (Time, CommandId) {
    (Time(at.0.saturating_add(1)), CommandId([u8::MAX; 16]))
}

/// The open tasks of a case, as rows.
fn tasks_of(case: &Instance) -> impl Iterator<Item = TaskRow> {
    case.tasks.iter().map(|(id, task)| TaskRow {
        id: *id,
        instance: case.id,
        definition: case.definition,
        process: case.process.clone(),
        step: task.step.clone(),
        role: task.role.clone(),
        only: task.only.clone(),
        assignee: task.claim.as_ref().map(|claim| claim.person.clone()),
        held: false,
        created: task.created,
        due: task.due,
    })
}
