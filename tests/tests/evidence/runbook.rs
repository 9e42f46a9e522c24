//! The runbook on the signer's key (`docs/keys.md`): its commands, in their order and as they stand, on an office that is served and signed.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::desk::{Desk, blocks};

/// What the page has in the places of this machine.
const DATABASE: &str = "/var/lib/sevottam/office.db";
const SIGNER: &str = "/var/lib/sevottam-signer";
const BACKUP: &str = "/srv/backup/office.db";
const UNIT: &str = "mumbai-3";

#[test]
fn the_runbook_works() {
    let page = std::fs::read_to_string(tests::top().join("docs/keys.md")).unwrap();
    let blocks = blocks(&page);
    let mut headings: Vec<&str> = blocks.iter().map(|(heading, _)| *heading).collect();
    headings.dedup();
    let expected = [
        "",
        "The recovery keys",
        "Two officers sign",
        "Changing the key by plan",
        "The key may be in other hands",
        "The key is lost",
        "The database was put back from a copy",
        "Check and file",
    ];
    assert_eq!(headings, expected);
    // The commands of a part, one block after the other.
    let part = |heading: &str| -> String { blocks.iter().filter(|(of, _)| *of == heading).map(|(_, block)| *block).collect() };
    let set = blocks[0].1;
    assert!([DATABASE, SIGNER, UNIT].iter().all(|place| set.contains(place)), "{set}");
    let (check, officers) = (part("Check and file"), part("Two officers sign"));
    let desk = Desk::new();
    // Before anything happens: a key, an office that is served, the policy on paper, an anchor, a copy.
    desk.done(
        "signer",
        "sevottam sign --init | tail -n 1 | sed 's/^/key /' > policy.txt; systemctl start; sevottam bundle --unit $UNIT --purpose first --out first.zip
         sevottam anchor make --checkpoints \"$SEVOTTAM_SIGNER/log\" --out anchor.txt",
    );
    let verify = |policy: &str, bundle: &str| {
        let output = desk.run("signer", &format!("sevottam verify {bundle} --policy {policy}"));
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    assert_eq!(verify("policy.txt", "first.zip").0, Some(0));
    let filed = |signer: &str| {
        let told = desk.done(signer, &check);
        assert!(told.contains("\nVERIFIED\n"), "{told}");
        told
    };
    // Somebody works, so that the logs grow.
    let work = |signer: &str| desk.done(signer, "sevottam bundle --unit $UNIT --purpose work --out work.zip; rm work.zip");

    // A bundle that is made once the site log has taken in what the signer said of its key: until then it is incomplete.
    let relied_on = |signer: &str, bundle: &str| {
        desk.done(
            signer,
            &format!(
                "tries=0; until sevottam bundle --unit $UNIT --purpose more --out {bundle}; sevottam verify {bundle} --policy policy.txt > told.txt
                 do [ $? = 2 ]; tries=$((tries + 1)); [ $tries -lt 600 ]; sleep 0.2; done"
            ),
        );
        desk.read("told.txt")
    };

    // Three officers have keys, each their own, and the policy names them.
    desk.done("signer", &part("The recovery keys"));
    filed("signer");
    assert_eq!(desk.read("policy.txt").matches("\nrecovery recovery-").count(), 3);
    assert!(desk.read("policy.txt").contains("\nrecovery-quorum 2\n"));
    for number in 1..4 {
        let mode = std::fs::metadata(desk.at(&format!("recovery-{number}.key"))).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // Nobody but two officers makes an epoch count; they see what they sign.
    let state = |signer: &str, code: &str, why: &str| {
        let unsigned = "sevottam bundle --unit $UNIT --purpose unsigned --out unsigned.zip; sevottam verify unsigned.zip --policy policy-new.txt";
        let refused = desk.run(signer, unsigned);
        let told = String::from_utf8_lossy(&refused.stdout).into_owned();
        assert!(refused.status.code() == Some(2) && told.contains(code), "{told}");
        let told = desk.done(signer, &format!("rm unsigned.zip; {officers}"));
        assert!(told.contains(why) && told.contains("signed by 2 recovery officers"), "{told}");
    };

    // By plan.
    let old_folder = desk.at("old");
    desk.done(
        "signer",
        &format!("systemctl stop; cp -r \"$SEVOTTAM_SIGNER\" {old_folder}; cp policy.txt policy-1.txt; systemctl start"),
    );
    desk.done("signer", &part("Changing the key by plan"));
    filed("signer");
    work("signer");
    // The old key is in no file of the folder, signs nothing that is believed, and is told so.
    let secret = std::fs::read_to_string(Path::new(&old_folder).join("key")).unwrap();
    assert_ne!(std::fs::read_to_string(desk.at("signer/key")).unwrap(), secret);
    let by_one = "until [ \"$(grep -c '^\u{2014} ' \"$SEVOTTAM_SIGNER/log/unit/$UNIT/1/checkpoint\")\" = 1 ]; do sleep 0.1; done";
    desk.done("signer", by_one);
    relied_on("signer", "more.zip");
    let (code, told) = verify("policy-1.txt", "more.zip");
    assert!(code == Some(1) && told.contains("(note.no-key)"), "the paper from before knows nothing of the new key: {told}");

    // In other hands.
    desk.done("signer", &part("The key may be in other hands"));
    state("signer", "(recovery.missing)", "\nnew key\n");
    filed("signer");
    assert!(desk.read("policy.txt").contains("lost office.example/site/1 "), "{}", desk.read("policy.txt"));
    let told = relied_on("signer", "third.zip");
    assert!(told.contains("office.example/unit/demo-commissionerate/2: "), "{told}");

    // Lost: the folder is gone.
    desk.done("signer", "systemctl stop; mv \"$SEVOTTAM_SIGNER\" gone; systemctl stop");
    desk.done("signer", &part("The key is lost"));
    state("signer-2", "(recovery.other-epoch)", "order 10/2027");
    filed("signer-2");
    let told = relied_on("signer-2", "fourth.zip");
    assert!(told.contains("office.example/unit/demo-commissionerate/3: "), "{told}");

    // Put back from a copy, after work was done that the copy does not have.
    desk.done("signer-2", "sevottam backup --to copy.db --database \"$SEVOTTAM_DATABASE\"");
    work("signer-2");
    work("signer-2");
    desk.done("signer-2", "systemctl stop; sevottam sign --once");
    let page_restore = part("The database was put back from a copy");
    let restore = page_restore.replace(BACKUP, &desk.at("copy.db"));
    assert_ne!(restore, page_restore);
    desk.done("signer-2", &restore);
    state("signer-2", "(recovery.other-epoch)", "\nrestore\n");
    let told = filed("signer-2");
    assert!(told.contains("LOST: 2 of the ") && told.contains("office.example/unit/demo-commissionerate/4: "), "{told}");
    // What is printed of two histories stands beside the page too.
    assert!(page.contains("sevottam fork make ONE OTHER --key VKEY --out log.fork"));
}
