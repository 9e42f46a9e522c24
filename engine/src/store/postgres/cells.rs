//! Rows as PostgreSQL takes and gives them: a column of all rows is one array for `UNNEST`; read back from columns.

use std::borrow::Cow;

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{Decode, Postgres, Row, Type, TypeInfo, ValueRef};

use crate::digest::hex;
use crate::store::StoreError;
use crate::store::table::{ReadCells, WriteCells};

/// A text as stored. PostgreSQL keeps no NUL, but a value that somebody sent may have one: it becomes two bytes, and so does the byte that
/// marks it. Order and equality stay what they were.
pub(super) fn stored(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte > 1) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace('\u{1}', "\u{1}\u{2}").replace('\0', "\u{1}\u{1}"))
}

/// A text as it was before it was [`stored`].
fn restored(text: &str) -> Option<String> {
    let mut parts = text.split('\u{1}');
    let mut out = parts.next().unwrap_or_default().to_owned();
    while let Some(part) = parts.next() {
        match part.strip_prefix('\u{2}') {
            Some(rest) => {
                out.push('\u{1}');
                out.push_str(rest);
            }
            // The mark twice: the part between the two is empty.
            None if part.is_empty() => {
                out.push('\0');
                out.push_str(parts.next()?);
            }
            None => return None,
        }
    }
    Some(out)
}

/// The columns of many rows.
#[derive(Clone, Default)]
pub(super) struct Arrays {
    columns: Vec<Array>,
    next: usize,
    rows: usize,
}

#[derive(Clone)]
enum Array {
    Int(Vec<Option<i64>>),
    Text(Vec<Option<String>>),
    Blob(Vec<Option<Vec<u8>>>),
}

impl Arrays {
    /// Adds a row: the columns that follow, until the next.
    pub(super) fn row(&mut self) {
        self.next = 0;
        self.rows += 1;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// How many rows.
    pub(super) fn len(&self) -> usize {
        self.rows
    }

    /// `UNNEST(…)` of all columns, as the parameters after the first.
    pub(super) fn unnest(&self) -> String {
        let parameter = |(at, array): (usize, &Array)| match array {
            Array::Int(_) => format!("${at}::bigint[]"),
            Array::Text(_) => format!("${at}::text[]"),
            Array::Blob(_) => format!("${at}::bytea[]"),
        };
        let parameters: Vec<String> = (2..).zip(&self.columns).map(parameter).collect();
        format!("UNNEST({})", parameters.join(", "))
    }

    /// Hands the columns to a statement.
    pub(super) fn bind(self, mut query: Query<'_, Postgres, PgArguments>) -> Query<'_, Postgres, PgArguments> {
        for column in self.columns {
            query = match column {
                Array::Int(values) => query.bind(values),
                Array::Text(values) => query.bind(values),
                Array::Blob(values) => query.bind(values),
            };
        }
        query
    }

    /// The column that comes next; `new` makes it in the first row.
    fn column(&mut self, new: Array) -> &mut Array {
        let at = self.next;
        self.next += 1;
        if at == self.columns.len() {
            self.columns.push(new);
        }
        &mut self.columns[at]
    }
}

impl WriteCells for Arrays {
    fn int(&mut self, value: impl Into<Option<i64>>) {
        match self.column(Array::Int(Vec::new())) {
            Array::Int(values) => values.push(value.into()),
            _ => unreachable!("a table writes the same columns in every row"),
        }
    }

    fn text<'a>(&mut self, value: impl Into<Option<&'a str>>) {
        match self.column(Array::Text(Vec::new())) {
            Array::Text(values) => values.push(value.into().map(|text| stored(text).into_owned())),
            _ => unreachable!("a table writes the same columns in every row"),
        }
    }

    fn blob<'a>(&mut self, value: impl Into<Option<&'a [u8]>>) {
        match self.column(Array::Blob(Vec::new())) {
            Array::Blob(values) => values.push(value.into().map(<[u8]>::to_vec)),
            _ => unreachable!("a table writes the same columns in every row"),
        }
    }
}

/// A row of a PostgreSQL table.
pub(super) struct Cells<'r> {
    table: &'static str,
    row: &'r PgRow,
    next: usize,
}

impl<'r> Cells<'r> {
    pub(super) fn new(table: &'static str, row: &'r PgRow) -> Self {
        Self { table, row, next: 0 }
    }

    pub(super) fn get<T: Decode<'r, Postgres> + Type<Postgres>>(&mut self) -> Result<T, StoreError> {
        self.next += 1;
        self.row.try_get(self.next - 1).map_err(|error| self.broken(error))
    }

    pub(super) fn restored(&self, text: &str) -> Result<String, StoreError> {
        restored(text).ok_or_else(|| self.broken("a mark without what it marks"))
    }
}

impl ReadCells for Cells<'_> {
    fn optional_int(&mut self) -> Result<Option<i64>, StoreError> {
        self.get()
    }

    fn optional_text(&mut self) -> Result<Option<String>, StoreError> {
        let text: Option<&str> = self.get()?;
        text.map(|text| self.restored(text)).transpose()
    }

    fn optional_blob(&mut self) -> Result<Option<&[u8]>, StoreError> {
        self.get()
    }

    fn broken(&self, what: impl std::fmt::Display) -> StoreError {
        let at = self.next.saturating_sub(1);
        let column = self.row.columns().get(at).map_or("?", sqlx::Column::name);
        let key = match self.row.try_get_raw(0).map(|value| value.type_info().name().to_owned()).as_deref() {
            Ok("BYTEA") => self.row.try_get::<Vec<u8>, _>(0).map(|bytes| hex(&bytes)).unwrap_or_default(),
            Ok("INT8") => self.row.try_get::<i64, _>(0).map(|number| number.to_string()).unwrap_or_default(),
            _ => self.row.try_get::<String, _>(0).unwrap_or_default(),
        };
        StoreError::Broken(format!("table {}, column {column}, row {key}: {what}", self.table))
    }
}

#[cfg(test)]
mod tests {
    use super::{restored, stored};

    #[test]
    fn a_text_is_restored() {
        let texts = ["", "a", "\0", "\u{1}", "\u{2}", "\0\0", "\u{1}\u{2}", "a\0b\u{1}", "\u{1}\0", "\0\u{2}x"];
        for a in texts {
            assert_eq!(restored(&stored(a)).as_deref(), Some(a));
            assert!(!stored(a).contains('\0'));
            for b in texts {
                assert_eq!(stored(a).cmp(&stored(b)), a.cmp(b), "{a:?} {b:?}");
            }
        }
        assert_eq!(restored("\u{1}"), None);
        assert_eq!(restored("a\u{1}b"), None);
    }
}
