//! What is measured: each kind of load on each target, in alternating rounds.

use std::time::Duration;

use tokio::net::TcpStream;

use crate::load;
use crate::process::Process;

/// Rounds of each cell.
const ROUNDS: usize = 3;

/// Name, connections, body bytes, streamed.
const LOADS: [(&str, usize, usize, bool); 8] = [
    ("1 conn 1 kB", 1, 1_000, false),
    ("32 conn 1 kB", 32, 1_000, false),
    ("256 conn 1 kB", 256, 1_000, false),
    ("1 conn 60 kB", 1, 60_000, false),
    ("32 conn 60 kB", 32, 60_000, false),
    ("256 conn 60 kB", 256, 60_000, false),
    ("1 conn stream", 1, 1_000, true),
    ("32 conn stream", 32, 1_000, true),
];

/// One load on one target.
#[derive(Debug, Default)]
pub(crate) struct Cell {
    pub(crate) load: &'static str,
    pub(crate) target: &'static str,
    pub(crate) failed: usize,
    /// Requests a second.
    pub(crate) rate: f64,
    /// Microseconds.
    pub(crate) p50: u32,
    pub(crate) p99: u32,
    /// Microseconds of the target's CPU a request.
    pub(crate) cpu: f64,
    /// Microseconds in guests a request; what the server says of itself.
    pub(crate) guest: Option<f64>,
}

/// A target's memory, kB, and its start.
#[derive(Debug)]
pub(crate) struct Weight {
    pub(crate) target: &'static str,
    pub(crate) rest_kb: u64,
    pub(crate) load_kb: u64,
    pub(crate) start: Duration,
}

/// All that was measured.
pub(crate) struct Figures {
    pub(crate) cells: Vec<Cell>,
    pub(crate) weights: Vec<Weight>,
}

pub(crate) async fn measure(targets: &[(&'static str, &Process)], time: Duration) -> Figures {
    let mut weights: Vec<_> = targets
        .iter()
        .map(|(target, process)| {
            let rest_kb = process.rss_kb();
            Weight {
                target,
                rest_kb,
                load_kb: rest_kb,
                start: process.start,
            }
        })
        .collect();
    let mut cells = Vec::new();
    for (load, connections, size, streamed) in LOADS {
        let mut row: Vec<_> = targets
            .iter()
            .map(|_| (load::Round::default(), 0_u64, None))
            .collect();
        for round in 0..=ROUNDS {
            for (at, (_, process)) in targets.iter().enumerate() {
                let request = request(process, size, streamed);
                if round == 0 {
                    load::run(process.address, &request, connections, time / 10).await;
                    continue;
                }
                let (cpu, guest) = (process.cpu_us(), guest_us(process).await);
                let got = load::run(process.address, &request, connections, time).await;
                weights[at].load_kb = weights[at].load_kb.max(process.rss_kb());
                let (sum, cpu_sum, guest_sum) = &mut row[at];
                *cpu_sum += process.cpu_us().saturating_sub(cpu);
                if let Some((before, after)) = guest.zip(guest_us(process).await) {
                    *guest_sum = Some(guest_sum.unwrap_or(0) + after.saturating_sub(before));
                }
                sum.latencies.extend(got.latencies);
                sum.failed += got.failed;
                sum.seconds += got.seconds;
            }
        }
        for ((target, _), (mut sum, cpu, guest)) in targets.iter().zip(row) {
            sum.latencies.sort_unstable();
            let count = sum.latencies.len().max(1) as f64;
            let at = |part: usize| {
                sum.latencies
                    .get(sum.latencies.len() * part / 100)
                    .copied()
                    .unwrap_or(0)
            };
            cells.push(Cell {
                load,
                target,
                failed: sum.failed,
                rate: sum.latencies.len() as f64 / sum.seconds,
                p50: at(50),
                p99: at(99),
                cpu: cpu as f64 / count,
                guest: guest.map(|guest: u64| guest as f64 / count),
            });
        }
    }
    Figures { cells, weights }
}

fn request(process: &Process, size: usize, streamed: bool) -> Vec<u8> {
    let text = "word ".repeat(size / 5);
    let body = format!(
        r#"{{"model":"mock-model","messages":[{{"role":"user","content":"{text}"}}],"stream":{streamed}}}"#
    );
    let key = process.key.as_deref().unwrap_or("none");
    format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        process.address,
        body.len()
    )
    .into_bytes()
}

/// Microseconds in guests so far, by `/healthz`; `None` for a target that does not tell.
async fn guest_us(process: &Process) -> Option<u64> {
    process.key.as_ref()?;
    let mut socket = TcpStream::connect(process.address).await.ok()?;
    let request = format!("GET /healthz HTTP/1.1\r\nhost: {}\r\n\r\n", process.address);
    let mut buffer = Vec::new();
    load::exchange(&mut socket, request.as_bytes(), &mut buffer)
        .await
        .ok()?;
    let body = buffer.windows(4).position(|end| end == b"\r\n\r\n")? + 4;
    let health: serde_json::Value = serde_json::from_slice(&buffer[body..]).ok()?;
    health.get("guest_cpu_us_total")?.as_u64()
}
