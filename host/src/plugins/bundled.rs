//! The official plugins inside the binary, so that a first start works with no file beside it.

/// One of them.
#[derive(Debug, Clone, Copy)]
pub struct Bundled {
    /// The name of the file that it was.
    pub file: &'static str,
    /// Its hash, lower-case hexadecimal, worked out by the build: a start then reads none of the bytes, so that they
    /// take no memory.
    pub sha256: &'static str,
    /// The component.
    pub bytes: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/bundled.rs"));

/// Whether a component of this hash is one of them, wherever it lies: such a one is granted what it asks for.
#[must_use]
pub fn is_official(sha256: &str) -> bool {
    BUNDLED.iter().any(|one| one.sha256 == sha256)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugins::component::sha256_hex;

    #[test]
    fn the_build_worked_out_the_right_hashes() {
        for one in BUNDLED {
            assert_eq!(one.sha256, sha256_hex(one.bytes), "{}", one.file);
        }
    }
}
