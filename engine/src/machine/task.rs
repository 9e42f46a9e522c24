//! User tasks: offered to a role, claimed, released, completed with checked data.

use super::office::Office;
use super::rejection::Rejection;
use super::run::{Run, Trouble};
use super::state::{Claim, Instance, Task, Wait};
use super::timer::{Point, instant};
use crate::digest::Hash;
use crate::expression::{Clock, Value};
use crate::graph::{Due, Graph, StepIndex, StepKind};
use crate::journal::event::Counted;
use crate::journal::{Event, Origin};
use crate::model::definition::{APPLICANT, Performer};
use crate::model::id::Made;
use crate::model::limits::TEXT_CHARS_MAX;
use crate::model::office::Appointment;
use crate::model::time::date;
use crate::model::{InstanceStatus, PersonId, PostId, Problem, TaskId, Time, Values};

/// The one field of a task that a clock's ladder gave: what was done.
pub const NOTE: &str = "note";

impl Run<'_> {
    /// A token comes to a user task.
    pub(super) fn create_task(
        &mut self,
        token: u32,
        step: StepIndex,
        performer: &Performer,
        due: Option<&Due>,
    ) -> Result<(), Trouble> {
        let only = if performer.role == APPLICANT {
            let applicant = self.state.started_by.clone();
            Some(applicant.ok_or_else(|| {
                Trouble::new("task.no-applicant", "The task is for the applicant, but no person started this case.")
            })?)
        } else {
            None
        };
        let scope = self.state.tokens.get(&token).map_or(0, |token| token.scope);
        let own = match due {
            Some(due) => self.own_due(scope, due, self.context.origin.time)?,
            None => None,
        };
        let by = own.as_ref().filter(|_| matches!(due, Some(Due::By(_)))).map(|own| own.due);
        let (due, counted) = self.due_by(own);
        let watches = self.prepare_boundary(token, step)?;
        let ordinal = self.ordinal();
        let step = self.graph.steps[step].id.clone();
        self.emit(Event::TaskCreated { ordinal, token, step, role: performer.role.clone(), only, due, counted, by });
        self.watch(token, watches);
        Ok(())
    }

    /// When a task that was created at `created` is due by its own step; a date is in time until it is over.
    pub(super) fn own_due(&self, scope: u32, due: &Due, created: Time) -> Result<Option<Point>, Trouble> {
        let expression = match due {
            Due::After(duration) => return self.point(scope, duration, created).map(Some),
            Due::By(expression) => expression,
        };
        let by = match self.evaluate(scope, expression, None)? {
            Value::Null => return Ok(None),
            Value::Date(date) => date.tomorrow().map_or(Value::Null, Value::Date),
            other => other,
        };
        instant(self.context, &by).map(|due| Some(due.into())).ok_or_else(|| {
            let source = expression.source();
            Trouble::new("task.due-not-a-date", format!("`{source}` yields no day and no instant by which a task could be due."))
        })
    }

    /// When a task is due with this time of its own: nobody has longer than the case has.
    pub(super) fn due_by(&self, own: Option<Point>) -> (Option<Time>, Option<Counted>) {
        match (own, self.earliest_due()) {
            (Some(own), earliest) if earliest.is_none_or(|earliest| own.due <= earliest) => (Some(own.due), own.counted),
            (_, earliest) => (earliest, None),
        }
    }

    /// Moves the tasks that are due at another time by now. `because` is the document that was changed, where one was.
    pub(super) fn move_tasks(&mut self, because: Option<Hash>) {
        let tasks: Vec<(TaskId, Task)> = self.state.tasks.iter().map(|(id, task)| (*id, task.clone())).collect();
        for (id, task) in tasks {
            let scope = task.token.and_then(|token| self.state.tokens.get(&token)).map(|token| token.scope);
            let kind = self.graph.step(&task.step).map(|step| &self.graph.steps[step].kind);
            // What a ladder gave is due at no time of its own.
            let (Some(scope), Some(StepKind::UserTask { due, .. })) = (scope, kind) else { continue };
            let own = match (due, task.by) {
                (Some(Due::By(_)), Some(by)) => Ok(Some(Some(by.into()))),
                (due, _) => due.as_ref().map(|due| self.own_due(scope, due, task.created)).transpose(),
            };
            // Where its own time cannot be told any more, what was written down stays.
            let Ok(own) = own else { continue };
            let (due, counted) = self.due_by(own.flatten());
            if due != task.due {
                let Task { step, role, only, created, .. } = task;
                let person = task.claim.map(|claim| claim.person);
                self.emit(Event::TaskMoved { task: id, step, role, only, person, created, due, counted, because });
            }
        }
    }

    /// Whether the case can be worked on.
    pub(super) fn require_active(&self) -> Result<(), Rejection> {
        match self.state.status {
            InstanceStatus::Active => Ok(()),
            InstanceStatus::Suspended => {
                Err(Rejection::conflict("instance.suspended", "The case is suspended. It can be worked on once it is resumed."))
            }
            InstanceStatus::Completed | InstanceStatus::Cancelled => {
                Err(Rejection::conflict("instance.over", "The case has ended."))
            }
        }
    }

    fn open_task(&self, task: TaskId) -> Result<Task, Rejection> {
        self.require_active()?;
        let open = self.state.tasks.get(&task).cloned();
        open.ok_or_else(|| Rejection::conflict("task.not-open", "The task is no longer open: it was completed or fell away."))
    }

    /// The appointment by which a person plays a role for this unit now.
    fn holds_role(&self, person: &PersonId, role: &str) -> Option<&Appointment> {
        self.context.office.holding(person, role, self.context.unit, self.context.origin.time)
    }

    /// By what right the actor may work the task now: an appointment to a post with the role, or being the applicant.
    fn right(&self, task: &Task) -> Result<Option<Appointment>, Rejection> {
        let person = self.context.person()?;
        if let Some(rejection) = barred(self.graph, self.context.office, &self.context.clock, &self.state, task, person) {
            return Err(rejection);
        }
        if let Some(only) = &task.only {
            if only == person {
                return Ok(None);
            }
            return Err(Rejection::forbidden("task.not-allowed", "The task is for the applicant of this case alone."));
        }
        let held = self.holds_role(person, &task.role);
        held.cloned().map(Some).ok_or_else(|| {
            Rejection::forbidden(
                "task.not-allowed",
                format!("The task is for the role {}. You hold no post with it in this unit or above it now.", task.role),
            )
        })
    }
}

