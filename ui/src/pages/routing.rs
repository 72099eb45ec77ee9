//! The page of the fallback chain: the strategy, chains that the user made, aliases, and what would be chosen now.

mod aliases;
mod chain;
mod explain;
mod new;

use freellmapi_types::{ModelView, RoutingPatch, RoutingView, Topic};
use yew::prelude::*;

use super::head;
use crate::api::{self, use_resource};
use crate::i18n::{Key, Text, use_text};
use crate::widgets::{Choice, use_task};
use aliases::Aliases;
use chain::Chain;
use explain::Explain;
use new::NewProfile;

#[component]
pub(crate) fn Routing() -> Html {
    let text = use_text();
    let routing = use_resource::<RoutingView>("/api/routing".into(), &[Topic::Keys]);
    let models =
        use_resource::<Vec<ModelView>>("/api/models".into(), &[Topic::Keys, Topic::Plugins]);
    let names: Vec<AttrValue> = models
        .data
        .iter()
        .flat_map(|all| all.iter())
        .filter(|model| model.enabled)
        .map(|model| model.id.clone().into())
        .collect();
    let changed = routing.reload.clone();
    html! {
        <div class="page">
            { head(text.say(Key::PageRouting), text.say(Key::RoutingAbout), Html::default()) }
            { routing.show(|routing| {
                let chain = |profile: &freellmapi_types::ProfileView| html! {
                    <Chain
                        key={profile.name.to_lowercase()}
                        profile={profile.clone()}
                        strategies={routing.strategies.clone()}
                        models={names.clone()}
                        changed={changed.clone()}
                    />
                };
                html! {
                    <>
                        <Usual routing={(**routing).clone()} changed={changed.clone()} />
                        { for routing.profiles.iter().map(chain) }
                        <NewProfile models={names.clone()} changed={changed.clone()} />
                        <Aliases aliases={routing.aliases.clone()} changed={changed.clone()} />
                        <Explain routing={(**routing).clone()} />
                    </>
                }
            }) }
        </div>
    }
}

/// What a strategy is called.
fn strategy_name(word: &str, text: &Text) -> AttrValue {
    let key = match word {
        "priority" => Key::StrategyPriority,
        "balanced" => Key::StrategyBalanced,
        "smartest" => Key::StrategySmartest,
        "fastest" => Key::StrategyFastest,
        "reliable" => Key::StrategyReliable,
        "cheap" => Key::StrategyCheap,
        "custom" => Key::StrategyCustom,
        other => return other.to_owned().into(),
    };
    text.say(key)
}

/// Those that can be chosen, and the one that is.
fn strategies(all: &[String], chosen: &str, text: &Text) -> Vec<(String, AttrValue)> {
    let known = all.iter().any(|word| word == chosen);
    let extra = (!known && !chosen.is_empty()).then(|| chosen.to_owned());
    let words = all.iter().cloned().chain(extra);
    words
        .map(|word| {
            let name = strategy_name(&word, text);
            (word, name)
        })
        .collect()
}

#[derive(Properties, PartialEq)]
struct Props {
    routing: RoutingView,
    changed: Callback<()>,
}

/// The usual strategy, and what `auto` stands for.
#[component]
fn Usual(props: &Props) -> Html {
    let text = use_text();
    let task = use_task();
    let routing = &props.routing;
    let send = {
        let (task, changed) = (task.clone(), props.changed.clone());
        Callback::from(move |patch: RoutingPatch| {
            let changed = changed.clone();
            let work = async move { api::patch::<RoutingView>("/api/routing", &patch).await };
            task.run(work, move |_| changed.emit(()));
        })
    };
    let strategy = send.reform(|word: String| RoutingPatch {
        // Own weights are set by the command line; choosing them again changes nothing.
        strategy: Some(word).filter(|word| word != "custom"),
        ..RoutingPatch::default()
    });
    let active = send.reform(|name: String| RoutingPatch {
        active: Some(name),
        ..RoutingPatch::default()
    });
    let all = (String::new(), text.say(Key::RoutingAllModels));
    let profiles = routing
        .profiles
        .iter()
        .map(|profile| (profile.name.to_lowercase(), profile.name.clone().into()));
    let choices: Vec<(String, AttrValue)> = std::iter::once(all).chain(profiles).collect();
    html! {
        <section class="card" aria-labelledby="usual">
            <div class="card-head"><h2 id="usual">{ text.say(Key::RoutingUsual) }</h2></div>
            <div class="card-body">
                if let Some(failure) = &task.failure {
                    <p class="note bad" role="alert">{ failure.message(&text) }</p>
                }
                <div class="columns">
                    <Choice id="routing-strategy" label={text.say(Key::RoutingStrategy)} options={strategies(&routing.strategies, &routing.strategy, &text)}
                        value={routing.strategy.clone()} onchange={strategy} />
                    <Choice id="routing-active" label={text.say(Key::RoutingActive)} options={choices}
                        value={routing.active.clone().unwrap_or_default()} onchange={active} />
                </div>
            </div>
        </section>
    }
}
