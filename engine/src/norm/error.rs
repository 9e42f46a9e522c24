//! Why a clock could not be reckoned. A norm that compiled is sound, so these are about what it was asked with.

use crate::calendar::CalendarError;

/// A reckoning without a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NormError {
    /// The terms are not of this norm.
    #[error("The norm has no such edition or limit. Ask with the version of the norm that the clock started with.")]
    Terms,
    /// A rest names a ground that the norm does not have.
    #[error("The norm has no such ground to rest. Ask with the version of the norm that the clock started with.")]
    Ground,
    /// A norm that counts backward was asked without a planned date.
    #[error("This norm counts back from a planned date, and none is known. Give the planned date first.")]
    Unplanned,
    /// An amount of money is too large, or is no amount.
    #[error("The amount cannot be reckoned. Write one of at most twelve digits, with at most two decimals.")]
    Amount,
    /// The calendar cannot reckon so far.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
}

impl NormError {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Terms => "norm.terms-unknown",
            Self::Ground => "norm.ground-unknown",
            Self::Unplanned => "norm.unplanned",
            Self::Amount => "norm.amount",
            Self::Calendar(error) => error.code(),
        }
    }
}
