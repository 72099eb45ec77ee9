"""The official `ollama` package for Python against the server, without a key: it is on the same machine."""

from ollama import Client, ResponseError

from checks import API_KEY, BASE_URL, MODEL, check, end, raises
from upstream import WORDS

TEXT = "".join(WORDS)
HELLO = [{"role": "user", "content": "Hello"}]
client = Client(host=BASE_URL.removesuffix("/v1"), timeout=30)


def weather(city: str) -> str:
    """The weather of a city.

    Args:
        city: Its name.
    """
    return f"sunny in {city}"


@check
def list_and_show():
    names = [model.model for model in client.list().models]
    assert MODEL in names, names
    assert "completion" in client.show(MODEL).capabilities
    assert client.ps().models == []


@check
def chat_whole():
    answer = client.chat(model=MODEL, messages=HELLO)
    assert answer.message.content == TEXT, answer
    assert answer.done and answer.done_reason == "stop"
    assert (answer.prompt_eval_count, answer.eval_count) == (11, 6), answer


@check
def chat_stream():
    parts = list(client.chat(model=MODEL, messages=HELLO, stream=True))
    assert len(parts) > 3, "a stream comes in pieces"
    assert "".join(part.message.content for part in parts) == TEXT
    assert parts[-1].done and not parts[0].done


@check
def tools_round_trip_streamed():
    parts = list(client.chat(model=MODEL, messages=HELLO, tools=[weather], stream=True))
    calls = [call for part in parts for call in part.message.tool_calls or []]
    assert [(call.function.name, call.function.arguments) for call in calls] == [("weather", {"city": "Zürich"})]
    turn = {"role": "assistant", "content": "", "tool_calls": [calls[0].model_dump()]}
    result = {"role": "tool", "tool_name": "weather", "content": weather(**calls[0].function.arguments)}
    answer = client.chat(model=MODEL, messages=[*HELLO, turn, result], tools=[weather])
    assert answer.message.content == "The tool says: sunny in Zürich", answer


@check
def generate():
    assert client.generate(model=MODEL, prompt="Hello").response == TEXT
    assert "".join(part.response for part in client.generate(model=MODEL, prompt="Hello", stream=True)) == TEXT


@check
def json_mode():
    assert client.chat(model=MODEL, messages=HELLO, format="json").message.content == '{"answer": 42}'


@check
def errors():
    assert raises(ResponseError, lambda: client.chat(model="no-such-model", messages=HELLO)).status_code == 404
    wrong = Client(host=BASE_URL.removesuffix("/v1"), headers={"authorization": "Bearer freellmapi-wrong"})
    assert raises(ResponseError, lambda: wrong.list()).status_code == 401
    right = Client(host=BASE_URL.removesuffix("/v1"), headers={"authorization": f"Bearer {API_KEY}"})
    assert right.list().models


end()
