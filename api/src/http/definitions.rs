//! Process definitions: list, check, deploy, read, draw.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::graph::{self, Deployed};
use engine::journal::{Command, Event};
use engine::model::{Language, UnitId};
use engine::projection::row::DefinitionRow;
use engine::store::Store;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer::{Done, Page, Receipt, after, limit, submit, words};
use super::extract::{Asked, At, Document, Key, Who};
use super::place::{heavy, known};
use super::problem::{Place, Problem};
use crate::app::App;
use crate::app::drawing::drawing;
use crate::diagram::standalone_svg;

/// Which definitions a list shows.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// Those whose owner's post lies in this unit; left out: all.
    #[param(value_type = Option<String>)]
    unit: Option<UnitId>,
    /// At most so many, 1 to 200 (50).
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// The newest version of a process.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DefinitionItem {
    /// Process id.
    #[schema(example = "svc.refund")]
    process: String,
    /// Title by language.
    title: BTreeMap<String, String>,
    /// The newest version.
    version: u32,
    /// Its content hash: SHA-256 of its RFC 8785 bytes.
    hash: String,
    /// The post that owns the process.
    owner: String,
    /// The unit of that post.
    unit: Option<String>,
    /// Whether a case is started by hand; otherwise by message.
    starts_by_hand: bool,
}

impl DefinitionItem {
    fn new(app: &App, deployed: &Deployed) -> Self {
        let process = &deployed.graph.process;
        Self {
            process: process.id.clone(),
            title: words(&process.title),
            version: deployed.version,
            hash: deployed.graph.hash.to_string(),
            owner: process.owner.post.to_string(),
            unit: app.engine.office().posts.get(&process.owner.post).map(|post| post.unit.to_string()),
            starts_by_hand: deployed.graph.scopes.first().is_some_and(|scope| scope.start.is_some()),
        }
    }
}

/// Deployed processes.
///
/// The newest version of each, in the order of their ids.
#[utoipa::path(get, path = "/api/v1/definitions", tag = "definitions", operation_id = "listDefinitions", params(ListQuery),
    responses((status = 200, description = "Processes", body = Page<DefinitionItem>)))]
pub(super) async fn list(
    State(app): State<App>,
    _: Who,
    Asked(query): Asked<ListQuery>,
) -> Result<Json<Page<DefinitionItem>>, Problem> {
    let (limit, from) = (limit(query.limit)?, after(query.cursor.as_deref(), |place| Some(place.to_owned()))?);
    let unit = query.unit.map(|unit| known(&app, unit)).transpose()?;
    let library = app.engine.library();
    let all = library.all_newest().filter(|deployed| from.as_ref().is_none_or(|from| deployed.graph.process.id > *from));
    let all = all.map(|deployed| DefinitionItem::new(&app, deployed));
    let wanted = all.filter(|item| unit.as_ref().is_none_or(|unit| item.unit.as_deref() == Some(unit.as_str())));
    let rows = wanted.take(limit as usize + 1).collect();
    Ok(Json(Page::new(rows, limit, |item: &DefinitionItem| item.process.clone(), |item| item)))
}

/// Where to deploy.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DeployQuery {
    /// The unit; left out: that of the owner's post.
    #[param(value_type = Option<String>)]
    unit: Option<UnitId>,
}

/// A deployed version.
#[derive(Serialize, ToSchema)]
pub(super) struct DeployAnswer {
    /// Process id.
    process: String,
    /// 1, 2, 3 … within the process.
    version: u32,
    /// Content hash.
    hash: String,
    /// What someone should look at.
    #[schema(value_type = Vec<Place>)]
    warnings: Vec<engine::model::Problem>,
    /// The receipt; none where this content was deployed already.
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<Receipt>,
}

/// Deploys a definition.
///
/// The body is the document itself, at most 2 MiB. Identical content is the same version: 200 with the version that is there. It needs
/// the role `quality-coordinator` in the unit of the owner's post.
#[utoipa::path(post, path = "/api/v1/definitions", tag = "definitions", operation_id = "deployDefinition", params(DeployQuery),
    request_body(content = Object, description = "A process definition", content_type = "application/json"),
    responses((status = 201, description = "Deployed", body = DeployAnswer),
        (status = 200, description = "This content was deployed already", body = DeployAnswer)))]
