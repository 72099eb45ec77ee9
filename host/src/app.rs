//! The parts put together: what every command needs, and the server.

mod listen;
mod probe;
mod serve;
mod sync;

use std::sync::Arc;

use crate::clock::Clock;
use crate::config::{Places, ProviderTimes, Timeouts};
use crate::gateway::exchange::Means;
use crate::plugins::cache::CompileCache;
use crate::plugins::choice::Trust;
use crate::plugins::engine::{Engine, Limits};
use crate::plugins::guests::Guests;
use crate::plugins::plugin::House;
use crate::plugins::registry::Registry;
use crate::store::Store;
use crate::upstream::client::{Client, ClientSettings};
use crate::upstream::leak::Leaks;
use crate::vault::{Vault, VaultError, find_master, master};

#[cfg(test)]
pub(crate) use serve::assemble;
pub use serve::{Ready, Serving, serve};
pub use sync::listed;

/// Why a command cannot do its work, in words for the user.
#[derive(Debug)]
pub struct AppError(pub String);

impl AppError {
    /// Out of any error.
    pub fn of(error: impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}

impl std::fmt::Display for AppError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for AppError {}

/// The store and what opens its secrets.
#[derive(Clone)]
pub struct Base {
    /// Where things lie.
    pub places: Places,
    /// The database.
    pub store: Store,
    /// Opens its secrets.
    pub vault: Vault,
    /// A key of this installation for the compiled plugins on disk.
    cache_key: [u8; 32],
}

/// What calls plugins.
pub struct Shop {
    /// The store.
    pub base: Base,
    /// The time.
    pub clock: Clock,
    /// Who may run guest code.
    pub guests: Arc<Guests>,
    /// The plugins.
    pub registry: Arc<Registry>,
    /// Sends.
    pub client: Client,
    /// What no plan may hold.
    pub leaks: Leaks,
}

/// How plugins are called.
#[derive(Debug, Clone, Default)]
pub struct ShopSettings {
    /// Who consents to plugins.
    pub trust: Trust,
    /// How long parts of a request may take.
    pub timeouts: Timeouts,
    /// The same for single providers.
    pub provider_times: ProviderTimes,
    /// What is meant for a host is sent elsewhere.
    pub upstream_map: Vec<(String, url::Url)>,
}

impl Base {
    /// Opens the database, which is made if there is none. `key` is `ENCRYPTION_KEY` where it is set.
    ///
    /// # Errors
    /// A wrong encryption key, a disk that refuses: each says what to do.
    pub async fn open(places: &Places, key: Option<&str>) -> Result<Self, AppError> {
        let store = Store::open(&places.database())
            .await
            .map_err(AppError::of)?;
        let master = match find_master(&places.data, key).map_err(AppError::of)? {
            Some(master) => master,
            // A key made now would fit nothing that is in this database.
            None if store.sealed_before().await.map_err(AppError::of)? => {
                return Err(AppError::of(VaultError::WrongKey));
            }
            None => master(&places.data, None).map_err(AppError::of)?,
        };
        let vault = store.unlock(&master).await.map_err(AppError::of)?;
        Ok(Self {
            places: places.clone(),
            store,
            cache_key: cache_key(&master.secret, &vault),
            vault,
        })
    }
}

/// Of a random master secret directly, so that installations with the same one can share a cache folder. A passphrase
/// could be guessed by trying it on such a file: for it, the key that cost the vault its scrypt.
fn cache_key(master: &str, vault: &Vault) -> [u8; 32] {
    let random = master.len() == 64 && master.bytes().all(|digit| digit.is_ascii_hexdigit());
    if !random {
        return vault.subkey("compiled plugins");
    }
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(master.as_bytes())
        .expect("HMAC takes a key of any length");
    mac.update(b"compiled plugins");
    mac.finalize().into_bytes().into()
}

impl Shop {
    /// Starts the sandbox and loads all plugins.
    ///
    /// # Errors
    /// A system that refuses the sandbox, or a store that fails.
    pub async fn open(base: Base, settings: &ShopSettings) -> Result<Self, AppError> {
        let limits = Limits::default();
        let engine = Arc::new(Engine::new(limits).map_err(AppError::of)?);
        let guests = Arc::new(Guests::new(limits.max_instances));
        let clock = Clock::system();
        let house = House {
            engine,
            guests: Arc::clone(&guests),
            clock: clock.clone(),
        };
        let cache = CompileCache::new(base.places.cache.clone(), base.cache_key);
        let registry = Arc::new(Registry::new(
            house,
            cache,
            base.places.plugins.clone(),
            settings.trust,
            base.store.clone(),
        ));
        registry.reload().await.map_err(AppError::of)?;
        let client = Client::new(&ClientSettings {
            connect_timeout: settings.timeouts.connect,
            map: settings.upstream_map.clone(),
            user_agent: concat!("freellmapi/", env!("CARGO_PKG_VERSION")).to_owned(),
        })
        .map_err(AppError::of)?;
        Ok(Self {
            base,
            clock,
            guests,
            registry,
            client,
            leaks: Leaks::default(),
        })
    }

    /// For exchanges.
    #[must_use]
    pub fn means<'a>(&'a self, settings: &'a ShopSettings) -> Means<'a> {
        Means {
            client: &self.client,
            leaks: &self.leaks,
            timeouts: &settings.timeouts,
            clock: &self.clock,
        }
    }
}
