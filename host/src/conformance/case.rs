//! The files of one case.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value as Json;

use super::stage::{NOW_MS, Reply, Scene};
use crate::gateway::exchange::Upload;

/// Its description.
const DESCRIPTION: &str = "case.toml";

/// What the client sends; only for operations that have a body.
const REQUEST: &str = "request.json";

/// What the names of files begin with that say what must come of it.
const EXPECTS: &str = "expect-";

/// A case as it lies on disk.
#[derive(Debug, Clone)]
pub struct Case {
    /// Of its folder.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// Where its bytes come from; `None`: they are invented.
    pub source: Option<String>,
    /// What is acted.
    pub scene: Scene,
    /// By file name, what must come of it.
    pub expected: BTreeMap<String, Json>,
}

/// `case.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    /// Where the upstream's bytes are from: an address, or a recording and its licence.
    #[serde(default)]
    source: Option<String>,
    /// They are nobody's.
    #[serde(default)]
    invented: bool,
    /// For people.
    #[serde(default, rename = "note")]
    _note: String,
    #[serde(default = "chat")]
    operation: String,
    #[serde(default)]
    model: String,
    #[serde(default)]
    streaming: bool,
    /// Where the user's own endpoint is.
    #[serde(default)]
    base: Option<String>,
    #[serde(default)]
    now_ms: Option<i64>,
    #[serde(default)]
    settings: BTreeMap<String, String>,
    #[serde(default)]
    learned: BTreeMap<String, String>,
    /// What earlier replies had the host remember, by tool call.
    #[serde(default)]
    notes: BTreeMap<String, String>,
    #[serde(default)]
    upload: Vec<Uploaded>,
    #[serde(default)]
    answer: Vec<Answer>,
}

/// A file that the client uploads.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Uploaded {
    /// The form's field.
    field: String,
    /// A file of the folder, under whose name it is sent.
    file: String,
    #[serde(default)]
    media_type: Option<String>,
}

/// One of the upstream's answers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    #[serde(default = "ok")]
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// File of its body; none: it has none.
    #[serde(default)]
    body: Option<String>,
    /// The connection is lost after these bytes.
    #[serde(default)]
    broken: bool,
}

fn chat() -> String {
    "chat".to_owned()
}

fn ok() -> u16 {
    200
}

impl Case {
    /// Reads one.
    ///
    /// # Errors
    /// What is missing or wrong, with the file's name and what to do.
    pub fn read(folder: &Path) -> Result<Self, String> {
        let name = folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let text = text(&folder.join(DESCRIPTION))?;
        let said: Description =
            toml::from_str(&text).map_err(|error| format!("{DESCRIPTION}: {error}"))?;
        match (&said.source, said.invented) {
            (None, false) => {
                return Err(format!(
                    "{DESCRIPTION}: say where the bytes of the answer come from (`source = \"…\"`), or that they are \
                     `invented = true`"
                ));
            }
            (Some(_), true) => {
                return Err(format!(
                    "{DESCRIPTION}: bytes with a `source` are not `invented`"
                ));
            }
            _ => {}
        }
        let path = folder.join(REQUEST);
        let request = if path.exists() {
            let mut request: Json = read_json(&path)?;
            if said.streaming {
                request["stream"] = Json::Bool(true);
            }
            request.to_string().into_bytes()
        } else {
            Vec::new()
        };
        let uploads = said.upload.iter().map(|upload| upload.read(folder));
        let replies = said.answer.iter().map(|answer| answer.read(folder));
        Ok(Self {
            name,
            folder: folder.to_owned(),
            source: said.source,
            scene: Scene {
                operation: said.operation,
                model: said.model,
                request,
                base: said.base,
                settings: said.settings,
                learned: said.learned,
                notes: said.notes,
                now_ms: said.now_ms.unwrap_or(NOW_MS),
                uploads: uploads.collect::<Result<_, _>>()?,
                replies: replies.collect::<Result<_, _>>()?,
            },
            expected: expected(folder)?,
        })
    }

    /// Writes what was seen where the case does not say yet what must come of it. Gives the names of new files.
    ///
    /// # Errors
    /// A disk that refuses.
    pub fn bless(&self, seen: &BTreeMap<String, Json>) -> Result<Vec<String>, String> {
        let mut written = Vec::new();
        for (name, value) in seen {
            if self.expected.contains_key(name) {
                continue;
            }
            let mut text = if is_toml(Path::new(name)) {
                toml::to_string_pretty(value).map_err(|error| format!("{name}: {error}"))?
            } else {
                serde_json::to_string_pretty(value).map_err(|error| format!("{name}: {error}"))?
            };
            if !text.ends_with('\n') {
                text.push('\n');
            }
            std::fs::write(self.folder.join(name), text)
                .map_err(|error| format!("{name}: {error}"))?;
            written.push(name.clone());
        }
        Ok(written)
    }
}

impl Uploaded {
    fn read(&self, folder: &Path) -> Result<Upload, String> {
        let data = std::fs::read(folder.join(&self.file))
            .map_err(|error| format!("{}, which {DESCRIPTION} names: {error}", self.file))?;
        Ok(Upload {
            field: self.field.clone(),
            file_name: Some(self.file.clone()),
            media_type: self.media_type.clone(),
            data: data.into(),
        })
    }
}

impl Answer {
    fn read(&self, folder: &Path) -> Result<Reply, String> {
        let body = match &self.body {
            Some(name) => std::fs::read(folder.join(name))
                .map_err(|error| format!("{name}, which {DESCRIPTION} names: {error}"))?,
            None => Vec::new(),
        };
        Ok(Reply {
            status: self.status,
            headers: self.headers.clone().into_iter().collect(),
            pieces: vec![Bytes::from(body)],
            broken: self.broken,
        })
    }
}

fn expected(folder: &Path) -> Result<BTreeMap<String, Json>, String> {
    let mut found = BTreeMap::new();
    for path in files(folder)? {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if name.starts_with(EXPECTS) {
            let value = if is_toml(&path) {
                toml::from_str(&text(&path)?).map_err(|error| format!("{name}: {error}"))?
            } else {
                read_json(&path)?
            };
            found.insert(name, value);
        }
    }
    Ok(found)
}

/// What lies in a folder, sorted.
pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let cannot = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut paths = std::fs::read_dir(folder)
        .map_err(cannot)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(cannot)?;
    paths.sort();
    Ok(paths)
}

fn is_toml(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "toml")
}

fn read_json(path: &Path) -> Result<Json, String> {
    serde_json::from_str(&text(path)?).map_err(|error| format!("{}: {error}", name(path)))
}

fn text(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", name(path)))
}

fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
