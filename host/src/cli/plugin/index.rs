//! `freellmapi plugin search`, `info`, `verify` and `sign`: what a registry's index says, and whose it is. All read a
//! file; without one, the index of the plugins that come with the server.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::app::AppError;
use crate::cli::out::{line, table};
use crate::plugins::component::{MAX_COMPONENT_BYTES, sha256_hex};
use crate::plugins::index::{
    Entry, Index, IndexError, MAX_INDEX_BYTES, Pin, PublicKey, Signer, accept, signers,
};

/// The key of `plugin sign`; in the environment, so that no list of processes shows it.
const SEED: &str = "FREELLMAPI_SIGNING_KEY";

/// The index of the plugins inside this binary. What stands behind it is the binary.
const OFFICIAL: &[u8] = include_bytes!("../../../../registry.toml");

/// Which index.
#[derive(Debug, Args)]
pub(in crate::cli) struct From {
    /// A registry's index [default: that of the plugins inside this server].
    #[arg(long, value_name = "FILE", requires = "key")]
    index: Option<PathBuf>,
    /// The public key that must have signed it, 64 hexadecimal digits.
    #[arg(long, value_name = "KEY", requires = "index")]
    key: Option<PublicKey>,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Command {
    /// List the plugins of an index whose id or title holds all of these words.
    Search {
        words: Vec<String>,
        #[command(flatten)]
        from: From,
    },
    /// Show what an index says of a plugin.
    Info {
        /// The plugin's id.
        id: String,
        #[command(flatten)]
        from: From,
    },
    /// Say whether an index is signed by a key, and whether a component is one of its.
    Verify {
        /// A registry's index.
        index: PathBuf,
        /// The public key that must have signed it, 64 hexadecimal digits.
        #[arg(long, value_name = "KEY")]
        key: PublicKey,
        /// Refuse an index with a lower serial.
        #[arg(long, value_name = "SERIAL", default_value_t = 1)]
        since: u64,
        /// A component that must be in it, with this length and hash.
        #[arg(long, value_name = "FILE")]
        component: Option<PathBuf>,
    },
    /// Put a signature below an index, with the seed in FREELLMAPI_SIGNING_KEY (64 hexadecimal digits, such as
    /// `openssl rand -hex 32` makes).
    Sign {
        /// A registry's index; it is written over.
        index: PathBuf,
    },
}

pub(super) fn run(command: &Command) -> Result<(), AppError> {
    match command {
        Command::Search { words, from } => {
            let index = from.read()?;
            let found = index.search(words);
            if found.is_empty() {
                return Err(AppError(
                    "no plugin of this index has these words".to_owned(),
                ));
            }
            let row = |entry: &&Entry| {
                vec![
                    entry.id.clone(),
                    entry.version.to_string(),
                    entry.title.clone(),
                    entry.hosts.join(" "),
                ]
            };
            let rows: Vec<Vec<String>> = found.iter().map(row).collect();
            table(&["ID", "VERSION", "TITLE", "HOSTS"], &rows);
            Ok(())
        }
        Command::Info { id, from } => info(&from.read()?, id),
        Command::Verify {
            index,
            key,
            since,
            component,
        } => verify(index, *key, *since, component.as_deref()),
        Command::Sign { index } => sign(index),
    }
}

impl From {
    fn read(&self) -> Result<Index, AppError> {
        match (&self.index, self.key) {
            (Some(path), Some(key)) => {
                let read = accept(&Pin::new(key), &bytes_of(path, MAX_INDEX_BYTES as u64)?);
                Ok(read.map_err(|error| of(path, &error))?.0)
            }
            _ => Index::read(OFFICIAL).map_err(AppError::of),
        }
    }
}

fn info(index: &Index, id: &str) -> Result<(), AppError> {
    let newest = index.newest(id).ok_or_else(|| {
        AppError(format!(
            "the index has no plugin {id:?}; see `freellmapi plugin search`"
        ))
    })?;
    line(&format!(
        "{} {} ({})",
        newest.id, newest.version, newest.title
    ));
    line(&format!(
        "contract {}, licence {}",
        newest.contract, newest.licence
    ));
    line(&format!("hosts: {}", newest.hosts.join(" ")));
    if !newest.credentials.is_empty() {
        line(&format!("credentials: {}", newest.credentials.join(" ")));
    }
    if let Some(signer) = newest.signer {
        line(&format!("signer {signer}"));
    }
    match &newest.file {
        Some(file) => {
            line(&format!("sha256 {}", file.sha256));
            line(&format!("{} bytes at {}", file.size, file.url));
        }
        None => line("it comes with the server"),
    }
    let of_id = index.plugins.iter().filter(|entry| entry.id == id);
    let others: Vec<String> = of_id
        .filter(|entry| entry.version != newest.version)
        .map(|entry| entry.version.to_string())
        .collect();
    if !others.is_empty() {
        line(&format!("other versions: {}", others.join(" ")));
    }
    Ok(())
}

fn verify(
    path: &Path,
    key: PublicKey,
    since: u64,
    component: Option<&Path>,
) -> Result<(), AppError> {
    let mut pin = Pin::new(key);
    pin.serial = since;
    let bytes = bytes_of(path, MAX_INDEX_BYTES as u64)?;
    let (index, _) = accept(&pin, &bytes).map_err(|error| of(path, &error))?;
    let what = component.map(|file| find(&index, file)).transpose()?;
    for signer in signers(&bytes).map_err(|error| of(path, &error))? {
        line(&format!("signed by {signer}"));
    }
    if let Some(next) = index.next_key {
        line(&format!("next key {next}"));
    }
    line(&format!(
        "serial {}, {} versions of plugins",
        index.serial,
        index.plugins.len()
    ));
    if let Some(what) = what {
        line(&format!("the component is {what}"));
    }
    Ok(())
}

/// Id and version of the entry with this file's length and hash.
fn find(index: &Index, file: &Path) -> Result<String, AppError> {
    entry_of(index, file, &component(file)?)
}

/// The bytes of a file that may be a component.
pub(super) fn component(file: &Path) -> Result<Vec<u8>, AppError> {
    bytes_of(file, MAX_COMPONENT_BYTES)
}

/// Refuses a component that the index, signed by this key, does not have.
pub(super) fn hold(
    index: &Path,
    key: PublicKey,
    file: &Path,
    bytes: &[u8],
) -> Result<(), AppError> {
    let read = accept(&Pin::new(key), &bytes_of(index, MAX_INDEX_BYTES as u64)?);
    let (index, _) = read.map_err(|error| of(index, &error))?;
    entry_of(&index, file, bytes).map(drop)
}

fn entry_of(index: &Index, file: &Path, bytes: &[u8]) -> Result<String, AppError> {
    let (sha256, size) = (sha256_hex(bytes), bytes.len() as u64);
    let is_it = |entry: &&Entry| {
        let there = entry.file.as_ref();
        there.is_some_and(|there| there.size == size && there.sha256 == sha256)
    };
    let entry = index.plugins.iter().find(is_it).ok_or_else(|| {
        AppError(format!(
            "{}: the index has no component of {size} bytes with sha256 {sha256}",
            file.display()
        ))
    })?;
    Ok(format!("{} {}", entry.id, entry.version))
}

fn sign(path: &Path) -> Result<(), AppError> {
    let seed = std::env::var(SEED).map_err(|_| {
        AppError(format!(
            "{SEED} is not set; it holds the seed of an Ed25519 key, 64 hexadecimal digits"
        ))
    })?;
    let signer = Signer::from_seed(&seed)
        .ok_or_else(|| AppError(format!("{SEED} is not 64 hexadecimal digits")))?;
    let bytes = bytes_of(path, MAX_INDEX_BYTES as u64)?;
    let signed = signer.sign(&bytes).map_err(|error| of(path, &error))?;
    // Aside first: who fetches it meanwhile gets the one or the other.
    let mut aside = path.as_os_str().to_owned();
    aside.push(".new");
    std::fs::write(&aside, signed)
        .and_then(|()| std::fs::rename(&aside, path))
        .map_err(|error| AppError(format!("{}: {error}", path.display())))?;
    line(&format!("signed by {}", signer.public()));
    Ok(())
}

fn of(path: &Path, error: &IndexError) -> AppError {
    AppError(format!("{}: {error}", path.display()))
}

/// The whole file; of one that is longer than `most` bytes, one more than that.
fn bytes_of(path: &Path, most: u64) -> Result<Vec<u8>, AppError> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(most + 1).read_to_end(&mut bytes))
        .map_err(|error| AppError(format!("{}: {error}", path.display())))?;
    Ok(bytes)
}
