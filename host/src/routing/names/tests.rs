use super::*;
use crate::routing::routes::{Link, Profile};

fn names() -> BTreeMap<String, Vec<u32>> {
    [
        ("groq/llama-3.3", vec![0, 3]),
        ("llama-3.3", vec![0, 1, 3]),
        ("cerebras/llama-3.3", vec![1]),
        ("llama", vec![0, 1, 3]),
        ("gemini-2.5", vec![2]),
    ]
    .map(|(name, places)| (name.to_owned(), places))
    .into()
}

fn routes() -> Routes {
    let link = |model: &str, enabled| Link {
        model: model.to_owned(),
        enabled,
    };
    let work = Profile {
        name: "Work".to_owned(),
        chain: vec![
            link("Gemini-2.5", true),
            link("cerebras/llama-3.3", true),
            link("groq/llama-3.3", false),
            link("llama-3.3", true),
            link("gone/model", true),
        ],
        strategy: None,
    };
    Routes {
        profiles: [("work".to_owned(), work)].into(),
        aliases: [
            ("gpt-4o", "auto:smart"),
            ("mini", "Llama-3.3"),
            ("twice", "mini"),
            ("round", "about"),
            ("about", "round"),
        ]
        .map(|(name, target)| (name.to_owned(), target.to_owned()))
        .into(),
        ..Routes::default()
    }
}

fn selected(name: &str) -> Selection {
    select(&names(), &routes(), name).unwrap_or_else(|unknown| panic!("{unknown}"))
}

#[test]
fn names_stand_for_their_candidates_in_any_case() {
    for (name, places) in [
        ("llama-3.3", vec![0, 1, 3]),
        ("LLAMA-3.3", vec![0, 1, 3]),
        ("Groq/Llama-3.3", vec![0, 3]),
        ("llama", vec![0, 1, 3]),
        (" gemini-2.5 ", vec![2]),
        ("Mini", vec![0, 1, 3]),
        ("twice", vec![0, 1, 3]),
    ] {
        let selection = selected(name);
        assert_eq!(selection.places, Some(places), "{name}");
        assert!(!selection.free && selection.tiers, "{name}");
        assert_eq!(selection.weights, Strategy::Balanced.weights());
    }
}

#[test]
fn auto_takes_words() {
    let auto = selected("auto");
    assert_eq!((auto.places, auto.tiers, auto.free), (None, true, true));
    let fast = selected("AUTO:Fast");
    assert_eq!(fast.weights, Strategy::Fastest.weights());
    assert!(!fast.tiers, "the fastest of all");
    assert_eq!(selected("auto:priority").weights, None);
    let private = selected("auto:private");
    assert!(private.private && private.tiers);
    let both = selected("auto:reliable:private");
    assert!(both.private);
    assert_eq!(both.weights, Strategy::Reliable.weights());
    assert_eq!(selected("gpt-4o"), selected("auto:smart"));
}

#[test]
fn a_profile_has_its_own_order_and_its_own_models() {
    let work = selected("auto:WORK");
    assert_eq!(work.places, Some(vec![2, 1, 0, 3]));
    assert_eq!((work.weights, work.tiers), (None, false));
    let fast = selected("auto:work:fast");
    assert_eq!(fast.places, Some(vec![2, 1, 0, 3]));
    assert_eq!(fast.weights, Strategy::Fastest.weights());
}

#[test]
fn the_active_profile_is_what_auto_stands_for() {
    let active = Routes {
        active: Some("work".to_owned()),
        ..routes()
    };
    let select = |name| select(&names(), &active, name).unwrap();
    assert_eq!(select("auto").places, Some(vec![2, 1, 0, 3]));
    assert!(select("auto:private").private);
    assert_eq!(select("auto:private").places, Some(vec![2, 1, 0, 3]));
    assert_eq!(select("auto:smart").places, None);
    assert_eq!(select("gemini-2.5").places, Some(vec![2]));
}

#[test]
fn what_means_nothing_is_named_with_what_is_near() {
    for (name, near) in [
        ("llama-3.4", "llama-3.3"),
        ("auto:fasst", "auto:fast"),
        ("auto:wrk", "auto:work"),
        ("atuo", "auto"),
    ] {
        let unknown = select(&names(), &routes(), name).unwrap_err();
        assert!(
            unknown.near.iter().any(|one| one == near),
            "{name}: {unknown}"
        );
    }
    for name in ["gpt-5", "auto:", "auto:fast:smart", "autofast", "round", ""] {
        assert!(select(&names(), &routes(), name).is_err(), "{name}");
    }
    let long = "x".repeat(5_000);
    assert_eq!(
        select(&names(), &routes(), &long).unwrap_err().name.len(),
        200
    );
}
