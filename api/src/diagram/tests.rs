//! Tests of the picture: well-formed, complete, free of overlaps, safe.

#![allow(clippy::expect_used, clippy::many_single_char_names, clippy::cast_possible_truncation)]

use super::layout::scene;
use super::model::Family;
use super::*;

fn add(d: &mut Diagram, title: &str, kind: Kind) -> usize {
    let id = format!("n{}", d.nodes.len());
    d.nodes.push(Node::new(id, title, kind));
    d.nodes.len() - 1
}

fn chain(d: &mut Diagram, nodes: &[usize]) {
    for pair in nodes.windows(2) {
        d.flows.push(Flow::new(pair[0], pair[1]));
    }
}

fn linear(steps: usize) -> Diagram {
    let mut d = Diagram { title: "Linear".into(), ..Diagram::default() };
    let mut all = vec![add(&mut d, "Start", Kind::StartEvent)];
    for at in 0..steps {
        all.push(add(&mut d, &format!("Step {at} of a long procedure"), Kind::UserTask));
    }
    all.push(add(&mut d, "End", Kind::EndEvent));
    chain(&mut d, &all);
    d
}

fn parallel() -> Diagram {
    let mut d = linear(1);
    let fork = add(&mut d, "All of these", Kind::ParallelGateway);
    let join = add(&mut d, "", Kind::ParallelGateway);
    for _ in 0..4 {
        let step = add(&mut d, "Check with another office", Kind::ServiceTask);
        chain(&mut d, &[fork, step, join]);
    }
    let end = add(&mut d, "Ready", Kind::MessageEnd);
    chain(&mut d, &[1, fork]);
    chain(&mut d, &[join, end]);
    d
}

fn looping() -> Diagram {
    let mut d = linear(6);
    let gate = add(&mut d, "Complete?", Kind::ExclusiveGateway);
    chain(&mut d, &[4, gate, 2]);
    chain(&mut d, &[gate, 5, 3, 3]);
    d.flows[2].title = Some("once more".into());
    d
}

fn nested() -> Diagram {
    let mut d = Diagram { title: "Nested".into(), ..Diagram::default() };
    let start = add(&mut d, "Start", Kind::StartEvent);
    let outer = add(&mut d, "Outer", Kind::SubProcess);
    let inner = add(&mut d, "Inner", Kind::SubProcess);
    let a = add(&mut d, "A", Kind::UserTask);
    let b = add(&mut d, "B", Kind::UserTask);
    let c = add(&mut d, "C", Kind::ManualTask);
    let timer = add(&mut d, "After three days", Kind::TimerCatch);
    let message = add(&mut d, "Withdrawn", Kind::MessageCatch);
    let remind = add(&mut d, "Remind", Kind::SendTask);
    let end = add(&mut d, "End", Kind::EndEvent);
    for (node, parent) in [(inner, outer), (a, outer), (b, inner), (c, inner)] {
        d.nodes[node].parent = Some(parent);
    }
    for event in [timer, message] {
        d.nodes[event].attached_to = Some(outer);
    }
    d.nodes[timer].interrupting = false;
    chain(&mut d, &[start, outer, end]);
    chain(&mut d, &[a, inner]);
    chain(&mut d, &[b, c, b]);
    chain(&mut d, &[timer, remind, end]);
    chain(&mut d, &[message, start]);
    d
}

fn disconnected() -> Diagram {
    let mut d = linear(2);
    add(&mut d, "Alone", Kind::UserTask);
    let (a, b) = (add(&mut d, "A", Kind::UserTask), add(&mut d, "B", Kind::UserTask));
    chain(&mut d, &[a, b]);
    d
}

fn single() -> Diagram {
    let mut d = Diagram::default();
    add(&mut d, "Only", Kind::UserTask);
    d
}

/// Small numbers that look random but are always the same.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most.max(1)
    }
}

fn random(seed: u64, count: usize) -> Diagram {
    let mut dice = Dice(seed);
    let mut d = Diagram { title: format!("Random {seed}"), ..Diagram::default() };
    let kinds = [
        Kind::UserTask,
        Kind::ExclusiveGateway,
        Kind::ParallelGateway,
        Kind::SubProcess,
        Kind::TimerCatch,
        Kind::MessageThrow,
        Kind::EndEvent,
        Kind::CallActivity,
    ];
    let marks = [Mark::None, Mark::Done, Mark::Active, Mark::Problem];
    for at in 0..count {
        let kind = kinds[dice.below(kinds.len())];
        add(&mut d, &format!("Node number {at}"), kind);
        d.nodes[at].mark = marks[dice.below(4)];
        d.nodes[at].interrupting = dice.below(2) == 0;
        if dice.below(4) == 0 {
            d.nodes[at].parent = Some(dice.below(count + 2));
        }
        if dice.below(5) == 0 {
            d.nodes[at].attached_to = Some(dice.below(count + 2));
        }
    }
    for _ in 0..count + count / 2 {
        let mut flow = Flow::new(dice.below(count), dice.below(count));
        flow.title = (dice.below(3) == 0).then(|| "if so".to_owned());
        flow.taken = dice.below(2) == 0;
        flow.default = dice.below(4) == 0;
        d.flows.push(flow);
    }
    d
}

