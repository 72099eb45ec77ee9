//! The store on real files.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use zeroize::Zeroizing;

use super::{NewKey, Store, StoreError};
use crate::limits::record::Block;
use crate::vault::{Master, Vault, VaultError};

mod analytics;
mod kept;
mod logged;
mod routing;
mod sealed;

/// A database in a folder of its own.
struct Home {
    folder: TempDir,
    store: Store,
    vault: Vault,
}

impl Home {
    async fn new() -> Home {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("data.db")).await.unwrap();
        let vault = store.unlock(&right()).await.unwrap();
        Home {
            folder,
            store,
            vault,
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("data.db")
    }

    /// What a command line beside the server holds.
    async fn beside(&self) -> Store {
        Store::open(&self.file()).await.unwrap()
    }

    /// Every byte on disk: the database and its write-ahead log. (`-shm` holds locks and an index of the log.)
    fn bytes(&self) -> Vec<u8> {
        let mut all = fs::read(self.file()).unwrap();
        all.extend(fs::read(self.folder.path().join("data.db-wal")).unwrap_or_default());
        all
    }

    /// Changes the database behind the store's back.
    async fn meddle(&self, sql: &'static str) {
        let mut change = self.store.write().await.unwrap();
        sqlx::query(sql).execute(&mut *change).await.unwrap();
        change.commit().await.unwrap();
    }
}

fn right() -> Master {
    Master {
        secret: Zeroizing::new("7".repeat(64)),
        fresh: false,
    }
}

fn wrong() -> Master {
    Master {
        secret: Zeroizing::new("8".repeat(64)),
        fresh: false,
    }
}

fn groq(secret: &str) -> NewKey {
    NewKey {
        provider: "groq".to_owned(),
        label: "mine".to_owned(),
        secrets: [("api-key".to_owned(), Zeroizing::new(secret.to_owned()))].into(),
        created_ms: 1,
        ..NewKey::default()
    }
}

