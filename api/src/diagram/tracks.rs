//! From ways to points: vertical tracks between columns, and coordinates.

use super::model::Family;
use super::route::{Edge, LabelSide, Place, Plan, Port, Way, plan};
use super::size::{EVENT, SMALL, SMALL_LEADING};
use super::text;

/// Space between the nodes and the first track.
const BEFORE: f64 = 18.0;
/// Space between tracks.
const TRACK: f64 = 13.0;
/// Space between the last track and the next nodes; holds the arrow head.
const AFTER: f64 = 24.0;

/// The drawn way of a flow.
#[derive(Debug, Clone, Default)]
pub(super) struct Route {
    /// The corners, from the first point to the tip of the arrow.
    pub points: Vec<(f64, f64)>,
    /// The words beside it.
    pub words: Vec<String>,
    /// Where the last line of the words begins (or ends).
    pub at: (f64, f64),
    /// Whether the words end there.
    pub ends: bool,
}

/// A level with coordinates.
#[derive(Default)]
pub(super) struct Laid {
    pub w: f64,
    pub h: f64,
    /// Centres.
    pub spots: Vec<(f64, f64)>,
    pub sides: Vec<LabelSide>,
    pub routes: Vec<Route>,
}

/// A change of height between two columns.
struct Hop {
    way: usize,
    /// Which of the hops of its way.
    step: usize,
    gap: usize,
    y0: f64,
    y1: f64,
    from: usize,
    to: usize,
    class: u8,
    track: usize,
}

/// Lays out one level.
pub(super) fn lay(places: &[Place], edges: &[Edge]) -> Laid {
    if places.is_empty() {
        return Laid::default();
    }
    let plan = plan(places, edges);
    let mut hops = hops(&plan, edges);
    let tracks = assign(&mut hops, plan.placement.columns + 1);
    let columns = plan.placement.columns;

    let mut sides = vec![(0.0f64, 0.0f64); columns];
    for (at, place) in places.iter().enumerate() {
        let size = place.size;
        let (mut left, mut right) = (size.left, size.right);
        if plan.sides[at] == LabelSide::Beside {
            left = size.w / 2.0 + size.label_width();
            right = size.w / 2.0;
        }
        let side = &mut sides[plan.placement.column[at]];
        *side = (side.0.max(left), side.1.max(right));
    }
    let mut words = vec![0.0f64; columns + 1];
    for (edge, way) in edges.iter().zip(&plan.ways) {
        let widest = edge.words.iter().map(|line| text::width(line, SMALL)).fold(0.0, f64::max);
        if widest > 0.0 && way.lane.is_none() {
            let gap = &mut words[plan.placement.column[edge.from] + 1];
            *gap = gap.max(widest + 6.0);
        }
    }
    let mut gaps = Vec::with_capacity(columns + 1);
    let mut centres = Vec::with_capacity(columns);
    let mut x = 0.0;
    for gap in 0..=columns {
        gaps.push(x);
        let lanes = tracks[gap] as f64 * TRACK;
        x += match gap {
            0 if tracks[0] == 0 => 0.0,
            0 => lanes + AFTER,
            _ if gap == columns => lanes + if tracks[gap] > 0 { BEFORE } else { 0.0 },
            _ => BEFORE + lanes + words[gap] + AFTER,
        };
        if let Some((left, right)) = sides.get(gap) {
            centres.push(x + left);
            x += left + right;
        }
    }
    let spots: Vec<(f64, f64)> =
        plan.placement.column.iter().zip(&plan.placement.y).map(|(column, y)| (centres[*column], *y)).collect();
    let track_x = |gap: usize, track: usize| gaps[gap] + if gap == 0 { 0.0 } else { BEFORE } + track as f64 * TRACK;
    let mut turns: Vec<Vec<(usize, f64)>> = vec![Vec::new(); edges.len()];
    for hop in &hops {
        turns[hop.way].push((hop.step, track_x(hop.gap, hop.track)));
    }
    let mut routes = Vec::with_capacity(edges.len());
    let mut taken: Vec<(f64, f64)> = Vec::new();
    for (at, (edge, way)) in edges.iter().zip(&plan.ways).enumerate() {
        let turn = |step: usize| turns[at].iter().find(|t| t.0 == step).map(|t| t.1);
        let mut route = Route { points: points(places, &spots, edge, way, turn), words: edge.words.clone(), ..Route::default() };
        if !edge.words.is_empty() {
            let gap = plan.placement.column[edge.from] + 1;
            route.ends = way.lane.is_some() && spots[edge.to].0 <= spots[edge.from].0;
            route.at = match way.lane {
                Some(y) => {
                    let on_lane = |p: &&(f64, f64)| (p.1 - y).abs() < 0.1;
                    let x = route.points.iter().find(on_lane).map_or(0.0, |p| p.0);
                    (if route.ends { x - 10.0 } else { x + 10.0 }, y - 6.0)
                }
                None => (track_x(gap, tracks[gap]) - 5.0, way.lines[1] - 6.0),
            };
            // A second text at the same place goes below the line.
            let near = |p: &&(f64, f64)| (p.0 - route.at.0).abs() < 40.0 && (p.1 - route.at.1).abs() < 10.0;
            if taken.iter().any(|p| near(&p)) {
                route.at.1 += 6.0 + SMALL_LEADING * edge.words.len() as f64;
            }
            taken.push(route.at);
        }
        routes.push(route);
    }
    shift(places, Laid { w: x, h: 0.0, spots, sides: plan.sides, routes })
}

