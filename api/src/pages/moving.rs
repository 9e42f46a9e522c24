//! Moving running cases to another version of their process: what corresponds to what, a dry run with each case's change of step and
//! deadline, and the move itself. What changes to an applicant's disadvantage is moved on the page of that case, with their consent.

use axum::Form as Body;
use axum::extract::{Path, Query};
use axum::response::Response;
use engine::graph::Deployed;
use engine::journal::Command;
use engine::machine::moving::{Forecast, Questions, questions};
use engine::machine::{Instance, Rejection};
use engine::model::moving::{Authority, Consent, Mapping};
use engine::model::{CommandId, InstanceId, UnitId};
use engine::runtime::Refusal;
use maud::{Markup, html};
use serde::Deserialize;

use super::forecast::{clock_title, forecast_table, outcome_table};
use super::form::Control;
use super::frame::Frame;
use super::parts;
use super::posted::{Posted, day, text};
use super::refused::{Refused, refusal, status_of};
use super::say::key;
use super::visit::{Visit, case_name, go, page, page_as};
use crate::app::moving::{Place, Wish, carry_out, forecasts, running};
use crate::app::reading;

/// Cases looked at, or moved, at once.
const CASES: usize = 25;
/// Steps of which the page asks what corresponds to them, those without a counterpart first.
const SELECTS_MAX: usize = 100;

/// Which version, and where.
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    to: Option<u32>,
    unit: Option<String>,
}

/// What is moved, from where to where.
pub(super) struct Plan {
    /// The version that the cases have.
    pub(super) from: Deployed,
    /// The one to which they are moved.
    pub(super) to: Deployed,
    /// Where they are.
    pub(super) unit: UnitId,
    /// The one case that is moved; none: those of the version.
    pub(super) case: Option<CommandId>,
    questions: Questions,
}

impl Plan {
    fn path(&self) -> String {
        let process = &self.from.graph.process.id;
        match self.case {
            Some(command) => format!("/cases/{}/move", InstanceId { unit: self.unit.clone(), command }),
            None => format!("/definitions/{process}/{}/move", self.from.version),
        }
    }

    fn wish(&self, posted: &Posted) -> Wish {
        let process = self.from.graph.process.id.clone();
        Wish { unit: self.unit.clone(), process, from: self.from.graph.hash, to: self.to.graph.hash, mapping: mapping(posted) }
    }
}

/// What is told below the form.
#[derive(Default)]
struct Shown {
    message: Option<Markup>,
    /// Cases with what would change.
    told: Option<Vec<(CommandId, String, Forecast)>>,
    /// Cases with why they stay, where they do.
    done: Option<Vec<(CommandId, String, Option<Rejection>)>>,
    next: Option<Place>,
}

fn plan(visit: &Visit, from: &Deployed, unit: UnitId, case: Option<&Instance>, to: Option<u32>) -> Result<Plan, Refused> {
    if !visit.commands(&from.graph, &unit) {
        return Err(Refused::Forbidden);
    }
    let others: Vec<&Deployed> = others(visit, from);
    let wanted = to.and_then(|to| others.iter().find(|other| other.version == to));
    let to = wanted.or_else(|| others.last()).copied().ok_or(Refused::NotFound)?.clone();
    let questions = questions(&from.graph, &to.graph, case.map(|case| (&*visit.library, case)));
    Ok(Plan { from: from.clone(), to, unit, case: case.map(|case| case.id), questions })
}

/// The other versions of a process, the oldest first.
pub(super) fn others<'a>(visit: &'a Visit, from: &Deployed) -> Vec<&'a Deployed> {
    let mut others = visit.library.versions(&from.graph.process.id);
    others.retain(|other| other.version != from.version);
    others.sort_by_key(|other| other.version);
    others
}

