//! What can be wrong with a page, each with its place; the schema that editors use, and the pages that are shipped.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::{put, remove};
use crate::graph::Library;
use crate::model::Problem;
use crate::model::document::DocumentKind;
use crate::model::page::{Page, page_schema};

fn definitions(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../definitions").join(path)
}

/// What is deployed: one norm.
fn library() -> Library {
    let mut library = Library::default();
    let norm = fs::read_to_string(definitions("norms/cgst.refund.order.json")).unwrap();
    let checked = library.check(DocumentKind::Norm, &norm).unwrap();
    library.take_in(&checked, 1);
    library
}

fn page() -> Value {
    json!({
        "id": "charter", "title": { "en": "Charter", "hi": "चार्टर" }, "kind": "charter", "public": true, "owner": { "post": "p" },
        "sections": [
            { "id": "a", "title": { "en": "A", "hi": "क" }, "content": [
                { "paragraph": { "en": "One <b>thing</b>", "hi": "एक" } },
                { "list": [{ "en": "Two", "hi": "दो" }] },
                { "numbered": [{ "en": "Three", "hi": "तीन" }] },
                { "norms": ["cgst.refund.order"] }
            ] },
            { "id": "b", "title": { "en": "B", "hi": "ख" }, "content": [{ "paragraph": { "en": "Four", "hi": "चार" } }] }
        ]
    })
}

/// Codes and places, in their order.
fn found(document: &Value) -> Vec<String> {
    let told = |problems: Vec<Problem>| problems.iter().map(|one| format!("{} {}", one.code, one.pointer)).collect();
    match library().check(DocumentKind::Page, &document.to_string()) {
        Ok(checked) => told(checked.warnings),
        Err(problems) => {
            assert!(problems.iter().any(Problem::is_error), "refused without an error");
            told(problems)
        }
    }
}

#[track_caller]
fn check(change: impl FnOnce(&mut Value), expected: &[&str]) {
    let mut document = page();
    change(&mut document);
    assert_eq!(found(&document), expected);
}

#[test]
fn every_problem_has_its_place() {
    check(|_| {}, &[]);
    check(|d| put(d, "/sections/1/id", json!("a")), &["page.duplicate-section /sections/1/id"]);
    check(
        |d| put(d, "/sections/0/content/3/norms/-", json!("cgst.refund.odrer")),
        &["page.unknown-norm /sections/0/content/3/norms/1"],
    );
    check(
        |d| put(d, "/sections/0/content/-", json!({ "norms": ["cgst.refund.order"] })),
        &["page.repeated-norm /sections/0/content/4/norms/0"],
    );
    check(|d| put(d, "/sections/1/content/-", json!({ "norms": ["cgst.refund.order"] })), &[]);
    check(|d| remove(d, "/sections/0/content/1/list/0/hi"), &["page.untranslated /sections/0/content/1/list/0"]);
    check(|d| remove(d, "/title/hi"), &["page.untranslated /title"]);
    check(
        |d| {
            remove(d, "/public");
            remove(d, "/title/hi");
        },
        &[],
    );
    check(|d| put(d, "/kind", json!("Not a word")), &["schema.pattern /kind"]);
    check(|d| put(d, "/sections", json!([])), &["schema.length /sections"]);
    check(|d| put(d, "/sections/0/content", json!([])), &["schema.length /sections/0/content"]);
    check(|d| put(d, "/sections/0/content/3/norms", json!([])), &["schema.length /sections/0/content/3/norms"]);
    check(|d| put(d, "/surprise", json!(1)), &["schema.unknown-property /surprise"]);
    check(|d| put(d, "/x-note", json!(1)), &[]);
}

/// What is wrong with the form hides nothing of what is wrong with the rest.
#[test]
fn all_problems_are_told_at_once() {
    check(
        |d| {
            put(d, "/id", json!("No id"));
            put(d, "/sections/1/id", json!("a"));
            put(d, "/sections/0/content/3/norms/-", json!("none"));
            remove(d, "/title/hi");
        },
        &[
            "schema.pattern /id",
            "page.duplicate-section /sections/1/id",
            "page.unknown-norm /sections/0/content/3/norms/1",
            "page.untranslated /title",
        ],
    );
}