/// Moves everything so that the level begins at the origin.
fn shift(places: &[Place], mut laid: Laid) -> Laid {
    let (mut left, mut right) = (0.0f64, laid.w);
    let (mut top, mut bottom) = (f64::INFINITY, f64::NEG_INFINITY);
    for ((spot, place), side) in laid.spots.iter().zip(places).zip(&laid.sides) {
        let (size, gateway) = (place.size, place.family == Family::Gateway);
        let up = if gateway && *side == LabelSide::Above { size.down } else { size.up };
        top = top.min(spot.1 - up);
        bottom = bottom.max(spot.1 + size.down);
    }
    for route in &laid.routes {
        for (x, y) in &route.points {
            (left, right) = (left.min(*x), right.max(*x));
            (top, bottom) = (top.min(*y), bottom.max(*y));
        }
        if let Some(words) = route.words.iter().map(|l| text::width(l, SMALL)).reduce(f64::max) {
            let lines = route.words.len() as f64 * SMALL_LEADING;
            let start = if route.ends { route.at.0 - words } else { route.at.0 };
            (left, right) = (left.min(start), right.max(start + words));
            (top, bottom) = (top.min(route.at.1 - lines), bottom.max(route.at.1 + 2.0));
        }
    }
    let points = laid.routes.iter_mut().flat_map(|r| r.points.iter_mut().chain([&mut r.at]));
    for point in points.chain(&mut laid.spots) {
        *point = (point.0 - left, point.1 - top);
    }
    (laid.w, laid.h) = (right - left, bottom - top);
    laid
}

/// All changes of height.
fn hops(plan: &Plan, edges: &[Edge]) -> Vec<Hop> {
    let mut hops = Vec::new();
    for (at, (edge, way)) in edges.iter().zip(&plan.ways).enumerate() {
        let column = plan.placement.column[edge.from];
        let mut add = |step, gap, y0: f64, y1: f64, class| {
            if (y0 - y1).abs() > 0.5 {
                let (from, to) = (edge.from, edge.to);
                hops.push(Hop { way: at, step, gap, y0, y1, from, to, class, track: 0 });
            }
        };
        let Some(lane) = way.lane else {
            for (step, pair) in way.lines.windows(2).enumerate() {
                let class = if pair[1] > pair[0] { 1 } else { 2 };
                add(step, column + 1 + step, pair[0], pair[1], class);
            }
            continue;
        };
        match way.start {
            Port::Side => add(0, column + 1, plan.placement.y[edge.from], lane, 0),
            Port::Below(_, Some(stub)) => add(0, column + 1, stub, lane, 0),
            _ => {}
        }
        if way.end == Port::Side {
            add(1, plan.placement.column[edge.to], lane, plan.placement.y[edge.to], 3);
        }
    }
    hops
}

