//! Choices of text out of what chats answer.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::ask::Manner;
use super::fence::Fence;
use crate::chat::Usage;
use crate::json::{Object, Options, Value, object, parse};

/// Writes the answer to one request, however many prompts it has.
#[derive(Debug)]
pub(super) struct Writer {
    manner: Manner,
    /// Of the first chat that says them; all chunks have the same.
    head: Option<Head>,
    /// Index of the first choice of the prompt under way.
    first: u64,
    /// What goes before each of its answers.
    echo: String,
    /// By choice, those under way of a stream.
    open: BTreeMap<u64, Open>,
    /// Choices of a whole answer.
    choices: Vec<Value<'static>>,
    usage: Usage,
}

#[derive(Debug, Clone)]
struct Head {
    id: String,
    created: u64,
    model: String,
}

/// One choice of a stream.
#[derive(Debug, Default)]
struct Open {
    begun: bool,
    fence: Fence,
    /// Characters so far, for the places of tokens.
    chars: u64,
}

impl Writer {
    pub(super) fn new(manner: &Manner) -> Self {
        Self {
            manner: manner.clone(),
            head: None,
            first: 0,
            echo: String::new(),
            open: BTreeMap::new(),
            choices: Vec::new(),
            usage: Usage::default(),
        }
    }

    /// The next prompt begins.
    pub(super) fn prompt(&mut self, place: usize, echo: String) {
        self.first = (place as u64).saturating_mul(self.manner.n);
        self.echo = echo;
        self.open.clear();
    }

    /// A chunk of a chat as one of text; `None` where it says nothing that a client would see.
    pub(super) fn chunk(&mut self, chunk: &[u8]) -> Option<Bytes> {
        let chunk = parse(chunk, &Options::LENIENT).ok()?;
        self.see(&chunk);
        let mut choices = Vec::new();
        for choice in chunk.get("choices")?.as_array()? {
            let index = self.first + choice.get("index").and_then(Value::as_u64).unwrap_or(0);
            let said = said(choice.get("delta"));
            let finish = choice.get("finish_reason").and_then(Value::as_str);
            let open = self.open.entry(index).or_default();
            let mut text = String::new();
            let begins = !open.begun && (!said.is_empty() || finish.is_some());
            if begins {
                open.begun = true;
                text.push_str(&self.echo);
            }
            if self.manner.gap {
                text.push_str(&open.fence.push(&said));
                if finish.is_some() {
                    text.push_str(&open.fence.end());
                }
            } else {
                text.push_str(&said);
            }
            let logprobs = logprobs(choice, open.chars);
            open.chars += text.chars().count() as u64;
            if text.is_empty() && finish.is_none() && logprobs.is_null() {
                continue;
            }
            let finish = finish.map(|reason| Value::from(reason_of(&reason)));
            choices.push(written(
                text,
                index,
                logprobs,
                finish.unwrap_or(Value::Null),
            ));
        }
        (!choices.is_empty()).then(|| self.body(choices, None))
    }

    /// A whole chat's choices.
    pub(super) fn whole(&mut self, answer: &[u8]) {
        let Ok(answer) = parse(answer, &Options::LENIENT) else {
            return;
        };
        self.see(&answer);
        let choices = answer.get("choices").and_then(Value::as_array);
        for (place, choice) in choices.unwrap_or_default().iter().enumerate() {
            let index = choice.get("index").and_then(Value::as_u64);
            let mut said = said(choice.get("message"));
            if self.manner.gap {
                let mut fence = Fence::default();
                said = fence.push(&said) + &fence.end();
            }
            let reason = choice.get("finish_reason").and_then(Value::as_str);
            let reason = reason_of(&reason.unwrap_or_default());
            self.choices.push(written(
                format!("{}{said}", self.echo),
                self.first + index.unwrap_or(place as u64),
                logprobs(choice, 0),
                reason.into(),
            ));
        }
    }

    /// The whole answer.
    pub(super) fn into_answer(mut self) -> Bytes {
        let choices = std::mem::take(&mut self.choices);
        self.body(choices, Some(self.usage))
    }

