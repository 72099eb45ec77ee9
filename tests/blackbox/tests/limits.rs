//! Waiting as long as the upstream says, and spending no more than it allows, also over a crash.

use std::time::Duration;

use blackbox::{Reply, Server, Setup, until};
use mock_upstream::{Answer, Mock, When};

use crate::providers::{GROQ, ask};

/// Requests a minute that the catalogue gives for [`GROQ`]'s model.
const PER_MINUTE: usize = 30;

async fn groq(mock: &Mock, keys: &[&str]) -> Server {
    let mut setup = Setup::bare().official(GROQ.id).map(GROQ.host, mock);
    for (n, key) in keys.iter().enumerate() {
        let priority = u32::try_from(n).unwrap_or(0) + 1;
        setup = setup.key(GROQ.key(key).priority(priority));
    }
    setup.start().await
}

async fn chat(server: &Server) -> Reply {
    server.chat(&ask(&GROQ.name())).await
}

fn limited(seconds: u64) -> Answer {
    GROQ.error(429, "Rate limit reached.")
        .retry_after_seconds(seconds)
}

fn used(mock: &Mock, key: &str) -> usize {
    let requests = mock.requests();
    let with = requests.iter().filter(|seen| seen.bearer() == Some(key));
    with.count()
}

fn wait(reply: &Reply) -> Option<u64> {
    reply.header("retry-after")?.parse().ok()
}

#[tokio::test]
async fn a_key_rests_as_long_as_it_was_told_and_another_one_works() {
    let mock = Mock::start().await;
    let (first, second) = (GROQ.secret(1), GROQ.secret(2));
    mock.on(When::key(&first), limited(3).times(1));
    let server = groq(&mock, &[&first, &second]).await;
    let reply = chat(&server).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.header("x-fallback-attempts"), Some("1"));
    let trail = format!("{}=rate-limited", GROQ.name());
    assert_eq!(reply.header("x-fallback-trail"), Some(trail.as_str()));
    assert_eq!((used(&mock, &first), used(&mock, &second)), (1, 1));

    // Asked again and again until the first key is used: not before its time.
    let mut others = 1;
    until("the first key, rested", async || {
        let reply = chat(&server).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(
            reply.header("x-fallback-attempts"),
            None,
            "no key is tried in vain"
        );
        others += 1;
        tokio::time::sleep(Duration::from_millis(150)).await;
        (used(&mock, &first) > 1).then_some(())
    })
    .await;
    assert!(others > 2, "the second key worked meanwhile");
    let requests = mock.requests();
    let at: Vec<_> = requests
        .iter()
        .filter(|seen| seen.bearer() == Some(&first))
        .map(|seen| seen.at)
        .collect();
    let rested = at[1] - at[0];
    assert!(rested >= Duration::from_secs(3), "it rested {rested:?}");
}

#[tokio::test]
async fn with_every_key_at_rest_nobody_is_asked_also_after_a_crash() {
    let mock = Mock::start().await;
    let key = GROQ.secret(3);
    mock.on(When::any(), limited(600));
    let mut server = groq(&mock, &[&key]).await;
    mock.forget();
    let mut told = Vec::new();
    for _ in 0..3 {
        let reply = chat(&server).await;
        assert_eq!(reply.status, 503, "{}", reply.text());
        assert_eq!(reply.code().as_deref(), Some("all_keys_exhausted"));
        told.push(wait(&reply).expect("Retry-After"));
    }
    assert_eq!(mock.requests().len(), 1);
    assert!(
        told.iter().all(|seconds| (550..=600).contains(seconds)),
        "{told:?}"
    );

    mock.heal();
    server.kill9().await;
    server.restart().await;
    let reply = chat(&server).await;
    assert_eq!(reply.status, 503, "{}", reply.text());
    assert_eq!(reply.code().as_deref(), Some("all_keys_exhausted"));
    let after = wait(&reply).expect("Retry-After");
    assert!((500..=told[2]).contains(&after), "{after} after {told:?}");
    assert_eq!(mock.requests().len(), 1, "no request within the rest");
}

#[tokio::test]
async fn a_streaming_client_is_told_of_the_rest_too() {
    let mock = Mock::start().await;
    mock.on(When::any(), limited(60));
    let server = groq(&mock, &[&GROQ.secret(4)]).await;
    let streamed = server.client.chat_open(&ask(&GROQ.name())).await;
    assert_eq!(streamed.status, 503);
    let reply = streamed.whole().await;
    assert_eq!(reply.code().as_deref(), Some("all_keys_exhausted"));
    assert!(
        wait(&reply).is_some_and(|seconds| seconds <= 60),
        "{:?}",
        reply.headers
    );
}

#[tokio::test]
async fn no_more_is_asked_in_a_minute_than_the_catalogue_allows() {
    let mock = Mock::start().await;
    let key = GROQ.secret(5);
    let mut server = groq(&mock, &[&key]).await;
    mock.forget();
    let mut statuses = Vec::new();
    for n in 0..PER_MINUTE + 5 {
        // In the middle of the window, where a counter in memory would forget.
        if n == PER_MINUTE / 2 {
            server.kill9().await;
            server.restart().await;
        }
        let reply = chat(&server).await;
        if reply.status == 503 {
            assert_eq!(reply.code().as_deref(), Some("all_keys_exhausted"));
            assert!(wait(&reply).is_some_and(|seconds| (1..=61).contains(&seconds)));
        }
        statuses.push(reply.status);
    }
    let spent = mock.requests().len();
    assert!(spent <= PER_MINUTE, "{spent} requests in a minute");
    // A crash may cost a block of units that were written as spent and not used.
    assert!(
        spent >= PER_MINUTE / 2,
        "only {spent} requests: {statuses:?}"
    );
    assert_eq!(
        statuses.iter().filter(|status| **status == 200).count(),
        spent
    );
    assert_eq!(statuses.last(), Some(&503));
}

#[tokio::test]
async fn a_second_key_doubles_what_can_be_asked() {
    let mock = Mock::start().await;
    let server = groq(&mock, &[&GROQ.secret(6), &GROQ.secret(7)]).await;
    mock.forget();
    let mut asked = 0;
    let refused = loop {
        let reply = chat(&server).await;
        if reply.status != 200 || asked > 2 * PER_MINUTE {
            break reply;
        }
        asked += 1;
    };
    assert_eq!(refused.status, 503, "{}", refused.text());
    let each = [GROQ.secret(6), GROQ.secret(7)].map(|key| used(&mock, &key));
    // At most one of a window is left unused.
    assert!(
        each.iter()
            .all(|spent| (PER_MINUTE - 1..=PER_MINUTE).contains(spent)),
        "{each:?}"
    );
}