pub(super) async fn deploy(
    State(app): State<App>,
    Who(who): Who,
    key: Key,
    Asked(query): Asked<DeployQuery>,
    Document(document): Document,
) -> Result<Done<DeployAnswer>, Problem> {
    let library = app.engine.library();
    let text = document.clone();
    let compiled = heavy(move || graph::compile(text.as_bytes(), &*library)).await?;
    let (graph, warnings) = compiled.map_err(|problems| {
        let errors = problems.iter().filter(|problem| problem.is_error()).count();
        Problem::new("definition.invalid", format!("The definition has {errors} errors.")).with(problems)
    })?;
    let owner = &graph.process.owner.post;
    let unit = match query.unit {
        Some(unit) => known(&app, unit)?,
        None => app.engine.office().posts.get(owner).map(|post| post.unit.clone()).ok_or_else(|| {
            let message = format!("There is no post {owner}. Create it, or name an existing post as the owner.");
            let place = engine::model::Problem::error("definition.owner", "/owner/post", message.clone());
            Problem::new("definition.owner", message).with(vec![place])
        })?,
    };
    let (process, hash) = (graph.process.id.clone(), graph.hash);
    let accepted = match submit(&app, &who, &key, &unit, Command::DeployDefinition { document }).await {
        Ok(accepted) => accepted,
        Err(problem) if problem.code == "definition.already-deployed" => {
            let version = app.engine.library().get(&hash).map_or(1, |deployed| deployed.version);
            let answer = DeployAnswer { process, version, hash: hash.to_string(), warnings, receipt: None };
            return Ok(Done::new(answer, key, false));
        }
        Err(problem) => return Err(problem),
    };
    let version = accepted.entry.events.iter().find_map(|event| match event {
        Event::DefinitionDeployed { version, .. } => Some(*version),
        _ => None,
    });
    let version = version.unwrap_or(1);
    let location = format!("/api/v1/definitions/{process}/{version}");
    let receipt = Some(Receipt::from(&accepted));
    let answer = DeployAnswer { process, version, hash: hash.to_string(), warnings, receipt };
    Ok(Done::created(answer, key, accepted.repeated, location))
}

/// What is wrong with a document.
#[derive(Serialize, ToSchema)]
pub(super) struct CheckAnswer {
    /// Every problem, warnings included; none: it can be deployed.
    #[schema(value_type = Vec<Place>)]
    problems: Vec<engine::model::Problem>,
}

/// Checks a definition without deploying it.
///
/// Every problem is listed, with a code, a JSON pointer into the document and a sentence of help.
#[utoipa::path(post, path = "/api/v1/definitions/check", tag = "definitions", operation_id = "checkDefinition",
    request_body(content = Object, description = "A process definition", content_type = "application/json"),
    responses((status = 200, description = "What was found", body = CheckAnswer)))]
pub(super) async fn check(State(app): State<App>, _: Who, Document(document): Document) -> Result<Json<CheckAnswer>, Problem> {
    let library = app.engine.library();
    let problems = heavy(move || graph::check(document.as_bytes(), &*library)).await?;
    Ok(Json(CheckAnswer { problems }))
}

/// All versions of a process.
#[derive(Serialize, ToSchema)]
pub(super) struct Versions {
    /// Process id.
    process: String,
    /// Oldest first.
    versions: Vec<VersionItem>,
}

/// A version of a process.
#[derive(Serialize, ToSchema)]
pub(super) struct VersionItem {
    /// 1, 2, 3 …
    version: u32,
    /// Content hash.
    hash: String,
    /// Title by language.
    title: BTreeMap<String, String>,
}

/// Versions of a process.
#[utoipa::path(get, path = "/api/v1/definitions/{process}", tag = "definitions", operation_id = "listVersions",
    params(("process" = String, Path, description = "Process id", example = "svc.refund")),
    responses((status = 200, description = "Versions, oldest first", body = Versions)))]
pub(super) async fn versions(State(app): State<App>, _: Who, At(process): At<String>) -> Result<Json<Versions>, Problem> {
    let library = app.engine.library();
    let versions: Vec<VersionItem> = library
        .versions(&process)
        .into_iter()
        .map(|deployed| VersionItem {
            version: deployed.version,
            hash: deployed.graph.hash.to_string(),
            title: words(&deployed.graph.process.title),
        })
        .collect();
    if versions.is_empty() {
        return Err(unknown(&process));
    }
    Ok(Json(Versions { process, versions }))
}

/// A version of a process, and what its document says of itself.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Definition {
    /// Process id.
    process: String,
    /// 1, 2, 3 …
    version: u32,
    /// Content hash.
    hash: String,
    /// Title by language.
    title: BTreeMap<String, String>,
    /// What it is for, by language.
    help: Option<BTreeMap<String, String>>,
    /// Clauses and rules it carries out.
    reference: Vec<String>,
    /// Where its content comes from.
    source: Vec<String>,
    /// Whether it was compared with its source.
    verified: bool,
    /// The post that owns the process.
    owner: String,
    /// The unit whose log took it in.
    unit: String,
    /// When.
    #[schema(format = DateTime)]
    deployed: String,
    /// How many steps it has.
    steps: usize,
    /// Processes that it may call.
    calls: Vec<String>,
}

