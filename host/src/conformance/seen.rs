//! What was seen on a stage, in the words and by the file names of a case's expectations.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json, json};

use super::stage::{Acted, End, secret};
use crate::chat::Usage;
use crate::gateway::failure::Failure;
use crate::plugins::contract;
use crate::plugins::manifest::Manifest;
use crate::upstream::client::Played;

/// The answer of a key check that found the key good.
const GOOD: &str = "the key is good";

/// All of it, by file name. Only what there was has a file.
#[must_use]
pub fn files(acted: &Acted, manifest: &Manifest) -> BTreeMap<String, Json> {
    let mut seen = BTreeMap::new();
    let mut put = |name: &str, value: Json| drop(seen.insert(name.to_owned(), value));
    for (n, sent) in acted.requests.iter().enumerate() {
        let name = match n {
            0 => "expect-request.json".to_owned(),
            n => format!("expect-request-{}.json", n + 1),
        };
        put(&name, request(sent, manifest));
    }
    match &acted.end {
        End::Whole(body) => put("expect-answer.json", json_of(body)),
        End::Bytes(media_type, body) => put(
            "expect-answer.json",
            json!({ "media_type": media_type, "body": json_of(body) }),
        ),
        End::GoodKey => put("expect-answer.json", Json::from(GOOD)),
        End::Models(models) => {
            let models = models.iter().map(model).collect();
            put("expect-answer.json", Json::Array(models));
        }
        End::Failed(told) => put("expect-failure.toml", failure(told)),
        End::Stream {
            chunks,
            usage,
            broken,
        } => {
            let chunks: Vec<Json> = chunks.iter().map(|chunk| json_of(chunk)).collect();
            let events = json!({ "chunks": chunks, "usage": counts(usage) });
            put("expect-events.json", events);
            if let Some(told) = broken {
                put("expect-failure.toml", failure(told));
            }
        }
    }
    let findings = findings(acted);
    if !findings.is_empty() {
        put("expect-findings.json", Json::Object(findings));
    }
    seen
}

/// A request, with the names of credentials in the place of their values.
fn request(sent: &Played, manifest: &Manifest) -> Json {
    let blank = |text: &str| {
        let mut text = text.to_owned();
        for credential in &manifest.credentials {
            let name = &credential.name;
            text = text.replace(&secret(name), &format!("{{{name}}}"));
        }
        text
    };
    let url = &sent.url;
    let host = url.host_str().unwrap_or_default();
    let host = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    let mut headers = Map::new();
    for (name, value) in &sent.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        // What the server says of itself where the plugin says nothing.
        if !(name == http::header::ACCEPT && value == "*/*") {
            add(&mut headers, name.as_str(), blank(&value));
        }
    }
    let mut query = Map::new();
    for (name, value) in url.query_pairs() {
        add(&mut query, &name, blank(&value));
    }
    let mut out = json!({
        "method": sent.method.as_str(),
        "host": host,
        "path": url.path(),
        "headers": headers.clone(),
    });
    if !query.is_empty() {
        out["query"] = Json::Object(query);
    }
    if !sent.body.is_empty() {
        out["body"] = body_of(sent, &headers);
        if out["body"]["form"].is_string() {
            out["headers"]["content-type"] = Json::from("multipart/form-data");
        }
    }
    out
}

/// A form without its boundary, which is another each time; anything else as [`json_of`] shows it.
fn body_of(sent: &Played, headers: &Map<String, Json>) -> Json {
    let kind = headers.get("content-type").and_then(Json::as_str);
    let boundary = kind
        .filter(|kind| kind.starts_with("multipart/"))
        .and_then(|kind| kind.split_once("boundary="))
        .map(|(_, boundary)| boundary.trim_matches('"'));
    match boundary {
        Some(boundary) => {
            let text = String::from_utf8_lossy(&sent.body);
            json!({ "form": text.replace(boundary, "BOUNDARY") })
        }
        None => json_of(&sent.body),
    }
}

/// A name may come more than once.
fn add(map: &mut Map<String, Json>, name: &str, value: String) {
    match map.get_mut(name) {
        None => drop(map.insert(name.to_owned(), Json::from(value))),
        Some(Json::Array(list)) => list.push(Json::from(value)),
        Some(before) => *before = json!([before.take(), value]),
    }
}

/// JSON as it is, text as a string, anything else in base64.
fn json_of(bytes: &[u8]) -> Json {
    serde_json::from_slice(bytes).unwrap_or_else(|_| match std::str::from_utf8(bytes) {
        Ok(text) => Json::from(text),
        Err(_) => json!({ "base64": STANDARD.encode(bytes) }),
    })
}

/// Without what was not told.
fn counts(usage: &Usage) -> Json {
    sparse([
        ("input", usage.input.map(Json::from)),
        ("output", usage.output.map(Json::from)),
        ("cached", usage.cached.map(Json::from)),
        ("reasoning", usage.reasoning.map(Json::from)),
    ])
}

fn failure(told: &Failure) -> Json {
    let list = |quotas: &[contract::Quota]| quotas.iter().map(quota).collect::<Vec<_>>();
    sparse([
        ("kind", Some(Json::from(told.kind.as_str()))),
        ("message", Some(Json::from(told.message.as_str()))),
        ("status", told.status.map(Json::from)),
        ("retry_after_ms", told.retry_after_ms.map(Json::from)),
        ("scope", text(&told.scope)),
        (
            "quotas",
            (!told.quotas.is_empty()).then(|| Json::Array(list(&told.quotas))),
        ),
    ])
}

fn quota(told: &contract::Quota) -> Json {
    sparse([
        ("unit", text(&told.unit)),
        ("window_s", Some(Json::from(told.window_s))),
        ("scope", text(&told.scope)),
        ("anchor", text(&told.anchor)),
        ("limit", told.limit.map(Json::from)),
        ("remaining", told.remaining.map(Json::from)),
        ("reset_ms", told.reset_ms.map(Json::from)),
    ])
}

fn model(listed: &contract::Model) -> Json {
    let words = |list: &[String]| (!list.is_empty()).then(|| json!(list));
    sparse([
        ("id", text(&listed.id)),
        ("label", text(&listed.label)),
        ("family", text(&listed.family)),
        ("operations", words(&listed.operations)),
        ("context", listed.context.map(Json::from)),
        ("max_output", listed.max_output.map(Json::from)),
        ("traits", words(&listed.traits)),
        ("rank", listed.rank.map(Json::from)),
        ("note", text(&listed.note)),
    ])
}

fn findings(acted: &Acted) -> Map<String, Json> {
    let mut out = Map::new();
    let quotas: Vec<Json> = acted.findings.quotas.iter().map(quota).collect();
    if !quotas.is_empty() {
        out.insert("quotas".to_owned(), Json::Array(quotas));
    }
    let learned = acted.findings.learned.iter();
    let learned: Map<_, _> = learned
        .map(|pair| (pair.name.clone(), Json::from(pair.value.as_str())))
        .collect();
    if !learned.is_empty() {
        out.insert("learned".to_owned(), Json::Object(learned));
    }
    let notes: Map<_, _> = acted
        .notes
        .iter()
        .map(|note| (note.id.clone(), json_of(&note.data)))
        .collect();
    if !notes.is_empty() {
        out.insert("notes".to_owned(), Json::Object(notes));
    }
    out
}

fn text(text: &str) -> Option<Json> {
    (!text.is_empty()).then(|| Json::from(text))
}

fn sparse<const N: usize>(members: [(&str, Option<Json>); N]) -> Json {
    let members = members
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Json::Object(members.collect())
}
