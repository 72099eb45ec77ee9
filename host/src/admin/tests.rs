//! Of the router as a whole: who is let in, and the account's life.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, header};
use freellmapi_types::CSRF_HEADER;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::Admin;
use super::guard::{Access, LIFE_MS};
use super::limiter::WINDOW_MS;
use super::routes::{Route, Verb, router, table};
use crate::account::code;
use crate::app::{Base, Serving, Shop, ShopSettings, assemble};
use crate::clock::Clock;
use crate::config::{Places, Timeouts};
use crate::plugins::cache::shared;

const EMAIL: &str = "me@example.org";
const PASSWORD: &str = "correct horse";

/// A server's admin API without the server.
struct Home {
    folder: tempfile::TempDir,
    clock: Clock,
    base: Base,
    router: Router,
}

/// What a browser holds.
#[derive(Clone, Debug, Default)]
struct Browser {
    cookie: String,
    csrf: String,
}

struct Reply {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Home {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self::at(folder, Clock::manual(1_000_000_000_000)).await
    }

    async fn at(folder: tempfile::TempDir, clock: Clock) -> Self {
        let places = Places {
            data: folder.path().join("data"),
            plugins: folder.path().join("plugins"),
            cache: shared("admin-cache"),
        };
        let base = Base::open(&places, Some(&"c0".repeat(32))).await;
        let base = base.expect("a base");
        let mut shop = Shop::open(base.clone(), &ShopSettings::default())
            .await
            .expect("a shop");
        shop.clock = clock.clone();
        let serving = Serving {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            timeouts: Timeouts::default(),
            provider_times: crate::config::ProviderTimes::default(),
            probe: std::time::Duration::ZERO,
            policy: crate::config::Policy::default(),
            max_attempts: 20,
            body_limit: 1 << 20,
            ollama: crate::api::ollama::Mode::Off,
            responses: crate::api::responses::shelf::Room {
                age: std::time::Duration::ZERO,
                bytes: 0,
            },
            claude_models: crate::config::ClaudeModels::default(),
            origins: crate::api::door::Origins::default(),
            trusted_proxies: Vec::new(),
        };
        let (api, _) = assemble(&shop, &serving).await.expect("an API");
        let proxies = vec!["10.0.0.1/32".parse().unwrap()];
        let admin = Admin::new(api, base.vault.clone(), proxies);
        Self {
            folder,
            clock,
            router: router(Arc::new(admin)),
            base,
        }
    }

    /// As after a restart.
    async fn again(self) -> Self {
        self.base.store.close().await;
        Self::at(self.folder, self.clock).await
    }

    async fn code(&self) -> String {
        let code = code::fresh();
        let hash = code::hash(&self.base.vault, &code);
        self.base.store.set_setup_code(&hash).await.unwrap();
        code.to_string()
    }

    /// The account, and a browser that is logged in.
    async fn owned(&self) -> Browser {
        let set_up = json!({"code": self.code().await, "email": EMAIL, "password": PASSWORD});
        let reply = self.post(&Browser::default(), "/api/setup", &set_up).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.browser()
    }

    async fn login(&self, email: &str, password: &str) -> Reply {
        let login = json!({"email": email, "password": password});
        self.post(&Browser::default(), "/api/login", &login).await
    }

    async fn get(&self, browser: &Browser, path: &str) -> Reply {
        self.send(browser.ask("GET", path).body(Body::empty()).unwrap())
            .await
    }

    async fn post(&self, browser: &Browser, path: &str, body: &Value) -> Reply {
        self.send(browser.tell("POST", path, body)).await
    }

    async fn send(&self, mut request: Request<Body>) -> Reply {
        if request
            .extensions()
            .get::<ConnectInfo<SocketAddr>>()
            .is_none()
        {
            let peer = SocketAddr::from(([192, 0, 2, 1], 5_000));
            request.extensions_mut().insert(ConnectInfo(peer));
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let bytes = to_bytes(body, 1 << 20).await.unwrap();
        Reply {
            status: head.status.as_u16(),
            headers: head.headers,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        }
    }
}

impl Browser {
    fn ask(&self, method: &str, path: &str) -> http::request::Builder {
        Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost:3001")
            .header("content-type", "application/json")
            .header("cookie", &self.cookie)
    }

    fn tell(&self, method: &str, path: &str, body: &Value) -> Request<Body> {
        let body = if body.is_null() {
            Body::empty()
        } else {
            Body::from(body.to_string())
        };
        self.ask(method, path)
            .header(CSRF_HEADER, &self.csrf)
            .header("origin", "http://localhost:3001")
            .body(body)
            .unwrap()
    }
}

impl Reply {
    fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    fn field(&self) -> &str {
        self.body["error"]["field"].as_str().unwrap_or_default()
    }

