//! How a key fares, in a dot and in words.

use freellmapi_types::{KeyState, KeyStatus};
use yew::prelude::*;

use crate::i18n::{Key, Text, use_text};

/// Class and word of a state.
pub(super) fn look(state: KeyState) -> (&'static str, Key) {
    match state {
        KeyState::Healthy => ("ok", Key::StateHealthy),
        KeyState::RateLimited => ("warn", Key::StateLimited),
        KeyState::Invalid => ("bad", Key::StateInvalid),
        KeyState::Error => ("bad", Key::StateError),
        KeyState::Disabled => ("idle", Key::StateDisabled),
        KeyState::Waiting => ("idle", Key::StateWaiting),
    }
}

#[derive(Properties, PartialEq)]
pub(super) struct Props {
    pub(super) status: KeyStatus,
}

#[component]
pub(super) fn Status(props: &Props) -> Html {
    let text = use_text();
    let (class, word) = look(props.status.state);
    html! {
        <div class="row">
            <span class={classes!("state", class)}>
                <span class="dot" aria-hidden="true"></span>
                { text.say(word) }
            </span>
            <span class="quiet small">{ times(&props.status, &text) }</span>
        </div>
    }
}

/// Since when, and until when it rests.
fn times(status: &KeyStatus, text: &Text) -> Html {
    let time = |at_ms: i64, key: Key| {
        let when = text.distance(at_ms);
        html! { <span title={text.moment(at_ms)}>{ text.fill(key, &[("when", &when)]) }</span> }
    };
    html! {
        <>
            { for status.since_ms.map(|at_ms| time(at_ms, Key::StateSince)) }
            if status.since_ms.is_some() && status.until_ms.is_some() {
                { " · " }
            }
            { for status.until_ms.map(|at_ms| time(at_ms, Key::StateUntil)) }
        </>
    }
}

/// Why, and which models rest alone.
#[component]
pub(super) fn Reasons(props: &Props) -> Html {
    let text = use_text();
    let status = &props.status;
    let class = match look(status.state).0 {
        tone @ ("warn" | "bad") => Some(tone),
        _ => None,
    };
    // The server says of a fresh key what the dot says already.
    let english = Text::english().say(look(status.state).1);
    let says_more = !status.reason.is_empty() && !status.reason.eq_ignore_ascii_case(&english);
    let model = |rest: &freellmapi_types::ModelRest| {
        let until = text.distance(rest.until_ms);
        html! {
            <li class="break">
                <code>{ rest.model.clone() }</code>{ " · " }{ rest.kind.clone() }{ " · " }
                { text.fill(Key::StateUntil, &[("when", &until)]) }
                if !rest.reason.is_empty() { { " · " }{ rest.reason.clone() } }
            </li>
        }
    };
    html! {
        <>
            if says_more {
                <p class={classes!("note", "small", class)}>{ status.reason.clone() }</p>
            }
            if !status.models.is_empty() {
                <details class="small">
                    <summary>{ text.count(Key::KeyModelsRest, status.models.len()) }</summary>
                    <ul>{ for status.models.iter().map(model) }</ul>
                </details>
            }
        </>
    }
}
