//! One key: how it fares, and what can be done with it.

use freellmapi_types::{KeyPatch, KeyTest, KeyView, Verdict};
use yew::prelude::*;

use super::edit::Edit;
use super::status::{Reasons, Status};
use crate::api::{self, segment};
use crate::i18n::{Key, use_text};
use crate::notices::use_notices;
use crate::widgets::{Button, Dialog, Look, use_task};

#[derive(Properties, PartialEq)]
pub(super) struct Props {
    /// The key itself. Not `key`: that is Yew's own.
    pub(super) view: KeyView,
    /// It is the provider's switch rather than a secret.
    pub(super) keyless: bool,
    pub(super) changed: Callback<()>,
}

/// The dialog that is open.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Open {
    Edit,
    Remove,
}

#[component]
pub(super) fn Row(props: &Props) -> Html {
    let text = use_text();
    let notices = use_notices();
    let (testing, switching, removing) = (use_task(), use_task(), use_task());
    let open = use_state_eq(|| None::<Open>);
    let view = &props.view;
    let path = format!("/api/keys/{}", segment(&view.id));
    let name = name(view, &text);
    let test = {
        let (testing, path, changed) = (testing.clone(), path.clone(), props.changed.clone());
        let text = text.clone();
        Callback::from(move |()| {
            let (path, changed) = (format!("{path}/test"), changed.clone());
            let (notices, text) = (notices.clone(), text.clone());
            testing.run(
                async move { api::act::<KeyTest>(&path).await },
                move |test| {
                    if let Some(notices) = &notices {
                        match test.verdict {
                            Verdict::Good => notices.good(text.say(Key::TestGood)),
                            Verdict::Unknown => {
                                notices.good(told(&test, text.say(Key::TestUnknown)));
                            }
                            Verdict::Bad => notices.bad(told(&test, text.say(Key::TestBad))),
                        }
                    }
                    changed.emit(());
                },
            );
        })
    };
    let switch = {
        let (switching, path, changed) = (switching.clone(), path.clone(), props.changed.clone());
        let patch = KeyPatch {
            enabled: Some(!view.enabled),
            ..KeyPatch::default()
        };
        Callback::from(move |()| {
            let (path, patch, changed) = (path.clone(), patch.clone(), changed.clone());
            let work = async move { api::patch::<KeyView>(&path, &patch).await };
            switching.run(work, move |_| changed.emit(()));
        })
    };
    let remove = {
        let (removing, path, changed) = (removing.clone(), path.clone(), props.changed.clone());
        Callback::from(move |()| {
            let (path, changed) = (path.clone(), changed.clone());
            let work = async move { api::delete(&path).await };
            removing.run(work, move |()| changed.emit(()));
        })
    };
    let show = |what: Open| {
        let open = open.setter();
        Callback::from(move |()| open.set(Some(what)))
    };
    let close = {
        let open = open.setter();
        Callback::from(move |()| open.set(None))
    };
    let failure = [&testing, &switching]
        .into_iter()
        .find_map(|task| task.failure.as_ref());
    let dialog = match *open {
        None => None,
        Some(Open::Edit) => Some(html! {
            <Edit view={view.clone()} onclose={close.clone()} changed={props.changed.clone()} />
        }),
        Some(Open::Remove) => Some(html! {
            <Dialog title={text.say(Key::KeyRemoveTitle)} onclose={close.clone()}>
                <p>{ text.fill(Key::KeyRemoveAbout, &[("name", &name), ("provider", &view.title)]) }</p>
                if let Some(failure) = &removing.failure {
                    <p class="note bad" role="alert">{ failure.message(&text) }</p>
                }
                <div class="dialog-end">
                    <Button onclick={close.clone()}>{ text.say(Key::Cancel) }</Button>
                    <Button look={Look::Danger} busy={removing.busy} onclick={remove}>{ text.say(Key::Remove) }</Button>
                </div>
            </Dialog>
        }),
    };
    let switch_word = if view.enabled {
        Key::Disable
    } else {
        Key::Enable
    };
    // Several rows have the same buttons: screen readers are told whose.
    let whose = |key: Key| Some(AttrValue::from(format!("{}: {name}", text.say(key))));
    html! {
        <div class={classes!("key", (!view.enabled).then_some("off"))} id={view.id.clone()}>
            <div class="stack tight">
                <div class="row">
                    <span class="name">{ name.clone() }</span>
                    if let Some(address) = &view.base_url {
                        <span class="quiet mono">{ address.clone() }</span>
                    }
                    <span class="quiet small">{ text.count(Key::ModelsCount, view.models) }</span>
                </div>
                <Status status={view.status.clone()} />
                <Reasons status={view.status.clone()} />
                if let Some(failure) = failure {
                    <p class="note bad small" role="alert">{ failure.message(&text) }</p>
                }
            </div>
            <div class="actions">
                <Button look={Look::Bare} busy={testing.busy} onclick={test} label={whose(Key::KeyTest)}>{ text.say(Key::KeyTest) }</Button>
                <Button look={Look::Bare} busy={switching.busy} onclick={switch} label={whose(switch_word)}>{ text.say(switch_word) }</Button>
                if !props.keyless {
                    <Button look={Look::Bare} onclick={show(Open::Edit)} label={whose(Key::Edit)}>{ text.say(Key::Edit) }</Button>
                }
                <Button look={Look::Bare} onclick={show(Open::Remove)} label={whose(Key::Remove)}>{ text.say(Key::Remove) }</Button>
            </div>
            { for dialog }
        </div>
    }
}

/// What to call a key.
fn name(view: &KeyView, text: &crate::i18n::Text) -> String {
    let own = [&view.label, &view.name];
    let own = own.into_iter().find(|name| !name.is_empty());
    own.cloned()
        .unwrap_or_else(|| text.say(Key::KeyUnnamed).to_string())
}

fn told(test: &KeyTest, otherwise: AttrValue) -> AttrValue {
    if test.message.is_empty() {
        otherwise
    } else {
        test.message.clone().into()
    }
}
