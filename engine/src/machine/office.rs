//! The office: a pure fold of the site log. A role resolves to the people who hold a post with it at that instant.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde_json::json;

use super::control::Controls;
use super::rejection::Rejection;
use super::{Context, Decision, schedule};
use crate::digest::Hash;
use crate::journal::event::LogSigned;
use crate::journal::{Actor, Command, Event, Origin};
use crate::model::id::{Made, is_code};
use crate::model::limits::TEXT_CHARS_MAX;
use crate::model::office::{Appointment, Person, Post, Unit};
use crate::model::problem::short;
use crate::model::{PersonId, PostId, Text, Time, UnitId, Values};

/// The role that may change the office.
pub const ADMINISTRATOR: &str = "office-administrator";
/// Longest number of an office order, in characters.
const ORDER_CHARS_MAX: usize = 100;

/// Units, posts, people and appointments; and what schedules wait for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Office {
    /// Units.
    pub units: BTreeMap<UnitId, Unit>,
    /// Posts.
    pub posts: BTreeMap<PostId, Post>,
    /// People.
    pub people: BTreeMap<PersonId, Person>,
    /// Appointments, ended ones included.
    pub appointments: BTreeMap<Made, Appointment>,
    /// Dates of events that schedules wait for.
    pub anchors: BTreeMap<String, Date>,
    /// The instant of the last report that each schedule asked for: the next goes on there.
    pub reported: BTreeMap<String, Time>,
    /// Schedules that wait for an occurrence, by id.
    pub armed: BTreeMap<String, Armed>,
    /// The life of its documents.
    pub controls: Controls,
    /// What the site log has taken in last of each log of a unit, by its signed name.
    pub taken: BTreeMap<String, Taken>,
    /// People by handle: every request looks for one.
    handles: BTreeMap<String, PersonId>,
    /// The appointments of each person, ended ones included: every command asks for what its actor holds.
    held: BTreeMap<PersonId, BTreeSet<Made>>,
}

/// How a schedule waits for its next occurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Armed {
    /// The due row that waits.
    pub row: Made,
    /// When it falls.
    pub at: Time,
    /// What fell up to here is attended to.
    pub since: Time,
}

/// A checkpoint that the site log has taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// How many entries were signed.
    pub size: u64,
    /// Under which root.
    pub root: Hash,
    /// When the site log took it in.
    pub time: Time,
}

/// Someone who holds a post now.
#[derive(Debug, Clone, Copy)]
pub struct Holder<'a> {
    /// The person.
    pub person: &'a Person,
    /// The post.
    pub post: &'a Post,
    /// By which appointment.
    pub appointment: &'a Appointment,
}

impl Office {
    /// Whether `unit` is `of` or lies above it.
    pub fn is_above(&self, unit: &UnitId, of: &UnitId) -> bool {
        let mut at = Some(of);
        // Units form a tree (`put_unit` refuses a circle); the count is a seat belt.
        for _ in 0..=self.units.len() {
            match at {
                Some(here) if here == unit => return true,
                Some(here) => at = self.units.get(here).and_then(|unit| unit.parent.as_ref()),
                None => return false,
            }
        }
        false
    }

    /// The appointment by which a person plays a role for a unit at an instant: to a post with the role, in the unit or above it.
    pub fn holding(&self, person: &PersonId, role: &str, unit: &UnitId, at: Time) -> Option<&Appointment> {
        self.appointments_of(person).find(|appointment| {
            appointment.holds(at)
                && self
                    .posts
                    .get(&appointment.post)
                    .is_some_and(|post| post.roles.iter().any(|played| played == role) && self.is_above(&post.unit, unit))
        })
    }

    /// The appointments of a person, ended ones included.
    fn appointments_of(&self, person: &PersonId) -> impl Iterator<Item = &Appointment> {
        self.held.get(person).into_iter().flatten().filter_map(|id| self.appointments.get(id))
    }

    /// Whether a person holds a post at an instant.
    pub fn holds_post(&self, person: &PersonId, post: &PostId, at: Time) -> bool {
        self.held_post(person, post, at, at)
    }

