//! A process is tried on a page: the moves so far travel in the form, and nothing is kept.

use std::sync::Arc;

use axum::Form as Body;
use axum::extract::{Path, Query};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::digest::{JsonLimits, parse_strict};
use engine::graph::form::Form;
use engine::graph::library::Checked;
use engine::graph::{Graph, StepKind};
use engine::machine::Rejection;
use engine::machine::task::NOTE;
use engine::model::document::DocumentKind;
use engine::model::limits::{BODY_BYTES_MAX, JSON_DEPTH_MAX};
use engine::model::time::date;
use engine::model::{Time, Values};
use engine::runtime::Refusal;
use jiff::civil;
use serde::Deserialize;

use super::form::FormView;
use super::posted::{Posted, day, text};
use super::refused::{Refused, status_of};
use super::task::titles;
use super::tried;
use super::visit::{Visit, page, page_as};
use crate::app::editions::{Edition, editions, pair};
use crate::app::heavy::heavy;
use crate::app::ladder;
use crate::app::trial::moves::{Move, Script, Start};
use crate::app::trial::scenario::Scenario;
use crate::app::trial::{Place, Played, play};

/// What is tried.
#[derive(Deserialize)]
pub(super) struct Asked {
    edition: Option<String>,
}

/// A trial on its way through a page.
pub(super) struct Trial {
    pub(super) id: String,
    pub(super) edition: Edition<'static>,
    pub(super) checked: Checked,
    pub(super) script: Script,
    /// The moves before the one that was posted, where one was.
    before: Option<Script>,
    /// What was posted last, shown again where it was refused.
    pub(super) posted: Posted,
    /// Why it was.
    pub(super) rejection: Option<Rejection>,
}

impl Trial {
    /// The graph that is tried.
    pub(super) fn graph(&self) -> Result<&Arc<Graph>, Refused> {
        self.checked.graph().ok_or(Refused::NotFound)
    }
}

/// An edition that is to be tried; or the page that tells what is wrong with it.
async fn find(visit: &Visit, kind: DocumentKind, id: &str, edition: &str) -> Result<Result<Trial, Response>, Refused> {
    visit.identity()?;
    if !visit.serves() {
        return Err(Refused::Forbidden);
    }
    if kind != DocumentKind::Process {
        return Err(Refused::NotFound);
    }
    let asked = Some(edition).filter(|edition| !edition.is_empty());
    let asked = asked.map(|edition| edition.parse().map_err(|_| Refused::NotFound)).transpose()?;
    let all = editions(&visit.office.controls, &visit.library, kind, id);
    let edition = pair(&all, None, asked).ok_or(Refused::NotFound)?.to;
    let (library, document) = (visit.library.clone(), edition.text.to_string());
    let checked = heavy(move || library.check(kind, &document)).await.ok_or(Refused::NotFound)?;
    Ok(match checked {
        Ok(checked) => Ok(Trial {
            id: id.to_owned(),
            edition,
            checked,
            script: Script::default(),
            before: None,
            posted: Posted::new(),
            rejection: None,
        }),
        Err(problems) => Err(tried::broken(visit, id, &problems)),
    })
}

/// Before a trial begins.
pub(super) async fn show(
    visit: Visit,
    Path((kind, id)): Path<(DocumentKind, String)>,
    Query(Asked { edition }): Query<Asked>,
) -> Response {
    let answer = async {
        match find(&visit, kind, &id, edition.as_deref().unwrap_or_default()).await? {
            Ok(trial) => show_again(&visit, trial).await,
            Err(broken) => Ok(broken),
        }
    };
    visit.answer(answer.await)
}

/// A move.
pub(super) async fn act(visit: Visit, Path((kind, id)): Path<(DocumentKind, String)>, Body(posted): Body<Posted>) -> Response {
    let answer = async {
        let mut trial = match find(&visit, kind, &id, text(&posted, "edition")).await? {
            Ok(trial) => trial,
            Err(broken) => return Ok(broken),
        };
        trial.script = carried(text(&posted, "trial")).map_err(refused)?;
        let (what, tag) = text(&posted, "do").split_once('.').unwrap_or((text(&posted, "do"), ""));
        let (what, posted) = (what.to_owned(), of_one(&posted, tag));
        match what.as_str() {
            // To look at another task is no move.
            "open" => {}
            "undo" => {
                if trial.script.steps.pop().is_none() {
                    trial.script.start = None;
                }
            }
            "again" => trial.script = Script::default(),
            "download" => return download(&visit, &trial).await,
            what => {
                trial.before = Some(trial.script.clone());
                if let Err(rejection) = next(&visit, &mut trial, what, &posted) {
                    trial.rejection = Some(rejection);
                }
            }
        }
        trial.posted = posted;
        show_again(&visit, trial).await
    };
    visit.answer(answer.await)
}

