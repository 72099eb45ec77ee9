//! One version of a plugin.

use freellmapi_types::{PluginSource, PluginState, PluginView};
use yew::prelude::*;

use super::words::wishes;
use crate::api::{self, segment};
use crate::i18n::{Key, Text, use_text};
use crate::widgets::{Button, Copy, Look, Task, use_task};

#[derive(Properties, PartialEq)]
pub(super) struct Props {
    pub(super) plugin: PluginView,
    /// Opens the consent sheet of a version, by its hash.
    pub(super) ask: Callback<String>,
    pub(super) changed: Callback<()>,
}

#[component]
pub(super) fn Card(props: &Props) -> Html {
    let text = use_text();
    let task = use_task();
    let plugin = &props.plugin;
    let name = name(plugin, &text);
    let heading = format!("plugin-{}-{}", plugin.id, short(&plugin.sha256));
    html! {
        <section class="card" aria-labelledby={heading.clone()} data-plugin={plugin.id.clone()} data-state={word(plugin.state).0}>
            <div class="card-head">
                <h2 id={heading}>
                    { name.clone() }
                    <span class="quiet small">{ plugin.version.clone() }</span>
                </h2>
                { state(plugin, &text) }
                <div class="actions">{ acts(props, &task, &name, &text) }</div>
            </div>
            <div class="card-body">
                if let Some(failure) = &task.failure {
                    <p class="note bad" role="alert">{ failure.message(&text) }</p>
                }
                if let Some(error) = &plugin.error {
                    <p class="note bad"><b>{ text.say(Key::PluginError) }</b>{ " " }{ error.clone() }</p>
                }
                if let Some(fault) = &plugin.last_fault {
                    <p class="note warn"><b>{ text.say(Key::PluginLastFault) }</b>{ " " }{ fault.clone() }</p>
                }
                <dl class="facts">
                    { fact(&text, Key::PluginReach, hosts(plugin, &text)) }
                    { fact(&text, Key::PluginCost, cost(plugin, &text)) }
                    { fact(&text, Key::PluginStrikes, strikes(plugin, &text)) }
                </dl>
                <details>
                    <summary>{ text.say(Key::PluginDetails) }</summary>
                    <div class="stack">
                        { wishes(plugin, &text) }
                        <dl class="facts">
                            { fact(&text, Key::PluginId, html! { <code>{ plugin.id.clone() }</code> }) }
                            { fact(&text, Key::PluginSource, source(plugin, &text)) }
                            { fact(&text, Key::PluginHash, html! {
                                <span class="row"><code>{ plugin.sha256.clone() }</code><Copy text={plugin.sha256.clone()} /></span>
                            }) }
                            { fact(&text, Key::PluginLimits, limits(plugin, &text)) }
                            { fact(&text, Key::PluginModels, html! { { plugin.models } }) }
                            { for plugin.granted_ms.map(|at_ms| fact(&text, Key::PluginGranted, html! { { text.moment(at_ms) } })) }
                            if !plugin.terms.is_empty() {
                                { fact(&text, Key::Terms, html! { { plugin.terms.clone() } }) }
                            }
                        </dl>
                    </div>
                </details>
            </div>
        </section>
    }
}

/// What to call it: files that could not be asked have no title.
pub(super) fn name(plugin: &PluginView, text: &Text) -> String {
    let names = [&plugin.title, &plugin.id, &plugin.file];
    let named = names.into_iter().find(|name| !name.is_empty());
    named
        .cloned()
        .unwrap_or_else(|| text.say(Key::PluginUnnamed).to_string())
}

/// Name for scripts, class and word of a state.
fn word(state: PluginState) -> (&'static str, &'static str, Key) {
    match state {
        PluginState::Active => ("active", "ok", Key::PluginActive),
        PluginState::NeedsConsent => ("needs-consent", "warn", Key::PluginNeedsConsent),
        PluginState::Broken => ("broken", "bad", Key::PluginBroken),
        PluginState::Disabled => ("disabled", "idle", Key::PluginDisabled),
        PluginState::Shadowed => ("shadowed", "idle", Key::PluginShadowed),
    }
}

