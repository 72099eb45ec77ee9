//! What would be chosen now, and why.

use freellmapi_types::{RouteCandidate, RouteExplanation, RoutingView, Topic};
use yew::prelude::*;

use crate::api::{segment, use_resource};
use crate::i18n::{Key, Text, use_text};
use crate::pages::{blank, into_state};
use crate::widgets::{Bar, Choice};

#[derive(Properties, PartialEq)]
pub(super) struct Props {
    pub(super) routing: RoutingView,
}

/// Rows that are shown: who comes later is hardly ever asked.
const SHOWN: usize = 40;

#[component]
pub(super) fn Explain(props: &Props) -> Html {
    let text = use_text();
    let name = use_state_eq(|| "auto".to_owned());
    let path = format!("/api/routing/explain?model={}", segment(&name));
    let explained = use_resource::<RouteExplanation>(path.into(), &[Topic::Keys]);
    let profiles = props.routing.profiles.iter();
    let profiles = profiles.map(|profile| format!("auto:{}", profile.name));
    let aliases = props.routing.aliases.iter().map(|alias| alias.name.clone());
    let names = std::iter::once("auto".to_owned())
        .chain(profiles)
        .chain(aliases);
    let names: Vec<_> = names.map(|name| (name.clone(), name.into())).collect();
    html! {
        <section class="card" aria-labelledby="explain">
            <div class="card-head"><h2 id="explain">{ text.say(Key::Explain) }</h2></div>
            <div class="card-body">
                <p class="quiet">{ text.say(Key::ExplainAbout) }</p>
                <Choice id="explain-name" label={text.say(Key::ExplainName)} options={names} value={(*name).clone()} onchange={into_state(&name)} />
            </div>
            { explained.show(|explained| {
                if explained.candidates.is_empty() {
                    return blank(text.say(Key::ExplainNone), text.say(Key::ModelsNoneAbout), Html::default());
                }
                table(&explained.candidates, &text)
            }) }
        </section>
    }
}

fn table(candidates: &[RouteCandidate], text: &Text) -> Html {
    let headings = [
        (Key::Model, false),
        (Key::ExplainScore, true),
        (Key::ExplainReliability, true),
        (Key::ExplainSpeed, true),
        (Key::ExplainCapability, true),
        (Key::ExplainLeft, true),
        (Key::ExplainNote, false),
    ];
    let heading = |(key, number): (Key, bool)| {
        html! { <th scope="col" class={number.then_some("number")}>{ text.say(key) }</th> }
    };
    html! {
        <div class="table-box">
            <table class="stacks" id="explained">
                <thead><tr>{ for headings.into_iter().map(heading) }</tr></thead>
                <tbody>{ for candidates.iter().take(SHOWN).map(|one| row(one, text)) }</tbody>
            </table>
        </div>
    }
}

fn row(one: &RouteCandidate, text: &Text) -> Html {
    let share = |key: Key, value: f32| {
        html! {
            <td class="number" data-name={text.say(key)}><span class="row tight end">{ percent(value) }<Bar share={value} /></span></td>
        }
    };
    let rests = one.rests.as_ref().zip(one.rests_ms).map(|(kind, ms)| {
        let seconds = text.number(ms.max(0) / 1000);
        text.fill(Key::ExplainRests, &[("kind", kind), ("time", &seconds)])
    });
    let note = match (&one.lack, rests) {
        (Some(lack), _) => html! { <span class="tag bad">{ lack.clone() }</span> },
        (None, Some(rests)) => html! { <span class="tag warn">{ rests }</span> },
        (None, None) if one.new => html! { <span class="tag">{ text.say(Key::ExplainNew) }</span> },
        (None, None) => Html::default(),
    };
    html! {
        <tr key={format!("{}|{}", one.name, one.key)}>
            <td class="whole"><code class="break">{ one.name.clone() }</code><div class="quiet small">{ one.key.clone() }</div></td>
            <td class="number" data-name={text.say(Key::ExplainScore)}>{ one.score.map_or_else(|| "—".to_owned(), |score| format!("{score:.2}")) }</td>
            { share(Key::ExplainReliability, one.reliability) }
            { share(Key::ExplainSpeed, one.speed) }
            { share(Key::ExplainCapability, one.capability) }
            { share(Key::ExplainLeft, one.headroom) }
            <td>{ note }</td>
        </tr>
    }
}

fn percent(value: f32) -> String {
    format!("{:.0} %", value.clamp(0.0, 1.0) * 100.0)
}
