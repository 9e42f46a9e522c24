//! Time stamps (RFC 3161): what is asked of an authority, and whether what it answers is about what was asked.
//!
//! Whose signature a token bears is not checked here: that takes the authority's root certificate, and `openssl ts -verify` does it.

mod der;

use der::{BOOLEAN, INTEGER, OCTETS, OID, Reader, SEQUENCE, SET, TIME, context};

use super::EvidenceError;
use crate::digest::{Hash, hex};
use crate::model::Time;
use crate::model::limits::STAMP_BYTES_MAX;

/// Bytes of a nonce.
pub const NONCE_BYTES: usize = 16;

/// Object identifiers: SHA-256, signed data (RFC 5652), the content of a time stamp.
const SHA_256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
const SIGNED_DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02];
const TST_INFO: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x01, 0x04];

/// What is asked: a stamp upon a hash, with the authority's certificate, under a number that no answer from before can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StampRequest {
    /// The hash of what is stamped.
    pub hash: Hash,
    nonce: [u8; NONCE_BYTES],
}

/// A time stamp as an authority gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// When it was there, by the authority.
    pub time: Time,
    /// The authority, as the token names it.
    pub authority: String,
    /// The authority's number of it, in hexadecimal.
    pub serial: String,
    /// The policy under which it was given, with dots.
    pub policy: String,
    nonce: Option<Vec<u8>>,
}

fn malformed(what: &str) -> EvidenceError {
    EvidenceError::new("stamp.malformed", format!("The answer is no time stamp (RFC 3161): {what}."))
}

impl StampRequest {
    /// What is asked, under a number drawn by the caller.
    pub fn new(hash: Hash, mut nonce: [u8; NONCE_BYTES]) -> Self {
        // A positive number of so many bytes.
        nonce[0] = nonce[0] & 0x3F | 0x40;
        Self { hash, nonce }
    }

    /// The request (§2.4.1), for `application/timestamp-query`.
    pub fn to_bytes(&self) -> Vec<u8> {
        let algorithm = value(SEQUENCE, &[&value(OID, &[SHA_256]), &[0x05, 0x00]]);
        let imprint = value(SEQUENCE, &[&algorithm, &value(OCTETS, &[self.hash.as_bytes()])]);
        let (version, nonce) = (value(INTEGER, &[&[1]]), value(INTEGER, &[&self.nonce]));
        value(SEQUENCE, &[&version, &imprint, &nonce, &value(BOOLEAN, &[&[0xFF]])])
    }

    /// Reads what was answered.
    ///
    /// # Errors
    /// As [`Stamp::read`], and `stamp.other-nonce` for an answer to somebody else, or to an earlier question.
    pub fn answered(&self, answer: &[u8]) -> Result<Stamp, EvidenceError> {
        let stamp = Stamp::read(answer, &self.hash)?;
        if stamp.nonce.as_deref() == Some(&self.nonce[..]) {
            return Ok(stamp);
        }
        let message = "The answer has another number than the question: it was given to somebody else, or earlier. Ask again.";
        Err(EvidenceError::new("stamp.other-nonce", message))
    }
}

/// A value of less than 128 bytes.
fn value(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    debug_assert!(content.len() < 0x80, "a length of one byte");
    [&[tag, u8::try_from(content.len()).unwrap_or(0)], &content[..]].concat()
}

impl Stamp {
    /// Reads a response (§2.4.2) as it was kept. It must be granted, and upon this hash.
    ///
    /// # Errors
    /// `stamp.too-large`, `stamp.malformed`, `stamp.refused` by the authority, or `stamp.other-hash`.
    pub fn read(response: &[u8], hash: &Hash) -> Result<Self, EvidenceError> {
        if response.len() > STAMP_BYTES_MAX {
            let message = format!("The answer has more than {STAMP_BYTES_MAX} bytes, and no time stamp has so many.");
            return Err(EvidenceError::new("stamp.too-large", message));
        }
        let token = granted(response)?;
        let (info, signer) =
            signed(token).ok_or_else(|| malformed("its token is no signed data with the authority's certificate"))?;
        let (imprint, stamp) =
            read_info(info, signer).ok_or_else(|| malformed("what is signed does not say what, when, and by whom"))?;
        if imprint != (Imprint { algorithm: SHA_256, hash: hash.as_bytes() }) {
            let message = "The time stamp is upon something else: compare the files.";
            return Err(EvidenceError::new("stamp.other-hash", message));
        }
        Ok(stamp)
    }
}

