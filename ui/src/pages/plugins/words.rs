//! What a plugin asks for, in words: where it sends what, which secrets go with it, and what else it may do.

use freellmapi_types::{CredentialUse, PluginView, ReachView};
use yew::prelude::*;

use crate::i18n::{Key, Text};
use crate::widgets::{Icon, Shape};

/// All of it, under headings.
pub(super) fn wishes(plugin: &PluginView, text: &Text) -> Html {
    let list = |shape: Shape, title: Key, class: &'static str, items: Vec<AttrValue>, none: Key| {
        html! {
            <section class={class}>
                <h3><Icon {shape} />{ text.say(title) }</h3>
                if items.is_empty() {
                    <p class="quiet small">{ text.say(none) }</p>
                } else {
                    <ul>{ for items.into_iter().map(|item| html! { <li>{ item }</li> }) }</ul>
                }
            </section>
        }
    };
    let reach = plugin
        .reach
        .iter()
        .map(|reach| place(reach, text))
        .collect();
    let secrets = plugin
        .credentials
        .iter()
        .map(|use_| secret(use_, text))
        .collect();
    let powers: Vec<_> = plugin.powers.iter().map(|word| power(word, text)).collect();
    let class = if powers.is_empty() { "" } else { "warn" };
    html! {
        <div class="asks">
            { list(Shape::Globe, Key::AskReach, "", reach, Key::AskReachNone) }
            { list(Shape::Lock, Key::AskSecrets, "", secrets, Key::AskSecretsNone) }
            { list(Shape::Alert, Key::AskPowers, class, powers, Key::AskPowersNone) }
        </div>
    }
}

/// `POST` to `api.groq.com`, below `/openai/v1`.
fn place(reach: &ReachView, text: &Text) -> AttrValue {
    let own = text.say(Key::ReachOwn);
    let host = if reach.host == "{base}" {
        &*own
    } else {
        reach.host.as_str()
    };
    let words: Vec<AttrValue> = reach
        .methods
        .iter()
        .map(|method| verb(method, text))
        .collect();
    let methods = words
        .iter()
        .map(|word| &**word)
        .collect::<Vec<_>>()
        .join(", ");
    let values = [
        ("methods", methods.as_str()),
        ("host", host),
        ("path", reach.path.as_str()),
    ];
    let anywhere = matches!(reach.path.as_str(), "" | "/");
    let key = if anywhere {
        Key::ReachAll
    } else {
        Key::ReachBelow
    };
    text.fill(key, &values)
}

/// What a method does.
fn verb(method: &str, text: &Text) -> AttrValue {
    let key = match method {
        "GET" | "HEAD" => Key::MethodRead,
        "POST" => Key::MethodSend,
        "PUT" | "PATCH" => Key::MethodChange,
        "DELETE" => Key::MethodDelete,
        _ => return method.to_owned().into(),
    };
    text.fill(key, &[("method", method)])
}

fn secret(use_: &CredentialUse, text: &Text) -> AttrValue {
    let hosts = use_.hosts.join(", ");
    let own = text.say(Key::ReachOwn);
    let hosts = hosts.replace("{base}", &own);
    let places = use_
        .placements
        .iter()
        .map(|place| match place.split_once(':') {
            Some(("header", name)) => text.fill(Key::InHeader, &[("name", name)]),
            Some(("query", name)) => text.fill(Key::InQuery, &[("name", name)]),
            _ => place.clone().into(),
        });
    let places: Vec<AttrValue> = places.collect();
    let places = places
        .iter()
        .map(|place| &**place)
        .collect::<Vec<_>>()
        .join(", ");
    let values = [
        ("what", use_.label.as_str()),
        ("hosts", &hosts),
        ("places", &places),
    ];
    text.fill(Key::AskSecret, &values)
}

fn power(word: &str, text: &Text) -> AttrValue {
    match word {
        "tools" => text.say(Key::PowerTools),
        _ => text.fill(Key::PowerUnknown, &[("word", word)]),
    }
}
