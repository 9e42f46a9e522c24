//! The register as a table. Whatever a spreadsheet would take for a formula is kept from being one: in CSV by an apostrophe before it, in a
//! workbook because texts are written as texts.

use engine::model::Time;
use jiff::tz::TimeZone;
use rust_xlsxwriter::{Format, Workbook, XlsxError};

/// Heads of the columns.
const COLUMNS: [&str; 11] =
    ["Case", "Number", "Process", "Title", "Version", "Status", "Started", "Ended", "Due", "Overdue", "Held by"];

/// A case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) case: String,
    pub(super) number: String,
    pub(super) process: String,
    pub(super) title: String,
    pub(super) version: Option<u32>,
    pub(super) status: &'static str,
    pub(super) started: Time,
    pub(super) ended: Option<Time>,
    pub(super) due: Option<Time>,
    pub(super) overdue: bool,
    pub(super) holders: String,
}

impl Line {
    /// Its cells; instants are days and minutes in the office's zone, which spreadsheets read as such.
    fn cells(&self, zone: &TimeZone) -> [String; 11] {
        let moment = |time: Time| time.timestamp().to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
        let perhaps = |time: Option<Time>| time.map(moment).unwrap_or_default();
        [
            self.case.clone(),
            self.number.clone(),
            self.process.clone(),
            self.title.clone(),
            self.version.map(|version| version.to_string()).unwrap_or_default(),
            self.status.to_owned(),
            moment(self.started),
            perhaps(self.ended),
            perhaps(self.due),
            if self.overdue { "yes" } else { "no" }.to_owned(),
            self.holders.clone(),
        ]
    }
}

/// As CSV, with a byte order mark, by which spreadsheets know that it is UTF-8.
pub(super) fn csv(lines: &[Line], zone: &TimeZone) -> Result<Vec<u8>, String> {
    let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer("\u{feff}".as_bytes().to_vec());
    let written = out
        .write_record(COLUMNS)
        .and_then(|()| lines.iter().try_for_each(|line| out.write_record(line.cells(zone).iter().map(|cell| harmless(cell)))));
    written.map_err(|error| error.to_string())?;
    out.into_inner().map_err(|error| error.to_string())
}

/// A cell that no spreadsheet takes for a formula.
fn harmless(cell: &str) -> String {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if is_formula { format!("'{cell}") } else { cell.to_owned() }
}

/// As a workbook.
pub(super) fn xlsx(lines: &[Line], zone: &TimeZone) -> Result<Vec<u8>, String> {
    fn write(lines: &[Line], zone: &TimeZone) -> Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.set_name("Cases")?;
        let bold = Format::new().set_bold();
        for (column, name) in (0..).zip(COLUMNS) {
            sheet.write_string_with_format(0, column, name, &bold)?;
            sheet.set_column_width(column, 18)?;
        }
        sheet.set_freeze_panes(1, 0)?;
        for (row, line) in (1..).zip(lines) {
            for (column, cell) in (0..).zip(line.cells(zone)) {
                sheet.write_string(row, column, cell)?;
            }
        }
        book.save_to_buffer()
    }
    write(lines, zone).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(number: &str, title: &str) -> Line {
        Line {
            case: "top.1".to_owned(),
            number: number.to_owned(),
            process: "p".to_owned(),
            title: title.to_owned(),
            version: Some(2),
            status: "active",
            started: Time(1_795_320_000_000_000),
            ended: None,
            due: Some(Time(1_795_320_060_000_000)),
            overdue: true,
            holders: "desk; inspector".to_owned(),
        }
    }

    #[test]
    fn no_cell_is_a_formula() {
        for (cell, expected) in [
            ("=1+1", "'=1+1"),
            ("+91 98200", "'+91 98200"),
            ("-5", "'-5"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("＝1", "'＝1"),
            ("a=1", "a=1"),
            ("", ""),
        ] {
            assert_eq!(harmless(cell), expected);
        }
    }

    #[test]
    fn the_register_is_csv() {
        let zone = TimeZone::get("Asia/Kolkata").unwrap();
        let text = String::from_utf8(csv(&[line("=cmd|'/c calc'!A0", "प्रतिदाय, \"दावा\"")], &zone).unwrap()).unwrap();
        let expected = "\u{feff}Case,Number,Process,Title,Version,Status,Started,Ended,Due,Overdue,Held by\r\n\
            top.1,'=cmd|'/c calc'!A0,p,\"प्रतिदाय, \"\"दावा\"\"\",2,active,2026-11-22 09:30,,2026-11-22 09:31,yes,desk; inspector\r\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn the_register_is_a_workbook() {
        let zone = TimeZone::UTC;
        let book = xlsx(&[line("=1+1", "x")], &zone).unwrap();
        assert_eq!(&book[..4], b"PK\x03\x04");
    }
}
