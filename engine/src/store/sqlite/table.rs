//! The row tables: how each row is written as JSON for `json_each`, and read back from its columns.

use std::fmt::Write;

use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Row, Sqlite, Type, ValueRef};

use crate::digest::{Hash, hex};
use crate::model::id::Made;
use crate::model::{CommandId, PersonId, Time};
use crate::projection::row::{
    DefinitionRow, DueKind, DueRow, IncidentRow, InstanceRow, InstanceStatus, JobRow, MessageRow, SubscriptionRow, TaskRow,
};
use crate::store::StoreError;

/// A column, and whether its bytes travel through JSON as hexadecimal text.
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) blob: bool,
}

const fn plain(name: &'static str) -> Column {
    Column { name, blob: false }
}

const fn blob(name: &'static str) -> Column {
    Column { name, blob: true }
}

/// A row table. `unit` is its first column and not in the list; the key is the first that is.
pub(super) trait Table: Sized {
    const NAME: &'static str;
    const COLUMNS: &'static [Column];
    /// Writes the columns in order.
    fn write(&self, json: &mut Json);
    /// Reads the columns in order.
    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError>;

    /// The columns, as in a `SELECT`.
    fn columns() -> String {
        Self::COLUMNS.iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
    }
}

/// A JSON array of arrays, one a row: the one parameter of a statement that writes many rows.
#[derive(Default)]
pub(super) struct Json(String);

impl Json {
    /// Adds a row of the unit with this number; `columns` writes what follows it.
    pub(super) fn row(&mut self, unit: i64, columns: impl FnOnce(&mut Self)) {
        self.0.push_str(if self.0.is_empty() { "[[" } else { ",[" });
        // Writing to a String cannot fail.
        let _ = write!(self.0, "{unit}");
        columns(self);
        self.0.push(']');
    }

    pub(super) fn int(&mut self, value: impl Into<Option<i64>>) {
        match value.into() {
            Some(value) => drop(write!(self.0, ",{value}")),
            None => self.0.push_str(",null"),
        }
    }

    pub(super) fn text<'a>(&mut self, value: impl Into<Option<&'a str>>) {
        self.0.push(',');
        // A string is always JSON; `null` would be refused by the column.
        self.0.push_str(&value.into().and_then(|value| serde_json::to_string(value).ok()).unwrap_or_else(|| "null".to_owned()));
    }

    pub(super) fn blob<'a>(&mut self, value: impl Into<Option<&'a [u8]>>) {
        match value.into() {
            Some(value) => drop(write!(self.0, ",\"{}\"", hex(value))),
            None => self.0.push_str(",null"),
        }
    }

    pub(super) fn made(&mut self, id: Made) {
        let _ = write!(self.0, ",\"{}{:04x}\"", id.command, id.ordinal);
    }

    /// The text, or none where no row was added.
    pub(super) fn finish(mut self) -> Option<String> {
        if self.0.is_empty() {
            return None;
        }
        self.0.push(']');
        Some(self.0)
    }
}

/// A row's columns, read one after another. What is not as it must be is told with table, column and row.
pub(super) struct Cells<'r> {
    table: &'static str,
    row: &'r SqliteRow,
    next: usize,
}

impl<'r> Cells<'r> {
    pub(super) fn new(table: &'static str, row: &'r SqliteRow) -> Self {
        Self { table, row, next: 0 }
    }

    /// The complaint about the column that was read last.
    pub(super) fn broken(&self, what: impl std::fmt::Display) -> StoreError {
        let at = self.next.saturating_sub(1);
        let column = self.row.columns().get(at).map_or("?", sqlx::Column::name);
        let key = match self.row.try_get_raw(0).map(|value| value.type_info().to_string()).as_deref() {
            Ok("BLOB") => self.row.try_get_unchecked::<Vec<u8>, _>(0).map(|bytes| hex(&bytes)).unwrap_or_default(),
            _ => self.row.try_get_unchecked::<String, _>(0).unwrap_or_default(),
        };
        StoreError::Broken(format!("table {}, column {column}, row {key}: {what}", self.table))
    }