/// Parses the picture and checks that every node and flow is in it.
fn check(d: &Diagram) {
    let text = svg(d);
    let xml = roxmltree::Document::parse(&text).expect("well-formed");
    assert!(!text.contains("NaN") && !text.contains("inf"), "{}", d.title);
    let class = |name: &str| {
        let with = |n: &roxmltree::Node| n.attribute("class").is_some_and(|c| c.split(' ').any(|word| word == name));
        xml.descendants().filter(with).count()
    };
    assert_eq!(class("node"), d.nodes.len(), "{}", d.title);
    assert_eq!(class("flow"), d.flows.len(), "{}", d.title);
    let ids: Vec<&str> = xml.descendants().filter_map(|n| n.attribute("id")).collect();
    let unique: std::collections::HashSet<&&str> = ids.iter().collect();
    assert_eq!(ids.len(), unique.len());
    let alone = standalone_svg(d);
    roxmltree::Document::parse(&alone).expect("well-formed on its own");
    assert_eq!(text, svg(d), "the same input gives the same picture");
}

/// Checks that boxes overlap only if one holds the other.
fn no_overlap(d: &Diagram) {
    let scene = scene(d);
    let solid: Vec<usize> = (0..d.nodes.len()).filter(|at| !scene.spots[*at].boundary).collect();
    for (k, &a) in solid.iter().enumerate() {
        let (s, t) = (&scene.spots[a], &scene.spots[a].size);
        assert!(s.x - t.w / 2.0 > 0.0 && s.x + t.w / 2.0 < scene.w, "{}: inside", d.title);
        assert!(s.y - t.h / 2.0 > 0.0 && s.y + t.h / 2.0 < scene.h, "{}: inside", d.title);
        for &b in &solid[k + 1..] {
            let (o, u) = (&scene.spots[b], &scene.spots[b].size);
            let (dx, dy) = ((s.x - o.x).abs(), (s.y - o.y).abs());
            let apart = dx >= t.w.midpoint(u.w) + 4.0 || dy >= t.h.midpoint(u.h) + 4.0;
            let holds = dx <= (t.w - u.w).abs() / 2.0 && dy <= (t.h - u.h).abs() / 2.0;
            let nested = holds && (s.container || o.container);
            assert!(apart || nested, "{}: {a} and {b} overlap", d.title);
        }
    }
}

/// Counts the flows that run through a task they have nothing to do with.
fn through_tasks(d: &Diagram) -> usize {
    let scene = scene(d);
    let mut hits = 0;
    for (flow, route) in d.flows.iter().zip(&scene.routes) {
        for (at, node) in d.nodes.iter().enumerate() {
            let spot = &scene.spots[at];
            let own = at == flow.from || at == flow.to;
            if own || spot.container || node.kind.family() == Family::Event {
                continue;
            }
            let (w, h) = (spot.size.w / 2.0 - 2.0, spot.size.h / 2.0 - 2.0);
            let hit = route.points.windows(2).any(|p| {
                p[0].0.min(p[1].0) < spot.x + w
                    && p[0].0.max(p[1].0) > spot.x - w
                    && p[0].1.min(p[1].1) < spot.y + h
                    && p[0].1.max(p[1].1) > spot.y - h
            });
            hits += usize::from(hit);
        }
    }
    hits
}

#[test]
fn samples_are_complete_and_free_of_overlaps() {
    let samples = [linear(18), parallel(), looping(), nested(), disconnected(), single(), linear(400)];
    for d in samples {
        check(&d);
        no_overlap(&d);
        assert_eq!(through_tasks(&d), 0, "{}", d.title);
    }
    check(&Diagram::default());
}

#[test]
fn random_graphs_are_well_formed() {
    for (seed, count) in (0..60).zip(2..) {
        let d = random(seed, count);
        check(&d);
        no_overlap(&d);
        assert_eq!(through_tasks(&d), 0, "seed {seed}");
    }
    check(&random(77, 700));
}

