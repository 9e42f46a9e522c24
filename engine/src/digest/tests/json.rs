//! Strict reading: documents that must be refused, with their codes, places and help.

use serde_json::json;

use crate::digest::{JsonError, JsonLimits, MAX_DEPTH, parse_strict};

fn fault(input: &[u8], limits: &JsonLimits) -> Option<JsonError> {
    parse_strict(input, limits).err()
}

#[track_caller]
fn check(input: impl AsRef<[u8]>, expected: &str) {
    let input = input.as_ref();
    let error = fault(input, &JsonLimits::default());
    let code = error.as_ref().map_or("ok", |error| error.code);
    let text = String::from_utf8_lossy(input);
    assert_eq!(code, expected, "{text:.80} {error:?}");
    if let Some(error) = error {
        assert!(error.message.ends_with('.') && error.message.len() > 40, "{error}");
        assert!(error.offset.is_none_or(|offset| offset <= input.len()), "{error:?}");
    }
}

#[test]
fn plain_documents() {
    for input in [
        "null",
        " true ",
        "false",
        "0",
        "-1",
        "\"\"",
        "[]",
        "{}",
        "\t[\r\n1 ,2]\n",
        "{\"\":{}}",
        "{\"a\":{\"a\":{\"a\":1}},\"b\":{\"a\":1}}",
        "[{\"a\":1},{\"a\":1}]",
        "9007199254740991",
        "-9007199254740991",
        "\"\\ud83d\\ude00\"",
        "\"\\\\ud800\"",
        "\"\u{feff}\"",
        "\"\u{ffff}\"",
        "\"\\u0000\"",
        "\"शिकायत\"",
        "\"\u{7f}\"",
        "{\"$serde_json::private::Number\":\"1\"}",
        "{\"\\u0061\":1,\"A\":2}",
        // Composed and decomposed é are different names (RFC 8785 §3.1: no normalisation).
        "{\"\u{e9}\":1,\"e\u{301}\":2}",
    ] {
        check(input, "ok");
    }
}

#[test]
fn broken_syntax() {
    for input in [
        "",
        " ",
        "\n",
        "{",
        "}",
        "[",
        "]",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1,,2]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{\"a\" 1}",
        "{\"a\"::1}",
        "{a:1}",
        "{'a':1}",
        "{1:1}",
        "{null:1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1]",
        "[1}",
        "nul",
        "nulll",
        "True",
        "NULL",
        "undefined",
        "NaN",
        "Infinity",
        "-Infinity",
        "-",
        "+1",
        "01",
        "-01",
        ".5",
        "1.",
        "1.e3",
        "1e",
        "1e+",
        "0x10",
        "1_000",
        "--1",
        "\"",
        "\"abc",
        "\"\\\"",
        "\"\\x41\"",
        "\"\\u12\"",
        "\"\\u12G4\"",
        "\"\\U0041\"",
        "\"a\nb\"",
        "\"\t\"",
        "\"\0\"",
        "'a'",
        "// c\n1",
        "/* c */ 1",
        "1 // c",
        "1 2",
        "{}{}",
        "[]]",
        "null null",
        "{}\0",
        "\u{a0}1",
        "[1]\u{feff}",
        "\u{2028}1",
        "\u{c}1",
        "\"\\u+123\"",
        "{\"a\":1}x",
        "\"a\" \"b\"",
        "{\0\"\0a\0",
    ] {
        check(input, "json.syntax");
    }
}

#[test]
fn numbers_that_are_not_plain_integers() {
    for input in [
        "0.5",
        "-0.5",
        "1.0",
        "-0",
        "-0.0",
        "0e0",
        "1e2",
        "1E2",
        "1e-2",
        "1e400",
        "-1e400",
        "1.5e400",
        "1e-400",
        "9007199254740992",
        "-9007199254740992",
        "9223372036854775807",
        "-9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775809",
        "100000000000000000000000000000000",
        "9007199254740993.0",
        "[1,2,0.5]",
        "{\"a\":{\"b\":1.0}}",
    ] {
        check(input, "json.number");
    }
    check("9".repeat(400), "json.number");
    check(format!("0.{}", "0".repeat(400)), "json.number");
}

#[test]
fn names_that_occur_twice() {
    for input in [
        "{\"a\":1,\"a\":1}",
        "{\"a\":1,\"b\":2,\"a\":3}",
        "[{\"x\":{\"a\":null,\"a\":null}}]",
        "{\"a\":1,\"\\u0061\":2}",
        "{\"\":1,\"\":2}",
        "{\"/\":1,\"\\/\":2}",
        "{\"\\ud83d\\ude00\":1,\"😀\":2}",
        "{\"a\":{},\"a\":[",
        "{\"é\":1,\"\\u00E9\":2}",
    ] {
        check(input, "json.duplicate-name");
    }
}

