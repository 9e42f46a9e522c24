//! Papers as PDF, read back by another program: every script as it was written, whatever is written, and the same bytes each time.

use std::path::PathBuf;
use std::process::Command;

use api::paper::{Fonts, NoPaper, Paper, Part, Squares, Table, print};

/// The fonts of the system; none where they are missing, which is said aloud.
pub fn fonts() -> Option<Fonts> {
    let fonts = Fonts::default();
    if matches!(print(&paper(Vec::new()), &fonts, folio), Err(NoPaper::Fonts(_))) {
        tests::skip("Noto Sans is missing (fonts-noto-core)");
        return None;
    }
    Some(fonts)
}

/// The text of a PDF as `pdftotext` reads it; none where that is missing, which is said aloud.
pub fn text(pdf: &[u8]) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("paper.pdf");
    std::fs::write(&file, pdf).unwrap();
    let Ok(output) = Command::new("pdftotext").args(["-layout", "-enc", "UTF-8"]).arg(&file).arg("-").output() else {
        tests::skip("pdftotext is missing (poppler-utils)");
        return None;
    };
    assert!(output.status.success(), "{output:?}");
    Some(String::from_utf8(output.stdout).unwrap())
}

fn folio(number: usize, count: usize) -> String {
    format!("Sheet {number} of {count}")
}

fn paper(parts: Vec<Part>) -> Paper {
    let made = "2026-11-30T04:30:00".parse().unwrap();
    let heading = Part::Heading(1, "पत्रावली".to_owned());
    let parts = std::iter::once(heading).chain(parts).collect();
    Paper { language: "hi", title: "पत्रावली".to_owned(), foot: "REF/2026/8".to_owned(), made, parts }
}

fn printed(parts: Vec<Part>) -> Option<(Vec<u8>, String)> {
    let pdf = print(&paper(parts), &fonts()?, folio).unwrap();
    let text = text(&pdf)?;
    Some((pdf, text))
}

#[test]
fn every_script_reads_back_as_it_was_written() {
    let rows = [
        "क्षत्रिय श्रीमती द्वारा प्रस्तुत कार्यवाही, पूर्णता की जाँच हुई",
        "Refund claim of ₹ 1,23,456.50 – office, flow",
        "தமிழ் விண்ணப்பம்",
        "বাংলা আবেদন",
        "ગુજરાતી અરજી",
        "ਪੰਜਾਬੀ ਅਰਜ਼ੀ",
        "ಕನ್ನಡ ಅರ್ಜಿ",
        "తెలుగు దరఖాస్తు",
        "മലയാളം അപേക്ഷ",
    ];
    let Some((_, text)) = printed(rows.map(|row| Part::Text(row.to_owned())).to_vec()) else { return };
    for row in rows {
        assert!(text.contains(row), "{row} is not in:\n{text}");
    }
}

#[test]
fn a_document_goes_on_from_sheet_to_sheet_with_its_heads() {
    let rows = (0..200).map(|n| vec![format!("row {n}"), "0123456789abcdef".repeat(4)]).collect();
    let head = vec![("Entry".to_owned(), 0.3), ("Hash".to_owned(), 0.7)];
    let parts = vec![
        Part::Facts(vec![("Label".to_owned(), "first\nsecond".to_owned())]),
        Part::Table(Table { head, rows }),
        Part::Break,
        Part::Heading(2, "Proof".to_owned()),
        Part::Squares(vec![Squares {
            rows: vec![vec![true, false], vec![false, true]],
            quiet: 4,
            width: 30.0,
            told: "code".to_owned(),
        }]),
        Part::Text("a word in a long remark ".repeat(1_000)),
    ];
    let Some((_, text)) = printed(parts) else { return };
    let sheets: Vec<&str> = text.trim_end_matches('\u{c}').split('\u{c}').collect();
    for (at, sheet) in sheets.iter().enumerate() {
        assert!(sheet.contains(&folio(at + 1, sheets.len())) && sheet.contains("REF/2026/8"), "{sheet}");
        assert_eq!(sheet.contains("Hash"), sheet.contains("row "), "the head of the table stands over its rows: {sheet}");
    }
    assert!((0..200).all(|n| text.contains(&format!("row {n} "))), "{text}");
    assert_eq!(text.matches("remark").count(), 1_000, "{text}");
    let proof = sheets.iter().position(|sheet| sheet.contains("Proof")).unwrap();
    assert!(!sheets[proof].contains("row "), "it begins a sheet");
}

#[test]
fn whatever_is_written_is_printed() {
    let Some(fonts) = fonts() else { return };
    let mut parts = vec![Part::Text("0".repeat(20_000)), Part::Text(String::new()), Part::List(vec![String::new()])];
    for text in [
        "\u{0}\u{7}\u{1b}[0m",
        "\u{feff}\u{fffe}\u{ffff}",
        "🧾📎",
        "\u{e000}\u{f8ff}",
        "\u{202e}اردو abc\u{202c}",
        "क\u{200d}\u{94d}",
        "\u{300}\u{300}",
        "\r\n\n\t",
    ] {
        parts.push(Part::Text(text.to_owned()));
        parts.push(Part::Facts(vec![(text.to_owned(), text.to_owned())]));
        parts.push(Part::Heading(3, text.to_owned()));
    }
    // Characters of the first two planes, each among others.
    let plane: Vec<char> = (0..=0x1ffff).step_by(23).filter_map(char::from_u32).collect();
    parts.extend(plane.chunks(1_024).map(|chunk| Part::Text(chunk.iter().collect())));
    let pdf = print(&paper(parts), &fonts, folio).unwrap();
    let Some(text) = text(&pdf) else { return };
    assert!(text.contains('\u{fffd}'), "what no font has is shown as missing");
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    let Some(fonts) = fonts() else { return };
    let one = |word: &str| print(&paper(vec![Part::Notice(word.to_owned())]), &fonts, folio).unwrap();
    assert!(one("कार्य") == one("कार्य"));
    assert!(one("कार्य") != one("कारण"));
}

#[test]
fn what_is_too_long_and_what_has_no_fonts_is_refused() {
    let nowhere = Fonts { folder: Some(PathBuf::from("/nonexistent/fonts")) };
    let refused = print(&paper(Vec::new()), &nowhere, folio).unwrap_err().to_string();
    for word in ["NotoSans-Regular.ttf", "/nonexistent/fonts", "fonts-noto-core", "--fonts"] {
        assert!(refused.contains(word), "{refused}");
    }
    let Some(fonts) = fonts() else { return };
    let sheets = |count: usize| (0..count).flat_map(|_| [Part::Fine("x".to_owned()), Part::Break]).collect();
    assert!(print(&paper(sheets(499)), &fonts, folio).is_ok());
    assert!(matches!(print(&paper(sheets(500)), &fonts, folio), Err(NoPaper::TooLong)));
}
