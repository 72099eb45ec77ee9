//! What the server costs: its throughput, latency, CPU, memory and start, measured from outside in
//! one run against the bare upstream and against a bare pass-through. See `docs/` for what is
//! promised; `cargo xtask bench` builds and runs it.
#![expect(
    clippy::print_stdout,
    reason = "addresses and the table are what this program prints"
)]

mod cells;
mod client;
mod load;
mod measure;
mod pass_through;
mod processes;
mod report;
mod server;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use mock_upstream::{Mock, Settings};
use tokio::io::AsyncReadExt as _;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};

use crate::measure::{Target, Times};
use crate::processes::{Process, READY};
use crate::report::{Measured, Report};
use crate::server::Server;

/// Measures the server against the bare upstream and a bare pass-through.
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Options {
    #[command(subcommand)]
    part: Option<Part>,
    #[command(flatten)]
    run: Run,
}

#[derive(Args)]
struct Run {
    /// The server to measure.
    #[arg(long, value_name = "FILE", default_value = "target/release/freellmapi")]
    server_bin: PathBuf,
    /// Rounds of 0.3 s instead of 2 s.
    #[arg(long)]
    quick: bool,
    /// Only cells whose name holds this.
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    /// Fail if a promise is broken. Needs all cells.
    #[arg(long, conflicts_with = "only")]
    gate: bool,
    /// Write the figures here as well.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// What the bench starts as processes of their own. They end with their standard input.
#[derive(Subcommand)]
enum Part {
    /// The upstream.
    Mock,
    /// The yardstick, in front of the upstream at URL.
    PassThrough {
        #[arg(value_name = "URL")]
        url: String,
    },
}

fn main() -> ExitCode {
    let options = Options::parse();
    let outcome = match options.part {
        Some(Part::Mock) => on(Builder::new_current_thread(), mock()),
        Some(Part::PassThrough { url }) => on(
            Builder::new_multi_thread(),
            pass_through::run(url, announce, orphaned()),
        ),
        None => on(Builder::new_current_thread(), interruptible(options.run)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs `work` to its end on such a runtime.
fn on(mut builder: Builder, work: impl Future<Output = Result<(), String>>) -> Result<(), String> {
    let runtime: Runtime = builder.enable_all().build().map_err(text)?;
    let outcome = runtime.block_on(work);
    // The thread that reads standard input would be waited for.
    runtime.shutdown_background();
    outcome
}

/// [`run`], until somebody wants it to end: then too the processes must be killed, so returning is
/// better than dying.
async fn interruptible(options: Run) -> Result<(), String> {
    let mut terminated = signal(SignalKind::terminate()).map_err(text)?;
    tokio::select! {
        outcome = run(options) => outcome,
        _ = tokio::signal::ctrl_c() => Err("interrupted".to_owned()),
        _ = terminated.recv() => Err("terminated".to_owned()),
    }
}

async fn run(options: Run) -> Result<(), String> {
    let cells: Vec<_> = cells::CELLS
        .into_iter()
        .filter(|cell| cell.name.contains(&options.only))
        .collect();
    let mock = Process::own(&["mock"])?;
    let url = format!("http://{}", mock.address);
    let pass_through = Process::own(&["pass-through", &url])?;
    let server = Server::start(&options.server_bin, &mock).await?;

    let target = |process, guests| Target {
        process,
        key: &server.key,
        guests,
    };
    let targets = [
        target(&mock, false),
        target(&pass_through, false),
        target(&server.process, true),
    ];
    let round = Duration::from_millis(if options.quick { 300 } else { 2000 });
    let warm_up = round / 3;
    let mut measured = Vec::with_capacity(cells.len());
    for cell in cells {
        eprintln!("{} …", cell.name);
        let [mock, pass_through, server] = measure::cell(targets, cell, Times { warm_up, round })
            .await
            .map_err(|error| format!("{}: {error}", cell.name))?;
        measured.push(Measured {
            cell,
            mock,
            pass_through,
            server,
        });
    }

    let report = Report::new(&measured, server.figures);
    print!("{report}");
    if let Some(file) = options.json {
        let json = serde_json::to_string_pretty(&report).map_err(text)?;
        std::fs::write(&file, json).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    if options.gate && !report.kept() {
        return Err("a promise is broken".to_owned());
    }
    Ok(())
}

async fn mock() -> Result<(), String> {
    let settings = Settings {
        words: vec![" word".to_owned(); cells::WORDS],
        record: false,
        ..Settings::default()
    };
    let mock = Mock::bind("127.0.0.1:0", settings).await.map_err(text)?;
    announce(mock.address().to_string());
    orphaned().await;
    Ok(())
}

fn announce(address: String) {
    println!("{READY}{address}");
}

/// Resolves when nobody holds the other end of standard input any more.
async fn orphaned() {
    let mut byte = [0];
    while let Ok(1..) = tokio::io::stdin().read(&mut byte).await {}
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
