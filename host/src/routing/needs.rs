//! What a request needs and what a model can do, as bits, and why a candidate cannot serve.

use std::fmt;

use super::field::Row;

/// Operations, in the contract's words; the bit of each is its place.
const OPERATIONS: [&str; 13] = [
    "chat",
    "completions",
    "embeddings",
    "images",
    "image-edits",
    "speech",
    "transcription",
    "translation",
    "rerank",
    "moderation",
    "messages",
    "responses",
    "generate-content",
];

const OPERATION_BITS: u32 = (1 << OPERATIONS.len()) - 1;

/// May be given tools, and has them.
pub const TOOLS: u32 = 1 << 16;
/// Sees images.
pub const VISION: u32 = 1 << 17;
/// Hears sound.
pub const AUDIO: u32 = 1 << 18;
/// Reads documents, such as PDF files.
pub const DOCUMENTS: u32 = 1 << 19;
/// Answers by a JSON schema.
pub const SCHEMA: u32 = 1 << 20;
/// Its provider does not train on what it is sent.
pub const PRIVATE: u32 = 1 << 21;
/// Costs nothing.
pub const FREE: u32 = 1 << 22;
/// Nobody can do it: an operation that this version does not know.
const NOBODY: u32 = 1 << 31;

/// What a request uses, in the words of the contract's outline, and what a model needs for it.
const USES: [(&str, u32); 5] = [
    ("tools", TOOLS),
    ("tool-results", TOOLS),
    ("images", VISION),
    ("audio", AUDIO),
    ("documents", DOCUMENTS),
];

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
    /// It reads no documents.
    Documents,
    /// Its provider may train on prompts, or does not say that it does not.
    Private,
    /// It costs money, and was not asked for by name.
    Paid,
    /// The prompt and the answer wanted exceed its window.
    Context,
    /// The prompt alone exceeds what its limits let through at once.
    Size,
}

/// How many candidates lack what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lacks([u32; Lack::ALL.len()]);

/// The bit of an operation.
#[must_use]
pub fn operation(word: &str) -> u32 {
    OPERATIONS
        .iter()
        .position(|known| *known == word)
        .map_or(NOBODY, |place| 1 << place)
}

/// The bit of an operation that a model has; none for one that nobody here asks for.
#[must_use]
pub fn known_operation(word: &str) -> u32 {
    operation(word) & OPERATION_BITS
}

/// What is needed for a request that uses these things.
#[must_use]
pub fn must(operation_word: &str, uses: impl Fn(&str) -> bool) -> u32 {
    USES.iter()
        .filter(|(word, _)| uses(word))
        .fold(operation(operation_word), |all, (_, bit)| all | bit)
}

/// Whose owners go first: a schema can also be described to a model that knows none.
#[must_use]
pub fn wish(uses: impl Fn(&str) -> bool) -> u32 {
    if uses("json-schema") { SCHEMA } else { 0 }
}

/// What a candidate lacks, if anything. What is not known of a model is not held against it.
#[must_use]
pub fn lack(row: &Row, must: u32, input: u64, output: u64) -> Option<Lack> {
    let missing = must & !row.can;
    if missing != 0 {
        return Some(Lack::of_bits(missing));
    }
    if row.context != u32::MAX && input.saturating_add(output) > u64::from(row.context) {
        return Some(Lack::Context);
    }
    (row.size != u32::MAX && input > u64::from(row.size)).then_some(Lack::Size)
}

impl Lack {
    const ALL: [Self; 9] = [
        Self::Operation,
        Self::Tools,
        Self::Vision,
        Self::Audio,
        Self::Documents,
        Self::Private,
        Self::Paid,
        Self::Context,
        Self::Size,
    ];

