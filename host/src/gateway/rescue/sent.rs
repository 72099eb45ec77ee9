//! What a client has of a stream: kept while it runs, read only if it breaks off.

use bytes::Bytes;

use crate::chat::ChatRequest;
use crate::chat::convert::Fold;
use crate::config::{Policy, Rescue};
use crate::json::{Options, Value, parse};

/// The most that is kept of one stream, bytes. A longer one that breaks off ends in an error.
const MOST: usize = 4 << 20;

/// See the module. Chunks share their bytes with what goes out.
pub(in crate::gateway) struct Sent {
    chunks: Vec<Bytes>,
    bytes: usize,
    /// Whether it could be gone on with at all.
    kept: bool,
}

/// What the chunks came to.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::gateway) struct SoFar {
    /// The stream's id; what is added to it has the same.
    pub(super) id: Value<'static>,
    /// When it was made, likewise.
    pub(super) created: Value<'static>,
    /// The text of the answer.
    pub(in crate::gateway) text: String,
    /// A finish reason came.
    pub(in crate::gateway) finished: bool,
    /// A tool call began, or something else that has no middle to go on from.
    pub(super) whole_only: bool,
}

impl Sent {
    /// Of an answer that is about to begin.
    pub(in crate::gateway) fn new(policy: Policy, request: &ChatRequest<'_>) -> Self {
        Self {
            chunks: Vec::new(),
            bytes: 0,
            kept: (policy.rescue != Rescue::Off || policy.handoff) && can_go_on(request),
        }
    }

    /// These go out.
    pub(in crate::gateway) fn add(&mut self, chunks: &[Bytes]) {
        if !self.kept {
            return;
        }
        self.bytes += chunks.iter().map(Bytes::len).sum::<usize>();
        if self.bytes > MOST {
            self.kept = false;
            self.chunks = Vec::new();
            return;
        }
        self.chunks.extend_from_slice(chunks);
    }

    /// What they came to; `None` if that is not known.
    pub(in crate::gateway) fn so_far(&self) -> Option<SoFar> {
        if !self.kept {
            return None;
        }
        let mut fold = Fold::new();
        for chunk in &self.chunks {
            fold.push(chunk).ok()?;
        }
        let whole = fold.finish(None);
        let whole = parse(&whole, &Options::LENIENT).ok()?.into_owned();
        let message = whole.pointer("/choices/0/message");
        let said = |name: &str| {
            let value = message.and_then(|message| message.get(name));
            value.filter(|value| !value.is_null())
        };
        let text = match said("content") {
            None => String::new(),
            Some(content) => content.as_str()?.into_owned(),
        };
        let finish = whole.pointer("/choices/0/finish_reason");
        Some(SoFar {
            id: whole.get("id").cloned().unwrap_or(Value::Null),
            created: whole.get("created").cloned().unwrap_or(Value::Null),
            text,
            finished: finish.is_some_and(|finish| !finish.is_null()),
            whole_only: ["tool_calls", "function_call", "refusal", "audio"]
                .iter()
                .any(|name| said(name).is_some()),
        })
    }
}

/// Several choices, log-probabilities and sound cannot be put together of two answers.
fn can_go_on(request: &ChatRequest<'_>) -> bool {
    let body = request.body();
    let asks = |name: &str| {
        body.get(name)
            .is_some_and(|value| value.as_bool() != Some(false))
    };
    request.n() == 1 && !asks("logprobs") && !asks("audio")
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFF: Policy = Policy {
        rescue: Rescue::Off,
        exhausted_is_429: false,
        hedge: false,
        handoff: false,
    };

    fn request(rest: &str) -> String {
        format!(r#"{{"messages":[{{"role":"user","content":"hi"}}],"stream":true{rest}}}"#)
    }

    fn sent(rest: &str, deltas: &[&str]) -> Option<SoFar> {
        let body = request(rest);
        let request = ChatRequest::parse(body.as_bytes()).unwrap();
        let mut sent = Sent::new(Policy::default(), &request);
        for delta in deltas {
            let chunk = format!(
                r#"{{"id":"a","created":7,"object":"chat.completion.chunk","model":"m","choices":[{delta}]}}"#
            );
            sent.add(&[chunk.into()]);
        }
        sent.so_far()
    }

    #[test]
    fn chunks_come_to_what_the_client_has() {
        let role = r#"{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}"#;
        let one = r#"{"index":0,"delta":{"content":"Hel"},"finish_reason":null}"#;
        let two = r#"{"index":0,"delta":{"content":"lo"},"finish_reason":null}"#;
        let end = r#"{"index":0,"delta":{},"finish_reason":"stop"}"#;
        let call = r#"{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":"{"}}]},"finish_reason":null}"#;
        let so_far = sent("", &[role, one, two]).unwrap();
        assert_eq!(so_far.text, "Hello");
        assert_eq!(so_far.id.as_str().as_deref(), Some("a"));
        assert!(!so_far.finished && !so_far.whole_only);
        assert!(sent("", &[role, one, end]).unwrap().finished);
        assert!(sent("", &[role, one, call]).unwrap().whole_only);
    }

    #[test]
    fn what_cannot_be_put_together_is_not_kept() {
        for rest in [r#","n":2"#, r#","logprobs":true"#] {
            assert_eq!(sent(rest, &[]), None, "{rest}");
        }
        assert!(sent(r#","n":1,"logprobs":false"#, &[]).is_some());
        let body = request("");
        let request = ChatRequest::parse(body.as_bytes()).unwrap();
        let mut off = Sent::new(OFF, &request);
        off.add(&["{}".into()]);
        assert_eq!(off.so_far(), None);
        let mut long = Sent::new(Policy::default(), &request);
        long.add(&[Bytes::from(vec![b' '; MOST + 1])]);
        assert_eq!(long.so_far(), None);
    }
}
