//! Puts the built official plugins (`plugins/NAME.wasm` beside the crate `plugins/NAME`, made by `cargo xtask
//! plugins`) into the binary; other files of that folder are strangers'. Where there are none the server is built
//! without, and loads what lies in its plugins folder.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins");
    println!("cargo::rerun-if-changed={}", folder.display());
    println!("cargo::rerun-if-changed=migrations");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "wasm")
                && path.with_extension("").join("Cargo.toml").is_file()
        })
        .collect();
    files.sort();
    let mut list = String::from(
        "/// File name and bytes of each.\npub const BUNDLED: &[(&str, &[u8])] = &[\n",
    );
    for path in files {
        println!("cargo::rerun-if-changed={}", path.display());
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let path = path.canonicalize().unwrap_or(path);
        let _ = writeln!(list, "    ({name:?}, include_bytes!({path:?})),");
    }
    list.push_str("];\n");
    let out = std::env::var_os("OUT_DIR")
        .map(PathBuf::from)
        .unwrap_or_default();
    if let Err(error) = std::fs::write(out.join("bundled.rs"), list) {
        println!("cargo::error=cannot write the list of bundled plugins: {error}");
    }
}
