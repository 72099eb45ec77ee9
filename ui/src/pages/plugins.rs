//! The plugins page: what is there, what each may do and has cost, consent, and upload.

mod card;
mod consent;
mod upload;
mod words;

use freellmapi_types::{PluginState, PluginView, Topic};
use yew::prelude::*;

use super::{blank, head};
use crate::api::use_resource;
use crate::i18n::{Key, use_text};
use card::Card;
use consent::Consent;
use upload::Upload;

#[component]
pub(crate) fn Plugins() -> Html {
    let text = use_text();
    let plugins = use_resource::<Vec<PluginView>>("/api/plugins".into(), &[Topic::Plugins]);
    // The version whose wishes are shown. By its hash: it may go while they are read.
    let asked = use_state_eq(|| None::<String>);
    let ask = {
        let asked = asked.setter();
        Callback::from(move |sha256: String| asked.set(Some(sha256)))
    };
    let close = {
        let asked = asked.setter();
        Callback::from(move |()| asked.set(None))
    };
    let uploaded = {
        let (ask, reload) = (ask.clone(), plugins.reload.clone());
        Callback::from(move |plugin: PluginView| {
            reload.emit(());
            if plugin.state == PluginState::NeedsConsent {
                ask.emit(plugin.sha256);
            }
        })
    };
    let sheet = asked.as_ref().and_then(|sha256| {
        let all = plugins.data.as_ref()?;
        let plugin = all.iter().find(|plugin| plugin.sha256 == *sha256)?.clone();
        let waits = plugin.state == PluginState::NeedsConsent;
        waits.then(|| {
            html! {
                <Consent {plugin} onclose={close} changed={plugins.reload.clone()} />
            }
        })
    });
    html! {
        <div class="page">
            { head(text.say(Key::PagePlugins), text.say(Key::PluginsAbout), Html::default()) }
            <Upload {uploaded} />
            { plugins.show(|all| {
                let mut all: Vec<PluginView> = all.to_vec();
                // What wants something comes first, then by name.
                all.sort_by_key(|plugin| (place(plugin), plugin.title.to_lowercase()));
                let card = |plugin: PluginView| {
                    let key = format!("{}{}", plugin.sha256, plugin.file);
                    html! { <Card {key} {plugin} ask={ask.clone()} changed={plugins.reload.clone()} /> }
                };
                if all.is_empty() {
                    let (title, about) = (text.say(Key::PluginsNone), text.say(Key::PluginsNoneAbout));
                    return html! { <section class="card">{ blank(title, about, Html::default()) }</section> };
                }
                html! { <>{ for all.into_iter().map(card) }</> }
            }) }
            { for sheet }
        </div>
    }
}

fn place(plugin: &PluginView) -> u8 {
    match plugin.state {
        PluginState::NeedsConsent => 0,
        PluginState::Broken => 1,
        PluginState::Active => 2,
        PluginState::Disabled => 3,
        PluginState::Shadowed => 4,
    }
}
