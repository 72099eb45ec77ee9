//! The vault: what the store may hold of a secret is sealed here, under a key the database never sees.
//!
//! A sealed value is `version byte | 96-bit nonce | AES-256-GCM ciphertext and tag`. The place it belongs to
//! (`table/row id/column`) is its associated data, so that a value copied to another row does not open there.

use std::fmt;
use std::sync::Arc;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, Key, KeyInit, Nonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

mod master;
#[cfg(test)]
mod tests;

pub use master::{Master, find_master, master};
pub(crate) use master::{hex, make_folder};

/// First byte of every sealed value; another one is another format.
const VERSION: u8 = 1;
/// AES-GCM's own: 96 random bits allow 2^32 values under one key, far above what a vault holds.
const NONCE_LEN: usize = 12;
/// A secret that people make up is worth nothing below this many characters, whatever scrypt adds.
const SHORTEST_PASSPHRASE: usize = 8;
/// log2 of scrypt's N: 2^15 with r = 8 takes 32 MiB and about 0.1 s, once at each start.
const SCRYPT_LOG_N: u8 = 15;
const SCRYPT_R: u32 = 8;
const SCRYPT_P: u32 = 1;

/// Seals, opens and derives under one master secret and one salt. Cheap to clone.
#[derive(Clone)]
pub struct Vault {
    keys: Arc<Keys>,
}

struct Keys {
    /// What all subkeys are expanded from.
    root: Zeroizing<[u8; 32]>,
    /// Made once: setting up AES costs more than sealing a short value.
    cipher: Aes256Gcm,
    tokens: Zeroizing<[u8; 32]>,
}

/// Why the vault could not be made or a value not be opened. The text says what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VaultError {
    /// The master secret cannot be used; the text says why. It never holds the secret.
    Master(String),
    /// The master secret is not the one this database was made with.
    WrongKey,
    /// A sealed value was altered, cut, or moved from the place it was sealed for.
    Damaged {
        /// The place that was asked for: `table/row id/column`.
        what: String,
    },
    /// The file of the master secret could not be read or written.
    Io(String),
}

// === impl Vault ===

impl Vault {
    /// The vault of a master secret: 64 hexadecimal digits are a key and go straight into HKDF-SHA256; any other text
    /// is a passphrase and goes through scrypt first, which takes about 0.1 s of CPU and 32 MiB: not on an
    /// async worker.
    pub fn derive(master: &str, salt: &[u8; 16]) -> Result<Vault, VaultError> {
        let material = match from_hex(master).filter(|key| key.len() == 32) {
            Some(key) => key,
            None => stretch(master, salt)?,
        };
        let mut root = Zeroizing::new([0; 32]);
        let (mut extracted, _) = Hkdf::<Sha256>::extract(Some(salt), &material[..]);
        root.copy_from_slice(&extracted);
        zeroize::Zeroize::zeroize(&mut extracted[..]);
        let sealing = Zeroizing::new(expand(&root, "freellmapi/seal/1"));
        let tokens = Zeroizing::new(expand(&root, "freellmapi/token-hash/1"));
        let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*sealing));
        Ok(Vault {
            keys: Arc::new(Keys {
                root,
                cipher,
                tokens,
            }),
        })
    }

    /// Seals `plain` for one place, `table/row id/column`. Sealing the same twice gives different bytes.
    pub fn seal(&self, place: &str, plain: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        rand::fill(&mut nonce[..]);
        let payload = Payload {
            msg: plain,
            aad: place.as_bytes(),
        };
        // AES-GCM refuses only above 64 GiB, which no caller holds. Should it ever, what is stored does not open.
        let sealed = self
            .keys
            .cipher
            .encrypt(&Nonce::from(nonce), payload)
            .unwrap_or_default();
        let mut out = Vec::with_capacity(1 + NONCE_LEN + sealed.len());
        out.push(VERSION);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        out
    }

    /// Opens what was sealed for this very place. Anything else is [`VaultError::Damaged`].
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let damaged = || VaultError::Damaged {
            what: place.to_owned(),
        };
        let (version, rest) = sealed.split_first().ok_or_else(damaged)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or_else(damaged)?;
        if *version != VERSION {
            return Err(damaged());
        }
        let payload = Payload {
            msg: body,
            aad: place.as_bytes(),
        };
        let plain = self
            .keys
            .cipher
            .decrypt(&Nonce::from(*nonce), payload)
            .map_err(|_| damaged())?;
        Ok(Zeroizing::new(plain))
    }

    /// A key of its own for one purpose. The same label gives the same key for as long as master and salt stay.
    pub fn subkey(&self, label: &str) -> [u8; 32] {
        // The prefix keeps callers' labels apart from the vault's own two.
        expand(&self.keys.root, &format!("freellmapi/subkey/{label}"))
    }

    /// What is stored of a token to recognise it by: an HMAC, so that a stolen database cannot be searched
    /// for tokens without the master secret.
    pub fn token_hash(&self, token: &str) -> [u8; 32] {
        hmac(&self.keys.tokens, token.as_bytes())
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(…)")
    }
}

