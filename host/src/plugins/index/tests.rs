use proptest::prelude::*;

use super::*;

const OFFICIAL: &[u8] = include_bytes!("../../../../registry.toml");

fn signer(digit: &str) -> Signer {
    Signer::from_seed(&digit.repeat(64)).expect("a seed")
}

fn entry(version: &str) -> String {
    format!(
        "[[plugin]]\nid = \"one\"\ntitle = \"One\"\nversion = \"{version}\"\ncontract = \"0.1.0\"\nhosts = [\"api.one.example\"]\n\
         credentials = [\"api-key\"]\nlicence = \"MIT\"\nurl = \"one.wasm\"\nsha256 = \"{}\"\nsize = 10\n",
        "ab".repeat(32)
    )
}

fn index(serial: u64, more: &str) -> Vec<u8> {
    format!("schema = 1\nserial = {serial}\n{more}\n{}", entry("1.0.0")).into_bytes()
}

fn signed(by: &Signer, serial: u64, more: &str) -> Vec<u8> {
    by.sign(&index(serial, more)).expect("it can be signed")
}

#[test]
fn reads_the_index_of_the_repository() {
    let index = Index::read(OFFICIAL).expect("it is sound");
    assert_eq!(index.serial, 0);
    assert!(
        index
            .newest("groq")
            .is_some_and(|entry| entry.file.is_none())
    );
    assert_eq!(index.search(&["GROQ".to_owned()]).len(), 1);
    let refused = signer("1").sign(OFFICIAL);
    assert!(refused.is_err_and(|error| error.to_string().contains("serial")));
}

#[test]
fn finds_the_newest_version() {
    let text = ["1.9.0", "1.10.0", "2.0.0-beta.1"].map(entry).concat();
    let index = Index::read(format!("schema = 1\n{text}").as_bytes()).expect("sound");
    let newest = index.newest("one").map(|entry| entry.version.to_string());
    assert_eq!(newest.as_deref(), Some("1.10.0"));
    assert_eq!(index.search(&[]).len(), 1);
    assert!(index.search(&["two".to_owned()]).is_empty());
}

#[test]
fn what_is_wrong_is_named() {
    let long = "x".repeat(2049);
    let url = |to: &str| {
        (
            "url = \"one.wasm\"".to_owned(),
            format!("url = \"{to}\""),
            "url",
        )
    };
    let mut rows = vec![
        ("schema = 1".to_owned(), "schema = 2".to_owned(), "schema 2"),
        (
            "id = \"one\"".to_owned(),
            "id = \"../one\"".to_owned(),
            "id",
        ),
        ("id = \"one\"".to_owned(), "id = 1".to_owned(), "line 5"),
        ("\"1.0.0\"".to_owned(), "\"one\"".to_owned(), "version"),
        ("\"0.1.0\"".to_owned(), "\"0\"".to_owned(), "contract"),
        ("\"One\"".to_owned(), "\"O\\u001b[2J\"".to_owned(), "title"),
        ("\"One\"".to_owned(), "\"O\\u202e\"".to_owned(), "title"),
        ("\"One\"".to_owned(), format!("\"{long}\""), "title"),
        ("\"MIT\"".to_owned(), "\"\"".to_owned(), "licence"),
        (
            "api.one.example".to_owned(),
            "127.0.0.1".to_owned(),
            "hosts",
        ),
        (
            "\"api-key\"".to_owned(),
            "\"Key\"".to_owned(),
            "credentials",
        ),
        ("abab".to_owned(), "ABAB".to_owned(), "sha256"),
        ("size = 10".to_owned(), "size = 0".to_owned(), "size"),
        ("size = 10".to_owned(), "size = 67108865".to_owned(), "size"),
        ("size = 10".to_owned(), String::new(), "all three"),
        ("serial = 1".to_owned(), "serial = -1".to_owned(), "line 2"),
        (
            "serial = 1".to_owned(),
            "next_key = \"ab\"".to_owned(),
            "next_key",
        ),
    ];
    rows.extend(
        [
            "http://one.example/one.wasm",
            "ftp://one.example/one.wasm",
            "https://you:it@one.example/one.wasm",
            "file:///etc/passwd",
            "../one.wasm",
            ".one.wasm",
            "a/b.wasm",
            "https://one.example/a b",
            "",
        ]
        .map(url),
    );
    for (was, becomes, named) in rows {
        let text = String::from_utf8(index(1, "")).expect("text");
        let text = text.replacen(&was, &becomes, 1);
        let error = Index::read(text.as_bytes())
            .expect_err(&becomes)
            .to_string();
        assert!(error.contains(named), "{becomes}: {error}");
        assert!(!error.contains('\u{1b}'), "{error}");
    }
    let twice = format!("schema = 1\n{}{}", entry("1.0.0+a"), entry("1.0.0+b"));
    let error = Index::read(twice.as_bytes())
        .expect_err("twice")
        .to_string();
    assert!(error.contains("twice"), "{error}");
    assert!(matches!(
        Index::read(b"\xff"),
        Err(IndexError::Unreadable(_))
    ));
    let large = vec![b'#'; MAX_INDEX_BYTES + 1];
    assert!(matches!(
        Index::read(&large),
        Err(IndexError::Unreadable(_))
    ));
}

