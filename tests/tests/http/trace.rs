//! Which trace a request belongs to: the answer says it, and so does every line that the program logs of the request.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use hyper::Method;
use hyper::body::Bytes;
use serde_json::Value;
use tests::program::binary;

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
