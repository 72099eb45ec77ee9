"""The official `openai` package for Python against the server."""

import asyncio
import json

import openai
from checks import API_KEY, BASE_URL, MODEL, ROUTE, check, end, raises
from upstream import USAGE, WORDS

HELLO = [{"role": "user", "content": "Hello"}]
TEXT = "".join(WORDS)
TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather of a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)
# No retries: a failure must show as one.
client = openai.OpenAI(base_url=BASE_URL, api_key=API_KEY, max_retries=0, timeout=30)


def chat(**more):
    return client.chat.completions.create(**{"model": MODEL, "messages": HELLO, **more})


@check
def models_list_and_retrieve():
    ids = [model.id for model in client.models.list()]
    found = [id for id in ids if id.rsplit("/", 1)[-1] == MODEL]
    assert found, ids
    assert client.models.retrieve(found[0]).id == found[0]


@check
def chat_whole():
    raw = client.chat.completions.with_raw_response.create(model=MODEL, messages=HELLO)
    assert raw.headers["x-routed-via"] == ROUTE, raw.headers
    answer = raw.parse()
    assert answer.object == "chat.completion"
    assert answer.choices[0].message.content == TEXT
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == USAGE["total_tokens"]


@check
def chat_stream():
    chunks = list(chat(stream=True))
    assert len(chunks) > 3, "a stream comes in pieces"
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert text == TEXT, text
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    assert all(c.usage is None for c in chunks), "usage was not asked for"


@check
def chat_stream_with_usage():
    chunks = list(chat(stream=True, stream_options={"include_usage": True}))
    assert chunks[-1].usage.total_tokens == USAGE["total_tokens"]


@check
def chat_auto_and_by_provider():
    for name in ("auto", ROUTE):
        assert chat(model=name).choices[0].message.content == TEXT, name


@check
def sampling_fields_pass():
    answer = chat(
        temperature=0.3, top_p=0.9, max_completion_tokens=64, stop=["END"], seed=7,
        presence_penalty=0.1, frequency_penalty=0.1, user="someone", n=1,
    )
    assert answer.choices[0].message.content == TEXT


@check
def tools_round_trip():
    first = chat(tools=[TOOL], tool_choice="auto", parallel_tool_calls=True)
    assert first.choices[0].finish_reason == "tool_calls"
    message = first.choices[0].message
    call = message.tool_calls[0]
    assert call.function.name == "weather"
    assert json.loads(call.function.arguments) == {"city": "Zürich"}
    result = {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
    second = chat(messages=[*HELLO, message.to_dict(), result], tools=[TOOL])
    assert second.choices[0].message.content == "The tool says: sunny"


@check
def tools_stream():
    with client.chat.completions.stream(model=MODEL, messages=HELLO, tools=[TOOL]) as stream:
        for _ in stream:
            pass
        message = stream.get_final_completion().choices[0].message
    assert message.tool_calls[0].function.name == "weather"
    assert json.loads(message.tool_calls[0].function.arguments) == {"city": "Zürich"}


@check
def json_mode():
    answer = chat(response_format={"type": "json_object"})
    assert json.loads(answer.choices[0].message.content) == {"answer": 42}


@check
def json_schema():
    schema = {"type": "object", "properties": {"answer": {"type": "integer"}}, "required": ["answer"]}
    form = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
    assert json.loads(chat(response_format=form).choices[0].message.content) == {"answer": 42}


@check
def image_passes():
    parts = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": PIXEL}},
    ]
    answer = chat(messages=[{"role": "user", "content": parts}])
    assert answer.choices[0].message.content == "I see an image"


@check
def async_calls_together():
    async def together():
        async with openai.AsyncOpenAI(base_url=BASE_URL, api_key=API_KEY, max_retries=0) as many:
            one = many.chat.completions.create
            return await asyncio.gather(*(one(model=MODEL, messages=HELLO) for _ in range(16)))

    assert {answer.choices[0].message.content for answer in asyncio.run(together())} == {TEXT}


@check
def unknown_model_is_not_found():
    error = raises(openai.NotFoundError, lambda: chat(model="no-such-model"))
    assert error.code == "model_not_found", error.body
    raises(openai.NotFoundError, lambda: client.models.retrieve("no-such-model"))


@check
def wrong_key_is_an_authentication_error():
    stranger = client.with_options(api_key="freellmapi-wrong")
    error = raises(
        openai.AuthenticationError,
        lambda: stranger.chat.completions.create(model=MODEL, messages=HELLO),
    )
    assert error.code == "invalid_api_key", error.body


@check
def bad_request_names_the_parameter():
    error = raises(openai.BadRequestError, lambda: chat(temperature="hot"))
    assert error.type == "invalid_request_error", error.body
    assert error.param == "temperature", error.body
    error = raises(openai.BadRequestError, lambda: chat(messages=[{"role": "nobody", "content": ""}]))
    assert error.param == "messages[0].role", error.body


end()
