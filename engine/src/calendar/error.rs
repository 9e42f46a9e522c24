//! Why a reckoning has no result. A calendar that compiled has working days, so these are about how far it was asked to go.

/// A reckoning without a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// The result is no date between the years -9999 and 9999.
    #[error("The result lies outside the years -9999 to 9999. Ask for less.")]
    OutOfRange,
    /// More than the limits allow was asked for, or the office does not open within them.
    #[error("This is further than a calendar reckons. Ask for less, or look at the office hours.")]
    TooFar,
}

impl CalendarError {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::OutOfRange => "calendar.out-of-range",
            Self::TooFar => "calendar.too-far",
        }
    }
}
