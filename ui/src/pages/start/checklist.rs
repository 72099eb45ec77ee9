//! What is left to do, ending in a request that works.

use freellmapi_types::Overview;
use yew::prelude::*;
use yew_router::prelude::*;

use super::snippets::curl;
use crate::i18n::{Key, use_text};
use crate::pages::unified::Shown;
use crate::route::Route;
use crate::widgets::{Code, Icon, Shape};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) overview: Overview,
}

#[component]
pub(crate) fn Checklist(props: &Props) -> Html {
    let text = use_text();
    let token = use_context::<Shown>().and_then(|shown| shown.token);
    let overview = &props.overview;
    let link = |to: Route, words: Key| {
        html! { <p><Link<Route> {to}>{ text.say(words) }</Link<Route>></p> }
    };
    let steps = [
        (
            Key::StepAccount,
            Key::StepAccountAbout,
            true,
            Html::default(),
        ),
        (
            Key::StepKey,
            Key::StepKeyAbout,
            overview.keys.total() > 0,
            link(Route::Keys, Key::StepKeyLink),
        ),
        (
            Key::StepHealthy,
            Key::StepHealthyAbout,
            overview.keys.healthy > 0 && overview.models > 0,
            link(Route::Keys, Key::StepHealthyLink),
        ),
        (
            Key::StepRequest,
            Key::StepRequestAbout,
            overview.requests.succeeded > 0,
            html! { <Code text={curl(token.as_deref())} /> },
        ),
    ];
    let all = steps.len();
    let done = steps.iter().filter(|(_, _, done, _)| *done).count();
    let step = |(n, (title, about, done, more)): (usize, (Key, Key, bool, Html))| {
        let word = if done { Key::StepDone } else { Key::StepOpen };
        html! {
            <li class={done.then_some("done")}>
                <span class="mark" aria-hidden="true">
                    if done { <Icon shape={Shape::Check} /> } else { { n + 1 } }
                </span>
                <div class="stack">
                    <h3>{ text.say(title) }<span class="unseen">{ " (" }{ text.say(word) }{ ")" }</span></h3>
                    if !done {
                        <p class="quiet">{ text.say(about) }</p>
                        { more }
                    }
                </div>
            </li>
        }
    };
    let of = [("n", done.to_string()), ("all", all.to_string())];
    let of: Vec<_> = of
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    html! {
        <section class="card" aria-labelledby="steps">
            <div class="card-head">
                <h2 id="steps">{ text.say(Key::StepsTitle) }</h2>
                <span class="quiet small">{ text.fill(Key::StepsDone, &of) }</span>
            </div>
            <ol class="steps">{ for steps.into_iter().enumerate().map(step) }</ol>
        </section>
    }
}
