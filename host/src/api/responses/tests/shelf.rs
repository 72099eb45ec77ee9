//! Answers that are kept, in a real store.

use std::time::Duration;

use serde_json::{Value as Json, json};
use tempfile::TempDir;
use zeroize::Zeroizing;

use super::super::ask::References;
use super::super::shelf::{Draft, Lost, Room, Shelf};
use super::{NOW_MS, tree, untree};
use crate::clock::Clock;
use crate::store::Store;
use crate::vault::{Master, Vault};

const DAY: Duration = Duration::from_secs(24 * 3_600);

struct Home {
    _folder: TempDir,
    store: Store,
    vault: Vault,
    clock: Clock,
    /// Two client keys.
    clients: [String; 2],
}

impl Home {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("data.db")).await.unwrap();
        let master = Master {
            secret: Zeroizing::new("7".repeat(64)),
            fresh: false,
        };
        let vault = store.unlock(&master).await.unwrap();
        let mut clients = [String::new(), String::new()];
        for client in &mut clients {
            client.clone_from(&store.add_client_key(&vault, "test").await.unwrap().0);
        }
        Self {
            _folder: folder,
            store,
            vault,
            clock: Clock::manual(NOW_MS),
            clients,
        }
    }

    fn shelf(&self, room: Room) -> Shelf {
        Shelf::start(
            self.store.clone(),
            self.vault.clone(),
            self.clock.clone(),
            room,
        )
        .0
    }

    fn keep(&self, shelf: &Shelf, digit: char, previous: Option<char>, text: &str) {
        let draft = Draft {
            id: id(digit),
            client: self.clients[0].clone(),
            previous: previous.map(id),
            created_ms: self.clock.now_ms(),
            input: vec![tree(&json!({ "role": "user", "content": text }))],
        };
        let output =
            json!({ "id": item(digit), "type": "message", "role": "assistant", "content": text });
        let response = json!({ "id": id(digit), "output": [output] });
        shelf.keep(draft, response.to_string().as_bytes());
    }
}

fn room() -> Room {
    Room {
        age: DAY,
        bytes: 1 << 20,
    }
}

fn id(digit: char) -> String {
    format!("resp_{}", digit.to_string().repeat(32))
}

fn item(digit: char) -> String {
    format!("msg_{}0000", digit.to_string().repeat(32))
}

async fn said(shelf: &Shelf, client: &str, digit: char) -> Result<Vec<Json>, Lost> {
    let references = References {
        previous: Some(id(digit)),
        items: Vec::new(),
    };
    let past = shelf.past(client, &references).await?;
    Ok(past
        .history
        .iter()
        .map(|item| untree(item)["content"].clone())
        .collect())
}

#[tokio::test]
async fn a_conversation_is_put_together_before_and_after_it_is_written() {
    let home = Home::new().await;
    let shelf = home.shelf(room());
    home.keep(&shelf, 'a', None, "one");
    home.keep(&shelf, 'b', Some('a'), "two");
    let all = ["one", "one", "two", "two"];
    assert_eq!(said(&shelf, &home.clients[0], 'b').await.unwrap(), all);
    shelf.close().await;
    // What a restart finds.
    let shelf = home.shelf(room());
    assert_eq!(said(&shelf, &home.clients[0], 'b').await.unwrap(), all);
    let references = References {
        previous: None,
        items: vec![item('a'), item('c'), "fc_foreign".to_owned()],
    };
    let past = shelf.past(&home.clients[0], &references).await.unwrap();
    assert_eq!(past.items.keys().collect::<Vec<_>>(), [&item('a')]);
}

#[tokio::test]
async fn another_key_finds_nothing() {
    let home = Home::new().await;
    let shelf = home.shelf(room());
    home.keep(&shelf, 'a', None, "one");
    let other = &home.clients[1];
    for _ in 0..2 {
        assert_eq!(shelf.find(other, &id('a')).await.unwrap(), None);
        assert_eq!(said(&shelf, other, 'a').await, Err(Lost::Previous(id('a'))));
        let references = References {
            previous: None,
            items: vec![item('a')],
        };
        assert!(
            shelf
                .past(other, &references)
                .await
                .unwrap()
                .items
                .is_empty()
        );
        assert!(!shelf.remove(other, &id('a')).await.unwrap());
        // By now it has been written: removing goes through the writer.
    }
    assert!(
        shelf
            .find(&home.clients[0], &id('a'))
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn what_is_removed_is_gone_and_so_is_what_goes_on_from_it() {
    let home = Home::new().await;
    let shelf = home.shelf(room());
    home.keep(&shelf, 'a', None, "one");
    home.keep(&shelf, 'b', Some('a'), "two");
    let client = &home.clients[0];
    assert!(shelf.remove(client, &id('a')).await.unwrap());
    assert!(!shelf.remove(client, &id('a')).await.unwrap());
    assert_eq!(shelf.find(client, &id('a')).await.unwrap(), None);
    assert!(shelf.find(client, &id('b')).await.unwrap().is_some());
    assert_eq!(
        said(&shelf, client, 'b').await,
        Err(Lost::Previous(id('a')))
    );
}

#[tokio::test]
async fn age_and_size_are_bounded() {
    let home = Home::new().await;
    let client = &home.clients[0];
    let shelf = home.shelf(Room {
        age: DAY,
        bytes: 3_000,
    });
    let text = "x".repeat(500);
    for digit in ['a', 'b', 'c'] {
        home.keep(&shelf, digit, None, &text);
        home.clock.set(home.clock.now_ms() + 1);
    }
    // Through the writer, so that all is written.
    shelf.remove(client, "resp_none").await.unwrap();
    assert_eq!(shelf.find(client, &id('a')).await.unwrap(), None);
    assert!(shelf.find(client, &id('b')).await.unwrap().is_some());
    home.clock.set(NOW_MS + 24 * 3_600 * 1000 + 2);
    assert_eq!(shelf.find(client, &id('b')).await.unwrap(), None);
    assert!(shelf.find(client, &id('c')).await.unwrap().is_some());
    assert_eq!(shelf.prune().await.unwrap(), 1);
    home.clock.set(NOW_MS + 2 * 24 * 3_600 * 1000);
    assert_eq!(shelf.prune().await.unwrap(), 1);
    for (age, bytes) in [(Duration::ZERO, 1), (DAY, 0)] {
        assert!(!home.shelf(Room { age, bytes }).keeps());
    }
}

#[tokio::test]
async fn nothing_of_a_conversation_lies_open() {
    let home = Home::new().await;
    let shelf = home.shelf(room());
    home.keep(&shelf, 'a', None, "a-secret-of-the-user");
    shelf.close().await;
    home.store.close().await;
    for file in std::fs::read_dir(home._folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(memchr::memmem::find(&bytes, b"a-secret-of-the-user").is_none());
    }
}

#[tokio::test]
async fn answers_go_with_their_client_key() {
    let home = Home::new().await;
    let shelf = home.shelf(room());
    home.keep(&shelf, 'a', None, "one");
    shelf.remove(&home.clients[0], "resp_none").await.unwrap();
    home.store
        .remove_client_key(&home.clients[0])
        .await
        .unwrap();
    assert_eq!(shelf.find(&home.clients[0], &id('a')).await.unwrap(), None);
    // One that was under way when its key went.
    home.keep(&shelf, 'b', None, "two");
    shelf.remove(&home.clients[0], "resp_none").await.unwrap();
    assert_eq!(shelf.find(&home.clients[0], &id('b')).await.unwrap(), None);
}
