//! A scenario: a case acted out, who does what, and what must be open afterwards. The format of the files that tests play, and of a trial
//! that is carried away.

use engine::digest::Hash;
use engine::graph::{Graph, compile};
use engine::journal::{Actor, Command};
use engine::machine::Rejection;
use engine::model::moving::Authority;
use engine::model::{CommandId, InstanceStatus, Values};
use engine::runtime::Refusal;
use engine::store::{Store, TaskQuery};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Played;
use super::moves::{Move, Script, Start};
use super::stage::{ROWS, Stage, not_begun, unreadable};
use crate::app::moving::{ConsentBody, MappingBody};

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
    Do(Act),
    /// Something is tried and refused.
    Refused(Refused),
    /// Something must hold.
    Expect {
        /// What.
        expect: Expect,
    },
}

/// Something that happens.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Act {
    /// What happens in a trial too.
    Move(Move),
    /// The case comes to another version. A trial has one only.
    Version(Box<ToVersion>),
}

/// A case comes to another version of its process.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "lowercase", deny_unknown_fields)]
pub enum ToVersion {
    /// It is moved.
    Move {
        /// Who moves it.
        actor: String,
        /// The file of the version, from the folder of the scenario. It is deployed if it is not yet.
        to: String,
        /// What corresponds to what.
        #[serde(default)]
        mapping: MappingBody,
        /// The office order.
        order: String,
        /// Why.
        reason: String,
        /// The applicant's consent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        consent: Option<ConsentBody>,
        /// What is in the file.
        #[serde(skip)]
        document: String,
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
        attempt: Act,
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
    /// Reads a scenario, and the versions that it names; `file` reads a file of its folder.
    ///
    /// # Errors
    /// What cannot be read.
    pub fn read(text: &str, file: impl Fn(&str) -> Result<String, String>) -> Result<Self, String> {
        let mut scenario: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        for step in &mut scenario.steps {
            let (Step::Do(act) | Step::Refused(Refused::Refused { attempt: act, .. })) = step else { continue };
            if let Act::Version(version) = act {
                let ToVersion::Move { to, document, .. } = &mut **version;
                *document = file(to)?;
            }
        }
        Ok(scenario)
    }

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
        let mut steps: Vec<Step> = script.steps.iter().cloned().map(|step| Step::Do(Act::Move(step))).collect();
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

impl<S: Store> Stage<'_, S> {
    /// Has a step of a scenario happen, or looks whether it holds.
    ///
    /// # Errors
    /// What differs from what the scenario says.
    pub async fn step(&self, case: CommandId, step: &Step) -> Result<(), String> {
        match step {
            Step::Do(what) => self.act(case, what).await.map_err(|refusal| told(&refusal)),
            Step::Refused(Refused::Refused { attempt, code }) => match self.act(case, attempt).await {
                Err(Refusal::Rejected(rejection)) if rejection.code == code => Ok(()),
                Err(refusal) => Err(told(&refusal)),
                Ok(()) => Err("it was not refused".to_owned()),
            },
            Step::Expect { expect } => self.holds(case, expect).await,
        }
    }

    async fn act(&self, case: CommandId, what: &Act) -> Result<(), Refusal> {
        match what {
            Act::Move(what) => self.perform(Some(case), what).await,
            Act::Version(version) => {
                let ToVersion::Move { actor, to: _, mapping, order, reason, consent, document } = &**version;
                let (definition, has) = (self.deployed(document).await?, self.engine.instance(self.unit, case).await);
                let from = has.map_err(unreadable)?.ok_or_else(not_begun)?.definition;
                let (order, reason, consent) = (order.clone(), reason.clone(), consent.clone().map(Into::into));
                let authority = Authority { order, reason, consent };
                let mapping = mapping.clone().into();
                self.submit(self.unit, actor, Command::MoveInstance { instance: case, from, definition, mapping, authority })
                    .await?;
                self.pass(self.engine.now()).await
            }
        }
    }

    /// The hash of a version, which is deployed in its owner's unit if it is not yet.
    async fn deployed(&self, document: &str) -> Result<Hash, Refusal> {
        let library = self.engine.library();
        let compiled = compile(document.as_bytes(), &*library);
        let (graph, _) =
            compiled.map_err(|problems| Rejection::invalid("definition.invalid", "The version has errors.").with(problems))?;
        if library.get(&graph.hash).is_none() {
            let office = self.engine.office();
            let unit = office.posts.get(&graph.process.owner.post).map_or(self.unit, |post| &post.unit);
            self.submit_as(unit, Actor::System, Command::DeployDefinition { document: document.to_owned() }).await?;
        }
        Ok(graph.hash)
    }

    /// How the case stands.
    ///
    /// # Errors
    /// That it stands in another way.
    pub async fn ends(&self, case: CommandId, end: InstanceStatus) -> Result<(), String> {
        let found = self.engine.store().instance(self.unit, case).await.map_err(|error| error.to_string())?;
        let status = found.map(|row| row.status);
        if status == Some(end) {
            Ok(())
        } else {
            Err(format!("the case is {}", status.map_or("not there", InstanceStatus::word)))
        }
    }

    async fn holds(&self, case: CommandId, expect: &Expect) -> Result<(), String> {
        let unreadable = |error: engine::store::StoreError| error.to_string();
        let query = TaskQuery { limit: ROWS, ..TaskQuery::default() };
        let tasks = self.engine.store().tasks(self.unit, &query).await.map_err(unreadable)?;
        let now = self.engine.now();
        let late: Vec<_> = tasks.iter().filter(|task| task.due.is_some_and(|due| due <= now)).cloned().collect();
        let case = self.engine.instance(self.unit, case).await.map_err(unreadable)?.ok_or("there is no such case")?;
        for (what, expected, tasks) in [("open", &expect.open, tasks), ("overdue", &expect.overdue, late)] {
            let Some(mut expected) = expected.clone() else { continue };
            let mut found: Vec<String> = tasks.into_iter().map(|task| task.step).collect();
            expected.sort();
            found.sort();
            if found != expected {
                let stopped: Vec<&str> = case.incidents.values().map(|incident| incident.message.as_str()).collect();
                return Err(format!("{what} is {found:?}, not {expected:?}; what stopped: {stopped:?}"));
            }
        }
        for (name, value) in &expect.variables {
            let found = case.variable(0, name).unwrap_or(&Value::Null);
            if !same(found, value) {
                return Err(format!("{name} is {found}, not {value}"));
            }
        }
        Ok(())
    }
}

/// A refusal with its places.
fn told(refusal: &Refusal) -> String {
    let problems = match refusal {
        Refusal::Rejected(rejection) => rejection.problems.as_slice(),
        _ => &[],
    };
    let places = problems.iter().map(|problem| format!("; {}: {}", problem.pointer, problem.message));
    format!("it is refused: {refusal}{}", places.collect::<String>())
}

/// Whether two values are the same; amounts are compared as decimals.
fn same(a: &Value, b: &Value) -> bool {
    let number = |value: &Value| match value {
        Value::String(text) => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        other => other.to_string(),
    };
    a == b
        || (a.is_string() && a.as_str().is_some_and(|text| text.contains('.') && number(a) == number(b)))
        || (b.is_string() && b.as_str().is_some_and(|text| text.contains('.') && number(a) == number(b)))
}
