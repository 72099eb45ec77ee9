"""The official `anthropic` package for Python against the server."""

import asyncio

import anthropic
from checks import API_KEY, BASE_URL, MODEL, ROUTE, check, end, raises
from upstream import USAGE, WORDS

HELLO = [{"role": "user", "content": "Hello"}]
TEXT = "".join(WORDS)
TOOL = {
    "name": "weather",
    "description": "The weather of a city",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
# This package adds /v1 itself. No retries: a failure must show as one.
BASE = BASE_URL.removesuffix("/v1")
client = anthropic.Anthropic(base_url=BASE, auth_token=API_KEY, api_key=None, max_retries=0, timeout=30)


def ask(**more):
    return client.messages.create(**{"model": MODEL, "max_tokens": 64, "messages": HELLO, **more})


@check
def models_list_and_retrieve():
    ids = [model.id for model in client.models.list(limit=2)]
    assert "auto" in ids and MODEL in ids and len(ids) == len(set(ids)), ids
    assert client.models.retrieve(MODEL).id == MODEL


@check
def whole():
    raw = client.messages.with_raw_response.create(model=MODEL, max_tokens=64, messages=HELLO)
    assert raw.headers["x-routed-via"] == ROUTE, raw.headers
    message = raw.parse()
    assert [block.type for block in message.content] == ["text"], message
    assert message.content[0].text == TEXT
    assert message.stop_reason == "end_turn"
    assert message.usage.input_tokens == USAGE["prompt_tokens"]
    assert message.usage.output_tokens == USAGE["completion_tokens"]


@check
def the_key_in_its_own_header():
    other = anthropic.Anthropic(base_url=BASE, api_key=API_KEY, max_retries=0, timeout=30)
    assert other.messages.create(model=MODEL, max_tokens=9, messages=HELLO).content[0].text == TEXT


@check
def names_of_claude():
    message = ask(model="claude-sonnet-9")
    assert message.content[0].text == TEXT
    assert message.model == "claude-sonnet-9"


@check
def streamed():
    with client.messages.stream(model=MODEL, max_tokens=64, messages=HELLO, system="Be brief.") as stream:
        pieces = list(stream.text_stream)
        message = stream.get_final_message()
    assert len(pieces) > 3, "a stream comes in pieces"
    assert "".join(pieces) == TEXT
    assert message.stop_reason == "end_turn"
    assert message.usage.output_tokens == USAGE["completion_tokens"], message.usage


@check
def streamed_events():
    kinds = [event.type for event in ask(stream=True)]
    assert kinds[0] == "message_start" and kinds[-1] == "message_stop", kinds
    assert kinds.count("content_block_start") == kinds.count("content_block_stop") == 1, kinds


@check
def asynchronous():
    async def run():
        async with anthropic.AsyncAnthropic(
            base_url=BASE, auth_token=API_KEY, api_key=None, max_retries=0, timeout=30
        ) as other:
            return await other.messages.create(model=MODEL, max_tokens=9, messages=HELLO)

    assert asyncio.run(run()).content[0].text == TEXT


@check
def tools_round_trip():
    first = ask(tools=[TOOL], tool_choice={"type": "any"})
    assert first.stop_reason == "tool_use"
    call = first.content[-1]
    assert (call.type, call.name, call.input) == ("tool_use", "weather", {"city": "Zürich"}), call
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "sunny"}
    messages = [*HELLO, {"role": "assistant", "content": first.content}, {"role": "user", "content": [result]}]
    second = ask(tools=[TOOL], messages=messages)
    assert second.content[0].text == "The tool says: sunny", second


@check
def tools_streamed():
    with client.messages.stream(model=MODEL, max_tokens=64, messages=HELLO, tools=[TOOL]) as stream:
        message = stream.get_final_message()
    assert message.stop_reason == "tool_use"
    assert message.content[-1].input == {"city": "Zürich"}, message


@check
def json_by_schema():
    schema = {"type": "object", "properties": {"answer": {"type": "integer"}}, "required": ["answer"]}
    message = ask(output_config={"format": {"type": "json_schema", "schema": schema}})
    assert message.content[0].text == '{"answer": 42}', message


@check
def images():
    source = {"type": "base64", "media_type": "image/png", "data": PIXEL}
    content = [{"type": "text", "text": "What is this?"}, {"type": "image", "source": source}]
    assert ask(messages=[{"role": "user", "content": content}]).content[0].text == "I see an image"


@check
def count_tokens():
    few = client.messages.count_tokens(model=MODEL, messages=HELLO).input_tokens
    more = client.messages.count_tokens(model=MODEL, messages=HELLO, tools=[TOOL], system="Be brief.").input_tokens
    assert 0 < few < more, (few, more)


@check
def unknown_model_is_not_found():
    error = raises(anthropic.NotFoundError, lambda: ask(model="no-such-model"))
    assert error.body["error"]["type"] == "not_found_error", error.body


@check
def wrong_key_is_an_authentication_error():
    stranger = client.with_options(auth_token="freellmapi-wrong")
    error = raises(
        anthropic.AuthenticationError,
        lambda: stranger.messages.create(model=MODEL, max_tokens=9, messages=HELLO),
    )
    assert error.body["error"]["type"] == "authentication_error", error.body
    assert error.request_id, error


@check
def bad_request_names_the_member():
    error = raises(anthropic.BadRequestError, lambda: ask(max_tokens=0))
    assert "max_tokens: " in str(error), error


end()
