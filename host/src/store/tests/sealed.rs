//! Secrets at rest: sealed, bound to their row, and nowhere else.

use super::{Home, endpoint, groq};
use crate::store::StoreError;

const CANARY: &str = "gsk_canary-5f1e8a4c9b";

fn contains(hay: &[u8], needle: &str) -> bool {
    hay.windows(needle.len())
        .any(|window| window == needle.as_bytes())
}

#[tokio::test]
async fn the_files_hold_no_secret() {
    let home = Home::new().await;
    let key = home
        .store
        .add_key(&home.vault, &groq(CANARY))
        .await
        .unwrap();
    let (client, first) = home.store.add_client_key(&home.vault, "one").await.unwrap();
    let second = home
        .store
        .rotate_client_key(&home.vault, &client)
        .await
        .unwrap();
    // In the write-ahead log, then folded into the file, then in the pages of removed rows.
    for step in 0..3 {
        match step {
            0 => {}
            1 => home.store.remove_key(&key).await.map(drop).unwrap(),
            _ => home.store.close().await,
        }
        let bytes = home.bytes();
        assert!(
            contains(&bytes, &client) && contains(&bytes, "CREATE TABLE key_secrets"),
            "looks at the wrong files"
        );
        for secret in [
            CANARY,
            &first[..],
            &second[..],
            &second["freellmapi-".len()..],
        ] {
            assert!(!contains(&bytes, secret));
        }
    }
}

#[tokio::test]
async fn a_secret_moved_to_another_row_does_not_open() {
    let home = Home::new().await;
    let one = home.store.add_key(&home.vault, &groq("one")).await.unwrap();
    let two = home.store.add_key(&home.vault, &groq("two")).await.unwrap();
    home.meddle(
        "UPDATE key_secrets SET sealed = (SELECT sealed FROM key_secrets ORDER BY rowid LIMIT 1)",
    )
    .await;
    let keys = home.store.keys(&home.vault).await.unwrap();
    let of = |id: &str| keys.iter().find(|key| key.id == id).unwrap();
    assert_eq!(
        (
            of(&one).damaged.as_deref(),
            &*of(&one).secrets["api-key"] == "one"
        ),
        (None, true)
    );
    assert!(of(&two).secrets.is_empty());
    assert_eq!(
        of(&two).damaged.as_deref(),
        Some("its secret \"api-key\" does not open; remove the key and add it again")
    );
}

#[tokio::test]
async fn a_damaged_row_does_not_hide_the_others() {
    let home = Home::new().await;
    home.store.add_key(&home.vault, &groq("one")).await.unwrap();
    home.store
        .add_key(&home.vault, &endpoint("here"))
        .await
        .unwrap();
    home.meddle("UPDATE key_secrets SET sealed = x'01'").await;
    home.meddle(
        "UPDATE provider_keys SET settings = 'no JSON', learned = 'nor this' WHERE name = 'here'",
    )
    .await;
    let keys = home.store.keys(&home.vault).await.unwrap();
    assert_eq!(keys.len(), 2);
    assert!(keys.iter().all(|key| key.damaged.is_some()));
    assert!(home.store.remove_key(&keys[0].id).await.unwrap());
}

#[tokio::test]
async fn a_token_is_shown_and_rotated() {
    let home = Home::new().await;
    let (id, token) = home.store.add_client_key(&home.vault, "one").await.unwrap();
    let digits = token.strip_prefix("freellmapi-").unwrap();
    assert!(digits.len() == 48 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
    assert_eq!(
        home.store.client_token(&home.vault, &id).await.unwrap(),
        token
    );
    assert_eq!(
        home.store.client_keys().await.unwrap()[0].hash,
        home.vault.token_hash(&token)
    );

    let next = home
        .store
        .rotate_client_key(&home.vault, &id)
        .await
        .unwrap();
    assert_ne!(next, token);
    assert_eq!(
        home.store.client_token(&home.vault, &id).await.unwrap(),
        next
    );
    let keys = home.store.client_keys().await.unwrap();
    assert_eq!(
        (keys.len(), keys[0].hash),
        (1, home.vault.token_hash(&next))
    );

    for fault in [
        home.store
            .client_token(&home.vault, "client-none")
            .await
            .unwrap_err(),
        home.store
            .rotate_client_key(&home.vault, "client-none")
            .await
            .unwrap_err(),
    ] {
        assert!(matches!(fault, StoreError::Missing { .. }), "{fault}");
    }
    assert!(home.store.remove_client_key(&id).await.unwrap());
    assert!(home.store.client_keys().await.unwrap().is_empty());
}
