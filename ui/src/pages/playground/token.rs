//! How the playground comes by the unified key.

use freellmapi_types::{TokenShown, TokenView};
use yew::prelude::*;

use crate::api::{segment, use_resource};
use crate::i18n::{Key, use_text};
use crate::pages::unified::Shown;
use crate::widgets::{AskPassword, Button, Look};

#[component]
pub(super) fn TokenCard() -> Html {
    let text = use_text();
    let tokens = use_resource::<Vec<TokenView>>("/api/tokens".into(), &[]);
    let shown = use_context::<Shown>();
    let asking = use_state_eq(|| false);
    let set = |value: bool| {
        let asking = asking.setter();
        Callback::from(move |()| asking.set(value))
    };
    let ondone = {
        let asking = asking.setter();
        Callback::from(move |answer: TokenShown| {
            asking.set(false);
            if let Some(shown) = &shown {
                shown.take.emit(Some(answer.token));
            }
        })
    };
    html! {
        <section class="card" aria-label={text.say(Key::UnifiedTitle)}>
            <div class="card-body">
                <p>{ text.say(Key::PlaygroundKey) }</p>
                { tokens.show(|tokens| {
                    let path = tokens.first().map(|token| format!("/api/tokens/{}/show", segment(&token.id)));
                    html! {
                        <>
                            <div class="actions"><Button look={Look::Primary} disabled={path.is_none()} onclick={set(true)}>{ text.say(Key::PlaygroundUse) }</Button></div>
                            if let (true, Some(path)) = (*asking, path) {
                                <AskPassword title={text.say(Key::PlaygroundUse)} about={text.say(Key::KeyShowAbout)} act={text.say(Key::PlaygroundUse)}
                                    {path} onclose={set(false)} {ondone} />
                            }
                        </>
                    }
                }) }
            </div>
        </section>
    }
}
