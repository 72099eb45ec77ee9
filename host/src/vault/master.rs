//! Where the master secret comes from: the environment, the data folder's `.env`, or chance on the first start.

use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use zeroize::Zeroizing;

use super::VaultError;

const NAME: &str = "ENCRYPTION_KEY";

/// The secret everything in the vault hangs on.
#[derive(Clone)]
pub struct Master {
    /// 64 hexadecimal digits or a passphrase.
    pub secret: Zeroizing<String>,
    /// It was made and written to `.env` just now.
    pub fresh: bool,
}

/// The master secret that is there: `from_env` (the value of ENCRYPTION_KEY) if it is not empty, else the
/// first non-empty ENCRYPTION_KEY of `<data_dir>/.env`. `None` if neither has one. Writes nothing.
pub fn find_master(data_dir: &Path, from_env: Option<&str>) -> Result<Option<Master>, VaultError> {
    if let Some(given) = from_env.map(str::trim).filter(|given| !given.is_empty()) {
        return Ok(Some(Master {
            secret: Zeroizing::new(given.to_owned()),
            fresh: false,
        }));
    }
    let file = data_dir.join(".env");
    match fs::read(&file) {
        Ok(text) => {
            let secret = secret_in(&Zeroizing::new(text), &file)?;
            Ok(secret.map(|secret| Master {
                secret,
                fresh: false,
            }))
        }
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(fault) => Err(unusable("read", &file, &fault)),
    }
}

/// As [`find_master`]; if there is none yet, a new one is made and appended to `<data_dir>/.env`, which is created
/// with mode 0600 (the folder with 0700), or brought to it: from then on it holds a secret.
pub fn master(data_dir: &Path, from_env: Option<&str>) -> Result<Master, VaultError> {
    if let Some(found) = find_master(data_dir, from_env)? {
        return Ok(found);
    }
    let file = data_dir.join(".env");
    make_folder(data_dir).map_err(|fault| unusable("create", data_dir, &fault))?;
    let written = open_private(&file).and_then(|env| Ok((env.lock()?, env).1));
    let mut env = written.map_err(|fault| unusable("open", &file, &fault))?;
    // Another process may have been first; the lock, held until `env` closes, settles who.
    let mut text = Zeroizing::new(Vec::new());
    env.read_to_end(&mut text)
        .map_err(|fault| unusable("read", &file, &fault))?;
    if let Some(secret) = secret_in(&text, &file)? {
        return Ok(Master {
            secret,
            fresh: false,
        });
    }
    let secret = new_secret();
    let gap = if text.is_empty() || text.ends_with(b"\n") {
        ""
    } else {
        "\n"
    };
    let line = Zeroizing::new(format!("{gap}{NAME}={}\n", *secret));
    append(&mut env, line.as_bytes()).map_err(|fault| unusable("write", &file, &fault))?;
    Ok(Master {
        secret,
        fresh: true,
    })
}

/// Creates a folder that only its owner may enter, and those above it. One that is there stays as it is.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn open_private(file: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .open(file)
}

fn append(env: &mut File, line: &[u8]) -> io::Result<()> {
    // A file that was there may be readable for all; it must not be when the secret is in it.
    env.set_permissions(Permissions::from_mode(0o600))?;
    env.write_all(line)?;
    // What is sealed under a key that a power cut took is lost.
    env.sync_all()
}

fn new_secret() -> Zeroizing<String> {
    let mut key = Zeroizing::new([0_u8; 32]);
    rand::fill(&mut key[..]);
    Zeroizing::new(hex(&key[..]))
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

fn secret_in(text: &[u8], file: &Path) -> Result<Option<Zeroizing<String>>, VaultError> {
    for entry in dotenvy::from_read_iter(text) {
        // The library's own message quotes the line, and with it perhaps the secret.
        let Ok((name, value)) = entry else {
            return Err(VaultError::Io(format!(
                "{} holds a line that is not NAME=value; mend it",
                file.display()
            )));
        };
        let value = Zeroizing::new(value);
        if name == NAME && !value.trim().is_empty() {
            return Ok(Some(Zeroizing::new(value.trim().to_owned())));
        }
    }
    Ok(None)
}

fn unusable(verb: &str, what: &Path, fault: &io::Error) -> VaultError {
    VaultError::Io(format!(
        "cannot {verb} {}: {fault}; make it accessible to this user, or set {NAME} in the environment",
        what.display()
    ))
}

// === impl Master ===

impl fmt::Debug for Master {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Master")
            .field("fresh", &self.fresh)
            .finish_non_exhaustive()
    }
}
