use proptest::prelude::*;

use super::*;
use crate::upstream::guard::Reach;

fn asks(paths: &[&str]) -> Grant {
    Grant {
        reaches: paths
            .iter()
            .map(|path| Reach {
                host: "api.example".into(),
                methods: vec!["POST".into()],
                path: (*path).into(),
            })
            .collect(),
        credentials: Vec::new(),
        powers: Vec::new(),
    }
}

fn small() -> Grant {
    asks(&["/v1"])
}

fn wide() -> Grant {
    asks(&["/v1", "/admin"])
}

fn found(source: Source, file: &str, sha256: &str, asks: &Grant) -> Found {
    Found {
        source,
        file: file.into(),
        id: "one".into(),
        sha256: sha256.into(),
        asks: asks.clone(),
        official: source == Source::Bundled,
    }
}

fn inbox(file: &str, sha256: &str, asks: &Grant) -> Found {
    found(Source::Inbox, file, sha256, asks)
}

/// `grant` was given for the version `sha256`, which was in `file`.
fn known(grant: &Grant, sha256: &str, file: &str) -> Known {
    let consent = Consent {
        grant: grant.clone(),
        sha256: sha256.into(),
        file: file.into(),
    };
    Known {
        consents: [("one".to_owned(), consent)].into(),
        ..Known::default()
    }
}

fn serving(mut known: Known, sha256: &str) -> Known {
    known.serving.insert("one".into(), sha256.into());
    known
}

fn official(mut known: Known) -> Known {
    known.official.insert("one".into());
    known
}

fn run(found: &[Found], known: &Known) -> Vec<Standing> {
    choose(found, known, Trust::Ask)
}

/// Each as one letter: serves, waits, conflict, shadowed.
fn letters(found: &[Found], known: &Known) -> String {
    run(found, known)
        .iter()
        .map(|standing| match standing {
            Standing::Serves(_) => 's',
            Standing::NeedsConsent(_) => 'w',
            Standing::Conflict(_) => 'c',
            Standing::Shadowed => '-',
        })
        .collect()
}

#[test]
fn a_strange_file_waits_and_the_next_source_serves() {
    let versions = [
        found(Source::Bundled, "", "b", &small()),
        inbox("one.wasm", "i", &wide()),
    ];
    let nobody = official(Known::default());
    let standings = run(&versions, &nobody);
    assert_eq!(standings[0], Standing::Serves(small()));
    assert!(matches!(&standings[1], Standing::NeedsConsent(what) if what.len() >= 2));
    let standings = run(&versions, &official(known(&wide(), "i", "")));
    assert_eq!(standings, [Standing::Shadowed, Standing::Serves(wide())]);
    // What was granted covers less than what is asked now.
    let standings = run(&versions, &official(known(&small(), "i", "")));
    assert!(matches!(&standings[1], Standing::NeedsConsent(what) if what.len() == 1));
    assert!(matches!(standings[0], Standing::Serves(_)));
}

#[test]
fn a_replacement_that_asks_for_less_serves_with_less() {
    let standings = run(
        &[inbox("a.wasm", "n", &small())],
        &serving(known(&wide(), "o", "a.wasm"), "o"),
    );
    assert_eq!(standings, [Standing::Serves(small())]);
}

#[test]
fn a_consent_is_a_versions_and_its_files() {
    let granted = || known(&wide(), "g", "one.wasm");
    let nowhere = || known(&wide(), "g", "");
    let table = [
        (
            "the granted version",
            inbox("x.wasm", "g", &wide()),
            granted(),
            "s",
        ),
        (
            "in its place",
            inbox("one.wasm", "n", &wide()),
            granted(),
            "s",
        ),
        ("elsewhere", inbox("x.wasm", "n", &wide()), granted(), "w"),
        (
            "elsewhere, asks for nothing",
            inbox("x.wasm", "n", &asks(&[])),
            granted(),
            "w",
        ),
        ("it was in no file", inbox("", "n", &wide()), nowhere(), "w"),
        (
            "granted, in no file",
            inbox("x.wasm", "g", &wide()),
            nowhere(),
            "s",
        ),
        (
            "served from that file",
            found(Source::Installed, "", "n", &wide()),
            granted(),
            "s",
        ),
        (
            "served without consent",
            found(Source::Installed, "", "n", &wide()),
            nowhere(),
            "w",
        ),
        (
            "in its place, an official id",
            inbox("one.wasm", "n", &small()),
            official(granted()),
            "w",
        ),
        (
            "granted, an official id",
            inbox("x.wasm", "g", &wide()),
            official(granted()),
            "s",
        ),
        (
            "nobody consented",
            inbox("one.wasm", "g", &asks(&[])),
            Known::default(),
            "w",
        ),
    ];
    for (what, version, known, wanted) in table {
        assert_eq!(letters(&[version], &known), wanted, "{what}");
    }
}

