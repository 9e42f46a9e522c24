//! The nemesis on the command line: `nemesis --list`, `nemesis F-2 [--on sqlite|postgres] [--seed S] [--n N]`, `nemesis all`; and `nemesis E-10 [--n N]`,
//! which wants no office that serves.

use std::process::ExitCode;
use std::time::Instant;

use tests::decided::replayed;
use tests::nemesis::faults::{ABSENT, FAULTS, Ground, befalls, run_fault};

/// What befalls a journal after everything was said: written otherwise, so that every hash and signature fits.
const REWRITTEN: (&str, &str, &str, u64) = (
    "E-10",
    "of many cases one in a hundred is written otherwise than it was decided: all are found, and no others",
    "cases",
    10_000,
);

fn list() {
    for (name, what, of, n) in FAULTS.into_iter().chain([REWRITTEN]) {
        println!("{name:<5} {what} ({n} {of})");
    }
    println!("\nNot run by this program:");
    for (name, why) in ABSENT {
        println!("{name:<5} {why}");
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let after = |name: &str| arguments.iter().position(|one| one == name).and_then(|at| arguments.get(at + 1));
    let number = |name: &str| after(name).and_then(|text| text.parse::<u64>().ok());
    let wanted = arguments.first().map_or("--list", String::as_str);
    let faults: Vec<_> = FAULTS.into_iter().filter(|(name, ..)| wanted == "all" || *name == wanted).collect();
    let rewrites = wanted == "all" || wanted == REWRITTEN.0;
    if faults.is_empty() && !rewrites {
        list();
        return if wanted == "--list" { ExitCode::SUCCESS } else { ExitCode::from(2) };
    }
    let seed = number("--seed").unwrap_or(2026);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    for (name, _, of, usual) in faults {
        let n = number("--n").unwrap_or(usual);
        let stores = ["sqlite", "postgres"].into_iter().filter(|on| after("--on").is_none_or(|wanted| wanted == on));
        for on in stores.filter(|on| befalls(name, on)) {
            let began = Instant::now();
            let Some(mut ground) = Ground::new(on == "postgres", seed, n) else { continue };
            // A law that is broken ends the program there, and leaves everything that shows how.
            println!("{name} on {on}, {n} {of}, seed {seed}, in {} …", ground.kept().display());
            let proved = runtime.block_on(run_fault(name, &mut ground));
            println!("{name} on {on}, {n} {of}: {proved}. {:.0} s", began.elapsed().as_secs_f64());
            let _ = std::fs::remove_dir_all(ground.kept());
        }
    }
    if rewrites {
        let (name, _, of, usual) = REWRITTEN;
        let (n, began) = (number("--n").unwrap_or(usual), Instant::now());
        let proved = runtime.block_on(replayed(usize::try_from(n).expect("cases that can be counted")));
        println!("{name}, {n} {of}: {proved}. {:.0} s", began.elapsed().as_secs_f64());
    }
    ExitCode::SUCCESS
}
