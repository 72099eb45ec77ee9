//! The models page: all that can be called, and what could be with a key.

use std::collections::BTreeSet;

use freellmapi_types::{ModelView, Topic};
use yew::prelude::*;

use super::{blank, head, into_state};
use crate::api::use_resource;
use crate::i18n::{Key, Text, use_text};
use crate::widgets::{Button, Choice, Field, Switch};

/// Rows that are shown before one asks for more: a browser lays out some hundreds at once without a pause.
const SHOWN: usize = 150;

/// What is looked for.
#[derive(Clone, PartialEq)]
struct Filter {
    words: String,
    provider: String,
    task: String,
    callable: bool,
}

#[component]
pub(crate) fn Models() -> Html {
    let text = use_text();
    let models =
        use_resource::<Vec<ModelView>>("/api/models".into(), &[Topic::Keys, Topic::Plugins]);
    let filter = use_state_eq(|| Filter {
        words: String::new(),
        provider: String::new(),
        task: String::new(),
        callable: true,
    });
    let all = use_state_eq(|| false);
    let change = |change: fn(&mut Filter, String)| {
        let filter = filter.clone();
        Callback::from(move |value: String| {
            let mut next = (*filter).clone();
            change(&mut next, value);
            filter.set(next);
        })
    };
    let callable = {
        let filter = filter.clone();
        Callback::from(move |callable| {
            filter.set(Filter {
                callable,
                ..(*filter).clone()
            });
        })
    };
    let page = |models: &[ModelView]| {
        let providers = models.iter().map(|model| model.provider.as_str());
        let tasks = models
            .iter()
            .flat_map(|model| model.tasks.iter().map(String::as_str));
        let found: Vec<&ModelView> = models.iter().filter(|model| filter.finds(model)).collect();
        let shown = if *all {
            found.len()
        } else {
            found.len().min(SHOWN)
        };
        let more = into_state(&all).reform(|()| true);
        html! {
            <section class="card" aria-label={text.say(Key::PageModels)}>
                <div class="filters">
                    <Field id="models-words" label={text.say(Key::Search)} value={filter.words.clone()} onchange={change(|filter, value| filter.words = value)} />
                    <Choice id="models-provider" label={text.say(Key::Provider)} options={options(providers, &text)} value={filter.provider.clone()} onchange={change(|filter, value| filter.provider = value)} />
                    <Choice id="models-task" label={text.say(Key::ModelTask)} options={options(tasks, &text)} value={filter.task.clone()} onchange={change(|filter, value| filter.task = value)} />
                    <Switch id="models-callable" label={text.say(Key::ModelsCallable)} on={filter.callable} onchange={callable.clone()} />
                </div>
                <p class="unseen" role="status">{ text.count(Key::ModelsCount, found.len()) }</p>
                if found.is_empty() {
                    { blank(text.say(Key::ModelsNone), text.say(Key::ModelsNoneAbout), Html::default()) }
                } else {
                    { table(found.get(..shown).unwrap_or_default(), &text) }
                }
                if shown < found.len() {
                    <div class="card-body">
                        <div class="actions"><Button onclick={more}>{ text.count(Key::ShowAll, found.len()) }</Button></div>
                    </div>
                }
            </section>
        }
    };
    html! {
        <div class="page">
            { head(text.say(Key::PageModels), text.say(Key::ModelsAbout), Html::default()) }
            { models.show(|models| page(models)) }
        </div>
    }
}

impl Filter {
    fn finds(&self, model: &ModelView) -> bool {
        let words = self.words.to_lowercase();
        let texts = [&model.id, &model.label, &model.family].map(|text| text.to_lowercase());
        let named = words
            .split_whitespace()
            .all(|word| texts.iter().any(|text| text.contains(word)));
        let provided = self.provider.is_empty() || model.provider == self.provider;
        let can = self.task.is_empty() || model.tasks.contains(&self.task);
        named && provided && can && (model.enabled || !self.callable)
    }
}

fn options<'a>(words: impl Iterator<Item = &'a str>, text: &Text) -> Vec<(String, AttrValue)> {
    let words: BTreeSet<&str> = words.collect();
    let all = (String::new(), text.say(Key::All));
    let words = words
        .into_iter()
        .map(|word| (word.to_owned(), AttrValue::from(word.to_owned())));
    std::iter::once(all).chain(words).collect()
}

fn table(models: &[&ModelView], text: &Text) -> Html {
    let headings = [
        Key::Model,
        Key::ModelState,
        Key::ModelTask,
        Key::ModelContext,
        Key::ModelOutput,
    ];
    let heading = |(n, key): (usize, Key)| {
        html! { <th scope="col" class={(n > 2).then_some("number")}>{ text.say(key) }</th> }
    };
    html! {
        <div class="table-box">
            <table class="stacks">
                <thead><tr>{ for headings.into_iter().enumerate().map(heading) }</tr></thead>
                <tbody>{ for models.iter().map(|model| row(model, text)) }</tbody>
            </table>
        </div>
    }
}

fn row(model: &ModelView, text: &Text) -> Html {
    let size = |size: Option<u64>| {
        let size = size.map(|size| text.number(i64::try_from(size).unwrap_or(i64::MAX)));
        size.unwrap_or_else(|| "—".to_owned())
    };
    let (class, word) = match model {
        ModelView { enabled: false, .. } => ("idle", text.say(Key::ModelNoKey)),
        ModelView {
            candidates,
            resting,
            ..
        } if resting >= candidates => ("warn", text.say(Key::ModelResting)),
        ModelView { candidates, .. } => ("ok", text.count(Key::ModelKeys, *candidates)),
    };
    let traits = model.traits.iter().flatten();
    html! {
        <tr key={model.id.clone()}>
            <td class="whole">
                <code>{ model.id.clone() }</code>
                if !model.label.is_empty() && model.label != model.model {
                    <div class="quiet small">{ model.label.clone() }</div>
                }
            </td>
            <td><span class={classes!("state", class)}><span class="dot" aria-hidden="true"></span>{ word }</span></td>
            <td>
                <span class="row tight">
                    { for model.tasks.iter().map(|task| html! { <span class="tag">{ task.clone() }</span> }) }
                    { for traits.map(|word| html! { <span class="tag accent">{ word.clone() }</span> }) }
                </span>
            </td>
            <td class="number" data-name={text.say(Key::ModelContext)}>{ size(model.context) }</td>
            <td class="number" data-name={text.say(Key::ModelOutput)}>{ size(model.max_output) }</td>
        </tr>
    }
}
