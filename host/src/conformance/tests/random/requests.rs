//! Chat requests of every kind that OpenAI documents, and the check that what is sent is one of the provider's
//! dialect.

use rand::RngExt;
use rand::rngs::StdRng;
use serde_json::{Map, Value as Json, json};

use crate::chat::ChatRequest;
use crate::upstream::client::Played;

const PNG: &str = "data:image/png;base64,iVBORw0KGgo=";

/// A request.
pub(super) fn chat(random: &mut StdRng) -> Json {
    let mut body = Map::new();
    let tools = tools(random);
    let messages = messages(random, tools.as_ref());
    body.insert("messages".into(), messages);
    let mut maybe = |name: &str, value: Json| {
        if random.random_range(0..5) == 0 {
            body.insert(name.into(), value);
        }
    };
    maybe("temperature", json!(0.3));
    maybe("temperature", json!(2));
    maybe("top_p", json!(0.9));
    maybe("n", json!(2));
    maybe("stop", json!("END"));
    maybe("stop", json!(["a", "b", "c", "d"]));
    maybe("seed", json!(7));
    maybe("max_tokens", json!(64));
    maybe("max_completion_tokens", json!(1_000_000));
    maybe("presence_penalty", json!(-1.5));
    maybe("frequency_penalty", json!(0.1));
    maybe("logit_bias", json!({ "50256": -100 }));
    maybe("logprobs", json!(true));
    maybe("top_k", json!(40));
    maybe("min_p", json!(0.05));
    maybe("repetition_penalty", json!(1.1));
    maybe("user", json!("someone"));
    maybe("metadata", json!({ "a": "b" }));
    maybe("store", json!(false));
    maybe("x_unknown", json!({ "deep": [1, null] }));
    maybe("stream", json!(true));
    maybe("reasoning_effort", json!("low"));
    maybe("reasoning_effort", json!("none"));
    maybe("response_format", json!({ "type": "json_object" }));
    maybe("response_format", json!({ "type": "text" }));
    let schema = schema(random, 0);
    let mut maybe = |name: &str, value: Json| {
        if random.random_range(0..6) == 0 {
            body.insert(name.into(), value);
        }
    };
    maybe(
        "response_format",
        json!({ "type": "json_schema", "json_schema": { "name": "s", "schema": schema, "strict": true } }),
    );
    if body.get("stream") == Some(&json!(true)) && random.random_range(0..2) == 0 {
        body.insert("stream_options".into(), json!({ "include_usage": true }));
    }
    if let Some(tools) = tools {
        let named =
            json!({ "type": "function", "function": { "name": tools[0]["function"]["name"] } });
        let choices = [json!("auto"), json!("none"), json!("required"), named];
        if random.random_range(0..2) == 0 {
            let choice = choices[random.random_range(0..choices.len())].clone();
            body.insert("tool_choice".into(), choice);
        }
        if random.random_range(0..3) == 0 {
            body.insert(
                "parallel_tool_calls".into(),
                json!(random.random_range(0..2) == 0),
            );
        }
        body.insert("tools".into(), tools);
    }
    Json::Object(body)
}

fn messages(random: &mut StdRng, tools: Option<&Json>) -> Json {
    let mut list = Vec::new();
    if random.random_range(0..3) == 0 {
        let role = if random.random_range(0..2) == 0 {
            "system"
        } else {
            "developer"
        };
        list.push(json!({ "role": role, "content": text(random) }));
    }
    for turn in 0..random.random_range(1..4) {
        list.push(json!({ "role": "user", "content": content(random) }));
        match random.random_range(0..4) {
            0 => list.push(json!({ "role": "assistant", "content": text(random) })),
            1 => list.push(json!({ "role": "assistant", "content": text(random),
                "reasoning_content": text(random) })),
            2 if tools.is_some() => {
                let ids: Vec<String> = (0..random.random_range(1..3))
                    .map(|n| format!("call_{turn}_{n}"))
                    .collect();
                let calls: Vec<Json> = ids
                    .iter()
                    .map(|id| {
                        json!({ "id": id, "type": "function",
                        "function": { "name": "f_0", "arguments": "{\"a\": 1}" } })
                    })
                    .collect();
                list.push(json!({ "role": "assistant", "content": null, "tool_calls": calls }));
                for id in ids {
                    let found = if random.random_range(0..2) == 0 {
                        "sun"
                    } else {
                        "{\"sky\": [1]}"
                    };
                    list.push(json!({ "role": "tool", "tool_call_id": id, "content": found }));
                }
            }
            _ => {}
        }
    }
    Json::Array(list)
}

