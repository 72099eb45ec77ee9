//! Provider plugins: sandboxed components, their loading, granting, swapping and calling.
//!
//! - [`contract`]: the bindings of `wit/provider.wit`.
//! - [`engine`]: wasmtime with its limits; [`ticker`] stops what runs too long.
//! - [`component`]: bytes to a checked, compiled component; [`shape`] measures it first, [`cache`] keeps the
//!   compiled form.
//! - [`boxed`]: what a component finds that imports WASI: nothing.
//! - [`manifest`]: what a plugin says of itself, validated once.
//! - [`plugin`]: a loaded plugin and its record; [`instance`]: one sandbox and the calls into it.
//! - [`guests`]: who may run guest code now, and on which thread.
//! - [`index`]: a signed list of plugins that may be fetched.
//! - [`registry`]: which version of which plugin serves; [`watch`] tells it when files change.
//!
//! What a provider means by its bytes is the plugin's affair; what to do about it is the gateway's.

pub mod boxed;
pub mod bundled;
pub mod cache;
pub mod choice;
pub mod component;
pub mod contract;
pub mod engine;
pub mod guests;
pub mod index;
pub mod instance;
pub mod manifest;
pub mod plugin;
pub mod registry;
pub mod shape;
pub mod strikes;
pub mod ticker;
pub mod watch;
