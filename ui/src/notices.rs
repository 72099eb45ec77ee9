//! Short notices of what was done, said to screen readers too.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use crate::i18n::{Key, use_text};
use crate::widgets::{Button, Icon, Look, Shape};

/// How long good news stay, milliseconds. Bad news stay until they are put away.
const STAY_MS: u32 = 6_000;

/// Gives notices.
#[derive(Clone, PartialEq)]
pub(crate) struct Notices(UseReducerDispatcher<List>);

#[derive(Default, PartialEq)]
pub(crate) struct List {
    next: u32,
    all: Vec<Notice>,
}

#[derive(Clone, PartialEq)]
struct Notice {
    id: u32,
    good: bool,
    text: AttrValue,
}

pub(crate) enum Change {
    Add(bool, AttrValue),
    Remove(u32),
}

impl Notices {
    /// Something went well.
    pub(crate) fn good(&self, text: impl Into<AttrValue>) {
        self.0.dispatch(Change::Add(true, text.into()));
    }

    /// Something did not.
    pub(crate) fn bad(&self, text: impl Into<AttrValue>) {
        self.0.dispatch(Change::Add(false, text.into()));
    }
}

/// The notices of the page.
#[hook]
pub(crate) fn use_notices() -> Option<Notices> {
    use_context::<Notices>()
}

impl Reducible for List {
    type Action = Change;

    fn reduce(self: Rc<Self>, change: Change) -> Rc<Self> {
        let mut all = self.all.clone();
        let mut next = self.next;
        match change {
            Change::Add(good, text) => {
                // The same twice is said once.
                all.retain(|notice| notice.text != text);
                all.push(Notice {
                    id: next,
                    good,
                    text,
                });
                next = next.wrapping_add(1);
            }
            Change::Remove(id) => all.retain(|notice| notice.id != id),
        }
        Rc::new(Self { next, all })
    }
}

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) children: Html,
}

/// Gives [`Notices`] to what is inside, and shows them.
#[component]
pub(crate) fn Provider(props: &Props) -> Html {
    let list = use_reducer_eq(List::default);
    let away = {
        let list = list.dispatcher();
        Callback::from(move |id| list.dispatch(Change::Remove(id)))
    };
    let show = |notice: &Notice| {
        let (id, notice) = (notice.id, notice.clone());
        html! { <Shown key={id} {notice} away={away.clone()} /> }
    };
    let (good, bad): (Vec<_>, Vec<_>) = list.all.iter().partition(|notice| notice.good);
    html! {
        <ContextProvider<Notices> context={Notices(list.dispatcher())}>
            { props.children.clone() }
            <div class="notices">
                <div class="stack" role="alert">{ for bad.into_iter().map(show) }</div>
                <div class="stack" role="status">{ for good.into_iter().map(show) }</div>
            </div>
        </ContextProvider<Notices>>
    }
}

#[derive(Properties, PartialEq)]
struct ShownProps {
    notice: Notice,
    away: Callback<u32>,
}

#[component]
fn Shown(props: &ShownProps) -> Html {
    let text = use_text();
    let id = props.notice.id;
    {
        let away = props.away.clone();
        use_effect_with((id, props.notice.good), move |(id, good)| {
            let id = *id;
            let timer = good.then(|| Timeout::new(STAY_MS, move || away.emit(id)));
            move || drop(timer)
        });
    }
    let onclick = props.away.reform(move |()| id);
    html! {
        <div class={classes!("notice", (!props.notice.good).then_some("bad"))}>
            <p>{ props.notice.text.clone() }</p>
            <Button look={Look::Bare} {onclick} label={text.say(Key::Close)}>
                <Icon shape={Shape::Cross} />
            </Button>
        </div>
    }
}
