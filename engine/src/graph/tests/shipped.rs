//! The schema that editors use is the one that the types generate.

use crate::model::definition::process_schema;

/// `UPDATE=1` writes it anew.
#[test]
fn the_shipped_schema_is_the_generated_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../definitions/schema/process.schema.json");
    let generated = format!("{}\n", serde_json::to_string_pretty(&process_schema()).unwrap());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &generated).unwrap();
    }
    let shipped = std::fs::read_to_string(path).unwrap_or_default();
    assert!(shipped == generated, "{path} is not what the types generate; run the test with UPDATE=1");
}
