//! The document on the workbench: its steps in one list, its scopes, and the problems found so far.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Known, ScopeIndex, StepIndex};
use crate::expression::{Expression, compile_checked};
use crate::model::definition::{Data, Process, Step, StepType};
use crate::model::limits::{NESTING_MAX, STEPS_MAX};
use crate::model::problem::pointer_token;
use crate::model::{Problem, id};

/// Problems that one check reports; a document with more is refused with these.
pub(super) const PROBLEMS_MAX: usize = 200;

/// Problems that get a guess at what was meant.
const GUESSES_MAX: usize = 20;

/// Names that an expression gives to something of its own: what came back, and the element of a filtered list.
const GIVEN: &[&str] = &["result", "item"];

/// A document under check.
pub(super) struct Draft<'a> {
    pub(super) process: &'a Process,
    pub(super) known: &'a dyn Known,
    pub(super) steps: Vec<Placed<'a>>,
    pub(super) scopes: Vec<DraftScope<'a>>,
    pub(super) by_id: HashMap<&'a str, StepIndex>,
    pub(super) problems: Vec<Problem>,
    /// Names of inputs and of what messages carry that are made of a personal value, and are no personal variables.
    pub(super) copied: BTreeSet<String>,
}

/// A step with its place.
pub(super) struct Placed<'a> {
    pub(super) authored: &'a Step,
    pub(super) pointer: String,
    pub(super) scope: ScopeIndex,
    /// The scope inside a sub-process.
    pub(super) inner: Option<ScopeIndex>,
}

/// The process or a sub-process.
pub(super) struct DraftScope<'a> {
    pub(super) step: Option<StepIndex>,
    pub(super) parent: Option<ScopeIndex>,
    /// The process or the sub-process in the document.
    pub(super) pointer: String,
    pub(super) data: &'a BTreeMap<String, Data>,
}

impl<'a> Draft<'a> {
    /// Lays out the steps of a document: ids unique, nesting and number bounded, names of variables well-formed.
    pub(super) fn lay_out(process: &'a Process, known: &'a dyn Known, problems: Vec<Problem>) -> Self {
        let (steps, scopes, by_id, copied) = (Vec::new(), Vec::new(), HashMap::new(), BTreeSet::new());
        let mut draft = Self { process, known, steps, scopes, by_id, problems, copied };
        draft.scopes.push(DraftScope { step: None, parent: None, pointer: String::new(), data: &process.data });
        draft.lay_out_steps(&process.steps, 0, 0);
        for scope in 0..draft.scopes.len() {
            draft.check_names(scope);
        }
        draft
    }

    fn lay_out_steps(&mut self, steps: &'a [Step], scope: ScopeIndex, depth: usize) {
        if depth > NESTING_MAX {
            let pointer = format!("{}/steps", self.scopes[scope].pointer);
            let message =
                format!("Sub-processes lie more than {NESTING_MAX} deep. Call the inner ones as processes of their own.");
            return self.error("limit.nesting", pointer, message);
        }
        for (position, step) in steps.iter().enumerate() {
            if self.steps.len() == STEPS_MAX {
                let message = format!("There are more than {STEPS_MAX} steps. Divide the process and call its parts.");
                return self.error("limit.steps", "/steps", message);
            }
            let index = self.steps.len();
            let pointer = format!("{}/steps/{position}", self.scopes[scope].pointer);
            if let Some(&first) = self.by_id.get(step.id.as_str()) {
                let message =
                    format!("The id \"{}\" is also that of {}. Give one of them another id.", step.id, self.steps[first].pointer);
                self.error("step.duplicate-id", format!("{pointer}/id"), message);
            } else {
                self.by_id.insert(&step.id, index);
            }
            let is_scope = step.kind == StepType::SubProcess;
            let inner = is_scope.then_some(self.scopes.len());
            self.steps.push(Placed { authored: step, pointer: pointer.clone(), scope, inner });
            if let Some(inner) = inner {
                self.scopes.push(DraftScope { step: Some(index), parent: Some(scope), pointer, data: &step.data });
                self.lay_out_steps(&step.steps, inner, depth + 1);
            }
        }
    }

    /// Names of variables: well-formed, free, and personal everywhere or nowhere.
    fn check_names(&mut self, scope: ScopeIndex) {
        let data = self.scopes[scope].data;
        for (name, declared) in data {
            let pointer = self.data_pointer(scope, name);
            if !id::is_variable_name(name) {
                let message = format!(
                    "\"{name}\" cannot name a variable. Use at most 64 letters, digits and \"_\" of ASCII, not beginning with a digit."
                );
                self.error("variables.bad-name", pointer, message);
            } else if !is_readable(name) {
                let message = format!("\"{name}\" is a word of the expression language. Give the variable another name.");
                self.error("variables.reserved-name", pointer, message);
            } else {
                let differs = self.scopes[..scope]
                    .iter()
                    .any(|other| other.data.get(name).is_some_and(|o| o.personal != declared.personal));
                if differs {
                    let message =
                        format!("\"{name}\" is personal in one scope and not in another. Mark both alike, or rename one.");
                    self.error("variables.personal-differs", format!("{pointer}/personal"), message);
                }
            }
        }
    }

    /// A step as authored, its pointer and its scope.
    pub(super) fn place(&self, step: StepIndex) -> (&'a Step, String, ScopeIndex) {
        let placed = &self.steps[step];
        (placed.authored, placed.pointer.clone(), placed.scope)
    }

