//! Flows as SVG: rounded lines, arrow heads, the slash of the default flow.

use std::fmt::Write;

use super::model::Flow;
use super::size::{SMALL, SMALL_LEADING};
use super::text::{escape, num};
use super::tracks::Route;

/// The radius of rounded corners.
const RADIUS: f64 = 7.0;
/// The length of an arrow head.
const HEAD: f64 = 9.0;

/// Draws one flow; `name` is read out.
pub(super) fn flow(out: &mut String, flow: &Flow, route: &Route, name: &str) {
    let points = straightened(&route.points);
    let ([.., before, tip], [first, second, ..]) = (&points[..], &points[..]) else {
        return;
    };
    let class = if flow.taken { "flow taken" } else { "flow" };
    let _ = write!(
        out,
        "<g class=\"{class}\"><title>{}</title><path class=\"wire\" fill=\"none\" \
         stroke=\"currentColor\" stroke-width=\"{}\" d=\"{}\"/>",
        escape(name),
        if flow.taken { "2.4" } else { "1.4" },
        rounded(&points),
    );
    let (dx, dy) = direction(*before, *tip);
    let back = (tip.0 - dx * HEAD, tip.1 - dy * HEAD);
    let (sx, sy) = (-dy * HEAD * 0.45, dx * HEAD * 0.45);
    let _ = write!(
        out,
        "<path class=\"head\" fill=\"currentColor\" d=\"M{} {}L{} {}L{} {}Z\"/>",
        num(tip.0),
        num(tip.1),
        num(back.0 + sx),
        num(back.1 + sy),
        num(back.0 - sx),
        num(back.1 - sy),
    );
    if flow.default {
        let (dx, dy) = direction(*first, *second);
        let (x, y) = (first.0 + dx * 11.0, first.1 + dy * 11.0);
        let (ax, ay) = (dx * 3.0 - dy * 6.0, dy * 3.0 + dx * 6.0);
        let _ = write!(
            out,
            "<path class=\"wire\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.6\" \
             d=\"M{} {}L{} {}\"/>",
            num(x - ax),
            num(y - ay),
            num(x + ax),
            num(y + ay),
        );
    }
    let anchor = if route.ends { "end" } else { "start" };
    for (k, line) in route.words.iter().enumerate() {
        let up = (route.words.len() - 1 - k) as f64 * SMALL_LEADING;
        let _ = write!(
            out,
            "<text class=\"words\" x=\"{}\" y=\"{}\" font-size=\"{SMALL}\" \
             text-anchor=\"{anchor}\" fill=\"currentColor\">{}</text>",
            num(route.at.0),
            num(route.at.1 - up),
            escape(line),
        );
    }
    out.push_str("</g>");
}

/// The direction from one point to another, of length one.
fn direction(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let length = dx.hypot(dy).max(0.001);
    (dx / length, dy / length)
}

/// Leaves out points that repeat or lie on a straight line.
fn straightened(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut out: Vec<(f64, f64)> = Vec::with_capacity(points.len());
    for &(x, mut y) in points {
        if let Some(last) = out.last() {
            if (last.1 - y).abs() < 0.5 {
                y = last.1;
            }
            if (last.0 - x).abs() < 0.5 && last.1 == y {
                continue;
            }
        }
        if let [.., a, b] = out[..] {
            let flat = a.1 == b.1 && b.1 == y && (b.0 - a.0) * (x - b.0) > 0.0;
            let upright = (a.0 - b.0).abs() < 0.1 && (b.0 - x).abs() < 0.1;
            if flat || (upright && (b.1 - a.1) * (y - b.1) > 0.0) {
                out.pop();
            }
        }
        out.push((x, y));
    }
    out
}

/// The path through the points with rounded corners.
fn rounded(points: &[(f64, f64)]) -> String {
    let mut d = String::new();
    for (k, &(x, y)) in points.iter().enumerate() {
        let ahead = points.get(k + 1);
        match (k.checked_sub(1).map(|b| points[b]), ahead) {
            (None, _) => {
                let _ = write!(d, "M{} {}", num(x), num(y));
            }
            (Some(_), None) => {
                let _ = write!(d, "L{} {}", num(x), num(y));
            }
            (Some(before), Some(&after)) => {
                let half = |p: (f64, f64)| (p.0 - x).hypot(p.1 - y) / 2.0;
                let r = RADIUS.min(half(before)).min(half(after));
                let (a, b) = (direction((x, y), before), direction((x, y), after));
                let _ = write!(
                    d,
                    "L{} {}Q{} {} {} {}",
                    num(x + a.0 * r),
                    num(y + a.1 * r),
                    num(x),
                    num(y),
                    num(x + b.0 * r),
                    num(y + b.1 * r),
                );
            }
        }
    }
    d
}
