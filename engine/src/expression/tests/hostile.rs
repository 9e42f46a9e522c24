//! Hostile input: everything must end in a value or an error, soon and without a panic.

use super::*;

/// Runs `work` on a thread with a stack of 1.5 MB.
fn on_small_stack(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(1_500_000).spawn(work).expect("a thread");
    thread.join().expect("no panic");
}

/// `unit` as often as fits the source, around or before `core`.
fn filled(open: &str, core: &str, close: &str) -> String {
    let times = (MAX_SOURCE_BYTES - core.len()) / (open.len() + close.len());
    format!("{}{core}{}", open.repeat(times), close.repeat(times))
}

/// `core` nested in as many pairs as the parser allows.
fn nested(open: &str, core: &str, close: &str) -> String {
    let deep = (1..=MAX_DEPTH).rev().map(|times| format!("{}{core}{}", open.repeat(times), close.repeat(times)));
    deep.into_iter().find(|source| compile(source).is_ok()).expect("some depth")
}

#[test]
fn long_sources_are_refused() {
    assert_eq!(outcome(&"(".repeat(100_000), ""), "expression.too-long");
    assert_eq!(outcome(&"1+".repeat(100_000), ""), "expression.too-long");
    assert_eq!(outcome(&format!("\"{}\"", "a".repeat(MAX_SOURCE_BYTES)), ""), "expression.too-long");
}

#[test]
fn nesting_is_refused_on_a_small_stack() {
    on_small_stack(|| {
        for (open, close) in [
            ("(", ")"),
            ("[", "]"),
            ("{a:", "}"),
            ("-", ""),
            ("if ", ""),
            ("if a then b else ", ""),
            ("not(", ")"),
            ("x[", "]"),
            ("1 in (", ")"),
            ("[1..", "]"),
            ("for x in ", " return x"),
            ("some x in a satisfies ", ""),
            ("1 + (2 * (", "))"),
        ] {
            assert_eq!(outcome(&filled(open, "1", close), ""), "expression.too-deep", "{open}");
        }
        let types = format!("1 instance of {}number", "list<".repeat(200));
        assert_eq!(outcome(&types, ""), "expression.too-deep");
    });
}

#[test]
fn the_deepest_allowed_nesting_evaluates_on_a_small_stack() {
    on_small_stack(|| {
        for (open, close) in [
            ("(", ")"),
            ("[", "]"),
            ("{a:", "}"),
            ("-", ""),
            ("not(", ")"),
            ("if true then 1 else ", ""),
            ("(a or b and 1 < 2 + 3 * 4 ** -", ")"),
            ("for x in [1] return ", ""),
            ("[1][item > 0 or 1 = ", "]"),
            ("1 in (2, ", ")"),
            ("[1..", "]"),
        ] {
            let source = nested(open, "1", close);
            assert!(source.len() > 30 || open.len() == 1, "{source}");
            outcome(&source, "");
        }
    });
}

#[test]
fn chains_are_bounded_but_not_deep() {
    on_small_stack(|| {
        let ones = |count: usize, joint: &str| vec!["1"; count].join(joint);
        assert_eq!(outcome(&ones(200, "+"), ""), "200");
        assert_eq!(outcome(&ones(251, "+"), ""), "expression.too-large");
        assert_eq!(outcome(&ones(1_000, "+"), ""), "expression.too-large");
        assert_eq!(outcome(&ones(600, ","), ""), "expression.syntax");
        assert_eq!(outcome(&format!("[{}]", ones(600, ",")), ""), "expression.too-large");
        assert_eq!(outcome(&vec!["true"; 200].join(" and "), ""), "true");
        assert_eq!(outcome(&format!("a{}", ".b".repeat(400)), ""), "null");
        assert_eq!(outcome(&format!("a{}", ".b".repeat(900)), ""), "expression.too-large");
        assert_eq!(outcome(&format!("[1]{}", "[item > 0]".repeat(100)), ""), "[1]");
        let many = vec!["x in a"; 20].join(", ");
        assert_eq!(outcome(&format!("for {many} return 1"), ""), "expression.too-large");
    });
}

