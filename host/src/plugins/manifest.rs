//! What a plugin says of itself, validated once at load; whoever holds a [`Manifest`] may rely on it.

use std::collections::BTreeSet;
use std::time::Duration;

use regex::{Regex, RegexBuilder};

use super::component::{Class, LoadError};
use super::contract;
use super::engine::MAX_MEMORY_MIB;
use super::instance::Bounds;
use crate::upstream::guard::{CredentialRule, Grant, Reach, USER_BASE};

/// Memory of an instance whose manifest names none, MiB. Enough to rewrite a body of about a megabyte.
pub const DEFAULT_MEMORY_MIB: u32 = 64;

/// Wall time of a call whose manifest names none. Generous: a busy machine must not fail a healthy guest.
pub const DEFAULT_DEADLINE: Duration = Duration::from_millis(250);

/// The most a manifest may ask for.
pub const MAX_DEADLINE: Duration = Duration::from_secs(5);

/// Wall time of the first call.
const FIRST_DEADLINE: Duration = Duration::from_secs(2);

/// The power to be given requests that declare tools, and to return tool calls.
pub const TOOLS: &str = "tools";

/// The power to import WASI: the host's word for what the component itself shows, which no manifest can say.
pub const BOXED: &str = "boxed";

/// Bounds of the first call, `describe`, before anything is known of the guest.
#[must_use]
pub fn first_bounds() -> Bounds {
    Bounds {
        memory: (DEFAULT_MEMORY_MIB as usize) << 20,
        // The first call into a fresh component also pages its code in.
        deadline: FIRST_DEADLINE,
    }
}

/// A checked manifest.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// The provider's name in routes, settings and metrics.
    pub id: String,
    /// For people.
    pub title: String,
    /// The plugin's own version.
    pub version: semver::Version,
    /// Where the user gets a key; empty if none is needed.
    pub key_page: String,
    /// What the provider's terms say of use through a gateway.
    pub terms_note: String,
    /// What the provider does with what it is sent.
    pub data_use: DataUse,
    /// Where prompts are worked on, two letters; empty: it does not say.
    pub region: String,
    /// All that it asks for; the user grants this or less.
    pub asks: Grant,
    /// What the user stores for each key, encrypted.
    pub credentials: Vec<Credential>,
    /// What else the user sets for each key.
    pub settings: Vec<Setting>,
    /// Works with no credential at all.
    pub keyless: bool,
    /// The user gives the base address.
    pub user_base_url: bool,
    /// Operations whose `encode` reads the body.
    pub reads_body: BTreeSet<String>,
    /// Operations whose `encode` is given the bytes of uploaded files.
    pub reads_files: BTreeSet<String>,
    /// Operations whose replies the host reads itself.
    pub canonical_replies: BTreeSet<String>,
    /// Response headers that the plugin is given.
    pub reads_headers: HeaderFilter,
    /// Memory and time of an instance.
    pub bounds: Bounds,
    /// Limits across all models.
    pub quotas: Vec<contract::Quota>,
    /// The catalogue as of this version.
    pub models: Vec<contract::Model>,
}

impl Manifest {
    /// What the component imports.
    #[must_use]
    pub fn class(&self) -> Class {
        if self.asks.has_power(BOXED) {
            Class::Boxed
        } else {
            Class::Pure
        }
    }
}

/// What a provider does with prompts on the plan that the plugin is for, by its own terms: `data-use` in the
/// manifest's `extra`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DataUse {
    /// `private`: it does not train on them.
    Private,
    /// `trains`: it may.
    Trains,
    /// The manifest does not say.
    #[default]
    Unknown,
}

impl DataUse {
    /// An unknown word says nothing.
    fn of(extra: &[contract::Pair]) -> Self {
        let said = extra.iter().find(|pair| pair.name == "data-use");
        match said.map(|pair| pair.value.as_str()) {
            Some("private") => Self::Private,
            Some("trains") => Self::Trains,
            _ => Self::Unknown,
        }
    }
}

/// A word that is none of two capital letters says nothing.
fn region(extra: &[contract::Pair]) -> String {
    let said = extra.iter().find(|pair| pair.name == "region");
    let word = said.map_or("", |pair| pair.value.as_str());
    let is_region = word.len() == 2 && word.bytes().all(|letter| letter.is_ascii_uppercase());
    if is_region { word } else { "" }.to_owned()
}

/// A secret that the user stores.
#[derive(Debug, Clone)]
pub struct Credential {
    /// Its name.
    pub name: String,
    /// For people.
    pub label: String,
    /// What a good value matches.
    pub pattern: Option<Regex>,
    /// The provider can be used without it.
    pub optional: bool,
}

/// A value that the user sets and that is no secret.
#[derive(Debug, Clone)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// For people.
    pub label: String,
    /// What a good value matches.
    pub pattern: Option<Regex>,
    /// For a choice; empty: any.
    pub choices: Vec<String>,
    /// The value where the user sets none.
    pub default: String,
    /// May stay empty.
    pub optional: bool,
}

/// Which response headers a plugin is given.
#[derive(Debug, Clone, Default)]
pub struct HeaderFilter {
    names: BTreeSet<String>,
    prefixes: Vec<String>,
}

