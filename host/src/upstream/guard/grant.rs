//! What a user grants to a plugin, which is also the form of what a plugin asks for.

use serde::{Deserialize, Serialize};

/// The host of a [`Reach`] that stands for the address the user typed.
pub const USER_BASE: &str = "user-base";

/// All that a plugin may do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Where it may send.
    pub reaches: Vec<Reach>,
    /// Where credentials may go.
    pub credentials: Vec<CredentialRule>,
    /// What else it may do, in the contract's words.
    pub powers: Vec<String>,
}

/// A host, with methods and a path below which it may be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// `name` or `name:port`, in which `{setting}` may stand for a label; or [`USER_BASE`].
    pub host: String,
    /// At least one.
    pub methods: Vec<String>,
    /// A prefix that ends at a segment; `{setting}` may stand for one.
    pub path: String,
}

/// Where one credential may go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialRule {
    /// Its name.
    pub name: String,
    /// `header:NAME` or `query:NAME`.
    pub placements: Vec<String>,
    /// Each one the host of a reach, letter by letter.
    pub hosts: Vec<String>,
}

impl Grant {
    /// Whether it holds this power.
    #[must_use]
    pub fn has_power(&self, power: &str) -> bool {
        self.powers.iter().any(|held| held == power)
    }

    /// What `asks` wants beyond this grant, for people; empty if nothing.
    #[must_use]
    pub fn widenings(&self, asks: &Self) -> Vec<String> {
        let mut wider = Vec::new();
        for reach in &asks.reaches {
            let missing: Vec<&str> = reach
                .methods
                .iter()
                .filter(|method| !self.reaches.iter().any(|held| held.covers(method, reach)))
                .map(String::as_str)
                .collect();
            if !missing.is_empty() {
                wider.push(reach.describe(&missing));
            }
        }
        for rule in &asks.credentials {
            for placement in &rule.placements {
                for host in &rule.hosts {
                    let held = self.credentials.iter().any(|held| {
                        held.name == rule.name
                            && held.placements.contains(placement)
                            && held.hosts.contains(host)
                    });
                    if !held {
                        wider.push(rule.describe(placement, host));
                    }
                }
            }
        }
        let powers = asks.powers.iter().filter(|power| !self.has_power(power));
        wider.extend(powers.map(|power| describe_power(power)));
        wider
    }

    /// All of it, for people, one wish a line.
    #[must_use]
    pub fn describe(&self) -> Vec<String> {
        Self::default().widenings(self)
    }
}

impl Reach {
    /// Whether it holds all that `other` reaches with this method.
    fn covers(&self, method: &str, other: &Self) -> bool {
        self.host == other.host
            && self.methods.iter().any(|held| held == method)
            && super::path::is_below(&other.path, &self.path)
    }

    fn describe(&self, methods: &[&str]) -> String {
        let methods = methods.join(", ");
        if self.host == USER_BASE {
            format!(
                "send {methods} to the address you type, below {}",
                self.path
            )
        } else {
            format!("send {methods} to https://{}{}", self.host, self.path)
        }
    }
}

impl CredentialRule {
    fn describe(&self, placement: &str, host: &str) -> String {
        let host = if host == USER_BASE {
            "the address you type"
        } else {
            host
        };
        let place = placement.replacen(':', " ", 1);
        format!(
            "have its credential `{}` put into the {place} of what it sends to {host}",
            self.name
        )
    }
}

fn describe_power(power: &str) -> String {
    match power {
        "tools" => {
            "answer with tool calls, which an agent may carry out (power `tools`)".to_owned()
        }
        "boxed" => {
            "run in a box, since it was built for WASI: without files, sockets, variables and time (power `boxed`)"
                .to_owned()
        }
        other => format!("`{other}`, which this server does not know and does not give"),
    }
}
