//! Messages: published, caught by the case that waits for name and key, started with, or kept early until their time to live ends.
//! Each message reaches one case at most.

use super::rejection::Rejection;
use super::run::{Run, Trouble};
use super::state::{Instance, Subscription, Wait};
use super::{Context, Decision, delivered};
use crate::expression::{Expression, Value};
use crate::graph::{Catch, StepIndex, StepKind, Throw, Trigger};
use crate::journal::{Event, Origin};
use crate::model::Values;
use crate::model::id::Made;
use crate::model::limits::{BUFFERED_MESSAGES_MAX, MESSAGE_TTL_SECONDS_MAX};

/// A subscription ready to be opened.
pub(super) struct Subscribe {
    pub(super) step: StepIndex,
    name: String,
    key: String,
}

impl Subscribe {
    /// The message's name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

/// Longest correlation key, in bytes.
const KEY_BYTES_MAX: usize = 512;

impl Run<'_> {
    pub(super) fn subscribe(&self, scope: u32, step: StepIndex, catch: &Catch) -> Result<Subscribe, Trouble> {
        let key = self.correlation_key(scope, catch.key.as_ref())?;
        Ok(Subscribe { step, name: catch.name.clone(), key })
    }

    fn correlation_key(&self, scope: u32, key: Option<&Expression>) -> Result<String, Trouble> {
        let Some(expression) = key else { return Ok(String::new()) };
        let text = match self.evaluate(scope, expression, None)? {
            Value::String(text) => text.to_string(),
            Value::Null => {
                return Err(Trouble::new(
                    "message.no-key",
                    format!("The correlation key `{}` is null. Set its variable before this step.", expression.source()),
                ));
            }
            other => other.to_string(),
        };
        if text.len() > KEY_BYTES_MAX {
            return Err(Trouble::new("message.long-key", format!("A correlation key has at most {KEY_BYTES_MAX} bytes.")));
        }
        Ok(text)
    }

    /// Waits for a message; one that came early is received at once.
    pub(super) fn open_subscription(&mut self, token: u32, subscribe: Subscribe) {
        let Subscribe { step, name, key } = subscribe;
        let ordinal = self.ordinal();
        let id = self.made(ordinal);
        let step = self.graph.steps[step].id.clone();
        self.emit(Event::SubscriptionOpened { ordinal, token, step, name: name.clone(), key: key.clone() });
        self.look_for_mail(id, name, key);
    }

    /// Receives an early message, if there is one. Those of one name and key are received in their order, each once.
    fn look_for_mail(&mut self, subscription: Made, name: String, key: String) {
        let context = self.context;
        let before = self.opened.iter().filter(|opened| opened.0 == name && opened.1 == key).count();
        let early = context.mail.iter().filter(|message| message.name == name && message.key == key).nth(before);
        self.opened.push((name, key));
        if let Some(early) = early {
            self.receive(early.id, subscription, &early.data);
        }
    }

    /// Looks for early messages that came while the case was suspended.
    pub(super) fn look_for_all_mail(&mut self) {
        let open: Vec<(Made, String, String)> =
            self.state.subscriptions.iter().map(|(id, open)| (*id, open.name.clone(), open.key.clone())).collect();
        for (id, name, key) in open {
            self.look_for_mail(id, name, key);
        }
    }

    /// A message meets a subscription.
    pub(super) fn receive(&mut self, message: Made, subscription: Made, data: &Values) {
        let Some(met) = self.state.subscriptions.get(&subscription).cloned() else { return };
        self.emit(Event::MessageReceived { message, subscription: Some(subscription), data: data.clone() });
        let graph = self.graph;
        let Some(step) = graph.step(&met.step) else { return };
        let Some(scope) = self.state.tokens.get(&met.token).map(|token| token.scope) else { return };
        let (catch, boundary) = match &graph.steps[step].kind {
            StepKind::Catch(Trigger::Message(catch)) => (catch, None),
            StepKind::Boundary { trigger: Trigger::Message(catch), interrupting, .. } => (catch, Some(*interrupting)),
            _ => return,
        };
        // What does not fit the variables is an incident, and the case waits on for a message that does.
        if let Err(trouble) = self.outputs(scope, &catch.outputs, data).and_then(|writes| self.write(writes)) {
            self.raise(met.token, trouble);
            return;
        }
        if boundary != Some(false) {
            self.emit(Event::SubscriptionClosed { subscription });
        }
        match boundary {
            Some(interrupting) => self.interrupt(met.token, step, interrupting),
            None => self.finish(met.token),
        }
    }

