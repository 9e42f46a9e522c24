//! The end of a case's printed file: the entries of the log that it tells of, and on the last sheet the proof, with how to check it.

use engine::evidence::{Proof, Verdict};
use engine::journal::Entry;
use qrcodegen::{QrCode, QrCodeEcc};

use super::case::Found;
use super::parts;
use super::qr::QUIET;
use super::say::key;
use super::visit::Visit;
use crate::app::App;
use crate::app::evidence::{LogName, Newest, NoEvidence};
use crate::paper::{Part, Squares, Table};

/// Widths in millimetres of the two codes: the squares of the proof are many, and must not be smaller than a camera sees.
const PROOF_WIDTH: f32 = 78.0;
const LINK_WIDTH: f32 = 34.0;

/// How the last entry of a file stands in the signed log.
pub(super) enum Sealed {
    /// It is there.
    Proved(Box<(Proof, Newest)>),
    /// It is not signed yet; so many entries are.
    Pending(u64),
    /// Nothing is signed of this log.
    Unsigned,
    /// The log is not what was signed, or cannot be read.
    Broken,
}

/// Looks for the proof of an entry, and checks it.
pub(super) async fn seal(app: &App, log: &str, entry: &Entry) -> Sealed {
    let path = log.strip_prefix(app.engine.options().host.as_str()).and_then(|rest| rest.strip_prefix('/'));
    let Some((name, "")) = path.and_then(LogName::read) else { return Sealed::Unsigned };
    let name = app.evidence.latest(name).await;
    match app.evidence.proof(app.engine.store(), &name, entry.index).await {
        Ok((proof, _, newest)) => match proof.verify(&entry.leaf_hash, &newest.key) {
            Ok(Verdict::Included(_)) => Sealed::Proved(Box::new((proof, newest))),
            _ => Sealed::Broken,
        },
        Err(NoEvidence::Beyond(size)) => Sealed::Pending(size),
        Err(NoEvidence::Unsigned) => Sealed::Unsigned,
        Err(error) => {
            tracing::error!(%error, "the proof of a file cannot be made");
            Sealed::Broken
        }
    }
}

/// The entries, and the proof on a sheet of its own.
pub(super) fn proof(visit: &Visit, found: &Found, sealed: &Sealed) -> Vec<Part> {
    let w = &visit.w;
    let rows =
        found.history.iter().map(|entry| vec![entry.index.to_string(), w.time(entry.origin.time), entry.leaf_hash.to_string()]);
    let head = [("receipt-index", 0.1), ("receipt-time", 0.24), ("receipt-leaf", 0.66)];
    let table = Table { head: head.map(|(title, share)| (w.say(title), share)).to_vec(), rows: rows.collect() };
    let mut parts = vec![
        Part::Heading(2, w.say("file-entries")),
        Part::Text(w.say("file-entries-what")),
        Part::Table(table),
        Part::Break,
        Part::Heading(2, w.say("file-proof")),
    ];
    let Some(last) = found.history.last() else { return parts };
    let mut facts = vec![
        (w.say("receipt-log"), found.log.clone()),
        (w.say("receipt-index"), last.index.to_string()),
        (w.say("receipt-leaf"), last.leaf_hash.to_string()),
    ];
    let address = format!("https://{}{}", visit.engine().options().host, parts::receipt_path(&found.log, last));
    let link = squares(&address, QrCodeEcc::Medium, LINK_WIDTH, w.say("slip-qr"));
    let mut codes = Vec::new();
    match sealed {
        Sealed::Proved(proved) => {
            let (proof, newest) = &**proved;
            facts.push((w.say("verify-size"), newest.checkpoint.size.to_string()));
            facts.push((w.say("verify-key"), newest.key.to_string()));
            parts.push(Part::Facts(facts));
            parts.push(Part::Text(w.say("file-proof-what")));
            parts.push(Part::Fine(w.say("file-checkpoint")));
            parts.push(Part::Fine(proof.checkpoint.to_string().trim_end().to_owned()));
            let code = squares(&proof.to_string(), QrCodeEcc::Low, PROOF_WIDTH, w.say("file-proof-qr"));
            parts.push(Part::Fine(w.say(if code.is_some() { key("file-proof-qr") } else { key("file-proof-long") })));
            codes.extend(code);
        }
        Sealed::Pending(size) => {
            parts.push(Part::Facts(facts));
            parts.push(Part::Notice(w.with("verify-pending-what", &[("size", &size.to_string())])));
        }
        Sealed::Unsigned => {
            parts.push(Part::Facts(facts));
            parts.push(Part::Notice(w.say("verify-unsigned-what")));
        }
        Sealed::Broken => {
            parts.push(Part::Facts(facts));
            parts.push(Part::Notice(w.say("verify-broken-what")));
        }
    }
    parts.push(Part::Fine(format!("{} {address}", w.say("file-link-qr"))));
    codes.extend(link);
    parts.push(Part::Squares(codes));
    let ways = [key("file-check-page"), key("file-check-proof"), key("file-check-bundle")];
    parts.push(Part::List(ways.map(|way| w.say(way)).to_vec()));
    parts
}

/// A text as a QR code; nothing where it is too long for one.
fn squares(text: &str, level: QrCodeEcc, width: f32, told: String) -> Option<Squares> {
    let code = QrCode::encode_text(text, level).ok()?;
    let rows = (0..code.size()).map(|y| (0..code.size()).map(|x| code.get_module(x, y)).collect()).collect();
    let quiet = usize::try_from(QUIET).unwrap_or_default();
    Some(Squares { rows, quiet, width, told })
}
