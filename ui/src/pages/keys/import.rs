//! Adding many keys: pasted, one a line, or a whole `.env` file, each shown before it is added.

use std::collections::BTreeMap;
use std::rc::Rc;

use freellmapi_types::{Import, ImportItem, ImportOutcome, ImportReport, ProviderView};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::api;
use crate::i18n::{Key, Text, use_text};
use crate::notices::use_notices;
use crate::widgets::{Button, Choice, Dialog, Field, Kind, Look, use_task};

#[derive(Properties, PartialEq)]
pub(super) struct Props {
    pub(super) providers: Rc<Vec<ProviderView>>,
    pub(super) onclose: Callback<()>,
    pub(super) onchange: Callback<()>,
}

type Chosen = BTreeMap<usize, String>;

#[component]
pub(super) fn ImportMany(props: &Props) -> Html {
    let text = use_text();
    let notices = use_notices();
    let (looking, adding) = (use_task(), use_task());
    let content = use_state_eq(String::new);
    let chosen = use_state_eq(Chosen::new);
    let report = use_state_eq(|| None::<ImportReport>);
    let look = {
        let (looking, report, content) = (looking.clone(), report.setter(), content.clone());
        move |chosen: Chosen| {
            let report = report.clone();
            let body = body(&content, true, chosen);
            let work = async move { api::post::<ImportReport>("/api/keys/import", &body).await };
            looking.run(work, move |answer| report.set(Some(answer)));
        }
    };
    let choose = {
        let (chosen, look) = (chosen.clone(), look.clone());
        Callback::from(move |(line, provider): (usize, String)| {
            let mut all = (*chosen).clone();
            all.insert(line, provider);
            all.retain(|_, provider| !provider.is_empty());
            chosen.set(all.clone());
            look(all);
        })
    };
    let typed = {
        let (content, report, chosen) = (content.setter(), report.setter(), chosen.setter());
        Callback::from(move |value: String| {
            content.set(value);
            // What was shown is of another text.
            report.set(None);
            chosen.set(Chosen::new());
        })
    };
    let onsubmit = {
        let chosen = (*chosen).clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            look(chosen.clone());
        })
    };
    let add = {
        let (adding, text) = (adding.clone(), text.clone());
        let (onchange, onclose) = (props.onchange.clone(), props.onclose.clone());
        let (content, chosen) = (content.clone(), chosen.clone());
        Callback::from(move |()| {
            let body = body(&content, false, (*chosen).clone());
            let (text, notices) = (text.clone(), notices.clone());
            let (onchange, onclose) = (onchange.clone(), onclose.clone());
            let work = async move { api::post::<ImportReport>("/api/keys/import", &body).await };
            adding.run(work, move |report| {
                if let Some(notices) = notices {
                    notices.good(text.count(Key::ImportAdded, report.added));
                }
                onchange.emit(());
                onclose.emit(());
            });
        })
    };
    let failure = [&looking, &adding]
        .into_iter()
        .find_map(|task| task.failure.clone());
    let new = report.as_ref().map_or(0, |report| report.added);
    html! {
        <Dialog title={text.say(Key::KeysImport)} wide=true onclose={props.onclose.clone()}>
            <form {onsubmit}>
                <p class="quiet">{ text.say(Key::ImportAbout) }</p>
                <Field id="import-text" label={text.say(Key::ImportText)} kind={Kind::Lines} value={(*content).clone()} onchange={typed.clone()}
                    placeholder={AttrValue::Static("GROQ_API_KEY=gsk_…\nOPENROUTER_API_KEY=sk-or-…")} required=true autofocus=true />
                <Upload onread={typed} />
                if let Some(failure) = failure {
                    <p class="note bad" role="alert">{ failure.message(&text) }</p>
                }
                if let Some(report) = &*report {
                    { preview(report, &props.providers, &chosen, &choose, &text) }
                }
                <div class="dialog-end">
                    <Button onclick={props.onclose.clone()}>{ text.say(Key::Cancel) }</Button>
                    <Button submit=true look={if report.is_none() { Look::Primary } else { Look::Plain }} busy={looking.busy}>{ text.say(Key::ImportPreview) }</Button>
                    if report.is_some() {
                        <Button look={Look::Primary} busy={adding.busy} disabled={new == 0} onclick={add}>{ text.count(Key::ImportAct, new) }</Button>
                    }
                </div>
            </form>
        </Dialog>
    }
}

fn body(content: &str, preview: bool, providers: Chosen) -> Import {
    Import {
        text: content.to_owned(),
        preview,
        providers,
    }
}

