//! Providers without a key, and those with two consoles.

use blackbox::{Key, Setup, until};
use mock_upstream::{Answer, Mock, Settings, When, openai};
use serde_json::json;

use crate::providers::{GROQ, ask};

const KILO: &str = "kilo/poolside/laguna-m.1:free";
const GLM: &str = "zhipu/glm-4.7-flash";

#[tokio::test]
async fn a_keyless_provider_is_switched_on_and_gets_no_credential() {
    let mock = Mock::start().await;
    let llm7 = Mock::start().await;
    let server = Setup::bare()
        .official("kilo")
        .official("llm7")
        .official(GROQ.id)
        .map("api.kilo.ai", &mock)
        .map("api.llm7.io", &llm7)
        .start()
        .await;
    let early = server.chat(&ask(KILO)).await.status;
    assert_ne!(early, 200, "nothing is switched on");
    let refused = server.run(["key", "add", GROQ.id, "--keyless"]).await;
    assert!(
        !refused.ok && refused.told().contains("Groq"),
        "{}",
        refused.told()
    );
    for provider in ["kilo", "llm7"] {
        let added = server.run(["key", "add", provider, "--keyless"]).await;
        assert!(added.ok, "{}", added.told());
    }
    for (model, upstream) in [(KILO, &mock), ("llm7/codestral-latest", &llm7)] {
        until("the provider", async || {
            (server.chat(&ask(model)).await.status == 200).then_some(())
        })
        .await;
        let seen = upstream.requests();
        assert!(!seen.is_empty());
        assert!(
            seen.iter().all(|one| one.header("authorization").is_none()),
            "{seen:?}"
        );
    }
}

#[tokio::test]
async fn which_console_a_key_belongs_to_is_learned_once() {
    const KEY: &str = "0123456789abcdef0123456789abcdef.0123456789abcdef";
    for streaming in [true, false] {
        let domestic = Mock::start().await;
        let refusal = json!({"error": {"code": "1000", "message": "Authentication Failed"}});
        domestic.on(When::any(), Answer::json(401, &refusal));
        let global = Mock::with(Settings::default().key(KEY)).await;
        global.on(
            When::path("/api/paas/v4/models"),
            Answer::json(200, &json!({"data": []})),
        );
        if streaming {
            let events = openai::stream("glm-4.7-flash", &["four"], true);
            global.on(When::path("/api/paas/v4/chat"), Answer::sse(events).done());
        } else {
            let whole = openai::whole("glm-4.7-flash", "four");
            global.on(When::path("/api/paas/v4/chat"), Answer::json(200, &whole));
        }
        let server = Setup::bare()
            .official("zhipu")
            .key(Key::new("zhipu", KEY))
            .map("open.bigmodel.cn", &domestic)
            .map("api.z.ai", &global)
            .start()
            .await;
        let mut body = ask(GLM);
        body["stream"] = json!(streaming);
        assert_eq!(server.chat(&body).await.status, 200);
        let tried = domestic.requests().len();
        assert_eq!(tried, 1);
        // The table is made anew once the fact is in the store.
        until("the console is known", async || {
            let before = domestic.requests().len();
            let reply = server.chat(&body).await;
            (reply.status == 200 && domestic.requests().len() == before).then_some(())
        })
        .await;
    }
}