fn endpoint(name: &str) -> NewKey {
    NewKey {
        provider: "openai-compatible".to_owned(),
        name: name.to_owned(),
        base_url: Some("http://127.0.0.1:4001/v1".to_owned()),
        priority: 5,
        created_ms: 2,
        ..NewKey::default()
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn creates_the_file_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data/store.db");
    let store = Store::open(&file).await.unwrap();
    store.touch().await.unwrap();
    assert_eq!(mode(&folder.path().join("data")), 0o700);
    for name in ["store.db", "store.db-wal", "store.db-shm"] {
        assert_eq!(
            mode(&folder.path().join("data").join(name)),
            0o600,
            "{name}"
        );
    }
    store.close().await;
    assert!(!folder.path().join("data/store.db-wal").exists());
}

#[tokio::test]
async fn opening_again_changes_nothing() {
    let home = Home::new().await;
    home.store.add_client_key(&home.vault, "one").await.unwrap();
    let (keys, revision) = (
        home.store.client_keys().await.unwrap(),
        home.store.revision().await.unwrap(),
    );
    for _ in 0..3 {
        let again = home.beside().await;
        again.unlock(&right()).await.unwrap();
        assert_eq!(again.client_keys().await.unwrap(), keys);
        assert_eq!(again.revision().await.unwrap(), revision);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn first_starts_at_once_agree() {
    for _ in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("data.db");
        let start = || {
            let file = file.clone();
            tokio::spawn(async move {
                Store::open(&file)
                    .await
                    .unwrap()
                    .unlock(&right())
                    .await
                    .unwrap()
            })
        };
        let starts = [start(), start(), start(), start()];
        let mut hashes = Vec::new();
        for start in starts {
            hashes.push(start.await.unwrap().token_hash("token"));
        }
        assert!(hashes.iter().all(|hash| *hash == hashes[0]));
    }
}

#[tokio::test]
async fn a_newer_database_is_refused_untouched() {
    let home = Home::new().await;
    home.meddle(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (9999, 'later', TRUE, x'00', 0)",
    )
    .await;
    home.store.close().await;
    let before = home.bytes();
    let fault = Store::open(&home.file()).await.unwrap_err();
    assert!(
        matches!(fault, StoreError::Newer { version: 9999, .. }),
        "{fault}"
    );
    assert!(fault.to_string().contains("newer version"), "{fault}");
    assert_eq!(home.bytes(), before);
}

#[tokio::test]
async fn what_is_no_database_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data.db");
    fs::write(&file, "not a database, but longer than the header that SQLite looks at first, which is 100 bytes long").unwrap();
    let fault = Store::open(&file).await.unwrap_err();
    assert!(
        matches!(&fault, StoreError::Open { file: named, .. } if *named == file),
        "{fault}"
    );
}

#[tokio::test]
async fn a_wrong_master_is_named_and_changes_nothing() {
    let home = Home::new().await;
    assert!(home.store.sealed_before().await.unwrap());
    home.store.add_key(&home.vault, &groq("k")).await.unwrap();
    let before = home.bytes();
    let fault = home.beside().await.unlock(&wrong()).await.unwrap_err();
    assert!(
        matches!(fault, StoreError::Vault(VaultError::WrongKey)),
        "{fault}"
    );
    assert!(
        fault
            .to_string()
            .starts_with("ENCRYPTION_KEY does not fit this database"),
        "{fault}"
    );
    assert_eq!(home.bytes(), before);
    let vault = home.store.unlock(&right()).await.unwrap();
    assert_eq!(
        *home.store.keys(&vault).await.unwrap()[0].secrets["api-key"],
        "k"
    );
}

/// The command line beside a busy server: both take turns, neither is refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_write_in_turns() {
    let home = Home::new().await;
    let mut writers = Vec::new();
    for at in 0..4_i64 {
        let store = home.beside().await;
        let vault = home.vault.clone();
        writers.push(tokio::spawn(async move {
            for n in 0..50 {
                let block = Block {
                    meter: "m".to_owned(),
                    start_ms: at * 100 + n,
                    end_ms: 1000,
                    spent: 1,
                };
                store.write_blocks(&[block]).await.unwrap();
                store.add_key(&vault, &groq("k")).await.unwrap();
                store.keys(&vault).await.unwrap();
            }
        }));
    }
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(home.store.blocks().await.unwrap().len(), 200);
    assert_eq!(home.store.keys(&home.vault).await.unwrap().len(), 200);
    assert_eq!(home.store.revision().await.unwrap(), 201);
}

/// Every function can be awaited in a spawned task.
#[test]
fn futures_can_move_between_threads() {
    fn movable<F: Future + Send>(_: impl Fn(&'static Store, &'static Vault) -> F) {}
    movable(|store, _| store.close());
    movable(|store, _| store.unlock(Box::leak(Box::new(right()))));
    movable(|store, vault| store.add_client_key(vault, ""));
    movable(|store, _| store.client_keys());
    movable(|store, vault| store.client_token(vault, ""));
    movable(|store, vault| store.rotate_client_key(vault, ""));
    movable(Store::keys);
    movable(|store, _| store.remove_key(""));
    movable(|store, _| store.key_by_name(""));
    movable(|store, _| store.set_learned("", &[]));
    movable(|store, _| store.set_key_health("", "", "", 0));
    movable(|store, _| store.set_key_models("", &[], ""));
    movable(|store, _| store.key_models(""));
    movable(|store, _| store.put_plugin_file("", &[]));
    movable(|store, _| store.plugin_file(""));
    movable(|store, _| store.plugin_rows());
    movable(|store, _| store.set_grant("", "", "", 0));
    movable(|store, _| store.account());
    movable(|store, _| store.add_account("", "", "", 0));
    movable(|store, _| store.session(&[0; 32], 0));
    movable(|store, _| store.disable_plugin("", true, 0));
    movable(|store, _| store.blocks());
    movable(|store, _| store.prune_blocks(0));
    movable(|store, _| store.write_cooldowns(&[]));
    movable(|store, _| store.cooldowns());
    movable(|store, _| store.remove_cooldowns(&[]));
    movable(|store, _| store.setting(""));
    movable(|store, _| store.set_setting("", ""));
    movable(|store, _| store.revision());
    movable(|store, _| store.write_requests(&[]));
    movable(|store, _| store.recent_requests(None, 0));
}
