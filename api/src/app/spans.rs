//! What a collector of traces is told: each request as a span, and within it what it waited for. In the JSON of OpenTelemetry's protocol
//! (OTLP 1, `ExportTraceServiceRequest`). Spans hold routes and codes, never addresses, names or values: those may be personal.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::Method;
use engine::model::Time;
use metrics::counter;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::trace::Trace;

/// Spans that no collector was told, since it did not take them as fast as they came, or not at all.
pub const SPANS_DROPPED: &str = "sevottam_spans_dropped_total";

/// Spans that wait to be sent.
const WAITING: usize = 4_096;
/// Spans within one request; whatever else it waits for is not told.
const WITHIN_MAX: usize = 64;
/// Kinds of spans: within the program, and of a server.
const INTERNAL: u8 = 1;
const SERVER: u8 = 2;
/// The status of a span that failed.
const FAILED: u8 = 2;

/// Where spans go: nowhere, unless somebody sends them.
#[derive(Debug, Clone, Default)]
pub struct Spans(Option<mpsc::Sender<Span>>);

/// Something that took time.
#[derive(Debug)]
pub struct Span {
    trace: String,
    id: String,
    parent: Option<String>,
    name: String,
    kind: u8,
    began: Time,
    took: Duration,
    attributes: Vec<(&'static str, Value)>,
    failed: bool,
}

/// A request that is recorded.
#[derive(Debug)]
struct Recording {
    began: Instant,
    /// What it waited for: a name, after how long, and how long it took.
    within: Mutex<Vec<(&'static str, Duration, Duration)>>,
}

tokio::task_local! {
    static RECORDING: Arc<Recording>;
}

/// An answer, as a span tells of it.
#[derive(Debug)]
pub struct Answered<'a> {
    /// The method.
    pub method: &'a Method,
    /// The route's template.
    pub route: &'a str,
    /// The status.
    pub status: u16,
    /// The code of the problem, where it is one.
    pub problem: Option<&'static str>,
    /// The request's id.
    pub request: &'a str,
}

/// A request on its way; it becomes a span when it is answered.
#[derive(Debug)]
pub struct Begun(Option<(Arc<Recording>, Time)>);

impl Spans {
    /// Spans, and where they come out to be sent.
    pub fn new() -> (Self, mpsc::Receiver<Span>) {
        let (spans, sent) = mpsc::channel(WAITING);
        (Self(Some(spans)), sent)
    }

    /// Whether traces that nobody else began are recorded.
    pub const fn are_sent(&self) -> bool {
        self.0.is_some()
    }

    /// A request begins. Whoever began its trace says whether it is recorded.
    pub fn begin(&self, trace: &Trace, now: impl FnOnce() -> Time) -> Begun {
        if self.0.is_none() || !trace.sampled {
            return Begun(None);
        }
        Begun(Some((Arc::new(Recording { began: Instant::now(), within: Mutex::default() }), now())))
    }