    /// Throws a message: delivered as a command of its own, at once.
    pub(super) fn throw(&mut self, token: u32, throw: &Throw) -> Result<(), Trouble> {
        let Some(scope) = self.state.tokens.get(&token).map(|token| token.scope) else { return Ok(()) };
        let key = self.correlation_key(scope, throw.key.as_ref())?;
        let data = self.evaluate_all(scope, &throw.data)?;
        let ordinal = self.ordinal();
        self.emit(Event::MessageThrown { ordinal, name: throw.name.clone(), key, ttl_seconds: throw.ttl_seconds, data });
        Ok(())
    }
}

/// Publishes a message. `instance` is the case that waits for it, if one does.
pub(super) fn publish(
    context: &Context<'_>,
    instance: Option<&Instance>,
    name: &str,
    key: &str,
    ttl_seconds: i64,
    data: &Values,
) -> Result<Decision, Rejection> {
    if !(0..=MESSAGE_TTL_SECONDS_MAX).contains(&ttl_seconds) {
        let limit = MESSAGE_TTL_SECONDS_MAX;
        return Err(Rejection::invalid("message.ttl", format!("The time to live is 0 to {limit} seconds.")));
    }
    if name.is_empty() || name.len() > crate::model::limits::ID_BYTES_MAX || key.len() > KEY_BYTES_MAX {
        return Err(Rejection::invalid(
            "message.name",
            format!(
                "A message has a name of 1 to {} bytes and a key of at most {KEY_BYTES_MAX}.",
                crate::model::limits::ID_BYTES_MAX
            ),
        ));
    }
    context.require_member()?;
    let message = Made { command: context.command(), ordinal: 0 };
    if let Some(instance) = instance {
        let graph = context.graph(&instance.definition)?;
        let mut run = Run::new(context, &graph, instance.clone());
        run.require_active()?;
        let waiting =
            run.state.subscriptions.iter().find(|(_, subscription)| subscription.name == name && subscription.key == key);
        let Some(subscription) = waiting.map(|(id, _)| *id) else {
            return Err(Rejection::conflict("message.no-longer-awaited", "The case no longer waits for this message."));
        };
        // The message's own ordinal.
        let _ = run.ordinal();
        run.receive(message, subscription, data);
        run.go();
        return Ok(run.decision());
    }
    if let Some((deployed, step)) = context.library.started_by(name) {
        return super::instance::start_by_message(context, deployed, step, message, data);
    }
    let mut decision = delivered(context);
    if context.mail_count >= BUFFERED_MESSAGES_MAX && context.cause.is_none() {
        return Err(Rejection::conflict(
            "message.too-many",
            format!("No one waits for this message, and the unit keeps {BUFFERED_MESSAGES_MAX} early ones already."),
        ));
    }
    let expires = context.origin.time.plus_seconds(ttl_seconds);
    let (name, key) = (name.to_owned(), key.to_owned());
    decision.events.push(Event::MessageBuffered { ordinal: 0, name, key, expires, data: data.clone() });
    Ok(decision)
}

pub(super) fn apply(state: &mut Instance, origin: &Origin, event: &Event) {
    match event {
        Event::SubscriptionOpened { ordinal, token, step, name, key } => {
            let id = Made { command: origin.command, ordinal: *ordinal };
            if let Some(waiting) = state.tokens.get_mut(token)
                && waiting.step == *step
            {
                waiting.wait = Wait::Message(id);
            }
            let subscription = Subscription { token: *token, step: step.clone(), name: name.clone(), key: key.clone() };
            state.subscriptions.insert(id, subscription);
        }
        Event::SubscriptionClosed { subscription } => {
            if let Some(removed) = state.subscriptions.remove(subscription)
                && let Some(token) = state.tokens.get_mut(&removed.token)
                && token.wait == Wait::Message(*subscription)
            {
                token.wait = Wait::Nothing;
            }
        }
        _ => {}
    }
}
