//! placeholder until the expression room arrives.
#[derive(Debug, Clone)]
pub struct Expression;
