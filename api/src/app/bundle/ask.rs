//! What somebody asks to be put into a bundle, over HTTP or on a page; and what they are told where there is none.

use std::collections::BTreeSet;
use std::sync::Arc;

use engine::evidence::bundle::is_ground;
use engine::graph::Library;
use engine::machine::Rejection;
use engine::model::bundle::{Chosen, Instant};
use engine::model::limits::BUNDLE_CHOSEN_MAX;
use engine::model::{CommandId, InstanceId, Time, UnitId};
use engine::runtime::Refusal;
use engine::runtime::bundle::{NoBundle, Wish};

use super::super::evidence::NoEvidence;
use super::NotMade;

/// What is asked for, as it was typed in. All that is said must be true of a case.
#[derive(Debug)]
pub struct Asked {
    /// The unit.
    pub unit: UnitId,
    /// Cases.
    pub cases: Vec<InstanceId>,
    /// Processes.
    pub processes: Vec<String>,
    /// A clause that processes carry out.
    pub clause: Option<String>,
    /// Beginning of the period.
    pub from: Option<String>,
    /// End of the period, not in it.
    pub to: Option<String>,
    /// The ground on which personal values are withheld.
    pub withhold: Option<String>,
    /// Whether every leaf is shown from the first chosen entry on.
    pub leaves: bool,
    /// Sizes of checkpoints from elsewhere.
    pub at: BTreeSet<u64>,
    /// What it is for.
    pub purpose: String,
}

impl Asked {
    /// As a wish, with its purpose: a clause is told in that, since the wish names the processes alone.
    ///
    /// # Errors
    /// What cannot be chosen so.
    pub fn wish(self, library: &Library) -> Result<(Wish, String), Rejection> {
        let Self { unit, cases, mut processes, clause, from, to, withhold, leaves, at, mut purpose } = self;
        if [cases.len(), processes.len(), at.len()].into_iter().any(|count| count > BUNDLE_CHOSEN_MAX) {
            return Err(wrong(format!("Name at most {BUNDLE_CHOSEN_MAX} cases, processes and sizes.")));
        }
        if let Some(other) = cases.iter().find(|case| case.unit != unit) {
            return Err(wrong(format!("The case {other} is not of the unit {unit}: a bundle is of one unit.")));
        }
        if !withhold.as_deref().is_none_or(is_ground) {
            return Err(wrong("Name the ground on which personal values are withheld, in 1 to 2,000 characters."));
        }
        if let Some(clause) = clause.as_deref().map(str::trim) {
            processes = carrying_out(clause, processes, library)?;
            // Nothing is added to one that is refused for saying nothing.
            if !purpose.trim().is_empty() {
                purpose = format!("{purpose} ({clause})");
            }
        }
        let instant = |text: Option<String>| match text {
            None => Ok(None),
            Some(text) => match Time::parse(&text).filter(|time| time.0 >= 0) {
                Some(time) => Ok(Some(Instant(time))),
                None => Err(wrong(format!("{text:?} is no instant such as 2026-04-01T00:00:00Z."))),
            },
        };
        let (from, to) = (instant(from)?, instant(to)?);
        let mut cases: Vec<CommandId> = cases.into_iter().map(|case| case.command).collect();
        cases.sort_unstable();
        cases.dedup();
        Ok((Wish { chosen: Chosen { unit, cases, processes, from, to }, withheld: withhold, leaves, at }, purpose))
    }
}

fn wrong(message: impl Into<String>) -> Rejection {
    Rejection::invalid("bundle.choice", message)
}

/// The processes that carry out a clause; where some are named, those of them.
fn carrying_out(clause: &str, named: Vec<String>, library: &Library) -> Result<Vec<String>, Rejection> {
    let carrying = if clause.is_empty() { BTreeSet::new() } else { library.carrying_out(clause) };
    let processes: Vec<String> = if named.is_empty() {
        carrying.iter().map(ToString::to_string).collect()
    } else {
        named.into_iter().filter(|process| carrying.contains(process.as_str())).collect()
    };
    match processes.len() {
        0 => Err(wrong(format!(
            "No process that was chosen carries out {clause:?}: no reference of it, of its norms or of a page that shows these names it."
        ))),
        count if count > BUNDLE_CHOSEN_MAX => {
            Err(wrong(format!("More than {BUNDLE_CHOSEN_MAX} processes carry out {clause:?}: name a part of it.")))
        }
        _ => Ok(processes),
    }
}

impl NotMade {
    /// As a refusal with its code; none where the log in the database is not what was signed, of which the operators are told.
    pub fn refusal(self) -> Option<Refusal> {
        Some(Refusal::Rejected(match self {
            Self::Nothing(NoBundle::Unsigned(unit)) => {
                let message = format!("Nothing is signed of the log of {unit}: a bundle would prove nothing.");
                Rejection::not_found("log.unsigned", message)
            }
            Self::Nothing(NoBundle::NoCase(case)) => {
                let message = format!("There is no case {case} in the period, or nothing of it is signed yet.");
                Rejection::not_found("instance.unknown", message)
            }
            Self::Nothing(NoBundle::NoProcess(process)) => {
                Rejection::not_found("definition.unknown", format!("No definition of the process {process} is deployed."))
            }
            Self::Nothing(NoBundle::Nothing) => Rejection::not_found("bundle.empty", "Nothing that is signed was chosen."),
            Self::Nothing(NoBundle::TooLarge) | Self::Packed(_) => {
                let message = "The bundle would be too large. Choose less: a shorter period, or fewer cases.";
                Rejection::too_large("bundle.too-large", message)
            }
            Self::Evidence(NoEvidence::Unsigned) => {
                Rejection::not_found("log.unsigned", "Nothing is signed of this log, or not under this name.")
            }
            Self::Evidence(NoEvidence::Beyond(size)) => {
                let message = format!("The log is signed up to {size} entries; try again in some seconds.");
                Rejection::not_found("log.not-yet-signed", message)
            }
            Self::Nothing(NoBundle::Store(error)) | Self::Evidence(NoEvidence::Store(error)) => {
                return Some(Refusal::Store(Arc::new(error)));
            }
            Self::Refused(refusal) | Self::Unrecorded(refusal) => return Some(refusal),
            differs @ (Self::Nothing(NoBundle::Differs(_)) | Self::Evidence(NoEvidence::Differs | NoEvidence::Broken(_))) => {
                tracing::error!(%differs, "the log in the database is not what was signed, or that cannot be read");
                return None;
            }
        }))
    }
}
