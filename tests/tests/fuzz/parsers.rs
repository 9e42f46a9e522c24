//! What reads texts and bytes from outside: JSON, leaves, notes, lines of bundles, time stamps, durations, lists of holidays.

use engine::calendar::exchange::{from_csv, from_ical, to_csv, to_ical};
use engine::digest::{Hash, JsonLimits, canonical, parse_strict};
use engine::evidence::bundle::{Line, Policy, unseal};
use engine::evidence::{
    Anchor, Checkpoint, Key, NONCE_BYTES, Note, PrivateKey, Stamp, StampRequest, Submission, Tile, WitnessKey, change,
};
use engine::graph::Library;
use engine::journal::{Command, Sealed, codec};
use engine::model::calendar::Holiday;
use engine::model::document::DocumentKind;
use engine::model::{Language, Time, time};
use engine::schedule::Interval;
use engine::store::Store;
use engine::store::memory::MemoryStore;
use serde_json::{Value, json};
use tests::bundle::{bundle, everything, secret};
use tests::world::{Random, World, small_office};

use super::{fuzz, input, rounds, within};

fn texts(examples: &[&str]) -> Vec<Vec<u8>> {
    examples.iter().map(|example| example.as_bytes().to_vec()).collect()
}

#[test]
fn json_is_read_as_it_is_written() {
    let examples = texts(&[
        r#"{"a":[1,2,{"b":null}],"c":"x\u00e9\n","d":-9007199254740991,"":true}"#,
        r#"[[],{},"",0,false,"\ud83d\ude00"]"#,
        "{\"name\":\"नाम\",\"list\":[\"a\",\"b\"]}",
    ]);
    for fractions in [false, true] {
        let limits = JsonLimits { max_bytes: 64 * 1024, max_depth: 32, fractions };
        fuzz(rounds(), &examples, |bytes| {
            let Ok(value) = parse_strict(bytes, &limits) else { return };
            assert_eq!(serde_json::from_slice::<Value>(bytes).unwrap(), value, "another reader reads the same");
            if !fractions {
                let text = canonical(&value);
                assert_eq!(parse_strict(text.as_bytes(), &limits).unwrap(), value);
                assert_eq!(canonical(&parse_strict(text.as_bytes(), &limits).unwrap()), text);
            }
        });
    }
}

/// A small office with a case that has personal values.
async fn world() -> World<MemoryStore> {
    let world = World::new(MemoryStore::default(), &small_office(), "office").await;
    let document = json!({
        "id": "p", "title": { "en": "P" }, "owner": { "post": "post-a" }, "data": { "who": { "type": "string", "personal": true } },
        "forms": { "f": { "schema": { "type": "object", "properties": { "who": {} } } } },
        "steps": [{ "id": "begin", "type": "startEvent", "form": "f", "next": "end" }, { "id": "end", "type": "endEvent" }]
    });
    world.deploy(&document.to_string()).await.unwrap();
    let data = [("who".to_owned(), json!("Asha"))].into();
    world.submit("asha", Command::StartInstance { process: "p".into(), definition: None, number: None, data }).await.unwrap();
    world
}

/// All entries of it.
async fn entries() -> Vec<Sealed> {
    let (world, mut all) = (world().await, Vec::new());
    for unit in world.engine.store().units().await.unwrap() {
        all.extend(world.engine.store().entries(&unit, 0, 100).await.unwrap());
    }
    all
}

#[tokio::test]
async fn no_leaf_and_no_value_beside_it_is_taken_for_another() {
    let entries = entries().await;
    let leaves: Vec<Vec<u8>> = entries.iter().map(|entry| entry.leaf.clone().into_bytes()).collect();
    let bodies: Vec<Vec<u8>> = entries
        .iter()
        .flat_map(|entry| &entry.payloads)
        .filter_map(|payload| payload.body.clone().map(String::into_bytes))
        .collect();
    for entry in &entries {
        codec::check_commitments(entry).unwrap();
        codec::open(entry).unwrap();
    }
    for seed in 0..rounds() {
        let mut random = Random(seed);
        let mut entry = random.pick(&entries).unwrap().clone();
        let of_leaf = random.once_in(2);
        let changed = String::from_utf8_lossy(&input(&mut random, if of_leaf { &leaves } else { &bodies })).into_owned();
        let mut value = None;
        if of_leaf {
            entry.leaf = changed;
        } else {
            let at = random.below(entry.payloads.len());
            value = entry.payloads[at].body.replace(changed);
        }
        within(
            seed,
            || format!("{entry:?}"),
            || {
                let (read, opened) = (codec::read_leaf(entry.index, &entry.leaf), codec::open(&entry));
                if let Some(value) = &value
                    && !entry.payloads.iter().any(|payload| payload.body.as_ref() == Some(value))
                {
                    assert!(codec::check_commitments(&entry).is_err(), "another value for the same leaf");
                }
                let _ = (read.is_ok(), opened.is_ok());
            },
        );
    }
}

