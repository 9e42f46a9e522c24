//! Units as requests name them, and work that would hold up others.

use engine::machine::definition::QUALITY_COORDINATOR;
use engine::model::{PersonId, Time, UnitId};

use super::answer::Moment;
use super::problem::Problem;
use crate::app::{App, Identity, rights};

/// A unit that the office has.
pub(super) fn known(app: &App, unit: UnitId) -> Result<UnitId, Problem> {
    if app.engine.office().units.contains_key(&unit) {
        return Ok(unit);
    }
    Err(Problem::new("unit.unknown", format!("There is no unit {unit}.")))
}

/// A unit that the office has, or a log of the whole office.
pub(super) fn log(app: &App, unit: UnitId) -> Result<UnitId, Problem> {
    if matches!(unit.as_str(), UnitId::SITE | UnitId::ACCESS) { Ok(unit) } else { known(app, unit) }
}

/// The instant of the past that is asked about, if one is.
pub(super) fn past(app: &App, asked: Option<Moment>) -> Result<Option<Time>, Problem> {
    match asked {
        Some(Moment(at)) if at > app.engine.now() => {
            Err(Problem::new("query.as-of", "That instant lies ahead. Ask as of one that has passed, or of now."))
        }
        asked => Ok(asked.map(|Moment(at)| at)),
    }
}

/// The unit asked for, or the only one in which whoever asks holds posts.
pub(super) fn asked_or_own(app: &App, asked: Option<UnitId>, who: &Identity) -> Result<UnitId, Problem> {
    if let Some(unit) = asked {
        return known(app, unit);
    }
    let own = own(app, &who.0.id, app.engine.now());
    match own.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(Problem::new("unit.needed", "You hold no post now: name the unit in the query parameter `unit`.")),
        several => {
            let several: Vec<&str> = several.iter().map(UnitId::as_str).collect();
            let message = format!("You hold posts in {}: name one in the query parameter `unit`.", several.join(", "));
            Err(Problem::new("unit.needed", message))
        }
    }
}

/// Units in which a person holds posts, each once.
fn own(app: &App, person: &PersonId, now: Time) -> Vec<UnitId> {
    let office = app.engine.office();
    let mut units: Vec<UnitId> = office.current_of(person, now).map(|holder| holder.post.unit.clone()).collect();
    units.sort();
    units.dedup();
    units
}

/// Runs heavy work.
pub(super) async fn heavy<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    let done = crate::app::heavy::heavy(work).await;
    done.ok_or_else(heavy_failed)
}

/// The program's own fault at something that changes nothing by itself.
pub(super) fn heavy_failed() -> Problem {
    Problem::new("server.panic", "The program failed at this. Nothing was changed.")
}

/// Lets pass a quality coordinator of any unit.
pub(super) fn require_coordinator(app: &App, who: &Identity) -> Result<(), Problem> {
    if rights::coordinates(&app.engine.office(), &who.0.id, app.engine.now()) {
        return Ok(());
    }
    Err(Problem::new("actor.not-allowed", format!("This needs an appointment to a post with the role {QUALITY_COORDINATOR}.")))
}

/// Lets pass whoever serves a unit.
pub(super) fn require_service(app: &App, who: &Identity, unit: &UnitId) -> Result<(), Problem> {
    if rights::serves(&app.engine.office(), &who.0.id, unit, app.engine.now()) {
        return Ok(());
    }
    Err(Problem::new("actor.not-allowed", format!("This needs an appointment to a post in the unit {unit} or one above it.")))
}