#[test]
fn wrong_encoding() {
    for input in [
        b"\xef\xbb\xbf{}".as_slice(),
        b"\xef\xbb\xbf",
        b"\"\xff\"",
        b"\xff\xfe{\0}\0",
        b"\xfe\xff\0{\0}",
        b"\"\xc3\"",
        b"\"\xc0\x80\"",
        b"\"\xed\xa0\x80\"",
        b"\"\xe9\"",
        b"\"\xf4\x90\x80\x80\"",
        b"{\"\x80\":1}",
        b"[1]\xff",
        b"\"\\ud800\"",
        b"\"\\udc00\"",
        b"\"\\ud800\\ud800\"",
        b"\"\\udc00\\ud800\"",
        b"\"\\ud800x\"",
        b"\"\\ud800\\n\"",
        b"\"\\uD83D\\u0041\"",
        b"{\"\\udfff\":1}",
        b"[\"ok\",\"\\\\\\ud800\"]",
        b"\"\\ud800",
        b"\"\\ud83d\\ude00\\ude00\"",
    ] {
        check(input, "json.encoding");
    }
}

#[test]
fn too_deep() {
    let nested = |open: &str, close: &str, depth: usize| format!("{}{}", open.repeat(depth), close.repeat(depth));
    check(nested("[", "]", 32), "ok");
    check(nested("[", "]", 33), "json.too-deep");
    check(format!("{}1{}", "{\"a\":".repeat(32), "}".repeat(32)), "ok");
    check(format!("{}1{}", "{\"a\":".repeat(33), "}".repeat(33)), "json.too-deep");
    check("[".repeat(500_000), "json.too-deep");
    check("{\"a\":".repeat(100_000), "json.too-deep");
    // Depth is counted down again after each array.
    check(format!("[{}[]]", "[[]],".repeat(1000)), "ok");
    for (max_depth, depth, fits) in [
        (0, 0, true),
        (0, 1, false),
        (1, 1, true),
        (1, 2, false),
        (MAX_DEPTH, MAX_DEPTH, true),
        (MAX_DEPTH, MAX_DEPTH + 1, false),
        (usize::MAX, MAX_DEPTH, true),
        (usize::MAX, MAX_DEPTH + 1, false),
        (usize::MAX, 100_000, false),
    ] {
        let limits = JsonLimits { max_depth, ..JsonLimits::default() };
        let input = if depth == 0 { "1".to_owned() } else { nested("[", "]", depth) };
        let code = fault(input.as_bytes(), &limits).map(|error| error.code);
        assert_eq!(code, (!fits).then_some("json.too-deep"), "{max_depth} {depth}");
    }
}

#[test]
fn too_big() {
    let limits = JsonLimits { max_bytes: 4, ..JsonLimits::default() };
    assert_eq!(fault(b"1234", &limits), None);
    let error = fault(b"12345", &limits).unwrap();
    assert_eq!((error.code, error.offset, error.line), ("json.too-big", None, None));
    assert!(error.message.contains("5 bytes and only 4"), "{error}");
    check(format!("\"{}\"", "x".repeat(1 << 20)), "json.too-big");
}

#[test]
fn fractions_only_on_request() {
    let limits = JsonLimits { fractions: true, ..JsonLimits::default() };
    let value = parse_strict(br#"{"multipleOf":0.5,"max":1e2,"min":-0.0}"#, &limits).unwrap();
    assert_eq!(value, json!({"multipleOf": 0.5, "max": 100, "min": 0}));
    for input in ["1e400", "9007199254740992", "9007199254740992.0", "1e16", "-1e30"] {
        let code = fault(input.as_bytes(), &limits).map(|error| error.code);
        assert_eq!(code, Some("json.number"), "{input}");
    }
    for input in ["1.", ".5", "NaN", "0.5.5", "1e"] {
        let code = fault(input.as_bytes(), &limits).map(|error| error.code);
        assert_eq!(code, Some("json.syntax"), "{input}");
    }
}

#[test]
fn faults_have_a_place() {
    let check = |input: &str, pointer: &str, line: usize, column: usize| {
        let error = fault(input.as_bytes(), &JsonLimits::default()).unwrap();
        let found = (error.pointer.as_str(), error.line.unwrap(), error.column.unwrap());
        assert_eq!(found, (pointer, line, column), "{input} {error:?}");
    };
    check("{\"a\":[1,{\"b\":0.5}]}", "/a/1/b", 1, 16);
    check("{\n \"a\": {\n  \"b\": 1,\n  \"b\": 2\n }\n}", "/a/b", 4, 5);
    check("{\"a/b\":{\"c~d\":1.5}}", "/a~1b/c~0d", 1, 17);
    check("{\"शिकायत\":\n\"श\" \"x\"}", "", 2, 5);
    check("[1,\n\"\\ud800\"]", "/1", 2, 2);
    check("[1,\n2", "/2", 2, 1);
    check("", "", 1, 1);
    check("{} x", "", 1, 4);
    let error = fault(b"[1,\n \"\xff\"]", &JsonLimits::default()).unwrap();
    assert_eq!((error.offset, error.line, error.column), (Some(6), Some(2), Some(3)));
}

#[test]
fn a_fault_reads_as_a_sentence() {
    let error = fault(b"{\"amount\":12.5}", &JsonLimits::default()).unwrap();
    assert_eq!(
        error.to_string(),
        "json.number: Numbers are plain integers here, without fraction, exponent or -0; write a \
         decimal string such as \"12.50\" instead. At /amount, line 1, column 14."
    );
    let value = serde_json::to_value(&error).unwrap();
    assert_eq!((&value["code"], &value["pointer"]), (&json!("json.number"), &json!("/amount")));
}
