// The official `openai` package for Node and Vercel's AI SDK, which speaks Responses by default, against the server. Run
// from a folder whose node_modules has them.
import assert from "node:assert/strict";
import { createOpenAI } from "@ai-sdk/openai";
import { generateObject, generateText, jsonSchema, stepCountIs, streamText, tool } from "ai";
import OpenAI from "openai";
import { API_KEY, BASE_URL, MODEL, TEXT, check, end } from "./checks.mjs";

const TOTAL_TOKENS = 17;
// No retries: a failure must show as one.
const client = new OpenAI({ baseURL: BASE_URL, apiKey: API_KEY, maxRetries: 0, timeout: 30_000 });
const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const weather = { type: "function", name: "weather", parameters, strict: false };
const create = (more = {}) => client.responses.create({ model: MODEL, input: "Hello", ...more });
const model = createOpenAI({ baseURL: BASE_URL, apiKey: API_KEY })(MODEL);
const tools = {
    weather: tool({
        description: "The weather of a city",
        inputSchema: jsonSchema(parameters),
        execute: ({ city }) => `sunny in ${city}`,
    }),
};

await check("openai: whole", async () => {
    const response = await create();
    assert.equal(response.output_text, TEXT);
    assert.equal(response.usage.total_tokens, TOTAL_TOKENS);
    assert.deepEqual((await client.responses.retrieve(response.id)).output, response.output);
});

await check("openai: stream", async () => {
    const stream = client.responses.stream({ model: MODEL, input: "Hello" });
    let text = "";
    for await (const event of stream) if (event.type === "response.output_text.delta") text += event.delta;
    assert.equal(text, TEXT);
    assert.equal((await stream.finalResponse()).output_text, TEXT);
});

await check("openai: tools round trip", async () => {
    const first = await create({ tools: [weather] });
    const call = first.output[0];
    assert.equal(call.name, "weather");
    const input = [{ type: "function_call_output", call_id: call.call_id, output: "sunny" }];
    const second = await create({ tools: [weather], previous_response_id: first.id, input });
    assert.equal(second.output_text, "The tool says: sunny");
});

await check("openai: errors", async () => {
    await assert.rejects(create({ background: true }), (error) =>
        error instanceof OpenAI.BadRequestError && error.param === "background");
});

await check("ai: text", async () => {
    const { text, usage } = await generateText({ model, prompt: "Hello", maxRetries: 0 });
    assert.equal(text, TEXT);
    assert.equal(usage.totalTokens, TOTAL_TOKENS);
});

await check("ai: stream", async () => {
    let text = "";
    for await (const piece of streamText({ model, prompt: "Hello", maxRetries: 0 }).textStream) text += piece;
    assert.equal(text, TEXT);
});

await check("ai: tool loop", async () => {
    const { text, steps } = await generateText({
        model, tools, prompt: "Weather?", stopWhen: stepCountIs(3), maxRetries: 0,
    });
    assert.equal(text, "The tool says: sunny in Zürich");
    assert.equal(steps.length, 2);
});

await check("ai: tool loop, streamed and not stored", async () => {
    const result = streamText({
        model, tools, prompt: "Weather?", stopWhen: stepCountIs(3), maxRetries: 0,
        providerOptions: { openai: { store: false } },
    });
    assert.equal(await result.text, "The tool says: sunny in Zürich");
});

await check("ai: object", async () => {
    const schema = jsonSchema({ type: "object", properties: { answer: { type: "integer" } }, required: ["answer"] });
    const { object } = await generateObject({ model, schema, prompt: "Hello", maxRetries: 0 });
    assert.deepEqual(object, { answer: 42 });
});

end();
