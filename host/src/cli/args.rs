//! Commands, flags and their environment variables.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use super::{account, endpoint, key, plugin, route, token};
use crate::api::ollama::Mode;
use crate::app::{AppError, ShopSettings};
use crate::config::{Places, Policy, ProviderTimes, Rescue, Timeouts, upstream_map};
use crate::plugins::choice::Trust;

/// One server that stacks the free tiers of LLM providers behind one key.
#[derive(Debug, Parser)]
#[command(name = "freellmapi", version, about, max_term_width = 100)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) places: PlaceArgs,
    #[command(flatten)]
    plugins: PluginArgs,
    #[command(flatten)]
    times: TimeArgs,
    /// What is logged to standard error: error, warn, info, debug, trace, or filters as `freellmapi=debug` [default:
    /// `info` for the server, `warn` for other commands].
    #[arg(long, global = true, env = "FREELLMAPI_LOG", value_name = "FILTER")]
    log: Option<String>,
    /// A settings file (TOML): the environment variables below in lower case, without `FREELLMAPI_`, as `port = 3001`
    /// or `host_bind = "0.0.0.0"`. Flags and environment win.
    #[arg(long, global = true, env = "FREELLMAPI_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Start the server.
    Serve(ServeArgs),
    /// Provider keys: add, list, test, remove.
    #[command(subcommand)]
    Key(key::Command),
    /// Your own OpenAI-compatible servers: add, list, remove.
    #[command(subcommand)]
    Endpoint(endpoint::Command),
    /// Provider plugins: list, check, test, grant; registries: search, info, verify, sign.
    #[command(subcommand)]
    Plugin(plugin::Command),
    /// Which model goes first: strategy, profiles, aliases, and why.
    #[command(subcommand)]
    Route(route::Command),
    /// The key that clients use: show, rotate.
    #[command(subcommand)]
    Token(token::Command),
    /// The dashboard's account: show, reset.
    #[command(subcommand)]
    Account(account::Command),
}

/// Where things lie.
#[derive(Debug, Args)]
#[command(next_help_heading = "Places")]
pub(super) struct PlaceArgs {
    /// The database, the encryption key and what can be made anew.
    #[arg(
        long,
        global = true,
        env = "FREELLMAPI_DATA_DIR",
        default_value = "data",
        value_name = "DIR"
    )]
    data_dir: PathBuf,
    /// Plugins dropped in here are loaded at once.
    #[arg(
        long,
        global = true,
        env = "PLUGINS_DIR",
        default_value = "plugins",
        value_name = "DIR"
    )]
    plugins_dir: PathBuf,
    /// Compiled plugins [default: `cache` in the data folder].
    #[arg(long, global = true, env = "FREELLMAPI_CACHE_DIR", value_name = "DIR")]
    cache_dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Plugins")]
struct PluginArgs {
    /// Whether plugins that are not this server's own wait for `plugin grant` (ask) or not (auto).
    #[arg(
        long,
        global = true,
        env = "PLUGIN_TRUST",
        default_value = "ask",
        value_name = "WHO"
    )]
    plugin_trust: TrustArg,
    /// For recording proxies and tests: HOST=URL,… sends what is meant for a host elsewhere.
    #[arg(
        long,
        global = true,
        env = "FREELLMAPI_UPSTREAM_MAP",
        default_value = "",
        value_name = "MAP"
    )]
    upstream_map: String,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum TrustArg {
    Ask,
    Auto,
}

