//! What was measured, as a table for people and as JSON for scripts.

use std::time::Duration;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use serde::Serialize;
use serde_json::{Value, json};

use super::machine::{self, Load};

/// Commands of one case: start, and five tasks claimed and completed.
pub(super) const COMMANDS_PER_CASE: f64 = 11.0;

/// One run.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Run {
    store: &'static str,
    mode: &'static str,
    /// Clients; of the limit, commands in one transaction.
    clients: usize,
    /// Units over which they are spread.
    pub(super) units: u16,
    /// Nodes by which they come.
    pub(super) nodes: u16,
    pub(super) commands: u64,
    seconds: f64,
    pub(super) commands_per_s: f64,
    p50_us: u32,
    p99_us: u32,
    max_us: u32,
    /// Rows written: the entry and the changes of rows, before those of one transaction are folded.
    pub(super) rows_per_command: Option<f64>,
    /// Bytes of the journal: leaf, salts and payloads.
    pub(super) bytes_per_command: Option<f64>,
    /// Bytes that went to the disk, write-ahead log and database together.
    pub(super) written_bytes_per_command: Option<f64>,
    /// Growth of the database.
    pub(super) bytes_per_case: Option<f64>,
    peak_memory_bytes: Option<u64>,
}

impl Run {
    pub(super) fn new(
        store: &'static str,
        mode: &'static str,
        clients: usize,
        commands: u64,
        elapsed: Duration,
        latencies: &mut [u32],
    ) -> Self {
        let Waits { p50_us, p99_us, max_us, .. } = Waits::of(latencies);
        Self {
            store,
            mode,
            clients,
            units: 1,
            nodes: 1,
            commands,
            seconds: elapsed.as_secs_f64(),
            commands_per_s: float(commands) / elapsed.as_secs_f64(),
            p50_us,
            p99_us,
            max_us,
            rows_per_command: None,
            bytes_per_command: None,
            written_bytes_per_command: None,
            bytes_per_case: None,
            peak_memory_bytes: machine::peak(),
        }
    }
}

/// How long somebody waited.
#[derive(Debug, Clone, Copy, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Waits {
    /// So often.
    pub(super) count: usize,
    pub(super) p50_us: u32,
    pub(super) p99_us: u32,
    pub(super) max_us: u32,
}

impl Waits {
    /// Of these microseconds.
    pub(super) fn of(latencies: &mut [u32]) -> Self {
        latencies.sort_unstable();
        let at = |part: usize| latencies.get((latencies.len() * part / 100).min(latencies.len().saturating_sub(1))).copied();
        let (p50_us, p99_us) = (at(50).unwrap_or_default(), at(99).unwrap_or_default());
        Self { count: latencies.len(), p50_us, p99_us, max_us: latencies.last().copied().unwrap_or_default() }
    }
}

/// All runs.
pub(super) struct Report {
    pub(super) runs: Vec<Run>,
    load: Load,
}

impl Report {
    pub(super) fn new() -> Self {
        Self { runs: Vec::new(), load: Load::begin() }
    }

    /// The best limit of a store, in commands per second.
    fn limit(&self, store: &str) -> Option<f64> {
        let limits = self.runs.iter().filter(|run| run.mode == "limit" && run.store == store);
        limits.map(|run| run.commands_per_s).max_by(f64::total_cmp)
    }

    /// What part of the limit of its store a run reached: of the best, and of that with as many commands in a transaction as there are
    /// clients: more cannot wait, since each client waits for its answer.
    fn ratios(&self, run: &Run) -> (Option<f64>, Option<f64>) {
        let at_batch = |limit: &&Run| limit.mode == "limit" && limit.store == run.store && limit.clients == run.clients;
        let at_batch = self.runs.iter().find(at_batch).map(|limit| limit.commands_per_s);
        let ratio = |limit: f64| run.commands_per_s / limit;
        (self.limit(run.store).map(ratio), at_batch.map(ratio))
    }

