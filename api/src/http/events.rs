//! What happens in a unit, told as it happens: server-sent events.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use engine::journal::{Sealed, codec};
use engine::model::{InstanceId, PersonId, UnitId};
use engine::store::Store as _;
use futures_util::stream;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::Instant;
use utoipa::{IntoParams, ToSchema};

use super::extract::{Asked, Who};
use super::place::{asked_or_own, log, require_service};
use super::problem::Problem;
use crate::app::streams::{Place, Stopping};
use crate::app::{App, rights};

/// Entries read at a time: all that lies in memory for a client. What it has not taken yet stays in the log.
const STRIDE: u32 = 16;
/// A client may take so long over one event; then it is told that it is too slow.
const TAKE_TIME: Duration = Duration::from_secs(30);
/// A busy log is read for each client no more often than this.
const REST: Duration = Duration::from_millis(100);
/// A sign of life is sent after so long without an event, so that nobody in between takes the connection for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Which log is followed, and from where.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct EventsQuery {
    /// Unit, or `site`; needed by those who hold posts in several.
    #[param(value_type = Option<String>)]
    unit: Option<UnitId>,
    /// Index of the first entry to be told; without it, of the first that is still to be written. `Last-Event-ID` goes before it.
    from: Option<u64>,
}

/// An entry was written. What it says is read where it lies: here is nothing personal.
#[derive(Serialize, ToSchema)]
pub(super) struct Written {
    /// The unit whose log it is in.
    unit: String,
    /// Index in the log; also the event's id.
    index: u64,
    /// Kind, such as `task.completed`.
    kind: String,
    /// The case.
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    /// When it was recorded.
    #[schema(format = DateTime)]
    time: String,
}

/// What happens in a unit, as it happens.
///
/// A stream of server-sent events named `entry`, one for each entry of the unit's log in its order, whichever node wrote it; `id` is the index.
/// Who comes again with `Last-Event-ID`, as browsers do by themselves, goes on after it: none is left out or told twice. The last event of a stream
/// that the server ends is named `end`, its data one of `stopping`, `not-allowed`, `slow` (one event took more than 30 seconds), `failed`.
#[utoipa::path(get, path = "/api/v1/events", tag = "events", operation_id = "followEvents",
    params(EventsQuery, ("Last-Event-ID" = Option<u64>, Header, description = "Index of the last entry that was told")),
    responses((status = 200, description = "The stream; the data of each `entry`", body = Written, content_type = "text/event-stream")))]
pub(super) async fn follow(
    State(app): State<App>,
    Who(who): Who,
    Extension(Stopping(stop)): Extension<Stopping>,
    Asked(query): Asked<EventsQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let unit = match query.unit {
        Some(unit) => log(&app, unit)?,
        None => asked_or_own(&app, None, &who)?,
    };
    require_service(&app, &who, &unit)?;
    let last = headers.get("last-event-id").map(|value| value.to_str().ok().and_then(|id| id.parse::<u64>().ok()));
    if last == Some(None) {
        return Err(Problem::new("query.malformed", "Last-Event-ID is the index of an entry: a number."));
    }
    let place = app.streams.take().ok_or_else(|| {
        let problem = Problem::new("server.busy", "Too many clients follow what happens. Try again in a moment.");
        problem.header(header::RETRY_AFTER, "10")
    })?;
    let size = app.engine.follow(&unit).await?;
    let end = *size.borrow();
    let next = last.flatten().map(|last| last.saturating_add(1)).or(query.from).map_or(end, |next| next.min(end));
    let now = Instant::now();
    let follower = Follower {
        app,
        who: who.0.id,
        unit,
        next,
        read: VecDeque::new(),
        size,
        stop,
        told: None,
        looked: now,
        is_over: false,
        _place: place,
    };
    let events = Sse::new(stream::unfold(follower, Follower::event)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    Ok(([("x-accel-buffering", "no")], events).into_response())
}

/// A client, and how far it has come.
struct Follower {
    app: App,
    who: PersonId,
    unit: UnitId,
    /// Index of the next entry to be told.
    next: u64,
    read: VecDeque<Sealed>,
    size: watch::Receiver<u64>,
    stop: watch::Receiver<bool>,
    /// When the last event was handed over.
    told: Option<Instant>,
    looked: Instant,
    is_over: bool,
    _place: Place,
}

impl Follower {
    /// The next event. It is asked for once the one before is on its way: what is not asked for is not read, so nothing gathers.
    async fn event(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        if self.is_over {
            return None;
        }
        let event = match self.written().await {
            Ok(event) => event,
            Err(why) => {
                self.is_over = true;
                Event::default().event("end").data(why)
            }
        };
        self.told = Some(Instant::now());
        Some((Ok(event), self))
    }

    /// Waits for an entry, or says why there is none any more.
    async fn written(&mut self) -> Result<Event, &'static str> {
        if self.told.is_some_and(|told| told.elapsed() > TAKE_TIME) {
            return Err("slow");
        }
        loop {
            if *self.stop.borrow() {
                return Err("stopping");
            }
            if let Some(sealed) = self.read.pop_front() {
                self.next = sealed.index + 1;
                return self.tell(&sealed).ok_or("failed");
            }
            tokio::select! {
                biased;
                _ = self.stop.wait_for(|stop| *stop) => return Err("stopping"),
                grown = self.size.wait_for(|size| *size > self.next) => drop(grown.map_err(|_| "stopping")?),
            }
            tokio::time::sleep_until(self.looked + REST).await;
            self.looked = Instant::now();
            let failed = |error| {
                tracing::info!(%error, "a stream of events ended");
                "failed"
            };
            // Appointments end.
            self.app.engine.catch_up().await.map_err(failed)?;
            if !rights::serves(&self.app.engine.office(), &self.who, &self.unit, self.app.engine.now()) {
                return Err("not-allowed");
            }
            self.read = self.app.engine.store().entries(&self.unit, self.next, STRIDE).await.map_err(failed)?.into();
        }
    }

    fn tell(&self, sealed: &Sealed) -> Option<Event> {
        let written = Written {
            unit: self.unit.to_string(),
            index: sealed.index,
            kind: codec::open(sealed).ok()?.kind,
            instance: sealed.link.map(|link| InstanceId { unit: self.unit.clone(), command: link.instance }.to_string()),
            time: sealed.time.to_string(),
        };
        Event::default().id(sealed.index.to_string()).event("entry").json_data(written).ok()
    }
}

#[cfg(test)]
mod tests {

    use engine::runtime::{Engine, Options};
    use engine::store::AnyStore;
    use engine::store::sqlite::{self, SqliteStore};

    use super::*;

    #[tokio::test]
    async fn whoever_takes_too_long_is_told_so() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("store.db"), sqlite::Options::default()).await.unwrap();
        let engine = Engine::open(AnyStore::Sqlite(store), Options::default()).await.unwrap();
        let (unit, place) = (UnitId::site(), crate::app::streams::Streams::default().take().unwrap());
        let size = engine.follow(&unit).await.unwrap();
        let app = App::new(engine);
        let now = Instant::now();
        let (_stop, stop) = watch::channel(false);
        let who = "p_00000000000000000000000000000000".parse().unwrap();
        let told = now.checked_sub(TAKE_TIME);
        let follower = Follower {
            app,
            who,
            unit,
            next: 0,
            read: VecDeque::new(),
            size,
            stop,
            told,
            looked: now,
            is_over: false,
            _place: place,
        };
        let (last, follower) = follower.event().await.unwrap();
        assert!(format!("{last:?}").contains("slow"), "{last:?}");
        assert!(follower.event().await.is_none());
    }
}
