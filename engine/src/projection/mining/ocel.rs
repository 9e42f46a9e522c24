//! OCEL 2.0 in its JSON form: events that are about several objects at once, a case, a task, a person, a post. Events are written as they
//! come; objects are gathered, each once, and written at the end.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Happening, Trace, Transition};

/// Attributes of each type of object, all of them texts.
const OBJECT_TYPES: [(&str, &[&str]); 6] = [
    ("case", &["number", "process"]),
    ("definition", &["process", "version"]),
    ("person", &[]),
    ("post", &[]),
    ("system", &[]),
    ("task", &["role", "step"]),
];

/// A log being written.
#[derive(Debug, Default)]
pub struct Ocel {
    objects: BTreeMap<String, Value>,
    event_types: BTreeSet<String>,
    events: u64,
}

impl Ocel {
    /// How a log begins.
    pub fn begin() -> &'static str {
        "{\"events\":["
    }

    /// A case: the text that goes on with the log.
    pub fn case(&mut self, trace: &Trace) -> String {
        let case = trace.case.to_string();
        let definition = trace.definition.to_string();
        let Some(first) = trace.happenings.first() else { return String::new() };
        let since = first.time.to_string();
        let attributes = [("number", trace.number.clone()), ("process", Some(trace.process.clone()))];
        let mut related = vec![json!({ "objectId": definition, "qualifier": "runs by" })];
        if let Some(caller) = &trace.caller {
            related.push(json!({ "objectId": caller.to_string(), "qualifier": "called by" }));
        }
        self.object("case", &case, &since, attributes.into(), &related);
        let version = trace.version.map(|version| version.to_string());
        let attributes = [("process", Some(trace.process.clone())), ("version", version)];
        self.object("definition", &definition, &since, attributes.into(), &[]);
        let told = trace.happenings.iter().enumerate();
        told.map(|(at, happening)| self.event(&case, happening, (at == 0).then_some(&*definition))).collect()
    }

    /// What happened. The first of a case names its definition too: pm4py leaves out objects that no event is about.
    fn event(&mut self, case: &str, happening: &Happening, definition: Option<&str>) -> String {
        let time = happening.time.to_string();
        let mut about = vec![json!({ "objectId": case, "qualifier": "of" })];
        about.extend(definition.map(|hash| json!({ "objectId": hash, "qualifier": "of a case that runs by" })));
        let kind = if happening.resource == "system" { "system" } else { "person" };
        about.push(json!({ "objectId": happening.resource, "qualifier": "by" }));
        self.object(kind, &happening.resource, &time, Vec::new(), &[]);
        if let Some(post) = &happening.post {
            let post = format!("post:{post}");
            about.push(json!({ "objectId": post, "qualifier": "as" }));
            self.object("post", &post, &time, Vec::new(), &[]);
        }
        if let Some(task) = &happening.task {
            about.push(json!({ "objectId": task, "qualifier": "about" }));
            let attributes = vec![("role", happening.role.clone()), ("step", happening.step.clone())];
            self.object("task", task, &time, attributes, &[json!({ "objectId": case, "qualifier": "of" })]);
        }
        let kind = match happening.transition {
            Transition::Complete => happening.activity.clone(),
            other => format!("{} ({})", happening.activity, other.word()),
        };
        let event = json!({
            "id": format!("{}/{}", happening.index, self.events),
            "type": kind,
            "time": time,
            "attributes": [{ "name": "entry", "value": happening.index.to_string() }],
            "relationships": about
        });
        self.event_types.insert(kind);
        let comma = if self.events == 0 { "" } else { "," };
        self.events += 1;
        format!("{comma}\n{event}")
    }

    fn object(&mut self, kind: &str, id: &str, time: &str, attributes: Vec<(&str, Option<String>)>, related: &[Value]) {
        if self.objects.contains_key(id) {
            return;
        }
        let attributes: Vec<Value> = attributes
            .into_iter()
            .filter_map(|(name, value)| Some(json!({ "name": name, "time": time, "value": value? })))
            .collect();
        let object = json!({ "id": id, "type": kind, "attributes": attributes, "relationships": related });
        self.objects.insert(id.to_owned(), object);
    }

    /// How the log ends. What objects refer to that is not in it, such as the case that called another, is left out.
    pub fn end(mut self) -> String {
        let known: BTreeSet<String> = self.objects.keys().cloned().collect();
        for object in self.objects.values_mut() {
            if let Some(related) = object["relationships"].as_array_mut() {
                related.retain(|other| other["objectId"].as_str().is_some_and(|id| known.contains(id)));
            }
        }
        let typed = |name: &str, attributes: &[&str]| {
            let attributes: Vec<Value> = attributes.iter().map(|name| json!({ "name": name, "type": "string" })).collect();
            json!({ "name": name, "attributes": attributes })
        };
        let objects: Vec<Value> = self.objects.into_values().collect();
        let events: Vec<Value> = self.event_types.iter().map(|name| typed(name, &["entry"])).collect();
        let types: Vec<Value> = OBJECT_TYPES.iter().map(|(name, attributes)| typed(name, attributes)).collect();
        format!("\n],\"objects\":{},\"eventTypes\":{},\"objectTypes\":{}}}\n", json!(objects), json!(events), json!(types))
    }
}