    /// The place of a variable's declaration.
    pub(super) fn data_pointer(&self, scope: ScopeIndex, name: &str) -> String {
        format!("{}/data/{}", self.scopes[scope].pointer, pointer_token(name))
    }

    /// Reports an error, once.
    pub(super) fn error(&mut self, code: &str, pointer: impl Into<String>, message: impl Into<String>) {
        self.report(Problem::error(code, pointer, message));
    }

    /// Reports a warning, once.
    pub(super) fn warning(&mut self, code: &str, pointer: impl Into<String>, message: impl Into<String>) {
        self.report(Problem::warning(code, pointer, message));
    }

    pub(super) fn report(&mut self, problem: Problem) {
        if self.problems.len() < 2 * PROBLEMS_MAX && !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// How many errors there are so far.
    pub(super) fn errors(&self) -> usize {
        self.problems.iter().filter(|problem| problem.is_error()).count()
    }

    /// `scope` and the scopes around it, from the inside out.
    pub(super) fn around(&self, scope: ScopeIndex) -> impl Iterator<Item = ScopeIndex> + '_ {
        std::iter::successors(Some(scope), |&at| self.scopes[at].parent)
    }

    /// The scope that declares the variable which `scope` sees under this name.
    pub(super) fn declaring(&self, scope: ScopeIndex, name: &str) -> Option<ScopeIndex> {
        self.around(scope).find(|&at| self.scopes[at].data.contains_key(name))
    }

    /// " Did you mean …?", or nothing.
    pub(super) fn nearest_variable(&self, scope: ScopeIndex, name: &str) -> String {
        self.guess(name, self.around(scope).flat_map(|at| self.scopes[at].data.keys()).map(String::as_str))
    }

    /// " Did you mean …?", or nothing. A document full of mistakes gets no guesses: they would cost more than they help.
    pub(super) fn guess<'b>(&self, word: &str, candidates: impl Iterator<Item = &'b str>) -> String {
        if self.problems.len() > GUESSES_MAX {
            return String::new();
        }
        did_you_mean(word, candidates)
    }

    /// Compiles an expression over the variables that `scope` sees, and `result` where something came back.
    pub(super) fn expression(&mut self, scope: ScopeIndex, pointer: &str, source: &str, with_result: bool) -> Option<Expression> {
        let declared = |name: &str| (with_result && name == "result") || self.declaring(scope, name).is_some();
        let errors = match compile_checked(source, &declared) {
            Ok(expression) => return Some(expression),
            Err(errors) => errors,
        };
        for error in errors {
            let (before, after) = source.split_at_checked(error.at).unwrap_or((source, ""));
            let guess = if error.code == "expression.undeclared-name" {
                let end = after.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(after.len());
                self.nearest_variable(scope, &after[..end])
            } else {
                String::new()
            };
            let at = before.chars().count() + 1;
            self.error(error.code, pointer, format!("{} It is at character {at} of the expression.{guess}", error.message));
        }
        None
    }

    /// Notes a name under which what is made of a personal value is handed out: it is sealed apart there.
    fn note_copied(&mut self, name: &str, made: &Expression, scope: ScopeIndex) {
        let is_personal = |name: &str| self.scopes.iter().any(|scope| scope.data.get(name).is_some_and(|data| data.personal));
        let reads = made.names().iter().any(|read| self.declaring(scope, read).is_some() && is_personal(read));
        if reads && !is_personal(name) {
            self.copied.insert(name.to_owned());
        }
    }

    /// Compiles expressions by name; the names as in an input or a message.
    pub(super) fn expressions(
        &mut self,
        scope: ScopeIndex,
        pointer: &str,
        sources: &BTreeMap<String, String>,
    ) -> Vec<(String, Expression)> {
        let mut compiled = Vec::new();
        for (name, source) in sources {
            let pointer = format!("{pointer}/{}", pointer_token(name));
            if !id::is_variable_name(name) {
                let message = format!("\"{name}\" cannot name a value. Use at most 64 letters, digits and \"_\" of ASCII.");
                self.error("inputs.bad-name", &pointer, message);
            }
            if let Some(expression) = self.expression(scope, &pointer, source, false) {
                self.note_copied(name, &expression, scope);
                compiled.push((name.clone(), expression));
            }
        }
        compiled
    }
}

/// Whether an expression that is just this name reads the variable: a word of the language does not.
fn is_readable(name: &str) -> bool {
    !GIVEN.contains(&name) && compile_checked(name, &|_| true).is_ok_and(|expression| expression.names() == [name])
}

/// " Did you mean …?" with the candidate nearest to `word`, or nothing when none is near.
pub(super) fn did_you_mean<'b>(word: &str, candidates: impl Iterator<Item = &'b str>) -> String {
    let most = word.chars().count().div_ceil(3);
    let near = candidates.filter(|c| c.len().abs_diff(word.len()) <= most).map(|c| (distance(word, c), c)).min();
    near.filter(|&(d, _)| d <= most).map(|(_, c)| format!(" Did you mean \"{c}\"?")).unwrap_or_default()
}

/// Edit distance (Levenshtein), capitals counting as small letters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(80).flat_map(char::to_lowercase).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(80).flat_map(char::to_lowercase).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
