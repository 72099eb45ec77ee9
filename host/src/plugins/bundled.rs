//! The official plugins inside the binary, so that a first start works with no file beside it.

include!(concat!(env!("OUT_DIR"), "/bundled.rs"));

/// Whether a component of this hash is one of them, wherever it lies: such a one is granted what it asks for.
#[must_use]
pub fn is_official(sha256: &str) -> bool {
    use std::sync::OnceLock;

    static HASHES: OnceLock<Vec<String>> = OnceLock::new();
    HASHES
        .get_or_init(|| {
            BUNDLED
                .iter()
                .map(|(_, bytes)| super::component::sha256_hex(bytes))
                .collect()
        })
        .iter()
        .any(|hash| hash == sha256)
}
