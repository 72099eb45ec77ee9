//! A model of the catalogue.

use crate::{RawModel, Scope};

const MINUTE: u64 = 60;
const DAY: u64 = 86_400;

/// Builds the contract's model. Starts as a chat model of unknown size.
#[derive(Clone, Debug)]
pub struct Model {
    raw: RawModel,
    day: Scope,
}

impl Model {
    /// A chat model: the provider's own name, and one for people.
    #[must_use]
    pub fn chat(id: &str, label: &str) -> Self {
        Self {
            raw: RawModel {
                id: id.to_owned(),
                label: label.to_owned(),
                family: String::new(),
                operations: vec!["chat".to_owned()],
                context: None,
                max_output: None,
                traits: Vec::new(),
                rank: None,
                dimensions: Vec::new(),
                quotas: Vec::new(),
                note: String::new(),
                extra: Vec::new(),
            },
            day: Scope::MODEL,
        }
    }

    /// The name that joins the same model across providers.
    #[must_use]
    pub fn family(mut self, family: &str) -> Self {
        self.raw.family = family.to_owned();
        self
    }

    /// Window, tokens.
    #[must_use]
    pub fn context(mut self, tokens: u64) -> Self {
        self.raw.context = Some(tokens);
        self
    }

    /// The longest answer, tokens.
    #[must_use]
    pub fn max_output(mut self, tokens: u64) -> Self {
        self.raw.max_output = Some(tokens);
        self
    }

    /// How capable, 0 to 1000 on a scale shared by all providers: the best open models stand near 950, good
    /// general ones near 700, small ones below 450.
    #[must_use]
    pub fn rank(mut self, rank: u32) -> Self {
        self.raw.rank = Some(rank);
        self
    }

    /// Words apart by spaces: `tools vision reasoning json-object json-schema`.
    #[must_use]
    pub fn traits(mut self, words: &str) -> Self {
        self.raw
            .traits
            .extend(words.split_whitespace().map(str::to_owned));
        self
    }

    /// The day limits given after this start anew as told, and belong to whom.
    #[must_use]
    pub fn day(mut self, scope: Scope) -> Self {
        self.day = scope;
        self
    }

    /// Requests a minute and a day, tokens a minute and a day, of one key; 0 is no limit.
    #[must_use]
    pub fn limits(mut self, rpm: u64, rpd: u64, tpm: u64, tpd: u64) -> Self {
        let rows = [
            ("requests", MINUTE, rpm, Scope::MODEL),
            ("requests", DAY, rpd, self.day),
            ("tokens", MINUTE, tpm, Scope::MODEL),
            ("tokens", DAY, tpd, self.day),
        ];
        for (unit, window, limit, scope) in rows {
            if limit > 0 {
                self.raw.quotas.push(scope.limit(unit, window, limit));
            }
        }
        self
    }

    /// A quirk worth knowing, for people.
    #[must_use]
    pub fn note(mut self, note: &str) -> Self {
        self.raw.note = note.to_owned();
        self
    }

    /// The contract's record.
    #[must_use]
    pub fn build(self) -> RawModel {
        self.raw
    }
}
