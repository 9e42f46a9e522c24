//! Which way each flow takes through a level: ports, passed heights, lanes.

use super::model::Family;
use super::order::{self, Link, Placement};
use super::size::{EVENT, Size};

/// The distance between two parallel lanes above or below the nodes.
const LANE: f64 = 18.0;
/// The distance between the nodes and the first lane.
const FIRST_LANE: f64 = 22.0;
/// Passing more columns than this is avoided in very large levels.
const LONG: usize = 10;

/// A node as a level sees it.
pub(super) struct Place<'a> {
    pub size: &'a Size,
    pub family: Family,
}

/// A flow as a level sees it; `from` and `to` are places of the level.
#[derive(Debug, Clone)]
pub(super) struct Edge {
    pub from: usize,
    pub to: usize,
    /// Leaves from a boundary event: its distance from the centre of its
    /// host and how many others sit to the right of it.
    pub boundary: Option<(f64, usize)>,
    /// The wrapped words beside it.
    pub words: Vec<String>,
}

/// Where a flow leaves or enters a shape.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Port {
    /// Leaves at the right or enters at the left.
    Side,
    Top,
    Bottom,
    /// Leaves a boundary event downwards, to the height given if it must turn
    /// right before it meets another node.
    Below(f64, Option<f64>),
}

/// Where the title of a gateway or event stands.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) enum LabelSide {
    #[default]
    Below,
    Above,
    Beside,
}

/// The way of one edge.
#[derive(Debug, Clone)]
pub(super) struct Way {
    pub start: Port,
    pub end: Port,
    /// Heights: at the column it leaves, at each column passed, at the last.
    pub lines: Vec<f64>,
    /// Runs along a lane above or below the nodes instead.
    pub lane: Option<f64>,
}

/// The finding for a whole level.
pub(super) struct Plan {
    pub placement: Placement,
    pub ways: Vec<Way>,
    pub sides: Vec<LabelSide>,
}

/// What is known while ways are chosen.
struct Scout<'a> {
    places: &'a [Place<'a>],
    placement: Placement,
    by_column: Vec<Vec<usize>>,
    /// Heights of links that pass each column.
    passing: Vec<Vec<f64>>,
    /// Corners used by leaving flows: top, bottom.
    leaving: Vec<[bool; 2]>,
    /// Corners used by entering flows: top, bottom.
    entering: Vec<[bool; 2]>,
}

/// Chooses places and ways for a level.
pub(super) fn plan(places: &[Place], edges: &[Edge]) -> Plan {
    let forward = forward_edges(places.len(), edges);
    let links: Vec<Link> =
        forward.iter().map(|&at| Link { from: edges[at].from, to: edges[at].to, below: edges[at].boundary.is_some() }).collect();
    let heights: Vec<f64> = places.iter().map(|place| 2.0 * place.size.up.max(place.size.down)).collect();
    let mut placement = order::place(&heights, &links);
    let via = std::mem::take(&mut placement.via);
    let mut by_column = vec![Vec::new(); placement.columns];
    for (at, column) in placement.column.iter().enumerate() {
        by_column[*column].push(at);
    }
    let mut passing = vec![Vec::new(); placement.columns];
    for (link, via) in links.iter().zip(&via) {
        for (step, y) in via.iter().enumerate() {
            passing[placement.column[link.from] + 1 + step].push(*y);
        }
    }
    let mut scout = Scout {
        places,
        placement,
        by_column,
        passing,
        leaving: vec![[false; 2]; places.len()],
        entering: vec![[false; 2]; places.len()],
    };
    let mut ways: Vec<Option<Way>> = vec![None; edges.len()];
    let mut counts = vec![(0usize, 0usize); places.len()];
    for link in &links {
        counts[link.from].0 += 1;
        counts[link.to].1 += 1;
    }
    for (&at, via) in forward.iter().zip(via) {
        let edge = &edges[at];
        let mut lines = vec![scout.placement.y[edge.from]];
        lines.extend(via);
        lines.push(scout.placement.y[edge.to]);
        let start = scout.start(edge, &mut lines, counts[edge.from].0 > 1);
        ways[at] = Some(Way { start, end: Port::Side, lines, lane: None });
    }
    for &at in &forward {
        if counts[edges[at].to].1 > 1
            && let Some(way) = &mut ways[at]
        {
            scout.end(edges[at].to, way);
        }
    }
    let mut others: Vec<usize> = (0..edges.len()).filter(|at| ways[*at].is_none()).collect();
    let column = |at: usize| scout.placement.column[at];
    others.sort_by_key(|at| column(edges[*at].from).abs_diff(column(edges[*at].to)));
    let mut lanes: Vec<(usize, usize, f64)> = Vec::new();
    for at in others {
        ways[at] = Some(scout.lane(&edges[at], &mut lanes));
    }
    let sides = (0..places.len()).map(|at| scout.side(at)).collect();
    Plan { placement: scout.placement, ways: ways.into_iter().flatten().collect(), sides }
}