    /// Whether a person held a post at some instant from `first` to `last`.
    pub fn held_post(&self, person: &PersonId, post: &PostId, first: Time, last: Time) -> bool {
        let overlaps = |a: &Appointment| a.from <= last && a.to.is_none_or(|to| first < to);
        self.appointments_of(person).any(|appointment| appointment.post == *post && overlaps(appointment))
    }

    /// Id of the calendar by which a unit works: its own, or that of the nearest unit above it that has one.
    pub fn calendar_of(&self, unit: &UnitId) -> Option<&str> {
        let mut at = self.units.get(unit);
        // As in `is_above`.
        for _ in 0..=self.units.len() {
            let unit = at?;
            if let Some(calendar) = &unit.calendar {
                return Some(calendar);
            }
            at = self.units.get(unit.parent.as_ref()?);
        }
        None
    }

    /// Everyone who plays a role for a unit at an instant.
    pub fn holders(&self, role: &str, unit: &UnitId, at: Time) -> Vec<Holder<'_>> {
        self.current(at)
            .filter(|holder| holder.post.roles.iter().any(|played| played == role) && self.is_above(&holder.post.unit, unit))
            .collect()
    }

    /// All appointments that hold at an instant.
    pub fn current(&self, at: Time) -> impl Iterator<Item = Holder<'_>> {
        self.holders_of(self.appointments.values(), at)
    }

    /// What a person holds at an instant.
    pub fn current_of(&self, person: &PersonId, at: Time) -> impl Iterator<Item = Holder<'_>> {
        self.holders_of(self.appointments_of(person), at)
    }

    fn holders_of<'a>(
        &'a self,
        appointments: impl Iterator<Item = &'a Appointment>,
        at: Time,
    ) -> impl Iterator<Item = Holder<'a>> {
        appointments.filter(move |appointment| appointment.holds(at)).filter_map(|appointment| {
            let person = self.people.get(&appointment.person)?;
            let post = self.posts.get(&appointment.post)?;
            Some(Holder { person, post, appointment })
        })
    }

    /// Roles that a person plays for a unit at an instant, each once, in alphabetical order.
    pub fn roles(&self, person: &PersonId, unit: &UnitId, at: Time) -> Vec<String> {
        let posts = self.current_of(person, at).filter(|holder| self.is_above(&holder.post.unit, unit));
        let mut roles: Vec<String> = posts.flat_map(|holder| holder.post.roles.iter().cloned()).collect();
        roles.sort();
        roles.dedup();
        roles
    }

    /// The person with this handle.
    pub fn by_handle(&self, handle: &str) -> Option<&Person> {
        self.people.get(self.handles.get(handle)?)
    }

    /// Applies an event of the site log.
    pub fn apply(&mut self, origin: &Origin, event: &Event) {
        match event {
            Event::UnitPut { unit } => {
                self.units.insert(unit.id.clone(), unit.clone());
            }
            Event::PostPut { post } => {
                self.posts.insert(post.id.clone(), post.clone());
            }
            Event::PersonRegistered { data } => {
                let text = |name: &str| data.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
                let (id, handle) = (PersonId::of(origin.command), text("handle"));
                // One that was erased is nobody's.
                if !handle.is_empty() {
                    self.handles.entry(handle.clone()).or_insert_with(|| id.clone());
                }
                self.people.insert(id.clone(), Person { id, handle, name: text("name") });
            }
            Event::AppointmentMade { person, post, order, from, to } => {
                let id = Made { command: origin.command, ordinal: 0 };
                let (person, post, order) = (person.clone(), post.clone(), order.clone());
                self.held.entry(person.clone()).or_default().insert(id);
                self.appointments.insert(id, Appointment { id, person, post, order, from: *from, to: *to });
            }
            Event::AppointmentEnded { appointment, at, .. } => {
                if let Some(appointment) = self.appointments.get_mut(appointment) {
                    appointment.to = Some(*at);
                }
            }
            Event::AnchorGiven { anchor, date } => {
                self.anchors.insert(anchor.clone(), *date);
            }
            Event::CheckpointsTaken { checkpoints } => {
                for LogSigned { log, size, root } in checkpoints {
                    self.taken.insert(log.clone(), Taken { size: *size, root: *root, time: origin.time });
                }
            }
            Event::ScheduleArmed { ordinal, schedule, at, .. } => {
                let row = Made { command: origin.command, ordinal: *ordinal };
                // One that lies in the past is still to be attended to.
                let since = origin.time.min(Time(at.0 - 1));
                self.armed.insert(schedule.clone(), Armed { row, at: *at, since });
            }
            Event::ScheduleEnded { schedule, .. } => {
                self.armed.remove(schedule);
            }
            Event::ReportRequested { schedule, at, .. } => {
                self.reported.insert(schedule.clone(), *at);
            }
            _ => self.controls.apply(origin, event),
        }
    }
}