/// HKDF-Expand for one block of output (RFC 5869, 2.3), which is an HMAC over `info | 0x01` and cannot fail.
fn expand(root: &[u8; 32], info: &str) -> [u8; 32] {
    let mut block = Vec::with_capacity(info.len() + 1);
    block.extend_from_slice(info.as_bytes());
    block.push(1);
    hmac(root, &block)
}

fn hmac(key: &[u8; 32], data: &[u8]) -> [u8; 32] {
    // A key of 32 bytes is shorter than SHA-256's block: HMAC pads it with zeros to 64, which is what this does.
    let mut padded = Zeroizing::new([0; 64]);
    padded[..32].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new(&(*padded).into());
    mac.update(data);
    mac.finalize().into_bytes().into()
}

/// The bytes that hexadecimal digits of either case spell.
pub(crate) fn from_hex(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let text = text.as_bytes();
    if !text.len().is_multiple_of(2) {
        return None;
    }
    // Sized at once: growing would leave copies behind that nobody wipes.
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() / 2));
    for pair in text.chunks_exact(2) {
        let high = char::from(pair[0]).to_digit(16)?;
        let low = char::from(pair[1]).to_digit(16)?;
        bytes.push(u8::try_from(high << 4 | low).ok()?);
    }
    Some(bytes)
}

/// A passphrase made costly to guess.
fn stretch(passphrase: &str, salt: &[u8; 16]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    if passphrase.chars().count() < SHORTEST_PASSPHRASE {
        return Err(VaultError::Master(format!(
            "it is shorter than {SHORTEST_PASSPHRASE} characters; give 64 hexadecimal digits (`openssl rand -hex 32`) \
             or a long passphrase"
        )));
    }
    let fault = |_| VaultError::Master("scrypt refused it".to_owned());
    let params = scrypt::Params::new(SCRYPT_LOG_N, SCRYPT_R, SCRYPT_P).map_err(|_| fault(()))?;
    let mut key = Zeroizing::new(vec![0; 32]);
    scrypt::scrypt(passphrase.as_bytes(), salt, &params, &mut key[..]).map_err(|_| fault(()))?;
    Ok(key)
}

// === impl VaultError ===

impl fmt::Display for VaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VaultError::Master(why) => write!(f, "ENCRYPTION_KEY cannot be used: {why}"),
            VaultError::WrongKey => f.write_str(
                "ENCRYPTION_KEY does not fit this database; start with the key it was made with (the environment's, or \
                 that of the data folder's .env: where .env was lost, a backup of it). In the database nothing was changed",
            ),
            VaultError::Damaged { what } => write!(
                f,
                "the sealed value at {what} does not open: it was altered, or copied from elsewhere; enter it again"
            ),
            VaultError::Io(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for VaultError {}
