//! A new chain.

use freellmapi_types::{LinkView, ProfileView, RoutingView};
use yew::prelude::*;

use crate::api;
use crate::i18n::{Key, use_text};
use crate::pages::into_state;
use crate::widgets::{Button, Field, Look, use_task};

#[derive(Properties, PartialEq)]
pub(super) struct Props {
    /// What can be called now: a new chain begins with the first of them, and grows from there.
    pub(super) models: Vec<AttrValue>,
    pub(super) changed: Callback<()>,
}

/// Models that a new chain has.
const FIRST: usize = 5;

#[component]
pub(super) fn NewProfile(props: &Props) -> Html {
    let text = use_text();
    let task = use_task();
    let name = use_state_eq(String::new);
    let onsubmit = {
        let (task, name, changed) = (task.clone(), name.clone(), props.changed.clone());
        let link = |model: &AttrValue| LinkView {
            model: model.to_string(),
            enabled: true,
        };
        let chain: Vec<LinkView> = props.models.iter().take(FIRST).map(link).collect();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let profile = ProfileView {
                name: name.trim().to_owned(),
                strategy: None,
                chain: chain.clone(),
            };
            let (name, changed) = (name.setter(), changed.clone());
            let work =
                async move { api::post::<RoutingView>("/api/routing/profiles", &profile).await };
            task.run(work, move |_| {
                name.set(String::new());
                changed.emit(());
            });
        })
    };
    let failure = task.failure.as_ref();
    let about = failure.and_then(|failure| failure.about("name", &text));
    let beside = failure.and_then(|failure| failure.beside(&["name"], &text));
    html! {
        <section class="card" aria-labelledby="new-profile">
            <div class="card-head"><h2 id="new-profile">{ text.say(Key::ProfileNew) }</h2></div>
            <form class="card-body" {onsubmit}>
                <p class="quiet">{ text.say(Key::ProfileAbout) }</p>
                if let Some(failure) = beside {
                    <p class="note bad" role="alert">{ failure }</p>
                }
                if props.models.is_empty() {
                    <p class="note">{ text.say(Key::ProfileNoModels) }</p>
                } else {
                    <Field id="profile-name" label={text.say(Key::ProfileName)} hint={text.say(Key::ProfileHint)} value={(*name).clone()}
                        onchange={into_state(&name)} error={about} required=true />
                    <div class="actions"><Button look={Look::Primary} submit=true busy={task.busy}>{ text.say(Key::ProfileAct) }</Button></div>
                }
            </form>
        </section>
    }
}