/// Why a task is kept from a person now, whatever their role: by what they did in the case, or by a post that they hold.
pub fn barred(
    graph: &Graph,
    office: &Office,
    clock: &Clock,
    case: &Instance,
    task: &Task,
    person: &PersonId,
) -> Option<Rejection> {
    let StepKind::UserTask { performer, .. } = &graph.steps[graph.step(&task.step)?].kind else { return None };
    let did = |step: &&String| case.did.get(*step).is_some_and(|people| people.contains(person));
    if let Some(step) = performer.not_who_did.iter().find(did) {
        let message = format!("Separation of duties: whoever completed the step {step} of this case may not work this one.");
        return Some(Rejection::forbidden("task.separation", message));
    }
    let holds = performer.not_who_holds.as_ref()?;
    let scope = task.token.and_then(|token| case.tokens.get(&token)).map_or(0, |token| token.scope);
    let now = Time::from_timestamp(clock.now);
    let since = holds.since.as_ref().and_then(|name| case.variable(scope, name)?.as_str());
    let first = since.and_then(date).and_then(|date| date.to_zoned_datetime(clock.zone.clone()).ok());
    let first = first.map_or(now, |first| Time::from_timestamp(first.timestamp()).min(now));
    let texts = |value: &serde_json::Value| match value {
        serde_json::Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    };
    let posts = holds.data.iter().filter_map(|name| case.variable(scope, name)).flat_map(texts);
    let mut posts = posts.filter_map(|post| post.as_str()?.parse::<PostId>().ok());
    let post = posts.find(|post| office.held_post(person, post, first, now))?;
    let when = since.map_or_else(String::new, |since| format!(", or held it on {since} or since"));
    let message = format!(
        "Independence: you hold the post {post}{when}, and whoever does may not work the step {} of this case. Another person with the role {} has to.",
        task.step, task.role
    );
    Some(Rejection::forbidden("task.independence", message))
}

