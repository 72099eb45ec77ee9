// The official `@anthropic-ai/sdk` package for Node against the server. Run from a folder whose node_modules has it.
import assert from "node:assert/strict";
import Anthropic from "@anthropic-ai/sdk";
import { API_KEY, MODEL, ROUTE, SERVER, TEXT, check, end } from "./checks.mjs";

// This package adds /v1 itself. No retries: a failure must show as one.
const baseURL = SERVER;
const client = new Anthropic({ baseURL, authToken: API_KEY, apiKey: null, maxRetries: 0, timeout: 30_000 });
const hello = [{ role: "user", content: "Hello" }];
const tool = {
    name: "weather",
    input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};
const request = (more = {}) => ({ model: MODEL, max_tokens: 64, messages: hello, ...more });

await check("models list and retrieve", async () => {
    const ids = [];
    for await (const model of client.models.list({ limit: 2 })) ids.push(model.id);
    assert(ids.includes(MODEL) && ids.includes("auto"), ids.join());
    assert.equal((await client.models.retrieve(MODEL)).id, MODEL);
});

await check("whole", async () => {
    const { data, response } = await client.messages.create(request()).withResponse();
    assert.equal(response.headers.get("x-routed-via"), ROUTE);
    assert.deepEqual(data.content.map((block) => block.type), ["text"]);
    assert.equal(data.content[0].text, TEXT);
    assert.equal(data.stop_reason, "end_turn");
    assert.equal(data.usage.input_tokens, 11);
});

await check("streamed", async () => {
    let pieces = 0;
    const stream = client.messages.stream(request()).on("text", () => (pieces += 1));
    const message = await stream.finalMessage();
    assert(pieces > 3, "a stream comes in pieces");
    assert.equal(message.content[0].text, TEXT);
    assert.equal(message.usage.output_tokens, 6);
});

await check("a stream that is left early", async () => {
    for await (const _ of await client.messages.create(request({ stream: true }))) break;
    assert.equal((await client.messages.create(request())).content[0].text, TEXT);
});

await check("tools round trip, streamed", async () => {
    const first = await client.messages.stream(request({ tools: [tool] })).finalMessage();
    assert.equal(first.stop_reason, "tool_use");
    const call = first.content.at(-1);
    assert.deepEqual(call.input, { city: "Zürich" });
    const result = { type: "tool_result", tool_use_id: call.id, content: "sunny" };
    const messages = [...hello, { role: "assistant", content: first.content }, { role: "user", content: [result] }];
    const second = await client.messages.stream(request({ tools: [tool], messages })).finalText();
    assert.equal(second, "The tool says: sunny");
});

await check("count tokens", async () => {
    const { input_tokens } = await client.messages.countTokens({ model: MODEL, messages: hello });
    assert(input_tokens > 0);
});

await check("errors are of their kinds", async () => {
    await assert.rejects(client.messages.create(request({ model: "no-such-model" })), Anthropic.NotFoundError);
    await assert.rejects(client.messages.create(request({ max_tokens: 0 })), Anthropic.BadRequestError);
    const stranger = client.withOptions({ authToken: "freellmapi-wrong" });
    await assert.rejects(stranger.messages.create(request()), Anthropic.AuthenticationError);
});

end();
