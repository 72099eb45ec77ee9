//! Answers made of those of the golden cases: cut, garbled, rearranged, mixed up; and some made of nothing.

use bytes::Bytes;
use rand::RngExt;
use rand::rngs::StdRng;
use serde_json::{Value as Json, json};

use crate::conformance::Case;
use crate::conformance::stage::{Reply, Scene};

const STATUSES: &[u16] = &[
    200, 201, 204, 301, 400, 401, 402, 403, 404, 408, 409, 413, 418, 422, 424, 429, 429, 498, 500,
    502, 503, 504, 520, 529, 599,
];

const TYPES: &[&str] = &[
    "application/json",
    "text/event-stream",
    "text/event-stream; charset=utf-8",
    "application/x-ndjson",
    "text/html",
    "application/problem+json",
    "audio/mpeg",
    "",
    "\u{e9}",
];

/// What upstreams write where a wait is told, and what they should not.
const WAITS: &[&str] = &[
    "0",
    "1",
    "-1",
    "7.66s",
    "2m59.56s",
    "1e300",
    "99999999999999999999999",
    "NaN",
    "Thu, 01 Jan 2026 00:00:42 GMT",
    "2026-01-01T00:00:09Z",
    "1767225650",
    "1767225650000",
    "soon",
    "",
];

/// A case with other answers.
pub(super) fn scene(seeds: &[Case], random: &mut StdRng) -> Scene {
    let mut scene = any(seeds, random).scene.clone();
    if scene.replies.is_empty() {
        scene.replies = any(seeds, random).scene.replies.clone();
    }
    for reply in &mut scene.replies {
        // Another case's answer, now and then.
        if random.random_range(0..6) == 0
            && let Some(other) = any(seeds, random).scene.replies.first()
        {
            reply.pieces.clone_from(&other.pieces);
        }
        if random.random_range(0..4) == 0 {
            reply.status = *pick(STATUSES, random);
        }
        headers(reply, random);
        let body = body(reply.pieces.concat(), random);
        reply.pieces = cut(body, random);
        reply.broken = random.random_range(0..20) == 0;
    }
    scene
}

fn any<'a>(seeds: &'a [Case], random: &mut StdRng) -> &'a Case {
    pick(seeds, random)
}

fn pick<'a, T>(list: &'a [T], random: &mut StdRng) -> &'a T {
    &list[random.random_range(0..list.len())]
}

fn headers(reply: &mut Reply, random: &mut StdRng) {
    if random.random_range(0..6) == 0 {
        reply.headers.retain(|(name, _)| name != "content-type");
        let kind = pick(TYPES, random);
        reply.headers.push(("content-type".into(), (*kind).into()));
    }
    for (_, value) in &mut reply.headers {
        if random.random_range(0..8) == 0 && !value.contains('/') {
            *value = (*pick(WAITS, random)).to_owned();
        }
    }
    if random.random_range(0..8) == 0 {
        let wait = pick(WAITS, random);
        reply.headers.push(("retry-after".into(), (*wait).into()));
    }
}

fn body(body: Vec<u8>, random: &mut StdRng) -> Vec<u8> {
    match random.random_range(0..10) {
        0 => {
            let end = random.random_range(0..=body.len());
            body[..end].to_vec()
        }
        1 => garble(body, random),
        2 => (0..random.random_range(0..300))
            .map(|_| random.random_range(0..=255))
            .collect(),
        3 => value(random, 0).to_string().into_bytes(),
        4 => body
            .iter()
            .flat_map(|byte| match byte {
                b'\n' => vec![b'\r', b'\n'],
                byte => vec![*byte],
            })
            .collect(),
        // Mostly JSON that is sound and says something else.
        _ => rearranged(&body, random),
    }
}

fn garble(mut body: Vec<u8>, random: &mut StdRng) -> Vec<u8> {
    for _ in 0..random.random_range(1..6) {
        if body.is_empty() {
            return body;
        }
        let at = random.random_range(0..body.len());
        match random.random_range(0..3) {
            0 => body[at] = random.random_range(0..=255),
            1 => drop(body.remove(at)),
            _ => body.insert(at, *pick(b"\"{}[]:,\\\n\r\x00\xff d0", random)),
        }
    }
    body
}

