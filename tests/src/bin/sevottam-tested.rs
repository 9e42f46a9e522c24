//! The program as the tests run it: a process of its own, built beside them.

fn main() -> std::process::ExitCode {
    api::cli::main()
}
