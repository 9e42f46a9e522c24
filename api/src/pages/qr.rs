//! A text as a QR code (ISO/IEC 18004), drawn in the page: for a slip on paper, so that nobody need type what it says.

use std::fmt::Write as _;

use maud::{Markup, html};
use qrcodegen::{QrCode, QrCodeEcc};

/// Modules of quiet around it, as the standard asks.
pub(super) const QUIET: i32 = 4;

/// The code, with a caption that says what it leads to; nothing where the text is too long for one.
pub(super) fn qr(text: &str, caption: &str) -> Markup {
    drawn(text, QrCodeEcc::Medium, "qr", caption)
}

/// The code of a proof: its text is long, so that the code is larger and corrects less.
pub(super) fn proof(text: &str, caption: &str) -> Markup {
    drawn(text, QrCodeEcc::Low, "qr long", caption)
}

fn drawn(text: &str, level: QrCodeEcc, class: &str, caption: &str) -> Markup {
    let Ok(code) = QrCode::encode_text(text, level) else { return html! {} };
    let side = code.size() + 2 * QUIET;
    html! {
        figure class=(class) {
            svg aria-hidden="true" viewBox={ "0 0 " (side) " " (side) } shape-rendering="crispEdges" {
                rect width="100%" height="100%" fill="#fff" {}
                path d=(dark(&code)) fill="#000" {}
            }
            figcaption class="soft" { (caption) }
        }
    }
}

/// The dark modules, each run of a row as one rectangle.
fn dark(code: &QrCode) -> String {
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let from = x;
            while code.get_module(x, y) {
                x += 1;
            }
            if x > from {
                // Writing to a String cannot fail.
                let _ = write!(path, "M{} {}h{}v1h-{}z", from + QUIET, y + QUIET, x - from, x - from);
            } else {
                x += 1;
            }
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dark_module_is_drawn_once() {
        let code = QrCode::encode_text("https://office.example/receipt?index=1", QrCodeEcc::Medium).unwrap();
        let path = dark(&code);
        let mut drawn = 0;
        for run in path.split('M').skip(1) {
            let (place, rest) = run.split_once('h').unwrap();
            let (x, y) = place.split_once(' ').unwrap();
            let (x, y): (i32, i32) = (x.parse().unwrap(), y.parse().unwrap());
            let length: i32 = rest.split('v').next().unwrap().parse().unwrap();
            assert!((x..x + length).all(|x| code.get_module(x - QUIET, y - QUIET)), "{run}");
            drawn += length;
        }
        let all = (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y)));
        assert_eq!(usize::try_from(drawn).unwrap(), all.filter(|(x, y)| code.get_module(*x, *y)).count());
    }

    #[test]
    fn what_is_too_long_has_none() {
        assert_eq!(qr(&"x".repeat(5_000), "label").into_string(), "");
        assert_eq!(proof(&"x".repeat(5_000), "label").into_string(), "");
        assert!(
            qr(&"x".repeat(2_900), "label").into_string().is_empty()
                && !proof(&"x".repeat(2_900), "label").into_string().is_empty()
        );
    }
}
