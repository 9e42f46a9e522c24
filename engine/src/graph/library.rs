//! The documents that the office has deployed: processes, norms, calendars, schedules, pages, each by hash, and the newest of each id.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::{Graph, StepIndex, StepKind, compile, document, page, shape};
use crate::calendar::{self, Calendar};
use crate::digest::Hash;
use crate::model::definition::Step;
use crate::model::document::DocumentKind;
use crate::model::page::{Page, Section};
use crate::model::{PostId, Problem, Text, schedule as authored};
use crate::norm::{self, Norm};
use crate::schedule::{self, Schedule};

/// Documents known to the office.
#[derive(Debug, Clone, Default)]
pub struct Library {
    graphs: HashMap<Hash, Deployed>,
    newest: BTreeMap<String, Hash>,
    norms: Shelf<Norm>,
    calendars: Shelf<crate::model::calendar::Document>,
    schedules: Shelf<Planned>,
    pages: Shelf<Page>,
    /// The newest of each calendar, with the newest of those that it extends.
    working: BTreeMap<String, Arc<WorkingCalendar>>,
}

/// Documents of one kind, all their versions.
#[derive(Debug)]
struct Shelf<T> {
    issues: HashMap<Hash, Issue<T>>,
    newest: BTreeMap<String, Hash>,
}

/// A version of a document.
#[derive(Debug)]
pub struct Issue<T> {
    /// SHA-256 of its RFC 8785 bytes.
    pub hash: Hash,
    /// 1, 2, 3 … within its id.
    pub version: u32,
    /// The document.
    pub document: Arc<T>,
    /// What it says of itself, and its text.
    pub heading: Arc<Heading>,
}

/// What a document says of itself.
#[derive(Debug, Clone)]
pub struct Heading {
    /// Its id.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Rules that it carries out.
    pub reference: Vec<String>,
    /// Where its content comes from.
    pub source: Vec<String>,
    /// Whether it was compared with its source.
    pub verified: bool,
    /// The post that answers for it.
    pub owner: PostId,
    /// The document as its author wrote it.
    pub text: String,
}

/// A document, whatever it holds.
#[derive(Debug, Clone, Copy)]
pub struct Listed<'a> {
    /// SHA-256 of its RFC 8785 bytes.
    pub hash: Hash,
    /// 1, 2, 3 … within its kind and id.
    pub version: u32,
    /// What it says of itself.
    pub heading: &'a Heading,
}

/// A calendar to reckon with, and the documents that it was made of.
#[derive(Debug)]
pub struct WorkingCalendar {
    /// The calendar.
    pub calendar: Calendar,
    /// Its layers by hash, the lowest first.
    pub layers: Vec<Hash>,
}

/// A schedule: as authored, and as it can be asked.
#[derive(Debug)]
pub struct Planned {
    /// As authored.
    pub document: authored::Schedule,
    /// As it can be asked.
    pub schedule: Schedule,
}

/// A graph with its place among the versions of its process.
#[derive(Debug, Clone)]
pub struct Deployed {
    /// The graph.
    pub graph: Arc<Graph>,
    /// 1, 2, 3 …
    pub version: u32,
    /// What its document says of itself, and its text.
    pub heading: Arc<Heading>,
}

impl Deployed {
    fn listed(&self) -> Listed<'_> {
        Listed { hash: self.graph.hash, version: self.version, heading: &self.heading }
    }
}

impl Library {
    /// Takes in a deployed definition; it becomes the newest of its process, unless a newer one is there: nodes do not learn of them in order.
    fn add(&mut self, deployed: Deployed) {
        let graph = &deployed.graph;
        let known = self.newest(&graph.process.id).map(|newest| newest.version);
        if known.is_none_or(|known| known < deployed.version) {
            self.newest.insert(graph.process.id.clone(), graph.hash);
        }
        self.graphs.insert(graph.hash, deployed);
    }

    /// A definition by hash.
    pub fn get(&self, hash: &Hash) -> Option<&Deployed> {
        self.graphs.get(hash)
    }

    /// The newest definition of a process.
    pub fn newest(&self, process: &str) -> Option<&Deployed> {
        self.graphs.get(self.newest.get(process)?)
    }

    /// The newest definition of every process, in the order of their ids.
    pub fn all_newest(&self) -> impl Iterator<Item = &Deployed> {
        self.newest.values().filter_map(|hash| self.graphs.get(hash))
    }

