"""A real model through the server: its model is found by asking it, and it answers whole and streamed."""

import openai
from checks import API_KEY, BASE_URL, MODEL, check, end

ASKED = [{"role": "user", "content": "The capital of France is"}]
client = openai.OpenAI(base_url=BASE_URL, api_key=API_KEY, max_retries=0, timeout=120)


@check
def its_model_is_listed():
    assert MODEL in [model.id.rsplit("/", 1)[-1] for model in client.models.list()]


@check
def whole_and_streamed_agree():
    asked = {"model": MODEL, "messages": ASKED, "max_tokens": 12, "temperature": 0}
    raw = client.chat.completions.with_raw_response.create(**asked)
    assert raw.headers["x-routed-via"] == f"local/{MODEL}", raw.headers
    answer = raw.parse()
    whole = answer.choices[0].message.content
    assert whole.strip() and answer.usage.completion_tokens > 0, answer
    chunks = [c.choices[0].delta.content or "" for c in client.chat.completions.create(**asked, stream=True) if c.choices]
    assert len(chunks) > 3 and "".join(chunks) == whole, (chunks, whole)
    print(f"          it said:{whole!r}")


end()
