//! What the site log tells of the life of documents: drafts, issues, copies. A part of the office.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;

use crate::digest::Hash;
use crate::graph::bounds::beyond;
use crate::graph::library::Listed;
use crate::graph::{Library, content};
use crate::journal::amendment::{Acknowledgement, Adopted, Edition, Relation, Source, Told, Withdrawal};
use crate::journal::{Actor, Event, Origin};
use crate::machine::office::Office;
use crate::model::document::DocumentKind;
use crate::model::id::Made;
use crate::model::{CommandId, PersonId, PostId, Problem, Text, Time, UnitId};

/// The life of every document of the office.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Controls {
    /// Whether nothing is deployed but what was issued.
    pub controlled: bool,
    /// Other offices that are recognised, by the host's name of their keys.
    pub offices: BTreeMap<String, Recognised>,
    documents: BTreeMap<(DocumentKind, String), Controlled>,
}

/// The life of one document. One that was only ever deployed has none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Controlled {
    /// The one draft.
    pub draft: Option<Draft>,
    /// What was issued, oldest first; not what was withdrawn before it took effect.
    pub issues: Vec<Issued>,
    /// What was deployed directly, by whom and when.
    pub deployed: BTreeMap<Hash, (Actor, Time)>,
    /// What was withdrawn last, and why.
    pub withdrawn: Option<Withdrawn>,
    /// Issues that were withdrawn, oldest first: what other offices may be told of.
    pub recalls: Vec<Recall>,
    /// When it is to be reviewed.
    pub review: Option<Date>,
    /// Editions of it that another office issued and this one received, oldest first.
    pub received: Vec<Received>,
    /// The highest number given to an issue, also to one that was withdrawn before its day: no number is given twice.
    pub numbered: Option<(u32, u32)>,
}

/// Another office that is recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognised {
    /// Its public key.
    pub key: String,
    /// What it is called.
    pub title: Text,
    /// How it stands to this one.
    pub relation: Relation,
    /// By which office order.
    pub order: String,
    /// Since when.
    pub since: Time,
}

/// An edition that another office issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Where it comes from.
    pub source: Source,
    /// The edition.
    pub edition: Arc<Edition>,
    /// Who received it.
    pub by: Actor,
    /// When.
    pub time: Time,
    /// What was said of it last to the office that issued it.
    pub acknowledged: Option<Acknowledgement>,
    /// When that was said.
    pub said: Option<Time>,
    /// That it was withdrawn there, and when this office learnt of it.
    pub withdrawn: Option<(Withdrawal, Time)>,
}

/// An issue that was withdrawn, by the commands that issued and withdrew it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recall {
    /// Its content.
    pub hash: Hash,
    /// Issue number.
    pub issue: u32,
    /// Revision number within it.
    pub revision: u32,
    /// What issued it.
    pub issued: CommandId,
    /// What withdrew it.
    pub withdrawn: CommandId,
    /// When.
    pub at: Time,
    /// What other offices said last that have learnt of it, by their host's names.
    pub offices: BTreeMap<String, Told>,
}

/// A draft.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Its content.
    pub hash: Hash,
    /// Its text.
    pub text: Arc<str>,
    /// The newest version in force when it was saved; 0: none.
    pub base: u32,
    /// Everyone who saved it or one before it: none of them approves it.
    pub authors: BTreeSet<PersonId>,
    /// When it was saved last.
    pub saved: Time,
    /// How far it has come.
    pub stage: Stage,
    /// Why it was returned last.
    pub returned: Option<String>,
}

/// How far a draft has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// It is being written.
    Draft,
    /// It was sent for review.
    Review,
    /// It was approved.
    Approved {
        /// By whom.
        by: Actor,
        /// When.
        at: Time,
    },
}