/// One version.
#[utoipa::path(get, path = "/api/v1/definitions/{process}/{version}", tag = "definitions", operation_id = "getDefinition",
    params(("process" = String, Path, description = "Process id"), ("version" = u32, Path, description = "1, 2, 3 …")),
    responses((status = 200, description = "The version", body = Definition)))]
pub(super) async fn get(
    State(app): State<App>,
    _: Who,
    At((process, version)): At<(String, u32)>,
) -> Result<Json<Definition>, Problem> {
    let deployed = find(&app, &process, version)?;
    let (unit, row) = stored(&app, &deployed).await?;
    let document = &deployed.graph.process;
    Ok(Json(Definition {
        process,
        version,
        hash: deployed.graph.hash.to_string(),
        title: words(&document.title),
        help: document.help.as_ref().map(words),
        reference: document.reference.clone(),
        source: document.source.clone(),
        verified: document.verified,
        owner: document.owner.post.to_string(),
        unit: unit.to_string(),
        deployed: row.deployed.to_string(),
        steps: deployed.graph.steps.len(),
        calls: deployed.graph.calls.iter().cloned().collect(),
    }))
}

/// The document, byte for byte as its author wrote it.
#[utoipa::path(get, path = "/api/v1/definitions/{process}/{version}/document", tag = "definitions", operation_id = "getDocument",
    params(("process" = String, Path, description = "Process id"), ("version" = u32, Path, description = "1, 2, 3 …")),
    responses((status = 200, description = "The document", body = Object, content_type = "application/json")))]
pub(super) async fn document(
    State(app): State<App>,
    _: Who,
    At((process, version)): At<(String, u32)>,
) -> Result<Response, Problem> {
    let deployed = find(&app, &process, version)?;
    let (_, row) = stored(&app, &deployed).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], row.document).into_response())
}

/// In which language a picture is.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DiagramQuery {
    /// `en` (left out: so) or `hi`.
    pub language: Option<String>,
}

impl DiagramQuery {
    pub(super) fn language(&self) -> Result<Language, Problem> {
        let Some(tag) = &self.language else { return Ok(Language::English) };
        Language::from_tag(tag).ok_or_else(|| Problem::new("query.malformed", "The language is `en` or `hi`."))
    }
}

/// The process as a picture.
///
/// BPMN shapes as SVG, with words for assistive technology.
#[utoipa::path(get, path = "/api/v1/definitions/{process}/{version}/diagram.svg", tag = "definitions", operation_id = "drawDefinition",
    params(("process" = String, Path, description = "Process id"), ("version" = u32, Path, description = "1, 2, 3 …"), DiagramQuery),
    responses((status = 200, description = "The picture", body = String, content_type = "image/svg+xml")))]
pub(super) async fn diagram(
    State(app): State<App>,
    _: Who,
    At((process, version)): At<(String, u32)>,
    Asked(query): Asked<DiagramQuery>,
) -> Result<Response, Problem> {
    let (deployed, language) = (find(&app, &process, version)?, query.language()?);
    Ok(svg(heavy(move || standalone_svg(&drawing(&deployed.graph, language, None))).await?))
}

/// A picture, which carries its own colours and nothing else.
pub(super) fn svg(picture: String) -> Response {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'";
    let headers: [(HeaderName, &str); 2] = [(header::CONTENT_TYPE, "image/svg+xml"), (header::CONTENT_SECURITY_POLICY, policy)];
    (StatusCode::OK, headers, picture).into_response()
}

/// A deployed version.
pub(super) fn find(app: &App, process: &str, version: u32) -> Result<Deployed, Problem> {
    let library = app.engine.library();
    let found = library.versions(process).into_iter().find(|deployed| deployed.version == version).cloned();
    found.ok_or_else(|| unknown(process))
}

fn unknown(process: &str) -> Problem {
    let process: String = process.chars().filter(|c| !c.is_control()).take(80).collect();
    Problem::new("definition.unknown", format!("No such version of the process {process} is deployed."))
}

/// A version's row, with the unit whose log took it in: mostly that of the owner's post.
async fn stored(app: &App, deployed: &Deployed) -> Result<(UnitId, DefinitionRow), Problem> {
    let owner = &deployed.graph.process.owner.post;
    let likely = app.engine.office().posts.get(owner).map(|post| post.unit.clone());
    let all = app.engine.store().units().await?;
    for unit in likely.into_iter().chain(all) {
        if let Some(row) = app.engine.store().definition(&unit, &deployed.graph.hash).await? {
            return Ok((unit, row));
        }
    }
    Err(unknown(&deployed.graph.process.id))
}
