//! Compiled components on disk, so that a start compiles nothing twice, and so that code is mapped from there: only
//! what runs takes memory, once for all processes that use the folder.
//!
//! A compiled component is machine code that the process will run, outside the sandbox's checks: it counts only if a
//! MAC lies beside it under a key made from this server's master secret. A file from anywhere else, or one that
//! somebody changed, is thrown away and made anew.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use wasmtime::component::Component;

/// What of a file is read at a time to make its MAC, bytes.
const CHUNK: usize = 64 << 10;

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
        if !path.exists() {
            return None;
        }
        let component = self.open(engine, sha256, &path);
        if component.is_none() {
            tracing::warn!(sha256, "dropped an unusable compiled plugin from the cache");
            let _ = std::fs::remove_file(&path);
        }
        component
    }

    /// Keeps a compiled component, and gives it as it is kept. A disk that refuses costs memory, the next start time,
    /// and nothing else.
    pub fn put(&self, engine: &wasmtime::Engine, sha256: &str, component: Component) -> Component {
        let Ok(code) = component.serialize() else {
            return component;
        };
        let path = self.path(engine, sha256);
        let mut mac = self.hmac(sha256);
        mac.update(&code);
        // The MAC first: with code that has none yet another process would start by dropping it.
        let written = write(&mac_path(&path), &mac.finalize().into_bytes())
            .and_then(|()| write(&path, &code));
        match written {
            Ok(()) => drop(self.kept.fetch_add(1, Ordering::Relaxed)),
            Err(error) => {
                tracing::warn!(%error, "cannot keep a compiled plugin");
                return component;
            }
        }
        self.open(engine, sha256, &path).unwrap_or(component)
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

    /// Over the component's hash, and then its code.
    fn hmac(&self, sha256: &str) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes a key of any length");
        mac.update(sha256.as_bytes());
        mac
    }

    #[allow(
        unsafe_code,
        reason = "wasmtime trusts a compiled component as it trusts itself. The MAC proves that this server \
                  wrote these very bytes for this hash, so they are what `serialize` gave. Only this server's user \
                  can write to the folder, and this server never writes to a file that is there: it renames a new \
                  one into its place, so what is mapped stays as it was read"
    )]
    fn open(&self, engine: &wasmtime::Engine, sha256: &str, path: &Path) -> Option<Component> {
        let said = std::fs::read(mac_path(path)).ok()?;
        let mut mac = self.hmac(sha256);
        let mut file = std::fs::File::open(path).ok()?;
        let mut chunk = vec![0; CHUNK];
        loop {
            match file.read(&mut chunk).ok()? {
                0 => break,
                length => mac.update(&chunk[..length]),
            }
        }
        mac.verify_slice(&said).ok()?;
        // SAFETY: see the reason above.
        unsafe { Component::deserialize_file(engine, path) }.ok()
    }
}

/// Where the MAC of the code at `path` lies.
fn mac_path(path: &Path) -> PathBuf {
    path.with_extension("mac")
}

/// Replaces the file at `path`: whoever has the old one open keeps it.
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
        owner_only(folder)?;
    }
    let half = path.with_added_extension(format!("{}.tmp", std::process::id()));
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

/// A folder in cargo's target folder for what the tests of this name compile: once, and not again in each of them.
#[cfg(test)]
pub(crate) fn shared(name: &str) -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    let target = program.ancestors().nth(3).unwrap_or(&program);
    target.join("tmp").join(name)
}
