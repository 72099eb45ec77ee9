//! Names places, sizes and indices that are not there. Each model is one lie; those named `reply-…` come in
//! the answer, the others in the plan.

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::plan::text;
use freellmapi_sdk::{
    Adapter, Assignment, Call, Clamping, Content, Cutting, Decoder, Delta, Edit, Event, Failure,
    Head, IdMapping, Input, Manifest, NamedEdit, Outcome, Part, PartData, Piece, Quota, Reply,
    Request, Usage, export,
};

const TRICKS: &[&str] = &[
    "cut-list",
    "map-ids",
    "clamp",
    "broken-json",
    "no-pointer",
    "unknown-edit",
    "deep",
    "many-edits",
    "file",
    "form-file",
    "no-json",
    "framing",
    "headers",
    "memo",
    "reply-keep",
    "reply-no-json",
    "reply-usage",
    "reply-retry",
];

/// See the module.
pub struct LyingSizes;

/// Lies about the first event.
struct Lying(String);

impl Adapter for LyingSizes {
    fn manifest() -> Manifest {
        hostile_plugins::with_tricks("lying-sizes", TRICKS).translates(&["chat"])
    }

    fn dialect(_: &Call) -> Dialect {
        hostile_plugins::dialect()
    }

    fn encode(call: &Call, _: &Input) -> Result<Request, Failure> {
        let mut request = hostile_plugins::plan(call)?;
        let trick = hostile_plugins::trick(call);
        match trick {
            "fair" => return Ok(request),
            "file" => request.content = Content::File(u32::MAX),
            "form-file" => request.content = Content::Form(vec![part(PartData::File(7))]),
            "no-json" => request.content = Content::Json(b"{\"model\":".to_vec()),
            "framing" => request.framing = "morse".to_owned(),
            "headers" => request
                .headers
                .extend((0..100_000).map(|_| text("x-note", "more"))),
            "memo" => request.memo = "m".repeat(1 << 20),
            _ => request.content = Content::Edits(edits(trick)),
        }
        Ok(request)
    }

    fn decode(call: &Call, _: &Head, body: &[u8]) -> Result<Outcome, Failure> {
        match call.model.as_str() {
            "reply-no-json" => Ok(Outcome::Done(Reply::json(b"{\"choices\":[".to_vec(), None))),
            "reply-usage" => Ok(Outcome::Done(Reply::json(body.to_vec(), Some(usage())))),
            "reply-retry" => Err(failure()),
            _ => Ok(Outcome::Done(Reply::keep())),
        }
    }

    fn decoder(call: &Call, _: &Head) -> Box<dyn Decoder> {
        Box::new(Lying(call.model.clone()))
    }
}

impl Decoder for Lying {
    fn push(&mut self, events: &[Event]) -> Delta {
        let mut delta = Delta {
            pieces: (0..events.len())
                .map(|index| Piece::Keep(index as u32))
                .collect(),
            ..Delta::default()
        };
        match self.0.as_str() {
            "reply-keep" => delta.pieces.push(Piece::Keep(99_999)),
            "reply-no-json" => delta.pieces.push(Piece::Chunk(b"{\"choices\":[".to_vec())),
            "reply-usage" => delta.usage = Some(usage()),
            "reply-retry" => return Delta::failed(failure()),
            _ => {}
        }
        delta
    }
}

fn edits(trick: &str) -> Vec<Edit> {
    let edit = match trick {
        "cut-list" => Edit::CutList(Cutting {
            at: "/messages".to_owned(),
            most: u32::MAX,
        }),
        "map-ids" => Edit::MapIds(IdMapping {
            at: vec!["/messages/*/tool_call_id".to_owned()],
            length: u32::MAX,
        }),
        "clamp" => Edit::Clamp(Clamping {
            at: "/temperature".to_owned(),
            low: Some(f64::NAN),
            high: Some(f64::NEG_INFINITY),
        }),
        "broken-json" => set("/metadata", b"{\"a\":1"),
        "no-pointer" => set("metadata~7", b"1"),
        "unknown-edit" => Edit::Named(NamedEdit {
            name: "exec".to_owned(),
            value: b"1".to_vec(),
        }),
        "deep" => set(
            "/metadata",
            &[b"[".repeat(100_000), b"]".repeat(100_000)].concat(),
        ),
        "many-edits" => return (0..100_000).map(|_| set("/messages/-", b"{}")).collect(),
        _ => set("/messages/4294967295/content/*/18446744073709551616", b"1"),
    };
    vec![edit]
}

fn set(at: &str, value: &[u8]) -> Edit {
    Edit::Set(Assignment {
        at: at.to_owned(),
        value: value.to_vec(),
    })
}

fn part(data: PartData) -> Part {
    Part {
        name: "file\"\r\nx: y".to_owned(),
        file_name: None,
        media_type: None,
        data,
    }
}

/// More tokens than there are: sums of them overflow.
fn usage() -> Usage {
    Usage {
        input: Some(u64::MAX),
        output: Some(u64::MAX),
        cached: Some(u64::MAX),
        reasoning: Some(u64::MAX),
        other: Vec::new(),
    }
}

/// Asks for a rest until the end of time.
fn failure() -> Failure {
    let mut failure = freellmapi_sdk::failure::of("rate-limited", "x".repeat(1 << 20));
    failure.retry_after_ms = Some(u64::MAX);
    failure.scope = "provider".to_owned();
    failure.quotas = vec![Quota {
        unit: "requests".to_owned(),
        window_s: u64::MAX,
        scope: "provider".to_owned(),
        anchor: "Nowhere/At_All".to_owned(),
        limit: Some(0),
        remaining: Some(u64::MAX),
        reset_ms: Some(u64::MAX),
        extra: Vec::new(),
    }];
    failure
}

export!(LyingSizes);
