//! What goes in comes out: keys, models, plugins, limits, settings, and the revision that tells of changes.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Home, endpoint, groq};
use crate::limits::record::{Block, Cooldown};
use crate::store::{DISCOVERED, GIVEN, KeyModel, PluginRow, StoreError};
use crate::vault::hex;

fn model(id: &str, facts: Value) -> KeyModel {
    KeyModel {
        id: id.to_owned(),
        facts,
    }
}

fn block(meter: &str, start_ms: i64, spent: i64) -> Block {
    Block {
        meter: meter.to_owned(),
        start_ms,
        end_ms: start_ms + 60,
        spent,
    }
}

#[tokio::test]
async fn a_key_comes_back_whole() {
    let home = Home::new().await;
    let mut new = groq("s3cret");
    new.settings = [("account".to_owned(), "a\"1".to_owned())].into();
    let id = home.store.add_key(&home.vault, &new).await.unwrap();
    let local = home
        .store
        .add_key(&home.vault, &endpoint("local"))
        .await
        .unwrap();
    home.store
        .set_learned(
            &id,
            &[
                ("console".to_owned(), "intl".to_owned()),
                ("a".to_owned(), "1".to_owned()),
            ],
        )
        .await
        .unwrap();
    home.store
        .set_learned(&id, &[("a".to_owned(), "2".to_owned())])
        .await
        .unwrap();
    home.store
        .set_key_health(&id, "healthy", "listed 3 models", 77)
        .await
        .unwrap();
    home.store
        .change_key(&id, None, Some(false), None)
        .await
        .unwrap();

    let keys = home.beside().await.keys(&home.vault).await.unwrap();
    let ids: Vec<_> = keys.iter().map(|key| key.id.as_str()).collect();
    assert_eq!(ids, [&local, &id], "by priority");
    let (there, key) = (&keys[0], &keys[1]);
    assert!(id.starts_with("key-"));
    assert_eq!(
        (&*key.provider, &*key.name, &*key.label, key.priority),
        ("groq", "", "mine", 100)
    );
    assert_eq!(
        (key.enabled, key.created_ms, &key.base_url),
        (false, 1, &None)
    );
    assert_eq!(
        (key.secrets.len(), &**key.secrets["api-key"]),
        (1, "s3cret")
    );
    assert_eq!(key.settings, new.settings);
    assert_eq!(
        key.learned,
        [
            ("a".to_owned(), "2".to_owned()),
            ("console".to_owned(), "intl".to_owned())
        ]
        .into()
    );
    assert_eq!(
        (&*key.health, &*key.health_detail, key.health_ms),
        ("healthy", "listed 3 models", Some(77))
    );
    assert_eq!(
        (&*there.name, there.base_url.as_deref()),
        ("local", Some("http://127.0.0.1:4001/v1"))
    );
    assert!(there.secrets.is_empty() && keys.iter().all(|key| key.damaged.is_none()));
}

#[tokio::test]
async fn an_endpoint_has_its_name_alone() {
    let home = Home::new().await;
    let id = home
        .store
        .add_key(&home.vault, &endpoint("local"))
        .await
        .unwrap();
    let fault = home
        .store
        .add_key(&home.vault, &endpoint("local"))
        .await
        .unwrap_err();
    assert!(
        matches!(&fault, StoreError::NameTaken { name } if name == "local"),
        "{fault}"
    );
    home.store.add_key(&home.vault, &groq("1")).await.unwrap();
    home.store.add_key(&home.vault, &groq("2")).await.unwrap();
    assert_eq!(
        home.store.key_by_name("local").await.unwrap().as_deref(),
        Some(&*id)
    );
    assert_eq!(home.store.key_by_name("").await.unwrap(), None);
    assert!(home.store.remove_key(&id).await.unwrap());
    assert!(!home.store.remove_key(&id).await.unwrap());
    assert_eq!(home.store.key_by_name("local").await.unwrap(), None);
    home.store
        .add_key(&home.vault, &endpoint("local"))
        .await
        .unwrap();
}

