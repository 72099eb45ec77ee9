// The official `openai` package for Node against the server. Run from a folder whose node_modules has it.
import assert from "node:assert/strict";
import OpenAI from "openai";
import { API_KEY, BASE_URL, MODEL, ROUTE, TEXT, check, end } from "./checks.mjs";

const TOTAL_TOKENS = 17;
// No retries: a failure must show as one.
const client = new OpenAI({ baseURL: BASE_URL, apiKey: API_KEY, maxRetries: 0, timeout: 30_000 });
const hello = [{ role: "user", content: "Hello" }];
const tool = {
    type: "function",
    function: {
        name: "weather",
        parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    },
};
const chat = (more = {}) => client.chat.completions.create({ model: MODEL, messages: hello, ...more });

await check("models list and retrieve", async () => {
    const ids = [];
    for await (const model of client.models.list()) ids.push(model.id);
    const found = ids.find((id) => id.split("/").at(-1) === MODEL);
    assert(found, ids.join());
    assert.equal((await client.models.retrieve(found)).id, found);
});

await check("chat whole", async () => {
    const { data, response } = await chat().withResponse();
    assert.equal(response.headers.get("x-routed-via"), ROUTE);
    assert.equal(data.choices[0].message.content, TEXT);
    assert.equal(data.choices[0].finish_reason, "stop");
    assert.equal(data.usage.total_tokens, TOTAL_TOKENS);
});

await check("chat stream", async () => {
    const chunks = [];
    for await (const chunk of await chat({ stream: true, stream_options: { include_usage: true } })) {
        chunks.push(chunk);
    }
    assert(chunks.length > 3, "a stream comes in pieces");
    assert.equal(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join(""), TEXT);
    assert.equal(chunks.at(-1).usage.total_tokens, TOTAL_TOKENS);
});

await check("a stream that is left early", async () => {
    for await (const _ of await chat({ stream: true })) break;
    assert.equal((await chat()).choices[0].message.content, TEXT);
});

await check("chat auto and by provider", async () => {
    for (const model of ["auto", ROUTE]) {
        assert.equal((await chat({ model })).choices[0].message.content, TEXT);
    }
});

await check("tools round trip", async () => {
    const { message, finish_reason } = (await chat({ tools: [tool] })).choices[0];
    assert.equal(finish_reason, "tool_calls");
    const call = message.tool_calls[0];
    assert.equal(call.function.name, "weather");
    assert.deepEqual(JSON.parse(call.function.arguments), { city: "Zürich" });
    const messages = [...hello, message, { role: "tool", tool_call_id: call.id, content: "sunny" }];
    const second = await chat({ messages, tools: [tool] });
    assert.equal(second.choices[0].message.content, "The tool says: sunny");
});

await check("tools run by the SDK, streamed", async () => {
    const parse = JSON.parse;
    const run = ({ city }) => `sunny in ${city}`;
    const runner = client.chat.completions.runTools({
        model: MODEL, messages: hello, stream: true,
        tools: [{ type: "function", function: { ...tool.function, parse, function: run } }],
    });
    assert.equal(await runner.finalContent(), "The tool says: sunny in Zürich");
});

await check("json mode", async () => {
    const answer = await chat({ response_format: { type: "json_object" } });
    assert.deepEqual(JSON.parse(answer.choices[0].message.content), { answer: 42 });
});

await check("unknown model is not found", async () => {
    await assert.rejects(chat({ model: "no-such-model" }), (error) =>
        error instanceof OpenAI.NotFoundError && error.code === "model_not_found");
});

await check("wrong key is an authentication error", async () => {
    const stranger = client.withOptions({ apiKey: "freellmapi-wrong" });
    await assert.rejects(stranger.chat.completions.create({ model: MODEL, messages: hello }), (error) =>
        error instanceof OpenAI.AuthenticationError && error.code === "invalid_api_key");
});

await check("bad request names the parameter", async () => {
    await assert.rejects(chat({ temperature: "hot" }), (error) =>
        error instanceof OpenAI.BadRequestError && error.param === "temperature");
});

end();
