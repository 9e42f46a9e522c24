//! Text set in lines: shaped, with another font where one lacks a letter, and broken to a width.

use std::borrow::Cow;
use std::collections::BTreeSet;

use parley::fontique::{Blob, Collection, CollectionOptions};
use parley::style::{FontFamily, FontFamilyName, FontWeight, LineHeight, OverflowWrap, StyleProperty};
use parley::{FontContext, Layout, LayoutContext};

use super::fonts::families;

/// Stands for what no font has.
const MISSING: char = '\u{fffd}';
/// So often a text is set anew without what is missing; the last time without whatever is not ASCII.
const ROUNDS_MAX: usize = 6;

/// How text looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Style {
    /// In points.
    pub(super) size: f32,
    pub(super) bold: bool,
    /// Grey from 0, black, to 255.
    pub(super) grey: u8,
}

/// Text in lines.
pub(super) struct Lines {
    /// As it is set: without what no font has, and without control characters.
    pub(super) text: String,
    pub(super) layout: Layout<()>,
    pub(super) style: Style,
}

/// Sets text.
pub(super) struct Setter {
    fonts: FontContext,
    layouts: LayoutContext<()>,
}

impl Setter {
    /// With these fonts.
    pub(super) fn new(files: Vec<Vec<u8>>) -> Self {
        let mut collection = Collection::new(CollectionOptions { shared: false, system_fonts: false });
        for file in files {
            collection.register_fonts(Blob::from(file), None);
        }
        Self { fonts: FontContext { collection, ..FontContext::default() }, layouts: LayoutContext::new() }
    }

    /// Sets a text to a width.
    pub(super) fn set(&mut self, text: &str, style: Style, width: f32) -> Lines {
        let mut text: String = text.chars().filter_map(printable).collect();
        let mut layout = self.layout(&text, style, width);
        // What stands in a place changes what its neighbours join: so once more, as long as something is missing.
        for round in 1..=ROUNDS_MAX {
            let missing = missing(&text, &layout);
            if missing.is_empty() {
                break;
            }
            let is_last = round == ROUNDS_MAX;
            let shown = |(at, c): (usize, char)| {
                let is_out = missing.contains(&at) || (is_last && !c.is_ascii());
                if is_out { MISSING } else { c }
            };
            text = text.char_indices().map(shown).collect();
            layout = self.layout(&text, style, width);
        }
        Lines { text, layout, style }
    }

    fn layout(&mut self, text: &str, style: Style, width: f32) -> Layout<()> {
        let names: Vec<FontFamilyName<'_>> = families().map(|name| FontFamilyName::Named(Cow::Borrowed(name))).collect();
        let mut builder = self.layouts.ranged_builder(&mut self.fonts, text, 1.0, false);
        builder.push_default(StyleProperty::FontFamily(FontFamily::List(Cow::Owned(names))));
        builder.push_default(StyleProperty::FontSize(style.size));
        builder.push_default(StyleProperty::FontWeight(if style.bold { FontWeight::BOLD } else { FontWeight::NORMAL }));
        // Room for the marks above and below the letters of Devanagari.
        builder.push_default(StyleProperty::LineHeight(LineHeight::FontSizeRelative(1.45)));
        // A hash has no place where it may be broken.
        builder.push_default(StyleProperty::OverflowWrap(OverflowWrap::Anywhere));
        let mut layout = builder.build(text);
        layout.break_all_lines(Some(width));
        layout
    }
}

/// A character as it is set; none where it is a control or would not be allowed in a PDF.
fn printable(c: char) -> Option<char> {
    match c {
        '\n' => Some(c),
        '\t' => Some(' '),
        '\u{feff}' | '\u{fffe}' => None,
        c if c.is_control() => None,
        c => Some(c),
    }
}

/// Where the characters stand that no font has.
fn missing(text: &str, layout: &Layout<()>) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    for line in layout.lines() {
        for run in line.runs() {
            for cluster in run.clusters() {
                let range = cluster.text_range();
                let is_break = text[range.clone()].chars().all(|c| c == '\n');
                if !is_break && cluster.glyphs().any(|glyph| glyph.id == 0) {
                    found.extend(text[range.clone()].char_indices().map(|(at, _)| range.start + at));
                }
            }
        }
    }
    found
}
