//! The whole picture with coordinates: levels laid out from the inside out.

use super::model::{Diagram, Family};
use super::route::{Edge, LabelSide, Place};
use super::size::{self, HEADER, SMALL, Size};
use super::text;
use super::tracks::{self, Laid, Route};

/// The space around the drawing.
const MARGIN: f64 = 16.0;

/// A node with its coordinates.
#[derive(Debug, Clone, Default)]
pub(super) struct Spot {
    /// The centre.
    pub x: f64,
    pub y: f64,
    pub size: Size,
    pub side: LabelSide,
    /// Holds other nodes.
    pub container: bool,
    /// Sits on the border of an activity.
    pub boundary: bool,
}

/// The picture with coordinates.
pub(super) struct Scene {
    pub w: f64,
    pub h: f64,
    pub spots: Vec<Spot>,
    /// One for each flow; empty when the flow names no node.
    pub routes: Vec<Route>,
    /// All nodes, containers before what they hold, hosts before their events.
    pub order: Vec<usize>,
}

/// Who holds whom, freed of impossible references.
struct Kin {
    /// The activity on which a boundary event sits.
    host: Vec<Option<usize>>,
    /// The container of each node.
    parent: Vec<Option<usize>>,
    depth: Vec<usize>,
    /// The boundary events of each node.
    boundary: Vec<Vec<usize>>,
    /// The nodes of each level: the root first, then node + 1.
    members: Vec<Vec<usize>>,
}

/// Lays out a diagram.
pub(super) fn scene(diagram: &Diagram) -> Scene {
    let count = diagram.nodes.len();
    let kin = kinship(diagram);
    let mut flows: Vec<Vec<usize>> = vec![Vec::new(); count + 1];
    let mut ends: Vec<Option<(usize, usize)>> = Vec::with_capacity(diagram.flows.len());
    for (at, flow) in diagram.flows.iter().enumerate() {
        let valid = flow.from < count && flow.to < count;
        let pair = valid.then(|| kin.common(flow.from, flow.to));
        if let Some((from, _)) = pair {
            flows[kin.parent[from].map_or(0, |parent| parent + 1)].push(at);
        }
        ends.push(pair);
    }
    let mut spots: Vec<Spot> = vec![Spot::default(); count];
    let mut routes: Vec<Route> = vec![Route::default(); diagram.flows.len()];
    let mut laid: Vec<Option<Laid>> = Vec::new();
    laid.resize_with(count + 1, || None);
    let mut outer_first: Vec<usize> = (0..count).collect();
    outer_first.sort_by_key(|at| kin.depth[*at]);
    let levels = outer_first.iter().rev().map(|at| at + 1).chain([0]);
    for level in levels.collect::<Vec<_>>() {
        let members = &kin.members[level];
        for &at in members {
            let inner = laid[at + 1].as_ref().map(|inner| (inner.w, inner.h));
            for &event in &kin.boundary[at] {
                spots[event].size = size::size(diagram, event, None, &[]);
                spots[event].boundary = true;
            }
            let boundary: Vec<&Size> = kin.boundary[at].iter().map(|event| &spots[*event].size).collect();
            let size = size::size(diagram, at, inner, &boundary);
            spots[at].container = inner.is_some();
            spots[at].size = size;
        }
        if members.is_empty() {
            continue;
        }
        let mut index = std::collections::HashMap::new();
        for (place, at) in members.iter().enumerate() {
            index.insert(*at, place);
        }
        let places: Vec<Place> =
            members.iter().map(|at| Place { size: &spots[*at].size, family: diagram.nodes[*at].kind.family() }).collect();
        let edges: Vec<Edge> = flows[level]
            .iter()
            .filter_map(|&flow| {
                let (from, to) = ends[flow]?;
                let (from, to) = (*index.get(&from)?, *index.get(&to)?);
                Some(edge(diagram, &kin, &spots, flow, from, to))
            })
            .collect();
        laid[level] = Some(tracks::lay(&places, &edges));
    }
    let (mut w, mut h) = (240.0, 80.0);
    let mut origins = vec![(MARGIN, MARGIN); count + 1];
    for level in [0].into_iter().chain(outer_first.iter().map(|at| at + 1)) {
        let Some(inner) = laid[level].take() else {
            continue;
        };
        let (x, y) = match level.checked_sub(1) {
            None => {
                (w, h) = (inner.w + 2.0 * MARGIN, inner.h + 2.0 * MARGIN);
                (MARGIN, MARGIN)
            }
            Some(at) => {
                let (spot, size) = (&spots[at], &spots[at].size);
                let note = if size.note.is_some() { 14.0 } else { 0.0 };
                let top = spot.y - size.h / 2.0 + HEADER + note;
                (spot.x - inner.w / 2.0, top)
            }
        };
        origins[level] = (x, y);
        for ((&at, spot), side) in kin.members[level].iter().zip(&inner.spots).zip(&inner.sides) {
            (spots[at].x, spots[at].y) = (x + spot.0, y + spot.1);
            spots[at].side = *side;
            let (left, bottom) = (spots[at].x - spots[at].size.w / 2.0, spots[at].y + spots[at].size.h / 2.0);
            for (k, &event) in kin.boundary[at].iter().enumerate() {
                let along = size::boundary_x(spots[at].size.w, kin.boundary[at].len(), k);
                (spots[event].x, spots[event].y) = (left + along, bottom);
            }
        }
        for (&flow, mut route) in flows[level].iter().zip(inner.routes) {
            let points = route.points.iter_mut().chain([&mut route.at]);
            points.for_each(|point| *point = (point.0 + x, point.1 + y));
            routes[flow] = route;
        }
    }
    let mut order = outer_first;
    order.sort_by_key(|at| (kin.depth[*at], spots[*at].boundary));
    Scene { w, h, spots, routes, order }
}