#[test]
fn work_is_bounded() {
    let numbers: Vec<usize> = (0..1_000).collect();
    let numbers = format!("{{\"xs\": {numbers:?}, \"s\": {:?}}}", "a".repeat(60_000));
    for (source, expected) in [
        ("for a in 1..1000, b in 1..1000 return 1", "expression.overflow"),
        ("some a in 1..1000, b in 1..1000 satisfies a = 0", "expression.fuel"),
        ("count(for a in xs return count(xs[item > a]))", "expression.fuel"),
        ("count(for a in 1..900 return [partial])", "expression.fuel"),
        ("count(for a in 1..900 return [partial[-1]])", "expression.depth"),
        ("string length(s + s)", "expression.overflow"),
        ("string length(replace(s, \"a\", \"bb\"))", "expression.fuel"),
        ("string length(replace(s, \"a\", s))", "expression.overflow"),
        ("count(for x in 1..1000 return s)", "expression.fuel"),
        ("count(split(s, \"\"))", "expression.overflow"),
        ("string length(string join(for x in 1..30 return s))", "expression.overflow"),
        ("count(for x in 1..1000 return s + \"b\")", "expression.fuel"),
        ("count(for x in 1..1000 return upper case(s))", "expression.fuel"),
        ("count(for x in xs return matches(\"a\", string(x)))", "expression.fuel"),
        ("count(for x in xs return matches(\"a\", \"^[a-z]+$\"))", "1000"),
        ("matches(s, \"(a*)*b\")", "false"),
        ("matches(s, \"((a{100}){100}){100}\")", "expression.bad-literal"),
        ("matches(\"a\", \"((a{100}){100}){100}\" + string(xs[1]))", "expression.builtin"),
        ("count(append(xs, 1))", "expression.overflow"),
        ("count(concatenate(xs, xs))", "expression.overflow"),
        ("count(distinct values(xs))", "1000"),
        ("count(flatten([xs, xs]))", "expression.overflow"),
        (
            "{a: [1, 1], b: [a, a], c: [b, b], d: [c, c], e: [d, d], f: [e, e], g: [f, f], h: [g, g], i: [h, h], \
          j: [i, i], k: [j, j], l: [k, k], m: [l, l], n: [m, m], o: [n, n], p: [o, o], q: [p, p]}.q",
            "expression.fuel",
        ),
        ("99999999999999 ** 1000", "expression.overflow"),
        ("0.00001 ** 1000", "0"),
        ("sum(xs)", "499500"),
        ("count(xs[item > 10])", "989"),
    ] {
        assert_eq!(outcome(source, &numbers), expected, "{source}");
    }
}

/// A small generator, so that every run tries the same texts.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).expect("small")
    }
}

#[test]
fn garbage_never_panics() {
    const PIECES: &[&str] = &[
        "1",
        "0",
        "-",
        "2.5",
        "\"a\"",
        "\"नम\"",
        "null",
        "true",
        "a",
        "xs",
        "o",
        "item",
        "x",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        ".",
        "..",
        "+",
        "*",
        "/",
        "**",
        "=",
        "<",
        ">=",
        "!=",
        " and ",
        " or ",
        " in ",
        " between ",
        "if ",
        " then ",
        " else ",
        "for x in ",
        " return ",
        "some x in ",
        " satisfies ",
        " instance of ",
        "list<",
        "number",
        "@\"2026-01-31\"",
        "@\"P1M\"",
        "@\"-P1D\"",
        "@\"10:00:00Z\"",
        "@\"2026-01-31T10:00:00\"",
        "count(",
        "substring(",
        "date and time(",
        "string(",
        "max(",
        "sublist(",
        "\\",
        "@",
        "\"",
        "\u{0}",
        "é",
        "😀",
        "//",
        "/*",
        "-9223372036854775808",
        "79228162514264337593543950335",
        "replace(",
        "round up(",
        "flatten(",
        "partial",
    ];
    let context = r#"{"a": 3, "xs": [1, null, "b", [2]], "o": {"x": 1, "a": {"b": "c"}}, "d:date": "2026-01-31"}"#;
    let (scope, clock) = (scope(context), clock());
    on_small_stack(move || {
        let mut dice = Dice(0x5EED_0FFE_E1D1);
        let mut compiled = 0;
        for _ in 0..30_000 {
            let source: String = (0..=dice.roll(12)).map(|_| PIECES[dice.roll(PIECES.len())]).collect();
            if let Ok(expression) = compile(&source) {
                compiled += 1;
                if let Ok(value) = expression.evaluate(&scope, &clock) {
                    let _ = to_json(&value);
                    let _ = value.to_string();
                }
            }
        }
        assert!(compiled > 300, "only {compiled} texts were expressions");
    });
}

#[test]
fn every_builtin_takes_any_arguments_without_panic() {
    const VALUES: &[&str] = &[
        "null",
        "true",
        "0",
        "-1",
        "3",
        "1.5",
        "79228162514264337593543950335",
        "-9223372036854775808",
        "\"\"",
        "\"नमस्ते\"",
        "\"(a\"",
        "@\"9999-12-31\"",
        "@\"-9999-01-01\"",
        "@\"23:59:59.999999999-18:00\"",
        "@\"9999-12-30T00:00:00Z\"",
        "@\"P999999999999999Y\"",
        "@\"-P99999999999999D\"",
        "[]",
        "[1, null, \"a\"]",
        "[[1], [2]]",
        "{a: 1}",
        "[1..5)",
        "(> @\"2026-01-01\")",
    ];
    let (scope, clock) = (scope(""), clock());
    let evaluate = |source: &str| {
        if let Ok(expression) = compile(source) {
            let _ = expression.evaluate(&scope, &clock).map(|value| (to_json(&value), value.to_string()));
        }
    };
    for a in VALUES {
        for b in VALUES {
            for operator in ["+", "-", "*", "/", "**", "=", "<", " in "] {
                evaluate(&format!("{a} {operator} {b}"));
            }
            for name in crate::expression::builtins::names() {
                evaluate(&format!("{name}({a}, {b})"));
                evaluate(&format!("{name}({b}, {a}, 2)"));
            }
        }
        for name in crate::expression::builtins::names() {
            evaluate(&format!("{name}({a})"));
        }
    }
}