    fn of_bits(missing: u32) -> Self {
        match missing {
            bits if bits & (OPERATION_BITS | NOBODY) != 0 => Self::Operation,
            bits if bits & TOOLS != 0 => Self::Tools,
            bits if bits & VISION != 0 => Self::Vision,
            bits if bits & AUDIO != 0 => Self::Audio,
            bits if bits & DOCUMENTS != 0 => Self::Documents,
            bits if bits & PRIVATE != 0 => Self::Private,
            _ => Self::Paid,
        }
    }

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
            Self::Documents => "none of them takes documents",
            Self::Private => {
                "none of their providers says that it does not train on prompts; add a key of one that does, or an \
                 endpoint of your own"
            }
            Self::Paid => "what is left costs money; ask for it by its name",
            Self::Context => {
                "the request is larger than their context window; shorten it or lower `max_tokens`"
            }
            Self::Size => {
                "the request is larger than what their limits let through at once; shorten it"
            }
        }
    }

    /// For programs, as in an error's `code`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Operation => "unsupported_by_model",
            Self::Tools => "no_tools_model",
            Self::Vision => "no_vision_model",
            Self::Audio => "no_audio_model",
            Self::Documents => "no_document_model",
            Self::Private => "no_private_model",
            Self::Paid => "no_free_model",
            Self::Context | Self::Size => "context_length_exceeded",
        }
    }

    /// Of one candidate, for the trace and for people.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Operation => "cannot do this operation",
            Self::Tools => "has no tools",
            Self::Vision => "sees no images",
            Self::Audio => "hears no audio",
            Self::Documents => "reads no documents",
            Self::Private => "may train on prompts",
            Self::Paid => "costs money",
            Self::Context => "window too small",
            Self::Size => "limits too small",
        }
    }

    /// Whether a shorter request would do.
    #[must_use]
    pub fn is_length(self) -> bool {
        matches!(self, Self::Context | Self::Size)
    }
}

impl Lacks {
    /// One more.
    pub fn add(&mut self, lack: Lack) {
        if let Some(count) = self.0.get_mut(lack as usize) {
            *count = count.saturating_add(1);
        }
    }

    /// What is lacked, and by how many.
    pub fn iter(&self) -> impl Iterator<Item = (Lack, u32)> {
        Lack::ALL
            .into_iter()
            .zip(self.0)
            .filter(|(_, count)| *count > 0)
    }

    /// How many were left out.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.0
            .iter()
            .fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// What to tell the client: the lack that stands for all. What a shorter request mends comes last, since
    /// those models would serve; among the others the one that most lack.
    #[must_use]
    pub fn main(&self) -> Option<Lack> {
        self.iter()
            .max_by_key(|(lack, count)| (lack.is_length(), *count))
            .map(|(lack, _)| lack)
    }
}

/// `2 sees no images, 1 window too small`.
impl fmt::Display for Lacks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, (lack, count)) in self.iter().enumerate() {
            if nth > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{count} {}", lack.word())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(can: u32) -> Row {
        Row {
            id: 0,
            can,
            context: 1_000,
            size: 900,
            tier: 0,
            capability: 0.5,
        }
    }

    #[test]
    fn the_first_lack_is_told() {
        let chat = operation("chat");
        let table = [
            ("chat", &["images"][..], chat | VISION, 10, 0, None),
            ("chat", &["images"], chat, 10, 0, Some(Lack::Vision)),
            ("chat", &["tools", "images"], chat, 10, 0, Some(Lack::Tools)),
            ("chat", &["tool-results"], chat, 10, 0, Some(Lack::Tools)),
            (
                "chat",
                &["documents"],
                chat | VISION,
                10,
                0,
                Some(Lack::Documents),
            ),
            ("chat", &["audio"], chat, 10, 0, Some(Lack::Audio)),
            ("embeddings", &[], chat, 10, 0, Some(Lack::Operation)),
            (
                "telepathy",
                &[],
                u32::MAX >> 1,
                10,
                0,
                Some(Lack::Operation),
            ),
            ("chat", &[], chat, 600, 500, Some(Lack::Context)),
            ("chat", &[], chat, 950, 0, Some(Lack::Size)),
            ("chat", &[], chat, u64::MAX, u64::MAX, Some(Lack::Context)),
            ("chat", &["json-schema"], chat, 10, 0, None),
        ];
        for (operation, uses, can, input, output, lacking) in table {
            let must = must(operation, |word| uses.contains(&word));
            assert_eq!(
                lack(&row(can), must, input, output),
                lacking,
                "{operation} {uses:?}"
            );
        }
    }

    #[test]
    fn what_a_shorter_request_mends_stands_for_all() {
        let mut lacks = Lacks::default();
        assert_eq!(lacks.main(), None);
        lacks.add(Lack::Vision);
        lacks.add(Lack::Vision);
        lacks.add(Lack::Tools);
        assert_eq!(lacks.main(), Some(Lack::Vision));
        lacks.add(Lack::Context);
        assert_eq!(lacks.main(), Some(Lack::Context));
        assert_eq!(lacks.total(), 4);
        assert_eq!(
            lacks.to_string(),
            "1 has no tools, 2 sees no images, 1 window too small"
        );
    }
}
