//! A document laid out on sheets: which line stands where, and to which part of the document it belongs.

use super::text::{Lines, Setter, Style};
use super::{NoPaper, Paper, Part, SHEETS_MAX, Squares, Table};

/// A4 in points.
pub(super) const WIDTH: f32 = 595.28;
pub(super) const HEIGHT: f32 = 841.89;
const LEFT: f32 = 56.7;
const TOP: f32 = 51.0;
const BOTTOM: f32 = HEIGHT - 68.0;
const FOOT: f32 = HEIGHT - 48.0;
const WIDE: f32 = WIDTH - 2.0 * LEFT;
/// Between the cells of a row.
const GAP: f32 = 8.0;
/// Of the width of facts, what their labels take.
const LABELS: f32 = 0.25;
const MILLIMETRE: f32 = 72.0 / 25.4;

const TITLE: Style = Style { size: 17.0, bold: true, grey: 0 };
const SECTION: Style = Style { size: 12.5, bold: true, grey: 0 };
const ENTRY: Style = Style { size: 10.0, bold: true, grey: 0 };
const BODY: Style = Style { size: 9.5, bold: false, grey: 0 };
const STRONG: Style = Style { size: 9.5, bold: true, grey: 0 };
const LABEL: Style = Style { size: 9.5, bold: false, grey: 80 };
const FINE: Style = Style { size: 8.0, bold: false, grey: 40 };
const HEAD: Style = Style { size: 8.0, bold: true, grey: 0 };

/// What a part of the document is, for whoever has it read out.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Role {
    Heading(u8, String),
    Paragraph,
    Table,
    Row,
    ColumnHead,
    RowHead,
    Cell,
    List,
    Item,
    Body,
    Figure(String),
}

/// A part of the document in its tree; the lines of a leaf stand on the sheets.
pub(super) struct Node {
    pub(super) role: Role,
    pub(super) parent: Option<usize>,
}

/// Something on a sheet. What belongs to no node is there for the eye alone.
pub(super) enum Mark {
    /// A line of a text: its left end and its baseline.
    Line { lines: usize, line: usize, x: f32, y: f32, node: Option<usize> },
    /// A thin line across.
    Rule { y: f32 },
    /// Squares: the upper left corner and the side of one.
    Squares { squares: Squares, x: f32, y: f32, side: f32, node: usize },
}

/// A heading, for the table of contents: level, text, sheet, and height on it.
pub(super) type Entry = (u8, String, usize, f32);

/// A document on sheets.
#[derive(Default)]
pub(super) struct Sheets {
    /// Sheet by sheet.
    pub(super) marks: Vec<Vec<Mark>>,
    pub(super) texts: Vec<Lines>,
    pub(super) nodes: Vec<Node>,
    pub(super) contents: Vec<Entry>,
}

/// Lays a document out.
pub(super) fn lay_out(paper: &Paper, setter: &mut Setter, folio: impl Fn(usize, usize) -> String) -> Result<Sheets, NoPaper> {
    let mut press = Press { setter, out: Sheets { marks: vec![Vec::new()], ..Sheets::default() }, y: TOP, head: Vec::new() };
    for part in &paper.parts {
        press.part(part)?;
    }
    press.feet(&paper.foot, folio);
    Ok(press.out)
}

struct Press<'a> {
    setter: &'a mut Setter,
    out: Sheets,
    /// Where the next thing goes.
    y: f32,
    /// The head of the table that is being laid out: it is shown again on each sheet that the table goes on to.
    head: Vec<Cell>,
}

/// A text in its column.
#[derive(Debug, Clone, Copy)]
struct Cell {
    lines: usize,
    x: f32,
    node: Option<usize>,
}

