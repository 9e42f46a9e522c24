//! Rows as SQLite takes and gives them: written as JSON for `json_each`, read back from columns.

use std::fmt::Write;

use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Row, Sqlite, Type, ValueRef};

use crate::digest::hex;
use crate::model::id::Made;
use crate::store::StoreError;
use crate::store::table::{ReadCells, WriteCells};

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

    /// The text, or none where no row was added.
    pub(super) fn finish(mut self) -> Option<String> {
        if self.0.is_empty() {
            return None;
        }
        self.0.push(']');
        Some(self.0)
    }
}

impl WriteCells for Json {
    fn int(&mut self, value: impl Into<Option<i64>>) {
        match value.into() {
            Some(value) => drop(write!(self.0, ",{value}")),
            None => self.0.push_str(",null"),
        }
    }

    fn text<'a>(&mut self, value: impl Into<Option<&'a str>>) {
        self.0.push(',');
        // A string is always JSON; `null` would be refused by the column.
        self.0.push_str(&value.into().and_then(|value| serde_json::to_string(value).ok()).unwrap_or_else(|| "null".to_owned()));
    }

    fn blob<'a>(&mut self, value: impl Into<Option<&'a [u8]>>) {
        match value.into() {
            Some(value) => drop(write!(self.0, ",\"{}\"", hex(value))),
            None => self.0.push_str(",null"),
        }
    }

    fn made(&mut self, id: Made) {
        let _ = write!(self.0, ",\"{}{:04x}\"", id.command, id.ordinal);
    }
}

/// A row of an SQLite table.
pub(super) struct Cells<'r> {
    table: &'static str,
    row: &'r SqliteRow,
    next: usize,
}

impl<'r> Cells<'r> {
    pub(super) fn new(table: &'static str, row: &'r SqliteRow) -> Self {
        Self { table, row, next: 0 }
    }

    fn get<T: Decode<'r, Sqlite> + Type<Sqlite>>(&mut self) -> Result<T, StoreError> {
        self.next += 1;
        self.row.try_get(self.next - 1).map_err(|error| self.broken(error))
    }
}

impl ReadCells for Cells<'_> {
    fn optional_int(&mut self) -> Result<Option<i64>, StoreError> {
        self.get()
    }

    fn optional_text(&mut self) -> Result<Option<String>, StoreError> {
        self.get()
    }

    fn optional_blob(&mut self) -> Result<Option<&[u8]>, StoreError> {
        self.get()
    }

    fn broken(&self, what: impl std::fmt::Display) -> StoreError {
        let at = self.next.saturating_sub(1);
        let column = self.row.columns().get(at).map_or("?", sqlx::Column::name);
        let key = match self.row.try_get_raw(0).map(|value| value.type_info().to_string()).as_deref() {
            Ok("BLOB") => self.row.try_get_unchecked::<Vec<u8>, _>(0).map(|bytes| hex(&bytes)).unwrap_or_default(),
            _ => self.row.try_get_unchecked::<String, _>(0).unwrap_or_default(),
        };
        StoreError::Broken(format!("table {}, column {column}, row {key}: {what}", self.table))
    }
}