/// Under what name a value of an event of the site log is sealed apart, if it is: handles and names of people are.
pub fn sealed_apart<'n>(_: &Event, name: &'n str) -> Option<&'n str> {
    matches!(name, "handle" | "name").then_some(name)
}

/// Decides a command about the office; its entry goes to the site log.
pub(super) fn decide(context: &Context<'_>, command: &Command) -> Result<Decision, Rejection> {
    if context.unit.as_str() != UnitId::SITE {
        return Err(Rejection::invalid("office.wrong-log", "The office is kept in the site log."));
    }
    let office = context.office;
    require_administrator(context)?;
    let now = context.origin.time;
    let event = match command {
        Command::PutUnit { unit } => put_unit(office, unit)?,
        Command::PutPost { post } => put_post(office, post)?,
        Command::RegisterPerson { handle, name } => register(office, handle, name)?,
        Command::Appoint { person, post, order, from, to } => {
            let from = from.unwrap_or(now);
            check_order(order)?;
            if !office.people.contains_key(person) {
                return Err(Rejection::not_found("person.unknown", "There is no such person."));
            }
            if !office.posts.contains_key(post) {
                return Err(Rejection::not_found("post.unknown", format!("There is no post {post}.")));
            }
            if to.is_some_and(|to| to <= from) {
                return Err(Rejection::invalid("appointment.dates", "An appointment ends after it begins."));
            }
            Event::AppointmentMade { person: person.clone(), post: post.clone(), order: order.clone(), from, to: *to }
        }
        Command::EndAppointment { appointment, order, at } => {
            check_order(order)?;
            let at = at.unwrap_or(now);
            let known = office.appointments.get(appointment);
            let known = known.ok_or_else(|| Rejection::not_found("appointment.unknown", "There is no such appointment."))?;
            if known.to.is_some_and(|to| to <= now) {
                return Err(Rejection::conflict("appointment.ended", "The appointment has ended already."));
            }
            if at <= known.from || known.to.is_some_and(|to| at >= to) {
                return Err(Rejection::invalid(
                    "appointment.dates",
                    "It ends after it begins, and before it would have ended by itself.",
                ));
            }
            Event::AppointmentEnded { appointment: *appointment, order: order.clone(), at }
        }
        // Invariant: `machine::decide` sends only the commands above here.
        _ => return Err(Rejection::invalid("command.unknown", "This command is not about the office.")),
    };
    let mut events = vec![event];
    // A schedule goes by the calendar of the unit of its owner's post.
    let moves = match command {
        Command::PutUnit { unit } => {
            office.units.get(&unit.id).is_some_and(|known| (&known.parent, &known.calendar) != (&unit.parent, &unit.calendar))
        }
        Command::PutPost { post } => office.posts.get(&post.id).is_some_and(|known| known.unit != post.unit),
        _ => false,
    };
    if moves {
        events.extend(schedule::moved(context, &events, context.library));
    }
    // And so do its running clocks. The first ordinal is free: schedules take theirs from the second on.
    if let Command::PutUnit { unit } = command
        && moves
    {
        let mut changed = office.clone();
        changed.units.insert(unit.id.clone(), unit.clone());
        let working = changed.calendar_of(&unit.id).and_then(|id| context.library.calendar(id));
        let document = working.and_then(|working| working.layers.last().copied());
        events.extend(document.map(|document| Event::ReviewArmed { ordinal: 0, document, at: now }));
    }
    Ok(Decision { events, instance: None, via: None, opened: Vec::new() })
}

