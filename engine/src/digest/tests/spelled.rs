//! What is read by its one spelling is just what would be written so.

use crate::digest::{Spelled, write_string};

/// A string is read if and only if it is what is written of the text that it says.
fn check(text: &str) {
    let expected = serde_json::from_str::<String>(text).ok().filter(|said| {
        let mut again = String::new();
        write_string(said, &mut again);
        again == text
    });
    let mut spelled = Spelled::new(text);
    let read = spelled.string().filter(|_| spelled.end().is_some());
    assert_eq!(read.as_deref(), expected.as_deref(), "{text}");
}

#[test]
fn a_string_is_read_if_it_is_spelled_so() {
    let all: String = ('\0'..='\u{ff}').chain(['\u{2028}', '\u{fb33}', '\u{1f600}']).collect();
    let mut written = String::new();
    write_string(&all, &mut written);
    check(&written);
    // Two and three characters of those that matter, in every order.
    let some = [
        "\"", "\\", "\\\"", "\\\\", "\\/", "\\b", "\\u0008", "\\u001f", "\\u001F", "\\u0041", "\\u00e9", "\\ud83d", "u", "0",
        "é", "\n", "\u{7f}", " ",
    ];
    for a in some {
        check(a);
        for b in some {
            for c in some {
                check(&format!("\"{a}{b}{c}\""));
                check(&format!("\"{a}{b}{c}"));
            }
        }
    }
}

#[test]
fn a_number_is_read_if_it_is_spelled_so() {
    for (text, expected) in [
        ("0", Some(0)),
        ("10", Some(10)),
        ("18446744073709551615", Some(u64::MAX)),
        ("18446744073709551616", None),
        ("00", None),
        ("01", None),
        ("", None),
        ("-1", None),
        ("+1", None),
    ] {
        assert_eq!(Spelled::new(text).number(), expected, "{text}");
    }
}
