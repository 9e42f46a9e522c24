//! `certificate`: filled in with what a bundle proves, with whatever speaks against the machine, and refused of a bundle that does not verify.

use std::path::Path;

use engine::audit::{Fault, Step, Working, working};
use engine::digest::Hash;
use engine::evidence::bundle::{Bundle, pack, unseal, verify};
use engine::evidence::{Checkpoint, Key};
use engine::journal::{Actor, Command};
use engine::model::document::DocumentKind;
use engine::model::{CommandId, Values};
use engine::runtime::bundle::gather;
use engine::store::Store;
use engine::store::memory::MemoryStore;
use serde_json::json;
use tests::bundle::{bundle, everything, policy, secret, signed};
use tests::program::run;
use tests::world::World;

use super::bundle::{of_cases, world};
use super::office;

/// An expression that fails, and a job that somebody else does; each begins with a value that is personal.
const FRAIL: &str = r#"{
    "id": "frail", "title": { "en": "Frail" }, "owner": { "post": "post-a" },
    "data": { "n": { "type": "integer" }, "applicant": { "title": { "en": "Applicant" }, "type": "string", "personal": true } },
    "steps": [
        { "id": "begin", "type": "startEvent", "form": "f", "next": "which" },
        { "id": "which", "type": "exclusiveGateway", "next": [{ "to": "divide", "when": "n > 0" }, { "to": "job" }] },
        { "id": "divide", "type": "expressionTask", "set": { "n": "n / 0" }, "next": "end" },
        { "id": "job", "type": "serviceTask", "topic": "t", "retries": 3, "next": "end" },
        { "id": "end", "type": "endEvent" }
    ],
    "forms": { "f": { "schema": { "type": "object", "properties": { "n": {}, "applicant": {} } } } }
}"#;
/// What was missed is not made up for; and the process that would tell somebody is not deployed.
const MISSING: &str = r#"{
    "id": "nightly", "title": { "en": "Nightly" }, "owner": { "post": "post-a" }, "zone": "Asia/Kolkata", "starts": { "process": "short" },
    "when": { "cron": "0 2 * * *" }, "policies": { "missed": "none" }
}"#;

/// An office in which everything went wrong that can; and the two cases.
async fn frail() -> (World<MemoryStore>, [CommandId; 2]) {
    let (world, _) = world(2).await;
    world.deploy(FRAIL).await.expect("it is deployed");
    let start = async |n: u64| {
        let data = Values::from([("n".into(), json!(n)), ("applicant".into(), json!("Applicant Frail"))]);
        let start = Command::StartInstance { process: "frail".into(), definition: None, number: None, data };
        world.submit("asha", start).await.expect("it starts").instance().expect("a case")
    };
    let (held, jobbed) = (start(1).await, start(0).await);
    let incident = *world.case(held).await.incidents.keys().next().expect("it is held");
    world.submit("asha", Command::RetryIncident { instance: held, incident }).await.expect("and held again");
    let topics = ["t".to_owned()];
    let locked = world.engine.lock_jobs(&world.unit, &Actor::System, "k", "w", &topics, 60, 1).await.expect("it answers");
    let (job, worker, message) = (locked[0].id, "w".into(), "told Applicant Frail".into());
    let failed = Command::FailJob { job, worker, message, retries: None, backoff_seconds: 30 };
    world.submit("system", failed).await.expect("it is told");
    let now = world.engine.now();
    let step = Command::NoteStep { before: now, after: now.plus_seconds(-3_600), at_start: false };
    world.submit_site("system", step).await.expect("it is noted");
    world.deploy_document("asha", DocumentKind::Schedule, MISSING).await.unwrap_or_else(|refusal| panic!("{refusal:#?}"));
    world.clock.move_to(now.plus_seconds(3 * 86_400));
    world.engine.settle().await.expect("what is due is told as missed");
    (world, [held, jobbed])
}

fn found(archive: &[u8]) -> Working {
    working(&Bundle::read(archive).expect("a bundle"))
}

fn faults(working: &Working) -> Vec<&Fault> {
    working.signs.iter().map(|sign| &sign.fault).collect()
}

