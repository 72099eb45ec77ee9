//! Inputs with their labels, hints and errors.

use wasm_bindgen::JsCast as _;
use web_sys::{EventTarget, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;

/// What is typed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    #[default]
    Line,
    Email,
    /// A password of the account.
    Password,
    /// A secret that no password manager should offer or keep.
    Secret,
    Number,
    Url,
    /// Many lines, in fixed width.
    Lines,
    /// Many lines of prose.
    Prose,
}

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// Unique on the page.
    pub(crate) id: AttrValue,
    pub(crate) label: AttrValue,
    #[prop_or_default]
    pub(crate) kind: Kind,
    pub(crate) value: AttrValue,
    pub(crate) onchange: Callback<String>,
    #[prop_or_default]
    pub(crate) hint: Option<AttrValue>,
    #[prop_or_default]
    pub(crate) error: Option<AttrValue>,
    #[prop_or_default]
    pub(crate) required: bool,
    /// The label is for screen readers only.
    #[prop_or_default]
    pub(crate) unlabelled: bool,
    #[prop_or_default]
    pub(crate) placeholder: Option<AttrValue>,
    #[prop_or("off".into())]
    pub(crate) autocomplete: AttrValue,
    #[prop_or_default]
    pub(crate) onkeydown: Option<Callback<KeyboardEvent>>,
    #[prop_or_default]
    pub(crate) autofocus: bool,
}

#[component]
pub(crate) fn Field(props: &Props) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with(props.autofocus, move |focused| {
            if let (true, Some(input)) = (*focused, node.cast::<web_sys::HtmlElement>()) {
                let _ = input.focus();
            }
        });
    }
    let told = format!("{}-told", props.id);
    let describes = props.hint.is_some() || props.error.is_some();
    let described = describes.then(|| told.clone());
    let invalid = props.error.as_ref().map(|_| "true");
    let onchange = props.onchange.clone();
    let oninput = Callback::from(move |event: InputEvent| {
        onchange.emit(typed(event.target()));
    });
    let input = match props.kind {
        Kind::Lines | Kind::Prose => html! {
            <textarea
                ref={node}
                id={props.id.clone()}
                class={(props.kind == Kind::Prose).then_some("prose")}
                value={props.value.clone()}
                {oninput}
                onkeydown={props.onkeydown.clone()}
                required={props.required}
                autofocus={props.autofocus}
                placeholder={props.placeholder.clone()}
                spellcheck={if props.kind == Kind::Lines { "false" } else { "true" }}
                autocomplete="off"
                aria-invalid={invalid}
                aria-describedby={described}
            />
        },
        kind => html! {
            <input
                ref={node}
                id={props.id.clone()}
                type={kind.word()}
                value={props.value.clone()}
                {oninput}
                onkeydown={props.onkeydown.clone()}
                required={props.required}
                autofocus={props.autofocus}
                placeholder={props.placeholder.clone()}
                autocomplete={if kind == Kind::Secret { "new-password".into() } else { props.autocomplete.clone() }}
                autocapitalize="none"
                spellcheck="false"
                aria-invalid={invalid}
                aria-describedby={described}
            />
        },
    };
    html! {
        <div class="field">
            <label for={props.id.clone()} class={props.unlabelled.then_some("unseen")}>{ props.label.clone() }</label>
            { input }
            if describes {
                <div id={told} class="stack tight">
                    if let Some(error) = &props.error {
                        <span class="wrong" role="alert">{ error }</span>
                    }
                    if let Some(hint) = &props.hint {
                        <span class="hint">{ hint }</span>
                    }
                </div>
            }
        </div>
    }
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Password | Self::Secret => "password",
            Self::Number => "number",
            Self::Url => "url",
            Self::Line | Self::Lines | Self::Prose => "text",
        }
    }
}

/// The text in an input.
fn typed(target: Option<EventTarget>) -> String {
    let Some(target) = target else {
        return String::new();
    };
    if let Some(input) = target.dyn_ref::<HtmlInputElement>() {
        return input.value();
    }
    if let Some(input) = target.dyn_ref::<HtmlSelectElement>() {
        return input.value();
    }
    let input = target.dyn_ref::<HtmlTextAreaElement>();
    input.map(HtmlTextAreaElement::value).unwrap_or_default()
}

#[derive(Properties, PartialEq)]
pub(crate) struct ChoiceProps {
    /// Unique on the page.
    pub(crate) id: AttrValue,
    pub(crate) label: AttrValue,
    /// Value and words of each.
    pub(crate) options: Vec<(String, AttrValue)>,
    pub(crate) value: AttrValue,
    pub(crate) onchange: Callback<String>,
    #[prop_or_default]
    pub(crate) error: Option<AttrValue>,
    /// The label is for screen readers only.
    #[prop_or_default]
    pub(crate) unlabelled: bool,
}

/// One of several.
#[component]
pub(crate) fn Choice(props: &ChoiceProps) -> Html {
    let onchange = props.onchange.clone();
    let onchange = Callback::from(move |event: Event| onchange.emit(typed(event.target())));
    let option = |(value, words): &(String, AttrValue)| {
        let selected = *value == *props.value;
        html! { <option value={value.clone()} {selected}>{ words }</option> }
    };
    html! {
        <div class="field">
            <label for={props.id.clone()} class={props.unlabelled.then_some("unseen")}>{ props.label.clone() }</label>
            <select id={props.id.clone()} {onchange} aria-invalid={props.error.as_ref().map(|_| "true")}>
                { for props.options.iter().map(option) }
            </select>
            if let Some(error) = &props.error {
                <span class="wrong" role="alert">{ error }</span>
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
pub(crate) struct SwitchProps {
    /// Unique on the page.
    pub(crate) id: AttrValue,
    pub(crate) label: AttrValue,
    pub(crate) on: bool,
    /// The label is for screen readers only.
    #[prop_or_default]
    pub(crate) unlabelled: bool,
    pub(crate) onchange: Callback<bool>,
    #[prop_or_default]
    pub(crate) disabled: bool,
}

/// On or off.
#[component]
pub(crate) fn Switch(props: &SwitchProps) -> Html {
    let onchange = props.onchange.clone();
    let onchange = Callback::from(move |event: Event| {
        let input = event.target_dyn_into::<HtmlInputElement>();
        onchange.emit(input.is_some_and(|input| input.checked()));
    });
    html! {
        <label class="check" for={props.id.clone()}>
            <input id={props.id.clone()} type="checkbox" checked={props.on} disabled={props.disabled} {onchange} />
            <span class={props.unlabelled.then_some("unseen")}>{ props.label.clone() }</span>
        </label>
    }
}
