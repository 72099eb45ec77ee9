//! Reading the plugins folder: top level only, and only what changed. A file is gone only if the system says that it is
//! not there; one that cannot be read at the moment stays as it was last read.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::Metadata;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;

use super::Candidate;
use crate::plugins::component::{MAX_COMPONENT_BYTES, sha256_hex};
use crate::plugins::plugin::Source;

/// What lies in the folder now.
#[derive(Default)]
pub(super) struct Look {
    /// Its files, by name; one that did not change comes without its bytes.
    pub(super) candidates: Vec<Candidate>,
    /// Files that could never be read, by name, and why.
    pub(super) unread: Vec<(String, String)>,
}

/// Files as they were last read.
#[derive(Default)]
pub(super) struct Seen {
    files: Arc<HashMap<PathBuf, File>>,
    /// What could not be read at the last look, so that each trouble is logged once.
    troubled: BTreeSet<PathBuf>,
}

#[derive(Clone)]
struct File {
    stamp: Stamp,
    sha256: String,
}

/// By what a change is noticed: a file that takes another's place may have its length and its time of change.
#[derive(Clone, PartialEq)]
struct Stamp {
    modified: Option<SystemTime>,
    bytes: u64,
    node: Node,
}

/// Device, inode, and seconds and nanoseconds of the inode's change.
type Node = (u64, u64, i64, i64);

#[derive(Default)]
struct Scan {
    files: Vec<(PathBuf, File, Option<Bytes>)>,
    troubles: BTreeMap<PathBuf, String>,
}

impl Stamp {
    fn of(facts: &Metadata) -> Self {
        Self {
            modified: facts.modified().ok(),
            bytes: facts.len(),
            node: node(facts),
        }
    }
}

#[cfg(unix)]
fn node(facts: &Metadata) -> Node {
    use std::os::unix::fs::MetadataExt;
    (facts.dev(), facts.ino(), facts.ctime(), facts.ctime_nsec())
}

#[cfg(not(unix))]
fn node(_facts: &Metadata) -> Node {
    Node::default()
}

impl Seen {
    /// Looks at `folder`; one that is not there is empty. A file too large to be a plugin is read so far that its
    /// refusal says so.
    pub(super) async fn read(&mut self, folder: &Path) -> Look {
        let (folder, before) = (folder.to_owned(), Arc::clone(&self.files));
        let scan = match tokio::task::spawn_blocking(move || scan(&folder, &before)).await {
            Ok(scan) => scan,
            Err(error) => {
                tracing::error!(%error, "the plugins folder could not be looked at; all stays as it was");
                Scan {
                    files: all(&self.files).collect(),
                    troubles: BTreeMap::new(),
                }
            }
        };
        let mut look = Look::default();
        let mut files = HashMap::new();
        for (path, file, bytes) in scan.files {
            look.candidates.push(Candidate {
                source: Source::Inbox,
                file: name(&path),
                sha256: file.sha256.clone(),
                bytes,
            });
            files.insert(path, file);
        }
        look.candidates
            .sort_by(|one, other| one.file.cmp(&other.file));
        for (path, why) in &scan.troubles {
            if !self.troubled.contains(path) {
                tracing::warn!(path = %path.display(), %why, "cannot be read; it is tried again");
            }
            if !files.contains_key(path) && is_wasm(path) {
                look.unread.push((name(path), why.clone()));
            }
        }
        self.files = Arc::new(files);
        self.troubled = scan.troubles.into_keys().collect();
        look
    }
}

fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn is_wasm(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "wasm")
}

/// All files as they were.
fn all(
    before: &HashMap<PathBuf, File>,
) -> impl Iterator<Item = (PathBuf, File, Option<Bytes>)> + '_ {
    before
        .iter()
        .map(|(path, file)| (path.clone(), file.clone(), None))
}

fn scan(folder: &Path, before: &HashMap<PathBuf, File>) -> Scan {
    let mut scan = Scan::default();
    if let Err(error) = walk(folder, before, &mut scan)
        && error.kind() != ErrorKind::NotFound
    {
        // Which files are still there is not known: none is taken for gone.
        let seen: BTreeSet<PathBuf> = scan.files.iter().map(|(path, ..)| path.clone()).collect();
        scan.files
            .extend(all(before).filter(|(path, ..)| !seen.contains(path)));
        scan.troubles.insert(folder.to_owned(), error.to_string());
    }
    scan
}

fn walk(folder: &Path, before: &HashMap<PathBuf, File>, scan: &mut Scan) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if !is_wasm(&path) {
            continue;
        }
        let known = before.get(&path);
        match look(&path, known) {
            Ok(Some((file, bytes))) => scan.files.push((path, file, bytes)),
            Ok(None) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => {
                // With its former stamp, so that the next look reads it.
                if let Some(known) = known {
                    scan.files.push((path.clone(), known.clone(), None));
                }
                scan.troubles.insert(path, error.to_string());
            }
        }
    }
    Ok(())
}

/// The file as it is; its bytes only if it is another than `known`. `None` if it is no file.
fn look(path: &Path, known: Option<&File>) -> io::Result<Option<(File, Option<Bytes>)>> {
    let facts = std::fs::metadata(path)?;
    if !facts.is_file() {
        return Ok(None);
    }
    if let Some(known) = known.filter(|known| known.stamp == Stamp::of(&facts)) {
        return Ok(Some((known.clone(), None)));
    }
    let mut file = std::fs::File::open(path)?;
    // Of what was opened, and before it is read: what changes meanwhile is seen at the next look.
    let stamp = Stamp::of(&file.metadata()?);
    let bytes = read(&mut file)?;
    let sha256 = sha256_hex(&bytes);
    Ok(Some((File { stamp, sha256 }, Some(bytes))))
}

fn read(file: &mut std::fs::File) -> io::Result<Bytes> {
    use std::io::Read;
    let mut bytes = Vec::new();
    file.take(MAX_COMPONENT_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes.into())
}

#[cfg(test)]
mod tests;