    fn get<T: Decode<'r, Sqlite> + Type<Sqlite>>(&mut self) -> Result<T, StoreError> {
        self.next += 1;
        self.row.try_get(self.next - 1).map_err(|error| self.broken(error))
    }

    pub(super) fn int(&mut self) -> Result<i64, StoreError> {
        self.get()
    }

    /// A whole number of the type that is wanted.
    pub(super) fn number<N: TryFrom<i64>>(&mut self) -> Result<N, StoreError> {
        let value = self.int()?;
        N::try_from(value).map_err(|_| self.broken(format_args!("{value} is out of range")))
    }

    fn flag(&mut self) -> Result<bool, StoreError> {
        match self.int()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(self.broken(format_args!("{other} is neither 0 nor 1"))),
        }
    }

    pub(super) fn time(&mut self) -> Result<Time, StoreError> {
        self.int().map(Time)
    }

    fn optional_time(&mut self) -> Result<Option<Time>, StoreError> {
        Ok(self.get::<Option<i64>>()?.map(Time))
    }

    pub(super) fn text(&mut self) -> Result<String, StoreError> {
        self.get()
    }

    pub(super) fn optional_text(&mut self) -> Result<Option<String>, StoreError> {
        self.get()
    }

    fn person(&mut self) -> Result<Option<PersonId>, StoreError> {
        self.optional_text()?.map(|text| text.parse().map_err(|error| self.broken(error))).transpose()
    }

    pub(super) fn blob(&mut self) -> Result<Vec<u8>, StoreError> {
        self.get()
    }

    pub(super) fn bytes<const N: usize>(&mut self) -> Result<[u8; N], StoreError> {
        let bytes: &[u8] = self.get()?;
        bytes.try_into().map_err(|_| self.broken(format_args!("{} bytes instead of {N}", bytes.len())))
    }

    pub(super) fn hash(&mut self) -> Result<Hash, StoreError> {
        self.bytes().map(Hash::from_bytes)
    }

    fn command(&mut self) -> Result<CommandId, StoreError> {
        self.bytes().map(CommandId)
    }

    fn optional_command(&mut self) -> Result<Option<CommandId>, StoreError> {
        let Some(bytes) = self.get::<Option<&[u8]>>()? else { return Ok(None) };
        let bytes = bytes.try_into().map_err(|_| self.broken(format_args!("{} bytes instead of 16", bytes.len())))?;
        Ok(Some(CommandId(bytes)))
    }

    fn made(&mut self) -> Result<Made, StoreError> {
        let bytes: [u8; 18] = self.bytes()?;
        let (mut command, [.., high, low]) = ([0; 16], bytes);
        command.copy_from_slice(&bytes[..16]);
        Ok(Made { command: CommandId(command), ordinal: u16::from_be_bytes([high, low]) })
    }
}

/// The key of a made thing, as stored.
pub(super) fn made_bytes(id: Made) -> Vec<u8> {
    [&id.command.0[..], &id.ordinal.to_be_bytes()].concat()
}

impl Table for InstanceRow {
    const NAME: &'static str = "instance";
    const COLUMNS: &'static [Column] = &[
        blob("id"),
        blob("definition"),
        plain("process"),
        plain("number"),
        blob("parent"),
        plain("status"),
        plain("started_by"),
        plain("started"),
        plain("ended"),
    ];

    fn write(&self, json: &mut Json) {
        json.blob(&self.id.0[..]);
        json.blob(&self.definition.as_bytes()[..]);
        json.text(self.process.as_str());
        json.text(self.number.as_deref());
        json.blob(self.parent.as_ref().map(|parent| &parent.0[..]));
        json.int(self.status.code());
        json.text(self.started_by.as_str());
        json.int(self.started.0);
        json.int(self.ended.map(|ended| ended.0));
    }

    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: cells.command()?,
            definition: cells.hash()?,
            process: cells.text()?,
            number: cells.optional_text()?,
            parent: cells.optional_command()?,
            status: InstanceStatus::from_code(cells.int()?).ok_or_else(|| cells.broken("no such status"))?,
            started_by: cells.text()?,
            started: cells.time()?,
            ended: cells.optional_time()?,
        })
    }
}

impl Table for TaskRow {
    const NAME: &'static str = "task";
    const COLUMNS: &'static [Column] = &[
        blob("id"),
        blob("instance"),
        blob("definition"),
        plain("process"),
        plain("step"),
        plain("role"),
        plain("only_for"),
        plain("assignee"),
        plain("held"),
        plain("created"),
        plain("due"),
    ];

    fn write(&self, json: &mut Json) {
        json.made(self.id);
        json.blob(&self.instance.0[..]);
        json.blob(&self.definition.as_bytes()[..]);
        json.text(self.process.as_str());
        json.text(self.step.as_str());
        json.text(self.role.as_str());
        json.text(self.only.as_ref().map(PersonId::as_str));
        json.text(self.assignee.as_ref().map(PersonId::as_str));
        json.int(i64::from(self.held));
        json.int(self.created.0);
        json.int(self.due.map(|due| due.0));
    }

    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: cells.made()?,
            instance: cells.command()?,
            definition: cells.hash()?,
            process: cells.text()?,
            step: cells.text()?,
            role: cells.text()?,
            only: cells.person()?,
            assignee: cells.person()?,
            held: cells.flag()?,
            created: cells.time()?,
            due: cells.optional_time()?,
        })
    }
}

