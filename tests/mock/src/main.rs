//! The mock by hand: `mock-upstream --port 4000 --key sk-test --faults`.
#![expect(
    clippy::print_stdout,
    reason = "its address is what this program prints"
)]

use std::process::ExitCode;

use clap::Parser;
use mock_upstream::{Mock, Settings};

/// A healthy OpenAI-like and Gemini-like provider on loopback; with --faults, models named
/// fault-NAME misbehave.
#[derive(Parser)]
struct Options {
    /// Port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// A key to let in, repeatable; with none, everybody is let in.
    #[arg(long)]
    key: Vec<String>,
    /// A model to list, repeatable.
    #[arg(long, default_value = "mock-model")]
    model: Vec<String>,
    /// Let models named fault-NAME misbehave, and print their names.
    #[arg(long)]
    faults: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let options = Options::parse();
    let settings = Settings {
        keys: options.key,
        models: options.model,
        record: false,
        faults: options.faults,
        ..Settings::default()
    };
    let mock = match Mock::bind(&format!("127.0.0.1:{}", options.port), settings).await {
        Ok(mock) => mock,
        Err(error) => {
            eprintln!("cannot listen on port {}: {error}", options.port);
            return ExitCode::FAILURE;
        }
    };
    println!("listening on {}", mock.url());
    if options.faults {
        println!("faults: status-NNN {}", mock_upstream::FAULTS.join(" "));
    }
    match tokio::signal::ctrl_c().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
