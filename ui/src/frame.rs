//! What stands around every page: the menu, the way past it, and who is logged in.

use freellmapi_types::Topic;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;
use yew_router::prelude::*;

use crate::api::{self, use_resource};
use crate::i18n::{Key, use_text};
use crate::notices::use_notices;
use crate::pages;
use crate::route::Route;
use crate::session::Account;
use crate::widgets::{Button, Icon, Look, Shape};
use crate::{browser, live};

/// The dashboard of a person who is logged in.
#[component]
pub(crate) fn Frame() -> Html {
    html! {
        <live::Provider>
            <pages::UnifiedKey>
                <BrowserRouter><Inside /></BrowserRouter>
            </pages::UnifiedKey>
        </live::Provider>
    }
}

#[component]
fn Inside() -> Html {
    let text = use_text();
    let route = use_route::<Route>().unwrap_or(Route::Start);
    let open = use_state_eq(|| false);
    let title = text.say(route.title());
    let first = use_mut_ref(|| true);
    {
        let open = open.setter();
        use_effect_with((route, title.clone()), move |(_, title)| {
            browser::set_title(&format!("{title} · FreeLLMAPI"));
            open.set(false);
        });
    }
    use_effect_with(route, move |_| {
        // Another page: the keyboard and the screen reader go to its beginning.
        if !first.replace(false) {
            browser::focus("main");
        }
    });
    let toggle = {
        let open = open.clone();
        Callback::from(move |()| open.set(!*open))
    };
    html! {
        <div class="frame">
            <a class="skip" href="#main" onclick={|event: MouseEvent| {
                event.prevent_default();
                browser::focus("main");
            }}>{ text.say(Key::SkipToContent) }</a>
            <header class="side">
                <Link<Route> to={Route::Start} classes="brand">{ "FreeLLMAPI" }</Link<Route>>
                <Button class="menu-button" look={Look::Bare} expanded={*open} onclick={toggle}>
                    <Icon shape={if *open { Shape::Cross } else { Shape::Menu }} />
                    { text.say(Key::Menu) }
                </Button>
                <div class={classes!("menu", open.then_some("open"))}>
                    <nav class="nav" aria-label={text.say(Key::Menu)}>
                        { for Route::MENU.into_iter().map(|to| html! { <Item {to} here={to == route} /> }) }
                    </nav>
                    <Waiting />
                    <Who />
                </div>
            </header>
            <main id="main" tabindex="-1">
                <Switch<Route> render={page} />
            </main>
        </div>
    }
}

fn page(route: Route) -> Html {
    match route {
        Route::Start => html! { <pages::Start /> },
        Route::Keys => html! { <pages::Keys /> },
        Route::Plugins => html! { <pages::Plugins /> },
        Route::Models => html! { <pages::Models /> },
        Route::Routing => html! { <pages::Routing /> },
        Route::Analytics => html! { <pages::Analytics /> },
        Route::Requests => html! { <pages::Requests /> },
        Route::Playground => html! { <pages::Playground /> },
        Route::Settings => html! { <pages::Settings /> },
        Route::Unknown => html! { <Redirect<Route> to={Route::Start} /> },
    }
}

#[derive(Properties, PartialEq)]
struct ItemProps {
    to: Route,
    here: bool,
}

#[component]
fn Item(props: &ItemProps) -> Html {
    let text = use_text();
    let navigator = use_navigator();
    let to = props.to;
    let onclick = Callback::from(move |event: MouseEvent| {
        // A click that asks for a new tab is the browser's.
        if event.ctrl_key() || event.meta_key() || event.shift_key() {
            return;
        }
        if let Some(navigator) = &navigator {
            event.prevent_default();
            navigator.push(&to);
        }
    });
    html! {
        <a href={to.to_path()} {onclick} aria-current={props.here.then_some("page")}>
            <Icon shape={to.shape()} />
            { text.say(to.title()) }
        </a>
    }
}

/// Plugins that wait for consent are worth a word on every page.
#[component]
fn Waiting() -> Html {
    let text = use_text();
    let overview = use_resource::<freellmapi_types::Overview>(
        "/api/overview".into(),
        &[Topic::Plugins, Topic::Keys],
    );
    let waiting = overview
        .data
        .as_ref()
        .map_or(0, |overview| overview.plugins.needs_consent);
    if waiting == 0 {
        return Html::default();
    }
    html! {
        <Link<Route> to={Route::Plugins} classes="note warn small">
            { text.count(Key::PluginsWaiting, waiting) }
        </Link<Route>>
    }
}

#[component]
fn Who() -> Html {
    let text = use_text();
    let notices = use_notices();
    let Some(account) = use_context::<Account>() else {
        return Html::default();
    };
    let onclick = {
        let (text, leave) = (text.clone(), account.leave.clone());
        Callback::from(move |()| {
            let (text, leave, notices) = (text.clone(), leave.clone(), notices.clone());
            spawn_local(async move {
                match api::tell("/api/logout").await {
                    Ok(()) => leave.emit(()),
                    Err(failure) => {
                        if let Some(notices) = notices {
                            notices.bad(failure.message(&text));
                        }
                    }
                }
            });
        })
    };
    html! {
        <div class="side-end">
            <span class="who" title={account.session.email.clone()}>{ account.session.email.clone() }</span>
            <Button look={Look::Plain} {onclick}>
                <Icon shape={Shape::Exit} />
                { text.say(Key::LogOut) }
            </Button>
            <span class="who">{ format!("FreeLLMAPI {}", account.session.version) }</span>
        </div>
    }
}