    /// What part a run reached of the rate of the same clients spread over the most units, by as many nodes; and of their rate by one node, spread
    /// over as many units.
    fn beside(&self, run: &Run) -> (Option<f64>, Option<f64>) {
        let alike =
            || self.runs.iter().filter(|other| (other.store, other.mode, other.clients) == (run.store, run.mode, run.clients));
        let spread = alike().filter(|other| other.nodes == run.nodes).max_by_key(|other| other.units);
        let spread = spread.filter(|spread| spread.units > run.units);
        let one_node = alike().find(|other| (other.units, other.nodes) == (run.units, 1) && run.nodes > 1);
        let ratio = |other: &Run| run.commands_per_s / other.commands_per_s;
        (spread.map(ratio), one_node.map(ratio))
    }

    pub(super) fn json(&self) -> Value {
        let ratios = self.runs.iter().filter(|run| run.mode != "limit").filter_map(|run| {
            let ((of_limit, at_batch), (of_spread, of_one_node)) = (self.ratios(run), self.beside(run));
            let ratio = json!({
                "store": run.store, "mode": run.mode, "clients": run.clients, "units": run.units, "nodes": run.nodes,
                "of_limit": of_limit, "of_limit_at_batch": at_batch, "of_spread": of_spread, "of_one_node": of_one_node,
            });
            of_limit.or(of_spread).or(of_one_node).map(|_| ratio)
        });
        let ratios: Vec<Value> = ratios.collect();
        // Of the store that was measured first.
        let limit = self.runs.first().and_then(|run| self.limit(run.store));
        json!({ "workload": "sop10", "runs": self.runs, "limit_commands_per_s": limit, "ratios": ratios, "machine": self.load.json() })
    }

    pub(super) fn table(&self) -> String {
        let mut table = table([
            "store",
            "mode",
            "clients",
            "units",
            "nodes",
            "commands/s",
            "of limit",
            "at batch",
            "of spread",
            "of one node",
            "p50 µs",
            "p99 µs",
            "max µs",
            "rows/cmd",
            "journal B/cmd",
            "disk B/cmd",
            "B/case",
            "peak MiB",
        ]);
        for run in &self.runs {
            let some =
                |value: Option<f64>, digits: usize| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.digits$}"));
            let ((ratio, at_batch), (of_spread, of_one_node)) = (self.ratios(run), self.beside(run));
            table.add_row([
                run.store.to_owned(),
                run.mode.to_owned(),
                if run.mode == "limit" { format!("batch {}", run.clients) } else { run.clients.to_string() },
                run.units.to_string(),
                run.nodes.to_string(),
                format!("{:.0}", run.commands_per_s),
                some(ratio, 2),
                some(at_batch, 2),
                some(of_spread, 2),
                some(of_one_node, 2),
                run.p50_us.to_string(),
                run.p99_us.to_string(),
                run.max_us.to_string(),
                some(run.rows_per_command, 1),
                some(run.bytes_per_command, 0),
                some(run.written_bytes_per_command, 0),
                some(run.bytes_per_case, 0),
                some(run.peak_memory_bytes.map(|bytes| float(bytes) / 1_048_576.0), 0),
            ]);
        }
        format!(
            "SOP-10: a case is {COMMANDS_PER_CASE:.0} commands, each durable before it is acknowledged. The limit's latencies are those of a \
             transaction;\n`of limit` is measured by its best batch, `at batch` by the batch of as many commands as there are clients, `of spread` by \
             the same\nclients spread over the most units, `of one node` by the same by one node.\n\
             {}\n\n{table}",
            self.load.text(),
        )
    }
}

/// A table for people, its figures to the right.
pub(super) fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(header);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// A count as a number to divide by.
#[expect(clippy::cast_precision_loss, reason = "counts of a run are far below 2^53")]
pub(super) fn float(count: u64) -> f64 {
    count as f64
}
