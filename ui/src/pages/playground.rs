//! The playground: a chat through the server's own `/v1`, with the unified key in this tab's memory only.

mod stream;
mod talk;
mod token;

use freellmapi_types::{ModelView, Topic};
use wasm_bindgen_futures::spawn_local;
use web_sys::AbortController;
use yew::prelude::*;

use super::unified::Shown;
use super::{blank, head, into_state};
use crate::api::use_resource;
use crate::i18n::{Key, Text, use_text};
use crate::widgets::{Button, Choice, Field, Kind, Look};
use stream::{Ask, News};
use talk::{Change, Talk, Turn};
use token::TokenCard;

#[component]
pub(crate) fn Playground() -> Html {
    let text = use_text();
    let shown = use_context::<Shown>();
    let models =
        use_resource::<Vec<ModelView>>("/api/models".into(), &[Topic::Keys, Topic::Plugins]);
    let talk = use_reducer(Talk::default);
    let model = use_state_eq(|| "auto".to_owned());
    let system = use_state_eq(String::new);
    let draft = use_state_eq(String::new);
    // What ends the answer that is under way; it ends too when the page is left.
    let running = use_mut_ref(|| None::<AbortController>);
    let stop = {
        let running = running.clone();
        Callback::from(move |()| {
            if let Some(running) = running.take() {
                running.abort();
            }
        })
    };
    {
        let stop = stop.clone();
        use_effect_with((), move |()| move || stop.emit(()));
    }
    let token = shown.as_ref().and_then(|shown| shown.token.clone());
    let send = {
        let (talk, draft, model, system) =
            (talk.clone(), draft.clone(), model.clone(), system.clone());
        let (token, text) = (token.clone(), text.clone());
        Callback::from(move |()| {
            let question = draft.trim().to_owned();
            let (Some(token), false, false) = (token.clone(), question.is_empty(), talk.busy)
            else {
                return;
            };
            let Ok(controller) = AbortController::new() else {
                return;
            };
            let ask = Ask {
                token: token.to_string(),
                model: (*model).clone(),
                messages: talk.messages(&system, &question),
                signal: controller.signal(),
                started_ms: js_sys::Date::now(),
            };
            running.replace(Some(controller));
            talk.dispatch(Change::Ask(question));
            draft.set(String::new());
            let (tell, text) = (talk.dispatcher(), text.clone());
            spawn_local(async move {
                let told = |news: News| tell.dispatch(Change::News(news));
                if let Err(why) = stream::run(ask, &told).await {
                    let why = why.unwrap_or_else(|| text.say(Key::TalkStopped).to_string());
                    tell.dispatch(Change::Failed(why));
                }
                tell.dispatch(Change::End);
            });
        })
    };
    let onkeydown = {
        let send = send.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
                event.prevent_default();
                send.emit(());
            }
        })
    };
    let onsubmit = send.reform(|event: SubmitEvent| event.prevent_default());
    let clear = {
        let talk = talk.dispatcher();
        Callback::from(move |()| talk.dispatch(Change::Clear))
    };
    let known = models
        .data
        .as_deref()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let has_token = token.is_some();
    html! {
        <div class="page">
            { head(text.say(Key::PagePlayground), text.say(Key::PlaygroundAbout), Html::default()) }
            if !has_token {
                <TokenCard />
            }
            <section class="card" aria-label={text.say(Key::PagePlayground)}>
                <div class="card-body">
                    <div class="columns">
                        <Choice id="chat-model" label={text.say(Key::Model)} options={options(known, &text)} value={(*model).clone()} onchange={into_state(&model)} />
                        <Field id="chat-system" label={text.say(Key::TalkSystem)} value={(*system).clone()} onchange={into_state(&system)} />
                    </div>
                </div>
                <div class="talk" role="log" aria-live="polite" aria-busy={talk.busy.to_string()} aria-label={text.say(Key::TalkLog)}>
                    if talk.turns.is_empty() {
                        { blank(text.say(Key::TalkNone), text.say(Key::TalkNoneAbout), Html::default()) }
                    }
                    { for talk.turns.iter().map(|turn| show(turn, &text)) }
                </div>
                <form class="composer" {onsubmit}>
                    <Field id="chat-draft" label={text.say(Key::TalkMessage)} unlabelled=true kind={Kind::Prose} placeholder={text.say(Key::TalkMessage)}
                        value={(*draft).clone()} onchange={into_state(&draft)} {onkeydown} />
                    <div class="actions">
                        if talk.busy {
                            <Button onclick={stop}>{ text.say(Key::TalkStop) }</Button>
                        } else {
                            <Button look={Look::Bare} disabled={talk.turns.is_empty()} onclick={clear}>{ text.say(Key::TalkClear) }</Button>
                            <Button look={Look::Primary} submit=true disabled={!has_token || draft.trim().is_empty()}>{ text.say(Key::TalkSend) }</Button>
                        }
                    </div>
                </form>
            </section>
        </div>
    }
}

fn options(models: &[ModelView], text: &Text) -> Vec<(String, AttrValue)> {
    let chats = |model: &&ModelView| model.enabled && model.tasks.iter().any(|task| task == "chat");
    let option = |model: &ModelView| (model.id.clone(), AttrValue::from(model.id.clone()));
    let auto = ("auto".to_owned(), text.say(Key::TalkAuto));
    let mut named: Vec<_> = models.iter().filter(chats).map(option).collect();
    named.sort_by(|a, b| a.0.cmp(&b.0));
    std::iter::once(auto).chain(named).collect()
}

fn show(turn: &Turn, text: &Text) -> Html {
    match turn {
        Turn::User(words) => html! {
            <div class="turn user"><span class="unseen">{ text.say(Key::TalkYou) }{ ": " }</span>{ words.clone() }</div>
        },
        Turn::Answer(answer) => {
            let first = answer.first_ms.map(|ms| {
                let ms = text.number(ms as i64);
                text.fill(Key::TalkFirst, &[("time", &ms)])
            });
            let tried = answer.attempts.as_ref().filter(|count| *count != "0");
            let tried = tried.map(|count| text.fill(Key::TalkTried, &[("n", count)]));
            html! {
                <div class={classes!("turn", answer.failed.is_some().then_some("failed"))}>
                    if !answer.thoughts.is_empty() {
                        <details class="small"><summary>{ text.say(Key::TalkThoughts) }</summary>{ answer.thoughts.clone() }</details>
                    }
                    { answer.words.clone() }
                    if answer.words.is_empty() && answer.failed.is_none() {
                        <span class="spinner" aria-hidden="true"></span>
                    }
                    if let Some(why) = &answer.failed {
                        <div>{ why.clone() }</div>
                    }
                    <div class="turn-foot row">
                        if let Some(via) = &answer.via {
                            <span>{ text.fill(Key::TalkVia, &[("who", via)]) }</span>
                        }
                        if let Some(first) = first { <span>{ first }</span> }
                        if let Some(tried) = tried { <span>{ tried }</span> }
                    </div>
                </div>
            }
        }
    }
}
