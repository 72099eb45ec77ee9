//! Plugins that attack: each costs its own request, and nobody else's.

mod boxed;
mod raw;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use blackbox::{Client, Endpoint, Key, Server, Setup, paths};
use mock_upstream::{Answer, Mock, Recorded, Settings, When};
use tokio::task::JoinHandle;

use crate::providers::ask;

/// What the user entrusts to each attacker, and what none may send to another host.
const KEY: &str = "sk-canary-of-the-hostile-set-0123456789abcdef";
/// The longest an attack may take: several deadlines of a guest, on a machine that runs other tests.
const QUICK: Duration = Duration::from_secs(4);

/// Refused at load, and the word that its report holds.
const REFUSED: [(&str, &str); 5] = [
    ("importer", "hostile:importer/socket"),
    ("bad-manifest", "bad manifest"),
    ("describe-spin", "describe-spin"),
    ("lying-manifest", "api.openai.com@127.0.0.1"),
    ("wide-manifest", "larger than it may be"),
];

/// Loads, under somebody else's name.
const IMPOSTOR: &str = "impostor";

/// Attackers whose first trick is to be refused or to fall over, and what the client is told of it. The others tell
/// lies that cost nothing.
const MUST_FAIL: [(&str, &str); 17] = [
    ("courier", "a stored credential"),
    ("crooked-host", "is not granted"),
    ("endless-again", "more than 32 requests"),
    ("flood", "larger than it may be"),
    ("foreign-host", "is not granted"),
    ("hog", "more memory than it may have"),
    ("invented-tool-call", "tool"),
    ("own-auth", "place of credentials"),
    ("recursion", "the plugin trapped"),
    ("secret-elsewhere", "may not be sent to other.example"),
    ("secret-in-query", "may not be put into query:key"),
    ("silent-decoder", "another shape"),
    ("smuggler", "cannot be sent"),
    ("spin", "did not finish in time"),
    ("trap-decoder", "the plugin trapped"),
    ("wrong-method", "is not granted"),
    ("wrong-path", "is not granted"),
];

/// The hosts of the attackers, a good endpoint, and the server between them.
struct Scene {
    server: Server,
    hostile: Mock,
    other: Mock,
    names: Vec<String>,
}

/// All of the set that loads, each with a key.
async fn scene(good: &Mock, only: Option<&[&str]>) -> Scene {
    let (hostile, other) = (Mock::with(quiet()).await, Mock::with(quiet()).await);
    let refused =
        |name: &String| name == IMPOSTOR || REFUSED.iter().any(|(refused, _)| refused == name);
    let all = paths::hostile_names();
    assert!(all.len() >= 27, "a set of {all:?}");
    let wanted = |name: &&String| only.is_none_or(|only| only.contains(&name.as_str()));
    let all: Vec<_> = all.iter().filter(wanted).cloned().collect();
    let mut setup = Setup::new()
        .map("hostile.example", &hostile)
        .map("other.example", &other)
        .endpoint(Endpoint::new("good", good));
    for name in all.iter().filter(|name| *name != IMPOSTOR) {
        setup = setup.file(&paths::hostile(name));
    }
    let names: Vec<_> = all.into_iter().filter(|name| !refused(name)).collect();
    let server = setup.start().await;
    for name in &names {
        let key = Key::new(&format!("hostile-{name}"), KEY);
        server.run(key.command()).await.printed();
    }
    for name in &names {
        let target = format!("/v1/models/hostile-{name}/hostile-model");
        blackbox::until(&target, async || {
            (server.get(&target).await.status == 200).then_some(())
        })
        .await;
    }
    Scene {
        server,
        hostile,
        other,
        names,
    }
}

/// Lists the model of them all, so that their own tricks come from their manifests.
fn quiet() -> Settings {
    Settings::default().models(["hostile-model"])
}

/// Asks the good endpoint again and again.
struct Neighbour {
    stop: Arc<AtomicBool>,
    served: Arc<AtomicUsize>,
    asking: JoinHandle<()>,
}

