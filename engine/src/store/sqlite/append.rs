//! What one transaction adds to the journal: one statement, whatever the number of entries, since each that is handed to the connection's
//! thread costs a wake or two on the way back. A view takes it, and its trigger does the rest.

use super::cells::Json;
use super::commands::SLICES;
use super::failure::Failure;
use super::script::Script;
use crate::journal::Sealed;
use crate::store::table::WriteCells as _;
use crate::store::{Head, check};

/// What the trigger says of a head that no longer stands where the batch began.
pub(super) const HEAD_MOVED: &str = "a head moved";
/// What it says of a command that has its entry.
pub(super) const COMMAND_TWICE: &str = "a command is there already";

/// Makes the view and its trigger, for this connection alone. What is long lies in one row of bytes: command, content, salt, leaf and event
/// list of each entry, from the place that its row tells, so that nothing of it is written as JSON and read again. The fence and the
/// uniqueness of commands are assertions: where one fails nothing is written.
///
/// `jsonb_each`, not `json_each`: a row that is an array is handed on as it was parsed, not written as text and parsed again.
pub(super) fn setup() -> String {
    format!(
        "CREATE TEMP VIEW append (heads, entries, bytes, payloads, slice, commands) AS SELECT NULL, NULL, NULL, NULL, NULL, NULL;
        CREATE TEMP TRIGGER append_all INSTEAD OF INSERT ON append BEGIN
            SELECT RAISE(ABORT, '{HEAD_MOVED}') WHERE EXISTS (SELECT 1 FROM jsonb_each(NEW.heads) AS head
                CROSS JOIN unit_log ON number = head.value ->> 0 WHERE size <> head.value ->> 1);
            SELECT RAISE(ABORT, '{COMMAND_TWICE}') WHERE EXISTS (SELECT 1 FROM jsonb_each(NEW.entries) AS line
                CROSS JOIN command ON command.unit = (line.value ->> 0) >> 40 AND command.id = substr(NEW.bytes, line.value ->> 1, 16));
            -- A round of slices brings into the table what was there when it began.
            UPDATE unit_log SET indexing = size WHERE NEW.slice = 0;
            INSERT OR IGNORE INTO command (unit, id, entry)
                SELECT value ->> 0, unhex(value ->> 1), value ->> 2 FROM jsonb_each(NEW.commands);
            UPDATE unit_log SET indexed = indexing WHERE NEW.slice = {last};
            UPDATE unit_log SET origin = head.value ->> 2, size = head.value ->> 3, frontier = unhex(head.value ->> 4),
                time = head.value ->> 5 FROM jsonb_each(NEW.heads) AS head WHERE number = head.value ->> 0;
            INSERT INTO entry (id, command, content, salt, leaf, events, began, sequence)
                SELECT value ->> 0, substr(NEW.bytes, at, 16), substr(NEW.bytes, at + 16, 32), substr(NEW.bytes, at + 48, 32),
                    CAST(substr(NEW.bytes, at + 80, leaf) AS TEXT),
                    CAST(substr(NEW.bytes, at + 80 + leaf, value ->> 3) AS TEXT), value ->> 4, value ->> 5
                FROM (SELECT value, value ->> 1 AS at, value ->> 2 AS leaf FROM jsonb_each(NEW.entries));
            INSERT INTO payload (entry, position, name, salt, body)
                SELECT value ->> 0, value ->> 1, value ->> 2, unhex(value ->> 3), value ->> 4 FROM jsonb_each(NEW.payloads);
        END;",
        last = SLICES - 1
    )
}

const APPEND: &str = "INSERT INTO append (heads, entries, bytes, payloads, slice, commands) VALUES ($1, $2, $3, $4, $5, $6);";

/// Entries and heads of one transaction.
#[derive(Default)]
pub(super) struct Lines {
    heads: Json,
    entries: Json,
    bytes: Vec<u8>,
    payloads: Json,
}

impl Lines {
    /// Moves the head of a log from the size that it had.
    pub(super) fn head(&mut self, number: i64, before: u64, head: &Head) {
        self.heads.row(number, |json| {
            json.int(whole(before));
            json.text(head.origin.as_str());
            json.int(whole(head.size));
            json.blob(&head.frontier[..]);
            json.int(head.time.0);
        });
    }

    /// Adds an entry under its key; `began` is that of the entry that began its case.
    pub(super) fn entry(&mut self, id: i64, began: Option<i64>, entry: &Sealed) {
        let mut payloads = entry.payloads.iter();
        let Some(first) = payloads.next() else { return };
        let (bytes, events) = (&mut self.bytes, first.body.as_deref());
        self.entries.row(id, |json| {
            json.int(length(bytes.len() + 1));
            json.int(length(entry.leaf.len()));
            json.int(events.map(|events| length(events.len())));
            json.int(began);
            json.int(entry.link.map(|link| whole(link.sequence)));
        });
        let events = events.unwrap_or_default();
        let parts = [&entry.command.0[..], entry.content.as_bytes(), &first.salt, entry.leaf.as_bytes(), events.as_bytes()];
        for part in parts {
            bytes.extend_from_slice(part);
        }
        for (position, payload) in (1..).zip(payloads) {
            self.payloads.row(id, |json| {
                json.int(position);
                json.text(payload.name.as_str());
                json.blob(&payload.salt[..]);
                json.text(payload.body.as_deref());
            });
        }
    }

    /// The script that adds them, and a slice of late commands to their table.
    pub(super) fn script(self, slice: usize, late: Json) -> Result<Script, Failure> {
        let mut script = Script { sql: APPEND.to_owned(), ..Script::default() };
        for rows in [self.heads, self.entries] {
            script.take_rows(rows)?;
        }
        let bytes = self.bytes.len();
        script.take(self.bytes, bytes)?;
        script.take_rows(self.payloads)?;
        script.take(length(slice), 0)?;
        script.take_rows(late)?;
        Ok(script)
    }
}

/// The key of an entry. Both parts are checked: the unit's number is small, the index has 40 bits.
pub(super) fn entry_id(number: i64, index: u64) -> i64 {
    (number << 40) | whole(index.min(check::INDEX_MAX))
}

/// A length in memory.
fn length(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// A size or index, which `check` holds below 2^40.
fn whole(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
