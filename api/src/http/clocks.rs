//! The clocks of a case: by which norm each counts, when its time is over, and why.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use engine::graph::Library;
use engine::machine::clock::Clock;
use engine::model::id::Made;
use engine::model::norm::Payee;
use engine::model::{InstanceId, Time};
use engine::norm::{Explanation, Held, Rest, Share};
use engine::projection::custody::custody;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::words;
use super::case::load;
use super::extract::{At, Who};
use super::problem::Problem;
use crate::app::custody::{MayBeDue, penalties};
use crate::app::{App, reading};

/// The clocks of a case.
#[derive(Serialize, ToSchema)]
pub(super) struct Clocks {
    /// In the order in which they started.
    clocks: Vec<ClockItem>,
}

/// A clock.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ClockItem {
    /// Id.
    id: String,
    /// Its id within the process.
    clock: String,
    /// The norm by which it counts.
    norm: NormItem,
    /// The time that the norm gives, such as `{ "workingDays": 30 }`; none where no limit holds for this case.
    #[schema(value_type = Option<Object>)]
    within: Option<engine::model::norm::Within>,
    /// Attributes of the case, by which the limit was chosen.
    attributes: BTreeMap<String, String>,
    /// `running`, `resting`, `stopped`, or `ended`: by the order that moved the case, and what it times is not done.
    status: &'static str,
    /// When it started; after a restart, when it did so anew.
    #[schema(format = DateTime)]
    started: String,
    /// The first instant that is late; none while it rests without limit, or where no limit holds.
    #[schema(format = DateTime)]
    due: Option<String>,
    /// Whether a holiday that is not certain yet took part in it.
    provisional: bool,
    /// Whether its time is over: now, or when it stopped. Reckoned when asked.
    late: bool,
    /// Since when its breach is on record.
    #[schema(format = DateTime)]
    breached: Option<String>,
    /// When it stopped.
    #[schema(format = DateTime)]
    stopped: Option<String>,
    /// Why there is no deadline although there should be one: a stable code.
    trouble: Option<String>,
    /// When it rested, and on what ground.
    rests: Vec<RestItem>,
    /// When it was extended.
    extensions: Vec<String>,
    /// Interim replies.
    replied: Vec<String>,
    /// Rungs of the ladder that were reached.
    rungs: u16,
    /// What may be due for the delay so far. It is reckoned, and imposed by nobody but whom the law names.
    penalties: Vec<PenaltyItem>,
}

/// What may be due for a delay.
#[derive(Serialize, ToSchema)]
pub(super) struct PenaltyItem {
    /// Title by language.
    title: BTreeMap<String, String>,
    /// Whom it is due to: `applicant` or `state`.
    #[schema(value_type = String)]
    payee: Payee,
    /// Days of delay that count.
    days: i64,
    /// What the days come to, in rupees; no more than the cap.
    amount: Option<String>,
    /// Whether the days would come to more than the cap.
    capped: bool,
    /// The least and the most of a lump sum instead of it.
    lump: Option<[String; 2]>,
    /// What each of those who held the case while it was late would bear, where it is apportioned.
    shares: Vec<ShareItem>,
    /// Where it comes from.
    source: Vec<String>,
    /// Whether it was compared with the original of its source.
    verified: bool,
}

/// What one holder would bear.
#[derive(Serialize, ToSchema)]
pub(super) struct ShareItem {
    /// A post, or `role:` and a role.
    holder: String,
    /// Minutes of office time by which it was shared out.
    minutes: i64,
    /// The share, in rupees.
    amount: String,
}

/// The norm by which a clock counts.
#[derive(Serialize, ToSchema)]
pub(super) struct NormItem {
    /// Id.
    id: String,
    /// Version.
    version: u32,
    /// Content hash.
    hash: String,
    /// Title by language.
    title: BTreeMap<String, String>,
    /// Title of the edition by language.
    edition: BTreeMap<String, String>,
    /// Where the edition can be read.
    source: Vec<String>,
    /// Whether it was compared with the original of its source.
    verified: bool,
}

/// A time during which a clock rested.
#[derive(Serialize, ToSchema)]
pub(super) struct RestItem {
    /// Whom one waits for: `applicant`, `authority`, `court`, `office`; none between a stop and being taken up again.
    #[schema(value_type = Option<String>)]
    r#for: Option<engine::model::norm::Party>,
    /// Why, by language.
    title: BTreeMap<String, String>,
    /// From when.
    #[schema(format = DateTime)]
    from: String,
    /// Until when.
    #[schema(format = DateTime)]
    to: Option<String>,
}

