//! The log of what offices send one another: recognised, received, acknowledged, and what others acknowledged.

use engine::digest::Hash;
use engine::journal::amendment::{Acknowledgement, Adopted, Edition, Exchange, Relation, Source, Told as Said, Withdrawal};
use engine::journal::event::Event;
use engine::journal::{Actor, Command};
use engine::model::document::DocumentKind;
use engine::model::{Text, Time};

use super::log::{Log, Told, person, post, text};

/// A field unit that takes over an amendment, and is itself above another.
pub(super) fn exchange() -> Log {
    let mut log = Log::new("unit.example/site/1");
    let (administrator, coordinator, via) = (&Actor::Person(person(1)), &Actor::Person(person(2)), &post());
    let at = |seconds: i64| Time(1_795_320_000_000_000 + seconds * 1_000_000);
    let mut tell = |actor: &Actor, exchange: Exchange, events: &[Event]| {
        let via = (actor == coordinator).then_some(via);
        log.tell(Told { actor, via, command: Command::Exchange(exchange), case: None }, None, events);
    };
    let (kind, id, order) = (DocumentKind::Process, || text("svc.refund"), || text("7/2026"));
    for (host, relation) in [("hq.example", Relation::Above), ("range.example", Relation::Below)] {
        let (host, key, title) = (text(host), format!("{host}+00000000+AA=="), Text::english("An office"));
        let recognise = Exchange::Recognise { key: key.clone(), title: title.clone(), relation, order: order() };
        tell(administrator, recognise, &[Event::OfficeRecognised { host, key, title, relation, order: order() }]);
    }
    let source = |host: &str| Source {
        host: text(host),
        log: format!("{host}/site/1"),
        size: 52,
        root: Hash::of(b"root"),
        package: Hash::of(b"file"),
    };
    let (document, hash) = (text("{ \"id\": \"svc.refund\" }\n"), Hash::of(b"svc.refund"));
    let edition = |revision| Edition {
        kind,
        id: id(),
        hash,
        issue: 2,
        revision,
        effective: at(86_400),
        reason: text("Notification 12/2026"),
        index: 41,
        issued: at(7),
        document: document.clone(),
    };
    for revision in [0, 1] {
        let received = Event::EditionReceived { source: source("hq.example"), edition: edition(revision) };
        let saved = Event::DraftSaved { kind, id: id(), hash, base: 1, document: document.clone() };
        let events = if revision == 0 { vec![received, saved] } else { vec![received] };
        let (source, editions) = (source("hq.example"), vec![edition(revision)]);
        tell(coordinator, Exchange::Receive { source, key: text("hq.example+00000000+AA=="), editions }, &events);
    }
    let said = |to: &str, adopted: Option<Adopted>| Acknowledgement {
        to: text(to),
        kind,
        id: id(),
        hash,
        issue: 2,
        revision: u32::from(adopted.is_some()),
        received: at(9),
        adopted,
        withdrawn: None,
    };
    let adopted = |revision| Adopted { hash: Hash::of(b"adapted"), issue: 5, revision, effective: at(86_400) };
    for adopted in [None, Some(adopted(0)), Some(adopted(3))] {
        let acknowledgement = said("hq.example", adopted);
        tell(coordinator, Exchange::Acknowledge { kind, id: id(), hash }, &[Event::EditionAcknowledged { acknowledgement }]);
    }
    let told = Said { index: 17, time: at(11), acknowledgement: said("unit.example", None) };
    let taken = Event::AcknowledgementReceived { source: source("range.example"), told: told.clone() };
    tell(
        coordinator,
        Exchange::TakeIn { source: source("range.example"), key: text("range.example+00000000+AA=="), told },
        &[taken],
    );
    let host = || text("range.example");
    tell(
        administrator,
        Exchange::Disown { host: host(), order: order() },
        &[Event::OfficeDisowned { host: host(), order: order() }],
    );
    log
}

/// A field unit that learns of editions which were withdrawn where they come from.
pub(super) fn withdrawals() -> Log {
    let mut log = Log::new("unit.example/site/1");
    let (coordinator, via) = (&Actor::Person(person(2)), &post());
    for (issue, revision, early) in [(2, 0, false), (3, 1, true)] {
        let host = text("hq.example");
        let source =
            Source { log: format!("{host}/site/1"), host, size: 60, root: Hash::of(b"root"), package: Hash::of(b"file") };
        let withdrawal = Withdrawal {
            kind: DocumentKind::Process,
            id: text("svc.refund"),
            hash: Hash::of(b"svc.refund"),
            issue,
            revision,
            issued: 41,
            early,
            reason: text("Notification 14/2026"),
            index: 57,
            time: Time(1_795_320_000_000_000),
        };
        let event = Event::WithdrawalReceived { source: source.clone(), withdrawal: withdrawal.clone() };
        let exchange = Exchange::HearWithdrawal { source, key: text("hq.example+00000000+AA=="), withdrawal };
        log.tell(Told { actor: coordinator, via: Some(via), command: Command::Exchange(exchange), case: None }, None, &[event]);
    }
    log
}

/// A field unit that acknowledges what it has learnt of withdrawals, and an office that takes in such an acknowledgement.
pub(super) fn withdrawn() -> Log {
    let mut log = Log::new("unit.example/site/1");
    let (coordinator, via) = (&Actor::Person(person(2)), &post());
    let mut tell = |exchange: Exchange, event: Event| {
        log.tell(Told { actor: coordinator, via: Some(via), command: Command::Exchange(exchange), case: None }, None, &[event]);
    };
    let (kind, hash, at) =
        (DocumentKind::Process, Hash::of(b"svc.refund"), |seconds: i64| Time(1_795_320_000_000_000 + seconds * 1_000_000));
    let adopted = Adopted { hash: Hash::of(b"adapted"), issue: 5, revision: 0, effective: at(0) };
    let said = |to: &str, adopted| {
        let (to, id, withdrawn) = (text(to), text("svc.refund"), Some(at(60)));
        Acknowledgement { to, kind, id, hash, issue: 2, revision: 0, received: at(9), adopted, withdrawn }
    };
    for adopted in [None, Some(adopted)] {
        let acknowledgement = said("hq.example", adopted);
        let exchange = Exchange::Acknowledge { kind, id: text("svc.refund"), hash };
        tell(exchange, Event::EditionAcknowledged { acknowledgement });
    }
    let told = Said { index: 17, time: at(61), acknowledgement: said("unit.example", None) };
    let host = text("range.example");
    let source = Source { log: format!("{host}/site/1"), host, size: 60, root: Hash::of(b"root"), package: Hash::of(b"file") };
    let exchange = Exchange::TakeIn { source: source.clone(), key: text("range.example+00000000+AA=="), told: told.clone() };
    tell(exchange, Event::AcknowledgementReceived { source, told });
    log
}
