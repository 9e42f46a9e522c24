//! Documents from files and from the program, checked as an office would, without one.

use std::path::{Path, PathBuf};

use engine::graph::Library;
use engine::graph::library::Checked;
use engine::model::Problem;
use engine::model::document::DocumentKind;

use super::documents::Documents;
use super::output::{self, Failure};

/// What a document was given as.
pub(super) struct Named {
    /// For people: the file, or the id.
    pub(super) name: String,
    /// Its text.
    pub(super) text: String,
    /// Whether it lies in the program.
    pub(super) shipped: bool,
}

/// A file, or the id of a shipped document of this kind.
pub(super) fn named(kind: DocumentKind, target: &str) -> Result<Named, Failure> {
    let path = Path::new(target);
    if path.is_file() {
        return Ok(Named { name: target.to_owned(), text: text(path)?, shipped: false });
    }
    if let Ok(text) = Documents::Shipped.text(&format!("{}s/{target}.json", kind.name())) {
        return Ok(Named { name: target.to_owned(), text, shipped: true });
    }
    let known = Documents::Shipped.all(&format!("{}s/", kind.name()))?;
    let known = known.iter().filter_map(|(name, _)| name.split('/').next_back()?.strip_suffix(".json"));
    let known: Vec<&str> = known.collect();
    let what = kind.name();
    Err(Failure::Unreachable(format!("There is no file {target}, and no shipped {what} of this id: {}.", known.join(", "))))
}

/// The shipped calendars, and those of files, which may extend them and one another. Returns the id of the last file's.
pub(super) fn calendars(files: &[PathBuf]) -> Result<(Library, Option<String>), Failure> {
    let mut waiting: Vec<(String, String)> = Documents::Shipped.all("calendars/")?;
    let mut last = None;
    let mut library = Library::default();
    take_in(&mut library, &mut waiting);
    for file in files {
        waiting.push((file.display().to_string(), text(file)?));
    }
    let problems = take_in(&mut library, &mut waiting);
    if let Some((name, problems)) = problems {
        return Err(refused(&name, &problems));
    }
    if let Some(file) = files.last() {
        last = Some(check(&library, DocumentKind::Calendar, &file.display().to_string(), &text(file)?)?.id);
    }
    Ok((library, last))
}

/// Takes in calendars as long as one can be: one may come before the one that it extends. What is wrong with the first that is left.
fn take_in(library: &mut Library, waiting: &mut Vec<(String, String)>) -> Option<(String, Vec<Problem>)> {
    loop {
        let before = waiting.len();
        let mut first = None;
        waiting.retain(|(name, text)| match library.check(DocumentKind::Calendar, text) {
            Ok(checked) => {
                library.take_in(&checked, 1);
                false
            }
            Err(problems) => {
                first.get_or_insert((name.clone(), problems));
                true
            }
        });
        if waiting.is_empty() || waiting.len() == before {
            return first;
        }
    }
}

/// Checks a document; every problem of it is told.
pub(super) fn check(library: &Library, kind: DocumentKind, name: &str, text: &str) -> Result<Checked, Failure> {
    library.check(kind, text).map_err(|problems| refused(name, &problems))
}

/// Problems for people, one a line.
pub(super) fn refused(name: &str, problems: &[Problem]) -> Failure {
    let lines = problems.iter().map(|problem| format!("{name}:{}: {}: {}", problem.pointer, problem.code, problem.message));
    Failure::Refused(lines.collect::<Vec<_>>().join("\n"))
}

/// The text of a file.
pub(super) fn text(path: &Path) -> Result<String, Failure> {
    let bytes = output::read(path)?;
    String::from_utf8(bytes).map_err(|_| Failure::Refused(format!("{} is not UTF-8 text. Save it as UTF-8.", path.display())))
}
