//! The first page: what is left to do until a client works, the unified key, and the words to give to each client.

mod checklist;
mod key;
mod snippets;

use freellmapi_types::{Overview, Topic};
use yew::prelude::*;

use super::head;
use crate::api::use_resource;
use crate::i18n::{Key, Text, use_text};
use checklist::Checklist;
use key::KeyCard;
use snippets::Snippets;

#[component]
pub(crate) fn Start() -> Html {
    let text = use_text();
    let overview = use_resource::<Overview>(
        "/api/overview".into(),
        &[Topic::Keys, Topic::Plugins, Topic::Requests],
    );
    html! {
        <div class="page">
            { head(text.say(Key::PageStart), text.say(Key::StartAbout), Html::default()) }
            { overview.show(|overview| html! {
                <>
                    { figures(overview, &text) }
                    <Checklist overview={(**overview).clone()} />
                </>
            }) }
            <KeyCard />
            <Snippets />
        </div>
    }
}

fn figures(overview: &Overview, text: &Text) -> Html {
    let number = |n: usize| text.number(i64::try_from(n).unwrap_or(i64::MAX));
    let keys = format!(
        "{} / {}",
        number(overview.keys.healthy),
        number(overview.keys.total())
    );
    let requests = overview.requests;
    let tokens = text.number(requests.input_tokens.saturating_add(requests.output_tokens));
    let succeeded = text.number(requests.succeeded);
    let rows = [
        (Key::FigureKeys, keys, None),
        (Key::FigureModels, number(overview.models), None),
        (
            Key::FigureRequests,
            text.number(requests.total),
            Some(text.fill(Key::FigureSucceeded, &[("n", &succeeded)])),
        ),
        (Key::FigureTokens, tokens, None),
    ];
    let figure = |(name, value, more): (Key, String, Option<AttrValue>)| {
        html! {
            <div class="card figure">
                <span class="quiet small">{ text.say(name) }</span>
                <b>{ value }</b>
                if let Some(more) = more {
                    <span class="quiet small">{ more }</span>
                }
            </div>
        }
    };
    html! { <div class="figures">{ for rows.into_iter().map(figure) }</div> }
}