/// One form has the fields of every move that can be made, each under its move's tag: those of one, by their plain names.
fn of_one(posted: &Posted, tag: &str) -> Posted {
    let end = format!(".{tag}");
    let plain = |name: &str| name.strip_suffix(&end).filter(|_| !tag.is_empty()).unwrap_or(name).to_owned();
    posted.iter().map(|(name, value)| (plain(name), value.clone())).collect()
}

fn refused(rejection: Rejection) -> Refused {
    Refused::Engine(Refusal::Rejected(rejection))
}

/// The page as the trial stands; without the last move, where that is refused.
async fn show_again(visit: &Visit, mut trial: Trial) -> Result<Response, Refused> {
    let played = play(&visit.app, trial.checked.clone(), trial.script.clone()).await;
    let mut played = match played {
        Ok(played) => played,
        // Nothing of it can be played: where it begins is wrong.
        Err(Refusal::Rejected(rejection)) if matches!(rejection.code, "trial.time" | "unit.unknown") => {
            trial.rejection = Some(rejection);
            trial.script = Script::default();
            play(&visit.app, trial.checked.clone(), Script::default()).await?
        }
        // It takes too long, or is too much: what was there before the last move is kept, and not played a second time.
        Err(Refusal::Rejected(rejection)) => {
            trial.script = trial.before.take().unwrap_or(trial.script);
            return page_as(status_of(&rejection), tried::unplayed(visit, &trial, Some(&rejection))?);
        }
        Err(Refusal::Busy) => return page_as(StatusCode::SERVICE_UNAVAILABLE, tried::unplayed(visit, &trial, None)?),
        Err(refusal) => return Err(refusal.into()),
    };
    if let Some((place, refusal)) = played.refused.take() {
        match place {
            Place::Start => (trial.script.start, trial.script.steps) = (None, Vec::new()),
            Place::Step(number) => trial.script.steps.truncate(number),
        }
        let Refusal::Rejected(rejection) = refusal else { return Err(refusal.into()) };
        trial.rejection = Some(rejection);
    }
    // Sent again, it begins where it began.
    if trial.script != Script::default() {
        trial.script.at = Some(played.begun.to_string());
        trial.script.unit = Some(played.unit.clone());
    }
    let (visit, status) = (visit.clone(), trial.rejection.as_ref().map(status_of));
    let shown = heavy(move || tried::view(&visit, &trial, &played)).await.ok_or(Refused::NotFound)??;
    match status {
        Some(status) => page_as(status, shown),
        None => page(shown),
    }
}

/// The moves so far, as the form carries them.
fn carried(text: &str) -> Result<Script, Rejection> {
    if text.is_empty() {
        return Ok(Script::default());
    }
    let unreadable = || Rejection::invalid("trial.moves", "The moves so far cannot be read. Begin again.");
    serde_json::from_value(json(text).ok_or_else(unreadable)?).map_err(|_| unreadable())
}

fn json(text: &str) -> Option<serde_json::Value> {
    let limits = JsonLimits { max_bytes: BODY_BYTES_MAX, max_depth: JSON_DEPTH_MAX, fractions: false };
    parse_strict(text.as_bytes(), &limits).ok()
}

