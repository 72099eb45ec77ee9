//! Which language the page speaks: the one that was chosen here, else the browser's, else English.

use std::rc::Rc;

use gloo_net::http::Request;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::{Text, catalogue};
use crate::browser;

/// Where the choice is kept.
const STORED: &str = "language";

/// The languages there are, and how one is taken.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Languages {
    /// Codes, English first.
    pub(crate) all: Vec<String>,
    /// Takes one.
    pub(crate) choose: Callback<String>,
}

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) children: Html,
}

/// Gives [`Text`] and [`Languages`] to what is inside.
#[component]
pub(crate) fn Provider(props: &Props) -> Html {
    let text = use_state(Text::english);
    let all = use_memo((), |()| {
        let linked = browser::catalogues();
        let codes = linked.into_iter().map(|(language, _)| language);
        std::iter::once("en".to_owned())
            .chain(codes)
            .collect::<Vec<_>>()
    });
    let take = {
        let text = text.clone();
        Callback::from(move |language: String| take(&language, text.setter()))
    };
    let choose = {
        let take = take.clone();
        Callback::from(move |language: String| {
            browser::store(STORED, Some(&language));
            take.emit(language);
        })
    };
    {
        let all = Rc::clone(&all);
        use_effect_with((), move |()| {
            let language = choose_first(&all);
            if language != "en" {
                take.emit(language);
            }
        });
    }
    let languages = Languages {
        all: all.to_vec(),
        choose,
    };
    html! {
        <ContextProvider<Text> context={(*text).clone()}>
            <ContextProvider<Languages> context={languages}>
                { props.children.clone() }
            </ContextProvider<Languages>>
        </ContextProvider<Text>>
    }
}

fn choose_first(all: &[String]) -> String {
    choose(
        browser::stored(STORED).as_deref(),
        &browser::languages(),
        all,
    )
}

/// The language to begin with. `wanted` are the browser's, the dearest first, as `de-AT`.
fn choose(stored: Option<&str>, wanted: &[String], all: &[String]) -> String {
    let known = |language: &str| all.iter().find(|known| *known == language).cloned();
    let wanted = || {
        wanted.iter().find_map(|wanted| {
            let short = wanted.split('-').next().unwrap_or_default();
            known(wanted).or_else(|| known(&short.to_lowercase()))
        })
    };
    stored
        .and_then(known)
        .or_else(wanted)
        .unwrap_or_else(|| "en".to_owned())
}

fn take(language: &str, set: UseStateSetter<Text>) {
    let found = browser::catalogues()
        .into_iter()
        .find(|(known, _)| known == language);
    let Some((language, url)) = found else {
        browser::set_language("en");
        return set.set(Text::english());
    };
    spawn_local(async move {
        let Ok(response) = Request::get(&url).send().await else {
            return;
        };
        if let (true, Ok(text)) = (response.ok(), response.text().await) {
            browser::set_language(&language);
            set.set(Text {
                language: language.into(),
                texts: Some(Rc::new(catalogue::read(&text))),
            });
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_choice_then_the_browsers_then_english() {
        let all = ["en", "de"].map(str::to_owned);
        for (stored, wanted, chosen) in [
            (Some("de"), &["en-GB"][..], "de"),
            (Some("xx"), &["de-AT", "en"], "de"),
            (None, &["fr", "de"], "de"),
            (None, &["EN-us", "de"], "en"),
            (None, &["fr"], "en"),
            (None, &[], "en"),
        ] {
            let wanted: Vec<_> = wanted.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(
                choose(stored, &wanted, &all),
                chosen,
                "{stored:?} {wanted:?}"
            );
        }
    }
}
