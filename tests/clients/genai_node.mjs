// The official `@google/genai` package for Node against the server. Run from a folder whose node_modules has it.
import assert from "node:assert/strict";
import { ApiError, GoogleGenAI, Type } from "@google/genai";
import { API_KEY, MODEL, SERVER, TEXT, check, end } from "./checks.mjs";

const ai = new GoogleGenAI({ apiKey: API_KEY, vertexai: false, httpOptions: { baseUrl: SERVER, timeout: 30_000 } });
const request = (config = {}) => ({ model: MODEL, contents: "Hello", config });
const parameters = { type: Type.OBJECT, properties: { city: { type: Type.STRING } }, required: ["city"] };
const tools = [{ functionDeclarations: [{ name: "weather", description: "The weather of a city", parameters }] }];

await check("models list and get", async () => {
    const names = [];
    for await (const model of await ai.models.list()) names.push(model.name);
    assert(names.includes(`models/${MODEL}`), names.join());
    assert.equal((await ai.models.get({ model: MODEL })).name, `models/${MODEL}`);
});

await check("whole", async () => {
    const answer = await ai.models.generateContent(request());
    assert.equal(answer.text, TEXT);
    assert.equal(answer.candidates[0].finishReason, "STOP");
    assert.equal(answer.usageMetadata.totalTokenCount, 17);
});

await check("stream", async () => {
    const chunks = [];
    for await (const chunk of await ai.models.generateContentStream(request())) chunks.push(chunk);
    assert(chunks.length > 3, "a stream comes in pieces");
    assert.equal(chunks.map((chunk) => chunk.text ?? "").join(""), TEXT);
    assert.equal(chunks.at(-1).usageMetadata.totalTokenCount, 17);
});

await check("a function call streamed and its result", async () => {
    const chat = ai.chats.create({ model: MODEL, config: { tools } });
    const calls = [];
    for await (const chunk of await chat.sendMessageStream({ message: "Hello" })) calls.push(...(chunk.functionCalls ?? []));
    assert.deepEqual(calls.map(({ name, args }) => [name, args]), [["weather", { city: "Zürich" }]]);
    const functionResponse = { id: calls[0].id, name: "weather", response: { output: "sunny" } };
    const answer = await chat.sendMessage({ message: [{ functionResponse }] });
    assert.match(answer.text, /^The tool says: .*sunny/);
});

await check("json by schema", async () => {
    const responseSchema = { type: Type.OBJECT, properties: { answer: { type: Type.INTEGER } } };
    const answer = await ai.models.generateContent(request({ responseMimeType: "application/json", responseSchema }));
    assert.deepEqual(JSON.parse(answer.text), { answer: 42 });
});

await check("tokens are counted", async () => {
    assert((await ai.models.countTokens({ model: MODEL, contents: "Hello ".repeat(40) })).totalTokens > 20);
});

await check("errors are Google's", async () => {
    await assert.rejects(ai.models.generateContent({ ...request(), model: "no-such-model" }), (error) =>
        error instanceof ApiError && error.status === 404 && error.message.includes("NOT_FOUND"));
});

end();
