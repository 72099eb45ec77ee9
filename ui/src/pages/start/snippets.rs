//! What to tell each client.

use yew::prelude::*;

use crate::browser;
use crate::i18n::{Key, use_text};
use crate::pages::into_state;
use crate::pages::unified::Shown;
use crate::widgets::{Code, Tabs};

/// Stands for the key as long as it is hidden.
const HIDDEN: &str = "YOUR_UNIFIED_KEY";

/// Name and words of each client; `{base}` is this server, `{key}` the unified key.
const CLIENTS: [(&str, &str); 9] = [
    ("curl", CURL),
    ("Python", PYTHON),
    ("Node.js", NODE),
    ("Claude Code", CLAUDE),
    ("Codex", CODEX),
    ("aider", AIDER),
    ("opencode", OPENCODE),
    ("Qwen Code", QWEN),
    ("Continue", CONTINUE),
];

const CURL: &str = "\
curl {base}/v1/chat/completions \\
  -H \"Authorization: Bearer {key}\" \\
  -H \"Content-Type: application/json\" \\
  -d '{\"model\": \"auto\", \"messages\": [{\"role\": \"user\", \"content\": \"Say hello.\"}]}'";

const PYTHON: &str = "\
# pip install openai
from openai import OpenAI

client = OpenAI(base_url=\"{base}/v1\", api_key=\"{key}\")
reply = client.chat.completions.create(
    model=\"auto\",
    messages=[{\"role\": \"user\", \"content\": \"Say hello.\"}],
)
print(reply.choices[0].message.content)";

const NODE: &str = "\
// npm install openai
import OpenAI from \"openai\";

const client = new OpenAI({ baseURL: \"{base}/v1\", apiKey: \"{key}\" });
const reply = await client.chat.completions.create({
  model: \"auto\",
  messages: [{ role: \"user\", content: \"Say hello.\" }],
});
console.log(reply.choices[0].message.content);";

const CLAUDE: &str = "\
export ANTHROPIC_BASE_URL={base}
export ANTHROPIC_AUTH_TOKEN={key}
export ANTHROPIC_MODEL=auto
claude";

const CODEX: &str = "\
# ~/.codex/config.toml
model = \"auto\"
model_provider = \"freellmapi\"

[model_providers.freellmapi]
name = \"FreeLLMAPI\"
base_url = \"{base}/v1\"
env_key = \"FREELLMAPI_KEY\"
wire_api = \"responses\"

# then, in the terminal:
# export FREELLMAPI_KEY={key}
# codex";

const AIDER: &str = "\
export OPENAI_API_BASE={base}/v1
export OPENAI_API_KEY={key}
aider --model openai/auto --no-show-model-warnings";

const OPENCODE: &str = "\
// opencode.json
{
  \"$schema\": \"https://opencode.ai/config.json\",
  \"model\": \"freellmapi/auto\",
  \"provider\": {
    \"freellmapi\": {
      \"npm\": \"@ai-sdk/openai-compatible\",
      \"options\": { \"baseURL\": \"{base}/v1\", \"apiKey\": \"{key}\" },
      \"models\": { \"auto\": {} }
    }
  }
}";

const QWEN: &str = "\
export OPENAI_BASE_URL={base}/v1
export OPENAI_API_KEY={key}
export OPENAI_MODEL=auto
qwen --auth-type openai";

const CONTINUE: &str = "\
# config.yaml
name: FreeLLMAPI
version: 1.0.0
schema: v1
models:
  - name: auto
    provider: openai
    model: auto
    apiBase: {base}/v1
    apiKey: {key}";

/// A request that works, once a key does.
pub(crate) fn curl(token: Option<&str>) -> AttrValue {
    fill(CURL, &browser::origin(), token)
}

fn fill(text: &str, base: &str, token: Option<&str>) -> AttrValue {
    text.replace("{base}", base)
        .replace("{key}", token.unwrap_or(HIDDEN))
        .into()
}

#[component]
pub(crate) fn Snippets() -> Html {
    let text = use_text();
    let chosen = use_state_eq(|| 0_usize);
    let token = use_context::<Shown>().and_then(|shown| shown.token);
    let names: Vec<AttrValue> = CLIENTS.iter().map(|(name, _)| (*name).into()).collect();
    let words = CLIENTS.get(*chosen).map_or(CURL, |(_, words)| words);
    html! {
        <section class="card" aria-labelledby="clients">
            <div class="card-head"><h2 id="clients">{ text.say(Key::ClientsTitle) }</h2></div>
            <div class="card-body">
                <p class="quiet">{ text.say(Key::ClientsAbout) }</p>
                <Tabs id="client" label={text.say(Key::ClientsTitle)} {names} chosen={*chosen} onchoose={into_state(&chosen)}>
                    <div class="stack">
                        <span></span>
                        <Code text={fill(words, &browser::origin(), token.as_deref())} />
                    </div>
                </Tabs>
                if token.is_none() {
                    <p class="quiet small">{ text.fill(Key::ClientsHidden, &[("word", HIDDEN)]) }</p>
                }
            </div>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_snippet_names_the_server_and_the_key() {
        for (name, words) in CLIENTS {
            let filled = fill(words, "http://a:1", Some("secret"));
            assert!(filled.contains("http://a:1"), "{name}");
            assert!(filled.contains("secret"), "{name}");
            assert!(
                !filled.contains("{base}") && !filled.contains("{key}"),
                "{name}"
            );
        }
        assert!(fill(CURL, "b", None).contains(HIDDEN));
    }
}
