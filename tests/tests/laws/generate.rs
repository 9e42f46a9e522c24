//! Random definitions, sound by construction: blocks within blocks.

use serde_json::{Value, json};
use tests::world::Random;

/// A called process and one that may call it.
pub(super) fn processes(random: &mut Random) -> Vec<Value> {
    let mut called = Builder { random, steps: Vec::new(), counter: 0, calls: false };
    let called = called.process("called", 1);
    let mut builder = Builder { random, steps: Vec::new(), counter: 0, calls: true };
    vec![called, builder.process("random", 3)]
}

struct Builder<'a> {
    random: &'a mut Random,
    steps: Vec<Value>,
    counter: usize,
    calls: bool,
}

impl Builder<'_> {
    fn process(&mut self, id: &str, depth: usize) -> Value {
        self.steps.push(json!({ "id": "end", "type": "endEvent" }));
        let first = self.block(depth, "end");
        self.steps.push(json!({ "id": "start", "type": "startEvent", "form": "f", "next": first }));
        let steps: Vec<Value> = self.steps.drain(..).rev().collect();
        json!({
            "id": id, "title": { "en": id }, "owner": { "post": "post-a" },
            "data": { "n": { "type": "integer" }, "personal_note": { "type": "string", "personal": true } },
            "forms": { "f": { "schema": { "type": "object", "properties": { "n": {} } } } },
            "steps": steps
        })
    }

    fn id(&mut self) -> String {
        self.counter += 1;
        format!("s{}", self.counter)
    }

    /// Adds a block that goes on to `next`; answers its first step.
    fn block(&mut self, depth: usize, next: &str) -> String {
        let kinds = if depth == 0 { 6 } else { 11 };
        match self.random.below(kinds) {
            0 | 1 => self.user_task(next),
            2 => {
                self.step(&json!({ "type": "expressionTask", "set": { "n": "if n = null then 1 else modulo(n + 3, 10)" } }), next)
            }
            3 => self.step(&json!({ "type": "intermediateCatchEvent", "timer": { "after": "PT2H" } }), next),
            4 => {
                let name = format!("m{}", self.random.below(3));
                self.step(&json!({ "type": "intermediateCatchEvent", "message": { "name": name }, "outputs": ["n"] }), next)
            }
            5 => self.step(&json!({ "type": "serviceTask", "topic": "topic", "inputs": { "n": "n" }, "outputs": ["n"] }), next),
            6 => {
                let last = self.block(depth - 1, next);
                self.block(depth - 1, &last)
            }
            7 => self.choice(depth, next),
            8 => self.parallel(depth, next),
            9 => self.sub_process(depth, next),
            _ => self.other(depth, next),
        }
    }

    fn step(&mut self, properties: &Value, next: &str) -> String {
        let id = self.id();
        let mut step = properties.clone();
        step["id"] = json!(id);
        step["next"] = json!(next);
        self.steps.push(step);
        id
    }

    /// Where alternative paths come together before `next`, which may be a join that awaits one token from here.
    fn merge(&mut self, next: &str) -> String {
        self.step(&json!({ "type": "exclusiveGateway" }), next)
    }

    fn user_task(&mut self, next: &str) -> String {
        let next = &self.merge(next);
        let task = json!({ "type": "userTask", "performer": { "role": "officer" }, "form": "f", "outputs": ["n"] });
        let id = self.step(&task, next);
        self.boundary(&id, next);
        id
    }

    /// Sometimes a boundary event: interrupting ones join the main path, others end on their own.
    fn boundary(&mut self, host: &str, next: &str) {
        if !self.random.once_in(3) {
            return;
        }
        let interrupting = self.random.once_in(2);
        let trigger = match self.random.below(3) {
            0 => json!({ "message": { "name": format!("m{}", self.random.below(3)) } }),
            1 if !interrupting => json!({ "timer": { "every": "PT20H", "times": 2 } }),
            _ => json!({ "timer": { "after": "PT30H" } }),
        };
        let id = self.id();
        let to = if interrupting { next.to_owned() } else { format!("{id}-end") };
        let mut event =
            json!({ "id": id, "type": "boundaryEvent", "attachedTo": host, "interrupting": interrupting, "next": to });
        for (name, value) in trigger.as_object().expect("an object") {
            event[name] = value.clone();
        }
        if !interrupting {
            self.steps.push(json!({ "id": to, "type": "endEvent" }));
        }
        self.steps.push(event);
    }

    fn choice(&mut self, depth: usize, next: &str) -> String {
        let next = &self.merge(next);
        let one = self.block(depth - 1, next);
        let other = self.block(depth - 1, next);
        let flows = json!([{ "to": one, "when": "n > 4" }, { "to": other }]);
        let id = self.id();
        self.steps.push(json!({ "id": id, "type": "exclusiveGateway", "next": flows }));
        id
    }

    fn parallel(&mut self, depth: usize, next: &str) -> String {
        let join = self.step(&json!({ "type": "parallelGateway" }), next);
        let branches: Vec<String> = (0..2 + self.random.below(2)).map(|_| self.block(depth - 1, &join)).collect();
        let id = self.id();
        self.steps.push(json!({ "id": id, "type": "parallelGateway", "next": branches }));
        id
    }

    fn sub_process(&mut self, depth: usize, next: &str) -> String {
        let outer = std::mem::take(&mut self.steps);
        let (start, end) = (self.id(), self.id());
        let kind =
            if self.random.once_in(4) { json!({ "type": "endEvent", "terminate": true }) } else { json!({ "type": "endEvent" }) };
        let mut last = kind;
        last["id"] = json!(end);
        self.steps.push(last);
        let first = self.block(depth - 1, &end);
        self.steps.push(json!({ "id": start, "type": "startEvent", "next": first }));
        let inner: Vec<Value> = std::mem::replace(&mut self.steps, outer).into_iter().rev().collect();
        let next = &self.merge(next);
        let id = self.step(&json!({ "type": "subProcess", "steps": inner }), next);
        self.boundary(&id, next);
        id
    }

    fn other(&mut self, depth: usize, next: &str) -> String {
        match self.random.below(3) {
            0 if self.calls => {
                let next = &self.merge(next);
                let id = self.step(
                    &json!({ "type": "callActivity", "process": "called", "inputs": { "n": "n" }, "outputs": ["n"] }),
                    next,
                );
                self.boundary(&id, next);
                id
            }
            1 => self.step(
                &json!({ "type": "intermediateThrowEvent", "message": { "name": "m0", "data": { "n": "n" }, "ttl": "PT1H" } }),
                next,
            ),
            _ => {
                // A loop that works before it looks again.
                let gateway = self.id();
                let body = self.block(depth - 1, &gateway);
                self.steps.push(json!({
                    "id": gateway, "type": "exclusiveGateway", "next": [{ "to": body, "when": "n > 7" }, { "to": next }]
                }));
                body
            }
        }
    }
}
