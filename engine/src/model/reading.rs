//! Reading of personal values: of which cases, which variables, through what. Names and ids, never a value.

use serde::{Deserialize, Serialize};

use super::InstanceId;

/// What one answer showed of personal values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// Through what they were shown.
    pub through: Through,
    /// Whose, in the order of the cases, each once.
    pub cases: Vec<CaseRead>,
}

/// What was shown of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseRead {
    /// The case.
    pub case: InstanceId,
    /// Its personal variables that were shown with a value, in alphabetical order, each once.
    pub names: Vec<String>,
}

/// Through what personal values are shown: a closed set, one for each place of the program that hands them out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Through {
    /// The page of a case, as it stands or stood.
    CasePage,
    /// The page of a task.
    TaskPage,
    /// The slip that an applicant carries home.
    Slip,
    /// The printed file of a case.
    File,
    /// The API's case, as it stands or stood.
    Case,
    /// The API's history of a case.
    History,
    /// The API's task.
    Task,
    /// The API's entries of a log, byte for byte.
    Entries,
    /// Jobs that a worker fetched.
    Jobs,
    /// A bundle of evidence in which values are disclosed.
    Bundle,
}

impl Through {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::CasePage,
        Self::TaskPage,
        Self::Slip,
        Self::File,
        Self::Case,
        Self::History,
        Self::Task,
        Self::Entries,
        Self::Jobs,
        Self::Bundle,
    ];

    /// Its code, as in the journal.
    pub fn code(self) -> &'static str {
        match self {
            Self::CasePage => "case-page",
            Self::TaskPage => "task-page",
            Self::Slip => "slip",
            Self::File => "file",
            Self::Case => "case",
            Self::History => "history",
            Self::Task => "task",
            Self::Entries => "entries",
            Self::Jobs => "jobs",
            Self::Bundle => "bundle",
        }
    }

    /// From its code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|through| through.code() == code)
    }
}