/// The edges that lead onwards: all but those that close a loop and, in very
/// large levels, those that pass many columns.
fn forward_edges(count: usize, edges: &[Edge]) -> Vec<usize> {
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut entered = vec![false; count];
    for (at, edge) in edges.iter().enumerate() {
        if edge.from != edge.to {
            out[edge.from].push(at);
            entered[edge.to] = true;
        }
    }
    // 0: not seen, 1: on the way here, 2: finished.
    let mut state = vec![0u8; count];
    let mut forward = vec![false; edges.len()];
    let roots = (0..count).filter(|at| !entered[*at]).chain((0..count).filter(|at| entered[*at]));
    for root in roots {
        if state[root] != 0 {
            continue;
        }
        state[root] = 1;
        let mut path = vec![(root, 0usize)];
        while let Some((node, next)) = path.last_mut() {
            let Some(&at) = out[*node].get(*next) else {
                state[*node] = 2;
                path.pop();
                continue;
            };
            *next += 1;
            let to = edges[at].to;
            forward[at] = state[to] != 1;
            if state[to] == 0 {
                state[to] = 1;
                path.push((to, 0));
            }
        }
    }
    let mut kept: Vec<usize> = (0..edges.len()).filter(|at| forward[*at]).collect();
    let link = |at: &usize| Link { from: edges[*at].from, to: edges[*at].to, below: false };
    let columns = super::level::columns(count, &kept.iter().map(link).collect::<Vec<_>>());
    let span = |at: &usize| columns[edges[*at].to].saturating_sub(columns[edges[*at].from]);
    if kept.iter().map(span).sum::<usize>() > 6 * count + 600 {
        kept.retain(|at| span(at) <= LONG);
    }
    kept
}

