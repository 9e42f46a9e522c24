//! The command line: one subcommand per file. Exit codes: 0 done, 1 refused or problems found, 2 wrong usage, 3 out of reach.

mod amendment;
mod anchor;
mod backup;
mod bench;
mod bundle;
mod calendar;
mod carry;
mod cases;
mod certificate;
mod check;
mod client;
mod complete;
mod controlled;
mod database;
mod demo;
mod deploy;
mod documents;
mod export;
mod fork;
mod migrate;
mod offline;
mod openapi;
mod output;
mod rebuild;
mod recovery;
mod rehearse;
mod remote;
mod replay;
mod schedule;
mod schema;
mod serve;
mod sign;
mod stamp;
mod start;
mod tasks;
mod traces;
mod verify;
mod witness;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use output::Failure;

const EXIT_CODES: &str = "Exit codes:
  0  done
  1  refused, or problems found
  2  wrong usage
  3  the server, the database or a file cannot be reached";

/// Sevottam runs a public office's procedures and seals everything that happened as evidence.
///
/// Without a subcommand it serves an example office: the same as `serve --demo`.
#[derive(Debug, Parser)]
#[command(name = "sevottam", version, after_help = EXIT_CODES, max_term_width = 120)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(after_help = EXIT_CODES)]
    Serve(serve::Args),
    #[command(after_help = EXIT_CODES)]
    Check(check::Args),
    #[command(after_help = EXIT_CODES)]
    Deploy(deploy::Args),
    #[command(after_help = EXIT_CODES)]
    Schedule(schedule::Args),
    #[command(after_help = EXIT_CODES)]
    Calendar(calendar::Args),
    #[command(after_help = EXIT_CODES)]
    Start(start::Args),
    #[command(after_help = EXIT_CODES)]
    Tasks(tasks::Args),
    #[command(after_help = EXIT_CODES)]
    Complete(complete::Args),
    Cases(cases::Args),
    Documents(controlled::Args),
    #[command(after_help = EXIT_CODES)]
    Export(export::Args),
    #[command(after_help = EXIT_CODES)]
    Rebuild(rebuild::Args),
    #[command(after_help = EXIT_CODES)]
    Backup(backup::Args),
    #[command(after_help = EXIT_CODES)]
    Sign(sign::Args),
    #[command(after_help = EXIT_CODES)]
    Recovery(recovery::Args),
    #[command(after_help = EXIT_CODES)]
    Witness(witness::Args),
    Anchor(anchor::Args),
    Fork(fork::Args),
    Amendment(amendment::Args),
    #[command(after_help = EXIT_CODES)]
    Bundle(bundle::Args),
    Verify(verify::Args),
    Certificate(certificate::Args),
    #[command(after_help = EXIT_CODES)]
    Migrate(migrate::Args),
    #[command(after_help = EXIT_CODES)]
    Move(carry::Args),
    #[command(after_help = EXIT_CODES)]
    Rehearse(rehearse::Args),
    #[command(after_help = EXIT_CODES)]
    Replay(replay::Args),
    #[command(after_help = EXIT_CODES)]
    Schema(schema::Args),
    #[command(after_help = EXIT_CODES)]
    Openapi(openapi::Args),
    #[command(after_help = EXIT_CODES)]
    Bench(bench::Args),
}

/// Runs the program with the arguments that it was started with.
pub fn main() -> ExitCode {
    // Wrong usage ends here with 2, help and version with 0.
    let cli = Cli::try_parse().unwrap_or_else(|error| {
        let word = |place: usize| std::env::args_os().nth(place).unwrap_or_default();
        let checks = word(1) == "amendment" && word(2) == "check";
        let verifies = word(1) == "verify" || word(1) == "certificate" || checks;
        if verifies && error.use_stderr() {
            // Of their codes, 2 is a verdict.
            let _ = error.print();
            std::process::exit(verify::UNUSABLE.into());
        }
        error.exit()
    });
    let done = match cli.command {
        None => serve::demo().and_then(|args| within(async { serve::run(args).await })),
        Some(Command::Serve(args)) => within(async { serve::run(args).await }),
        Some(Command::Check(args)) => check::run(&args),
        Some(Command::Deploy(args)) => within(async { deploy::run(args).await }),
        Some(Command::Schedule(args)) => schedule::run(&args),
        Some(Command::Calendar(args)) => calendar::run(&args),
        Some(Command::Start(args)) => within(async { start::run(args).await }),
        Some(Command::Tasks(args)) => within(async { tasks::run(args).await }),
        Some(Command::Complete(args)) => within(async { complete::run(args).await }),
        Some(Command::Cases(args)) => within(async { cases::run(args).await }),
        Some(Command::Documents(args)) => within(async { controlled::run(args).await }),
        Some(Command::Export(args)) => within(async { export::run(args).await }),
        Some(Command::Rebuild(args)) => within(async { rebuild::run(args).await }),
        Some(Command::Backup(args)) => within(async { backup::run(args).await }),
        Some(Command::Sign(args)) => within(async { sign::run(args).await }),
        Some(Command::Recovery(args)) => recovery::run(&args),
        Some(Command::Witness(args)) => within(async { witness::run(args).await }),
        Some(Command::Anchor(args)) => within(async { anchor::run(&args).await }),
        Some(Command::Fork(args)) => fork::run(&args),
        // The exit codes of its check are its own.
        Some(Command::Amendment(args)) => return amendment::run(args),
        Some(Command::Bundle(args)) => within(async { bundle::run(args).await }),
        // Their exit codes are their own.
        Some(Command::Verify(args)) => return verify::run(&args),
        Some(Command::Certificate(args)) => return certificate::run(&args),
        Some(Command::Migrate(args)) => within(async { migrate::run(args).await }),
        Some(Command::Move(args)) => within(async { carry::run(args).await }),
        Some(Command::Rehearse(args)) => within(async { rehearse::run(args).await }),
        Some(Command::Replay(args)) => within(async { replay::run(args).await }),
        Some(Command::Schema(args)) => schema::run(&args),
        Some(Command::Openapi(args)) => openapi::run(&args),
        Some(Command::Bench(args)) => within(async { bench::run(args).await }),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::complain(&failure.to_string());
            failure.code()
        }
    }
}

/// Runs a subcommand that waits for others.
fn within(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Unreachable(format!("The program cannot start its threads: {error}.")))?;
    let done = runtime.block_on(command);
    // Whatever still runs has nothing to finish: everything acknowledged is durable.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    done
}
