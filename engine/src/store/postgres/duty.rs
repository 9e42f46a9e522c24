//! Who sees to due work: each unit's is one node's for some seconds, by the clock of the server, and then whoever's is free to take it.
//!
//! Units are shared out evenly among the nodes that live. A node that dies says nothing any more, and its units are taken by others once
//! their time is over. Two nodes that both think that a unit is theirs do no harm: what is due is done once, since its command has an id
//! that follows from the row, and the log takes a command once. So these tables need not survive a crash of the server, and cost no
//! write to the log of the database.

use sqlx::postgres::{PgConnection, PgPool};
use sqlx::{Acquire as _, Row as _};

use super::failure::broken;
use crate::store::StoreError;

/// For so many seconds a unit's due work is a node's own, unless it says again that it lives.
const SECONDS: f64 = 5.0;

/// What leaves out due rows of units that this node does not see to, appended to `FROM due`; `node` is the parameter with its name.
pub(super) fn join(node: &str) -> String {
    format!(" JOIN duty ON duty.unit = due.unit AND duty.node = {node} AND duty.until > clock_timestamp()")
}

/// Says that a node lives, keeps what it has of its share, gives back what is more, and takes what is free up to it.
pub(super) async fn attend(pool: &PgPool, node: &str) -> Result<(), StoreError> {
    let (pool, node) = (pool.clone(), node.to_owned());
    // In a task of its own, as every transaction: a caller that leaves must not leave it half-way.
    let task = tokio::spawn(async move {
        let mut connection = pool.acquire().await.map_err(broken)?;
        let mut transaction = connection.begin().await.map_err(broken)?;
        share(&mut transaction, &node).await.map_err(broken)?;
        transaction.commit().await.map_err(broken)
    });
    task.await.unwrap_or_else(|error| Err(StoreError::Broken(format!("a transaction ended half-way: {error}"))))
}

async fn share(connection: &mut PgConnection, node: &str) -> sqlx::Result<()> {
    const LIVE: &str = "INSERT INTO node (id, until) VALUES ($1, clock_timestamp() + make_interval(secs => $2)) \
        ON CONFLICT (id) DO UPDATE SET until = EXCLUDED.until";
    const COUNT: &str = "SELECT count(*) FROM node WHERE until > clock_timestamp()";
    const UNITS: &str = "SELECT unit_log.unit, duty.node = $1 AND duty.until > clock_timestamp() AS mine, \
        duty.until IS NULL OR duty.until <= clock_timestamp() AS free \
        FROM unit_log LEFT JOIN duty ON duty.unit = unit_log.unit ORDER BY unit_log.unit";
    // Of two nodes that take the same unit, the second waits for the first and then finds that it is no longer free.
    const TAKE: &str = "INSERT INTO duty (unit, node, until) \
        SELECT unit, $1, clock_timestamp() + make_interval(secs => $2) FROM unnest($3) AS wanted (unit) \
        ON CONFLICT (unit) DO UPDATE SET node = EXCLUDED.node, until = EXCLUDED.until \
        WHERE duty.node = EXCLUDED.node OR duty.until <= clock_timestamp()";
    const GIVE_BACK: &str = "DELETE FROM duty WHERE node = $1 AND unit = ANY($2)";
    sqlx::query(LIVE).bind(node).bind(SECONDS).execute(&mut *connection).await?;
    let nodes: i64 = sqlx::query_scalar(COUNT).fetch_one(&mut *connection).await?;
    let (mut mine, mut free) = (Vec::new(), Vec::new());
    let rows = sqlx::query(UNITS).bind(node).fetch_all(&mut *connection).await?;
    let units = rows.len();
    for row in rows {
        let unit: String = row.try_get(0)?;
        if row.try_get::<Option<bool>, _>(1)?.unwrap_or_default() {
            mine.push(unit);
        } else if row.try_get(2)? {
            free.push(unit);
        }
    }
    let share = units.div_ceil(usize::try_from(nodes).unwrap_or(1).max(1));
    let surplus = mine.split_off(share.min(mine.len()));
    if !surplus.is_empty() {
        sqlx::query(GIVE_BACK).bind(node).bind(surplus).execute(&mut *connection).await?;
    }
    // In one order for all nodes, so that none waits for another that waits for it.
    free.truncate(share - mine.len());
    mine.append(&mut free);
    mine.sort();
    sqlx::query(TAKE).bind(node).bind(SECONDS).bind(mine).execute(&mut *connection).await?;
    Ok(())
}

/// Gives everything back: the node stops.
pub(super) async fn leave(pool: &PgPool, node: &str) -> Result<(), StoreError> {
    for sql in
        ["DELETE FROM duty WHERE node = $1", "DELETE FROM node WHERE id = $1 OR until < clock_timestamp() - interval '1 day'"]
    {
        sqlx::query(sql).bind(node).execute(pool).await.map_err(broken)?;
    }
    Ok(())
}
