"""The official `openai` package's Responses calls against the server; shapes against `openresponses-types`."""

import json

import openai
import openresponses_types as spec
import pydantic
from checks import API_KEY, BASE_URL, MODEL, ROUTE, check, end, raises
from upstream import USAGE, WORDS

TEXT = "".join(WORDS)
WEATHER = {
    "type": "function",
    "name": "weather",
    "description": "The weather of a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)
# No retries: a failure must show as one.
client = openai.OpenAI(base_url=BASE_URL, api_key=API_KEY, max_retries=0, timeout=30)


def create(**more):
    return client.responses.create(**{"model": MODEL, "input": "Hello", **more})


def conforms(response):
    """Checks a response object against the specification's own types."""
    spec.ResponseResource.model_validate(response.model_dump(mode="json"))


@check
def whole():
    raw = client.responses.with_raw_response.create(model=MODEL, input="Hello")
    assert raw.headers["x-routed-via"] == ROUTE, raw.headers
    response = raw.parse()
    assert response.output_text == TEXT
    assert response.status == "completed"
    assert response.usage.total_tokens == USAGE["total_tokens"]
    spec.ResponseResource.model_validate(json.loads(raw.content))


@check
def stream():
    events = list(create(stream=True))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert "".join(e.delta for e in events if e.type == "response.output_text.delta") == TEXT
    assert events[-1].type == "response.completed", events[-1]
    assert events[-1].response.output_text == TEXT


@check
def every_event_conforms():
    known = {}
    for name in dir(spec):
        kind = getattr(spec, name)
        if name.endswith("StreamingEvent") and isinstance(kind, type) and issubclass(kind, pydantic.BaseModel):
            word = kind.model_fields["type"].annotation
            word = getattr(word, "__args__", None) or [member.value for member in word]
            known[word[0]] = kind
    checked = set()
    for more in ({}, {"tools": [WEATHER]}):
        with client.responses.with_streaming_response.create(model=MODEL, input="Hello", stream=True, **more) as raw:
            for line in raw.iter_lines():
                if not line.startswith("data: "):
                    continue
                event = json.loads(line[6:])
                known[event["type"]].model_validate(event)
                checked.add(event["type"])
    for kind in ("output_text.delta", "function_call_arguments.done", "output_item.done", "content_part.added"):
        assert f"response.{kind}" in checked, checked


@check
def stream_helper_gathers_the_response():
    with client.responses.stream(model=MODEL, input="Hello") as events:
        for _ in events:
            pass
        response = events.get_final_response()
    assert response.output_text == TEXT
    conforms(response)


@check
def parse():
    class Answer(pydantic.BaseModel):
        answer: int

    response = client.responses.parse(model=MODEL, input="Hello", text_format=Answer)
    assert response.output_parsed == Answer(answer=42)
    with client.responses.stream(model=MODEL, input="Hello", text_format=Answer) as events:
        assert events.get_final_response().output_parsed == Answer(answer=42)


@check
def tools_round_trip():
    first = create(tools=[WEATHER])
    call = first.output[0]
    assert (call.type, call.name) == ("function_call", "weather"), call
    assert json.loads(call.arguments) == {"city": "Zürich"}
    conforms(first)
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}
    kept = create(tools=[WEATHER], input=[result], previous_response_id=first.id)
    assert kept.output_text == "The tool says: sunny"
    history = [{"role": "user", "content": "Hello"}, *(item.to_dict() for item in first.output), result]
    alone = create(tools=[WEATHER], input=history, store=False)
    assert alone.output_text == "The tool says: sunny"


@check
def tools_stream():
    with client.responses.stream(model=MODEL, input="Hello", tools=[WEATHER]) as events:
        kinds = [event.type for event in events]
        call = events.get_final_response().output[0]
    assert "response.function_call_arguments.delta" in kinds
    assert json.loads(call.arguments) == {"city": "Zürich"}


@check
def custom_tools():
    tool = {"type": "custom", "name": "note", "description": "Takes a note", "format": {"type": "text"}}
    first = create(tools=[tool])
    call = first.output[0]
    assert (call.type, call.name, call.input) == ("custom_tool_call", "note", "Zürich"), call
    result = {"type": "custom_tool_call_output", "call_id": call.call_id, "output": "noted"}
    second = create(tools=[tool], input=[result], previous_response_id=first.id)
    assert second.output_text == "The tool says: noted"
    kinds = [event.type for event in create(tools=[tool], stream=True)]
    assert "response.custom_tool_call_input.done" in kinds, kinds


@check
def namespaces():
    tool = {"type": "namespace", "name": "maps", "description": "Maps", "tools": [WEATHER]}
    call = create(tools=[tool]).output[0]
    assert (call.type, call.name, call.namespace) == ("function_call", "weather", "maps"), call


@check
def image_passes():
    parts = [{"type": "input_text", "text": "What is this?"}, {"type": "input_image", "image_url": PIXEL}]
    assert create(input=[{"role": "user", "content": parts}]).output_text == "I see an image"


@check
def kept_answers():
    response = create(metadata={"a": "b"})
    again = client.responses.retrieve(response.id)
    assert again.to_dict() == response.to_dict()
    items = list(client.responses.input_items.list(response.id))
    assert [item.content[0].text for item in items] == ["Hello"]
    client.responses.delete(response.id)
    raises(openai.NotFoundError, lambda: client.responses.retrieve(response.id))
    error = raises(openai.BadRequestError, lambda: create(previous_response_id=response.id))
    assert error.code == "previous_response_not_found", error.body


@check
def bad_requests_name_the_parameter():
    for more, param in (
        ({"temperature": "hot"}, "temperature"),
        ({"background": True}, "background"),
        ({"input": [{"role": "nobody", "content": ""}]}, "input[0].role"),
        ({"tools": [{"type": "web_search"}], "tool_choice": {"type": "web_search"}}, "tool_choice"),
    ):
        error = raises(openai.BadRequestError, lambda: create(**more))
        assert error.param == param, error.body


@check
def unknown_model_is_not_found():
    error = raises(openai.NotFoundError, lambda: create(model="no-such-model"))
    assert error.code == "model_not_found", error.body


end()