#[tokio::test]
async fn models_given_by_hand_stand_alone() {
    let home = Home::new().await;
    let id = home
        .store
        .add_key(&home.vault, &endpoint("local"))
        .await
        .unwrap();
    let found = [
        model("z", json!({"context": 8192})),
        model("a", Value::Null),
    ];
    let given = [model("mine", json!({}))];
    home.store
        .set_key_models(&id, &found, DISCOVERED)
        .await
        .unwrap();
    let key = home.store.keys(&home.vault).await.unwrap().remove(0);
    assert_eq!((&key.models[..], key.models_given), (&found[..], false));
    home.store.set_key_models(&id, &given, GIVEN).await.unwrap();
    home.store
        .set_key_models(&id, &found[..1], DISCOVERED)
        .await
        .unwrap();
    let key = home.store.keys(&home.vault).await.unwrap().remove(0);
    assert_eq!((&key.models[..], key.models_given), (&given[..], true));
    assert_eq!(home.store.key_models(&id).await.unwrap(), given);
    home.store.set_key_models(&id, &[], GIVEN).await.unwrap();
    assert_eq!(home.store.key_models(&id).await.unwrap(), found[..1]);
    assert!(
        home.store
            .set_key_models("key-none", &given, GIVEN)
            .await
            .is_err()
    );
    home.store.remove_key(&id).await.unwrap();
    assert!(home.store.key_models(&id).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_plugin_keeps_its_agreement_when_saved() {
    let home = Home::new().await;
    let mut row = PluginRow {
        id: "groq".into(),
        sha256: "aa".into(),
        source: "inbox".into(),
        ..Default::default()
    };
    home.store.save_plugin_row(&row).await.unwrap();
    row.pending = Some("bb".into());
    home.store.save_plugin_row(&row).await.unwrap();
    home.beside()
        .await
        .set_grant("groq", "bb", "{\"hosts\":[]}", 9)
        .await
        .unwrap();
    row.removed = true;
    home.store.save_plugin_row(&row).await.unwrap();
    row.grant = Some("{\"hosts\":[]}".into());
    row.granted_ms = Some(9);
    row.granted_sha256 = Some("bb".into());
    assert_eq!(home.store.plugin_rows().await.unwrap(), [row]);
    home.store.revoke_grant("groq").await.unwrap();
    assert_eq!(home.store.plugin_rows().await.unwrap()[0].grant, None);
    assert!(matches!(
        home.store.set_grant("none", "aa", "{}", 1).await,
        Err(StoreError::Missing { .. })
    ));
}

/// The name goes with the agreement: what was read before another agreement was given must not bring it back.
#[tokio::test]
async fn a_plugins_file_name_belongs_to_its_agreement() {
    let home = Home::new().await;
    let file = async || home.store.plugin_rows().await.unwrap().remove(0).file;
    let row = PluginRow {
        id: "groq".into(),
        sha256: "aa".into(),
        source: "inbox".into(),
        ..Default::default()
    };
    home.store.save_plugin_row(&row).await.unwrap();
    home.store.set_grant("groq", "aa", "{}", 1).await.unwrap();
    let mut held = home.store.plugin_rows().await.unwrap().remove(0);
    held.file = "b.wasm".into();
    home.store.save_plugin_row(&held).await.unwrap();
    assert_eq!(file().await, "b.wasm");
    home.store.set_grant("groq", "aa", "{}", 2).await.unwrap();
    assert_eq!(file().await, "b.wasm", "the same version again");
    home.store.set_grant("groq", "bb", "{}", 3).await.unwrap();
    assert_eq!(file().await, "");
    held.pending = Some("cc".into());
    home.store.save_plugin_row(&held).await.unwrap();
    assert_eq!(file().await, "", "saved by one who read it before");
    let revision = home.store.revision().await.unwrap();
    home.store.save_plugin_row(&held).await.unwrap();
    assert_eq!(home.store.revision().await.unwrap(), revision);
}

#[tokio::test]
async fn a_plugin_file_is_what_its_hash_says() {
    let home = Home::new().await;
    let bytes = vec![7; 100_000];
    let sha256 = hex(&Sha256::digest(&bytes));
    assert!(home.store.put_plugin_file(&sha256, b"other").await.is_err());
    assert_eq!(home.store.plugin_file(&sha256).await.unwrap(), None);
    home.store.put_plugin_file(&sha256, &bytes).await.unwrap();
    home.store.put_plugin_file(&sha256, &bytes).await.unwrap();
    assert_eq!(
        home.store.plugin_file(&sha256).await.unwrap().as_deref(),
        Some(&bytes[..])
    );
    home.meddle("UPDATE plugin_files SET bytes = x'00'").await;
    assert!(matches!(
        home.store.plugin_file(&sha256).await,
        Err(StoreError::Damaged { .. })
    ));
}

#[tokio::test]
async fn the_last_figure_of_a_block_counts() {
    let home = Home::new().await;
    home.store
        .write_blocks(&[
            block("m", 0, 10),
            block("m", 0, 30),
            block("m", 0, 20),
            block("n", 0, 1),
        ])
        .await
        .unwrap();
    home.store
        .write_blocks(&[block("m", 0, 29), block("m", 60, 5)])
        .await
        .unwrap();
    home.store.write_blocks(&[]).await.unwrap();
    let beside = home.beside().await;
    assert_eq!(
        beside.blocks().await.unwrap(),
        [block("m", 0, 29), block("m", 60, 5), block("n", 0, 1)]
    );
    assert_eq!(home.store.prune_blocks(59).await.unwrap(), 0);
    assert_eq!(home.store.prune_blocks(60).await.unwrap(), 2);
    assert_eq!(beside.blocks().await.unwrap(), [block("m", 60, 5)]);
}

#[tokio::test]
async fn cooldowns_are_replaced_and_removed() {
    let home = Home::new().await;
    let rest = |subject: &str, until_ms, hard| Cooldown {
        subject: subject.to_owned(),
        until_ms,
        kind: "rate-limited".to_owned(),
        hard,
        strikes: 2,
        reason: "429".to_owned(),
    };
    home.store
        .write_cooldowns(&[rest("key:a", 9, true), rest("key:b", 5, false)])
        .await
        .unwrap();
    home.store
        .write_cooldowns(&[rest("key:a", 4, false)])
        .await
        .unwrap();
    assert_eq!(
        home.store.cooldowns().await.unwrap(),
        [rest("key:a", 4, false), rest("key:b", 5, false)]
    );
    home.store
        .remove_cooldowns(&["key:a".to_owned(), "key:none".to_owned()])
        .await
        .unwrap();
    assert_eq!(
        home.beside().await.cooldowns().await.unwrap(),
        [rest("key:b", 5, false)]
    );
}

#[tokio::test]
async fn settings_are_set_over() {
    let home = Home::new().await;
    assert_eq!(home.store.setting("rank").await.unwrap(), None);
    home.store.set_setting("rank", "1").await.unwrap();
    home.store.set_setting("rank", "2").await.unwrap();
    assert_eq!(
        home.beside()
            .await
            .setting("rank")
            .await
            .unwrap()
            .as_deref(),
        Some("2")
    );
}

/// The server polls the revision while the command line writes; and what the server itself writes must not
/// wake it for ever.
#[tokio::test]
async fn the_revision_tells_of_every_change_and_of_nothing_else() {
    let home = Home::new().await;
    let cli = home.beside().await;
    let mut last = home.store.revision().await.unwrap();
    let mut id = String::new();
    let row = PluginRow {
        id: "groq".into(),
        sha256: "aa".into(),
        source: "inbox".into(),
        ..Default::default()
    };
    let learned = [("a".to_owned(), "1".to_owned())];
    let models = [model("m", json!({"context": 1}))];
    // Each step is taken twice; the second time the idempotent ones must stay silent.
    for step in 0..11 {
        for second in [false, true] {
            match step {
                0 => drop(cli.add_client_key(&home.vault, "c").await.unwrap()),
                1 => id = cli.add_key(&home.vault, &groq("k")).await.unwrap(),
                2 => cli.set_learned(&id, &learned).await.unwrap(),
                3 => cli
                    .set_key_health(&id, "healthy", "", i64::from(second))
                    .await
                    .unwrap(),
                4 => cli.set_key_models(&id, &models, DISCOVERED).await.unwrap(),
                5 => cli.save_plugin_row(&row).await.unwrap(),
                6 => cli.set_grant("groq", "aa", "{}", 1).await.unwrap(),
                7 => cli.touch().await.unwrap(),
                8 => cli.set_setting("x", "y").await.unwrap(),
                9 => cli.write_blocks(&[block("m", 0, 1)]).await.unwrap(),
                _ => cli.remove_key(&id).await.map(drop).unwrap(),
            }
            let now = home.store.revision().await.unwrap();
            let silent = matches!((step, second), (2..=5, true) | (8..=9, _));
            assert_eq!(now > last, !silent, "step {step}, second {second}");
            last = now;
        }
    }
}

#[tokio::test]
async fn a_plugin_is_switched_off_and_on_again() {
    let home = Home::new().await;
    let before = home.store.revision().await.unwrap();
    for (off, risen) in [(true, 1), (true, 1), (false, 2), (false, 2)] {
        home.store.disable_plugin("groq", off, 7).await.unwrap();
        let disabled = home.store.disabled_plugins().await.unwrap();
        assert_eq!(disabled.contains("groq"), off);
        assert_eq!(home.store.revision().await.unwrap() - before, risen);
    }
}

#[tokio::test]
async fn the_account_is_made_once_with_the_code_and_takes_its_sessions_along() {
    let home = Home::new().await;
    let store = &home.store;
    let add = async |code: &str| store.add_account("me@a", "p", code, 1).await.unwrap();
    assert_eq!(add("").await, None, "no code was set");
    store.set_setup_code("old").await.unwrap();
    store.set_setup_code("new").await.unwrap();
    assert_eq!(add("old").await, None);
    let id = add("new").await.unwrap();
    assert_eq!(store.setup_code().await.unwrap(), None, "it is used up");
    store.set_setup_code("third").await.unwrap();
    assert_eq!(add("third").await, None, "there is one");
    let is_in =
        async |hash: [u8; 32], now_ms| store.session(&hash, now_ms).await.unwrap().is_some();
    store.add_session(&[1; 32], &id, 10, 20).await.unwrap();
    assert!(is_in([1; 32], 19).await);
    assert!(!is_in([1; 32], 20).await);
    store.set_password(&id, "q").await.unwrap();
    assert!(!is_in([1; 32], 19).await, "a new password ends it");
    store.add_session(&[2; 32], &id, 10, 20).await.unwrap();
    assert!(store.remove_account().await.unwrap());
    assert!(!is_in([2; 32], 11).await);
    assert!(store.set_password(&id, "r").await.is_err());
}
