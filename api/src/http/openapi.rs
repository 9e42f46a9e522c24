//! The `OpenAPI` document: what the handlers say of themselves, and what all of them have in common.

use serde_json::{Map, Value, json};
use utoipa::PartialSchema;

use super::problem::{MEDIA_TYPE, Place, ProblemBody};

/// What all operations have in common is put in once, here.
pub(super) fn complete(api: &utoipa::openapi::OpenApi) -> Value {
    let mut document = serde_json::to_value(api).unwrap_or_default();
    document["info"] = json!({
        "title": "Sevottam",
        "version": "1",
        "description": "Procedures, cases, tasks and evidence of a public office. Every command is answered once it is durable, with a receipt; \
            sent again with the same Idempotency-Key it gives the same answer. Instants are RFC 3339, amounts decimal strings, ids strings. \
            Every refusal is a problem (RFC 9457) with a stable code.",
    });
    document["servers"] = json!([{ "url": "/" }]);
    document["tags"] = json!([
        { "name": "definitions", "description": "Process definitions" },
        { "name": "documents", "description": "Norms, calendars, schedules" },
        { "name": "events", "description": "What happens, as it happens" },
        { "name": "health", "description": "The program itself" },
        { "name": "moves", "description": "Running cases moved to another version of their process, and what that would change" },
        { "name": "incidents", "description": "What stopped cases" },
        { "name": "instances", "description": "Cases" },
        { "name": "jobs", "description": "Work of external workers" },
        { "name": "logs", "description": "The evidence" },
        { "name": "messages", "description": "Messages from outside" },
        { "name": "office", "description": "Units, posts, people, appointments" },
        { "name": "reads", "description": "Who has read personal values" },
        { "name": "schedules", "description": "What is planned, and by which days" },
        { "name": "reports", "description": "How work stands, and how norms were kept" },
        { "name": "tasks", "description": "People's work" },
    ]);
    let schemas = &mut document["components"]["schemas"];
    schemas["Problem"] = serde_json::to_value(ProblemBody::schema()).unwrap_or_default();
    schemas["Place"] = serde_json::to_value(Place::schema()).unwrap_or_default();
    document["components"]["securitySchemes"] = json!({
        "actor": {
            "type": "apiKey", "in": "header", "name": "Sevottam-Actor",
            "description": "Handle or pseudonym of the person who asks; believed from loopback and trusted networks.",
        },
    });
    let mut paths = document["paths"].take();
    for (path, item) in paths.as_object_mut().into_iter().flatten() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            common(path, method, operation);
        }
    }
    document["paths"] = paths;
    document
}

fn common(path: &str, method: &str, operation: &mut Value) {
    if path == "/calendar.ics" {
        operation["security"] = json!([{ "actor": [] }]);
        refusals(operation, &[400, 401, 404, 503]);
        return;
    }
    if !path.starts_with("/api/") {
        refusals(operation, &[503]);
        return;
    }
    operation["security"] = json!([{ "actor": [] }]);
    if method != "post" {
        refusals(operation, &[400, 401, 403, 404, 503]);
        return;
    }
    refusals(operation, &[400, 401, 403, 404, 408, 409, 413, 415, 422, 503, 504, 507]);
    if path.ends_with("/check") || path.ends_with("/trial") {
        return;
    }
    let mut parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    parameters.push(json!({
        "name": "Idempotency-Key", "in": "header", "required": false,
        "description": "Makes the command idempotent: the same key and content give the same answer. Left out, one is minted.",
        "schema": { "type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$" },
        "example": "3f1c9a52-refund-17",
    }));
    parameters.push(json!({
        "name": "Prefer", "in": "header", "required": false,
        "description": "`wait=SECONDS`, 10 at most: how long the answer may wait for the signature of what was recorded (RFC 7240). Left out, \
            it waits two seconds at most where a case begins or ends, and else not at all.",
        "schema": { "type": "string" },
        "example": "wait=5",
    }));
    operation["parameters"] = parameters.into();
    for (status, answer) in operation["responses"].as_object_mut().into_iter().flatten() {
        if status.starts_with('2') {
            answer["headers"] = json!({
                "Idempotency-Key": { "description": "The key, sent or minted.", "schema": { "type": "string" } },
                "Idempotent-Replay": { "description": "`true` where the command had been accepted before.", "schema": { "type": "string" } },
            });
        }
    }
}

fn refusals(operation: &mut Value, statuses: &[u16]) {
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    for status in statuses {
        let meaning = match status {
            400 => "Malformed",
            401 => "No known actor is named",
            403 => "Not allowed",
            404 => "Not there",
            408 => "The body came too slowly",
            409 => "Not possible as things stand",
            413 => "More than a limit allows",
            415 => "Not application/json",
            422 => "Well-formed, but wrong",
            503 => "Cannot be done now; try again",
            504 => "Took too long",
            _ => "The disk is full",
        };
        responses.insert(status.to_string(), refusal(meaning));
    }
}

fn refusal(meaning: &str) -> Value {
    let content = Map::from_iter([(MEDIA_TYPE.to_owned(), json!({ "schema": { "$ref": "#/components/schemas/Problem" } }))]);
    json!({ "description": meaning, "content": content })
}
