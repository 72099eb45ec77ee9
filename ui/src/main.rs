//! The dashboard of FreeLLMAPI. It runs in the browser, speaks the admin API with the types of `freellmapi-types`, and
//! knows nothing that the server did not tell.
//!
//! `pages` holds one folder or file a page; `widgets` what they are built of; `api` the calls; `live` what changed
//! since; `i18n` every word. Nothing here puts text into the page other than as text.

mod api;
mod browser;
mod frame;
mod i18n;
mod live;
mod notices;
mod pages;
mod route;
mod session;
mod widgets;

use yew::prelude::*;

#[component]
fn App() -> Html {
    html! {
        <i18n::Provider>
            <notices::Provider>
                <session::Gate />
            </notices::Provider>
        </i18n::Provider>
    }
}

fn main() {
    let app = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id("app"));
    match app {
        Some(app) => yew::Renderer::<App>::with_root(app).render(),
        None => yew::Renderer::<App>::new().render(),
    };
}
