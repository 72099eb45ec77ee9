//! All that can be called: one candidate for each key and model, in the order in which they are tried.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::arms::{Arm, Arms};
use super::field::{self, Field, Row};
use super::needs;
use super::routes::Routes;
use crate::limits::{Anchor, Meter, Unit, meter_name, scope};
use crate::plugins::contract;
use crate::plugins::manifest::{DataUse, TOOLS};
use crate::plugins::plugin::Plugin;
use crate::plugins::registry::Plugins;
use crate::store::ProviderKey;
use crate::upstream::guard::UserBase;

/// What is known of a model.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Model {
    /// The provider's own name of it.
    pub id: String,
    /// For people; may be empty.
    pub label: String,
    /// The same for one model across providers; may be empty.
    pub family: String,
    /// What it can do, in the contract's words.
    pub operations: Vec<String>,
    /// Window, tokens.
    pub context: Option<u64>,
    /// The longest answer, tokens.
    pub max_output: Option<u64>,
    /// The contract's words; `None` where nobody has said, which is not the same as none.
    pub traits: Option<Vec<String>>,
    /// How capable, 0 to 1000.
    pub rank: Option<u32>,
}

/// A model with a key for it.
pub struct Candidate {
    /// The key, with its secrets.
    pub key: Arc<ProviderKey>,
    /// Address of the key's own endpoint.
    pub base: Option<UserBase>,
    /// The version that served when the table was made.
    pub plugin: Arc<Plugin>,
    /// The model.
    pub model: Model,
    /// What clients call the provider: the endpoint's name or the plugin's id.
    pub provider: String,
    /// All limits that a request counts against.
    pub meters: Vec<Arc<Meter>>,
    /// Who rests when it fails.
    pub subjects: Subjects,
    /// What came of it so far.
    pub arm: Arm,
    /// What the choice looks at.
    pub row: Row,
}

/// The names of a candidate's parts in [`crate::limits::record::Cooldown::subject`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subjects {
    /// The key.
    pub key: String,
    /// This key's model.
    pub model: String,
    /// The provider, all keys of it.
    pub provider: String,
}

/// See the module.
#[derive(Default)]
pub struct Table {
    candidates: Vec<Arc<Candidate>>,
    /// Keys and endpoints that are set up, those without a known model too.
    keys: usize,
    /// Places by what a client may call them, in lower case.
    pub(super) names: BTreeMap<String, Vec<u32>>,
    field: Field,
    routes: Routes,
}

impl Candidate {
    /// One that counts against nothing and rests for nobody: for trials.
    #[must_use]
    pub fn alone(
        key: Arc<ProviderKey>,
        base: Option<UserBase>,
        plugin: Arc<Plugin>,
        model: Model,
    ) -> Self {
        let subjects = Subjects {
            key: String::new(),
            model: String::new(),
            provider: String::new(),
        };
        Self {
            row: row(&key, &plugin, &model, &[], &subjects),
            arm: Arm::default(),
            meters: Vec::new(),
            subjects,
            provider: plugin.manifest().id.clone(),
            key,
            base,
            plugin,
            model,
        }
    }

    /// `provider/model`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.provider, self.model.id)
    }
}

impl Subjects {
    /// All of them.
    #[must_use]
    pub fn all(&self) -> [&str; 3] {
        [&self.key, &self.model, &self.provider]
    }

    /// Who rests for a failure of this scope, in the contract's words. What this form of limits does not tell
    /// apart rests with the narrowest part that holds it.
    #[must_use]
    pub fn of(&self, scope: &str) -> &str {
        match scope {
            "key" | "account" => &self.key,
            "provider" | "ip" => &self.provider,
            _ => &self.model,
        }
    }
}

impl Table {
    /// Joins keys and plugins. A key whose plugin does not serve, or that is switched off, has no candidates.
    #[must_use]
    pub fn new(keys: &[Arc<ProviderKey>], plugins: &Plugins, routes: Routes, arms: &Arms) -> Self {
        let mut candidates = Vec::new();
        for key in keys
            .iter()
            .filter(|key| key.enabled && key.damaged.is_none())
        {
            if let Some(plugin) = plugins.get(&key.provider) {
                candidates.extend(of_key(key, plugin, arms));
            }
        }
        candidates.sort_by_key(|one| {
            (
                one.key.priority,
                std::cmp::Reverse(one.model.rank.unwrap_or(0)),
            )
        });
        let mut names: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for (at, one) in (0..).zip(&candidates) {
            let mut said = vec![one.model.id.to_lowercase(), one.name().to_lowercase()];
            if !one.model.family.is_empty() {
                said.push(one.model.family.to_lowercase());
            }
            said.sort();
            said.dedup();
            for name in said {
                names.entry(name).or_default().push(at);
            }
        }
        let rows = candidates.iter().map(|one| (one.row, one.arm.clone()));
        Self {
            field: Field::new(rows.collect()),
            candidates: candidates.into_iter().map(Arc::new).collect(),
            keys: keys.len(),
            names,
            routes,
        }
    }

    /// Whether nothing at all is set up.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.keys == 0
    }

    /// All, in the order in which they are tried.
    #[must_use]
    pub fn all(&self) -> &[Arc<Candidate>] {
        &self.candidates
    }

    /// All, as the choice looks at them; in the same order.
    #[must_use]
    pub fn field(&self) -> &Field {
        &self.field
    }

    /// What the user set for routing.
    #[must_use]
    pub fn routes(&self) -> &Routes {
        &self.routes
    }
}

