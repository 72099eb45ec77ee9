//! Which conversation a request belongs to, and who answered it last.

use super::Gateway;
use crate::chat::ChatRequest;
use crate::json::Value;
use crate::routing::Candidate;
use crate::routing::sticky::Session;

/// A conversation with one client.
pub(super) struct Conversation {
    session: Session,
    /// It has gone on: there is somebody to stay with.
    goes_on: bool,
}

impl Conversation {
    /// By what the client calls it; else by how it began, for which it must have been answered at least once:
    /// many begin with the same words.
    pub(super) fn new(
        gateway: &Gateway,
        request: &ChatRequest<'_>,
        client_key: &str,
        named: Option<&str>,
    ) -> Self {
        let model = request.model().to_lowercase();
        if let Some(name) = named {
            return Self {
                session: gateway
                    .sticky
                    .session([client_key, model.as_str(), "named", name]),
                goes_on: true,
            };
        }
        let messages = request.body().get("messages").and_then(Value::as_array);
        let messages = messages.unwrap_or_default();
        let first = |role: &str| {
            messages
                .iter()
                .find(|message| is(message, role))
                .map_or("", raw_text)
        };
        let (system, user) = (first("system"), first("user"));
        Self {
            session: gateway
                .sticky
                .session([client_key, model.as_str(), system, user]),
            goes_on: messages.iter().any(|message| is(message, "assistant")),
        }
    }

    /// Whoever answered it last.
    pub(super) fn pin(&self, gateway: &Gateway) -> Option<u64> {
        if !self.goes_on {
            return None;
        }
        gateway.sticky.pinned(self.session, gateway.clock.now_ms())
    }

    /// Which one it is.
    pub(super) fn id(&self) -> Session {
        self.session
    }

    /// This one answers it now.
    pub(super) fn pin_to(&self, gateway: &Gateway, candidate: &Candidate) {
        let now_ms = gateway.clock.now_ms();
        gateway.sticky.pin(self.session, candidate.row.id, now_ms);
    }
}

fn is(message: &Value<'_>, role: &str) -> bool {
    let said = message.get("role").and_then(Value::as_str);
    said.as_deref() == Some(role)
}

/// The text of a message, as far as it tells conversations apart, in whatever spelling it came.
fn raw_text<'a>(message: &'a Value<'_>) -> &'a str {
    let content = message.get("content");
    let first = |parts: &'a [Value<'_>]| parts.iter().find_map(|part| part.get("text")?.as_text());
    content
        .and_then(Value::as_text)
        .or_else(|| content.and_then(Value::as_array).and_then(first))
        .map_or("", |text| text.raw())
}
