//! After a crash: the entries whose rows were not written yet are projected again, before anybody reads.

use std::collections::HashMap;

use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Row as _};

use super::{broken, read};
use crate::digest::Hash;
use crate::journal::{Entry, Event, codec};
use crate::projection::changes;
use crate::store::StoreError;
use crate::store::fold::Fold;

/// The changes of rows that were not written. They are few: rows are written once some thousands of changes have gathered. The writer
/// writes them before anybody reads, so that a file whose disk is full can be opened all the same.
pub(super) async fn recover(connection: &mut SqliteConnection) -> Result<Fold, StoreError> {
    let sql = format!(
        "{} id >= (SELECT (number << 40) + projected FROM unit_log WHERE number = ?1) AND id < (?1 + 1) << 40 ORDER BY id",
        read::ENTRIES
    );
    let behind: Vec<i64> = sqlx::query_scalar("SELECT number FROM unit_log WHERE projected < size ORDER BY number")
        .fetch_all(&mut *connection)
        .await
        .map_err(broken)?;
    let mut entries: Vec<(i64, Entry)> = Vec::new();
    for number in behind {
        let found = sqlx::query(AssertSqlSafe(sql.as_str())).bind(number).fetch_all(&mut *connection).await.map_err(broken)?;
        for row in &found {
            let entry = codec::open(&read::sealed(row)?).map_err(|error| StoreError::Broken(error.to_string()))?;
            entries.push((number, entry));
        }
    }
    let mut fold = Fold::default();
    if entries.is_empty() {
        return Ok(fold);
    }
    let processes = processes(connection, &entries).await?;
    let mut out = Vec::new();
    for (number, entry) in &entries {
        let process = entry.definition.and_then(|hash| processes.get(&hash)).map_or("", String::as_str);
        for event in &entry.events {
            changes(entry, event, process, &mut out);
        }
        out.drain(..).for_each(|change| fold.add(*number, change, |_| false));
    }
    tracing::info!(entries = entries.len(), "the rows of the last entries are made from the journal");
    Ok(fold)
}

/// The processes of definitions: those that have their row, and those that these entries deployed.
async fn processes(connection: &mut SqliteConnection, entries: &[(i64, Entry)]) -> Result<HashMap<Hash, String>, StoreError> {
    let mut processes = HashMap::new();
    let rows = sqlx::query("SELECT hash, process FROM definition").fetch_all(connection).await.map_err(broken)?;
    for row in &rows {
        let hash: &[u8] = row.try_get(0).map_err(broken)?;
        if let Ok(hash) = hash.try_into() {
            processes.insert(Hash::from_bytes(hash), row.try_get(1).map_err(broken)?);
        }
    }
    for event in entries.iter().flat_map(|(_, entry)| &entry.events) {
        if let Event::DefinitionDeployed { definition, process, .. } = event {
            processes.insert(*definition, process.clone());
        }
    }
    Ok(processes)
}
