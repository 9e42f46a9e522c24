//! How much is waiting: in the inbox, and for those who serve a unit.

use axum::http::StatusCode;

use super::{check, office};

#[tokio::test]
async fn how_much_is_waiting_is_shown_by_process() {
    let office = office().await;
    for key in ["k-1", "k-2", "k-3"] {
        office.start(key).await;
    }
    let task = office.task().await;
    office.post("wim", "en", &format!("/tasks/top.{task}/claim"), &[("key", "k-4")]).await;
    for language in ["en", "hi"] {
        for (who, path, says) in [
            ("wim", "/", &["href=\"/?unit=top&amp;process=t.sample\"", ">1</td>", ">2</td>", "href=\"/tasks?unit=top\""][..]),
            (
                "wim",
                "/?unit=top&process=t.sample",
                &["href=\"/?unit=top\"", &format!("/tasks/top.{task}"), "aria-current=\"true\""],
            ),
            ("pia", "/", &[]),
            ("wim", "/tasks", &["href=\"/tasks?unit=top&amp;process=t.sample#list\"", ">3</td>", ">0</td>", "Wim"]),
            ("olga", "/tasks?unit=top&process=t.sample", &["value=\"t.sample\" selected", &format!("/tasks/top.{task}")]),
            ("olga", "/tasks?unit=low", &["value=\"low\" selected", "class=\"none\""]),
        ] {
            let got = office.get(who, language, path).await;
            assert_eq!(got.status, StatusCode::OK, "{path}");
            check(path, language, &got.text);
            for says in says {
                assert!(got.text.contains(says), "{who} {path}: no {says} in {}", got.text);
            }
        }
        // Of another process there is none; and whoever serves no unit sees no unit's tasks.
        for path in ["/?unit=top&process=t.other", "/tasks?unit=top&process=%3Cscript%3E"] {
            let got = office.get("wim", language, path).await;
            check(path, language, &got.text);
            assert!(got.status == StatusCode::OK && !got.text.contains(&format!("/tasks/top.{task}")), "{}", got.text);
        }
        let got = office.get("pia", language, "/tasks?unit=top").await;
        assert_eq!(got.status, StatusCode::FORBIDDEN);
        assert!(!office.get("pia", language, "/").await.text.contains("href=\"/tasks?unit="));
    }
}