impl HeaderFilter {
    fn new(patterns: &[String]) -> Self {
        let mut filter = Self::default();
        for pattern in patterns {
            match pattern.strip_suffix('*') {
                Some(prefix) => filter.prefixes.push(prefix.to_owned()),
                None => drop(filter.names.insert(pattern.clone())),
            }
        }
        filter
    }

    /// Whether this header (its name in lower case) is handed over. Cookies never are.
    #[must_use]
    pub fn takes(&self, name: &str) -> bool {
        name != "set-cookie"
            && (self.names.contains(name)
                || self.prefixes.iter().any(|prefix| name.starts_with(prefix)))
    }
}

impl TryFrom<contract::Manifest> for Manifest {
    type Error = LoadError;

    fn try_from(said: contract::Manifest) -> Result<Self, LoadError> {
        check(said).map_err(LoadError::BadManifest)
    }
}

fn check(said: contract::Manifest) -> Result<Manifest, String> {
    if !is_name(&said.id, 40) {
        return Err(format!(
            "`id` is {:?}; it must be 1 to 40 of a-z, 0-9 and -",
            said.id
        ));
    }
    let version = semver::Version::parse(&said.version).map_err(|error| {
        format!(
            "`version` {:?} is no semantic version: {error}",
            said.version
        )
    })?;
    let reaches = said
        .reaches
        .iter()
        .map(|reach| check_reach(reach, said.user_base_url))
        .collect::<Result<Vec<_>, _>>()?;
    for setting in &said.settings {
        // A default in an address would let an update send a credential elsewhere without the user being asked.
        let hole = format!("{{{}}}", setting.name);
        let used = reaches
            .iter()
            .any(|reach| reach.host.contains(&hole) || reach.path.contains(&hole));
        if used && !setting.default.is_empty() {
            return Err(format!(
                "`settings` {:?}: it is part of a reach, so only the user can set it; leave its default empty",
                setting.name
            ));
        }
    }
    let mut rules = Vec::new();
    let mut credentials = Vec::new();
    for secret in &said.secrets {
        let (rule, credential) = check_credential(secret, &reaches)?;
        rules.push(rule);
        credentials.push(credential);
    }
    let settings = said
        .settings
        .iter()
        .map(check_setting)
        .collect::<Result<Vec<_>, _>>()?;
    for model in &said.models {
        if model.id.is_empty() || model.operations.is_empty() {
            return Err(format!(
                "`models`: {:?} needs an id and at least one operation",
                model.id
            ));
        }
    }
    Ok(Manifest {
        bounds: check_bounds(said.memory_mib, said.deadline_ms)?,
        id: said.id,
        title: said.title,
        version,
        key_page: said.key_page,
        terms_note: said.terms_note,
        data_use: DataUse::of(&said.extra),
        region: region(&said.extra),
        asks: Grant {
            reaches,
            credentials: rules,
            powers: said.powers,
        },
        credentials,
        settings,
        keyless: said.keyless,
        user_base_url: said.user_base_url,
        reads_body: said.reads_body.into_iter().collect(),
        reads_files: said.reads_files.into_iter().collect(),
        canonical_replies: said.canonical_replies.into_iter().collect(),
        reads_headers: HeaderFilter::new(&said.reads_headers),
        quotas: said.quotas,
        models: said.models,
    })
}

fn check_reach(reach: &contract::Reach, user_base_url: bool) -> Result<Reach, String> {
    let at = format!("`reaches` {:?}", reach.host);
    if reach.host == USER_BASE {
        if !user_base_url {
            return Err(format!("{at} needs `user-base-url`"));
        }
    } else if !is_host(&reach.host) {
        return Err(format!(
            "{at}: a host is a lower-case DNS name with an optional port; no address, no wildcard, no scheme"
        ));
    }
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    if reach.methods.is_empty() || reach.methods.iter().any(|it| !known.contains(&it.as_str())) {
        return Err(format!(
            "{at}: `methods` are one or more of {}",
            known.join(", ")
        ));
    }
    if !reach.path.starts_with('/') || reach.path.contains(['?', '#', '\\', '%']) {
        return Err(format!(
            "{at}: `path` must begin with / and hold no ? # \\ %"
        ));
    }
    Ok(Reach {
        host: reach.host.clone(),
        methods: reach.methods.clone(),
        path: reach.path.clone(),
    })
}

fn check_credential(
    secret: &contract::Credential,
    reaches: &[Reach],
) -> Result<(CredentialRule, Credential), String> {
    let at = format!("`secrets` {:?}", secret.name);
    if !is_name(&secret.name, 40) {
        return Err(format!("{at}: a name is 1 to 40 of a-z, 0-9 and -"));
    }
    for placement in &secret.placements {
        let good = ["header:", "query:"]
            .iter()
            .filter_map(|kind| placement.strip_prefix(kind))
            .any(|name| !name.is_empty());
        if !good {
            return Err(format!(
                "{at}: {placement:?} is no placement (header:NAME or query:NAME)"
            ));
        }
    }
    for host in &secret.hosts {
        if !reaches.iter().any(|reach| reach.host == *host) {
            return Err(format!(
                "{at}: it is bound to {host:?}, which is not in `reaches`"
            ));
        }
    }
    let rule = CredentialRule {
        name: secret.name.clone(),
        placements: secret.placements.clone(),
        hosts: secret.hosts.clone(),
    };
    let credential = Credential {
        name: secret.name.clone(),
        label: secret.label.clone(),
        pattern: pattern(&secret.pattern).map_err(|error| format!("{at}: {error}"))?,
        optional: secret.optional,
    };
    Ok((rule, credential))
}

