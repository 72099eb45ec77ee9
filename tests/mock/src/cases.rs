//! A provider's golden cases (`plugins/NAME/cases`), to be played by a mock.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::answer::{Answer, End, Framing};
use crate::rules::Script;

/// One case: what a client asks, what the provider answers, and what the client should get.
#[derive(Clone, Debug)]
pub struct Case {
    /// Name of its folder.
    pub name: String,
    /// In the contract's words.
    pub operation: String,
    /// The provider's own name of the model.
    pub model: String,
    /// Whether a stream is asked for.
    pub streaming: bool,
    /// What the user must have set.
    pub settings: BTreeMap<String, String>,
    /// The client's body; null where there is none.
    pub request: Value,
    /// What the provider gets, as `expect-request.json` says.
    pub sent: Value,
    /// The whole answer that a client gets; null if another end is expected.
    pub answer: Value,
    /// The chunks of a streamed answer; none if another end is expected.
    pub chunks: Option<Vec<Value>>,
    /// No answer is expected, or a broken one.
    pub fails: bool,
    answers: Vec<Answer>,
}

#[derive(Deserialize)]
struct Described {
    #[serde(default)]
    operation: Option<String>,
    #[serde(default)]
    model: String,
    #[serde(default)]
    streaming: bool,
    #[serde(default)]
    settings: BTreeMap<String, String>,
    #[serde(default)]
    answer: Vec<Given>,
}

#[derive(Deserialize)]
struct Given {
    #[serde(default)]
    status: Option<u16>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    broken: bool,
}

impl Case {
    /// Every case of a folder, by name.
    ///
    /// # Panics
    /// If one cannot be read.
    #[must_use]
    pub fn all(folder: &Path) -> Vec<Self> {
        let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.join("case.toml").is_file())
            .collect();
        paths.sort();
        paths.iter().map(|path| Self::read(path)).collect()
    }

    /// One case.
    ///
    /// # Panics
    /// If it cannot be read.
    #[must_use]
    pub fn read(folder: &Path) -> Self {
        let fail = |what: &str, error: &dyn std::fmt::Display| -> ! {
            panic!("{}: {what}: {error}", folder.display())
        };
        let text = std::fs::read_to_string(folder.join("case.toml"))
            .unwrap_or_else(|error| fail("case.toml", &error));
        let described: Described =
            toml::from_str(&text).unwrap_or_else(|error| fail("case.toml", &error));
        let answers = described.answer.iter().map(|given| {
            let body = given.body.as_ref().map(|name| {
                std::fs::read(folder.join(name)).unwrap_or_else(|error| fail(name, &error))
            });
            given.answer(body.unwrap_or_default())
        });
        let json = |name: &str| {
            let bytes = std::fs::read(folder.join(name)).ok();
            bytes.map_or(Value::Null, |bytes| {
                serde_json::from_slice(&bytes).unwrap_or_else(|error| fail(name, &error))
            })
        };
        let events = json("expect-events.json");
        Self {
            name: folder
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            answers: answers.collect(),
            operation: described.operation.unwrap_or_else(|| "chat".to_owned()),
            model: described.model,
            streaming: described.streaming,
            settings: described.settings,
            request: json("request.json"),
            sent: json("expect-request.json"),
            answer: json("expect-answer.json"),
            chunks: events["chunks"].as_array().cloned(),
            fails: folder.join("expect-failure.toml").exists(),
        }
    }

    /// What the provider answers, one after the other.
    #[must_use]
    pub fn script(&self) -> Script {
        Script::sequence(self.answers.iter().cloned())
    }
}

impl Given {
    fn answer(&self, body: Vec<u8>) -> Answer {
        let answer = self.headers.iter().fold(
            Answer::new(self.status.unwrap_or(200)),
            |answer, (name, value)| answer.header(name, value),
        );
        let answer = answer.body(body);
        if self.broken {
            answer.framing(Framing::Chunked).end(End::Cut)
        } else {
            answer
        }
    }
}
