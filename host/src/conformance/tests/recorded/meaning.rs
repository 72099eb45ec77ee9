//! What a request means, whatever its dialect.

use serde_json::{Value as Json, json};

/// What must survive the way to another dialect.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Meaning {
    /// All that was said, without white space: dialects differ in how they cut it.
    text: String,
    /// Names of the tools that are offered.
    tools: Vec<String>,
    /// Tool calls of earlier turns.
    calls: Vec<(String, Json)>,
    /// Pictures, sounds and documents.
    media: usize,
}

impl Meaning {
    /// Of a recorded request.
    pub(super) fn of(api: &str, body: &Json) -> Self {
        // Through the canonical form, in which a client would have put it.
        Self::of_sent(&canonical(api, body))
    }

    /// Of what would be sent, in OpenAI's dialect, Cohere's or Gemini's.
    pub(super) fn of_sent(body: &Json) -> Self {
        let mut meaning = Self::default();
        if body["contents"].is_array() {
            meaning.gemini(body);
        } else {
            meaning.chat(body);
        }
        meaning.text.retain(|letter| !letter.is_whitespace());
        meaning.tools.sort();
        meaning
    }

    fn chat(&mut self, body: &Json) {
        for message in list(&body["messages"]) {
            self.content(&message["content"]);
            for call in list(&message["tool_calls"]) {
                let function = &call["function"];
                let arguments = function["arguments"].as_str().unwrap_or("{}");
                self.call(&function["name"], serde_json::from_str(arguments).ok());
            }
        }
        let tools = list(&body["tools"]).iter();
        self.tools
            .extend(tools.filter_map(|tool| Some(tool["function"]["name"].as_str()?.to_owned())));
    }

    fn content(&mut self, content: &Json) {
        self.text.push_str(content.as_str().unwrap_or_default());
        for part in list(content) {
            match part["type"].as_str() {
                Some("text") => self
                    .text
                    .push_str(part["text"].as_str().unwrap_or_default()),
                Some("image_url" | "input_audio" | "file" | "video_url") => self.media += 1,
                _ => {}
            }
        }
    }

    fn gemini(&mut self, body: &Json) {
        let system = &body["systemInstruction"];
        let contents = list(&body["contents"]).iter();
        for content in std::iter::once(system).chain(contents) {
            for part in list(&content["parts"]) {
                if part["thought"] != true {
                    self.text
                        .push_str(part["text"].as_str().unwrap_or_default());
                }
                let media = ["inlineData", "inline_data", "fileData", "file_data"];
                if media.iter().any(|name| part[*name].is_object()) {
                    self.media += 1;
                }
                let call = &part["functionCall"];
                if call.is_object() {
                    self.call(&call["name"], call.get("args").cloned());
                }
                let response = &part["functionResponse"]["response"];
                if response.is_object() {
                    self.text.push_str(&result(response));
                }
            }
        }
        for tool in list(&body["tools"]) {
            let functions = list(&tool["functionDeclarations"]).iter();
            self.tools
                .extend(functions.filter_map(|it| Some(it["name"].as_str()?.to_owned())));
        }
    }

    fn call(&mut self, name: &Json, arguments: Option<Json>) {
        let name = name.as_str().unwrap_or_default().to_owned();
        let none = || Json::Object(Default::default());
        self.calls.push((name, arguments.unwrap_or_else(none)));
    }
}

/// What a tool found: text where it is wrapped text, else JSON.
fn result(response: &Json) -> String {
    for name in ["result", "output", "value", "content"] {
        match &response[name] {
            Json::String(text) => return text.clone(),
            Json::Null => {}
            other => return other.to_string(),
        }
    }
    response.to_string()
}

/// The request as a client of this server would put it.
pub(super) fn canonical(api: &str, body: &Json) -> Json {
    match api {
        "generate-content" => of_gemini(body),
        _ => body.clone(),
    }
}

