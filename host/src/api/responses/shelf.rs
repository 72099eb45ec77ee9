//! Answers that are kept: written behind the client's back, and found from the moment they are whole.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::ask::{Past, References};
use super::items;
use crate::clock::Clock;
use crate::json::{Options, Value, parse};
use crate::store::{KeptResponse, Store, StoreError};
use crate::vault::Vault;

/// Answers that are written together.
const BATCH: usize = 32;

/// What may wait to be written, bytes. Beyond it answers are not kept, and the log says so.
const MOST_WAITING: usize = 64 << 20;

/// Answers that one request may refer to, and their bytes.
const MOST_TURNS: usize = 2_000;
const MOST_HISTORY: usize = 64 << 20;

/// How much is kept, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// After this an answer is gone. Zero: nothing is kept.
    pub age: Duration,
    /// Of one client key, bytes; the oldest go first. Zero: nothing is kept.
    pub bytes: u64,
}

/// The kept answers of all clients. Cheap to clone.
#[derive(Clone)]
pub struct Shelf {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    vault: Vault,
    clock: Clock,
    room: Room,
    queue: mpsc::UnboundedSender<Job>,
    waiting: Mutex<Waiting>,
}

/// Answers that are whole and not yet in the store, by id.
#[derive(Default)]
struct Waiting {
    rows: HashMap<String, Arc<KeptResponse>>,
    bytes: usize,
}

enum Job {
    Keep(Arc<KeptResponse>),
    Remove {
        client: String,
        id: String,
        done: oneshot::Sender<Result<bool, StoreError>>,
    },
    Close(oneshot::Sender<()>),
}

/// An answer to be kept, before it is there.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) id: String,
    pub(super) client: String,
    pub(super) previous: Option<String>,
    pub(super) created_ms: i64,
    /// The items it was asked with.
    pub(super) input: Vec<Value<'static>>,
}

/// What was not found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// The response of this id.
    Response(String),
    /// The response to go on from, or one behind it.
    Previous(String),
    /// There is more of it than can be put together.
    TooLong,
    /// The store refused; the log says why.
    Unreadable,
}

impl Shelf {
    /// Starts the writer, which ends after [`Shelf::close`].
    #[must_use]
    pub fn start(store: Store, vault: Vault, clock: Clock, room: Room) -> (Self, JoinHandle<()>) {
        let (queue, jobs) = mpsc::unbounded_channel();
        let shelf = Self {
            inner: Arc::new(Inner {
                store,
                vault,
                clock,
                room,
                queue,
                waiting: Mutex::default(),
            }),
        };
        let writer = tokio::spawn(write(Arc::clone(&shelf.inner), jobs));
        (shelf, writer)
    }

    /// Whether anything is kept at all.
    #[must_use]
    pub fn keeps(&self) -> bool {
        !self.inner.room.age.is_zero() && self.inner.room.bytes > 0
    }