/// An administrator of any unit may change the office; so may the program, which sets up the first one.
pub(super) fn require_administrator(context: &Context<'_>) -> Result<(), Rejection> {
    let Actor::Person(person) = &context.origin.actor else { return Ok(()) };
    let is = context
        .office
        .current_of(person, context.origin.time)
        .any(|holder| holder.post.roles.iter().any(|role| role == ADMINISTRATOR));
    if is {
        return Ok(());
    }
    Err(Rejection::forbidden("actor.not-allowed", format!("This needs an appointment to a post with the role {ADMINISTRATOR}.")))
}

pub(super) fn check_text(what: &str, text: &str, chars_max: usize) -> Result<(), Rejection> {
    let bad = text.trim().is_empty() || text.chars().count() > chars_max || text.chars().any(char::is_control);
    if bad {
        let message = format!("The {what} has 1 to {chars_max} characters, and no control characters.");
        return Err(Rejection::invalid("text.invalid", message));
    }
    Ok(())
}

pub(super) fn check_title(title: &Text) -> Result<(), Rejection> {
    check_text("title", &title.en, TEXT_CHARS_MAX)?;
    title.others.values().try_for_each(|text| check_text("title", text, TEXT_CHARS_MAX))
}

pub(super) fn check_order(order: &str) -> Result<(), Rejection> {
    check_text("office order", order, ORDER_CHARS_MAX)
}

fn put_unit(office: &Office, unit: &Unit) -> Result<Event, Rejection> {
    check_title(&unit.title)?;
    let id = unit.id.as_str();
    // An office that had a unit called `access` before there was such a log keeps it: then its log is that one.
    if id == UnitId::SITE || id == UnitId::ACCESS && !office.units.contains_key(&unit.id) {
        let message = "No unit may be called `site` or `access`: these are logs of the whole office.";
        return Err(Rejection::invalid("unit.reserved", message));
    }
    if let Some(calendar) = unit.calendar.as_deref().filter(|calendar| !is_code(calendar)) {
        let calendar = short(calendar);
        let message = format!("{calendar:?} is no id of a calendar: use lower-case letters, digits, `-` and `.`.");
        return Err(Rejection::invalid("unit.calendar", message));
    }
    if let Some(parent) = &unit.parent {
        if !office.units.contains_key(parent) {
            return Err(Rejection::invalid("unit.unknown", format!("There is no unit {parent} above it.")));
        }
        if office.is_above(&unit.id, parent) {
            return Err(Rejection::invalid("unit.circle", "A unit cannot lie above itself."));
        }
    }
    Ok(Event::UnitPut { unit: unit.clone() })
}

fn put_post(office: &Office, post: &Post) -> Result<Event, Rejection> {
    check_title(&post.title)?;
    if !office.units.contains_key(&post.unit) {
        return Err(Rejection::invalid("unit.unknown", format!("There is no unit {}.", post.unit)));
    }
    if let Some(role) = post.roles.iter().find(|role| !is_code(role)) {
        let message = format!("{role:?} is not a role: use lower-case letters, digits, `-` and `.`.");
        return Err(Rejection::invalid("post.role", message));
    }
    Ok(Event::PostPut { post: post.clone() })
}

fn register(office: &Office, handle: &str, name: &str) -> Result<Event, Rejection> {
    check_text("name", name, 200)?;
    let well_formed = handle.len() <= 64
        && !handle.is_empty()
        && handle.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_'));
    if !well_formed {
        let message = "A handle has 1 to 64 lower-case letters, digits, `.`, `-` or `_`.";
        return Err(Rejection::invalid("person.handle", message));
    }
    if office.by_handle(handle).is_some() {
        return Err(Rejection::conflict("person.handle-taken", format!("The handle {handle} belongs to someone else.")));
    }
    let data: Values =
        [("handle", handle), ("name", name)].into_iter().map(|(key, text)| (key.to_owned(), json!(text))).collect();
    Ok(Event::PersonRegistered { data })
}
