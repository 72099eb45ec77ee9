//! What the user set for routing: the strategy, chains of models (profiles), and aliases.

use serde::{Deserialize, Serialize};

use crate::RouteWeights;

/// All of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoutingView {
    /// The usual strategy's name, or `custom`.
    pub strategy: String,
    /// What counts how much in it; `None` where the order itself decides.
    pub weights: Option<RouteWeights>,
    /// The names that can be chosen. `custom` is set by the command line only.
    pub strategies: Vec<String>,
    /// The profile that `auto` stands for; `None`: all models.
    pub active: Option<String>,
    /// By name.
    pub profiles: Vec<ProfileView>,
    /// By name.
    pub aliases: Vec<AliasView>,
}

/// A named chain of models, which clients reach as `auto:NAME`. As a request it adds the profile, or takes the place of
/// the one of this name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileView {
    /// Upper and lower case are the same.
    pub name: String,
    /// How it is ordered; `None`: as it stands. A custom one is told as `custom`, which as a request keeps it.
    #[serde(default)]
    pub strategy: Option<String>,
    /// In order.
    pub chain: Vec<LinkView>,
}

/// A model of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkView {
    /// Any name that a model has.
    pub model: String,
    /// Switched off it keeps its place and is not used.
    pub enabled: bool,
}

/// Another name for a model. As a request it adds the alias, or takes the place of the one of this name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AliasView {
    /// What clients say.
    pub name: String,
    /// What it stands for: any name of a model, `auto:fast`.
    pub target: String,
}

/// A change; what is not told stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoutingPatch {
    /// The usual strategy, by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategy: Option<String>,
    /// The profile that `auto` stands for; empty: all models.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<String>,
}