    /// The last chunk for a client that asked for the usage.
    pub(super) fn usage_chunk(&self) -> Bytes {
        self.body(Vec::new(), Some(self.usage))
    }

    fn body(&self, choices: Vec<Value<'static>>, usage: Option<Usage>) -> Bytes {
        let head = self.head.clone().unwrap_or(Head {
            id: "cmpl-".to_owned(),
            created: 0,
            model: String::new(),
        });
        let mut body: Object<'_> = [
            ("id", Value::from(head.id)),
            ("object", Value::from("text_completion")),
            ("created", Value::from(head.created)),
            ("model", Value::from(head.model)),
            ("choices", Value::Array(choices)),
        ]
        .into_iter()
        .collect();
        if let Some(usage) = usage {
            body.insert("usage", usage.to_value());
        }
        Value::Object(body).to_vec().into()
    }

    /// Takes head and usage out of an answer or a chunk.
    fn see(&mut self, answer: &Value<'_>) {
        if self.head.is_none() {
            let text = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default();
            let id = text("id");
            self.head = Some(Head {
                id: format!("cmpl-{}", id.strip_prefix("chatcmpl-").unwrap_or(&id)),
                created: answer.get("created").and_then(Value::as_u64).unwrap_or(0),
                model: text("model").into_owned(),
            });
        }
        let Some(usage) = answer.get("usage").and_then(Usage::read) else {
            return;
        };
        let sum = |one: Option<u64>, other: Option<u64>| match (one, other) {
            (None, None) => None,
            (one, other) => Some(one.unwrap_or(0).saturating_add(other.unwrap_or(0))),
        };
        self.usage = Usage {
            input: sum(self.usage.input, usage.input),
            output: sum(self.usage.output, usage.output),
            cached: sum(self.usage.cached, usage.cached),
            reasoning: sum(self.usage.reasoning, usage.reasoning),
        };
    }
}

/// What a message or a delta says to the reader. Thoughts are none of it.
fn said(message: Option<&Value<'_>>) -> String {
    let text = |name: &str| Some(message?.get(name)?.as_str()?.into_owned());
    text("content")
        .or_else(|| text("refusal"))
        .unwrap_or_default()
}

/// In the words of before, which know three.
fn reason_of(reason: &str) -> &'static str {
    match reason {
        "length" => "length",
        "content_filter" => "content_filter",
        _ => "stop",
    }
}

fn written(
    text: String,
    index: u64,
    logprobs: Value<'static>,
    finish: Value<'static>,
) -> Value<'static> {
    object([
        ("text", text.into()),
        ("index", index.into()),
        ("logprobs", logprobs),
        ("finish_reason", finish),
    ])
}

/// A chat's `logprobs` as lists side by side. `offset` is where the text begins, in characters.
fn logprobs(choice: &Value<'_>, mut offset: u64) -> Value<'static> {
    let content = choice
        .pointer("/logprobs/content")
        .and_then(Value::as_array);
    let Some(content) = content.filter(|list| !list.is_empty()) else {
        return Value::Null;
    };
    let (mut tokens, mut chances, mut tops, mut places) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for one in content {
        let token = one.get("token").and_then(Value::as_str).unwrap_or_default();
        let chance = |of: &Value<'_>| {
            of.get("logprob")
                .cloned()
                .map_or(Value::Null, Value::into_owned)
        };
        places.push(Value::from(offset));
        offset += token.chars().count() as u64;
        chances.push(chance(one));
        let mut top = Object::new();
        for other in one
            .get("top_logprobs")
            .and_then(Value::as_array)
            .unwrap_or_default()
        {
            if let Some(name) = other.get("token").and_then(Value::as_str) {
                top.insert(name.into_owned(), chance(other));
            }
        }
        tops.push(Value::Object(top));
        tokens.push(Value::from(token.into_owned()));
    }
    object([
        ("tokens", Value::Array(tokens)),
        ("token_logprobs", Value::Array(chances)),
        ("top_logprobs", Value::Array(tops)),
        ("text_offset", Value::Array(places)),
    ])
}
