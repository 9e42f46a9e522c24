//! What every handler has at hand: the engine, the settings, and who asks.

pub mod actor;
pub mod affected;
pub mod bundle;
pub mod certificate;
pub mod custody;
pub mod directory;
pub mod drawing;
pub mod editions;
pub mod evidence;
pub mod exports;
pub mod extract;
pub mod heavy;
pub mod ladder;
pub mod metrics;
pub mod moving;
pub mod offered;
pub mod plan;
pub mod published;
pub mod readers;
pub mod reading;
pub mod reports;
pub mod rights;
pub mod sealed;
pub mod spans;
pub mod streams;
pub mod trace;
pub mod trial;

use std::sync::Arc;

use engine::store::AnyStore;

pub use actor::{Identity, Trust};

/// The engine on the store that this program serves.
pub type Engine = engine::runtime::Engine<AnyStore>;

/// Shared by all handlers.
#[derive(Clone)]
pub struct App {
    /// The engine.
    pub engine: Engine,
    /// Whose word on the actor is taken.
    pub trust: Arc<Trust>,
    /// Whether the pages offer to act as anyone, with a banner that says so: for an office on show, on loopback only.
    pub demo: bool,
    /// What the signer has shown.
    pub evidence: Arc<evidence::Evidence>,
    /// Places of those who follow a log.
    pub streams: streams::Streams,
    /// Where spans of requests go.
    pub spans: spans::Spans,
    /// Whose turn it is to try a process.
    pub trials: trial::Turn,
    /// With which files are printed.
    pub fonts: crate::paper::Fonts,
}

impl App {
    /// Serves this engine, takes nobody's word, and has nothing signed to show.
    pub fn new(engine: Engine) -> Self {
        Self {
            engine,
            trust: Arc::default(),
            demo: false,
            evidence: Arc::default(),
            streams: streams::Streams::default(),
            spans: spans::Spans::default(),
            trials: trial::Turn::default(),
            fonts: crate::paper::Fonts::default(),
        }
    }
}
