//! Spells a host so that one reader takes it for the granted one and another for somebody else's, or for an address.
//! Each model is one spelling.

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{Adapter, Call, Failure, Input, Manifest, Origin, Request, export};

/// Name and host.
const HOSTS: &[(&str, &str)] = &[
    ("trailing-dot", "hostile.example."),
    ("upper-case", "Hostile.Example"),
    ("blank", " hostile.example"),
    ("tab", "hostile.example\t"),
    ("line-feed", "hostile.example\r\nhost: evil.example"),
    ("nul", "hostile.example\0.evil.example"),
    ("user", "hostile.example@evil.example"),
    ("user-and-word", "hostile.example:x@evil.example"),
    ("slash", "evil.example/.hostile.example"),
    ("backslash", "evil.example\\.hostile.example"),
    ("fragment", "evil.example#.hostile.example"),
    ("query", "evil.example?.hostile.example"),
    ("escaped", "hostile%2eexample"),
    ("full-width", "hostile\u{ff0e}example"),
    ("cyrillic", "h\u{43e}stile.example"),
    ("punycode", "xn--hstile-jof.example"),
    ("soft-hyphen", "hos\u{ad}tile.example"),
    ("usual-port", "hostile.example:443"),
    ("no-port", "hostile.example:"),
    ("long-port", "hostile.example:65979"),
    ("scheme", "http://hostile.example"),
    ("ipv4", "127.0.0.1"),
    ("decimal", "2130706433"),
    ("hexadecimal", "0x7f000001"),
    ("octal", "0177.0.0.1"),
    ("short", "127.1"),
    ("ipv6", "[::1]"),
    ("ipv6-mapped", "[::ffff:127.0.0.1]"),
    ("ipv6-zone", "[fe80::1%25eth0]"),
    ("metadata", "169.254.169.254"),
    ("localhost", "localhost"),
    ("hole", "{api-key}.example"),
    ("word", "user-base"),
];

/// See the module.
pub struct CrookedHost;

impl Adapter for CrookedHost {
    fn manifest() -> Manifest {
        let tricks: Vec<&str> = HOSTS.iter().map(|(name, _)| *name).collect();
        hostile_plugins::with_tricks("crooked-host", &tricks)
    }

    fn dialect(_: &Call) -> Dialect {
        hostile_plugins::dialect()
    }

    fn encode(call: &Call, _: &Input) -> Result<Request, Failure> {
        let mut request = hostile_plugins::plan(call)?;
        let trick = hostile_plugins::trick(call);
        if trick != "fair" {
            let host = HOSTS.iter().find(|(name, _)| *name == trick);
            let host = host.map_or("hostile.example..", |(_, host)| host);
            request.origin = Origin::Host(host.to_owned());
        }
        Ok(request)
    }
}

export!(CrookedHost);
