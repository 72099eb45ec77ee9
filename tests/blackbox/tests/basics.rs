//! First start, keys, the routes beside chat, and what is no route.

use blackbox::{Endpoint, Request, Setup};
use mock_upstream::{Mock, Settings};
use serde_json::json;

#[tokio::test]
async fn the_first_start_prints_the_key_and_no_other_does() {
    let mut server = Setup::new().start().await;
    let key = server.printed_key().expect("a key on the first start");
    assert!(key.len() >= 40, "{key}");
    assert_eq!(server.run(["token", "show"]).await.printed(), key);
    server.stop().await;
    let before = server.printed().len();
    server.restart().await;
    let second = server.printed().split_off(before);
    assert!(!second.concat().contains("freellmapi-"), "{second:?}");
    assert_eq!(server.get("/v1/models").await.status, 200);
    assert_eq!(server.run(["token", "show"]).await.printed(), key);
}

#[tokio::test]
async fn a_rotated_key_is_the_only_one() {
    let server = Setup::new().start().await;
    let new = server.run(["token", "rotate"]).await.printed();
    assert_ne!(new, server.client.key);
    assert!(new.starts_with("freellmapi-"), "{new}");
    assert_eq!(server.run(["token", "show"]).await.printed(), new);
    let with = async |key: &str| {
        let reply = server
            .client
            .send(Request::get("/v1/models").key(key))
            .await;
        reply.status
    };
    blackbox::until("the new key is let in and the old one is not", async || {
        let both = (with(&new).await, with(&server.client.key).await);
        (both == (200, 401)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn nobody_gets_in_without_the_key_and_no_wrong_key_is_logged() {
    let mock = Mock::start().await;
    let server = Setup::new()
        .env("FREELLMAPI_LOG", "trace")
        .endpoint(Endpoint::new("local", &mock))
        .start()
        .await;
    mock.forget();
    let good = server.client.key.clone();
    let longer = format!("{good}x");
    let wrong = [
        "Bearer freellmapi-canaryofawrongkey000000000000000000000000",
        "Bearer sk-canaryofaforeignkey",
        "Basic canaryofabasicpassword",
        "canaryofabarekey",
        &format!("Bearer {longer}"),
        &format!("Bearer {}", &good[..good.len() - 1]),
        "Bearer ",
        "",
    ];
    let body = json!({ "model": "mock-model", "messages": [{ "role": "user", "content": "Hi" }] });
    for value in wrong {
        for request in [
            Request::post("/v1/chat/completions", &body),
            Request::get("/v1/models"),
            Request::get("/v1/models/mock-model"),
        ] {
            let mut request = request.anonymous();
            if !value.is_empty() {
                request = request.header("authorization", value);
            }
            let reply = server.client.send(request).await;
            assert_eq!(reply.status, 401, "{value}: {}", reply.text());
            assert_eq!(reply.code().as_deref(), Some("invalid_api_key"), "{value}");
            assert!(!reply.text().contains("canary"), "{}", reply.text());
        }
    }
    assert_eq!(server.chat(&body).await.status, 200);
    assert_eq!(mock.requests().len(), 1);
    let log = server.log();
    assert!(log.len() > 100, "a log at `trace` says something");
    assert!(!log.contains("canary"), "a wrong key in the log");
    assert!(!log.contains(&good), "the good key in the log");
}

#[tokio::test]
async fn models_are_listed_and_found_by_id() {
    let mock = Mock::with(Settings::default().models(["alpha", "vendor/Beta-7b:free"])).await;
    let server = Setup::new()
        .endpoint(Endpoint::new("local", &mock))
        .start()
        .await;
    let list = server.get("/v1/models").await;
    assert_eq!(list.status, 200);
    assert_eq!(list.json()["object"], "list");
    let data = list.json()["data"].take();
    let models = data.as_array().expect("a list");
    for model in models {
        assert_eq!(model["object"], "model", "{model}");
        assert!(
            model["id"].is_string() && model["owned_by"].is_string(),
            "{model}"
        );
        assert!(model["created"].is_u64(), "{model}");
    }
    for id in ["alpha", "vendor/Beta-7b:free"] {
        let ends = |model: &&serde_json::Value| {
            model["id"]
                .as_str()
                .is_some_and(|listed| listed.ends_with(id))
        };
        let listed = models
            .iter()
            .find(ends)
            .unwrap_or_else(|| panic!("{id} in {data}"));
        let listed = listed["id"].as_str().expect("an id");
        for target in [id, listed, &format!("local/{id}"), &id.replace('/', "%2F")] {
            let reply = server.get(&format!("/v1/models/{target}")).await;
            assert_eq!(reply.status, 200, "{target}: {}", reply.text());
            assert_eq!(reply.json()["object"], "model", "{target}");
        }
    }
    for target in [
        "alph",
        "alpha2",
        "vendor",
        "Beta-7b:free",
        "other/alpha",
        "",
    ] {
        let reply = server.get(&format!("/v1/models/{target}")).await;
        if target.is_empty() && reply.status == 200 {
            // A slash at the end may be the list itself.
            assert_eq!(reply.json()["object"], "list");
            continue;
        }
        assert_eq!(reply.status, 404, "{target}: {}", reply.text());
        assert!(reply.code().is_some(), "{target}: {}", reply.text());
    }
    let near = server.get("/v1/models/alpah").await;
    assert_eq!(near.code().as_deref(), Some("model_not_found"));
    assert!(
        near.text().contains("alpha"),
        "it names the near one: {}",
        near.text()
    );
}

#[tokio::test]
async fn routes_and_methods_that_are_there_and_not() {
    let server = Setup::new().start().await;
    // Method, target, with the key, status, and for errors whether there is a body to be JSON.
    let rows = [
        ("GET", "/healthz", false, 200),
        ("HEAD", "/healthz", false, 200),
        ("HEAD", "/v1/models", true, 200),
        ("GET", "/v1/chat/completions", true, 405),
        ("PUT", "/v1/chat/completions", true, 405),
        ("DELETE", "/v1/models", true, 405),
        ("POST", "/healthz", false, 405),
        ("GET", "/v1/no-such-route", true, 404),
        ("POST", "/v1/no-such-route", true, 404),
        ("GET", "/v2/models", true, 404),
    ];
    for (method, target, keyed, status) in rows {
        let request = Request::new(method, target);
        let request = if keyed { request } else { request.anonymous() };
        let reply = server.client.send(request).await;
        let told = format!("{method} {target}: {} {}", reply.status, reply.text());
        assert_eq!(reply.status, status, "{told}");
        if method == "HEAD" {
            assert!(reply.body.is_empty(), "{told}");
        } else if status >= 400 {
            assert!(reply.json()["error"]["message"].is_string(), "{told}");
        }
        if status == 405 {
            assert!(reply.header("allow").is_some(), "{told}");
        }
    }
    let health = server
        .client
        .send(Request::get("/healthz").anonymous())
        .await;
    assert_eq!(health.json()["status"], "ok");
}

#[tokio::test]
async fn with_nothing_to_ask_it_says_so() {
    let server = Setup::new().start().await;
    let body = json!({ "model": "auto", "messages": [{ "role": "user", "content": "Hi" }] });
    let reply = server.chat(&body).await;
    assert_eq!(reply.status, 503, "{}", reply.text());
    assert_eq!(reply.code().as_deref(), Some("no_providers_configured"));
    let listed = server.get("/v1/models").await.json()["data"].take();
    let models = listed.as_array().expect("a list");
    assert!(models.iter().all(|model| model["id"] == "auto"), "{listed}");
}

#[tokio::test]
async fn what_is_added_to_a_running_server_is_there_at_once() {
    let mock = Mock::start().await;
    let server = Setup::new().start().await;
    let body =
        json!({ "model": "late/mock-model", "messages": [{ "role": "user", "content": "Hi" }] });
    assert_ne!(server.chat(&body).await.status, 200);
    server
        .run(Endpoint::new("late", &mock).command())
        .await
        .printed();
    blackbox::until("an endpoint added while it runs", async || {
        (server.chat(&body).await.status == 200).then_some(())
    })
    .await;
    let listed = server.run(["endpoint", "list"]).await.printed();
    assert!(
        listed.contains("late") && listed.contains(&mock.url()),
        "{listed}"
    );
    server.run(["endpoint", "remove", "late"]).await.printed();
    blackbox::until("an endpoint removed while it runs", async || {
        (server.chat(&body).await.status != 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn pages_of_named_sites_may_call_the_api_and_others_may_not() {
    let setup = Setup::new().env("FREELLMAPI_CORS_ORIGINS", "https://chat.example.org");
    let server = setup.start().await;
    let ask = |origin: &str| {
        Request::new("OPTIONS", "/v1/chat/completions")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header(
                "access-control-request-headers",
                "authorization,x-stainless-os",
            )
            .anonymous()
    };
    let reply = server.client.send(ask("https://chat.example.org")).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(
        reply.header("access-control-allow-origin"),
        Some("https://chat.example.org")
    );
    let reply = server.client.send(ask("https://evil.example")).await;
    assert_eq!(reply.header("access-control-allow-origin"), None);
    let read = Request::get("/v1/models").header("origin", "https://chat.example.org");
    let reply = server.client.send(read).await;
    assert_eq!(
        reply.header("access-control-allow-origin"),
        Some("https://chat.example.org")
    );
    let shown = reply.header("access-control-expose-headers");
    assert!(
        shown.is_some_and(|names| names.contains("x-routed-via")),
        "{shown:?}"
    );
    // The dashboard's own routes are for its own page only.
    let own = Request::get("/api/session").header("origin", "https://chat.example.org");
    let reply = server.client.send(own.anonymous()).await;
    assert_eq!(reply.header("access-control-allow-origin"), None);
}
