//! Sheets as PDF: each line drawn, and the tree of the document beside them.

use std::collections::HashMap;
use std::num::NonZeroU16;

use jiff::civil::DateTime;
use krilla::color::luma;
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{self, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, SpanTag, TableHeaderScope, Tag, TagGroup, TagKind, TagTree,
};
use krilla::text::{Font, GlyphId, KrillaGlyph};
use krilla::{Document, SerializeSettings};

use super::sheets::{HEIGHT, Mark, Node, Role, Sheets, WIDTH};
use super::text::Lines;
use super::{NoPaper, Paper, Squares};

/// A line across a sheet is so thick.
const RULE: f32 = 0.6;
const MARGIN: f32 = 56.7;

/// Writes sheets.
pub(super) fn write(paper: &Paper, sheets: &Sheets) -> Result<Vec<u8>, NoPaper> {
    let failed = |what: &dyn std::fmt::Debug| NoPaper::Failed(format!("{what:?}"));
    let configuration = ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1).finish();
    let configuration = configuration.map_err(|error| failed(&error))?;
    let mut document = Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    let mut pen = Pen { fonts: HashMap::new(), leaves: vec![Vec::new(); sheets.nodes.len()] };
    let settings = PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(|| failed(&"no size"))?;
    for sheet in &sheets.marks {
        let mut page = document.start_page_with(settings.clone());
        let mut surface = page.surface();
        for mark in sheet {
            pen.draw(&mut surface, sheets, mark);
        }
        surface.finish();
        page.finish();
    }
    document.set_tag_tree(tree(&sheets.nodes, pen.leaves).with_lang(Some(paper.language.to_owned())));
    document.set_outline(outline(sheets));
    document.set_metadata(
        Metadata::new()
            .title(paper.title.clone())
            .language(paper.language.to_owned())
            .creator("Sevottam".to_owned())
            .creation_date(date(paper.made)),
    );
    document.finish().map_err(|error| failed(&error))
}

struct Pen {
    /// By the id of their files.
    fonts: HashMap<u64, Option<Font>>,
    /// What was drawn of each node.
    leaves: Vec<Vec<Identifier>>,
}

impl Pen {
    fn draw(&mut self, surface: &mut Surface<'_>, sheets: &Sheets, mark: &Mark) {
        let node = match mark {
            Mark::Line { node, .. } => *node,
            Mark::Squares { node, .. } => Some(*node),
            Mark::Rule { .. } => None,
        };
        let identifier = surface.start_tagged(match (mark, node) {
            (_, None) => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)),
            (Mark::Line { .. }, Some(_)) => ContentTag::Span(SpanTag::empty()),
            _ => ContentTag::Other,
        });
        match mark {
            Mark::Line { lines, line, x, y, .. } => self.line(surface, &sheets.texts[*lines], *line, *x, *y),
            Mark::Rule { y } => fill(surface, 150, [rect(MARGIN, *y, WIDTH - 2.0 * MARGIN, RULE)]),
            Mark::Squares { squares, x, y, side, .. } => fill(surface, 0, dark(squares, *x, *y, *side)),
        }
        surface.end_tagged();
        if let Some(leaves) = node.and_then(|node| self.leaves.get_mut(node)) {
            leaves.push(identifier);
        }
    }

    fn line(&mut self, surface: &mut Surface<'_>, lines: &Lines, line: usize, x: f32, y: f32) {
        surface.set_fill(Some(ink(lines.style.grey)));
        let mut x = x;
        for run in lines.layout.get(line).into_iter().flat_map(|line| line.runs()) {
            let size = run.font_size();
            let mut glyphs: Vec<KrillaGlyph> = Vec::new();
            let begin = x;
            for cluster in run.visual_clusters() {
                let range = cluster.text_range();
                // What is joined has its glyphs at its beginning; each of them stands for all of it.
                if cluster.is_ligature_continuation() {
                    let joined = glyphs.last().map(|glyph| glyph.text_range.start);
                    let of_it = glyphs.iter_mut().rev().take_while(|glyph| Some(glyph.text_range.start) == joined);
                    of_it.for_each(|glyph| glyph.text_range.end = range.end);
                    continue;
                }
                // The end of a line has a glyph in no font.
                if lines.text[range.clone()].chars().all(|c| c == '\n') {
                    continue;
                }
                for glyph in cluster.glyphs() {
                    let id = GlyphId::new(glyph.id);
                    let [advance, right, up] = [glyph.advance, glyph.x, glyph.y].map(|length| length / size);
                    glyphs.push(KrillaGlyph::new(id, advance, right, up, 0.0, range.clone(), None));
                    x += glyph.advance;
                }
            }
            let file = run.font().clone();
            let (data, id) = file.data.into_raw_parts();
            let font = self.fonts.entry(id).or_insert_with(|| Font::new(data.into(), file.index));
            if let Some(font) = font.clone().filter(|_| !glyphs.is_empty()) {
                surface.draw_glyphs(Point::from_xy(begin, y), &glyphs, font, &lines.text, size, false);
            }
        }
    }
}

