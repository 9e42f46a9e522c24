//! The court drill (`docs/court-drill.md`): what is handed over, and its commands in their order and as they stand, where neither office nor network is.

use std::process::Command;

use super::desk::{Desk, blocks};

#[test]
fn a_stranger_checks_a_bundle_by_paper_alone() {
    for (tool, asked) in [("unzip", "-v"), ("openssl", "version"), ("xxd", "-v"), ("python3", "-V")] {
        if Command::new(tool).arg(asked).output().is_err() {
            return tests::skip("the court drill needs unzip, openssl, xxd and python3");
        }
    }
    let page = std::fs::read_to_string(tests::top().join("docs/court-drill.md")).unwrap();
    let blocks = blocks(&page);
    let parts: Vec<char> = blocks.iter().map(|(heading, _)| heading.chars().next().expect("a heading")).collect();
    assert_eq!(parts, ['W', '1', '1', '2', '3', '4', '5']);
    let commands = |at: usize| blocks[at].1;

    // The office prepares it; what is on paper is what it printed.
    let desk = Desk::new();
    desk.done("signer", "sevottam sign --init | tail -n 1 > key; systemctl start");
    for folder in ["tests", "engine"] {
        std::os::unix::fs::symlink(tests::top().join(folder), desk.at(folder)).unwrap();
    }
    desk.done("signer", commands(0));
    let key = desk.read("key").trim().to_owned();
    let digits = desk.read("line.txt");
    let digits: Vec<&str> = digits.lines().skip_while(|line| !line.starts_with("SHA-256")).take(2).collect();
    let digits = digits.join(" ").replace("SHA-256", "");
    // Then there is no office any more.
    desk.done(
        "signer",
        "systemctl stop; rm -r \"$SEVOTTAM_SIGNER\" office.db* key line.txt log tests engine; rm handed/sevottam",
    );

    let set = commands(1);
    assert!(["KEY='", "DIGITS='", "LOG="].iter().all(|name| set.contains(name)), "{set}");
    let set = format!("cd handed\nKEY='{key}'\nDIGITS='{digits}'\nLOG=unit/demo-commissionerate/1\n");
    let on_paper = digits.split_whitespace().collect::<String>();
    let answer = |at: usize| desk.done("none", &format!("{set}{}", commands(at)));
    assert!(answer(2).contains(&format!("{on_paper}  anchor.txt")));
    let told = answer(3);
    assert!(told.trim_end().ends_with("VERIFIED"), "{told}");
    let of_unit = told.split_once("/unit/demo-commissionerate/1: ").expect("the unit's log").1;
    assert!(of_unit.lines().nth(1).is_some_and(|line| line.contains("held against a checkpoint from outside")), "{told}");
    assert!(!told.contains("NOT held against any checkpoint"), "{told}");
    assert!(answer(4).contains("bundle.zip: VERIFIED"));
    let told = answer(5);
    assert!(told.contains("Signature Verified Successfully"), "{told}");
    let told = answer(6);
    let verdicts = told.lines().filter(|line| *line == "TAMPERED" || line.starts_with("changed.zip: TAMPERED"));
    assert_eq!((verdicts.count(), told.matches("exit code 1").count()), (2, 2), "{told}");

    // What the page says of mistakes.
    let wrong = |commands: &str| {
        let output = desk.run("none", &format!("{set}{commands}"));
        (
            output.status.success(),
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)),
        )
    };
    let (passed, told) =
        wrong("DIGITS=$(echo \"$DIGITS\" | tr 0-9 1-90)\nsevottam anchor check anchor.txt --sha256 \"$DIGITS\" --key \"$KEY\"");
    assert!(!passed && told.contains("(anchor.differs)"), "{told}");
    let (passed, told) = wrong(
        "(echo 'key office.example+1234abcd+AQ') > other.txt\nif sevottam verify bundle.zip --policy other.txt; then exit 9; else [ $? = 3 ]; fi",
    );
    assert!(passed, "{told}");
}
