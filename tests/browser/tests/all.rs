//! The dashboard as a person uses it. Ignored unless asked for: `cargo xtask test browser` brings what it needs.

mod journey;
mod stranger;