/// An issue that went through review and approval.
#[derive(Debug, Clone, PartialEq)]
pub struct Issued {
    /// Its content.
    pub hash: Hash,
    /// Its text.
    pub text: Arc<str>,
    /// Issue number.
    pub issue: u32,
    /// Revision number within it.
    pub revision: u32,
    /// From when it is in force.
    pub effective: Time,
    /// The due row that brings it into force.
    pub row: Made,
    /// Who wrote it.
    pub authors: BTreeSet<PersonId>,
    /// Who approved it, and when.
    pub approved: (Actor, Time),
    /// Who issued it, and when.
    pub issued: (Actor, Time),
    /// Why it was amended.
    pub reason: String,
    /// The posts that have a copy; the first has copy number 1.
    pub copies: Vec<PostId>,
    /// Who has read and understood it, for which post, and when.
    pub acknowledged: BTreeMap<(PostId, PersonId), Time>,
    /// What other offices say of it, by the host's name of their keys.
    pub offices: BTreeMap<String, Told>,
}

/// What was withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawn {
    /// The version.
    pub hash: Hash,
    /// Why.
    pub reason: String,
    /// By whom.
    pub by: Actor,
    /// When.
    pub at: Time,
}

/// A line of the amendment sheet: a version with its numbers. What was deployed directly is an issue of its own.
#[derive(Debug, Clone)]
pub struct Amendment<'a> {
    /// Its content.
    pub hash: Hash,
    /// Issue number.
    pub issue: u32,
    /// Revision number within it.
    pub revision: u32,
    /// The version; none: it has not taken effect.
    pub version: Option<Listed<'a>>,
    /// Its issue, where it went through review and approval.
    pub issued: Option<&'a Issued>,
    /// Whether it is in force: the newest version, and not withdrawn.
    pub in_force: bool,
}

/// How a version or issue stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It waits for its day.
    Waiting,
    /// It is in force.
    InForce,
    /// It was withdrawn.
    Withdrawn,
    /// Another took its place.
    Obsolete,
}

impl Standing {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::InForce => "in-force",
            Self::Withdrawn => "withdrawn",
            Self::Obsolete => "obsolete",
        }
    }
}

impl Controls {
    /// Every document of the office, deployed directly or issued, by kind and id.
    pub fn master_list(&self, library: &Library) -> Vec<(DocumentKind, String)> {
        let mut ids: Vec<(DocumentKind, String)> = self.documents.keys().cloned().collect();
        for kind in DocumentKind::ALL {
            ids.extend(library.documents(kind).into_iter().map(|listed| (kind, listed.heading.id.clone())));
        }
        ids.sort();
        ids.dedup();
        ids
    }

    /// From when a version or issue is in force: as it was issued, or since it was deployed.
    pub fn effective(&self, kind: DocumentKind, id: &str, amendment: &Amendment<'_>) -> Option<Time> {
        let deployed = || self.get(kind, id)?.deployed.get(&amendment.hash).map(|(_, time)| *time);
        amendment.issued.map(|issued| issued.effective).or_else(deployed)
    }

    /// How a version or issue stands.
    pub fn standing(&self, kind: DocumentKind, id: &str, amendment: &Amendment<'_>) -> Standing {
        match amendment {
            Amendment { version: None, .. } => Standing::Waiting,
            Amendment { in_force: true, .. } => Standing::InForce,
            _ if self.is_withdrawn(kind, id, &amendment.hash) => Standing::Withdrawn,
            _ => Standing::Obsolete,
        }
    }

    /// What is known of a document.
    pub fn get(&self, kind: DocumentKind, id: &str) -> Option<&Controlled> {
        self.documents.get(&(kind, id.to_owned()))
    }

    /// Every document that has a life of its own, in order.
    pub fn all(&self) -> impl Iterator<Item = (DocumentKind, &str, &Controlled)> {
        self.documents.iter().map(|((kind, id), controlled)| (*kind, id.as_str(), controlled))
    }

