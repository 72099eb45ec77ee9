//! Google's Gemini dialect.