    /// Every version of every process, in no order.
    pub fn all(&self) -> impl Iterator<Item = &Deployed> {
        self.graphs.values()
    }

    /// All versions of a process, oldest first.
    pub fn versions(&self, process: &str) -> Vec<&Deployed> {
        let mut versions: Vec<_> = self.graphs.values().filter(|d| d.graph.process.id == process).collect();
        versions.sort_by_key(|deployed| deployed.version);
        versions
    }

    /// Processes that carry out a clause, or a part of it: in some version they name it, a step of theirs does, or a norm that holds for
    /// their cases, itself in some version; or a page that people read does in some version, for the norms that it shows. `SQM 3.2` has
    /// `SQM 3.2.1` in it, and `SQM 3.20` not.
    pub fn carrying_out(&self, clause: &str) -> BTreeSet<&str> {
        let is_in = |reference: &String| {
            reference.strip_prefix(clause).is_some_and(|rest| !rest.starts_with(|next: char| next.is_alphanumeric()))
        };
        let names = |references: &[String]| references.iter().any(is_in);
        let own = self.norms.issues.values().map(|norm| &norm.heading).filter(|heading| names(&heading.reference));
        let mut norms: BTreeSet<&str> = own.map(|heading| heading.id.as_str()).collect();
        for page in self.pages.issues.values().map(|issue| &issue.document) {
            let sections = page.sections.iter().filter(|section| names(&page.reference) || names(&section.reference));
            norms.extend(sections.flat_map(Section::norms));
        }
        let carries = |deployed: &&Deployed| {
            let process = &deployed.graph.process;
            names(&process.reference)
                || is_named(&process.steps, &names)
                || process.clocks.iter().any(|clock| norms.contains(clock.norm.as_str()))
        };
        self.all().filter(carries).map(|deployed| deployed.graph.process.id.as_str()).collect()
    }

    /// The newest process that starts with a message of this name, with its start event.
    pub fn started_by(&self, message: &str) -> Option<(&Deployed, StepIndex)> {
        self.all_newest().find_map(|deployed| {
            let graph = &deployed.graph;
            let starts = &graph.scopes[0].message_starts;
            let step = starts.iter().copied().find(
                |&step| matches!(&graph.steps[step].kind, StepKind::Start { message: Some(catch), .. } if catch.name == message),
            )?;
            Some((deployed, step))
        })
    }
}

/// What a document may refer to, besides what it holds itself.
pub trait Known {
    /// Whether a process of this id is deployed.
    fn has_process(&self, id: &str) -> bool;
    /// What is known of a norm.
    fn norm(&self, id: &str) -> Reference<Norm>;
}

/// What is known of a document that another refers to.
#[derive(Debug)]
pub enum Reference<T> {
    /// There is none.
    Missing,
    /// It is there.
    Found(Arc<T>),
    /// It was there when the other was deployed, and is not looked at again.
    Unasked,
}

impl Known for Library {
    fn has_process(&self, id: &str) -> bool {
        self.newest.contains_key(id)
    }

    fn norm(&self, id: &str) -> Reference<Norm> {
        self.norms.newest(id).map_or(Reference::Missing, |issue| Reference::Found(Arc::clone(&issue.document)))
    }
}

/// Everything is there: for what was deployed once.
#[derive(Debug, Clone, Copy)]
pub struct Trusted;

impl Known for Trusted {
    fn has_process(&self, _: &str) -> bool {
        true
    }

    fn norm(&self, _: &str) -> Reference<Norm> {
        Reference::Unasked
    }
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self { issues: HashMap::new(), newest: BTreeMap::new() }
    }
}

impl<T> Clone for Shelf<T> {
    fn clone(&self) -> Self {
        Self { issues: self.issues.clone(), newest: self.newest.clone() }
    }
}

impl<T> Clone for Issue<T> {
    fn clone(&self) -> Self {
        let (document, heading) = (Arc::clone(&self.document), Arc::clone(&self.heading));
        Self { hash: self.hash, version: self.version, document, heading }
    }
}

impl<T> Issue<T> {
    fn listed(&self) -> Listed<'_> {
        Listed { hash: self.hash, version: self.version, heading: &self.heading }
    }
}

impl<T> Shelf<T> {
    fn add(&mut self, issue: Issue<T>) {
        if self.newest(&issue.heading.id).is_none_or(|newest| newest.version < issue.version) {
            self.newest.insert(issue.heading.id.clone(), issue.hash);
        }
        self.issues.insert(issue.hash, issue);
    }

