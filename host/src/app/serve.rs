//! The server from start to stop.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use arc_swap::ArcSwap;
use ipnet::IpNet;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};
use zeroize::Zeroizing;

use super::{AppError, Shop, listen, probe, sync};
use crate::account::code;
use crate::admin::{self, Admin};
use crate::api::door::{Origins, Strangers};
use crate::api::ollama::Mode;
use crate::api::responses::shelf::{Room, Shelf};
use crate::api::{Api, Tokens, router};
use crate::config::{ClaudeModels, Policy, ProviderTimes, Timeouts};
use crate::gateway::notes::Notes;
use crate::gateway::{Gateway, Handoffs, Suspects};
use crate::lanes::Lanes;
use crate::limits::{Cooldowns, Ledger};
use crate::plugins::watch::watch;
use crate::routing::arms::Arms;
use crate::routing::sticky::Sticky;
use crate::store::{RequestLog, Store, StoreError};
use crate::upstream::leak::Leaks;
use crate::vault::Vault;

/// Records of requests that may wait to be written. Beyond it records are dropped and counted, never requests.
const LOG_QUEUE: usize = 16_384;

/// What the server is told beside the [`Shop`].
#[derive(Debug, Clone)]
pub struct Serving {
    /// Where to listen.
    pub address: SocketAddr,
    /// How long parts of a request may take.
    pub timeouts: Timeouts,
    /// The same for single providers.
    pub provider_times: ProviderTimes,
    /// How often each key is checked; zero is never.
    pub probe: Duration,
    /// What the router does where the operator has a choice.
    pub policy: Policy,
    /// The most candidates that are tried for one request.
    pub max_attempts: usize,
    /// The largest body, bytes.
    pub body_limit: usize,
    /// Who may use Ollama's routes.
    pub ollama: Mode,
    /// How much is kept of answers of the Responses API.
    pub responses: Room,
    /// Which models are meant by the names that Anthropic's clients use.
    pub claude_models: ClaudeModels,
    /// Sites whose pages may call the API.
    pub origins: Origins,
    /// Proxies whose word on the client's address and on https counts.
    pub trusted_proxies: Vec<IpNet>,
}

/// What the person at the terminal is told once the server listens.
pub struct Ready<'a> {
    /// Where it listens.
    pub address: SocketAddr,
    /// The unified key, if this start made it.
    pub token: Option<&'a str>,
    /// The one-time code that makes the dashboard's account, while there is none.
    pub code: Option<&'a str>,
}