impl Press<'_> {
    fn part(&mut self, part: &Part) -> Result<(), NoPaper> {
        match part {
            Part::Heading(level, text) => self.heading(*level, text),
            Part::Text(text) => self.paragraph(text, BODY, 4.0),
            Part::Fine(text) => self.paragraph(text, FINE, 3.0),
            Part::Notice(text) => {
                self.rule();
                self.paragraph(text, STRONG, 3.0)?;
                self.rule();
                self.y += 4.0;
                Ok(())
            }
            Part::Facts(facts) => self.facts(facts),
            Part::List(items) => self.list(items),
            Part::Table(table) => self.table(table),
            Part::Squares(squares) => self.squares(squares),
            Part::Break if self.is_fresh() => Ok(()),
            Part::Break => self.turn(),
        }
    }

    fn heading(&mut self, level: u8, text: &str) -> Result<(), NoPaper> {
        let (style, above, below) = match level {
            1 => (TITLE, 0.0, 6.0),
            2 => (SECTION, 12.0, 4.0),
            _ => (ENTRY, 7.0, 2.0),
        };
        let node = self.node(Role::Heading(level, text.to_owned()), None);
        let lines = self.set(text, style, WIDE);
        self.y += if self.is_fresh() { 0.0 } else { above };
        // A heading does not stand at the foot of a sheet, parted from what it heads.
        if self.y + self.height(lines) + 4.0 * BODY.size > BOTTOM {
            self.turn()?;
        }
        self.out.contents.push((level, text.to_owned(), self.out.marks.len() - 1, self.y));
        self.row(&[Cell { lines, x: LEFT, node: Some(node) }])?;
        self.y += below;
        Ok(())
    }

    fn paragraph(&mut self, text: &str, style: Style, below: f32) -> Result<(), NoPaper> {
        let node = self.node(Role::Paragraph, None);
        let lines = self.set(text, style, WIDE);
        self.row(&[Cell { lines, x: LEFT, node: Some(node) }])?;
        self.y += below;
        Ok(())
    }

    fn facts(&mut self, facts: &[(String, String)]) -> Result<(), NoPaper> {
        let table = self.node(Role::Table, None);
        for (label, text) in facts {
            let row = self.node(Role::Row, Some(table));
            let (head, body) = (self.node(Role::RowHead, Some(row)), self.node(Role::Cell, Some(row)));
            let label = Cell { lines: self.set(label, LABEL, WIDE * LABELS - GAP), x: LEFT, node: Some(head) };
            let text = self.set(text, BODY, WIDE * (1.0 - LABELS));
            self.row(&[label, Cell { lines: text, x: LEFT + WIDE * LABELS, node: Some(body) }])?;
            self.y += 1.5;
        }
        self.y += 4.0;
        Ok(())
    }

    fn list(&mut self, items: &[String]) -> Result<(), NoPaper> {
        let list = self.node(Role::List, None);
        for item in items {
            let parent = self.node(Role::Item, Some(list));
            let node = self.node(Role::Body, Some(parent));
            let mark = Cell { lines: self.set("•", BODY, GAP), x: LEFT, node: None };
            let text = self.set(item, BODY, WIDE - 1.5 * GAP);
            self.row(&[mark, Cell { lines: text, x: LEFT + 1.5 * GAP, node: Some(node) }])?;
            self.y += 1.0;
        }
        self.y += 4.0;
        Ok(())
    }

    fn table(&mut self, table: &Table) -> Result<(), NoPaper> {
        let node = self.node(Role::Table, None);
        let row = self.node(Role::Row, Some(node));
        let mut columns = Vec::new();
        let mut x = LEFT;
        for (_, share) in &table.head {
            columns.push((x, WIDE * share - GAP));
            x += WIDE * share;
        }
        let mut head = Vec::new();
        for ((title, _), (x, width)) in table.head.iter().zip(&columns) {
            let node = self.node(Role::ColumnHead, Some(row));
            head.push(Cell { lines: self.set(title, HEAD, *width), x: *x, node: Some(node) });
        }
        self.row(&head)?;
        self.rule();
        self.head = head.into_iter().map(|cell| Cell { node: None, ..cell }).collect();
        for texts in &table.rows {
            let row = self.node(Role::Row, Some(node));
            let mut cells = Vec::new();
            for (text, (x, width)) in texts.iter().zip(&columns) {
                let node = self.node(Role::Cell, Some(row));
                cells.push(Cell { lines: self.set(text, FINE, *width), x: *x, node: Some(node) });
            }
            self.row(&cells)?;
            self.y += 1.0;
        }
        self.head.clear();
        self.y += 5.0;
        Ok(())
    }

    fn squares(&mut self, pictures: &[Squares]) -> Result<(), NoPaper> {
        let tallest = pictures.iter().map(|squares| squares.width * MILLIMETRE).fold(0.0, f32::max);
        if self.y + tallest > BOTTOM && !self.is_fresh() {
            self.turn()?;
        }
        let mut x = LEFT;
        for squares in pictures {
            let node = self.node(Role::Figure(squares.told.clone()), None);
            let width = squares.width * MILLIMETRE;
            #[expect(clippy::cast_precision_loss, reason = "a picture has no more squares than a float counts")]
            let side = width / (squares.rows.len() + 2 * squares.quiet) as f32;
            self.mark(Mark::Squares { squares: squares.clone(), x, y: self.y, side, node });
            x += width + GAP;
        }
        self.y += tallest + 4.0;
        Ok(())
    }

    /// Texts side by side. They go on to the next sheet where they do not fit; but a short row is kept together.
    fn row(&mut self, cells: &[Cell]) -> Result<(), NoPaper> {
        let tallest = cells.iter().map(|cell| self.height(cell.lines)).fold(0.0, f32::max);
        if self.y + tallest > BOTTOM && tallest < (BOTTOM - TOP) / 4.0 {
            self.turn()?;
        }
        let mut next = vec![0; cells.len()];
        loop {
            let mut deepest = self.y;
            let mut is_done = true;
            for (cell, next) in cells.iter().zip(&mut next) {
                let layout = &self.out.texts[cell.lines].layout;
                let begin = layout.get(*next).map_or(0.0, |line| line.metrics().block_min_coord);
                let mut marks = Vec::new();
                while let Some(line) = layout.get(*next) {
                    let metrics = line.metrics();
                    let below = self.y + metrics.block_max_coord - begin;
                    if below > BOTTOM {
                        is_done = false;
                        break;
                    }
                    let (x, y) = (cell.x + metrics.offset, self.y + metrics.baseline - begin);
                    marks.push(Mark::Line { lines: cell.lines, line: *next, x, y, node: cell.node });
                    deepest = deepest.max(below);
                    *next += 1;
                }
                if let Some(sheet) = self.out.marks.last_mut() {
                    sheet.extend(marks);
                }
            }
            self.y = deepest;
            if is_done {
                return Ok(());
            }
            self.turn()?;
        }
    }

    /// The next sheet.
    fn turn(&mut self) -> Result<(), NoPaper> {
        if self.out.marks.len() == SHEETS_MAX {
            return Err(NoPaper::TooLong);
        }
        self.out.marks.push(Vec::new());
        self.y = TOP;
        let head = std::mem::take(&mut self.head);
        if !head.is_empty() {
            self.row(&head)?;
            self.rule();
            self.head = head;
        }
        Ok(())
    }

    fn feet(&mut self, foot: &str, folio: impl Fn(usize, usize) -> String) {
        let count = self.out.marks.len();
        for number in 1..=count {
            let left = self.set(foot, FINE, WIDE * 0.75);
            let right = self.set(&folio(number, count), FINE, WIDE * 0.25);
            let end = LEFT + WIDE - self.out.texts[right].layout.width();
            let marks = [(left, LEFT), (right, end)].map(|(lines, x)| {
                let baseline = self.out.texts[lines].layout.first_baseline().unwrap_or_default();
                Mark::Line { lines, line: 0, x, y: FOOT + baseline, node: None }
            });
            self.out.marks[number - 1].extend(marks);
        }
    }

    fn is_fresh(&self) -> bool {
        self.out.marks.last().is_none_or(Vec::is_empty)
    }

    fn rule(&mut self) {
        self.y += 1.5;
        let y = self.y;
        self.mark(Mark::Rule { y });
        self.y += 2.5;
    }

    fn mark(&mut self, mark: Mark) {
        if let Some(sheet) = self.out.marks.last_mut() {
            sheet.push(mark);
        }
    }

    fn node(&mut self, role: Role, parent: Option<usize>) -> usize {
        self.out.nodes.push(Node { role, parent });
        self.out.nodes.len() - 1
    }

    fn set(&mut self, text: &str, style: Style, width: f32) -> usize {
        self.out.texts.push(self.setter.set(text, style, width));
        self.out.texts.len() - 1
    }

    fn height(&self, lines: usize) -> f32 {
        self.out.texts[lines].layout.height()
    }
}
