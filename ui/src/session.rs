//! Who is logged in: asked once at the start, and known to all that is shown.

use std::cell::RefCell;

use freellmapi_types::{Session, SessionState, SetupState};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::api::{self, Failure};
use crate::frame::Frame;
use crate::i18n::{Key, use_text};
use crate::pages::{Login, SetUp};
use crate::widgets::Button;

thread_local! {
    /// Told when the server says that the session is over.
    static LOST: RefCell<Callback<()>> = RefCell::new(Callback::noop());
}

/// The session is over: the log-in page comes.
pub(crate) fn lost() {
    // Taken out first: what it calls may end up here again.
    let told = LOST.with(|lost| lost.borrow().clone());
    told.emit(());
}

/// The account that is logged in, and how its session changes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Account {
    pub(crate) session: Session,
    /// The fewest characters of a password.
    pub(crate) password_min: usize,
    /// Takes a new session.
    pub(crate) enter: Callback<Session>,
    /// The session was ended.
    pub(crate) leave: Callback<()>,
}

/// How far it is known.
#[derive(PartialEq)]
enum State {
    Asking,
    Failed(Failure),
    Known(SessionState),
}

/// The page for who is there: set-up, log-in or the dashboard.
#[component]
pub(crate) fn Gate() -> Html {
    let text = use_text();
    let state = use_state_eq(|| State::Asking);
    let ask = {
        let state = state.setter();
        use_callback((), move |(), ()| ask(state.clone()))
    };
    {
        let ask = ask.clone();
        use_effect_with((), move |()| {
            LOST.with(|lost| *lost.borrow_mut() = ask.clone());
            ask.emit(());
            || LOST.with(|lost| *lost.borrow_mut() = Callback::noop())
        });
    }
    let password_min = match &*state {
        State::Known(known) => known.setup.password_min,
        State::Asking | State::Failed(_) => 0,
    };
    let become_known = {
        let state = state.setter();
        move |session: Option<Session>| {
            api::set_csrf(session.as_ref().map_or("", |session| &session.csrf));
            let setup = SetupState {
                needed: false,
                password_min,
            };
            state.set(State::Known(SessionState { setup, session }));
        }
    };
    let enter = {
        let become_known = become_known.clone();
        Callback::from(move |session| become_known(Some(session)))
    };
    match &*state {
        State::Asking => html! {
            <div class="gate" aria-busy="true">
                <main class="boot">
                    <span class="spinner" aria-hidden="true"></span>
                    <p role="status">{ text.say(Key::Loading) }</p>
                </main>
            </div>
        },
        State::Failed(failure) => html! {
            <div class="gate">
                <main>
                    <p class="note bad" role="alert">{ failure.message(&text) }</p>
                    <Button onclick={ask}>{ text.say(Key::Retry) }</Button>
                </main>
            </div>
        },
        State::Known(known) if known.setup.needed => {
            html! { <SetUp password_min={known.setup.password_min} {enter} /> }
        }
        State::Known(known) => match known.session.clone() {
            None => html! { <Login {enter} /> },
            Some(session) => {
                let account = Account {
                    session,
                    password_min,
                    enter,
                    leave: Callback::from(move |()| become_known(None)),
                };
                html! {
                    <ContextProvider<Account> context={account}><Frame /></ContextProvider<Account>>
                }
            }
        },
    }
}

fn ask(state: UseStateSetter<State>) {
    spawn_local(async move {
        state.set(match api::get::<SessionState>("/api/session").await {
            Ok(known) => {
                let csrf = known.session.as_ref().map(|session| session.csrf.as_str());
                api::set_csrf(csrf.unwrap_or_default());
                State::Known(known)
            }
            Err(failure) => State::Failed(failure),
        });
    });
}
