//! The server's own description: it is served to anybody, and what it gives as examples is answered.

use blackbox::{Endpoint, Request, Setup};
use mock_upstream::{Mock, Settings};
use serde_json::Value;

#[tokio::test]
async fn the_document_and_its_page_need_no_key_and_no_other_host() {
    let mock = Mock::with(Settings::default().key("sk-local")).await;
    let setup = Setup::new().endpoint(Endpoint::new("local", &mock).key("sk-local"));
    let server = setup.env("FREELLMAPI_OLLAMA", "key-required").start().await;
    let reply = server
        .client
        .send(Request::get("/v1/openapi.json").anonymous())
        .await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let document = reply.json();
    assert_eq!(document["openapi"], "3.1.0");

    let page = server
        .client
        .send(Request::get("/v1/docs").anonymous())
        .await;
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
    assert!(page.text().contains("/v1/chat/completions"));

    // Chat is what the mock can do; who cannot be served is told so, and nothing is the server's own fault.
    let mut answered = 0;
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let example = &operation["requestBody"]["content"]["application/json"]["example"];
            if method != "post" || example.is_null() {
                continue;
            }
            let reply = server
                .client
                .send(Request::post(&path.replace("{model}", "auto"), example))
                .await;
            let id = operation["operationId"].as_str().unwrap_or_default();
            assert!(
                reply.status < 500,
                "{id}: {} {}",
                reply.status,
                reply.text()
            );
            let chat = !["mbed", "mage", "peech", "oderation", "rerank"]
                .iter()
                .any(|other| id.contains(other));
            assert!(
                !chat || reply.status == 200,
                "{id}: {} {}",
                reply.status,
                reply.text()
            );
            answered += u32::from(reply.status == 200);
            if chat && id != "streamGenerateContent" {
                let _: Value = reply.json();
            }
        }
    }
    assert!(answered > 10, "{answered}");
}
