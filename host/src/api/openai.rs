//! OpenAI's dialect.

pub mod chat;
pub mod completions;
pub mod embeddings;
pub mod error;
pub mod images;
pub mod models;
pub mod rerank;
pub mod speech;
pub mod transcription;
