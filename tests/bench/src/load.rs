//! Load on one process: a cell's connections, kept open between rounds.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::cells::Cell;
use crate::client::Connection;

/// Open connections and what each of them asks.
#[derive(Debug)]
pub(crate) struct Load {
    cell: Cell,
    request: Arc<[u8]>,
    connections: Vec<Connection>,
}

/// What came of a stretch of load.
#[derive(Debug)]
pub(crate) struct Round {
    /// From the first request to the end of the last reply.
    pub(crate) elapsed: Duration,
    /// How long each request took, until its reply's last byte.
    pub(crate) took: Vec<Duration>,
}

impl Load {
    /// Connects all of the cell's connections.
    ///
    /// # Errors
    /// If one cannot connect.
    pub(crate) async fn open(cell: Cell, to: SocketAddr, key: &str) -> Result<Self, String> {
        let mut connections = Vec::with_capacity(cell.connections);
        for _ in 0..cell.connections {
            connections.push(Connection::open(to).await?);
        }
        Ok(Self {
            cell,
            request: cell.request(to, key).into(),
            connections,
        })
    }

    /// Asks on every connection until `length` is over; what is under way then is still waited for.
    ///
    /// # Errors
    /// If any reply is not a whole good answer: figures of a failing server are worth nothing.
    pub(crate) async fn run(&mut self, length: Duration) -> Result<Round, String> {
        let start = Instant::now();
        let mut tasks = JoinSet::new();
        for mut connection in self.connections.drain(..) {
            let (cell, request) = (self.cell, Arc::clone(&self.request));
            tasks.spawn(async move {
                let mut took = Vec::new();
                let mut asked = start;
                while asked.duration_since(start) < length {
                    let body = connection.ask(&request).await?;
                    let answered = Instant::now();
                    if !cell.accepts(body) {
                        let said = String::from_utf8_lossy(body);
                        return Err(format!("no whole answer: {said}"));
                    }
                    took.push(answered.duration_since(asked));
                    asked = Instant::now();
                }
                Ok((connection, took))
            });
        }
        let mut took = Vec::new();
        while let Some(ended) = tasks.join_next().await {
            let (connection, some) = ended.map_err(|error| error.to_string())??;
            self.connections.push(connection);
            took.extend(some);
        }
        Ok(Round {
            elapsed: start.elapsed(),
            took,
        })
    }
}