impl Neighbour {
    fn start(client: &Client) -> Self {
        let (stop, served) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicUsize::new(0)),
        );
        let (client, stopped, counter) = (client.clone(), Arc::clone(&stop), Arc::clone(&served));
        let asking = tokio::spawn(async move {
            while !stopped.load(Ordering::SeqCst) {
                let reply = client.chat(&ask("good/mock-model")).await;
                assert_eq!(reply.status, 200, "{}", reply.text());
                let events = client.chat_stream(&ask("good/mock-model")).await;
                assert!(events.is_whole(), "{events:?}");
                counter.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self {
            stop,
            served,
            asking,
        }
    }

    fn served(&self) -> usize {
        self.served.load(Ordering::SeqCst)
    }

    /// None of its requests failed.
    async fn end(self) {
        self.stop.store(true, Ordering::SeqCst);
        self.asking
            .await
            .expect("every request of the good endpoint's client");
    }
}

#[tokio::test]
async fn each_attack_is_a_clean_error_while_others_are_served() {
    let good = Mock::start().await;
    let mut scene = scene(&good, None).await;
    let tricks = tricks(&scene).await;
    let neighbour = Neighbour::start(&scene.server.client);
    let mut wrong = Vec::new();
    for name in &scene.names {
        let provider = format!("hostile-{name}");
        let mine = tricks
            .iter()
            .filter(|model| model.starts_with(&format!("{provider}/")));
        // Its first trick first, before the others may have cost it its good name.
        let first = format!("{provider}/hostile-model");
        let mine = mine.filter(|model| **model != first).cloned();
        for model in std::iter::once(first.clone()).chain(mine) {
            let (before, started) = (neighbour.served(), Instant::now());
            let reply = scene.server.chat(&ask(&model)).await;
            let took = started.elapsed();
            let must = MUST_FAIL.iter().find(|(failing, _)| failing == name);
            let named = must.filter(|_| model == first);
            let clean = match (reply.status, named) {
                (200, None) => reply.content().is_some(),
                (200, Some(_)) => false,
                (_, Some((_, told))) => reply.text().contains(told),
                (_, None) => reply.code().is_some() || reply.json()["error"]["message"].is_string(),
            };
            if !clean || took > QUICK {
                wrong.push(format!(
                    "{model}: {} after {took:?}: {}",
                    reply.status,
                    reply.text()
                ));
            }
            assert!(scene.server.is_alive(), "after {model}");
            blackbox::until("the good endpoint's next answer", async || {
                (neighbour.served() > before).then_some(())
            })
            .await;
        }
    }
    neighbour.end().await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    nothing_got_out(&scene);
}

/// Attackers and tricks that only a stream lets happen. One plugin has three, then it rests.
const IN_STREAMS: [(&str, &[&str]); 5] = [
    ("flood", &["hostile-model"]),
    ("invented-tool-call", &["hostile-model"]),
    ("trap-decoder", &["hostile-model", "at-once", "spin"]),
    ("silent-decoder", &["hostile-model", "ends-before-it-began"]),
    ("recursion", &["hostile-model"]),
];

#[tokio::test]
async fn attacks_in_a_stream_end_in_an_error() {
    let good = Mock::start().await;
    let attackers = IN_STREAMS.map(|(name, _)| name);
    let mut scene = scene(&good, Some(&attackers)).await;
    let neighbour = Neighbour::start(&scene.server.client);
    for (name, tricks) in IN_STREAMS {
        for trick in tricks {
            let started = Instant::now();
            let model = format!("hostile-{name}/{trick}");
            let streamed = scene.server.client.chat_open(&ask(&model)).await;
            if streamed.status == 200 {
                let events = streamed.rest().await;
                assert!(!events.data().contains(&"[DONE]"), "{model}: {events:?}");
                assert!(events.error().is_some(), "{model}: {events:?}");
                let all = events.data().concat();
                assert!(!all.contains("run_shell"), "{model}: {all}");
            } else {
                let reply = streamed.whole().await;
                assert!(reply.code().is_some(), "{model}: {}", reply.text());
            }
            assert!(
                started.elapsed() < QUICK,
                "{model}: {:?}",
                started.elapsed()
            );
            assert!(scene.server.is_alive(), "after {model}");
        }
    }
    neighbour.end().await;
    nothing_got_out(&scene);
}

#[tokio::test]
async fn a_redirect_leads_nowhere_even_with_the_plugins_help() {
    let good = Mock::start().await;
    let scene = scene(&good, Some(&["led-away"])).await;
    for to in [
        "https://other.example/v1/chat/completions",
        "https://169.254.169.254/latest/meta-data",
        "https://hostile.example@other.example/v1/chat/completions",
    ] {
        scene.hostile.heal();
        scene
            .hostile
            .on(When::any(), Answer::new(307).header("location", to));
        scene.hostile.forget();
        let reply = scene
            .server
            .chat(&ask("hostile-led-away/hostile-model"))
            .await;
        assert_eq!(reply.status, 502, "{to}: {}", reply.text());
        assert!(
            reply.text().contains("is not granted"),
            "{to}: {}",
            reply.text()
        );
        assert_eq!(scene.hostile.requests().len(), 1, "{to}");
    }
    assert!(scene.other.requests().is_empty());
    nothing_got_out(&scene);
}

#[tokio::test]
async fn a_file_with_an_official_name_is_not_given_its_keys() {
    let (mock, evil) = (Mock::with(quiet()).await, Mock::start().await);
    let server = Setup::bare()
        .env("PLUGIN_TRUST", "ask")
        .official("groq")
        .map("api.groq.com", &mock)
        .map("evil.example", &evil)
        .key(Key::new("groq", &format!("gsk_{}", "a1".repeat(26))))
        .start()
        .await;
    let body = ask("groq/llama-3.3-70b-versatile");
    assert_eq!(server.chat(&body).await.status, 200);
    // Beside the official file, and under a name that comes first.
    server.drop_in_as(
        "a.wasm",
        &std::fs::read(paths::hostile(IMPOSTOR)).expect("it"),
    );
    let status = blackbox::until("a word on the impostor", async || {
        let list = server.json(&["plugin", "list", "--json"]).await;
        let mut found = list
            .as_array()?
            .iter()
            .filter(|one| one["version"] == "999.0.0");
        Some(found.next()?["status"].as_str()?.to_owned())
    })
    .await;
    assert_ne!(status, "serving");
    assert_eq!(server.chat(&body).await.status, 200);
    assert!(evil.requests().is_empty());
}

#[tokio::test]
async fn without_the_grant_of_tools_a_request_with_tools_is_not_even_offered() {
    let good = Mock::start().await;
    let scene = scene(&good, Some(&["invented-tool-call"])).await;
    scene.hostile.forget();
    let mut body = ask("hostile-invented-tool-call/hostile-model");
    body["tools"] =
        serde_json::json!([{ "type": "function", "function": { "name": "run_shell" } }]);
    let reply = scene.server.chat(&body).await;
    assert!(reply.status >= 400, "{}", reply.text());
    assert!(reply.code().is_some(), "{}", reply.text());
    assert!(scene.hostile.requests().is_empty());
    // And what it invents unasked is a fault.
    let reply = scene
        .server
        .chat(&ask("hostile-invented-tool-call/hostile-model"))
        .await;
    assert!(reply.status >= 400, "{}", reply.text());
    assert!(!reply.text().contains("run_shell"), "{}", reply.text());
    assert_eq!(scene.hostile.requests().len(), 1);
}

#[tokio::test]
async fn what_cannot_be_loaded_is_named_and_told_why() {
    let good = Mock::start().await;
    let mut setup = Setup::new().endpoint(Endpoint::new("good", &good));
    for (name, _) in REFUSED {
        setup = setup.file(&paths::hostile(name));
    }
    let server = setup.start().await;
    assert_eq!(server.chat(&ask("good/mock-model")).await.status, 200);
    let list = server.run(["plugin", "list"]).await.printed();
    let json = server.json(&["plugin", "list", "--json"]).await.to_string();
    let log = server.log();
    for (name, word) in REFUSED {
        let started = Instant::now();
        let file = paths::hostile(name);
        let check = server
            .run(["plugin".as_ref(), "check".as_ref(), file.as_os_str()])
            .await;
        assert!(!check.ok, "{name}: {}", check.told());
        assert!(check.told().contains(word), "{name}: {}", check.told());
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "{name}: {:?}",
            started.elapsed()
        );
        for (place, text) in [("list", &list), ("JSON", &json), ("log", &log)] {
            assert!(text.contains(name), "{name} in the {place}: {text}");
        }
    }
    assert!(json.contains("hostile:importer/socket"), "why: {json}");
    let file = paths::plugin("openai-compatible");
    let check = server
        .run(["plugin".as_ref(), "check".as_ref(), file.as_os_str()])
        .await;
    assert!(
        check.ok && check.told().contains("openai-compatible"),
        "{}",
        check.told()
    );
}

