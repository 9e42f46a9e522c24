//! Who asks. The one seam where sign-in comes later: everything that needs an actor takes an `Identity`, and only this file makes one.
//!
//! Until then a request names its actor by handle or pseudonym in the header `Sevottam-Actor`, which is believed from loopback and from
//! the networks that the operator trusts. Where an example office is on show, pages keep it in the cookie `actor`.

use std::net::IpAddr;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use engine::journal::Actor;
use engine::machine::office::Office;
use engine::model::office::Person;
use ipnet::IpNet;

use super::App;

/// The header that names the actor.
pub const ACTOR_HEADER: &str = "sevottam-actor";
/// The cookie in which pages keep it.
pub const ACTOR_COOKIE: &str = "actor";

/// Networks whose requests are believed when they name an actor. Loopback always is.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Other networks.
    pub networks: Vec<IpNet>,
}

impl Trust {
    /// Whether a peer's word is taken.
    pub fn believes(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        peer.is_loopback() || self.networks.iter().any(|network| network.contains(&peer))
    }
}

/// The person who asks, as the office knows them.
#[derive(Debug, Clone)]
pub struct Identity(pub Person);

impl Identity {
    /// As the actor of a command.
    pub fn actor(&self) -> Actor {
        Actor::Person(self.0.id.clone())
    }
}

/// Why there is no identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoIdentity {
    /// No actor was named.
    Missing,
    /// The peer's word is not taken.
    Untrusted,
    /// The office knows no such person.
    Unknown,
}

/// Finds out who asks, from the header, or from the cookie of an example office.
///
/// # Errors
/// When nobody is named, the peer is not trusted, or the office knows no such person.
pub fn identify(app: &App, peer: IpAddr, headers: &HeaderMap) -> Result<Identity, NoIdentity> {
    let mut named = headers.get_all(ACTOR_HEADER).iter();
    let header = named.next().and_then(|value| value.to_str().ok()).map(ToOwned::to_owned);
    // Two of them: one is the proxy's, and nobody can tell which.
    if named.next().is_some() {
        return Err(NoIdentity::Untrusted);
    }
    // Anyone can set a cookie: it counts only where anyone may act as anyone.
    let cookie = || if app.demo { cookie(headers, ACTOR_COOKIE) } else { None };
    let named = header.or_else(cookie).ok_or(NoIdentity::Missing)?;
    if !app.trust.believes(peer) {
        return Err(NoIdentity::Untrusted);
    }
    find(&app.engine.office(), &named).cloned().map(Identity).ok_or(NoIdentity::Unknown)
}

/// A person by handle or pseudonym.
pub fn find<'a>(office: &'a Office, named: &str) -> Option<&'a Person> {
    match named.parse() {
        Ok(id) => office.people.get(&id),
        Err(_) => office.by_handle(named),
    }
}

/// The value of a cookie.
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies.flat_map(|line| line.split(';')).find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name).then(|| value.to_owned())
    })
}

/// The address of whoever is connected.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

impl<S: Send + Sync> FromRequestParts<S> for Peer {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<std::net::SocketAddr>>().map(|info| info.0.ip());
        // Without an address nobody is trusted.
        Ok(Self(peer.unwrap_or(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED))))
    }
}