impl ClockItem {
    pub(super) fn new(library: &Library, id: Made, clock: &Clock, held: &[Held], now: Time) -> Option<Self> {
        let issue = library.norm_of(&clock.norm)?;
        let norm = &issue.document;
        let edition = clock.terms.and_then(|terms| norm.edition(terms));
        let rest = |rest: &Rest| {
            let ground = rest.ground.and_then(|ground| norm.document.clock.suspend.get(usize::from(ground)));
            RestItem {
                r#for: ground.map(|ground| ground.party),
                title: ground.map(|ground| words(&ground.title)).unwrap_or_default(),
                from: rest.from.to_string(),
                to: rest.to.map(|to| to.to_string()),
            }
        };
        let text = |time: &Time| time.to_string();
        Some(Self {
            id: id.to_string(),
            clock: clock.id.clone(),
            norm: NormItem {
                id: norm.id().to_owned(),
                version: issue.version,
                hash: issue.hash.to_string(),
                title: words(&norm.document.title),
                edition: edition.map(|edition| words(&edition.title)).unwrap_or_default(),
                source: edition.map(|edition| edition.source.clone()).unwrap_or_default(),
                verified: edition.is_some_and(|edition| edition.verified),
            },
            within: clock.terms.and_then(|terms| norm.limit(terms)).map(|limit| limit.within.clone()),
            attributes: clock.attributes.clone(),
            status: match clock.stopped {
                Some(_) if clock.ended => "ended",
                Some(_) => "stopped",
                None if clock.rests() => "resting",
                None => "running",
            },
            started: clock.ledger.start.to_string(),
            due: clock.reckoning.due.as_ref().map(text),
            provisional: clock.reckoning.provisional,
            late: clock.is_late(now),
            breached: clock.breached.as_ref().map(text),
            stopped: clock.stopped.as_ref().map(text),
            trouble: clock.reckoning.trouble.clone(),
            rests: clock.ledger.rests.iter().map(rest).collect(),
            extensions: clock.ledger.extensions.iter().map(text).collect(),
            replied: clock.replied.iter().map(text).collect(),
            rungs: clock.rungs,
            penalties: penalties(library, norm, clock, held, now).into_iter().map(PenaltyItem::from).collect(),
        })
    }
}

impl From<MayBeDue<'_>> for PenaltyItem {
    fn from(MayBeDue { penalty, found, shares }: MayBeDue<'_>) -> Self {
        let share = |Share { holder, minutes, amount }: Share| ShareItem { holder, minutes, amount: amount.to_string() };
        Self {
            title: words(&penalty.title),
            payee: penalty.payee,
            days: found.days,
            amount: found.amount.map(|amount| amount.to_string()),
            capped: found.capped,
            lump: found.lump.map(|lump| [lump.from.to_string(), lump.to.to_string()]),
            shares: shares.into_iter().map(share).collect(),
            source: penalty.source.clone(),
            verified: penalty.verified,
        }
    }
}

/// The clocks of a case.
///
/// Each with the norm by which it counts, its deadline, its rests and extensions. Whether one is late is reckoned when it is asked.
#[utoipa::path(get, path = "/api/v1/instances/{id}/clocks", tag = "instances", operation_id = "listClocks",
    params(("id" = String, Path, description = "Case")), responses((status = 200, description = "The clocks", body = Clocks)))]
pub(super) async fn list(State(app): State<App>, Who(who): Who, At(id): At<InstanceId>) -> Result<Json<Clocks>, Problem> {
    let case = load(&app, &who, &id).await?;
    let (library, now) = (app.engine.library(), app.engine.now());
    let mut clocks: Vec<(&Made, &Clock)> = case.clocks.iter().collect();
    clocks.sort_by_key(|(_, clock)| clock.ledger.start);
    let held = custody(&reading::history(&app.engine, &id).await?, now);
    let clocks = clocks.into_iter().filter_map(|(id, clock)| ClockItem::new(&library, *id, clock, &held, now)).collect();
    Ok(Json(Clocks { clocks }))
}

/// Why the deadline of a clock is what it is.
///
/// Day by day, with the rule and the calendar's line for each, in English and Hindi: a citizen can follow it, and an auditor reckon it
/// again. By the calendar and the norm by which the deadline was written down.
#[utoipa::path(get, path = "/api/v1/instances/{id}/clocks/{clock}/explain", tag = "instances", operation_id = "explainClock",
    params(("id" = String, Path, description = "Case"),
        ("clock" = String, Path, description = "Id of the clock, or its id within the process: then the last of that name")),
    responses((status = 200, description = "The derivation", body = Object)))]
pub(super) async fn explain(
    State(app): State<App>,
    Who(who): Who,
    At((id, clock)): At<(InstanceId, String)>,
) -> Result<Json<Explanation>, Problem> {
    let case = load(&app, &who, &id).await?;
    let found = case.clock(&clock).ok_or_else(|| Problem::new("clock.unknown", "The case has no such clock."))?;
    let explained = found.explained(&app.engine.library());
    explained
        .map(Json)
        .ok_or_else(|| Problem::new("clock.no-deadline", "No limit holds for this clock, so there is nothing to derive."))
}
