//! The unified key, once it was shown: in this tab's memory and nowhere else.

use std::rc::Rc;

use yew::prelude::*;

/// The key, and how it is taken or forgotten.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shown {
    /// As long as it is shown.
    pub(crate) token: Option<Rc<str>>,
    /// Takes it; none forgets it.
    pub(crate) take: Callback<Option<String>>,
}

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) children: Html,
}

/// Gives [`Shown`] to what is inside.
#[component]
pub(crate) fn UnifiedKey(props: &Props) -> Html {
    let token = use_state_eq(|| None::<Rc<str>>);
    let take = {
        let token = token.setter();
        use_callback((), move |shown: Option<String>, ()| {
            token.set(shown.map(Rc::from));
        })
    };
    let shown = Shown {
        token: (*token).clone(),
        take,
    };
    html! {
        <ContextProvider<Shown> context={shown}>{ props.children.clone() }</ContextProvider<Shown>>
    }
}
