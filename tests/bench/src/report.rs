//! The figures: as a table, as promises kept or broken, and as JSON.

use std::fmt::{self, Display};

use serde::Serialize;

use crate::cells::{self, Cell};
use crate::measure::Figures;
use crate::server::Start;

/// A run's outcome. What is JSON is named as here.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    rows: Vec<Row>,
    cold_start_ms: f64,
    warm_start_ms: f64,
    /// Resident memory, millions of bytes.
    rest_mb: f64,
    promises: Vec<Promise>,
}

/// One cell of one process.
#[derive(Debug, Serialize)]
struct Row {
    cell: &'static str,
    process: &'static str,
    requests_per_s: f64,
    p50_us: f64,
    p99_us: f64,
    /// Above the mock asked directly.
    added_p50_us: f64,
    added_p99_us: f64,
    cpu_us_per_request: f64,
    guest_cpu_us_per_request: Option<f64>,
    guest_calls_per_request: Option<f64>,
    /// Resident memory under load, millions of bytes.
    loaded_mb: Option<f64>,
}

/// What `docs/` promises, and what came of it.
#[derive(Debug, Serialize)]
struct Promise {
    text: &'static str,
    found: f64,
    kept: bool,
}

/// The same cell of all processes.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) cell: Cell,
    pub(crate) mock: Figures,
    pub(crate) pass_through: Figures,
    pub(crate) server: Figures,
}

impl Report {
    pub(crate) fn new(measured: &[Measured], start: Start) -> Self {
        let rest_mb = millions(start.at_rest);
        let warm_start_ms = start.warm.as_secs_f64() * 1e3;
        let find = |name| measured.iter().find(|all| all.cell.name == name);
        let mut promises = Vec::new();
        if let Some(all) = find(cells::BUSY) {
            let share = all.server.share_of(&all.pass_through) * 100.0;
            promises.push(Promise {
                text: "at least 40 % of the pass-through's requests/s at 32 connections",
                found: share,
                kept: share >= 40.0,
            });
        }
        if let Some(all) = find(cells::ALONE) {
            let added = all.server.percentile(50) - all.mock.percentile(50);
            promises.push(Promise {
                text: "less than 150 µs added at p50, 1 connection",
                found: added,
                kept: added < 150.0,
            });
        }
        if let (Some(plain), Some(translated)) = (find(cells::STREAM), find(cells::TRANSLATED)) {
            let times = translated.server.cpu() / plain.server.cpu();
            promises.push(Promise {
                text: "a stream translated to Anthropic's for less than 2 times the CPU of one that is not",
                found: times,
                kept: times < 2.0,
            });
        }
        promises.push(Promise {
            text: "less than 300 ms for a warm start",
            found: warm_start_ms,
            kept: warm_start_ms < 300.0,
        });
        promises.push(Promise {
            text: "less than 60 MB at rest",
            found: rest_mb,
            kept: rest_mb < 60.0,
        });
        Self {
            rows: measured.iter().flat_map(Measured::rows).collect(),
            cold_start_ms: start.cold.as_secs_f64() * 1e3,
            warm_start_ms,
            rest_mb,
            promises,
        }
    }

    /// Whether every promise was kept.
    pub(crate) fn kept(&self) -> bool {
        self.promises.iter().all(|promise| promise.kept)
    }
}

impl Measured {
    fn rows(&self) -> [Row; 3] {
        [
            self.row("mock", &self.mock),
            self.row("pass-through", &self.pass_through),
            self.row("server", &self.server),
        ]
    }

    fn row(&self, process: &'static str, figures: &Figures) -> Row {
        let p50_us = figures.percentile(50);
        let p99_us = figures.percentile(99);
        Row {
            cell: self.cell.name,
            process,
            requests_per_s: figures.rate(),
            p50_us,
            p99_us,
            added_p50_us: p50_us - self.mock.percentile(50),
            added_p99_us: p99_us - self.mock.percentile(99),
            cpu_us_per_request: figures.cpu(),
            guest_cpu_us_per_request: figures.guest_cpu(),
            guest_calls_per_request: figures.guest_calls(),
            loaded_mb: figures.resident.map(millions),
        }
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<15} {:<13} {:>8} {:>8} {:>8} {:>9} {:>9} {:>8} {:>9} {:>6} {:>7}",
            "cell, conns",
            "process",
            "req/s",
            "p50 µs",
            "p99 µs",
            "+p50 µs",
            "+p99 µs",
            "CPU µs",
            "guest µs",
            "calls",
            "RSS MB"
        )?;
        for row in &self.rows {
            writeln!(f, "{row}")?;
        }
        writeln!(
            f,
            "\nstart: cold {:.0} ms, warm {:.0} ms; at rest {:.1} MB\n",
            self.cold_start_ms, self.warm_start_ms, self.rest_mb
        )?;
        for promise in &self.promises {
            let word = if promise.kept { "PASS" } else { "FAIL" };
            writeln!(f, "{word}  {}: {:.1}", promise.text, promise.found)?;
        }
        Ok(())
    }
}

impl Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_dash =
            |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.1}"));
        write!(
            f,
            "{:<15} {:<13} {:>8.0} {:>8.0} {:>8.0} {:>9.0} {:>9.0} {:>8.1} {:>9} {:>6} {:>7}",
            self.cell,
            self.process,
            self.requests_per_s,
            self.p50_us,
            self.p99_us,
            self.added_p50_us,
            self.added_p99_us,
            self.cpu_us_per_request,
            or_dash(self.guest_cpu_us_per_request),
            or_dash(self.guest_calls_per_request),
            or_dash(self.loaded_mb),
        )
    }
}

fn millions(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
