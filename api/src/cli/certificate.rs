//! `certificate`: the certificate about electronic records for a bundle, filled in as far as the program can know, for a person to sign.

use std::path::PathBuf;
use std::process::ExitCode;

use engine::audit::working;
use engine::evidence::bundle::{Verdict, unseal};
use engine::model::Language;
use engine::model::limits::{BUNDLE_BYTES_MAX, FORM_BYTES_MAX};

use super::documents::Documents;
use super::output;
use super::verify::{self, UNUSABLE};
use crate::app::certificate::Form;
use crate::pages::{Certified, certificate};

/// The form that lies in the program.
const FORM: &str = "certificates/bsa-63.json";
const EXIT_CODES: &str = "Exit codes:
  0  the page was written
  1  TAMPERED: there is no certificate of it
  2  INCOMPLETE: there is no certificate of it
  3  wrong usage, or a file cannot be read or written";

/// Write the certificate about electronic records for a bundle (Bharatiya Sakshya Adhiniyam, 2023, s. 63), without database or network
///
/// A page of HTML to print on A4, with the hash values filled in, and an annexure: the hash report, and what the entries say about whether the
/// machine was working properly. A person fills in the rest and signs; the part of the expert is the expert's. A bundle that does not verify
/// gets none: `verify` says why.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Args {
    /// The bundle
    #[arg(value_name = "BUNDLE.zip")]
    bundle: PathBuf,
    /// What is relied on, as `verify` takes it
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// The language of all but the form's own words
    #[arg(long, value_enum, default_value = "en")]
    language: Spoken,
    /// What the server is to the person who signs; may be given again. Left out, the boxes are left to the person
    #[arg(long, value_enum)]
    relation: Vec<Relation>,
    /// A form of one's own, laid out like definitions/certificates/bsa-63.json
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
    /// Write it to this file instead
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Spoken {
    /// English
    En,
    /// Hindi
    Hi,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Relation {
    /// Owned by them
    Owned,
    /// Maintained by them
    Maintained,
    /// Managed by them
    Managed,
    /// Operated by them
    Operated,
}

impl Relation {
    /// The name of its box in the form.
    fn name(self) -> &'static str {
        match self {
            Self::Owned => "owned",
            Self::Maintained => "maintained",
            Self::Managed => "managed",
            Self::Operated => "operated",
        }
    }
}

pub(super) fn run(args: &Args) -> ExitCode {
    write(args).unwrap_or_else(|message| {
        output::complain(&message);
        ExitCode::from(UNUSABLE)
    })
}

fn write(args: &Args) -> Result<ExitCode, String> {
    let form = match &args.template {
        Some(path) => output::read_bounded(path, FORM_BYTES_MAX)?,
        None => Documents::Shipped.text(FORM).map_err(|failure| failure.to_string())?.into_bytes(),
    };
    let form = Form::read(&form).map_err(|error| error.to_string())?;
    let policy = verify::read_policy(&args.policy)?;
    // In memory: the hash that is certified must be of just the bytes that were checked.
    let archive = output::read_bounded(&args.bundle, BUNDLE_BYTES_MAX)?;
    let (bundle, report, replayed) = verify::check((&archive).into(), &policy);
    let found = match (report.verdict(), bundle, replayed, unseal(&archive)) {
        (Verdict::Verified, Some(bundle), Some(replayed), Ok(files)) => (bundle, replayed, files),
        (verdict, _, replayed, _) => {
            output::complain(verify::as_text(&report, replayed).trim_end());
            output::complain("There is no certificate of a bundle that does not verify.");
            return Ok(verify::exit_code(verdict));
        }
    };
    let (bundle, replayed, files) = found;
    let given = Certified {
        form: &form,
        ticked: ["server", "sha256"].into_iter().chain(args.relation.iter().map(|one| one.name())).collect(),
        archive: &archive,
        files: &files,
        head: &bundle.head,
        policy: &policy,
        report: &report,
        replayed,
        working: &working(&bundle),
    };
    let language = match args.language {
        Spoken::En => Language::English,
        Spoken::Hi => Language::Hindi,
    };
    let page = certificate(&given, language);
    match &args.out {
        Some(path) => std::fs::write(path, page).map_err(|error| output::unwritable(path, &error).to_string())?,
        None => output::text(&page),
    }
    Ok(ExitCode::SUCCESS)
}
