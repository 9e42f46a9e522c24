//! The shipped norms: that they have the form of their schema, name their source, claim no more than it, and say what it says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use jiff::civil::Date;
use serde_json::Value;

use crate::model::norm::Within::{Days, Hours, Immediately, Months, WorkingDays};
use crate::model::norm::{Direction, Document, Edition, Within, norm_schema};

fn definitions(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../definitions").join(path)
}

/// The shipped norms by their file's name.
fn shipped() -> BTreeMap<String, Value> {
    let mut norms = BTreeMap::new();
    for entry in fs::read_dir(definitions("norms")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        norms.insert(name, serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap());
    }
    norms
}

fn documents() -> BTreeMap<String, Document> {
    shipped().into_iter().map(|(name, value)| (name, serde_json::from_value(value).unwrap())).collect()
}

fn from(edition: &Edition) -> Date {
    edition.from.as_ref().map_or(Date::MIN, |day| day.parse().unwrap())
}

fn to(edition: &Edition) -> Date {
    edition.to.as_ref().map_or(Date::MAX, |day| day.parse().unwrap())
}

/// `UPDATE=1` writes it anew.
#[test]
fn the_shipped_schema_is_the_generated_one() {
    let path = definitions("schema/norm.schema.json");
    let generated = format!("{}\n", serde_json::to_string_pretty(&norm_schema()).unwrap());
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &generated).unwrap();
    }
    let shipped = fs::read_to_string(&path).unwrap_or_default();
    assert!(shipped == generated, "{} is not what the types generate; run the test with UPDATE=1", path.display());
}

#[test]
fn shipped_norms_have_the_form_of_their_schema() {
    let schema = jsonschema::draft202012::new(&norm_schema()).unwrap();
    for (name, value) in shipped() {
        let errors: Vec<String> = schema.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
        let document: Document = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(document.id, name, "a norm lies in the file of its name");
        // What is read is what was written: nothing is passed over. What may be left out is not compared where it is.
        let written = serde_json::to_value(&document).unwrap();
        assert!(contains(&written, &value), "{name}");
    }
}

/// Whether all that `part` says is said by `whole`.
fn contains(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(key, value)| whole.get(key).is_some_and(|other| contains(other, value)))
        }
        (Value::Array(whole), Value::Array(part)) => {
            whole.len() == part.len() && whole.iter().zip(part).all(|(whole, part)| contains(whole, part))
        }
        _ => whole == part,
    }
}

#[test]
fn the_schema_refuses_what_it_does_not_know() {
    let schema = jsonschema::draft202012::new(&norm_schema()).unwrap();
    let text = fs::read_to_string(definitions("norms/cbic.refund.json")).unwrap();
    for path in ["", "/owner", "/clock", "/clock/suspend/0", "/attributes/kind", "/editions/0", "/editions/0/limits/0", "/breach"]
    {
        let mut value: Value = serde_json::from_str(&text).unwrap();
        value.pointer_mut(path).unwrap()["x-note"] = "anything".into();
        assert!(schema.is_valid(&value), "{path}");
        value.pointer_mut(path).unwrap()["surprise"] = true.into();
        assert!(!schema.is_valid(&value), "{path}");
    }
    for (path, wrong) in [
        ("/editions/0/limits/0/within", serde_json::json!({ "days": 0 })),
        ("/editions/0/limits/0/within", serde_json::json!({ "days": 3, "hours": 4 })),
        ("/editions/0/limits/0/within", serde_json::json!({ "immediately": false })),
        ("/editions/0/to", "30 November 2008".into()),
        ("/editions/0/source", serde_json::json!([])),
        ("/id", "Not an id".into()),
    ] {
        let mut value: Value = serde_json::from_str(&text).unwrap();
        *value.pointer_mut(path).unwrap() = wrong;
        assert!(!schema.is_valid(&value), "{path}");
    }
}

/// Nobody has compared any of them with the original of its source: none may claim it.
#[test]
fn every_value_names_its_source_and_claims_no_more() {
    for (name, document) in documents() {
        assert!(document.help.is_some(), "{name}");
        for edition in &document.editions {
            assert!(edition.source.iter().all(|source| !source.is_empty()) && !edition.source.is_empty(), "{name}");
            assert!(!edition.verified, "{name}: nobody has compared it with its source");
        }
        for penalty in document.breach.iter().flat_map(|breach| &breach.penalties) {
            assert!(!penalty.source.is_empty() && !penalty.verified, "{name}");
        }
    }
}

