//! A scenario: a case acted out, who does what, and what must be open afterwards. The format of the files that tests play, and of a trial
//! that is carried away.

use engine::graph::Graph;
use engine::model::{InstanceStatus, Values};
use serde::{Deserialize, Serialize};

use super::Played;
use super::moves::{Move, Script, Start};

/// A scenario file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it shows.
    pub title: String,
    /// The office, a file of the folder of definitions.
    pub office: String,
    /// Definitions to deploy, files of its `processes/`.
    pub definitions: Vec<String>,
    /// The unit.
    pub unit: String,
    /// The process to start.
    pub process: String,
    /// When it begins, where that is later than the clock of the runner says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Who starts it, with what.
    pub start: Start,
    /// What happens then.
    pub steps: Vec<Step>,
    /// How the case stands at the end.
    pub end: InstanceStatus,
}

/// One thing that happens, or must hold.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Step {
    /// Something happens.
    Do(Move),
    /// Something is tried and refused.
    Refused(Refused),
    /// Something must hold.
    Expect {
        /// What.
        expect: Expect,
    },
}

/// Something is tried and refused.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "lowercase", deny_unknown_fields)]
pub enum Refused {
    /// Tried and refused.
    Refused {
        /// What.
        #[serde(rename = "try")]
        attempt: Move,
        /// The code of the refusal.
        code: String,
    },
}

/// What must hold.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// Steps of all open tasks, in any order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<Vec<String>>,
    /// Steps of the open tasks that are overdue, in any order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overdue: Option<Vec<String>>,
    /// Values of some variables of the case.
    #[serde(default, skip_serializing_if = "Values::is_empty")]
    pub variables: Values,
}

impl Scenario {
    /// A trial as a scenario: what was done, and what must be open at its end. None where nobody has started a case.
    pub fn of(graph: &Graph, script: &Script, played: &Played) -> Option<Self> {
        let (start, first) = (script.start.clone()?, played.cases.first()?);
        let mut definitions: Vec<String> = vec![graph.process.id.clone()];
        let others = graph.calls.iter().chain(played.cases.iter().map(|tried| &tried.case.process));
        for process in others {
            if !definitions.contains(process) {
                definitions.push(process.clone());
            }
        }
        let mut steps: Vec<Step> = script.steps.iter().cloned().map(Step::Do).collect();
        let open =
            played.tasks().iter().filter(|open| open.tried.unit == played.unit).map(|open| open.task.step.clone()).collect();
        steps.push(Step::Expect { expect: Expect { open: Some(open), ..Expect::default() } });
        Some(Self {
            title: graph.process.title.en.clone(),
            office: "office.json".to_owned(),
            definitions: definitions.into_iter().map(|process| format!("{process}.json")).collect(),
            unit: played.unit.to_string(),
            process: graph.process.id.clone(),
            at: Some(played.begun.to_string()),
            start,
            steps,
            end: first.case.status,
        })
    }
}
