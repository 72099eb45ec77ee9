//! The official providers that tests use: a model of each, the form of its keys, and how its dialect says things.

use blackbox::Key;
use mock_upstream::{Answer, openai};
use serde_json::{Value, json};

/// A provider that a mock stands in for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Provider {
    pub(crate) id: &'static str,
    pub(crate) host: &'static str,
    /// One of its catalogue, in the provider's own spelling.
    pub(crate) model: &'static str,
    /// The header that carries the key, and what stands before it.
    pub(crate) header: (&'static str, &'static str),
    /// What its keys begin with, and how many letters and digits (of hex, or of all) follow.
    form: (&'static str, usize, bool),
    /// A setting that goes with each key.
    setting: Option<(&'static str, &'static str)>,
    gemini: bool,
}

pub(crate) const GROQ: Provider = Provider {
    id: "groq",
    host: "api.groq.com",
    model: "llama-3.1-8b-instant",
    header: ("authorization", "Bearer "),
    form: ("gsk_", 52, false),
    setting: None,
    gemini: false,
};

pub(crate) const OPENROUTER: Provider = Provider {
    id: "openrouter",
    host: "openrouter.ai",
    model: "openai/gpt-oss-120b:free",
    form: ("sk-or-v1-", 64, true),
    ..GROQ
};

pub(crate) const CLOUDFLARE: Provider = Provider {
    id: "cloudflare",
    host: "api.cloudflare.com",
    model: "@cf/openai/gpt-oss-120b",
    form: ("", 40, false),
    setting: Some(("account-id", "0123456789abcdef0123456789abcdef")),
    ..GROQ
};

pub(crate) const GOOGLE: Provider = Provider {
    id: "google",
    host: "generativelanguage.googleapis.com",
    model: "gemini-2.5-flash",
    header: ("x-goog-api-key", ""),
    form: ("AIza", 35, false),
    gemini: true,
    ..GROQ
};

impl Provider {
    /// `provider/model`.
    pub(crate) fn name(&self) -> String {
        format!("{}/{}", self.id, self.model)
    }

    /// A key in the provider's form that is like no other text: the same for the same `seed`.
    pub(crate) fn secret(&self, seed: u64) -> String {
        let (prefix, length, hex) = self.form;
        let letters: &[u8] = if hex {
            b"0123456789abcdef"
        } else {
            b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        };
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ self.id.len() as u64;
        let mut secret = prefix.to_owned();
        for _ in 0..length {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let at = usize::try_from(state >> 33).unwrap_or(0) % letters.len();
            secret.push(char::from(letters[at]));
        }
        secret
    }

    /// This key, to be added.
    pub(crate) fn key(&self, secret: &str) -> Key {
        let key = Key::new(self.id, secret);
        match self.setting {
            Some((name, value)) => key.set(name, value),
            None => key,
        }
    }

    /// A whole answer that says this.
    pub(crate) fn whole(&self, text: &str) -> Answer {
        Answer::json(
            200,
            &if self.gemini {
                gemini(text, Some("STOP"))
            } else {
                openai::whole(self.model, text)
            },
        )
    }

    /// A streamed answer of these words.
    pub(crate) fn streamed(&self, words: &[&str]) -> Answer {
        if !self.gemini {
            return Answer::sse(openai::stream(self.model, words, true)).done();
        }
        let last = words.len().saturating_sub(1);
        let events = words.iter().enumerate();
        let events =
            events.map(|(n, word)| gemini(word, (n == last).then_some("STOP")).to_string());
        Answer::sse(events).crlf()
    }

    /// A refusal in the provider's shape.
    pub(crate) fn error(&self, status: u16, message: &str) -> Answer {
        if self.gemini {
            let error = json!({ "code": status, "message": message, "status": "SCRIPTED" });
            Answer::json(status, &json!({ "error": error }))
        } else {
            Answer::error(status, "scripted", message)
        }
    }
}

/// An answer, or an event of one, in Gemini's dialect.
pub(crate) fn gemini(text: &str, finish: Option<&str>) -> Value {
    gemini_parts(&json!([{ "text": text }]), finish)
}

/// The same with any parts.
pub(crate) fn gemini_parts(parts: &Value, finish: Option<&str>) -> Value {
    let mut candidate = json!({ "content": { "parts": parts, "role": "model" }, "index": 0 });
    if let Some(finish) = finish {
        candidate["finishReason"] = json!(finish);
    }
    json!({
        "candidates": [candidate],
        "usageMetadata": { "promptTokenCount": 11, "candidatesTokenCount": 3, "totalTokenCount": 14 },
        "modelVersion": GOOGLE.model,
        "responseId": "mock",
    })
}

/// A plain question to this model.
pub(crate) fn ask(model: &str) -> Value {
    json!({ "model": model, "max_tokens": 16, "messages": [{ "role": "user", "content": "Hi" }] })
}
