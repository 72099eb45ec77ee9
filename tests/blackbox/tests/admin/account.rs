//! The account and its sessions.

use blackbox::{Request, Setup};
use serde_json::{Value, json};

use super::browser::{Browser, EMAIL, PASSWORD, code, refusal};

#[tokio::test]
async fn a_session_outlives_a_restart_and_ends_everywhere_at_once() {
    let mut server = Setup::bare().start().await;
    let owner = Browser::set_up(&server).await;
    let other = Browser::log_in(&server).await;
    server.stop().await;
    server.restart().await;
    let client = &server.client;
    assert!(owner.is_in(client).await && other.is_in(client).await);
    let codes = server.printed();
    let codes = codes.iter().filter(|line| line.contains("no account yet"));
    assert_eq!(codes.count(), 1, "the second start has an account");

    let thief = Browser {
        csrf: other.csrf.clone(),
        ..owner.clone()
    };
    let reply = thief
        .post(client, "/api/logout-everywhere", Value::Null)
        .await;
    assert_eq!(refusal(&reply).1, "bad_csrf");
    let foreign = owner
        .request("POST", "/api/logout-everywhere")
        .header("origin", "https://evil.example");
    assert_eq!(refusal(&client.send(foreign).await).1, "bad_origin");
    assert!(other.is_in(client).await);

    let reply = owner
        .post(client, "/api/logout-everywhere", Value::Null)
        .await;
    assert_eq!(reply.status, 204);
    assert!(!owner.is_in(client).await && !other.is_in(client).await);
    let reply = other.get(client, "/api/keys").await;
    assert_eq!(refusal(&reply).1, "not_logged_in");
    assert!(Browser::log_in(&server).await.is_in(client).await);
}

#[tokio::test]
async fn a_command_begins_anew_or_sets_the_password() {
    let server = Setup::bare().start().await;
    let client = &server.client;
    let owner = Browser::set_up(&server).await;
    assert_eq!(server.run(["account", "show"]).await.printed(), EMAIL);

    let ran = server
        .run_with(["account", "reset", "--password-stdin"], "short\n")
        .await;
    assert!(!ran.ok && ran.told().contains("shorter"), "{}", ran.told());
    let ran = server
        .run_with(
            ["account", "reset", "--password-stdin"],
            "another password\n",
        )
        .await;
    assert!(ran.ok && !ran.told().contains("another"), "{}", ran.told());
    assert!(!owner.is_in(client).await);
    assert_eq!(Browser::try_log_in(&server, PASSWORD).await.status, 403);
    let reply = Browser::try_log_in(&server, "another password").await;
    assert_eq!(reply.status, 200);
    let owner = Browser::of(&reply);

    let told = server.run(["account", "reset"]).await.printed();
    assert!(!owner.is_in(client).await);
    let lines: Vec<String> = told.lines().map(str::to_owned).collect();
    let set_up = json!({"code": code(&lines), "email": EMAIL, "password": PASSWORD});
    let nobody = Browser::default();
    let reply = nobody.post(client, "/api/setup", set_up.clone()).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let again = nobody.post(client, "/api/setup", set_up).await;
    assert_eq!(refusal(&again).1, "already_set_up");
}

#[tokio::test]
async fn the_api_key_of_clients_opens_nothing_here() {
    let server = Setup::bare().start().await;
    Browser::set_up(&server).await;
    for path in ["/api/keys", "/api/tokens", "/api/nothing", "/api/events"] {
        let reply = server.client.send(Request::get(path)).await;
        assert_eq!(refusal(&reply).1, "not_logged_in", "{path}");
        assert_eq!(reply.header("cache-control"), Some("no-store"));
    }
}

#[tokio::test]
async fn the_unified_key_is_shown_and_made_anew_for_the_password_only() {
    let server = Setup::bare().start().await;
    let client = &server.client;
    let owner = Browser::set_up(&server).await;
    let tokens = owner.read(client, "/api/tokens").await;
    assert!(!tokens.to_string().contains(&client.key), "{tokens}");
    let id = tokens[0]["id"].as_str().expect("an id");
    let show = format!("/api/tokens/{id}/show");
    let rotate = format!("/api/tokens/{id}/rotate");
    for path in [&show, &rotate] {
        let reply = owner.post(client, path, json!({"password": "wrong"})).await;
        let wanted = (403, "wrong_password".to_owned(), "password".to_owned());
        assert_eq!(refusal(&reply), wanted);
    }
    let password = json!({"password": PASSWORD});
    let shown = owner.post(client, &show, password.clone()).await.json();
    assert_eq!(shown["token"], client.key);
    let rotated = owner.post(client, &rotate, password).await.json();
    let token = rotated["token"].as_str().expect("a key");
    assert_ne!(token, client.key);
    let status = async |key: &str| {
        client
            .send(Request::get("/v1/models").key(key))
            .await
            .status
    };
    assert_eq!(status(&client.key).await, 401, "at once");
    assert_eq!(status(token).await, 200);
}
