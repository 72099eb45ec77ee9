//! The bindings of `freellmapi:provider@0.1.0`, made from `wit/provider.wit`.
//!
//! Later 0.1.x worlds add interfaces beside `adapter`; each gets a module of its own next to this one
//! and is looked for by name, so that a plugin built for 0.1.0 loads for ever.

/// The exported interface that a plugin must have.
pub const ADAPTER: &str = "freellmapi:provider/adapter@0.1.0";

#[allow(
    clippy::all,
    unused_qualifications,
    unreachable_pub,
    reason = "generated code, whose style is not ours"
)]
mod bindings {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "provider",
    });
}

pub use bindings::exports::freellmapi::provider::adapter::*;
pub use bindings::{Provider, ProviderPre};
