//! What was measured, as a table for people and as JSON for scripts.

use std::time::Duration;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use serde::Serialize;
use serde_json::{Value, json};

use super::machine;

/// Commands of one case: start, and five tasks claimed and completed.
pub(super) const COMMANDS_PER_CASE: f64 = 11.0;

/// One run.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Run {
    store: &'static str,
    mode: &'static str,
    /// Clients; of the limit, commands in one transaction.
    clients: usize,
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
        latencies.sort_unstable();
        let at = |part: usize| latencies.get((latencies.len() * part / 100).min(latencies.len().saturating_sub(1))).copied();
        Self {
            store,
            mode,
            clients,
            commands,
            seconds: elapsed.as_secs_f64(),
            commands_per_s: float(commands) / elapsed.as_secs_f64(),
            p50_us: at(50).unwrap_or_default(),
            p99_us: at(99).unwrap_or_default(),
            max_us: latencies.last().copied().unwrap_or_default(),
            rows_per_command: None,
            bytes_per_command: None,
            written_bytes_per_command: None,
            bytes_per_case: None,
            peak_memory_bytes: machine::peak(),
        }
    }
}

/// All runs.
pub(super) struct Report {
    pub(super) runs: Vec<Run>,
    /// The best limit, in commands per second.
    pub(super) limit: Option<f64>,
    load: Vec<f64>,
    load_after: Vec<f64>,
}

impl Report {
    pub(super) fn new() -> Self {
        Self { runs: Vec::new(), limit: None, load: machine::load(), load_after: Vec::new() }
    }

    /// Notes the load that the machine had at the end.
    pub(super) fn finish(&mut self) {
        self.load_after = machine::load();
    }

    /// The limit with as many commands in a transaction as there are clients: more cannot wait, since each client waits for its answer.
    fn limit_at(&self, clients: usize) -> Option<f64> {
        self.runs.iter().find(|run| run.mode == "limit" && run.clients == clients).map(|run| run.commands_per_s)
    }

    /// What part of the limit each run reached: store, mode, clients, ratio.
    fn ratios(&self) -> Vec<(&Run, f64)> {
        let Some(limit) = self.limit else { return Vec::new() };
        self.runs.iter().filter(|run| run.mode != "limit").map(|run| (run, run.commands_per_s / limit)).collect()
    }

    pub(super) fn json(&self) -> Value {
        let ratios: Vec<Value> = self
            .ratios()
            .into_iter()
            .map(|(run, ratio)| {
                let at_batch = self.limit_at(run.clients).map(|limit| run.commands_per_s / limit);
                json!({ "store": run.store, "mode": run.mode, "clients": run.clients, "of_limit": ratio, "of_limit_at_batch": at_batch })
            })
            .collect();
        let machine = json!({ "cores": machine::cores(), "load_average": self.load, "load_average_after": self.load_after });
        json!({ "workload": "sop10", "runs": self.runs, "limit_commands_per_s": self.limit, "ratios": ratios, "machine": machine })
    }

    pub(super) fn table(&self) -> String {
        let mut table = Table::new();
        table.load_style(NOTHING).set_header([
            "store",
            "mode",
            "clients",
            "commands/s",
            "of limit",
            "at batch",
            "p50 µs",
            "p99 µs",
            "max µs",
            "rows/cmd",
            "journal B/cmd",
            "disk B/cmd",
            "B/case",
            "peak MiB",
        ]);
        for column in table.column_iter_mut().skip(2) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        for run in &self.runs {
            let some =
                |value: Option<f64>, digits: usize| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.digits$}"));
            let ratio = self.limit.map(|limit| run.commands_per_s / limit);
            table.add_row([
                run.store.to_owned(),
                run.mode.to_owned(),
                if run.mode == "limit" { format!("batch {}", run.clients) } else { run.clients.to_string() },
                format!("{:.0}", run.commands_per_s),
                some(ratio, 2),
                some(self.limit_at(run.clients).map(|limit| run.commands_per_s / limit), 2),
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
        let load = |load: &[f64]| load.iter().map(|load| format!("{load:.2}")).collect::<Vec<_>>().join(" ");
        format!(
            "SOP-10: a case is {COMMANDS_PER_CASE:.0} commands, each durable before it is acknowledged. The limit's latencies are those of a \
             transaction;\n`of limit` is measured by its best batch, `at batch` by the batch of as many commands as there are clients.\n\
             {} cores, load average {} before and {} after.\n\n{table}",
            machine::cores(),
            load(&self.load),
            load(&self.load_after),
        )
    }
}

/// A count as a number to divide by.
#[expect(clippy::cast_precision_loss, reason = "counts of a run are far below 2^53")]
pub(super) fn float(count: u64) -> f64 {
    count as f64
}
