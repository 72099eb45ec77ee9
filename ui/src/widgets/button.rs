//! A button.

use yew::prelude::*;

/// How much it stands out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Look {
    /// The page's or form's main act.
    Primary,
    #[default]
    Plain,
    /// Takes something away for good.
    Danger,
    /// One of many small ones.
    Bare,
}

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    #[prop_or_default]
    pub(crate) look: Look,
    /// What it does is going on: it cannot be pressed again.
    #[prop_or_default]
    pub(crate) busy: bool,
    #[prop_or_default]
    pub(crate) disabled: bool,
    /// Sends the form that it is in.
    #[prop_or_default]
    pub(crate) submit: bool,
    /// What it does, where its content does not say so in words.
    #[prop_or_default]
    pub(crate) label: Option<AttrValue>,
    /// Whether it is pressed, or what it opens is open.
    #[prop_or_default]
    pub(crate) expanded: Option<bool>,
    /// For what moves the keyboard to it.
    #[prop_or_default]
    pub(crate) id: Option<AttrValue>,
    #[prop_or_default]
    pub(crate) class: Classes,
    #[prop_or_default]
    pub(crate) onclick: Callback<()>,
    pub(crate) children: Html,
}

#[component]
pub(crate) fn Button(props: &Props) -> Html {
    let look = match props.look {
        Look::Primary => Some("primary"),
        Look::Plain => None,
        Look::Danger => Some("danger"),
        Look::Bare => Some("bare"),
    };
    let expanded = props
        .expanded
        .map(|open| if open { "true" } else { "false" });
    html! {
        <button
            id={props.id.clone()}
            type={if props.submit { "submit" } else { "button" }}
            class={classes!("button", look, props.class.clone())}
            disabled={props.busy || props.disabled}
            aria-label={props.label.clone()}
            title={props.label.clone()}
            aria-expanded={expanded}
            aria-busy={props.busy.then_some("true")}
            onclick={props.onclick.reform(|_: MouseEvent| ())}
        >
            if props.busy {
                <span class="spinner" aria-hidden="true"></span>
            }
            { props.children.clone() }
        </button>
    }
}
