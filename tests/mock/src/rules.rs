//! Which request gets which script.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::answer::Answer;

/// Answers in turn; the last one repeats for ever.
#[derive(Clone, Debug)]
pub struct Script(Vec<Arc<Answer>>);

/// The requests a script is for: all parts that are set must match.
#[derive(Clone, Debug, Default)]
pub struct When {
    /// The path begins with this.
    pub path: Option<String>,
    /// The model of the body (`model`) or of the path (`/models/M:…`) is this.
    pub model: Option<String>,
    /// The caller's key is this: bearer token, `x-goog-api-key`, `x-api-key`, `api-key` or `?key=`.
    pub key: Option<String>,
}

/// A script laid on a mock, for asking how often it was used.
#[derive(Clone, Debug)]
pub struct Rule(pub(crate) Arc<Laid>);

#[derive(Debug)]
pub(crate) struct Laid {
    when: When,
    script: Script,
    used: AtomicUsize,
}

impl Script {
    /// These answers in turn. Without any, the usual one.
    pub fn sequence(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self(answers.into_iter().map(Arc::new).collect())
    }

    /// Adds the answer for the request after those so far.
    #[must_use]
    pub fn then(mut self, answer: Answer) -> Self {
        self.0.push(Arc::new(answer));
        self
    }
}

impl From<Answer> for Script {
    fn from(answer: Answer) -> Self {
        Self::sequence([answer])
    }
}

impl Answer {
    /// This answer to the first request, `next` to those after it.
    #[must_use]
    pub fn then(self, next: Self) -> Script {
        Script::sequence([self, next])
    }

    /// This answer to the first `n` requests, the usual one after them.
    #[must_use]
    pub fn times(self, n: usize) -> Script {
        Script::sequence(std::iter::repeat_n(self, n)).then(Self::usual())
    }
}

impl When {
    /// Every request.
    #[must_use]
    pub fn any() -> Self {
        Self::default()
    }

    /// Requests whose path begins so.
    #[must_use]
    pub fn path(prefix: &str) -> Self {
        Self::default().and_path(prefix)
    }

    /// Requests for this model.
    #[must_use]
    pub fn model(model: &str) -> Self {
        Self::default().and_model(model)
    }

    /// Requests with this key.
    #[must_use]
    pub fn key(key: &str) -> Self {
        Self::default().and_key(key)
    }

    /// And the path begins so.
    #[must_use]
    pub fn and_path(mut self, prefix: &str) -> Self {
        self.path = Some(prefix.to_owned());
        self
    }

    /// And the model is this.
    #[must_use]
    pub fn and_model(mut self, model: &str) -> Self {
        self.model = Some(model.to_owned());
        self
    }

    /// And the key is this.
    #[must_use]
    pub fn and_key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    fn matches(&self, path: &str, model: Option<&str>, key: Option<&str>) -> bool {
        self.path
            .as_deref()
            .is_none_or(|prefix| path.starts_with(prefix))
            && self
                .model
                .as_deref()
                .is_none_or(|wanted| model == Some(wanted))
            && self.key.as_deref().is_none_or(|wanted| key == Some(wanted))
    }
}

/// `/…` is a path prefix, anything else a model.
impl From<&str> for When {
    fn from(text: &str) -> Self {
        if text.starts_with('/') {
            Self::path(text)
        } else {
            Self::model(text)
        }
    }
}

impl Rule {
    /// How many requests got an answer of this script.
    #[must_use]
    pub fn used(&self) -> usize {
        self.0.used.load(Ordering::SeqCst)
    }
}

impl Laid {
    pub(crate) fn new(when: When, script: Script) -> Self {
        Self {
            when,
            script,
            used: AtomicUsize::new(0),
        }
    }

    /// The next answer, if the request is one this script is for.
    pub(crate) fn take(
        &self,
        path: &str,
        model: Option<&str>,
        key: Option<&str>,
    ) -> Option<Arc<Answer>> {
        if !self.when.matches(path, model, key) {
            return None;
        }
        let last = self.script.0.len().checked_sub(1)?;
        let turn = self.used.fetch_add(1, Ordering::SeqCst);
        self.script.0.get(turn.min(last)).cloned()
    }
}
