// Vercel's AI SDK in three dialects against the server. Run from a folder whose node_modules has it.
import assert from "node:assert/strict";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, jsonSchema, stepCountIs, streamText, tool } from "ai";
import { API_KEY, BASE_URL, MODEL, SERVER, TEXT, check, end } from "./checks.mjs";

const models = {
    "openai-compatible": createOpenAICompatible({ name: "here", baseURL: BASE_URL, apiKey: API_KEY, includeUsage: true })(MODEL),
    anthropic: createAnthropic({ baseURL: BASE_URL, apiKey: API_KEY })(MODEL),
    google: createGoogleGenerativeAI({ baseURL: `${SERVER}/v1beta`, apiKey: API_KEY })(MODEL),
};
const tools = {
    weather: tool({
        description: "The weather of a city",
        inputSchema: jsonSchema({ type: "object", properties: { city: { type: "string" } }, required: ["city"] }),
        execute: ({ city }) => `sunny in ${city}`,
    }),
};

for (const [name, model] of Object.entries(models)) {
    await check(`${name}: whole`, async () => {
        const { text, finishReason, usage } = await generateText({ model, prompt: "Hello", maxRetries: 0 });
        assert.deepEqual([text, finishReason, usage.inputTokens, usage.outputTokens], [TEXT, "stop", 11, 6]);
    });

    await check(`${name}: stream`, async () => {
        const { textStream, usage } = streamText({ model, prompt: "Hello", maxRetries: 0, onError: () => {} });
        const pieces = [];
        for await (const piece of textStream) pieces.push(piece);
        assert(pieces.length > 3, "a stream comes in pieces");
        assert.equal(pieces.join(""), TEXT);
        assert.equal((await usage).outputTokens, 6);
    });

    await check(`${name}: tools, whole and streamed`, async () => {
        const asked = { model, prompt: "Hello", tools, stopWhen: stepCountIs(3), maxRetries: 0 };
        assert.match((await generateText(asked)).text, /^The tool says: .*sunny in Zürich/);
        assert.match(await streamText({ ...asked, onError: () => {} }).text, /^The tool says: .*sunny in Zürich/);
    });
}

end();
