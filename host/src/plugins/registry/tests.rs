use std::path::Path;

use sqlx::{Connection as _, Executor as _, SqliteConnection};

use super::*;
use crate::clock::Clock;
use crate::plugins::engine::{Engine, Limits};
use crate::plugins::guests::Guests;

/// A registry on a database and a folder of its own.
struct Home {
    folder: tempfile::TempDir,
    registry: Registry,
}

impl Home {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("data.db"))
            .await
            .expect("a store");
        let limits = Limits { max_instances: 2 };
        let house = House {
            engine: Arc::new(Engine::new(limits).expect("a sandbox")),
            guests: Arc::new(Guests::new(limits.max_instances)),
            clock: Clock::manual(0),
        };
        let inbox = folder.path().join("plugins");
        std::fs::create_dir(&inbox).expect("made");
        let cache = CompileCache::new(folder.path().join("cache"), [0; 32]);
        let registry = Registry::new(house, cache, inbox, Trust::Ask, store);
        Self { folder, registry }
    }

    fn inbox(&self) -> &Path {
        self.registry.inbox()
    }

    /// Changes the database behind the store's back.
    async fn meddle(&self, sql: &'static str) {
        let url = format!("sqlite://{}", self.folder.path().join("data.db").display());
        let mut database = SqliteConnection::connect(&url).await.expect("a database");
        database.execute(sql).await.expect("done");
    }

    /// What became of the file.
    fn status(&self, file: &str) -> Option<Status> {
        let plugins = self.registry.current();
        let mut reports = plugins.reports.iter();
        let report = reports.find(|report| report.source == Source::Inbox && report.file == file);
        report.map(|report| report.status.clone())
    }
}

#[tokio::test]
async fn a_look_that_finds_nothing_new_tells_nobody() {
    let home = Home::new().await;
    let changes = home.registry.changes();
    std::fs::write(home.inbox().join("a.wasm"), "a picture").expect("written");
    home.registry.reload().await.expect("looked");
    let first = *changes.borrow();
    assert!(matches!(home.status("a.wasm"), Some(Status::Refused(_))));
    home.registry.reload().await.expect("looked");
    assert_eq!(*changes.borrow(), first);
    std::fs::remove_file(home.inbox().join("a.wasm")).expect("removed");
    home.registry.reload().await.expect("looked");
    assert!(*changes.borrow() > first);
    assert_eq!(home.status("a.wasm"), None);
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_cannot_be_read_says_so() {
    let home = Home::new().await;
    let path = home.inbox().join("a.wasm");
    std::os::unix::fs::symlink(&path, &path).expect("linked");
    home.registry.reload().await.expect("looked");
    let Some(Status::Refused(why)) = home.status("a.wasm") else {
        panic!("{:?}", home.registry.current().reports);
    };
    assert!(why.starts_with("the file cannot be read"), "{why}");
}

/// A report of a plugin that serves from the inbox.
fn placed(id: &str, sha256: &str) -> Report {
    Report {
        id: Some(id.to_owned()),
        title: String::new(),
        version: String::new(),
        source: Source::Inbox,
        file: format!("{id}.wasm"),
        sha256: sha256.to_owned(),
        status: Status::Serving,
    }
}

#[tokio::test]
async fn what_cannot_be_written_is_written_later() {
    let home = Home::new().await;
    let (registry, store) = (&home.registry, &home.registry.store);
    let (one, two) = (Bytes::from_static(b"one"), Bytes::from_static(b"two"));
    let hash = sha256_hex(&two);
    let mut state = registry.state.lock().await;
    state.unsaved.insert(sha256_hex(&one), one.clone());
    state.unsaved.insert(hash.clone(), two);
    let next = Plugins {
        by_id: BTreeMap::new(),
        reports: vec![placed("one", &sha256_hex(&one)), placed("two", &hash)],
        loaded: BTreeMap::new(),
    };
    home.meddle("ALTER TABLE plugin_files RENAME TO away").await;
    let known = registry.known(&state, &[]);
    let kept = registry.keep(&mut state, &next, &known, &[]).await;
    assert!(kept.is_err());
    assert_eq!(state.unsaved.len(), 2, "the bytes are still there");
    assert!(store.plugin_rows().await.expect("rows").is_empty());
    home.meddle("ALTER TABLE away RENAME TO plugin_files").await;
    let kept = registry.keep(&mut state, &next, &known, &[]).await;
    assert!(kept.is_ok(), "{kept:?}");
    assert!(state.unsaved.is_empty());
    let stored = store.plugin_file(&hash).await.expect("read");
    assert_eq!(stored.as_deref(), Some(&b"two"[..]));
    let rows = store.plugin_rows().await.expect("rows");
    assert_eq!(rows.len(), 2);
    assert_eq!(
        registry.known(&state, &rows).serving["two"],
        hash,
        "after a start it goes on"
    );
}
