//! The order of due work, and the statements that look for it, the same in both databases.
//!
//! A clock at a point of its norm goes before timers and deliveries, however many of those fell due before it. What is due of its own case
//! before that point goes with it, directly before, so that the rows of one case always come in the order of their instants.

use crate::model::id::Made;
use crate::model::{Time, UnitId};
use crate::projection::row::{DueKind, DueRow};

/// A place in time: the instant, then the id.
pub(super) type Place = (Time, Made);

/// The place of a row.
pub(super) fn place(row: &DueRow) -> Place {
    (row.at, row.id)
}

/// What rows are sorted by. `clock` is the place of the next clock of the same case, if one is due: the row itself, or one after it.
pub(super) fn order<'a>(unit: &'a UnitId, row: &DueRow, clock: Option<Place>) -> (bool, Place, &'a UnitId, Place) {
    (clock.is_none(), clock.unwrap_or(place(row)), unit, place(row))
}

/// Looks for the rows that are due by `$1`, at most `$2`. `unit` is the name of the unit of a row of `due`, `join` what it takes to tell it.
/// Each half walks its own index; the second only as far as the first leaves room.
pub(super) fn look(unit: &str, join: &str) -> String {
    let clock = DueKind::Clock.code();
    let columns = format!("due.id, due.kind, due.at, due.instance, due.held, {unit} AS unit");
    let of_its_case = format!(
        "SELECT 1 FROM due AS next WHERE next.unit = due.unit AND next.instance = due.instance AND next.held = 0 \
         AND next.kind = {clock} AND (next.at, next.id) >= (due.at, due.id)"
    );
    format!(
        "WITH statutory AS MATERIALIZED (SELECT 0 AS turn, clock.at AS point, clock.id AS clock, {columns} \
         FROM due AS clock JOIN due ON due.unit = clock.unit AND due.instance = clock.instance{join} \
         WHERE clock.held = 0 AND clock.kind = {clock} AND clock.at <= $1 \
         AND due.held = 0 AND (due.at, due.id) <= (clock.at, clock.id) \
         AND NOT EXISTS ({of_its_case} AND (next.at, next.id) < (clock.at, clock.id)) \
         ORDER BY clock.at, clock.id, {unit}, due.at, due.id LIMIT $2), \
         others AS MATERIALIZED (SELECT 1 AS turn, due.at AS point, due.id AS clock, {columns} \
         FROM due{join} WHERE due.held = 0 AND due.kind <> {clock} AND due.at <= $1 \
         AND NOT EXISTS ({of_its_case} AND next.at <= $1) \
         ORDER BY due.at, due.id, {unit} LIMIT $2 - (SELECT count(*) FROM statutory)) \
         SELECT id, kind, at, instance, held, unit FROM (SELECT * FROM statutory UNION ALL SELECT * FROM others) AS looked \
         ORDER BY turn, point, clock, unit, at, id"
    )
}

/// When the next row falls due. `join` is what it takes to leave out what others see to.
pub(super) fn next(join: &str) -> String {
    let clock = DueKind::Clock.code();
    let half = |kind: &str| {
        format!(
            "SELECT at FROM (SELECT due.at FROM due{join} WHERE held = 0 AND kind {kind} {clock} ORDER BY due.at LIMIT 1) AS half"
        )
    };
    format!("SELECT min(at) FROM ({} UNION ALL {}) AS halves", half("="), half("<>"))
}
