//! Pages that people read, over HTTP: what the page on the screen shows, with its norms looked up at the instant that is asked about.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use engine::graph::Library;
use engine::graph::library::Issue;
use engine::machine::control::{Amendment, Controls};
use engine::model::Time;
use engine::model::document::DocumentKind;
use engine::model::norm::{Document, Edition, Limit, Within};
use engine::model::page::{self, Part, Section};
use engine::norm::Norm;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer::{Moment, words};
use super::extract::{Asked, At, Who};
use super::place::past;
use super::problem::Problem;
use crate::app::App;
use crate::app::published::{norm_at, open, page_at, promised};

/// A text by language.
type Words = BTreeMap<String, String>;

/// The instant that is asked about.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AsOf {
    /// As it stood at this instant of the past, RFC 3339; left out: as it is in force.
    #[serde(rename = "asOf")]
    #[param(value_type = Option<String>, format = DateTime)]
    as_of: Option<Moment>,
}

/// A page as it stands, with what its norms promise.
#[derive(Serialize, ToSchema)]
pub(super) struct PageBody {
    /// Id.
    #[schema(example = "charter")]
    id: String,
    /// `charter`, `manual`, or a word of the office's own.
    kind: String,
    /// Title by language.
    title: Words,
    /// Whether anyone may read it.
    public: bool,
    /// SHA-256 of its RFC 8785 bytes.
    hash: String,
    /// 1, 2, 3 … within its id.
    version: u32,
    /// Issue number.
    issue: u32,
    /// Revision number within it.
    revision: u32,
    /// From when it is in force.
    #[schema(format = DateTime)]
    effective: Option<String>,
    /// When it is to be reviewed.
    #[schema(value_type = Option<String>, format = Date)]
    review: Option<Date>,
    /// The post that answers for it.
    owner: String,
    /// The unit of that post.
    unit: Option<String>,
    /// Clauses and rules that it carries out.
    reference: Vec<String>,
    /// Where its content comes from.
    source: Vec<String>,
    /// Whether someone has compared it with its source.
    verified: bool,
    /// What it says.
    sections: Vec<SectionBody>,
}

/// A section of a page.
#[derive(Serialize, ToSchema)]
pub(super) struct SectionBody {
    /// Id, unique in the page.
    id: String,
    /// Heading by language.
    title: Words,
    /// Clauses and rules that it carries out.
    reference: Vec<String>,
    /// What stands in it.
    content: Vec<PartBody>,
}

/// A part of a section.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum PartBody {
    /// A paragraph.
    Paragraph(Words),
    /// A list.
    List(Vec<Words>),
    /// A list whose entries have numbers.
    Numbered(Vec<Words>),
    /// What norms promise.
    Norms(Vec<PromiseBody>),
}

/// What a norm promises.
#[derive(Serialize, ToSchema)]
pub(super) struct PromiseBody {
    /// Id of the norm.
    #[schema(example = "cbic.refund")]
    id: String,
    /// Its title by language; none where there was no such norm.
    title: Option<Words>,
    /// What it says on that day; none where it sets no limit then.
    edition: Option<EditionBody>,
}

/// An edition of a norm.
#[derive(Serialize, ToSchema)]
pub(super) struct EditionBody {
    /// Title by language, such as the charter's date.
    title: Words,
    /// First day of validity; none: from ever.
    #[schema(format = Date)]
    from: Option<String>,
    /// Last day of validity; none: no end is known.
    #[schema(format = Date)]
    to: Option<String>,
    /// The limits; the first whose attributes are those of the case holds.
    limits: Vec<LimitBody>,
    /// How the office reads a source that can be read in more than one way, by language.
    doubt: Option<Words>,
    /// Where it can be read.
    source: Vec<String>,
    /// Whether someone has compared it with its source.
    verified: bool,
}

/// A limit.
#[derive(Serialize, ToSchema)]
pub(super) struct LimitBody {
    /// Attributes that a case must have; empty: every case.
    when: BTreeMap<String, AttributeBody>,
    /// The time, as the norm has it.
    #[schema(value_type = Object, example = json!({ "days": 30 }))]
    within: Within,
}

/// What an attribute must be.
#[derive(Serialize, ToSchema)]
pub(super) struct AttributeBody {
    /// The value.
    value: String,
    /// Its title by language, where it has one.
    title: Option<Words>,
}