fn check_setting(setting: &contract::Setting) -> Result<Setting, String> {
    let at = format!("`settings` {:?}", setting.name);
    if !is_name(&setting.name, 40) {
        return Err(format!("{at}: a name is 1 to 40 of a-z, 0-9 and -"));
    }
    Ok(Setting {
        name: setting.name.clone(),
        label: setting.label.clone(),
        pattern: pattern(&setting.pattern).map_err(|error| format!("{at}: {error}"))?,
        choices: setting.choices.clone(),
        default: setting.default.clone(),
        optional: setting.optional,
    })
}

fn check_bounds(memory_mib: u32, deadline_ms: u32) -> Result<Bounds, String> {
    if memory_mib > MAX_MEMORY_MIB {
        return Err(format!(
            "`memory-mib` is {memory_mib}; this server gives a plugin at most {MAX_MEMORY_MIB}"
        ));
    }
    let deadline = Duration::from_millis(deadline_ms.into());
    if deadline > MAX_DEADLINE {
        return Err(format!(
            "`deadline-ms` is {deadline_ms}; at most {} are given",
            MAX_DEADLINE.as_millis()
        ));
    }
    let mib = if memory_mib == 0 {
        DEFAULT_MEMORY_MIB
    } else {
        memory_mib
    };
    Ok(Bounds {
        memory: (mib as usize) << 20,
        deadline: if deadline.is_zero() {
            DEFAULT_DEADLINE
        } else {
            deadline
        },
    })
}

/// A user's value must match the whole pattern. The size bound keeps a manifest from costing memory.
fn pattern(text: &str) -> Result<Option<Regex>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    // On its own first: `a)|(b` would open the anchors up.
    Regex::new(text).map_err(|error| format!("`pattern` is no regular expression: {error}"))?;
    RegexBuilder::new(&format!("^(?:{text})$"))
        .size_limit(1 << 20)
        .build()
        .map(Some)
        .map_err(|error| format!("`pattern` is no regular expression: {error}"))
}

pub(super) fn is_name(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// A DNS name with an optional port, in which a whole label may be `{setting}`.
pub(super) fn is_host(text: &str) -> bool {
    let (name, port) = text
        .split_once(':')
        .map_or((text, None), |(name, port)| (name, Some(port)));
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return false;
    }
    let labels: Vec<&str> = name.split('.').collect();
    let is_label = |label: &&str| {
        let filled = label
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'));
        is_name(filled.unwrap_or(label), 63) && !label.starts_with('-') && !label.ends_with('-')
    };
    // A last label of digits would make an IPv4 address of it.
    // The last two say whose host it is: a setting there could name anybody's.
    let owner = labels.iter().rev().take(2);
    labels.len() >= 2
        && labels.iter().all(is_label)
        && owner.clone().all(|label| !label.starts_with('{'))
        && labels
            .last()
            .is_some_and(|last| last.starts_with(|first: char| first.is_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names() {
        for good in [
            "api.groq.com",
            "hello.example:8443",
            "{region}.api.example.com",
        ] {
            assert!(is_host(good), "{good}");
        }
        for bad in [
            "",
            "localhost",
            "10.0.0.1",
            "API.groq.com",
            "*.groq.com",
            "https://a.b",
            "a.b/c",
            "a..b",
            "[::1]",
            "a.b:x",
            "user@a.b",
            "-a.b",
            "a.b.",
            "a.1",
            "{domain}.com",
            "api.{domain}.com",
            "api.example.{tld}",
        ] {
            assert!(!is_host(bad), "{bad}");
        }
    }

    #[test]
    fn patterns_match_the_whole_value() {
        let pattern = pattern("gsk_[a-z]+|x").unwrap().unwrap();
        assert!(pattern.is_match("gsk_abc"));
        assert!(!pattern.is_match("see gsk_abc"));
        assert!(!pattern.is_match("xx"));
    }

    #[test]
    fn header_filters_take_names_and_prefixes_but_no_cookie() {
        let filter = HeaderFilter::new(&["retry-after".into(), "x-ratelimit-*".into(), "*".into()]);
        assert!(filter.takes("retry-after"));
        assert!(filter.takes("x-ratelimit-limit-tokens"));
        assert!(!filter.takes("set-cookie"));
    }

    #[test]
    fn bounds_have_a_ceiling() {
        assert!(check_bounds(MAX_MEMORY_MIB + 1, 0).is_err());
        assert!(check_bounds(0, 60_000).is_err());
        assert_eq!(check_bounds(0, 0).unwrap().deadline, DEFAULT_DEADLINE);
    }
}
