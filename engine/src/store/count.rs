//! How many open tasks there are of each process: without counting them one by one, for a unit may have a million.
//!
//! The databases keep a row of counts for each process, role and span of time in which tasks are due (`task_count`); triggers keep it in step with
//! the tasks. What is overdue is what the spans before the present one hold, and what of the present one lies in the past: that is counted along
//! an index, so the answer is exact. Tasks that a person has claimed, or that are for them alone, are few, and are counted themselves.

use std::collections::{BTreeMap, BTreeSet};

use super::table::ReadCells;
use super::{NO_DUE, StoreError, Whose};
use crate::model::{PersonId, Time};
use crate::projection::row::TaskRow;

/// Open tasks of one process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskCount {
    /// Process id.
    pub process: String,
    /// Those that are not held.
    pub open: u64,
    /// Those of them that should have been done by now.
    pub overdue: u64,
    /// When that of them should be done, or have been done, which is due first; none where none is due.
    pub first: Option<Time>,
}

/// A span of due times is 2³² µs, an hour and twelve minutes: a trade between the rows that are added up and the tasks that are counted one by
/// one. The tables have it in their triggers (`sort >> 32`), so it stays.
const SPAN_BITS: u32 = 32;

/// A row of counts.
pub(super) struct Tally {
    process: String,
    role: String,
    offered: bool,
    span: i64,
    tasks: i64,
}

impl Tally {
    pub(super) const TABLE: &'static str = "task_count";
    pub(super) const COLUMNS: &'static str = "process, role, offered, span, tasks";

    pub(super) fn read(cells: &mut impl ReadCells) -> Result<Self, StoreError> {
        Ok(Self { process: cells.text()?, role: cells.text()?, offered: cells.flag()?, span: cells.int()?, tasks: cells.int()? })
    }

    /// It as text, as `dump_rows` tells it.
    pub(super) fn line(&self) -> String {
        let Self { process, role, offered, span, tasks } = self;
        format!("{} {process:?} {role:?} {} {span}\ntasks {tasks}", Self::TABLE, i64::from(*offered))
    }

    /// The rows that there must be beside these tasks.
    pub(super) fn of<'a>(tasks: impl Iterator<Item = &'a TaskRow>) -> Vec<Self> {
        let mut counts: BTreeMap<_, i64> = BTreeMap::new();
        for task in tasks.filter(|task| !task.held) {
            let offered = task.assignee.is_none() && task.only.is_none();
            let span = task.due.unwrap_or(NO_DUE).0 >> SPAN_BITS;
            *counts.entry((task.process.clone(), task.role.clone(), offered, span)).or_default() += 1;
        }
        let tally = |((process, role, offered, span), tasks)| Self { process, role, offered, span, tasks };
        counts.into_iter().map(tally).collect()
    }
}

/// A statement that counts, the same in both databases; empty where there is nothing to count. It gives counts of processes, to be added up (`together`).
/// `unit` stands for the key of the unit, which may take the parameter `$1`. The values are the parameters from `$2` on.
pub(super) fn sql<'q>(unit: &str, whose: &'q Whose, now: Time) -> (String, Vec<&'q str>) {
    const FREE: &str = " AND assignee IS NULL AND only_for IS NULL";
    let (span, now) = (now.0 >> SPAN_BITS, now.0);
    let begin = span << SPAN_BITS;
    let never = NO_DUE.0 >> SPAN_BITS;
    // From the counts. `of` is what else the tasks have in common, `counted` the same said of the counts. The first that is due is looked for from
    // the beginning of its span on, and not at all where none is due.
    let added = |of: &str, counted: &str| {
        let tasks = format!("FROM task WHERE task.unit = {unit} AND held = 0{of} AND task.process = counted.process");
        format!(
            "SELECT process, open, past + (SELECT count(*) {tasks} AND sort >= {begin} AND sort < {now}), CASE WHEN lowest < {never} \
             THEN (SELECT sort {tasks} AND sort >= lowest << {SPAN_BITS} ORDER BY sort, id LIMIT 1) END \
             FROM (SELECT process, CAST(sum(tasks) AS bigint) AS open, min(span) AS lowest, \
             CAST(coalesce(sum(CASE WHEN span < {span} THEN tasks END), 0) AS bigint) AS past \
             FROM task_count WHERE unit = {unit}{counted} GROUP BY process) AS counted"
        )
    };
    // From the tasks themselves, a row a task: grouped, SQLite would walk all of the unit in the order of processes.
    let single = |of: &str| {
        format!(
            "SELECT process, CAST(1 AS bigint), CAST(CASE WHEN sort < {now} THEN 1 ELSE 0 END AS bigint), sort FROM task \
             WHERE unit = {unit} AND held = 0{of}"
        )
    };
    let (mut arms, mut values) = (Vec::new(), Vec::new());
    match whose {
        Whose::All => arms.push(added("", "")),
        Whose::Claimed(person) => {
            values.push(person.as_str());
            arms.push(single(" AND assignee = $2"));
        }
        Whose::Offered(offered) => {
            let roles: BTreeSet<&str> = offered.roles.iter().map(String::as_str).collect();
            for (role, at) in roles.into_iter().zip(2..) {
                values.push(role);
                arms.push(added(&format!("{FREE} AND task.role = ${at}"), &format!(" AND offered = 1 AND role = ${at}")));
            }
            if let Some(person) = &offered.person {
                values.push(person.as_str());
                arms.push(single(&format!(" AND assignee IS NULL AND only_for = ${}", values.len() + 1)));
            }
        }
    }
    // Whoever plays no role is offered nothing: there is nothing to ask. The order, by due time, has SQLite walk the index of the person; without one
    // it takes the whole unit for as good.
    let sql = if arms.is_empty() { String::new() } else { arms.join(" UNION ALL ") + " ORDER BY 4" };
    (sql, values)
}

/// A row of what [`sql`] gives.
pub(super) fn read(cells: &mut impl ReadCells) -> Result<TaskCount, StoreError> {
    let (process, open, overdue) = (cells.text()?, cells.number()?, cells.number()?);
    let first = cells.optional_time()?.filter(|first| *first != NO_DUE);
    Ok(TaskCount { process, open, overdue, first })
}

/// Counts added up by process, in the order of the processes.
pub(super) fn together(counts: impl IntoIterator<Item = TaskCount>) -> Vec<TaskCount> {
    let mut all: BTreeMap<String, TaskCount> = BTreeMap::new();
    for count in counts {
        match all.get_mut(&count.process) {
            None => drop(all.insert(count.process.clone(), count)),
            Some(sum) => {
                sum.open += count.open;
                sum.overdue += count.overdue;
                sum.first = sum.first.into_iter().chain(count.first).min();
            }
        }
    }
    all.into_values().collect()
}

impl Whose {
    /// Whether it is one of these tasks.
    pub(super) fn has(&self, task: &TaskRow) -> bool {
        match self {
            Self::All => true,
            Self::Claimed(person) => task.assignee.as_ref() == Some(person),
            Self::Offered(offered) => offered.has(task),
        }
    }
}

impl super::Offered {
    /// Whether it is one of these tasks.
    pub(super) fn has(&self, task: &TaskRow) -> bool {
        let to: Option<&PersonId> = task.only.as_ref();
        task.assignee.is_none() && to.map_or_else(|| self.roles.contains(&task.role), |only| self.person.as_ref() == Some(only))
    }
}
