//! Files as the server sends them: named by their hash, compressed ahead of time as well as it can be done.

use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

use super::write;

/// One file of the dashboard.
pub(super) struct Asset {
    /// From `ui/dist`.
    path: String,
    bytes: Vec<u8>,
    /// Part of a first load.
    first: bool,
}

impl Asset {
    /// A file that may be kept for ever, since its name tells its content.
    pub(super) fn hashed(stem: &str, extension: &str, bytes: Vec<u8>) -> Self {
        let hash = hex([bytes.as_slice()].into_iter());
        Self {
            path: format!("assets/{stem}-{}.{extension}", &hash[..16]),
            bytes,
            first: true,
        }
    }

    pub(super) fn page(text: String) -> Self {
        Self {
            path: "index.html".into(),
            bytes: text.into_bytes(),
            first: true,
        }
    }

    /// No part of a first load.
    pub(super) fn later(mut self) -> Self {
        self.first = false;
        self
    }

    /// Where the browser finds it.
    pub(super) fn url(&self) -> String {
        format!("/{}", self.path)
    }

    /// Writes it and its compressed forms; how much of a first load it is, bytes.
    pub(super) fn write(&self, dist: &Path) -> Result<usize, String> {
        let path = |suffix: &str| dist.join(format!("{}{suffix}", self.path));
        let brotli = brotli(&self.bytes)?;
        write(&path(""), &self.bytes)?;
        write(&path(".br"), &brotli)?;
        write(&path(".gz"), &gzip(&self.bytes)?)?;
        Ok(if self.first { brotli.len() } else { 0 })
    }
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: bytes.len(),
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &*bytes, &mut out, &parameters)
        .map_err(|error| format!("brotli: {error}"))?;
    Ok(out)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let done = encoder.write_all(bytes).and_then(|()| encoder.finish());
    done.map_err(|error| format!("gzip: {error}"))
}

/// The hash of these pieces, each told apart from the next.
pub(super) fn hex<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> String {
    let mut hash = Sha256::new();
    for piece in pieces {
        hash.update((piece.len() as u64).to_be_bytes());
        hash.update(piece);
    }
    let bytes = hash.finalize();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
