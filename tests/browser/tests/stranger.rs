//! What a stranger gets: the shell, its policy, and nothing else.

use blackbox::{Request, Setup};
use browser::{Browser, View};
use serde_json::json;

#[tokio::test]
#[ignore = "needs Chromium: cargo xtask test browser"]
async fn the_shell_shows_at_once_and_nothing_comes_from_elsewhere() {
    let server = Setup::bare().start().await;
    let reply = server.client.send(Request::get("/keys").anonymous()).await;
    assert_eq!(reply.status, 200);
    let policy = reply.header("content-security-policy").unwrap_or_default();
    for part in [
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe-inline"), "{policy}");

    let browser = Browser::start().await;
    let page = browser.page(&format!("http://{}", server.client.address));
    page.open("/keys").await;
    page.sees("Set up this server").await;
    let addresses = page
        .script(
            "return performance.getEntriesByType('resource').map((entry) => new URL(entry.name).origin)
               .filter((origin) => origin !== location.origin && origin !== 'null')",
            json!([]),
        )
        .await;
    assert_eq!(addresses, json!([]));
    browser.quit().await;
}

/// What a first load may weigh, bytes over the line.
const BUDGET: u64 = 350_000;

#[tokio::test]
#[ignore = "needs Chromium: cargo xtask test browser"]
async fn a_first_load_is_light_enough_for_a_slow_line() {
    let server = Setup::bare().start().await;
    let browser = Browser::start().await;
    let page = browser.page(&format!("http://{}", server.client.address));
    page.look(View::ALL[2]).await;
    // 1.6 Mbit/s and 150 ms to the server and back.
    page.slow_line(200_000, 150).await;
    page.open("/").await;
    page.sees("Set up this server").await;
    let figures = page
        .script(
            "const files = performance.getEntriesByType('resource');
             const page = performance.getEntriesByType('navigation')[0];
             const shell = performance.getEntriesByName('first-contentful-paint')[0];
             return [files.concat(page).reduce((sum, file) => sum + file.transferSize, 0),
               Math.round(shell ? shell.startTime : 0), Math.round(performance.now())]",
            json!([]),
        )
        .await;
    // Times are told and not judged: this machine may do other work at the same time.
    eprintln!("first load: [bytes, shell after ms, usable within ms] = {figures}");
    let bytes = figures[0].as_u64().unwrap_or(u64::MAX);
    assert!(bytes < BUDGET, "{bytes} bytes over the line");
    browser.quit().await;
}