/// Takes a task.
pub(super) fn claim(run: &mut Run<'_>, id: TaskId) -> Result<(), Rejection> {
    let task = run.open_task(id)?;
    let person = run.context.person()?.clone();
    match &task.claim {
        Some(claim) if claim.person == person => {
            return Err(Rejection::conflict("task.already-yours", "You have claimed this task already."));
        }
        // Whoever was transferred meanwhile cannot hold it any longer.
        Some(claim) if task.only.is_none() && run.holds_role(&claim.person, &task.role).is_none() => {}
        Some(_) => return Err(Rejection::conflict("task.claimed", "Someone else has claimed this task.")),
        None => {}
    }
    let appointment = run.right(&task)?;
    let post = appointment.as_ref().map(|appointment| appointment.post.clone());
    run.via.clone_from(&post);
    run.emit(Event::TaskClaimed { task: id, person, post, appointment: appointment.map(|appointment| appointment.id) });
    Ok(())
}

/// Gives a task back.
pub(super) fn release(run: &mut Run<'_>, id: TaskId) -> Result<(), Rejection> {
    let task = run.open_task(id)?;
    require_claim(run, &task)?;
    run.emit(Event::TaskReleased { task: id });
    Ok(())
}

fn require_claim(run: &Run<'_>, task: &Task) -> Result<(), Rejection> {
    let person = run.context.person()?;
    match &task.claim {
        Some(claim) if claim.person == *person => Ok(()),
        Some(_) => Err(Rejection::conflict("task.claimed", "Someone else has claimed this task.")),
        None => Err(Rejection::conflict("task.not-claimed", "Claim the task first.")),
    }
}

/// Completes a task with the data of its form.
pub(super) fn complete(run: &mut Run<'_>, id: TaskId, data: &Values) -> Result<(), Rejection> {
    let task = run.open_task(id)?;
    require_claim(run, &task)?;
    let appointment = run.right(&task)?;
    run.via = appointment.map(|appointment| appointment.post);

    let Some(token) = task.token else { return see_to(run, id, data) };
    let graph = run.graph;
    let step = graph.step(&task.step).map(|step| &graph.steps[step].kind);
    let Some(StepKind::UserTask { form, outputs, .. }) = step else {
        return Err(Rejection::conflict("task.not-open", "The definition of this case has no such user task."));
    };
    check_form(run.context.office, graph, form.as_deref(), data)?;
    let Some(scope) = run.state.tokens.get(&token).map(|token| token.scope) else {
        return Err(Rejection::conflict("task.not-open", "The task is no longer open."));
    };
    let refuse = |trouble: Trouble| Rejection::invalid(trouble.code, trouble.message);
    let writes = run.outputs(scope, outputs, data).map_err(refuse)?;

    // Where all of the data becomes variables of one scope, it is written once.
    let one = writes.iter().next().filter(|(_, values)| writes.len() == 1 && *values == data);
    let into = one.map(|(scope, _)| *scope);
    run.check_growth(&writes).map_err(refuse)?;
    run.emit(Event::TaskCompleted { task: id, data: data.clone(), into });
    if into.is_none() {
        run.write(writes).map_err(refuse)?;
    }
    run.finish(token);
    Ok(())
}

