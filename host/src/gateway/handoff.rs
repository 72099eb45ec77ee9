//! When another model takes a conversation over, it is told so in one short system note, with what the conversation was about
//! as far as the request itself does not say it. Opt-in; only where the router chooses the model.

use std::collections::HashMap;

use parking_lot::Mutex;

use crate::chat::{ChatRequest, Outline};
use crate::json::{Options, Value, object, parse};
use crate::routing::Candidate;
use crate::routing::sticky::Session;

/// A conversation is forgotten so long after its last answer, milliseconds.
const KEPT_MS: i64 = 3 * 3_600_000;

/// The most conversations; the one that ends soonest goes.
const MOST: usize = 500;

/// Turns that are kept of one.
const TURNS: usize = 12;

/// What is kept of a turn, characters.
const TURN: usize = 500;

/// See the module.
#[derive(Debug, Default)]
pub struct Handoffs {
    kept: Mutex<HashMap<Session, Kept>>,
}

#[derive(Debug)]
struct Kept {
    model: String,
    /// Role and shortened text, oldest first.
    turns: Vec<(String, String)>,
    until_ms: i64,
}

/// A request as a model sees it that takes over.
pub(super) struct Handed<'a> {
    /// The model until now; see [`name`].
    pub(super) model: String,
    pub(super) request: ChatRequest<'a>,
    pub(super) outline: Outline,
}

/// What tells models apart: the family, so that the same model elsewhere is no change.
pub(super) fn name(candidate: &Candidate) -> String {
    let model = &candidate.model;
    let family = Some(&model.family).filter(|family| !family.is_empty());
    family.unwrap_or(&model.id).to_lowercase()
}

/// Whether the router chooses the model.
pub(super) fn is_routed(model: &str) -> bool {
    let lower = model.to_lowercase();
    lower == "auto" || lower.starts_with("auto:")
}

/// The text of a whole canonical answer.
pub(super) fn answer_text(body: &[u8]) -> String {
    let body = parse(body, &Options::LENIENT).ok();
    let content = body
        .as_ref()
        .and_then(|body| body.pointer("/choices/0/message/content"));
    let content = content.and_then(Value::as_str);
    content.map_or_else(String::new, std::borrow::Cow::into_owned)
}

impl Handoffs {
    /// The request for whoever takes the conversation over; `None` if nobody has answered it yet.
    pub(super) fn hand<'a>(
        &self,
        session: Session,
        request: &ChatRequest<'a>,
        outline: &Outline,
        now_ms: i64,
    ) -> Option<Handed<'a>> {
        let (model, turns) = {
            let kept = self.kept.lock();
            let kept = kept.get(&session).filter(|kept| kept.until_ms > now_ms)?;
            (kept.model.clone(), kept.turns.clone())
        };
        let there = said(request);
        let missing = turns.iter().filter(|turn| !there.contains(turn));
        let mut note = format!(
            "You take over a conversation that another model ({model}) has answered so far. Go on in its sense: keep to what \
             was decided, and to its form."
        );
        for (at, (role, text)) in missing.enumerate() {
            if at == 0 {
                note.push_str(" What was said before, shortened:");
            }
            note.push_str(&format!("\n{role}: {text}"));
        }
        let mut outline = outline.clone();
        outline.input_tokens += note.len() as u64 / 4;
        let mut body = request.body().clone();
        let messages = body.get_mut("messages")?.as_array_mut()?;
        let is_system = |message: &Value<'_>| {
            let role = message.get("role").and_then(Value::as_str);
            matches!(role.as_deref(), Some("system" | "developer"))
        };
        let at = messages
            .iter()
            .take_while(|message| is_system(message))
            .count();
        messages.insert(
            at,
            object([("role", "system".into()), ("content", Value::from(note))]),
        );
        Some(Handed {
            model,
            request: ChatRequest::of(body).ok()?,
            outline,
        })
    }

    /// This model answered so.
    pub(super) fn keep(
        &self,
        session: Session,
        model: String,
        request: &ChatRequest<'_>,
        answer: &str,
        now_ms: i64,
    ) {
        let mut turns = said(request);
        turns.push(("assistant".to_owned(), shorten(answer)));
        let mut kept = self.kept.lock();
        // A client that sends its history has said all; one that does not adds to it.
        let whole = turns.iter().filter(|(role, _)| role == "assistant").count() > 1;
        if let Some(before) = kept.get_mut(&session).filter(|_| !whole) {
            let mut all = std::mem::take(&mut before.turns);
            all.append(&mut turns);
            turns = all;
        }
        turns.drain(..turns.len().saturating_sub(TURNS));
        if kept.len() >= MOST && !kept.contains_key(&session) {
            let soonest = kept.iter().min_by_key(|(_, kept)| kept.until_ms);
            if let Some(soonest) = soonest.map(|(session, _)| *session) {
                kept.remove(&soonest);
            }
        }
        let until_ms = now_ms.saturating_add(KEPT_MS);
        kept.insert(
            session,
            Kept {
                model,
                turns,
                until_ms,
            },
        );
    }
}

