//! From the bytes of a `.wasm` file to a checked, compiled component.

use sha2::{Digest, Sha256};
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, InstancePre};

use super::boxed;
use super::bundled::is_official;
use super::cache::CompileCache;
use super::contract::{ADAPTER, Provider};
use super::engine::{Engine, MAX_PLACES, places};
use super::instance::{Bounds, Exports, Fault, Sandbox};
use super::manifest::first_bounds;
use super::shape::measure;

/// The largest component that is looked at, bytes. Compiling costs time and memory in proportion;
/// the largest known guests (a whole Python) are 18 MB.
pub const MAX_COMPONENT_BYTES: u64 = 64 << 20;

/// Functions of an import that a refusal names.
const NAMES_TOLD: usize = 3;

/// A component that may be instantiated.
pub struct Compiled {
    /// Hash of the file, lower-case hexadecimal.
    pub sha256: String,
    /// Ready to be instantiated.
    pub pre: InstancePre<Sandbox>,
    /// What it imports.
    pub class: Class,
    /// Where its functions are.
    pub exports: Exports,
    /// Places among all guests that an instance of it takes.
    pub places: u32,
}

/// What a component imports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Nothing.
    Pure,
    /// Parts of WASI 0.2 that hold nothing (see [`super::boxed`]).
    Boxed,
}

impl Class {
    /// As in lists.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pure => "pure",
            Self::Boxed => "boxed",
        }
    }
}

/// Why a file is not loaded. Each says what the author or the user can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoadError {
    /// The file cannot be read.
    Unreadable(String),
    /// More than [`MAX_COMPONENT_BYTES`].
    TooLarge(u64),
    /// More code than is compiled.
    TooMuchCode(String),
    /// Compiling it took longer than it may.
    TooSlow(u64),
    /// Not a component at all.
    NotAComponent(String),
    /// It wants something of the host.
    Imports(Vec<String>),
    /// It exports no adapter that this host can speak to.
    WrongContract(String),
    /// `describe` failed or its answer breaks a rule.
    BadManifest(String),
    /// The server had no room or no time for it. It says nothing of the file.
    Busy(String),
}

impl LoadError {
    /// Whether a later try may end otherwise though the file stays as it is. Such an error must not be remembered.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Busy(_))
    }

    /// What a fault within these bounds, in the guest's start function or in `describe`, says of the file.
    #[must_use]
    pub fn of_fault(fault: Fault, bounds: Bounds) -> Self {
        if fault == Fault::NoInstance || fault.is_starved(bounds.deadline) {
            Self::Busy(fault.to_string())
        } else {
            Self::BadManifest(fault.to_string())
        }
    }
}

impl std::fmt::Display for LoadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreadable(why) => write!(f, "the file cannot be read: {why}"),
            Self::TooLarge(bytes) => write!(
                f,
                "the file has {bytes} bytes; at most {MAX_COMPONENT_BYTES} are loaded"
            ),
            Self::TooMuchCode(why) => f.write_str(why),
            Self::TooSlow(seconds) => write!(
                f,
                "compiling it took more than {seconds} s; make it smaller, or optimise it for size"
            ),
            Self::NotAComponent(why) => write!(
                f,
                "not a WebAssembly component ({why}); build it with `cargo xtask plugins`, which wraps the core module"
            ),
            Self::Imports(names) => write!(
                f,
                "it imports {}; a plugin may import nothing but WASI 0.2's io, cli, clocks and random. Use no files, \
                 sockets and HTTP, or build for wasm32-unknown-unknown, where the standard library needs no imports",
                names.join(", ")
            ),
            Self::WrongContract(why) => write!(f, "{why}"),
            Self::BadManifest(why) => write!(f, "its manifest is refused: {why}"),
            Self::Busy(why) => {
                write!(
                    f,
                    "the server was too busy to load it and tries again: {why}"
                )
            }
        }
    }
}

impl std::error::Error for LoadError {}

/// Lower-case hexadecimal SHA-256.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            use std::fmt::Write;
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

/// Compiles `bytes`, which have this hash, or takes the compiled form from the cache, and checks imports and contract. Takes up
/// to seconds for a large guest: never call it on the request path.
///
/// # Errors
/// See [`LoadError`].
pub fn compile(
    engine: &Engine,
    cache: Option<&CompileCache>,
    sha256: String,
    bytes: &[u8],
) -> Result<Compiled, LoadError> {
    if bytes.len() as u64 > MAX_COMPONENT_BYTES {
        return Err(LoadError::TooLarge(bytes.len() as u64));
    }
    let component = match cache.and_then(|cache| cache.get(engine.wasm(), &sha256)) {
        Some(component) => component,
        None => {
            measure(bytes).map_err(LoadError::TooMuchCode)?;
            let compile = || Component::from_binary(engine.wasm(), bytes);
            // A first start waits for the official ones, and serves nobody meanwhile.
            let component = if is_official(&sha256) {
                compile()
            } else {
                engine.in_background(compile)
            };
            let component =
                component.map_err(|error| LoadError::NotAComponent(format!("{error:#}")))?;
            // Refused components are not kept.
            check_shape(engine, &component)?;
            match cache {
                Some(cache) => cache.put(engine.wasm(), &sha256, component),
                None => component,
            }
        }
    };
    let class = check_shape(engine, &component)?;
    let linker = match class {
        Class::Pure => Some(engine.linker()),
        Class::Boxed => engine.boxed_linker(),
    };
    let pre = linker
        .ok_or_else(|| LoadError::Busy("boxed plugins cannot run".to_owned()))?
        .instantiate_pre(&component)
        .map_err(|error| misfit(&error))?;
    check_types(engine, &pre)?;
    Ok(Compiled {
        sha256,
        class,
        exports: exports(&component)?,
        // Unknown only where modules are imported, and nothing may be.
        places: component
            .resources_required()
            .map_or(MAX_PLACES, |needs| places(needs.num_tables)),
        pre,
    })
}

