//! A plugin's file, by button or by dropping it here.

use freellmapi_types::PluginView;
use web_sys::{File, FileList, HtmlInputElement};
use yew::prelude::*;

use crate::api;
use crate::i18n::{Key, use_text};
use crate::notices::use_notices;
use crate::widgets::{Button, Icon, Shape, use_task};

#[derive(Properties, PartialEq)]
pub(super) struct Props {
    pub(super) uploaded: Callback<PluginView>,
}

#[component]
pub(super) fn Upload(props: &Props) -> Html {
    let text = use_text();
    let notices = use_notices();
    let task = use_task();
    let over = use_state_eq(|| false);
    let input = use_node_ref();
    let send = {
        let (task, text, uploaded) = (task.clone(), text.clone(), props.uploaded.clone());
        Callback::from(move |file: File| {
            let (text, uploaded, notices) = (text.clone(), uploaded.clone(), notices.clone());
            let work = async move { api::upload::<PluginView>("/api/plugins", file).await };
            task.run(work, move |plugin| {
                if let Some(notices) = notices {
                    notices.good(text.fill(Key::PluginUploaded, &[("name", &plugin.title)]));
                }
                uploaded.emit(plugin);
            });
        })
    };
    let first = |files: Option<FileList>| files.and_then(|files| files.get(0));
    let onchange = {
        let send = send.clone();
        Callback::from(move |event: Event| {
            let Some(input) = event.target_dyn_into::<HtmlInputElement>() else {
                return;
            };
            if let Some(file) = first(input.files()) {
                send.emit(file);
            }
            // The same file again is a change again.
            input.set_value("");
        })
    };
    let hover = |state: bool| {
        let over = over.setter();
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            over.set(state);
        })
    };
    let ondrop = {
        let over = over.setter();
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            over.set(false);
            let files = event.data_transfer().and_then(|data| data.files());
            if let Some(file) = first(files) {
                send.emit(file);
            }
        })
    };
    let choose = {
        let input = input.clone();
        Callback::from(move |()| {
            if let Some(input) = input.cast::<HtmlInputElement>() {
                input.click();
            }
        })
    };
    html! {
        <div class="stack">
            <div class={classes!("drop", over.then_some("over"))} ondragover={hover(true)} ondragenter={hover(true)} ondragleave={hover(false)} {ondrop}>
                <Icon shape={Shape::Upload} />
                <span>{ text.say(Key::UploadDrop) }</span>
                <input ref={input} id="plugin-file" type="file" accept=".wasm,application/wasm" hidden=true aria-label={text.say(Key::UploadChoose)} {onchange} />
                <Button busy={task.busy} onclick={choose}>{ text.say(Key::UploadChoose) }</Button>
            </div>
            if let Some(failure) = &task.failure {
                <p class="note bad" role="alert">{ failure.message(&text) }</p>
            }
        </div>
    }
}
