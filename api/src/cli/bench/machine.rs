//! What the system says of this process and this machine (Linux; elsewhere nothing).

/// Begins a new peak of memory.
pub(super) fn reset_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// The most memory held since the last reset, in bytes.
pub(super) fn peak() -> Option<u64> {
    field("/proc/self/status", "VmHWM:").map(|kibibytes| kibibytes * 1024)
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
