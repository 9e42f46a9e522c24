//! Moving the running cases of a version to another: some at a time, each by a command of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::digest::Hash;
use engine::journal::{Actor, Command, Envelope};
use engine::machine::Rejection;
use engine::machine::moving::{Forecast, IMPOSSIBLE};
use engine::model::moving::{Authority, Consent, Mapping};
use engine::model::{CommandId, InstanceStatus, Time, UnitId};
use engine::projection::row::InstanceRow;
use engine::runtime::Refusal;
use engine::store::{InstanceQuery, Store as _, StoreError};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;
use utoipa::ToSchema;

use super::Engine;
use super::heavy::heavy;

/// Rows read at a time.
const ROWS: u32 = 200;
/// Rows read for one answer at most: cases of other versions lie between those that are looked for.
const ROWS_MAX: usize = 2_000;

/// What corresponds to what. Steps of the same id and kind correspond by themselves.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MappingBody {
    /// The step of the new version for a step of the old one, by their ids.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(example = json!({ "scrutinise": "check" }))]
    pub steps: BTreeMap<String, String>,
    /// Variables that the new version does not declare: their values are left behind.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unset: Vec<String>,
    /// Running clocks that the new version does not bind, and that run on until the case ends.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keep: Vec<String>,
    /// Running clocks that the new version does not bind, and that end now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub end: Vec<String>,
    /// Clocks of the new version that begin now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub begin: Vec<String>,
}

impl From<MappingBody> for Mapping {
    fn from(MappingBody { steps, unset, keep, end, begin }: MappingBody) -> Self {
        Self { steps, unset, keep, end, begin }
    }
}

/// The applicant's consent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentBody {
    /// Who gave it: the applicant, or in what right somebody else did. No name: that is in the record.
    #[schema(example = "the applicant")]
    pub by: String,
    /// On which day.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// The record in which it is.
    #[schema(example = "Letter 44/2026")]
    pub record: String,
}

impl From<ConsentBody> for Consent {
    fn from(ConsentBody { by, date, record }: ConsentBody) -> Self {
        Self { by, date, record }
    }
}

/// A place in the list of running cases: how they stand, and the last one that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    status: InstanceStatus,
    after: Option<(Time, CommandId)>,
}

impl Place {
    /// The beginning.
    pub const START: Self = Self { status: InstanceStatus::Active, after: None };

    /// As a word of a query.
    pub fn word(&self) -> String {
        let (time, id) = self.after.map_or_else(|| (0, String::new()), |(time, id)| (time.0, id.to_string()));
        format!("{}~{time}~{id}", self.status.word())
    }

    /// From a word.
    pub fn parse(word: &str) -> Option<Self> {
        let mut parts = word.split('~');
        let (status, time, id) = (parts.next()?, parts.next()?, parts.next()?);
        let status = [InstanceStatus::Active, InstanceStatus::Suspended].into_iter().find(|one| one.word() == status)?;
        let after = if id.is_empty() { None } else { Some((Time(time.parse().ok()?), id.parse().ok()?)) };
        parts.next().is_none().then_some(Self { status, after })
    }
}

/// Which cases come to which version.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The unit that keeps them.
    pub unit: UnitId,
    /// Their process.
    pub process: String,
    /// The version that they have.
    pub from: Hash,
    /// The version that they are to have.
    pub to: Hash,
    /// What corresponds to what.
    pub mapping: Mapping,
}

/// Up to `limit` cases of a version that still run, and where the next ones are. A page may be short.
///
/// # Errors
/// When the store cannot be read.
pub async fn running(
    engine: &Engine,
    wish: &Wish,
    from: Place,
    limit: usize,
) -> Result<(Vec<InstanceRow>, Option<Place>), StoreError> {
    let (mut found, mut read, mut place) = (Vec::new(), 0, from);
    loop {
        let query = InstanceQuery {
            process: Some(wish.process.clone()),
            status: Some(place.status),
            after: place.after,
            limit: ROWS,
            ..InstanceQuery::default()
        };
        let rows = engine.store().instances(&wish.unit, &query).await?;
        let is_last = rows.len() < ROWS as usize;
        read += rows.len();
        for row in rows {
            place.after = Some((row.started, row.id));
            if row.definition == wish.from {
                found.push(row);
            }
            if found.len() >= limit {
                return Ok((found, Some(place)));
            }
        }
        if is_last && place.status == InstanceStatus::Active {
            place = Place { status: InstanceStatus::Suspended, after: None };
        } else if is_last {
            return Ok((found, None));
        }
        if read >= ROWS_MAX {
            return Ok((found, Some(place)));
        }
    }
}

/// What would change for each of some cases; what cannot be told of one is its own refusal.
///
/// # Errors
/// When the store does not answer.
pub async fn forecasts(engine: &Engine, actor: &Actor, wish: &Wish, cases: &[CommandId]) -> Result<Vec<Forecast>, Refusal> {
    let wish = Arc::new(wish.clone());
    let mut told = Vec::new();
    for &case in cases {
        let (engine, actor, wish, handle) = (engine.clone(), actor.clone(), Arc::clone(&wish), Handle::current());
        let forecast = heavy(move || handle.block_on(engine.forecast(&wish.unit, &actor, case, wish.to, &wish.mapping)));
        told.push(match forecast.await {
            Some(Ok(forecast)) => forecast,
            Some(Err(Refusal::Rejected(rejection))) => refused(rejection),
            Some(Err(refusal)) => return Err(refusal),
            None => refused(Rejection::conflict(IMPOSSIBLE, "The program failed at this case. Nothing was changed.")),
        });
    }
    Ok(told)
}

/// Moves each of some cases, by a command of its own whose key follows from `key`; what is refused stays as it is. Sent again with the same
/// key and the same cases, it tells the same of those that were moved.
///
/// # Errors
/// When the store does not answer, or too much waits. What was moved before stays moved.
pub async fn carry_out(
    engine: &Engine,
    actor: &Actor,
    key: &str,
    wish: &Wish,
    authority: &Authority,
    cases: &[CommandId],
) -> Result<Vec<Option<Rejection>>, Refusal> {
    let mut outcomes = Vec::new();
    for &instance in cases {
        let command = Command::MoveInstance {
            instance,
            from: wish.from,
            definition: wish.to,
            mapping: wish.mapping.clone(),
            authority: authority.clone(),
        };
        // Each case under a key of its own; a key may be as long as it is, so it goes in as its id.
        let key = format!("move:{}:{instance}", Envelope::id_of(actor, key));
        outcomes.push(match engine.submit(&wish.unit, Envelope::new(actor.clone(), &key, command)).await {
            Ok(_) => None,
            Err(Refusal::Rejected(rejection)) => Some(rejection),
            Err(refusal) => return Err(refusal),
        });
    }
    Ok(outcomes)
}

/// Of a case of which nothing else can be told.
fn refused(rejection: Rejection) -> Forecast {
    Forecast { places: Vec::new(), deadlines: Vec::new(), losses: Vec::new(), refusal: Some(rejection) }
}
