//! Jobs: a service task's work for external workers, who fetch and lock, complete, or fail with retries.

use super::rejection::Rejection;
use super::run::{Run, Trouble};
use super::state::{Instance, Job, Wait};
use crate::expression::Expression;
use crate::graph::{StepIndex, StepKind};
use crate::journal::{Event, Origin};
use crate::model::id::Made;
use crate::model::limits::{LOCK_SECONDS_MAX, RETRIES_MAX};
use crate::model::{JobId, Values};

impl Run<'_> {
    /// A token comes to a service task.
    pub(super) fn create_job(
        &mut self,
        token: u32,
        step: StepIndex,
        topic: &str,
        retries: u32,
        inputs: &[(String, Expression)],
    ) -> Result<(), Trouble> {
        let Some(scope) = self.state.tokens.get(&token).map(|token| token.scope) else { return Ok(()) };
        let data = self.evaluate_all(scope, inputs)?;
        let watches = self.prepare_boundary(token, step)?;
        let ordinal = self.ordinal();
        let step = self.graph.steps[step].id.clone();
        self.emit(Event::JobCreated { ordinal, token, step, topic: topic.to_owned(), retries, data });
        self.watch(token, watches);
        Ok(())
    }

    fn open_job(&self, job: JobId) -> Result<Job, Rejection> {
        self.context.require_member()?;
        self.require_active()?;
        let open = self.state.jobs.get(&job).cloned();
        open.ok_or_else(|| Rejection::conflict("job.not-open", "The job is no longer open: it was completed or fell away."))
    }

    fn locked_job(&self, job: JobId, worker: &str) -> Result<Job, Rejection> {
        let job = self.open_job(job)?;
        // Whoever locked it last may report, even a little late: until another worker has it, no work is lost.
        if job.worker.as_deref() != Some(worker) {
            return Err(Rejection::conflict("job.not-locked", "The job is not locked by this worker. Another may have it now."));
        }
        Ok(job)
    }
}

/// Locks a job for a worker.
pub(super) fn lock(run: &mut Run<'_>, id: JobId, worker: &str, seconds: i64) -> Result<(), Rejection> {
    if !(1..=LOCK_SECONDS_MAX).contains(&seconds) {
        return Err(Rejection::invalid("job.lock-time", format!("Lock for 1 to {LOCK_SECONDS_MAX} seconds.")));
    }
    let job = run.open_job(id)?;
    if job.retries == 0 || job.available > run.context.origin.time {
        return Err(Rejection::conflict("job.not-available", "The job is locked, backing off, or out of attempts."));
    }
    let until = run.context.origin.time.plus_seconds(seconds);
    run.emit(Event::JobLocked { job: id, worker: worker.to_owned(), until });
    Ok(())
}

/// Completes a locked job.
pub(super) fn complete(run: &mut Run<'_>, id: JobId, worker: &str, data: &Values) -> Result<(), Rejection> {
    let job = run.locked_job(id, worker)?;
    let graph = run.graph;
    let step = graph.step(&job.step).map(|step| &graph.steps[step].kind);
    let Some(StepKind::ServiceTask { outputs, .. }) = step else {
        return Err(Rejection::conflict("job.not-open", "The definition of this case has no such service task."));
    };
    let Some(scope) = run.state.tokens.get(&job.token).map(|token| token.scope) else {
        return Err(Rejection::conflict("job.not-open", "The job is no longer open."));
    };
    let refuse = |trouble: Trouble| Rejection::invalid(trouble.code, trouble.message);
    let writes = run.outputs(scope, outputs, data).map_err(refuse)?;
    run.emit(Event::JobCompleted { job: id, data: data.clone() });
    run.write(writes).map_err(refuse)?;
    run.finish(job.token);
    Ok(())
}

/// Reports a failed attempt. Without attempts left it is an incident.
pub(super) fn fail(
    run: &mut Run<'_>,
    id: JobId,
    worker: &str,
    message: &str,
    retries: Option<u32>,
    backoff_seconds: i64,
) -> Result<(), Rejection> {
    if !(0..=LOCK_SECONDS_MAX).contains(&backoff_seconds) {
        return Err(Rejection::invalid("job.backoff-time", format!("Back off for 0 to {LOCK_SECONDS_MAX} seconds.")));
    }
    let job = run.locked_job(id, worker)?;
    let retries = retries.unwrap_or_else(|| job.retries.saturating_sub(1)).min(RETRIES_MAX);
    let available = run.context.origin.time.plus_seconds(backoff_seconds);
    run.emit(Event::JobFailed { job: id, message: message.to_owned(), retries, available });
    if retries == 0 {
        run.raise(job.token, Trouble::new("job.failed", format!("The worker reported: {message}")));
    }
    Ok(())
}

pub(super) fn apply(state: &mut Instance, origin: &Origin, event: &Event) {
    match event {
        Event::JobCreated { ordinal, token, step, topic, retries, data } => {
            let id = Made { command: origin.command, ordinal: *ordinal };
            if let Some(waiting) = state.tokens.get_mut(token) {
                waiting.wait = Wait::Job(id);
            }
            let job = Job {
                token: *token,
                step: step.clone(),
                topic: topic.clone(),
                retries: *retries,
                available: origin.time,
                worker: None,
                data: data.clone(),
            };
            state.jobs.insert(id, job);
        }
        Event::JobLocked { job, worker, until } => {
            if let Some(job) = state.jobs.get_mut(job) {
                job.worker = Some(worker.clone());
                job.available = *until;
            }
        }
        Event::JobFailed { job, retries, available, .. } => {
            if let Some(job) = state.jobs.get_mut(job) {
                job.worker = None;
                job.retries = *retries;
                job.available = *available;
            }
        }
        Event::JobRetried { job, retries } => {
            if let Some(job) = state.jobs.get_mut(job) {
                job.worker = None;
                job.retries = *retries;
                job.available = origin.time;
            }
        }
        Event::JobMapped { job, step, .. } => {
            if let Some(job) = state.jobs.get_mut(job) {
                job.step.clone_from(step);
            }
        }
        Event::JobCompleted { job, .. } | Event::JobCancelled { job } => {
            if let Some(job) = state.jobs.remove(job)
                && let Some(token) = state.tokens.get_mut(&job.token)
            {
                token.wait = Wait::Nothing;
            }
        }
        _ => {}
    }
}