#[test]
fn editions_follow_one_another() {
    for (name, document) in documents() {
        for edition in &document.editions {
            assert!(from(edition) <= to(edition), "{name}");
        }
        for pair in document.editions.windows(2) {
            assert!(to(&pair[0]) < from(&pair[1]), "{name}: {} and {}", to(&pair[0]), from(&pair[1]));
        }
    }
}

/// Every text in both languages; every name that is used is declared; every limit can be reached.
#[test]
fn names_are_declared() {
    fn texts(name: &str, value: &Value) {
        match value {
            Value::Object(map) => {
                assert_eq!(map.contains_key("en"), map.contains_key("hi"), "{name}: {value}");
                map.values().for_each(|value| texts(name, value));
            }
            Value::Array(list) => list.iter().for_each(|value| texts(name, value)),
            _ => {}
        }
    }
    let office: Value = serde_json::from_str(&fs::read_to_string(definitions("office.json")).unwrap()).unwrap();
    let posts = office["posts"].as_array().unwrap();
    let names = |post: &Value| -> Vec<String> { serde_json::from_value(post["roles"].clone()).unwrap() };
    let roles: BTreeSet<String> = posts.iter().flat_map(names).collect();
    for (name, value) in shipped() {
        texts(&name, &value);
        let document: Document = serde_json::from_value(value).unwrap();
        assert!(posts.iter().any(|post| post["id"] == document.owner.post.as_str()), "{name}: {:?}", document.owner);
        for rung in document.breach.iter().flat_map(|breach| &breach.escalate) {
            assert!(roles.contains(&rung.role), "{name}: {}", rung.role);
        }
        for edition in &document.editions {
            for (position, limit) in edition.limits.iter().enumerate() {
                for (attribute, wanted) in &limit.when {
                    assert!(document.attributes[attribute].values.contains_key(wanted), "{name}: {attribute} {wanted}");
                }
                let found =
                    edition.limits.iter().position(|other| other.when.iter().all(|pair| limit.when.iter().any(|p| p == pair)));
                assert_eq!(found, Some(position), "{name}: a limit before it takes its cases");
            }
        }
    }
}

/// A service, a day, its case's attributes as `name=value`, and what is promised.
type Row = (&'static str, &'static str, &'static [&'static str], Within);

/// A day of each of the four charters (domain facts §2).
const A: &str = "2008-11-30";
const B: &str = "2008-12-01";
const C: &str = "2019-12-20";
const D: &str = "2024-12-11";
/// Today, for what has one edition or whose last one is meant.
const NOW: &str = "2026-01-15";

