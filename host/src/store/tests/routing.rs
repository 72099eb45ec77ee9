//! What the user set for routing, and what came of attempts.

use super::*;
use crate::routing::routes::{Link, Profile, Routes};
use crate::routing::strategy::{Strategy, Weights};
use crate::routing::tally::{Outcome, Tally};

#[tokio::test]
async fn routes_are_kept_and_raise_the_revision() {
    let home = Home::new().await;
    let beside = home.beside().await;
    assert_eq!(home.store.routes().await.unwrap(), Routes::default());
    let before = home.store.revision().await.unwrap();
    let strategy = Strategy::Custom(Weights::parse("speed=1,capability=3").unwrap());
    let work = Profile {
        name: "Work".to_owned(),
        chain: vec![Link::parse("groq/x"), Link::parse("-y")],
        strategy: Some(Strategy::Fastest),
    };
    beside.set_strategy(&strategy).await.unwrap();
    beside.set_profile(&work).await.unwrap();
    beside.use_profile(Some("WORK")).await.unwrap();
    beside.set_alias("GPT-4o", "auto:smart").await.unwrap();
    assert_eq!(home.store.revision().await.unwrap(), before + 4);
    let routes = home.store.routes().await.unwrap();
    assert_eq!(routes.strategy, strategy);
    assert_eq!(routes.profile("work"), Some(&work));
    assert_eq!(routes.active.as_deref(), Some("work"));
    assert_eq!(routes.aliases["gpt-4o"], "auto:smart");

    assert!(beside.remove_alias("gpt-4O").await.unwrap());
    assert!(!beside.remove_alias("gpt-4o").await.unwrap());
    assert!(beside.remove_profile("work").await.unwrap());
    let routes = home.store.routes().await.unwrap();
    assert!(routes.profiles.is_empty() && routes.aliases.is_empty());
    assert_eq!(routes.active, None);
    let missing = beside.use_profile(Some("work")).await.unwrap_err();
    assert!(missing.to_string().contains("work"), "{missing}");
    beside.use_profile(None).await.unwrap();
}

#[tokio::test]
async fn what_is_unreadable_does_not_stop_routing() {
    let home = Home::new().await;
    home.store
        .set_setting("routing.strategy", "{")
        .await
        .unwrap();
    home.meddle("INSERT INTO routing_profiles (name, body) VALUES ('x', '[]')")
        .await;
    let routes = home.store.routes().await.unwrap();
    assert_eq!(routes, Routes::default());
}

#[tokio::test]
async fn outcomes_are_kept_until_they_are_too_old() {
    let home = Home::new().await;
    let mut tally = Tally::default();
    tally.add(Outcome::Failed(0.25), 1_000);
    let rows = vec![("model:key-1/m".to_owned(), tally)];
    home.store.write_outcomes(&rows, 0).await.unwrap();
    assert_eq!(home.store.outcomes().await.unwrap(), rows);
    tally.add(Outcome::Silent(30), 2_000);
    let rows = vec![("model:key-1/m".to_owned(), tally)];
    home.store.write_outcomes(&rows, 0).await.unwrap();
    assert_eq!(home.store.outcomes().await.unwrap(), rows);
    home.store.write_outcomes(&[], 2_001).await.unwrap();
    assert_eq!(home.store.outcomes().await.unwrap(), []);
}