    /// The amendment sheet of a document: every version and every issue on its way, oldest first.
    pub fn amendments<'a>(&'a self, library: &'a Library, kind: DocumentKind, id: &str) -> Vec<Amendment<'a>> {
        let controlled = self.get(kind, id);
        let issued = |hash: &Hash| controlled?.issued(hash);
        let versions = library.versions_of(kind, id);
        let newest = versions.last().map(|listed| listed.hash).filter(|hash| !self.is_withdrawn(kind, id, hash));
        let (mut sheet, mut last) = (Vec::with_capacity(versions.len()), 0);
        for version in versions {
            let (hash, issued) = (version.hash, issued(&version.hash));
            let (issue, revision) = issued.map_or((last + 1, 0), |issued| (issued.issue, issued.revision));
            last = last.max(issue);
            sheet.push(Amendment { hash, issue, revision, version: Some(version), issued, in_force: newest == Some(hash) });
        }
        let waiting = controlled.into_iter().flat_map(|controlled| &controlled.issues);
        let waiting = waiting.filter(|issued| library.version_of(kind, &issued.hash).is_none());
        sheet.extend(waiting.map(|issued| Amendment {
            hash: issued.hash,
            issue: issued.issue,
            revision: issued.revision,
            version: None,
            issued: Some(issued),
            in_force: false,
        }));
        sheet
    }

    /// Whether this version was withdrawn.
    pub fn is_withdrawn(&self, kind: DocumentKind, id: &str, hash: &Hash) -> bool {
        let withdrawn = self.get(kind, id).and_then(|controlled| controlled.withdrawn.as_ref());
        withdrawn.is_some_and(|withdrawn| withdrawn.hash == *hash)
    }

    /// Whether the day is past by which a document was to be reviewed. What was withdrawn is not reviewed any more.
    pub fn is_review_overdue(&self, library: &Library, kind: DocumentKind, id: &str, today: Date) -> bool {
        let withdrawn = library.document(kind, id).is_some_and(|listed| self.is_withdrawn(kind, id, &listed.hash));
        !withdrawn && self.get(kind, id).and_then(|controlled| controlled.review).is_some_and(|day| day < today)
    }

    /// What a text goes beyond of that which may be adapted in a document that was received; nothing, where it is bound by none, or it is no JSON.
    pub fn beyond(&self, kind: DocumentKind, id: &str, text: &str) -> Vec<Problem> {
        self.bound(kind, id).map_or_else(Vec::new, |received| received.beyond(text))
    }

    /// The edition by which a document is bound: what was received last, as long as the office that sent it is recognised above this one. Once it
    /// is not, the document is this office's own, and may come from another. What was withdrawn before its day was never in force there, and binds
    /// nobody.
    pub fn bound(&self, kind: DocumentKind, id: &str) -> Option<&Received> {
        let last = self.get(kind, id)?.received.iter().rfind(|one| one.recalled().is_none())?;
        self.sends(&last.source.host).then_some(last)
    }

    /// Whether amendments are taken in from an office of this host's name.
    fn sends(&self, host: &str) -> bool {
        self.offices.get(host).is_some_and(|office| office.relation == Relation::Above)
    }

    /// That the edition was withdrawn of which this content would be adopted: the one by which the document is bound, or one that is just so.
    pub fn withdrawn_there(&self, kind: DocumentKind, id: &str, hash: &Hash) -> Option<(&Received, &Withdrawal)> {
        let received = &self.get(kind, id)?.received;
        let same = received.iter().rfind(|one| one.edition.hash == *hash).filter(|one| self.sends(&one.source.host));
        [self.bound(kind, id), same].into_iter().flatten().find_map(|one| Some((one, &one.withdrawn.as_ref()?.0)))
    }

