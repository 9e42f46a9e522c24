//! Two texts side by side, line by line: what only one of them has is marked, what both have is left out but for some lines around.

use std::time::Duration;

use maud::{Markup, html};
use similar::{DiffOp, TextDiff};

use super::words::Words;

/// Lines of both that are shown around what differs.
const AROUND: usize = 3;
/// Lines that are shown.
const LINES_MAX: usize = 3_000;
/// How long the shortest way from one text to the other is looked for; a longer one is right, too.
const TIME: Duration = Duration::from_secs(1);

/// A line of both texts, or of one.
pub(super) struct Line {
    /// Number from 1, and text, in the first.
    before: Option<(usize, String)>,
    /// Number from 1, and text, in the second.
    after: Option<(usize, String)>,
    /// Whether both have it.
    same: bool,
}

/// What differs in two texts, in parts that lie apart; and whether there is more.
pub(super) struct Lines {
    parts: Vec<Vec<Line>>,
    more: bool,
}

/// Compares two texts.
pub(super) fn compare(before: &str, after: &str) -> Lines {
    let difference = TextDiff::configure().timeout(TIME).diff_lines(before, after);
    let line = |text: Option<&str>, at: usize| text.map(|text| (at + 1, text.trim_end_matches('\n').to_owned()));
    let old = |at: usize| line(difference.old_slice(at), at);
    let new = |at: usize| line(difference.new_slice(at), at);
    let (mut parts, mut count) = (Vec::new(), 0);
    let groups = difference.grouped_ops(AROUND);
    for group in &groups {
        let mut part = Vec::new();
        for op in group {
            let (from, to) = (op.old_range(), op.new_range());
            let same = matches!(op, DiffOp::Equal { .. });
            for at in 0..from.len().max(to.len()) {
                let before = from.clone().nth(at).and_then(old);
                part.push(Line { before, after: to.clone().nth(at).and_then(new), same });
            }
        }
        count += part.len();
        parts.push(part);
        if count > LINES_MAX {
            break;
        }
    }
    let mut more = parts.len() < groups.len();
    if let Some(last) = parts.last_mut() {
        let over = count.saturating_sub(LINES_MAX);
        more |= over > 0;
        last.truncate(last.len() - over);
    }
    Lines { parts, more }
}

impl Lines {
    /// As a table with the names of the texts above them.
    pub(super) fn show(&self, w: &Words, before: &str, after: &str) -> Markup {
        html! {
            div class="beside-box" role="region" tabindex="0" aria-labelledby="text" {
                table class="lines" {
                    thead {
                        tr {
                            th scope="col" class="number" { span class="hidden" { (w.say("line")) } }
                            th scope="col" { (before) }
                            th scope="col" class="number" { span class="hidden" { (w.say("line")) } }
                            th scope="col" { (after) }
                        }
                    }
                    @for part in &self.parts {
                        tbody {
                            @for line in part {
                                tr {
                                    (cell(line.before.as_ref(), line.same, &html! { del { (line.before.as_ref().map_or("", |(_, text)| text)) } }))
                                    (cell(line.after.as_ref(), line.same, &html! { ins { (line.after.as_ref().map_or("", |(_, text)| text)) } }))
                                }
                            }
                        }
                    }
                }
            }
            @if self.more { p class="soft" { (w.say("lines-more")) } }
        }
    }
}

/// A line's number and text; marked where the other text does not have it.
fn cell(line: Option<&(usize, String)>, same: bool, marked: &Markup) -> Markup {
    html! {
        @match line {
            None => { td class="number" {} td class="nothing" {} }
            Some((number, text)) => {
                td class="number" { (number) }
                td { @if same { (text) } @else { (marked) } }
            }
        }
    }
}
