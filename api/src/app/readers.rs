//! Who has read personal values, for those who look after them: auditors, quality coordinators and records officers, each of their own units.

use engine::machine::definition::QUALITY_COORDINATOR;
use engine::machine::office::Office;
use engine::machine::reading::AUDITOR;
use engine::machine::records::RECORDS_OFFICER;
use engine::model::id::Made;
use engine::model::{InstanceId, PersonId, Time, UnitId};
use engine::projection::row::ReadingRow;
use engine::store::{ReadingQuery, Store as _, StoreError};

use super::App;

/// The roles that look at the access log.
pub const ROLES: [&str; 3] = [AUDITOR, QUALITY_COORDINATOR, RECORDS_OFFICER];
/// Rows that a page looks at, at most: it may come out short, and says where to go on.
const LOOKED_AT_MAX: u32 = 2_000;
/// Rows read at a time.
const STRIDE: u32 = 200;

/// Whether a person may look at what was read of a unit's cases.
pub fn may_look(office: &Office, person: &PersonId, unit: &UnitId, now: Time) -> bool {
    ROLES.iter().any(|role| office.holding(person, role, unit, now).is_some())
}

/// Whether a person may look at anything of it.
pub fn may_look_somewhere(office: &Office, person: &PersonId, now: Time) -> bool {
    office.current_of(person, now).any(|holder| holder.post.roles.iter().any(|role| ROLES.contains(&role.as_str())))
}

/// A part of the readings.
pub struct Readings {
    /// Latest first.
    pub rows: Vec<ReadingRow>,
    /// After which one the next page begins, if there may be more.
    pub next: Option<(Time, Made)>,
}

/// What was read of a case.
///
/// # Errors
/// When the store cannot be read.
pub async fn of_case(app: &App, case: &InstanceId, after: Option<(Time, Made)>, limit: u32) -> Result<Readings, StoreError> {
    let query = ReadingQuery { case: Some(case.clone()), person: None, after, limit: limit + 1 };
    let mut rows = app.engine.store().readings(&UnitId::access(), &query).await?;
    let is_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| is_more).map(|row| (row.at, row.id));
    Ok(Readings { rows, next })
}

/// What a person has read, of the cases of those units at which `asker` may look.
///
/// # Errors
/// When the store cannot be read.
pub async fn of_person(
    app: &App,
    asker: &PersonId,
    person: &PersonId,
    after: Option<(Time, Made)>,
    limit: u32,
) -> Result<Readings, StoreError> {
    let (office, now) = (app.engine.office(), app.engine.now());
    let mut query = ReadingQuery { case: None, person: Some(person.clone()), after, limit: STRIDE };
    let (mut rows, mut looked) = (Vec::new(), 0);
    loop {
        let page = app.engine.store().readings(&UnitId::access(), &query).await?;
        let is_last = page.len() < STRIDE as usize;
        for row in page {
            if rows.len() == limit as usize {
                return Ok(Readings { rows, next: query.after });
            }
            query.after = Some((row.at, row.id));
            looked += 1;
            rows.extend(may_look(&office, asker, &row.case.unit, now).then_some(row));
        }
        if is_last || looked >= LOOKED_AT_MAX {
            return Ok(Readings { rows, next: query.after.filter(|_| !is_last) });
        }
    }
}
