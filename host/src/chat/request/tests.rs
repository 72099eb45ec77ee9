//! Requests: which are refused and how, what becomes of those that are not, what is told of them.

mod forms;
mod outline;
mod refused;

use super::{ChatRequest, Invalid};

/// A request with one message of the user, and these members before it.
fn with(members: &str) -> String {
    let comma = if members.is_empty() { "" } else { "," };
    format!(r#"{{{members}{comma}"messages":[{{"role":"user","content":"hi"}}]}}"#)
}

/// The canonical body, spelt.
fn canonical(body: &str) -> String {
    let request =
        ChatRequest::parse(body.as_bytes()).unwrap_or_else(|error| panic!("{body}: {error}"));
    String::from_utf8(request.body().to_vec()).unwrap()
}

fn refusal(body: &str) -> Invalid {
    ChatRequest::parse(body.as_bytes()).expect_err(body)
}
