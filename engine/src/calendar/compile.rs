//! Layers of documents → one calendar, or every problem at once.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;

use super::days::{self, Days};
use super::layer::{self, Lines, effective};
use super::read::Reader;
use super::reason::WEEKDAYS;
use super::{Calendar, Effect, Layer, Shift};
use crate::model::calendar::{Document, Week};
use crate::model::limits::{CALENDAR_AMENDMENTS_MAX, CALENDAR_CLOSED_DAYS_MAX, CALENDAR_LAYERS_MAX, CALENDAR_LINES_MAX};
use crate::model::{Problem, time};

/// The layers of the calendar `id`, the lowest first, found by following `extends`.
pub fn layers<'a>(id: &str, known: &dyn Fn(&str) -> Option<&'a Document>) -> Result<Vec<&'a Document>, Vec<Problem>> {
    let refuse = |code: &str, message: String| Err(vec![Problem::error(code, "/extends", message)]);
    let mut chain: Vec<&Document> = Vec::new();
    let mut next = Some(id);
    while let Some(id) = next {
        if chain.iter().any(|layer| layer.id == id) {
            return refuse("calendar.extends-loop", format!("The calendar {id:?} extends itself. Break the circle."));
        }
        if chain.len() == CALENDAR_LAYERS_MAX {
            let message = format!("More than {CALENDAR_LAYERS_MAX} calendars extend one another. Join some of them.");
            return refuse("limit.calendar-layers", message);
        }
        let Some(layer) = known(id) else {
            let message = format!("There is no calendar {id:?}. Deploy it first, or correct the id.");
            return refuse("calendar.extends-unknown", message);
        };
        chain.push(layer);
        next = layer.extends.as_deref();
    }
    chain.reverse();
    Ok(chain)
}

/// Compiles layers, the lowest first, each extending the one before it. Returns the calendar with its warnings, or every problem. A
/// problem's pointer leads into the document of the uppermost layer; where it is in one below, the message says in which.
pub fn compile(layers: &[&Document]) -> Result<(Calendar, Vec<Problem>), Vec<Problem>> {
    let mut problems = Vec::new();
    let (mut zone, mut week, mut covers) = (None, None, None);
    let mut lines = Lines::new();
    if layers.len() > CALENDAR_LAYERS_MAX {
        let message = format!("More than {CALENDAR_LAYERS_MAX} calendars extend one another. Join some of them.");
        return Err(vec![Problem::error("limit.calendar-layers", "/extends", message)]);
    }
    for (layer, document) in layers.iter().enumerate() {
        let is_top = layer + 1 == layers.len();
        let mut reader = Reader { document, layer, is_top, problems: &mut problems };
        chained(&mut reader, layer.checked_sub(1).map(|below| layers[below]));
        reader.title("/title", &document.title);
        zone = read_zone(&mut reader).or(zone);
        week = document.week.as_ref().map(|authored| (layer, read_week(&mut reader, authored))).or(week);
        covers = read_covers(&mut reader, covers);
        if !is_too_long(&mut reader) {
            amendments_in_order(&mut reader);
            layer::lay(&mut lines, &mut reader);
        }
    }
    let Some(top) = layers.last() else {
        return Err(vec![Problem::error("calendar.extends-unknown", "", "There is no calendar. Write one.")]);
    };
    let mut reader = Reader { document: top, layer: layers.len() - 1, is_top: true, problems: &mut problems };
    if !layers.iter().any(|layer| layer.zone.is_some()) {
        let message = "No layer names a time zone. Add `zone` to the lowest, such as Asia/Kolkata.";
        reader.error("calendar.zone-missing", "/zone", message);
    }
    if week.is_none() {
        reader.error("calendar.week-missing", "/week", "No layer has office hours. Add `week` to the lowest.");
    }
    let days = week.as_ref().and_then(|(_, week)| count(&mut reader, week, &lines));
    warn_of_covers(&mut reader, covers, &lines);

    match (zone, week, days) {
        (Some(zone), Some((week_layer, week)), Some(days)) if !problems.iter().any(Problem::is_error) => {
            let is_provisional = |(day, lines): (&i64, &Vec<_>)| {
                let is_only = effective(lines).is_some_and(|line| line.effect == Effect::Provisional);
                (is_only && !week[days::weekday(*day)].is_empty()).then_some(*day)
            };
            let provisional = lines.iter().filter_map(is_provisional).collect();
            let layers = layers
                .iter()
                .map(|layer| Layer { id: layer.id.clone(), source: layer.source.clone(), verified: layer.verified })
                .collect();
            let lines = lines.into_values().flatten().collect();
            Ok((Calendar { layers, zone, week, week_layer, covers, days, lines, provisional }, problems))
        }
        _ => Err(problems),
    }
}

/// Whether the layer stands on the one below it.
fn chained(reader: &mut Reader<'_>, below: Option<&Document>) {
    let message = match (reader.document.extends.as_deref(), below) {
        (None, None) => return,
        (Some(id), Some(below)) if id == below.id => return,
        (Some(id), None) => format!("The calendar {id:?} below is missing. Deploy it first, or correct the id."),
        (_, Some(below)) => format!("This calendar was laid upon {:?}, which it does not extend. Correct `extends`.", below.id),
    };
    reader.error("calendar.extends-unknown", "/extends", &message);
}

