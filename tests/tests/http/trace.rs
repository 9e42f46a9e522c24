//! Which trace a request belongs to: the answer says it, and so does every line that the program logs of the request.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use hyper::Method;
use hyper::body::Bytes;
use serde_json::Value;
use tests::client::Client;
use tests::program::{Program, binary};

use super::at_work;

const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

#[tokio::test]
async fn an_answer_says_to_which_trace_it_belongs() {
    let served = at_work().await;
    let asha = served.client("asha");
    let ask = async |given: &[&str]| {
        let request =
            given.iter().fold(asha.request(Method::GET, "/api/v1/me"), |request, given| request.header("traceparent", *given));
        let answer = asha.send(request, Bytes::new()).await;
        let said = answer.header("traceresponse").to_owned();
        answer.ok(200);
        let parts: Vec<&str> = said.split('-').collect();
        assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [2, 32, 16, 2], "{said}");
        (parts[1].to_owned(), parts[2].to_owned(), parts[3].to_owned())
    };
    let parent = format!("00-{ID}-00f067aa0ba902b7-01");
    let (trace, span, flags) = ask(&[&parent]).await;
    assert_eq!((trace.as_str(), flags.as_str()), (ID, "01"));
    assert_ne!(span, "00f067aa0ba902b7", "the request is a part of its own");
    assert_ne!(ask(&[&parent]).await.1, span);
    // What is none begins a new one, and so do two.
    let mut new = Vec::new();
    for given in [&[][..], &["nonsense"], &[&parent[1..]], &[&parent, &parent], &[&parent.replace(ID, &"0".repeat(32))]] {
        let (trace, _, flags) = ask(given).await;
        assert!(trace != ID && flags == "00", "{given:?}: {trace} {flags}");
        new.push(trace);
    }
    new.sort();
    new.dedup();
    assert_eq!(new.len(), 5);
    served.stop().await;
}

/// The program asked by its own client, which takes the trace from the environment.
#[test]
fn the_lines_of_a_request_name_its_trace() {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    let mut server = Command::new(binary())
        .args(["serve", "--demo", "--log-json", "--listen", "127.0.0.1:0", "--database"])
        .arg(dir.path().join("office.db"))
        .envs([("SEVOTTAM_LOG", "info"), ("SEVOTTAM_RESERVE", "8")])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines().map_while(Result::ok);
    let address = lines.find_map(|line| Some(format!("http://{}", line.split_once("http://")?.1.split('/').next()?))).unwrap();
    let asked = |trace: &str| {
        let mut client = Command::new(binary());
        let client = client.args(["tasks", "--unit", "demo-commissionerate", "--server", &address, "--actor", "u-yadav"]);
        let output = client.env("TRACEPARENT", trace).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    asked(&format!("00-{ID}-00f067aa0ba902b7-01"));
    asked("nonsense");
    server.kill().unwrap();
    server.wait().unwrap();
    let told = std::fs::read_to_string(&log).unwrap();
    let told: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let requests: Vec<&Value> = told.iter().filter(|line| line["fields"]["message"] == "request").collect();
    assert_eq!(requests.len(), 2, "{told:#?}");
    let traces = requests.iter().map(|line| line["span"]["trace_id"].as_str().unwrap());
    let traces: Vec<&str> = traces.collect();
    assert!(traces[0] == ID && traces[1] != ID && traces[1].len() == 32, "{traces:?}");
    assert!(requests.iter().all(|line| line["span"]["span_id"].as_str().is_some_and(|span| span.len() == 16)));
}

/// A collector that takes what it is told, one connection after the other.
fn collector() -> (String, std::sync::mpsc::Receiver<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/otlp", listener.local_addr().unwrap());
    let (told, heard) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut reader = BufReader::new(stream);
            loop {
                let head: Vec<String> =
                    reader.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
                let length =
                    head.iter().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse::<u64>().ok());
                let (Some(first), Some(length)) = (head.first(), length) else { break };
                let mut body = Vec::new();
                reader.by_ref().take(length).read_to_end(&mut body).unwrap();
                let key = head.iter().any(|line| line.eq_ignore_ascii_case("x-key: secret"));
                told.send((format!("{first} {key}"), serde_json::from_slice(&body).unwrap())).unwrap();
                reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").unwrap();
            }
        }
    });
    (address, heard)
}

/// The program asked over HTTP, and the collector that it tells of it.
#[tokio::test]
async fn a_collector_is_told_of_requests_and_of_what_they_waited_for() {
    let (address, heard) = collector();
    let dir = tempfile::tempdir().unwrap();
    let database = dir.path().join("office.db");
    let program = Program::serve(&database, &["--demo", "--traces", &address, "--traces-header", "x-key=secret"]);
    let client = Client::new(program.address.trim_start_matches("http://").parse().unwrap(), "u-yadav");
    let body = r#"{ "unit": "demo-commissionerate", "process": "svc.refund", "data": {} }"#;
    for flags in ["01", "00"] {
        let request = client.request(Method::POST, "/api/v1/instances").header("content-type", "application/json");
        let request = request.header("traceparent", format!("00-{ID}-00f067aa0ba902b7-{flags}"));
        let answer = client.send(request, Bytes::from_static(body.as_bytes())).await;
        assert_eq!((answer.status, answer.problem()), (422, "form.invalid".to_owned()));
    }
    let (status, _) = program.terminate().expect("it stops");
    assert!(status.success());
    let told: Vec<(String, Value)> = heard.try_iter().collect();
    assert!(told.iter().all(|(head, _)| head == "POST /otlp/v1/traces HTTP/1.1 true"), "{told:?}");
    let spans = told.iter().flat_map(|(_, body)| body["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap());
    let spans: Vec<&Value> = spans.filter(|span| span["traceId"] == ID).collect();
    let [request, rest @ ..] = &spans[..] else { panic!("{told:?}") };
    assert_eq!(request["name"], "POST /api/v1/instances");
    assert_eq!(request["parentSpanId"], "00f067aa0ba902b7");
    let says =
        |key: &str| request["attributes"].as_array().unwrap().iter().find(|one| one["key"] == key).unwrap()["value"].clone();
    assert_eq!(says("http.response.status_code")["intValue"], "422");
    assert_eq!(says("error.type")["stringValue"], "form.invalid");
    let parts: Vec<_> = rest.iter().map(|part| (part["name"].as_str().unwrap(), &part["parentSpanId"])).collect();
    assert_eq!(parts, [("catch up", &request["spanId"]), ("command", &request["spanId"])], "the other request is not recorded");
    assert!(!told.iter().any(|(_, body)| body.to_string().contains("u-yadav")), "nobody is named");
}
