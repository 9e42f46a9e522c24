//! The documents of an office: those that lie in the program, or those of a folder laid out like `definitions/`; and their deployment.

use std::path::{Path, PathBuf};

use engine::digest::Hash;
use engine::journal::{Actor, Command, Envelope};
use engine::model::UnitId;
use engine::model::document::DocumentKind;
use engine::runtime::{Engine, Refusal};
use engine::store::Store;
use rust_embed::Embed;
use serde::de::DeserializeOwned;

use super::output::{self, Failure};
use crate::app::directory::{self, Directory};

#[derive(Embed)]
#[folder = "../definitions"]
#[include = "office.json"]
#[include = "examples.json"]
#[include = "rehearsal.json"]
#[include = "calendars/*.json"]
#[include = "certificates/*.json"]
#[include = "norms/*.json"]
#[include = "pages/*.json"]
#[include = "processes/*.json"]
#[include = "schedules/*.json"]
struct Shipped;

/// Where documents lie.
#[derive(Debug, Clone)]
pub(super) enum Documents {
    /// In the program.
    Shipped,
    /// In a folder.
    Folder(PathBuf),
}

impl Documents {
    /// The text of a document.
    pub(super) fn text(&self, name: &str) -> Result<String, Failure> {
        let bytes = match self {
            Self::Shipped => Shipped::get(name).map(|file| file.data.into_owned()),
            Self::Folder(folder) => Some(output::read(&folder.join(name))?),
        };
        let bytes = bytes.ok_or_else(|| Failure::Unreachable(format!("The program has no document {name}.")))?;
        String::from_utf8(bytes).map_err(|error| Failure::Refused(format!("{name}: {error}.")))
    }

    /// A document that is read at once.
    pub(super) fn read<T: DeserializeOwned>(&self, name: &str) -> Result<T, Failure> {
        serde_json::from_str(&self.text(name)?).map_err(|error| Failure::Refused(format!("{name}: {error}.")))
    }

    /// The documents of a folder, with their names, in order; none where there is no such folder.
    pub(super) fn all(&self, folder: &str) -> Result<Vec<(String, String)>, Failure> {
        let mut names: Vec<String> = match self {
            Self::Shipped => Shipped::iter().map(|name| name.to_string()).filter(|name| name.starts_with(folder)).collect(),
            Self::Folder(top) => match std::fs::read_dir(top.join(folder)) {
                Ok(entries) => entries
                    .filter_map(|entry| Some(format!("{folder}{}", entry.ok()?.file_name().to_str()?)))
                    .filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "json"))
                    .collect(),
                Err(_) => Vec::new(),
            },
        };
        names.sort();
        names.into_iter().map(|name| self.text(&name).map(|text| (name, text))).collect()
    }

    /// Everything that can be deployed.
    pub(super) fn everything(&self) -> Result<Vec<Vec<u8>>, Failure> {
        let mut found = Vec::new();
        for folder in ["calendars/", "norms/", "processes/", "schedules/", "pages/"] {
            found.extend(self.all(folder)?.into_iter().map(|(_, text)| text.into_bytes()));
        }
        Ok(found)
    }

    /// Sets up the office and deploys everything, or brings it up to date.
    pub(super) async fn set_up<S: Store>(&self, engine: &Engine<S>) -> Result<(), Failure> {
        self.set_up_but_for_schedules(engine, |_| true).await?;
        deploy(engine, self.all("schedules/")?, Some(DocumentKind::Schedule)).await?;
        deploy(engine, self.all("pages/")?, Some(DocumentKind::Page)).await
    }

    /// Sets up the office and deploys calendars, norms and those processes whose file, such as `processes/svc.refund.json`, is wanted.
    pub(super) async fn set_up_but_for_schedules<S: Store>(
        &self,
        engine: &Engine<S>,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<(), Failure> {
        let office: Directory = self.read("office.json")?;
        directory::set_up(engine, &office).await.map_err(|refusal| refused("The office", &refusal))?;
        deploy(engine, self.all("calendars/")?, Some(DocumentKind::Calendar)).await?;
        deploy(engine, self.all("norms/")?, Some(DocumentKind::Norm)).await?;
        let mut processes = self.all("processes/")?;
        processes.retain(|(name, _)| wanted(name));
        deploy(engine, processes, None).await
    }
}

