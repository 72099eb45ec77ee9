//! Keys and endpoints through the admin API.

use blackbox::{Setup, until};
use mock_upstream::{Mock, Settings};
use serde_json::{Value, json};

use super::browser::{Browser, refusal};
use crate::providers::{CLOUDFLARE, GROQ, ask};

#[tokio::test]
async fn a_key_is_added_turns_green_serves_and_goes() {
    let good = GROQ.secret(70);
    let mock = Mock::with(Settings::default().key(&good)).await;
    let server = Setup::bare()
        .official(GROQ.id)
        .map(GROQ.host, &mock)
        .start()
        .await;
    let client = &server.client;
    let owner = Browser::set_up(&server).await;
    let mut seen = String::new();

    let providers = owner.read(client, "/api/providers").await;
    let mut groq = providers.as_array().expect("a list").iter();
    let groq = groq.find(|it| it["id"] == GROQ.id).expect("groq");
    assert!(
        groq["key_page"]
            .as_str()
            .is_some_and(|it| it.starts_with("https://"))
    );
    assert_eq!(groq["credentials"][0]["optional"], false);
    let secret_name = groq["credentials"][0]["name"].as_str().expect("a name");

    let new = |secret: &str| json!({"provider": GROQ.id, "label": "<script>alert(1)</script>", "secrets": {secret_name: secret}});
    let refused = owner.post(client, "/api/keys", new("canary-no-key")).await;
    let wanted = (
        422,
        "invalid_field".to_owned(),
        format!("secrets.{secret_name}"),
    );
    assert_eq!(refusal(&refused), wanted);
    assert!(!refused.text().contains("canary"), "{}", refused.text());

    let added = owner.post(client, "/api/keys", new(&good)).await;
    assert_eq!(added.status, 201, "{}", added.text());
    assert_eq!(added.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(added.header("content-type"), Some("application/json"));
    seen.push_str(&added.text());
    let added = added.json();
    assert_eq!(added["status"]["state"], "waiting");
    assert_eq!(added["label"], "<script>alert(1)</script>");
    let path = format!("/api/keys/{}", added["id"].as_str().expect("an id"));

    let tested = owner
        .post(client, &format!("{path}/test"), Value::Null)
        .await;
    seen.push_str(&tested.text());
    let tested = tested.json();
    assert_eq!(tested["verdict"], "good", "{tested}");
    assert_eq!(tested["key"]["status"]["state"], "healthy");

    let bad = owner
        .post(client, "/api/keys", new(&GROQ.secret(71)))
        .await
        .json();
    let bad_path = format!("/api/keys/{}", bad["id"].as_str().expect("an id"));
    let tested = owner
        .post(client, &format!("{bad_path}/test"), Value::Null)
        .await;
    seen.push_str(&tested.text());
    let tested = tested.json();
    assert_eq!(tested["verdict"], "bad", "{tested}");
    assert_eq!(tested["key"]["status"]["state"], "invalid");
    let gone = owner.send(client, "DELETE", &bad_path, Value::Null).await;
    assert_eq!(gone.status, 204);

    until("the server knows the key", async || {
        (client.chat(&ask(&GROQ.name())).await.status == 200).then_some(())
    })
    .await;
    let overview = until("the request is counted", async || {
        let overview = owner.read(client, "/api/overview").await;
        (overview["requests"]["succeeded"] == 1).then_some(overview)
    })
    .await;
    assert_eq!(overview["keys"]["healthy"], 1, "{overview}");
    let requests = owner.read(client, "/api/requests?limit=1").await;
    assert_eq!(requests["items"][0]["provider"], GROQ.id, "{requests}");
    let next = requests["next"].as_str().expect("a full page has a next");
    let rest = owner
        .read(client, &format!("/api/requests?before={next}"))
        .await;
    assert!(!rest.to_string().contains(next), "{rest}");
    let models = owner.read(client, "/api/models").await;
    let model = models.as_array().expect("a list").iter();
    let mut model = model.filter(|it| it["id"] == GROQ.name());
    assert_eq!(model.next().expect("the model")["candidates"], 1);

    let off = json!({"enabled": false, "label": "spare"});
    let patched = owner.send(client, "PATCH", &path, off).await.json();
    assert_eq!(patched["status"]["state"], "disabled");
    assert_eq!(patched["label"], "spare");
    let typo = json!({"enabeld": true});
    let refused = owner.send(client, "PATCH", &path, typo).await;
    assert_eq!(refusal(&refused).2, "enabeld");
    until("the key takes no part", async || {
        (client.chat(&ask(&GROQ.name())).await.status != 200).then_some(())
    })
    .await;
    seen.push_str(&owner.read(client, "/api/keys").await.to_string());
    let gone = owner.send(client, "DELETE", &path, Value::Null).await;
    assert_eq!(gone.status, 204);
    let gone = owner.send(client, "DELETE", &path, Value::Null).await;
    assert_eq!(refusal(&gone).1, "not_found");
    assert_eq!(owner.read(client, "/api/keys").await, json!([]));
    assert!(
        !seen.contains(&good) && !seen.contains(&GROQ.secret(71)),
        "{seen}"
    );
}

#[tokio::test]
async fn a_pasted_file_is_previewed_and_then_added_once() {
    let server = Setup::bare()
        .official(GROQ.id)
        .official(CLOUDFLARE.id)
        .start()
        .await;
    let client = &server.client;
    let owner = Browser::set_up(&server).await;
    let text = format!(
        "# keys\nPORT=3001\nGROQ_API_KEY=\"{}\"\n{}\nCLOUDFLARE_API_TOKEN={}\nCLOUDFLARE_ACCOUNT_ID={}\nENCRYPTION_KEY={}\n",
        GROQ.secret(72),
        GROQ.secret(72),
        CLOUDFLARE.secret(72),
        "0123456789abcdef".repeat(2),
        "c0ffee00".repeat(8),
    );
    let import = |preview: bool| json!({"text": text, "preview": preview});
    let preview = owner.post(client, "/api/keys/import", import(true)).await;
    let told = preview.text();
    for secret in [GROQ.secret(72), CLOUDFLARE.secret(72), "c0ffee00".repeat(8)] {
        assert!(!told.contains(&secret), "{told}");
    }
    let preview = preview.json();
    let outcomes: Vec<&str> = preview["items"]
        .as_array()
        .expect("items")
        .iter()
        .filter_map(|item| item["outcome"].as_str())
        .collect();
    let wanted = ["ignored", "new", "duplicate", "new", "ignored", "unknown"];
    assert_eq!(outcomes, wanted, "{preview}");
    assert_eq!(
        owner.read(client, "/api/keys").await,
        json!([]),
        "a preview only"
    );

    let done = owner
        .post(client, "/api/keys/import", import(false))
        .await
        .json();
    assert_eq!(done["added"], 2, "{done}");
    let keys = owner.read(client, "/api/keys").await;
    assert_eq!(keys.as_array().map(Vec::len), Some(2), "{keys}");
    let again = owner
        .post(client, "/api/keys/import", import(false))
        .await
        .json();
    assert_eq!(again["added"], 0, "{again}");
}

#[tokio::test]
async fn an_endpoint_is_added_with_the_models_it_lists() {
    let mock = Mock::start().await;
    let server = Setup::new().start().await;
    let client = &server.client;
    let owner = Browser::set_up(&server).await;
    let new = |name: &str, url: &str| json!({"name": name, "url": url});
    let url = format!("{}/v1", mock.url());
    for (name, url, field) in [("auto", url.as_str(), "name"), ("local", "nonsense", "url")] {
        let reply = owner.post(client, "/api/endpoints", new(name, url)).await;
        assert_eq!(refusal(&reply).2, field, "{}", reply.text());
    }
    let added = owner
        .post(client, "/api/endpoints", new("local", &url))
        .await;
    assert_eq!(added.status, 201, "{}", added.text());
    let added = added.json();
    let model = added["models"][0].as_str().expect("a model").to_owned();
    assert_eq!(added["key"]["called"], "local");
    let taken = owner
        .post(client, "/api/endpoints", new("local", &url))
        .await;
    assert_eq!(refusal(&taken).1, "taken");
    until("the endpoint serves", async || {
        let reply = client.chat(&ask(&format!("local/{model}"))).await;
        (reply.status == 200).then_some(())
    })
    .await;
    until("it turns green by use", async || {
        let keys = owner.read(client, "/api/keys").await;
        (keys[0]["status"]["state"] == "healthy").then_some(())
    })
    .await;
}
