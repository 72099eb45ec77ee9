//! Puts into the binary what `cargo xtask` built before: the official plugins and the dashboard. Where there is none
//! of either the server is built without.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    println!("cargo::rerun-if-changed=migrations");
    keep("bundled.rs", &plugins(&root.join("plugins")));
    let dist = root.join("ui/dist");
    // Always there, for what is under version control in it: seen to change when a dashboard is built.
    println!("cargo::rerun-if-changed={}", dist.display());
    keep("dashboard.rs", &dashboard(&dist));
}

/// Built plugins (`plugins/NAME.wasm` beside the crate `plugins/NAME`); other files of that folder are strangers'.
fn plugins(folder: &Path) -> String {
    let mut list = String::from(
        "/// All of them, by their files' names.\npub const BUNDLED: &[Bundled] = &[\n",
    );
    let is_ours = |path: &PathBuf| {
        path.extension()
            .is_some_and(|extension| extension == "wasm")
            && path.with_extension("").join("Cargo.toml").is_file()
    };
    for path in files(folder).into_iter().filter(is_ours) {
        let _ = writeln!(
            list,
            "    Bundled {{ file: {:?}, sha256: {:?}, bytes: {} }},",
            name(&path),
            sha256(&path),
            bytes(&path)
        );
    }
    list + "];\n"
}

/// The dashboard's page and assets, each with its compressed forms.
fn dashboard(folder: &Path) -> String {
    let page = folder.join("index.html");
    let mut list = String::from("/// The page, unless the server was built without.\n");
    let page = if folder.join("stamp").is_file() && page.is_file() {
        format!("Some({})", asset(&page))
    } else {
        "None".to_owned()
    };
    let _ = writeln!(list, "pub(super) const PAGE: Option<Asset> = {page};");
    list += "/// What lies under `/assets/`.\npub(super) const ASSETS: &[Asset] = &[\n";
    let is_compressed = |path: &PathBuf| {
        path.extension()
            .is_some_and(|extension| extension == "br" || extension == "gz")
    };
    for path in files(&folder.join("assets")) {
        if !is_compressed(&path) {
            let _ = writeln!(list, "    {},", asset(&path));
        }
    }
    list + "];\n"
}

fn asset(path: &Path) -> String {
    let with = |suffix: &str| {
        let mut whole = path.as_os_str().to_owned();
        whole.push(suffix);
        bytes(Path::new(&whole))
    };
    format!(
        "Asset {{ name: {:?}, plain: {}, brotli: {}, gzip: {} }}",
        name(path),
        bytes(path),
        with(".br"),
        with(".gz")
    )
}

/// What lies in a folder, sorted; nothing if there is none.
fn files(folder: &Path) -> Vec<PathBuf> {
    // A folder that is not there would make cargo run this each time.
    if folder.is_dir() {
        println!("cargo::rerun-if-changed={}", folder.display());
    }
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    files
}

fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// The expression that embeds a file.
fn bytes(path: &Path) -> String {
    println!("cargo::rerun-if-changed={}", path.display());
    let whole = path.canonicalize();
    format!("include_bytes!({:?})", whole.as_deref().unwrap_or(path))
}

/// Lower-case hexadecimal. Of a file that is gone meanwhile the compiler complains, by the name in [`bytes`].
fn sha256(path: &Path) -> String {
    let digest = Sha256::digest(std::fs::read(path).unwrap_or_default());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn keep(name: &str, text: &str) {
    let out = std::env::var_os("OUT_DIR")
        .map(PathBuf::from)
        .unwrap_or_default();
    if let Err(error) = std::fs::write(out.join(name), text) {
        println!("cargo::error=cannot write {name}: {error}");
    }
}