#[tokio::test]
async fn nothing_about_evidence_panics() {
    let key: Key = secret().key();
    let note = Checkpoint::new("office.example/site/1", 7, Hash::of(b"root")).sign(&secret()).unwrap();
    let witness = engine::evidence::PrivateWitnessKey::new("witness.example", &[9; 32]).unwrap();
    let cosignature = witness.cosign(&note.text, Time(1_795_320_000_000_000));
    let anchor = Anchor::new([note.clone()], std::slice::from_ref(&key)).unwrap();
    let now = Time(1_795_320_000_000_000);
    // Each reader has examples of its own, lest most of what it is given be something else; and it must take one as it is.
    let own = |examples: &[&str], read: &dyn Fn(&[u8], &str) -> bool| {
        assert!(examples.iter().any(|example| read(example.as_bytes(), example)), "{examples:?}");
        fuzz(rounds(), &texts(examples), |bytes| {
            let _ = read(bytes, &String::from_utf8_lossy(bytes));
        });
    };
    own(&[&note.to_string(), &cosignature.to_string()], &|bytes, text| {
        let _ = (Checkpoint::read(text).is_ok(), witness.key().accept(&note, bytes, now).is_ok());
        Note::read(bytes).is_ok_and(|read| {
            assert_eq!(Note::read(read.to_string().as_bytes()).unwrap(), read);
            let _ = witness.key().time(&read).is_ok();
            Checkpoint::open(&read, &key.named("office.example/site/1")).is_ok()
        })
    });
    let said = |title: &str, more: &str| format!("office.example\n{title}\n2026-04-02T00:00:00.000000Z\n{more}\n");
    let log = format!("office.example/site/1 3 {}", Hash::of(b"root"));
    let declared = said("restore", &format!("the disk\n{}\n{log}", key));
    own(&[&declared, &said("change of key", &format!("a\nb\n{log}")), &said("recovery keys", "2\na\nb\nc")], &|_, text| {
        change::read(text).is_ok_and(|read| {
            let host = text.lines().next().unwrap_or_default();
            assert_eq!(change::text(&read, host).as_deref(), Some(text), "a change has one text");
            true
        })
    });
    own(&["0/x001/234.p/5", "entries/000", "1/x123/x456/789"], &|_, text| {
        Tile::read(text).is_ok_and(|read| {
            assert_eq!(read.path(), text, "a tile has one name");
            true
        })
    });
    own(&[&key.to_string(), &witness.key().to_string(), &secret().secret()], &|_, text| {
        let _ = (WitnessKey::read(text).is_ok(), PrivateKey::read(text).is_ok());
        Key::read(text).is_ok_and(|read| {
            assert_eq!(Key::read(&read.to_string()).unwrap(), read);
            true
        })
    });
    own(&[&format!("old 0\n\n{note}"), &format!("old 3\n{}\n\n{note}", "A".repeat(43) + "=")], &|bytes, _| {
        Submission::read(bytes).is_ok_and(|read| {
            assert_eq!(Submission::read(read.to_string().as_bytes()).unwrap().to_string(), read.to_string());
            true
        })
    });
    own(&[&anchor.to_string(), &anchor.policy(None, &[]).expect("no witness")], &|bytes, text| {
        let _ = Policy::read(text).is_ok();
        Anchor::read(bytes, std::slice::from_ref(&key)).is_ok_and(|read| {
            assert_eq!(
                Anchor::read(read.to_string().as_bytes(), std::slice::from_ref(&key)).unwrap().to_string(),
                read.to_string()
            );
            true
        })
    });
    let world = world().await;
    let zip = bundle(&world, &everything(&world.unit)).await;
    let files = unseal(&zip).unwrap();
    let lines: Vec<Vec<u8>> = files.iter().flat_map(|(_, file)| file.split(|byte| *byte == b'\n').map(<[u8]>::to_vec)).collect();
    fuzz(rounds(), &lines, |bytes| {
        let _ = Line::read(&String::from_utf8_lossy(bytes)).is_ok();
    });
    let request = StampRequest::new(Hash::of(b"anchor"), [7; NONCE_BYTES]);
    fuzz(rounds(), &[zip.clone(), request.to_bytes()], |bytes| {
        let _ = (unseal(bytes).is_ok(), Stamp::read(bytes, &Hash::of(b"anchor")).is_ok(), request.answered(bytes).is_ok());
    });
}

