//! The command line.

mod account;
mod args;
mod endpoint;
mod key;
mod out;
mod plugin;
mod route;
mod settings;
mod token;

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use clap::FromArgMatches;

use crate::api::door::Origins;
use crate::api::responses::shelf::Room;
use crate::app::{AppError, Base, Ready, Serving, Shop, serve};
use crate::config::{ClaudeModels, trusted_proxies};
use crate::telemetry;
use args::{Cli, Command, ServeArgs};

/// Runs the command that the process was started with.
#[must_use]
pub fn main() -> ExitCode {
    let settings = match settings::Layers::read() {
        Ok(settings) => settings,
        Err(error) => return fail(&error),
    };
    let matches = settings.onto(args::command()).get_matches();
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    if let Err(error) = telemetry::start(cli.log()) {
        return fail(&AppError(error));
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return fail(&AppError::of(error)),
    };
    let done = runtime.block_on(run(cli, settings.encryption_key()));
    // What still runs on blocking threads is not waited for: a guest may be among it.
    runtime.shutdown_background();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn fail(error: &AppError) -> ExitCode {
    out::complain(&format!("error: {error}"));
    ExitCode::FAILURE
}

async fn run(cli: Cli, encryption_key: Option<String>) -> Result<(), AppError> {
    let places = cli.places.resolve();
    if let Command::Plugin(command) = &cli.command
        && let Some(done) = plugin::alone(command).await
    {
        return done;
    }
    let shop_settings = cli.shop_settings()?;
    let base = Base::open(&places, encryption_key.as_deref()).await?;
    match cli.command {
        Command::Serve(args) => serve_until_told(base, &shop_settings, &args).await,
        Command::Key(command) => key::run(base, &shop_settings, command).await,
        Command::Endpoint(command) => endpoint::run(base, &shop_settings, command).await,
        Command::Plugin(command) => plugin::run(base, &shop_settings, command).await,
        Command::Route(command) => route::run(base, &shop_settings, command).await,
        Command::Token(command) => token::run(&base, command).await,
        Command::Account(command) => account::run(&base, command).await,
    }
}

async fn serve_until_told(
    base: Base,
    settings: &crate::app::ShopSettings,
    args: &ServeArgs,
) -> Result<(), AppError> {
    let claude_models = ClaudeModels::parse(&args.claude_models).map_err(AppError)?;
    let shop = Shop::open(base, settings).await?;
    #[cfg(unix)]
    if shop.registry.compiled() > 0 && !has_started_over() {
        shop.base.store.close().await;
        return Err(start_over());
    }
    // Listened for from here on: whoever starts a server may stop it as soon as it says that it listens.
    let stop = told_to_stop();
    let serving = Serving {
        address: SocketAddr::new(args.host, args.port),
        timeouts: settings.timeouts,
        provider_times: settings.provider_times.clone(),
        probe: Duration::from_secs(args.probe_minutes.saturating_mul(60)),
        policy: args.policy(),
        max_attempts: args.max_attempts,
        body_limit: args.body_limit,
        ollama: args.ollama.into(),
        responses: Room {
            age: Duration::from_secs(u64::from(args.responses_days) * 24 * 3_600),
            bytes: u64::from(args.responses_mib) << 20,
        },
        claude_models,
        origins: Origins::parse(&args.cors_origins).map_err(AppError)?,
        trusted_proxies: trusted_proxies(&args.trusted_proxies).map_err(AppError)?,
    };
    let ready = |ready: Ready<'_>| {
        if let Some(token) = ready.token {
            out::line("This server's API key, shown now and by `freellmapi token show`:");
            out::line(&format!("  {token}"));
        }
        if let Some(code) = ready.code {
            out::line(
                "The dashboard has no account yet. It asks for this code, which is good for one:",
            );
            out::line(&format!("  {code}"));
        }
        out::line(&format!("listening on http://{}", ready.address));
    };
    serve(shop, serving, ready, stop).await
}

/// Set for the process that starts over, which must not do so again.
#[cfg(unix)]
const STARTED_OVER: &str = "FREELLMAPI_STARTED_OVER";

/// Whether this process was started over by itself.
#[cfg(unix)]
fn has_started_over() -> bool {
    std::env::var_os(STARTED_OVER).is_some()
}

/// Begins again in the same process. Compiling leaves twice the server's own memory in the hands of its allocator; what
/// was compiled now comes from the cache within some tens of milliseconds. Returns only if that fails.
#[cfg(unix)]
fn start_over() -> AppError {
    use std::os::unix::process::CommandExt;
    let program = match std::env::current_exe() {
        Ok(program) => program,
        Err(error) => return AppError::of(error),
    };
    let mut again = std::process::Command::new(program);
    again
        .args(std::env::args_os().skip(1))
        .env(STARTED_OVER, "1");
    AppError::of(again.exec())
}

/// Ctrl-C, or what a service manager sends. Listens from the call on, and not from the first poll.
#[cfg(unix)]
fn told_to_stop() -> impl Future<Output = ()> + Send + 'static {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = [SignalKind::terminate(), SignalKind::interrupt()].map(signal);
    async move {
        match signals {
            [Ok(mut terminate), Ok(mut interrupt)] => {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
            }
            // Without signals the process can only be killed.
            _ => std::future::pending().await,
        }
    }
}

#[cfg(not(unix))]
async fn told_to_stop() {
    let _ = tokio::signal::ctrl_c().await;
}
