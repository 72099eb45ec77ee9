//! The official plugins inside the binary, so that a first start works with no file beside it.

use std::sync::OnceLock;

include!(concat!(env!("OUT_DIR"), "/bundled.rs"));

/// Hashes of [`BUNDLED`], in its order.
#[must_use]
pub fn hashes() -> &'static [String] {
    static HASHES: OnceLock<Vec<String>> = OnceLock::new();
    HASHES.get_or_init(|| {
        BUNDLED
            .iter()
            .map(|(_, bytes)| super::component::sha256_hex(bytes))
            .collect()
    })
}

/// Whether a component of this hash is one of them, wherever it lies: such a one is granted what it asks for.
#[must_use]
pub fn is_official(sha256: &str) -> bool {
    hashes().iter().any(|hash| hash == sha256)
}