/// A task as a client of this server would put it.
pub(super) fn task(operation: &str, body: &Json) -> Json {
    match operation {
        "embeddings" => {
            let texts = body["input"].as_array().or(body["texts"].as_array());
            let asked = list(&body["requests"]).iter();
            let asked: Vec<Json> = asked
                .map(|one| one["content"]["parts"][0]["text"].clone())
                .collect();
            let input = match texts {
                Some(texts) => Json::from(texts.clone()),
                None if !asked.is_empty() => Json::from(asked),
                None => body["input"].clone(),
            };
            json!({ "input": input })
        }
        "rerank" if body.is_null() => json!({ "query": "q", "documents": ["a", "b", "c"] }),
        _ if body.is_object() => body.clone(),
        _ => json!({}),
    }
}

fn of_gemini(body: &Json) -> Json {
    if !body["contents"].is_array() {
        return Json::Null;
    }
    let mut messages = Vec::new();
    let system: String = list(&body["systemInstruction"]["parts"])
        .iter()
        .filter_map(|part| part["text"].as_str())
        .collect();
    if !system.is_empty() {
        messages.push(json!({ "role": "system", "content": system }));
    }
    for (turn, content) in list(&body["contents"]).iter().enumerate() {
        let model = content["role"] == "model";
        let (mut parts, mut calls) = (Vec::new(), Vec::new());
        for (place, part) in list(&content["parts"]).iter().enumerate() {
            let data = ["inlineData", "inline_data"]
                .iter()
                .find_map(|name| part[*name].as_object());
            if let Some(text) = part["text"].as_str().filter(|_| part["thought"] != true) {
                parts.push(json!({ "type": "text", "text": text }));
            } else if let Some(data) = data {
                let kind = data.get("mimeType").or_else(|| data.get("mime_type"));
                let kind = kind.and_then(Json::as_str).unwrap_or_default();
                let data = data.get("data").and_then(Json::as_str).unwrap_or_default();
                parts.push(if let Some(format) = kind.strip_prefix("audio/") {
                    json!({ "type": "input_audio", "input_audio": { "data": data, "format": format } })
                } else {
                    let url = format!("data:{kind};base64,{data}");
                    json!({ "type": "image_url", "image_url": { "url": url } })
                });
            } else if part["functionCall"].is_object() {
                let call = &part["functionCall"];
                let arguments = call.get("args").map_or("{}".to_owned(), Json::to_string);
                calls.push(
                    json!({ "id": format!("call_{}", calls.len()), "type": "function",
                    "function": { "name": call["name"], "arguments": arguments } }),
                );
            } else if part["functionResponse"].is_object() {
                let answer = &part["functionResponse"];
                let asked = list(&body["contents"][turn.saturating_sub(1)]["parts"])
                    .iter()
                    .filter(|part| part["functionCall"].is_object())
                    .position(|part| part["functionCall"]["name"] == answer["name"]);
                messages.push(json!({ "role": "tool",
                    "tool_call_id": format!("call_{}", asked.unwrap_or(place)),
                    "content": result(&answer["response"]) }));
            }
        }
        if !parts.is_empty() || !calls.is_empty() {
            let mut message = json!({ "role": if model { "assistant" } else { "user" } });
            message["content"] = Json::from(parts);
            if model && message["content"] == json!([]) {
                message["content"] = Json::Null;
            }
            if !calls.is_empty() {
                message["tool_calls"] = Json::from(calls);
            }
            messages.push(message);
        }
    }
    let functions: Vec<Json> = list(&body["tools"])
        .iter()
        .flat_map(|tool| list(&tool["functionDeclarations"]))
        .map(|function| {
            json!({ "type": "function", "function": { "name": function["name"],
            "description": function["description"].as_str().unwrap_or_default() } })
        })
        .collect();
    let mut out = json!({ "messages": messages });
    if !functions.is_empty() {
        out["tools"] = Json::from(functions);
    }
    out
}

fn list(json: &Json) -> &[Json] {
    json.as_array().map_or(&[], Vec::as_slice)
}
