//! What the browser keeps and tells. Every call is answered, if need be with nothing: a private window has no storage, a
//! page over plain HTTP has no clipboard.

use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, HtmlElement};

fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// A value of this browser's own.
pub(crate) fn stored(name: &str) -> Option<String> {
    let storage = web_sys::window()?.local_storage().ok().flatten()?;
    storage.get_item(name).ok().flatten()
}

/// Keeps a value, or forgets it.
pub(crate) fn store(name: &str, value: Option<&str>) {
    let storage = web_sys::window().and_then(|window| window.local_storage().ok().flatten());
    if let Some(storage) = storage {
        let _ = match value {
            Some(value) => storage.set_item(name, value),
            None => storage.remove_item(name),
        };
    }
}

/// The user's languages, the dearest first.
pub(crate) fn languages() -> Vec<String> {
    let languages = web_sys::window().map(|window| window.navigator().languages());
    let languages = languages
        .into_iter()
        .flat_map(|list| list.iter().collect::<Vec<_>>());
    languages.filter_map(|word| word.as_string()).collect()
}

/// Code and address of each catalogue that the page names.
pub(crate) fn catalogues() -> Vec<(String, String)> {
    let links = document().and_then(|document| {
        document
            .query_selector_all("link[rel=alternate][hreflang]")
            .ok()
    });
    let Some(links) = links else {
        return Vec::new();
    };
    (0..links.length())
        .filter_map(|n| links.item(n)?.dyn_into::<web_sys::Element>().ok())
        .filter_map(|link| Some((link.get_attribute("hreflang")?, link.get_attribute("href")?)))
        .collect()
}

/// Tells screen readers what language the page is in.
pub(crate) fn set_language(language: &str) {
    set_on_root("lang", Some(language));
}

/// `light`, `dark`, or none for the system's.
pub(crate) fn set_theme(theme: Option<&str>) {
    store("theme", theme);
    set_on_root("data-theme", theme);
}

fn set_on_root(name: &str, value: Option<&str>) {
    if let Some(root) = document().and_then(|document| document.document_element()) {
        let _ = match value {
            Some(value) => root.set_attribute(name, value),
            None => root.remove_attribute(name),
        };
    }
}

/// The window's title.
pub(crate) fn set_title(title: &str) {
    if let Some(document) = document() {
        document.set_title(title);
    }
}

/// Moves the keyboard to an element, by its id.
pub(crate) fn focus(id: &str) {
    let element = document().and_then(|document| document.get_element_by_id(id));
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Where this page is from, as `http://localhost:3000`.
pub(crate) fn origin() -> String {
    let origin = web_sys::window().map(|window| window.location().origin());
    origin.and_then(Result::ok).unwrap_or_default()
}

/// Puts a text on the clipboard; whether that went well.
pub(crate) async fn copy(text: &str) -> bool {
    let Some(window) = web_sys::window() else {
        return false;
    };
    // Undefined where the page is not from a safe place.
    let clipboard = window.navigator().clipboard();
    if JsValue::from(clipboard.clone()).is_undefined() {
        return false;
    }
    JsFuture::from(clipboard.write_text(text)).await.is_ok()
}