/// Whether the document passes a limit; then its dated lines are not read.
fn is_too_long(reader: &mut Reader<'_>) -> bool {
    let document = reader.document;
    let amended: usize = document
        .amendments
        .iter()
        .map(|order| order.remove.len() + order.r#move.len() + order.add.len() + order.days.len())
        .sum();
    let is_too_long = document.holidays.len() + document.days.len() + amended > CALENDAR_LINES_MAX;
    if is_too_long {
        let message = format!("There are more than {CALENDAR_LINES_MAX} dated lines. Leave out years that no case needs.");
        reader.error("limit.calendar-lines", "/holidays", &message);
    }
    if document.amendments.len() > CALENDAR_AMENDMENTS_MAX {
        let message = format!("There are more than {CALENDAR_AMENDMENTS_MAX} amendments. Take the old ones into the list.");
        reader.error("limit.calendar-amendments", "/amendments", &message);
        return true;
    }
    is_too_long
}

fn read_zone(reader: &mut Reader<'_>) -> Option<TimeZone> {
    let name = reader.document.zone.as_deref()?;
    // In other letters it would be another text in the document.
    let zone = time::zone(name).filter(|zone| zone.iana_name() == Some(name));
    if zone.is_none() {
        let message = format!("{name:?} is no time zone of the IANA database. Write one such as Asia/Kolkata.");
        reader.error("calendar.zone-unknown", "/zone", &message);
    }
    zone
}

fn read_week(reader: &mut Reader<'_>, authored: &Week) -> [Vec<Shift>; 7] {
    let authored = authored.shifts();
    if authored.iter().all(|shifts| shifts.is_empty()) {
        let message = "The week has no office hours at all. Write the shifts of the weekdays on which the office works.";
        reader.error("calendar.week-empty", "/week", message);
    }
    std::array::from_fn(|weekday| reader.shifts(WEEKDAYS[weekday], authored[weekday]))
}

/// What this layer covers, within what those below cover.
fn read_covers(reader: &mut Reader<'_>, below: Option<(i64, i64)>) -> Option<(i64, i64)> {
    let Some(covers) = &reader.document.covers else { return below };
    let from = reader.date("/covers/from", &covers.from);
    let to = reader.date("/covers/to", &covers.to);
    let (Some((from, _)), Some((to, _))) = (from, to) else { return below };
    if to < from {
        let message = format!("{} lies before {}. Exchange the two dates.", covers.to, covers.from);
        reader.error("calendar.covers-reversed", "/covers", &message);
    }
    Some(below.map_or((from, to), |(first, last)| (first.max(from), last.min(to))))
}

/// Amendments come in the order of their dates, each number once.
fn amendments_in_order(reader: &mut Reader<'_>) {
    let document = reader.document;
    let mut numbers = BTreeSet::new();
    let mut latest = None;
    for (position, amendment) in document.amendments.iter().enumerate() {
        let at = format!("/amendments/{position}");
        if !numbers.insert(&amendment.number) {
            let message = format!("The order {:?} is there twice. Join the two, or correct the number.", amendment.number);
            reader.error("calendar.amendment-twice", &format!("{at}/number"), &message);
        }
        let day = reader.date(&format!("{at}/date"), &amendment.date).map(|(day, _)| day);
        if day.is_some() && day < latest {
            let message = "This order is older than the one above it. Put amendments in the order of their dates.";
            reader.error("calendar.amendment-order", &format!("{at}/date"), message);
        }
        latest = latest.max(day);
    }
}

/// The working days of the week with the dated lines upon it.
fn count(reader: &mut Reader<'_>, week: &[Vec<Shift>; 7], lines: &Lines) -> Option<Days> {
    let works: [bool; 7] = std::array::from_fn(|weekday| !week[weekday].is_empty());
    let exceptions = lines.iter().filter_map(|(day, lines)| {
        let line = effective(lines)?;
        let is_open = match line.effect {
            Effect::Hours => true,
            Effect::Closed | Effect::Provisional => false,
            Effect::Cancelled | Effect::Restricted | Effect::Week => return None,
        };
        (is_open != works[days::weekday(*day)]).then_some(*day)
    });
    let days = Days::new(works, exceptions)?;
    let mut reported = None;
    for day in days.exceptions().filter(|day| !days.works(*day)) {
        let (last, next) = (days.up_to(day), days.from(day));
        if next - last - 1 > CALENDAR_CLOSED_DAYS_MAX && reported != Some(next) {
            reported = Some(next);
            let date = days::date(last + 1).map(|date| date.to_string()).unwrap_or_default();
            let message = format!(
                "No day works for more than {CALENDAR_CLOSED_DAYS_MAX} days from {date} on. Look at the holidays and the week."
            );
            reader.error("calendar.closed-long", "/holidays", &message);
        }
    }
    Some(days)
}

/// Warns where completeness is not stated, or a line lies outside of it that is not provisional.
fn warn_of_covers(reader: &mut Reader<'_>, covers: Option<(i64, i64)>, lines: &Lines) {
    let Some((first, last)) = covers else {
        let message = "No layer says for which days its holidays are complete, so no result is certain. Add `covers`.";
        return reader.report(Problem::warning("calendar.covers-missing", "/covers", message));
    };
    let outside = lines.iter().filter(|(day, _)| **day < first || last < **day);
    let certain = outside.filter_map(|(_, lines)| effective(lines).filter(|line| line.effect == Effect::Closed));
    let certain: Vec<_> = certain.filter(|line| line.layer == reader.layer).collect();
    for line in certain {
        let message =
            format!("{} lies outside of what the calendar covers. Extend `covers`, or mark the holiday provisional.", line.date);
        reader.report(Problem::warning("calendar.outside-covers", &line.pointer, message));
    }
}
