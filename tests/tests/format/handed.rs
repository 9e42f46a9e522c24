//! The log of a message that came early, of the case that received it, and of the erasure of what the case has of it.

use engine::digest::Hash;
use engine::journal::event::Event;
use engine::journal::{Actor, Command};
use engine::model::id::Made;
use engine::model::{Time, Values};
use serde_json::json;

use super::log::{Case, Log, Told, person, post, text, values};

/// What was handed over lies apart in each.
pub(super) fn handed() -> Log {
    let mut log = Log::new("office.example/unit/mumbai-3/1");
    let (owner, officer, via) = (&Actor::Person(person(2)), &Actor::Person(person(3)), &post());
    let definition = Hash::of(b"svc.refund");
    let data = || values([("greeting", json!("Dear Asha")), ("copies", json!(2))]);
    let (name, key, expires) = (text("answer"), text("k-1"), Time::parse("2026-11-23T04:00:01Z").expect("a time"));
    let publish = Command::PublishMessage { name: name.clone(), key: key.clone(), ttl_seconds: 86_400, data: data() };
    let kept = Event::MessageBuffered { ordinal: 0, name, key, expires, data: data() };
    let early = log.tell(Told { actor: &Actor::System, via: None, command: publish, case: None }, None, &[kept]);

    let command = Command::StartInstance { process: text("svc.refund"), definition: None, number: None, data: Values::new() };
    let started = Event::InstanceStarted {
        definition,
        process: text("svc.refund"),
        number: None,
        caller: None,
        calls: [].into(),
        norms: [].into(),
        data: values([("applicant", json!("Asha"))]),
    };
    let message = Made { command: early, ordinal: 0 };
    let received = Event::MessageReceived { message, subscription: None, data: data() };
    let told = Told { actor: owner, via: Some(via), command, case: Some(Case::New) };
    let instance = log.tell(told, Some(definition), &[started, received, Event::InstanceCompleted]);

    let names = vec![text("applicant"), text("handed_over")];
    let (ground, authority) = (text("Retention ended"), text("Order 7/2037"));
    let case = Some(Case::Old(instance));
    let command = Command::ProposeErasure { instance, names: Vec::new(), ground: ground.clone(), authority: authority.clone() };
    let proposed = Event::ErasureProposed { names: names.clone(), ground: ground.clone(), authority: authority.clone() };
    let proposal = log.tell(Told { actor: owner, via: Some(via), command, case }, Some(definition), &[proposed]);
    let command = Command::ApproveErasure { instance, proposal };
    let erased = Event::ValuesErased { proposal, names, ground, authority };
    log.tell(Told { actor: officer, via: Some(via), command, case }, Some(definition), &[erased]);
    log
}