/// A flow between two places of a level.
fn edge(diagram: &Diagram, kin: &Kin, spots: &[Spot], flow: usize, from: usize, to: usize) -> Edge {
    let data = &diagram.flows[flow];
    let boundary = kin.host[data.from].map(|host| {
        let events = &kin.boundary[host];
        let k = events.iter().position(|event| *event == data.from).unwrap_or(0);
        let w = spots[host].size.w;
        (size::boundary_x(w, events.len(), k) - w / 2.0, events.len().saturating_sub(k + 1))
    });
    let words = data.title.as_deref().unwrap_or_default();
    Edge { from, to, boundary, words: text::wrap(words, SMALL, 120.0, 2) }
}

/// Sorts out who holds whom.
fn kinship(diagram: &Diagram) -> Kin {
    let nodes = &diagram.nodes;
    let count = nodes.len();
    let is = |at: usize, family| nodes.get(at).is_some_and(|n| n.kind.family() == family);
    let mut host: Vec<Option<usize>> = vec![None; count];
    for (at, node) in nodes.iter().enumerate() {
        host[at] = node.attached_to.filter(|to| is(at, Family::Event) && is(*to, Family::Activity));
    }
    let mut parent: Vec<Option<usize>> =
        nodes.iter().enumerate().map(|(at, node)| node.parent.filter(|p| *p != at && is(*p, Family::Activity))).collect();
    for (at, to) in host.iter().enumerate() {
        if let Some(to) = to {
            parent[at] = parent[*to];
        }
    }
    // A chain of containers that comes back to itself is cut.
    let mut depth = vec![0; count];
    let mut state = vec![0u8; count];
    for start in 0..count {
        let mut path = Vec::new();
        let mut next = Some(start);
        while let Some(at) = next {
            if state[at] == 2 {
                break;
            }
            if state[at] == 1 {
                if let Some(last) = path.last() {
                    parent[*last] = None;
                }
                break;
            }
            state[at] = 1;
            path.push(at);
            next = parent[at];
        }
        for at in path.into_iter().rev() {
            depth[at] = parent[at].map_or(0, |p| depth[p] + 1);
            state[at] = 2;
        }
    }
    let mut boundary = vec![Vec::new(); count];
    let mut members = vec![Vec::new(); count + 1];
    for at in 0..count {
        match host[at] {
            Some(to) => {
                parent[at] = parent[to];
                depth[at] = depth[to];
                boundary[to].push(at);
            }
            None => members[parent[at].map_or(0, |p| p + 1)].push(at),
        }
    }
    Kin { host, parent, depth, boundary, members }
}

impl Kin {
    /// The two nodes of one level between which a flow is drawn: its ends, or
    /// what holds them.
    fn common(&self, from: usize, to: usize) -> (usize, usize) {
        let (mut a, mut b) = (self.host[from].unwrap_or(from), self.host[to].unwrap_or(to));
        while self.parent[a] != self.parent[b] {
            if self.depth[a] >= self.depth[b] {
                match self.parent[a] {
                    Some(up) => a = up,
                    None => break,
                }
            } else {
                match self.parent[b] {
                    Some(up) => b = up,
                    None => break,
                }
            }
        }
        (a, b)
    }
}
