//! Straightens flows: small steps up or down are taken out where there is room.

use super::order::{Link, Placement};

/// A node, or a link passing a column.
struct Thing {
    column: usize,
    y: f64,
    half: f64,
    node: bool,
    before: Vec<usize>,
    after: Vec<usize>,
}

/// How far a thing may move to stand in line with its only neighbour.
const CHAIN: f64 = 260.0;
/// How far a node may move to stand in line with one of several neighbours.
const NEAR: f64 = 24.0;

/// Moves nodes and passing links of a placement into line.
pub(super) fn straighten(heights: &[f64], links: &[Link], placement: &mut Placement) {
    let mut things: Vec<Thing> = Vec::with_capacity(heights.len());
    let thing = |column, y, half, node| Thing { column, y, half, node, before: Vec::new(), after: Vec::new() };
    for (at, height) in heights.iter().enumerate() {
        things.push(thing(placement.column[at], placement.y[at], height / 2.0, true));
    }
    for (link, via) in links.iter().zip(&placement.via) {
        let mut last = link.from;
        for (step, y) in via.iter().enumerate() {
            let at = things.len();
            things.push(thing(placement.column[link.from] + 1 + step, *y, 4.0, false));
            join(&mut things, last, at, link);
            last = at;
        }
        join(&mut things, last, link.to, link);
    }
    let mut columns: Vec<Vec<usize>> = vec![Vec::new(); placement.columns];
    for (at, thing) in things.iter().enumerate() {
        columns[thing.column].push(at);
    }
    let forward: Vec<usize> = columns.iter().flatten().copied().collect();
    for round in 0..2 {
        for &at in forward.iter().rev() {
            if let [next] = things[at].after[..]
                && things[next].before.len() == 1
            {
                let y = things[next].y;
                attempt(&mut things, &columns, at, y, CHAIN);
            }
        }
        for &at in &forward {
            if let [last] = things[at].before[..]
                && things[last].after.len() == 1
            {
                let y = things[last].y;
                attempt(&mut things, &columns, at, y, CHAIN);
            }
        }
        if round == 0 {
            for &at in &forward {
                near(&mut things, &columns, at);
            }
        }
    }
    for (at, y) in placement.y.iter_mut().enumerate() {
        *y = things[at].y;
    }
    let mut passing = things[heights.len()..].iter();
    for y in placement.via.iter_mut().flatten() {
        if let Some(thing) = passing.next() {
            *y = thing.y;
        }
    }
}

/// Makes two things neighbours, unless a boundary event lies between.
fn join(things: &mut [Thing], from: usize, to: usize, link: &Link) {
    if !(link.below && from == link.from) {
        things[from].after.push(to);
        things[to].before.push(from);
    }
}

/// Brings a thing into line with the nearest of its neighbours, if it is in
/// line with none.
fn near(things: &mut [Thing], columns: &[Vec<usize>], at: usize) {
    let own = things[at].y;
    let around = things[at].before.iter().chain(&things[at].after);
    let mut wishes: Vec<f64> = around.map(|other| things[*other].y).collect();
    wishes.sort_by(|a, b| (a - own).abs().total_cmp(&(b - own).abs()));
    if wishes.first().is_none_or(|y| (y - own).abs() < 0.5) {
        return;
    }
    let most = if things[at].node { NEAR } else { CHAIN };
    for y in wishes {
        if attempt(things, columns, at, y, most) {
            return;
        }
    }
}

/// Moves a thing if it is not far and nothing is in its way.
fn attempt(things: &mut [Thing], columns: &[Vec<usize>], at: usize, y: f64, most: f64) -> bool {
    let own = &things[at];
    if (y - own.y).abs() > most {
        return false;
    }
    let clear = columns[own.column].iter().filter(|other| **other != at).all(|&other| {
        let other = &things[other];
        let space = if own.node && other.node { 26.0 } else { 12.0 };
        let apart = (other.y - y).abs() >= own.half + other.half + space;
        apart && (other.y > y) == (other.y > own.y)
    });
    if clear {
        things[at].y = y;
    }
    clear
}
