//! Short ways to write the records of a plan and of a reply.

use crate::{
    Answer, Call, Content, Delta, End, Failure, Field, FollowUp, Origin, Pair, Reply, Request,
    Secret, Usage, Value, Verdict,
};

/// A pair.
#[must_use]
pub fn pair(name: &str, value: &str) -> Pair {
    Pair {
        name: name.to_owned(),
        value: value.to_owned(),
    }
}

/// A header or query parameter whose text the plugin knows.
#[must_use]
pub fn text(name: &str, value: &str) -> Field {
    Field {
        name: name.to_owned(),
        value: Value::Text(value.to_owned()),
    }
}

/// A header or query parameter that the host fills with the credential `secret`, behind `prefix`.
#[must_use]
pub fn secret(name: &str, secret: &str, prefix: &str) -> Field {
    Field {
        name: name.to_owned(),
        value: Value::Secret(Secret {
            name: secret.to_owned(),
            prefix: prefix.to_owned(),
            suffix: String::new(),
        }),
    }
}

/// Not over: this request once more, after `delay_ms`.
#[must_use]
pub fn again(request: Request, delay_ms: u64) -> Verdict {
    Verdict::Again(FollowUp { request, delay_ms })
}

impl Call {
    /// Whether the request uses this: a word of `outline.traits`.
    #[must_use]
    pub fn uses(&self, word: &str) -> bool {
        self.outline.traits.iter().any(|used| used == word)
    }

    /// A setting of the key, or what was learned with it.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&str> {
        let mut settings = self.settings.iter();
        settings
            .find(|pair| pair.name == name)
            .map(|pair| pair.value.as_str())
    }
}

impl Request {
    /// A request with nothing but method, origin and path.
    #[must_use]
    pub fn new(method: &str, origin: Origin, path: String) -> Self {
        Self {
            method: method.to_owned(),
            origin,
            path,
            query: Vec::new(),
            headers: Vec::new(),
            content: Content::Empty,
            memo: String::new(),
            framing: String::new(),
            extra: Vec::new(),
        }
    }
}

impl Reply {
    /// What came is canonical already.
    #[must_use]
    pub fn keep() -> Self {
        Self {
            media_type: String::new(),
            answer: Answer::Keep,
            usage: None,
            notes: Vec::new(),
            learned: Vec::new(),
            extra: Vec::new(),
        }
    }

    /// This canonical JSON.
    #[must_use]
    pub fn json(body: Vec<u8>, usage: Option<Usage>) -> Self {
        Self {
            answer: Answer::Json(body),
            usage,
            ..Self::keep()
        }
    }
}

#[allow(clippy::derivable_impls, reason = "the type is generated")]
impl Default for Delta {
    fn default() -> Self {
        Self {
            pieces: Vec::new(),
            usage: None,
            notes: Vec::new(),
            end: None,
            extra: Vec::new(),
        }
    }
}

impl Delta {
    /// Nothing more, because of this.
    #[must_use]
    pub fn failed(failure: Failure) -> Self {
        Self {
            end: Some(End::Failed(failure)),
            ..Self::default()
        }
    }
}
