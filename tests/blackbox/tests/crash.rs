//! Killed under load and started again: what was promised is there, and nothing is told twice.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use blackbox::{Client, Endpoint, Request, Server, Setup, until};
use mock_upstream::{Mock, Settings, When};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Row};
use tokio::task::JoinSet;

use crate::providers::{GROQ, ask};

/// Long enough that each request can spell it in its own way, by upper and lower case.
const MODEL: &str = "model-with-a-long-name";
const CLIENTS: usize = 16;

/// The `n`th spelling of the model: names are matched whatever their case, and logged as the client wrote them.
fn spelling(n: usize) -> String {
    let mut bit = 0;
    let spelled = MODEL.chars().map(|letter| {
        if !letter.is_ascii_alphabetic() {
            return letter;
        }
        bit += 1;
        if n >> (bit - 1) & 1 == 1 {
            letter.to_ascii_uppercase()
        } else {
            letter
        }
    });
    spelled.collect()
}

/// Clients that ask, each request with a spelling of its own, until the server is gone.
fn load(client: &Client, next: &Arc<AtomicUsize>) -> JoinSet<Vec<String>> {
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let (client, next) = (client.clone(), Arc::clone(next));
        clients.spawn(async move {
            let mut answered = Vec::new();
            loop {
                let model = spelling(next.fetch_add(1, Ordering::SeqCst));
                let request = Request::post("/v1/chat/completions", &ask(&model));
                match client.try_send(request).await {
                    Ok(reply) if reply.status == 200 => answered.push(model),
                    Ok(reply) => panic!("{} {}", reply.status, reply.text()),
                    Err(_) => return answered,
                }
            }
        });
    }
    clients
}

/// The server's database, opened to read.
async fn database(server: &Server) -> SqliteConnection {
    let path = sqlite(&server.data()).expect("an SQLite file in the data folder");
    let options = SqliteConnectOptions::new().filename(path);
    options.connect().await.expect("it opens")
}

fn sqlite(folder: &Path) -> Option<PathBuf> {
    let files = std::fs::read_dir(folder).ok()?;
    let mut paths = files.filter_map(|entry| Some(entry.ok()?.path()));
    paths.find(|path| {
        let bytes = std::fs::read(path).unwrap_or_default();
        bytes.starts_with(b"SQLite format 3\0")
    })
}

/// How often each spelling was logged as answered.
async fn logged(server: &Server) -> BTreeMap<String, usize> {
    let mut database = database(server).await;
    let rows = sqlx::query("SELECT requested_model FROM requests WHERE status = 200")
        .fetch_all(&mut database)
        .await
        .expect("the request log");
    let mut counts = BTreeMap::new();
    for row in rows {
        *counts.entry(row.get::<String, _>(0)).or_insert(0) += 1;
    }
    counts
}

#[tokio::test]
async fn killed_under_load_it_comes_back_with_all_it_promised() {
    let mock = Mock::with(Settings::default().models([MODEL])).await;
    let limited = Mock::start().await;
    limited.on(
        When::any(),
        GROQ.error(429, "Too many.").retry_after_seconds(600),
    );
    let mut server = Setup::new()
        .official(GROQ.id)
        .map(GROQ.host, &limited)
        .endpoint(Endpoint::new("local", &mock))
        .key(GROQ.key(&GROQ.secret(1)))
        .key(GROQ.key(&GROQ.secret(2)))
        .start()
        .await;
    assert_eq!(server.chat(&ask(&GROQ.name())).await.status, 503);
    let asked = limited.requests().len();
    assert_eq!(asked, 2, "both keys rest");
    let keys = settled(&server).await;

    let next = Arc::new(AtomicUsize::new(0));
    let mut answered = BTreeSet::new();
    for round in 1..=3 {
        let mut clients = load(&server.client, &next);
        let before = logged(&server).await.len();
        until("some of the load in the log", async || {
            (logged(&server).await.len() > before + 20).then_some(())
        })
        .await;
        server.kill9().await;
        while let Some(done) = clients.join_next().await {
            answered.extend(done.expect("a client that got good answers"));
        }
        server.restart().await;

        assert_eq!(settled(&server).await, keys, "round {round}");
        let reply = server.chat(&ask(&GROQ.name())).await;
        assert_eq!(reply.status, 503, "round {round}: {}", reply.text());
        assert_eq!(
            limited.requests().len(),
            asked,
            "round {round}: the keys still rest"
        );
        assert_eq!(server.chat(&ask(MODEL)).await.status, 200, "round {round}");
    }

    server.stop().await;
    let logged = logged(&server).await;
    let twice: Vec<_> = logged
        .iter()
        .filter(|(model, times)| **times > 1 && *model != MODEL)
        .collect();
    assert!(twice.is_empty(), "logged more than once: {twice:?}");
    // What was logged as answered was answered, to the client or at least by the upstream.
    let upstream = mock.counters().answered;
    assert!(
        logged.len() <= upstream,
        "{} logged, {upstream} answered",
        logged.len()
    );
    let asked = next.load(Ordering::SeqCst);
    let sent: BTreeSet<_> = (0..asked).map(spelling).collect();
    let strange: Vec<_> = logged
        .keys()
        .filter(|model| !sent.contains(*model))
        .collect();
    assert!(strange.is_empty(), "{strange:?}");
    assert!(answered.len() > 60, "{} answers", answered.len());
}

/// The keys as they are listed, but for how long each still rests.
async fn settled(server: &Server) -> Vec<String> {
    let list = server.json(&["key", "list", "--json"]).await;
    let keys = list.as_array().expect("a list").iter();
    let mut ids: Vec<_> = keys
        .map(|key| format!("{} {} {}", key["id"], key["provider"], key["label"]))
        .collect();
    ids.sort();
    assert!(ids.len() >= 2 && !ids[0].starts_with("null"), "{list}");
    ids
}

#[tokio::test]
async fn stopped_in_order_nothing_of_the_log_is_lost() {
    let mock = Mock::with(Settings::default().models([MODEL])).await;
    let mut server = Setup::new()
        .endpoint(Endpoint::new("local", &mock))
        .start()
        .await;
    let all: Vec<_> = (0..50).map(spelling).collect();
    for model in &all {
        assert_eq!(server.chat(&ask(model)).await.status, 200);
    }
    server.stop().await;
    let logged = logged(&server).await;
    let wanted: BTreeMap<_, _> = all.into_iter().map(|model| (model, 1)).collect();
    assert_eq!(logged, wanted);
}

#[tokio::test]
async fn stopping_lets_answers_end() {
    let mock = Mock::start().await;
    let gate = mock_upstream::Gate::new();
    let words = mock_upstream::openai::stream("mock-model", &["Still", " here."], false);
    let held = mock_upstream::Answer::sse(&words[..2]).then_hold(&gate);
    let held = words[2..]
        .iter()
        .fold(held, |answer, data| answer.event(data));
    mock.on(When::any(), held.done());
    let mut server = Setup::new()
        .endpoint(Endpoint::new("local", &mock).model("mock-model"))
        .start()
        .await;
    let streamed = server.client.chat_open(&ask("mock-model")).await;
    gate.arrived(1).await;
    let (events, ()) = tokio::join!(streamed.rest(), async {
        let stopping = server.stop();
        let opening = async {
            // The stop has begun when no new connection is taken any more, or a moment later.
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            gate.open();
        };
        tokio::join!(stopping, opening);
    });
    assert!(events.is_whole(), "{events:?}");
    assert_eq!(events.text(), "Still here.");
}
