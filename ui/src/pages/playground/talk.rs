//! A conversation as it is shown.

use std::rc::Rc;

use serde_json::{Value, json};
use yew::Reducible;

use super::stream::News;

/// What was said so far.
#[derive(Default)]
pub(super) struct Talk {
    pub(super) turns: Vec<Turn>,
    /// An answer is under way.
    pub(super) busy: bool,
}

#[derive(Clone)]
pub(super) enum Turn {
    User(String),
    Answer(Answer),
}

/// An answer and what is known about it.
#[derive(Clone, Default)]
pub(super) struct Answer {
    pub(super) words: String,
    pub(super) thoughts: String,
    /// Who served it, as `provider/model`.
    pub(super) via: Option<String>,
    /// Attempts that failed before.
    pub(super) attempts: Option<String>,
    /// To the first content, milliseconds.
    pub(super) first_ms: Option<f64>,
    /// Why it is not whole.
    pub(super) failed: Option<String>,
}

pub(super) enum Change {
    Ask(String),
    News(News),
    Failed(String),
    End,
    Clear,
}

impl Talk {
    /// The conversation as a request has it, with another question. An answer that failed is no part of it.
    pub(super) fn messages(&self, system: &str, question: &str) -> Vec<Value> {
        let mut all = Vec::new();
        if !system.trim().is_empty() {
            all.push(json!({ "role": "system", "content": system.trim() }));
        }
        let mut asked = None;
        for turn in &self.turns {
            match turn {
                Turn::User(words) => asked = Some(words),
                Turn::Answer(answer) if answer.failed.is_none() => {
                    if let Some(words) = asked.take() {
                        all.push(json!({ "role": "user", "content": words }));
                        all.push(json!({ "role": "assistant", "content": answer.words }));
                    }
                }
                Turn::Answer(_) => asked = None,
            }
        }
        all.push(json!({ "role": "user", "content": question }));
        all
    }
}

impl Reducible for Talk {
    type Action = Change;

    fn reduce(self: Rc<Self>, change: Change) -> Rc<Self> {
        let mut turns = self.turns.clone();
        let mut busy = self.busy;
        match change {
            Change::Ask(question) => {
                turns.push(Turn::User(question));
                turns.push(Turn::Answer(Answer::default()));
                busy = true;
            }
            Change::News(news) => {
                if let Some(Turn::Answer(answer)) = turns.last_mut() {
                    answer.take(news);
                }
            }
            Change::Failed(why) => {
                if let Some(Turn::Answer(answer)) = turns.last_mut() {
                    answer.failed = Some(why);
                }
            }
            Change::End => busy = false,
            Change::Clear => turns.clear(),
        }
        Rc::new(Self { turns, busy })
    }
}

impl Answer {
    fn take(&mut self, news: News) {
        match news {
            News::Head { via, attempts } => (self.via, self.attempts) = (via, attempts),
            News::Words(words, after_ms) => {
                self.first_ms.get_or_insert(after_ms);
                self.words.push_str(&words);
            }
            News::Thoughts(words) => self.thoughts.push_str(&words),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_failed_is_not_sent_again() {
        let mut talk = Rc::new(Talk::default());
        let words = |text: &str| Change::News(News::Words(text.to_owned(), 5.0));
        for change in [
            Change::Ask("one".into()),
            words("O"),
            words("ne"),
            Change::End,
            Change::Ask("two".into()),
            Change::Failed("gone".into()),
            Change::End,
        ] {
            talk = talk.reduce(change);
        }
        let messages = talk.messages(" be brief ", "three");
        let said: Vec<_> = messages
            .iter()
            .map(|message| message["content"].as_str().unwrap_or_default())
            .collect();
        assert_eq!(said, ["be brief", "one", "One", "three"]);
    }
}
