//! The bench: mock direct, a bare pass-through and the server, measured in one run, alternating.
#![expect(clippy::print_stdout, reason = "figures are what this program prints")]

mod cells;
mod load;
mod pass;
mod process;
mod report;

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Duration;

use clap::{Parser, Subcommand};
use mock_upstream::{Mock, Settings};

use process::Process;

/// Measures what the server adds to a request.
#[derive(Parser)]
struct Options {
    /// The server's binary; without one, only the mock and the pass-through are measured.
    #[arg(long)]
    server_bin: Option<PathBuf>,
    /// Half a second a round instead of three seconds.
    #[arg(long)]
    quick: bool,
    /// Milliseconds of a round, instead of either.
    #[arg(long)]
    round_ms: Option<u64>,
    /// End with 1 if a promise is not kept.
    #[arg(long)]
    gate: bool,
    /// Write the figures here, as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    #[command(subcommand)]
    part: Option<Part>,
}

/// The bench starts these as processes of their own.
#[derive(Subcommand)]
enum Part {
    /// The model provider.
    Mock,
    /// The pass-through to a base URL.
    Pass { base: String },
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let done = match &options.part {
        Some(Part::Mock) => mock().await.map(|()| true),
        Some(Part::Pass { base }) => pass::serve(base.clone(), |address| {
            println!("listening on http://{address}");
        })
        .await
        .map(|()| true),
        None => measure(&options).await,
    };
    match done {
        Ok(kept) if kept || !options.gate => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn mock() -> Result<(), String> {
    let settings = Settings {
        record: false,
        // With the role, the finish and `[DONE]`: 100 events.
        words: vec!["token ".to_owned(); 97],
        ..Settings::default()
    };
    let mock = Mock::bind("127.0.0.1:0", settings)
        .await
        .map_err(|error| error.to_string())?;
    println!("listening on {}", mock.url());
    std::future::pending().await
}

async fn measure(options: &Options) -> Result<bool, String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let mock = Process::start(Command::new(&own).arg("mock"))?;
    let base = format!("http://{}", mock.address);
    let pass = Process::start(Command::new(&own).args(["pass", &base]))?;
    let data = tempfile::tempdir().map_err(|error| error.to_string())?;
    let server = match &options.server_bin {
        Some(binary) => Some(server(binary, data.path(), &base)?),
        None => None,
    };
    let mut targets = vec![("mock", &mock), ("pass-through", &pass)];
    targets.extend(server.as_ref().map(|server| ("server", server)));
    let usual = if options.quick { 500 } else { 3000 };
    let time = Duration::from_millis(options.round_ms.unwrap_or(usual));
    let figures = cells::measure(&targets, time).await;
    let kept = report::print(&figures);
    if let Some(file) = &options.json {
        std::fs::write(file, report::json(&figures).to_string())
            .map_err(|error| error.to_string())?;
    }
    Ok(kept)
}

/// The server on a fresh data folder, with the mock as its one endpoint. It is started twice: the first
/// start makes keys and compiles plugins, the second is the warm one.
fn server(binary: &std::path::Path, data: &std::path::Path, mock: &str) -> Result<Process, String> {
    let command = |arguments: &[&str]| {
        let mut command = Command::new(binary);
        command.arg("--data-dir").arg(data).args(arguments);
        command
    };
    let url = format!("{mock}/v1");
    let added = command(&[
        "endpoint",
        "add",
        "mock",
        "--url",
        &url,
        "--model",
        "mock-model",
    ])
    .output()
    .map_err(|error| error.to_string())?;
    if !added.status.success() {
        return Err(format!(
            "endpoint add: {}",
            String::from_utf8_lossy(&added.stderr)
        ));
    }
    let key = Process::start(&mut command(&["serve", "--port", "0"]))?
        .key
        .clone();
    let mut warm = Process::start(&mut command(&["serve", "--port", "0"]))?;
    let shown = || {
        let out = command(&["token", "show"]).output().ok()?;
        Some(String::from_utf8_lossy(&out.stdout).trim().to_owned())
    };
    warm.key = key.or_else(shown);
    Ok(warm)
}
