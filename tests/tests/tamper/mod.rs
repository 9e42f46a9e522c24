//! Somebody with the database in hand changes it, one value at a time: `rebuild --check` finds every change and says where it is. A column that it
//! cannot answer for is listed, with the reason; and a change there that is found fails the test too, so that the list stays true.

mod attacks;
mod canary;
pub(crate) mod office;
mod postgres;
mod sqlite;

use std::collections::BTreeSet;

use tests::program::run;

/// A column of a table.
#[derive(Debug)]
struct Column {
    table: String,
    name: String,
    kind: Kind,
    nullable: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Whole,
    Text,
    Bytes,
    /// An instant of PostgreSQL's.
    Instant,
}

/// How a value is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    /// One more, another last letter, another last half of a byte.
    Other,
    /// Taken away.
    Gone,
    /// Put where there was none.
    Given,
}

/// Columns of which a change is not found, and why that is so.
const UNANSWERED: [(&str, &str, &str); 1] = [(
    "entry",
    "content",
    "the hash of what a command asked: it is not in the leaf, so that it can be erased with the values. It decides only whether a command that is sent \
     again is the same one; nothing that happened follows from it",
)];

/// What the check answers to a database.
fn check(database: &str) -> (bool, String) {
    let output = run(&["rebuild", "--check", "--database", database]);
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.success(), told)
}

/// What came of the changes: every one is as it must be, or the test fails with all that are not.
#[derive(Default)]
struct Verdicts {
    wrong: Vec<String>,
    swept: BTreeSet<(String, String)>,
}

impl Verdicts {
    /// Takes in what the check said of one change.
    fn take(&mut self, column: &Column, change: Change, unanswered: bool, (clean, told): (bool, String)) {
        let Column { table, name, .. } = column;
        if change == Change::Other {
            self.swept.insert((table.clone(), name.clone()));
        }
        // Named: the table, or the entry that is no longer what it was; a document by its hash.
        let journal = ["entry", "payload", "command", "unit_log"].contains(&&**table);
        let named = told.contains(&format!("table {table}, "))
            || journal && (told.contains("entry ") || told.contains("table entry, ") || told.contains(", which has no log"))
            || table == "definition" && told.contains("definition ")
            || table == "schema_version" && told.contains("tables of version");
        if unanswered != clean || !clean && !named {
            self.wrong.push(format!("{table}.{name} {change:?}: clean {clean}, named {named}: {told}"));
        }
    }

    /// Every column was changed, and every change was found, but for those listed.
    fn end(self, columns: &[Column]) {
        assert!(self.wrong.is_empty(), "{:#?}", self.wrong);
        let all: BTreeSet<_> = columns.iter().map(|column| (column.table.clone(), column.name.clone())).collect();
        let left: Vec<_> = all.difference(&self.swept).collect();
        assert!(left.is_empty(), "no row of the office has a value in {left:?}");
    }
}
