//! What one transaction adds to the journal: one statement, whatever the number of entries, since each that is handed to the connection's
//! thread costs a wake or two on the way back. A view takes it, and its trigger does the rest.

use super::cells::Json;
use super::commands::SLICES;
use super::failure::Failure;
use super::script::Script;
use crate::journal::Sealed;
use crate::model::CommandId;
use crate::store::table::WriteCells as _;
use crate::store::{Head, check};

/// What the trigger says of a head that no longer stands where the batch began.
pub(super) const HEAD_MOVED: &str = "a head moved";
/// What it says of a command that has its entry.
pub(super) const COMMAND_TWICE: &str = "a command is there already";

/// A number in the row of bytes: so many decimal digits from there. SQLite reads it by a cast, sooner than it finds one in JSON.
#[derive(Clone, Copy)]
struct Digits {
    at: usize,
    width: usize,
}

/// What an entry begins with in the row of bytes: its key, that of the entry that began its case and its place there (0 where it belongs to none), the
/// lengths of its leaf and, one more than it is, of its event list (0 where there is none).
const KEY: Digits = Digits { at: 0, width: 19 };
const BEGAN: Digits = Digits { at: 19, width: 19 };
const SEQUENCE: Digits = Digits { at: 38, width: 13 };
const LEAF: Digits = Digits { at: 51, width: 10 };
const EVENTS: Digits = Digits { at: 61, width: 10 };
/// Then come, each as long as it always is: command, content and salt. Leaf and event list follow.
const COMMAND: usize = EVENTS.at + EVENTS.width;
const CONTENT: usize = COMMAND + 16;
const SALT: usize = CONTENT + 32;
const TEXT: usize = SALT + 32;
/// A late command begins with the key of its entry, too. This is where its id lies.
const LATE: usize = KEY.at + KEY.width;

impl Digits {
    /// The number in what begins at `from`.
    fn sql(self, from: &str) -> String {
        let Self { at, width } = self;
        format!("CAST(substr(NEW.bytes, {from} + {at}, {width}) AS INTEGER)")
    }

    /// Adds a number that is not below zero. No width is exceeded: a key has 63 bits, a sequence 40, and a length fits into a blob of SQLite's.
    fn push(self, bytes: &mut Vec<u8>, value: i64) {
        let from = bytes.len();
        bytes.resize(from + self.width, b'0');
        let mut rest = value.unsigned_abs();
        for digit in bytes[from..].iter_mut().rev() {
            let (last, more) = (rest % 10, rest / 10);
            *digit = b'0' + u8::try_from(last).unwrap_or_default();
            rest = more;
        }
    }
}

/// Makes the view and its trigger, for this connection alone. Entries and late commands lie in one row of bytes, from the places that are told in two
/// lists, so that hardly anything is written as JSON and read again. The fence and the uniqueness of commands are assertions: where one fails nothing is
/// written.
///
/// `jsonb_each`, not `json_each`: a row that is an array is handed on as it was parsed, not written as text and parsed again. And a path is
/// a text: of a bare number SQLite makes one each time.
pub(super) fn setup() -> String {
    let late = KEY.sql("value");
    let (key, began, sequence) = (KEY.sql("at"), BEGAN.sql("at"), SEQUENCE.sql("at"));
    format!(
        "CREATE TEMP VIEW append (heads, entries, bytes, payloads, slice, commands) AS SELECT NULL, NULL, NULL, NULL, NULL, NULL;
        CREATE TEMP TRIGGER append_all INSTEAD OF INSERT ON append BEGIN
            SELECT RAISE(ABORT, '{HEAD_MOVED}') WHERE EXISTS (SELECT 1 FROM jsonb_each(NEW.heads) AS head
                CROSS JOIN unit_log ON number = head.value ->> '$[0]' WHERE size <> head.value ->> '$[1]');
            SELECT RAISE(ABORT, '{COMMAND_TWICE}') WHERE EXISTS (SELECT 1 FROM jsonb_each(NEW.entries)
                CROSS JOIN command ON command.unit = {late} >> 40 AND command.id = substr(NEW.bytes, value + {COMMAND}, 16));
            -- A round of slices brings into the table what was there when it began.
            UPDATE unit_log SET indexing = size WHERE NEW.slice = 0;
            INSERT OR IGNORE INTO command (unit, id, entry)
                SELECT {late} >> 40, substr(NEW.bytes, value + {LATE}, 16), {late} FROM jsonb_each(NEW.commands);
            UPDATE unit_log SET indexed = indexing WHERE NEW.slice = {last};
            UPDATE unit_log SET origin = head.value ->> '$[2]', size = head.value ->> '$[3]', frontier = unhex(head.value ->> '$[4]'),
                time = head.value ->> '$[5]' FROM jsonb_each(NEW.heads) AS head WHERE number = head.value ->> '$[0]';
            INSERT INTO entry (id, command, content, salt, leaf, events, began, sequence)
                SELECT {key}, substr(NEW.bytes, at + {COMMAND}, 16), substr(NEW.bytes, at + {CONTENT}, 32), substr(NEW.bytes, at + {SALT}, 32),
                    CAST(substr(NEW.bytes, at + {TEXT}, leaf) AS TEXT),
                    CAST(substr(NEW.bytes, at + {TEXT} + leaf, nullif({events}, 0) - 1) AS TEXT), nullif({began}, 0), nullif({sequence}, 0)
                FROM (SELECT value AS at, {leaf} AS leaf FROM jsonb_each(NEW.entries));
            INSERT INTO payload (entry, position, name, salt, body)
                SELECT value ->> '$[0]', value ->> '$[1]', value ->> '$[2]', unhex(value ->> '$[3]'), value ->> '$[4]'
                FROM jsonb_each(NEW.payloads);
        END;",
        last = SLICES - 1,
        leaf = LEAF.sql("value"),
        events = EVENTS.sql("at"),
    )
}

const APPEND: &str = "INSERT INTO append (heads, entries, bytes, payloads, slice, commands) VALUES ($1, $2, $3, $4, $5, $6);";

/// Entries and heads of one transaction.
#[derive(Default)]
pub(super) struct Lines {
    heads: Json,
    /// Where entries begin in the row of bytes, which SQLite counts from one.
    entries: Vec<usize>,
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
        self.entries.push(bytes.len() + 1);
        KEY.push(bytes, id);
        BEGAN.push(bytes, began.unwrap_or_default());
        SEQUENCE.push(bytes, entry.link.map_or(0, |link| whole(link.sequence)));
        LEAF.push(bytes, length(entry.leaf.len()));
        EVENTS.push(bytes, events.map_or(0, |events| 1 + length(events.len())));
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
    pub(super) fn script(self, slice: usize, late: &[(CommandId, i64)]) -> Result<Script, Failure> {
        let Self { heads, entries, mut bytes, payloads } = self;
        let mut commands = Vec::with_capacity(late.len());
        for (id, entry) in late {
            commands.push(bytes.len() + 1);
            KEY.push(&mut bytes, *entry);
            bytes.extend_from_slice(&id.0);
        }
        let mut script = Script { sql: APPEND.to_owned(), ..Script::default() };
        script.take_rows(heads)?;
        script.take_list(&entries)?;
        let count = bytes.len();
        script.take(bytes, count)?;
        script.take_rows(payloads)?;
        script.take(length(slice), 0)?;
        script.take_list(&commands)?;
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
