//! What the page may do, said to the browser.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};

use super::assets::{Asset, page};

/// What goes with a page and follows from its bytes.
pub(super) struct Seal {
    /// `Content-Security-Policy`: the server's own files, WebAssembly among them, and nothing from anywhere else.
    pub(super) policy: String,
    /// `ETag`. A weak one: the compressed forms have the same.
    pub(super) tag: String,
}

/// Of the page that this server has.
pub(super) static SEAL: LazyLock<Seal> = LazyLock::new(|| Seal::of(page()));

impl Seal {
    fn of(page: &Asset) -> Self {
        let text = String::from_utf8_lossy(page.plain);
        // The page's own style is named by its hash, so that no other inline style is taken.
        let style = text
            .split_once("<style>")
            .and_then(|(_, rest)| rest.split_once("</style>"))
            .map(|(style, _)| format!(" '{}'", integrity(style.as_bytes())))
            .unwrap_or_default();
        let policy = [
            "default-src 'none'",
            "script-src 'self' 'wasm-unsafe-eval'",
            &format!("style-src 'self'{style}"),
            "connect-src 'self'",
            "img-src 'self' data:",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
        .join("; ");
        Self {
            policy,
            tag: format!("W/\"{}\"", integrity(page.plain)),
        }
    }
}

/// `sha256-…` in base64, as HTML writes hashes.
pub(in crate::api) fn integrity(bytes: &[u8]) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_pages_own_style_is_taken_inline() {
        let page = Asset {
            name: "index.html",
            plain: b"<style>p {}</style>",
            brotli: &[],
            gzip: &[],
        };
        let policy = Seal::of(&page).policy;
        let hash = integrity(b"p {}");
        assert!(
            policy.contains(&format!("style-src 'self' '{hash}';")),
            "{policy}"
        );
        assert!(!policy.contains("unsafe-inline"), "{policy}");
        assert!(policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';"));
    }
}
