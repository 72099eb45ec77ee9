//! What an answer says, read straight from its bytes.

use serde_json::Value as Json;

use crate::conformance::stage::End;

/// What a reader of the answer would know.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Said {
    pub(super) text: String,
    pub(super) reasoning: String,
    /// Name and arguments.
    pub(super) calls: Vec<(String, Json)>,
    /// As the upstream spells it.
    pub(super) finish: Option<String>,
    pub(super) input: Option<u64>,
    pub(super) output: Option<u64>,
    /// It reports an error.
    pub(super) failed: bool,
    /// Tool calls while they come: by index, name and arguments.
    pending: Vec<(u64, String, String)>,
}

impl Said {
    pub(super) fn by_upstream(api: &str, streams: bool, body: &str) -> Self {
        let mut said = Self::default();
        if streams {
            let events = body.lines().filter_map(|line| {
                let data = line.trim_end().strip_prefix("data:")?;
                serde_json::from_str::<Json>(data.trim()).ok()
            });
            for event in events {
                said.add(api, &event);
            }
        } else if let Ok(body) = serde_json::from_str::<Json>(body) {
            said.add(api, &body);
        }
        said.close();
        said
    }

    pub(super) fn to_client(end: &End) -> Result<Self, String> {
        let mut said = Self::default();
        match end {
            End::Whole(body) => {
                let body: Json = serde_json::from_slice(body)
                    .map_err(|error| format!("the answer is no JSON: {error}"))?;
                super::super::random::whole(&body)?;
                said.add("chat", &body);
            }
            End::Stream { chunks, usage, .. } => {
                for chunk in chunks {
                    let chunk: Json = serde_json::from_slice(chunk)
                        .map_err(|error| format!("a chunk is no JSON: {error}"))?;
                    super::super::random::chunk(&chunk)?;
                    said.add("chat", &chunk);
                }
                (said.input, said.output) = (usage.input, usage.output);
            }
            other => return Err(format!("no answer came, but {other:?}")),
        }
        said.close();
        Ok(said)
    }

    /// `self` is the upstream's word, `client` what was made of it.
    pub(super) fn check(&self, client: &Self) -> Result<(), String> {
        let differ = |what: &str, was: &dyn std::fmt::Debug, is: &dyn std::fmt::Debug| {
            Err(format!("{what} was {was:?} and is {is:?}"))
        };
        if self.text != client.text {
            return differ("the text", &self.text, &client.text);
        }
        if self.reasoning != client.reasoning {
            return differ("the reasoning", &self.reasoning, &client.reasoning);
        }
        if self.calls != client.calls {
            return differ("the tool calls", &self.calls, &client.calls);
        }
        let finish = if !self.calls.is_empty() {
            "tool_calls"
        } else {
            match self.finish.as_deref().unwrap_or_default() {
                "length" | "MAX_TOKENS" | "model_length" => "length",
                "content_filter" | "SAFETY" | "PROHIBITED_CONTENT" => "content_filter",
                "function_call" => "function_call",
                _ => "stop",
            }
        };
        let silent = self.finish.is_none() && client.finish.is_none();
        if client.finish.as_deref() != Some(finish) && !silent {
            return differ("the finish reason", &self.finish, &client.finish);
        }
        if self.input.is_some() && self.input != client.input {
            return differ("the tokens of the prompt", &self.input, &client.input);
        }
        if self.output.is_some() && self.output != client.output {
            return differ("the tokens of the answer", &self.output, &client.output);
        }
        Ok(())
    }

    fn add(&mut self, api: &str, json: &Json) {
        match api {
            "generate-content" => self.add_gemini(json),
            "chat-v2" => self.add_cohere(json),
            _ => self.add_chat(json),
        }
    }

    fn add_chat(&mut self, json: &Json) {
        self.failed |= json["error"].is_object() || json["error"].is_string();
        for usage in [&json["usage"], &json["x_groq"]["usage"]] {
            self.usage(&usage["prompt_tokens"], &usage["completion_tokens"]);
        }
        let choice = &json["choices"][0];
        if let Some(finish) = choice["finish_reason"].as_str() {
            self.failed |= finish == "error";
            self.finish.get_or_insert_with(|| finish.to_owned());
        }
        let message = if choice["delta"].is_object() {
            &choice["delta"]
        } else {
            &choice["message"]
        };
        self.content(&message["content"]);
        let reasoning = ["reasoning_content", "reasoning"]
            .iter()
            .find_map(|name| message[*name].as_str());
        self.reasoning.push_str(reasoning.unwrap_or_default());
        for (place, call) in list(&message["tool_calls"]).iter().enumerate() {
            let function = &call["function"];
            let arguments = match &function["arguments"] {
                Json::String(text) => text.clone(),
                Json::Null => String::new(),
                other => other.to_string(),
            };
            let index = call["index"].as_u64().unwrap_or(place as u64);
            self.call(index, function["name"].as_str(), &arguments);
        }
    }

