//! `anchor stamp`: an authority's time stamp (RFC 3161) upon a file, kept as it was given.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{StatusCode, Uri};
use engine::digest::Hash;
use engine::evidence::{EvidenceError, NONCE_BYTES, Stamp, StampRequest};
use engine::model::Time;
use engine::model::limits::{ANCHOR_BYTES_MAX, STAMP_BYTES_MAX};
use engine::runtime::Options;
use serde_json::json;

use super::anchor::write_new;
use super::client::{Client, ClientError};
use super::output::{self, Failure};

/// Whoever has not answered by then is asked again another time.
const PATIENCE: Duration = Duration::from_secs(30);
const QUERY: &str = "application/timestamp-query";

/// Have an authority date a file: ask it for a time stamp (RFC 3161), and keep the answer beside the file
///
/// Nothing but the file's SHA-256 is sent. The answer is kept only if it is granted, upon this hash, and given to this question. Who signed it
/// is checked by `openssl ts -verify -data FILE -in FILE.tsr -CAfile ca.pem`, with the authority's root certificate from elsewhere.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file, such as the day's anchor
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The address of the authority, such as `http://tsa.example/`. Plain http is enough, since the answer is signed
    #[arg(long, value_name = "URL")]
    authority: String,
    /// Where to keep the answer; left out: beside the file, with .tsr behind its name. One that is there is left as it is
    #[arg(long, value_name = "FILE.tsr")]
    out: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: &Args) -> Result<(), Failure> {
    let out = args.out.clone().unwrap_or_else(|| {
        let mut name = OsString::from(&args.file);
        name.push(".tsr");
        name.into()
    });
    if out.exists() {
        return Err(Failure::Unreachable(format!("{} is there already, and is left as it is.", out.display())));
    }
    let hash = Hash::of(&bounded(&args.file)?);
    let mut nonce = [0; NONCE_BYTES];
    (Options::default().chance)(&mut nonce);
    let request = StampRequest::new(hash, nonce);
    let (status, answer) = match tokio::time::timeout(PATIENCE, ask(&args.authority, request.to_bytes())).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error @ ClientError::TooLarge(_))) => {
            return Err(Failure::Refused(format!("The authority: {error}, and no time stamp has so many. (stamp.too-large)")));
        }
        Ok(Err(error @ ClientError::Address(_))) => return Err(Failure::Usage(format!("--authority: {error}."))),
        Ok(Err(error)) => return Err(Failure::Unreachable(format!("The authority: {error}. (stamp.no-answer)"))),
        Err(_) => {
            let seconds = PATIENCE.as_secs();
            return Err(Failure::Unreachable(format!(
                "The authority has not answered within {seconds} seconds. (stamp.no-answer)"
            )));
        }
    };
    if !status.is_success() {
        return Err(Failure::Refused(format!(
            "The authority answers {status} and no time stamp: is the address right? (stamp.no-stamp)"
        )));
    }
    let stamp = request.answered(&answer).map_err(|error| refused(&error))?;
    write_new(&out, &answer)?;
    let Stamp { time, authority, serial, policy, .. } = &stamp;
    if args.json {
        output::json(&json!({
            "sha256": hash, "time": time.to_string(), "authority": authority, "serial": serial, "policy": policy, "file": out.display().to_string()
        }));
    } else {
        output::line(&format!(
            "Stamped    {time}\nAuthority  {authority}\nNumber     {serial}\nPolicy     {policy}\nSHA-256    {hash}\nFile       {}\n\nNot checked here: \
             its signature. With the authority's root certificate, from elsewhere:\n{}",
            out.display(),
            by_hand(&args.file, &out)
        ));
    }
    Ok(())
}

/// Puts the question to the authority.
async fn ask(authority: &str, question: Vec<u8>) -> Result<(StatusCode, Bytes), ClientError> {
    let mut client = Client::connect(authority).await?;
    // It was an address a moment ago.
    let path = authority.parse::<Uri>().ok().and_then(|uri| uri.path_and_query().map(ToString::to_string)).unwrap_or_default();
    let (status, _, answer) = client.post(&path, QUERY, question, STAMP_BYTES_MAX).await?;
    Ok((status, answer))
}

/// What a stamp says of a file with this hash, as lines that a policy passes over.
pub(super) fn remark(file: &Path, stamp: &Path, hash: &Hash) -> Result<(String, Time), Failure> {
    let read = Stamp::read(&output::read_bounded(stamp, STAMP_BYTES_MAX).map_err(Failure::Unreachable)?, hash);
    let Stamp { time, authority, serial, .. } = read.map_err(|error| refused(&error))?;
    let by_hand = by_hand(file, stamp);
    Ok((format!("# stamped {time} by {authority}, number {serial}\n# not checked here, its signature: {by_hand}\n"), time))
}

fn by_hand(file: &Path, stamp: &Path) -> String {
    format!("openssl ts -verify -data {} -in {} -CAfile ca.pem", file.display(), stamp.display())
}

fn bounded(path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = output::read_bounded(path, ANCHOR_BYTES_MAX).map_err(Failure::Unreachable)?;
    if bytes.len() > ANCHOR_BYTES_MAX {
        return Err(Failure::Refused(format!(
            "{} has more than {ANCHOR_BYTES_MAX} bytes, and no anchor has so many.",
            path.display()
        )));
    }
    Ok(bytes)
}

fn refused(error: &EvidenceError) -> Failure {
    Failure::Refused(format!("{error} ({})", error.code))
}
