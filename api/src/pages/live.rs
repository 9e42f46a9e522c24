//! A document as it is being written: what is wrong with it, and how it looks, told to a script that asks as one types. Without script the same
//! is told when the form is sent.

use axum::Form as Body;
use axum::response::Response;
use engine::graph::library::Checked;
use engine::model::Problem;
use engine::model::document::DocumentKind;
use engine::model::limits::LIVE_BYTES_MAX;
use maud::{Markup, html};

use super::assets;
use super::check::problems;
use super::definition::drawn;
use super::page::preview;
use super::parts;
use super::posted::{Posted, text};
use super::refused::Refused;
use super::visit::{Visit, page};
use crate::app::editions::problems_with;
use crate::app::heavy::heavy;
use crate::diagram::Diagram;

/// What was found in a document.
pub(super) struct Looked {
    /// Every problem, warnings included.
    pub(super) problems: Vec<Problem>,
    /// A process as a diagram, a page as it will be read; nothing where it has errors, or is of another kind.
    pub(super) picture: Markup,
}

/// Looks at a document. Where another picture stands on the page, `prefix` tells the parts of the two apart.
pub(super) async fn look(visit: &Visit, kind: DocumentKind, document: &str, prefix: &'static str) -> Result<Looked, Refused> {
    let (here, text) = (visit.clone(), document.to_owned());
    let looked = heavy(move || {
        let (checked, problems) = problems_with(&here.library, &here.office.controls, kind, &text);
        let process = checked.as_ref().and_then(Checked::graph);
        let picture = match (process, checked.as_ref().and_then(Checked::page)) {
            (Some(graph), _) => parts::diagram(&here.w, &Diagram { prefix, ..drawn(&here, graph) }),
            (None, Some(page)) => preview(&here, page),
            (None, None) => html! {},
        };
        Looked { problems, picture }
    });
    looked.await.ok_or(Refused::NotFound)
}

/// A part of a page: a sentence that sums up, the problems and the picture.
pub(super) async fn check(visit: Visit, Body(posted): Body<Posted>) -> Response {
    let answer = async {
        visit.identity()?;
        let kind = text(&posted, "kind");
        let kind = DocumentKind::ALL.into_iter().find(|known| known.name() == kind).ok_or(Refused::NotFound)?;
        let Looked { problems: found, picture } = look(&visit, kind, text(&posted, "document"), "live-").await?;
        let w = &visit.w;
        let errors = found.iter().filter(|one| one.is_error()).count();
        let said = match (errors, found.len()) {
            (0, 0) => w.say("live-good"),
            (0, warnings) => w.count("live-warnings", warnings),
            (errors, _) => w.count("live-errors", errors),
        };
        page(html! { p data-said { (said) } (problems(&visit, &found)) (picture) })
    };
    visit.answer(answer.await)
}

/// Where a script shows it, in the form that has the document; without script nothing is there. The kind is that of the form where it has one.
pub(super) fn place(visit: &Visit, kind: Option<DocumentKind>) -> Markup {
    let w = &visit.w;
    html! {
        // What is said is read out only where its place was there before.
        div class="live" data-live data-kind=[kind.map(DocumentKind::name)] data-max=(LIVE_BYTES_MAX)
            data-long=(w.say("live-long")) data-unable=(w.say("live-unable")) data-go=(w.say("live-go")) {
            p role="status" {}
            section hidden aria-label=(w.say("live")) {}
        }
        script src=(assets::href("live.js")) defer {}
    }
}
