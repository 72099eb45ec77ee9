//! A call of a function or of a custom tool.

use super::super::custom;
use super::super::items::Status;
use super::super::json_end::JsonEnd;
use super::super::tools::Kind;
use super::Place;
use super::wire::Wire;
use crate::json::{Value, object};

/// A call under way.
pub(super) struct Call {
    /// The upstream's.
    pub(super) index: u64,
    /// Empty until it was sent that it is there.
    id: String,
    call_id: String,
    /// The function's.
    name: String,
    arguments: String,
    /// Bytes of `arguments` that went out.
    sent: usize,
    end: JsonEnd,
}

impl Call {
    pub(super) fn new(index: u64) -> Self {
        Self {
            index,
            id: String::new(),
            call_id: String::new(),
            name: String::new(),
            arguments: String::new(),
            sent: 0,
            end: JsonEnd::default(),
        }
    }

    /// Takes a piece of it.
    pub(super) fn push(&mut self, delta: &Value<'_>) {
        let text = |pointer: &str| {
            delta
                .pointer(pointer)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        if self.call_id.is_empty() {
            self.call_id.push_str(&text("/id"));
        }
        let name = text("/function/name");
        // A name may come in pieces, or again with each of them; once it went out it stays.
        if self.id.is_empty() && name != self.name {
            self.name.push_str(&name);
        }
        let arguments = text("/function/arguments");
        self.end.push(&arguments);
        self.arguments.push_str(&arguments);
    }

    pub(super) fn begin(&mut self, over: bool, place: &Place<'_>, wire: &mut Wire) -> bool {
        if !self.id.is_empty() {
            return true;
        }
        // The name is whole when something else has come.
        if self.name.is_empty() || !over && self.arguments.is_empty() {
            return false;
        }
        self.id = place.id(match self.kind(place) {
            Kind::Function => "fc",
            Kind::Custom => "ctc",
        });
        place.added(self.item(Status::InProgress, "", place), wire);
        true
    }

    pub(super) fn send(&mut self, place: &Place<'_>, wire: &mut Wire) {
        // A custom tool's text is known when the arguments it is packed in are whole.
        let news = self.arguments.get(self.sent..).unwrap_or_default();
        if news.is_empty() || self.kind(place) == Kind::Custom {
            return;
        }
        self.tell(
            "response.function_call_arguments.delta",
            [("delta", Value::from(news))],
            place,
            wire,
        );
        self.sent = self.arguments.len();
    }

    /// Whether its arguments are.
    pub(super) fn is_whole(&self) -> bool {
        self.end.closed()
    }

    pub(super) fn end(
        &mut self,
        status: Status,
        place: &Place<'_>,
        wire: &mut Wire,
    ) -> Value<'static> {
        match self.kind(place) {
            Kind::Function => {
                if self.arguments.is_empty() && status == Status::Completed {
                    // A call without arguments; what parses them needs an object.
                    self.arguments.push_str("{}");
                    self.send(place, wire);
                }
                let done = [
                    ("arguments", Value::from(&*self.arguments)),
                    ("name", Value::from(self.known(place).0.to_owned())),
                ];
                self.tell("response.function_call_arguments.done", done, place, wire);
                self.item(status, &self.arguments, place)
            }
            Kind::Custom => {
                let input = custom::unpack(&self.arguments);
                if !input.is_empty() {
                    let delta = [("delta", Value::from(&*input))];
                    self.tell("response.custom_tool_call_input.delta", delta, place, wire);
                }
                let done = [("input", Value::from(&*input))];
                self.tell("response.custom_tool_call_input.done", done, place, wire);
                self.item(status, &input, place)
            }
        }
    }

    fn tell<const N: usize>(
        &self,
        kind: &'static str,
        what: [(&'static str, Value<'_>); N],
        place: &Place<'_>,
        wire: &mut Wire,
    ) {
        let at = [
            ("item_id", Value::from(&*self.id)),
            ("output_index", Value::from(place.index)),
        ];
        wire.send_at(kind, at, what);
    }

    fn kind(&self, place: &Place<'_>) -> Kind {
        let named = place.plan.names.of_function(&self.name);
        named.map_or(Kind::Function, |named| named.kind)
    }

    /// The tool's name and namespace, as the client knows them.
    fn known<'c>(&'c self, place: &'c Place<'_>) -> (&'c str, Option<&'c str>) {
        match place.plan.names.of_function(&self.name) {
            Some(named) => (&named.name, named.namespace.as_deref()),
            None => (&self.name, None),
        }
    }

    fn item(&self, status: Status, said: &str, place: &Place<'_>) -> Value<'static> {
        let (kind, said_as) = match self.kind(place) {
            Kind::Function => ("function_call", "arguments"),
            Kind::Custom => ("custom_tool_call", "input"),
        };
        let (name, namespace) = self.known(place);
        let mut item = object([
            ("id", Value::from(self.id.clone())),
            ("type", kind.into()),
            ("status", status.word().into()),
            (said_as, Value::from(said.to_owned())),
            ("call_id", Value::from(self.call_id.clone())),
            ("name", Value::from(name.to_owned())),
        ]);
        if let (Some(namespace), Some(members)) = (namespace, item.as_object_mut()) {
            members.insert("namespace", Value::from(namespace.to_owned()));
        }
        item
    }
}
