//! An office as one document: units, posts, people and appointments, put into the site log by the program when an office is set up.

use engine::journal::{Actor, Command, Envelope};
use engine::model::office::{Post, Unit};
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

/// Sets up an office. Each command has a key made of what it sets up, so that doing it again changes nothing.
///
/// # Errors
/// The first refusal.
pub async fn set_up<S: Store>(engine: &Engine<S>, directory: &Directory) -> Result<(), Refusal> {
    let site = UnitId::site();
    let submit = async |key: String, command: Command| {
        engine.submit(&site, Envelope::new(Actor::System, &format!("set-up:{key}"), command)).await
    };
    for unit in &directory.units {
        submit(format!("unit:{}", unit.id), Command::PutUnit { unit: unit.clone() }).await?;
    }
    for post in &directory.posts {
        submit(format!("post:{}", post.id), Command::PutPost { post: post.clone() }).await?;
    }
    for NewPerson { handle, name } in &directory.people {
        let command = Command::RegisterPerson { handle: handle.clone(), name: name.clone() };
        submit(format!("person:{handle}"), command).await?;
    }
    let zone = &engine.options().zone;
    let instant =
        |date: jiff::civil::Date| date.to_zoned_datetime(zone.clone()).map(|zoned| Time::from_timestamp(zoned.timestamp())).ok();
    for appointment in &directory.appointments {
        let person: Option<PersonId> = engine.office().by_handle(&appointment.handle).map(|person| person.id.clone());
        let unknown =
            || engine::machine::Rejection::not_found("person.unknown", format!("There is no person {}.", appointment.handle));
        let command = Command::Appoint {
            person: person.ok_or_else(unknown)?,
            post: appointment.post.clone(),
            order: appointment.order.clone(),
            from: instant(appointment.from),
            to: appointment.to.and_then(instant),
        };
        submit(format!("appoint:{}:{}:{}", appointment.handle, appointment.post, appointment.from), command).await?;
    }
    Ok(())
}
