//! The dashboard's files: the same page at each of its paths, assets for ever, and no page where there is none.

use blackbox::{Reply, Request, Server, Setup};

const PAGES: [&str; 11] = [
    "/",
    "/setup",
    "/login",
    "/keys",
    "/plugins",
    "/models",
    "/requests",
    "/routing",
    "/analytics",
    "/playground",
    "/settings",
];

async fn get(server: &Server, path: &str, encoding: &str) -> Reply {
    let request = Request::get(path).anonymous();
    let request = request.header("accept-encoding", encoding);
    server.client.send(request).await
}

/// The assets that a page names.
fn assets(page: &str) -> Vec<String> {
    let parts = page.split('"').filter(|part| part.starts_with("/assets/"));
    parts.map(str::to_owned).collect()
}

#[tokio::test]
async fn every_page_is_the_shell_under_a_strict_policy() {
    let server = Setup::bare().start().await;
    for path in PAGES {
        let reply = get(&server, path, "identity").await;
        assert_eq!(reply.status, 200, "{path}");
        assert_eq!(
            reply.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(reply.header("cache-control"), Some("no-cache"));
        let policy = reply.header("content-security-policy").expect("a policy");
        assert!(policy.contains("default-src 'none'"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe-inline"), "{policy}");
        assert!(!policy.contains("'unsafe-eval'"), "{policy}");
        // No script and no handler stands in the page itself.
        let page = reply.text();
        assert!(
            !page.contains("<script>") && !page.contains(" onload="),
            "{page}"
        );
        let tag = reply.header("etag").expect("a tag");
        let again = Request::get(path).anonymous().header("if-none-match", tag);
        let again = server.client.send(again).await;
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
    }
}

#[tokio::test]
async fn assets_are_kept_for_ever_and_come_compressed() {
    let server = Setup::bare().start().await;
    let page = get(&server, "/", "identity").await.text();
    let assets = assets(&page);
    if assets.is_empty() {
        // Built without: then it says how to build it.
        assert!(page.contains("cargo xtask run"), "{page}");
        return;
    }
    for path in &assets {
        let plain = get(&server, path, "identity").await;
        assert_eq!(plain.status, 200, "{path}");
        assert_eq!(plain.header("content-encoding"), None, "{path}");
        let kept = plain.header("cache-control").unwrap_or_default();
        assert!(kept.contains("immutable"), "{path}: {kept}");
        assert_eq!(plain.header("vary"), Some("accept-encoding"), "{path}");
        let gzip = get(&server, path, "gzip").await;
        assert_eq!(gzip.header("content-encoding"), Some("gzip"), "{path}");
        assert_eq!(gzip.body.get(..2), Some(&[0x1f, 0x8b][..]), "{path}");
        let brotli = get(&server, path, "gzip, br").await;
        assert_eq!(brotli.header("content-encoding"), Some("br"), "{path}");
        assert!(brotli.body.len() < plain.body.len(), "{path}");
        assert_eq!(plain.header("content-type"), brotli.header("content-type"));
    }
    let kind = |ending: &str| assets.iter().any(|path| path.ends_with(ending));
    assert!(kind(".js") && kind(".wasm") && kind(".css"), "{assets:?}");
}

#[tokio::test]
async fn other_paths_stay_errors_in_json() {
    let server = Setup::bare().start().await;
    for path in [
        "/assets/none.js",
        "/assets/..%2findex.html",
        "/nowhere",
        "/keys/more",
    ] {
        let reply = get(&server, path, "br").await;
        assert_eq!(reply.status, 404, "{path}");
        assert_eq!(reply.code().as_deref(), Some("unknown_url"), "{path}");
    }
    let reply = server
        .client
        .send(Request::new("DELETE", "/").anonymous())
        .await;
    assert_eq!(reply.status, 405);
}