fn preview(
    report: &ImportReport,
    providers: &[ProviderView],
    chosen: &Chosen,
    choose: &Callback<(usize, String)>,
    text: &Text,
) -> Html {
    let row = |item: &ImportItem| {
        let (class, word) = match item.outcome {
            ImportOutcome::New => ("ok", Key::ImportNew),
            ImportOutcome::Duplicate => ("", Key::ImportDuplicate),
            ImportOutcome::Unknown => ("warn", Key::ImportUnknown),
            ImportOutcome::Invalid => ("bad", Key::ImportInvalid),
            ImportOutcome::Ignored => ("", Key::ImportIgnored),
        };
        let name = if item.name.is_empty() {
            text.fill(Key::ImportLine, &[("n", &item.line.to_string())])
        } else {
            item.name.clone().into()
        };
        let asks = item.outcome == ImportOutcome::Unknown || chosen.contains_key(&item.line);
        html! {
            <tr key={item.line}>
                <td class="whole"><span class="mono">{ name.clone() }</span>{ " " }<span class="quiet mono">{ item.masked.clone() }</span></td>
                <td>
                    if asks {
                        { whose(item, providers, chosen, choose, &name, text) }
                    } else {
                        { item.provider.clone().map_or_else(|| "—".to_owned(), |id| title(&id, providers)) }
                    }
                </td>
                <td class="whole">
                    <span class={classes!("tag", class)}>{ text.say(word) }</span>
                    if !item.reason.is_empty() {
                        <span class="quiet small">{ " " }{ item.reason.clone() }</span>
                    }
                </td>
            </tr>
        }
    };
    if report.items.is_empty() {
        return html! { <p class="note" role="status">{ text.say(Key::ImportEmpty) }</p> };
    }
    html! {
        <div class="table-box card" role="region" aria-label={text.say(Key::ImportPreview)} tabindex="0">
            <table class="stacks">
                <thead><tr>
                    <th scope="col">{ text.say(Key::ImportWhat) }</th>
                    <th scope="col">{ text.say(Key::Provider) }</th>
                    <th scope="col">{ text.say(Key::ImportOutcome) }</th>
                </tr></thead>
                <tbody>{ for report.items.iter().map(row) }</tbody>
            </table>
        </div>
    }
}

/// Asks whose key a line is: the likely ones first, else all.
fn whose(
    item: &ImportItem,
    providers: &[ProviderView],
    chosen: &Chosen,
    choose: &Callback<(usize, String)>,
    name: &str,
    text: &Text,
) -> Html {
    let all = || {
        providers
            .iter()
            .filter(|provider| !provider.user_base_url)
            .map(|provider| provider.id.clone())
    };
    let ids: Vec<String> = if item.candidates.is_empty() {
        all().collect()
    } else {
        item.candidates.clone()
    };
    let none = (String::new(), text.say(Key::ImportChoose));
    let option = |id: String| {
        let title = title(&id, providers);
        (id, AttrValue::from(title))
    };
    let options: Vec<_> = std::iter::once(none)
        .chain(ids.into_iter().map(option))
        .collect();
    let line = item.line;
    let value = chosen.get(&line).cloned().unwrap_or_default();
    let onchange = choose.reform(move |id: String| (line, id));
    html! {
        <Choice id={format!("import-{line}")} unlabelled=true label={format!("{}: {name}", text.say(Key::Provider))} {options} {value} {onchange} />
    }
}

fn title(id: &str, providers: &[ProviderView]) -> String {
    let known = providers.iter().find(|provider| provider.id == id);
    known.map_or(id, |provider| &provider.title).to_owned()
}

#[derive(Properties, PartialEq)]
struct UploadProps {
    onread: Callback<String>,
}

/// Reads a file in the browser.
#[component]
fn Upload(props: &UploadProps) -> Html {
    let text = use_text();
    let onread = props.onread.clone();
    let onchange = Callback::from(move |event: Event| {
        let input = event.target_dyn_into::<HtmlInputElement>();
        let file = input.and_then(|input| input.files()?.get(0));
        let (Some(file), onread) = (file, onread.clone()) else {
            return;
        };
        spawn_local(async move {
            let read = JsFuture::from(file.text()).await;
            if let Some(content) = read.ok().and_then(|text| text.as_string()) {
                onread.emit(content);
            }
        });
    });
    html! {
        <div class="field">
            <label for="import-file">{ text.say(Key::ImportFile) }</label>
            <input id="import-file" type="file" {onchange} />
        </div>
    }
}