    /// What an issue that waited goes beyond on its day, of the edition that is in force then where the document comes from; nothing, where it
    /// keeps within the one received last.
    pub fn beyond_on_its_day(&self, kind: DocumentKind, id: &str, issued: &Issued) -> Vec<Problem> {
        let Some(last) = self.bound(kind, id) else { return Vec::new() };
        let received = self.get(kind, id).into_iter().flat_map(|controlled| &controlled.received).rev();
        let mut in_force = received.filter(|one| {
            one.source.host == last.source.host && one.edition.effective <= issued.effective && one.recalled().is_none()
        });
        let beyond = in_force.next().map_or_else(Vec::new, |received| received.beyond(&issued.text));
        if beyond.is_empty() || last.beyond(&issued.text).is_empty() { Vec::new() } else { beyond }
    }

    /// As what a received edition was adopted here: what was issued last since it came, and before the next one did; or else the version or issue
    /// of just this content that there was already.
    pub fn adopted(&self, library: &Library, kind: DocumentKind, received: &Received) -> Option<Adopted> {
        let id = &received.edition.id;
        let controlled = self.get(kind, id)?;
        let next = controlled.received.iter().find(|other| other.time > received.time).map(|other| other.time);
        // What is issued adopts what came last, of that which was not withdrawn before its day as far as was known.
        let adopts = |issued: &Issued| {
            let (at, mut came) = (issued.issued.1, controlled.received.iter().rev());
            let of = came.find(|one| one.time < at && one.recalled().is_none_or(|known| at < known));
            of.is_some_and(|of| of.time == received.time)
        };
        if let Some(Issued { hash, issue, revision, effective, .. }) = controlled.issues.iter().rfind(|issued| adopts(issued)) {
            return Some(Adopted { hash: *hash, issue: *issue, revision: *revision, effective: *effective });
        }
        let sheet = self.amendments(library, kind, id);
        let same = sheet.iter().find(|amendment| amendment.hash == received.edition.hash)?;
        let stands = match self.standing(kind, id, same) {
            Standing::InForce | Standing::Waiting => true,
            Standing::Obsolete => next.is_some(),
            Standing::Withdrawn => false,
        };
        // Since when a process was deployed is in the log of its unit; it was there when the edition came.
        let effective = self.effective(kind, id, same).unwrap_or(received.time);
        stands.then_some(Adopted { hash: same.hash, issue: same.issue, revision: same.revision, effective })
    }

    /// What can be said of a received edition to the office that issued it.
    pub fn acknowledgement(&self, library: &Library, received: &Received) -> Acknowledgement {
        let Received { source, edition, time, withdrawn, .. } = received;
        Acknowledgement {
            to: source.host.clone(),
            kind: edition.kind,
            id: edition.id.clone(),
            hash: edition.hash,
            issue: edition.issue,
            revision: edition.revision,
            received: *time,
            adopted: self.adopted(library, edition.kind, received),
            withdrawn: withdrawn.as_ref().map(|(_, time)| *time),
        }
    }

    /// The log in which an issue takes effect: of a process that of its owner's unit, else the site log.
    pub fn place(&self, office: &Office, kind: DocumentKind, id: &str, hash: &Hash) -> Option<UnitId> {
        if kind != DocumentKind::Process {
            return Some(UnitId::site());
        }
        let owner = owner_of(&self.get(kind, id)?.issued(hash)?.text)?;
        office.posts.get(&owner).map(|post| post.unit.clone())
    }

