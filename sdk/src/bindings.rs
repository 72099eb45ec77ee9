//! The contract's types and the export glue, made from `wit/provider.wit`.
//!
//! Plugins do not use this directly: [`crate::export!`] does.

#![allow(
    clippy::all,
    missing_docs,
    unreachable_pub,
    unsafe_code,
    unused_qualifications,
    reason = "generated code, whose style is not ours; it passes memory to the host by pointer"
)]

wit_bindgen::generate!({
    path: "../wit",
    world: "provider",
    pub_export_macro: true,
    export_macro_name: "export_provider",
    default_bindings_module: "freellmapi_sdk::bindings",
    additional_derives: [PartialEq],
});
