//! An office as one document: units, posts, people and appointments, put into the site log by the program when an office is set up.

use std::collections::BTreeMap;

use engine::journal::{Actor, Command, Envelope};
use engine::model::office::{Appointment, Post, Unit};
use engine::model::{PersonId, PostId, Time, UnitId};
use engine::runtime::{Engine, Refusal};
use engine::store::Store;
use serde::{Deserialize, Serialize};

/// An office to be set up.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Directory {
    /// Units, those above first.
    pub units: Vec<Unit>,
    /// Posts.
    pub posts: Vec<Post>,
    /// People.
    pub people: Vec<NewPerson>,
    /// Appointments.
    pub appointments: Vec<NewAppointment>,
    /// Dates of events that schedules are counted from, such as `charter-issued`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub anchors: BTreeMap<String, jiff::civil::Date>,
}

/// A person to be registered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPerson {
    /// Short name.
    pub handle: String,
    /// Full name.
    pub name: String,
}

/// An appointment to be made.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAppointment {
    /// The person's handle.
    pub handle: String,
    /// The post.
    pub post: PostId,
    /// Number of the office order.
    pub order: String,
    /// First day, in the office's zone.
    pub from: jiff::civil::Date,
    /// Last day is the one before.
    #[serde(default)]
    pub to: Option<jiff::civil::Date>,
}

/// Sets up an office. What is there already stays as it is, so doing it again changes nothing, and an edited document adds what is new.
///
/// # Errors
/// The first refusal.
pub async fn set_up<S: Store>(engine: &Engine<S>, directory: &Directory) -> Result<(), Refusal> {
    let site = UnitId::site();
    let submit = async |key: String, command: Command| {
        engine.submit(&site, Envelope::new(Actor::System, &format!("set-up:{key}"), command)).await
    };
    for unit in &directory.units {
        if !engine.office().units.contains_key(&unit.id) {
            submit(format!("unit:{}", unit.id), Command::PutUnit { unit: unit.clone() }).await?;
        }
    }
    for post in &directory.posts {
        if !engine.office().posts.contains_key(&post.id) {
            submit(format!("post:{}", post.id), Command::PutPost { post: post.clone() }).await?;
        }
    }
    for NewPerson { handle, name } in &directory.people {
        if engine.office().by_handle(handle).is_none() {
            let command = Command::RegisterPerson { handle: handle.clone(), name: name.clone() };
            submit(format!("person:{handle}"), command).await?;
        }
    }
    let zone = &engine.options().zone;
    let instant =
        |date: jiff::civil::Date| date.to_zoned_datetime(zone.clone()).map(|zoned| Time::from_timestamp(zoned.timestamp())).ok();
    for NewAppointment { handle, post, order, from, to } in &directory.appointments {
        let office = engine.office();
        let unknown = || engine::machine::Rejection::not_found("person.unknown", format!("There is no person {handle}."));
        let person: PersonId = office.by_handle(handle).map(|person| person.id.clone()).ok_or_else(unknown)?;
        let begins = instant(*from);
        let same = |there: &Appointment| there.person == person && there.post == *post && Some(there.from) == begins;
        if !office.appointments.values().any(same) {
            let key = format!("appoint:{handle}:{post}:{from}");
            let (post, order, to) = (post.clone(), order.clone(), to.and_then(instant));
            submit(key, Command::Appoint { person, post, order, from: begins, to }).await?;
        }
    }
    for (anchor, date) in &directory.anchors {
        if !engine.office().anchors.contains_key(anchor) {
            submit(format!("anchor:{anchor}"), Command::GiveAnchor { anchor: anchor.clone(), date: *date }).await?;
        }
    }
    Ok(())
}