#[tokio::test]
async fn whatever_speaks_against_the_machine_is_found_in_the_entries() {
    let (world, [held, jobbed]) = frail().await;
    let working = found(&bundle(&world, &everything(&office())).await);
    let faults = faults(&working);
    let [Fault::ClockStepped(Some(Step { before, after, at_start: false })), Fault::Missed { schedule, count: 3, .. }, rest @ ..] =
        &faults[..]
    else {
        panic!("the site's come first: {faults:?}")
    };
    assert_eq!((before.0 - after.0, schedule.as_str()), (3_600_000_000, "nightly"));
    let [
        Fault::Incident { case: first, code: Some(code), resolved: Some(retried) },
        Fault::Incident { case: second, resolved: None, .. },
        Fault::JobFailed { case: job },
        Fault::CaseRefused { process, code: unknown },
    ] = rest
    else {
        panic!("{rest:?}")
    };
    assert_eq!((first, second, job), (&Some(held), &Some(held), &Some(jobbed)));
    assert_eq!(
        (code.as_str(), process.as_str(), unknown.as_str()),
        ("expression.division-by-zero", "sqm.missed-run", "definition.unknown")
    );
    let again =
        working.signs.iter().find(|sign| matches!(sign.fault, Fault::Incident { resolved: None, .. })).expect("the second");
    assert_eq!(again.index, *retried, "it was raised anew where it was tried again");
    let unit = working.logs.iter().find(|log| log.log.ends_with("/unit/office/1")).expect("the unit's log");
    assert_eq!((unit.epoch, unit.leaves.len(), unit.hidden), (1, 0, 0), "all of it is shown");
}

#[tokio::test]
async fn what_could_not_be_looked_at_is_told() {
    let (world, [_, jobbed]) = frail().await;
    let size = world.engine.store().head(&office()).await.unwrap().expect("a head").size;
    let archive = bundle(&world, &of_cases(&[jobbed])).await;
    let working = found(&archive);
    let faults = faults(&working);
    assert_eq!(faults.iter().filter(|fault| matches!(fault, Fault::JobFailed { .. })).count(), 1);
    assert!(!faults.iter().any(|fault| matches!(fault, Fault::Incident { .. } | Fault::CaseRefused { .. })), "{faults:?}");
    let unit = working.logs.iter().find(|log| log.log.ends_with("/unit/office/1")).expect("the unit's log");
    assert_eq!(unit.whole + unit.hidden, size);
    assert_eq!(unit.gaps.iter().map(|(from, to)| to - from + 1).sum::<u64>(), unit.hidden);
    assert!(unit.gaps.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0), "runs are whole: {:?}", unit.gaps);
    // By its leaf alone a retry still shows.
    let wish = engine::runtime::bundle::Wish { leaves: true, ..of_cases(&[jobbed]) };
    let retried = |fault: &&Fault| matches!(fault, Fault::Incident { code: None, .. });
    assert_eq!(self::faults(&found(&bundle(&world, &wish).await)).into_iter().filter(retried).count(), 1);
}

struct Paper {
    place: tempfile::TempDir,
}

impl Paper {
    /// A bundle, and a policy with this key.
    fn new(archive: &[u8], key: &Key) -> Self {
        let place = tempfile::tempdir().unwrap();
        std::fs::write(place.path().join("b.zip"), archive).unwrap();
        std::fs::write(place.path().join("p"), format!("key {key}\n")).unwrap();
        Self { place }
    }

    fn at(&self, name: &str) -> String {
        self.place.path().join(name).to_str().unwrap().to_owned()
    }

    fn ask(&self, more: &[&str]) -> std::process::Output {
        run(&[&["certificate", &self.at("b.zip"), "--policy", &self.at("p")][..], more].concat())
    }

    fn page(&self, more: &[&str]) -> String {
        let made = self.ask(more);
        assert!(made.status.success(), "{made:?}");
        String::from_utf8(made.stdout).unwrap()
    }
}

