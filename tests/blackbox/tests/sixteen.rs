//! Sixteen faults that a router meets, each as its client sees it: the whole answer where one can be had.
//!
//! The first upstream has the fault, the second is well, and both have the model. Times are scaled: a limit of 700 ms
//! stands for those of minutes.

mod before;
mod midstream;

use std::time::Duration;

use blackbox::{Endpoint, Events, Reply, Server, Setup};
use mock_upstream::{Mock, Settings};
use serde_json::{Value, json};

/// What stands for the limits of time.
const LIMIT_MS: u64 = 700;

/// Sixty words.
fn words() -> Vec<String> {
    (1..=60).map(|n| format!("word{n} ")).collect()
}

fn settings() -> Settings {
    Settings {
        words: words(),
        ..Settings::default()
    }
}

fn ask() -> Value {
    json!({ "model": "m", "messages": [{ "role": "user", "content": "Say sixty words." }] })
}

fn setup() -> Setup {
    ["HEADERS", "FIRST_CONTENT", "IDLE"]
        .into_iter()
        .fold(Setup::new(), |setup, name| {
            setup.env(&format!("FREELLMAPI_{name}_TIMEOUT_MS"), LIMIT_MS)
        })
}

/// Both upstreams, the first one preferred.
struct Pair {
    first: Mock,
    second: Mock,
    server: Server,
}

impl Pair {
    async fn start() -> Self {
        Self::with(setup()).await
    }

    async fn with(setup: Setup) -> Self {
        let (first, second) = (Mock::with(settings()).await, Mock::with(settings()).await);
        let server = setup
            .endpoint(Endpoint::new("first", &first).model("m").priority(1))
            .endpoint(Endpoint::new("second", &second).model("m").priority(2))
            .start()
            .await;
        Self {
            first,
            second,
            server,
        }
    }

    async fn whole(&self) -> Reply {
        self.server.chat(&ask()).await
    }

    async fn stream(&self) -> Events {
        self.server.chat_stream(&ask()).await
    }

    /// How many requests each got.
    fn asked(&self) -> (usize, usize) {
        (self.first.requests().len(), self.second.requests().len())
    }

    /// Asked either way, the client gets the second's whole answer, and the trail says what became of the first.
    async fn falls_to_the_second(&self, kinds: &[&str]) {
        let reply = self.whole().await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(reply.content(), Some(words().concat()));
        assert_eq!(reply.header("x-routed-via"), Some("second/m"));
        let trail = reply.header("x-fallback-trail").unwrap_or_default();
        let kind = trail.strip_prefix("first/m=").unwrap_or_default();
        assert!(kinds.contains(&kind), "{trail}");
        all(&self.stream().await);
    }
}

/// The client has all of the answer, once and in good form.
fn all(events: &Events) {
    assert!(events.is_whole(), "{events:?}");
    assert_eq!(events.text(), words().concat());
    assert_eq!(events.finish().as_deref(), Some("stop"), "{events:?}");
    let chunks = events.chunks();
    let id = &chunks[0]["id"];
    assert!(chunks.iter().all(|chunk| &chunk["id"] == id), "one answer");
}

fn milliseconds(n: u64) -> Duration {
    Duration::from_millis(n)
}
