//! The events of a stream, as bytes. Texts are written as they were escaped.

use crate::json::{Text, Value};

/// What a block holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// What the model thought.
    Thinking,
    /// What it says.
    Text,
    /// Its call of a tool.
    Tool,
}

/// Stands where Anthropic puts the proof that a thought is its own model's. Clients send thoughts without any back to
/// nobody, and models that think between two calls want them back.
pub(super) const SIGNATURE: &str = "ZnJlZWxsbWFwaQ==";

/// The id of a message, out of that of the canonical answer.
pub(super) fn message_id(canonical: Option<&str>) -> String {
    let id = canonical.unwrap_or_default();
    let letters: String = id
        .strip_prefix("chatcmpl-")
        .unwrap_or(id)
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(64)
        .collect();
    format!("msg_{letters}")
}

/// One event of this name.
pub(super) fn event(name: &str, data: &Value<'_>, out: &mut Vec<u8>) {
    head(name, out);
    data.write(out);
    out.extend_from_slice(b"\n\n");
}

/// Keeps the connection open.
pub(super) fn ping(out: &mut Vec<u8>) {
    out.extend_from_slice(b"event: ping\ndata: {\"type\":\"ping\"}\n\n");
}

/// A piece of a block.
pub(super) fn delta(index: u64, kind: Kind, piece: &Text<'_>, out: &mut Vec<u8>) {
    let (name, member) = match kind {
        Kind::Thinking => ("thinking_delta", "thinking"),
        Kind::Text => ("text_delta", "text"),
        Kind::Tool => ("input_json_delta", "partial_json"),
    };
    piece_of(index, name, member, piece.raw(), out);
}

/// The end of a thought.
pub(super) fn signature(index: u64, out: &mut Vec<u8>) {
    piece_of(index, "signature_delta", "signature", SIGNATURE, out);
}

/// The end of a block.
pub(super) fn stop(index: u64, out: &mut Vec<u8>) {
    head("content_block_stop", out);
    out.extend_from_slice(b"{\"type\":\"content_block_stop\",\"index\":");
    out.extend_from_slice(index.to_string().as_bytes());
    out.extend_from_slice(b"}\n\n");
}

/// By hand, since it is what nearly all of a stream is.
fn piece_of(index: u64, name: &str, member: &str, raw: &str, out: &mut Vec<u8>) {
    head("content_block_delta", out);
    out.reserve(raw.len() + 128);
    out.extend_from_slice(b"{\"type\":\"content_block_delta\",\"index\":");
    out.extend_from_slice(index.to_string().as_bytes());
    for part in [
        ",\"delta\":{\"type\":\"",
        name,
        "\",\"",
        member,
        "\":\"",
        raw,
        "\"}}\n\n",
    ] {
        out.extend_from_slice(part.as_bytes());
    }
}

fn head(name: &str, out: &mut Vec<u8>) {
    for part in ["event: ", name, "\ndata: "] {
        out.extend_from_slice(part.as_bytes());
    }
}