    /// Writes what waits and takes no more.
    pub async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.inner.queue.send(Job::Close(done)).is_ok() {
            let _ = closed.await;
        }
    }

    /// Drops what is too old.
    ///
    /// # Errors
    /// A store that refuses.
    pub async fn prune(&self) -> Result<u64, StoreError> {
        self.inner
            .store
            .prune_responses(self.inner.since_ms())
            .await
    }

    pub(super) fn vault(&self) -> &Vault {
        &self.inner.vault
    }

    /// Keeps an answer. `response` is its object as JSON. Never waits.
    pub(super) fn keep(&self, draft: Draft, response: &[u8]) {
        let input = Value::Array(draft.input).to_vec();
        let body = [
            &b"{\"input\":"[..],
            &input,
            b",\"response\":",
            response,
            b"}",
        ]
        .concat();
        let row = Arc::new(KeptResponse {
            id: draft.id,
            client_key: draft.client,
            previous: draft.previous,
            created_ms: draft.created_ms,
            body: body.into(),
        });
        {
            let mut waiting = self.inner.waiting.lock();
            if waiting.bytes + row.body.len() > MOST_WAITING {
                tracing::warn!(id = %row.id, "an answer is not kept: too many wait to be written");
                return;
            }
            waiting.bytes += row.body.len();
            waiting.rows.insert(row.id.clone(), Arc::clone(&row));
        }
        // The writer is gone only when the server is going down.
        let _ = self.inner.queue.send(Job::Keep(row));
    }

    /// A kept answer: `{"input": […], "response": {…}}`.
    pub(super) async fn find(&self, client: &str, id: &str) -> Result<Option<bytes::Bytes>, Lost> {
        Ok(self.row(client, id).await?.map(|row| row.body.clone()))
    }

    /// Removes one; whether it was there.
    pub(super) async fn remove(&self, client: &str, id: &str) -> Result<bool, Lost> {
        let (done, removed) = oneshot::channel();
        // By the writer, so that one that waits to be written is not written afterwards.
        let job = Job::Remove {
            client: client.to_owned(),
            id: id.to_owned(),
            done,
        };
        if self.inner.queue.send(job).is_err() {
            return Err(Lost::Unreadable);
        }
        match removed.await {
            Ok(Ok(removed)) => Ok(removed),
            Ok(Err(error)) => Err(unreadable(&error)),
            Err(_) => Err(Lost::Unreadable),
        }
    }

    /// Everything that a request refers to.
    pub(super) async fn past(&self, client: &str, references: &References) -> Result<Past, Lost> {
        let mut past = Past::default();
        let mut turns = Vec::new();
        let mut bytes = 0;
        let mut next = references.previous.clone();
        while let Some(id) = next.take() {
            let Some(row) = self.row(client, &id).await? else {
                return Err(Lost::Previous(id));
            };
            bytes += row.body.len();
            if turns.len() == MOST_TURNS || bytes > MOST_HISTORY {
                return Err(Lost::TooLong);
            }
            next.clone_from(&row.previous);
            turns.push(items_of(&row.body)?);
        }
        past.history = turns.into_iter().rev().flatten().collect();
        let answers: BTreeSet<String> = references
            .items
            .iter()
            .filter_map(|id| items::response_of(id))
            .collect();
        if answers.len() > MOST_TURNS {
            return Err(Lost::TooLong);
        }
        for answer in &answers {
            let Some(row) = self.row(client, answer).await? else {
                continue;
            };
            bytes += row.body.len();
            if bytes > MOST_HISTORY {
                return Err(Lost::TooLong);
            }
            for item in items_of(&row.body)? {
                if let Some(id) = item.get("id").and_then(Value::as_str) {
                    past.items.insert(id.into_owned(), item.clone());
                }
            }
        }
        Ok(past)
    }

    async fn row(&self, client: &str, id: &str) -> Result<Option<Arc<KeptResponse>>, Lost> {
        let inner = &self.inner;
        let waiting = inner.waiting.lock().rows.get(id).cloned();
        if let Some(row) = waiting {
            return Ok((row.client_key == client).then_some(row));
        }
        let row = inner
            .store
            .response(&inner.vault, client, id, inner.since_ms())
            .await;
        row.map(|row| row.map(Arc::new))
            .map_err(|error| unreadable(&error))
    }
}

impl Inner {
    /// What is older is gone, milliseconds since 1970 UTC.
    fn since_ms(&self) -> i64 {
        let age = i64::try_from(self.room.age.as_millis()).unwrap_or(i64::MAX);
        self.clock.now_ms().saturating_sub(age)
    }
}

/// The writer.
async fn write(inner: Arc<Inner>, mut jobs: mpsc::UnboundedReceiver<Job>) {
    let mut some = Vec::with_capacity(BATCH);
    while jobs.recv_many(&mut some, BATCH).await > 0 {
        let mut rows = Vec::new();
        for job in some.drain(..) {
            match job {
                Job::Keep(row) => rows.push(row),
                Job::Remove { client, id, done } => {
                    put(&inner, std::mem::take(&mut rows)).await;
                    let _ = done.send(inner.store.remove_response(&client, &id).await);
                }
                Job::Close(done) => {
                    put(&inner, std::mem::take(&mut rows)).await;
                    let _ = done.send(());
                    return;
                }
            }
        }
        put(&inner, rows).await;
    }
}

async fn put(inner: &Inner, rows: Vec<Arc<KeptResponse>>) {
    if rows.is_empty() {
        return;
    }
    if let Err(error) = inner
        .store
        .keep_responses(&inner.vault, &rows, inner.room.bytes)
        .await
    {
        tracing::error!(%error, "answers could not be kept");
    }
    let mut waiting = inner.waiting.lock();
    for row in rows {
        if waiting.rows.remove(&row.id).is_some() {
            waiting.bytes = waiting.bytes.saturating_sub(row.body.len());
        }
    }
}

/// The items of a turn: those it was asked with, then those it answered.
fn items_of(body: &[u8]) -> Result<Vec<Value<'static>>, Lost> {
    let kept = parse(body, &Options::STRICT).map_err(|_| Lost::Unreadable)?;
    let list = |pointer: &str| {
        kept.pointer(pointer)
            .and_then(Value::as_array)
            .unwrap_or_default()
    };
    let all = list("/input").iter().chain(list("/response/output"));
    Ok(all.cloned().map(Value::into_owned).collect())
}

fn unreadable(error: &StoreError) -> Lost {
    tracing::error!(%error, "kept answers cannot be read");
    Lost::Unreadable
}
