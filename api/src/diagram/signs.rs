//! The small signs inside events, tasks and gateways, drawn by plain paths.

use super::model::{EventPosition, EventSign, Kind};

/// One stroke or area of a sign.
enum Ink {
    /// A line of the given width.
    Line(f64, &'static str),
    /// A filled area.
    Solid(&'static str),
    /// An area in the colour of the paper, with a thin outline.
    Open(&'static str),
    /// A thin line in the colour of the paper, on a filled area.
    Cut(&'static str),
}

/// A circle around the origin as a path, for use in the signs.
const DISC: &str = "M-10.5 0A10.5 10.5 0 1 0 10.5 0A10.5 10.5 0 1 0-10.5 0Z";
const CLOCK: &str = "M-10 0A10 10 0 1 0 10 0A10 10 0 1 0-10 0Z";
const CLOCK_HANDS: &str = "M0-6.2V0L4.6 2.6M0-10V-8.2M0 10V8.2M-10 0H-8.2M10 0H8.2";
const SHEET: &str = "M-8.5-6H8.5V6H-8.5Z";
const FLAP: &str = "M-8.5-6L0 1.2L8.5-6";
const LIGHTNING: &str = "M-7.5 8L-3.2-6.5L2.4 1.4L7.5-8L3.6 6.6L-1.9-0.9Z";
const UPWARD: &str = "M0-9L6.4 7.5L0 1.6L-6.4 7.5Z";
const TRIANGLE: &str = "M0-8.6L8.4 6H-8.4Z";
const REWIND: &str = "M-1-6V6L-9.5 0ZM7.5-6V6L-1 0Z";
const FORM: &str = "M-6.5-8.5H6.5V8.5H-6.5Z";
const FORM_LINES: &str = "M-4-5H4M-4-1.7H4M-4 1.7H4M-4 5H4";
const ARROW: &str = "M-8.5-3.2H1.4V-7.4L9.2 0L1.4 7.4V3.2H-8.5Z";
const PENTAGON: &str = "M0-8.6L8.2-2.7L5 7H-5L-8.2-2.7Z";
const PENTAGON_SMALL: &str = "M0-6.4L6.1-2L3.8 5.2H-3.8L-6.1-2Z";
const PLUS: &str = "M-2.4-8.5H2.4V-2.4H8.5V2.4H2.4V8.5H-2.4V2.4H-8.5V-2.4H-2.4Z";
const CROSS: &str = "M-6-6L6 6M6-6L-6 6";

/// The sign of an event, around the origin.
pub(super) fn event(out: &mut String, sign: EventSign, position: EventPosition) {
    let filled = matches!(position, EventPosition::Throw | EventPosition::End);
    let area = |path| {
        if filled { Ink::Solid(path) } else { Ink::Open(path) }
    };
    let parts = match sign {
        EventSign::Plain => Vec::new(),
        EventSign::Message if filled => vec![Ink::Solid(SHEET), Ink::Cut(FLAP)],
        EventSign::Message => vec![Ink::Open(SHEET), Ink::Line(1.3, FLAP)],
        EventSign::Timer => vec![Ink::Open(CLOCK), Ink::Line(1.3, CLOCK_HANDS)],
        EventSign::Error => vec![area(LIGHTNING)],
        EventSign::Escalation => vec![area(UPWARD)],
        EventSign::Signal => vec![area(TRIANGLE)],
        EventSign::Compensation => vec![area(REWIND)],
        EventSign::Conditional => vec![Ink::Open(FORM), Ink::Line(1.2, FORM_LINES)],
        EventSign::Link => vec![area(ARROW)],
        EventSign::Cancel => vec![Ink::Line(if filled { 4.2 } else { 2.4 }, CROSS)],
        EventSign::Terminate => vec![Ink::Solid(DISC)],
        EventSign::Multiple => vec![area(PENTAGON)],
        EventSign::ParallelMultiple => vec![area(PLUS)],
    };
    draw(out, &parts);
}

/// The sign of a gateway, around the origin.
pub(super) fn gateway(out: &mut String, kind: Kind) {
    let parts = match kind {
        Kind::ExclusiveGateway => vec![Ink::Line(3.2, "M-6.5-7.5L6.5 7.5M6.5-7.5L-6.5 7.5")],
        Kind::ParallelGateway => vec![Ink::Line(3.2, "M-10.5 0H10.5M0-10.5V10.5")],
        Kind::InclusiveGateway => {
            vec![Ink::Line(2.6, "M-9.5 0A9.5 9.5 0 1 0 9.5 0A9.5 9.5 0 1 0-9.5 0Z")]
        }
        Kind::EventGateway => vec![
            Ink::Line(1.1, "M-13 0A13 13 0 1 0 13 0A13 13 0 1 0-13 0Z"),
            Ink::Line(1.1, CLOCK),
            Ink::Line(1.3, PENTAGON_SMALL),
        ],
        Kind::ComplexGateway => {
            vec![Ink::Line(2.8, "M-10.5 0H10.5M0-10.5V10.5M-7-7L7 7M7-7L-7 7")]
        }
        _ => Vec::new(),
    };
    draw(out, &parts);
}

/// The sign of a task, around the origin.
pub(super) fn task(out: &mut String, kind: Kind) {
    let parts = match kind {
        Kind::UserTask => vec![
            Ink::Open("M-7 7.5C-7 2.2-4.2 0.8 0 0.8C4.2 0.8 7 2.2 7 7.5Z"),
            Ink::Open("M-3.6-3.6A3.6 3.6 0 1 0 3.6-3.6A3.6 3.6 0 1 0-3.6-3.6Z"),
        ],
        Kind::ServiceTask => vec![
            Ink::Line(
                2.6,
                "M0-8.2V-5M0 8.2V5M-8.2 0H-5M8.2 0H5M-5.8-5.8L-3.5-3.5M5.8-5.8L3.5-3.5\
                 M-5.8 5.8L-3.5 3.5M5.8 5.8L3.5 3.5",
            ),
            Ink::Open("M-5.4 0A5.4 5.4 0 1 0 5.4 0A5.4 5.4 0 1 0-5.4 0Z"),
            Ink::Open("M-2.2 0A2.2 2.2 0 1 0 2.2 0A2.2 2.2 0 1 0-2.2 0Z"),
        ],
        Kind::ExpressionTask => vec![Ink::Line(1.7, "M5.4-6.4C3-8.2 1.5-6.6 1-3.8L-0.8 4.4C-1.4 7.2-2.8 8.2-5.2 6.8M-4-1.8H4.4")],
        Kind::ManualTask => vec![Ink::Open(
            "M-6 1.5V-3.4A1.3 1.3 0 0 1-3.4-3.4V-5.6A1.3 1.3 0 0 1-0.8-5.8V-6.6\
             A1.3 1.3 0 0 1 1.8-6.6V-5.2A1.3 1.3 0 0 1 4.4-5.2V1.2L5.6-0.4\
             A1.3 1.3 0 0 1 7.8 1L4.4 6.2C3.6 7.4 2.6 8 1 8H-1.2C-4.2 8-6 6-6 3.2Z\
             M-3.4-3.4V0.6M-0.8-5.8V0.4M1.8-6.4V0.6",
        )],
        Kind::SendTask => vec![Ink::Solid(SHEET), Ink::Cut(FLAP)],
        Kind::ReceiveTask => vec![Ink::Open(SHEET), Ink::Line(1.2, FLAP)],
        Kind::BusinessRuleTask => {
            vec![Ink::Open("M-8-6H8V6.5H-8Z"), Ink::Solid("M-8-6H8V-2.4H-8Z"), Ink::Line(1.1, "M-8 2H8M-3-2.4V6.5")]
        }
        _ => Vec::new(),
    };
    draw(out, &parts);
}

/// The box with a plus of an activity whose inside is not shown.
pub(super) fn collapsed(out: &mut String) {
    draw(out, &[Ink::Open("M-6.5-6.5H6.5V6.5H-6.5Z"), Ink::Line(1.4, "M-4 0H4M0-4V4")]);
}

/// The wave of a sub-process without a fixed order.
pub(super) fn wave(out: &mut String) {
    draw(out, &[Ink::Line(2.4, "M-8 2C-5.5-4-2.5-3 0 0S5.5 4 8-2")]);
}

/// Whether a task of this kind has a sign.
pub(super) fn has_task_sign(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::UserTask
            | Kind::ServiceTask
            | Kind::ExpressionTask
            | Kind::ManualTask
            | Kind::SendTask
            | Kind::ReceiveTask
            | Kind::BusinessRuleTask
    )
}

/// Writes the parts down; the caller has moved the origin.
fn draw(out: &mut String, parts: &[Ink]) {
    for part in parts {
        let text = match part {
            Ink::Line(width, d) => format!(
                "<path class=\"sign\" fill=\"none\" stroke=\"currentColor\" \
                 stroke-width=\"{width}\" stroke-linecap=\"round\" stroke-linejoin=\"round\" \
                 d=\"{d}\"/>"
            ),
            Ink::Solid(d) => {
                format!("<path class=\"sign solid\" fill=\"currentColor\" d=\"{d}\"/>")
            }
            Ink::Open(d) => format!(
                "<path class=\"sign open\" fill=\"Canvas\" stroke=\"currentColor\" \
                 stroke-width=\"1.3\" stroke-linejoin=\"round\" d=\"{d}\"/>"
            ),
            Ink::Cut(d) => format!(
                "<path class=\"cut\" fill=\"none\" stroke=\"Canvas\" stroke-width=\"1.4\" \
                 d=\"{d}\"/>"
            ),
        };
        out.push_str(&text);
    }
}