impl Table for JobRow {
    const NAME: &'static str = "job";
    const COLUMNS: &'static [Column] = &[
        blob("id"),
        blob("instance"),
        plain("step"),
        plain("topic"),
        plain("retries"),
        plain("available"),
        plain("worker"),
        plain("held"),
    ];

    fn write(&self, json: &mut Json) {
        json.made(self.id);
        json.blob(&self.instance.0[..]);
        json.text(self.step.as_str());
        json.text(self.topic.as_str());
        json.int(i64::from(self.retries));
        json.int(self.available.0);
        json.text(self.worker.as_deref());
        json.int(i64::from(self.held));
    }

    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: cells.made()?,
            instance: cells.command()?,
            step: cells.text()?,
            topic: cells.text()?,
            retries: cells.number()?,
            available: cells.time()?,
            worker: cells.optional_text()?,
            held: cells.flag()?,
        })
    }
}

impl Table for DueRow {
    const NAME: &'static str = "due";
    const COLUMNS: &'static [Column] = &[blob("id"), plain("kind"), plain("at"), blob("instance"), plain("held")];

    fn write(&self, json: &mut Json) {
        json.made(self.id);
        json.int(self.kind.code());
        json.int(self.at.0);
        json.blob(self.instance.as_ref().map(|instance| &instance.0[..]));
        json.int(i64::from(self.held));
    }

    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: cells.made()?,
            kind: DueKind::from_code(cells.int()?).ok_or_else(|| cells.broken("no such kind"))?,
            at: cells.time()?,
            instance: cells.optional_command()?,
            held: cells.flag()?,
        })
    }
}

impl Table for SubscriptionRow {
    const NAME: &'static str = "subscription";
    const COLUMNS: &'static [Column] =
        &[blob("id"), blob("instance"), plain("name"), plain("key"), plain("opened"), plain("held")];

    fn write(&self, json: &mut Json) {
        json.made(self.id);
        json.blob(&self.instance.0[..]);
        json.text(self.name.as_str());
        json.text(self.key.as_str());
        json.int(self.opened.0);
        json.int(i64::from(self.held));
    }

    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: cells.made()?,
            instance: cells.command()?,
            name: cells.text()?,
            key: cells.text()?,
            opened: cells.time()?,
            held: cells.flag()?,
        })
    }
}

impl Table for MessageRow {
    const NAME: &'static str = "message";
    const COLUMNS: &'static [Column] = &[blob("id"), plain("name"), plain("key"), plain("published"), plain("expires")];

    fn write(&self, json: &mut Json) {
        json.made(self.id);
        json.text(self.name.as_str());
        json.text(self.key.as_str());
        json.int(self.published.0);
        json.int(self.expires.0);
    }

    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        Ok(Self { id: cells.made()?, name: cells.text()?, key: cells.text()?, published: cells.time()?, expires: cells.time()? })
    }
}

impl Table for IncidentRow {
    const NAME: &'static str = "incident";
    const COLUMNS: &'static [Column] = &[blob("id"), blob("instance"), plain("code"), plain("message"), plain("raised")];

    fn write(&self, json: &mut Json) {
        json.made(self.id);
        json.blob(&self.instance.0[..]);
        json.text(self.code.as_str());
        json.text(self.message.as_str());
        json.int(self.raised.0);
    }

    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: cells.made()?,
            instance: cells.command()?,
            code: cells.text()?,
            message: cells.text()?,
            raised: cells.time()?,
        })
    }
}

impl Table for DefinitionRow {
    const NAME: &'static str = "definition";
    const COLUMNS: &'static [Column] = &[blob("hash"), plain("process"), plain("version"), plain("document"), plain("deployed")];

    fn write(&self, json: &mut Json) {
        json.blob(&self.hash.as_bytes()[..]);
        json.text(self.process.as_str());
        json.int(i64::from(self.version));
        json.text(self.document.as_str());
        json.int(self.deployed.0);
    }

    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            hash: cells.hash()?,
            process: cells.text()?,
            version: cells.number()?,
            document: cells.text()?,
            deployed: cells.time()?,
        })
    }
}

/// The kept state of a case.
#[derive(Clone)]
pub(super) struct Snapshot {
    pub(super) instance: CommandId,
    pub(super) sequence: u64,
    pub(super) state: Vec<u8>,
}

impl Table for Snapshot {
    const NAME: &'static str = "snapshot";
    const COLUMNS: &'static [Column] = &[blob("instance"), plain("sequence"), blob("state")];

    fn write(&self, json: &mut Json) {
        json.blob(&self.instance.0[..]);
        // A sequence is at most the index of its entry, which has 40 bits; what has more does not fit the column and is refused.
        json.int(i64::try_from(self.sequence).ok());
        json.blob(&self.state[..]);
    }

    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        Ok(Self { instance: cells.command()?, sequence: cells.number()?, state: cells.blob()? })
    }
}
