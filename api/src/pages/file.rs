//! What the printed file of a case says, in order: what was lodged, its time limits, every entry, its data, its records. How it looks is for `paper`.

use std::collections::BTreeMap;

use engine::graph::Graph;
use engine::journal::codec::HANDED_OVER;
use engine::journal::{Actor, Entry, Event};
use engine::machine::clock::Clock;
use engine::model::Values;
use engine::model::document::DocumentKind;
use engine::model::id::Made;
use engine::norm::LineKind;
use jiff::tz::TimeZone;

use super::case::Found;
use super::file_proof::{Sealed, proof};
use super::history::{Told, asked_in_order, tell};
use super::visit::{Visit, case_name};
use super::{clocks, words::Words};
use crate::paper::{Paper, Part, Table};

/// A line: a label, and what it says.
type Fact = (String, String);

/// The file of a case. Where a ground is given, personal values are withheld on it.
pub(super) fn file(visit: &Visit, found: &Found, sealed: &Sealed, withheld: Option<&str>) -> Paper {
    let w = &visit.w;
    let told = tell(visit, &found.graph, &found.history);
    let teller = Teller { visit, found, withheld, erased: erased(&found.history) };
    let mut parts = teller.head();
    if let Some(data) = told.first().and_then(|one| one.data) {
        parts.push(Part::Heading(2, w.say("slip-data")));
        parts.push(Part::Facts(teller.values(data)));
    }
    parts.extend(teller.clocks());
    parts.push(Part::Heading(2, w.say("history")));
    for (number, one) in (1usize..).zip(&told) {
        parts.extend(teller.entry(number, one));
    }
    parts.extend(teller.data());
    parts.extend(teller.records());
    parts.extend(proof(visit, found, sealed));
    let number = case_name(found.case.number.as_deref(), found.case.id);
    Paper {
        language: w.language.tag(),
        title: format!("{} {number}", w.say("file-title")),
        foot: format!("{} {number} · {}", w.say("case"), visit.unit_title(&found.id.unit)),
        made: TimeZone::UTC.to_datetime(visit.now.timestamp()),
        parts,
    }
}

/// What was erased: of each variable the entry that says so.
fn erased(history: &[Entry]) -> BTreeMap<&str, u64> {
    let mut erased = BTreeMap::new();
    for entry in history {
        for event in &entry.events {
            if let Event::ValuesErased { names, .. } = event {
                erased.extend(names.iter().map(|name| (name.as_str(), entry.index)));
            }
        }
    }
    erased
}

struct Teller<'a> {
    visit: &'a Visit,
    found: &'a Found,
    withheld: Option<&'a str>,
    erased: BTreeMap<&'a str, u64>,
}

