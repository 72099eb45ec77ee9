"""The official `google-genai` package for Python against the server."""

from google import genai
from google.genai import errors, types

from checks import API_KEY, BASE_URL, MODEL, check, end, raises
from upstream import WORDS

TEXT = "".join(WORDS)
client = genai.Client(
    api_key=API_KEY, vertexai=False, http_options=types.HttpOptions(base_url=BASE_URL.removesuffix("/v1"), timeout=30_000)
)


def ask(**config):
    return client.models.generate_content(
        model=MODEL, contents="Hello", config=types.GenerateContentConfig(**config)
    )


def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


WEATHER = types.Tool(function_declarations=[types.FunctionDeclaration(
    name="weather",
    parameters=types.Schema(type="OBJECT", properties={"city": types.Schema(type="STRING")}, required=["city"]),
)])


@check
def models_list_and_get():
    names = [model.name for model in client.models.list()]
    assert f"models/{MODEL}" in names, names
    assert client.models.get(model=MODEL).name == f"models/{MODEL}"


@check
def whole():
    answer = ask()
    assert answer.text == TEXT, answer
    assert answer.candidates[0].finish_reason == types.FinishReason.STOP
    assert answer.usage_metadata.total_token_count == 17


@check
def stream():
    chunks = list(client.models.generate_content_stream(model=MODEL, contents="Hello"))
    assert len(chunks) > 3, "a stream comes in pieces"
    assert "".join(chunk.text or "" for chunk in chunks) == TEXT
    assert chunks[-1].candidates[0].finish_reason == types.FinishReason.STOP


@check
def a_function_is_called_by_the_sdk():
    assert ask(tools=[weather]).text == "The tool says: sunny in Zürich"


@check
def a_function_call_streamed_and_its_result():
    config = types.GenerateContentConfig(
        tools=[WEATHER], automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True)
    )
    chat = client.chats.create(model=MODEL, config=config)
    calls = [call for chunk in chat.send_message_stream("Hello") for call in chunk.function_calls or []]
    assert [(call.name, call.args) for call in calls] == [("weather", {"city": "Zürich"})], calls
    result = types.Part.from_function_response(name="weather", response={"output": "sunny"})
    result.function_response.id = calls[0].id
    text = "".join(chunk.text or "" for chunk in chat.send_message_stream([result]))
    assert text.startswith("The tool says: ") and "sunny" in text, text


@check
def json_by_schema():
    schema = {"type": "object", "properties": {"answer": {"type": "integer"}}}
    answer = ask(response_mime_type="application/json", response_json_schema=schema)
    assert answer.parsed == {"answer": 42} or answer.text == '{"answer": 42}', answer


@check
def a_picture():
    png = types.Part.from_bytes(data=b"\x89PNG\r\n\x1a\n", mime_type="image/png")
    answer = client.models.generate_content(model=MODEL, contents=["What is this?", png])
    assert answer.text == "I see an image", answer.text


@check
def tokens_are_counted():
    assert client.models.count_tokens(model=MODEL, contents="Hello " * 40).total_tokens > 20


@check
def errors_are_googles():
    unknown = raises(errors.ClientError, lambda: client.models.generate_content(model="no-such-model", contents="Hi"))
    assert (unknown.code, unknown.status) == (404, "NOT_FOUND"), unknown
    wrong = genai.Client(api_key="freellmapi-wrong", http_options=types.HttpOptions(base_url=BASE_URL.removesuffix("/v1")))
    stranger = raises(errors.ClientError, lambda: wrong.models.generate_content(model=MODEL, contents="Hi"))
    assert stranger.code == 401, stranger


end()
