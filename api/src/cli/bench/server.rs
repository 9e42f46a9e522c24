//! The program as a server of its own, so that what it takes is its own: how soon it is ready, its memory, its processor time.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::machine;
use crate::cli::output::Failure;

/// A server.
pub(super) struct Server {
    child: Child,
    pub(super) address: SocketAddr,
    /// Seconds from its start until it said where it is.
    pub(super) ready_s: f64,
}

impl Server {
    /// Starts this program on a database, and waits until it is ready.
    pub(super) fn begin(database: &str) -> Result<Self, Failure> {
        let failed = |why: Box<dyn std::error::Error>| Failure::Unreachable(format!("The server does not start: {why}."));
        let program = std::env::current_exe().map_err(|error| failed(error.into()))?;
        let begun = Instant::now();
        let mut child = Command::new(program)
            .args(["serve", "--listen", "127.0.0.1:0", "--database", database])
            .env("SEVOTTAM_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| failed(error.into()))?;
        let mut lines = BufReader::new(child.stdout.take().ok_or_else(|| failed("it says nothing".into()))?).lines();
        let said = lines.by_ref().map_while(Result::ok).find_map(|line| Some(line.split_once("http://")?.1.to_owned()));
        let ready_s = begun.elapsed().as_secs_f64();
        let address = said.and_then(|said| said.split(['/', ' ']).next()?.parse().ok());
        // What it says later is read and dropped, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
        // Whole before anything is refused, so that it ends with the refusal.
        let server = Self { child, address: address.unwrap_or(nowhere), ready_s };
        if server.address == nowhere { Err(failed("it does not say where it is".into())) } else { Ok(server) }
    }

    /// The share of one processor that it takes in this time, of which nobody asks anything, and the memory that it holds then.
    pub(super) async fn idle(&self, time: Duration) -> (Option<f64>, Option<u64>) {
        let process = self.child.id().to_string();
        // What it does first is done.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let before = machine::processor_s(&process);
        tokio::time::sleep(time).await;
        let share = machine::processor_s(&process).zip(before).map(|(now, before)| (now - before) / time.as_secs_f64());
        (share, machine::resident(&process))
    }

    /// Stops it in order.
    pub(super) fn end(mut self) -> Result<(), Failure> {
        let failed = |error: std::io::Error| Failure::Unreachable(format!("The server does not stop: {error}."));
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().map_err(failed)?;
        let status = self.child.wait().map_err(failed)?;
        if status.success() { Ok(()) } else { Err(Failure::Unreachable(format!("The server ended badly: {status}."))) }
    }
}

/// A server that a failed run leaves behind ends with the run.
impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