#[tokio::test]
async fn components_made_by_hand_are_refused_by_name_while_others_are_served() {
    let good = Mock::start().await;
    let server = Setup::new()
        .endpoint(Endpoint::new("good", &good))
        .start()
        .await;
    let neighbour = Neighbour::start(&server.client);
    let all = raw::all();
    for raw in &all {
        server.drop_in_as(&format!("{}.wasm", raw.name), &raw.bytes);
    }
    let refusals = blackbox::until_within(
        Duration::from_secs(60),
        "a word on every file",
        async || {
            let list = server.json(&["plugin", "list", "--json"]).await;
            let list = list.as_array().cloned().unwrap_or_default();
            let told = |raw: &raw::Raw| {
                let file = format!("{}.wasm", raw.name);
                list.iter()
                    .find(|report| report["file"] == file.as_str())
                    .map(ToString::to_string)
            };
            all.iter().map(told).collect::<Option<Vec<_>>>()
        },
    )
    .await;
    let served = neighbour.served();
    neighbour.end().await;
    assert!(served > 0);
    let wrong: Vec<_> = all
        .iter()
        .zip(&refusals)
        .filter(|(raw, report)| !report.contains("\"refused\"") || !report.contains(raw.told))
        .map(|(raw, report)| format!("{}: {:.500}", raw.name, report))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every `provider/model` of the attackers. The list names a model once, whoever has it.
async fn tricks(scene: &Scene) -> Vec<String> {
    let list = scene.server.get("/v1/models").await.json();
    let models = list["data"].as_array().expect("a list");
    let ids: Vec<_> = models
        .iter()
        .filter_map(|model| model["id"].as_str())
        .collect();
    let mut tricks = Vec::new();
    for name in &scene.names {
        for id in &ids {
            let model = format!("hostile-{name}/{id}");
            let found = scene.server.get(&format!("/v1/models/{model}")).await;
            tricks.extend((found.status == 200).then_some(model));
        }
    }
    assert!(tricks.len() > 60, "{tricks:?}");
    tricks
}

/// What the attackers' own hosts saw is what they may send, and the credential of the one is not at the other.
fn nothing_got_out(scene: &Scene) {
    let seen = scene.hostile.requests();
    assert!(!seen.is_empty(), "some attacks come after a good request");
    for request in &seen {
        let told = format!("{request:?}");
        assert!(["GET", "POST"].contains(&request.method.as_str()), "{told}");
        assert!(
            ["/v1/chat/completions", "/v1/models", "/v1/models/none",]
                .contains(&request.path.as_str()),
            "{told}"
        );
        // Letters that would end a line are encoded there.
        let query = request.query.is_empty() || request.query.contains("%0D%0A");
        assert!(query, "{told}");
        assert_eq!(
            all(request, "authorization"),
            [format!("Bearer {KEY}")],
            "{told}"
        );
        assert_eq!(all(request, "host").len(), 1, "{told}");
        let elsewhere = request
            .headers
            .iter()
            .filter(|(name, _)| !name.eq_ignore_ascii_case("authorization"));
        let rest = format!("{:?}", elsewhere.collect::<Vec<_>>());
        let body = String::from_utf8_lossy(&request.body);
        assert!(!rest.contains(KEY) && !body.contains(KEY), "{told}");
        assert!(
            !rest.contains("of-my-own") && !told.contains("evil.example"),
            "{told}"
        );
    }
    let other = format!("{:?}", scene.other.requests());
    assert!(!other.contains(KEY), "{other}");
    assert!(!scene.server.log().contains(KEY));
}

fn all(request: &Recorded, name: &str) -> Vec<String> {
    let headers = request.headers.iter();
    let named = headers.filter(|(found, _)| found.eq_ignore_ascii_case(name));
    named.map(|(_, value)| value.clone()).collect()
}
