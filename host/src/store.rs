//! The store: everything that outlives the process, in one SQLite file.
//!
//! Writes go through one connection and begin `IMMEDIATE`, so that this process and a command line beside it take
//! turns instead of failing; reads have connections of their own and never wait for a writer. When a
//! writing function has returned, a `kill -9` no longer takes what it wrote; a power cut may take the last moments.
//!
//! One file a subject: `clients` (unified keys), `keys` (accounts and endpoints), `models`, `plugins`, `limits`,
//! `accounts` (of the dashboard), `settings`, `responses`, `routing`, `requests` and `log` (the queue before
//! `requests`).

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Sqlite, Transaction};

use crate::vault::{VaultError, make_folder};

mod accounts;
mod analytics;
mod clients;
mod keys;
mod limits;
mod log;
mod models;
mod plugins;
mod requests;
mod responses;
mod routing;
mod settings;
#[cfg(test)]
mod tests;

pub use accounts::{Account, SessionRow};
pub use clients::ClientKey;
pub use keys::{NewKey, ProviderKey};
pub use log::RequestLog;
pub use models::{DISCOVERED, GIVEN, KeyModel};
pub use plugins::PluginRow;
pub use requests::{RequestRecord, RequestSums};
pub use responses::KeptResponse;

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// How long a writer waits for another process's transaction. Ours last milliseconds.
const BUSY: Duration = Duration::from_secs(5);
/// Reads are short and rare: settings and keys at start and after a change, lists for people.
const READERS: u32 = 2;

/// A handle on one SQLite file. Cheap to clone; all clones share their connections.
#[derive(Clone)]
pub struct Store {
    writer: SqlitePool,
    reader: SqlitePool,
}

/// Why the store could not do something. The text says what to do about it, and holds no secret.
#[derive(Debug)]
pub enum StoreError {
    /// The file cannot be created, opened or made ready.
    Open {
        /// The database file.
        file: PathBuf,
        /// Why.
        why: String,
    },
    /// A later version of this program wrote the file. It was not touched.
    Newer {
        /// The database file.
        file: PathBuf,
        /// Its migration that this program does not know.
        version: i64,
    },
    /// What stands in the file is not what this program writes there.
    Damaged {
        /// Table, row and column.
        what: String,
    },
    /// There is no such row.
    Missing {
        /// What was looked for.
        what: String,
    },
    /// An endpoint of that name is there already.
    NameTaken {
        /// The name.
        name: String,
    },
    /// The master secret or a sealed value; see [`VaultError`].
    Vault(VaultError),
    /// SQLite refused.
    Sql(sqlx::Error),
}

// === impl Store ===

impl Store {
    /// Opens the file, creating it (mode 0600) and its folder (0700) where they are not, and brings its tables up to
    /// this version. A file of a later version is refused as [`StoreError::Newer`] and stays as it is.
    pub async fn open(file: &Path) -> Result<Store, StoreError> {
        let failed = |why: &dyn fmt::Display| StoreError::Open {
            file: file.to_owned(),
            why: why.to_string(),
        };
        let turn = take_turn(file).await.map_err(|fault| failed(&fault))?;
        let options = SqliteConnectOptions::new()
            .filename(file)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(BUSY)
            .foreign_keys(true)
            // A burst of the request log must not leave a large file behind for ever.
            .pragma("journal_size_limit", "16777216")
            // Each statement as a log line, at `debug`, tells nobody anything.
            .disable_statement_logging();
        let writer = lasting(1)
            .connect_with(options.clone())
            .await
            .map_err(|fault| failed(&fault))?;
        if let Err(fault) = migrate(&writer, file).await {
            writer.close().await;
            return Err(fault);
        }
        drop(turn);
        let reader = lasting(READERS).connect_lazy_with(options.pragma("query_only", "1"));
        Ok(Store { writer, reader })
    }

    /// Closes all connections of this handle and its clones, and folds the write-ahead log into the file.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }

    /// A transaction that holds the write lock from its first statement. Dropped, it is rolled back.
    async fn write(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }
}

/// Connections for good: to SQLite they cost a file handle, and a new one would have to read the schema again.
fn lasting(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

/// Creates file and folder where they are not, and locks the folder until what is returned is dropped: of two processes
/// that start at once, only one may turn a new file to write-ahead logging, which SQLite does not wait for.
async fn take_turn(file: &Path) -> io::Result<Option<File>> {
    let file = file.to_owned();
    let turn = tokio::task::spawn_blocking(move || {
        let folder = file
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        make_folder(folder)?;
        let lock = File::open(folder)?;
        // Some network file systems cannot lock; there two first starts at once may fail, and nothing worse.
        let lock = lock.lock().ok().map(|()| lock);
        create(&file)?;
        Ok(lock)
    });
    turn.await
        .unwrap_or_else(|fault| Err(io::Error::other(fault)))
}

/// Creates the file if it is not there. SQLite would give it the umask's mode; its `-wal` and `-shm` follow the file's.
///
/// A file that is there is not opened: closing any handle of it would drop the locks SQLite holds in this process.
fn create(file: &Path) -> io::Result<()> {
    match OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
    {
        Err(fault) if fault.kind() != io::ErrorKind::AlreadyExists => Err(fault),
        _ => Ok(()),
    }
}

/// All in one transaction, so that two processes starting at once do not both create the tables, and a failed
/// migration leaves nothing.
async fn migrate(writer: &SqlitePool, file: &Path) -> Result<(), StoreError> {
    let mut change = writer.begin_with("BEGIN IMMEDIATE").await?;
    MIGRATIONS
        .run_direct(None, &mut *change, false)
        .await
        .map_err(|fault| match fault {
            MigrateError::VersionMissing(version) => StoreError::Newer {
                file: file.to_owned(),
                version,
            },
            other => StoreError::Open {
                file: file.to_owned(),
                why: other.to_string(),
            },
        })?;
    Ok(change.commit().await?)
}

/// A new id: `PREFIX-` and 16 hexadecimal digits by chance.
fn new_id(prefix: &str) -> String {
    let mut id = [0_u8; 8];
    rand::fill(&mut id[..]);
    format!("{prefix}-{}", crate::vault::hex(&id))
}

/// The wall clock, milliseconds since 1970 UTC. Only for dates that people read; nothing is decided by it.
fn wall_ms() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

// === impl StoreError ===

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreError::Open { file, why } => {
                write!(f, "cannot use the database {}: {why}", file.display())
            }
            StoreError::Newer { file, version } => write!(
                f,
                "the database {} was written by a newer version (its migration {version} is not known here); \
                 run that version, or restore a backup. Nothing was changed",
                file.display()
            ),
            StoreError::Damaged { what } => {
                write!(f, "the database holds something unreadable at {what}")
            }
            StoreError::Missing { what } => write!(f, "there is no {what}"),
            StoreError::NameTaken { name } => {
                write!(
                    f,
                    "an endpoint named {name:?} is there already; remove it first or take another name"
                )
            }
            StoreError::Vault(fault) => fault.fmt(f),
            StoreError::Sql(fault) => write!(f, "the database refused: {fault}"),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<sqlx::Error> for StoreError {
    fn from(fault: sqlx::Error) -> Self {
        StoreError::Sql(fault)
    }
}

impl From<VaultError> for StoreError {
    fn from(fault: VaultError) -> Self {
        StoreError::Vault(fault)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store(…)")
    }
}
