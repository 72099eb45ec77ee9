//! What a browser with the dashboard open does.

use blackbox::{Client, Reply, Request, Server};
use serde_json::{Value, json};

pub(super) const EMAIL: &str = "owner@example.org";
pub(super) const PASSWORD: &str = "correct horse battery";

/// A browser: its cookie, and the page's proof.
#[derive(Clone, Debug, Default)]
pub(super) struct Browser {
    pub(super) cookie: String,
    pub(super) csrf: String,
}

/// The one-time code that this server printed last.
pub(super) fn code(printed: &[String]) -> String {
    let is_code = |line: &str| {
        let parts: Vec<&str> = line.split('-').collect();
        parts.len() == 3
            && parts.iter().all(|part| {
                part.len() == 4
                    && part
                        .bytes()
                        .all(|it| it.is_ascii_digit() || it.is_ascii_uppercase())
            })
    };
    let mut lines = printed.iter().rev().map(|line| line.trim());
    lines.find(|line| is_code(line)).expect("a code").to_owned()
}

impl Browser {
    /// The owner's, who has just made the account.
    pub(super) async fn set_up(server: &Server) -> Self {
        let code = code(&server.printed());
        let reply = Self::default()
            .post(
                &server.client,
                "/api/setup",
                json!({"code": code, "email": EMAIL, "password": PASSWORD}),
            )
            .await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        Self::of(&reply)
    }

    /// One that has just logged in.
    pub(super) async fn log_in(server: &Server) -> Self {
        let reply = Self::try_log_in(server, PASSWORD).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        Self::of(&reply)
    }

    pub(super) async fn try_log_in(server: &Server, password: &str) -> Reply {
        let login = json!({"email": EMAIL, "password": password});
        let browser = Self::default();
        browser.post(&server.client, "/api/login", login).await
    }

    /// Takes the cookie and the proof of a log-in.
    pub(super) fn of(reply: &Reply) -> Self {
        let cookie = reply.header("set-cookie").expect("a cookie");
        assert!(cookie.contains("HttpOnly; SameSite=Strict"), "{cookie}");
        Self {
            cookie: cookie.split(';').next().unwrap_or_default().to_owned(),
            csrf: reply.json()["csrf"].as_str().expect("a proof").to_owned(),
        }
    }

    pub(super) fn request(&self, method: &'static str, path: &str) -> Request {
        let request = Request::new(method, path)
            .anonymous()
            .header("cookie", &self.cookie);
        if method == "GET" {
            request
        } else {
            request.header("x-csrf-token", &self.csrf)
        }
    }

    pub(super) async fn get(&self, client: &Client, path: &str) -> Reply {
        client.send(self.request("GET", path)).await
    }

    /// What is at this path.
    pub(super) async fn read(&self, client: &Client, path: &str) -> Value {
        let reply = self.get(client, path).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        reply.json()
    }

    pub(super) async fn post(&self, client: &Client, path: &str, body: Value) -> Reply {
        self.send(client, "POST", path, body).await
    }

    pub(super) async fn send(
        &self,
        client: &Client,
        method: &'static str,
        path: &str,
        body: Value,
    ) -> Reply {
        let request = self
            .request(method, path)
            .header("content-type", "application/json")
            .body(body.to_string());
        client.send(request).await
    }

    /// Whether the session is good.
    pub(super) async fn is_in(&self, client: &Client) -> bool {
        self.read(client, "/api/session").await["session"].is_object()
    }
}

/// `code` and `field` of a refusal.
pub(super) fn refusal(reply: &Reply) -> (u16, String, String) {
    let error = &reply.json()["error"];
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    assert!(error["message"].is_string(), "{}", reply.text());
    (reply.status, text("code"), text("field"))
}
