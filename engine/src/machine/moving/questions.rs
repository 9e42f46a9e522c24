//! What a move between two versions leaves to be said, whichever case it is: for whoever fills in a form.

use std::collections::BTreeSet;

use super::fit::{Plan, name};
use crate::graph::{Graph, StepIndex};
use crate::model::moving::Mapping;

/// What is to be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Questions {
    /// Every step of the old version, in its order.
    pub steps: Vec<StepAsked>,
    /// Variables of the old version that the new one does not declare, and that are not personal: their values can be left behind.
    pub unset: Vec<String>,
    /// Clocks of the old version that the new one does not bind: kept or ended, where they run.
    pub undecided: Vec<String>,
    /// Clocks of the new version that the old one did not bind: they can begin with the move.
    pub begin: Vec<String>,
}

/// A step of the old version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepAsked {
    /// The step.
    pub from: StepIndex,
    /// The step of the new version that corresponds by itself.
    pub to: Option<StepIndex>,
    /// Those that may.
    pub choices: Vec<StepIndex>,
}

/// What a move from one version to another leaves to be said.
pub fn questions(old: &Graph, new: &Graph) -> Questions {
    let mapping = Mapping::default();
    let plan = Plan::new(old, new, &mapping);
    let steps = (0..old.steps.len()).map(|from| {
        let kind = name(&old.steps[from].kind);
        let choices = (0..new.steps.len()).filter(|to| name(&new.steps[*to].kind) == kind).collect();
        StepAsked { from, to: plan.same(from), choices }
    });
    let declared =
        |graph: &Graph| -> BTreeSet<String> { graph.scopes.iter().flat_map(|scope| scope.variables.keys().cloned()).collect() };
    let gone = declared(old).difference(&declared(new)).filter(|name| !old.personal.contains(*name)).cloned().collect();
    let goes_on = |clock: &str| {
        new.clocks.iter().any(|bound| bound.id == plan.clock_name(clock, false) && plan.has_norm(clock, &bound.norm))
    };
    let has_come = |clock: &str| old.clocks.iter().any(|bound| plan.clock_name(&bound.id, false) == clock && goes_on(&bound.id));
    Questions {
        steps: steps.collect(),
        unset: gone,
        undecided: old.clocks.iter().map(|bound| bound.id.clone()).filter(|clock| !goes_on(clock)).collect(),
        begin: new.clocks.iter().map(|bound| bound.id.clone()).filter(|clock| !has_come(clock)).collect(),
    }
}