/// What user and assistant said, shortened. Tool calls and their results stay where they are, in the request.
fn said(request: &ChatRequest<'_>) -> Vec<(String, String)> {
    let messages = request.body().get("messages").and_then(Value::as_array);
    let mut turns: Vec<(String, String)> = Vec::new();
    for message in messages.unwrap_or_default() {
        let role = message.get("role").and_then(Value::as_str);
        let Some(role) = role.filter(|role| matches!(&**role, "user" | "assistant")) else {
            continue;
        };
        let text = shorten(&text_of(message));
        if !text.is_empty() {
            turns.push((role.into_owned(), text));
        }
    }
    turns
}

/// The text of a message, its parts joined.
fn text_of(message: &Value<'_>) -> String {
    let content = message.get("content");
    let whole = content.and_then(Value::as_str);
    whole.map_or_else(
        || {
            let parts = content.and_then(Value::as_array).unwrap_or_default();
            let texts = parts.iter().filter_map(|part| part.get("text")?.as_str());
            texts.collect::<Vec<_>>().join(" ")
        },
        std::borrow::Cow::into_owned,
    )
}

fn shorten(text: &str) -> String {
    let mut characters = text.trim().chars();
    let mut short: String = characters.by_ref().take(TURN).collect();
    if characters.next().is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::sticky::Sticky;

    const NOW: i64 = 1_785_067_200_000;

    fn request(messages: &str) -> ChatRequest<'static> {
        let body = format!(r#"{{"model":"auto","messages":{messages}}}"#);
        let body = parse(body.as_bytes(), &Options::STRICT)
            .unwrap()
            .into_owned();
        ChatRequest::of(body).unwrap()
    }

    fn session(name: &str) -> Session {
        // One table of hashes for all.
        static STICKY: std::sync::LazyLock<Sticky> = std::sync::LazyLock::new(Sticky::default);
        STICKY.session([name])
    }

    fn note(handoffs: &Handoffs, messages: &str, now: i64) -> Option<(usize, String)> {
        let request = request(messages);
        let handed = handoffs.hand(session("s"), &request, &request.outline(), now)?;
        assert!(handed.outline.input_tokens > request.outline().input_tokens);
        let messages = handed.request.body().get("messages")?.as_array()?.to_vec();
        let at = messages.iter().position(|one| {
            one.get("content")
                .and_then(Value::as_str)
                .is_some_and(|text| text.contains("take over"))
        })?;
        assert_eq!(
            messages.len(),
            request.body().get("messages")?.as_array()?.len() + 1
        );
        Some((at, messages[at].get("content")?.as_str()?.into_owned()))
    }

    #[test]
    fn what_the_request_does_not_say_is_told() {
        let handoffs = Handoffs::default();
        let first = r#"[{"role":"system","content":"Be brief."},{"role":"user","content":"Name a fruit."}]"#;
        assert!(
            note(&handoffs, first, NOW).is_none(),
            "nobody has answered yet"
        );
        handoffs.keep(
            session("s"),
            "llama".into(),
            &request(first),
            "An apple.",
            NOW,
        );
        // A client that leaves the history to the server.
        let bare = r#"[{"role":"system","content":"Be brief."},{"role":"user","content":"And one more?"}]"#;
        let (at, told) = note(&handoffs, bare, NOW + 1).unwrap();
        assert_eq!(at, 1, "after the system's own");
        assert!(
            told.contains("(llama)") && told.contains("assistant: An apple."),
            "{told}"
        );
        assert!(told.contains("user: Name a fruit."), "{told}");
        // One that sends it.
        let whole = r#"[{"role":"user","content":"Name a fruit."},{"role":"assistant","content":"An apple."},{"role":"user","content":"And one more?"}]"#;
        let (at, told) = note(&handoffs, whole, NOW + 1).unwrap();
        assert_eq!(at, 0);
        assert!(!told.contains("apple"), "{told}");
        assert!(note(&handoffs, bare, NOW + KEPT_MS).is_none());
    }

    #[test]
    fn little_is_kept_of_each_and_not_of_many() {
        let handoffs = Handoffs::default();
        let long = "ü".repeat(2 * TURN);
        let body = format!(r#"[{{"role":"user","content":"{long}"}}]"#);
        for _ in 0..20 {
            handoffs.keep(session("s"), "m".into(), &request(&body), &long, NOW);
        }
        let (_, told) = note(&handoffs, r#"[{"role":"user","content":"x"}]"#, NOW).unwrap();
        assert!(
            told.chars().count() < (TURNS + 1) * (TURN + 20),
            "{}",
            told.len()
        );
        for n in 0..2 * MOST {
            let now = NOW + n as i64;
            handoffs.keep(
                session(&format!("{n}")),
                "m".into(),
                &request(&body),
                "a",
                now,
            );
        }
        assert_eq!(handoffs.kept.lock().len(), MOST);
    }

    #[test]
    fn only_the_router_s_choice_is_handed_over() {
        assert!(is_routed("auto") && is_routed("AUTO:fast"));
        assert!(!is_routed("llama-3.3") && !is_routed("automatic"));
    }
}
