//! Components changed from outside.

/// The component in `bytes` with a custom section that holds `text`: another file with another hash,
/// and the same program.
///
/// # Panics
/// If `text` is longer than 100 bytes, which no test needs.
#[must_use]
pub fn with_section(bytes: &[u8], text: &str) -> Vec<u8> {
    const NAME: &str = "test";
    assert!(text.len() <= 100, "a length of one byte is written");
    let mut out = bytes.to_vec();
    // Section 0: its size, then the length of its name, the name, and anything. Sizes under 128 are
    // one byte in LEB128.
    let size = |length: usize| u8::try_from(length).unwrap_or(0);
    out.extend([0, size(1 + NAME.len() + text.len()), size(NAME.len())]);
    out.extend_from_slice(NAME.as_bytes());
    out.extend_from_slice(text.as_bytes());
    out
}
