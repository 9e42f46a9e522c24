//! The row tables: which columns they have, how each row is written into them, and read back. It is the same in every database: whole
//! numbers, text and bytes.

use std::fmt::Write as _;

use super::count::Tally;
use crate::digest::{Hash, hex};
use crate::model::id::Made;
use crate::model::reading::Through;
use crate::model::{CommandId, InstanceId, PersonId, PostId, Time};
use crate::projection::row::{
    DefinitionRow, DueKind, DueRow, IncidentRow, InstanceRow, InstanceStatus, JobRow, MessageRow, ReadingRow, ReportKind,
    ReportRow, SubscriptionRow, TaskRow,
};
use crate::store::StoreError;

/// The key of a row as stored.
pub(super) trait Key {
    /// Its bytes.
    fn bytes(&self) -> Vec<u8>;
}

impl Key for CommandId {
    fn bytes(&self) -> Vec<u8> {
        self.0.to_vec()
    }
}

impl Key for Made {
    fn bytes(&self) -> Vec<u8> {
        made_bytes(*self)
    }
}

impl Key for Hash {
    fn bytes(&self) -> Vec<u8> {
        self.as_bytes().to_vec()
    }
}

/// A column, and whether it holds bytes.
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
    fn write(&self, out: &mut impl WriteCells);
    /// Reads the columns in order.
    fn read(cells: &mut impl ReadCells) -> Result<Self, StoreError>;

    /// The columns, as in a `SELECT`.
    fn columns() -> String {
        Self::COLUMNS.iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
    }
}

/// The tables of rows, which a rebuild replaces, each with the column of its key after the unit.
pub(super) const ROW_TABLES: [(&str, &str); 12] = [
    key_of::<InstanceRow>(),
    key_of::<TaskRow>(),
    // After the tasks, whose going is counted.
    (Tally::TABLE, "process"),
    key_of::<JobRow>(),
    key_of::<DueRow>(),
    key_of::<SubscriptionRow>(),
    key_of::<MessageRow>(),
    key_of::<IncidentRow>(),
    key_of::<ReportRow>(),
    key_of::<ReadingRow>(),
    key_of::<DefinitionRow>(),
    key_of::<Snapshot>(),
];

const fn key_of<R: Table>() -> (&'static str, &'static str) {
    (R::NAME, R::COLUMNS[0].name)
}

/// A row as text, as `dump_rows` tells it: table and key, and a line for each other column.
pub(super) fn line<R: Table>(row: &R) -> String {
    let mut line = Line { out: R::NAME.to_owned(), columns: R::COLUMNS, next: 0 };
    row.write(&mut line);
    line.out
}

struct Line {
    out: String,
    columns: &'static [Column],
    next: usize,
}

impl Line {
    fn add(&mut self, value: impl std::fmt::Display) {
        // A table writes as many columns as it has.
        let name = self.columns.get(self.next).map_or("?", |column| column.name);
        // Writing to a String cannot fail.
        let _ = if self.next == 0 { write!(self.out, " {value}") } else { write!(self.out, "\n{name} {value}") };
        self.next += 1;
    }
}

impl WriteCells for Line {
    fn int(&mut self, value: impl Into<Option<i64>>) {
        match value.into() {
            Some(value) => self.add(value),
            None => self.add("-"),
        }
    }

    fn text<'a>(&mut self, value: impl Into<Option<&'a str>>) {
        match value.into() {
            // Quoted: whatever it holds, it is one line, and differs from none.
            Some(value) => self.add(format_args!("{value:?}")),
            None => self.add("-"),
        }
    }

    fn blob<'a>(&mut self, value: impl Into<Option<&'a [u8]>>) {
        match value.into() {
            Some(value) => self.add(hex(value)),
            None => self.add("-"),
        }
    }
}

/// Whether the payloads of an entry are numbered from 1 without a gap, in SQL: their numbers differ by the key of their table.
pub(super) const NUMBERED: &str =
    "CASE WHEN coalesce(max(position), 0) = count(*) AND coalesce(min(position), 1) = 1 THEN 1 ELSE 0 END";

/// Where a row's columns are written, one after another.
pub(super) trait WriteCells {
    fn int(&mut self, value: impl Into<Option<i64>>);
    fn text<'a>(&mut self, value: impl Into<Option<&'a str>>);
    fn blob<'a>(&mut self, value: impl Into<Option<&'a [u8]>>);

    fn made(&mut self, id: Made) {
        self.blob(&made_bytes(id)[..]);
    }
}

/// A row's columns, read one after another. What is not as it must be is told with table, column and row.
pub(super) trait ReadCells {
    fn optional_int(&mut self) -> Result<Option<i64>, StoreError>;
    fn optional_text(&mut self) -> Result<Option<String>, StoreError>;
    fn optional_blob(&mut self) -> Result<Option<&[u8]>, StoreError>;
    /// The complaint about the column that was read last.
    fn broken(&self, what: impl std::fmt::Display) -> StoreError;

