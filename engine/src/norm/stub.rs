//! TEMPORARY
#![allow(missing_docs, dead_code, unused_variables)]
use super::*;
use crate::calendar::Calendar;
use crate::model::Problem;
use crate::model::norm::*;
use jiff::civil::Date;
use std::collections::BTreeMap;
#[derive(Debug)]
pub struct Norm {
    pub document: Document,
}
pub fn compile(document: Document) -> Result<(Norm, Vec<Problem>), Vec<Problem>> {
    Ok((Norm { document }, vec![]))
}
#[derive(Debug)]
pub struct NormError;
impl NormError {
    pub fn code(&self) -> &'static str {
        "x"
    }
}
impl Norm {
    pub fn id(&self) -> &str {
        &self.document.id
    }
    pub fn events(&self) -> Vec<&str> {
        vec![]
    }
    pub fn terms(&self, day: Date, attributes: &BTreeMap<String, String>) -> Option<Terms> {
        None
    }
    pub fn edition(&self, terms: Terms) -> &Edition {
        &self.document.editions[0]
    }
    pub fn limit(&self, terms: Terms) -> &Limit {
        &self.document.editions[0].limits[0]
    }
}
pub fn reckon(norm: &Norm, terms: Terms, ledger: &Ledger, calendar: &Calendar) -> Result<Deadline, NormError> {
    Err(NormError)
}
