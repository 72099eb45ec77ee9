//! Changing what a key is called and when it is tried.

use freellmapi_types::{KeyPatch, KeyView};
use yew::prelude::*;

use crate::api::{self, segment};
use crate::i18n::{Key, use_text};
use crate::pages::into_state;
use crate::widgets::{Button, Dialog, Field, Kind, Look, use_task};

#[derive(Properties, PartialEq)]
pub(super) struct Props {
    pub(super) view: KeyView,
    pub(super) onclose: Callback<()>,
    pub(super) changed: Callback<()>,
}

#[component]
pub(super) fn Edit(props: &Props) -> Html {
    let text = use_text();
    let task = use_task();
    let label = use_state_eq(|| props.view.label.clone());
    let priority = use_state_eq(|| props.view.priority.to_string());
    let onsubmit = {
        let path = format!("/api/keys/{}", segment(&props.view.id));
        let (task, changed, onclose) = (task.clone(), props.changed.clone(), props.onclose.clone());
        let patch = KeyPatch {
            label: Some((*label).clone()),
            priority: priority.trim().parse().ok(),
            enabled: None,
        };
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let (path, patch) = (path.clone(), patch.clone());
            let (changed, onclose) = (changed.clone(), onclose.clone());
            let work = async move { api::patch::<KeyView>(&path, &patch).await };
            task.run(work, move |_| {
                changed.emit(());
                onclose.emit(());
            });
        })
    };
    let failure = task.failure.as_ref();
    let about = |member: &str| failure.and_then(|failure| failure.about(member, &text));
    let beside = failure.and_then(|failure| failure.beside(&["label", "priority"], &text));
    html! {
        <Dialog title={text.say(Key::KeyEditTitle)} onclose={props.onclose.clone()}>
            <form {onsubmit}>
                if let Some(failure) = beside {
                    <p class="note bad" role="alert">{ failure }</p>
                }
                <Field id="edit-label" label={text.say(Key::KeyLabel)} hint={text.say(Key::KeyLabelHint)} value={(*label).clone()}
                    onchange={into_state(&label)} error={about("label")} autofocus=true />
                <Field id="edit-priority" label={text.say(Key::KeyPriority)} hint={text.say(Key::KeyPriorityHint)} kind={Kind::Number}
                    value={(*priority).clone()} onchange={into_state(&priority)} error={about("priority")} required=true />
                <div class="dialog-end">
                    <Button onclick={props.onclose.clone()}>{ text.say(Key::Cancel) }</Button>
                    <Button look={Look::Primary} submit=true busy={task.busy}>{ text.say(Key::Save) }</Button>
                </div>
            </form>
        </Dialog>
    }
}