fn of_version(
    visit: &Visit,
    (process, version): &(String, String),
    unit: Option<UnitId>,
    to: Option<u32>,
) -> Result<Plan, Refused> {
    visit.identity()?;
    let version: u32 = version.parse().map_err(|_| Refused::NotFound)?;
    let from =
        visit.library.versions(process).into_iter().find(|deployed| deployed.version == version).ok_or(Refused::NotFound)?;
    plan(visit, from, unit.ok_or(Refused::Forbidden)?, None, to)
}

async fn of_case(visit: &Visit, id: &str, to: Option<u32>) -> Result<Plan, Refused> {
    visit.identity()?;
    let id: InstanceId = id.parse().map_err(|_| Refused::NotFound)?;
    let case = reading::instance(visit.engine(), &id).await?.ok_or(Refused::NotFound)?;
    let from = visit.library.get(&case.definition).ok_or(Refused::NotFound)?;
    plan(visit, from, id.unit, Some(&case), to)
}

/// The page of a version.
pub(super) async fn show(visit: Visit, Path(version): Path<(String, String)>, Query(asked): Query<Asked>) -> Response {
    let plan = of_version(&visit, &version, visit.unit(asked.unit.as_deref()), asked.to);
    visit.answer(plan.and_then(|plan| page(view(&visit, &plan, &Posted::new(), &Shown::default()))))
}

/// The page of a case.
pub(super) async fn show_case(visit: Visit, Path(id): Path<String>, Query(asked): Query<Asked>) -> Response {
    let answer = of_case(&visit, &id, asked.to).await;
    visit.answer(answer.and_then(|plan| page(view(&visit, &plan, &Posted::new(), &Shown::default()))))
}

/// The version that a posted form is about.
fn to(posted: &Posted) -> Option<u32> {
    text(posted, "to").parse().ok()
}

/// The cases that a posted form names: those that the dry run showed.
fn named(posted: &Posted) -> Result<Vec<CommandId>, Refused> {
    let cases = posted.iter().filter(|(name, _)| name == "case").map(|(_, id)| id.parse().map_err(|_| Refused::NotFound));
    let cases: Vec<CommandId> = cases.collect::<Result<_, _>>()?;
    if cases.len() > CASES {
        let message = format!("At most {CASES} cases are moved at once. Begin with a dry run.");
        return Err(Refusal::Rejected(Rejection::invalid("body.unfit", message)).into());
    }
    Ok(cases)
}

/// A dry run of the cases of a version, or the move of those that it showed.
pub(super) async fn act(visit: Visit, Path(version): Path<(String, String)>, Body(posted): Body<Posted>) -> Response {
    let answer = async {
        // No other unit than the one that was shown: what is not the visitor's is refused.
        let unit = visit.units().into_iter().find(|unit| unit.as_str() == text(&posted, "unit"));
        let plan = of_version(&visit, &version, unit, to(&posted))?;
        let (actor, wish, cases) = (visit.identity()?.actor(), plan.wish(&posted), named(&posted)?);
        let mut shown = Shown::default();
        if text(&posted, "do") == "move" && !cases.is_empty() {
            let authority = authority(&posted, None);
            let outcomes = carry_out(visit.engine(), &actor, text(&posted, "key"), &wish, &authority, &cases).await?;
            let names = visit.case_names(&wish.unit, cases.iter().copied()).await?;
            let name = |id: &CommandId| names.get(id).cloned().unwrap_or_default();
            shown.done = Some(cases.iter().zip(outcomes).map(|(id, outcome)| (*id, name(id), outcome)).collect());
            shown.next = Place::parse(text(&posted, "next"));
        } else {
            let place = Place::parse(text(&posted, "place")).unwrap_or(Place::START);
            let (rows, next) = running(visit.engine(), &wish, place, CASES).await?;
            let cases: Vec<CommandId> = rows.iter().map(|row| row.id).collect();
            let told = forecasts(visit.engine(), &actor, &wish, &cases).await?;
            let told = rows.iter().zip(told).map(|(row, told)| (row.id, case_name(row.number.as_deref(), row.id), told));
            shown.told = Some(told.collect());
            shown.next = next;
        }
        page(view(&visit, &plan, &posted, &shown))
    };
    visit.answer(answer.await)
}