/// Serves until `stop`. `ready` is called once the server listens.
///
/// # Errors
/// A port that is taken, a store that fails.
pub async fn serve(
    shop: Shop,
    serving: Serving,
    ready: impl FnOnce(Ready<'_>),
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), AppError> {
    let (store, vault) = (shop.base.store.clone(), shop.base.vault.clone());
    let listener = TcpListener::bind(serving.address).await.map_err(|error| {
        AppError(format!(
            "cannot listen on {}: {error}; choose another with --host and --port",
            serving.address
        ))
    })?;
    let address = listener.local_addr().map_err(AppError::of)?;
    let mut fresh = None;
    if store.client_keys().await.map_err(AppError::of)?.is_empty() {
        let (_, token) = store
            .add_client_key(&vault, "default")
            .await
            .map_err(AppError::of)?;
        fresh = Some(token);
    }
    let lanes =
        Lanes::start().map_err(|error| AppError(format!("no threads can be started: {error}")))?;
    let code = fresh_code(&store, &vault).await.map_err(AppError::of)?;
    let (api, writers) = assemble(&shop, &serving).await.map_err(AppError::of)?;
    let gateway = Arc::clone(&api.gateway);
    let arms = Arc::clone(&gateway.arms);
    let shelf = api.responses.clone();
    let log = gateway.log.clone();
    let admin = Arc::new(Admin::new(
        Arc::clone(&api),
        vault.clone(),
        serving.trusted_proxies,
    ));
    let state = Arc::new(sync::State {
        api: Arc::clone(&api),
        vault,
        bell: Notify::new(),
    });
    state.refresh().await.map_err(AppError::of)?;
    let mut tasks = JoinSet::new();
    tasks.spawn(watch(Arc::clone(&shop.registry)));
    tasks.spawn(sync::follow(Arc::clone(&state)));
    tasks.spawn(sync::discover(Arc::clone(&state)));
    tasks.spawn(probe::probe(Arc::clone(&state), serving.probe));
    tasks.spawn(sync::prune(
        store.clone(),
        shop.clock.clone(),
        shelf.clone(),
    ));
    tasks.spawn(sync::remember(
        store.clone(),
        Arc::clone(&arms),
        shop.clock.clone(),
    ));
    ready(Ready {
        address,
        token: fresh.as_ref().map(|token| token.as_str()),
        code: code.as_ref().map(|code| code.as_str()),
    });
    drop((fresh, code));
    let routes = router(api).merge(admin::router(Arc::clone(&admin)));
    let stop = async move {
        stop.await;
        admin.close();
    };
    tokio::select! {
        () = listen::serve(listener, &lanes, routes, stop) => {}
        Some(ended) = tasks.join_next() => {
            // None of them ever returns. Without it the server would go on with what it knew.
            let why = ended.err().map_or_else(String::new, |error| error.to_string());
            return Err(AppError(format!("a task of the server ended: {why}")));
        }
    }
    tasks.shutdown().await;
    sync::write_outcomes(&store, &arms, shop.clock.now_ms()).await;
    drop(state);
    drop(gateway);
    shelf.close().await;
    let _ = writers.shelf.await;
    log.close().await;
    let _ = writers.log.await;
    // Until here: what a request left to be written is a task on its lane.
    drop(lanes);
    Ok(())
}

/// A new one-time code while there is no account; the one before counts no more.
async fn fresh_code(store: &Store, vault: &Vault) -> Result<Option<Zeroizing<String>>, StoreError> {
    if store.account().await?.is_some() {
        return Ok(None);
    }
    let code = code::fresh();
    store.set_setup_code(&code::hash(vault, &code)).await?;
    Ok(Some(code))
}

/// The tasks that write behind requests, each until it is closed.
pub(crate) struct Writers {
    log: JoinHandle<()>,
    shelf: JoinHandle<()>,
}

/// The server's parts on this shop, with what an earlier process knew of limits, rests and outcomes.
pub(crate) async fn assemble(
    shop: &Shop,
    serving: &Serving,
) -> Result<(Arc<Api>, Writers), StoreError> {
    let (store, vault) = (&shop.base.store, &shop.base.vault);
    let now_ms = shop.clock.now_ms();
    let ledger = Arc::new(Ledger::new());
    ledger.restore(&store.blocks().await?, now_ms);
    let cooldowns = Arc::new(Cooldowns::new());
    cooldowns.restore(&store.cooldowns().await?, now_ms);
    let arms = Arc::new(Arms::default());
    arms.restore(store.outcomes().await?);
    let (log, log_task) = RequestLog::start(store.clone(), LOG_QUEUE);
    let (shelf, shelf_task) = Shelf::start(
        store.clone(),
        vault.clone(),
        shop.clock.clone(),
        serving.responses,
    );
    let gateway = Arc::new(Gateway {
        clock: shop.clock.clone(),
        timeouts: serving.timeouts,
        provider_times: serving.provider_times.clone(),
        policy: serving.policy,
        handoffs: Handoffs::default(),
        suspects: Suspects::default(),
        max_attempts: serving.max_attempts,
        client: shop.client.clone(),
        leaks: Leaks::default(),
        table: ArcSwap::default(),
        ledger,
        cooldowns,
        arms,
        sticky: Sticky::default(),
        chance: AtomicU64::new(rand::random()),
        notes: Notes::default(),
        store: store.clone(),
        log,
    });
    let api = Arc::new(Api {
        gateway: Arc::clone(&gateway),
        tokens: Tokens::new(vault.clone(), store.client_keys().await?),
        claude_models: serving.claude_models.clone(),
        body_limit: serving.body_limit,
        origins: serving.origins.clone(),
        strangers: Strangers::new(serving.trusted_proxies.clone()),
        ollama: serving.ollama,
        guests: Arc::clone(&shop.guests),
        registry: Arc::clone(&shop.registry),
        responses: shelf,
        refreshed: AtomicU64::new(0),
    });
    Ok((
        api,
        Writers {
            log: log_task,
            shelf: shelf_task,
        },
    ))
}
