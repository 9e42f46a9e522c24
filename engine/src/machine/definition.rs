//! Deploying a definition: compiled, or refused with every problem found. Identical content is the same version.

use super::rejection::Rejection;
use super::{Context, Decision, control};
use crate::graph;
use crate::journal::{Actor, Event};
use crate::model::document::DocumentKind;
use crate::model::{Problem, UnitId};

/// The role that may deploy, halt cases and try incidents again.
pub const QUALITY_COORDINATOR: &str = "quality-coordinator";

pub(super) fn deploy(context: &Context<'_>, document: &str) -> Result<Decision, Rejection> {
    let via = context.require_role(&[QUALITY_COORDINATOR])?;
    let event = fit(context, context.unit, document)?;
    if let Event::DefinitionDeployed { process, definition, .. } = &event {
        control::permit(context, DocumentKind::Process, process, definition)?;
    }
    Ok(Decision { events: vec![event], instance: None, via, opened: Vec::new() })
}

/// What happens when a definition is deployed in a unit, if it can be.
pub(super) fn fit(context: &Context<'_>, unit: &UnitId, document: &str) -> Result<Event, Rejection> {
    let (graph, _) = graph::compile(document.as_bytes(), context.library).map_err(|problems| {
        let errors = problems.iter().filter(|problem| problem.is_error()).count();
        Rejection::invalid("definition.invalid", format!("The definition has {errors} errors.")).with(problems)
    })?;
    if let Some(deployed) = context.library.get(&graph.hash) {
        let (process, version) = (&graph.process.id, deployed.version);
        let message = format!("This content is deployed already: {process} version {version}.");
        return Err(Rejection::conflict("definition.already-deployed", message));
    }
    let owner = &graph.process.owner.post;
    let post = context.office.posts.get(owner);
    let place = match post {
        None if context.origin.actor == Actor::System => None,
        None => Some(format!("There is no post {owner}. Create it, or name an existing post as the owner.")),
        Some(post) if post.unit != *unit => {
            Some(format!("The owner's post {owner} is in the unit {}: deploy the definition there.", post.unit))
        }
        Some(_) => None,
    };
    if let Some(message) = place {
        let problem = Problem::error("definition.owner", "/owner/post", message.clone());
        return Err(Rejection::invalid("definition.owner", message).with(vec![problem]));
    }
    let process = graph.process.id.clone();
    let owned_by =
        |known: &graph::Deployed| context.office.posts.get(&known.graph.process.owner.post).map(|post| post.unit.clone());
    if let Some(elsewhere) = context.library.newest(&process).and_then(owned_by).filter(|elsewhere| elsewhere != unit) {
        let message = format!("The process {process} belongs to the unit {elsewhere}. Choose another id, or deploy it there.");
        let problem = Problem::error("definition.other-unit", "/id", message.clone());
        return Err(Rejection::forbidden("definition.other-unit", message).with(vec![problem]));
    }
    let version = u32::try_from(context.library.versions(&process).len()).unwrap_or(u32::MAX).saturating_add(1);
    Ok(Event::DefinitionDeployed { definition: graph.hash, process, version, document: document.to_owned() })
}
