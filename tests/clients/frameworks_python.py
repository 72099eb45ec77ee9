"""Frameworks for Python against the server: pydantic-ai, instructor, LlamaIndex and the command `llm`."""

import asyncio
import os
import pathlib
import subprocess
import sys
import tempfile

import instructor
import openai
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.llms.openai_like import OpenAILike
from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.google import GoogleProvider
from pydantic_ai.providers.openai import OpenAIProvider

from checks import API_KEY, BASE_URL, MODEL, check, end
from upstream import WORDS

TEXT = "".join(WORDS)


class Answer(BaseModel):
    answer: int


def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


def models():
    """pydantic-ai's model of each dialect that it speaks in this environment."""
    ours = OpenAIProvider(base_url=BASE_URL, api_key=API_KEY)
    google = GoogleProvider(base_url=BASE_URL.removesuffix("/v1"), api_key=API_KEY)
    return [
        OpenAIChatModel(MODEL, provider=ours), OpenAIResponsesModel(MODEL, provider=ours),
        GoogleModel(MODEL, provider=google),
    ]


@check
def pydantic_ai_text_and_stream():
    async def streamed(model):
        async with Agent(model).run_stream("Hello") as run:
            return "".join([piece async for piece in run.stream_text(delta=True)])

    for model in models():
        assert Agent(model).run_sync("Hello").output == TEXT, model
        assert asyncio.run(streamed(model)) == TEXT, model


@check
def pydantic_ai_tool_loop():
    for model in models():
        said = Agent(model, tools=[weather]).run_sync("Hello").output
        assert said == "The tool says: sunny in Zürich", (model, said)


@check
def instructor_json():
    patched = instructor.from_openai(openai.OpenAI(base_url=BASE_URL, api_key=API_KEY), mode=instructor.Mode.JSON)
    answer = patched.chat.completions.create(
        model=MODEL, response_model=Answer, messages=[{"role": "user", "content": "Hello"}]
    )
    assert answer.answer == 42


@check
def llama_index_text_stream_and_tools():
    llm = OpenAILike(
        model=MODEL, api_base=BASE_URL, api_key=API_KEY, is_chat_model=True, is_function_calling_model=True, max_retries=0
    )
    hello = [ChatMessage(role="user", content="Hello")]
    assert llm.chat(hello).message.content == TEXT
    assert "".join(part.delta or "" for part in llm.stream_chat(hello)) == TEXT
    tool = FunctionTool.from_defaults(weather)
    reply = llm.chat_with_tools([tool], chat_history=hello)
    call = llm.get_tool_calls_from_response(reply)[0]
    assert (call.tool_name, call.tool_kwargs) == ("weather", {"city": "Zürich"})


@check
def llm_on_the_command_line():
    with tempfile.TemporaryDirectory(prefix="freellmapi-llm-") as name:
        models = pathlib.Path(name) / "extra-openai-models.yaml"
        models.write_text(
            f"- model_id: here\n  model_name: {MODEL}\n  api_base: {BASE_URL}\n  api_key_name: here\n"
        )
        env = {**os.environ, "LLM_USER_PATH": name, "HOME": name}
        llm = pathlib.Path(sys.executable).parent / "llm"
        done = subprocess.run(
            [str(llm), "-m", "here", "--key", API_KEY, "Hello"], env=env, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=60,
        )
        assert done.returncode == 0 and done.stdout.strip() == TEXT, done.stdout + done.stderr


end()