/// The charters: domain facts §2, row by row.
const CHARTERS: &[Row] = &[
    ("cbic.acknowledge", A, &["mode=written"], Days(7)),
    ("cbic.acknowledge", B, &["mode=written"], WorkingDays(7)),
    ("cbic.acknowledge", C, &["mode=written"], Days(3)),
    ("cbic.acknowledge", D, &["mode=written"], Days(3)),
    ("cbic.acknowledge", C, &["mode=electronic"], Immediately(true)),
    ("cbic.acknowledge", D, &["mode=electronic"], Immediately(true)),
    ("cbic.decision", A, &[], WorkingDays(15)),
    ("cbic.dispute", A, &[], WorkingDays(10)),
    ("cbic.decision", B, &[], WorkingDays(15)),
    ("cbic.decision", C, &[], Days(15)),
    ("cbic.decision", D, &[], Days(15)),
    ("cbic.refund", A, &["kind=customs"], WorkingDays(30)),
    ("cbic.refund", B, &["kind=customs"], Months(3)),
    ("cbic.refund", C, &["kind=customs"], Days(90)),
    ("cbic.refund", C, &["kind=gst"], Days(60)),
    ("cbic.refund", C, &["kind=excise"], Months(3)),
    ("cbic.refund", D, &["kind=customs"], Days(90)),
    ("cbic.refund", D, &["kind=gst"], Days(60)),
    ("cbic.refund", D, &["kind=excise"], Months(3)),
    ("cbic.drawback", A, &["mode=electronic"], Hours(48)),
    ("cbic.drawback", B, &["mode=electronic"], WorkingDays(7)),
    ("cbic.drawback", C, &["mode=electronic"], Days(7)),
    ("cbic.drawback", D, &["mode=electronic"], Days(3)),
    ("cbic.drawback", A, &["mode=manual"], Days(15)),
    ("cbic.drawback", B, &["mode=manual"], WorkingDays(7)),
    ("cbic.drawback", C, &["mode=manual"], Days(15)),
    ("cbic.drawback", D, &["mode=manual"], Days(15)),
    ("cbic.brand-rate", C, &[], Days(30)),
    ("cbic.brand-rate", D, &[], Days(30)),
    ("cbic.export-release", A, &["mode=electronic"], Hours(8)),
    ("cbic.export-release", A, &["mode=manual"], Hours(24)),
    ("cbic.export-release", B, &["mode=manual", "place=sea"], Hours(24)),
    ("cbic.export-release", C, &["mode=electronic", "place=sea"], Hours(48)),
    ("cbic.export-release", C, &["place=air"], Hours(24)),
    ("cbic.export-release", C, &["place=icd"], Hours(24)),
    ("cbic.export-release", C, &["place=lcs"], Hours(24)),
    ("cbic.export-release", D, &["place=sea"], Hours(24)),
    ("cbic.export-release", D, &["place=air"], Hours(12)),
    ("cbic.export-release", D, &["place=icd"], Hours(24)),
    ("cbic.export-release", D, &["place=lcs"], Hours(24)),
    ("cbic.import-release", A, &["mode=electronic"], Hours(24)),
    ("cbic.import-release", A, &["mode=manual"], Hours(72)),
    ("cbic.import-release", B, &["mode=manual", "place=sea"], Hours(48)),
    ("cbic.import-release", C, &["place=sea"], Hours(72)),
    ("cbic.import-release", C, &["place=air"], Hours(48)),
    ("cbic.import-release", C, &["place=icd"], Hours(48)),
    ("cbic.import-release", C, &["place=lcs"], Hours(24)),
    ("cbic.import-release", D, &["place=sea"], Hours(48)),
    ("cbic.import-release", D, &["place=air"], Hours(24)),
    ("cbic.import-release", D, &["place=icd"], Hours(48)),
    ("cbic.import-release", D, &["place=lcs"], Hours(48)),
    ("cbic.registration", A, &["tax=excise"], Hours(48)),
    ("cbic.registration", C, &["tax=gst"], Days(3)),
    ("cbic.registration", D, &["tax=gst", "aadhaar=authenticated"], Days(7)),
    ("cbic.registration", D, &["tax=gst", "aadhaar=not-opted"], Days(30)),
    ("cbic.registration", D, &["tax=gst", "aadhaar=failed"], Days(30)),
    ("cbic.registration", D, &["tax=gst", "aadhaar=physical-verification"], Days(30)),
    ("cbic.registration.amend", C, &[], Days(15)),
    ("cbic.registration.amend", D, &[], Days(15)),
    ("cbic.registration.cancel", C, &[], Days(30)),
    ("cbic.modvat-documents", A, &[], Days(7)),
    ("cbic.audit-notice", A, &[], Days(15)),
    ("cbic.audit-notice", B, &[], Days(15)),
    ("cbic.audit-notice", C, &[], Days(15)),
    ("cbic.audit-conclude", C, &["tax=gst"], Days(90)),
    ("cbic.audit-conclude", C, &["tax=customs"], Days(30)),
    ("cbic.audit-findings", C, &[], Days(30)),
    ("cbic.seized-release", B, &["reading=days"], Days(60)),
    ("cbic.seized-release", "2012-10-30", &["reading=working-days"], WorkingDays(60)),
    ("cbic.seized-release", "2012-10-31", &[], Days(30)),
    ("cbic.seized-release", C, &[], Days(30)),
    ("cbic.factory-examination", A, &[], Hours(8)),
    ("cbic.factory-examination", C, &[], Hours(24)),
    ("cbic.complaint.acknowledge", NOW, &[], Hours(48)),
    ("cbic.complaint.reply", NOW, &[], WorkingDays(30)),
    ("cbic.complaint.reply", NOW, &["reading=days"], Days(30)),
    // §2.1
    ("cgst.refund.scrutiny", NOW, &[], Days(15)),
    ("cgst.refund.provisional", NOW, &[], Days(7)),
    ("cgst.refund.order", NOW, &[], Days(60)),
    ("excise.refund.post-audit", NOW, &[], Months(2)),
];

