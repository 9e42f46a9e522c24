//! Pages for readers of the API: what each code means, and all operations. Server-rendered, no script.

use axum::extract::Path;
use axum::http::StatusCode;
use maud::{DOCTYPE, Markup, html};
use serde_json::Value;

use super::codes::{self, CODES};
use super::problem::Problem;

/// The frame of a page.
fn page(title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · Sevottam" }
                link rel="stylesheet" href="/assets/style.css";
            }
            body { main { h1 { (title) } (content) } }
        }
    }
}

/// All codes.
pub(super) async fn problems() -> Markup {
    let content = html! {
        p { "Every refusal carries one of these codes in its member " code { "code" } ". They never change their meaning." }
        table {
            thead { tr { th scope="col" { "Code" } th scope="col" { "Status" } th scope="col" { "Meaning" } th scope="col" { "What to do" } } }
            tbody {
                @for code in CODES {
                    tr {
                        td { a href=(format!("/problems/{}", code.code)) { code { (code.code) } } }
                        td { (code.status().as_u16()) }
                        td { (code.title) }
                        td { (code.remedy) }
                    }
                }
            }
        }
    };
    page("Problems", &content)
}

/// One code.
pub(super) async fn problem(Path(code): Path<String>) -> Result<Markup, Problem> {
    let code =
        codes::find(&code).ok_or_else(|| Problem::new("problem.unknown", "There is no such code. See /problems for all."))?;
    let content = html! {
        p { strong { (code.title) } "." }
        p { (code.remedy) }
        dl { dt { "Code" } dd { code { (code.code) } } dt { "HTTP status" } dd { (code.status().as_u16()) } }
        p { a href="/problems" { "All codes" } }
    };
    Ok(page(code.title, &content))
}

/// A problem as a page, for a browser that asked for one.
pub fn refused(problem: &Problem, instance: &str) -> Markup {
    let content = html! {
        p { (problem.detail) }
        @if !problem.problems.is_empty() {
            ul { @for place in &problem.problems { li { code { (place.pointer) } " " (place.message) } } }
        }
        p { "Code " a href=(format!("/problems/{}", problem.code)) { code { (problem.code) } } ", request " code { (instance) } "." }
        p { a href="/" { "Start page" } }
    };
    page(problem.title(), &content)
}

/// All operations, from the `OpenAPI` document.
pub(super) async fn reference() -> (StatusCode, Markup) {
    let document = super::openapi();
    let empty = serde_json::Map::new();
    let paths = document["paths"].as_object().unwrap_or(&empty);
    let operations = || {
        paths.iter().flat_map(|(path, item)| {
            item.as_object().into_iter().flatten().map(move |(method, operation)| (path, method, operation))
        })
    };
    let mut tags: Vec<&str> = operations().filter_map(|(_, _, operation)| operation["tags"][0].as_str()).collect();
    tags.sort_unstable();
    tags.dedup();
    let content = html! {
        p { (text(&document["info"]["description"])) }
        p { "For programs: " a href="/openapi.json" { "OpenAPI 3.1 document" } ". Refusals: " a href="/problems" { "all codes" } "." }
        nav aria-label="Operations" {
            ul { @for tag in &tags { li { a href=(format!("#{tag}")) { (tag) } } } }
        }
        @for tag in &tags {
            h2 id=(tag) { (tag) }
            @for (path, method, operation) in operations().filter(|(_, _, operation)| operation["tags"][0] == **tag) {
                (operation_section(path, method, operation))
            }
        }
    };
    (StatusCode::OK, page("API", &content))
}

fn operation_section(path: &str, method: &str, operation: &Value) -> Markup {
    let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
    let body = &operation["requestBody"]["content"]["application/json"];
    html! {
        section {
            h3 id=(text(&operation["operationId"])) { code { (method.to_uppercase()) " " (path) } }
            p { (text(&operation["summary"])) " " (text(&operation["description"])) }
            @if !parameters.is_empty() {
                dl {
                    @for parameter in parameters {
                        dt { code { (text(&parameter["name"])) } " (" (text(&parameter["in"])) @if parameter["required"] == true { ", required" } ")" }
                        dd { (text(&parameter["description"])) }
                    }
                }
            }
            @if let Some(name) = schema(body) { p { "Body: " code { (name) } } }
            ul {
                @for (status, answer) in operation["responses"].as_object().into_iter().flatten().filter(|(status, _)| status.starts_with('2')) {
                    li {
                        (status) ": " (text(&answer["description"]))
                        @for (kind, content) in answer["content"].as_object().into_iter().flatten() {
                            ", " code { (schema(content).unwrap_or(kind)) }
                        }
                    }
                }
            }
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The name of a content's schema.
fn schema(content: &Value) -> Option<&str> {
    content["schema"]["$ref"].as_str().and_then(|reference| reference.rsplit('/').next())
}
