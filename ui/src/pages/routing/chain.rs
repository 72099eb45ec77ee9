//! One chain: its order by mouse and by keyboard, what of it is on, and how it is ordered.

use freellmapi_types::{LinkView, ProfileView, RoutingView};
use yew::prelude::*;

use super::{strategies, strategy_name};
use crate::api::{self, segment};
use crate::browser;
use crate::i18n::{Key, use_text};
use crate::widgets::{Button, Choice, Icon, Look, Shape, Switch, use_task};

#[derive(Properties, PartialEq)]
pub(super) struct Props {
    pub(super) profile: ProfileView,
    /// The names that can be chosen.
    pub(super) strategies: Vec<String>,
    /// What can be called now.
    pub(super) models: Vec<AttrValue>,
    pub(super) changed: Callback<()>,
}

#[component]
pub(super) fn Chain(props: &Props) -> Html {
    let text = use_text();
    let (task, removal) = (use_task(), use_task());
    // As it is shown: changes are seen at once, and sent one after the other.
    let draft = use_state_eq(|| props.profile.clone());
    let sent = use_mut_ref(|| props.profile.clone());
    let said = use_state_eq(AttrValue::default);
    let focus = use_state_eq(|| None::<String>);
    let dragged = use_mut_ref(|| None::<usize>);
    {
        let (draft, sent, busy) = (draft.clone(), sent.clone(), task.busy);
        use_effect_with(props.profile.clone(), move |profile| {
            // What is on its way is newer than what came.
            if !busy && *draft == *sent.borrow() {
                sent.replace(profile.clone());
                draft.set(profile.clone());
            }
        });
    }
    {
        let (sent, send, changed) = (sent.clone(), task.clone(), props.changed.clone());
        use_effect_with(((*draft).clone(), task.busy), move |(draft, busy)| {
            if *busy || *draft == *sent.borrow() {
                return;
            }
            sent.replace(draft.clone());
            let draft = draft.clone();
            let work =
                async move { api::post::<RoutingView>("/api/routing/profiles", &draft).await };
            send.run(work, move |_| changed.emit(()));
        });
    }
    use_effect_with((*focus).clone(), |id| {
        if let Some(id) = id {
            browser::focus(id);
        }
    });

    let profile = &*draft;
    let id = format!("chain-{}", profile.name.to_lowercase());
    let last = profile.chain.len().saturating_sub(1);
    let change = {
        let draft = draft.clone();
        move |change: &dyn Fn(&mut ProfileView)| {
            let mut next = (*draft).clone();
            change(&mut next);
            draft.set(next);
        }
    };
    let shift = {
        let (change, said, focus, text, id) = (
            change.clone(),
            said.setter(),
            focus.setter(),
            text.clone(),
            id.clone(),
        );
        let chain = profile.chain.clone();
        move |from: usize, to: usize, by_key: bool| {
            let Some(link) = chain.get(from).filter(|_| to < chain.len() && from != to) else {
                return;
            };
            change(&|profile| {
                let link = profile.chain.remove(from);
                profile.chain.insert(to, link);
            });
            let (n, all) = ((to + 1).to_string(), chain.len().to_string());
            let values = [("model", link.model.as_str()), ("n", &n), ("all", &all)];
            said.set(text.fill(Key::ChainMoved, &values));
            if by_key {
                // The button that was pressed, at its new place, unless it ends there.
                let up = (to < from && to > 0) || to == chain.len() - 1;
                focus.set(Some(format!(
                    "{id}-{to}-{}",
                    if up { "up" } else { "down" }
                )));
            }
        }
    };
    let row = |(n, link): (usize, &LinkView)| {
        let name = |key: Key| text.fill(key, &[("model", &link.model)]);
        let press = |to: usize| {
            let shift = shift.clone();
            Callback::from(move |()| shift(n, to, true))
        };
        let enable = {
            let change = change.clone();
            Callback::from(move |on: bool| {
                change(&|profile| {
                    if let Some(link) = profile.chain.get_mut(n) {
                        link.enabled = on;
                    }
                });
            })
        };
        let remove = {
            let change = change.clone();
            Callback::from(move |()| {
                change(&|profile| {
                    if n < profile.chain.len() {
                        profile.chain.remove(n);
                    }
                });
            })
        };
        let ondragstart = {
            let dragged = dragged.clone();
            Callback::from(move |event: DragEvent| {
                if let Some(data) = event.data_transfer() {
                    // Without data, some browsers drag nothing.
                    let _ = data.set_data("text/plain", &n.to_string());
                }
                dragged.replace(Some(n));
            })
        };
        let ondragover = {
            let dragged = dragged.clone();
            Callback::from(move |event: DragEvent| {
                if dragged.borrow().is_some() {
                    event.prevent_default();
                }
            })
        };
        let ondrop = {
            let (dragged, shift) = (dragged.clone(), shift.clone());
            Callback::from(move |event: DragEvent| {
                event.prevent_default();
                let from = dragged.borrow_mut().take();
                if let Some(from) = from {
                    shift(from, n, false);
                }
            })
        };
        let ondragend = {
            let dragged = dragged.clone();
            Callback::from(move |_: DragEvent| {
                dragged.replace(None);
            })
        };
        html! {
            <li class={classes!("link", (!link.enabled).then_some("off"))} draggable="true"
                {ondragstart} {ondragover} {ondrop} {ondragend}>
                <span class="grip" aria-hidden="true">{ "⠿" }</span>
                <code class="grow break">{ link.model.clone() }</code>
                <Switch id={format!("{id}-{n}-on")} label={name(Key::ChainUse)} unlabelled=true on={link.enabled} onchange={enable} />
                <span class="row tight">
                    <Button id={format!("{id}-{n}-up")} look={Look::Bare} disabled={n == 0} label={name(Key::ChainUp)} onclick={press(n.wrapping_sub(1))}><Icon shape={Shape::Up} /></Button>
                    <Button id={format!("{id}-{n}-down")} look={Look::Bare} disabled={n == last} label={name(Key::ChainDown)} onclick={press(n + 1)}><Icon shape={Shape::Down} /></Button>
                    <Button look={Look::Bare} disabled={last == 0} label={name(Key::ChainRemove)} onclick={remove}><Icon shape={Shape::Cross} /></Button>
                </span>
            </li>
        }
    };
    let own = profile.strategy.clone().unwrap_or_default();
    let mut orders = vec![(String::new(), text.say(Key::ChainAsListed))];
    orders.extend(strategies(&props.strategies, &own, &text));
    let order = {
        let change = change.clone();
        Callback::from(move |word: String| {
            let word = Some(word).filter(|word| !word.is_empty());
            change(&|profile| profile.strategy.clone_from(&word));
        })
    };
    let mut rest = vec![(String::new(), text.say(Key::ChainChoose))];
    let there = |model: &AttrValue| profile.chain.iter().any(|link| link.model == **model);
    let free = props.models.iter().filter(|model| !there(model));
    rest.extend(free.map(|model| (model.to_string(), model.clone())));
    let add = {
        let change = change.clone();
        Callback::from(move |model: String| {
            if !model.is_empty() {
                change(&|profile| {
                    profile.chain.push(LinkView {
                        model: model.clone(),
                        enabled: true,
                    });
                });
            }
        })
    };
    let remove = {
        let (removal, changed) = (removal.clone(), props.changed.clone());
        let path = format!("/api/routing/profiles/{}", segment(&profile.name));
        Callback::from(move |()| {
            let (path, changed) = (path.clone(), changed.clone());
            removal.run(async move { api::delete(&path).await }, move |()| {
                changed.emit(());
            });
        })
    };
    let remove_label = format!("{}: {}", text.say(Key::Remove), profile.name);
    let failure = task.failure.as_ref().or(removal.failure.as_ref());
    html! {
        <section class="card" aria-labelledby={id.clone()} data-profile={profile.name.clone()}>
            <div class="card-head">
                <h2 id={id.clone()}>{ profile.name.clone() }{ " " }<code class="small">{ format!("auto:{}", profile.name) }</code></h2>
                <div class="actions"><Button look={Look::Bare} busy={removal.busy} label={AttrValue::from(remove_label)} onclick={remove}>{ text.say(Key::Remove) }</Button></div>
            </div>
            <div class="card-body">
                if let Some(failure) = failure {
                    <p class="note bad" role="alert">{ failure.message(&text) }</p>
                }
                <p class="unseen" role="status">{ (*said).clone() }</p>
                if profile.strategy.is_some() {
                    <p class="quiet small">{ text.fill(Key::ChainOrdered, &[("strategy", &strategy_name(&own, &text))]) }</p>
                }
                <ol class="chain">{ for profile.chain.iter().enumerate().map(row) }</ol>
                <div class="columns">
                    <Choice id={format!("{id}-order")} label={text.say(Key::ChainOrder)} options={orders} value={own} onchange={order} />
                    <Choice id={format!("{id}-add")} label={text.say(Key::ChainAdd)} options={rest} value="" onchange={add} />
                </div>
            </div>
        </section>
    }
}
