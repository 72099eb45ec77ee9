//! Google's Gemini dialect: `generateContent` and its stream, for a provider that does not speak OpenAI's.
//!
//! [`Gemini`] plans requests; [`decode`], [`decoder`], [`classify`] and [`decode_models`] read what comes back.
//! Bodies are read and written through borrowed structures: of a long prompt nothing is copied but once,
//! into the request.

mod answer;
mod choice;
mod classify;
mod embeddings;
mod generation;
mod listing;
mod made;
mod media;
mod messages;
mod names;
mod partial;
mod reply;
mod request;
mod schema;
mod stream;
#[cfg(test)]
mod tests;
mod tools;

use crate::plan::text;
use crate::{Call, Content, Failure, Field, Input, Origin, Request, failure};

pub use answer::decode;
pub use classify::classify;
pub use listing::{Row, decode_models, model};
pub use stream::decoder;

/// The longest page of the model list that is asked for; there are about sixty models.
const PAGE: &str = "1000";

/// Where an API of this dialect is.
#[derive(Clone, Debug)]
pub struct Gemini {
    origin: Origin,
    base: String,
    credential: Field,
}

impl Gemini {
    /// At `https://{host}{base}`, where `base` begins with `/` and does not end with one.
    #[must_use]
    pub fn at(host: &str, base: &str, credential: Field) -> Self {
        Self {
            origin: Origin::Host(host.to_owned()),
            base: base.to_owned(),
            credential,
        }
    }

    /// Plans the request for `chat`, `embeddings`, `images`, `speech`, `models` or `key-check`; the last lists the
    /// models too.
    ///
    /// # Errors
    /// `unsupported` for another operation, and for a request that the dialect has no words for;
    /// `invalid-request` for one that makes no sense.
    pub fn encode(&self, call: &Call, input: &Input) -> Result<Request, Failure> {
        match call.operation.as_str() {
            "chat" => self.chat(call, input),
            "embeddings" => {
                let (body, memo) = embeddings::body(call, input)?;
                Ok(self.ask(call, "batchEmbedContents", body, memo))
            }
            "images" => {
                let body = made::picture(input)?;
                Ok(self.ask(call, "generateContent", body, String::new()))
            }
            "speech" => {
                let (body, memo) = made::speech(input)?;
                Ok(self.ask(call, "generateContent", body, memo))
            }
            "models" => Ok(self.list(PAGE, None)),
            // One row tells as much of the key as all.
            "key-check" => Ok(self.list("1", None)),
            other => Err(failure::unsupported(format!(
                "this provider has no operation `{other}`"
            ))),
        }
    }

    /// Asks for a page of the model list.
    pub(crate) fn list(&self, rows: &str, page: Option<&str>) -> Request {
        let mut request = self.request("GET", "/models");
        request.query.push(text("pageSize", rows));
        request
            .query
            .extend(page.map(|page| text("pageToken", page)));
        request
    }

    fn chat(&self, call: &Call, input: &Input) -> Result<Request, Failure> {
        let (method, framing) = if call.streaming {
            ("streamGenerateContent", "sse")
        } else {
            ("generateContent", "")
        };
        let (body, memo) = request::body(call, input)?;
        let mut request = self.ask(call, method, body, memo);
        if call.streaming {
            request.query.push(text("alt", "sse"));
        }
        request.framing = framing.to_owned();
        Ok(request)
    }

    /// Asks the call's model to do what `method` says.
    fn ask(&self, call: &Call, method: &str, body: Vec<u8>, memo: String) -> Request {
        let path = format!("/models/{}:{method}", escaped(&call.model));
        let mut request = self.request("POST", &path);
        request.memo = memo;
        request.content = Content::Json(body);
        request
    }

    fn request(&self, method: &str, path: &str) -> Request {
        let path = format!("{}{path}", self.base);
        let mut request = Request::new(method, self.origin.clone(), path);
        request.headers.push(self.credential.clone());
        request
    }
}

/// A model's name as a segment of the path. Names need no escape so far; one that did could leave the path.
fn escaped(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
