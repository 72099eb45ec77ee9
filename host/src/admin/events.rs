//! `GET /api/events`: server-sent events that say what changed, so that pages ask for it anew. Nothing itself is in them.

use std::sync::Arc;
use std::time::Duration;

use async_stream::stream;
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use freellmapi_types::{Changed, Topic};
use tokio::sync::Semaphore;

use super::Admin;
use super::guard::Visitor;
use super::refusal::Refusal;

/// How often counters are looked at: several changes within it are one notice.
const LOOK: Duration = Duration::from_millis(300);

/// Looks until the session is looked at, and something is sent though nothing changed: 15 s.
const ROUND: u32 = 50;

/// Streams at once, all tabs together.
static STREAMS: Semaphore = Semaphore::const_new(64);

/// Counters that rise with a topic's changes.
type Counters = [(Topic, u64); 3];

pub(super) async fn events(
    State(admin): State<Arc<Admin>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Refusal> {
    let Ok(turn) = STREAMS.try_acquire() else {
        return Err(Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "too_many_streams",
            "Too many pages listen already; close some.",
        ));
    };
    let mut closing = admin.closing.subscribe();
    let mut before = admin.counters();
    let events = stream! {
        let _turn = turn;
        // The head goes out at once, so that the page knows that it is heard.
        yield Ok::<_, std::convert::Infallible>(Bytes::from_static(b": listening\n\n"));
        let mut looks = 0;
        loop {
            tokio::select! {
                _ = closing.wait_for(|closing| *closing) => break,
                () = tokio::time::sleep(LOOK) => {}
            }
            looks += 1;
            if looks == ROUND {
                looks = 0;
                if !admin.is_good(&visitor).await {
                    break;
                }
                yield Ok(Bytes::from_static(b": here\n\n"));
            }
            let now = admin.counters();
            if let Some(notice) = notice(&before, &now) {
                yield Ok(notice);
            }
            before = now;
        }
    };
    let headers = [(header::CONTENT_TYPE, "text/event-stream")];
    Ok((headers, Body::from_stream(events)).into_response())
}

/// What rose, as one event.
fn notice(before: &Counters, now: &Counters) -> Option<Bytes> {
    let changed = before.iter().zip(now).filter(|(was, is)| was.1 != is.1);
    let what: Vec<Topic> = changed.map(|(_, (topic, _))| *topic).collect();
    if what.is_empty() {
        return None;
    }
    let data = serde_json::to_string(&Changed { what }).unwrap_or_default();
    Some(Bytes::from(format!("event: changed\ndata: {data}\n\n")))
}

impl Admin {
    /// Whether the session still is: one that was ended elsewhere hears no more.
    async fn is_good(&self, visitor: &Visitor) -> bool {
        let row = self.store().session(&visitor.hash, self.clock().now_ms());
        matches!(row.await, Ok(Some(_)))
    }

    fn counters(&self) -> Counters {
        let gateway = &self.api.gateway;
        let plugins = *self.api.registry.changes().borrow();
        let refreshed = self
            .api
            .refreshed
            .load(std::sync::atomic::Ordering::Relaxed);
        [
            (Topic::Keys, refreshed + gateway.cooldowns.changes()),
            (Topic::Plugins, plugins),
            (Topic::Requests, gateway.log.written()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_names_what_rose() {
        let at = |keys, plugins, requests| {
            [
                (Topic::Keys, keys),
                (Topic::Plugins, plugins),
                (Topic::Requests, requests),
            ]
        };
        assert_eq!(notice(&at(1, 1, 1), &at(1, 1, 1)), None);
        assert_eq!(
            notice(&at(1, 1, 1), &at(2, 1, 9)).unwrap(),
            "event: changed\ndata: {\"what\":[\"keys\",\"requests\"]}\n\n"
        );
    }
}
