//! What the system says of this process and this machine (Linux; elsewhere nothing).

/// Begins a new peak of memory.
pub(super) fn reset_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// A process, as the system names it: a number, or this one.
pub(super) const SELF: &str = "self";

/// The most memory held since the last reset, in bytes.
pub(super) fn peak() -> Option<u64> {
    field(SELF, "status", "VmHWM:").map(|kibibytes| kibibytes * 1024)
}

/// The memory that a process holds now, in bytes.
pub(super) fn resident(process: &str) -> Option<u64> {
    field(process, "status", "VmRSS:").map(|kibibytes| kibibytes * 1024)
}

/// The processor time that a process has used, in seconds.
pub(super) fn processor_s(process: &str) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // After the name, which may hold anything, come the state and ten numbers, then the ticks of the process and of the system for it.
    let ticks = text.rsplit_once(')')?.1.split_ascii_whitespace().skip(11).take(2).filter_map(|word| word.parse::<f64>().ok());
    // Linux tells it in hundredths of a second, whatever its own tick is.
    Some(ticks.sum::<f64>() / 100.0)
}

/// Bytes that this process has had written to disk.
pub(super) fn written() -> Option<u64> {
    field(SELF, "io", "write_bytes:")
}

/// Processors.
pub(super) fn cores() -> usize {
    std::thread::available_parallelism().map_or(0, std::num::NonZeroUsize::get)
}

/// What is told of the machine beside figures: its processors, and its load before and after.
pub(super) struct Load(Vec<f64>);

impl Load {
    /// The load now, before anything is measured.
    pub(super) fn begin() -> Self {
        Self(load())
    }

    /// For people.
    pub(super) fn text(&self) -> String {
        let text = |load: &[f64]| load.iter().map(|load| format!("{load:.2}")).collect::<Vec<_>>().join(" ");
        format!("{} cores, load average {} before and {} after.", cores(), text(&self.0), text(&load()))
    }

    /// For scripts.
    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::json!({ "cores": cores(), "loadAverage": self.0, "loadAverageAfter": load() })
    }
}

/// Load averages over 1, 5 and 15 minutes.
pub(super) fn load() -> Vec<f64> {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_ascii_whitespace().take(3).filter_map(|word| word.parse().ok()).collect()
}

fn field(process: &str, file: &str, name: &str) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/{file}")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}
