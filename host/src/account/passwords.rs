//! Passwords: scrypt, in a text that tells its own costs, so that later ones may cost more.

use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::vault::{from_hex, hex};

/// The fewest characters of a password.
pub const SHORTEST: usize = 10;

/// The most bytes of one: hashing must not be given megabytes.
pub const LONGEST: usize = 1_024;

/// scrypt with N = 2^15, r = 8, p = 3 takes 32 MiB and some 0.2 s. As costly to an attacker as N = 2^17 with p = 1,
/// which would take 128 MiB of a small server.
const COSTS: Costs = Costs {
    log_n: 15,
    r: 8,
    p: 3,
};

/// The most that a stored text may ask for: a database that somebody changed must not take all memory.
const MOST_COSTS: Costs = Costs {
    log_n: 18,
    r: 16,
    p: 16,
};

/// Passwords that are hashed at once: each takes its memory and a processor.
static TURNS: Semaphore = Semaphore::const_new(2);

/// What an unknown account's password is compared with, so that it takes as long as a known one's.
const NOBODYS: &str = "scrypt:15:8:3:00000000000000000000000000000000:\
                       0000000000000000000000000000000000000000000000000000000000000000";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Costs {
    log_n: u8,
    r: u32,
    p: u32,
}

/// `scrypt:15:8:3:SALT:HASH`, salt and hash in hexadecimal digits.
struct Stored {
    costs: Costs,
    salt: [u8; 16],
    hash: Zeroizing<[u8; 32]>,
}

/// Whether a password may be taken.
///
/// # Errors
/// Says what is wrong with it, without repeating it.
pub fn check(password: &str) -> Result<(), String> {
    if password.chars().count() < SHORTEST {
        return Err(format!(
            "the password is shorter than {SHORTEST} characters"
        ));
    }
    if password.len() > LONGEST {
        return Err(format!("the password is longer than {LONGEST} bytes"));
    }
    Ok(())
}

/// What is stored of a password. `None` if the machine refuses.
pub async fn store(password: &str) -> Option<String> {
    let mut salt = [0; 16];
    rand::fill(&mut salt[..]);
    let password = Zeroizing::new(password.to_owned());
    aside(move || Stored::of(password.as_bytes(), salt, COSTS).map(|it| it.to_string()))
        .await
        .flatten()
}

/// Whether the password is the one that was stored. With nothing stored it is wrong after the same time.
pub async fn matches(stored: Option<&str>, password: &str) -> bool {
    let known = stored.is_some();
    let stored = stored.unwrap_or(NOBODYS).to_owned();
    let password = Zeroizing::new(password.to_owned());
    let same = aside(move || {
        let stored = Stored::parse(&stored)?;
        let given = Stored::of(password.as_bytes(), stored.salt, stored.costs)?;
        Some(bool::from(given.hash.ct_eq(&stored.hash[..])))
    });
    same.await.flatten().unwrap_or(false) && known
}

/// Off the async workers, and not too many at once.
async fn aside<T: Send + 'static>(job: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let turn = TURNS.acquire().await.ok()?;
    let done = tokio::task::spawn_blocking(move || {
        let done = job();
        // Held by the work and not by who waits for it: one that leaves must not let another begin.
        drop(turn);
        done
    });
    done.await.ok()
}

impl Stored {
    fn of(password: &[u8], salt: [u8; 16], costs: Costs) -> Option<Self> {
        let params = scrypt::Params::new(costs.log_n, costs.r, costs.p).ok()?;
        let mut hash = Zeroizing::new([0; 32]);
        scrypt::scrypt(password, &salt, &params, &mut hash[..]).ok()?;
        Some(Self { costs, salt, hash })
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        if parts.next()? != "scrypt" {
            return None;
        }
        let costs = Costs {
            log_n: parts.next()?.parse().ok()?,
            r: parts.next()?.parse().ok()?,
            p: parts.next()?.parse().ok()?,
        };
        let most = MOST_COSTS;
        if costs.log_n > most.log_n || costs.r > most.r || costs.p > most.p {
            return None;
        }
        let salt = from_hex(parts.next()?)?;
        let hash = from_hex(parts.next()?)?;
        Some(Self {
            costs,
            salt: <[u8; 16]>::try_from(&salt[..]).ok()?,
            hash: Zeroizing::new(<[u8; 32]>::try_from(&hash[..]).ok()?),
        })
    }
}

impl std::fmt::Display for Stored {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Costs { log_n, r, p } = self.costs;
        let (salt, hash) = (hex(&self.salt), hex(&self.hash[..]));
        write!(f, "scrypt:{log_n}:{r}:{p}:{salt}:{hash}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Costs = Costs {
        log_n: 4,
        r: 1,
        p: 1,
    };

    #[tokio::test]
    async fn only_the_right_password_matches() {
        let stored = store("correct horse").await.unwrap();
        assert!(stored.starts_with("scrypt:15:8:3:"), "{stored}");
        assert!(!stored.contains("horse"));
        assert!(matches(Some(&stored), "correct horse").await);
        assert!(!matches(Some(&stored), "correct horsf").await);
        assert!(!matches(None, "").await, "nobody's");
        assert!(!matches(Some("scrypt:15:8"), "correct horse").await);
        assert_ne!(store("correct horse").await.unwrap(), stored, "salted");
    }

    #[test]
    fn the_text_tells_its_costs_and_is_bounded() {
        let stored = Stored::of(b"x", [7; 16], CHEAP).unwrap().to_string();
        let parsed = Stored::parse(&stored).unwrap();
        assert_eq!((parsed.costs, parsed.salt), (CHEAP, [7; 16]));
        assert_eq!(parsed.to_string(), stored);
        for bad in [
            "",
            "scrypt",
            "bcrypt:4:1:1:00:00",
            &stored.replacen(":4:", ":30:", 1),
            &stored.replacen(":1:", ":99999:", 1),
            &stored[..stored.len() - 2],
        ] {
            assert!(Stored::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn nobodys_password_costs_as_much_as_anybodys() {
        assert_eq!(Stored::parse(NOBODYS).unwrap().costs, COSTS);
    }

    #[test]
    fn passwords_have_bounds() {
        assert!(check("nine char").is_err());
        assert!(check("ten chars!").is_ok());
        assert!(check("zehn Zäune").is_ok(), "characters, not bytes");
        assert!(check(&"x".repeat(LONGEST + 1)).is_err());
    }
}