    fn newest(&self, id: &str) -> Option<&Issue<T>> {
        self.issues.get(self.newest.get(id)?)
    }

    fn versions(&self, id: &str) -> Vec<Listed<'_>> {
        self.issues.values().filter(|issue| issue.heading.id == id).map(Issue::listed).collect()
    }

    fn all_newest(&self) -> impl Iterator<Item = &Issue<T>> {
        self.newest.values().filter_map(|hash| self.issues.get(hash))
    }
}

/// What a document says of itself: the members that all kinds have.
macro_rules! heading {
    ($document:ident, $text:ident, $source:expr, $verified:expr) => {
        Heading {
            id: $document.id.clone(),
            title: $document.title.clone(),
            reference: $document.reference.clone(),
            source: $source,
            verified: $verified,
            owner: $document.owner.post.clone(),
            text: $text.to_owned(),
        }
    };
}

/// A document read and checked, ready to be taken in.
#[derive(Debug, Clone)]
pub struct Checked {
    /// Its id.
    pub id: String,
    /// SHA-256 of its RFC 8785 bytes.
    pub hash: Hash,
    /// The post that answers for it.
    pub owner: PostId,
    /// What someone should look at.
    pub warnings: Vec<Problem>,
    heading: Arc<Heading>,
    content: Content,
}

impl Checked {
    fn new(hash: Hash, heading: Heading, warnings: Vec<Problem>, content: Content) -> Self {
        let (id, owner) = (heading.id.clone(), heading.owner.clone());
        Self { id, hash, owner, warnings, heading: Arc::new(heading), content }
    }

    fn issue<T>(&self, document: &Arc<T>, version: u32) -> Issue<T> {
        Issue { hash: self.hash, version, document: Arc::clone(document), heading: Arc::clone(&self.heading) }
    }

    /// A definition as it was compiled, with its text.
    fn process(graph: Graph, text: &str, warnings: Vec<Problem>) -> Self {
        let process = &graph.process;
        let heading = heading!(process, text, process.source.clone(), process.verified);
        Self::new(graph.hash, heading, warnings, Content::Process(Arc::new(graph)))
    }

    /// Reads a definition that was deployed once: what it refers to was there then.
    ///
    /// # Errors
    /// With every problem, where it no longer compiles.
    pub fn deployed(text: &str) -> Result<Self, Vec<Problem>> {
        let (graph, warnings) = compile(text.as_bytes(), &Trusted)?;
        Ok(Self::process(graph, text, warnings))
    }

    /// The process, if it is one.
    pub fn graph(&self) -> Option<&Arc<Graph>> {
        match &self.content {
            Content::Process(graph) => Some(graph),
            _ => None,
        }
    }

    /// The norm, if it is one.
    pub fn norm(&self) -> Option<&Arc<Norm>> {
        match &self.content {
            Content::Norm(norm) => Some(norm),
            _ => None,
        }
    }

    /// The schedule, if it is one.
    pub fn schedule(&self) -> Option<&Planned> {
        match &self.content {
            Content::Schedule(planned) => Some(planned),
            _ => None,
        }
    }

    /// The page, if it is one.
    pub fn page(&self) -> Option<&Arc<Page>> {
        match &self.content {
            Content::Page(page) => Some(page),
            _ => None,
        }
    }
}

#[derive(Debug, Clone)]
enum Content {
    Process(Arc<Graph>),
    Norm(Arc<Norm>),
    Calendar(Arc<crate::model::calendar::Document>),
    Schedule(Arc<Planned>),
    Page(Arc<Page>),
}