#[test]
fn a_name_that_is_nearly_right_is_guessed() {
    let mut document = page();
    put(&mut document, "/sections/0/content/3/norms/0", json!("cgst.refund.ordre"));
    let problems = library().check(DocumentKind::Page, &document.to_string()).unwrap_err();
    assert!(problems[0].message.ends_with("Did you mean \"cgst.refund.order\"?"), "{problems:?}");
}

/// `UPDATE=1` writes it anew.
#[test]
fn the_shipped_schema_is_the_generated_one() {
    let path = definitions("schema/page.schema.json");
    let generated = format!("{}\n", serde_json::to_string_pretty(&page_schema()).unwrap());
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &generated).unwrap();
    }
    let shipped = fs::read_to_string(&path).unwrap_or_default();
    assert!(shipped == generated, "{} is not what the types generate; run the test with UPDATE=1", path.display());
}

/// Texts that name a time and promise no service within it: by when the charter itself is reviewed.
const NO_PROMISES: [(&str, &str); 1] = [("charter", "/sections/4/content/0/paragraph")];

/// Whether a text names a number, in digits or words, and a unit of time, in English or Hindi.
fn types_a_time(text: &str) -> bool {
    const UNITS: &str = "minute minutes hour hours day days week weeks fortnight month months quarter year years \
                         मिनट घंटा घंटे घंटों घण्टे दिन दिनों दिवस दिवसों सप्ताह सप्ताहों पखवाड़े माह महीना महीने महीनों वर्ष वर्षों साल";
    const NUMBERS: &str = "one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty sixty ninety \
                           hundred एक दो तीन चार पाँच पांच छह छः सात आठ नौ दस ग्यारह बारह पंद्रह पन्द्रह बीस तीस चालीस पैंतालीस साठ नब्बे सौ";
    let text = text.to_lowercase();
    let words = || text.split(|c: char| c.is_whitespace() || c.is_ascii_punctuation() || c == '।');
    let named = |list: &str| words().any(|word| list.split_whitespace().any(|one| one == word));
    named(UNITS) && (named(NUMBERS) || text.contains(char::is_numeric))
}

#[test]
fn a_typed_time_is_found() {
    for text in [
        "within 15 days",
        "a 15-day limit",
        "in two weeks.",
        "Thirty working days",
        "a year has 12 months",
        "१५ दिन में",
        "तीस कार्य-दिवस।",
        "दो सप्ताह के भीतर",
        "24 घंटे",
    ] {
        assert!(types_a_time(text), "{text}");
    }
    for text in ["80 per cent of these times", "every day", "कम से कम 80 प्रतिशत समय-सीमाओं", "today 3 documents"]
    {
        assert!(!types_a_time(text), "{text}");
    }
}

/// Shipped pages say their source, claim no more than it, promise by norms only, and are there in Hindi.
#[test]
fn shipped_pages_promise_nothing_by_themselves() {
    let (schema, mut kinds) = (jsonschema::draft202012::new(&page_schema()).unwrap(), Vec::new());
    for entry in fs::read_dir(definitions("pages")).unwrap() {
        let path = entry.unwrap().path();
        let value: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let errors: Vec<String> = schema.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", path.display());
        let page: Page = serde_json::from_value(value).unwrap();
        assert_eq!(path.file_stem().unwrap().to_str().unwrap(), page.id);
        assert!(!page.source.is_empty() && !page.verified, "{}: nobody has compared it with its source", page.id);
        assert_eq!(page.kind == "charter", page.public, "{}", page.id);
        let untranslated: Vec<_> = page.texts().into_iter().filter(|(_, text)| !text.others.contains_key("hi")).collect();
        assert!(untranslated.is_empty(), "{}: {untranslated:?}", page.id);
        for (pointer, text) in page.texts() {
            let typed = std::iter::once(&text.en).chain(text.others.values()).any(|text| types_a_time(text));
            let may = NO_PROMISES.contains(&(page.id.as_str(), pointer.as_str()));
            assert_eq!(typed, may, "{}{pointer}: a time is that of a norm", page.id);
        }
        kinds.push(page.kind);
    }
    kinds.sort();
    assert_eq!(kinds, ["charter", "manual"]);
}
