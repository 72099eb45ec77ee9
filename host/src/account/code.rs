//! The one-time code: whoever reads the terminal may make the account.

use zeroize::Zeroizing;

use crate::vault::{Vault, hex};

/// Digits and letters that nobody takes for one another.
const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// 60 bits: with the limit on attempts nobody guesses it.
const LENGTH: usize = 12;

/// A new code, as it is shown: `7K2M-94XR-QB0T`.
#[must_use]
pub fn fresh() -> Zeroizing<String> {
    let mut chance = Zeroizing::new([0_u8; LENGTH]);
    rand::fill(&mut chance[..]);
    let mut code = Zeroizing::new(String::with_capacity(LENGTH + 2));
    for (at, byte) in chance.iter().enumerate() {
        if at > 0 && at % 4 == 0 {
            code.push('-');
        }
        code.push(char::from(SYMBOLS[usize::from(byte % 32)]));
    }
    code
}

/// What is stored of a code, however it is spelt.
#[must_use]
pub fn hash(vault: &Vault, code: &str) -> String {
    let letters = code.chars().filter(char::is_ascii_alphanumeric);
    let plain: Zeroizing<String> = Zeroizing::new(letters.collect::<String>().to_uppercase());
    // Apart from what is stored of other tokens.
    let named = Zeroizing::new(format!("setup code/{}", plain.as_str()));
    hex(&vault.token_hash(&named))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_may_be_spelt_as_one_likes() {
        let vault = Vault::derive(&"c0".repeat(32), &[0; 16]).unwrap();
        let code = fresh();
        assert_eq!(code.len(), LENGTH + 2);
        let plain = code.replace('-', "").to_lowercase();
        assert_eq!(hash(&vault, &code), hash(&vault, &plain));
        assert_eq!(hash(&vault, &code), hash(&vault, &format!(" {plain}\n")));
        assert_ne!(hash(&vault, &code), hash(&vault, &fresh()));
    }
}
