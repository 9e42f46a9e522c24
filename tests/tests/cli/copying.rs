//! A backup: taken while the file is served, read through, never written over, and none where the file is damaged.

use std::os::unix::fs::PermissionsExt as _;

use crate::program::{Program, json, run};

#[test]
fn a_backup_is_taken_while_the_office_is_served() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = |name: &str| dir.path().join(name).display().to_string();
    let (database, copy, second) = (file("office.db"), file("copy.db"), file("second.db"));
    let backup = |to: &str| run(&["backup", "--database", &database, "--to", to, "--json"]);
    let program = Program::serve(&database, &["--demo"]);
    let taken = backup(&copy);
    assert!(taken.status.success(), "{taken:?}");
    let told = json(&taken);
    assert_eq!(told["units"].as_array().map(Vec::len), Some(3), "{told}");
    for file in [&database, &copy] {
        let mode = std::fs::metadata(file).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file} is for its owner alone");
    }

    // What is there is not written over; the other refusals leave nothing.
    let before = std::fs::read(&copy).expect("it is there");
    let again = backup(&copy);
    assert_eq!(again.status.code(), Some(1), "{again:?}");
    assert_eq!(std::fs::read(&copy).expect("it is there"), before);
    assert_eq!(backup(&file("no/folder.db")).status.code(), Some(3));
    let postgres = run(&["backup", "--database", "postgres://x/y", "--to", &second]);
    assert_eq!(postgres.status.code(), Some(2), "{postgres:?}");
    assert!(program.terminate().is_some_and(|(status, _)| status.success()));

    // What lies beside it would be taken for its own; and nothing of others is touched, nor left beside the copy.
    std::fs::write(file("second.db-wal"), "another's").expect("it is written");
    assert_eq!(backup(&second).status.code(), Some(1));
    std::fs::remove_file(file("second.db-wal")).expect("it is there still");
    std::fs::write(file("second.db.part"), "another's").expect("it is written");
    let later = json(&backup(&second));
    for (before, after) in told["units"].as_array().expect("logs").iter().zip(later["units"].as_array().expect("logs")) {
        assert!(before["unit"] == after["unit"] && before["entries"].as_u64() <= after["entries"].as_u64(), "{before} {after}");
        assert_eq!(before["root"] == after["root"], before["entries"] == after["entries"], "{before} {after}");
    }
    let mut names: Vec<_> = std::fs::read_dir(&dir).expect("the folder").flatten().map(|entry| entry.file_name()).collect();
    names.retain(|name| !name.to_string_lossy().starts_with("office.db"));
    names.sort();
    assert_eq!(names, ["copy.db", "second.db", "second.db.part"]);
    let rebuilt = run(&["rebuild", "--check", "--database", &copy]);
    assert!(rebuilt.status.success(), "{rebuilt:?}");
}

#[test]
fn of_a_damaged_database_there_is_no_backup() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = |name: &str| dir.path().join(name).display().to_string();
    let (database, copy) = (file("office.db"), file("copy.db"));
    assert!(Program::serve(&database, &["--demo"]).terminate().is_some_and(|(status, _)| status.success()));
    let mut bytes = std::fs::read(&database).expect("the database");
    let leaf = b"\"log\":\"";
    let at = bytes.windows(leaf.len()).position(|part| part == leaf).expect("a leaf");
    bytes[at + leaf.len()] ^= 1;
    std::fs::write(&database, bytes).expect("it is written");
    let refused = run(&["backup", "--database", &database, "--to", &copy]);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("not whole"), "{refused:?}");
    let left: Vec<_> = std::fs::read_dir(&dir).expect("the folder").flatten().map(|entry| entry.file_name()).collect();
    assert!(left.iter().all(|name| name.to_string_lossy().starts_with("office.db")), "{left:?}");
}

#[test]
fn a_stop_does_not_wait_for_the_space_that_is_being_kept_back() {
    let dir = tempfile::tempdir().expect("a directory");
    // So much that it is not there yet when the program is stopped.
    let program = Program::serve(dir.path().join("office.db"), &["--reserve", "8192"]);
    let (status, took) = program.terminate().expect("it stops");
    assert!(status.success() && took < std::time::Duration::from_secs(5), "{status} after {took:?}");
    assert!(!dir.path().join("office.db.reserve").exists(), "half of it is of no use, and takes room");
    assert!(!dir.path().join("office.db-wal").exists(), "it is closed in order");
}
