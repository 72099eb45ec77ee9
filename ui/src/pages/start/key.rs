//! The unified key: hidden until the password is given, and changed when it got away.

use freellmapi_types::{TokenShown, TokenView};
use yew::prelude::*;

use crate::api::{segment, use_resource};
use crate::i18n::{Key, use_text};
use crate::notices::use_notices;
use crate::pages::unified::Shown;
use crate::widgets::{AskPassword, Button, Copy, Look};

/// What is asked the password for, and of which key.
#[derive(Clone, PartialEq)]
enum Asked {
    Show(String),
    Rotate(String),
}

#[component]
pub(crate) fn KeyCard() -> Html {
    let text = use_text();
    let notices = use_notices();
    let tokens = use_resource::<Vec<TokenView>>("/api/tokens".into(), &[]);
    let shown = use_context::<Shown>();
    let asked = use_state_eq(|| None::<Asked>);
    let close = {
        let asked = asked.setter();
        Callback::from(move |()| asked.set(None))
    };
    let take = {
        let (asked, shown, rotated) = (asked.clone(), shown.clone(), text.say(Key::KeyRotated));
        Callback::from(move |answer: TokenShown| {
            if let (Some(Asked::Rotate(_)), Some(notices)) = (&*asked, &notices) {
                notices.good(rotated.clone());
            }
            if let Some(shown) = &shown {
                shown.take.emit(Some(answer.token));
            }
            asked.set(None);
        })
    };
    let token = shown.as_ref().and_then(|shown| shown.token.clone());
    let hide = shown.as_ref().map(|shown| shown.take.reform(|()| None));
    let row = |view: &TokenView| {
        let ask = |what: fn(String) -> Asked| {
            let (asked, id) = (asked.setter(), view.id.clone());
            Callback::from(move |()| asked.set(Some(what(id.clone()))))
        };
        html! {
            <div class="secret">
                <code>{ token.as_deref().unwrap_or("freellmapi-••••••••••••••••").to_owned() }</code>
                if let (Some(token), Some(hide)) = (&token, hide.clone()) {
                    <Copy text={token.to_string()} />
                    <Button onclick={hide}>{ text.say(Key::Hide) }</Button>
                } else {
                    <Button onclick={ask(Asked::Show)}>{ text.say(Key::Show) }</Button>
                }
                <Button look={Look::Bare} onclick={ask(Asked::Rotate)}>{ text.say(Key::KeyRotate) }</Button>
            </div>
        }
    };
    let dialog = (*asked).clone().map(|what| {
        let (id, verb, title, about, act) = match &what {
            Asked::Show(id) => (id, "show", Key::KeyShowTitle, Key::KeyShowAbout, Key::Show),
            Asked::Rotate(id) => (
                id,
                "rotate",
                Key::KeyRotateTitle,
                Key::KeyRotateAbout,
                Key::KeyRotate,
            ),
        };
        let path = format!("/api/tokens/{}/{verb}", segment(id));
        html! {
            <AskPassword title={text.say(title)} about={text.say(about)} act={text.say(act)} {path} onclose={close.clone()} ondone={take.clone()} />
        }
    });
    html! {
        <section class="card" aria-labelledby="unified">
            <div class="card-head"><h2 id="unified">{ text.say(Key::UnifiedTitle) }</h2></div>
            <div class="card-body">
                <p class="quiet">{ text.say(Key::UnifiedAbout) }</p>
                // One key today; the server may keep more.
                { tokens.show(|tokens| html! { <>{ for tokens.iter().take(1).map(row) }</> }) }
            </div>
            { for dialog }
        </section>
    }
}