/// A dry run, or the move, of a case.
pub(super) async fn act_case(visit: Visit, Path(id): Path<String>, Body(posted): Body<Posted>) -> Response {
    let answer = async {
        let plan = of_case(&visit, &id, to(&posted)).await?;
        let instance = plan.case.ok_or(Refused::NotFound)?;
        let Wish { from, to, mapping, unit, .. } = plan.wish(&posted);
        if text(&posted, "do") == "move" {
            // What the form was about: a case that was moved meanwhile is looked at again.
            let from = text(&posted, "from").parse().unwrap_or(from);
            let moved = match consent(&posted) {
                Ok(consent) => {
                    let authority = authority(&posted, consent);
                    let command = Command::MoveInstance { instance, from, definition: to, mapping: mapping.clone(), authority };
                    visit.submit(&unit, text(&posted, "key"), command).await
                }
                Err(rejection) => Err(Refusal::Rejected(rejection).into()),
            };
            match moved {
                Ok(_) => return go(&format!("/cases/{}", InstanceId { unit, command: instance })),
                Err(refused) => {
                    let Some(rejection) = refused.rejection().cloned() else { return Err(refused) };
                    let message = Some(refusal(&visit.w, &rejection));
                    return page_as(status_of(&rejection), told(&visit, &plan, &posted, message).await?);
                }
            }
        }
        page(told(&visit, &plan, &posted, None).await?)
    };
    visit.answer(answer.await)
}

/// The page of a case with what would change.
async fn told(visit: &Visit, plan: &Plan, posted: &Posted, message: Option<Markup>) -> Result<Markup, Refused> {
    let (actor, wish) = (visit.identity()?.actor(), plan.wish(posted));
    let mut shown = Shown { message, ..Shown::default() };
    if let Some(id) = plan.case {
        let forecast = visit.engine().forecast(&wish.unit, &actor, id, wish.to, &wish.mapping).await;
        // A case that has the version already has nothing to be told of.
        match forecast {
            Ok(forecast) => {
                let names = visit.case_names(&wish.unit, std::iter::once(id)).await?;
                shown.told = Some(vec![(id, names.get(&id).cloned().unwrap_or_default(), forecast)]);
            }
            Err(refused) if shown.message.is_none() => return Err(refused.into()),
            Err(_) => {}
        }
    }
    Ok(view(visit, plan, posted, &shown))
}

fn mapping(posted: &Posted) -> Mapping {
    let named = |prefix: &'static str| {
        posted
            .iter()
            .filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.as_str())))
            .filter(|(_, value)| !value.is_empty())
    };
    let of = |what: &str| named("c-").filter(|(_, value)| *value == what).map(|(clock, _)| clock.to_owned()).collect();
    Mapping {
        steps: named("s-").filter(|(from, to)| from != to).map(|(from, to)| (from.to_owned(), to.to_owned())).collect(),
        unset: named("u-").map(|(name, _)| name.to_owned()).collect(),
        keep: of("keep"),
        end: of("end"),
        begin: named("b-").map(|(clock, _)| clock.to_owned()).collect(),
    }
}

fn authority(posted: &Posted, consent: Option<Consent>) -> Authority {
    let said = |name: &str| text(posted, name).trim().to_owned();
    Authority { order: said("order"), reason: said("reason"), consent }
}

/// The consent that a form names; none where nothing of it was filled in.
fn consent(posted: &Posted) -> Result<Option<Consent>, Rejection> {
    let said = |name: &str| text(posted, name).trim().to_owned();
    let (by, date, record) = (said("by"), said("date"), said("consent-record"));
    if [&by, &date, &record].into_iter().all(String::is_empty) {
        return Ok(None);
    }
    let message = "Consent is of a day: write it as day, month and year, such as 27-11-2026.";
    let date = day(&date).parse().map_err(|_| Rejection::invalid("move.consent-date", message))?;
    Ok(Some(Consent { by, date, record }))
}