/// Completes a task that a clock's ladder gave: with a note of what was done, if there is one to make.
fn see_to(run: &mut Run<'_>, task: TaskId, data: &Values) -> Result<(), Rejection> {
    let fits = |(name, value): (&String, &serde_json::Value)| {
        name == NOTE && value.as_str().is_some_and(|note| note.chars().count() <= TEXT_CHARS_MAX)
    };
    if !data.iter().all(fits) {
        let message = format!("This task has one field, `{NOTE}`: a text of at most {TEXT_CHARS_MAX} characters.");
        return Err(Rejection::invalid("form.invalid", message));
    }
    run.emit(Event::TaskCompleted { task, data: data.clone(), into: None });
    Ok(())
}

/// Checks data against a form, and the posts in it against the office; without a form there must be none.
pub(super) fn check_form(office: &Office, graph: &Graph, form: Option<&str>, data: &Values) -> Result<(), Rejection> {
    let problems = match form.and_then(|form| graph.forms.get(form)) {
        Some(form) => {
            let mut problems = form.check(data);
            problems.extend(form.posts(data).filter_map(|(place, post, label)| {
                let id = post.parse::<PostId>().ok()?;
                let message = || format!("{label}: the office has no post {id}. Name one by its id.");
                (!office.posts.contains_key(&id)).then(|| Problem::error("form.post", place, message()))
            }));
            problems
        }
        None if data.is_empty() => Vec::new(),
        None => {
            return Err(Rejection::invalid("form.none", "This step has no form: send no data with it."));
        }
    };
    if problems.is_empty() {
        return Ok(());
    }
    let message = match problems.as_slice() {
        [only] => only.message.clone(),
        several => format!("{} fields need attention.", several.len()),
    };
    Err(Rejection::invalid("form.invalid", message).with(problems))
}

pub(super) fn apply(state: &mut Instance, origin: &Origin, event: &Event) {
    match event {
        Event::TaskCreated { ordinal, token, step, role, only, due, by, .. } => {
            let id = Made { command: origin.command, ordinal: *ordinal };
            if let Some(waiting) = state.tokens.get_mut(token) {
                waiting.wait = Wait::Task(id);
            }
            let task = Task {
                token: Some(*token),
                clock: None,
                step: step.clone(),
                role: role.clone(),
                only: only.clone(),
                claim: None,
                due: *due,
                by: *by,
                created: origin.time,
            };
            state.tasks.insert(id, task);
        }
        Event::TaskClaimed { task, person, post, appointment } => {
            if let Some(task) = state.tasks.get_mut(task) {
                task.claim =
                    Some(Claim { person: person.clone(), post: post.clone(), appointment: *appointment, since: origin.time });
            }
        }
        Event::TaskReleased { task } => {
            if let Some(task) = state.tasks.get_mut(task) {
                task.claim = None;
            }
        }
        Event::TaskCompleted { task, data, into } => {
            if let Some(scope) = into {
                super::variables::put(state, *scope, data);
            }
            if let Some(task) = close(state, *task)
                && let Some(person) = origin.actor.person()
            {
                let people = state.did.entry(task.step).or_default();
                if !people.contains(person) {
                    people.push(person.clone());
                }
            }
        }
        Event::TaskReassigned { task, role, .. } => {
            if let Some(task) = state.tasks.get_mut(task) {
                task.role.clone_from(role);
                task.claim = None;
            }
        }
        Event::TaskMoved { task, due, .. } => {
            if let Some(task) = state.tasks.get_mut(task) {
                task.due = *due;
            }
        }
        Event::TaskMapped { task, step, role, only, person, due, by, .. } => {
            if let Some(task) = state.tasks.get_mut(task) {
                task.step.clone_from(step);
                task.role.clone_from(role);
                task.only.clone_from(only);
                task.claim = task.claim.take().filter(|_| person.is_some());
                (task.due, task.by) = (*due, *by);
            }
        }
        Event::TaskCancelled { task } => drop(close(state, *task)),
        _ => {}
    }
}

fn close(state: &mut Instance, task: TaskId) -> Option<Task> {
    let task = state.tasks.remove(&task)?;
    if let Some(token) = task.token.and_then(|token| state.tokens.get_mut(&token)) {
        token.wait = Wait::Nothing;
    }
    Some(task)
}
