//! Compiled components on disk, so that a start compiles nothing twice.
//!
//! A compiled component is machine code that the process will run, outside the sandbox's checks: a file
//! counts only if it carries a MAC under a key made from this server's master secret. A file from anywhere else, or one
//! that somebody changed, is thrown away and made anew.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use wasmtime::component::Component;

const MAC_LENGTH: usize = 32;

/// The folder of compiled components.
pub struct CompileCache {
    folder: PathBuf,
    key: [u8; 32],
    kept: AtomicUsize,
}

impl CompileCache {
    /// Uses `folder`, which is made when first written to. `key` is made from the master secret.
    #[must_use]
    pub fn new(folder: PathBuf, key: [u8; 32]) -> Self {
        Self {
            folder,
            key,
            kept: AtomicUsize::new(0),
        }
    }

    /// The compiled form of the component with this hash, if it is here, whole, ours, and made by this
    /// engine with these settings.
    #[must_use]
    pub fn get(&self, engine: &wasmtime::Engine, sha256: &str) -> Option<Component> {
        let path = self.path(engine, sha256);
        let file = std::fs::read(&path).ok()?;
        let component = self.open(engine, sha256, &file);
        if component.is_none() {
            tracing::warn!(sha256, "dropped an unusable compiled plugin from the cache");
            let _ = std::fs::remove_file(&path);
        }
        component
    }

    /// Keeps a compiled component. A disk that refuses costs the next start time and nothing else.
    pub fn put(&self, engine: &wasmtime::Engine, sha256: &str, component: &Component) {
        let Ok(code) = component.serialize() else {
            return;
        };
        let mut file = self.mac(sha256, &code).to_vec();
        file.extend_from_slice(&code);
        match write(&self.path(engine, sha256), &file) {
            Ok(()) => drop(self.kept.fetch_add(1, Ordering::Relaxed)),
            Err(error) => tracing::warn!(%error, "cannot keep a compiled plugin"),
        }
    }

    /// How many were compiled and kept since this cache was opened.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.kept.load(Ordering::Relaxed)
    }

    fn path(&self, engine: &wasmtime::Engine, sha256: &str) -> PathBuf {
        use std::hash::{Hash, Hasher};
        let mut hasher = std::hash::DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        self.folder
            .join(format!("{sha256}-{:016x}.cwasm", hasher.finish()))
    }

    fn mac(&self, sha256: &str, code: &[u8]) -> [u8; MAC_LENGTH] {
        self.hmac(sha256, code).finalize().into_bytes().into()
    }

    fn hmac(&self, sha256: &str, code: &[u8]) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes a key of any length");
        mac.update(sha256.as_bytes());
        mac.update(code);
        mac
    }

    #[allow(
        unsafe_code,
        reason = "wasmtime trusts a compiled component as it trusts itself. The MAC proves that this server \
                  wrote these very bytes for this hash, so they are what `serialize` gave"
    )]
    fn open(&self, engine: &wasmtime::Engine, sha256: &str, file: &[u8]) -> Option<Component> {
        let (mac, code) = file.split_at_checked(MAC_LENGTH)?;
        self.hmac(sha256, code).verify_slice(mac).ok()?;
        // SAFETY: see the reason above.
        unsafe { Component::deserialize(engine, code) }.ok()
    }
}

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
        owner_only(folder)?;
    }
    let half = path.with_extension(format!("{}.tmp", std::process::id()));
    std::fs::write(&half, bytes)?;
    std::fs::rename(&half, path)
}

#[cfg(unix)]
fn owner_only(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn owner_only(_folder: &Path) -> std::io::Result<()> {
    Ok(())
}
