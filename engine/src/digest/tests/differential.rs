//! Strict reading beside `serde_json` on random text.

use crate::digest::{JsonLimits, canonical, parse_strict};
use crate::model::random::Random;

#[test]
fn what_is_read_is_what_serde_json_reads() {
    // Random text over an alphabet that often gives JSON: never a panic, never another value.
    let pieces = [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\"a\"",
        "\"b\":",
        "1",
        "-",
        "0",
        ".",
        "e",
        " ",
        "\n",
        "null",
        "true",
        "\\",
        "\\u",
        "d800",
        "é",
        "\"\\udc00\"",
        "😀",
    ];
    let mut random = Random(6);
    let mut accepted = 0;
    for _ in 0..100_000 {
        let text: String = (0..random.below(9)).map(|_| pieces[random.below(pieces.len())]).collect();
        let theirs = serde_json::from_str::<serde_json::Value>(&text);
        match (parse_strict(text.as_bytes(), &JsonLimits::default()), theirs) {
            (Ok(ours), Ok(theirs)) => {
                assert_eq!(ours, theirs, "{text}");
                assert_eq!(canonical(&ours), canonical(&theirs));
                accepted += 1;
            }
            (Ok(_), Err(_)) => panic!("only we accept {text}"),
            (Err(error), Ok(_)) => {
                let known = ["json.number", "json.duplicate-name"];
                assert!(known.contains(&error.code), "{text} {error}");
            }
            (Err(_), Err(_)) => {}
        }
    }
    assert!(accepted > 1_000, "{accepted}");
}