    fn set_cookie(&self) -> &str {
        let value = self.headers.get(header::SET_COOKIE);
        value.map_or("", |value| value.to_str().unwrap())
    }

    /// One that took what this reply gave.
    fn browser(&self) -> Browser {
        Browser {
            cookie: self.set_cookie().split(';').next().unwrap().to_owned(),
            csrf: self.body["csrf"].as_str().unwrap_or_default().to_owned(),
        }
    }
}

impl Route {
    fn uri(&self) -> String {
        format!("/api{}", self.path.replace("{id}", "some-id"))
    }
}

#[test]
fn only_what_leads_to_a_session_is_open() {
    let open: Vec<String> = table()
        .iter()
        .filter(|route| route.access == Access::Anybody)
        .map(|route| format!("{:?} {}", route.verb, route.path))
        .collect();
    assert_eq!(open, ["Get /session", "Post /setup", "Post /login"]);
}

#[tokio::test]
async fn every_route_refuses_strangers() {
    let home = Home::new().await;
    let owner = home.owned().await;
    let stranger = Browser {
        cookie: format!("freellmapi_session={}", "0".repeat(64)),
        csrf: owner.csrf,
    };
    let mut closed = 0;
    for route in table() {
        if route.access == Access::Anybody {
            continue;
        }
        closed += 1;
        for browser in [Browser::default(), stranger.clone()] {
            let request = browser.tell(route.verb.method().as_str(), &route.uri(), &json!({}));
            let reply = home.send(request).await;
            let what = format!("{:?} {}: {}", route.verb, route.path, reply.body);
            assert_eq!(reply.status, 401, "{what}");
            assert_eq!(reply.code(), "not_logged_in", "{what}");
            assert_eq!(reply.headers["cache-control"], "no-store", "{what}");
            assert_eq!(reply.headers["x-content-type-options"], "nosniff", "{what}");
        }
    }
    assert!(closed > 2);
    for path in ["/api/nothing", "/api/keys/x/y/z"] {
        let reply = home.get(&Browser::default(), path).await;
        assert_eq!(
            (reply.status, reply.code()),
            (401, "not_logged_in"),
            "{path}"
        );
    }
    let wrong = Browser::default().tell("PUT", "/api/logout", &json!({}));
    assert_eq!(home.send(wrong).await.status, 401, "a wrong method");
}

#[tokio::test]
async fn every_change_needs_the_pages_proof() {
    let home = Home::new().await;
    let owner = home.owned().await;
    let other = home.login(EMAIL, PASSWORD).await.browser();
    for route in table() {
        if route.access == Access::Anybody || route.verb == Verb::Get {
            continue;
        }
        let what = format!("{:?} {}", route.verb, route.path);
        let method = route.verb.method();
        for csrf in ["", &"0".repeat(64), &other.csrf] {
            let thief = Browser {
                csrf: csrf.to_owned(),
                ..owner.clone()
            };
            let reply = home
                .send(thief.tell(method.as_str(), &route.uri(), &json!({})))
                .await;
            assert_eq!((reply.status, reply.code()), (403, "bad_csrf"), "{what}");
        }
        let mut foreign = owner.tell(method.as_str(), &route.uri(), &json!({}));
        let evil = "http://evil.example".parse().unwrap();
        foreign.headers_mut().insert("origin", evil);
        let reply = home.send(foreign).await;
        assert_eq!((reply.status, reply.code()), (403, "bad_origin"), "{what}");
    }
    let reply = home.get(&owner, "/api/session").await;
    assert_eq!(
        reply.body["session"]["csrf"], owner.csrf,
        "nothing happened"
    );
}

#[tokio::test]
async fn the_first_account_needs_the_code_and_there_is_one_only() {
    let home = Home::new().await;
    let nobody = Browser::default();
    let state = home.get(&nobody, "/api/session").await;
    assert_eq!(
        state.body,
        json!({"setup": {"needed": true, "password_min": 10}, "session": null})
    );
    let code = home.code().await;
    let set_up = |code: &str, email: &str, password: &str| json!({"code": code, "email": email, "password": password});
    for (body, status, field) in [
        (set_up("0000-0000-0000", EMAIL, PASSWORD), 403, "code"),
        (set_up(&code, "me", PASSWORD), 422, "email"),
        (set_up(&code, EMAIL, "too short"), 422, "password"),
    ] {
        let reply = home.post(&nobody, "/api/setup", &body).await;
        assert_eq!((reply.status, reply.field()), (status, field));
    }
    let reply = home
        .post(&nobody, "/api/setup", &set_up(&code, EMAIL, PASSWORD))
        .await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let owner = reply.browser();
    let state = home.get(&owner, "/api/session").await;
    assert_eq!(state.body["session"]["email"], EMAIL);
    assert_eq!(state.body["setup"]["needed"], false);
    let again = set_up(&home.code().await, "thief@example.org", PASSWORD);
    let reply = home.post(&nobody, "/api/setup", &again).await;
    assert_eq!((reply.status, reply.code()), (409, "already_set_up"));
}

#[tokio::test]
async fn a_wrong_address_and_a_wrong_password_get_the_same_answer() {
    let home = Home::new().await;
    home.owned().await;
    let wrong = home.login(EMAIL, "incorrect horse").await;
    let unknown = home.login("you@example.org", PASSWORD).await;
    assert_eq!((wrong.status, wrong.code()), (403, "wrong_login"));
    assert_eq!((unknown.status, &unknown.body), (403, &wrong.body));
    assert_eq!(wrong.set_cookie(), "");
    let right = home.login(" ME@example.org", PASSWORD).await;
    assert_eq!(right.status, 200, "{}", right.body);
}

#[tokio::test]
async fn attempts_are_limited_by_address_and_time_gives_them_back() {
    let home = Home::new().await;
    home.owned().await;
    for _ in 0..10 {
        assert_eq!(home.login(EMAIL, "incorrect horse").await.status, 403);
    }
    let limited = home.login(EMAIL, PASSWORD).await;
    assert_eq!((limited.status, limited.code()), (429, "too_many_attempts"));
    assert_eq!(limited.headers["retry-after"], "901");
    let mut elsewhere = Browser::default().tell(
        "POST",
        "/api/login",
        &json!({"email": EMAIL, "password": PASSWORD}),
    );
    let peer = SocketAddr::from(([192, 0, 2, 2], 1));
    elsewhere.extensions_mut().insert(ConnectInfo(peer));
    assert_eq!(home.send(elsewhere).await.status, 200, "another address");
    home.clock.set(home.clock.now_ms() + WINDOW_MS);
    assert_eq!(home.login(EMAIL, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_session_outlives_restarts_slides_with_use_and_ends_without() {
    let home = Home::new().await;
    let owner = home.owned().await;
    let begun = home.clock.now_ms();
    let home = home.again().await;
    let is_in = async |home: &Home, browser: &Browser| {
        let reply = home.get(browser, "/api/session").await;
        (
            reply.body["session"].is_object(),
            reply.set_cookie().to_owned(),
        )
    };
    assert_eq!(is_in(&home, &owner).await, (true, String::new()));
    home.clock.set(begun + LIFE_MS - 1);
    let (good, cookie) = is_in(&home, &owner).await;
    assert!(good && cookie.contains("Max-Age=2592000"), "{cookie}");
    home.clock.set(begun + 2 * LIFE_MS - 2);
    assert!(is_in(&home, &owner).await.0, "it was used on the last day");
    home.clock.set(begun + 3 * LIFE_MS);
    assert!(!is_in(&home, &owner).await.0);
}

#[tokio::test]
async fn logging_out_ends_one_session_or_all() {
    let home = Home::new().await;
    let one = home.owned().await;
    let two = home.login(EMAIL, PASSWORD).await.browser();
    let three = home.login(EMAIL, PASSWORD).await.browser();
    let reply = home.post(&one, "/api/logout", &Value::Null).await;
    assert_eq!(reply.status, 204);
    assert!(reply.set_cookie().contains("Max-Age=0"));
    let is_in = async |browser: &Browser| {
        home.get(browser, "/api/session").await.body["session"].is_object()
    };
    assert!(!is_in(&one).await);
    assert!(is_in(&two).await);
    let reply = home
        .post(&two, "/api/logout-everywhere", &Value::Null)
        .await;
    assert_eq!(reply.status, 204);
    assert!(!is_in(&two).await);
    assert!(!is_in(&three).await);
}

#[tokio::test]
async fn a_new_password_ends_all_other_sessions() {
    let home = Home::new().await;
    let one = home.owned().await;
    let two = home.login(EMAIL, PASSWORD).await.browser();
    let change = |current: &str, new: &str| json!({"current": current, "new": new});
    let wrong = home
        .post(&one, "/api/password", &change("wrong", "battery staple"))
        .await;
    assert_eq!((wrong.status, wrong.field()), (403, "current"));
    let short = home
        .post(&one, "/api/password", &change(PASSWORD, "x"))
        .await;
    assert_eq!((short.status, short.field()), (422, "new"));
    let done = home
        .post(&one, "/api/password", &change(PASSWORD, "battery staple"))
        .await;
    assert_eq!(done.status, 200, "{}", done.body);
    for (browser, good) in [(&one, false), (&two, false), (&done.browser(), true)] {
        let state = home.get(browser, "/api/session").await;
        assert_eq!(state.body["session"].is_object(), good);
    }
    assert_eq!(home.login(EMAIL, PASSWORD).await.status, 403);
    assert_eq!(home.login(EMAIL, "battery staple").await.status, 200);
}

#[tokio::test]
async fn the_cookie_is_bound_to_https_behind_a_named_proxy() {
    let home = Home::new().await;
    home.owned().await;
    for (peer, secure) in [([10, 0, 0, 1], true), ([10, 0, 0, 2], false)] {
        let login = json!({"email": EMAIL, "password": PASSWORD});
        let mut request = Browser::default().tell("POST", "/api/login", &login);
        let headers = request.headers_mut();
        headers.insert("x-forwarded-proto", "https".parse().unwrap());
        let peer = SocketAddr::from((peer, 1));
        request.extensions_mut().insert(ConnectInfo(peer));
        let reply = home.send(request).await;
        assert_eq!(reply.set_cookie().contains("Secure"), secure);
    }
}

#[tokio::test]
async fn chains_and_aliases_are_set_and_wrong_ones_are_refused_by_member() {
    let home = Home::new().await;
    let owner = home.owned().await;
    let link = |model: &str| json!({"model": model, "enabled": true});
    let work = json!({"name": "Work", "chain": [link("groq/a"), link("mistral/b")]});
    let reply = home.post(&owner, "/api/routing/profiles", &work).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let alias = json!({"name": "openai/gpt", "target": "auto:work"});
    let reply = home.post(&owner, "/api/routing/aliases", &alias).await;
    assert_eq!(reply.body["aliases"][0]["target"], "auto:work");
    let patch = json!({"strategy": "fastest", "active": "work"});
    let reply = home.send(owner.tell("PATCH", "/api/routing", &patch)).await;
    assert_eq!(reply.body["strategy"], "fastest", "{}", reply.body);
    let shown = home.get(&owner, "/api/routing").await.body;
    assert_eq!(shown["active"], "work");
    assert_eq!(shown["profiles"][0]["chain"][1]["model"], "mistral/b");

    let wrong = [
        (
            "profiles",
            json!({"name": "fast", "chain": []}),
            422,
            "name",
        ),
        (
            "profiles",
            json!({"name": "x", "chain": [link("")]}),
            422,
            "chain",
        ),
        (
            "profiles",
            json!({"name": "x", "strategy": "luck", "chain": []}),
            422,
            "strategy",
        ),
        (
            "profiles",
            json!({"name": "x", "strategy": "custom", "chain": []}),
            422,
            "strategy",
        ),
        (
            "aliases",
            json!({"name": "auto", "target": "x"}),
            422,
            "name",
        ),
        ("aliases", json!({"name": "x", "target": ""}), 422, "target"),
    ];
    for (what, body, status, field) in wrong {
        let reply = home
            .post(&owner, &format!("/api/routing/{what}"), &body)
            .await;
        assert_eq!((reply.status, reply.field()), (status, field), "{body}");
    }
    let patch = json!({"strategy": "luck", "active": ""});
    let reply = home.send(owner.tell("PATCH", "/api/routing", &patch)).await;
    assert_eq!((reply.status, reply.field()), (422, "strategy"));
    let shown = home.get(&owner, "/api/routing").await.body;
    assert_eq!(shown["active"], "work", "a refused change changes nothing");

    for path in ["profiles/WORK", "aliases/openai%2Fgpt"] {
        let uri = format!("/api/routing/{path}");
        for status in [204, 404] {
            let reply = home.send(owner.tell("DELETE", &uri, &Value::Null)).await;
            assert_eq!(reply.status, status, "{uri}");
        }
    }
}

#[tokio::test]
async fn analytics_fill_steps_without_requests() {
    let home = Home::new().await;
    let owner = home.owned().await;
    let record = crate::store::RequestRecord {
        id: "a".to_owned(),
        at_ms: home.clock.now_ms(),
        provider: "groq".to_owned(),
        status: 200,
        total_ms: Some(80),
        ..crate::store::RequestRecord::default()
    };
    home.base.store.write_requests(&[record]).await.unwrap();
    for (hours, steps) in [(1, 1), (24, 24), (168, 7), (2160, 90)] {
        let reply = home
            .get(&owner, &format!("/api/analytics?hours={hours}"))
            .await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        let all = reply.body["steps"].as_array().unwrap();
        assert_eq!(all.len(), steps, "{hours}");
        assert_eq!(all[steps - 1]["figures"]["requests"], 1);
        assert_eq!(reply.body["total"]["total_ms"], 80);
        assert_eq!(reply.body["providers"][0]["name"], "groq");
    }
    let reply = home.get(&owner, "/api/analytics?hours=x").await;
    assert_eq!(reply.status, 400);
}
