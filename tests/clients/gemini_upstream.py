"""The same provider in Google's words: requests to the OpenAI form that `upstream.answer` reads, and answers back.

A function call comes with a thought signature, and one that comes back without it is refused, as Google does.
"""

import json

# Each may be used ten times a minute, as Google's free ones may, and the server keeps to that.
KEYS = [f"AIza-upstream-of-the-client-tests-{n}" for n in range(6)]
HOST = "generativelanguage.googleapis.com"
# One that takes no call back without its signature.
MODEL = "gemini-3-flash-preview"
SIGNATURE = "c2lnbmVkLWJ5LXRoZS1tb2Nr"
USAGE = {"promptTokenCount": 11, "candidatesTokenCount": 6, "totalTokenCount": 17}
MODELS = {
    "models": [{
        "name": f"models/{MODEL}", "displayName": MODEL, "inputTokenLimit": 1048576, "outputTokenLimit": 65536,
        "supportedGenerationMethods": ["generateContent", "countTokens"],
    }]
}


def is_here(path):
    return path.startswith("/v1beta/models")


def canonical(body):
    """A request in OpenAI's form, as far as `upstream.answer` looks at it."""
    messages = []
    for content in body["contents"]:
        texts, calls, results = [], [], []
        for part in content["parts"]:
            if "functionCall" in part:
                calls.append(part)
            elif "functionResponse" in part:
                results.append(part["functionResponse"])
            elif "inlineData" in part:
                texts.append({"type": "image_url"})
            elif "text" in part:
                texts.append({"type": "text", "text": part["text"]})
        if calls:
            assert "thoughtSignature" in calls[0], "a call came back without its signature"
            messages.append({"role": "assistant", "tool_calls": calls})
        for result in results:
            response = result["response"]
            messages.append({"role": "tool", "content": said(response.get("output", response.get("result", response)))})
        if texts:
            plain = all(part["type"] == "text" for part in texts)
            role = "assistant" if content.get("role") == "model" else "user"
            joined = "\n".join(part["text"] for part in texts) if plain else texts
            messages.append({"role": role, "content": joined})
    functions = [one for tool in body.get("tools", []) for one in tool.get("functionDeclarations", [])]
    tools = [
        {"type": "function", "function": {
            "name": one["name"], "parameters": one.get("parametersJsonSchema") or one.get("parameters"),
        }}
        for one in functions
    ]
    config = body.get("generationConfig", {})
    made = {"messages": messages, "tools": tools}
    if config.get("responseMimeType") == "application/json":
        made["response_format"] = {"type": "json_object"}
    return made


def said(output):
    return output if isinstance(output, str) else json.dumps(output, ensure_ascii=False)


def parts(message):
    for call in message.get("tool_calls") or []:
        function = call["function"]
        yield {
            "functionCall": {"name": function["name"], "args": json.loads(function["arguments"])},
            "thoughtSignature": SIGNATURE,
        }
    text = message["content"] or ""
    for at in range(0, len(text), 5):
        yield {"text": text[at : at + 5]}


def frame(parts, **more):
    candidate = {"content": {"role": "model", "parts": parts}, "index": 0, **more}
    return {"candidates": [candidate], "usageMetadata": USAGE, "modelVersion": MODEL, "responseId": "mock"}


def response(message):
    return frame(list(parts(message)), finishReason="STOP")


def events(message):
    *before, last = parts(message)
    for part in before:
        yield frame([part])
    yield frame([last], finishReason="STOP")


def refusal():
    return {"error": {"code": 403, "message": "no such key", "status": "PERMISSION_DENIED"}}
