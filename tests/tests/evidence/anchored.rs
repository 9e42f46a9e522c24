//! `anchor`: the day's line, and what can be checked with it afterwards.

use std::path::Path;

use crate::program::{Program, run};

fn text(output: &std::process::Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// What `anchor make --json` says, of what a signer shows.
fn make(shown: &str, out: &str) -> serde_json::Value {
    let made = run(&["anchor", "make", "--checkpoints", shown, "--out", out, "--json"]);
    assert!(made.status.success(), "{made:?}");
    serde_json::from_slice(&made.stdout).expect("JSON")
}

#[test]
fn the_line_of_the_register_tells_what_was_rewritten_since() {
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name).to_str().unwrap().to_owned();
    let (database, folder, shown) = (at("office.db"), at("signer"), at("signer/log"));
    assert!(run(&["sign", "--init", "--folder", &folder]).status.success());
    let nothing = run(&["anchor", "make", "--checkpoints", &shown, "--out", &at("none")]);
    assert_eq!(nothing.status.code(), Some(3), "{nothing:?}");
    assert!(!Path::new(&at("none")).exists());

    // While it serves and signs.
    assert!(Program::serve(&database, &["--demo"]).terminate().unwrap().0.success());
    let served = Program::serve(&database, &["--demo", "--sign", &folder]);
    let line = make(&shown, &at("day-1"));
    let (digits, key) = (line["sha256"].as_str().unwrap(), line["key"].as_str().unwrap());
    let logs: Vec<(&str, u64)> = line["logs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|log| (log["log"].as_str().unwrap(), log["size"].as_u64().unwrap()))
        .collect();
    assert_eq!((logs.len(), logs[0].0), (3, "office.example/site/1"), "{line}");
    let at_size =
        logs.iter().find(|(log, _)| *log == "office.example/unit/demo-commissionerate/1").expect("the unit's log").1.to_string();
    let again = run(&["anchor", "make", "--checkpoints", &shown, "--out", &at("day-1")]);
    assert_eq!(again.status.code(), Some(3), "what is there is left as it is: {again:?}");
    // The site's log may have grown meanwhile: what is printed is of the file that was made with it.
    let paper = run(&["anchor", "make", "--checkpoints", &shown, "--out", &at("paper")]);
    let of_file = |name: &str| engine::digest::Hash::of(&std::fs::read(at(name)).unwrap()).to_string();
    assert_eq!(digits, of_file("day-1"));
    let printed = of_file("paper");
    let first = printed.as_bytes().chunks(4).map(|four| std::str::from_utf8(four).unwrap()).take(8).collect::<Vec<_>>().join(" ");
    assert!(paper.status.success() && text(&paper).contains(&format!("SHA-256    {first}\n")), "{}", text(&paper));
    assert!(text(&paper).contains("█▀▀▀▀▀█"), "a corner of the code: {}", text(&paper));

    // An auditor, with the digits as they stand in the register, in fours and on two lines.
    let spaced: String = digits.chars().enumerate().flat_map(|(n, c)| [Some(c), (n % 4 == 3).then_some(' ')]).flatten().collect();
    let checked = run(&["anchor", "check", &at("day-1"), "--sha256", &spaced.to_uppercase(), "--key", key]);
    assert!(checked.status.success(), "{checked:?}");
    let seen = String::from_utf8(checked.stdout).unwrap();
    assert_eq!(seen.lines().count(), logs.len());
    std::fs::write(at("policy"), format!("key {key}\n{seen}")).unwrap();
    let bundle = |out: &str, server: &str| {
        let made = run(&[
            "bundle",
            "--server",
            server,
            "--actor",
            "m-desai",
            "--unit",
            "demo-commissionerate",
            "--process",
            "svc.refund",
            "--purpose",
            "audit",
            "--at",
            &at_size,
            "--out",
            out,
        ]);
        assert!(made.status.success(), "{made:?}");
    };
    bundle(&at("good.zip"), &served.address);
    let verified = run(&["verify", &at("good.zip"), "--policy", &at("policy")]);
    assert!(verified.status.success(), "{}", text(&verified));
    assert!(
        text(&verified).contains(&format!("held against a checkpoint from outside, of size {at_size}")),
        "{}",
        text(&verified)
    );
    // The site's log takes in the others by itself, a moment after the start.
    let is_held = |n: u32| {
        let file = at(&format!("held-{n}.zip"));
        bundle(&file, &served.address);
        let verified = run(&["verify", &file, "--policy", &at("policy")]);
        assert!(verified.status.success(), "{}", text(&verified));
        text(&verified).contains("  held against the site's log, which took in a checkpoint of size ")
    };
    let held = (0..100).any(|n| {
        std::thread::sleep(std::time::Duration::from_millis(200));
        is_held(n)
    });
    assert!(held, "the site's log has not taken in the unit's");
    assert!(served.terminate().unwrap().0.success());

    // Another digit, another file, another key.
    let other = digits.replace(&digits[..1], if digits.starts_with('0') { "1" } else { "0" });
    let refused = run(&["anchor", "check", &at("day-1"), "--sha256", &other, "--key", key]);
    assert!(refused.status.code() == Some(1) && text(&refused).contains("anchor.differs"), "{refused:?}");
    std::fs::write(at("changed"), std::fs::read_to_string(at("day-1")).unwrap().replacen("office", "Office", 1)).unwrap();
    let refused = run(&["anchor", "check", &at("changed"), "--sha256", digits, "--key", key]);
    assert!(refused.status.code() == Some(1) && text(&refused).contains("anchor.differs"), "{refused:?}");
    let words = run(&["anchor", "check", &at("day-1"), "--sha256", "abcd", "--key", key]);
    assert_eq!(words.status.code(), Some(2), "{words:?}");

    // Everything begun anew, by somebody who has the signer's key as well: each signature fits, and the register does not.
    std::fs::remove_file(&database).unwrap();
    std::fs::remove_dir_all(&shown).unwrap();
    std::fs::write(at("signer/state.json"), r#"{"v":1,"turn":0,"logs":{}}"#).unwrap();
    assert!(Program::serve(&database, &["--demo"]).terminate().unwrap().0.success());
    let served = Program::serve(&database, &["--demo", "--sign", &folder]);
    bundle(&at("forged.zip"), &served.address);
    assert!(served.terminate().unwrap().0.success());
    std::fs::write(at("key-only"), format!("key {key}\n")).unwrap();
    assert!(run(&["verify", &at("forged.zip"), "--policy", &at("key-only")]).status.success(), "by its key alone it is in order");
    let found = run(&["verify", &at("forged.zip"), "--policy", &at("policy")]);
    assert!(found.status.code() == Some(1) && text(&found).contains("seen.differs"), "{found:?}");
}
