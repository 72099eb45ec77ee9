//! Text to be taken elsewhere.

use gloo_timers::callback::Timeout;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::{Button, Look};
use crate::browser;
use crate::i18n::{Key, use_text};
use crate::notices::use_notices;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) text: AttrValue,
}

/// Puts a text on the clipboard.
#[component]
pub(crate) fn Copy(props: &Props) -> Html {
    let text = use_text();
    let notices = use_notices();
    let done = use_state_eq(|| false);
    {
        let setter = done.setter();
        use_effect_with(*done, move |done| {
            let timer = done.then(|| Timeout::new(2_000, move || setter.set(false)));
            move || drop(timer)
        });
    }
    let onclick = {
        let (content, done) = (props.text.clone(), done.setter());
        let failed = text.say(Key::CopyFailed);
        Callback::from(move |()| {
            let (content, done) = (content.clone(), done.clone());
            let (notices, failed) = (notices.clone(), failed.clone());
            spawn_local(async move {
                if browser::copy(&content).await {
                    done.set(true);
                } else if let Some(notices) = notices {
                    notices.bad(failed);
                }
            });
        })
    };
    let word = if *done { Key::Copied } else { Key::Copy };
    html! {
        <Button look={Look::Plain} {onclick}>
            <span aria-live="polite">{ text.say(word) }</span>
        </Button>
    }
}

/// A block of code with a button that copies it.
#[component]
pub(crate) fn Code(props: &Props) -> Html {
    let text = use_text();
    html! {
        <div class="code">
            // Reachable by keyboard, since it may scroll.
            <pre tabindex="0" role="group" aria-label={text.say(Key::Code)}><code>{ props.text.clone() }</code></pre>
            <Copy text={props.text.clone()} />
        </div>
    }
}