    /// Text, or parts of text and of thoughts.
    fn content(&mut self, content: &Json) {
        if let Some(text) = content.as_str() {
            self.text.push_str(text);
        }
        for part in list(content) {
            match part["type"].as_str() {
                Some("thinking") => {
                    if let Some(text) = part["thinking"].as_str() {
                        self.reasoning.push_str(text);
                    }
                    for inner in list(&part["thinking"]) {
                        self.reasoning
                            .push_str(inner["text"].as_str().unwrap_or_default());
                    }
                }
                _ => self
                    .text
                    .push_str(part["text"].as_str().unwrap_or_default()),
            }
        }
    }

    fn add_gemini(&mut self, json: &Json) {
        self.failed |= json["error"].is_object();
        let usage = &json["usageMetadata"];
        if let Some(answer) = usage["candidatesTokenCount"].as_u64() {
            let thoughts = usage["thoughtsTokenCount"].as_u64().unwrap_or(0);
            self.output = Some(answer + thoughts);
        }
        if let Some(prompt) = usage["promptTokenCount"].as_u64() {
            let tools = usage["toolUsePromptTokenCount"].as_u64().unwrap_or(0);
            self.input = Some(prompt + tools);
        }
        let candidate = &json["candidates"][0];
        if let Some(finish) = candidate["finishReason"].as_str() {
            self.finish = Some(finish.to_owned());
        }
        for part in list(&candidate["content"]["parts"]) {
            let text = part["text"].as_str().unwrap_or_default();
            if part["thought"] == true {
                self.reasoning.push_str(text);
            } else {
                self.text.push_str(text);
            }
            let call = &part["functionCall"];
            if let Some(name) = call["name"].as_str() {
                let index = self.pending.len() as u64;
                let arguments = if call["args"].is_object() {
                    call["args"].to_string()
                } else {
                    String::new()
                };
                self.call(index, Some(name), &arguments);
            }
            for piece in list(&call["partialArgs"]) {
                self.put(piece);
            }
        }
    }

    /// One leaf of the arguments of the last call.
    fn put(&mut self, piece: &Json) {
        let Some((_, _, arguments)) = self.pending.last_mut() else {
            return;
        };
        let mut whole: Json =
            serde_json::from_str(arguments).unwrap_or_else(|_| Json::Object(Default::default()));
        let mut at = &mut whole;
        let path = piece["jsonPath"].as_str().unwrap_or_default();
        for segment in path.split(['.', '[']).filter(|segment| *segment != "$") {
            let segment = segment.trim_matches(|quote| matches!(quote, '\'' | '"' | ']'));
            if let Ok(index) = segment.parse::<usize>() {
                if !at.is_array() {
                    *at = Json::Array(Vec::new());
                }
                let Some(list) = at.as_array_mut() else {
                    return;
                };
                list.resize(list.len().max(index + 1), Json::Null);
                at = &mut list[index];
            } else {
                at = &mut at[segment];
            }
        }
        if let Some(more) = piece["stringValue"].as_str() {
            let before = at.as_str().unwrap_or_default().to_owned();
            *at = Json::from(before + more);
        } else if !piece["numberValue"].is_null() {
            *at = piece["numberValue"].clone();
        } else if !piece["boolValue"].is_null() {
            *at = piece["boolValue"].clone();
        }
        *arguments = whole.to_string();
    }

