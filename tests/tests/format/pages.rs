//! The log of a page: drafted, sent, approved by somebody else, issued, put in force, read and withdrawn.

use engine::digest::Hash;
use engine::journal::event::Event;
use engine::journal::{Actor, Command};
use engine::model::Time;
use engine::model::document::DocumentKind;
use jiff::civil::date;

use super::log::{Log, Told, person, post, text};

/// A page is a document as the others are, by a kind of its own.
pub(super) fn pages() -> Log {
    let mut log = Log::new("office.example/site/1");
    let (author, approver, via) = (&Actor::Person(person(1)), &Actor::Person(person(2)), &post());
    let (kind, id, hash) = (DocumentKind::Page, || text("charter"), Hash::of(b"charter"));
    let (document, reason) = (|| text("{ \"id\": \"charter\" }\n"), || text("Notification 12/2026"));
    let mut tell = |actor: &Actor, command: Command, event: Event| {
        let via = (*actor != Actor::System).then_some(via);
        log.tell(Told { actor, via, command, case: None }, None, &[event]);
    };
    let save = Command::SaveDraft { kind, document: document(), over: None };
    tell(author, save, Event::DraftSaved { kind, id: id(), hash, base: 0, document: document() });
    tell(author, Command::SendDraft { kind, id: id(), hash }, Event::DraftSent { kind, id: id(), hash });
    tell(approver, Command::ApproveDraft { kind, id: id(), hash }, Event::DraftApproved { kind, id: id(), hash });
    let (review, roles) = (date(2028, 4, 1), Vec::new());
    let issue = Command::IssueDocument {
        kind,
        id: id(),
        hash,
        revision: false,
        effective: None,
        reason: reason(),
        roles,
        review: Some(review),
    };
    let (effective, copies) = (Time(1_795_320_000_000_000), vec![post()]);
    let issued = Event::DocumentIssued {
        ordinal: 0,
        kind,
        id: id(),
        hash,
        issue: 1,
        revision: 0,
        effective,
        reason: reason(),
        copies,
        review,
    };
    tell(approver, issue, issued);
    let deployed = Event::DocumentDeployed { kind, hash, id: id(), version: 1, document: document(), ordinal: None };
    tell(&Actor::System, Command::DeployDocument { kind, document: document() }, deployed);
    let read = Command::AcknowledgeCopy { kind, id: id(), hash };
    tell(author, read, Event::CopyAcknowledged { kind, id: id(), hash, post: post() });
    let withdraw = Command::WithdrawDocument { kind, id: id(), reason: reason() };
    tell(author, withdraw, Event::DocumentWithdrawn { kind, id: id(), hash, reason: reason(), replaces: None });
    log
}
