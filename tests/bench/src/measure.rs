//! Rounds in turn over the processes under test, so that a noisy moment meets all of them.

use std::net::SocketAddr;
use std::time::Duration;

use crate::cells::Cell;
use crate::client::Connection;
use crate::load::{Load, Round};
use crate::processes::Process;
use crate::server::Guests;

/// Rounds of each cell and process.
const ROUNDS: usize = 3;

/// One of the processes under test.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'a> {
    pub(crate) process: &'a Process,
    pub(crate) key: &'a str,
    /// Whether its `/healthz` tells of guests.
    pub(crate) guests: bool,
}

/// How long to load each process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) warm_up: Duration,
    pub(crate) round: Duration,
}

/// One cell of one process.
#[derive(Clone, Debug)]
pub(crate) struct Figures {
    /// Requests per second of each round.
    pub(crate) rates: [f64; ROUNDS],
    /// All requests' times, sorted.
    took: Vec<Duration>,
    /// The process's CPU time over all rounds.
    cpu: Duration,
    /// What its guests did over all rounds; `None` where there are none.
    guests: Option<Guests>,
    /// Resident bytes after the last round, connections still open.
    pub(crate) resident: Option<u64>,
}

/// Measures a cell on all targets.
///
/// # Errors
/// If a target answers wrongly.
pub(crate) async fn cell<const N: usize>(
    targets: [Target<'_>; N],
    cell: Cell,
    times: Times,
) -> Result<[Figures; N], String> {
    let mut loads = Vec::with_capacity(N);
    for target in &targets {
        // Only the server translates.
        let cell = if target.guests { cell } else { cell.plain() };
        let mut load = Load::open(cell, target.process.address, target.key).await?;
        load.run(times.warm_up).await?;
        loads.push(load);
    }
    let mut figures = targets.map(|target| Figures {
        rates: [0.0; ROUNDS],
        took: Vec::new(),
        cpu: Duration::ZERO,
        guests: target.guests.then(Guests::default),
        resident: None,
    });
    for round in 0..ROUNDS {
        // Each round begins with another one, so that none is always the first.
        for turn in 0..N {
            let at = (round + turn) % N;
            figures[at]
                .round(round, targets[at], &mut loads[at], times.round)
                .await?;
        }
    }
    for figures in &mut figures {
        figures.took.sort_unstable();
    }
    Ok(figures)
}

impl Figures {
    async fn round(
        &mut self,
        number: usize,
        target: Target<'_>,
        load: &mut Load,
        length: Duration,
    ) -> Result<(), String> {
        let guests = target.guests().await?;
        let cpu = target.process.cpu();
        let Round { elapsed, took } = load.run(length).await?;
        self.cpu += target.process.cpu().since(&cpu);
        let guests_now = target.guests().await?;
        if let Some(total) = &mut self.guests {
            total.calls += guests_now.calls.saturating_sub(guests.calls);
            total.cpu_us += guests_now.cpu_us.saturating_sub(guests.cpu_us);
        }
        self.rates[number] = took.len() as f64 / elapsed.as_secs_f64();
        self.took.extend(took);
        self.resident = target.process.resident();
        Ok(())
    }

    /// Requests per second: the median round's.
    pub(crate) fn rate(&self) -> f64 {
        median(self.rates)
    }

    /// What share of `other`'s requests per second: the median of the rounds' shares.
    pub(crate) fn share_of(&self, other: &Self) -> f64 {
        let mut shares = self.rates;
        for (share, other) in shares.iter_mut().zip(other.rates) {
            *share /= other;
        }
        median(shares)
    }

    /// The time in µs that `percent` of the requests took at most.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        micros(percentile(&self.took, percent))
    }

    /// CPU time in µs of the process per request.
    pub(crate) fn cpu(&self) -> f64 {
        micros(self.cpu) / self.requests()
    }

    /// Guests' CPU time in µs per request.
    pub(crate) fn guest_cpu(&self) -> Option<f64> {
        Some(self.guests?.cpu_us as f64 / self.requests())
    }

    /// Calls into guests per request.
    pub(crate) fn guest_calls(&self) -> Option<f64> {
        Some(self.guests?.calls as f64 / self.requests())
    }

    fn requests(&self) -> f64 {
        self.took.len() as f64
    }
}

impl Target<'_> {
    async fn guests(&self) -> Result<Guests, String> {
        if !self.guests {
            return Ok(Guests::default());
        }
        guests(self.process.address).await
    }
}

/// What the server at `address` tells of its guests.
///
/// # Errors
/// If it does not.
pub(crate) async fn guests(address: SocketAddr) -> Result<Guests, String> {
    let request = format!("GET /healthz HTTP/1.1\r\nhost: {address}\r\n\r\n");
    let mut connection = Connection::open(address).await?;
    let body = connection.ask(request.as_bytes()).await?;
    serde_json::from_slice(body).map_err(|error| format!("/healthz: {error}"))
}

/// The smallest of the `sorted` times that at least `percent` of them do not exceed; zero of none.
pub(crate) fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let rank = (sorted.len() * percent).div_ceil(100);
    let at = rank.saturating_sub(1);
    sorted.get(at).copied().unwrap_or_default()
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn median(mut values: [f64; ROUNDS]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[ROUNDS / 2]
}