#[test]
fn instants_durations_and_intervals_are_read_or_refused() {
    let examples = texts(&[
        "2026-11-22T04:00:01.000000Z",
        "2026-11-22",
        "P1Y2M3DT4H5M6S",
        "PT0.5S",
        "R5/2026-01-01T00:00:00Z/P1M",
        "R/P1W/2030-01-01",
    ]);
    fuzz(4 * rounds(), &examples, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        if let Some(read) = Time::parse(&text) {
            assert_eq!(Time::parse(&read.to_string()), Some(read));
        }
        if let Some(read) = time::date(&text) {
            assert_eq!(read.to_string(), text);
        }
        if let Some(read) = time::duration(&text) {
            assert_eq!(time::duration(&read.to_string()).map(|again| again.fieldwise()), Some(read.fieldwise()), "{read}");
        }
        let _ = Interval::parse(&text).is_some();
    });
}

#[test]
fn lists_of_holidays_come_back_as_they_went() {
    let examples = texts(&[
        "date,title,kind\r\n2026-01-26,Republic Day,closed\r\n2026-03-19,\"Ugadi, \"\"Gudi Padava\"\"\",restricted\r\n",
        "\u{feff}2026-01-01,New Year,provisional\n",
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260126\r\nDTEND;VALUE=DATE:20260128\r\nSUMMARY:Republic Day\\, \
         and more\r\nSTATUS:TENTATIVE\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        "BEGIN:VEVENT\r\nDTSTART:20260126\r\nSUMMARY;LANGUAGE=hi:गणतंत्र\r\n  दिवस\r\nEND:VEVENT\r\n",
    ]);
    let found = std::cell::Cell::new(0);
    fuzz(2 * rounds(), &examples, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        for holidays in [from_csv(&text), from_ical(&text)].into_iter().flatten().filter(|holidays| !holidays.is_empty()) {
            let Some(calendar) = with(&holidays) else { continue };
            found.set(found.get() + 1);
            let working = calendar.calendar("c").unwrap();
            let (list, ical) = (
                to_csv(&working.calendar, Language::English),
                to_ical(&working.calendar, Language::English, Time(1_795_320_000_000_000)),
            );
            let told = |holidays: &[Holiday]| {
                let mut told: Vec<_> = holidays.iter().map(|one| (one.date.clone(), one.title.en.clone(), one.kind)).collect();
                told.sort_by(|a, b| a.0.cmp(&b.0));
                told
            };
            assert_eq!(told(&from_csv(&list).unwrap()), told(&holidays), "{list}");
            assert_eq!(from_ical(&ical).unwrap().len(), holidays.len(), "{ical}");
        }
    });
    assert!(found.get() > 20, "{} lists were read", found.get());
}

/// A calendar with these holidays, if it is one.
fn with(holidays: &[Holiday]) -> Option<Library> {
    let day = json!([{ "from": "10:00", "to": "17:00" }]);
    let years: Vec<&str> = holidays.iter().filter_map(|one| one.date.split('-').next()).collect();
    let covers = json!({ "from": format!("{}-01-01", years.iter().min()?), "to": format!("{}-12-31", years.iter().max()?) });
    let document = json!({
        "id": "c", "title": { "en": "C" }, "owner": { "post": "p" }, "zone": "Asia/Kolkata", "covers": covers,
        "week": { "monday": day, "tuesday": day, "wednesday": day, "thursday": day, "friday": day }, "holidays": holidays
    });
    let mut library = Library::default();
    let checked = library.check(DocumentKind::Calendar, &document.to_string()).ok()?;
    library.take_in(&checked, 1);
    Some(library)
}
