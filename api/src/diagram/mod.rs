//! The picture of a process: BPMN shapes as SVG, laid out from left to right.
//!
//! Everything here is pure: plain data in ([`Diagram`]), text out ([`svg`],
//! [`standalone_svg`]). Colours come from the stylesheet alone ([`CSS`]).

#![allow(
    clippy::cast_precision_loss, // counts of nodes and lines are small
    clippy::float_cmp // heights are compared after being set equal
)]

mod layout;
mod level;
mod lines;
mod model;
mod order;
mod route;
mod shapes;
mod signs;
mod size;
mod straight;
mod svg;
mod text;
mod tracks;

#[cfg(test)]
mod tests;

pub use model::{Diagram, EventForm, EventPosition, EventSign, Flow, Kind, Mark, Node, Wording};
pub use svg::{standalone_svg, svg, svg_in_words};

/// The rules that colour the diagram; to be appended to the house stylesheet.
pub const CSS: &str = include_str!("diagram.css");
