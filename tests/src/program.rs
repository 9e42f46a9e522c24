//! The program as a process of its own: started, asked, stopped, killed.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::postgres::is_root;

/// The binary under test: built beside the one that runs, or, for a test, a folder above it.
///
/// # Panics
/// When it is not built.
pub fn binary() -> PathBuf {
    let me = std::env::current_exe().expect("this program lies somewhere");
    let places = me.ancestors().skip(1).take(2).map(|folder| folder.join("sevottam-tested"));
    let found = places.into_iter().find(|place| place.exists());
    found.unwrap_or_else(|| panic!("sevottam-tested is not built: cargo build -p tests --bins"))
}

/// Runs a subcommand to its end.
///
/// # Panics
/// When the program cannot be run.
pub fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(binary());
    command.args(arguments).env_remove("SEVOTTAM_SERVER").env_remove("SEVOTTAM_ACTOR").env_remove("SEVOTTAM_DATABASE");
    command.stdin(Stdio::null()).output().expect("the program can be run")
}

/// Standard output as JSON.
///
/// # Panics
/// When it is none.
pub fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

/// What a process takes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Usage {
    /// Bytes of memory.
    pub memory: u64,
    /// Open files and connections.
    pub files: usize,
}

/// A server.
pub struct Program {
    child: Child,
    /// Such as `http://127.0.0.1:41234`.
    pub address: String,
}

impl Program {
    /// Starts a server on a port of its own and waits until it says where it is.
    pub fn serve(database: impl AsRef<OsStr>, arguments: &[&str]) -> Self {
        Self::serve_in(database, arguments, &[])
    }

    /// The same in an environment of its own.
    pub fn serve_in(database: impl AsRef<OsStr>, arguments: &[&str], environment: &[(&str, &OsStr)]) -> Self {
        let serve = ["serve", "--listen", "127.0.0.1:0", "--database"].map(OsStr::new);
        let arguments = arguments.iter().map(OsStr::new);
        Self::start(serve.into_iter().chain([database.as_ref()]).chain(arguments), environment)
    }

    /// Starts a subcommand that serves, and waits until it says where it is.
    pub fn start<'a>(arguments: impl IntoIterator<Item = &'a OsStr>, environment: &[(&str, &OsStr)]) -> Self {
        let mut command = Command::new(binary());
        command.args(arguments).envs(environment.iter().copied());
        Self::spawn(command)
    }

    /// Starts a server that the kernel gives no more memory than so many bytes, and says how it holds it to that.
    pub fn serve_within_memory(database: &str, bytes: u64) -> (Self, &'static str) {
        let (mut command, how) = if Path::new("/run/systemd/system").exists() && is_root() {
            let mut scope = Command::new("systemd-run");
            scope.args(["--scope", "--quiet", "--property=MemorySwapMax=0", &format!("--property=MemoryMax={bytes}"), "--"]);
            (scope, "a cgroup")
        } else {
            // The pages of its files are not counted, and what it reserves and never touches is.
            let mut limited = Command::new("prlimit");
            limited.args([&format!("--data={bytes}"), "--"]);
            (limited, "RLIMIT_DATA, there being no systemd to make a cgroup")
        };
        command.arg(binary()).args(["serve", "--listen", "127.0.0.1:0", "--database", database]);
        (Self::spawn(command), how)
    }

    /// Starts a server that listens on this address within a network namespace. Whoever comes from `from` says who they are.
    pub fn serve_within(namespace: &str, listen: Ipv4Addr, from: Ipv4Addr, database: &str) -> Self {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", namespace]).arg(binary()).args(["serve", "--database", database]);
        command.args(["--listen", &format!("{listen}:0"), "--trust-actor-header-from", &format!("{from}/32")]);
        Self::spawn(command)
    }

    fn spawn(mut command: Command) -> Self {
        let mut child = command
            .env("SEVOTTAM_LOG", "warn")
            // Hundreds of servers are started.
            .env("SEVOTTAM_RESERVE", "8")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program can be run");
        let stdout = child.stdout.take().expect("its output is a pipe");
        let mut lines = BufReader::new(stdout).lines();
        let address = lines.by_ref().map_while(Result::ok).find_map(|line| {
            let (_, rest) = line.split_once("http://")?;
            Some(format!("http://{}", rest.split('/').next()?))
        });
        // What it says later is read and dropped, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address: address.expect("it says where it is") }
    }

    /// Stops the process for a while, as a machine that stalls; it knows nothing of it.
    pub fn stall(&self, time: Duration) {
        self.signal("-STOP");
        std::thread::sleep(time);
        self.signal("-CONT");
    }

    /// What the process takes now; none when it has ended.
    pub fn usage(&self) -> Option<Usage> {
        let of = |name: &str| PathBuf::from(format!("/proc/{}/{name}", self.child.id()));
        let status = std::fs::read_to_string(of("status")).ok()?;
        let kibibytes =
            status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse::<u64>().ok());
        let files = std::fs::read_dir(of("fd")).ok()?.count();
        Some(Usage { memory: kibibytes? * 1024, files })
    }

    /// Sends the process a signal.
    ///
    /// # Panics
    /// When it cannot be sent.
    pub fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status().expect("kill can be run");
        assert!(sent.success());
    }

    /// SIGKILL: the process gets no chance to do anything.
    pub fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }

    /// SIGTERM: how it ended, and how long it took. None after 20 seconds.
    pub fn terminate(mut self) -> Option<(ExitStatus, Duration)> {
        let asked = Instant::now();
        let sent = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().expect("kill can be run");
        assert!(sent.success());
        self.ended(Duration::from_secs(20)).map(|status| (status, asked.elapsed()))
    }

    /// Waits for its end; how it ended. None where it goes on for longer.
    ///
    /// # Panics
    /// When its state cannot be read.
    pub fn ended(&mut self, within: Duration) -> Option<ExitStatus> {
        let begun = Instant::now();
        while begun.elapsed() < within {
            if let Some(status) = self.child.try_wait().expect("its state can be read") {
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        None
    }
}

/// A server that a failed test leaves behind ends with the test.
impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