impl Teller<'_> {
    fn w(&self) -> &Words {
        &self.visit.w
    }

    /// What it is a file of.
    fn head(&self) -> Vec<Part> {
        let (w, visit, found) = (self.w(), self.visit, self.found);
        let process = &found.graph.process;
        let controls = &visit.office.controls;
        let sheet = controls.amendments(&visit.library, DocumentKind::Process, &process.id);
        let issue = sheet.iter().find(|one| one.hash == found.case.definition);
        let version = w.with("version", &[("n", &found.version.to_string())]);
        let issue = issue.map(|one| format!(", {} {}.{}", w.say("issue"), one.issue, one.revision)).unwrap_or_default();
        let verified = if process.verified { String::new() } else { format!("\n{}", w.say("not-verified")) };
        let mut facts = vec![
            (w.say("unit"), visit.unit_title(&found.id.unit)),
            (w.say("case-id"), found.id.to_string()),
            (w.say("process"), format!("{} ({version}{issue}){verified}", w.text(&process.title))),
            (w.say("owner"), visit.post_title(&process.owner.post)),
        ];
        if let Some(first) = found.history.first() {
            facts.push((w.say("lodged-by"), self.actor(first)));
            facts.push((w.say("started"), w.time(first.origin.time)));
        }
        let last = found.history.last().filter(|_| found.case.is_over()).map(|last| last.origin.time);
        facts.extend(found.case.records.ended.or(last).map(|ended| (w.say("ended"), w.time(ended))));
        facts.push((w.say("status"), w.status(found.case.status)));
        let mut parts = vec![
            Part::Heading(1, format!("{} {}", w.say("file-title"), case_name(found.case.number.as_deref(), found.case.id))),
            Part::Text(w.with("as-of-told", &[("time", &w.time(visit.now))])),
        ];
        parts.extend(found.past.map(|_| Part::Text(w.say("as-of-erased"))));
        parts.extend(self.withheld.map(|ground| Part::Notice(w.with("file-withheld-what", &[("ground", ground)]))));
        parts.push(Part::Facts(facts));
        parts
    }

    /// The time limits, and how each was reckoned.
    fn clocks(&self) -> Vec<Part> {
        let w = self.w();
        let mut clocks: Vec<&Clock> = self.found.case.clocks.values().collect();
        clocks.sort_by_key(|clock| clock.ledger.start);
        let mut parts = Vec::new();
        for clock in clocks {
            let Some(issue) = self.visit.library.norm_of(&clock.norm) else { continue };
            let norm = &issue.document;
            parts.push(Part::Heading(3, w.text(&norm.document.title).to_owned()));
            let mut facts = vec![(w.say("status"), w.say(clocks::standing(self.visit, clock).1))];
            let terms = clock.terms.and_then(|terms| norm.edition(terms).zip(norm.limit(terms)));
            if let Some((edition, limit)) = terms {
                let verified = if edition.verified { String::new() } else { format!(" ({})", w.say("unverified")) };
                facts.push((w.say("clock-limit"), w.within(&limit.within)));
                facts.push((w.say("clock-source"), format!("{}{verified}", w.text(&edition.title))));
            }
            facts.push((w.say("clock-since"), w.time(clock.ledger.start)));
            facts.extend(clock.stopped.map(|stopped| (w.say("clock-stopped"), w.time(stopped))));
            let provisional =
                if clock.reckoning.provisional { format!(" ({})", w.say("clock-provisional")) } else { String::new() };
            let due = match clock.reckoning.due {
                Some(due) => format!("{}{provisional}", w.time(due)),
                None if clock.rests() => w.say("clock-due-rests"),
                None => w.say("clock-due-none"),
            };
            facts.push((w.say("clock-due"), due));
            parts.push(Part::Facts(facts));
            let rests: Vec<String> = clock.ledger.rests.iter().map(|rest| clocks::told_rest(w, norm, rest)).collect();
            parts.extend((!rests.is_empty()).then_some(Part::List(rests)));
            parts.extend(self.reckoned(clock));
        }
        if !parts.is_empty() {
            parts.insert(0, Part::Heading(2, w.say("clocks")));
        }
        parts
    }

    /// How a deadline was reckoned, day by day.
    fn reckoned(&self, clock: &Clock) -> Vec<Part> {
        let w = self.w();
        let Some(explained) = clock.explained(&self.visit.library) else { return Vec::new() };
        let rows = explained.lines.iter().map(|line| {
            let until = line.until.map(|until| format!(" – {}", w.date(until))).unwrap_or_default();
            let counts = matches!(line.kind, LineKind::Counted | LineKind::Several | LineKind::End);
            let number = line.number.filter(|_| counts);
            let counted = number.map(|number| line.of.map_or_else(|| number.to_string(), |of| format!("{number} / {of}")));
            vec![format!("{}{until}", w.date(line.date)), counted.unwrap_or_default(), w.text(&line.text).to_owned()]
        });
        let head = [("explain-day", 0.3), ("explain-counted", 0.12), ("explain-why", 0.58)];
        let table = Table { head: head.map(|(title, share)| (w.say(title), share)).to_vec(), rows: rows.collect() };
        let calendar = format!("{}: {}, {}", w.say("explain-calendar"), explained.calendar, explained.zone);
        let mut parts = vec![Part::Text(w.text(&explained.summary).to_owned()), Part::Table(table), Part::Fine(calendar)];
        parts.extend((!explained.source.is_empty()).then(|| Part::Fine(explained.source.join(" · "))));
        parts
    }

    /// An entry: who did what, when and by which order, and what was entered.
    fn entry(&self, number: usize, one: &Told<'_>) -> Vec<Part> {
        let w = self.w();
        let entry = one.entry;
        let mut facts = vec![
            (w.say("receipt-time"), w.time(entry.origin.time)),
            (w.say("file-by"), self.actor(entry)),
            (w.say("receipt-index"), entry.index.to_string()),
        ];
        // What was lodged stands at the beginning.
        if let Some(data) = one.data.filter(|_| number > 1) {
            facts.extend(self.values(data));
        }
        let mut parts = vec![Part::Heading(3, format!("{number}. {}", one.what)), Part::Facts(facts)];
        for event in &entry.events {
            if let Event::ValuesErased { names, ground, authority, .. } = event {
                let names: Vec<String> = names.iter().map(|name| w.variable(&self.found.graph, name)).collect();
                parts.push(Part::Facts(vec![
                    (w.say("erasure-names"), names.join(", ")),
                    (w.say("erasure-ground"), ground.clone()),
                    (w.say("erasure-authority"), authority.clone()),
                ]));
            }
        }
        parts.extend((!one.then.is_empty()).then(|| Part::List(one.then.clone())));
        parts
    }

    /// The data as they stand.
    fn data(&self) -> Vec<Part> {
        let w = self.w();
        let mut parts = vec![Part::Heading(2, w.say("data"))];
        for (number, scope) in &self.found.case.scopes {
            let facts = self.values(&scope.variables);
            if *number > 0 && !facts.is_empty() {
                let step = scope.step.as_deref().map(|step| w.step(&self.found.graph, step)).unwrap_or_default();
                parts.push(Part::Heading(3, format!("{step} ({number})")));
            }
            match (number, facts.is_empty()) {
                (0, true) => parts.push(Part::Text(w.say("data-none"))),
                (_, true) => {}
                (_, false) => parts.push(Part::Facts(facts)),
            }
        }
        parts
    }

    /// The records that were made, each with the hash of its entry; and what was said of keeping them.
    fn records(&self) -> Vec<Part> {
        let (w, found) = (self.w(), self.found);
        let mut parts = Vec::new();
        let held = found.case.records.held.as_ref();
        parts.extend(held.map(|ground| Part::Notice(format!("{}: {ground}", w.say("records-held")))));
        if !self.erased.is_empty() {
            let names: Vec<String> = self.erased.keys().map(|name| w.variable(&found.graph, name)).collect();
            parts.push(Part::Notice(format!("{}: {}", w.say("records-erased"), names.join(", "))));
        }
        let rows: Vec<Vec<String>> = made(&found.graph, &found.history)
            .map(|(entry, step, record)| {
                let step = w.step(&found.graph, step);
                vec![w.record(record), step, entry.index.to_string(), entry.leaf_hash.to_string()]
            })
            .collect();
        if !rows.is_empty() {
            let head = [("record", 0.13), ("task", 0.13), ("receipt-index", 0.08), ("receipt-leaf", 0.66)];
            let head = head.map(|(title, share)| (w.say(title), share)).to_vec();
            parts.push(Part::Table(Table { head, rows }));
        }
        if !parts.is_empty() {
            parts.insert(0, Part::Heading(2, w.say("records")));
        }
        parts
    }

    /// Values with their labels, in the order in which forms ask for them. What was erased or is withheld is said to be.
    fn values(&self, values: &Values) -> Vec<Fact> {
        let (w, graph) = (self.w(), &self.found.graph);
        let order = asked_in_order(graph);
        let mut known: Vec<_> = values.iter().collect();
        known.sort_by_key(|(name, _)| order.get(name.as_str()).copied().unwrap_or(usize::MAX));
        let mut facts = Vec::new();
        for (name, value) in known {
            // What was handed over was erased under one name for all of it.
            let erased =
                self.erased.get(name.as_str()).or_else(|| self.erased.get(HANDED_OVER).filter(|_| !graph.declares(name)));
            let text = match (value.is_null(), erased) {
                (true, Some(entry)) => w.with("file-erased", &[("index", &entry.to_string())]),
                // Nobody reads what is withheld: it is not here.
                (true, None) if self.found.hidden.contains(name) => w.say("file-withheld"),
                (true, None) => continue,
                (false, _) => w.value(graph, name, value),
            };
            facts.push((w.variable(graph, name), text));
        }
        facts
    }

    /// Who acted, by which post, and by which office order they held it then.
    fn actor(&self, entry: &Entry) -> String {
        let (w, visit) = (self.w(), self.visit);
        let Actor::Person(person) = &entry.origin.actor else { return w.say("actor-system") };
        let Some(post) = &entry.via else {
            return if self.withheld.is_some() { w.say("file-withheld") } else { visit.name(person) };
        };
        let held = visit.office.appointments.values();
        let held = held.filter(|one| one.person == *person && one.post == *post).find(|one| one.holds(entry.origin.time));
        let order = held.map(|one| format!(" ({})", w.with("file-order", &[("order", &one.order)]))).unwrap_or_default();
        format!("{}, {}{order}", visit.name(person), visit.post_title(post))
    }
}

/// The records that completed tasks made: the entry, the step, the record.
fn made<'a>(graph: &'a Graph, history: &'a [Entry]) -> impl Iterator<Item = (&'a Entry, &'a str, &'a str)> {
    let mut steps: BTreeMap<Made, &str> = BTreeMap::new();
    let mut found = Vec::new();
    for entry in history {
        for event in &entry.events {
            match event {
                Event::TaskCreated { ordinal, step, .. } => {
                    steps.insert(Made { command: entry.origin.command, ordinal: *ordinal }, step);
                }
                Event::TaskCompleted { task, .. } => {
                    let step = steps.get(task).copied().unwrap_or_default();
                    let record = graph.step(step).and_then(|at| graph.authored(at)).and_then(|step| step.record.as_deref());
                    found.extend(record.map(|record| (entry, step, record)));
                }
                _ => {}
            }
        }
    }
    found.into_iter()
}
