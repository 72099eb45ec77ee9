//! A streamed chat completion, read as it comes.

use js_sys::{Reflect, Uint8Array};
use serde_json::{Value, json};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, ReadableStreamDefaultReader, Request, RequestInit, Response};

/// What is asked.
pub(super) struct Ask {
    pub(super) token: String,
    pub(super) model: String,
    pub(super) messages: Vec<Value>,
    /// Ends it.
    pub(super) signal: AbortSignal,
    pub(super) started_ms: f64,
}

/// What came.
pub(super) enum News {
    /// The answer's headers: who serves it, and how many attempts failed before.
    Head {
        via: Option<String>,
        attempts: Option<String>,
    },
    /// Some of the answer, and after how many milliseconds it came.
    Words(String, f64),
    /// Some of the reasoning before it.
    Thoughts(String),
}

/// Why it is not whole; `None`: the user ended it.
type Stopped = Option<String>;

/// Asks, and tells what comes until the end.
pub(super) async fn run(ask: Ask, tell: &dyn Fn(News)) -> Result<(), Stopped> {
    let signal = ask.signal.clone();
    let why = |error: JsValue| {
        let message = Reflect::get(&error, &"message".into()).ok();
        let message = message.and_then(|message| message.as_string());
        (!signal.aborted()).then(|| message.unwrap_or_else(|| format!("{error:?}")))
    };
    let response = send(&ask).await.map_err(&why)?;
    let header = |name: &str| response.headers().get(name).ok().flatten();
    tell(News::Head {
        via: header("x-routed-via"),
        attempts: header("x-fallback-attempts"),
    });
    if !response.ok() {
        let text = JsFuture::from(response.text().map_err(&why)?).await;
        let text = text.map_err(&why)?.as_string().unwrap_or_default();
        let status = response.status();
        return Err(Some(
            error(&text).unwrap_or_else(|| format!("HTTP {status}")),
        ));
    }
    let Some(body) = response.body() else {
        return Ok(());
    };
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    let mut events = Events::default();
    loop {
        let step = JsFuture::from(reader.read()).await.map_err(&why)?;
        let part = |name: &str| Reflect::get(&step, &name.into()).unwrap_or(JsValue::UNDEFINED);
        if part("done").is_truthy() {
            return Ok(());
        }
        let bytes = Uint8Array::new(&part("value")).to_vec();
        for data in events.push(&bytes) {
            take(&data, ask.started_ms, tell).map_err(Some)?;
        }
    }
}

async fn send(ask: &Ask) -> Result<Response, JsValue> {
    let body = json!({ "model": ask.model, "messages": ask.messages, "stream": true });
    let headers = Headers::new()?;
    headers.set("content-type", "application/json")?;
    headers.set("authorization", &format!("Bearer {}", ask.token))?;
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers(&headers);
    init.set_body(&JsValue::from_str(&body.to_string()));
    init.set_signal(Some(&ask.signal));
    let request = Request::new_with_str_and_init("/v1/chat/completions", &init)?;
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let response = JsFuture::from(window.fetch_with_request(&request)).await?;
    Ok(response.unchecked_into())
}

/// One event of the stream.
fn take(data: &str, started_ms: f64, tell: &dyn Fn(News)) -> Result<(), String> {
    if let Some(why) = error(data) {
        return Err(why);
    }
    // `[DONE]` and what is none of ours.
    let Ok(chunk) = serde_json::from_str::<Value>(data) else {
        return Ok(());
    };
    let delta = &chunk["choices"][0]["delta"];
    let words = |name: &str| delta[name].as_str().filter(|words| !words.is_empty());
    for name in ["reasoning_content", "reasoning"] {
        if let Some(words) = words(name) {
            tell(News::Thoughts(words.to_owned()));
        }
    }
    if let Some(words) = words("content") {
        tell(News::Words(
            words.to_owned(),
            js_sys::Date::now() - started_ms,
        ));
    }
    Ok(())
}

/// The message of an error body or an error event.
fn error(text: &str) -> Option<String> {
    let body: Value = serde_json::from_str(text).ok()?;
    body["error"]["message"].as_str().map(str::to_owned)
}

/// Cuts bytes into the data of server-sent events, wherever the network cut them.
#[derive(Default)]
struct Events {
    rest: Vec<u8>,
    data: Vec<String>,
}

impl Events {
    fn push(&mut self, bytes: &[u8]) -> Vec<String> {
        self.rest.extend_from_slice(bytes);
        let mut whole = Vec::new();
        while let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.rest.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end_matches(['\n', '\r']);
            if line.is_empty() && !self.data.is_empty() {
                whole.push(std::mem::take(&mut self.data).join("\n"));
            } else if let Some(data) = line.strip_prefix("data:") {
                self.data
                    .push(data.strip_prefix(' ').unwrap_or(data).to_owned());
            }
        }
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_whole_however_the_bytes_are_cut() {
        let stream = ": hello\n\ndata: {\"a\":\"ü\"}\r\n\r\nevent: x\ndata:one\ndata: two\n\ndata: [DONE]\n\n";
        let whole = ["{\"a\":\"ü\"}", "one\ntwo", "[DONE]"];
        let bytes = stream.as_bytes();
        for cut in 0..=bytes.len() {
            let mut events = Events::default();
            let mut all = events.push(&bytes[..cut]);
            all.extend(events.push(&bytes[cut..]));
            assert_eq!(all, whole, "cut at {cut}");
        }
        let mut events = Events::default();
        let single = bytes.iter().flat_map(|byte| events.push(&[*byte]));
        assert_eq!(single.collect::<Vec<_>>(), whole);
    }

    #[test]
    fn an_error_is_its_message() {
        assert_eq!(
            error("{\"error\":{\"message\":\"no\"}}").as_deref(),
            Some("no")
        );
        for none in ["[DONE]", "{}", "{\"error\":null}", "<html>"] {
            assert_eq!(error(none), None, "{none}");
        }
    }
}
