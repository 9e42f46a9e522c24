//! Units as requests name them, and work that would hold up others.

use engine::model::{PersonId, Time, UnitId};
use tokio::sync::Semaphore;

use super::problem::Problem;
use crate::app::{App, Identity};

/// A unit that the office has.
pub(super) fn known(app: &App, unit: UnitId) -> Result<UnitId, Problem> {
    if app.engine.office().units.contains_key(&unit) {
        return Ok(unit);
    }
    Err(Problem::new("unit.unknown", format!("There is no unit {unit}.")))
}

/// A unit that the office has, or the log of the whole office.
pub(super) fn log(app: &App, unit: UnitId) -> Result<UnitId, Problem> {
    if unit.as_str() == UnitId::SITE { Ok(unit) } else { known(app, unit) }
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
    let mut units: Vec<UnitId> =
        office.current(now).filter(|holder| holder.person.id == *person).map(|holder| holder.post.unit.clone()).collect();
    units.sort();
    units.dedup();
    units
}

/// Compiling and drawing take processor time: two at once, off the threads that answer.
static HEAVY: Semaphore = Semaphore::const_new(2);

/// Runs heavy work. The permit goes with the work, so a hang-up does not let a third one in.
pub(super) async fn heavy<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    let permit = HEAVY.acquire().await;
    let done = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        work()
    });
    done.await.map_err(|error| {
        tracing::error!(%error, "heavy work ended badly");
        Problem::new("server.panic", "The program failed at this. Nothing was changed.")
    })
}
