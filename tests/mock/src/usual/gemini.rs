//! Gemini's shape under `/v1beta`: whole, streamed as events or as one array, and the model list.

use std::io::Write as _;

use serde_json::json;

use super::{Asked, Out, quote, quote_joined};
use crate::mock::Settings;
use crate::wire::View;

/// Prompt tokens of every answer.
const PROMPT: usize = 11;

/// The model of `…/models/M:method`.
pub(super) fn model(path: &str) -> Option<&str> {
    let (_, rest) = path.split_once("/models/")?;
    rest.rsplit_once(':').map(|(model, _)| model)
}

pub(super) fn answer(settings: &Settings, view: &View<'_>, asked: &Asked<'_>, out: &mut Out) {
    if !settings.lets_in(asked) {
        return match asked.key {
            None => error(
                out,
                "403 Forbidden",
                403,
                "PERMISSION_DENIED",
                "An API key is needed.",
            ),
            Some(_) => error(
                out,
                "400 Bad Request",
                400,
                "INVALID_ARGUMENT",
                "API key not valid.",
            ),
        };
    }
    let method = view.path.rsplit_once(':').map_or("", |(_, method)| method);
    match (view.method, method) {
        ("GET", _) if view.path == "/v1beta/models" => list(settings, out),
        ("POST", "generateContent" | "streamGenerateContent") if asked.broken => {
            error(
                out,
                "400 Bad Request",
                400,
                "INVALID_ARGUMENT",
                "The body is no JSON.",
            );
        }
        ("POST", "generateContent" | "streamGenerateContent") if !settings.knows(asked) => {
            error(
                out,
                "404 Not Found",
                404,
                "NOT_FOUND",
                "The model is not found.",
            );
        }
        ("POST", "generateContent") => out.json("200 OK", |body| whole(settings, asked, body)),
        ("POST", "streamGenerateContent") => {
            stream(
                settings,
                asked,
                view.query.split('&').any(|pair| pair == "alt=sse"),
                out,
            );
        }
        _ => error(out, "404 Not Found", 404, "NOT_FOUND", "No such route."),
    }
}

fn whole(settings: &Settings, asked: &Asked<'_>, body: &mut Vec<u8>) {
    body.extend_from_slice(br#"{"candidates":[{"content":{"parts":[{"text":"#);
    quote_joined(body, &settings.words);
    body.extend_from_slice(br#"}],"role":"model"},"finishReason":"STOP","index":0}],"#);
    tail(asked, settings.words.len(), body);
}

/// Events with CRLF, as Google sends them, or without `alt=sse` one array in pieces.
fn stream(settings: &Settings, asked: &Asked<'_>, events: bool, out: &mut Out) {
    let (first, between, after) = if events {
        ("data: ", "data: ", "\r\n\r\n")
    } else {
        ("[", ",\r\n", "")
    };
    out.chunked(if events {
        "text/event-stream"
    } else {
        "application/json"
    });
    let last = settings.words.len().saturating_sub(1);
    for (n, word) in settings.words.iter().enumerate() {
        out.chunk(|body| {
            body.extend_from_slice(if n == 0 { first } else { between }.as_bytes());
            body.extend_from_slice(br#"{"candidates":[{"content":{"parts":[{"text":"#);
            quote(body, word);
            body.extend_from_slice(br#"}],"role":"model"},"#);
            if n == last {
                body.extend_from_slice(br#""finishReason":"STOP","#);
            }
            body.extend_from_slice(br#""index":0}],"#);
            tail(asked, n + 1, body);
            body.extend_from_slice(after.as_bytes());
        });
    }
    if !events {
        out.chunk(|body| body.extend_from_slice(b"]"));
    }
    out.end();
}

/// Usage and version, and the end of the object.
fn tail(asked: &Asked<'_>, tokens: usize, body: &mut Vec<u8>) {
    let total = PROMPT + tokens;
    let _ = write!(
        body,
        r#""usageMetadata":{{"promptTokenCount":{PROMPT},"candidatesTokenCount":{tokens},"totalTokenCount":{total}}},"modelVersion":"#
    );
    quote(body, asked.model.as_deref().unwrap_or_default());
    body.extend_from_slice(br#","responseId":"mock"}"#);
}

fn list(settings: &Settings, out: &mut Out) {
    let models: Vec<_> = settings
        .models
        .iter()
        .map(|id| {
            json!({
                "name": format!("models/{id}"),
                "displayName": id,
                "inputTokenLimit": 1_048_576,
                "outputTokenLimit": 65_536,
                "supportedGenerationMethods": ["generateContent", "countTokens"],
            })
        })
        .collect();
    let text = json!({ "models": models }).to_string();
    out.json("200 OK", |body| body.extend_from_slice(text.as_bytes()));
}

fn error(out: &mut Out, status: &str, code: u16, kind: &str, message: &str) {
    out.json(status, |body| {
        let _ = write!(
            body,
            r#"{{"error":{{"code":{code},"message":"{message}","status":"{kind}"}}}}"#
        );
    });
}
