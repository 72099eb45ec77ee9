//! Providers, and the user's keys with them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::KeyStatus;

/// A provider whose plugin serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderView {
    /// The plugin's id.
    pub id: String,
    /// For people.
    pub title: String,
    /// Where to get a key; empty if none is needed.
    pub key_page: String,
    /// What the provider's terms say of use through a gateway; may be empty.
    pub terms: String,
    /// What is stored sealed for each key.
    pub credentials: Vec<CredentialField>,
    /// What else is set for each key.
    pub settings: Vec<SettingField>,
    /// Works with no credential at all: a key without secrets switches it on.
    pub keyless: bool,
    /// The user gives the address: keys of it are made with `POST /api/endpoints`.
    pub user_base_url: bool,
    /// What its models can do, in the contract's words: `chat`, `embeddings`, …
    pub tasks: Vec<String>,
    /// How many models its catalogue has.
    pub models: usize,
    /// How many keys of it there are.
    pub keys: usize,
}

/// A secret of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialField {
    /// Its name in [`NewKey::secrets`].
    pub name: String,
    /// For people.
    pub label: String,
    /// What a good value matches as a whole, a regular expression; empty: anything.
    pub pattern: String,
    /// May be left out.
    pub optional: bool,
}

/// A value of a key that is no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingField {
    /// Its name in [`NewKey::settings`].
    pub name: String,
    /// For people.
    pub label: String,
    /// What a good value matches as a whole, a regular expression; empty: anything.
    pub pattern: String,
    /// The values there are; empty: any.
    pub choices: Vec<String>,
    /// The value where none is set.
    pub default: String,
    /// May be left out.
    pub optional: bool,
}

/// A key, or a custom endpoint. Never its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyView {
    /// `key-…`.
    pub id: String,
    /// The plugin's id.
    pub provider: String,
    /// The plugin's title; its id while it does not serve.
    pub title: String,
    /// The name of a custom endpoint; else empty.
    pub name: String,
    /// What clients call its provider: `name`, else `provider`.
    pub called: String,
    /// What the user calls it; may be empty.
    pub label: String,
    /// The address of a custom endpoint.
    pub base_url: Option<String>,
    /// Lower is tried first.
    pub priority: i64,
    /// Whether it takes part.
    pub enabled: bool,
    /// By name; only what the user set.
    pub settings: BTreeMap<String, String>,
    /// How many models can be called with it.
    pub models: usize,
    /// How it fares.
    pub status: KeyStatus,
    /// When it was added.
    pub created_ms: i64,
}

/// A key to be.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// The plugin's id.
    pub provider: String,
    /// What the user calls it; at most 100 characters.
    #[serde(default)]
    pub label: String,
    /// By the names of [`ProviderView::credentials`].
    #[serde(default)]
    pub secrets: BTreeMap<String, String>,
    /// By the names of [`ProviderView::settings`].
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// Lower is tried first; 100 if it is not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<i64>,
}

/// What is to be changed about a key; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyPatch {
    /// What the user calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Whether it takes part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Lower is tried first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<i64>,
}

/// What a test of a key said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyTest {
    /// In a word.
    pub verdict: Verdict,
    /// For people.
    pub message: String,
    /// The key as it is now.
    pub key: KeyView,
}

/// See [`KeyTest`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The provider takes it.
    Good,
    /// The provider cannot tell without spending.
    Unknown,
    /// The provider refuses it, or did not answer.
    Bad,
}

/// Many keys at once.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Import {
    /// Lines of a `.env` file, or keys, one a line; comments and blank lines are skipped.
    pub text: String,
    /// Only says what would be added.
    #[serde(default)]
    pub preview: bool,
    /// Providers for lines that do not say theirs, by [`ImportItem::line`].
    #[serde(default)]
    pub providers: BTreeMap<usize, String>,
}

/// What became, or would become, of an import's lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// One for each line that holds something.
    pub items: Vec<ImportItem>,
    /// How many keys were, or would be, added.
    pub added: usize,
}

/// One line of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportItem {
    /// Its number in the text, from 1.
    pub line: usize,
    /// The variable's name; empty if the line is a bare value.
    pub name: String,
    /// The value with its middle hidden.
    pub masked: String,
    /// The plugin's id, where it is known.
    pub provider: Option<String>,
    /// Providers whose keys look like this, where there are several.
    pub candidates: Vec<String>,
    /// What becomes of it.
    pub outcome: ImportOutcome,
    /// Why, for people; may be empty.
    pub reason: String,
    /// The key that was added.
    pub id: Option<String>,
}

/// See [`ImportItem`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportOutcome {
    /// It is added, or would be.
    New,
    /// The very same key is there already, or stands above in the text.
    Duplicate,
    /// Nobody knows whose it is, or several may; [`Import::providers`] can say.
    Unknown,
    /// The provider is known, and the value is none of its keys, or something else is missing.
    Invalid,
    /// A variable that is no provider's key, as `PORT`.
    Ignored,
}

/// A custom endpoint to be: any server that speaks OpenAI's API.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewEndpoint {
    /// 1 to 40 of `a-z`, `0-9` and `-`; models are then `NAME/model`.
    pub name: String,
    /// Its address up to and with `/v1`.
    pub url: String,
    /// Its key, if it wants one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Its models; empty: it is asked.
    #[serde(default)]
    pub models: Vec<String>,
    /// Lower is tried first; 100 if it is not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<i64>,
}

/// An endpoint that was added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointAdded {
    /// As it is in the list of keys.
    pub key: KeyView,
    /// Its models; empty if it did not list them yet.
    pub models: Vec<String>,
    /// Why there are none; the running server asks again.
    pub note: Option<String>,
}
