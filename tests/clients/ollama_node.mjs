// The official `ollama` package for Node against the server, without a key. Run from a folder whose node_modules has it.
import assert from "node:assert/strict";
import { Ollama } from "ollama";
import { MODEL, SERVER, TEXT, check, end } from "./checks.mjs";

const ollama = new Ollama({ host: SERVER });
const messages = [{ role: "user", content: "Hello" }];
const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const tools = [{ type: "function", function: { name: "weather", description: "The weather of a city", parameters } }];

await check("list and show", async () => {
    assert((await ollama.list()).models.some(({ model }) => model === MODEL));
    assert((await ollama.show({ model: MODEL })).capabilities.includes("completion"));
});

await check("chat whole", async () => {
    const answer = await ollama.chat({ model: MODEL, messages });
    assert.equal(answer.message.content, TEXT);
    assert.equal(answer.eval_count, 6);
});

await check("chat stream", async () => {
    const parts = [];
    for await (const part of await ollama.chat({ model: MODEL, messages, stream: true })) parts.push(part);
    assert(parts.length > 3, "a stream comes in pieces");
    assert.equal(parts.map((part) => part.message.content).join(""), TEXT);
    assert(parts.at(-1).done);
});

await check("tools round trip", async () => {
    const { message } = await ollama.chat({ model: MODEL, messages, tools });
    assert.deepEqual(message.tool_calls[0].function.arguments, { city: "Zürich" });
    const result = { role: "tool", tool_name: "weather", content: "sunny" };
    const answer = await ollama.chat({ model: MODEL, messages: [...messages, message, result], tools });
    assert.equal(answer.message.content, "The tool says: sunny");
});

await check("generate stream", async () => {
    let text = "";
    for await (const part of await ollama.generate({ model: MODEL, prompt: "Hello", stream: true })) text += part.response;
    assert.equal(text, TEXT);
});

await check("an unknown model", async () => {
    await assert.rejects(ollama.chat({ model: "no-such-model", messages }), (error) => error.status_code === 404);
});

end();