fn content(random: &mut StdRng) -> Json {
    match random.random_range(0..6) {
        0 => {
            json!([{ "type": "text", "text": text(random) }, { "type": "text", "text": text(random) }])
        }
        1 => json!([{ "type": "text", "text": text(random) },
            { "type": "image_url", "image_url": { "url": PNG, "detail": "low" } }]),
        2 => json!([{ "type": "text", "text": text(random) },
            { "type": "image_url", "image_url": { "url": "https://example.com/a.png" } }]),
        3 => json!([{ "type": "text", "text": text(random) },
            { "type": "input_audio", "input_audio": { "data": "UklGRg==", "format": "wav" } }]),
        _ => Json::from(text(random)),
    }
}

fn text(random: &mut StdRng) -> String {
    const WORDS: &[&str] = &[
        "Hello",
        "\u{1f642}",
        "\"quoted\"",
        "line\nbreak",
        "\\",
        "\u{4f60}\u{597d}",
        "{}",
        "\t",
    ];
    let words = (0..random.random_range(1..6)).map(|_| WORDS[random.random_range(0..WORDS.len())]);
    words.collect::<Vec<_>>().join(" ")
}

fn tools(random: &mut StdRng) -> Option<Json> {
    let count = random
        .random_range(0..4_usize)
        .checked_sub(1)
        .filter(|count| *count > 0)?;
    let tools = (0..count).map(|n| {
        let mut function = json!({ "name": format!("f_{n}") });
        if random.random_range(0..2) == 0 {
            function["description"] = json!("Does it.");
        }
        if random.random_range(0..5) > 0 {
            function["parameters"] = object(random, 0);
        }
        if random.random_range(0..4) == 0 {
            function["strict"] = json!(true);
        }
        json!({ "type": "function", "function": function })
    });
    Some(Json::Array(tools.collect()))
}

