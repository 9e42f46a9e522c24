//! Holidays as CSV: `date,title` or `date,title,kind`, with or without a line of headings.

use std::fmt::Write;

use super::{List, bounded, holidays, kind_of, word_of};
use crate::calendar::Calendar;
use crate::model::calendar::{Holiday, HolidayKind};
use crate::model::{Language, Problem, time};

/// Reads a list of holidays. Dates are `YYYY-MM-DD`, since 04/03 means two things; a kind that is left out is `closed`.
pub fn from_csv(text: &str) -> Result<Vec<Holiday>, Vec<Problem>> {
    bounded(text)?;
    let mut list = List::default();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (line, record) in records(text, &mut list) {
        let fields: Vec<&str> = record.iter().map(|field| field.trim()).collect();
        let (day, title, kind) = match fields[..] {
            [""] => continue,
            ["date", "title"] | ["date", "title", "kind"] if line == 1 => continue,
            [day, title] => (day, title, "closed"),
            [day, title, kind] => (day, title, kind),
            _ => {
                let message = "A line is a date, a title and perhaps a kind. Put a title with commas in quotation marks.";
                list.report(line, "import.fields", message);
                continue;
            }
        };
        let date = time::date(day);
        if date.is_none() {
            list.report(line, "import.date", &format!("{day:?} is no date of the calendar. Write it as YYYY-MM-DD."));
        }
        let kind = if kind.is_empty() { Some(HolidayKind::Closed) } else { kind_of(kind) };
        if kind.is_none() {
            list.report(line, "import.kind", "This kind is not known. Write closed, restricted or provisional, or leave it out.");
        }
        if let (Some(date), Some(kind)) = (date, kind) {
            list.add(line, date, title, kind);
        }
    }
    list.done()
}

/// Writes the holidays that hold, with a line of headings. Single days with other hours are not holidays, and left out.
pub fn to_csv(calendar: &Calendar, language: Language) -> String {
    let mut text = String::from("date,title,kind\r\n");
    for (date, title, kind) in holidays(calendar, language) {
        let title = title.replace('"', "\"\"");
        // Writing to a string cannot fail.
        let _ = write!(text, "{date},\"{title}\",{}\r\n", word_of(kind));
    }
    text
}

/// Records with the line on which each begins.
fn records(text: &str, list: &mut List) -> Vec<(usize, Vec<String>)> {
    let mut records = Vec::new();
    let (mut line, mut begin) = (1, 1);
    let (mut record, mut field) = (Vec::new(), String::new());
    let mut is_quoted = false;
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '"' if is_quoted && signs.peek() == Some(&'"') => {
                signs.next();
                field.push('"');
            }
            '"' if is_quoted => is_quoted = false,
            '"' if field.trim().is_empty() => (is_quoted, field) = (true, String::new()),
            ',' if !is_quoted => record.push(std::mem::take(&mut field)),
            '\n' if !is_quoted => {
                record.push(std::mem::take(&mut field));
                records.push((begin, std::mem::take(&mut record)));
                begin = line + 1;
            }
            _ => field.push(sign),
        }
        line += usize::from(sign == '\n');
    }
    if is_quoted {
        list.report(begin, "import.quote", "A quotation mark is opened and not closed. Close it, and write one inside as two.");
    }
    record.push(field);
    records.push((begin, record));
    records
}
