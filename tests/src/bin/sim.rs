//! The simulator on the command line: `sim SEED`, or `sim --seeds N --from K`.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

use tests::sim;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |text: Option<&String>| text.and_then(|text| text.parse::<u64>().ok());
    let after = |name: &str| arguments.iter().position(|one| one == name).map(|at| number(arguments.get(at + 1)));
    let (first, seeds) = match (arguments.first().map(|first| first.as_str()), after("--seeds"), after("--from")) {
        (Some(_), Some(Some(seeds)), None) => (0, seeds),
        (Some(_), Some(Some(seeds)), Some(Some(first))) => (first, seeds),
        (Some(_), None, None) if number(arguments.first()).is_some() => (number(arguments.first()).unwrap_or(0), 1),
        _ => {
            eprintln!("sim SEED\nsim --seeds N [--from K]");
            return ExitCode::from(2);
        }
    };
    let began = Instant::now();
    let mut sums: BTreeMap<String, u64> = BTreeMap::new();
    for seed in first..first + seeds {
        match sim::run(seed) {
            Ok(report) => {
                if seeds == 1 {
                    println!("journal {}", report.journal);
                }
                for (what, count) in report.counts {
                    *sums.entry(what).or_default() += count;
                }
            }
            Err(violation) => {
                eprintln!("seed {} after step {}: {}", violation.seed, violation.step, violation.what);
                eprintln!("again: cargo run -p tests --bin sim -- {}", violation.seed);
                return ExitCode::FAILURE;
            }
        }
    }
    for (what, count) in sums {
        println!("{count:>9} {what}");
    }
    println!("0 violations in {seeds} seeds, {:.1} s", began.elapsed().as_secs_f64());
    ExitCode::SUCCESS
}
