//! Reading the plugins folder: top level only, and only what changed.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use bytes::Bytes;

use super::Candidate;
use crate::plugins::component::{MAX_COMPONENT_BYTES, sha256_hex};
use crate::plugins::plugin::Source;

/// Files as they were last read, by path.
#[derive(Default)]
pub(super) struct Seen(HashMap<PathBuf, File>);

/// Time of change and length, by which a change is noticed; and the hash.
#[derive(Clone)]
struct File {
    stamp: (Option<SystemTime>, u64),
    sha256: String,
}

impl Seen {
    /// The files of `folder` now, by name; one that did not change comes without its bytes. A folder that is not
    /// there is empty. A file too large to be a plugin is read so far that its refusal says so.
    pub(super) async fn read(&mut self, folder: &Path) -> Vec<Candidate> {
        let folder = folder.to_owned();
        let before = std::mem::take(&mut self.0);
        let read = tokio::task::spawn_blocking(move || scan(&folder, &before)).await;
        let mut files = Vec::new();
        for (path, file, bytes) in read.unwrap_or_default() {
            files.push(Candidate {
                source: Source::Inbox,
                file: path
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned(),
                sha256: file.sha256.clone(),
                bytes,
            });
            self.0.insert(path, file);
        }
        files.sort_by(|one, other| one.file.cmp(&other.file));
        files
    }
}

fn scan(folder: &Path, before: &HashMap<PathBuf, File>) -> Vec<(PathBuf, File, Bytes)> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            if path.extension().is_none_or(|extension| extension != "wasm") {
                return None;
            }
            let facts = std::fs::metadata(&path).ok()?;
            if !facts.is_file() {
                return None;
            }
            let stamp = (facts.modified().ok(), facts.len());
            if let Some(known) = before.get(&path).filter(|known| known.stamp == stamp) {
                return Some((path, known.clone(), Bytes::new()));
            }
            let bytes = read(&path).ok()?;
            let sha256 = sha256_hex(&bytes);
            Some((path, File { stamp, sha256 }, bytes))
        })
        .collect()
}

fn read(path: &Path) -> std::io::Result<Bytes> {
    use std::io::Read;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?
        .take(MAX_COMPONENT_BYTES + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes.into())
}
