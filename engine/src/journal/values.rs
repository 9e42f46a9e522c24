//! Where named values lie in events. This closed set is what erasure has to know.

use super::event::Event;
use crate::model::Values;

impl Event {
    /// The event's named values: the place where fields marked personal lie.
    pub fn values(&self) -> Option<&Values> {
        match self {
            Self::InstanceStarted { data, .. }
            | Self::TaskCompleted { data, .. }
            | Self::JobCreated { data, .. }
            | Self::JobCompleted { data, .. }
            | Self::MessageReceived { data, .. }
            | Self::MessageThrown { data, .. }
            | Self::MessageBuffered { data, .. }
            | Self::CallRequested { data, .. }
            | Self::CallReturned { data, .. }
            | Self::CallAnswered { data, .. }
            | Self::CaseRequested { data, .. }
            | Self::PersonRegistered { data }
            | Self::VariablesSet { values: data, .. } => Some(data),
            _ => None,
        }
    }

    /// The same, to take them apart and put them together again.
    pub fn values_mut(&mut self) -> Option<&mut Values> {
        match self {
            Self::InstanceStarted { data, .. }
            | Self::TaskCompleted { data, .. }
            | Self::JobCreated { data, .. }
            | Self::JobCompleted { data, .. }
            | Self::MessageReceived { data, .. }
            | Self::MessageThrown { data, .. }
            | Self::MessageBuffered { data, .. }
            | Self::CallRequested { data, .. }
            | Self::CallReturned { data, .. }
            | Self::CallAnswered { data, .. }
            | Self::CaseRequested { data, .. }
            | Self::PersonRegistered { data }
            | Self::VariablesSet { values: data, .. } => Some(data),
            _ => None,
        }
    }
}
