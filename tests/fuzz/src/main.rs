//! One reader, named by `READER`, is given whatever libFuzzer comes upon. CONTRIBUTING.md says how to run it.

#![no_main]

#[path = "../../src/readers.rs"]
mod readers;

use std::sync::LazyLock;

static READ: LazyLock<fn(&[u8]) -> bool> = LazyLock::new(|| {
    let name = std::env::var("READER").expect("READER names what is tried");
    let found = readers::READERS.iter().find(|reader| reader.name == name);
    found.unwrap_or_else(|| panic!("no reader is called {name}")).read
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    READ(bytes);
});
