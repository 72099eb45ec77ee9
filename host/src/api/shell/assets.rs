//! The files of the dashboard, built into the binary by `build.rs`.

/// A file, and its forms compressed ahead of time.
#[derive(Debug)]
pub(super) struct Asset {
    /// Its name in its folder.
    pub(super) name: &'static str,
    /// Its bytes.
    pub(super) plain: &'static [u8],
    /// Empty where there is no such form, as with `gzip`.
    pub(super) brotli: &'static [u8],
    pub(super) gzip: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/dashboard.rs"));

/// What is said where the server was built without the dashboard.
const UNBUILT: Asset = Asset {
    name: "unbuilt.html",
    plain: include_bytes!("unbuilt.html"),
    brotli: &[],
    gzip: &[],
};

/// The page.
pub(super) fn page() -> &'static Asset {
    const { &PAGE }.as_ref().unwrap_or(const { &UNBUILT })
}

impl Asset {
    /// Its media type.
    pub(super) fn kind(&self) -> &'static str {
        let extension = self.name.rsplit('.').next();
        match extension.unwrap_or_default() {
            "html" => "text/html; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            "wasm" => "application/wasm",
            "ftl" => "text/plain; charset=utf-8",
            _ => "application/octet-stream",
        }
    }
}
