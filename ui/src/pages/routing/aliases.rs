//! Other names for models.

use freellmapi_types::{AliasView, RoutingView};
use yew::prelude::*;

use crate::api::{self, segment};
use crate::i18n::{Key, use_text};
use crate::pages::into_state;
use crate::widgets::{Button, Field, Look, use_task};

#[derive(Properties, PartialEq)]
pub(super) struct Props {
    pub(super) aliases: Vec<AliasView>,
    pub(super) changed: Callback<()>,
}

#[component]
pub(super) fn Aliases(props: &Props) -> Html {
    let text = use_text();
    let task = use_task();
    let (name, target) = (use_state_eq(String::new), use_state_eq(String::new));
    let onsubmit = {
        let (task, changed) = (task.clone(), props.changed.clone());
        let (name, target) = (name.clone(), target.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let alias = AliasView {
                name: name.trim().to_owned(),
                target: target.trim().to_owned(),
            };
            let (name, target, changed) = (name.setter(), target.setter(), changed.clone());
            let work =
                async move { api::post::<RoutingView>("/api/routing/aliases", &alias).await };
            task.run(work, move |_| {
                name.set(String::new());
                target.set(String::new());
                changed.emit(());
            });
        })
    };
    let row = |alias: &AliasView| {
        let (task, changed) = (task.clone(), props.changed.clone());
        let busy = task.busy;
        let path = format!("/api/routing/aliases/{}", segment(&alias.name));
        let onclick = Callback::from(move |()| {
            let (path, changed) = (path.clone(), changed.clone());
            task.run(async move { api::delete(&path).await }, move |()| {
                changed.emit(());
            });
        });
        let label = AttrValue::from(format!("{}: {}", text.say(Key::Remove), alias.name));
        html! {
            <tr key={alias.name.clone()}>
                <td><code class="break">{ alias.name.clone() }</code></td>
                <td data-name={text.say(Key::AliasTarget)}><code class="break">{ alias.target.clone() }</code></td>
                <td><div class="actions"><Button look={Look::Bare} {busy} {label} {onclick}>{ text.say(Key::Remove) }</Button></div></td>
            </tr>
        }
    };
    let failure = task.failure.as_ref();
    let about = |member: &str| failure.and_then(|failure| failure.about(member, &text));
    let beside = failure.and_then(|failure| failure.beside(&["name", "target"], &text));
    html! {
        <section class="card" aria-labelledby="aliases">
            <div class="card-head"><h2 id="aliases">{ text.say(Key::Aliases) }</h2></div>
            if !props.aliases.is_empty() {
                <div class="table-box">
                    <table class="stacks">
                        <thead><tr>
                            <th scope="col">{ text.say(Key::AliasName) }</th>
                            <th scope="col">{ text.say(Key::AliasTarget) }</th>
                            <th scope="col"><span class="unseen">{ text.say(Key::Remove) }</span></th>
                        </tr></thead>
                        <tbody>{ for props.aliases.iter().map(row) }</tbody>
                    </table>
                </div>
            }
            <form class="card-body" {onsubmit}>
                <p class="quiet">{ text.say(Key::AliasAbout) }</p>
                if let Some(failure) = beside {
                    <p class="note bad" role="alert">{ failure }</p>
                }
                <div class="columns">
                    <Field id="alias-name" label={text.say(Key::AliasName)} value={(*name).clone()} onchange={into_state(&name)} error={about("name")} required=true />
                    <Field id="alias-target" label={text.say(Key::AliasTarget)} value={(*target).clone()} onchange={into_state(&target)} error={about("target")} required=true />
                </div>
                <div class="actions"><Button submit=true busy={task.busy}>{ text.say(Key::AliasAct) }</Button></div>
            </form>
        </section>
    }
}
