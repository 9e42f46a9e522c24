//! Data against forms and variables: codes, pointers and the sentences that a citizen reads.

use serde_json::{Value, json};

use super::{REFUND, document, graph};
use crate::model::Values;

fn values(json: Value) -> Values {
    serde_json::from_value(json).unwrap()
}

/// Form, data, and the code, pointer and sentence of every problem.
#[test]
fn data_of_forms() {
    let graph = graph(&document(REFUND));
    let rows: &[(&str, Value, &[&str])] = &[
        ("refund-claim", json!({ "amount": "10.50", "applicant_name": "A" }), &[]),
        ("refund-claim", json!({ "amount": "10.50" }), &["form.required /applicant_name Your name is required."]),
        (
            "refund-claim",
            json!({}),
            &["form.required /amount Amount claimed is required.", "form.required /applicant_name Your name is required."],
        ),
        (
            "refund-claim",
            json!({ "amount": "10,50", "applicant_name": "" }),
            &[
                "form.format /amount Amount claimed must be a plain number, such as 1250.50.",
                "form.min-length /applicant_name Your name must not be empty.",
            ],
        ),
        ("refund-claim", json!({ "amount": 10, "applicant_name": "A" }), &["form.type /amount Amount claimed must be a text."]),
        (
            "refund-claim",
            json!({ "amount": "1", "applicant_name": "A", "pages": -1 }),
            &["form.minimum /pages pages must be at least 0."],
        ),
        (
            "refund-claim",
            json!({ "amount": "1", "applicant_name": "A", "pages": 501 }),
            &["form.maximum /pages pages must be at most 500."],
        ),
        // Own and declared schema both hold: the declaration says integer.
        (
            "refund-claim",
            json!({ "amount": "1", "applicant_name": "A", "pages": 1.5 }),
            &["form.type /pages pages must be a whole number."],
        ),
        (
            "refund-claim",
            json!({ "amount": "1", "applicant_name": "A", "a/b": 1 }),
            &["form.unknown-field /a~1b \"a/b\" is not a field of this form. Leave it out."],
        ),
        ("completeness", json!({ "complete": "yes" }), &["form.type /complete complete must be yes or no."]),
        ("missing-documents", json!({}), &[]),
        (
            "missing-documents",
            json!({ "documents": ["bond", "bill"] }),
            &["form.enum /documents/1 documents must be one of invoice, challan, bond."],
        ),
        (
            "missing-documents",
            json!({ "documents": ["bond", "bond"] }),
            &["form.unique-items /documents documents must not have the same entry twice."],
        ),
        ("refund-order", json!({ "order": "maybe" }), &["form.enum /order order must be one of sanctioned, rejected."]),
    ];
    for (form, data, expected) in rows {
        let problems = graph.forms[*form].check(&values(data.clone()));
        let mut found: Vec<String> = problems.iter().map(|p| format!("{} {} {}", p.code, p.pointer, p.message)).collect();
        found.sort();
        assert_eq!(found, *expected, "{form} {data}");
    }
}

#[test]
fn values_of_variables() {
    let graph = graph(&document(REFUND));
    let variables = &graph.scopes[0].variables;
    let rows = [
        ("amount", json!("1.50"), None),
        ("amount", Value::Null, None),
        ("amount", json!(1), Some("value.type")),
        ("amount", json!("1e3"), Some("value.format")),
        ("amount", json!("+1"), Some("value.format")),
        ("amount", json!(".5"), Some("value.format")),
        ("amount", json!("79228162514264337593543950335"), None),
        ("amount", json!("792281625142643375935439503350"), Some("value.format")),
        ("order", json!("sanctioned"), None),
        ("order", json!("x"), Some("value.enum")),
    ];
    for (name, value, expected) in rows {
        let found = variables[name].check(&value).map(|problem| problem.code);
        assert_eq!(found.as_deref(), expected, "{name} {value}");
    }
    assert_eq!(variables["amount"].format.as_deref(), Some("decimal"));
}

#[test]
fn formats_are_asserted() {
    let mut refund = document(REFUND);
    let formats =
        [("date", "2026-02-30"), ("date-time", "2026-02-01"), ("time", "25:00:00Z"), ("duration", "2 days"), ("decimal", "x")];
    for (format, bad) in formats {
        refund["data"]["pages"] = json!({ "type": "string", "format": format });
        refund["forms"]["refund-claim"]["schema"]["properties"]["pages"] = json!({});
        let problem = graph(&refund).scopes[0].variables["pages"].check(&json!(bad)).unwrap();
        assert_eq!(problem.code, "value.format", "{format}");
        assert!(problem.message.contains("must be a"), "{}", problem.message);
    }
}

#[test]
fn a_layout_is_completed() {
    let graph = graph(&document(REFUND));
    let layout = &graph.forms["refund-claim"].authored.layout;
    let names: Vec<Vec<&str>> =
        layout.iter().map(|section| section.fields.iter().map(|field| field.name.as_str()).collect()).collect();
    assert_eq!(names, [vec!["amount"], vec!["applicant_name", "pages"]]);
    let schema = &graph.forms["refund-claim"].schema;
    assert_eq!(schema["properties"]["amount"], json!({ "type": "string", "format": "decimal" }));
    assert_eq!(schema["additionalProperties"], json!(false));
}