fn of_key(key: &Arc<ProviderKey>, plugin: &Arc<Plugin>, arms: &Arms) -> Vec<Candidate> {
    let provider = key.called().to_owned();
    let base = key
        .base_url
        .as_deref()
        .and_then(|url| UserBase::parse(url).ok());
    models(key, plugin)
        .into_iter()
        .map(|(model, quotas)| {
            let all = quotas.iter().chain(&plugin.manifest().quotas);
            let meters: Vec<Arc<Meter>> = all
                .filter_map(|quota| meter(quota, key, &model.id))
                .collect();
            let subjects = Subjects {
                key: format!("key:{}", key.id),
                model: format!("model:{}/{}", key.id, model.id),
                provider: format!("provider:{provider}"),
            };
            Candidate {
                row: row(key, plugin, &model, &meters, &subjects),
                arm: arms.arm(
                    &subjects.model,
                    &format!("{}/{}", subjects.provider, model.id),
                ),
                meters,
                subjects,
                key: Arc::clone(key),
                base: base.clone(),
                plugin: Arc::clone(plugin),
                model,
                provider: provider.clone(),
            }
        })
        .collect()
}

/// The catalogue's models, and those that only the key's own list has.
fn models(key: &ProviderKey, plugin: &Plugin) -> Vec<(Model, Vec<contract::Quota>)> {
    let catalogue = &plugin.manifest().models;
    let listed = key
        .models
        .iter()
        .filter(|one| catalogue.iter().all(|known| known.id != one.id));
    catalogue
        .iter()
        .map(|known| (Model::of_catalogue(known), known.quotas.clone()))
        .chain(listed.map(|one| (Model::of_list(&one.id, &one.facts), Vec::new())))
        .collect()
}

fn row(
    key: &ProviderKey,
    plugin: &Plugin,
    model: &Model,
    meters: &[Arc<Meter>],
    subjects: &Subjects,
) -> Row {
    // A prompt that exceeds a window's whole limit would wait for ever.
    let size = meters
        .iter()
        .filter(|meter| matches!(meter.unit, Unit::Tokens | Unit::InputTokens))
        .map(|meter| meter.limit)
        .min();
    let small = |tokens: Option<u64>| {
        tokens
            .and_then(|tokens| u32::try_from(tokens).ok())
            .unwrap_or(u32::MAX)
    };
    Row {
        id: field::id(&subjects.model),
        can: abilities(plugin, model),
        context: small(model.context),
        size: small(size),
        tier: i32::try_from(key.priority).unwrap_or(if key.priority < 0 {
            i32::MIN
        } else {
            i32::MAX
        }),
        capability: field::capability(model.rank),
    }
}

/// What is not known of a model is taken as given.
fn abilities(plugin: &Plugin, model: &Model) -> u32 {
    let manifest = plugin.manifest();
    let operations = model
        .operations
        .iter()
        .fold(0, |all, word| all | needs::known_operation(word));
    // A stranger's plugin must not be able to put words into an agent's hands.
    let may_call = plugin.grant.has_power(TOOLS) && !model.lacks("tools");
    // Whoever gives the address knows who answers there.
    let private = manifest.user_base_url || manifest.data_use == DataUse::Private;
    [
        (needs::TOOLS, may_call),
        (needs::VISION, !model.lacks("vision")),
        (needs::AUDIO, !model.lacks("audio")),
        (needs::DOCUMENTS, !model.lacks("documents")),
        (needs::SCHEMA, !model.lacks("json-schema")),
        (needs::PRIVATE, private),
        (needs::FREE, !model.has("paid")),
    ]
    .into_iter()
    .filter(|(_, has)| *has)
    .fold(operations, |all, (bit, _)| all | bit)
}

fn meter(quota: &contract::Quota, key: &ProviderKey, model: &str) -> Option<Arc<Meter>> {
    let unit = Unit::parse(&quota.unit);
    let window_ms = i64::try_from(quota.window_s.checked_mul(1000)?).ok()?;
    let anchor = Anchor::parse(&quota.anchor);
    Some(Arc::new(Meter {
        name: meter_name(
            &quota.scope,
            &key.provider,
            &key.id,
            model,
            &unit,
            window_ms,
            anchor,
        )
        .into(),
        scope: scope(&quota.scope).into(),
        unit,
        window_ms,
        anchor,
        limit: quota.limit?,
    }))
}

impl Model {
    /// From a manifest.
    #[must_use]
    pub fn of_catalogue(known: &contract::Model) -> Self {
        Self {
            traits: Some(known.traits.clone()),
            ..Self::of_listing(known)
        }
    }

    /// From what a provider listed. Such lists seldom tell traits; none are then taken as unknown.
    #[must_use]
    pub fn of_listing(listed: &contract::Model) -> Self {
        Self {
            id: listed.id.clone(),
            label: listed.label.clone(),
            family: listed.family.clone(),
            operations: listed.operations.clone(),
            context: listed.context,
            max_output: listed.max_output,
            traits: Some(listed.traits.clone()).filter(|traits| !traits.is_empty()),
            rank: listed.rank,
        }
    }

    fn of_list(id: &str, facts: &serde_json::Value) -> Self {
        let mut model: Self = serde_json::from_value(facts.clone()).unwrap_or_default();
        id.clone_into(&mut model.id);
        if model.operations.is_empty() {
            model.operations.push("chat".to_owned());
        }
        model
    }

    /// Whether it is known not to have a trait.
    #[must_use]
    pub fn lacks(&self, word: &str) -> bool {
        self.traits
            .as_ref()
            .is_some_and(|traits| traits.iter().all(|known| known != word))
    }

    /// Whether it is known to have a trait.
    #[must_use]
    pub fn has(&self, word: &str) -> bool {
        self.traits
            .as_ref()
            .is_some_and(|traits| traits.iter().any(|known| known == word))
    }
}
