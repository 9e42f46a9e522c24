//! A plain layered placement for levels that are too large for `dagre`.

use super::order::{BETWEEN, Link, Placement};

/// The column of each node: the longest way to it.
pub(super) fn columns(count: usize, links: &[Link]) -> Vec<usize> {
    let mut out = vec![Vec::new(); count];
    let mut waiting = vec![0usize; count];
    for link in links {
        out[link.from].push(link.to);
        waiting[link.to] += 1;
    }
    let mut column = vec![0; count];
    let mut ready: Vec<usize> = (0..count).filter(|at| waiting[*at] == 0).collect();
    while let Some(at) = ready.pop() {
        for &to in &out[at] {
            column[to] = column[to].max(column[at] + 1);
            waiting[to] -= 1;
            if waiting[to] == 0 {
                ready.push(to);
            }
        }
    }
    column
}

/// A node, or a link passing a column.
struct Item {
    height: f64,
    node: bool,
    before: Vec<usize>,
    after: Vec<usize>,
    /// Follows a boundary event: should stand below what comes before.
    lowered: bool,
    /// Position within its column.
    rank: usize,
    y: f64,
}

/// Places the nodes in the given columns.
pub(super) fn place(heights: &[f64], links: &[Link], column: Vec<usize>) -> Placement {
    let columns = column.iter().max().map_or(0, |last| last + 1);
    let blank = |height, node| Item { height, node, before: Vec::new(), after: Vec::new(), lowered: false, rank: 0, y: 0.0 };
    let mut items: Vec<Item> = heights.iter().map(|height| blank(*height, true)).collect();
    let mut layers: Vec<Vec<usize>> = vec![Vec::new(); columns];
    for (at, layer) in column.iter().enumerate() {
        layers[*layer].push(at);
    }
    let mut passing: Vec<Vec<usize>> = Vec::with_capacity(links.len());
    for link in links {
        let mut chain = Vec::new();
        let mut last = link.from;
        for layer in &mut layers[column[link.from] + 1..column[link.to]] {
            let at = items.len();
            items.push(blank(8.0, false));
            layer.push(at);
            join(&mut items, last, at);
            chain.push(at);
            last = at;
        }
        join(&mut items, last, link.to);
        if link.below {
            let next = chain.first().copied().unwrap_or(link.to);
            items[next].lowered = items[next].before.len() == 1;
        }
        passing.push(chain);
    }
    for layer in &layers {
        number(&mut items, layer);
    }
    for sweep in 0..8 {
        let forward = sweep % 2 == 0;
        for step in 0..columns {
            let layer = &mut layers[if forward { step } else { columns - 1 - step }];
            let key = |at: &usize| middle(&items, *at, forward, |item| item.rank as f64);
            let mut keyed: Vec<(f64, usize)> = layer
                .iter()
                .map(|at| {
                    let bias = if forward && items[*at].lowered { 0.9 } else { 0.0 };
                    (key(at).unwrap_or(items[*at].rank as f64) + bias, *at)
                })
                .collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            *layer = keyed.into_iter().map(|(_, at)| at).collect();
            number(&mut items, layer);
        }
    }
    for layer in &layers {
        settle(&mut items, layer, |_, _| Some(0.0));
    }
    for sweep in 0..14 {
        let forward = sweep % 2 == 0;
        for step in 0..columns {
            let layer = &layers[if forward { step } else { columns - 1 - step }];
            settle(&mut items, layer, |items, at| {
                let bias = if forward && items[at].lowered { 90.0 } else { 0.0 };
                middle(items, at, forward, |item| item.y).map(|y| y + bias)
            });
        }
    }
    Placement {
        y: items[..heights.len()].iter().map(|item| item.y).collect(),
        via: passing.iter().map(|chain| chain.iter().map(|at| items[*at].y).collect()).collect(),
        column,
        columns,
    }
}

/// Makes two items neighbours.
fn join(items: &mut [Item], from: usize, to: usize) {
    items[from].after.push(to);
    items[to].before.push(from);
}

/// Writes down the order within a column.
fn number(items: &mut [Item], layer: &[usize]) {
    for (rank, at) in layer.iter().enumerate() {
        items[*at].rank = rank;
    }
}

/// The mean of a value over the neighbours on one side.
fn middle(items: &[Item], at: usize, forward: bool, value: impl Fn(&Item) -> f64) -> Option<f64> {
    let near = if forward { &items[at].before } else { &items[at].after };
    let sum: f64 = near.iter().map(|at| value(&items[*at])).sum();
    (!near.is_empty()).then(|| sum / near.len() as f64)
}

/// Moves the items of a column as near to where they want to be as their
/// order and their heights allow (least squares, by pooling neighbours).
fn settle(items: &mut [Item], layer: &[usize], wanted: impl Fn(&[Item], usize) -> Option<f64>) {
    // Each pool: the sum of wishes, how many, and their mean.
    let mut pools: Vec<(f64, usize)> = Vec::new();
    let mut offsets = Vec::with_capacity(layer.len());
    let mut offset = 0.0;
    for (k, &at) in layer.iter().enumerate() {
        if k > 0 {
            let above = &items[layer[k - 1]];
            let space = if above.node && items[at].node { BETWEEN } else { 20.0 };
            offset += above.height / 2.0 + space + items[at].height / 2.0;
        }
        offsets.push(offset);
        let wish = wanted(items, at).unwrap_or(items[at].y);
        pools.push((wish - offset, 1));
        while let [.., (a, n), (b, m)] = pools[..]
            && a / n as f64 > b / m as f64
        {
            pools.pop();
            if let Some(last) = pools.last_mut() {
                *last = (a + b, n + m);
            }
        }
    }
    let mut k = 0;
    for (sum, count) in pools {
        for _ in 0..count {
            items[layer[k]].y = sum / count as f64 + offsets[k];
            k += 1;
        }
    }
}