/// Grievances, the Bill and the States: domain facts §6.1 and §6.3 to §6.5; the notified services by the sources that they name.
const OTHERS: &[Row] = &[
    ("cpgrams.acknowledge", "2006-05-05", &[], Days(3)),
    ("cpgrams.redress", "2006-05-05", &[], Months(2)),
    ("cpgrams.redress", "2019-12-31", &[], Days(60)),
    ("cpgrams.redress", "2020-03-30", &["category=covid"], Days(3)),
    ("cpgrams.redress", "2020-03-30", &["category=other"], Days(60)),
    ("cpgrams.redress", "2021-07-30", &["category=covid"], Days(3)),
    ("cpgrams.redress", "2021-07-30", &[], Days(45)),
    ("cpgrams.redress", "2022-07-27", &["category=covid"], Days(30)),
    ("cpgrams.redress", "2024-08-22", &[], Days(30)),
    ("cpgrams.redress", "2024-08-23", &[], Days(21)),
    ("cpgrams.transfer", NOW, &[], WorkingDays(5)),
    ("cpgrams.dpg.transferred", "2024-09-25", &[], Days(45)),
    ("cpgrams.dpg.transferred", "2024-09-26", &[], Days(21)),
    ("cpgrams.dpg.taken-up", "2024-09-26", &[], Days(30)),
    ("bill-2011.acknowledge", NOW, &[], Days(2)),
    ("bill-2011.redress", NOW, &[], Days(30)),
    ("bill-2011.redress", NOW, &["reading=working-days"], WorkingDays(30)),
    ("haryana.rts.record-copy", NOW, &["copy=centre"], Days(1)),
    ("haryana.rts.record-copy", NOW, &["copy=village-under-5"], Days(2)),
    ("haryana.rts.record-copy", NOW, &["copy=village-5-to-14"], Days(3)),
    ("haryana.rts.record-copy", NOW, &["copy=village-15-or-more"], Days(7)),
    ("haryana.rts.power-connection", NOW, &["area=metropolitan"], Days(3)),
    ("haryana.rts.power-connection", NOW, &["area=municipal"], Days(7)),
    ("haryana.rts.power-connection", NOW, &["area=rural"], Days(15)),
    ("haryana.rts.first-appeal", NOW, &[], WorkingDays(30)),
    ("haryana.rts.second-appeal", NOW, &[], WorkingDays(30)),
    ("sakala.birth-death-certificate", NOW, &["data=electronic"], WorkingDays(3)),
    ("sakala.birth-death-certificate", NOW, &["data=other"], WorkingDays(7)),
    ("sakala.first-appeal", NOW, &[], Days(30)),
    ("sakala.second-appeal", NOW, &[], Days(60)),
    ("bihar.rtps.certificate", NOW, &[], WorkingDays(10)),
    ("bihar.rtps.first-appeal", NOW, &[], Days(30)),
    ("bihar.grievance.first-appeal", NOW, &[], Days(30)),
    ("mp.psg.kisan-registration", NOW, &[], WorkingDays(15)),
    ("mp.psg.first-appeal", NOW, &[], Days(30)),
];

/// The positions of edition and limit that hold for a case.
fn find(document: &Document, day: &str, attributes: &[&str]) -> Option<(usize, usize)> {
    let day: Date = day.parse().unwrap();
    let edition = document.editions.iter().position(|edition| from(edition) <= day && day <= to(edition))?;
    let holds = |(name, value): (&String, &String)| attributes.contains(&format!("{name}={value}").as_str());
    let limit = document.editions[edition].limits.iter().position(|limit| limit.when.iter().all(holds))?;
    Some((edition, limit))
}

/// The values are those of the tables, and there are no others.
#[test]
fn values_are_those_of_the_sources() {
    let documents = documents();
    let mut unseen: BTreeSet<(&str, usize, usize)> = BTreeSet::new();
    for (name, document) in &documents {
        for (edition, promised) in document.editions.iter().enumerate() {
            unseen.extend((0..promised.limits.len()).map(|limit| (name.as_str(), edition, limit)));
        }
    }
    for (name, day, attributes, within) in CHARTERS.iter().chain(OTHERS) {
        let document = documents.get(*name).unwrap_or_else(|| panic!("{name} is not shipped"));
        let (edition, limit) =
            find(document, day, attributes).unwrap_or_else(|| panic!("{name} of {day}, {attributes:?}: nothing"));
        assert_eq!(document.editions[edition].limits[limit].within, *within, "{name} of {day}, {attributes:?}");
        unseen.remove(&(*name, edition, limit));
    }
    assert!(unseen.is_empty(), "in no table: {unseen:?}");
}

