//! Writes folded row changes: a statement for each table and kind of change, however many rows.

use sqlx::Arguments as _;

use super::append::entry_id;
use super::cells::Json;
use super::failure::Failure;
use super::script::Script;
use crate::model::{InstanceStatus, PersonId};
use crate::store::fold::{Changes, Erasure, Fold, Left};
use crate::store::table::{Column, Key, Snapshot, Table, WriteCells as _};

/// Adds what row changes write.
pub(super) fn write(script: &mut Script, fold: &Fold) -> Result<(), Failure> {
    if !fold.holds.is_empty() {
        let mut holds = Json::default();
        for ((unit, instance), held) in &fold.holds {
            holds.row(*unit, |json| {
                json.blob(&instance.0[..]);
                json.int(i64::from(*held));
            });
        }
        let holds = holds.finish().unwrap_or_default();
        for table in ["task", "job", "due", "subscription"] {
            script.run(&hold_sql(table), holds.clone())?;
        }
    }

    let mut updates = Json::default();
    for_updates(&fold.instances, |unit, id, update| {
        updates.row(unit, |json| {
            json.blob(&id.0[..]);
            json.int(update.status.map(InstanceStatus::code));
            json.int(update.ended.map(|ended| ended.0));
            json.blob(update.definition.as_ref().map(|definition| &definition.as_bytes()[..]));
        });
    });
    script.rows(UPDATE_INSTANCES, updates)?;
    let mut updates = Json::default();
    for_updates(&fold.tasks, |unit, id, assignee| {
        updates.row(unit, |json| {
            json.made(*id);
            json.text(assignee.as_ref().map(PersonId::as_str));
        });
    });
    script.rows(UPDATE_TASKS, updates)?;
    let mut updates = Json::default();
    for_updates(&fold.jobs, |unit, id, update| {
        updates.row(unit, |json| {
            json.made(*id);
            json.int(update.retries.map(i64::from));
            json.int(update.available.0);
            json.text(update.worker.as_deref());
        });
    });
    script.rows(UPDATE_JOBS, updates)?;

    table(script, &fold.instances)?;
    table(script, &fold.tasks)?;
    table(script, &fold.jobs)?;
    table(script, &fold.dues)?;
    table(script, &fold.subscriptions)?;
    table(script, &fold.messages)?;
    table(script, &fold.incidents)?;
    table(script, &fold.reports)?;
    table(script, &fold.readings)?;
    table(script, &fold.definitions)?;
    table(script, &fold.snapshots)?;

    for Erasure { unit, index, instance, names } in &fold.erasures {
        let (says, names) = (entry_id(*unit, *index), serde_json::to_string(names).unwrap_or_default());
        script.take(says, 8)?;
        let says = script.parameters.len();
        script.run(&erase_sql(says, "entry", "content = zeroblob(32)", "id"), names.clone())?;
        script.run(&erase_sql(says, "payload", "body = NULL, salt = zeroblob(32)", "entry"), names)?;
        let mut kept = Json::default();
        kept.row(*unit, |json| json.blob(&instance.0[..]));
        script.rows(&delete_sql::<Snapshot>(), kept)?;
    }
    Ok(())
}

/// Empties columns of what the entries of a case hold of some variables. The parameter `says` is the entry that says so. A payload is named
/// by its variable and a number.
fn erase_sql(says: usize, table: &str, set: &str, key: &str) -> String {
    let named = "rtrim(rtrim(name, '0123456789'), '.') IN (SELECT value FROM json_each($$))";
    let held = format!(
        "SELECT payload.entry FROM entry JOIN payload ON payload.entry = entry.id \
         WHERE began = (SELECT began FROM entry WHERE id = ${says}) AND id < ${says} AND {named}"
    );
    let more = if table == "payload" { format!(" AND {named}") } else { String::new() };
    format!("UPDATE {table} SET {set} WHERE {key} IN ({held}){more}")
}

/// Writes a table's puts and deletes.
fn table<K: Key, R: Table, U>(script: &mut Script, changes: &Changes<K, R, U>) -> Result<(), Failure> {
    if changes.is_empty() {
        return Ok(());
    }
    let (mut puts, mut deletes) = (Json::default(), Json::default());
    for ((unit, key), left) in changes {
        match left {
            Left::Put(row) | Left::New(row) => puts.row(*unit, |json| row.write(json)),
            Left::Delete => deletes.row(*unit, |json| json.blob(&key.bytes()[..])),
            Left::Update(_) => {}
        }
    }
    script.rows(&put_sql::<R>(), puts)?;
    script.rows(&delete_sql::<R>(), deletes)
}

fn for_updates<K, R, U>(changes: &Changes<K, R, U>, mut write: impl FnMut(i64, &K, &U)) {
    for ((unit, key), left) in changes {
        if let Left::Update(update) = left {
            write(*unit, key, update);
        }
    }
}

/// The rows hold what all entries changed.
pub(super) const PROJECTED: &str = "UPDATE unit_log SET projected = size WHERE projected < size";

const UPDATE_INSTANCES: &str = "UPDATE instance SET status = coalesce(new.value ->> '$[2]', status), \
    ended = iif(new.value ->> '$[2]' IS NULL, ended, new.value ->> '$[3]'), definition = coalesce(unhex(new.value ->> '$[4]'), definition) \
    FROM jsonb_each($$) AS new WHERE unit = new.value ->> '$[0]' AND instance.id = unhex(new.value ->> '$[1]')";

const UPDATE_TASKS: &str = "UPDATE task SET assignee = new.value ->> '$[2]' \
    FROM jsonb_each($$) AS new WHERE unit = new.value ->> '$[0]' AND task.id = unhex(new.value ->> '$[1]')";

const UPDATE_JOBS: &str = "UPDATE job SET retries = coalesce(new.value ->> '$[2]', retries), available = new.value ->> '$[3]', \
    worker = new.value ->> '$[4]' FROM jsonb_each($$) AS new WHERE unit = new.value ->> '$[0]' AND job.id = unhex(new.value ->> '$[1]')";

fn hold_sql(table: &str) -> String {
    format!(
        "UPDATE {table} SET held = new.value ->> '$[2]' FROM jsonb_each($$) AS new \
         WHERE unit = new.value ->> '$[0]' AND instance = unhex(new.value ->> '$[1]')"
    )
}

fn put_sql<R: Table>() -> String {
    let value = |(at, column): (usize, &Column)| {
        if column.blob { format!("unhex(value ->> '$[{at}]')") } else { format!("value ->> '$[{at}]'") }
    };
    let values: Vec<String> = (1..).zip(R::COLUMNS).map(value).collect();
    let (table, columns, values) = (R::NAME, R::columns(), values.join(", "));
    format!("REPLACE INTO {table} (unit, {columns}) SELECT value ->> '$[0]', {values} FROM jsonb_each($$)")
}

fn delete_sql<R: Table>() -> String {
    let (table, key) = (R::NAME, R::COLUMNS[0].name);
    format!("DELETE FROM {table} WHERE (unit, {key}) IN (SELECT value ->> '$[0]', unhex(value ->> '$[1]') FROM jsonb_each($$))")
}
