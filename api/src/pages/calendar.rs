//! A calendar's year: the days on which it differs from its week, each with the reason and where it comes from.

use axum::extract::{Path, Query};
use axum::response::Response;
use engine::calendar::{Calendar, DayReason, Effect};
use engine::model::document::DocumentKind;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use maud::{Markup, html};
use serde::Deserialize;

use super::frame::Frame;
use super::parts::{self, Tone};
use super::refused::Refused;
use super::say::key;
use super::visit::{Visit, page};
use super::words::Words;

/// The year that is asked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    year: Option<i16>,
}

/// The page.
pub(super) async fn show(visit: Visit, Path(id): Path<String>, Query(asked): Query<Asked>) -> Response {
    let answer = async {
        visit.identity()?;
        let year = asked.year.unwrap_or_else(|| visit.w.day(visit.now).year());
        let first = Date::new(year, 1, 1).ok().filter(|_| (1970..=2100).contains(&year)).ok_or(Refused::NotFound)?;
        page(view(&visit, &id, first).ok_or(Refused::NotFound)?)
    };
    visit.answer(answer.await)
}

fn view(visit: &Visit, id: &str, first: Date) -> Option<Markup> {
    let w = &visit.w;
    let listed = visit.library.document(DocumentKind::Calendar, id)?;
    let calendar = &visit.library.calendar(id)?.calendar;
    let (heading, year) = (listed.heading, first.year());
    let lines: Vec<(Date, DayReason<'_>)> = calendar.lines().filter(|(date, _)| date.year() == year).collect();
    let uncertain = lines.iter().any(|(_, line)| line.effect == Effect::Provisional);
    let covered = [first, first.last_of_year()].iter().all(|date| calendar.day(*date).works.covered);
    let address = |year: i16| format!("/calendars/{id}?year={year}");
    let months = first.series(1.month()).take(12);
    let body = html! {
        @if !heading.verified { (parts::notice(Tone::Warning, &w.say("not-verified"), &w.say("calendar-not-verified"))) }
        @if !covered { (parts::notice(Tone::Warning, &w.say("calendar-not-covered"), &w.say("calendar-not-covered-what"))) }
        @if uncertain { (parts::notice(Tone::Warning, &w.say("calendar-uncertain"), &w.say("calendar-uncertain-what"))) }
        nav class="actions" aria-label=(w.say("calendar-years")) {
            a class="button plain" rel="prev" href=(address(year - 1)) { (year - 1) }
            a class="button plain" rel="next" href=(address(year + 1)) { (year + 1) }
        }
        dl class="facts across" {
            div { dt { (w.say("calendar-week")) } dd { (week(w, calendar, first)) } }
            div { dt { (w.say("calendar-layers")) } dd {
                @for (place, layer) in calendar.layer_ids().enumerate() {
                    @if place > 0 { " → " }
                    @if layer == id { (layer) } @else { a href={ "/calendars/" (layer) "?year=" (year) } { (layer) } }
                }
            } }
            div { dt { (w.say("calendar-zone")) } dd { (calendar.zone().iana_name().unwrap_or_default()) } }
            div { dt { (w.say("plan-owner")) } dd { (visit.post_title(&heading.owner)) } }
        }
        @for month in months { (self::month(w, calendar, month, &lines)) }
        @if !heading.source.is_empty() {
            details { summary { (w.say("sources")) } ul lang="en" { @for source in &heading.source { li { (source) } } } }
        }
    };
    let title = w.text(&heading.title);
    let over = w.with("calendar-year", &[("year", &year.to_string())]);
    Some(Frame::new(visit, title).wide().under(w.say("plan"), "/plan").over(over).show(&body))
}

/// The weekdays on which the office works, as the week alone has it.
fn week(w: &Words, calendar: &Calendar, first: Date) -> String {
    // Some weeks have a holiday on every weekday that is looked for; a year has not.
    let works = |weekday: Weekday| {
        let mut days = first.series(1.day()).take(366).filter(|date| date.weekday() == weekday).map(|date| calendar.day(date));
        days.any(|day| day.works.value && day.reason.effect == Effect::Week)
    };
    let days =
        Weekday::Monday.cycle_forward().take(7).filter(|weekday| works(*weekday)).map(|weekday| w.say(weekday_key(weekday)));
    days.collect::<Vec<_>>().join(", ")
}

fn month(w: &Words, calendar: &Calendar, first: Date, lines: &[(Date, DayReason<'_>)]) -> Markup {
    let lines: Vec<_> = lines.iter().filter(|(date, _)| date.month() == first.month()).collect();
    let days = first.series(1.day()).take_while(|date| date.month() == first.month());
    let working = days.filter(|date| calendar.day(*date).works.value).count();
    html! {
        section aria-labelledby={ "month-" (first.month()) } {
            h2 id={ "month-" (first.month()) } { (w.month(first)) " " span class="count" { (w.count("calendar-working-days", working)) } }
            @if lines.is_empty() { p class="none" { (w.say("calendar-none")) } } @else {
                table class="cards" {
                    thead {
                        tr {
                            th scope="col" { (w.say("calendar-day")) }
                            th scope="col" { (w.say("calendar-reason")) }
                            th scope="col" { (w.say("calendar-effect")) }
                            th scope="col" { (w.say("sources")) }
                        }
                    }
                    tbody { @for (date, line) in lines { (row(w, *date, line)) } }
                }
            }
        }
    }
}

fn row(w: &Words, date: Date, line: &DayReason<'_>) -> Markup {
    let (tone, effect) = match line.effect {
        Effect::Closed => (Tone::Quiet, key("effect-closed")),
        Effect::Provisional => (Tone::Warning, key("effect-provisional")),
        Effect::Restricted => (Tone::Done, key("effect-restricted")),
        Effect::Hours => (Tone::Active, key("effect-hours")),
        Effect::Cancelled | Effect::Week => (Tone::Done, key("effect-cancelled")),
    };
    html! {
        tr {
            th scope="row" { time datetime=(date.to_string()) { (w.date(date)) } ", " (w.say(weekday_key(date.weekday()))) }
            td data-label=(w.say("calendar-reason")) { @if let Some(title) = line.title { (w.text(title)) } }
            td data-label=(w.say("calendar-effect")) { (parts::tag(tone, &w.say(effect))) }
            td data-label=(w.say("sources")) {
                code { (line.calendar) }
                @if let Some(order) = line.amendment { " " (w.with("calendar-order", &[("order", order)])) }
                @if !line.verified { " " (parts::tag(Tone::Warning, &w.say("unverified"))) }
                @for source in line.source { div class="soft" lang="en" { (source) } }
            }
        }
    }
}

fn weekday_key(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => key("weekday-1"),
        Weekday::Tuesday => key("weekday-2"),
        Weekday::Wednesday => key("weekday-3"),
        Weekday::Thursday => key("weekday-4"),
        Weekday::Friday => key("weekday-5"),
        Weekday::Saturday => key("weekday-6"),
        Weekday::Sunday => key("weekday-7"),
    }
}