/// All in milliseconds.
#[derive(Debug, Args)]
#[command(next_help_heading = "Times, in milliseconds")]
struct TimeArgs {
    /// To connect to a provider.
    #[arg(
        long,
        global = true,
        env = "FREELLMAPI_CONNECT_TIMEOUT_MS",
        default_value_t = 10_000,
        value_name = "MS"
    )]
    connect_timeout_ms: u64,
    /// To the provider's status line, connecting included.
    #[arg(
        long,
        global = true,
        env = "FREELLMAPI_HEADERS_TIMEOUT_MS",
        default_value_t = 120_000,
        value_name = "MS"
    )]
    headers_timeout_ms: u64,
    /// From there to the first content of a stream, or the end of a whole answer.
    #[arg(
        long,
        global = true,
        env = "FREELLMAPI_FIRST_CONTENT_TIMEOUT_MS",
        default_value_t = 120_000,
        value_name = "MS"
    )]
    first_content_timeout_ms: u64,
    /// Between two events of a stream.
    #[arg(
        long,
        global = true,
        env = "FREELLMAPI_IDLE_TIMEOUT_MS",
        default_value_t = 60_000,
        value_name = "MS"
    )]
    idle_timeout_ms: u64,
    /// All attempts at one request, up to the first content of a stream or the end of a whole answer.
    #[arg(
        long,
        global = true,
        env = "FREELLMAPI_REQUEST_BUDGET_MS",
        default_value_t = 600_000,
        value_name = "MS"
    )]
    request_budget_ms: u64,
    /// Without content for so long, a streaming client gets its status and comments. 0 is never.
    #[arg(
        long,
        global = true,
        env = "FREELLMAPI_KEEPALIVE_MS",
        default_value_t = 10_000,
        value_name = "MS"
    )]
    keepalive_ms: u64,
    /// When every key rests or is at a limit, wait for the soonest one for so long at most, instead of refusing at
    /// once. 0 is never.
    #[arg(
        long,
        global = true,
        env = "FREELLMAPI_WAIT_MS",
        default_value_t = 0,
        value_name = "MS"
    )]
    wait_ms: u64,
    /// Other times for single providers: PROVIDER.PART=MS,… where PART is headers, first-content or idle, as
    /// `nvidia.first-content=300000`.
    #[arg(
        long,
        global = true,
        env = "FREELLMAPI_PROVIDER_TIMES",
        default_value = "",
        value_name = "TIMES"
    )]
    provider_times: String,
}

