//! The pages.

mod analytics;
mod gate;
mod keys;
mod models;
mod playground;
mod plugins;
mod requests;
mod routing;
mod settings;
mod start;
mod unified;

pub(crate) use analytics::Analytics;
pub(crate) use gate::{Login, SetUp};
pub(crate) use keys::Keys;
pub(crate) use models::Models;
pub(crate) use playground::Playground;
pub(crate) use plugins::Plugins;
pub(crate) use requests::Requests;
pub(crate) use routing::Routing;
pub(crate) use settings::Settings;
pub(crate) use start::Start;
pub(crate) use unified::UnifiedKey;

use yew::prelude::*;

/// The head of a page.
fn head(title: AttrValue, about: AttrValue, actions: Html) -> Html {
    html! {
        <div class="page-head">
            <div>
                <h1>{ title }</h1>
                <p>{ about }</p>
            </div>
            <div class="actions">{ actions }</div>
        </div>
    }
}

/// Where there is nothing yet: what that means, and what to do about it.
fn blank(title: AttrValue, about: AttrValue, action: Html) -> Html {
    html! {
        <div class="blank">
            <strong>{ title }</strong>
            <span>{ about }</span>
            { action }
        </div>
    }
}

/// A callback that takes a value into a state.
fn into_state<T: PartialEq + 'static>(state: &UseStateHandle<T>) -> Callback<T> {
    let set = state.setter();
    Callback::from(move |value| set.set(value))
}
