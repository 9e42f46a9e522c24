//! Names, errors, JSON and literal forms.

use super::*;

fn names(source: &str) -> Vec<String> {
    compile(source).expect(source).names().to_vec()
}

#[test]
fn names_are_sorted_and_free() {
    assert_eq!(names("b + a.c + b"), ["a", "b"]);
    assert_eq!(names("for x in xs return x + y"), ["xs", "y"]);
    assert_eq!(names("some x in xs satisfies x > limit"), ["limit", "xs"]);
    assert_eq!(names("xs[item > 1]"), ["xs"]);
    assert_eq!(names("{a: b, c: a}.c"), ["b"]);
    assert_eq!(names("अनुप्रास + उम्र"), ["अनुप्रास", "उम्र"]);
    assert_eq!(names("approved? and not(ok?)"), ["approved?", "ok?"]);
    assert!(names("string length(\"a\")").is_empty());
}

#[test]
fn undeclared_names_are_all_reported() {
    let declared = |name: &str| ["orders", "limit"].contains(&name);
    let errors = compile_checked("total > limit and orders[sum > limit] = refund", &declared).expect_err("undeclared");
    let found: Vec<(&str, usize)> = errors.iter().map(|error| (error.code, error.at)).collect();
    assert_eq!(found, [("expression.undeclared-name", 0), ("expression.undeclared-name", 40)]);

    let checked = compile_checked("orders[sum > limit]", &declared).expect("sum is an entry");
    assert_eq!(checked.names(), ["limit", "orders"]);
    assert_eq!(compile_checked("1 +", &declared).expect_err("syntax")[0].code, "expression.syntax");
}

#[test]
fn errors_say_where_and_what() {
    let error = compile("amount > > 3").expect_err("syntax");
    assert_eq!((error.code, error.at), ("expression.syntax", 9));
    assert_eq!(error.to_string(), "Here a value is needed, not \">\". (at byte 9)");
    let error = compile("1 + stringlength(2)").expect_err("unknown");
    assert_eq!(error.at, 4);
    assert!(error.message.contains("string length"), "{error}");
    let failed = compile("round up(\"a\", 1)").expect("valid").evaluate(&scope(""), &clock()).expect_err("type");
    assert_eq!(failed.message, "round up() needs a number as \"n\", and got a string.");
}

#[test]
fn json_both_ways() {
    let read = |json: &str, format: &str| from_json(&serde_json::from_str(json).expect(json), Some(format));
    let back = |value: &Value| to_json(value).to_string();
    for (json, format, literal, written) in [
        ("12", "", "12", "12"),
        ("\"12.50\"", "decimal", "12.5", "\"12.5\""),
        ("\"12\"", "decimal", "12", "12"),
        ("\"x\"", "decimal", "\"x\"", "\"x\""),
        ("9007199254740991", "", "9007199254740991", "9007199254740991"),
        ("9007199254740992", "", "9007199254740992", "\"9007199254740992\""),
        ("\"2026-01-31\"", "date", "@\"2026-01-31\"", "\"2026-01-31\""),
        ("\"2026-01-31\"", "", "\"2026-01-31\"", "\"2026-01-31\""),
        ("\"2026-02-31\"", "date", "\"2026-02-31\"", "\"2026-02-31\""),
        ("\"10:00:00\"", "time", "@\"10:00:00\"", "\"10:00:00\""),
        ("\"2026-01-31T10:00:00+05:30\"", "date-time", "@\"2026-01-31T10:00:00+05:30\"", "\"2026-01-31T10:00:00+05:30\""),
        (
            "\"2026-01-31T10:00:00@Asia/Kolkata\"",
            "date-time",
            "@\"2026-01-31T10:00:00@Asia/Kolkata\"",
            "\"2026-01-31T10:00:00+05:30\"",
        ),
        ("\"P1Y\"", "duration", "@\"P1Y\"", "\"P1Y\""),
        ("\"P1D\"", "duration", "@\"P1D\"", "\"P1D\""),
        ("{\"a\":[1,null,true]}", "", "{a: [1, null, true]}", "{\"a\":[1,null,true]}"),
        ("1.5", "", "1.5", "\"1.5\""),
    ] {
        let value = read(json, format);
        assert_eq!(value.to_string(), literal);
        assert_eq!(back(&value), written);
    }
    assert_eq!(back(&Value::Number(rust_decimal::Decimal::MIN)), "\"-79228162514264337593543950335\"");
}

#[test]
fn literal_forms_can_be_read_again() {
    for literal in [
        "[1, -2.5, \"a\\\"b\", null, true]",
        "{a: 1, \"b c\": [@\"P1D\"]}",
        "[1..5)",
        "(>= 3)",
        "@\"-PT0.000000001S\"",
        "@\"2026-01-31T10:00:00@Asia/Kolkata\"",
    ] {
        assert_eq!(outcome(literal, ""), literal);
    }
}

#[test]
fn expressions_are_shared_between_threads() {
    fn shared<T: Send + Sync + Clone>(_: &T) {}
    let expression = compile("a + 1").expect("valid");
    shared(&expression);
    assert_eq!(expression.source(), "a + 1");
}