fn state(plugin: &PluginView, text: &Text) -> Html {
    let (_, class, key) = word(plugin.state);
    html! {
        <>
            <span class={classes!("state", class)}><span class="dot" aria-hidden="true"></span>{ text.say(key) }</span>
            if plugin.official {
                <span class="tag accent">{ text.say(Key::PluginOfficial) }</span>
            }
            if plugin.resting {
                <span class="tag bad">{ text.say(Key::PluginResting) }</span>
            }
        </>
    }
}

/// What can be done in its state.
fn acts(props: &Props, task: &Task, name: &str, text: &Text) -> Html {
    let plugin = &props.plugin;
    let act = |verb: &'static str, key: Key| {
        let (busy, task, changed) = (task.busy, task.clone(), props.changed.clone());
        let path = format!("/api/plugins/{}/{verb}", segment(&plugin.id));
        let onclick = Callback::from(move |()| {
            let (path, changed) = (path.clone(), changed.clone());
            let work = async move { api::act::<PluginView>(&path).await };
            task.run(work, move |_| changed.emit(()));
        });
        let label = Some(AttrValue::from(format!("{}: {name}", text.say(key))));
        html! { <Button look={Look::Bare} {busy} {onclick} {label}>{ text.say(key) }</Button> }
    };
    match plugin.state {
        PluginState::NeedsConsent => {
            let hash = plugin.sha256.clone();
            let label = Some(AttrValue::from(format!(
                "{}: {name}",
                text.say(Key::PluginReview)
            )));
            html! {
                <Button look={Look::Primary} onclick={props.ask.reform(move |()| hash.clone())} {label}>{ text.say(Key::PluginReview) }</Button>
            }
        }
        PluginState::Active => html! {
            <>
                if plugin.granted_ms.is_some() {
                    { act("revoke", Key::PluginRevoke) }
                }
                { act("disable", Key::Disable) }
            </>
        },
        PluginState::Disabled => act("enable", Key::Enable),
        PluginState::Broken | PluginState::Shadowed => Html::default(),
    }
}

fn fact(text: &Text, key: Key, value: Html) -> Html {
    html! { <><dt>{ text.say(key) }</dt><dd>{ value }</dd></> }
}

fn hosts(plugin: &PluginView, text: &Text) -> Html {
    let mut hosts: Vec<&str> = plugin
        .reach
        .iter()
        .map(|reach| reach.host.as_str())
        .collect();
    hosts.sort_unstable();
    hosts.dedup();
    if hosts.is_empty() {
        return html! { <span class="quiet">{ "—" }</span> };
    }
    let own = text.say(Key::ReachOwn);
    let shown = hosts
        .iter()
        .map(|host| if *host == "{base}" { &*own } else { *host });
    html! { { shown.collect::<Vec<_>>().join(", ") } }
}

fn cost(plugin: &PluginView, text: &Text) -> Html {
    if plugin.calls == 0 {
        return html! { <span class="quiet">{ text.say(Key::PluginNotCalled) }</span> };
    }
    let calls = text.number(i64::try_from(plugin.calls).unwrap_or(i64::MAX));
    let each = text.number(i64::try_from(plugin.cpu_us / plugin.calls).unwrap_or(i64::MAX));
    html! { { text.fill(Key::PluginCalls, &[("calls", &calls), ("each", &each)]) } }
}

fn strikes(plugin: &PluginView, text: &Text) -> Html {
    html! {
        if plugin.strikes == 0 {
            <span class="quiet">{ text.say(Key::PluginNoStrikes) }</span>
        } else {
            <span class="tag warn">{ text.count(Key::PluginStrikesCount, usize::try_from(plugin.strikes).unwrap_or(usize::MAX)) }</span>
        }
    }
}

fn limits(plugin: &PluginView, text: &Text) -> Html {
    let memory = (plugin.memory >> 20).to_string();
    let time = plugin.deadline_ms.to_string();
    html! { { text.fill(Key::PluginLimitsAre, &[("memory", &memory), ("time", &time)]) } }
}

fn source(plugin: &PluginView, text: &Text) -> Html {
    let key = match plugin.source {
        PluginSource::Inbox => Key::SourceInbox,
        PluginSource::Installed => Key::SourceInstalled,
        PluginSource::Bundled => Key::SourceBundled,
    };
    html! { { text.fill(key, &[("file", &plugin.file)]) } }
}

fn short(hash: &str) -> &str {
    hash.get(..8).unwrap_or(hash)
}
