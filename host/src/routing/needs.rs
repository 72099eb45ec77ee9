//! Which candidates can serve a request, and why the others cannot.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::table::Candidate;
use crate::chat::Outline;
use crate::plugins::manifest::TOOLS;

/// What a request asks of a model.
#[derive(Debug, Clone, Copy)]
pub struct Needs<'a> {
    /// In the contract's words.
    pub operation: &'a str,
    /// What the request uses.
    pub outline: &'a Outline,
}

/// Why a candidate is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lack {
    /// The model cannot do the operation.
    Operation,
    /// Its plugin was not granted tools, or the model has none.
    Tools,
    /// It sees no images.
    Vision,
    /// It hears no sound.
    Audio,
    /// The prompt and the answer wanted exceed its window.
    Context,
}

impl Lack {
    /// For the client: what no model at hand has.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::Operation => "none of them does this operation",
            Self::Tools => {
                "none of them may be given tools; leave out `tools`, or grant the plugin the power `tools`"
            }
            Self::Vision => "none of them takes images",
            Self::Audio => "none of them takes audio",
            Self::Context => {
                "the request is larger than their context window; shorten it or lower `max_tokens`"
            }
        }
    }
}

impl Needs<'_> {
    /// What the candidate lacks, if anything. What is not known of a model is not held against it.
    #[must_use]
    pub fn lack(&self, one: &Candidate) -> Option<Lack> {
        let model = &one.model;
        let uses = |word| self.outline.has(word);
        if model.operations.iter().all(|known| known != self.operation) {
            return Some(Lack::Operation);
        }
        // A stranger's plugin must not be able to put words into an agent's hands.
        let may_call = one.plugin.grant.has_power(TOOLS) && !model.lacks("tools");
        if (uses("tools") || uses("tool-results")) && !may_call {
            return Some(Lack::Tools);
        }
        if uses("images") && model.lacks("vision") {
            return Some(Lack::Vision);
        }
        if uses("audio") && model.lacks("audio") {
            return Some(Lack::Audio);
        }
        let wanted = self
            .outline
            .input_tokens
            .saturating_add(self.outline.max_output.unwrap_or(0));
        if model.context.is_some_and(|window| wanted > window) {
            return Some(Lack::Context);
        }
        None
    }

    /// Those that can serve; of the others, how many lack what.
    #[must_use]
    pub fn split(&self, all: Vec<Arc<Candidate>>) -> (Vec<Arc<Candidate>>, BTreeMap<Lack, usize>) {
        let mut lacks = BTreeMap::new();
        let able = all
            .into_iter()
            .filter(|one| match self.lack(one) {
                None => true,
                Some(lack) => {
                    *lacks.entry(lack).or_default() += 1;
                    false
                }
            })
            .collect();
        (able, lacks)
    }
}
