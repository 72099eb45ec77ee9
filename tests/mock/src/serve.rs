//! Accepts connections and answers request after request on each.

use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use bytes::Bytes;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::answer::Answer;
use crate::faults;
use crate::mock::Shared;
use crate::play::{self, Outcome};
use crate::record::Recorded;
use crate::usual::{self, Asked, Out};
use crate::wire::{Frame, Reader, View};

/// Counts a connection as open while it lives, also when its task is aborted.
struct Open(Arc<Shared>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.ledger.take(&self.0.ledger.open);
    }
}

/// Counts a request as in flight while it lives.
struct InFlight<'a>(&'a Shared);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.ledger.take(&self.0.ledger.in_flight);
    }
}

pub(crate) async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // A failed accept is a client that left at once, or no free descriptor: go on.
                let Ok((stream, _)) = accepted else { continue };
                let number = shared.ledger.accepted.fetch_add(1, Ordering::SeqCst) + 1;
                shared.ledger.add(&shared.ledger.open);
                let open = Open(Arc::clone(&shared));
                connections.spawn(async move {
                    // Errors here are clients that left or spoke no HTTP: the counters tell.
                    let _ = connection(stream, &open.0, number).await;
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Answers that one connection gives before the others have their turn.
const IN_A_ROW: usize = 8;

async fn connection(mut stream: TcpStream, shared: &Shared, number: usize) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut served = 0_usize;
    let ledger = &shared.ledger;
    let mut reader = Reader::default();
    let mut out = Out::default();
    while let Some(frame) = reader.next(&mut stream).await? {
        let (scripted, keep_alive) = plan(shared, &reader, &frame, number, &mut out)?;
        ledger.in_flight.fetch_add(1, Ordering::SeqCst);
        let flight = InFlight(shared);
        ledger.add(&ledger.requests);
        let outcome = match scripted {
            None => write_usual(&mut stream, &out, keep_alive).await,
            Some(answer) if answer.usual => match play::pauses(&mut stream, &answer.before).await {
                Outcome::Next => write_usual(&mut stream, &out, keep_alive).await,
                other => other,
            },
            Some(answer) => play::answer(&mut stream, &answer, keep_alive).await,
        };
        match outcome {
            Outcome::Left => ledger.add(&ledger.cancelled),
            Outcome::Next | Outcome::Over => ledger.add(&ledger.answered),
        }
        drop(flight);
        if !matches!(outcome, Outcome::Next) {
            break;
        }
        // A client that is always ahead must not keep the others out. Yielding each time would put a lone
        // connection's latency at the mercy of the scheduler.
        served += 1;
        if served.is_multiple_of(IN_A_ROW) {
            tokio::task::yield_now().await;
        }
    }
    Ok(())
}

/// Records the request, and either names the script's answer or fills `out` with the usual one, or
/// both where the script asks for the usual one.
fn plan(
    shared: &Shared,
    reader: &Reader,
    frame: &Frame,
    number: usize,
    out: &mut Out,
) -> io::Result<(Option<Arc<Answer>>, bool)> {
    let view = reader.view(frame).ok_or(io::ErrorKind::InvalidData)?;
    if shared.settings.record {
        shared.ledger.push(recorded(&view, frame, number));
    }
    let asked = Asked::of(&view);
    let mut scripted = {
        let rules = shared.rules.read().unwrap_or_else(PoisonError::into_inner);
        let key = asked.key;
        rules
            .iter()
            .rev()
            .find_map(|rule| rule.take(view.path, asked.model.as_deref(), key))
    };
    if scripted.is_none() && shared.settings.faults {
        let name = asked
            .model
            .as_deref()
            .and_then(|model| model.strip_prefix("fault-"));
        scripted = name.and_then(faults::fault).map(Arc::new);
    }
    if scripted.as_ref().is_none_or(|answer| answer.usual) {
        usual::answer(&shared.settings, &view, &asked, out);
    }
    Ok((scripted, view.keep_alive))
}

async fn write_usual(stream: &mut TcpStream, out: &Out, keep_alive: bool) -> Outcome {
    for write in out.writes() {
        if stream.write_all(write).await.is_err() {
            return Outcome::Left;
        }
    }
    if keep_alive {
        Outcome::Next
    } else {
        Outcome::Over
    }
}

fn recorded(view: &View<'_>, frame: &Frame, connection: usize) -> Recorded {
    Recorded {
        at: frame.at,
        connection,
        method: view.method.to_owned(),
        path: view.path.to_owned(),
        query: view.query.to_owned(),
        headers: view
            .headers()
            .map(|h| {
                (
                    h.name.to_owned(),
                    String::from_utf8_lossy(h.value).into_owned(),
                )
            })
            .collect(),
        body: Bytes::copy_from_slice(view.body),
    }
}