fn object(random: &mut StdRng, depth: usize) -> Json {
    let mut members = Map::new();
    for n in 0..random.random_range(0..4) {
        members.insert(format!("m_{n}"), schema(random, depth + 1));
    }
    let mut out = json!({ "type": "object", "properties": members });
    if random.random_range(0..2) == 0 {
        out["additionalProperties"] = json!(false);
    }
    if random.random_range(0..2) == 0 {
        out["required"] = json!(["m_0"]);
    }
    if random.random_range(0..6) == 0 {
        out["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    }
    out
}

fn schema(random: &mut StdRng, depth: usize) -> Json {
    match random.random_range(0..if depth < 3 { 12 } else { 8 }) {
        0 => json!({ "type": "string" }),
        1 => json!({ "type": "string", "enum": ["a", "b"] }),
        2 => json!({ "type": ["integer", "null"] }),
        3 => json!({ "type": "number", "minimum": 0, "exclusiveMaximum": 5 }),
        4 => json!({ "type": "boolean", "default": false }),
        5 => json!({ "const": 3 }),
        6 => json!({ "type": "string", "format": "date-time", "pattern": "^a", "title": "T" }),
        7 => json!({}),
        8 => json!({ "type": "array", "items": schema(random, depth + 1) }),
        9 => json!({ "anyOf": [schema(random, depth + 1), { "type": "null" }] }),
        10 => json!({ "type": "object", "additionalProperties": schema(random, depth + 1) }),
        _ => object(random, depth + 1),
    }
}

/// Whether this is a request that the vendor documents: of OpenAI's dialect by the host's own parser, of Gemini's
/// and Cohere's by the lists of fields here.
pub(super) fn documented(sent: &Played, model: &str) -> Result<(), String> {
    if sent.method != http::Method::POST {
        return Err(format!("the method is {}", sent.method));
    }
    let body: Json = serde_json::from_slice(&sent.body).map_err(|error| error.to_string())?;
    let path = sent.url.path();
    if path.ends_with("/chat/completions") {
        if body["model"] != model {
            return Err(format!("the model is {}", body["model"]));
        }
        ChatRequest::parse(&sent.body)
            .map(drop)
            .map_err(|invalid| invalid.to_string())
    } else if path.ends_with(":generateContent") || path.ends_with(":streamGenerateContent") {
        gemini(&body)
    } else if body.is_object() {
        Ok(())
    } else {
        Err("the body is no object".to_owned())
    }
}

fn only(json: &Json, at: &str, names: &[&str]) -> Result<(), String> {
    let Some(members) = json.as_object() else {
        return Err(format!("{at} is no object: {json}"));
    };
    match members.keys().find(|name| !names.contains(&name.as_str())) {
        Some(name) => Err(format!(
            "{at} has a field {name:?}, which Gemini does not know"
        )),
        None => Ok(()),
    }
}

/// As `https://ai.google.dev/api/generate-content` lists the fields.
fn gemini(body: &Json) -> Result<(), String> {
    only(
        body,
        "the request",
        &[
            "contents",
            "tools",
            "toolConfig",
            "safetySettings",
            "systemInstruction",
            "generationConfig",
            "cachedContent",
            "labels",
        ],
    )?;
    let contents = list(&body["contents"]);
    if contents.is_empty() {
        return Err("there are no contents".to_owned());
    }
    let system = body.get("systemInstruction").into_iter();
    for content in contents.iter().chain(system) {
        only(content, "a content", &["role", "parts"])?;
        if let Some(role) = content["role"].as_str()
            && !["user", "model", "function"].contains(&role)
        {
            return Err(format!("a role is {role}"));
        }
        if list(&content["parts"]).is_empty() {
            return Err("a content has no parts".to_owned());
        }
        for part in list(&content["parts"]) {
            only(
                part,
                "a part",
                &[
                    "text",
                    "inlineData",
                    "fileData",
                    "functionCall",
                    "functionResponse",
                    "thought",
                    "thoughtSignature",
                    "videoMetadata",
                ],
            )?;
            if part["functionResponse"].is_object()
                && !part["functionResponse"]["response"].is_object()
            {
                return Err("a function's response is no object".to_owned());
            }
        }
    }
    for tool in list(&body["tools"]) {
        only(
            tool,
            "a tool",
            &[
                "functionDeclarations",
                "googleSearch",
                "google_search",
                "codeExecution",
                "urlContext",
            ],
        )?;
        for function in list(&tool["functionDeclarations"]) {
            only(
                function,
                "a function",
                &[
                    "name",
                    "description",
                    "parameters",
                    "parametersJsonSchema",
                    "response",
                    "behavior",
                ],
            )?;
            if function["parameters"].is_object() {
                gemini_schema(&function["parameters"])?;
            }
        }
    }
    if let Some(config) = body.get("generationConfig") {
        only(
            config,
            "generationConfig",
            &[
                "stopSequences",
                "responseMimeType",
                "responseSchema",
                "responseJsonSchema",
                "responseModalities",
                "candidateCount",
                "maxOutputTokens",
                "temperature",
                "topP",
                "topK",
                "seed",
                "presencePenalty",
                "frequencyPenalty",
                "responseLogprobs",
                "logprobs",
                "thinkingConfig",
                "speechConfig",
                "mediaResolution",
            ],
        )?;
        if config["responseSchema"].is_object() {
            gemini_schema(&config["responseSchema"])?;
        }
    }
    Ok(())
}

fn gemini_schema(schema: &Json) -> Result<(), String> {
    only(
        schema,
        "a schema",
        &[
            "type",
            "format",
            "title",
            "description",
            "nullable",
            "enum",
            "maxItems",
            "minItems",
            "properties",
            "required",
            "minProperties",
            "maxProperties",
            "minLength",
            "maxLength",
            "pattern",
            "example",
            "anyOf",
            "propertyOrdering",
            "default",
            "items",
            "minimum",
            "maximum",
        ],
    )?;
    if let Some(kind) = schema.get("type") {
        let known = [
            "string", "number", "integer", "boolean", "array", "object", "null",
        ];
        let kind = kind.as_str().map(str::to_lowercase).unwrap_or_default();
        if !known.contains(&kind.as_str()) {
            return Err(format!("a schema's type is {}", schema["type"]));
        }
    }
    let inner = schema["properties"]
        .as_object()
        .into_iter()
        .flat_map(Map::values);
    let inner = inner
        .chain(list(&schema["anyOf"]))
        .chain(schema.get("items"));
    for schema in inner {
        gemini_schema(schema)?;
    }
    Ok(())
}

fn list(json: &Json) -> &[Json] {
    json.as_array().map_or(&[], Vec::as_slice)
}
