//! TEMPORARY
#![allow(missing_docs, dead_code, unused_variables)]
use super::*;
use crate::calendar::Calendar;
use crate::model::Problem;
use crate::model::calendar::Roll;
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
        let c = &self.document.clock;
        let mut v = vec![c.start.as_str()];
        v.extend(c.stop.iter().map(String::as_str));
        for s in &c.suspend {
            v.push(&s.from);
            v.push(&s.until);
        }
        if let Some(e) = &c.extend {
            v.push(&e.on);
        }
        if let Some(e) = &c.interim {
            v.push(e);
        }
        if let Some(e) = &c.reopen {
            v.push(&e.on);
        }
        v
    }
    pub fn terms(&self, day: Date, attributes: &BTreeMap<String, String>) -> Option<Terms> {
        let limit =
            self.document.editions[0].limits.iter().position(|l| l.when.iter().all(|(k, v)| attributes.get(k) == Some(v)))?;
        Some(Terms { edition: 0, limit: limit as u16 })
    }
    pub fn edition(&self, terms: Terms) -> &Edition {
        &self.document.editions[usize::from(terms.edition)]
    }
    pub fn limit(&self, terms: Terms) -> &Limit {
        &self.edition(terms).limits[usize::from(terms.limit)]
    }
}
pub fn reckon(norm: &Norm, terms: Terms, ledger: &Ledger, calendar: &Calendar) -> Result<Deadline, NormError> {
    let n = |w: &Within| match w {
        Within::WorkingDays(n) => i64::from(*n),
        _ => panic!("stub"),
    };
    let none = Deadline { due: None, provisional: false, covered: true, warnings: vec![], rungs: vec![] };
    let mut lost = 0;
    for rest in &ledger.rests {
        let Some(to) = rest.to else { return Ok(none) };
        lost += calendar.working_days_between(calendar.date_of(rest.from), calendar.date_of(to)).value;
    }
    let days = n(&norm.limit(terms).within) + lost;
    let last = calendar.add_working_days(calendar.date_of(ledger.start), days, Roll::Forward).map_err(|_| NormError)?;
    let close = |d: Date| calendar.office_day(d).unwrap().unwrap();
    let due = close(last.value).1;
    let warnings = norm
        .document
        .warnings
        .iter()
        .map(|w| close(calendar.add_working_days(last.value, -n(w.before.as_ref().unwrap()), Roll::Forward).unwrap().value).0)
        .collect();
    let rungs = norm
        .document
        .breach
        .iter()
        .flat_map(|b| &b.escalate)
        .map(|r| match &r.after {
            None => due,
            Some(w) => close(calendar.add_working_days(last.value, n(w), Roll::Forward).unwrap().value).1,
        })
        .collect();
    Ok(Deadline { due: Some(due), warnings, rungs, ..none })
}
#[derive(Debug, serde::Serialize)]
pub struct Explanation {}
