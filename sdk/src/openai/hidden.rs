//! Errors that come with status 200 and in no shape of OpenAI's: `{"code": 11200, "message": "…"}` where an answer
//! should be.

use serde_json::Value as Json;

use super::Dialect;
use crate::{Call, Decoder, Delta, Event, Head, Piece};

/// Whether this is such an error: it has a code that is not 0, and no choices.
#[must_use]
pub fn is_error(body: &[u8]) -> bool {
    // Text that only speaks of codes is parsed in vain, an answer's usual piece is not.
    let named = body.windows(6).any(|bytes| bytes == br#""code""#);
    let told = match named {
        true => serde_json::from_slice::<Json>(body).unwrap_or_default(),
        false => return false,
    };
    let code = match &told["code"] {
        Json::Number(number) => number.as_i64() != Some(0),
        Json::String(word) => !matches!(word.as_str(), "" | "0"),
        _ => false,
    };
    code && told["choices"].is_null()
}

/// Reads a stream with `inner`, and ends it at such an error as `dialect` says.
#[must_use]
pub fn watched(
    inner: Box<dyn Decoder>,
    dialect: Dialect,
    call: &Call,
    head: &Head,
) -> Box<dyn Decoder> {
    Box::new(Watched {
        inner,
        dialect,
        call: call.clone(),
        head: head.clone(),
    })
}

struct Watched {
    inner: Box<dyn Decoder>,
    dialect: Dialect,
    call: Call,
    head: Head,
}

impl Decoder for Watched {
    fn push(&mut self, events: &[Event]) -> Delta {
        let Some(at) = events.iter().position(|event| is_error(&event.data)) else {
            return self.inner.push(events);
        };
        let (before, error) = (&events[..at], &events[at]);
        let failure = self.dialect.failure(&self.call, &self.head, &error.data);
        let mut delta = match before {
            [] => Delta::default(),
            before => self.inner.push(before),
        };
        if delta.end.is_none() {
            delta.end = Delta::failed(failure).end;
        }
        delta.pieces.retain(|piece| match piece {
            Piece::Keep(index) => (*index as usize) < at,
            Piece::Chunk(_) => true,
        });
        delta
    }

    fn finish(&mut self) -> Delta {
        self.inner.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{call, head};
    use crate::{End, openai};

    #[test]
    fn only_a_code_without_choices_is_an_error() {
        for (body, error) in [
            (r#"{"code":11200,"message":"no licence"}"#, true),
            (r#"{"code":"rpm_rate_limit_exceeded","msg":"m"}"#, true),
            (r#"{"code":0,"choices":[{}]}"#, false),
            (r#"{"code":0}"#, false),
            (r#"{"code":7,"choices":[{}]}"#, false),
            (r#"{"choices":[{"message":{"content":"\"code\""}}]}"#, false),
            ("[DONE]", false),
            (r#""code""#, false),
        ] {
            assert_eq!(is_error(body.as_bytes()), error, "{body}");
        }
    }

    #[test]
    fn a_stream_ends_at_the_error_and_keeps_what_came_before() {
        let (call, head) = (call("chat", "m"), head(200, &[]));
        let dialect = Dialect::at("h", "").fault("busy", "overloaded");
        let inner = openai::passing();
        let mut decoder = watched(inner, dialect, &call, &head);
        let event = |data: &str| Event {
            name: String::new(),
            data: data.as_bytes().to_vec(),
        };
        let chunk = event(r#"{"choices":[{"delta":{"content":"a"}}]}"#);
        assert_eq!(decoder.push(std::slice::from_ref(&chunk)).pieces.len(), 1);
        let delta = decoder.push(&[chunk, event(r#"{"code":1,"message":"busy"}"#)]);
        assert_eq!(delta.pieces.len(), 1);
        let Some(End::Failed(failure)) = delta.end else {
            panic!("not over");
        };
        assert_eq!(failure.kind, "overloaded");
    }
}