fn misfit(error: &wasmtime::Error) -> LoadError {
    LoadError::WrongContract(format!("it does not fit {ADAPTER}: {error:#}"))
}

/// Every function has the contract's type. Needs an instance, in which nothing runs but its start.
fn check_types(engine: &Engine, pre: &InstancePre<Sandbox>) -> Result<(), LoadError> {
    let bounds = first_bounds();
    let (mut store, instance) =
        Sandbox::start(engine, pre, bounds).map_err(|fault| LoadError::of_fault(fault, bounds))?;
    Provider::new(&mut store, &instance)
        .map(drop)
        .map_err(|error| misfit(&error))
}

fn exports(component: &Component) -> Result<Exports, LoadError> {
    let adapter = component.get_export_index(None, ADAPTER);
    let find = |name: &str| {
        component
            .get_export_index(adapter.as_ref(), name)
            .ok_or_else(|| {
                LoadError::WrongContract(format!("it does not export `{name}` of {ADAPTER}"))
            })
    };
    Ok(Exports {
        describe: find("describe")?,
        encode: find("encode")?,
        decode: find("decode")?,
        classify: find("classify")?,
        quotas: find("quotas")?,
        decode_models: find("decode-models")?,
        open_decoder: find("[constructor]decoder")?,
        push: find("[method]decoder.push")?,
        finish: find("[method]decoder.finish")?,
    })
}

/// No imports but what the box holds, and an adapter of a version that this host speaks.
fn check_shape(engine: &Engine, component: &Component) -> Result<Class, LoadError> {
    let shape = component.component_type();
    let all = shape.imports(engine.wasm()).count();
    let foreign: Vec<String> = shape
        .imports(engine.wasm())
        .filter(|(name, _)| !boxed::allows(name))
        .map(|(name, item)| {
            let functions = match item.ty {
                ComponentItem::ComponentInstance(instance) => some_of(
                    instance
                        .exports(engine.wasm())
                        .map(|(function, _)| function),
                ),
                _ => String::new(),
            };
            if functions.is_empty() {
                name.to_owned()
            } else {
                format!("{name} ({functions})")
            }
        })
        .collect();
    if !foreign.is_empty() {
        return Err(LoadError::Imports(foreign));
    }
    if component.get_export_index(None, ADAPTER).is_some() {
        return Ok(if all == 0 { Class::Pure } else { Class::Boxed });
    }
    let exported: Vec<&str> = shape.exports(engine.wasm()).map(|(name, _)| name).collect();
    let other = exported
        .iter()
        .find_map(|name| name.strip_prefix("freellmapi:provider/adapter@"));
    Err(LoadError::WrongContract(match other {
        Some(version) => {
            format!("it was built for contract {version}; this server speaks 0.1.x")
        }
        None => format!(
            "it exports no {ADAPTER}, so it is no provider plugin (exports: {})",
            if exported.is_empty() {
                "nothing".to_owned()
            } else {
                exported.join(", ")
            }
        ),
    }))
}

/// The first few names, and how many more there are: some interfaces have dozens.
fn some_of<'a>(mut names: impl Iterator<Item = &'a str>) -> String {
    let first: Vec<&str> = names.by_ref().take(NAMES_TOLD).collect();
    match names.count() {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_server_lacked_is_transient() {
        let bounds = first_bounds();
        let whole = u64::try_from(bounds.deadline.as_millis()).unwrap();
        for (fault, transient) in [
            (Fault::NoInstance, true),
            (Fault::Deadline { cpu_ms: 3 }, true),
            // It would only spin again.
            (Fault::Deadline { cpu_ms: whole }, false),
            (Fault::Trap, false),
            (Fault::Memory, false),
            (Fault::Output, false),
        ] {
            let error = LoadError::of_fault(fault, bounds);
            assert_eq!(error.is_transient(), transient, "{fault:?}");
        }
        assert!(!LoadError::NotAComponent(String::new()).is_transient());
        assert!(!LoadError::Imports(Vec::new()).is_transient());
        assert!(!LoadError::TooLarge(u64::MAX).is_transient());
    }
}
