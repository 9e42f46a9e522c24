//! A visit: who asks, in which language, at what time, and what the office and its definitions are just then.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use engine::graph::{Graph, Library};
use engine::journal::{Command, Envelope};
use engine::machine::office::Office;
use engine::model::office::Person;
use engine::model::{CommandId, PersonId, PostId, Time, UnitId};
use engine::runtime::Accepted;
use engine::store::{AnyStore, Store as _, StoreError};
use maud::Markup;

use super::refused::Refused;
use super::words::{Words, language};
use crate::app::actor::{Identity, NoIdentity, Peer, identify};
use crate::app::trial::Played;
use crate::app::{App, Engine, rights};

/// What a page needs to know about a request.
#[derive(Clone)]
pub struct Visit {
    /// The program.
    pub(super) app: App,
    /// Language and zone.
    pub(super) w: Words,
    /// Who asks.
    who: Result<Identity, NoIdentity>,
    /// Path and query, for the way back.
    pub(super) path: String,
    /// When.
    pub(super) now: Time,
    /// The office.
    pub(super) office: Arc<Office>,
    /// The definitions.
    pub(super) library: Arc<Library>,
    /// Since when something waits to be signed, if whoever holds a post should know.
    pub(super) unsigned: Option<Time>,
}

/// What a handler gives: a page, or why there is none.
pub(super) type Answer = Result<Response, Refused>;

impl FromRequestParts<App> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let Peer(peer) = Peer::from_request_parts(parts, app).await?;
        let OriginalUri(uri) = OriginalUri::from_request_parts(parts, app).await?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let zone = app.engine.options().zone.clone();
        let mut visit = Self {
            w: Words::new(language(&parts.headers), zone),
            who: identify(app, peer, &parts.headers),
            path,
            now: app.engine.now(),
            office: app.engine.office(),
            library: app.engine.library(),
            app: app.clone(),
            unsigned: None,
        };
        if visit.serves() {
            visit.unsigned = app.evidence.waits_since(visit.store(), visit.now).await;
        }
        Ok(visit)
    }
}

impl Visit {
    /// The same visit at an instant of the past.
    pub(super) fn as_of(&self, at: Time) -> Self {
        Self { now: at, ..self.clone() }
    }

    /// The same visit within a trial: its time, its office, its documents.
    pub(super) fn in_trial(&self, played: &Played) -> Self {
        let Played { now, office, library, .. } = played;
        Self { now: *now, office: Arc::clone(office), library: Arc::clone(library), ..self.clone() }
    }

    /// The engine.
    pub(super) fn engine(&self) -> &Engine {
        &self.app.engine
    }

    /// The store.
    pub(super) fn store(&self) -> &AnyStore {
        self.app.engine.store()
    }

    /// Who asks, if anyone is named.
    pub(super) fn person(&self) -> Option<&Person> {
        self.who.as_ref().ok().map(|identity| &identity.0)
    }

    /// Why nobody is named.
    pub(super) fn nobody(&self) -> Option<NoIdentity> {
        self.who.as_ref().err().copied()
    }

    /// Who asks, or the way to the sign-in.
    pub(super) fn identity(&self) -> Result<&Identity, Refused> {
        self.who.as_ref().map_err(|_| Refused::SignIn)
    }

    /// What these cases are called.
    pub(super) async fn case_names(
        &self,
        unit: &UnitId,
        cases: impl Iterator<Item = CommandId>,
    ) -> Result<BTreeMap<CommandId, String>, StoreError> {
        let mut names: BTreeMap<CommandId, String> = cases.map(|id| (id, case_name(None, id))).collect();
        let ids: Vec<CommandId> = names.keys().copied().collect();
        for row in self.store().instances_named(unit, &ids).await? {
            names.insert(row.id, case_name(row.number.as_deref(), row.id));
        }
        Ok(names)
    }

    /// Submits a command as the visitor, under the key of the form.
    pub(super) async fn submit(&self, unit: &UnitId, key: &str, command: Command) -> Result<Accepted, Refused> {
        let envelope = Envelope::new(self.identity()?.actor(), key, command);
        let accepted = self.engine().submit(unit, envelope).await?;
        // What people carry home has its proof on the next page.
        self.app.evidence.seal(unit, &accepted, None).await;
        Ok(accepted)
    }

    /// The answer to a request: the page, or the refusal in the same frame.
    pub(super) fn answer(&self, answer: Answer) -> Response {
        answer.unwrap_or_else(|refused| refused.page(self))
    }

    /// Roles that the visitor plays for a unit now.
    pub(super) fn roles(&self, unit: &UnitId) -> Vec<String> {
        self.person().map(|person| self.office.roles(&person.id, unit, self.now)).unwrap_or_default()
    }

