//! Adding one key, which is tried at once.

use std::collections::BTreeMap;
use std::rc::Rc;

use freellmapi_types::{
    CredentialField, KeyTest, KeyView, NewKey, ProviderView, SettingField, Verdict,
};
use yew::prelude::*;

use crate::api::{self, Failure, segment};
use crate::i18n::{Key, Text, use_text};
use crate::notices::use_notices;
use crate::pages::into_state;
use crate::widgets::{Button, Choice, Dialog, Field, Kind, Look, use_task};

#[derive(Properties, PartialEq)]
pub(super) struct Props {
    pub(super) providers: Rc<Vec<ProviderView>>,
    /// The one that was asked for.
    pub(super) provider: Option<String>,
    pub(super) onclose: Callback<()>,
    pub(super) onchange: Callback<()>,
}

/// What was typed: `secrets.NAME`, `settings.NAME`, `label`.
type Values = BTreeMap<String, String>;

#[component]
pub(super) fn Add(props: &Props) -> Html {
    let text = use_text();
    let notices = use_notices();
    let task = use_task();
    let providers = choices(&props.providers);
    let first = props
        .provider
        .clone()
        .or_else(|| providers.first().map(|(id, _)| id.clone()));
    let chosen = use_state_eq(|| first.unwrap_or_default());
    let values = use_state_eq(Values::new);
    let provider = props
        .providers
        .iter()
        .find(|provider| provider.id == *chosen);
    let onsubmit = {
        let (task, onchange, onclose) =
            (task.clone(), props.onchange.clone(), props.onclose.clone());
        let (body, text) = (body(&chosen, &values), text.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let (body, text) = (body.clone(), text.clone());
            let (onchange, onclose) = (onchange.clone(), onclose.clone());
            let notices = notices.clone();
            task.run(add_and_test(body), move |test| {
                if let Some(notices) = notices {
                    match test {
                        Some(test) if test.verdict == Verdict::Bad => {
                            let why = [("why", test.message.as_str())];
                            notices.bad(text.fill(Key::KeyAddedBad, &why));
                        }
                        Some(test) if test.verdict == Verdict::Good => {
                            notices.good(text.say(Key::KeyAddedGood));
                        }
                        _ => notices.good(text.say(Key::KeyAdded)),
                    }
                }
                onchange.emit(());
                onclose.emit(());
            });
        })
    };
    let input = Inputs {
        values: &values,
        failure: task.failure.as_ref(),
        text: &text,
    };
    let fields = provider.map(|provider| {
        html! {
            <>
                { for provider.credentials.iter().enumerate().map(|(n, field)| input.credential(field, n == 0)) }
                { for provider.settings.iter().map(|field| input.setting(field)) }
            </>
        }
    });
    let known = input.members(provider);
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let beside = input
        .failure
        .and_then(|failure| failure.beside(&known, &text));
    html! {
        <Dialog title={text.say(Key::KeysAdd)} onclose={props.onclose.clone()}>
            <form {onsubmit}>
                if let Some(failure) = beside {
                    <p class="note bad" role="alert">{ failure }</p>
                }
                <Choice id="add-provider" label={text.say(Key::Provider)} options={providers} value={(*chosen).clone()} onchange={into_state(&chosen)} />
                { for provider.map(|provider| hints(provider, &text)) }
                { for fields }
                { input.line("label", text.say(Key::KeyLabel), Some(text.say(Key::KeyLabelHint))) }
                <div class="dialog-end">
                    <Button onclick={props.onclose.clone()}>{ text.say(Key::Cancel) }</Button>
                    <Button look={Look::Primary} submit=true busy={task.busy} disabled={provider.is_none()}>{ text.say(Key::KeysAddAct) }</Button>
                </div>
            </form>
        </Dialog>
    }
}

/// Adds it and tries it; what the trial said, if it said anything.
async fn add_and_test(body: NewKey) -> Result<Option<KeyTest>, Failure> {
    let key: KeyView = api::post("/api/keys", &body).await?;
    let path = format!("/api/keys/{}/test", segment(&key.id));
    // It is added, whatever becomes of the trial.
    Ok(api::act(&path).await.ok())
}

/// The providers that take a key.
fn choices(providers: &[ProviderView]) -> Vec<(String, AttrValue)> {
    let takes = |provider: &&ProviderView| !provider.user_base_url;
    let option =
        |provider: &ProviderView| (provider.id.clone(), AttrValue::from(provider.title.clone()));
    let mut options: Vec<_> = providers.iter().filter(takes).map(option).collect();
    options.sort_by_key(|(_, title)| title.to_lowercase());
    options
}

