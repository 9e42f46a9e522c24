//! What offices say of each other's issues: that they have them, and that they know what was withdrawn.

use engine::journal::Command;
use engine::journal::amendment::{Acknowledgement, Exchange, Relation, Told};
use engine::model::{Text, Time};

use super::{KIND, ask, edition, hear, issue, leave, office, receive, recognise, refused, source, withdrawal};

#[tokio::test]
async fn an_acknowledgement_is_of_an_issue_that_there_was() {
    let world = office().await;
    let below = "unit.example+00000000+AA==";
    recognise(&world, below, Relation::Below).await;
    let own = leave("look", "post-a");
    let hash = edition(&own, (1, 0)).hash;
    let id = || "leave".to_owned();
    for (actor, command) in [
        ("asha", Command::SaveDraft { kind: KIND, document: own.to_string(), over: None }),
        ("asha", Command::SendDraft { kind: KIND, id: id(), hash }),
        ("bimal", Command::ApproveDraft { kind: KIND, id: id(), hash }),
        (
            "asha",
            Command::IssueDocument {
                kind: KIND,
                id: id(),
                hash,
                revision: false,
                effective: None,
                reason: "New".to_owned(),
                roles: Vec::new(),
                review: None,
            },
        ),
    ] {
        world.submit_site(actor, command).await.expect("it is done");
    }
    let said_at = |issue, index, time| {
        let acknowledgement = Acknowledgement {
            to: "office.example".to_owned(),
            kind: KIND,
            id: id(),
            hash,
            issue,
            revision: 0,
            received: Time(0),
            adopted: None,
            withdrawn: None,
        };
        let told = Told { index, time: Time(time), acknowledgement };
        Exchange::TakeIn { source: source("unit.example"), key: below.to_owned(), told }
    };
    let said = |issue, index| said_at(issue, index, 0);
    refused(ask(&world, "asha", said(2, 5)).await, "acknowledgement.unknown-issue");
    refused(ask(&world, "system", said(1, 5)).await, "actor.not-a-person");
    ask(&world, "asha", said(1, 5)).await.expect("it is taken in");
    refused(ask(&world, "asha", said(1, 5)).await, "acknowledgement.known");
    refused(ask(&world, "asha", said(1, 4)).await, "acknowledgement.known");
    ask(&world, "asha", said(1, 6)).await.expect("it is taken in");
    let office = world.engine.office();
    let issued = office.controls.get(KIND, "leave").and_then(|controlled| controlled.issued(&hash)).expect("an issue");
    assert_eq!(issued.offices["unit.example"].index, 6);
    // After a declared restore that office counts from an earlier entry on; its time goes on.
    ask(&world, "asha", said_at(1, 2, 60)).await.expect("it is taken in");
    refused(ask(&world, "asha", said(1, 7)).await, "acknowledgement.known");
    let acknowledge = Exchange::Acknowledge { kind: KIND, id: id(), hash };
    refused(ask(&world, "asha", acknowledge).await, "edition.unknown");
    for key in ["", "+00000000+AA==", "no plus", "a b+0+0"] {
        let recognise = Exchange::Recognise {
            key: key.to_owned(),
            title: Text::english("x"),
            relation: Relation::Above,
            order: "7".to_owned(),
        };
        refused(ask(&world, "system", recognise).await, "office.key");
    }
}

/// Who has an issue says that its withdrawal is known there: also of one that was withdrawn before its day, and is no issue any more.
#[tokio::test]
async fn offices_below_acknowledge_what_was_withdrawn() {
    for early in [false, true] {
        let world = office().await;
        let below = "unit.example+00000000+AA==";
        recognise(&world, below, Relation::Below).await;
        let own = leave("look", "post-a");
        let hash = edition(&own, (1, 0)).hash;
        issue(&world, &own, early.then_some("2026-06-01")).await.expect("it is issued");
        world.advance(60).await;
        let withdraw = Command::WithdrawDocument { kind: KIND, id: "leave".to_owned(), reason: "Not yet".to_owned() };
        let said = |issue, index, withdrawn| {
            let (to, id, kind) = ("office.example".to_owned(), "leave".to_owned(), KIND);
            let acknowledgement =
                Acknowledgement { to, kind, id, hash, issue, revision: 0, received: Time(0), adopted: None, withdrawn };
            let told = Told { index, time: Time(0), acknowledgement };
            Exchange::TakeIn { source: source("unit.example"), key: below.to_owned(), told }
        };
        refused(ask(&world, "asha", said(1, 4, Some(Time(7)))).await, "acknowledgement.unknown-issue");
        world.submit_site("asha", withdraw).await.expect("it is withdrawn");
        let received = ask(&world, "asha", said(1, 5, None)).await;
        if early {
            refused(received, "acknowledgement.unknown-issue");
        } else {
            received.expect("it is taken in");
        }
        let known = Some(Time(7));
        refused(ask(&world, "asha", said(2, 6, known)).await, "acknowledgement.unknown-issue");
        ask(&world, "asha", said(1, 6, known)).await.expect("it is taken in");
        refused(ask(&world, "asha", said(1, 6, known)).await, "acknowledgement.known");
        let office = world.engine.office();
        let controlled = office.controls.get(KIND, "leave").expect("it has a life");
        assert_eq!(controlled.recalls[0].offices["unit.example"].acknowledgement.withdrawn, known);
        assert_eq!(controlled.issued(&hash).is_none(), early);
        // Issued once more with the same content, it is another issue.
        if early {
            issue(&world, &own, Some("2026-06-01")).await.expect("it is issued");
            ask(&world, "asha", said(1, 8, known)).await.expect("it is taken in");
            let office = world.engine.office();
            let issued = office.controls.get(KIND, "leave").and_then(|controlled| controlled.issued(&hash)).expect("an issue");
            assert!(issued.offices.is_empty(), "of the one before");
        }
    }
}

/// The same text that is received again under another number is acknowledged on its own; that the first was withdrawn can be said after that, too.
#[tokio::test]
async fn each_of_two_issues_of_one_text_is_acknowledged() {
    let world = office().await;
    let text = leave("look", "post-a");
    let (first, second) = (edition(&text, (1, 0)), edition(&text, (2, 0)));
    ask(&world, "asha", receive(std::slice::from_ref(&first))).await.expect("it is taken in");
    ask(&world, "asha", hear(withdrawal(&first, true))).await.expect("it is taken in");
    ask(&world, "asha", receive(std::slice::from_ref(&second))).await.expect("it is taken in");
    let acknowledge = || Exchange::Acknowledge { kind: KIND, id: "leave".to_owned(), hash: first.hash };
    for issue in [2, 1] {
        world.advance(1).await;
        ask(&world, "asha", acknowledge()).await.expect("it is acknowledged");
        let office = world.engine.office();
        let said = office.controls.get(KIND, "leave").and_then(|controlled| controlled.said(&first.hash)).expect("it was said");
        assert_eq!((said.issue, said.withdrawn.is_some()), (issue, issue == 1));
    }
    refused(ask(&world, "asha", acknowledge()).await, "amendment.acknowledged");
    let office = world.engine.office();
    let received = &office.controls.get(KIND, "leave").expect("it has a life").received;
    assert!(received.iter().all(|one| one.acknowledged.is_some()), "{received:?}");
}