impl Scout<'_> {
    /// Whether nothing else stands in the node's column between two heights.
    fn clear(&self, node: usize, y0: f64, y1: f64) -> bool {
        let (low, high) = (y0.min(y1) - 8.0, y0.max(y1) + 8.0);
        let column = self.placement.column[node];
        let nodes_clear = self.by_column[column].iter().all(|&other| {
            let (y, size) = (self.placement.y[other], self.places[other].size);
            other == node || y + size.down < low || y - size.up > high
        });
        nodes_clear && self.passing[column].iter().all(|y| (*y - y1).abs() > 9.0)
    }

    /// Where a forward edge leaves; turns its first height if it may.
    fn start(&mut self, edge: &Edge, lines: &mut [f64], split: bool) -> Port {
        let (y, size) = (self.placement.y[edge.from], self.places[edge.from].size);
        let target = lines[1];
        if let Some((dx, right)) = edge.boundary {
            let edge_y = y + size.h / 2.0;
            if target > edge_y + EVENT / 2.0 + 12.0 && self.clear(edge.from, edge_y, target) {
                lines[0] = target;
                return Port::Below(dx, None);
            }
            let stub = edge_y + EVENT / 2.0 + 8.0 + 8.0 * right as f64;
            lines[0] = stub;
            return Port::Below(dx, Some(stub));
        }
        let far = (target - y).abs() > size.h / 2.0 + 10.0;
        let gateway = self.places[edge.from].family == Family::Gateway;
        if !(gateway && split && far && self.clear(edge.from, y, target)) {
            return Port::Side;
        }
        lines[0] = target;
        self.leaving[edge.from][usize::from(target > y)] = true;
        if target > y { Port::Bottom } else { Port::Top }
    }

    /// Lets a forward edge enter a joining gateway from above or below.
    fn end(&mut self, node: usize, way: &mut Way) {
        let (y, size) = (self.placement.y[node], self.places[node].size);
        let last = way.lines.len() - 1;
        let before = way.lines[last - 1];
        let turned = last == 1 && way.start != Port::Side;
        let corner = usize::from(before > y);
        if turned
            || self.places[node].family != Family::Gateway
            || (before - y).abs() <= size.h / 2.0 + 10.0
            || self.leaving[node][corner]
            || !self.clear(node, y, before)
        {
            return;
        }
        way.lines[last] = before;
        self.entering[node][corner] = true;
        way.end = if before > y { Port::Bottom } else { Port::Top };
    }

    /// The upper and lower bound of what stands in a column.
    fn bounds(&self, column: usize) -> (f64, f64) {
        let mut bounds = (f64::INFINITY, f64::NEG_INFINITY);
        for &at in &self.by_column[column] {
            let (y, size) = (self.placement.y[at], self.places[at].size);
            let gateway = self.places[at].family == Family::Gateway;
            let up = if gateway { size.down } else { size.up };
            bounds = (bounds.0.min(y - up), bounds.1.max(y + size.down));
        }
        for y in &self.passing[column] {
            bounds = (bounds.0.min(*y - 8.0), bounds.1.max(*y + 8.0));
        }
        bounds
    }

    /// A way along a lane, above or below, whichever suits better.
    fn lane(&mut self, edge: &Edge, lanes: &mut Vec<(usize, usize, f64)>) -> Way {
        let (a, b) = (self.placement.column[edge.from], self.placement.column[edge.to]);
        let (first, last) = (a.min(b), a.max(b));
        let bounds = (first..=last).map(|column| self.bounds(column));
        let none = (f64::INFINITY, f64::NEG_INFINITY);
        let (top, bottom) = bounds.fold(none, |sum, next| (sum.0.min(next.0), sum.1.max(next.1)));
        let mut best: Option<(f64, f64, bool)> = None;
        for below in [true, false] {
            let step = if below { LANE } else { -LANE };
            let mut y = if below { bottom + FIRST_LANE } else { top - FIRST_LANE };
            while lanes.iter().any(|(from, to, other)| *from <= last && *to >= first && (*other - y).abs() < LANE - 1.0) {
                y += step;
            }
            let mut cost = (y - self.placement.y[edge.from]).abs();
            cost += (y - self.placement.y[edge.to]).abs();
            for (node, leaves) in [(edge.from, true), (edge.to, false)] {
                if !self.open(node, leaves, y, below) {
                    cost += 300.0;
                }
            }
            if edge.boundary.is_some() && !below {
                cost += 10_000.0;
            }
            if best.is_none_or(|(least, ..)| cost < least) {
                best = Some((cost, y, below));
            }
        }
        let (y, below) = best.map_or((bottom + FIRST_LANE, true), |(_, y, below)| (y, below));
        lanes.push((first, last, y));
        let corner = if below { Port::Bottom } else { Port::Top };
        let mut way = Way { start: Port::Side, end: Port::Side, lines: Vec::new(), lane: Some(y) };
        let size = self.places[edge.from].size;
        if let Some((dx, right)) = edge.boundary {
            let edge_y = self.placement.y[edge.from] + size.h / 2.0;
            let stub = edge_y + EVENT / 2.0 + 8.0 + 8.0 * right as f64;
            let direct = self.clear(edge.from, edge_y, y);
            way.start = Port::Below(dx, (!direct).then_some(stub));
        } else if edge.from != edge.to && self.open(edge.from, true, y, below) {
            way.start = corner;
            self.leaving[edge.from][usize::from(below)] = true;
        }
        if self.open(edge.to, false, y, below) {
            way.end = corner;
            self.entering[edge.to][usize::from(below)] = true;
        }
        way
    }

    /// Whether a flow can go straight between a node and a lane.
    fn open(&self, node: usize, leaves: bool, lane: f64, below: bool) -> bool {
        let (y, size) = (self.placement.y[node], self.places[node].size);
        let corner = usize::from(below);
        let own = match self.places[node].family {
            Family::Activity => !below || size.down <= size.h / 2.0 + 0.5,
            Family::Event => !below || size.title.is_empty(),
            Family::Gateway => true,
        };
        let against = if leaves { &self.entering } else { &self.leaving };
        let shared = self.places[node].family != Family::Activity && against[node][corner];
        own && !shared && self.clear(node, y, lane)
    }

    /// Where the title of a node has room.
    fn side(&self, node: usize) -> LabelSide {
        let used = |corner: usize| self.leaving[node][corner] || self.entering[node][corner];
        match (self.places[node].family, used(0), used(1)) {
            (Family::Activity, ..) | (_, _, false) => LabelSide::Below,
            (_, false, true) => LabelSide::Above,
            (_, true, true) => LabelSide::Beside,
        }
    }
}