/// The token of a response that grants one.
fn granted(response: &[u8]) -> Result<Reader<'_>, EvidenceError> {
    let mut whole = Reader::new(response);
    let inside = whole.inside(SEQUENCE).filter(|_| whole.is_empty());
    let mut response = inside.ok_or_else(|| malformed("it is not one sequence in DER"))?;
    let status = response.inside(SEQUENCE).and_then(|mut status| match status.take(INTEGER)? {
        &[number] => Some((number, status)),
        _ => None,
    });
    let (status, mut why) = status.ok_or_else(|| malformed("it has no status"))?;
    // Granted, or granted with changes.
    if status > 1 {
        let mut said = String::new();
        let mut texts = why.take(SEQUENCE).map(Reader::new);
        while let Some((_, text, _)) = texts.as_mut().and_then(Reader::any) {
            said.extend(String::from_utf8_lossy(text).chars().filter(|c| !c.is_control()).take(200));
        }
        let message = format!("The authority refuses, with status {status}: {said:?}.");
        return Err(EvidenceError::new("stamp.refused", message));
    }
    Ok(response)
}

/// What is signed, and the subject of the certificate with which it is said to be.
fn signed(mut token: Reader<'_>) -> Option<(&[u8], Reader<'_>)> {
    let mut content = token.inside(SEQUENCE).filter(|_| token.is_empty())?;
    content.take(OID).filter(|oid| *oid == SIGNED_DATA)?;
    let mut data = content.inside(context(0))?.inside(SEQUENCE)?;
    data.take(INTEGER)?;
    data.take(SET)?;
    let mut encapsulated = data.inside(SEQUENCE)?;
    encapsulated.take(OID).filter(|oid| *oid == TST_INFO)?;
    let info = encapsulated.inside(context(0))?.take(OCTETS)?;
    let mut certificates = data.inside(context(0))?;
    data.take(context(1));
    // One signer, by its certificate's issuer and number; or by a key's identifier, where the first certificate is taken for it.
    let mut signer = data.inside(SET)?.inside(SEQUENCE)?;
    signer.take(INTEGER)?;
    let wanted = signer.take(SEQUENCE);
    while !certificates.is_empty() {
        let (SEQUENCE, certificate, _) = certificates.any()? else { continue };
        let mut fields = Reader::new(certificate).inside(SEQUENCE)?;
        fields.take(context(0));
        let (_, _, number) = fields.any()?;
        fields.take(SEQUENCE)?;
        let (_, _, issuer) = fields.any()?;
        fields.take(SEQUENCE)?;
        let subject = fields.inside(SEQUENCE)?;
        if wanted.is_none_or(|wanted| wanted == [issuer, number].concat()) {
            return Some((info, subject));
        }
    }
    None
}

/// What was stamped.
#[derive(PartialEq, Eq)]
struct Imprint<'a> {
    algorithm: &'a [u8],
    hash: &'a [u8],
}

/// What the token says (§2.4.2).
fn read_info<'a>(info: &'a [u8], signer: Reader<'_>) -> Option<(Imprint<'a>, Stamp)> {
    let mut whole = Reader::new(info);
    let mut info = whole.inside(SEQUENCE).filter(|_| whole.is_empty())?;
    info.take(INTEGER).filter(|version| *version == [1])?;
    let policy = der::oid(info.take(OID)?);
    let mut imprint = info.inside(SEQUENCE)?;
    let algorithm = imprint.inside(SEQUENCE)?.take(OID)?;
    let hash = imprint.take(OCTETS).filter(|_| imprint.is_empty())?;
    let serial = hex(info.take(INTEGER)?);
    let time = der::time(info.take(TIME)?)?;
    // How exact it is, and whether stamps are in order.
    info.take(SEQUENCE);
    info.take(BOOLEAN);
    let nonce = info.take(INTEGER).map(<[u8]>::to_vec);
    // The name of the authority itself, where it is given; else that of its certificate.
    let named = info.inside(context(0)).and_then(|mut name| name.inside(context(4))?.inside(SEQUENCE)).and_then(der::name);
    let authority = named.or_else(|| der::name(signer))?;
    Some((Imprint { algorithm, hash }, Stamp { time, authority, serial, policy, nonce }))
}
