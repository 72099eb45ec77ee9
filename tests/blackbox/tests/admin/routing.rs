//! Why the order is what it is, through the admin API.

use blackbox::{Endpoint, Setup, until};
use mock_upstream::{Mock, When, fault};
use serde_json::json;

use super::browser::{Browser, refusal};

#[tokio::test]
async fn the_order_is_explained_with_all_that_counts() {
    let (first, second) = (Mock::start().await, Mock::start().await);
    let server = Setup::new()
        .endpoint(Endpoint::new("first", &first).model("m").priority(1))
        .endpoint(Endpoint::new("second", &second).model("m").priority(2))
        .start()
        .await;
    let client = &server.client;
    let path = "/api/routing/explain";
    let stranger = Browser::default().get(client, path).await;
    assert_eq!(refusal(&stranger).1, "not_logged_in");
    let owner = Browser::set_up(&server).await;
    let names = |told: &serde_json::Value| {
        let candidates = told["candidates"].as_array().expect("candidates").clone();
        candidates
            .iter()
            .map(|one| one["name"].as_str().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    let told = owner.read(client, path).await;
    assert_eq!(told["model"], "auto");
    assert_eq!(names(&told), ["first/m", "second/m"]);
    assert!(told["weights"]["reliability"].is_number(), "{told}");
    assert_eq!(told["priorities_first"], json!(true));

    // One that rests goes last, and says why and for how long.
    first.on(When::any(), fault("status-503").expect("a fault"));
    let ask = json!({ "model": "m", "messages": [{ "role": "user", "content": "Hi" }] });
    assert_eq!(server.chat(&ask).await.status, 200);
    let told = until("the rest", async || {
        let told = owner
            .read(client, &format!("{path}?model=M&input=10&uses=tools"))
            .await;
        (names(&told) == ["second/m", "first/m"]).then_some(told)
    })
    .await;
    let last = &told["candidates"][1];
    assert_eq!(last["rests"], "overloaded");
    assert!(last["rests_ms"].as_i64() > Some(0), "{last}");
    assert!(told["candidates"][0]["seen"].as_f64() > Some(0.0), "{told}");

    for (query, code, field) in [
        ("?model=nobody", "model_not_found", "model"),
        ("?uses=telepathy", "invalid", "uses"),
        ("?input=much", "invalid", ""),
        ("?colour=red", "invalid", ""),
    ] {
        let refused = refusal(&owner.get(client, &format!("{path}{query}")).await);
        assert_eq!(refused.2, field, "{query}: {refused:?}");
        assert!(refused.1.contains(code), "{query}: {refused:?}");
    }
}
