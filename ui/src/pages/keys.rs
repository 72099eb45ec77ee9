//! The keys page: by provider, how each key fares, and ways to add more.

mod add;
mod edit;
mod endpoint;
mod import;
mod provider;
mod row;
mod status;

use freellmapi_types::{KeyView, ProviderView, Topic};
use yew::prelude::*;

use super::{blank, head, into_state};
use crate::api::use_resource;
use crate::i18n::{Key, Text, use_text};
use crate::widgets::{Button, Look};
use add::Add;
use endpoint::AddEndpoint;
use import::ImportMany;
use provider::{Available, Group};

/// The dialog that is open.
#[derive(Debug, Clone, PartialEq)]
enum Open {
    /// A key of this provider, or of one to be chosen.
    Add(Option<String>),
    Import,
    Endpoint,
}

#[component]
pub(crate) fn Keys() -> Html {
    let text = use_text();
    let keys = use_resource::<Vec<KeyView>>("/api/keys".into(), &[Topic::Keys, Topic::Plugins]);
    let providers =
        use_resource::<Vec<ProviderView>>("/api/providers".into(), &[Topic::Plugins, Topic::Keys]);
    let open = use_state_eq(|| None::<Open>);
    let show = |what: Open| {
        let open = open.setter();
        Callback::from(move |()| open.set(Some(what.clone())))
    };
    let close = {
        let open = open.setter();
        Callback::from(move |()| open.set(None))
    };
    let changed = {
        let (keys, providers) = (keys.reload.clone(), providers.reload.clone());
        Callback::from(move |()| {
            keys.emit(());
            providers.emit(());
        })
    };
    let add = into_state(&open).reform(|provider: String| Some(Open::Add(Some(provider))));
    let actions = html! {
        <>
            <Button onclick={show(Open::Import)}>{ text.say(Key::KeysImport) }</Button>
            <Button onclick={show(Open::Endpoint)}>{ text.say(Key::KeysEndpoint) }</Button>
            <Button look={Look::Primary} onclick={show(Open::Add(None))}>{ text.say(Key::KeysAdd) }</Button>
        </>
    };
    let known = providers.data.clone().unwrap_or_default();
    let dialog = (*open).clone().map(|what| {
        let (onclose, onchange) = (close.clone(), changed.clone());
        match what {
            Open::Add(provider) => {
                html! { <Add providers={known.clone()} {provider} {onclose} {onchange} /> }
            }
            Open::Import => html! { <ImportMany providers={known.clone()} {onclose} {onchange} /> },
            Open::Endpoint => html! { <AddEndpoint {onclose} {onchange} /> },
        }
    });
    html! {
        <div class="page">
            { head(text.say(Key::PageKeys), text.say(Key::KeysAbout), actions) }
            { keys.show(|keys| groups(keys, &known, &add, &changed, &text)) }
            { providers.show(|providers| available(providers, &add, &changed, &text)) }
            { for dialog }
        </div>
    }
}

/// The user's keys, by provider.
fn groups(
    keys: &[KeyView],
    providers: &[ProviderView],
    add: &Callback<String>,
    changed: &Callback<()>,
    text: &Text,
) -> Html {
    if keys.is_empty() {
        let (title, about) = (text.say(Key::KeysNone), text.say(Key::KeysNoneAbout));
        return html! { <section class="card">{ blank(title, about, Html::default()) }</section> };
    }
    let mut called: Vec<&str> = keys.iter().map(|key| key.provider.as_str()).collect();
    called.sort_unstable();
    called.dedup();
    let group = |id: &str| {
        let own: Vec<KeyView> = keys
            .iter()
            .filter(|key| key.provider == id)
            .cloned()
            .collect();
        let title = own.first().map_or(id, |key| &key.title).to_owned();
        let provider = providers.iter().find(|provider| provider.id == id).cloned();
        html! {
            <Group key={id.to_owned()} {title} {provider} keys={own} add={add.clone()} changed={changed.clone()} />
        }
    };
    html! { <>{ for called.into_iter().map(group) }</> }
}

/// Providers without a key.
fn available(
    providers: &[ProviderView],
    add: &Callback<String>,
    changed: &Callback<()>,
    text: &Text,
) -> Html {
    let without = providers
        .iter()
        .filter(|provider| provider.keys == 0 && !provider.user_base_url);
    let mut without: Vec<ProviderView> = without.cloned().collect();
    without.sort_by_key(|provider| provider.title.to_lowercase());
    if without.is_empty() {
        return Html::default();
    }
    let one = |provider: ProviderView| {
        let id = provider.id.clone();
        html! { <Available key={id} {provider} add={add.clone()} changed={changed.clone()} /> }
    };
    html! {
        <section class="stack" aria-labelledby="available">
            <h2 id="available">{ text.say(Key::KeysAvailable) }</h2>
            <div class="providers">{ for without.into_iter().map(one) }</div>
        </section>
    }
}