impl Library {
    /// Reads a document against what is deployed: ready to be taken in, or every problem.
    pub fn check(&self, kind: DocumentKind, text: &str) -> Result<Checked, Vec<Problem>> {
        match kind {
            DocumentKind::Process => {
                let (graph, warnings) = compile(text.as_bytes(), self)?;
                Ok(Checked::process(graph, text, warnings))
            }
            DocumentKind::Norm => {
                let (document, hash, mut warnings) =
                    document::read::<crate::model::norm::Document>(text.as_bytes(), &shape::NORM)?;
                let heading =
                    heading!(document, text, sources(&document), document.editions.iter().all(|edition| edition.verified));
                let (norm, more) = norm::compile(document)?;
                warnings.extend(more);
                Ok(Checked::new(hash, heading, warnings, Content::Norm(Arc::new(norm))))
            }
            DocumentKind::Calendar => {
                let (document, hash, mut warnings) =
                    document::read::<crate::model::calendar::Document>(text.as_bytes(), &shape::CALENDAR)?;
                let heading = heading!(document, text, document.source.clone(), document.verified);
                let document = Arc::new(document);
                let mut with = self.calendars.clone();
                with.add(Issue { hash, version: 0, document: Arc::clone(&document), heading: Arc::new(heading.clone()) });
                // Those that extend it must still hold, too.
                for issue in with.all_newest() {
                    let (calendar, more) = compiled(&with, &issue.document.id)?;
                    if calendar.calendar.id() == heading.id {
                        warnings.extend(more);
                    }
                }
                Ok(Checked::new(hash, heading, warnings, Content::Calendar(document)))
            }
            DocumentKind::Schedule => {
                let (document, hash, warnings) = document::read::<authored::Schedule>(text.as_bytes(), &shape::SCHEDULE)?;
                let heading = heading!(document, text, document.source.clone(), document.verified);
                let schedule = schedule::compile(&document)?;
                Ok(Checked::new(hash, heading, warnings, Content::Schedule(Arc::new(Planned { document, schedule }))))
            }
            DocumentKind::Page => {
                let (document, hash, mut problems) = document::typed::<Page>(document::parse(text.as_bytes())?, &shape::PAGE)?;
                problems.extend(page::problems(&document, &self.norms.newest));
                let problems = document::capped(problems);
                if problems.iter().any(Problem::is_error) {
                    return Err(problems);
                }
                let heading = heading!(document, text, document.source.clone(), document.verified);
                Ok(Checked::new(hash, heading, problems, Content::Page(Arc::new(document))))
            }
        }
    }

    /// Takes in a document; it becomes the newest of its id.
    pub fn take_in(&mut self, checked: &Checked, version: u32) {
        match &checked.content {
            Content::Process(graph) => {
                self.add(Deployed { graph: Arc::clone(graph), version, heading: Arc::clone(&checked.heading) });
            }
            Content::Norm(document) => self.norms.add(checked.issue(document, version)),
            Content::Schedule(document) => self.schedules.add(checked.issue(document, version)),
            Content::Page(document) => self.pages.add(checked.issue(document, version)),
            Content::Calendar(document) => {
                self.calendars.add(checked.issue(document, version));
                let calendars = &self.calendars;
                // `check` compiled each of them.
                let working =
                    calendars.newest.keys().filter_map(|id| Some((id.clone(), Arc::new(compiled(calendars, id).ok()?.0))));
                self.working = working.collect();
            }
        }
    }