#[test]
fn flows_are_right_angled() {
    for d in [looping(), nested(), random(9, 40)] {
        for pair in scene(&d).routes.iter().flat_map(|route| route.points.windows(2)) {
            let (dx, dy) = (pair[0].0 - pair[1].0, pair[0].1 - pair[1].1);
            assert!(dx.abs() < 0.6 || dy.abs() < 0.6, "{pair:?}");
        }
    }
}

#[test]
fn boundary_events_sit_on_the_lower_border() {
    let d = nested();
    let scene = scene(&d);
    let (host, timer, message) = (&scene.spots[1], &scene.spots[6], &scene.spots[7]);
    assert_eq!(timer.y, host.y + host.size.h / 2.0);
    assert!(timer.x < message.x && message.x < host.x + host.size.w / 2.0);
    assert!(svg(&d).contains("stroke-dasharray"));
    let remind = &scene.spots[8];
    assert!(remind.x > host.x);
}

#[test]
fn hostile_titles_and_links_do_no_harm() {
    let mut d = linear(3);
    let hostile = "</title><script>alert(1)</script>&\"'\u{0}\u{8}\u{ffff} ]]> <!--";
    d.title = hostile.into();
    d.flows[0].title = Some(hostile.into());
    for (at, href) in ["javascript:alert(1)", "//evil.example", "/\\evil", "/good?a=1&b=\"2\"", " data:x"].into_iter().enumerate()
    {
        d.nodes[at].title = hostile.into();
        d.nodes[at].id = hostile.into();
        d.nodes[at].note = Some(hostile.into());
        d.nodes[at].href = Some(href.into());
    }
    d.nodes[0].href = Some("é".into());
    check(&d);
    let text = svg(&d);
    assert!(!text.contains("<script") && !text.contains("evil") && !text.contains("data:"));
    assert_eq!(text.matches("<a href=").count(), 1);
    assert!(text.contains("href=\"/good?a=1&amp;b=&quot;2&quot;\""));
}

#[test]
fn impossible_references_are_ignored() {
    let mut d = linear(3);
    d.nodes[1].parent = Some(2);
    d.nodes[2].parent = Some(1);
    d.nodes[3].parent = Some(3);
    d.nodes[0].attached_to = Some(99);
    d.nodes[4].attached_to = Some(0);
    check(&d);
    d.flows.push(Flow::new(0, 500));
    roxmltree::Document::parse(&svg(&d)).expect("well-formed");
    // Sub-processes nested very deeply.
    let mut deep = Diagram::default();
    for at in 0..600 {
        add(&mut deep, "Level", Kind::SubProcess);
        deep.nodes[at].parent = at.checked_sub(1);
    }
    check(&deep);
}

#[test]
fn words_are_wrapped_and_kept_whole() {
    let long = "Verification of the documents that were submitted together with the application \
                form by the applicant or an authorised representative";
    let lines = text::wrap(long, 13.0, 124.0, 3);
    assert_eq!(lines.len(), 3);
    assert!(lines[2].ends_with('…'));
    assert!(lines.iter().all(|line| text::width(line, 13.0) <= 126.0));
    let hindi = text::wrap("प्रमाणपत्रप्रमाणपत्रप्रमाणपत्र", 13.0, 60.0, 3);
    assert!(hindi.len() > 1);
    let marks = ['\u{94d}', '\u{93e}', '\u{93f}', '\u{947}'];
    assert!(hindi.iter().all(|line| !line.starts_with(marks)), "{hindi:?}");
    assert_eq!(text::wrap("  ", 13.0, 60.0, 3), Vec::<String>::new());
    let mut d = single();
    d.nodes[0].title = long.into();
    assert!(svg(&d).contains(&format!("<title>{long}</title>")));
}

#[test]
fn marks_are_said_and_drawn() {
    let mut d = linear(3);
    d.nodes[1].mark = Mark::Done;
    d.nodes[2].mark = Mark::Active;
    d.nodes[3].mark = Mark::Problem;
    let text = svg(&d);
    assert_eq!(text.matches("class=\"badge\"").count(), 3);
    assert!(text.contains("with 3 steps, 0 decision points and 2 events."));
    assert!(text.contains("Done: 1 step. Now at: Step 1 of a long procedure."));
    assert!(text.contains("role=\"img\"") && !text.contains("<style"));
    let wording = Wording { description: Some("विवरण"), done: "पूर्ण", ..Wording::default() };
    let hindi = svg_in_words(&d, &wording);
    assert!(hindi.contains(">विवरण</desc>") && hindi.contains("(पूर्ण)"));
    d.nodes[2].href = Some("#here".into());
    assert!(svg(&d).contains("role=\"group\""));
}
