//! OpenAI's Responses: items instead of messages, events instead of chunks, and answers that are kept.
//!
//! - `ask`: a request becomes a canonical one; `input`, `content`, `tools` and `text` are parts of that.
//! - `echo`: what the response object repeats of its request.
//! - `machine`: canonical chunks become output items and events; `items`, `json_end` and `custom` are parts of that.
//! - `encode`: where the gateway's answer meets the machine.
//! - `create`, `kept`: the handlers. `shelf`: the answers that are kept, and `reasoning` what only we can read.
//!
//! The rules are in `docs/dialects/responses.md`.

mod ask;
mod content;
pub mod create;
mod custom;
mod echo;
mod encode;
mod input;
mod items;
mod json_end;
pub mod kept;
mod machine;
mod reasoning;
pub mod shelf;
mod text;
mod tools;

#[cfg(test)]
mod tests;

use crate::chat::Invalid;
use crate::json::Value;

/// A refusal that names the member at fault.
fn invalid(param: impl Into<String>, message: impl Into<String>) -> Invalid {
    Invalid {
        param: Some(param.into()),
        message: message.into(),
    }
}

/// A refusal of a value of the wrong form.
fn wrong(param: &str, form: &str, value: &Value<'_>) -> Invalid {
    invalid(
        param,
        format!(
            "Invalid value for '{param}': expected {form}, but got {}.",
            value.kind()
        ),
    )
}
