//! RFC 8785 text and the form of evidence leaves.

use serde_json::{Map, Value, json};

use crate::digest::{JsonLimits, MAX_LEAF_BYTES, canonical, is_strict_ascii, parse_strict};
use crate::model::random::Random;

fn fractions() -> JsonLimits {
    JsonLimits { fractions: true, ..JsonLimits::default() }
}

fn check(input: &str, expected: &str) {
    let value = parse_strict(input.as_bytes(), &fractions()).unwrap();
    assert_eq!(canonical(&value), expected, "{input}");
}

#[test]
fn example_of_rfc_8785_section_3_2_2() {
    // Without 1E30 in "numbers", which is beyond 2^53−1 and refused here.
    check(
        r#"{
            "numbers": [333333333.33333329, 4.50, 2e-3, 0.000000000000000000000000001],
            "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
            "literals": [null, true, false]
        }"#,
        concat!(
            r#"{"literals":[null,true,false],"numbers":[333333333.3333333,4.5,0.002,1e-27],"#,
            r#""string":"€$\u000f\nA'B\"\\\\\"/"}"#
        ),
    );
}

#[test]
fn sorting_example_of_rfc_8785_section_3_2_3() {
    let input = r#"{
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\ud83d\ude00": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis"
    }"#;
    let text = canonical(&parse_strict(input.as_bytes(), &JsonLimits::default()).unwrap());
    let places: Vec<usize> =
        ["Carriage", "One", "Control", "Latin", "Euro", "Emoji", "Hebrew"].iter().map(|word| text.find(word).unwrap()).collect();
    assert!(places.is_sorted(), "{text}");
    assert!(text.starts_with(r#"{"\r":"Carriage Return","1":"One","#), "{text}");
    assert!(text.contains("\"\u{80}\":\"Control\""), "{text}");
}

#[test]
fn escapes_are_the_shortest() {
    check(
        r#""\u0000\u0007\u0008\u0009\u000a\u000b\u000c\u000d\u001F\u0020\u007f\u2028\/""#,
        "\"\\u0000\\u0007\\b\\t\\n\\u000b\\f\\r\\u001f \u{7f}\u{2028}/\"",
    );
    check(r#"{"b":1,"a":{"d":[],"c":{}},"":0}"#, r#"{"":0,"a":{"c":{},"d":[]},"b":1}"#);
    check(r#"{"aa":1,"a":2,"A":3,"a ":4}"#, r#"{"A":3,"a":2,"a ":4,"aa":1}"#);
    check(r#" [ 1 , "शिकायत" ] "#, r#"[1,"शिकायत"]"#);
}

#[test]
fn numbers_as_ecmascript_writes_them() {
    // RFC 8785 appendix B: IEEE 754 bits and text.
    for (bits, expected) in [
        (0x0000_0000_0000_0000_u64, "0"),
        (0x8000_0000_0000_0000, "0"),
        (0x0000_0000_0000_0001, "5e-324"),
        (0x8000_0000_0000_0001, "-5e-324"),
        (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
        (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
        (0x4340_0000_0000_0000, "9007199254740992"),
        (0xc340_0000_0000_0000, "-9007199254740992"),
        (0x4430_0000_0000_0000, "295147905179352830000"),
        (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
        (0x44b5_2d02_c7e1_4af6, "1e+23"),
        (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
        (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
        (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
        (0x444b_1ae4_d6e2_ef50, "1e+21"),
        (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
        (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
        (0x41b3_de43_5555_5553, "333333333.3333332"),
        (0x41b3_de43_5555_5554, "333333333.33333325"),
        (0x41b3_de43_5555_5555, "333333333.3333333"),
        (0x41b3_de43_5555_5556, "333333333.3333334"),
        (0x41b3_de43_5555_5557, "333333333.33333343"),
        (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
        (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
    ] {
        assert_eq!(canonical(&json!(f64::from_bits(bits))), expected, "{bits:x}");
    }
    assert_eq!(canonical(&json!(u64::MAX)), "18446744073709551615");
    assert_eq!(canonical(&json!(i64::MIN)), "-9223372036854775808");
    check("[0.5, 1.0, -0, -0.0, 1e2, 5E-1, -12.50]", "[0.5,1,0,0,100,0.5,-12.5]");
}

#[test]
fn doubles_are_read_exactly() {
    // Fails without the feature float_roundtrip of serde_json.
    let mut random = Random(3);
    let mut tried = 0;
    while tried < 20_000 {
        let number = f64::from_bits(random.next());
        if !number.is_finite() || number.fract() == 0.0 {
            continue;
        }
        tried += 1;
        let text = canonical(&json!(number));
        let value = parse_strict(text.as_bytes(), &fractions()).unwrap();
        assert_eq!(value.as_f64().map(f64::to_bits), Some(number.to_bits()), "{text}");
        assert_eq!(canonical(&value), text);
    }
}

/// A value of random shape; `ascii` keeps its strings printable and `depth` bounds it.
fn value(random: &mut Random, depth: usize, ascii: bool) -> Value {
    let text = |random: &mut Random| -> String {
        let others = ['"', '\\', '/', '\n', '\u{1}', 'é', 'श', '\u{fb33}', '😀', '\u{10ffff}'];
        let most = if ascii { 3 } else { others.len() };
        (0..random.below(5))
            .map(|_| match random.below(3) {
                0 => others[random.below(most)],
                _ => char::from(b'a' + u8::try_from(random.below(26)).unwrap()),
            })
            .collect()
    };
    match random.below(if depth == 0 { 4 } else { 6 }) {
        0 => Value::Null,
        1 => json!(random.below(2) == 0),
        2 => {
            let number = i64::try_from(random.next() >> (11 + random.below(52))).unwrap();
            json!(if random.below(2) == 0 { number } else { -number })
        }
        3 => Value::String(text(random)),
        4 => (0..random.below(4)).map(|_| value(random, depth - 1, ascii)).collect(),
        _ => {
            let mut members = Map::new();
            for _ in 0..random.below(4) {
                members.insert(text(random), value(random, depth - 1, ascii));
            }
            Value::Object(members)
        }
    }
}

#[test]
fn canonical_text_is_a_fixed_point() {
    let mut random = Random(4);
    for _ in 0..5_000 {
        let value = value(&mut random, 5, false);
        let text = canonical(&value);
        let read = parse_strict(text.as_bytes(), &JsonLimits::default()).unwrap();
        assert_eq!(read, value, "{text}");
        assert_eq!(canonical(&read), text);
        // Another writer's spelling of the same value has the same canonical text.
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        let read = parse_strict(pretty.as_bytes(), &JsonLimits::default()).unwrap();
        assert_eq!(canonical(&read), text);
    }
}

#[test]
fn a_changed_leaf_is_refused_or_means_something_else() {
    let mut random = Random(5);
    for _ in 0..3_000 {
        let value = value(&mut random, 4, true);
        let text = canonical(&value);
        assert!(is_strict_ascii(text.as_bytes()), "{text}");
        for _ in 0..10 {
            let mut bytes = text.clone().into_bytes();
            let (at, byte) = (random.below(bytes.len()), random.next().to_le_bytes()[0]);
            match random.below(3) {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => drop(bytes.remove(at)),
            }
            if bytes != text.as_bytes() && is_strict_ascii(&bytes) {
                let other = parse_strict(&bytes, &JsonLimits::default()).unwrap();
                assert_ne!(other, value, "{text}");
            }
        }
    }
}

#[test]
fn form_of_evidence_leaves() {
    let check = |leaf: &str, expected: bool| {
        assert_eq!(is_strict_ascii(leaf.as_bytes()), expected, "{leaf:.80}");
    };
    check(r#"{"a":1,"b":[null,true,"x"]}"#, true);
    check(r#"{"a":"quote \" and backslash \\"}"#, true);
    check(r#"{"n":9007199254740991,"o":-9007199254740991}"#, true);
    check("{}", true);
    check(r#"{"b":1,"a":2}"#, false); // order
    check(r#"{"a": 1}"#, false); // space
    check("{\"a\":1}\n", false);
    check(r#"{"a":1,"a":1}"#, false);
    check(r#"{"a":1.5}"#, false);
    check(r#"{"a":1.0}"#, false);
    check(r#"{"a":-0}"#, false);
    check(r#"{"a":1e2}"#, false);
    check(r#"{"n":9007199254740992}"#, false);
    check(r#"{"a":"é"}"#, false); // not ASCII
    check(r#"{"a":"\u00e9"}"#, false); // not ASCII after unescaping
    check(r#"{"\u00e9":1}"#, false);
    check(r#"{"a":"\n"}"#, false); // not printable after unescaping
    check(r#"{"a":"\u0000"}"#, false);
    check(r#"{"a":"\u007f"}"#, false);
    check("{\"a\":\"\u{7f}\"}", false);
    check(r#"{"a":"\u0041"}"#, false); // not the shortest escape
    check(r#"{"a":"\/"}"#, false);
    check("", false);
    check("{", false);
    let filler = |bytes: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(bytes - 8));
    check(&filler(MAX_LEAF_BYTES), true);
    check(&filler(MAX_LEAF_BYTES + 1), false);
}