    /// Whether the visitor plays a role for a unit now.
    pub(super) fn plays(&self, role: &str, unit: &UnitId) -> bool {
        self.person().is_some_and(|person| self.office.holding(&person.id, role, unit, self.now).is_some())
    }

    /// Whether the visitor may end, halt and resume cases of a process: its owner, and quality coordinators of the unit.
    pub(super) fn commands(&self, graph: &Graph, unit: &UnitId) -> bool {
        self.person().is_some_and(|person| rights::commands(&self.office, &person.id, graph, unit, self.now))
    }

    /// Whether the visitor may read a case: officials of the unit, and whoever started it.
    pub(super) fn reads(&self, unit: &UnitId, started_by: Option<&PersonId>) -> bool {
        self.person().is_some_and(|person| rights::reads(&self.office, &person.id, unit, started_by, self.now))
    }

    /// Whether the visitor holds a post.
    pub(super) fn serves(&self) -> bool {
        self.person().is_some_and(|person| rights::serves(&self.office, &person.id, &UnitId::site(), self.now))
    }

    /// Units in which the visitor has something to do: those of their posts first, then those below. A member of the public has all.
    pub(super) fn units(&self) -> Vec<UnitId> {
        let Some(person) = self.person() else { return Vec::new() };
        let mut units: Vec<UnitId> = Vec::new();
        for holder in self.office.current_of(&person.id, self.now) {
            if !units.contains(&holder.post.unit) {
                units.push(holder.post.unit.clone());
            }
        }
        let is_public = units.is_empty();
        for unit in self.office.units.keys() {
            if !units.contains(unit) && (is_public || !self.roles(unit).is_empty()) {
                units.push(unit.clone());
            }
        }
        units
    }

    /// The unit named in a query, if the visitor has something to do there; else their first.
    pub(super) fn unit(&self, named: Option<&str>) -> Option<UnitId> {
        let units = self.units();
        let wanted = named.and_then(|named| units.iter().find(|unit| unit.as_str() == named));
        wanted.or_else(|| units.first()).cloned()
    }

    /// Whether a unit is `above` or lies below it.
    pub(super) fn is_below(&self, unit: &UnitId, above: &UnitId) -> bool {
        let mut at = Some(unit);
        // Units form a tree; the count is a seat belt.
        for _ in 0..=self.office.units.len() {
            match at {
                Some(here) if here == above => return true,
                Some(here) => at = self.office.units.get(here).and_then(|unit| unit.parent.as_ref()),
                None => return false,
            }
        }
        false
    }

    /// The name of a unit.
    pub(super) fn unit_title(&self, unit: &UnitId) -> String {
        self.office.units.get(unit).map_or_else(|| unit.to_string(), |unit| self.w.text(&unit.title).to_owned())
    }

    /// The name of a post.
    pub(super) fn post_title(&self, post: &PostId) -> String {
        self.office.posts.get(post).map_or_else(|| post.to_string(), |post| self.w.text(&post.title).to_owned())
    }

    /// The name of a person.
    pub(super) fn name(&self, person: &PersonId) -> String {
        self.office.people.get(person).map_or_else(|| person.to_string(), |person| person.name.clone())
    }

    /// The title of a process, by its newest definition.
    pub(super) fn process_title(&self, process: &str) -> String {
        let newest = self.library.newest(process);
        newest.map_or_else(|| process.to_owned(), |deployed| self.w.text(&deployed.graph.process.title).to_owned())
    }
}

/// What a case is called: the office's number, else the beginning of its id.
pub(super) fn case_name(number: Option<&str>, id: CommandId) -> String {
    number.map_or_else(|| id.to_string().chars().take(8).collect(), ToOwned::to_owned)
}

/// A page.
#[expect(clippy::unnecessary_wraps, reason = "the last word of a handler")]
pub(super) fn page(markup: Markup) -> Answer {
    Ok(markup.into_response())
}

/// A page with another status than 200.
#[expect(clippy::unnecessary_wraps, reason = "the last word of a handler")]
pub(super) fn page_as(status: StatusCode, markup: Markup) -> Answer {
    Ok((status, markup).into_response())
}

/// A ZIP file to keep.
#[expect(clippy::unnecessary_wraps, reason = "the last word of a handler")]
pub(super) fn archive(name: &str, bytes: Vec<u8>) -> Answer {
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

/// Goes to another page after something was done.
#[expect(clippy::unnecessary_wraps, reason = "the last word of a handler")]
pub(super) fn go(to: &str) -> Answer {
    Ok(Redirect::to(to).into_response())
}
