"""A provider for the clients to talk to: OpenAI-like, and under /v1beta Gemini native (`gemini_upstream.py`), and its answer follows from the request.

Offered tools, it calls the first one; given a tool's result, it repeats it; asked for JSON, it answers
JSON; shown an image, it says so. (The mock of the other tests answers by script, which a client in
another process cannot write.)
"""

import http.server
import json
import threading

import gemini_upstream as gemini

KEY = "sk-upstream-of-the-client-tests"
MODEL = "mock-model"
# Not ASCII, so that a stream cut inside a character would show.
WORDS = ["Hello", " from", " the", " upstream:", " äöü", " 🙂"]
# What a shell tool is told to make.
MADE = "made.txt"
# What agents call their shell.
SHELLS = ("Bash", "bash", "run_shell_command")
# A prompt of an agent that has no tools and reads edits out of the text.
EDIT = "WRITE THE FILE"
USAGE = {"prompt_tokens": 11, "completion_tokens": 6, "total_tokens": 17}


def start():
    """Serves on a free port of loopback from a thread; returns the base URL, which ends in /v1."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}/v1"


def chosen(tools):
    """The call of the first tool, or of the shell where an agent offers one."""
    names = [tool["function"]["name"] for tool in tools]
    if "cmd" in (tools[0]["function"].get("parameters") or {}).get("properties", {}):
        return {"name": names[0], "arguments": json.dumps({"cmd": f"echo made > {MADE}"})}
    shell = next((name for name in names if name in SHELLS), None)
    if shell:
        command = {"command": f"echo TOOLRAN > {MADE}; echo alpha", "description": "Makes a file"}
        return {"name": shell, "arguments": json.dumps(command)}
    return {"name": names[0], "arguments": '{"city": "Zürich"}'}


def answer(body):
    """The message and the finish reason that a request gets; whatever a fuzzer makes of it, it gets one."""
    try:
        return fitting(body)
    except (AttributeError, IndexError, KeyError, TypeError):
        return {"role": "assistant", "content": "".join(WORDS)}, "stop"


def fitting(body):
    last = body["messages"][-1]
    before = body["messages"][-2:-1]
    if last["role"] == "user" and before and before[0]["role"] == "tool":
        # Agents remind the model of this and that behind a tool's result.
        last = before[0]
    if body.get("tools") and last["role"] != "tool" and "PLAIN" not in str(last.get("content")):
        function = chosen(body["tools"])
        call = {"id": "call_1", "type": "function", "function": function}
        return {"role": "assistant", "content": None, "tool_calls": [call]}, "tool_calls"
    content = last.get("content")
    if last["role"] == "tool":
        text = f"The tool says: {content}"
    elif (body.get("response_format") or {}).get("type") in ("json_object", "json_schema"):
        text = '{"answer": 42}'
    elif isinstance(content, list) and any(part["type"] == "image_url" for part in content):
        text = "I see an image"
    elif EDIT in str(content):
        text = f"Here it is.\n\n{MADE}\n```\nTOOLRAN\n```\n"
    else:
        text = "".join(WORDS)
    return {"role": "assistant", "content": text}, "stop"


def deltas(message):
    """The pieces a streamed answer comes in."""
    yield {"role": "assistant", "content": ""}
    for index, call in enumerate(message.get("tool_calls") or []):
        function = call["function"]
        yield {"tool_calls": [{**call, "index": index, "function": {**function, "arguments": ""}}]}
        for at in range(0, len(function["arguments"]), 5):
            piece = function["arguments"][at : at + 5]
            yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}
    if message["content"]:
        for at in range(0, len(message["content"]), 5):
            yield {"content": message["content"][at : at + 5]}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        if gemini.is_here(self.path):
            return self.reply(200, gemini.MODELS)
        if not self.let_in():
            return
        if self.path != "/v1/models":
            return self.fail(404, "not_found")
        model = {"id": MODEL, "object": "model", "created": 1, "owned_by": "mock"}
        self.reply(200, {"object": "list", "data": [model]})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if gemini.is_here(self.path):
            return self.gemini(body)
        if not self.let_in():
            return
        if self.path != "/v1/chat/completions":
            return self.fail(404, "not_found")
        message, finish = answer(body)
        head = {"id": "chatcmpl-1", "created": 1, "model": body["model"]}
        if not body.get("stream"):
            choice = {"index": 0, "message": message, "finish_reason": finish}
            whole = {**head, "object": "chat.completion", "choices": [choice], "usage": USAGE}
            return self.reply(200, whole)
        head["object"] = "chat.completion.chunk"
        events = [
            {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
            for delta in deltas(message)
        ]
        events.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
        if (body.get("stream_options") or {}).get("include_usage"):
            events.append({**head, "choices": [], "usage": USAGE})
        self.begin_stream()
        for event in [*map(json.dumps, events), "[DONE]"]:
            self.wfile.write(f"data: {event}\n\n".encode())
            self.wfile.flush()
        self.close_connection = True

    def gemini(self, body):
        if self.headers.get("x-goog-api-key") not in gemini.KEYS:
            return self.reply(403, gemini.refusal())
        message, _ = answer(gemini.canonical(body))
        if ":stream" not in self.path:
            return self.reply(200, gemini.response(message))
        self.begin_stream()
        for event in gemini.events(message):
            self.wfile.write(f"data: {json.dumps(event)}\r\n\r\n".encode())
            self.wfile.flush()
        self.close_connection = True

    def begin_stream(self):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()

    def let_in(self):
        if self.headers.get("authorization") == f"Bearer {KEY}":
            return True
        self.fail(401, "invalid_api_key")
        return False

    def fail(self, status, code):
        error = {"message": code, "type": "invalid_request_error", "param": None, "code": code}
        self.reply(status, {"error": error})

    def reply(self, status, value):
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
