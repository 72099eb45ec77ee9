"""OpenAI's Agents SDK, which speaks Responses, against the server: its loop runs a tool of ours."""

import asyncio

import agents
import openai
from checks import API_KEY, BASE_URL, MODEL, check, end

agents.set_tracing_disabled(True)
ran = []


@agents.function_tool
def weather(city: str) -> str:
    """The weather of a city."""
    ran.append(city)
    return "sunny"


def agent(**more):
    client = openai.AsyncOpenAI(base_url=BASE_URL, api_key=API_KEY, max_retries=0, timeout=30)
    model = agents.OpenAIResponsesModel(model=MODEL, openai_client=client)
    return agents.Agent(name="Weatherman", instructions="Be brief.", model=model, tools=[weather], **more)


@check
def loop():
    ran.clear()
    result = asyncio.run(agents.Runner.run(agent(), "Weather?"))
    assert result.final_output == "The tool says: sunny", result.final_output
    assert ran == ["Zürich"], ran


@check
def loop_streamed():
    async def run():
        result = agents.Runner.run_streamed(agent(), "Weather?")
        kinds = [event.type async for event in result.stream_events()]
        return result.final_output, kinds

    ran.clear()
    output, kinds = asyncio.run(run())
    assert output == "The tool says: sunny", output
    assert "run_item_stream_event" in kinds, kinds
    assert ran == ["Zürich"], ran


@check
def loop_that_goes_on_from_kept_answers():
    async def run():
        runner = agents.Runner
        first = await runner.run(agent(), "Weather?", auto_previous_response_id=True)
        return await runner.run(agent(), "And now?", previous_response_id=first.last_response_id)

    ran.clear()
    assert asyncio.run(run()).final_output == "The tool says: sunny"
    assert ran == ["Zürich", "Zürich"], ran


end()
