//! Where the gateway's answer meets the machine.

use bytes::Bytes;

use super::machine::{Machine, Plan};
use super::reasoning::Sealer;
use super::shelf::{Draft, Shelf};
use crate::api::answer::Encode;
use crate::api::dialect::Dialect;
use crate::api::problem::{Problem, ProblemKind};
use crate::clock::Clock;
use crate::gateway::ErrorKind;
use crate::json::{Options, Value, parse};

/// Writes one answer, and has it kept.
pub(super) struct Encoder {
    machine: Machine,
    clock: Clock,
    keep: Option<(Shelf, Draft)>,
}

impl Encoder {
    pub(super) fn new(
        plan: Plan,
        sealer: Option<Sealer>,
        clock: Clock,
        keep: Option<(Shelf, Draft)>,
    ) -> Self {
        Self {
            machine: Machine::new(plan, sealer),
            clock,
            keep,
        }
    }

    /// The response object, whole.
    fn end(&mut self) -> Vec<u8> {
        let now_s = u64::try_from(self.clock.now_ms() / 1000).unwrap_or(0);
        let response = self.machine.end(now_s).to_vec();
        if let Some((shelf, draft)) = self.keep.take() {
            shelf.keep(draft, &response);
        }
        response
    }
}

impl Encode for Encoder {
    const DIALECT: Dialect = Dialect::OpenAi;

    /// A comment, which clients skip.
    fn keep_alive(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b": keep-alive\n\n");
    }

    fn chunk(&mut self, chunk: &[u8], out: &mut Vec<u8>) {
        if let Ok(chunk) = parse(chunk, &Options::LENIENT) {
            self.machine.push(&chunk);
        }
        self.machine.take(out);
    }

    fn done(&mut self, out: &mut Vec<u8>) {
        self.end();
        self.machine.take(out);
    }

    fn failed(&mut self, problem: &Problem, out: &mut Vec<u8>) {
        self.machine.fail(code(problem), &problem.message);
        self.machine.take(out);
    }

    fn whole(&mut self, answer: Bytes) -> Bytes {
        self.machine.mute();
        let chunk = parse(&answer, &Options::LENIENT).unwrap_or(Value::Null);
        self.machine.push(&chunk);
        self.end().into()
    }
}

/// The `code` of a response that failed, in the words that clients act on: what is no use to try again, and what is.
fn code(problem: &Problem) -> &'static str {
    match problem.kind {
        ProblemKind::Gateway(ErrorKind::TooLong) => "context_length_exceeded",
        ProblemKind::Gateway(ErrorKind::Exhausted | ErrorKind::Limited) => "rate_limit_exceeded",
        ProblemKind::Gateway(
            ErrorKind::Invalid
            | ErrorKind::UnknownModel
            | ErrorKind::Unable
            | ErrorKind::ContentFiltered,
        ) => "invalid_prompt",
        _ => "server_error",
    }
}
