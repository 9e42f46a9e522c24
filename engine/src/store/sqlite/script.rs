//! A script: the statements of one transaction and what they take.

use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments as _, Encode, Sqlite, Type};

use super::cells::Json;
use super::failure::Failure;

/// Statements that are handed over at once, with what they take: every hand-over to the connection's thread costs. Their parameters are
/// `$1`, `$2` … through all statements, or `$$` where a statement has one of its own.
#[derive(Default)]
pub(super) struct Script {
    pub(super) sql: String,
    pub(super) parameters: SqliteArguments,
    /// Bytes of the parameters.
    pub(super) bytes: usize,
}

impl Script {
    /// Takes a parameter.
    pub(super) fn take(
        &mut self,
        parameter: impl for<'q> Encode<'q, Sqlite> + Type<Sqlite>,
        bytes: usize,
    ) -> Result<(), Failure> {
        self.bytes += bytes;
        self.parameters.add(parameter).map_err(|error| Failure::Other(error.to_string()))
    }

    /// Takes rows as a parameter, null if there are none.
    pub(super) fn take_rows(&mut self, rows: Json) -> Result<(), Failure> {
        let rows = rows.finish();
        let bytes = rows.as_ref().map_or(0, String::len);
        self.take(rows, bytes)
    }

    /// Takes a list of numbers as a parameter.
    pub(super) fn take_list(&mut self, numbers: &[usize]) -> Result<(), Failure> {
        let list = serde_json::to_string(numbers).unwrap_or_default();
        let bytes = list.len();
        self.take(list, bytes)
    }

    /// Adds a statement over rows, if there are any.
    pub(super) fn rows(&mut self, sql: &str, rows: Json) -> Result<(), Failure> {
        rows.finish().map_or(Ok(()), |rows| self.run(sql, rows))
    }

    /// Adds a statement over rows.
    pub(super) fn run(&mut self, sql: &str, rows: String) -> Result<(), Failure> {
        let bytes = rows.len();
        self.take(rows, bytes)?;
        self.sql.push_str(&sql.replace("$$", &format!("${}", self.parameters.len())));
        self.sql.push(';');
        Ok(())
    }
}
