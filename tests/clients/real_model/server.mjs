// A real model behind an OpenAI-like API: node-llama-cpp and a gguf file, on loopback.
//
//   node server.mjs MODEL.gguf PORT        (port 0 takes a free one)
//
// Prints `listening on http://127.0.0.1:PORT` when the model is loaded. It runs from a folder whose
// node_modules holds node-llama-cpp. The model is a base model: with its own chat template it ends at
// once, so a lone message is simply continued, and a longer chat laid out as USER/ASSISTANT lines.
import http from "node:http";
import { availableParallelism } from "node:os";
import { getLlama, LlamaCompletion, LlamaLogLevel } from "node-llama-cpp";

const [path, port = "0"] = process.argv.slice(2);
const MODEL = "gemma-local";
const llama = await getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.error });
const model = await llama.loadModel({ modelPath: path });
// One thread a core: with more they wait for each other, two hundred times slower.
const context = await model.createContext({ contextSize: 2048, threads: availableParallelism() });
const sequence = context.getSequence();
const completion = new LlamaCompletion({ contextSequence: sequence });

const text = (content) =>
    typeof content === "string" ? content : (content ?? []).map((part) => part.text ?? "").join("");

function prompt(messages) {
    if (messages.length === 1) return text(messages[0].content);
    const lines = messages.map(({ role, content }) =>
        role === "assistant" ? `ASSISTANT: ${text(content)}`
            : role === "user" ? `USER: ${text(content)}` : text(content));
    return [...lines, "ASSISTANT:"].join("\n");
}

// One sequence: requests take turns.
let turn = Promise.resolve();

async function complete(body, onTextChunk, signal) {
    const asked = prompt(body.messages);
    let count = 0;
    const wanted = body.max_completion_tokens ?? body.max_tokens ?? 24;
    const run = turn.then(async () => {
        await sequence.clearHistory();
        return completion.generateCompletionWithMeta(asked, {
            maxTokens: Math.min(wanted, 64), temperature: body.temperature ?? 0, seed: body.seed,
            customStopTriggers: ["USER:", "\nUSER"], signal, stopOnAbortSignal: true, onTextChunk,
            onToken: (tokens) => { count += tokens.length; },
        });
    });
    turn = run.catch(() => {});
    const { response, metadata } = await run;
    const input = model.tokenize(asked).length;
    return {
        text: response,
        finish: metadata.stopReason === "maxTokens" ? "length" : "stop",
        usage: { prompt_tokens: input, completion_tokens: count, total_tokens: input + count },
    };
}

async function chat(request, response) {
    let raw = "";
    for await (const piece of request.setEncoding("utf8")) raw += piece;
    const body = JSON.parse(raw);
    const head = { id: `chatcmpl-${Date.now()}`, created: Math.floor(Date.now() / 1000), model: MODEL };
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    if (!body.stream) {
        const done = await complete(body, undefined, gone.signal);
        const message = { role: "assistant", content: done.text };
        return send(response, 200, {
            ...head, object: "chat.completion", usage: done.usage,
            choices: [{ index: 0, message, finish_reason: done.finish }],
        });
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    const event = (more) =>
        response.write(`data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", ...more })}\n\n`);
    const delta = (delta, finish_reason = null) => event({ choices: [{ index: 0, delta, finish_reason }] });
    delta({ role: "assistant", content: "" });
    const done = await complete(body, (content) => delta({ content }), gone.signal);
    delta({}, done.finish);
    if (body.stream_options?.include_usage) event({ choices: [], usage: done.usage });
    response.end("data: [DONE]\n\n");
}

function send(response, status, value) {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(value));
}

const failed = (message) => ({ error: { message, type: "server_error", param: null, code: null } });

const server = http.createServer((request, response) => {
    if (request.method === "GET" && request.url === "/v1/models") {
        const data = [{ id: MODEL, object: "model", created: 0, owned_by: "local" }];
        return send(response, 200, { object: "list", data });
    }
    if (request.method === "POST" && request.url === "/v1/chat/completions") {
        return chat(request, response).catch((error) =>
            response.headersSent ? response.destroy() : send(response, 500, failed(String(error))));
    }
    send(response, 404, failed("no such route"));
});
server.listen(Number(port), "127.0.0.1", () =>
    console.log(`listening on http://127.0.0.1:${server.address().port}`));
