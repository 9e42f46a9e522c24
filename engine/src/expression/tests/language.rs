//! Rows for the operators and forms of the language.

use super::check;

#[test]
fn literals() {
    check(&[
        ("1", "", "1"),
        ("1.50", "", "1.5"),
        (".5", "", "0.5"),
        ("-7", "", "-7"),
        ("0.1 + 0.2", "", "0.3"),
        ("\"a\"", "", "\"a\""),
        (r#""a\"b\\c\n""#, "", r#""a\"b\\c\n""#),
        (r#""\u0905""#, "", "\"अ\""),
        (r#""\uD83D\uDE00""#, "", "\"😀\""),
        (r#""\U01F600""#, "", "\"😀\""),
        (r#""\uD83D""#, "", "expression.bad-literal"),
        (r#""\q""#, "", "expression.bad-literal"),
        ("\"open", "", "expression.bad-literal"),
        ("true", "", "true"),
        ("null", "", "null"),
        ("@\"2026-01-31\"", "", "@\"2026-01-31\""),
        ("@\"10:30:00\"", "", "@\"10:30:00\""),
        ("@\"10:30:00+05:30\"", "", "@\"10:30:00+05:30\""),
        ("@\"2026-01-31T10:30:00.5Z\"", "", "@\"2026-01-31T10:30:00.5Z\""),
        ("@\"2026-01-31T10:30:00@Asia/Kolkata\"", "", "@\"2026-01-31T10:30:00@Asia/Kolkata\""),
        ("@\"P1DT2H3M4.5S\"", "", "@\"P1DT2H3M4.5S\""),
        ("@\"-P1Y2M\"", "", "@\"-P1Y2M\""),
        ("@\"P14M\"", "", "@\"P1Y2M\""),
        ("@\"PT36H\"", "", "@\"P1DT12H\""),
        ("@\"PT0S\"", "", "@\"PT0S\""),
        ("@\"P0M\"", "", "@\"P0M\""),
        ("@\"2026-02-30\"", "", "expression.bad-literal"),
        ("@\"P\"", "", "expression.bad-literal"),
        ("@\"P1M1D\"", "", "expression.bad-literal"),
        ("@\"2026-01-31T10:00:00@Nowhere/Land\"", "", "expression.bad-literal"),
        ("12345678901234567890123456789012", "", "expression.bad-literal"),
        ("// note\n1 /* two */ + 2", "", "3"),
        ("1 /* open", "", "expression.syntax"),
        ("", "", "expression.syntax"),
        ("'a'", "", "expression.syntax"),
        ("a && b", "", "expression.syntax"),
        ("first name", "", "expression.syntax"),
    ]);
}

#[test]
fn arithmetic() {
    check(&[
        ("1 + 2 * 3", "", "7"),
        ("(1 + 2) * 3", "", "9"),
        ("10 - 4 - 3", "", "3"),
        ("100 / 10 / 2", "", "5"),
        ("2 ** 10", "", "1024"),
        ("2 ** 3 ** 2", "", "64"),
        ("-2 ** 2", "", "4"),
        ("2 ** -1", "", "0.5"),
        ("2 ** 0.5", "", "expression.overflow"),
        ("10 ** 100000", "", "expression.overflow"),
        ("10 ** 200", "", "expression.overflow"),
        ("0 ** -1", "", "expression.division-by-zero"),
        ("- -3", "", "3"),
        ("1--1", "", "2"),
        ("-a", r#"{"a": 4}"#, "-4"),
        ("1 / 0", "", "expression.division-by-zero"),
        ("1 / 3 * 3 > 0.999", "", "true"),
        ("79228162514264337593543950335 + 1", "", "expression.overflow"),
        ("\"a\" + \"b\"", "", "\"ab\""),
        ("1 + null", "", "null"),
        ("null - 1", "", "null"),
        ("null / 0", "", "null"),
        ("-null", "", "null"),
        ("1 + \"a\"", "", "expression.type"),
        ("\"a\" - \"b\"", "", "expression.type"),
        ("true + 1", "", "expression.type"),
        ("-\"a\"", "", "expression.type"),
        ("[1] + 1", "", "expression.type"),
    ]);
}

#[test]
fn date_arithmetic() {
    check(&[
        ("@\"2026-01-31\" + @\"P1M\"", "", "@\"2026-02-28\""),
        ("@\"2024-01-31\" + @\"P1M\"", "", "@\"2024-02-29\""),
        ("@\"P1M\" + @\"2026-01-31\"", "", "@\"2026-02-28\""),
        ("@\"2026-03-31\" - @\"P1M\"", "", "@\"2026-02-28\""),
        ("@\"2024-02-29\" + @\"P1Y\"", "", "@\"2025-02-28\""),
        ("@\"2026-01-01\" + @\"PT36H\"", "", "@\"2026-01-02\""),
        ("@\"2026-01-01\" - @\"PT1H\"", "", "@\"2025-12-31\""),
        ("@\"2026-01-31\" - @\"2026-01-01\"", "", "@\"P30D\""),
        ("@\"2026-01-01T23:00:00\" + @\"PT2H\"", "", "@\"2026-01-02T01:00:00\""),
        ("@\"2026-01-01T00:00:00+05:30\" - @\"2025-12-31T18:30:00Z\"", "", "@\"PT0S\""),
        ("@\"2026-01-31T10:00:00@Asia/Kolkata\" + @\"P1M\"", "", "@\"2026-02-28T10:00:00@Asia/Kolkata\""),
        ("@\"23:00:00\" + @\"PT2H\"", "", "@\"01:00:00\""),
        ("@\"01:00:00\" - @\"PT2H\"", "", "@\"23:00:00\""),
        ("@\"10:00:00\" - @\"09:30:00\"", "", "@\"PT30M\""),
        ("@\"P1D\" + @\"PT1H\"", "", "@\"P1DT1H\""),
        ("@\"P1Y\" - @\"P1M\"", "", "@\"P11M\""),
        ("@\"P1D\" * 2", "", "@\"P2D\""),
        ("3 * @\"P5M\"", "", "@\"P1Y3M\""),
        ("@\"P1D\" / 2", "", "@\"PT12H\""),
        ("@\"P1D\" / @\"PT6H\"", "", "4"),
        ("@\"P1Y\" / @\"P1M\"", "", "12"),
        ("@\"P1D\" / 0", "", "expression.division-by-zero"),
        ("@\"P1D\" + @\"P1M\"", "", "expression.type"),
        ("@\"10:00:00\" + @\"P1M\"", "", "expression.type"),
        ("@\"2026-01-01\" + 1", "", "expression.type"),
        ("@\"2026-01-01\" + @\"2026-01-01\"", "", "expression.type"),
        ("@\"9999-12-31\" + @\"P1D\"", "", "expression.overflow"),
        ("@\"2026-01-01\" + null", "", "null"),
        ("due + @\"P30D\"", r#"{"due:date": "2026-01-31"}"#, "@\"2026-03-02\""),
    ]);
}

#[test]
fn comparison() {
    check(&[
        ("1 = 1.0", "", "true"),
        ("1 != 2", "", "true"),
        ("null = null", "", "true"),
        ("1 = null", "", "false"),
        ("null != 1", "", "true"),
        ("1 = \"1\"", "", "null"),
        ("[1] = 1", "", "null"),
        ("[1, [2]] = [1, [2]]", "", "true"),
        ("[1, 2] = [2, 1]", "", "false"),
        ("{a: 1, b: 2} = {b: 2, a: 1}", "", "true"),
        ("{a: 1} = {a: 2}", "", "false"),
        ("[1..5] = [1..5]", "", "true"),
        ("[1..5] = [1..5)", "", "false"),
        ("1 < 2", "", "true"),
        ("2 <= 2", "", "true"),
        ("null < 1", "", "null"),
        ("1 >= null", "", "null"),
        ("1 < \"a\"", "", "expression.type"),
        ("true < false", "", "expression.type"),
        ("\"a\" < \"b\"", "", "true"),
        ("@\"2026-01-01\" < @\"2026-01-02\"", "", "true"),
        ("@\"10:00:00+05:30\" = @\"04:30:00Z\"", "", "true"),
        ("@\"10:00:00+05:30\" = @\"04:30:00\"", "", "null"),
        ("@\"10:00:00+05:30\" < @\"04:30:00\"", "", "expression.type"),
        ("@\"2026-01-01T10:00:00+05:30\" = @\"2026-01-01T04:30:00Z\"", "", "true"),
        ("@\"2026-01-01T10:00:00@Asia/Kolkata\" <= @\"2026-01-01T04:30:00Z\"", "", "true"),
        ("@\"P1D\" > @\"PT23H\"", "", "true"),
        ("@\"P1Y\" = @\"P12M\"", "", "true"),
        ("@\"P1Y\" = @\"P365D\"", "", "null"),
        ("1 < 2 < 3", "", "expression.syntax"),
        ("5 between 1 and 5", "", "true"),
        ("6 between 1 and 5", "", "false"),
        ("null between 1 and 5", "", "null"),
        ("3 between 1 and 5 and true", "", "true"),
        ("1 instance of number", "", "true"),
        ("\"a\" instance of number", "", "false"),
        ("null instance of number", "", "false"),
        ("null instance of Null", "", "true"),
        ("@\"P1Y\" instance of years and months duration", "", "true"),
        ("@\"P1D\" instance of days and time duration", "", "true"),
        ("now() instance of date and time", "", "true"),
        ("[1, 2] instance of list<number>", "", "true"),
        ("[1, \"a\"] instance of list<number>", "", "false"),
        ("[1..2] instance of range<number>", "", "true"),
        ("1 instance of wheel", "", "expression.syntax"),
    ]);
}

#[test]
fn three_valued_logic() {
    let values = ["true", "false", "null"];
    let and = [["true", "false", "null"], ["false", "false", "false"], ["null", "false", "null"]];
    let or = [["true", "true", "true"], ["true", "false", "null"], ["true", "null", "null"]];
    for (row, left) in values.iter().enumerate() {
        for (column, right) in values.iter().enumerate() {
            check(&[
                (&format!("{left} and {right}"), "", and[row][column]),
                (&format!("{left} or {right}"), "", or[row][column]),
                (&format!("all({left}, {right})"), "", and[row][column]),
                (&format!("any([{left}, {right}])"), "", or[row][column]),
                (&format!("every x in [{left}, {right}] satisfies x"), "", and[row][column]),
                (&format!("some x in [{left}, {right}] satisfies x"), "", or[row][column]),
            ]);
        }
    }
    check(&[
        ("not(true)", "", "false"),
        ("not(null)", "", "null"),
        ("not(1)", "", "expression.builtin"),
        ("true or false and false", "", "true"),
        ("1 and true", "", "expression.type"),
        ("false and 1", "", "false"),
        ("true and \"x\"", "", "expression.type"),
        ("if true then 1 else 2", "", "1"),
        ("if null then 1 else 2", "", "2"),
        ("if a > 1 then \"x\" else if a > 0 then \"y\" else \"z\"", r#"{"a": 1}"#, "\"y\""),
        ("if 1 then 2 else 3", "", "expression.type"),
        ("if true then 1", "", "expression.syntax"),
    ]);
}

#[test]
fn membership() {
    check(&[
        ("1 in [1..5]", "", "true"),
        ("5 in [1..5)", "", "false"),
        ("1 in (1..5]", "", "false"),
        ("1 in ]1..5[", "", "false"),
        ("3 in ]1..5[", "", "true"),
        ("5 in [1..5[", "", "false"),
        ("3 in (1, 2, 3)", "", "true"),
        ("3 in (< 2, > 5)", "", "false"),
        ("6 in (< 2, > 5)", "", "true"),
        ("3 in <= 3", "", "true"),
        ("3 in (!= 3)", "", "false"),
        ("3 in ([1..2], [3..4])", "", "true"),
        ("3 in [1, 2, 3]", "", "true"),
        ("3 in [[1..2], [3..4]]", "", "true"),
        ("[1] in [[1], [2]]", "", "true"),
        ("[1, 2] in ([1, 2])", "", "true"),
        ("\"b\" in (\"a\", \"b\")", "", "true"),
        ("null in [1..5]", "", "null"),
        ("null in (1, null)", "", "true"),
        ("1 in null", "", "false"),
        ("a in (1..b)", r#"{"a": 2, "b": 3}"#, "true"),
        ("a in xs and true", r#"{"a": 2, "xs": [2]}"#, "true"),
        ("@\"2026-01-15\" in [@\"2026-01-01\"..@\"2026-01-31\"]", "", "true"),
        ("\"a\" in [1..5]", "", "expression.type"),
        ("(< 5)", "", "(< 5)"),
        ("3 in (>= 3)", "", "true"),
        ("[1..5].end", "", "5"),
        ("[1..5).end included", "", "false"),
        ("(1..5]", "", "(1..5]"),
        ("[1..\"a\"]", "", "expression.type"),
        ("[[1]..2]", "", "expression.type"),
        ("[1..2", "", "expression.syntax"),
    ]);
}

#[test]
fn lists_and_filters() {
    let orders = r#"{"orders": [{"id": 1, "sum": 50}, {"id": 2, "sum": 700}, {"id": 3}], "id": 2, "limit": 100}"#;
    check(&[
        ("[1, \"a\", null, [2]]", "", "[1, \"a\", null, [2]]"),
        ("[]", "", "[]"),
        ("[1, 2, 3][1]", "", "1"),
        ("[1, 2, 3][-1]", "", "3"),
        ("[1, 2, 3][4]", "", "null"),
        ("[1, 2, 3][0]", "", "null"),
        ("[1, 2, 3][-4]", "", "null"),
        ("[1, 2, 3][i]", r#"{"i": 2}"#, "2"),
        ("[1, 2, 3][i - 5]", r#"{"i": 2}"#, "1"),
        ("[1][1.5]", "", "expression.type"),
        ("[][1]", "", "null"),
        ("[][item > 1]", "", "[]"),
        ("[1, 2, 3][item > 1]", "", "[2, 3]"),
        ("[1, null, 3][item > 1]", "", "[3]"),
        ("[1, 2][\"a\"]", "", "expression.type"),
        ("5[item > 3]", "", "[5]"),
        ("5[1]", "", "5"),
        ("null[1]", "", "null"),
        ("[[1, 2], [3]][1][2]", "", "2"),
        ("[1, 2, 3, 4][item > 1][item < 4]", "", "[2, 3]"),
        ("orders[sum > 100].id", orders, "[2]"),
        ("orders[item.sum > limit].id", orders, "[2]"),
        ("orders[sum > limit][1].sum", orders, "700"),
        ("orders[id = 2].sum", orders, "[700]"),
        ("orders.id", orders, "[1, 2, 3]"),
        ("orders.sum", orders, "[50, 700, null]"),
        ("orders[sum = null].id", orders, "[3]"),
        ("orders[count([1, 2][item = id]) = 1].id", orders, "[1, 2]"),
        ("[1, 2].a", "", "expression.type"),
    ]);
}

#[test]
fn contexts_and_paths() {
    check(&[
        ("{a: 1, b: a + 1}", "", "{a: 1, b: 2}"),
        ("{a: 1, b: a + 1}.b", "", "2"),
        ("{\"full name\": 1}", "", "{\"full name\": 1}"),
        ("{}", "", "{}"),
        ("{a: {b: {c: 7}}}.a.b.c", "", "7"),
        ("{a: 1}.b", "", "null"),
        ("null.b", "", "null"),
        ("{a: 1, a: 2}", "", "expression.syntax"),
        ("{a: 1,}", "", "expression.syntax"),
        ("1 .b", "", "expression.type"),
        ("p.address.city", r#"{"p": {"address": {"city": "पुणे"}}}"#, "\"पुणे\""),
        ("p.address.city", r#"{"p": {}}"#, "null"),
        ("p.address.city", "", "null"),
        ("{a: 1, b: {c: a + 1, d: c + 1}}.b.d", "", "3"),
        ("{x: 1, y: [1, 2][item > x]}.y", "", "[2]"),
        ("@\"2026-01-31\".year", "", "2026"),
        ("@\"2026-01-31\".weekday", "", "6"),
        ("@\"2026-01-31T10:20:30+05:30\".minute", "", "20"),
        ("@\"2026-01-31T10:20:30+05:30\".time offset", "", "@\"PT5H30M\""),
        ("@\"2026-01-31T10:20:30@Asia/Kolkata\".timezone", "", "\"Asia/Kolkata\""),
        ("@\"10:20:30\".hour", "", "10"),
        ("@\"10:20:30\".time offset", "", "null"),
        ("@\"P1DT2H3M4S\".hours", "", "2"),
        ("@\"-P1DT2H\".days", "", "-1"),
        ("@\"P1Y2M\".months", "", "2"),
        ("@\"2026-01-31\".century", "", "expression.type"),
        ("[@\"2026-01-31\", @\"2025-01-31\"].year", "", "[2026, 2025]"),
        ("{a: 1}.", "", "expression.syntax"),
    ]);
}

#[test]
fn iterations() {
    check(&[
        ("for x in [1, 2, 3] return x * 2", "", "[2, 4, 6]"),
        ("for x in 1..3 return x", "", "[1, 2, 3]"),
        ("for x in 3..1 return x", "", "[3, 2, 1]"),
        ("for x in 2..2 return x", "", "[2]"),
        ("for x in [1..3] return x", "", "[1, 2, 3]"),
        ("for x in (1..3] return x", "", "expression.type"),
        ("for d in @\"2026-01-30\"..@\"2026-02-01\" return d.day", "", "[30, 31, 1]"),
        ("for x in [1, 2], y in [x, 10] return x * y", "", "[1, 10, 4, 20]"),
        ("for x in 1..n return x", r#"{"n": 3}"#, "[1, 2, 3]"),
        ("for i in 0..4 return if i = 0 then 1 else i * partial[-1]", "", "[1, 1, 2, 6, 24]"),
        ("for x in 7 return x", "", "[7]"),
        ("for x in null return x", "", "null"),
        ("for x in [] return x", "", "[]"),
        ("for x in \"a\"..\"c\" return x", "", "expression.type"),
        ("for x in [[1, 2], [3]] return for y in x return y + 1", "", "[[2, 3], [4]]"),
        ("some x in [1, 2] satisfies x > 1", "", "true"),
        ("some x in [] satisfies x > 1", "", "false"),
        ("every x in [] satisfies x > 1", "", "true"),
        ("every x in [1, 2], y in [3] satisfies x < y", "", "true"),
        ("some x in [1, null] satisfies x > 1", "", "null"),
        ("some x in null satisfies x", "", "null"),
        ("some x in [1] satisfies x", "", "expression.type"),
        ("1 + (for x in [1] return x)[1]", "", "2"),
        ("for x in 1..2000 return x", "", "expression.overflow"),
        ("for in in [1] return 1", "", "expression.syntax"),
        ("for x in [1, 2] return xs[item > x]", r#"{"xs": [1, 2, 3]}"#, "[[2, 3], [3]]"),
    ]);
}