    /// It was answered.
    pub fn end(&self, begun: Begun, trace: &Trace, answered: &Answered<'_>) {
        let (Some(spans), Some((recording, began))) = (&self.0, begun.0) else { return };
        let Answered { method, route, status, problem, request } = answered;
        let mut attributes = vec![
            ("http.request.method", json!(method.as_str())),
            ("http.route", json!(route)),
            ("http.response.status_code", json!(status)),
            ("sevottam.request", json!(request)),
        ];
        attributes.extend(problem.map(|code| ("error.type", json!(code))));
        let mut told = vec![Span {
            trace: trace.id.clone(),
            id: trace.span.clone(),
            parent: trace.parent.clone(),
            name: format!("{method} {route}"),
            kind: SERVER,
            began,
            took: recording.began.elapsed(),
            attributes,
            failed: *status >= 500,
        }];
        let within = std::mem::take(&mut *recording.within.lock().unwrap_or_else(PoisonError::into_inner));
        told.extend(within.into_iter().zip(1..).map(|((name, after, took), number)| Span {
            trace: trace.id.clone(),
            id: child(&trace.span, number),
            parent: Some(trace.span.clone()),
            name: name.to_owned(),
            kind: INTERNAL,
            began: Time(began.0.saturating_add(micros(after))),
            took,
            attributes: Vec::new(),
            failed: false,
        }));
        for span in told {
            if spans.try_send(span).is_err() {
                counter!(SPANS_DROPPED).increment(1);
            }
        }
    }
}

impl Begun {
    /// Answers the request; what it waits for meanwhile is a part of it.
    pub async fn around<T>(&self, answer: impl Future<Output = T>) -> T {
        match &self.0 {
            Some((recording, _)) => RECORDING.scope(Arc::clone(recording), answer).await,
            None => answer.await,
        }
    }
}

/// Waits, as a part of the request that waits.
pub async fn within<T>(name: &'static str, wait: impl Future<Output = T>) -> T {
    let Ok(recording) = RECORDING.try_with(Arc::clone) else { return wait.await };
    let after = recording.began.elapsed();
    let done = wait.await;
    let mut within = recording.within.lock().unwrap_or_else(PoisonError::into_inner);
    if within.len() < WITHIN_MAX {
        within.push((name, after, recording.began.elapsed().saturating_sub(after)));
    }
    done
}

/// The id of a part of a request: that of the request, and a number. Ids are drawn by lot, so no other of the trace is likely to have it.
fn child(span: &str, number: u64) -> String {
    let id = u64::from_str_radix(span, 16).unwrap_or_default().wrapping_add(number);
    format!("{:016x}", id.max(1))
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

/// What is sent to a collector. `service` is what this program calls itself, `node` this process of it.
pub fn request(service: &str, node: &str, spans: &[Span]) -> Value {
    let resource = [
        ("service.name", json!(service)),
        ("service.version", json!(env!("CARGO_PKG_VERSION"))),
        ("service.instance.id", json!(node)),
    ];
    let spans: Vec<Value> = spans.iter().map(span).collect();
    json!({ "resourceSpans": [{
        "resource": { "attributes": attributes(&resource) },
        "scopeSpans": [{ "scope": { "name": "sevottam" }, "spans": spans }],
    }] })
}

fn span(span: &Span) -> Value {
    let Span { trace, id, parent, name, kind, began, took, attributes: said, failed } = span;
    let nanos = i128::from(began.0) * 1_000;
    let end = nanos + i128::try_from(took.as_nanos()).unwrap_or_default();
    let mut told = json!({
        "traceId": trace, "spanId": id, "name": name, "kind": kind,
        "startTimeUnixNano": nanos.to_string(), "endTimeUnixNano": end.to_string(),
        "attributes": attributes(said),
    });
    if let Some(parent) = parent {
        told["parentSpanId"] = json!(parent);
    }
    if *failed {
        told["status"] = json!({ "code": FAILED });
    }
    told
}

/// Whole numbers are texts there.
fn attributes(said: &[(&'static str, Value)]) -> Vec<Value> {
    let attribute = |(key, value): &(&'static str, Value)| {
        let value = if value.is_number() { json!({ "intValue": value.to_string() }) } else { json!({ "stringValue": value }) };
        json!({ "key": key, "value": value })
    };
    said.iter().map(attribute).collect()
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue};
    use engine::model::Time;
    use serde_json::json;

    use super::{Answered, Method, Span, Spans, Trace, request, within};

    async fn answered(traceparent: &'static str, status: u16, problem: Option<&'static str>) -> Vec<Span> {
        let (spans, mut sent) = Spans::new();
        let headers = HeaderMap::from_iter([("traceparent".parse().unwrap(), HeaderValue::from_static(traceparent))]);
        let trace = Trace::of(&headers, || "0102030405060708a1a2a3a4a5a6a7a8".to_owned(), spans.are_sent());
        let begun = spans.begin(&trace, || Time(1_000_000));
        begun.around(within("command", async {})).await;
        let answered = Answered { method: &Method::POST, route: "/api/v1/tasks/{id}/claim", status, problem, request: "r" };
        spans.end(begun, &trace, &answered);
        drop(spans);
        let mut all = Vec::new();
        while let Some(span) = sent.recv().await {
            all.push(span);
        }
        all
    }

    #[tokio::test]
    async fn a_request_is_a_span_and_what_it_waits_for_another_within_it() {
        let mut spans = answered("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", 503, Some("store.broken")).await;
        for span in &mut spans {
            (span.began, span.took) = (Time(1_000_000), std::time::Duration::from_micros(250));
        }
        let text = |key: &str, value: &str| json!({ "key": key, "value": { "stringValue": value } });
        let expected = json!({ "resourceSpans": [{
            "resource": { "attributes": [
                text("service.name", "office"), text("service.version", env!("CARGO_PKG_VERSION")), text("service.instance.id", "n1"),
            ] },
            "scopeSpans": [{ "scope": { "name": "sevottam" }, "spans": [
                {
                    "traceId": "4bf92f3577b34da6a3ce929d0e0e4736", "spanId": "0102030405060708", "parentSpanId": "00f067aa0ba902b7",
                    "name": "POST /api/v1/tasks/{id}/claim", "kind": 2,
                    "startTimeUnixNano": "1000000000", "endTimeUnixNano": "1000250000",
                    "attributes": [
                        text("http.request.method", "POST"), text("http.route", "/api/v1/tasks/{id}/claim"),
                        { "key": "http.response.status_code", "value": { "intValue": "503" } },
                        text("sevottam.request", "r"), text("error.type", "store.broken"),
                    ],
                    "status": { "code": 2 },
                },
                {
                    "traceId": "4bf92f3577b34da6a3ce929d0e0e4736", "spanId": "0102030405060709", "parentSpanId": "0102030405060708",
                    "name": "command", "kind": 1, "startTimeUnixNano": "1000000000", "endTimeUnixNano": "1000250000", "attributes": [],
                },
            ] }],
        }] });
        assert_eq!(request("office", "n1", &spans), expected);
    }

    #[tokio::test]
    async fn whoever_began_a_trace_says_whether_it_is_recorded() {
        let recorded = async |traceparent| answered(traceparent, 200, None).await.len();
        assert_eq!(recorded("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00").await, 0);
        assert_eq!(recorded("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").await, 2);
        assert_eq!(recorded("nobody began it").await, 2);
    }
}