    fn there<T>(&self, value: Option<T>) -> Result<T, StoreError> {
        value.ok_or_else(|| self.broken("nothing where there must be a value"))
    }

    fn int(&mut self) -> Result<i64, StoreError> {
        let value = self.optional_int()?;
        self.there(value)
    }

    /// A whole number of the type that is wanted.
    fn number<N: TryFrom<i64>>(&mut self) -> Result<N, StoreError> {
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

    fn time(&mut self) -> Result<Time, StoreError> {
        self.int().map(Time)
    }

    fn optional_time(&mut self) -> Result<Option<Time>, StoreError> {
        Ok(self.optional_int()?.map(Time))
    }

    fn text(&mut self) -> Result<String, StoreError> {
        let value = self.optional_text()?;
        self.there(value)
    }

    fn person(&mut self) -> Result<Option<PersonId>, StoreError> {
        self.optional_text()?.map(|text| text.parse().map_err(|error| self.broken(error))).transpose()
    }

    fn blob(&mut self) -> Result<Vec<u8>, StoreError> {
        let value = self.optional_blob()?.map(<[u8]>::to_vec);
        self.there(value)
    }

    fn optional_bytes<const N: usize>(&mut self) -> Result<Option<[u8; N]>, StoreError> {
        let Some(bytes) = self.optional_blob()? else { return Ok(None) };
        let found = bytes.len();
        match bytes.try_into() {
            Ok(bytes) => Ok(Some(bytes)),
            Err(_) => Err(self.broken(format_args!("{found} bytes instead of {N}"))),
        }
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], StoreError> {
        let value = self.optional_bytes()?;
        self.there(value)
    }

    fn hash(&mut self) -> Result<Hash, StoreError> {
        self.bytes().map(Hash::from_bytes)
    }

    fn command(&mut self) -> Result<CommandId, StoreError> {
        self.bytes().map(CommandId)
    }

    fn optional_command(&mut self) -> Result<Option<CommandId>, StoreError> {
        Ok(self.optional_bytes()?.map(CommandId))
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

    fn write(&self, out: &mut impl WriteCells) {
        out.blob(&self.id.0[..]);
        out.blob(&self.definition.as_bytes()[..]);
        out.text(self.process.as_str());
        out.text(self.number.as_deref());
        out.blob(self.parent.as_ref().map(|parent| &parent.0[..]));
        out.int(self.status.code());
        out.text(self.started_by.as_str());
        out.int(self.started.0);
        out.int(self.ended.map(|ended| ended.0));
    }

    fn read(cells: &mut impl ReadCells) -> Result<Self, StoreError> {
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

    fn write(&self, out: &mut impl WriteCells) {
        out.made(self.id);
        out.blob(&self.instance.0[..]);
        out.blob(&self.definition.as_bytes()[..]);
        out.text(self.process.as_str());
        out.text(self.step.as_str());
        out.text(self.role.as_str());
        out.text(self.only.as_ref().map(PersonId::as_str));
        out.text(self.assignee.as_ref().map(PersonId::as_str));
        out.int(i64::from(self.held));
        out.int(self.created.0);
        out.int(self.due.map(|due| due.0));
    }

    fn read(cells: &mut impl ReadCells) -> Result<Self, StoreError> {
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

    fn write(&self, out: &mut impl WriteCells) {
        out.made(self.id);
        out.blob(&self.instance.0[..]);
        out.text(self.step.as_str());
        out.text(self.topic.as_str());
        out.int(i64::from(self.retries));
        out.int(self.available.0);
        out.text(self.worker.as_deref());
        out.int(i64::from(self.held));
    }

    fn read(cells: &mut impl ReadCells) -> Result<Self, StoreError> {
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

    fn write(&self, out: &mut impl WriteCells) {
        out.made(self.id);
        out.int(self.kind.code());
        out.int(self.at.0);
        out.blob(self.instance.as_ref().map(|instance| &instance.0[..]));
        out.int(i64::from(self.held));
    }

    fn read(cells: &mut impl ReadCells) -> Result<Self, StoreError> {
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

    fn write(&self, out: &mut impl WriteCells) {
        out.made(self.id);
        out.blob(&self.instance.0[..]);
        out.text(self.name.as_str());
        out.text(self.key.as_str());
        out.int(self.opened.0);
        out.int(i64::from(self.held));
    }

    fn read(cells: &mut impl ReadCells) -> Result<Self, StoreError> {
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

    fn write(&self, out: &mut impl WriteCells) {
        out.made(self.id);
        out.text(self.name.as_str());
        out.text(self.key.as_str());
        out.int(self.published.0);
        out.int(self.expires.0);
    }

    fn read(cells: &mut impl ReadCells) -> Result<Self, StoreError> {
        Ok(Self { id: cells.made()?, name: cells.text()?, key: cells.text()?, published: cells.time()?, expires: cells.time()? })
    }
}

impl Table for IncidentRow {
    const NAME: &'static str = "incident";
    const COLUMNS: &'static [Column] = &[blob("id"), blob("instance"), plain("code"), plain("message"), plain("raised")];

    fn write(&self, out: &mut impl WriteCells) {
        out.made(self.id);
        out.blob(&self.instance.0[..]);
        out.text(self.code.as_str());
        out.text(self.message.as_str());
        out.int(self.raised.0);
    }

    fn read(cells: &mut impl ReadCells) -> Result<Self, StoreError> {
        Ok(Self {
            id: cells.made()?,
            instance: cells.command()?,
            code: cells.text()?,
            message: cells.text()?,
            raised: cells.time()?,
        })
    }
}

impl Table for ReportRow {
    const NAME: &'static str = "report";
    const COLUMNS: &'static [Column] = &[blob("id"), plain("kind"), plain("schedule"), plain("at"), plain("made")];

    fn write(&self, out: &mut impl WriteCells) {
        out.made(self.id);
        out.int(self.kind.code());
        out.text(self.schedule.as_str());
        out.int(self.at.0);
        out.int(self.made.0);
    }

    fn read(cells: &mut impl ReadCells) -> Result<Self, StoreError> {
        Ok(Self {
            id: cells.made()?,
            kind: ReportKind::from_code(cells.int()?).ok_or_else(|| cells.broken("no such kind"))?,
            schedule: cells.text()?,
            at: cells.time()?,
            made: cells.time()?,
        })
    }
}

impl Table for ReadingRow {
    const NAME: &'static str = "reading";
    const COLUMNS: &'static [Column] = &[
        blob("id"),
        plain("entry"),
        plain("at"),
        plain("person"),
        plain("via"),
        plain("case_unit"),
        blob("instance"),
        plain("names"),
        plain("through"),
    ];

    fn write(&self, out: &mut impl WriteCells) {
        out.made(self.id);
        // The index of an entry has 40 bits; what has more does not fit the column and is refused.
        out.int(i64::try_from(self.entry).ok());
        out.int(self.at.0);
        out.text(self.person.as_str());
        out.text(self.via.as_ref().map(PostId::as_str));
        out.text(self.case.unit.as_str());
        out.blob(&self.case.command.0[..]);
        out.text(self.names.as_str());
        out.text(self.through.code());
    }

    fn read(cells: &mut impl ReadCells) -> Result<Self, StoreError> {
        Ok(Self {
            id: cells.made()?,
            entry: cells.number()?,
            at: cells.time()?,
            person: cells.person()?.ok_or_else(|| cells.broken("nobody where there must be a person"))?,
            via: cells.optional_text()?.map(|text| text.parse().map_err(|error| cells.broken(error))).transpose()?,
            case: InstanceId { unit: cells.text()?.parse().map_err(|error| cells.broken(error))?, command: cells.command()? },
            names: cells.text()?,
            through: Through::from_code(&cells.text()?).ok_or_else(|| cells.broken("no such place"))?,
        })
    }
}

impl Table for DefinitionRow {
    const NAME: &'static str = "definition";
    const COLUMNS: &'static [Column] = &[blob("hash"), plain("process"), plain("version"), plain("document"), plain("deployed")];

    fn write(&self, out: &mut impl WriteCells) {
        out.blob(&self.hash.as_bytes()[..]);
        out.text(self.process.as_str());
        out.int(i64::from(self.version));
        out.text(self.document.as_str());
        out.int(self.deployed.0);
    }

    fn read(cells: &mut impl ReadCells) -> Result<Self, StoreError> {
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

impl Snapshot {
    /// It as readers are told.
    pub(super) fn told(self) -> (CommandId, u64, Vec<u8>) {
        (self.instance, self.sequence, self.state)
    }
}

impl Table for Snapshot {
    const NAME: &'static str = "snapshot";
    const COLUMNS: &'static [Column] = &[blob("instance"), plain("sequence"), blob("state")];

    fn write(&self, out: &mut impl WriteCells) {
        out.blob(&self.instance.0[..]);
        // A sequence is at most the index of its entry, which has 40 bits; what has more does not fit the column and is refused.
        out.int(i64::try_from(self.sequence).ok());
        out.blob(&self.state[..]);
    }

    fn read(cells: &mut impl ReadCells) -> Result<Self, StoreError> {
        Ok(Self { instance: cells.command()?, sequence: cells.number()?, state: cells.blob()? })
    }
}