/// Deploys each: a process in its owner's unit, any other kind in the site log. One that refers to another may come first, so what is
/// refused is tried again after the others.
async fn deploy<S: Store>(
    engine: &Engine<S>,
    mut waiting: Vec<(String, String)>,
    kind: Option<DocumentKind>,
) -> Result<(), Failure> {
    loop {
        let (before, mut later, mut last) = (waiting.len(), Vec::new(), None);
        for (name, document) in waiting {
            let key = format!("set-up:definition:{}", Hash::of(document.as_bytes()));
            let (log, command) = if let Some(kind) = kind {
                (UnitId::site(), Command::DeployDocument { kind, document: document.clone() })
            } else {
                let unit = owner_unit(engine, &document)
                    .ok_or_else(|| Failure::Refused(format!("{name}: its owner's post is in no unit of the office.")))?;
                (unit, Command::DeployDefinition { document: document.clone() })
            };
            match engine.submit(&log, Envelope::new(Actor::System, &key, command)).await {
                Ok(_) => {}
                Err(Refusal::Rejected(rejection)) if rejection.code.ends_with(".already-deployed") => {}
                // What was issued stays in force, whatever lies in the folder; and so does what another office issues.
                Err(Refusal::Rejected(rejection)) if matches!(rejection.code, "document.controlled" | "document.external") => {
                    tracing::warn!(document = %name, "it was not issued, and documents are controlled, or another office issues it: save it as a draft");
                }
                Err(refusal) => {
                    last = Some(refused(&name, &refusal));
                    later.push((name, document));
                }
            }
        }
        match last {
            None => return Ok(()),
            Some(failure) if later.len() == before => return Err(failure),
            Some(_) => waiting = later,
        }
    }
}

fn owner_unit<S: Store>(engine: &Engine<S>, document: &str) -> Option<UnitId> {
    let document: serde_json::Value = serde_json::from_str(document).ok()?;
    let post = document.pointer("/owner/post")?.as_str()?.parse().ok()?;
    engine.office().posts.get(&post).map(|post| post.unit.clone())
}

/// A refusal with its problems, line by line.
pub(super) fn refused(what: &str, refusal: &Refusal) -> Failure {
    let problems = match refusal {
        Refusal::Rejected(rejection) => rejection.problems.as_slice(),
        _ => &[],
    };
    let lines = problems.iter().map(|problem| format!("  {}: {}", problem.pointer, problem.message));
    let lines: Vec<String> = std::iter::once(format!("{what} was refused: {refusal}.")).chain(lines).collect();
    Failure::Refused(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use engine::runtime::Options;
    use engine::store::memory::MemoryStore;
    use serde_json::json;

    use super::*;

    /// A process of an office with one unit, as the folder has it.
    fn folder(step: &str) -> tempfile::TempDir {
        let keep = tempfile::tempdir().unwrap();
        let folder = keep.path();
        let office = json!({
            "units": [{ "id": "top", "title": { "en": "Top" }, "parent": null }],
            "posts": [{ "id": "owner", "unit": "top", "title": { "en": "Owner" }, "roles": ["worker"] }],
            "people": [], "appointments": []
        });
        let process = json!({
            "id": "p", "title": { "en": "P" }, "owner": { "post": "owner" },
            "steps": [{ "id": "begin", "type": "startEvent", "next": step }, { "id": step, "type": "endEvent" }]
        });
        std::fs::create_dir(folder.join("processes")).unwrap();
        std::fs::write(folder.join("office.json"), office.to_string()).unwrap();
        std::fs::write(folder.join("processes/p.json"), process.to_string()).unwrap();
        keep
    }

    async fn set_up(engine: &Engine<MemoryStore>, step: &str) {
        let folder = folder(step);
        Documents::Folder(folder.path().to_owned()).set_up(engine).await.unwrap();
    }

    #[tokio::test]
    async fn what_was_not_issued_is_left_aside_where_documents_are_controlled() {
        let engine = Engine::open(MemoryStore::default(), Options::default()).await.unwrap();
        let versions = || engine.library().newest_version(DocumentKind::Process, "p");
        for (step, version) in [("end", 1), ("ends", 2)] {
            set_up(&engine, step).await;
            assert_eq!(versions(), version);
        }
        let control = Envelope::new(Actor::System, "control", Command::ControlDocuments { controlled: true });
        engine.submit(&UnitId::site(), control).await.unwrap();
        set_up(&engine, "over").await;
        assert_eq!(versions(), 2, "what is in force stays");
        engine.stop().await;
    }
}
