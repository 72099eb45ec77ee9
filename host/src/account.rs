//! The dashboard's account: its password, and the one-time code that makes it. For the server and the command line.

pub mod code;
pub mod passwords;

/// The longest address that mail knows.
const LONGEST_EMAIL: usize = 254;

/// An address as it is stored: without blanks around it, in lower case.
///
/// # Errors
/// Says what an address looks like.
pub fn email(text: &str) -> Result<String, String> {
    let email = text.trim().to_lowercase();
    let odd = |letter: char| letter.is_whitespace() || letter.is_control();
    let whole = email
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    if whole && email.len() <= LONGEST_EMAIL && !email.contains(odd) {
        Ok(email)
    } else {
        Err("this is no e-mail address; it looks like name@example.org".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_checked_and_written_alike() {
        assert_eq!(email(" Me@Example.Org ").as_deref(), Ok("me@example.org"));
        assert_eq!(email("me@localhost").as_deref(), Ok("me@localhost"));
        for bad in [
            "",
            "me",
            "@a",
            "me@",
            "a@b@c",
            "a b@c",
            "a@b\u{0}",
            &"x@".repeat(200),
        ] {
            assert!(email(bad).is_err(), "{bad:?}");
        }
    }
}
