//! What reads texts from outside: leaves and the values beside them, instants, durations, lists of holidays.

use engine::calendar::exchange::{from_csv, from_ical, to_csv, to_ical};
use engine::graph::Library;
use engine::journal::{Command, Sealed, codec};
use engine::model::calendar::Holiday;
use engine::model::document::DocumentKind;
use engine::model::{Language, Time, time};
use engine::schedule::Interval;
use engine::store::Store;
use engine::store::memory::MemoryStore;
use serde_json::json;
use tests::world::{Random, World, small_office};

use super::{fuzz, input, rounds, within};

fn texts(examples: &[&str]) -> Vec<Vec<u8>> {
    examples.iter().map(|example| example.as_bytes().to_vec()).collect()
}

/// A small office with a case that has personal values.
pub(super) async fn world() -> World<MemoryStore> {
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
