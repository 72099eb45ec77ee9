//! What a provider plugin for FreeLLMAPI is written with.
//!
//! A plugin is a type that implements [`Adapter`] and a call of [`export!`]. For a provider that speaks
//! OpenAI's dialect a manifest and a [`openai::Dialect`] are all there is to write; `docs/plugins.md` shows one.
//! A provider with a dialect of its own overrides the functions; [`gemini`] and [`cohere`] are such dialects.
//!
//! The records of the contract are re-exported at the root; their meaning is documented in
//! `wit/provider.wit`. Everything here is pure: no clock, no file, no socket, no random number.

mod adapter;
pub mod arena;
pub mod audio;
pub mod bindings;
pub mod cohere;
pub mod failure;
pub mod gemini;
mod manifest;
mod model;
pub mod openai;
pub mod plan;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod wait;

pub use adapter::{Adapter, Bridge, Decoder};
pub use base64;
pub use bindings::exports::freellmapi::provider::adapter::{
    Answer, Assignment, Call, Clamping, Content, Credential, Cutting, Delta, Edit, End, Event,
    Failure, Field, File, FollowUp, Head, IdMapping, Input, Listing, Manifest as RawManifest,
    Meter, Model as RawModel, NamedEdit, Note, Origin, Outcome, Outline, Pair, Part, PartData,
    Piece, Quota, Reach, Renaming, Replacement, Reply, Request, Secret, Selection, Setting, Usage,
    Value, Verdict,
};
pub use manifest::{Manifest, Scope};
pub use model::Model;
pub use serde_json::{self, json};