    pub(crate) fn apply(&mut self, origin: &Origin, event: &Event) {
        let by = || (origin.actor.clone(), origin.time);
        match event {
            Event::DocumentsControlled { controlled } => self.controlled = *controlled,
            Event::DraftSaved { kind, id, hash, base, document } => {
                let draft = &mut self.of(*kind, id).draft;
                let mut authors = draft.take().map(|draft| draft.authors).unwrap_or_default();
                authors.extend(origin.actor.person().cloned());
                let (text, stage) = (document.as_str().into(), Stage::Draft);
                *draft = Some(Draft { hash: *hash, text, base: *base, authors, saved: origin.time, stage, returned: None });
            }
            Event::DraftSent { kind, id, .. } => self.at(*kind, id, Stage::Review, None),
            Event::DraftReturned { kind, id, reason, .. } => self.at(*kind, id, Stage::Draft, Some(reason.clone())),
            Event::DraftApproved { kind, id, .. } => {
                let (by, at) = by();
                self.at(*kind, id, Stage::Approved { by, at }, None);
            }
            Event::DraftDiscarded { kind, id, .. } => self.of(*kind, id).draft = None,
            Event::DocumentIssued { ordinal, kind, id, hash, issue, revision, effective, reason, copies, review } => {
                let controlled = self.of(*kind, id);
                let Some(Draft { text, authors, stage: Stage::Approved { by: approver, at }, .. }) = controlled.draft.take()
                else {
                    return;
                };
                controlled.review = Some(*review);
                controlled.numbered = controlled.numbered.max(Some((*issue, *revision)));
                controlled.issues.push(Issued {
                    hash: *hash,
                    text,
                    issue: *issue,
                    revision: *revision,
                    effective: *effective,
                    row: Made { command: origin.command, ordinal: *ordinal },
                    authors,
                    approved: (approver, at),
                    issued: by(),
                    reason: reason.clone(),
                    copies: copies.clone(),
                    acknowledged: BTreeMap::new(),
                    offices: BTreeMap::new(),
                });
            }
            Event::DocumentWithdrawn { kind, id, hash, reason, replaces } => {
                let (controlled, withdrawn, at) = (self.of(*kind, id), origin.command, origin.time);
                if let Some(Issued { issue, revision, row, .. }) = controlled.issued(hash) {
                    let (issue, revision, issued, offices) = (*issue, *revision, row.command, BTreeMap::new());
                    let recall = Recall { hash: *hash, issue, revision, issued, withdrawn, at, offices };
                    controlled.recalls.push(recall);
                }
                if replaces.is_some() {
                    controlled.issues.retain(|issued| issued.hash != *hash);
                } else {
                    let (by, at) = by();
                    controlled.withdrawn = Some(Withdrawn { hash: *hash, reason: reason.clone(), by, at });
                }
            }
            Event::DocumentReviewed { kind, id, review, .. } => self.of(*kind, id).review = Some(*review),
            Event::CopyAcknowledged { kind, id, hash, post } => {
                let (Some(person), issues) = (origin.actor.person(), &mut self.of(*kind, id).issues) else { return };
                if let Some(issued) = issues.iter_mut().find(|issued| issued.hash == *hash) {
                    issued.acknowledged.entry((post.clone(), person.clone())).or_insert(origin.time);
                }
            }
            Event::OfficeRecognised { host, key, title, relation, order } => {
                let (key, title, order) = (key.clone(), title.clone(), order.clone());
                let office = Recognised { key, title, relation: *relation, order, since: origin.time };
                self.offices.insert(host.clone(), office);
            }
            Event::OfficeDisowned { host, .. } => {
                self.offices.remove(host);
            }
            Event::EditionReceived { source, edition } => {
                let (by, time) = by();
                let (source, edition) = (source.clone(), Arc::new(edition.clone()));
                let (kind, id) = (edition.kind, edition.id.clone());
                self.of(kind, &id).received.push(Received {
                    source,
                    edition,
                    by,
                    time,
                    acknowledged: None,
                    said: None,
                    withdrawn: None,
                });
            }
            Event::WithdrawalReceived { source, withdrawal: told } => {
                let received = self.of(told.kind, &told.id).received.iter_mut();
                let mut received = received.filter(|one| one.source.host == source.host && one.edition.hash == told.hash);
                if let Some(received) = received.rfind(|one| one.edition.index == told.issued) {
                    received.withdrawn = Some((told.clone(), origin.time));
                }
            }
            Event::EditionAcknowledged { acknowledgement: told } => {
                let received = &mut self.of(told.kind, &told.id).received;
                let is_it = |one: &&mut Received| {
                    (one.edition.hash, one.edition.issue, one.edition.revision) == (told.hash, told.issue, told.revision)
                };
                if let Some(received) = received.iter_mut().rfind(is_it) {
                    received.acknowledged = Some(told.clone());
                    received.said = Some(origin.time);
                }
            }
            Event::AcknowledgementReceived { source, told } => {
                let about = &told.acknowledgement;
                let controlled = self.of(about.kind, &about.id);
                let of = (about.hash, about.issue, about.revision);
                if let Some(issued) = controlled.issues.iter_mut().find(|one| (one.hash, one.issue, one.revision) == of) {
                    issued.offices.insert(source.host.clone(), told.clone());
                }
                if let Some(recall) = controlled.recalls.iter_mut().rfind(|recall| recall.is_of(about)) {
                    recall.offices.insert(source.host.clone(), told.clone());
                }
            }
            Event::DocumentDeployed { kind, id, hash, .. } => {
                self.of(*kind, id).deployed.insert(*hash, by());
            }
            _ => {}
        }
    }

