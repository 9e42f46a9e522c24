//! Built-ins that relate ranges and points, after Allen's interval algebra.
//!
//! A point counts as the closed range from itself to itself. Each end of a range is an [`Edge`]: a
//! value and, for an open end, a nudge inwards, so that ordinary order of edges says it all.

use std::cmp::Ordering;
use std::ops::Bound;

use super::super::operators;
use super::{Call, EvaluateError, Outcome, Value};

/// One end of a range.
#[derive(Clone, Copy)]
enum Edge<'a> {
    /// Before everything.
    Lowest,
    /// At a value (0), just after it (1) or just before it (-1).
    At(&'a Value, i8),
    /// After everything.
    Highest,
}

/// The start and end of a range or point.
#[derive(Clone, Copy)]
struct Span<'a> {
    start: Edge<'a>,
    end: Edge<'a>,
}

fn span(value: &Value) -> Span<'_> {
    let Value::Range(range) = value else { return Span { start: Edge::At(value, 0), end: Edge::At(value, 0) } };
    let start = match &range.start {
        Bound::Included(value) => Edge::At(value, 0),
        Bound::Excluded(value) => Edge::At(value, 1),
        Bound::Unbounded => Edge::Lowest,
    };
    let end = match &range.end {
        Bound::Included(value) => Edge::At(value, 0),
        Bound::Excluded(value) => Edge::At(value, -1),
        Bound::Unbounded => Edge::Highest,
    };
    Span { start, end }
}

fn order(left: Edge, right: Edge) -> Result<Ordering, EvaluateError> {
    Ok(match (left, right) {
        (Edge::Lowest, Edge::Lowest) | (Edge::Highest, Edge::Highest) => Ordering::Equal,
        (Edge::Lowest, _) | (_, Edge::Highest) => Ordering::Less,
        (Edge::Highest, _) | (_, Edge::Lowest) => Ordering::Greater,
        (Edge::At(left, left_nudge), Edge::At(right, right_nudge)) => {
            // neither is null: a null argument never gets here, and a null end is Lowest or Highest
            operators::compare(left, right)?.unwrap_or(Ordering::Equal).then(left_nudge.cmp(&right_nudge))
        }
    })
}

type Relation = fn(Span, Span) -> Result<bool, EvaluateError>;

fn relate(call: &Call, relation: Relation) -> Outcome {
    relation(span(call.get(0)), span(call.get(1))).map(Value::Boolean)
}

/// The same with the arguments exchanged.
fn relate_back(call: &Call, relation: Relation) -> Outcome {
    relation(span(call.get(1)), span(call.get(0))).map(Value::Boolean)
}

fn is_before(a: Span, b: Span) -> Result<bool, EvaluateError> {
    Ok(order(a.end, b.start)?.is_lt())
}

fn is_met(a: Span, b: Span) -> Result<bool, EvaluateError> {
    Ok(order(a.end, b.start)?.is_eq())
}

fn is_overlapping(a: Span, b: Span) -> Result<bool, EvaluateError> {
    Ok(!is_before(a, b)? && !is_before(b, a)?)
}

fn is_overlapping_before(a: Span, b: Span) -> Result<bool, EvaluateError> {
    Ok(order(a.start, b.start)?.is_lt() && order(a.end, b.start)?.is_ge() && order(a.end, b.end)?.is_le())
}

fn is_including(a: Span, b: Span) -> Result<bool, EvaluateError> {
    Ok(order(a.start, b.start)?.is_le() && order(b.end, a.end)?.is_le())
}

fn is_starting(a: Span, b: Span) -> Result<bool, EvaluateError> {
    Ok(order(a.start, b.start)?.is_eq() && order(a.end, b.end)?.is_le())
}

fn is_finishing(a: Span, b: Span) -> Result<bool, EvaluateError> {
    Ok(order(a.end, b.end)?.is_eq() && order(a.start, b.start)?.is_ge())
}

fn is_coinciding(a: Span, b: Span) -> Result<bool, EvaluateError> {
    Ok(order(a.start, b.start)?.is_eq() && order(a.end, b.end)?.is_eq())
}

pub(super) fn before(call: &mut Call) -> Outcome {
    relate(call, is_before)
}

pub(super) fn after(call: &mut Call) -> Outcome {
    relate_back(call, is_before)
}

pub(super) fn meets(call: &mut Call) -> Outcome {
    relate(call, is_met)
}

pub(super) fn met_by(call: &mut Call) -> Outcome {
    relate_back(call, is_met)
}

pub(super) fn overlaps(call: &mut Call) -> Outcome {
    relate(call, is_overlapping)
}

pub(super) fn overlaps_before(call: &mut Call) -> Outcome {
    relate(call, is_overlapping_before)
}

pub(super) fn overlaps_after(call: &mut Call) -> Outcome {
    relate_back(call, is_overlapping_before)
}

pub(super) fn includes(call: &mut Call) -> Outcome {
    relate(call, is_including)
}

pub(super) fn during(call: &mut Call) -> Outcome {
    relate_back(call, is_including)
}

pub(super) fn starts(call: &mut Call) -> Outcome {
    relate(call, is_starting)
}

pub(super) fn started_by(call: &mut Call) -> Outcome {
    relate_back(call, is_starting)
}

pub(super) fn finishes(call: &mut Call) -> Outcome {
    relate(call, is_finishing)
}

pub(super) fn finished_by(call: &mut Call) -> Outcome {
    relate_back(call, is_finishing)
}

pub(super) fn coincides(call: &mut Call) -> Outcome {
    relate(call, is_coinciding)
}
