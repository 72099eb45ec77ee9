//! From canonical answers to Anthropic's.

use bytes::Bytes;

use super::request::Manner;
use super::stream::Stream;
use super::{error, event, whole};
use crate::api::answer::Encode;
use crate::api::dialect::Dialect;
use crate::api::problem::Problem;

/// Writes the answer to one request.
pub(super) struct Messages {
    stream: Stream,
    /// As in the header `request-id`.
    request_id: String,
}

impl Messages {
    /// To a request that wants it in this manner.
    pub(super) fn new(manner: Manner, request_id: &str) -> Self {
        Self {
            stream: Stream::new(manner),
            request_id: request_id.to_owned(),
        }
    }
}

impl Encode for Messages {
    const DIALECT: Dialect = Dialect::Anthropic;

    fn keep_alive(&mut self, out: &mut Vec<u8>) {
        event::ping(out);
    }

    fn chunk(&mut self, chunk: &[u8], out: &mut Vec<u8>) {
        self.stream.chunk(chunk, out);
    }

    fn done(&mut self, out: &mut Vec<u8>) {
        self.stream.done(out);
    }

    fn failed(&mut self, problem: &Problem, out: &mut Vec<u8>) {
        event::event("error", &error::value(problem, &self.request_id), out);
    }

    fn whole(&mut self, answer: Bytes) -> Bytes {
        whole::message(&answer, self.stream.manner()).into()
    }
}
