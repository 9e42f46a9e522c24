//! Columns and heights: in which column each node stands and how high.
//!
//! Small levels are placed by the `dagre` crate, large ones by the plain
//! layering in [`super::level`].

use std::panic::{AssertUnwindSafe, catch_unwind};

use dagre::graph::{Graph, GraphOptions};
use dagre::{EdgeLabel, LayoutOptions, NodeLabel, RankDir};

use super::level;
use super::straight::straighten;

/// Above this many nodes and crossings of columns, `dagre` is too slow.
const DAGRE_LIMIT: usize = 260;

/// The vertical space between two nodes of a column.
pub(super) const BETWEEN: f64 = 34.0;

/// An edge between two nodes of a level; edges make no loops.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    pub from: usize,
    pub to: usize,
    /// Leaves from a boundary event: should run below.
    pub below: bool,
}

/// Where the nodes of a level stand.
#[derive(Debug, Clone, Default)]
pub(super) struct Placement {
    /// The column of each node.
    pub column: Vec<usize>,
    /// The vertical centre of each node.
    pub y: Vec<f64>,
    /// For each link, its height in every column it passes.
    pub via: Vec<Vec<f64>>,
    /// How many columns there are.
    pub columns: usize,
}

/// Places nodes of the given heights.
pub(super) fn place(heights: &[f64], links: &[Link]) -> Placement {
    let columns = level::columns(heights.len(), links);
    let spans: usize = links.iter().map(|l| columns[l.to].saturating_sub(columns[l.from])).sum();
    let mut placement = None;
    if heights.len() + spans <= DAGRE_LIMIT {
        placement = catch_unwind(AssertUnwindSafe(|| with_dagre(heights, links))).ok().flatten();
    }
    // What follows a boundary event should stand below its host; `dagre` knows
    // nothing of that, so its answer may be turned upside down or dropped.
    let placement = placement.and_then(|mut placement| {
        if !hangs(links, &placement) {
            placement.y.iter_mut().for_each(|y| *y = -*y);
            placement.via.iter_mut().flatten().for_each(|y| *y = -*y);
        }
        hangs(links, &placement).then_some(placement)
    });
    let mut placement = placement.unwrap_or_else(|| level::place(heights, links, columns));
    straighten(heights, links, &mut placement);
    placement
}

/// Whether all flows from boundary events lead downwards.
fn hangs(links: &[Link], placement: &Placement) -> bool {
    links.iter().zip(&placement.via).filter(|(link, _)| link.below).all(|(link, via)| {
        let next = via.first().copied().unwrap_or(placement.y[link.to]);
        next > placement.y[link.from] + 30.0
    })
}

/// Lets `dagre` place the nodes; none if its answer is incomplete.
fn with_dagre(heights: &[f64], links: &[Link]) -> Option<Placement> {
    let options = GraphOptions { directed: true, multigraph: true, compound: false };
    let mut graph: Graph<NodeLabel, EdgeLabel> = Graph::with_options(options);
    let names: Vec<String> = (0..heights.len()).map(|at| format!("n{at}")).collect();
    for (name, height) in names.iter().zip(heights) {
        let label = NodeLabel { width: 20.0, height: *height, ..NodeLabel::default() };
        graph.set_node(name.as_str(), Some(label));
    }
    let mut in_order: Vec<usize> = (0..links.len()).collect();
    in_order.sort_by_key(|&at| links[at].below);
    for &at in &in_order {
        let link = links[at];
        let weight = if link.below { 1 } else { 2 };
        let label = EdgeLabel { weight, label_offset: 0.0, ..EdgeLabel::default() };
        let name = format!("e{at}");
        graph.set_edge(&names[link.from], &names[link.to], Some(label), Some(&name));
    }
    let layout =
        LayoutOptions { rankdir: RankDir::LR, nodesep: BETWEEN, edgesep: 26.0, ranksep: 60.0, ..LayoutOptions::default() };
    dagre::layout(&mut graph, Some(layout));

    let mut x = Vec::with_capacity(names.len());
    let mut y = Vec::with_capacity(names.len());
    for name in &names {
        let label = graph.node(name)?;
        x.push(label.x.filter(|v| v.is_finite())?);
        y.push(label.y.filter(|v| v.is_finite())?);
    }
    let mut stops = x.clone();
    stops.sort_by(f64::total_cmp);
    stops.dedup_by(|a, b| (*a - *b).abs() < 1.0);
    let column: Vec<usize> = x.iter().map(|v| stops.partition_point(|stop| *stop < *v - 1.0)).collect();
    let mut via = Vec::with_capacity(links.len());
    for (at, link) in links.iter().enumerate() {
        let name = format!("e{at}");
        let label = graph.edge(&names[link.from], &names[link.to], Some(&name))?;
        let (a, b) = (column[link.from], column[link.to]);
        if a >= b {
            return None;
        }
        let heights = stops[a + 1..b].iter().map(|stop| height_at(&label.points, *stop));
        via.push(heights.collect::<Option<Vec<f64>>>()?);
    }
    Some(Placement { column, y, via, columns: stops.len() })
}

/// The height of a bent line where it passes `x`.
fn height_at(points: &[dagre::Point], x: f64) -> Option<f64> {
    points.windows(2).find_map(|pair| {
        let [a, b] = pair else { return None };
        if x < a.x - 0.01 || x > b.x + 0.01 {
            return None;
        }
        let share = if b.x > a.x { (x - a.x) / (b.x - a.x) } else { 0.0 };
        Some(a.y + (b.y - a.y) * share.clamp(0.0, 1.0))
    })
}
