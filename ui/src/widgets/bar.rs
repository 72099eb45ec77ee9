//! A bar beside a number: it says nothing to screen readers, the number does.

use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// 0 to 1.
    pub(crate) share: f32,
}

#[component]
pub(crate) fn Bar(props: &Props) -> Html {
    // An attribute, as the page allows no styles of its own.
    let width = format!("{:.1}", f64::from(props.share.clamp(0.0, 1.0)) * 40.0);
    html! {
        <svg class="bar" viewBox="0 0 40 6" aria-hidden="true" focusable="false">
            <rect class="whole" width="40" height="6" rx="3" />
            <rect class="part" {width} height="6" rx="3" />
        </svg>
    }
}