/// An edition holds to the day before the next, but where nothing was found for the time between.
#[test]
fn gaps_are_the_known_ones() {
    let mut found: Vec<String> = Vec::new();
    for (name, document) in documents() {
        for pair in document.editions.windows(2) {
            let (end, next) = (to(&pair[0]), from(&pair[1]));
            if end.tomorrow().unwrap() != next {
                found.push(format!("{name}: {end} to {next}"));
            }
        }
    }
    let gap = "2008-11-30 to 2019-12-20";
    assert_eq!(found, [format!("cbic.factory-examination: {gap}"), format!("cbic.registration: {gap}")]);
}

/// What was not found, or was not promised, is not there.
#[test]
fn what_is_not_known_is_not_shipped() {
    let documents = documents();
    let check =
        |name: &str, day: &str, attributes: &[&str]| assert_eq!(find(&documents[name], day, attributes), None, "{name} {day}");
    check("cbic.acknowledge", A, &["mode=electronic"]);
    check("cbic.acknowledge", B, &["mode=electronic"]);
    for day in [B, C, D] {
        check("cbic.dispute", day, &[]);
        check("cbic.modvat-documents", day, &[]);
    }
    for day in [A, B] {
        for name in ["cbic.brand-rate", "cbic.registration.amend", "cbic.registration.cancel", "cbic.audit-findings"] {
            check(name, day, &[]);
        }
        check("cbic.audit-conclude", day, &["tax=gst"]);
    }
    check("cbic.registration", B, &["tax=excise"]);
    check("cbic.registration", D, &["tax=excise"]);
    check("cbic.factory-examination", B, &[]);
    check("cbic.seized-release", A, &["reading=days"]);
    check("cpgrams.redress", "2006-05-04", &[]);
    check("haryana.rts.first-appeal", "2021-08-31", &[]);
    for absent in ["cbic.self-sealing", "cpgrams.appeal", "haryana.rts.commission"] {
        assert!(!documents.contains_key(absent), "{absent}");
    }
}

/// What a delay may cost: per day, from, to, at most.
#[test]
fn penalties_are_those_of_the_sources() {
    let mut found: Vec<String> = Vec::new();
    for (name, document) in documents() {
        for penalty in document.breach.iter().flat_map(|breach| &breach.penalties) {
            let amount = |amount: &Option<String>| amount.clone().unwrap_or_else(|| "-".to_owned());
            let [per_day, from, to, cap] = [&penalty.per_day, &penalty.lump_from, &penalty.lump_to, &penalty.cap].map(amount);
            found.push(format!("{name} {:?} {per_day} {from} {to} {cap}", penalty.payee));
        }
    }
    assert_eq!(
        found,
        [
            "bihar.rtps.certificate State 250 500 5000 5000",
            "bill-2011.redress State - - 50000 -",
            "haryana.rts.power-connection State - - 20000 -",
            "haryana.rts.power-connection Applicant - - 5000 -",
            "haryana.rts.record-copy State - - 20000 -",
            "haryana.rts.record-copy Applicant - - 5000 -",
            "mp.psg.kisan-registration Applicant 250 - - 5000",
            "sakala.birth-death-certificate Applicant 20 - - 500",
        ]
    );
}

/// Only Haryana's appeals come by themselves, and go on by themselves to the next authority; only the notice of an audit counts backward.
#[test]
fn appeals_by_themselves_and_notice_before() {
    for (name, document) in documents() {
        let (haryana, appeal) = (name.starts_with("haryana.rts."), name.ends_with("-appeal"));
        let breach = document.breach.unwrap_or_default();
        assert_eq!(!breach.start.is_empty(), haryana && !appeal, "{name}");
        assert_eq!(breach.deem.is_some(), haryana && appeal, "{name}");
        assert_eq!(document.direction == Direction::Backward, name == "cbic.audit-notice", "{name}");
    }
}