#[test]
fn only_the_pinned_key_is_believed() {
    let (ours, other) = (signer("1"), signer("2"));
    let pin = Pin::new(ours.public());
    let good = signed(&ours, 3, "");
    let (read, kept) = accept(&pin, &good).expect("it is ours");
    assert_eq!((read.serial, kept.serial, kept.key), (3, 3, ours.public()));
    for bad in [index(3, ""), signed(&other, 3, "")] {
        assert!(matches!(accept(&pin, &bad), Err(IndexError::Untrusted(_))));
    }
    // A second signature hurts nobody, and signing again adds none.
    let both = other.sign(&good).expect("signed");
    assert_eq!(signers(&both), Ok(vec![ours.public(), other.public()]));
    assert!(accept(&pin, &both).is_ok());
    assert_eq!(ours.sign(&good).as_ref(), Ok(&good));
    // A changed index loses the signatures that no longer hold.
    let text = String::from_utf8(both)
        .expect("text")
        .replace("\"One\"", "\"Two\"");
    let again = other.sign(text.as_bytes()).expect("signed");
    assert_eq!(signers(&again), Ok(vec![other.public()]));
}

#[test]
fn every_changed_byte_is_noticed() {
    let ours = signer("1");
    let pin = Pin::new(ours.public());
    let good = signed(&ours, 1, "");
    // The last byte is the line's end, which nothing hangs on.
    for at in 0..good.len() - 1 {
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert!(accept(&pin, &bad).is_err(), "byte {at}");
        assert!(accept(&pin, &good[..at]).is_err(), "cut at {at}");
    }
    let longer = [good.as_slice(), b"serial = 9\n"].concat();
    assert!(accept(&pin, &longer).is_err());
}

#[test]
fn no_older_index_is_taken() {
    let ours = signer("1");
    let seen = signed(&ours, 5, "");
    let (_, pin) = accept(&Pin::new(ours.public()), &seen).expect("ours");
    assert!(accept(&pin, &seen).is_ok());
    assert!(accept(&pin, &signed(&ours, 6, "")).is_ok());
    for (serial, more) in [(4, ""), (5, "# another")] {
        let error = accept(&pin, &signed(&ours, serial, more)).expect_err("older");
        assert_eq!(error, IndexError::RolledBack { seen: 5, serial });
    }
}

#[test]
fn a_key_is_handed_on_and_only_by_its_owner() {
    let (old, new, thief) = (signer("1"), signer("2"), signer("3"));
    let next = |key: &Signer| format!("next_key = \"{}\"", key.public());
    let pin = Pin::new(old.public());
    // Nobody takes over by naming himself.
    assert!(accept(&pin, &signed(&new, 1, &next(&new))).is_err());
    let (_, pin) = accept(&pin, &signed(&old, 1, &next(&new))).expect("ours");
    assert_eq!((pin.key, pin.next), (old.public(), Some(new.public())));
    assert!(accept(&pin, &signed(&thief, 2, "")).is_err());
    let (_, pin) = accept(&pin, &signed(&new, 2, "")).expect("the successor's");
    assert_eq!((pin.key, pin.next), (new.public(), None));
    assert!(accept(&pin, &signed(&old, 3, "")).is_err());
}

#[test]
fn a_signature_of_many_is_refused() {
    let line = format!("#ed25519 {} {}\n", signer("1").public(), "00".repeat(64));
    let bytes = [index(1, ""), line.repeat(9).into_bytes()].concat();
    assert!(matches!(signers(&bytes), Err(IndexError::Untrusted(_))));
}

#[test]
fn a_seed_is_64_digits() {
    for bad in [
        "",
        "12",
        "zz",
        &"1".repeat(63),
        &"1".repeat(66),
        &"g".repeat(64),
    ] {
        assert!(Signer::from_seed(bad).is_none(), "{bad}");
    }
    assert_eq!(
        signer("0").public().to_string(),
        "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29"
    );
}

proptest! {
    #[test]
    fn random_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Index::read(&bytes);
        prop_assert!(accept(&Pin::new(signer("1").public()), &bytes).is_err());
    }

    #[test]
    fn a_mangled_index_is_read_or_refused(at in 0_usize..300, with in prop::collection::vec(any::<u8>(), 0..6), gone in 0_usize..6) {
        let mut bytes = signed(&signer("1"), 1, "");
        let at = at.min(bytes.len());
        let end = (at + gone).min(bytes.len());
        bytes.splice(at..end, with);
        let _ = Index::read(&bytes);
        let _ = signers(&bytes);
    }
}