fn view(visit: &Visit, plan: &Plan, posted: &Posted, shown: &Shown) -> Markup {
    let w = &visit.w;
    let (from, to) = (&plan.from.graph, &plan.to.graph);
    let version = |n: u32| w.with("version", &[("n", &n.to_string())]);
    let can_move = shown.told.as_ref().is_some_and(|told| told.iter().any(|(.., told)| told.refusal.is_none()));
    let body = html! {
        @if let Some(message) = &shown.message { (message) }
        p class="lead" { (w.say("move-lead")) }
        form class="switch" method="get" action=(plan.path()) {
            @if plan.case.is_none() {
                label for="unit" { (w.say("unit")) }
                select id="unit" name="unit" {
                    @for unit in visit.units() { option value=(unit) selected[unit == plan.unit] { (visit.unit_title(&unit)) } }
                }
            }
            label for="to" { (w.say("move-to")) }
            select id="to" name="to" {
                @for other in others(visit, &plan.from) {
                    option value=(other.version) selected[other.version == plan.to.version] { (version(other.version)) }
                }
            }
            button class="plain" { (w.say("show")) }
        }
        form method="post" action=(plan.path()) {
            @if shown.message.is_some() { (parts::same_key_field(text(posted, "key"))) } @else { (parts::key_field(visit)) }
            input type="hidden" name="to" value=(plan.to.version);
            input type="hidden" name="from" value=(from.hash);
            input type="hidden" name="unit" value=(plan.unit);
            (asking(visit, plan, posted))
            p { button name="do" value="show" class="plain" formnovalidate { (w.say("move-dry-run")) } }
            @if let Some(told) = &shown.told { (forecast_table(visit, plan, told)) }
            @if let Some(done) = &shown.done { (outcome_table(visit, plan, done)) }
            @if let Some(next) = shown.next.filter(|_| shown.told.is_some() || shown.done.is_some()) {
                p { button name="place" value=(next.word()) class="plain" formnovalidate { (w.say("move-next")) } }
            }
            @if can_move {
                section aria-labelledby="order-heading" {
                    h2 id="order-heading" { (w.say("move-order-heading")) }
                    @if plan.case.is_none() {
                        p { (w.say("move-many-help")) }
                        // These and no others are moved, however often it is sent.
                        @for (id, ..) in shown.told.iter().flatten() { input type="hidden" name="case" value=(id); }
                        @if let Some(next) = shown.next { input type="hidden" name="next" value=(next.word()); }
                        @if !text(posted, "place").is_empty() { input type="hidden" name="place" value=(text(posted, "place")); }
                    }
                    (line(w.say("move-order"), "order", posted, true))
                    (line(w.say("reason"), "reason", posted, true))
                    @if plan.case.is_some() {
                        fieldset {
                            legend { (w.say("move-consent")) }
                            p { (w.say("move-consent-help")) }
                            (line(w.say("move-consent-by"), "by", posted, false))
                            (line(w.say("move-consent-date"), "date", posted, false))
                            (line(w.say("move-consent-record"), "consent-record", posted, false))
                        }
                    }
                    button name="do" value="move" { (w.say(if plan.case.is_some() { key("move-one") } else { key("move-these") })) }
                }
            }
        }
    };
    let title = w.say("move");
    let frame = Frame::new(visit, &title).wide();
    let over = format!("{}: {} → {}", w.text(&to.process.title), version(plan.from.version), version(plan.to.version));
    let frame = if let Some(command) = plan.case {
        let id = InstanceId { unit: plan.unit.clone(), command };
        let all = format!("/cases?unit={}", plan.unit);
        frame.under(w.say("cases"), all).under(case_name(None, command), format!("/cases/{id}"))
    } else {
        let here = format!("/definitions/{}/{}", from.process.id, plan.from.version);
        frame.under(w.say("definitions"), "/definitions").under(w.text(&from.process.title).to_owned(), here)
    };
    frame.over(over).show(&body)
}