fn body(provider: &str, values: &Values) -> NewKey {
    let of = |kind: &str| {
        let own = values.iter().filter_map(|(name, value)| {
            let name = name.strip_prefix(kind)?;
            let value = value.trim();
            (!value.is_empty()).then(|| (name.to_owned(), value.to_owned()))
        });
        own.collect()
    };
    NewKey {
        provider: provider.to_owned(),
        label: values
            .get("label")
            .map(|label| label.trim().to_owned())
            .unwrap_or_default(),
        secrets: of("secrets."),
        settings: of("settings."),
        priority: None,
    }
}

/// Where to get a key, and what the provider says of use through a gateway.
fn hints(provider: &ProviderView, text: &Text) -> Html {
    html! {
        <div class="note small stack tight">
            if provider.key_page.starts_with("https://") {
                <a href={provider.key_page.clone()} target="_blank" rel="noopener noreferrer">{ text.fill(Key::KeyPageOf, &[("provider", &provider.title)]) }</a>
            }
            if !provider.terms.is_empty() {
                <span>{ provider.terms.clone() }</span>
            }
        </div>
    }
}

/// Makes the inputs of the form.
struct Inputs<'a> {
    values: &'a UseStateHandle<Values>,
    failure: Option<&'a Failure>,
    text: &'a Text,
}

impl Inputs<'_> {
    fn credential(&self, field: &CredentialField, first: bool) -> Html {
        let name = format!("secrets.{}", field.name);
        let label = self.label(&field.label, field.optional);
        html! {
            <Field id={format!("add-{name}")} {label} kind={Kind::Secret} value={self.value(&name)} onchange={self.set(&name)}
                error={self.error(&name)} required={!field.optional} autofocus={first} />
        }
    }

    fn setting(&self, field: &SettingField) -> Html {
        let name = format!("settings.{}", field.name);
        let label = self.label(&field.label, field.optional);
        if field.choices.is_empty() {
            let placeholder = Some(AttrValue::from(field.default.clone()));
            let required = !field.optional && field.default.is_empty();
            return html! {
                <Field id={format!("add-{name}")} {label} {placeholder} value={self.value(&name)} onchange={self.set(&name)}
                    error={self.error(&name)} {required} />
            };
        }
        let mut value = self.value(&name);
        if value.is_empty() {
            value = field.default.clone();
        }
        let blank = (String::new(), AttrValue::Static("—"));
        let options = field
            .choices
            .iter()
            .map(|word| (word.clone(), AttrValue::from(word.clone())));
        let options = std::iter::once(blank).chain(options).collect::<Vec<_>>();
        html! {
            <Choice id={format!("add-{name}")} {label} {options} {value} onchange={self.set(&name)} error={self.error(&name)} />
        }
    }

    fn line(&self, name: &str, label: AttrValue, hint: Option<AttrValue>) -> Html {
        html! {
            <Field id={format!("add-{name}")} {label} {hint} value={self.value(name)} onchange={self.set(name)} error={self.error(name)} />
        }
    }

    fn label(&self, label: &str, optional: bool) -> AttrValue {
        if optional {
            self.text.fill(Key::Optional, &[("what", label)])
        } else {
            label.to_owned().into()
        }
    }

    fn value(&self, name: &str) -> String {
        self.values.get(name).cloned().unwrap_or_default()
    }

    fn set(&self, name: &str) -> Callback<String> {
        let (values, name) = (self.values.clone(), name.to_owned());
        Callback::from(move |value| {
            let mut all = (*values).clone();
            all.insert(name.clone(), value);
            values.set(all);
        })
    }

    fn error(&self, name: &str) -> Option<AttrValue> {
        self.failure?.about(name, self.text)
    }

    /// The members beside whose inputs an error is shown.
    fn members(&self, provider: Option<&ProviderView>) -> Vec<String> {
        let mut all = vec!["label".to_owned()];
        if let Some(provider) = provider {
            let secrets = provider.credentials.iter();
            all.extend(secrets.map(|field| format!("secrets.{}", field.name)));
            let settings = provider.settings.iter();
            all.extend(settings.map(|field| format!("settings.{}", field.name)));
        }
        all
    }
}
