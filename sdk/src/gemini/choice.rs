//! One candidate, as far as it has been heard: the same for a whole reply and for a stream.

use serde_json::{Map, Value as Json};

use super::names::Names;
use super::partial;
use super::reply::{Candidate, Finish, FunctionCall, compact};

/// What a candidate said.
pub(super) enum Said {
    Text(String),
    Thought(String),
    Call(ToolCall),
}

/// A whole call of a tool.
pub(super) struct ToolCall {
    /// Counted within the candidate.
    pub(super) place: usize,
    pub(super) id: String,
    pub(super) name: String,
    /// JSON text.
    pub(super) arguments: String,
    pub(super) signature: Option<String>,
}

/// A call whose arguments are still coming.
struct Open {
    id: Option<String>,
    name: String,
    arguments: Json,
    signature: Option<String>,
}

/// The state of one candidate.
#[derive(Default)]
pub(super) struct Choice {
    /// Its index in the answer.
    pub(super) index: u32,
    /// Anything was said.
    pub(super) spoke: bool,
    /// Calls so far.
    pub(super) calls: usize,
    /// How it ended, if it did. The last word counts: early models said it in every event.
    pub(super) finish: Option<Finish>,
    open: Option<Open>,
}

impl Choice {
    /// Of this index.
    pub(super) fn new(index: u32) -> Self {
        Self {
            index,
            ..Self::default()
        }
    }

    /// Hears what came. `seed` makes ids for calls that have none; it is the attempt's.
    pub(super) fn hear(
        &mut self,
        candidate: Candidate<'_>,
        names: &Names,
        seed: &str,
    ) -> Vec<Said> {
        let mut said = Vec::new();
        for part in candidate.content.into_iter().flat_map(|it| it.parts) {
            if let Some(call) = part.function_call {
                said.extend(self.call(call, part.thought_signature, names, seed));
            } else if let Some(text) = part.text.filter(|text| !text.is_empty()) {
                let text = text.into_owned();
                said.push(if part.thought {
                    Said::Thought(text)
                } else {
                    Said::Text(text)
                });
            }
        }
        if let Some(word) = candidate.finish_reason {
            said.extend(self.close(names, seed));
            self.finish = Some(Finish::of(&word));
        }
        self.spoke |= !said.is_empty();
        said
    }

    /// The finish of one that failed with nothing said is worth another try elsewhere.
    pub(super) fn failed(&self) -> bool {
        self.finish == Some(Finish::Fault) && !self.spoke
    }

    fn call(
        &mut self,
        call: FunctionCall<'_>,
        signature: Option<String>,
        names: &Names,
        seed: &str,
    ) -> Vec<Said> {
        let mut said = Vec::new();
        let piecemeal = call.will_continue || !call.partial_args.is_empty();
        if let Some(name) = call.name {
            said.extend(self.close(names, seed));
            if !piecemeal {
                let arguments = call
                    .args
                    .map_or_else(|| "{}".to_owned(), |args| compact(args.get()));
                said.push(self.whole(call.id, &name, arguments, signature, names, seed));
                return said;
            }
            let given = call
                .args
                .and_then(|args| serde_json::from_str(args.get()).ok());
            self.open = Some(Open {
                id: call.id,
                name,
                arguments: given.unwrap_or_else(|| Json::Object(Map::new())),
                signature,
            });
        }
        if let Some(open) = &mut self.open {
            for piece in call.partial_args {
                partial::put(&mut open.arguments, piece);
            }
        }
        if !call.will_continue {
            said.extend(self.close(names, seed));
        }
        said
    }

    /// The call that was open is whole.
    fn close(&mut self, names: &Names, seed: &str) -> Option<Said> {
        let open = self.open.take()?;
        let arguments = open.arguments.to_string();
        Some(self.whole(open.id, &open.name, arguments, open.signature, names, seed))
    }

    fn whole(
        &mut self,
        id: Option<String>,
        name: &str,
        arguments: String,
        signature: Option<String>,
        names: &Names,
        seed: &str,
    ) -> Said {
        let place = self.calls;
        self.calls += 1;
        let fresh = || match self.index {
            0 => format!("call_{seed}_{place}"),
            index => format!("call_{seed}_{index}_{place}"),
        };
        Said::Call(ToolCall {
            place,
            id: id.filter(|id| !id.is_empty()).unwrap_or_else(fresh),
            name: names.raise(name).to_owned(),
            arguments,
            signature: signature.filter(|signature| !signature.is_empty()),
        })
    }
}
