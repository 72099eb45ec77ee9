//! Reasoning that a model puts between tags at the beginning of its text.
//!
//! Only a tag that begins the answer opens reasoning: further on it is text like any other, an answer about such tags
//! for example. Of a stream no more is held back than the longest beginning of a tag.

use State::{After, Inside, Start, Text};

/// As most reasoning models were trained to write them; the last is that of Reka.
const TAGS: [(&str, &str); 3] = [
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<reasoning>", "</reasoning>"),
];

/// How much white space may stand before the tag.
const MOST_SPACE: usize = 64;

/// One choice of a stream.
#[derive(Debug, Default)]
pub(super) struct Think {
    state: State,
    /// What is not decided yet.
    held: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Nothing but white space, or the beginning of a tag, has come.
    #[default]
    Start,
    /// Behind an opening tag; this closes it.
    Inside { close: &'static str, begun: bool },
    /// Behind the closing tag, before the text.
    After,
    /// In the text: nothing more to do.
    Text,
}

/// What a piece of text came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) thought: String,
    pub(super) text: String,
}

impl Think {
    /// The next piece of the text.
    pub(super) fn push(&mut self, piece: &str, parts: &mut Parts) {
        if self.state == Text {
            parts.text.push_str(piece);
            return;
        }
        self.held.push_str(piece);
        loop {
            let before = self.state;
            self.step(parts);
            if self.state == before || self.state == Text {
                return;
            }
        }
    }

    /// Nothing more comes, or the provider tells reasoning apart itself. An unclosed tag leaves all to the reasoning.
    pub(super) fn end(&mut self, parts: &mut Parts) {
        let rest = std::mem::take(&mut self.held);
        match self.state {
            Inside { .. } => parts.thought.push_str(&rest),
            After => {}
            Start | Text => parts.text.push_str(&rest),
        }
        self.state = Text;
    }

    fn step(&mut self, parts: &mut Parts) {
        match self.state {
            Start => {
                let begun = self.held.trim_start();
                let opened = TAGS.iter().find_map(|(open, close)| {
                    let rest = begun.strip_prefix(open)?;
                    Some((rest.to_owned(), *close))
                });
                if let Some((rest, close)) = opened {
                    self.held = rest;
                    let begun = false;
                    self.state = Inside { close, begun };
                } else if self.held.len() > MOST_SPACE
                    || !TAGS.iter().any(|(open, _)| open.starts_with(begun))
                {
                    self.end(parts);
                }
            }
            Inside { close, begun } => {
                if !begun {
                    self.held.drain(..leading_space(&self.held));
                }
                if let Some(at) = self.held.find(close) {
                    parts.thought.push_str(&self.held[..at]);
                    self.held.drain(..at + close.len());
                    self.state = After;
                } else {
                    let sure = self.held.len() - overlap(&self.held, close);
                    parts.thought.push_str(&self.held[..sure]);
                    self.held.drain(..sure);
                    if sure > 0 && !begun {
                        self.state = Inside { close, begun: true };
                    }
                }
            }
            After => {
                self.held.drain(..leading_space(&self.held));
                if !self.held.is_empty() {
                    let rest = std::mem::take(&mut self.held);
                    parts.text.push_str(&rest);
                    self.state = Text;
                }
            }
            Text => {}
        }
    }
}

fn leading_space(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

/// How much of the end of `text` may be the beginning of `mark`, bytes. `mark` begins with ASCII, so the place is
/// between characters.
pub(super) fn overlap(text: &str, mark: &str) -> usize {
    (1..mark.len().min(text.len() + 1))
        .rev()
        .find(|length| text.as_bytes().ends_with(&mark.as_bytes()[..*length]))
        .unwrap_or(0)
}

/// A whole text as reasoning and answer; `None` if it holds no reasoning. Here a closing tag alone counts too: chat
/// templates swallow the opening one.
pub(super) fn split(text: &str) -> Option<(String, &str)> {
    let begun = text.trim_start();
    for (open, close) in TAGS {
        if let Some(rest) = begun.strip_prefix(open) {
            let (thought, answer) = rest.split_once(close).unwrap_or((rest, ""));
            return Some((thought.trim().to_owned(), answer.trim_start()));
        }
    }
    let (thought, answer) = text.split_once("</think>")?;
    let quoted = thought.ends_with('`') || thought.contains("<think>");
    let once = !answer.contains("</think>") && !answer.trim().is_empty();
    (once && !quoted).then(|| (thought.trim().to_owned(), answer.trim_start()))
}
