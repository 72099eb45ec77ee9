//! The consent sheet: all that a version asks for, before anything of it runs for a request.

use freellmapi_types::{GrantRequest, PluginView};
use yew::prelude::*;

use super::card::name;
use super::words::wishes;
use crate::api::{self, segment};
use crate::i18n::{Key, use_text};
use crate::notices::use_notices;
use crate::widgets::{Button, Dialog, Look, use_task};

#[derive(Properties, PartialEq)]
pub(super) struct Props {
    pub(super) plugin: PluginView,
    pub(super) onclose: Callback<()>,
    pub(super) changed: Callback<()>,
}

#[component]
pub(super) fn Consent(props: &Props) -> Html {
    let text = use_text();
    let notices = use_notices();
    let task = use_task();
    let plugin = &props.plugin;
    let name = name(plugin, &text);
    let grant = {
        let (task, text, name) = (task.clone(), text.clone(), name.clone());
        let (changed, onclose) = (props.changed.clone(), props.onclose.clone());
        let path = format!("/api/plugins/{}/grant", segment(&plugin.id));
        // The very version that is shown: another one is refused.
        let body = GrantRequest {
            sha256: plugin.sha256.clone(),
        };
        Callback::from(move |()| {
            let (path, body) = (path.clone(), body.clone());
            let (changed, onclose, notices) = (changed.clone(), onclose.clone(), notices.clone());
            let said = text.fill(Key::PluginGrantedNow, &[("name", &name)]);
            let work = async move { api::post::<PluginView>(&path, &body).await };
            task.run(work, move |_| {
                if let Some(notices) = notices {
                    notices.good(said);
                }
                changed.emit(());
                onclose.emit(());
            });
        })
    };
    let values = [
        ("name", name.as_str()),
        ("version", plugin.version.as_str()),
    ];
    html! {
        <Dialog title={text.fill(Key::ConsentTitle, &values)} onclose={props.onclose.clone()}>
            <p>{ text.say(Key::ConsentAbout) }</p>
            { wishes(plugin, &text) }
            if !plugin.asks.is_empty() {
                <details class="small">
                    <summary>{ text.say(Key::ConsentNew) }</summary>
                    <ul class="stack tight">{ for plugin.asks.iter().map(|ask| html! { <li class="break">{ ask.clone() }</li> }) }</ul>
                </details>
            }
            if !plugin.terms.is_empty() {
                <p class="note small">{ plugin.terms.clone() }</p>
            }
            <p class="quiet small">
                { text.say(Key::PluginHash) }{ " " }<span class="mono">{ plugin.sha256.clone() }</span>
            </p>
            <p class="quiet small">{ text.say(Key::ConsentBounds) }</p>
            if let Some(failure) = &task.failure {
                <p class="note bad" role="alert">{ failure.message(&text) }</p>
            }
            <div class="dialog-end">
                <Button onclick={props.onclose.clone()}>{ text.say(Key::ConsentNotNow) }</Button>
                <Button look={Look::Primary} busy={task.busy} onclick={grant}>{ text.say(Key::ConsentGrant) }</Button>
            </div>
        </Dialog>
    }
}