/// Adds the move that was posted.
fn next(visit: &Visit, trial: &mut Trial, what: &str, posted: &Posted) -> Result<(), Rejection> {
    let of = |name: &str| text(posted, name).trim().to_owned();
    let (task, nth) = (of("task"), of("nth").parse().unwrap_or(0));
    let actor = if of("handle").is_empty() { of("actor") } else { of("handle") };
    let step = match what {
        "start" => {
            let data = data_of(visit, trial, "", posted);
            trial.script = Script {
                unit: of("unit").parse().ok(),
                at: instant(visit, &of("day"), &of("time"))?.map(|at| at.to_string()),
                start: Some(Start { actor, data }),
                steps: Vec::new(),
            };
            return Ok(());
        }
        "claim" => Move::Claim { task, actor, nth },
        "release" => Move::Release { task, actor, nth },
        "complete" => Move::Complete { data: data_of(visit, trial, &task, posted), task, actor, nth },
        "next" => Move::Advance { by: None, to: None },
        "advance" => Move::Advance { by: None, to: instant(visit, &of("day"), &of("time"))?.map(|at| at.to_string()) },
        "message" => Move::Message { name: of("name"), key: text(posted, "correlation").to_owned(), data: object(posted)? },
        "job" => Move::Job { topic: of("topic"), data: object(posted)? },
        "fail" => Move::Fail { topic: of("topic"), message: of("message") },
        "retry" => Move::Retry { actor },
        "cancel" => Move::Cancel { actor, reason: of("reason") },
        _ => return Err(Rejection::invalid("trial.moves", "There is no such move.")),
    };
    if matches!(&step, Move::Advance { to: None, .. }) && what == "advance" {
        return Err(Rejection::invalid("trial.time", "Name a day up to which time passes."));
    }
    // A process that begins with a message begins where and when the first form said.
    if trial.script == Script::default() && what == "message" {
        trial.script.unit = of("unit").parse().ok();
        trial.script.at = instant(visit, &of("day"), &of("time"))?.map(|at| at.to_string());
    }
    trial.script.steps.push(step);
    Ok(())
}

/// The form of the start, or of a task's step.
pub(super) fn form_of<'a>(graph: &'a Graph, step: &str) -> Option<&'a Form> {
    let step = if step.is_empty() { graph.scopes[0].start? } else { graph.step(step)? };
    match &graph.steps[step].kind {
        StepKind::Start { form: Some(form), .. } | StepKind::UserTask { form: Some(form), .. } => graph.forms.get(form),
        _ => None,
    }
}

/// What was filled in, as the form of the step asks for it.
fn data_of(visit: &Visit, trial: &Trial, step: &str, posted: &Posted) -> Values {
    if ladder::gave(step) {
        let note = text(posted, NOTE).trim();
        return (!note.is_empty()).then(|| (NOTE.to_owned(), note.into())).into_iter().collect();
    }
    // A task of another case of the trial is one of a process in force.
    let process = text(posted, "process");
    let graph = match trial.checked.graph() {
        Some(graph) if process.is_empty() || process == trial.id => Some(graph),
        _ => visit.library.newest(process).map(|deployed| &deployed.graph),
    };
    let Some((graph, form)) = graph.and_then(|graph| Some((graph, form_of(graph, step)?))) else { return Values::new() };
    let lookup = |name: &str| titles(graph, name);
    FormView::new(form, &lookup, posted.clone()).data()
}

/// Data as JSON: what a message brings, or a worker hands back.
fn object(posted: &Posted) -> Result<Values, Rejection> {
    let sent = text(posted, "data").trim();
    if sent.is_empty() {
        return Ok(Values::new());
    }
    let values = json(sent).and_then(|value| serde_json::from_value(value).ok());
    values.ok_or_else(|| Rejection::invalid("body.unfit", "The data is one JSON object, with amounts and fractions as texts."))
}

/// A day and an hour of it in the office's zone; none where no day is named.
fn instant(visit: &Visit, named: &str, hour: &str) -> Result<Option<Time>, Rejection> {
    if named.is_empty() {
        return Ok(None);
    }
    let bad = || Rejection::invalid("trial.time", "There is no such day, or no such hour.");
    let hour: civil::Time = if hour.is_empty() { civil::Time::midnight() } else { hour.parse().map_err(|_| bad())? };
    let zoned = date(&day(named)).and_then(|date| date.to_datetime(hour).to_zoned_datetime(visit.w.zone.clone()).ok());
    Ok(Some(Time::from_timestamp(zoned.ok_or_else(bad)?.timestamp())))
}

/// The trial as a scenario file.
async fn download(visit: &Visit, trial: &Trial) -> Result<Response, Refused> {
    let played: Played = play(&visit.app, trial.checked.clone(), trial.script.clone()).await?;
    let scenario = Scenario::of(trial.graph()?, &trial.script, &played).filter(|_| played.refused.is_none());
    let none =
        || refused(Rejection::conflict("trial.not-begun", "Nobody has started a case, so there is nothing to carry away."));
    let text = serde_json::to_string_pretty(&scenario.ok_or_else(none)?).unwrap_or_default();
    // An id is plain ASCII without quotes.
    let name = format!("attachment; filename=\"{}.trial.json\"", trial.id);
    Ok(([(header::CONTENT_TYPE, "application/json".to_owned()), (header::CONTENT_DISPOSITION, name)], text).into_response())
}
