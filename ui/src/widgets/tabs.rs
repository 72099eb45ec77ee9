//! Tabs, by mouse and by arrow keys.

use yew::prelude::*;

use crate::browser;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// Begins the ids of the tabs and of what they show, `ID-panel`.
    pub(crate) id: AttrValue,
    pub(crate) label: AttrValue,
    pub(crate) names: Vec<AttrValue>,
    pub(crate) chosen: usize,
    pub(crate) onchoose: Callback<usize>,
    /// What the chosen one shows.
    pub(crate) children: Html,
}

#[component]
pub(crate) fn Tabs(props: &Props) -> Html {
    let count = props.names.len();
    let onkeydown = {
        let (chosen, onchoose, id) = (props.chosen, props.onchoose.clone(), props.id.clone());
        Callback::from(move |event: KeyboardEvent| {
            let next = match event.key().as_str() {
                "ArrowRight" => (chosen + 1) % count.max(1),
                "ArrowLeft" => (chosen + count - 1) % count.max(1),
                "Home" => 0,
                "End" => count.saturating_sub(1),
                _ => return,
            };
            event.prevent_default();
            onchoose.emit(next);
            browser::focus(&format!("{id}-{next}"));
        })
    };
    let tab = |(n, name): (usize, &AttrValue)| {
        let chosen = n == props.chosen;
        html! {
            <button
                type="button"
                role="tab"
                id={format!("{}-{n}", props.id)}
                aria-selected={if chosen { "true" } else { "false" }}
                aria-controls={format!("{}-panel", props.id)}
                tabindex={if chosen { "0" } else { "-1" }}
                onclick={props.onchoose.reform(move |_: MouseEvent| n)}
            >
                { name }
            </button>
        }
    };
    html! {
        <>
            <div class="tabs" role="tablist" aria-label={props.label.clone()} {onkeydown}>
                { for props.names.iter().enumerate().map(tab) }
            </div>
            <div id={format!("{}-panel", props.id)} role="tabpanel" aria-labelledby={format!("{}-{}", props.id, props.chosen)}>
                { props.children.clone() }
            </div>
        </>
    }
}
