//! Whatever refuses, the framework included, answers with a problem.

use hyper::body::Bytes;
use hyper::{Method, header};

use super::at_work;

#[tokio::test]
async fn every_refusal_is_a_problem() {
    let served = at_work().await;
    let asha = served.client("asha");
    let start = "/api/v1/instances";
    let post = |path: &str| asha.request(Method::POST, path).header(header::CONTENT_TYPE, "application/json");
    let cases = [
        (asha.request(Method::GET, "/nowhere"), "", 404, "request.no-route"),
        (asha.request(Method::DELETE, start), "", 405, "request.method"),
        (asha.request(Method::GET, "/api/v1/instances/nonsense"), "", 400, "path.malformed"),
        (asha.request(Method::GET, "/api/v1/definitions/leave/one"), "", 400, "path.malformed"),
        (asha.request(Method::GET, "/api/v1/definitions/%ff/1"), "", 400, "path.malformed"),
        (asha.request(Method::GET, "/api/v1/tasks?limit=none"), "", 400, "query.malformed"),
        (asha.request(Method::GET, "/api/v1/tasks?colour=red"), "", 400, "query.malformed"),
        (asha.request(Method::GET, "/api/v1/tasks?limit=201"), "", 400, "query.limit"),
        (asha.request(Method::GET, "/api/v1/tasks?cursor=abc"), "", 400, "query.cursor"),
        (asha.request(Method::GET, "/api/v1/tasks?unit=elsewhere"), "", 404, "unit.unknown"),
        (served.client("dev").request(Method::GET, "/api/v1/tasks"), "", 400, "unit.needed"),
        (served.client("").request(Method::GET, "/api/v1/tasks"), "", 401, "actor.missing"),
        (served.client("zoe").request(Method::GET, "/api/v1/tasks"), "", 401, "actor.unknown"),
        (asha.request(Method::POST, start), "{}", 415, "body.type"),
        (post(start), "", 400, "json.syntax"),
        (post(start), "{\"unit\":\n  oops}", 400, "json.syntax"),
        (post(start), "{\"unit\":\"office\",\"unit\":\"office\"}", 400, "json.duplicate-name"),
        (post(start), "{\"unit\":\"office\",\"process\":\"leave\",\"data\":{\"days\":1.5}}", 400, "json.number"),
        (post(start), "{\"unit\":\"office\",\"process\":\"le\\u0000ave\"}", 400, "json.nul"),
        (post(start), "{\"unit\":\"office\",\"process\":\"leave\",\"dat\":{}}", 422, "body.unfit"),
        (post(start), "{\"unit\":\"site\",\"process\":\"leave\"}", 404, "unit.unknown"),
        (post(start), "{\"unit\":\"office\",\"process\":\"none\"}", 404, "definition.unknown"),
        (post(start).header("Idempotency-Key", ""), "{}", 400, "idempotency.malformed"),
        (post(start).header("Idempotency-Key", "a").header("Idempotency-Key", "b"), "{}", 400, "idempotency.malformed"),
        (post(start).header("Sec-Fetch-Site", "cross-site"), "{}", 403, "request.cross-site"),
        (post(start).header("Origin", "https://elsewhere.example"), "{}", 403, "request.cross-site"),
        (post("/api/v1/definitions"), "{}", 422, "definition.invalid"),
        (post("/api/v1/office/units"), "{\"id\":\"x\",\"title\":{\"hi\":\"x\"}}", 422, "text.invalid"),
        (post("/api/v1/jobs/lock"), "{\"unit\":\"office\",\"worker\":\"w\",\"topics\":[],\"seconds\":1}", 422, "job.topics"),
        (asha.request(Method::GET, "/problems/none"), "", 404, "problem.unknown"),
    ];
    for (request, body, status, code) in cases {
        let told = format!("{request:?} {body}");
        let reply = asha.send(request, Bytes::from(body)).await;
        assert_eq!((reply.problem().as_str(), reply.status), (code, status), "{told}: {}", reply.text());
    }
    let reply = asha.send(asha.request(Method::DELETE, start), Bytes::new()).await;
    assert_eq!(reply.header("allow"), "GET,HEAD,POST");
    let reply = asha.post_text(start, "{\"unit\":\n  oops}", None).await;
    assert!(reply.text().contains("line 2, column 3"), "{}", reply.text());
    served.stop().await;
}

/// A body over the limit is refused as soon as it is announced; one that announces nothing, as soon as it passes the limit.
#[tokio::test]
async fn too_much_is_refused() {
    let served = at_work().await;
    let asha = served.client("asha");
    let much = format!("{{\"unit\":\"{}\"}}", "x".repeat(300 * 1024));
    for path in ["/api/v1/instances", "/api/v1/instances/office.00112233445566778899aabbccddeeff/resume"] {
        let reply = served.client("asha").post_text(path, &much, None).await;
        assert_eq!((reply.status, reply.problem().as_str()), (413, "body.too-large"));
    }
    let definition = format!("{{\"id\":\"{}\"}}", "x".repeat(300 * 1024));
    assert_eq!(asha.post_text("/api/v1/definitions", &definition, None).await.status, 422);
    let wide = (0..900).map(|at| format!("\"k{at}\":\"{}\"", "v".repeat(160))).collect::<Vec<_>>().join(",");
    let wide = format!("{{\"unit\":\"office\",\"process\":\"leave\",\"data\":{{{wide}}}}}");
    let reply = asha.post_text("/api/v1/instances", &wide, None).await;
    assert_eq!((reply.status, reply.problem().as_str()), (413, "values.too-large"));
    served.stop().await;
}

/// A browser that asks for a page is told on a page; the API answers programs only.
#[tokio::test]
async fn a_browser_is_told_on_a_page() {
    let served = at_work().await;
    let asha = served.client("asha");
    let page = asha.send(asha.request(Method::GET, "/nowhere").header("Accept", "text/html"), Bytes::new()).await;
    assert_eq!((page.status, page.header("content-type")), (404, "text/html; charset=utf-8"));
    assert!(page.text().contains("<nav") && page.text().contains("<h1"), "it stands in the frame of the pages");
    let data = asha.send(asha.request(Method::GET, "/api/v1/nowhere").header("Accept", "text/html"), Bytes::new()).await;
    assert_eq!(data.problem(), "request.no-route");
    let packed = asha.send(asha.request(Method::GET, "/openapi.json").header("Accept-Encoding", "gzip"), Bytes::new()).await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    served.stop().await;
}