#[test]
fn one_that_does_not_inherit_says_all_it_asks_for() {
    let standings = run(
        &[inbox("x.wasm", "n", &small())],
        &known(&wide(), "g", "one.wasm"),
    );
    assert_eq!(
        standings,
        [Standing::NeedsConsent(small().describe())],
        "though less than was granted"
    );
}

#[test]
fn of_two_files_with_one_id_the_one_that_serves_goes_on() {
    let versions = [
        inbox("a.wasm", "a", &small()),
        inbox("b.wasm", "b", &small()),
    ];
    let auto = |known: Known| choose(&versions, &known, Trust::Auto);
    let standings = auto(serving(Known::default(), "b"));
    assert_eq!(standings[0], Standing::Conflict("b.wasm".into()));
    assert_eq!(standings[1], Standing::Serves(small()));
    assert_eq!(
        auto(Known::default())[1],
        Standing::Conflict("a.wasm".into()),
        "else the first by name"
    );
}

#[test]
fn the_granted_file_serves_beside_any_other_of_its_id() {
    let b = inbox("b.wasm", "b", &small());
    let granted = || known(&small(), "b", "b.wasm");
    for (what, other) in [
        ("wider", inbox("a.wasm", "a", &wide())),
        ("not wider", inbox("a.wasm", "a", &small())),
        ("later by name", inbox("c.wasm", "c", &wide())),
    ] {
        let versions = [other, b.clone()];
        for known in [
            granted(),
            serving(granted(), "b"),
            serving(granted(), "gone"),
        ] {
            assert_eq!(letters(&versions, &known), "cs", "{what}");
        }
    }
    // The user chooses the other one.
    let versions = [inbox("a.wasm", "a", &wide()), b];
    assert_eq!(
        letters(&versions, &serving(known(&wide(), "a", ""), "b")),
        "sc"
    );
    // And takes all back.
    assert_eq!(letters(&versions, &serving(Known::default(), "b")), "cw");
}

#[test]
fn auto_trust_serves_what_is_there() {
    let versions = [inbox("a.wasm", "a", &small())];
    let standings = choose(&versions, &Known::default(), Trust::Auto);
    assert_eq!(standings, [Standing::Serves(small())]);
    let standings = choose(&versions, &Known::default(), Trust::Ask);
    assert!(matches!(standings[0], Standing::NeedsConsent(_)));
}

/// A version in one of four files and of one of five hashes, which asks for little or much.
fn any_version() -> impl Strategy<Value = Found> {
    (0..3_usize, 0..4_usize, 0..5_usize, any::<bool>()).prop_map(|(source, file, sha256, much)| {
        let source = [Source::Bundled, Source::Installed, Source::Inbox][source];
        let file = ["a.wasm", "b.wasm", "c.wasm", "d.wasm"][file];
        let asks = if much { wide() } else { small() };
        found(source, file, &sha256.to_string(), &asks)
    })
}

proptest! {
    #[test]
    fn one_serves_and_only_what_was_granted(
        versions in prop::collection::vec(any_version(), 0..6),
        granted in 0..5_usize,
        last in 0..5_usize,
        much in any::<bool>(),
        is_official in any::<bool>(),
    ) {
        let grant = if much { wide() } else { small() };
        let mut known = serving(known(&grant, &granted.to_string(), "b.wasm"), &last.to_string());
        if is_official {
            known = official(known);
        }
        let may = |one: &Found| {
            let same = one.sha256 == granted.to_string();
            let place = one.source == Source::Installed || one.file == "b.wasm";
            let covered = much || one.asks == small();
            one.official || (covered && (same || (place && !is_official)))
        };
        let standings = run(&versions, &known);
        let serve: Vec<&Found> = versions
            .iter()
            .zip(&standings)
            .filter(|(_, standing)| matches!(standing, Standing::Serves(_)))
            .map(|(one, _)| one)
            .collect();
        prop_assert!(serve.iter().all(|one| may(one)), "{serve:?}");
        // No other file and no consent that is missing keeps away what may serve.
        prop_assert_eq!(serve.len(), usize::from(versions.iter().any(may)));
        let strongest = versions.iter().filter(|one| may(one)).map(|one| one.source).max();
        prop_assert_eq!(serve.first().map(|one| one.source), strongest);
    }
}
