//! What the system says of this process and this machine (Linux; elsewhere nothing).

/// Begins a new peak of memory.
pub(super) fn reset_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// The most memory held since the last reset, in bytes.
pub(super) fn peak() -> Option<u64> {
    field("/proc/self/status", "VmHWM:").map(|kibibytes| kibibytes * 1024)
}

/// The memory held now, in bytes.
pub(super) fn resident() -> Option<u64> {
    field("/proc/self/status", "VmRSS:").map(|kibibytes| kibibytes * 1024)
}

/// The processor time that this process has used, in seconds.
pub(super) fn processor_s() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    // After the name, which may hold anything, come the state and ten numbers, then the ticks of the process and of the system for it.
    let ticks = text.rsplit_once(')')?.1.split_ascii_whitespace().skip(11).take(2).filter_map(|word| word.parse::<f64>().ok());
    // Linux tells it in hundredths of a second, whatever its own tick is.
    Some(ticks.sum::<f64>() / 100.0)
}

/// Bytes that this process has had written to disk.
pub(super) fn written() -> Option<u64> {
    field("/proc/self/io", "write_bytes:")
}

/// Processors.
pub(super) fn cores() -> usize {
    std::thread::available_parallelism().map_or(0, std::num::NonZeroUsize::get)
}

/// Load averages over 1, 5 and 15 minutes.
pub(super) fn load() -> Vec<f64> {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_ascii_whitespace().take(3).filter_map(|word| word.parse().ok()).collect()
}

fn field(file: &str, name: &str) -> Option<u64> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}