fn line(label: String, name: &str, posted: &Posted, required: bool) -> Markup {
    let value = text(posted, name).to_owned();
    Control { name: name.to_owned(), label, value, required, ..Control::default() }.line(name)
}

/// What a posted form says of something; else what it begins with.
fn said<'a>(posted: &'a Posted, name: &str, else_: &'a str) -> &'a str {
    posted.iter().find(|(key, _)| key == name).map_or(else_, |(_, value)| value.as_str())
}

/// What corresponds to what: steps, and what is open about values and clocks.
fn asking(visit: &Visit, plan: &Plan, posted: &Posted) -> Markup {
    let w = &visit.w;
    let Questions { steps, unset, undecided, begin } = &plan.questions;
    let (open, settled): (Vec<_>, Vec<_>) = steps.iter().partition(|asked| asked.to.is_none());
    let (old, new) = (&*plan.from.graph, &*plan.to.graph);
    let select = |asked: &engine::machine::moving::StepAsked| {
        let id = &old.steps[asked.from].id;
        let name = format!("s-{id}");
        let chosen = said(posted, &name, asked.to.map_or("", |to| new.steps[to].id.as_str()));
        html! {
            div class="field" {
                label for=(name) { (w.step(old, id)) " " code { (id) } }
                select id=(name) name=(name) {
                    @if asked.to.is_none() { option value="" { (w.say("move-nothing")) } }
                    @for &to in &asked.choices {
                        @let to = &new.steps[to].id;
                        option value=(to) selected[to == chosen] { (w.step(new, to)) " (" (to) ")" }
                    }
                }
            }
        }
    };
    html! {
        section aria-labelledby="mapping" {
            h2 id="mapping" { (w.say("move-mapping")) }
            @if open.is_empty() { p { (w.say("move-mapping-all")) } } @else { p { (w.say("move-mapping-help")) } }
            @for asked in open.iter().take(SELECTS_MAX) { (select(asked)) }
            @if open.len() > SELECTS_MAX { p { (w.count("move-more", open.len() - SELECTS_MAX)) } }
            @let room = SELECTS_MAX.saturating_sub(open.len());
            @if !settled.is_empty() {
                details {
                    summary { (w.count("move-settled", settled.len())) }
                    @for asked in settled.iter().take(room) { (select(asked)) }
                    @if settled.len() > room { p { (w.count("move-settled-more", settled.len() - room)) } }
                }
            }
            @for name in unset {
                (tick(posted, &format!("u-{name}"), &w.with("move-unset", &[("name", &w.variable(old, name))])))
            }
            @for clock in undecided {
                @let name = format!("c-{clock}");
                div class="field" {
                    label for=(name) { (w.with("move-clock", &[("clock", &clock_title(visit, old, clock))])) }
                    select id=(name) name=(name) {
                        option value="" { (w.say("move-clock-open")) }
                        option value="keep" selected[text(posted, &name) == "keep"] { (w.say("move-clock-keep")) }
                        option value="end" selected[text(posted, &name) == "end"] { (w.say("move-clock-end")) }
                    }
                }
            }
            @for clock in begin {
                (tick(posted, &format!("b-{clock}"), &w.with("move-begin", &[("clock", &clock_title(visit, new, clock))])))
            }
        }
    }
}

/// Something that is wanted or not.
fn tick(posted: &Posted, name: &str, label: &str) -> Markup {
    html! {
        div class="choice" {
            input type="checkbox" id=(name) name=(name) value="yes" checked[!text(posted, name).is_empty()];
            label for=(name) { (label) }
        }
    }
}

/// The way to this page from that of a version, for whoever may move its cases, where there is another version.
pub(super) fn way(visit: &Visit, deployed: &Deployed) -> Markup {
    let may = visit.units().iter().any(|unit| visit.commands(&deployed.graph, unit));
    let process = &deployed.graph.process.id;
    html! {
        @if may && !others(visit, deployed).is_empty() {
            p class="screen-only" { a class="button plain" href={ "/definitions/" (process) "/" (deployed.version) "/move" } { (visit.w.say("move")) } }
        }
    }
}
