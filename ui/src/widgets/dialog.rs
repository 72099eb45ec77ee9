//! A dialog: the browser's own, which keeps the keyboard inside and closes on Escape.

use web_sys::HtmlDialogElement;
use yew::prelude::*;

use super::{Button, Icon, Look, Shape};
use crate::i18n::{Key, use_text};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) title: AttrValue,
    /// It was closed, or is to be.
    pub(crate) onclose: Callback<()>,
    #[prop_or_default]
    pub(crate) wide: bool,
    pub(crate) children: Html,
}

/// Open as long as it is shown.
#[component]
pub(crate) fn Dialog(props: &Props) -> Html {
    let text = use_text();
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            let dialog = node.cast::<HtmlDialogElement>();
            if let Some(dialog) = &dialog {
                let _ = dialog.show_modal();
            }
            // Closing it gives the keyboard back to where it was.
            move || {
                if let Some(dialog) = dialog {
                    dialog.close();
                }
            }
        });
    }
    let oncancel = {
        let onclose = props.onclose.clone();
        Callback::from(move |event: Event| {
            event.prevent_default();
            onclose.emit(());
        })
    };
    html! {
        <dialog ref={node} class={props.wide.then_some("wide")} {oncancel} aria-labelledby="dialog-title">
            <div class="dialog-head">
                <h2 id="dialog-title">{ props.title.clone() }</h2>
                <Button look={Look::Bare} label={text.say(Key::Close)} onclick={props.onclose.clone()}>
                    <Icon shape={Shape::Cross} />
                </Button>
            </div>
            <div class="dialog-body">{ props.children.clone() }</div>
        </dialog>
    }
}