/// Gives each hop a track in its gap; returns how many tracks each gap has.
fn assign(hops: &mut [Hop], gaps: usize) -> Vec<usize> {
    let mut tracks = vec![0; gaps];
    let mut in_gap: Vec<Vec<usize>> = vec![Vec::new(); gaps];
    for (at, hop) in hops.iter().enumerate() {
        in_gap[hop.gap].push(at);
    }
    for (gap, mut order) in in_gap.into_iter().enumerate() {
        // Falling hops from the lowest start, then rising ones from the highest.
        order.sort_by(|a, b| {
            let (a, b) = (&hops[*a], &hops[*b]);
            let start = if a.class == 2 { a.y0.total_cmp(&b.y0) } else { b.y0.total_cmp(&a.y0) };
            a.class.cmp(&b.class).then(start)
        });
        for k in 0..order.len() {
            let mut track = 0;
            let hop = &hops[order[k]];
            for other in order[..k].iter().map(|at| &hops[*at]) {
                let apart =
                    hop.y0.max(hop.y1) + 7.0 < other.y0.min(other.y1) || other.y0.max(other.y1) + 7.0 < hop.y0.min(hop.y1);
                if apart {
                    continue;
                }
                let shared = (hop.from == other.from && (hop.y0 - other.y0).abs() < 0.5)
                    || (hop.to == other.to && (hop.y1 - other.y1).abs() < 0.5);
                track = track.max(other.track + usize::from(!shared));
            }
            hops[order[k]].track = track;
            tracks[gap] = tracks[gap].max(track + 1);
        }
    }
    tracks
}

/// The corners of a way.
fn points(
    places: &[Place],
    spots: &[(f64, f64)],
    edge: &Edge,
    way: &Way,
    turn: impl Fn(usize) -> Option<f64>,
) -> Vec<(f64, f64)> {
    let (from, to) = (places[edge.from].size, places[edge.to].size);
    let (a, b) = (spots[edge.from], spots[edge.to]);
    // Flows along a lane leave and enter an activity beside its middle.
    let beside = |at: usize| match places[at].family {
        Family::Activity if way.lane.is_some() => (places[at].size.w / 5.0).min(24.0),
        _ => 0.0,
    };
    let mut out = Vec::new();
    let first = way.lane.or(way.lines.first().copied()).unwrap_or(a.1);
    let (x, y) = match way.start {
        Port::Side => (a.0 + from.w / 2.0, a.1),
        Port::Top => (a.0 + beside(edge.from), a.1 - from.h / 2.0),
        Port::Bottom => (a.0 + beside(edge.from), a.1 + from.h / 2.0),
        Port::Below(dx, _) => (a.0 + dx, a.1 + from.h / 2.0 + EVENT / 2.0),
    };
    out.push((x, y));
    if let (Port::Below(_, Some(stub)), Some(_)) = (way.start, way.lane) {
        out.push((x, stub));
    } else if way.start != Port::Side {
        out.push((x, first));
    }
    if let Some(lane) = way.lane {
        if let Some(turn) = turn(0) {
            let height = out.last().map_or(a.1, |p| p.1);
            out.extend([(turn, height), (turn, lane)]);
        }
        if let Some(turn) = turn(1) {
            out.extend([(turn, lane), (turn, b.1)]);
        }
    } else {
        for (step, pair) in way.lines.windows(2).enumerate() {
            if let Some(turn) = turn(step) {
                out.extend([(turn, pair[0]), (turn, pair[1])]);
            }
        }
    }
    let last = way.lane.or(way.lines.last().copied()).unwrap_or(b.1);
    let (x, y) = match way.end {
        Port::Top => (b.0 - beside(edge.to), b.1 - to.h / 2.0),
        Port::Bottom => (b.0 - beside(edge.to), b.1 + to.h / 2.0),
        _ => (b.0 - to.w / 2.0, b.1),
    };
    if way.end != Port::Side {
        out.push((x, last));
    }
    out.push((x, y));
    out
}
