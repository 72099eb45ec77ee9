//! Signatures below an index. Each is a line of its own at the very end,
//!
//! ```text
//! #ed25519 PUBLIC-KEY SIGNATURE
//! ```
//!
//! both in lower-case hexadecimal digits. TOML takes the lines for comments, and the file stays one. What is signed are
//! all bytes before the first of them, after a prefix that no other use of the key has. Several keys may sign, so that a
//! registry changes its key without losing anybody: it names the new one as `next_key`, signs with both for a
//! while, then with the new one alone.

use std::fmt;
use std::str::FromStr;

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

use super::{Index, IndexError, MAX_INDEX_BYTES};
use crate::plugins::component::sha256_hex;
use crate::vault::{from_hex, hex};

const PREFIX: &[u8] = b"freellmapi index of plugins 1\n";
const MARK: &[u8] = b"#ed25519 ";
/// More signatures than this below one index are a mistake or an attack.
const MAX_SIGNATURES: usize = 8;

/// An Ed25519 key to check signatures with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublicKey([u8; 32]);

impl FromStr for PublicKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bytes = from_hex(text).and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
        bytes
            .map(Self)
            .ok_or_else(|| "a public key is 64 hexadecimal digits".to_owned())
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

/// The key that makes signatures.
pub struct Signer(Ed25519KeyPair);

impl Signer {
    /// From the seed, 64 hexadecimal digits. `None` if it is none; it is repeated nowhere.
    #[must_use]
    pub fn from_seed(text: &str) -> Option<Self> {
        let seed = from_hex(text.trim())?;
        Ed25519KeyPair::from_seed_unchecked(&seed).ok().map(Self)
    }

    /// What others know it by.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        let mut bytes = [0; 32];
        for (to, from) in bytes.iter_mut().zip(self.0.public_key().as_ref()) {
            *to = *from;
        }
        PublicKey(bytes)
    }

    /// The index with this key's signature below it. Signatures of other keys that hold stay, all else are taken away.
    ///
    /// # Errors
    /// It is no index, or one without a serial or with a plugin that has no file.
    pub fn sign(&self, index: &[u8]) -> Result<Vec<u8>, IndexError> {
        let (body, _) = split(index);
        signable(&Index::read(body)?)?;
        let mut lines = Vec::new();
        for (key, signature) in checked(index)? {
            if key != self.public() {
                lines.push((key, signature));
            }
        }
        let mut out = body.to_vec();
        if !out.ends_with(b"\n") {
            // Now they signed other bytes.
            lines.clear();
            out.push(b'\n');
        }
        let made = self.0.sign(&message(&out));
        lines.push((self.public(), made.as_ref().to_vec()));
        for (key, signature) in lines {
            out.extend_from_slice(format!("#ed25519 {key} {}\n", hex(&signature)).as_bytes());
        }
        Ok(out)
    }
}

/// Whose index is believed, and what was seen of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The key that the user named.
    pub key: PublicKey,
    /// The key that may take its place.
    pub next: Option<PublicKey>,
    /// The highest serial that was seen; 0 for none.
    pub serial: u64,
    /// Hash of the index that had it; empty for none.
    pub sha256: String,
}

impl Pin {
    /// A key that nothing was seen of yet.
    #[must_use]
    pub fn new(key: PublicKey) -> Self {
        Self {
            key,
            next: None,
            serial: 0,
            sha256: String::new(),
        }
    }
}

/// Reads an index that the pinned key or its successor signed, and tells the pin to keep from now on. An index that
/// the successor alone signed makes it the key.
///
/// # Errors
/// See [`IndexError`]. Signatures are checked before the text is read.
pub fn accept(pin: &Pin, bytes: &[u8]) -> Result<(Index, Pin), IndexError> {
    let signers = signers(bytes)?;
    let key = [Some(pin.key), pin.next]
        .into_iter()
        .flatten()
        .find(|key| signers.contains(key))
        .ok_or_else(|| {
            IndexError::Untrusted(if signers.is_empty() {
                format!(
                    "it has no valid signature; it should be signed by {}",
                    pin.key
                )
            } else {
                format!("{} did not sign it", pin.key)
            })
        })?;
    let (body, _) = split(bytes);
    let index = Index::read(body)?;
    signable(&index)?;
    let sha256 = sha256_hex(body);
    let other = index.serial == pin.serial && sha256 != pin.sha256 && !pin.sha256.is_empty();
    if index.serial < pin.serial || other {
        return Err(IndexError::RolledBack {
            seen: pin.serial,
            serial: index.serial,
        });
    }
    let pin = Pin {
        key,
        next: index.next_key.filter(|next| *next != key),
        serial: index.serial,
        sha256,
    };
    Ok((index, pin))
}

/// Everybody whose signature below these bytes holds.
///
/// # Errors
/// [`IndexError::Unreadable`], and [`IndexError::Untrusted`] for more signatures than there may be.
pub fn signers(bytes: &[u8]) -> Result<Vec<PublicKey>, IndexError> {
    Ok(checked(bytes)?.into_iter().map(|(key, _)| key).collect())
}

fn checked(bytes: &[u8]) -> Result<Vec<(PublicKey, Vec<u8>)>, IndexError> {
    if bytes.len() > MAX_INDEX_BYTES {
        return Err(IndexError::Unreadable(format!(
            "it has {} bytes, and at most {MAX_INDEX_BYTES} are read",
            bytes.len()
        )));
    }
    let (body, lines) = split(bytes);
    if lines.len() > MAX_SIGNATURES {
        return Err(IndexError::Untrusted(format!(
            "it has more than {MAX_SIGNATURES} signatures"
        )));
    }
    let message = message(body);
    let holds = |(key, signature): &(PublicKey, Vec<u8>)| {
        UnparsedPublicKey::new(&ED25519, key.0)
            .verify(&message, signature)
            .is_ok()
    };
    Ok(lines.into_iter().filter_map(parse).filter(holds).collect())
}

fn parse(line: &[u8]) -> Option<(PublicKey, Vec<u8>)> {
    let text = std::str::from_utf8(line).ok()?.trim_end();
    let (key, signature) = text.strip_prefix("#ed25519 ")?.split_once(' ')?;
    Some((key.parse().ok()?, from_hex(signature)?.to_vec()))
}

fn message(body: &[u8]) -> Vec<u8> {
    [PREFIX, body].concat()
}

/// What is signed, and the lines of signatures at the end.
fn split(bytes: &[u8]) -> (&[u8], Vec<&[u8]>) {
    let (mut body, mut lines) = (bytes, Vec::new());
    loop {
        let trimmed = body.strip_suffix(b"\n").unwrap_or(body);
        let start = trimmed
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        let (before, line) = trimmed.split_at(start);
        if !line.starts_with(MARK) {
            break;
        }
        lines.push(line);
        body = before;
    }
    lines.reverse();
    (body, lines)
}

/// What only a signed index must have.
fn signable(index: &Index) -> Result<(), IndexError> {
    if index.serial == 0 {
        return Err(IndexError::Malformed(
            "serial: a signed index has one, from 1 and higher each time".to_owned(),
        ));
    }
    match index.plugins.iter().find(|entry| entry.file.is_none()) {
        Some(entry) => Err(IndexError::Malformed(format!(
            "`{}` {} has no url, sha256 and size; a signed index has them for each",
            entry.id, entry.version
        ))),
        None => Ok(()),
    }
}
