//! A manifest, written from top to bottom.

use crate::{Credential, Model, Pair, Quota, RawManifest, Reach, Setting};

/// Builds the contract's manifest. Starts as a chat provider with canonical replies; see each method.
#[derive(Clone, Debug)]
pub struct Manifest(RawManifest);

/// Whose meter a limit is, and when its window starts anew: `quota.scope` and `quota.anchor`.
#[derive(Clone, Copy, Debug)]
pub struct Scope(pub &'static str, pub &'static str);

impl Scope {
    /// This key and model, over any span of the window's length.
    pub const MODEL: Self = Self("model", "rolling");
    /// This key and model, from midnight UTC.
    pub const MODEL_DAY_UTC: Self = Self("model", "UTC");
    /// All keys of the account, over any span.
    pub const ACCOUNT: Self = Self("account", "rolling");
    /// All keys of the account, from midnight UTC.
    pub const ACCOUNT_DAY_UTC: Self = Self("account", "UTC");

    /// All that this machine's address sends.
    pub const IP: Self = Self("ip", "rolling");
    /// All that this machine's address sends to the model.
    pub const IP_MODEL: Self = Self("ip-model", "rolling");

    /// At most `limit` units in `window_s` seconds.
    #[must_use]
    pub fn limit(self, unit: &str, window_s: u64, limit: u64) -> Quota {
        Quota {
            unit: unit.to_owned(),
            window_s,
            scope: self.0.to_owned(),
            anchor: self.1.to_owned(),
            limit: Some(limit),
            remaining: None,
            reset_ms: None,
            extra: Vec::new(),
        }
    }
}

impl Manifest {
    /// A provider. `id` is its name in routes: lower-case letters, digits and hyphens.
    #[must_use]
    pub fn new(id: &str, title: &str) -> Self {
        let chat = || vec!["chat".to_owned()];
        Self(RawManifest {
            id: id.to_owned(),
            title: title.to_owned(),
            version: "0.1.0".to_owned(),
            homepage: String::new(),
            key_page: String::new(),
            terms_note: String::new(),
            licence: "MIT OR Apache-2.0".to_owned(),
            reaches: Vec::new(),
            powers: Vec::new(),
            secrets: Vec::new(),
            settings: Vec::new(),
            keyless: false,
            user_base_url: false,
            reads_body: Vec::new(),
            reads_files: Vec::new(),
            canonical_replies: chat(),
            reads_headers: ["date", "retry-after*", "x-ratelimit-*"]
                .map(str::to_owned)
                .to_vec(),
            memory_mib: 0,
            deadline_ms: 0,
            quotas: Vec::new(),
            models: Vec::new(),
            extra: Vec::new(),
        })
    }

    /// The plugin's own version, semver. Use `env!("CARGO_PKG_VERSION")`.
    #[must_use]
    pub fn version(mut self, version: &str) -> Self {
        self.0.version = version.to_owned();
        self
    }

    /// The provider's page.
    #[must_use]
    pub fn homepage(mut self, url: &str) -> Self {
        self.0.homepage = url.to_owned();
        self
    }

    /// Where the user gets a key.
    #[must_use]
    pub fn key_page(mut self, url: &str) -> Self {
        self.0.key_page = url.to_owned();
        self
    }

    /// What the provider's terms say of use through a gateway; shown at install.
    #[must_use]
    pub fn terms(mut self, note: &str) -> Self {
        self.0.terms_note = note.to_owned();
        self
    }

    /// What the provider does with prompts on the plan this is for: `private` where its terms say that it does not
    /// train on them, `trains` where it may. Leave it out if they do not say: `auto:private` then passes it by.
    #[must_use]
    pub fn data_use(mut self, word: &str) -> Self {
        self.0.extra.push(Pair {
            name: "data-use".to_owned(),
            value: word.to_owned(),
        });
        self
    }

    /// Where what is sent is worked on, if the provider says so: a country's or a union's two letters, `EU`, `CN`.
    #[must_use]
    pub fn region(mut self, word: &str) -> Self {
        self.0.extra.push(Pair {
            name: "region".to_owned(),
            value: word.to_owned(),
        });
        self
    }

    /// It may send these methods to this host below this path.
    #[must_use]
    pub fn reach(mut self, host: &str, methods: &[&str], path: &str) -> Self {
        self.0.reaches.push(Reach {
            host: host.to_owned(),
            methods: owned(methods),
            path: path.to_owned(),
            extra: Vec::new(),
        });
        self
    }

    /// It may chat at this host below this path, and ask there what models there are.
    #[must_use]
    pub fn chats_at(self, host: &str, base: &str) -> Self {
        self.reach(host, &["POST"], &format!("{base}/chat/completions"))
            .reach(host, &["GET"], &format!("{base}/models"))
    }