/// As people read it: without tags.
fn words(page: &str) -> String {
    let body = page.split("<body>").nth(1).expect("a body");
    let text: String =
        body.split('<').map(|part| part.split_once('>').map_or("", |(_, text)| text)).collect::<Vec<_>>().join(" ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_person_gets_a_page_to_sign() {
    let (world, [held, _]) = frail().await;
    let archive = bundle(&world, &everything(&office())).await;
    let paper = Paper::new(&archive, &secret().key());
    let page = paper.page(&[]);
    let said = words(&page);
    let hash = Hash::of(&archive).to_string();
    assert!(said.contains(&format!("of the file produced, a ZIP file of {} bytes: {hash}", archive.len())), "{said}");
    let (_, report) = verify(&archive, &policy());
    assert_eq!(report.logs.len(), 2);
    for log in &report.logs {
        let root = format!("of the log {}, the root of its hash tree (RFC 6962) at {} entries: {}", log.name, log.size, log.root);
        assert!(said.contains(&root), "{root}: {said}");
    }
    for (name, content) in unseal(&archive).unwrap() {
        assert!(said.contains(&format!("{name} {}", Hash::of(content))), "{name}");
    }
    for wanted in [
        "I, (Name), Son/daughter/spouse of residing/employed at do hereby solemnly affirm",
        "do not sign it",
        "https://nyayx.com/",
        "PART B (To be filled by the Expert) This part is for the expert. Nothing of it is filled in here",
        "VERIFIED",
        "no: whether there was more cannot be told",
        "No log in this file was begun anew",
        &format!("Case {held}: expression.division-by-zero. Tried again in entry"),
        "The schedule nightly fell due 3 times",
        "A case of the process sqm.missed-run was to be started and could not be: definition.unknown.",
        "The wall clock was set from 01/04/2026 10:02:02 IST to 01/04/2026 09:02:02 IST.",
        "Every entry of this log is shown.",
        "and not what happened: 1, of the kinds delivery.made 1",
    ] {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    // The server and the algorithm; the relation is the person's to say.
    assert_eq!(page.matches("aria-label=\"ticked\"").count(), 2);
    let ticked = |more: &[&str]| paper.page(more).matches("aria-label=\"ticked\"").count();
    assert_eq!(ticked(&["--relation", "maintained", "--relation", "operated"]), 4);
    // It stands alone, names nobody, and is the same each time.
    for stranger in ["<script", "src=", "<link", "url(", "Applicant ", "asha", "Asha"] {
        assert!(!page.contains(stranger), "{stranger}");
    }
    assert_eq!(page, paper.page(&[]));
    assert!(paper.ask(&["--out", &paper.at("c.html")]).status.success());
    assert_eq!(std::fs::read_to_string(paper.at("c.html")).unwrap(), page);
    // In Hindi the law stays as the law has it.
    let hindi = paper.page(&["--language", "hi"]);
    assert!(hindi.contains("<html lang=\"hi\">") && hindi.contains("<section class=\"form\" lang=\"en\""), "{hindi}");
    assert!(words(&hindi).contains("अनुलग्नक 2: क्या मशीन ठीक से काम कर रही थी?") && words(&hindi).contains("I, (Name)"));
}

#[tokio::test]
async fn nothing_wrong_is_said_plainly_and_a_restore_is_not_hidden() {
    let (world, cases) = world(2).await;
    let wish = of_cases(&cases[..1]);
    let mut signed = signed(world.engine.store()).await;
    let site = signed.values_mut().find(|signed| signed.path == "site/1").expect("the site's log");
    let checkpoint = Checkpoint::new("office.example/site/2", site.checkpoint.size, site.checkpoint.root);
    (site.path, site.note, site.checkpoint) = ("site/2".into(), checkpoint.sign(&secret()).unwrap(), checkpoint);
    let parts = gather(world.engine.store(), "office.example", "Asia/Kolkata", &wish, &signed).await.unwrap();
    let said = words(&Paper::new(&pack(parts).unwrap(), &secret().key()).page(&[]));
    assert_eq!(said.matches("None is in the entries that this file holds.").count(), 7, "{said}");
    assert!(said.contains("office.example/site/2: a restore from a backup was declared; it has the number 2"), "{said}");
    assert!(said.contains("Entries that are not shown at all:") && said.contains("with the numbers 1, 5–11"), "{said}");
}

#[tokio::test]
async fn a_bundle_that_does_not_verify_gets_none() {
    let (world, _) = world(2).await;
    let archive = bundle(&world, &everything(&office())).await;
    let check = |archive: &[u8], policy: &str, code: i32, expected: &str| {
        let paper = Paper::new(archive, &secret().key());
        std::fs::write(paper.at("p"), policy).unwrap();
        let refused = paper.ask(&["--out", &paper.at("c.html")]);
        let said = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(code), "{refused:?}");
        assert!(said.contains(expected) && refused.stdout.is_empty() && !Path::new(&paper.at("c.html")).exists(), "{refused:?}");
    };
    let key = format!("key {}\n", secret().key());
    let mut changed = archive.clone();
    *changed.last_mut().unwrap() ^= 1;
    check(&changed, &key, 1, "bundle.malformed");
    let seen = format!("{key}seen office.example/unit/office/1 4000 {}\n", "A".repeat(43) + "=");
    check(&archive, &seen, 2, "log.truncated");
    check(&archive, "", 3, "policy.malformed");
}

#[tokio::test]
async fn an_office_may_bring_its_own_form() {
    let (world, _) = world(1).await;
    let paper = Paper::new(&bundle(&world, &everything(&office())).await, &secret().key());
    let shipped = std::fs::read_to_string(tests::top().join("definitions/certificates/bsa-63.json")).unwrap();
    let with = |text: String| {
        std::fs::write(paper.at("form.json"), text).unwrap();
        paper.ask(&["--template", &paper.at("form.json")])
    };
    let verified = with(shipped.replace("\"verified\": false", "\"verified\": true"));
    assert!(verified.status.success() && !String::from_utf8_lossy(&verified.stdout).contains("do not sign it"), "{verified:?}");
    let refused = with(shipped.replace("{hashes}", ""));
    assert!(refused.status.code() == Some(3) && String::from_utf8_lossy(&refused.stderr).contains("certificate.form"));
    for more in [&["--language", "fr"][..], &["--template", "nowhere.json"], &["--out", "/nowhere/c.html"]] {
        assert_eq!(paper.ask(more).status.code(), Some(3), "{more:?}");
    }
}
