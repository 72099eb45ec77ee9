"""LangChain's ChatOpenAI against the server."""

from checks import API_KEY, BASE_URL, MODEL, check, end
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from pydantic import BaseModel
from upstream import USAGE, WORDS

TEXT = "".join(WORDS)
model = ChatOpenAI(model=MODEL, base_url=BASE_URL, api_key=API_KEY, max_retries=0, timeout=30)


@tool
def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


class Answer(BaseModel):
    """An answer."""

    answer: int


@check
def invoke():
    answer = model.invoke("Hello")
    assert answer.content == TEXT, answer
    assert answer.usage_metadata["total_tokens"] == USAGE["total_tokens"], answer


@check
def stream():
    pieces = [piece.content for piece in model.stream("Hello")]
    assert len([piece for piece in pieces if piece]) > 2, pieces
    assert "".join(pieces) == TEXT, pieces


@check
def batch():
    assert [answer.content for answer in model.batch(["one", "two", "three"])] == [TEXT] * 3


@check
def bind_tools():
    bound = model.bind_tools([weather])
    asked = HumanMessage("How is the weather?")
    first = bound.invoke([asked])
    call = first.tool_calls[0]
    assert call["name"] == "weather" and call["args"] == {"city": "Zürich"}, first
    result = weather.invoke(call)
    assert isinstance(result, ToolMessage)
    assert bound.invoke([asked, first, result]).content == "The tool says: sunny in Zürich"


@check
def bind_tools_stream():
    whole = None
    for piece in model.bind_tools([weather]).stream("How is the weather?"):
        whole = piece if whole is None else whole + piece
    assert whole.tool_calls[0]["args"] == {"city": "Zürich"}, whole


@check
def structured_output():
    answer = model.with_structured_output(Answer, method="json_schema").invoke("What is it?")
    assert answer == Answer(answer=42), answer


end()
