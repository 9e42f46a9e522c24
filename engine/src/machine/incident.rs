//! Incidents: what stops a token is committed, shown, and tried again when someone has mended it.

use super::definition::QUALITY_COORDINATOR;
use super::rejection::Rejection;
use super::run::{Run, Trouble};
use super::state::{Incident, Instance, Wait};
use crate::journal::{Event, Origin};
use crate::model::id::Made;

impl Run<'_> {
    /// Holds a token until someone has looked.
    pub(super) fn raise(&mut self, token: u32, trouble: Trouble) {
        if !self.state.tokens.contains_key(&token) {
            return;
        }
        let ordinal = self.ordinal();
        self.emit(Event::IncidentRaised { ordinal, token, code: trouble.code.to_owned(), message: trouble.message });
    }
}

/// Tries again what an incident stopped: a job gets another attempt, any other step is entered anew.
pub(super) fn retry(run: &mut Run<'_>, id: Made) -> Result<(), Rejection> {
    run.via = run.context.require_role(&[QUALITY_COORDINATOR])?;
    run.require_active()?;
    let incident = run.state.incidents.get(&id).cloned();
    let incident = incident.ok_or_else(|| Rejection::conflict("incident.not-open", "There is no such open incident."))?;
    run.emit(Event::IncidentResolved { incident: id });
    let wait = run.state.tokens.get(&incident.token).map(|token| token.wait.clone());
    match wait {
        Some(Wait::Job(job)) if run.state.jobs.get(&job).is_some_and(|job| job.retries == 0) => {
            run.emit(Event::JobRetried { job, retries: 1 });
        }
        Some(Wait::Nothing) => run.again(incident.token),
        // A boundary event was stopped, not the activity: it goes on.
        Some(_) | None => {}
    }
    Ok(())
}

pub(super) fn apply(state: &mut Instance, origin: &Origin, event: &Event) {
    match event {
        Event::IncidentRaised { ordinal, token, code, message } => {
            let id = Made { command: origin.command, ordinal: *ordinal };
            let incident = Incident { token: *token, code: code.clone(), message: message.clone(), raised: origin.time };
            state.incidents.insert(id, incident);
        }
        Event::IncidentResolved { incident } => {
            state.incidents.remove(incident);
        }
        _ => {}
    }
}
