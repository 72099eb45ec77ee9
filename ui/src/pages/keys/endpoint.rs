//! Adding a custom endpoint: any server that speaks OpenAI's API.

use freellmapi_types::{EndpointAdded, NewEndpoint};
use yew::prelude::*;

use crate::api;
use crate::i18n::{Key, use_text};
use crate::notices::use_notices;
use crate::pages::into_state;
use crate::widgets::{Button, Dialog, Field, Kind, Look, use_task};

#[derive(Properties, PartialEq)]
pub(super) struct Props {
    pub(super) onclose: Callback<()>,
    pub(super) onchange: Callback<()>,
}

#[component]
pub(super) fn AddEndpoint(props: &Props) -> Html {
    let text = use_text();
    let notices = use_notices();
    let task = use_task();
    let (name, url) = (use_state_eq(String::new), use_state_eq(String::new));
    let (key, models) = (use_state_eq(String::new), use_state_eq(String::new));
    let onsubmit = {
        let (task, text) = (task.clone(), text.clone());
        let (onchange, onclose) = (props.onchange.clone(), props.onclose.clone());
        let key = key.trim().to_owned();
        let models = models.split([',', '\n', ' ']).map(str::trim);
        let body = NewEndpoint {
            name: name.trim().to_owned(),
            url: url.trim().to_owned(),
            key: (!key.is_empty()).then_some(key),
            models: models
                .filter(|model| !model.is_empty())
                .map(str::to_owned)
                .collect(),
            priority: None,
        };
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let (body, text, notices) = (body.clone(), text.clone(), notices.clone());
            let (onchange, onclose) = (onchange.clone(), onclose.clone());
            let work = async move { api::post::<EndpointAdded>("/api/endpoints", &body).await };
            task.run(work, move |added| {
                if let Some(notices) = notices {
                    match added.note {
                        Some(note) => notices.bad(note),
                        None => notices.good(text.count(Key::EndpointAdded, added.models.len())),
                    }
                }
                onchange.emit(());
                onclose.emit(());
            });
        })
    };
    let failure = task.failure.as_ref();
    let about = |member: &str| failure.and_then(|failure| failure.about(member, &text));
    let beside =
        failure.and_then(|failure| failure.beside(&["name", "url", "key", "models"], &text));
    html! {
        <Dialog title={text.say(Key::KeysEndpoint)} onclose={props.onclose.clone()}>
            <form {onsubmit}>
                <p class="quiet">{ text.say(Key::EndpointAbout) }</p>
                if let Some(failure) = beside {
                    <p class="note bad" role="alert">{ failure }</p>
                }
                <Field id="endpoint-name" label={text.say(Key::EndpointName)} hint={text.say(Key::EndpointNameHint)} placeholder="local"
                    value={(*name).clone()} onchange={into_state(&name)} error={about("name")} required=true autofocus=true />
                <Field id="endpoint-url" label={text.say(Key::EndpointUrl)} hint={text.say(Key::EndpointUrlHint)} kind={Kind::Url} placeholder="http://127.0.0.1:8080/v1"
                    value={(*url).clone()} onchange={into_state(&url)} error={about("url")} required=true />
                <Field id="endpoint-key" label={text.say(Key::EndpointKey)} kind={Kind::Secret}
                    value={(*key).clone()} onchange={into_state(&key)} error={about("key")} />
                <Field id="endpoint-models" label={text.say(Key::EndpointModels)} hint={text.say(Key::EndpointModelsHint)}
                    value={(*models).clone()} onchange={into_state(&models)} error={about("models")} />
                <div class="dialog-end">
                    <Button onclick={props.onclose.clone()}>{ text.say(Key::Cancel) }</Button>
                    <Button look={Look::Primary} submit=true busy={task.busy}>{ text.say(Key::EndpointAct) }</Button>
                </div>
            </form>
        </Dialog>
    }
}
