//! Something to show that the server keeps: asked for when a page is opened and again whenever it changed.

use std::cell::Cell;
use std::rc::Rc;

use freellmapi_types::Topic;
use serde::de::DeserializeOwned;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::{Failure, get};
use crate::i18n::{Key, use_text};
use crate::live::Live;
use crate::widgets::Button;

/// As far as it is known.
pub(crate) struct Resource<T> {
    /// The last that came.
    pub(crate) data: Option<Rc<T>>,
    /// Why the last call failed.
    pub(crate) failure: Option<Failure>,
    /// Asks again.
    pub(crate) reload: Callback<()>,
}

struct State<T> {
    data: Option<Rc<T>>,
    failure: Option<Failure>,
}

impl<T> Default for State<T> {
    fn default() -> Self {
        Self {
            data: None,
            failure: None,
        }
    }
}

impl<T: PartialEq> PartialEq for State<T> {
    fn eq(&self, other: &Self) -> bool {
        self.data == other.data && self.failure == other.failure
    }
}

impl<T> Reducible for State<T> {
    type Action = Result<T, Failure>;

    fn reduce(self: Rc<Self>, answer: Result<T, Failure>) -> Rc<Self> {
        Rc::new(match answer {
            Ok(data) => Self {
                data: Some(Rc::new(data)),
                failure: None,
            },
            // What is shown stays: it is still the best that is known.
            Err(failure) => Self {
                data: self.data.clone(),
                failure: Some(failure),
            },
        })
    }
}

/// Asks at this path, and again when one of these changed. Leaving the page forgets the answer.
#[hook]
pub(crate) fn use_resource<T>(path: AttrValue, topics: &'static [Topic]) -> Resource<T>
where
    T: DeserializeOwned + PartialEq + 'static,
{
    let state = use_reducer_eq(State::<T>::default);
    let again = use_state(|| 0_u32);
    let seen = use_context::<Live>().unwrap_or_default().seen(topics);
    {
        let state = state.dispatcher();
        use_effect_with((path, *again, seen), move |(path, _, _)| {
            let here = Rc::new(Cell::new(true));
            let path = path.clone();
            let still = Rc::clone(&here);
            spawn_local(async move {
                let answer = get::<T>(&path).await;
                if still.get() {
                    state.dispatch(answer);
                }
            });
            move || here.set(false)
        });
    }
    let reload = use_callback(again, |(), again| again.set(again.wrapping_add(1)));
    Resource {
        data: state.data.clone(),
        failure: state.failure.clone(),
        reload,
    }
}

impl<T> Resource<T> {
    /// What is there, or that it is on its way, or why it does not come.
    pub(crate) fn show(&self, view: impl FnOnce(&Rc<T>) -> Html) -> Html {
        let failed = self.failure.as_ref().map(|failure| {
            html! { <Failed failure={failure.clone()} retry={self.reload.clone()} /> }
        });
        match (&self.data, failed) {
            (Some(data), failed) => html! { <>{ for failed }{ view(data) }</> },
            (None, Some(failed)) => failed,
            (None, None) => html! { <Loading /> },
        }
    }
}

#[derive(Properties, PartialEq)]
struct FailedProps {
    failure: Failure,
    retry: Callback<()>,
}

#[component]
fn Failed(props: &FailedProps) -> Html {
    let text = use_text();
    html! {
        <div class="note bad row" role="alert">
            <span class="grow">{ props.failure.message(&text) }</span>
            <Button onclick={props.retry.clone()}>{ text.say(Key::Retry) }</Button>
        </div>
    }
}

#[component]
fn Loading() -> Html {
    let text = use_text();
    html! {
        <div class="loading" role="status">
            <span class="spinner" aria-hidden="true"></span>
            { text.say(Key::Loading) }
        </div>
    }
}
