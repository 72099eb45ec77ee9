//! The vault's promises, and where the master secret comes from.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use hkdf::Hkdf;
use proptest::prelude::*;
use sha2::Sha256;

use super::{Vault, VaultError, find_master, hex, master};

const MASTER: &str = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";
const SALT: &[u8; 16] = b"sixteen byte sal";

fn vault() -> Vault {
    Vault::derive(MASTER, SALT).unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

proptest! {
    #[test]
    fn opens_what_it_sealed_and_only_there(plain: Vec<u8>, place in "[a-z/-]{0,20}", other in "[a-z/-]{0,20}") {
        let vault = vault();
        let sealed = vault.seal(&place, &plain);
        prop_assert_eq!(&vault.open(&place, &sealed).unwrap()[..], &plain[..]);
        if place != other {
            prop_assert_eq!(vault.open(&other, &sealed), Err(VaultError::Damaged { what: other }));
        }
        prop_assert_ne!(vault.seal(&place, &plain), sealed);
    }

    #[test]
    fn refuses_every_altered_or_cut_value(plain: Vec<u8>, at: prop::sample::Index, bit in 0_u8..8) {
        let vault = vault();
        let sealed = vault.seal("t/r/c", &plain);
        let at = at.index(sealed.len());
        let mut altered = sealed.clone();
        altered[at] ^= 1 << bit;
        prop_assert!(vault.open("t/r/c", &altered).is_err());
        prop_assert!(vault.open("t/r/c", &sealed[..at]).is_err());
    }
}

#[test]
fn derives_as_hkdf_says() {
    let key: Vec<u8> = (0..2).flat_map(|_| (0..16_u8).map(|n| n * 0x11)).collect();
    let standard = Hkdf::<Sha256>::new(Some(SALT), &key);
    let mut expected = [0; 32];
    standard
        .expand(b"freellmapi/subkey/cursor", &mut expected)
        .unwrap();
    assert_eq!(vault().subkey("cursor"), expected);
    assert_ne!(vault().subkey("cursor"), vault().subkey("curso"));
}

#[test]
fn another_master_or_salt_is_another_vault() {
    let sealed = vault().seal("t/r/c", b"secret");
    let lower = Vault::derive(&MASTER.to_lowercase(), SALT).unwrap();
    assert_eq!(&lower.open("t/r/c", &sealed).unwrap()[..], b"secret");
    let passphrase = "correct horse battery staple";
    for other in [
        Vault::derive(&MASTER.replace('0', "1"), SALT).unwrap(),
        Vault::derive(MASTER, b"another 16 bytes").unwrap(),
        Vault::derive(passphrase, SALT).unwrap(),
    ] {
        assert!(other.open("t/r/c", &sealed).is_err());
        assert_ne!(other.token_hash("t"), vault().token_hash("t"));
    }
    let again = Vault::derive(passphrase, SALT).unwrap();
    assert_eq!(
        again.token_hash("t"),
        Vault::derive(passphrase, SALT).unwrap().token_hash("t")
    );
    assert_ne!(
        again.token_hash("t"),
        Vault::derive(passphrase, b"another 16 bytes")
            .unwrap()
            .token_hash("t")
    );
}

#[test]
fn refuses_a_short_passphrase_without_repeating_it() {
    let Err(VaultError::Master(why)) = Vault::derive("hunter2", SALT) else {
        panic!("taken")
    };
    assert!(
        why.contains("64 hexadecimal") && !why.contains("hunter2"),
        "{why}"
    );
}

#[test]
fn prints_nothing_secret() {
    let folder = tempfile::tempdir().unwrap();
    let made = master(folder.path(), None).unwrap();
    let printed = format!("{made:?} {:?}", Vault::derive(&made.secret, SALT).unwrap());
    assert!(!printed.contains(&made.secret[..8]), "{printed}");
}

#[test]
fn makes_a_master_once_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("a/data");
    assert!(find_master(&data, None).unwrap().is_none());
    assert!(!data.exists());
    let made = master(&data, Some("  ")).unwrap();
    assert!(made.fresh && made.secret.len() == 64);
    assert_eq!((mode(&data), mode(&data.join(".env"))), (0o700, 0o600));
    let again = master(&data, None).unwrap();
    assert!(!again.fresh && again.secret == made.secret);
    let given = master(&data, Some("from the environment")).unwrap();
    assert!(!given.fresh && *given.secret == "from the environment");
}

#[test]
fn adds_to_a_file_that_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(".env");
    fs::write(&file, "PORT=3001\nENCRYPTION_KEY=").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let made = master(folder.path(), None).unwrap();
    assert!(made.fresh);
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(
        text,
        format!(
            "PORT=3001\nENCRYPTION_KEY=\nENCRYPTION_KEY={}\n",
            *made.secret
        )
    );
    assert_eq!(mode(&file), 0o600);
    assert_eq!(master(folder.path(), None).unwrap().secret, made.secret);
}

#[test]
fn two_first_starts_agree() {
    let folder = tempfile::tempdir().unwrap();
    let starts: Vec<_> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| master(folder.path(), None).unwrap()))
            .collect();
        starts
            .into_iter()
            .map(|start| start.join().unwrap())
            .collect()
    });
    assert_eq!(starts.iter().filter(|start| start.fresh).count(), 1);
    assert!(starts.iter().all(|start| start.secret == starts[0].secret));
}

#[test]
fn reads_quotes_and_does_not_repeat_a_bad_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(".env");
    fs::write(
        &file,
        "export ENCRYPTION_KEY=\"a long passphrase\" # mine\n",
    )
    .unwrap();
    assert_eq!(
        *master(folder.path(), None).unwrap().secret,
        "a long passphrase"
    );
    fs::write(&file, "ENCRYPTION_KEY a-canary-value\n").unwrap();
    let fault = master(folder.path(), None).unwrap_err().to_string();
    assert!(
        fault.contains("NAME=value") && !fault.contains("canary"),
        "{fault}"
    );
}

#[test]
fn hex_is_lower_case_and_whole() {
    assert_eq!(hex(&[0, 0x0f, 0xf0, 0xab]), "000ff0ab");
}