fn ink(grey: u8) -> Fill {
    Fill { paint: luma::Color::new(grey).into(), ..Fill::default() }
}

fn rect(x: f32, y: f32, width: f32, height: f32) -> Option<Rect> {
    Rect::from_xywh(x, y, width, height)
}

fn fill(surface: &mut Surface<'_>, grey: u8, rects: impl IntoIterator<Item = Option<Rect>>) {
    let mut path = PathBuilder::new();
    rects.into_iter().flatten().for_each(|rect| path.push_rect(rect));
    if let Some(path) = path.finish() {
        surface.set_fill(Some(ink(grey)));
        surface.draw_path(&path);
    }
}

/// The dark squares, each run of a row as one.
#[expect(clippy::cast_precision_loss, reason = "a picture has no more squares than a float counts")]
fn dark(squares: &Squares, x: f32, y: f32, side: f32) -> Vec<Option<Rect>> {
    let place = |at: usize| (at + squares.quiet) as f32 * side;
    let mut found = Vec::new();
    for (row, cells) in squares.rows.iter().enumerate() {
        let mut at = 0;
        for run in cells.chunk_by(|one, next| one == next) {
            if run.first() == Some(&true) {
                found.push(rect(x + place(at), y + place(row), run.len() as f32 * side, side));
            }
            at += run.len();
        }
    }
    found
}

/// The tree: of each node what it holds, in order.
fn tree(nodes: &[Node], leaves: Vec<Vec<Identifier>>) -> TagTree {
    let mut groups: Vec<TagGroup> = Vec::new();
    for (node, leaves) in nodes.iter().zip(leaves) {
        let mut group = TagGroup::new(tag(&node.role));
        for leaf in leaves {
            group.push(leaf);
        }
        groups.push(group);
    }
    let mut tree = TagTree::new();
    // A node comes after the one that holds it: from the last, each is complete when it is handed over.
    let mut within: Vec<Vec<TagGroup>> = vec![Vec::new(); nodes.len()];
    let mut top = Vec::new();
    while let (Some(mut group), at) = (groups.pop(), groups.len()) {
        std::mem::take(&mut within[at]).into_iter().rev().for_each(|child| group.push(child));
        match nodes[at].parent {
            Some(parent) => within[parent].push(group),
            None => top.push(group),
        }
    }
    top.into_iter().rev().for_each(|group| tree.push(group));
    tree
}

fn tag(role: &Role) -> TagKind {
    match role {
        Role::Heading(level, text) => {
            // A heading without words would have no title, which the standard wants.
            let text = if text.trim().is_empty() { "–" } else { text };
            Tag::Hn(NonZeroU16::new(u16::from(*level)).unwrap_or(NonZeroU16::MIN), Some(text.to_owned())).into()
        }
        Role::Paragraph => Tag::P.into(),
        Role::Table => Tag::Table.into(),
        Role::Row => Tag::TR.into(),
        Role::ColumnHead => Tag::TH(TableHeaderScope::Column).into(),
        Role::RowHead => Tag::TH(TableHeaderScope::Row).into(),
        Role::Cell => Tag::TD.into(),
        Role::List => Tag::L(ListNumbering::None).into(),
        Role::Item => Tag::LI.into(),
        Role::Body => Tag::LBody.into(),
        Role::Figure(told) => Tag::Figure(Some(told.clone())).into(),
    }
}

/// The contents: headings of level 3 below the one of level 2 before them.
fn outline(sheets: &Sheets) -> Outline {
    let mut nodes: Vec<OutlineNode> = Vec::new();
    for (level, text, sheet, y) in &sheets.contents {
        let node = OutlineNode::new(text.clone(), XyzDestination::new(*sheet, Point::from_xy(MARGIN, *y)));
        match nodes.last_mut().filter(|_| *level > 2) {
            Some(last) => last.push_child(node),
            None => nodes.push(node),
        }
    }
    let mut outline = Outline::new();
    for node in nodes {
        outline.push_child(node);
    }
    outline
}

fn date(at: DateTime) -> metadata::DateTime {
    let small = |number: i8| u8::try_from(number).unwrap_or_default();
    metadata::DateTime::new(u16::try_from(at.year()).unwrap_or_default())
        .month(small(at.month()))
        .day(small(at.day()))
        .hour(small(at.hour()))
        .minute(small(at.minute()))
        .second(small(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}