    /// A key named `api-key` that goes to all hosts reached so far, as a bearer token.
    #[must_use]
    pub fn api_key(self, pattern: &str) -> Self {
        self.secret("api-key", "API key", pattern, &["header:authorization"])
    }

    /// A credential that goes to all hosts reached so far, in these places.
    #[must_use]
    pub fn secret(mut self, name: &str, label: &str, pattern: &str, places: &[&str]) -> Self {
        let mut hosts: Vec<String> = Vec::new();
        for reach in &self.0.reaches {
            if !hosts.contains(&reach.host) {
                hosts.push(reach.host.clone());
            }
        }
        self.0.secrets.push(Credential {
            name: name.to_owned(),
            label: label.to_owned(),
            pattern: pattern.to_owned(),
            placements: owned(places),
            hosts,
            optional: false,
            extra: Vec::new(),
        });
        self
    }

    /// The secret given last may be left out; with no other one, no key is needed at all.
    #[must_use]
    pub fn optional(mut self) -> Self {
        if let Some(secret) = self.0.secrets.last_mut() {
            secret.optional = true;
        }
        self.0.keyless = self.0.secrets.iter().all(|secret| secret.optional);
        self
    }

    /// Something that the user must set and that is not secret.
    #[must_use]
    pub fn setting(mut self, name: &str, label: &str, pattern: &str) -> Self {
        self.0.settings.push(Setting {
            name: name.to_owned(),
            label: label.to_owned(),
            kind: "text".to_owned(),
            pattern: pattern.to_owned(),
            choices: Vec::new(),
            default: String::new(),
            optional: false,
            extra: Vec::new(),
        });
        self
    }

    /// Works without any credential, and takes none: the user switches it on with a key that is empty.
    #[must_use]
    pub fn keyless(mut self) -> Self {
        self.0.keyless = true;
        self
    }

    /// The user gives the base address; reaches it with these methods.
    #[must_use]
    pub fn user_base(mut self, methods: &[&str]) -> Self {
        self.0.user_base_url = true;
        self.reach("user-base", methods, "/")
    }

    /// May be given tools and may answer with calls of them.
    #[must_use]
    pub fn tools(mut self) -> Self {
        self.0.powers.push("tools".to_owned());
        self
    }

    /// `encode` is given the body of these operations, and their replies are not canonical: a foreign dialect.
    #[must_use]
    pub fn translates(self, operations: &[&str]) -> Self {
        self.reads(operations).decodes(operations)
    }

    /// Replies to these operations are read by `decode` and `decoder` and not by the host alone: they may want
    /// mending, or say something that is to be learnt. Costs a call for every network read.
    #[must_use]
    pub fn decodes(mut self, operations: &[&str]) -> Self {
        self.0
            .canonical_replies
            .retain(|operation| !operations.contains(&operation.as_str()));
        self
    }

    /// `encode` is given the body of these operations, though it may only edit it.
    #[must_use]
    pub fn reads(mut self, operations: &[&str]) -> Self {
        self.0.reads_body.extend(owned(operations));
        self
    }

    /// Also does these operations, whose replies are canonical as they come. Of those with files, `encode` reads the
    /// form's text fields.
    #[must_use]
    pub fn tasks(mut self, operations: &[&str]) -> Self {
        self.0.canonical_replies.extend(owned(operations));
        for operation in crate::openai::tasks::FORMS {
            if operations.contains(operation) {
                self.0.reads_body.push((*operation).to_owned());
            }
        }
        self
    }

    /// Also wants this response header.
    #[must_use]
    pub fn reads_header(mut self, name: &str) -> Self {
        self.0.reads_headers.push(name.to_owned());
        self
    }

    /// Wants these response headers and no others. One that comes with every reply costs a call of `quotas` each time.
    #[must_use]
    pub fn reads_headers(mut self, names: &[&str]) -> Self {
        self.0.reads_headers = owned(names);
        self
    }

    /// What the host may allow: memory in MiB and time of one call in milliseconds; 0 is the host's default.
    #[must_use]
    pub fn bounds(mut self, memory_mib: u32, deadline_ms: u32) -> Self {
        self.0.memory_mib = memory_mib;
        self.0.deadline_ms = deadline_ms;
        self
    }

    /// A limit across all models.
    #[must_use]
    pub fn limit(mut self, scope: Scope, unit: &str, window_s: u64, limit: u64) -> Self {
        self.0.quotas.push(scope.limit(unit, window_s, limit));
        self
    }

    /// One model.
    #[must_use]
    pub fn model(mut self, model: Model) -> Self {
        self.0.models.push(model.build());
        self
    }

    /// Several models.
    #[must_use]
    pub fn models(mut self, models: impl IntoIterator<Item = Model>) -> Self {
        self.0.models.extend(models.into_iter().map(Model::build));
        self
    }

    /// The contract's record.
    #[must_use]
    pub fn build(self) -> RawManifest {
        self.0
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