    fn add_cohere(&mut self, json: &Json) {
        let delta = if json["delta"].is_object() {
            &json["delta"]
        } else {
            json
        };
        if let Some(finish) = delta["finish_reason"].as_str() {
            self.failed |= finish == "ERROR";
            self.finish = Some(
                if finish == "MAX_TOKENS" {
                    "length"
                } else {
                    finish
                }
                .to_owned(),
            );
        }
        let tokens = &delta["usage"]["tokens"];
        self.usage(&tokens["input_tokens"], &tokens["output_tokens"]);
        let message = &delta["message"];
        match &message["content"] {
            Json::Object(part) => {
                let text = |name: &str| part.get(name).and_then(Json::as_str).unwrap_or_default();
                self.text.push_str(text("text"));
                self.reasoning.push_str(text("thinking"));
            }
            other => self.content(other),
        }
        // What it plans to do with its tools is a thought.
        self.reasoning
            .push_str(message["tool_plan"].as_str().unwrap_or_default());
        let calls = &message["tool_calls"];
        for (place, call) in list(calls).iter().enumerate() {
            let function = &call["function"];
            self.call(
                place as u64,
                function["name"].as_str(),
                function["arguments"].as_str().unwrap_or_default(),
            );
        }
        if calls.is_object() {
            let function = &calls["function"];
            self.call(
                json["index"].as_u64().unwrap_or(0),
                function["name"].as_str(),
                function["arguments"].as_str().unwrap_or_default(),
            );
        }
    }

    fn usage(&mut self, input: &Json, output: &Json) {
        let count = |json: &Json| json.as_u64().or_else(|| json.as_f64().map(|it| it as u64));
        self.input = count(input).or(self.input);
        self.output = count(output).or(self.output);
    }

    fn call(&mut self, index: u64, name: Option<&str>, arguments: &str) {
        let at = match self.pending.iter().position(|call| call.0 == index) {
            Some(at) => at,
            None => {
                self.pending.push((index, String::new(), String::new()));
                self.pending.len() - 1
            }
        };
        let (_, known, so_far) = &mut self.pending[at];
        if known.is_empty() {
            known.push_str(name.unwrap_or_default());
        }
        so_far.push_str(arguments);
    }

    /// Calls are whole, and thoughts in the text are thoughts.
    fn close(&mut self) {
        for (_, name, arguments) in std::mem::take(&mut self.pending) {
            let arguments = if arguments.trim().is_empty() || arguments.trim() == "null" {
                Json::Object(Default::default())
            } else {
                serde_json::from_str(&arguments).unwrap_or(Json::String(arguments))
            };
            self.calls.push((name, arguments));
        }
        if let Some(rest) = self.text.trim_start().strip_prefix("<think>")
            && let Some((thought, answer)) = rest.split_once("</think>")
        {
            self.reasoning.push_str(thought);
            self.text = answer.to_owned();
        }
        self.text = self.text.trim().to_owned();
        self.reasoning = self.reasoning.trim().to_owned();
    }
}

fn list(json: &Json) -> &[Json] {
    json.as_array().map_or(&[], Vec::as_slice)
}

/// How long a refusal says to wait, milliseconds: a header of seconds, or Google's detail.
pub(super) fn wait(response: &Json) -> Option<u64> {
    let header = response["headers"]["retry-after"].as_str();
    let body: Json = serde_json::from_str(response["body"].as_str().unwrap_or_default()).ok()?;
    let detail = list(&body["error"]["details"])
        .iter()
        .find_map(|detail| detail["retryDelay"].as_str()?.strip_suffix('s'));
    header.or(detail)?.parse::<u64>().ok().map(|it| it * 1000)
}

/// Whether the answer to a task holds as many results, with the same figures, as the upstream gave; `None` for other
/// operations.
pub(super) fn result(operation: &str, client: &[u8], upstream: &str) -> Option<Result<(), String>> {
    let pointers: &[&str] = match operation {
        "embeddings" => &["/data", "/embeddings", "/embeddings/float"],
        "rerank" => &["/results", "/data"],
        "images" => &["/data"],
        _ => return None,
    };
    let of = |bytes: &[u8]| serde_json::from_slice::<Json>(bytes).unwrap_or_default();
    let count = |json: &Json| {
        let lists = pointers
            .iter()
            .filter_map(|at| json.pointer(at)?.as_array());
        lists.map(Vec::len).max().unwrap_or(0)
    };
    let (came, made) = (of(upstream.as_bytes()), of(client));
    Some(match (count(&came), count(&made)) {
        (0, _) => Err("the recording holds no result".to_owned()),
        (came, made) if came != made => Err(format!("{came} results became {made}")),
        _ if operation == "embeddings" && numbers(&came) != numbers(&made) => {
            Err("a vector is another".to_owned())
        }
        _ => Ok(()),
    })
}

/// The first list of numbers in it.
fn numbers(json: &Json) -> Option<Vec<f64>> {
    match json {
        Json::Array(list) if !list.is_empty() && list.iter().all(Json::is_number) => {
            list.iter().map(Json::as_f64).collect()
        }
        Json::Array(list) => list.iter().find_map(numbers),
        Json::Object(members) => members.values().find_map(numbers),
        _ => None,
    }
}
