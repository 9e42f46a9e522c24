//! The files of the repository, as a rule reads them.

use std::path::Path;
use std::process::Command;

/// A file.
pub(super) struct File {
    /// Path from the top, with `/`.
    pub(super) path: String,
    /// Its text; empty for a file that is no text.
    pub(super) text: String,
}

impl File {
    /// Whether the path ends so.
    pub(super) fn is(&self, ending: &str) -> bool {
        self.path.ends_with(ending)
    }

    /// Whether it is test code: a file `tests.rs`, or anything in a folder `tests`.
    pub(super) fn is_test(&self) -> bool {
        self.path.split('/').any(|part| part == "tests" || part == "tests.rs")
    }
}

/// All files that are committed or about to be. Where git is missing, all there are.
pub(super) fn house(top: &Path) -> Vec<File> {
    let mut paths = listed(top).unwrap_or_else(|| {
        let mut paths = Vec::new();
        walk(top, "", &mut paths);
        paths
    });
    paths.sort();
    paths.dedup();
    let read = |path: String| {
        let bytes = std::fs::read(top.join(&path)).ok()?;
        Some(File { path, text: String::from_utf8(bytes).unwrap_or_default() })
    };
    paths.into_iter().filter_map(read).collect()
}

fn listed(top: &Path) -> Option<Vec<String>> {
    let mut git = Command::new("git");
    git.arg("-C").arg(top).args(["-c", "core.quotePath=off", "ls-files", "--cached", "--others", "--exclude-standard"]);
    let output = git.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.lines().map(str::to_owned).collect())
}

fn walk(top: &Path, under: &str, paths: &mut Vec<String>) {
    for entry in std::fs::read_dir(top.join(under)).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if under.is_empty() { name.clone() } else { format!("{under}/{name}") };
        if name == "target" || name == ".git" || name.contains(".db") {
            continue;
        }
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => walk(top, &path, paths),
            _ => paths.push(path),
        }
    }
}