/// Of `serve`.
#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// The address to listen on; 0.0.0.0 lets other machines in.
    #[arg(
        long,
        env = "HOST_BIND",
        default_value = "127.0.0.1",
        value_name = "IP"
    )]
    pub(super) host: IpAddr,
    /// The port to listen on; 0 takes any that is free.
    #[arg(long, env = "PORT", default_value_t = 3001)]
    pub(super) port: u16,
    /// The most models and keys that are tried for one request.
    #[arg(
        long,
        env = "FREELLMAPI_MAX_ATTEMPTS",
        default_value_t = 20,
        value_name = "N"
    )]
    pub(super) max_attempts: usize,
    /// The largest request body, bytes, counted after decompression.
    #[arg(long, env = "FREELLMAPI_BODY_LIMIT", default_value_t = 32 << 20, value_name = "BYTES")]
    pub(super) body_limit: usize,
    /// Sites whose pages may call the API from a browser: ORIGIN,… as https://chat.example.org, or * for all. They need the
    /// key all the same.
    #[arg(
        long,
        env = "FREELLMAPI_CORS_ORIGINS",
        default_value = "",
        value_name = "ORIGINS"
    )]
    pub(super) cors_origins: String,
    /// Reverse proxies, as IP or CIDR,…: what their X-Forwarded-For, -Proto and -Host say is believed. Without them a
    /// proxy's users share its address, and the dashboard's cookie is not bound to https.
    #[arg(
        long,
        env = "FREELLMAPI_TRUSTED_PROXIES",
        default_value = "",
        value_name = "NETS"
    )]
    pub(super) trusted_proxies: String,
    /// Models in the place of Claude's, for `/v1/messages`: NAME=MODEL,… where NAME is opus, sonnet, haiku, a name with
    /// `*` for any letters, or `*` for whatever no provider has. Other names of Claude's are `auto`.
    #[arg(
        long,
        env = "FREELLMAPI_CLAUDE_MODELS",
        default_value = "",
        value_name = "MAP"
    )]
    pub(super) claude_models: String,
    /// How long answers of `/v1/responses` are kept for `previous_response_id`, days. 0 keeps none.
    #[arg(
        long,
        env = "FREELLMAPI_RESPONSES_DAYS",
        default_value_t = 30,
        value_name = "DAYS"
    )]
    pub(super) responses_days: u32,
    /// How much is kept of them for each client key, MiB; the oldest go first. 0 keeps none.
    #[arg(
        long,
        env = "FREELLMAPI_RESPONSES_MIB",
        default_value_t = 256,
        value_name = "MIB"
    )]
    pub(super) responses_mib: u32,
    /// Who may use Ollama's routes (/api/chat, /api/tags and so on): nobody, programs on this machine without a
    /// key, or whoever sends the key.
    #[arg(
        long,
        env = "FREELLMAPI_OLLAMA",
        default_value = "off",
        value_name = "MODE"
    )]
    pub(super) ollama: OllamaArg,
    /// When a stream breaks off after part of it has gone out: end it in an error (off), have another model go on
    /// where it stopped (on), or the same with a line in the text that says so (marked).
    #[arg(
        long,
        env = "FREELLMAPI_RESCUE",
        default_value = "on",
        value_name = "WHAT"
    )]
    rescue: RescueArg,
    /// The status where every key rests or is at a limit: 503, or 429 for clients that wait only then.
    #[arg(
        long,
        env = "FREELLMAPI_EXHAUSTED_STATUS",
        default_value = "503",
        value_name = "STATUS"
    )]
    exhausted_status: StatusArg,
    /// Ask a second model when the first one is later than it nearly always is (it then takes more than 95 in 100 of
    /// its answers), and take the first answer. Costs a request now and then.
    #[arg(long, env = "FREELLMAPI_HEDGE", default_value = "false", action = clap::ArgAction::Set, value_name = "BOOL")]
    hedge: bool,
    /// When another model takes a conversation over that `auto` routes: tell it so in a system note, with what it cannot
    /// see (on_model_switch), or do not.
    #[arg(
        long,
        env = "FREELLMAPI_CONTEXT_HANDOFF",
        default_value = "off",
        value_name = "WHEN"
    )]
    context_handoff: HandoffArg,
    /// How often each key is checked, minutes, with the cheapest request that its provider has. 0 is never. A key that is
    /// refused is checked at once in any case.
    #[arg(
        long,
        env = "FREELLMAPI_PROBE_MINUTES",
        default_value_t = 360,
        value_name = "MINUTES"
    )]
    pub(super) probe_minutes: u64,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum RescueArg {
    Off,
    On,
    Marked,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum HandoffArg {
    Off,
    #[value(name = "on_model_switch", alias = "on-model-switch")]
    OnModelSwitch,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum StatusArg {
    #[value(name = "503")]
    Unavailable,
    #[value(name = "429")]
    TooMany,
}

impl ServeArgs {
    pub(super) fn policy(&self) -> Policy {
        Policy {
            rescue: match self.rescue {
                RescueArg::Off => Rescue::Off,
                RescueArg::On => Rescue::On,
                RescueArg::Marked => Rescue::Marked,
            },
            hedge: self.hedge,
            handoff: matches!(self.context_handoff, HandoffArg::OnModelSwitch),
            exhausted_is_429: matches!(self.exhausted_status, StatusArg::TooMany),
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum OllamaArg {
    Off,
    OpenLoopback,
    KeyRequired,
}

impl From<OllamaArg> for Mode {
    fn from(said: OllamaArg) -> Self {
        match said {
            OllamaArg::Off => Self::Off,
            OllamaArg::OpenLoopback => Self::OpenLoopback,
            OllamaArg::KeyRequired => Self::KeyRequired,
        }
    }
}

/// The whole command line, for settings to be put in.
pub(super) fn command() -> clap::Command {
    Cli::command()
}

impl PlaceArgs {
    pub(super) fn resolve(&self) -> Places {
        Places {
            data: self.data_dir.clone(),
            plugins: self.plugins_dir.clone(),
            cache: self
                .cache_dir
                .clone()
                .unwrap_or_else(|| self.data_dir.join("cache")),
        }
    }
}

impl Cli {
    /// Other commands than the server are there for their answer.
    pub(super) fn log(&self) -> &str {
        let usual = match self.command {
            Command::Serve(_) => "info",
            _ => "warn",
        };
        self.log.as_deref().unwrap_or(usual)
    }

    pub(super) fn shop_settings(&self) -> Result<ShopSettings, AppError> {
        let times = &self.times;
        let timeouts = Timeouts {
            connect: Duration::from_millis(times.connect_timeout_ms),
            headers: Duration::from_millis(times.headers_timeout_ms),
            first_content: Duration::from_millis(times.first_content_timeout_ms),
            idle: Duration::from_millis(times.idle_timeout_ms),
            budget: Duration::from_millis(times.request_budget_ms),
            keepalive: Duration::from_millis(times.keepalive_ms),
            reset: Duration::from_millis(times.wait_ms),
        };
        Ok(ShopSettings {
            trust: match self.plugins.plugin_trust {
                TrustArg::Ask => Trust::Ask,
                TrustArg::Auto => Trust::Auto,
            },
            provider_times: ProviderTimes::parse(&times.provider_times, timeouts)
                .map_err(AppError)?,
            timeouts,
            upstream_map: upstream_map(&self.plugins.upstream_map).map_err(AppError)?,
        })
    }
}
