//! A provider with its keys, or one that has none yet.

use std::collections::BTreeMap;

use freellmapi_types::{KeyView, NewKey, ProviderView};
use yew::prelude::*;

use super::row::Row;
use crate::api;
use crate::i18n::{Key, Text, use_text};
use crate::widgets::{Button, use_task};

#[derive(Properties, PartialEq)]
pub(super) struct GroupProps {
    pub(super) title: String,
    /// None while its plugin does not serve.
    pub(super) provider: Option<ProviderView>,
    pub(super) keys: Vec<KeyView>,
    pub(super) add: Callback<String>,
    pub(super) changed: Callback<()>,
}

/// The keys of one provider.
#[component]
pub(super) fn Group(props: &GroupProps) -> Html {
    let text = use_text();
    let provider = props.provider.as_ref();
    let is_endpoints = provider.is_some_and(|provider| provider.user_base_url);
    let without_secrets = provider.is_some_and(needs_nothing);
    let heading = props
        .keys
        .first()
        .map(|key| format!("group-{}", key.provider));
    let mut keys = props.keys.clone();
    keys.sort_by_key(|key| (key.priority, key.created_ms));
    let row = |view: &KeyView| {
        html! {
            <Row key={view.id.clone()} view={view.clone()} keyless={without_secrets} changed={props.changed.clone()} />
        }
    };
    html! {
        <section class="card" aria-labelledby={heading.clone()}>
            <div class="card-head">
                <h2 id={heading}>{ props.title.clone() }</h2>
                { for provider.map(|provider| links(provider, &text)) }
                if let (Some(provider), false, false) = (provider, is_endpoints, without_secrets) {
                    <Button onclick={add(provider, &props.add)} label={whose(Key::KeysAddOne, provider, &text)}>{ text.say(Key::KeysAddOne) }</Button>
                }
            </div>
            { for keys.iter().map(row) }
            { for provider.map(|provider| terms(provider, &text)) }
        </section>
    }
}

#[derive(Properties, PartialEq)]
pub(super) struct AvailableProps {
    pub(super) provider: ProviderView,
    pub(super) add: Callback<String>,
    pub(super) changed: Callback<()>,
}

/// A provider without a key.
#[component]
pub(super) fn Available(props: &AvailableProps) -> Html {
    let text = use_text();
    let task = use_task();
    let provider = &props.provider;
    // Switched on by a key that holds no secret.
    let switch_on = {
        let (task, changed) = (task.clone(), props.changed.clone());
        let body = NewKey {
            provider: provider.id.clone(),
            label: String::new(),
            secrets: BTreeMap::new(),
            settings: BTreeMap::new(),
            priority: None,
        };
        Callback::from(move |()| {
            let (body, changed) = (body.clone(), changed.clone());
            let work = async move { api::post::<KeyView>("/api/keys", &body).await };
            task.run(work, move |_| changed.emit(()));
        })
    };
    let has_credentials = !provider.credentials.is_empty();
    html! {
        <div class="card provider">
            <div class="row">
                <h3 class="grow break">{ provider.title.clone() }</h3>
                if provider.keyless {
                    <span class="tag ok">{ text.say(Key::Keyless) }</span>
                }
            </div>
            <span class="quiet small">{ text.count(Key::ModelsCount, provider.models) }{ tasks(provider) }</span>
            if !provider.terms.is_empty() {
                <details class="small">
                    <summary>{ text.say(Key::Terms) }</summary>
                    <p class="quiet break">{ provider.terms.clone() }</p>
                </details>
            }
            if let Some(failure) = &task.failure {
                <p class="note bad small" role="alert">{ failure.message(&text) }</p>
            }
            <div class="actions">
                if needs_nothing(provider) {
                    <Button busy={task.busy} onclick={switch_on} label={whose(Key::KeylessOn, provider, &text)}>{ text.say(Key::KeylessOn) }</Button>
                }
                if has_credentials {
                    <Button onclick={add(provider, &props.add)} label={whose(Key::KeysAddOne, provider, &text)}>{ text.say(Key::KeysAddOne) }</Button>
                }
                { key_page(provider, &text) }
            </div>
        </div>
    }
}

/// It works by being switched on.
fn needs_nothing(provider: &ProviderView) -> bool {
    provider.keyless
        && provider
            .settings
            .iter()
            .all(|setting| setting.optional || !setting.default.is_empty())
}

fn add(provider: &ProviderView, add: &Callback<String>) -> Callback<()> {
    let id = provider.id.clone();
    add.reform(move |()| id.clone())
}

fn whose(key: Key, provider: &ProviderView, text: &Text) -> Option<AttrValue> {
    Some(format!("{}: {}", text.say(key), provider.title).into())
}

fn tasks(provider: &ProviderView) -> String {
    let tasks = provider.tasks.iter().map(|task| format!(" · {task}"));
    tasks.collect()
}

fn links(provider: &ProviderView, text: &Text) -> Html {
    html! {
        <>
            <span class="quiet small">{ text.count(Key::ModelsCount, provider.models) }</span>
            { key_page(provider, text) }
        </>
    }
}

/// Where to get a key. Only https, whatever a plugin says.
fn key_page(provider: &ProviderView, text: &Text) -> Html {
    if !provider.key_page.starts_with("https://") {
        return Html::default();
    }
    html! {
        <a class="small" href={provider.key_page.clone()} target="_blank" rel="noopener noreferrer" aria-label={whose(Key::KeyPage, provider, text)}>
            { text.say(Key::KeyPage) }
        </a>
    }
}

fn terms(provider: &ProviderView, text: &Text) -> Html {
    if provider.terms.is_empty() {
        return Html::default();
    }
    html! {
        <div class="card-body small">
            <details>
                <summary>{ text.say(Key::Terms) }</summary>
                <p class="quiet break">{ provider.terms.clone() }</p>
            </details>
        </div>
    }
}