/// Changes the JSON of a whole answer, or of some events of a stream.
fn rearranged(body: &[u8], random: &mut StdRng) -> Vec<u8> {
    if let Ok(mut json) = serde_json::from_slice::<Json>(body) {
        for _ in 0..random.random_range(1..4) {
            change(&mut json, random);
        }
        return json.to_string().into_bytes();
    }
    let text = String::from_utf8_lossy(body);
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    for line in &mut lines {
        if random.random_range(0..3) == 0
            && let Some(data) = line.trim_end().strip_prefix("data: ")
            && let Ok(mut json) = serde_json::from_str::<Json>(data)
        {
            change(&mut json, random);
            *line = format!("data: {json}");
        }
    }
    match random.random_range(0..6) {
        0 => {
            let at = random.random_range(0..lines.len());
            lines.remove(at);
        }
        1 => {
            let (one, other) = (
                random.random_range(0..lines.len()),
                random.random_range(0..lines.len()),
            );
            lines.swap(one, other);
        }
        2 => lines.push("data: [DONE]\n\n".to_owned()),
        _ => {}
    }
    lines.join("\n").into_bytes()
}

/// Walks to a random place and puts something else there, or takes it away.
fn change(json: &mut Json, random: &mut StdRng) {
    let deeper = random.random_range(0..5) > 0;
    match json {
        Json::Object(members) if deeper && !members.is_empty() => {
            let at = random.random_range(0..members.len());
            let name = members.keys().nth(at).cloned().unwrap_or_default();
            match random.random_range(0..8) {
                0 => drop(members.remove(&name)),
                1 => {
                    let value = members.remove(&name).unwrap_or_default();
                    members.insert("other".to_owned(), value);
                }
                _ => members
                    .values_mut()
                    .nth(at)
                    .into_iter()
                    .for_each(|value| change(value, random)),
            }
        }
        Json::Array(list) if deeper && !list.is_empty() => {
            let at = random.random_range(0..list.len());
            match random.random_range(0..8) {
                0 => drop(list.remove(at)),
                1 => list.push(list[at].clone()),
                _ => change(&mut list[at], random),
            }
        }
        other => *other = value(random, 0),
    }
}

/// Any JSON, often of the kind that parsers forget.
fn value(random: &mut StdRng, depth: usize) -> Json {
    match random.random_range(0..if depth < 3 { 12 } else { 9 }) {
        0 => Json::Null,
        1 => json!(true),
        2 => json!(random.random_range(-5..5_000_000_000_i64)),
        3 => json!(u64::MAX),
        4 => json!(1e300),
        5 => json!(""),
        6 => json!("<think>hm</think> \u{1f642}\u{0}\n\"{\\"),
        7 => json!("x".repeat(random.random_range(0..3_000))),
        8 => json!((*pick(WAITS, random)).to_owned()),
        9 => Json::Array(
            (0..random.random_range(0..4))
                .map(|_| value(random, depth + 1))
                .collect(),
        ),
        10 => {
            const NAMES: &[&str] = &[
                "error",
                "choices",
                "message",
                "delta",
                "content",
                "parts",
                "text",
                "tool_calls",
                "function",
                "functionCall",
                "args",
                "usage",
                "finish_reason",
                "data",
                "id",
            ];
            let members = (0..random.random_range(0..4))
                .map(|_| ((*pick(NAMES, random)).to_owned(), value(random, depth + 1)));
            Json::Object(members.collect())
        }
        // Deep, but not deeper than a sound document may be.
        _ => (0..random.random_range(1..100)).fold(Json::Null, |inner, _| json!([inner])),
    }
}

fn cut(body: Vec<u8>, random: &mut StdRng) -> Vec<Bytes> {
    let mut rest = Bytes::from(body);
    let mut pieces = Vec::new();
    while !rest.is_empty() && pieces.len() < 20 && random.random_range(0..3) > 0 {
        let at = random.random_range(0..=rest.len().min(400));
        pieces.push(rest.split_to(at));
    }
    pieces.push(rest);
    pieces
}
