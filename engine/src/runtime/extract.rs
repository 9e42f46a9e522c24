//! Gathers from the site log what one office sends another: the entries of issues, or of an acknowledgement, and the place of all others.

use std::collections::{BTreeMap, BTreeSet};

use super::broken;
use super::bundle::{Hidden, NoBundle, Signed, page};
use crate::digest::{Frontier, Hash, leaf_hash};
use crate::evidence::bundle::Line;
use crate::journal::amendment::Acknowledgement;
use crate::journal::{Event, codec};
use crate::machine::control::{Issued, Recall};
use crate::model::document::DocumentKind;
use crate::model::{CommandId, UnitId};
use crate::store::Store;

/// An issue that is sent, with the one before it, so that what changed can be told.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// What it is.
    pub kind: DocumentKind,
    /// Id of the document.
    pub id: String,
    /// Content of the issues and the commands that issued them: the one before, if there is one, and this.
    pub issues: Vec<(Hash, CommandId)>,
}

impl Wanted {
    /// An issue of a document, by the newest or by its content; none where there is no such issue.
    pub fn of(kind: DocumentKind, id: &str, issues: &[Issued], hash: Option<Hash>) -> Option<Self> {
        let at = match hash {
            None => issues.len().checked_sub(1)?,
            Some(hash) => issues.iter().rposition(|issued| issued.hash == hash)?,
        };
        let issues = issues[at.saturating_sub(1)..=at].iter().map(|issued| (issued.hash, issued.row.command)).collect();
        Some(Self { kind, id: id.to_owned(), issues })
    }
}

/// The lines of the site log in which these issues were drafted, approved and issued.
///
/// # Errors
/// `NoBundle::Nothing` when one of them is not signed yet.
pub async fn issues<S: Store>(store: &S, signed: &Signed, wanted: &[Wanted]) -> Result<String, NoBundle> {
    let site = UnitId::site();
    let mut open: BTreeMap<CommandId, (DocumentKind, &str, Hash)> = BTreeMap::new();
    for Wanted { kind, id, issues } in wanted {
        open.extend(issues.iter().map(|(hash, command)| (*command, (*kind, id.as_str(), *hash))));
    }
    let hashes: BTreeSet<Hash> = open.values().map(|(_, _, hash)| *hash).collect();
    // The last draft and the last approval of each content so far.
    let (mut saved, mut approved) = (BTreeMap::new(), BTreeMap::new());
    let (mut shown, mut next) = (BTreeSet::new(), 0);
    while next < signed.checkpoint.size && !open.is_empty() {
        for sealed in page(store, &site, next, signed.checkpoint.size).await? {
            next = sealed.index + 1;
            let kind = codec::read_leaf(sealed.index, &sealed.leaf).map_err(broken)?.kind;
            if !matches!(kind.as_str(), "draft.saved" | "draft.approved" | "document.issued" | "amendment.received") {
                continue;
            }
            for event in codec::open(&sealed).map_err(broken)?.events {
                match event {
                    Event::DraftSaved { kind, id, hash, .. } if hashes.contains(&hash) => {
                        saved.insert((kind, id, hash), sealed.index);
                    }
                    Event::DraftApproved { kind, id, hash } if hashes.contains(&hash) => {
                        approved.insert((kind, id, hash), sealed.index);
                    }
                    Event::DocumentIssued { kind, id, hash, .. }
                        if open.get(&sealed.command) == Some(&(kind, id.as_str(), hash)) =>
                    {
                        open.remove(&sealed.command);
                        let key = (kind, id, hash);
                        shown.extend([saved.get(&key), approved.get(&key)].into_iter().flatten());
                        shown.insert(sealed.index);
                    }
                    _ => {}
                }
            }
        }
    }
    if open.is_empty() && !shown.is_empty() { lines(store, signed, &shown).await } else { Err(NoBundle::Nothing) }
}

/// The lines of the site log in which an issue was given and withdrawn.
///
/// # Errors
/// `NoBundle::Nothing` when one of them is not signed yet.
pub async fn withdrawal<S: Store>(store: &S, signed: &Signed, recall: &Recall) -> Result<String, NoBundle> {
    let (mut shown, mut next) = (BTreeSet::new(), 0);
    while next < signed.checkpoint.size && shown.len() < 2 {
        for sealed in page(store, &UnitId::site(), next, signed.checkpoint.size).await? {
            next = sealed.index + 1;
            if [recall.issued, recall.withdrawn].contains(&sealed.command) {
                shown.insert(sealed.index);
            }
        }
    }
    if shown.len() == 2 { lines(store, signed, &shown).await } else { Err(NoBundle::Nothing) }
}

/// The lines of the site log in which a received edition was acknowledged just so.
///
/// # Errors
/// `NoBundle::Nothing` when nothing of it is signed yet.
pub async fn acknowledgement<S: Store>(store: &S, signed: &Signed, told: &Acknowledgement) -> Result<String, NoBundle> {
    let (mut last, mut next) = (None, 0);
    while next < signed.checkpoint.size {
        for sealed in page(store, &UnitId::site(), next, signed.checkpoint.size).await? {
            next = sealed.index + 1;
            if codec::read_leaf(sealed.index, &sealed.leaf).map_err(broken)?.kind != "amendment.acknowledged" {
                continue;
            }
            let events = codec::open(&sealed).map_err(broken)?.events;
            if events
                .iter()
                .any(|event| matches!(event, Event::EditionAcknowledged { acknowledgement } if acknowledgement == told))
            {
                last = Some(sealed.index);
            }
        }
    }
    lines(store, signed, &BTreeSet::from([last.ok_or(NoBundle::Nothing)?])).await
}

/// The lines of the site log of which these entries are shown whole, and of all others the roots of the trees that they fill.
async fn lines<S: Store>(store: &S, signed: &Signed, shown: &BTreeSet<u64>) -> Result<String, NoBundle> {
    let site = UnitId::site();
    let (mut lines, mut hidden, mut tree) = (String::new(), Hidden::default(), Frontier::new());
    while tree.size() < signed.checkpoint.size {
        for sealed in page(store, &site, tree.size(), signed.checkpoint.size).await? {
            if sealed.index != tree.size() {
                return Err(NoBundle::Differs(site));
            }
            let leaf = leaf_hash(sealed.leaf.as_bytes());
            tree.push(leaf);
            if shown.contains(&sealed.index) {
                hidden.write(&mut lines);
                lines.push_str(&Line::entry(&sealed, None).to_string());
                lines.push('\n');
            } else {
                hidden.push(sealed.index, leaf);
            }
        }
    }
    hidden.write(&mut lines);
    if tree.root() == signed.checkpoint.root { Ok(lines) } else { Err(NoBundle::Differs(site)) }
}
