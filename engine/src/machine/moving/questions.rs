//! What a move between two versions leaves to be said, whichever case it is: for whoever fills in a form.

use std::collections::BTreeSet;

use super::fit::{Plan, has_run, is_stopped, name};
use crate::graph::{Graph, Library, StepIndex};
use crate::machine::clock::Clock;
use crate::machine::state::Instance;
use crate::model::moving::Mapping;

/// What is to be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Questions {
    /// Every step of the old version, in its order.
    pub steps: Vec<StepAsked>,
    /// Variables of the old version that the new one does not declare, and that are not personal: their values can be left behind.
    pub unset: Vec<String>,
    /// Clocks of the old version that the new one does not bind: kept or ended, where they run. Of one case: those of its running clocks that
    /// the new version does not bind, or that nothing ahead may stop there.
    pub undecided: Vec<String>,
    /// Clocks of the new version: they can begin with the move, where they have not begun.
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

/// What a move from one version to another leaves to be said; of one case, where it is named.
pub fn questions(old: &Graph, new: &Graph, case: Option<(&Library, &Instance)>) -> Questions {
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
    Questions {
        steps: steps.collect(),
        unset: gone,
        undecided: match case {
            Some((library, case)) => plan.undecided(library, case).into_iter().collect(),
            None => old.clocks.iter().map(|bound| bound.id.clone()).filter(|clock| !goes_on(clock)).collect(),
        },
        begin: new
            .clocks
            .iter()
            .filter(|bound| !case.is_some_and(|(library, case)| has_run(library, case, bound)))
            .map(|bound| bound.id.clone())
            .collect(),
    }
}

impl Plan<'_> {
    /// The running clocks of a case of which it has to be said what becomes of them, as far as it is known where the case will stand.
    fn undecided(&self, library: &Library, case: &Instance) -> BTreeSet<String> {
        let (ahead, stands) = self.ahead(case);
        let goes_on = |clock: &Clock| {
            let norm = library.norm_of(&clock.norm).map_or("", |issue| issue.document.id());
            let id = self.clock_name(&clock.id, false);
            let bound = self.new.clocks.iter().find(|bound| bound.id == id && bound.norm == norm);
            stands && bound.is_some_and(|bound| is_stopped(library, &clock.norm, bound, &ahead))
        };
        let open = case.clocks.values().filter(|clock| clock.stopped.is_none() && !goes_on(clock));
        open.map(|clock| clock.id.clone()).collect()
    }
}
