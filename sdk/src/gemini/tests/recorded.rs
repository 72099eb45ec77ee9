//! Replies that Google and Vertex once gave, from the folder that `RECORDINGS_DIR` names; skipped without it. The
//! server's own tests replay all of them through the components; here is only what a client does not see.

use std::path::Path;

use serde_json::Value as Json;

use super::schemas::strict;
use super::streams::hear;
use super::{call, gemini, head, input, json_of};
use crate::Verdict;
use crate::gemini::classify;

/// All exchanges of this dialect, by file name.
fn recordings() -> Vec<(String, Json)> {
    let Some(folder) = std::env::var_os("RECORDINGS_DIR") else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for provider in ["google", "vertex"] {
        let files =
            std::fs::read_dir(Path::new(&folder).join(provider)).expect("the folder of a provider");
        for file in files {
            let path = file.expect("a file").path();
            let text = std::fs::read_to_string(&path).expect("a recording");
            let exchange: Json = serde_json::from_str(&text).expect("JSON");
            if exchange["api"] == "generate-content" {
                found.push((
                    format!(
                        "{provider}/{}",
                        path.file_stem().unwrap_or_default().display()
                    ),
                    exchange,
                ));
            }
        }
    }
    assert!(
        !found.is_empty(),
        "RECORDINGS_DIR holds no exchange of this dialect"
    );
    found
}

fn body(exchange: &Json) -> &str {
    exchange["response"]["body"].as_str().expect("a body")
}

/// The data of each event.
fn events(body: &str) -> Vec<&str> {
    body.lines()
        .filter_map(|line| line.trim_end().strip_prefix("data: "))
        .collect()
}

/// Every value under this name, at any depth.
fn all<'a>(json: &'a Json, name: &str, out: &mut Vec<&'a Json>) {
    match json {
        Json::Object(members) => {
            out.extend(members.get(name));
            members.values().for_each(|value| all(value, name, out));
        }
        Json::Array(list) => list.iter().for_each(|value| all(value, name, out)),
        _ => {}
    }
}

#[test]
fn pieces_of_arguments_make_the_arguments() {
    for (name, exchange) in recordings() {
        let wanted = match name.as_str() {
            "google/generate-content-stream-odd-streamed-tool-args-1" => r#"{"location":"Boston"}"#,
            "google/generate-content-stream-odd-missing-terminal-function-call-1" => {
                r#"{"operations":[{"action":"add","description":"Fresh red apple","itemid":"apple_001","price":0.5},{"action":"add","description":"Ripe yellow banana","itemid":"banana_001","price":0.3}]}"#
            }
            _ => continue,
        };
        let heard = hear(&events(body(&exchange)), 1);
        assert_eq!(heard.calls()[0]["function"]["arguments"], wanted, "{name}");
        assert_eq!(heard.notes.len(), 1, "{name}");
    }
}

#[test]
fn refusals_are_told_apart() {
    for (name, exchange) in recordings() {
        let status = exchange["response"]["status"]
            .as_u64()
            .and_then(|it| u16::try_from(it).ok())
            .expect("a status");
        if status < 400 {
            continue;
        }
        let Verdict::Failed(failure) =
            classify(&call("m"), &head(status), body(&exchange).as_bytes())
        else {
            panic!("{name} asks again");
        };
        match status {
            429 => {
                assert_eq!(failure.kind, "rate-limited", "{name}");
                assert_eq!(failure.retry_after_ms, Some(48_000), "{name}");
                let quota = &failure.quotas[0];
                assert_eq!(
                    (&*quota.unit, quota.limit),
                    ("input-tokens", Some(1_000_000)),
                    "{name}"
                );
            }
            // A picture that Google could not fetch, another provider may.
            _ => assert_eq!(failure.kind, "unsupported", "{name}"),
        }
    }
}

/// Chat requests that clients once sent to other providers.
#[test]
fn what_clients_sent_elsewhere_has_words_here() {
    let Some(folder) = std::env::var_os("RECORDINGS_DIR") else {
        return;
    };
    let mut tried = 0;
    for provider in std::fs::read_dir(folder).expect("the folder") {
        let provider = provider.expect("an entry").path();
        for file in std::fs::read_dir(&provider).into_iter().flatten() {
            let path = file.expect("a file").path();
            let text = std::fs::read_to_string(&path).expect("a recording");
            let exchange: Json = serde_json::from_str(&text).unwrap_or_default();
            let body = &exchange["request"]["body"];
            if exchange["api"] != "chat" || !body["messages"].is_array() {
                continue;
            }
            tried += 1;
            match gemini().encode(&call("gemini-3-flash"), &input(body, &[])) {
                Ok(plan) => {
                    let sent = json_of(&plan);
                    assert!(
                        sent["contents"].as_array().is_some_and(|it| !it.is_empty()),
                        "{path:?}"
                    );
                    for list in [&sent["tools"], &sent["generationConfig"]["responseSchema"]] {
                        check_schemas(list, &path.display().to_string());
                    }
                }
                Err(failure) => assert_eq!(failure.kind, "unsupported", "{path:?}: {failure:?}"),
            }
        }
    }
    assert!(tried > 0, "RECORDINGS_DIR holds no chat request");
}

fn check_schemas(json: &Json, name: &str) {
    let mut found = Vec::new();
    all(json, "parameters", &mut found);
    for schema in found {
        assert_eq!(strict(schema), Ok(()), "{name}: {schema}");
    }
}
