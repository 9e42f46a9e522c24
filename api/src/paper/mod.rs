//! Paper: headings, facts and tables laid out on sheets of A4, and written as tagged PDF (PDF/UA-1). It knows nothing of what they tell.

mod fonts;
mod pdf;
mod sheets;
mod text;

use jiff::civil::DateTime;

pub use fonts::{Fonts, NoFonts};

/// Sheets of one document.
pub const SHEETS_MAX: usize = 500;

/// A document.
#[derive(Debug)]
pub struct Paper {
    /// Tag of its language, such as `hi`.
    pub language: &'static str,
    /// What it is.
    pub title: String,
    /// What stands at the foot of every sheet, beside its number.
    pub foot: String,
    /// The date that it bears, in UTC.
    pub made: DateTime,
    /// What it tells, in order.
    pub parts: Vec<Part>,
}

/// A part of a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// A heading of a level, 1 to 3; the title is the one of level 1.
    Heading(u8, String),
    /// A paragraph.
    Text(String),
    /// A paragraph in small type.
    Fine(String),
    /// A paragraph that must not be missed.
    Notice(String),
    /// What belongs together: each line a label and what it says.
    Facts(Vec<(String, String)>),
    /// Lines of a list.
    List(Vec<String>),
    /// A table in small type.
    Table(Table),
    /// Pictures of squares, side by side.
    Squares(Vec<Squares>),
    /// What follows begins a sheet.
    Break,
}

/// A table; every row has as many cells as the head.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Titles of the columns, with the share of the width that each takes.
    pub head: Vec<(String, f32)>,
    /// Rows.
    pub rows: Vec<Vec<String>>,
}

/// Dark squares on a white ground, such as a QR code.
#[derive(Debug, Clone, PartialEq)]
pub struct Squares {
    /// Rows; true is dark. All are as long as there are rows.
    pub rows: Vec<Vec<bool>>,
    /// Squares left white around it.
    pub quiet: usize,
    /// Width in millimetres.
    pub width: f32,
    /// What it is, for whoever does not see it.
    pub told: String,
}

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
pub enum NoPaper {
    /// Fonts are missing.
    #[error(transparent)]
    Fonts(#[from] NoFonts),
    /// It is too long.
    #[error("It would take more than {SHEETS_MAX} sheets.")]
    TooLong,
    /// The program's own fault.
    #[error("The PDF cannot be written: {0}.")]
    Failed(String),
}

/// Writes a document as PDF. `folio` says which sheet of how many. The same document and fonts give the same bytes.
///
/// # Errors
/// When fonts are missing, or it is too long.
pub fn print(paper: &Paper, fonts: &Fonts, folio: impl Fn(usize, usize) -> String) -> Result<Vec<u8>, NoPaper> {
    let mut setter = text::Setter::new(fonts.load()?);
    let sheets = sheets::lay_out(paper, &mut setter, folio)?;
    pdf::write(paper, &sheets)
}
