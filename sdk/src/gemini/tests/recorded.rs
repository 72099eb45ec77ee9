//! Replies that Google and Vertex once gave, from the folder that `RECORDINGS_DIR` names; skipped without it.

use std::path::Path;

use serde_json::Value as Json;

use super::schemas::strict;
use super::streams::hear;
use super::{call, decoded, gemini, head, input, json_of};
use crate::gemini::classify;
use crate::{End, Verdict};

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

/// What came in text parts, of thoughts or of the answer.
fn said(json: &Json, thought: bool) -> String {
    let mut lists = Vec::new();
    all(json, "parts", &mut lists);
    lists
        .into_iter()
        .filter_map(Json::as_array)
        .flatten()
        .filter(|part| (part["thought"] == true) == thought)
        .filter_map(|part| part["text"].as_str())
        .collect()
}

/// Named calls, which are as many as there are calls.
fn called(json: &Json) -> Vec<String> {
    let mut calls = Vec::new();
    all(json, "functionCall", &mut calls);
    let names = calls.iter().filter_map(|call| call["name"].as_str());
    names.map(str::to_owned).collect()
}

fn output(json: &Json) -> Option<u64> {
    let mut counts = Vec::new();
    all(json, "usageMetadata", &mut counts);
    let last = counts.last()?;
    Some(last["candidatesTokenCount"].as_u64()? + last["thoughtsTokenCount"].as_u64().unwrap_or(0))
}

#[test]
fn whole_replies_keep_all_that_was_said() {
    for (name, exchange) in recordings() {
        if exchange["streaming"] == true || exchange["response"]["status"] != 200 {
            continue;
        }
        let came: Json = serde_json::from_str(body(&exchange)).expect("JSON");
        let (answer, reply) = decoded(&call("m"), body(&exchange))
            .unwrap_or_else(|failure| panic!("{name}: {failure:?}"));
        let message = &answer["choices"][0]["message"];
        assert_eq!(
            message["content"].as_str().unwrap_or_default(),
            said(&came, false),
            "{name}"
        );
        assert_eq!(
            message["reasoning_content"].as_str().unwrap_or_default(),
            said(&came, true),
            "{name}"
        );
        let calls = message["tool_calls"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let names: Vec<_> = calls
            .iter()
            .filter_map(|it| it["function"]["name"].as_str())
            .collect();
        assert_eq!(names, called(&came), "{name}");
        for call in &calls {
            let arguments = call["function"]["arguments"].as_str().expect("text");
            assert!(
                serde_json::from_str::<Json>(arguments).is_ok_and(|it| it.is_object()),
                "{name}: {arguments}"
            );
        }
        let finish = if calls.is_empty() {
            "stop"
        } else {
            "tool_calls"
        };
        assert_eq!(answer["choices"][0]["finish_reason"], finish, "{name}");
        assert_eq!(
            reply.usage.and_then(|usage| usage.output),
            output(&came),
            "{name}"
        );
    }
}

#[test]
fn streams_keep_all_that_was_said_however_they_are_cut() {
    for (name, exchange) in recordings() {
        if exchange["streaming"] != true {
            continue;
        }
        let events = events(body(&exchange));
        let came = Json::Array(
            events
                .iter()
                .map(|event| serde_json::from_str(event).expect("JSON"))
                .collect(),
        );
        let heard = hear(&events, 1);
        for batch in [2, 3, events.len()] {
            assert_eq!(hear(&events, batch), heard, "{name}, {batch} at once");
        }
        assert_eq!(heard.end, Some(End::Complete), "{name}");
        assert_eq!(heard.text("content"), said(&came, false), "{name}");
        assert_eq!(heard.text("reasoning_content"), said(&came, true), "{name}");
        let calls = heard.calls();
        let names: Vec<_> = calls
            .iter()
            .filter_map(|it| it["function"]["name"].as_str())
            .collect();
        assert_eq!(names, called(&came), "{name}");
        for (place, call) in calls.iter().enumerate() {
            assert_eq!(call["index"], place, "{name}");
            let arguments = call["function"]["arguments"].as_str().expect("text");
            assert!(
                serde_json::from_str::<Json>(arguments).is_ok_and(|it| it.is_object()),
                "{name}: {arguments}"
            );
        }
        let finish = if calls.is_empty() {
            "stop"
        } else {
            "tool_calls"
        };
        assert_eq!(heard.finish(), [finish], "{name}");
        let mut signed = Vec::new();
        all(&came, "functionCall", &mut signed);
        assert!(heard.notes.len() <= signed.len(), "{name}");
        assert_eq!(
            heard.usage.as_ref().and_then(|usage| usage.output),
            output(&came),
            "{name}"
        );
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