    fn of(&mut self, kind: DocumentKind, id: &str) -> &mut Controlled {
        self.documents.entry((kind, id.to_owned())).or_default()
    }

    fn at(&mut self, kind: DocumentKind, id: &str, stage: Stage, returned: Option<String>) {
        if let Some(draft) = &mut self.of(kind, id).draft {
            draft.stage = stage;
            draft.returned = returned;
        }
    }
}

impl Controlled {
    /// An issue by its content.
    pub fn issued(&self, hash: &Hash) -> Option<&Issued> {
        self.issues.iter().find(|issued| issued.hash == *hash)
    }

    /// What was said last to the office that issued it of what was received with this content, under whichever number.
    pub fn said(&self, hash: &Hash) -> Option<&Acknowledgement> {
        let received = self.received.iter().filter(|one| one.edition.hash == *hash && one.acknowledged.is_some());
        received.max_by_key(|one| one.said)?.acknowledged.as_ref()
    }

    /// The issue that was withdrawn last, or of this content last.
    pub fn recalled(&self, hash: Option<&Hash>) -> Option<&Recall> {
        self.recalls.iter().rfind(|recall| hash.is_none_or(|hash| recall.hash == *hash))
    }

    /// The issue that was withdrawn, of which an office says that it has learnt of that.
    pub(super) fn recall_of(&self, told: &Acknowledgement) -> Option<&Recall> {
        self.recalls.iter().rfind(|recall| recall.is_of(told))
    }

    /// The issue that has not yet taken effect; there is one at most.
    pub fn waiting(&self, library: &Library, kind: DocumentKind) -> Option<&Issued> {
        self.issues.iter().find(|issued| library.version_of(kind, &issued.hash).is_none())
    }
}

impl Recall {
    fn is_of(&self, told: &Acknowledgement) -> bool {
        told.withdrawn.is_some() && (self.hash, self.issue, self.revision) == (told.hash, told.issue, told.revision)
    }
}

impl Received {
    /// When this office learnt that it was withdrawn before its day, if it was.
    fn recalled(&self) -> Option<Time> {
        self.withdrawn.as_ref().filter(|(withdrawal, _)| withdrawal.early).map(|(_, time)| *time)
    }

    /// What a text goes beyond of that which may be adapted in it; nothing, where it is no JSON.
    fn beyond(&self, text: &str) -> Vec<Problem> {
        let read = |text: &str| content(text.as_bytes()).ok().map(|(value, _)| value);
        let (Some(before), Some(after)) = (read(&self.edition.document), read(text)) else { return Vec::new() };
        beyond(&before, &after)
    }
}

/// The post that a document names as its owner, whatever else is wrong with it.
pub(super) fn owner_of(text: &str) -> Option<PostId> {
    let document: serde_json::Value = serde_json::from_str(text).ok()?;
    document.pointer("/owner/post")?.as_str()?.parse().ok()
}
