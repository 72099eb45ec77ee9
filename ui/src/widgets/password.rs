//! The account's password once more, before something that a stolen session must not do.

use freellmapi_types::Password;
use yew::prelude::*;

use super::{Button, Dialog, Field, Kind, Look, use_task};
use crate::api;
use crate::i18n::{Key, use_text};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) title: AttrValue,
    /// What will happen.
    pub(crate) about: AttrValue,
    /// The word on the button.
    pub(crate) act: AttrValue,
    /// Where the password is sent.
    pub(crate) path: AttrValue,
    pub(crate) onclose: Callback<()>,
    /// What came back.
    pub(crate) ondone: Callback<freellmapi_types::TokenShown>,
}

#[component]
pub(crate) fn AskPassword(props: &Props) -> Html {
    let text = use_text();
    let password = use_state_eq(String::new);
    let task = use_task();
    let onsubmit = {
        let (task, path, ondone) = (task.clone(), props.path.clone(), props.ondone.clone());
        let password = (*password).clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let (path, ondone) = (path.clone(), ondone.clone());
            let body = Password {
                password: password.clone(),
            };
            task.run(async move { api::post(&path, &body).await }, move |shown| {
                ondone.emit(shown);
            });
        })
    };
    let failure = task.failure.as_ref();
    let wrong = failure.map(|failure| failure.message(&text));
    let onchange = {
        let password = password.setter();
        Callback::from(move |value| password.set(value))
    };
    html! {
        <Dialog title={props.title.clone()} onclose={props.onclose.clone()}>
            <form {onsubmit}>
                <p>{ props.about.clone() }</p>
                <Field
                    id="confirm-password"
                    label={text.say(Key::Password)}
                    kind={Kind::Password}
                    value={(*password).clone()}
                    {onchange}
                    error={wrong}
                    required=true
                    autofocus=true
                    autocomplete="current-password"
                />
                <div class="dialog-end">
                    <Button onclick={props.onclose.clone()}>{ text.say(Key::Cancel) }</Button>
                    <Button look={Look::Primary} submit=true busy={task.busy}>{ props.act.clone() }</Button>
                </div>
            </form>
        </Dialog>
    }
}
