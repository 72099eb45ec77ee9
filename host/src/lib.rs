//! FreeLLMAPI: one server that stacks the free tiers of LLM providers behind one key.
//!
//! A request flows `api → gateway → routing/limits → plugins → upstream → plugins → gateway → api`;
//! nothing below `gateway` knows a client dialect, and nothing above `plugins` knows a provider.
//! `docs/architecture.md` gives the picture.

pub mod account;
pub mod admin;
pub mod api;
pub mod app;
pub mod chat;
pub mod cli;
pub mod clock;
pub mod config;
pub mod conformance;
pub mod gateway;
pub mod json;
pub mod lanes;
pub mod limits;
pub mod manage;
pub mod plugins;
pub mod routing;
pub mod store;
pub mod telemetry;
pub mod upstream;
pub mod vault;
