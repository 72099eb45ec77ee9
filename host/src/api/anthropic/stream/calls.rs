//! The tool calls of a stream, which may come interleaved and go out one after the other.

use crate::api::anthropic::arguments::{self, Watch};
use crate::json::{Object, Text, Value};

/// The calls so far, in the order in which they began.
#[derive(Debug, Default)]
pub(super) struct Calls {
    calls: Vec<Call>,
    /// The first that has not ended.
    at: usize,
}

#[derive(Debug, Default)]
struct Call {
    index: u64,
    id: String,
    name: String,
    /// Arguments that have not gone out, unescaped.
    waiting: String,
    state: State,
    watch: Watch,
    /// The arguments are a whole object.
    whole: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Waiting,
    Open,
}

/// What goes out next.
#[derive(Debug)]
pub(super) enum Step {
    /// A block begins.
    Begin {
        /// The call's id.
        id: String,
        /// The tool's name, as it was sent.
        name: String,
    },
    /// A piece of the arguments.
    Piece(Text<'static>),
    /// The block ends.
    End,
}

impl Calls {
    /// Whether what is not part of a call must wait.
    pub(super) fn wait(&self) -> bool {
        self.at < self.calls.len()
    }

    /// Takes a piece of a call.
    pub(super) fn push(&mut self, delta: &Object<'_>) {
        let index = delta.get("index").and_then(Value::as_u64).unwrap_or(0);
        let at = match self.calls.iter().position(|call| call.index == index) {
            Some(at) => at,
            None => {
                self.calls.push(Call {
                    index,
                    ..Call::default()
                });
                self.calls.len() - 1
            }
        };
        let Some(call) = self.calls.get_mut(at) else {
            return;
        };
        if let Some(id) = delta.get("id").and_then(Value::as_str)
            && call.id.is_empty()
        {
            call.id = id.into_owned();
        }
        let function = delta.get("function");
        let part = |name: &str| function?.get(name)?.as_str();
        // Some send a name in two pieces, some send it again with every piece of the arguments.
        if let Some(name) = part("name")
            && call.state == State::Waiting
            && call.name != name
        {
            call.name.push_str(&name);
        }
        // What comes behind a whole object is none of it.
        if let Some(arguments) = part("arguments").filter(|_| !call.whole) {
            call.waiting.push_str(&arguments);
            call.whole = call.watch.push(&arguments);
        }
    }

    /// What can go out now.
    pub(super) fn next(&mut self) -> Option<Step> {
        let more = self.at + 1 < self.calls.len();
        let call = self.calls.get_mut(self.at)?;
        match call.state {
            State::Waiting if !call.ready() => None,
            State::Waiting => Some(call.begin()),
            State::Open if !call.waiting.is_empty() => Some(call.piece()),
            // With nothing behind it, it stays open: a late piece would still be part of it.
            State::Open if call.whole && more => Some(self.end()),
            State::Open => None,
        }
    }

    /// What must go out at the end.
    pub(super) fn flush(&mut self) -> Option<Step> {
        loop {
            let call = self.calls.get_mut(self.at)?;
            return Some(match call.state {
                // Without a name nobody can carry it out.
                State::Waiting if call.name.is_empty() => {
                    self.at += 1;
                    continue;
                }
                State::Waiting => {
                    call.mend();
                    call.begin()
                }
                State::Open if !call.waiting.is_empty() => call.piece(),
                State::Open => self.end(),
            });
        }
    }

    fn end(&mut self) -> Step {
        self.at += 1;
        Step::End
    }
}

impl Call {
    /// Whether its name is whole, which the first of its arguments tell, and they begin an object.
    fn ready(&self) -> bool {
        !self.name.is_empty() && self.waiting.trim_start().starts_with('{')
    }

    /// Arguments that do not begin an object, or none.
    fn mend(&mut self) {
        if !self.ready() && !self.waiting.trim().is_empty() {
            let input = arguments::input(&self.waiting).to_vec();
            self.waiting = String::from_utf8(input).unwrap_or_default();
        }
    }

    fn begin(&mut self) -> Step {
        self.state = State::Open;
        Step::Begin {
            id: std::mem::take(&mut self.id),
            name: std::mem::take(&mut self.name),
        }
    }

    fn piece(&mut self) -> Step {
        Step::Piece(Text::from_text(&std::mem::take(&mut self.waiting)))
    }
}