    /// The newest version of every document of a kind, in the order of their ids.
    pub fn documents(&self, kind: DocumentKind) -> Vec<Listed<'_>> {
        match kind {
            DocumentKind::Process => self.all_newest().map(Deployed::listed).collect(),
            DocumentKind::Norm => self.norms.all_newest().map(Issue::listed).collect(),
            DocumentKind::Calendar => self.calendars.all_newest().map(Issue::listed).collect(),
            DocumentKind::Schedule => self.schedules.all_newest().map(Issue::listed).collect(),
            DocumentKind::Page => self.pages.all_newest().map(Issue::listed).collect(),
        }
    }

    /// The newest version of a document.
    pub fn document(&self, kind: DocumentKind, id: &str) -> Option<Listed<'_>> {
        match kind {
            DocumentKind::Process => self.newest(id).map(Deployed::listed),
            DocumentKind::Norm => self.norms.newest(id).map(Issue::listed),
            DocumentKind::Calendar => self.calendars.newest(id).map(Issue::listed),
            DocumentKind::Schedule => self.schedules.newest(id).map(Issue::listed),
            DocumentKind::Page => self.pages.newest(id).map(Issue::listed),
        }
    }

    /// All versions of a document, oldest first.
    pub fn versions_of(&self, kind: DocumentKind, id: &str) -> Vec<Listed<'_>> {
        let mut versions = match kind {
            DocumentKind::Process => self.versions(id).into_iter().map(Deployed::listed).collect(),
            DocumentKind::Norm => self.norms.versions(id),
            DocumentKind::Calendar => self.calendars.versions(id),
            DocumentKind::Schedule => self.schedules.versions(id),
            DocumentKind::Page => self.pages.versions(id),
        };
        versions.sort_by_key(|listed| listed.version);
        versions
    }

    /// A version that is deployed, by kind and hash.
    pub fn version_of(&self, kind: DocumentKind, hash: &Hash) -> Option<u32> {
        match kind {
            DocumentKind::Process => self.graphs.get(hash).map(|deployed| deployed.version),
            DocumentKind::Norm => self.norms.issues.get(hash).map(|issue| issue.version),
            DocumentKind::Calendar => self.calendars.issues.get(hash).map(|issue| issue.version),
            DocumentKind::Schedule => self.schedules.issues.get(hash).map(|issue| issue.version),
            DocumentKind::Page => self.pages.issues.get(hash).map(|issue| issue.version),
        }
    }

    /// The version of the newest document of this kind and id; 0 where there is none.
    pub fn newest_version(&self, kind: DocumentKind, id: &str) -> u32 {
        self.document(kind, id).map_or(0, |listed| listed.version)
    }

    /// The newest version of a norm.
    pub fn newest_norm(&self, id: &str) -> Option<&Issue<Norm>> {
        self.norms.newest(id)
    }

    /// A norm by hash.
    pub fn norm_of(&self, hash: &Hash) -> Option<&Issue<Norm>> {
        self.norms.issues.get(hash)
    }

    /// The newest version of every norm, in the order of their ids.
    pub fn norms(&self) -> impl Iterator<Item = &Issue<Norm>> {
        self.norms.all_newest()
    }

    /// The newest version of every calendar document, in the order of their ids.
    pub fn calendars(&self) -> impl Iterator<Item = &Issue<crate::model::calendar::Document>> {
        self.calendars.all_newest()
    }

    /// The newest version of a schedule.
    pub fn newest_schedule(&self, id: &str) -> Option<&Issue<Planned>> {
        self.schedules.newest(id)
    }

    /// The newest version of every schedule, in the order of their ids.
    pub fn schedules(&self) -> impl Iterator<Item = &Issue<Planned>> {
        self.schedules.all_newest()
    }

    /// A page by hash.
    pub fn page_of(&self, hash: &Hash) -> Option<&Issue<Page>> {
        self.pages.issues.get(hash)
    }

    /// The newest version of every page, in the order of their ids.
    pub fn pages(&self) -> impl Iterator<Item = &Issue<Page>> {
        self.pages.all_newest()
    }

    /// The calendar of this id as it stands now.
    pub fn calendar(&self, id: &str) -> Option<&Arc<WorkingCalendar>> {
        self.working.get(id)
    }

    /// The calendar made of just these documents, as it stood once.
    pub fn calendar_of(&self, layers: &[Hash]) -> Option<Arc<WorkingCalendar>> {
        let id = &self.calendars.issues.get(layers.last()?)?.document.id;
        if let Some(now) = self.working.get(id).filter(|now| now.layers == layers) {
            return Some(Arc::clone(now));
        }
        let documents: Option<Vec<_>> = layers.iter().map(|hash| self.calendars.issues.get(hash)).collect();
        let documents: Vec<_> = documents?.into_iter().map(|issue| &*issue.document).collect();
        let (calendar, _) = calendar::compile(&documents).ok()?;
        Some(Arc::new(WorkingCalendar { calendar, layers: layers.to_vec() }))
    }
}

/// Where the editions of a norm come from, each place once.
fn sources(norm: &crate::model::norm::Document) -> Vec<String> {
    let mut sources: Vec<String> = Vec::new();
    for source in norm.editions.iter().flat_map(|edition| &edition.source) {
        if !sources.contains(source) {
            sources.push(source.clone());
        }
    }
    sources
}

/// The newest calendar of this id, with the newest of those that it extends.
fn compiled(shelf: &Shelf<crate::model::calendar::Document>, id: &str) -> Result<(WorkingCalendar, Vec<Problem>), Vec<Problem>> {
    let layers = calendar::layers(id, &|id| shelf.newest(id).map(|issue| &*issue.document))?;
    let (calendar, warnings) = calendar::compile(&layers)?;
    let hashes = layers.iter().filter_map(|layer| shelf.newest(&layer.id)).map(|issue| issue.hash).collect();
    Ok((WorkingCalendar { calendar, layers: hashes }, warnings))
}

/// Whether a step, or one inside it, has such references.
fn is_named(steps: &[Step], names: &impl Fn(&[String]) -> bool) -> bool {
    steps.iter().any(|step| names(&step.reference) || is_named(&step.steps, names))
}