/// A page that people read, as it is in force or as it stood.
///
/// The charter, a part of the manual or another text, with every norm that it names looked up: its limits at that instant, their source, and whether
/// somebody has compared them with it. A public page is read by anyone while it is in force, and so are the public versions before it.
#[utoipa::path(get, path = "/api/v1/pages/{id}", tag = "documents", operation_id = "readPage",
    params(("id" = String, Path, description = "Id of the page"), AsOf),
    responses((status = 200, description = "The page", body = PageBody)))]
pub(super) async fn read(
    State(app): State<App>,
    who: Result<Who, Problem>,
    At(id): At<String>,
    Asked(AsOf { as_of }): Asked<AsOf>,
) -> Result<Json<PageBody>, Problem> {
    let now = app.engine.now();
    let at = past(&app, as_of)?.unwrap_or(now);
    let (office, library) = (app.engine.office(), app.engine.library());
    if library.document(DocumentKind::Page, &id).is_none() {
        return Err(Problem::new("document.unknown", format!("There is no page {id}.")));
    }
    let found = page_at(&office.controls, &library, &id, at);
    let is_open = open(&office.controls, &library, &id, now).is_some();
    if !(is_open && found.as_ref().is_none_or(|(_, issue)| issue.document.public)) {
        who?;
    }
    let (amendment, issue) =
        found.ok_or_else(|| Problem::new("page.not-in-force", format!("The page {id} is not in force then.")))?;
    let reader = Reader {
        controls: &office.controls,
        library: &library,
        at,
        day: app.engine.options().zone.to_datetime(at.timestamp()).date(),
    };
    let unit = office.posts.get(&issue.document.owner.post).map(|post| post.unit.to_string());
    Ok(Json(reader.page(&amendment, issue, unit)))
}

/// Who looks up what stood at an instant.
struct Reader<'a> {
    controls: &'a Controls,
    library: &'a Library,
    at: Time,
    /// The instant's day in the office's zone.
    day: Date,
}

impl Reader<'_> {
    fn page(&self, amendment: &Amendment<'_>, issue: &Issue<page::Page>, unit: Option<String>) -> PageBody {
        let page = &*issue.document;
        let effective = self.controls.effective(DocumentKind::Page, &page.id, amendment);
        PageBody {
            id: page.id.clone(),
            kind: page.kind.clone(),
            title: words(&page.title),
            public: page.public,
            hash: issue.hash.to_string(),
            version: issue.version,
            issue: amendment.issue,
            revision: amendment.revision,
            effective: effective.map(|time| time.to_string()),
            review: self.controls.get(DocumentKind::Page, &page.id).and_then(|controlled| controlled.review),
            owner: page.owner.post.to_string(),
            unit,
            reference: page.reference.clone(),
            source: page.source.clone(),
            verified: page.verified,
            sections: page.sections.iter().map(|section| self.section(section)).collect(),
        }
    }

    fn section(&self, section: &Section) -> SectionBody {
        let content = section.content.iter().map(|part| match part {
            Part::Paragraph(text) => PartBody::Paragraph(words(text)),
            Part::List(list) => PartBody::List(list.iter().map(words).collect()),
            Part::Numbered(list) => PartBody::Numbered(list.iter().map(words).collect()),
            Part::Norms(norms) => PartBody::Norms(norms.iter().map(|id| self.promise(id)).collect()),
        });
        SectionBody {
            id: section.id.clone(),
            title: words(&section.title),
            reference: section.reference.clone(),
            content: content.collect(),
        }
    }

    fn promise(&self, id: &str) -> PromiseBody {
        let norm = norm_at(self.controls, self.library, id, self.at);
        let edition = norm.and_then(|norm: &Norm| Some(edition(&norm.document, norm.in_force(self.day)?)));
        PromiseBody { id: id.to_owned(), title: norm.map(|norm| words(&norm.document.title)), edition }
    }
}

fn edition(norm: &Document, edition: &Edition) -> EditionBody {
    let (limits, doubt) = promised(norm, edition);
    EditionBody {
        title: words(&edition.title),
        from: edition.from.clone(),
        to: edition.to.clone(),
        limits: limits.into_iter().map(|one| limit(norm, one)).collect(),
        doubt: doubt.map(words),
        source: edition.source.clone(),
        verified: edition.verified,
    }
}

fn limit(norm: &Document, limit: &Limit) -> LimitBody {
    let when = limit.when.iter().map(|(name, value)| {
        let title = norm.attributes.get(name).and_then(|attribute| attribute.values.get(value)).map(words);
        (name.clone(), AttributeBody { value: value.clone(), title })
    });
    LimitBody { when: when.collect(), within: limit.within.clone() }
}
