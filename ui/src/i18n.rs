//! Texts. `i18n/en.ftl` is the catalogue: one `key = text` a line, in Fluent's syntax for placeables. English is built
//! in, with a typed key for each line; another language is one more file of the same keys, which is fetched when it
//! is chosen. What a catalogue lacks is said in English.

mod catalogue;
mod chosen;
mod format;

use std::rc::Rc;

use js_sys::{Array, Intl, Object, Reflect};
use wasm_bindgen::JsValue;
use yew::prelude::*;

pub(crate) use chosen::{Languages, Provider};

include!(concat!(env!("OUT_DIR"), "/keys.rs"));

/// Says texts in the language of the page.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Text {
    /// As `de`.
    pub(crate) language: AttrValue,
    /// In the order of [`Key`]; English: none.
    texts: Option<Rc<Vec<AttrValue>>>,
}

/// The texts of the page.
#[hook]
pub(crate) fn use_text() -> Text {
    use_context::<Text>().unwrap_or_else(Text::english)
}

impl Text {
    pub(crate) fn english() -> Self {
        Self {
            language: "en".into(),
            texts: None,
        }
    }

    /// A text without placeables.
    pub(crate) fn say(&self, key: Key) -> AttrValue {
        let place = key as usize;
        let own = self.texts.as_ref().and_then(|texts| texts.get(place));
        own.cloned().unwrap_or_else(|| {
            let english = ENGLISH.get(place).map_or("", |(_, text)| text);
            AttrValue::Static(english)
        })
    }

    /// A text with its placeables filled.
    pub(crate) fn fill(&self, key: Key, values: &[(&str, &str)]) -> AttrValue {
        let category = |number: &str| self.category(number);
        format::fill(&self.say(key), values, &category).into()
    }

    /// A text about a number, which it calls `n`.
    pub(crate) fn count(&self, key: Key, n: usize) -> AttrValue {
        self.fill(key, &[("n", &n.to_string())])
    }

    /// A number as it is written in the language.
    pub(crate) fn number(&self, number: i64) -> String {
        let number = js_sys::Number::from(number as f64);
        String::from(number.to_locale_string(&self.language))
    }

    /// Date and time.
    pub(crate) fn moment(&self, at_ms: i64) -> String {
        let options = Object::new();
        set(&options, "dateStyle", "medium");
        set(&options, "timeStyle", "medium");
        let date = js_sys::Date::new(&JsValue::from_f64(at_ms as f64));
        date.to_locale_string(&self.language, &options).into()
    }

    /// The hour that begins then, or the day (UTC).
    pub(crate) fn step(&self, at_ms: i64, day: bool) -> String {
        let options = Object::new();
        set(&options, "day", "numeric");
        set(&options, "month", "short");
        if day {
            set(&options, "timeZone", "UTC");
        } else {
            set(&options, "hour", "2-digit");
            set(&options, "minute", "2-digit");
        }
        let date = js_sys::Date::new(&JsValue::from_f64(at_ms as f64));
        date.to_locale_string(&self.language, &options).into()
    }

    /// How long ago something was, or how soon it will be: `3 min. ago`.
    pub(crate) fn distance(&self, at_ms: i64) -> String {
        let seconds = (at_ms as f64 - js_sys::Date::now()) / 1000.0;
        let (amount, unit) = match seconds.abs() {
            short if short < 60.0 => (seconds, "second"),
            some if some < 3600.0 => (seconds / 60.0, "minute"),
            long if long < 86_400.0 => (seconds / 3600.0, "hour"),
            _ => (seconds / 86_400.0, "day"),
        };
        let options = Object::new();
        set(&options, "numeric", "auto");
        set(&options, "style", "short");
        let format = Intl::RelativeTimeFormat::new(&self.locales(), &options);
        String::from(format.format(amount.round(), unit))
    }

    fn category(&self, number: &str) -> String {
        let number: f64 = number.parse().unwrap_or(0.0);
        let rules = Intl::PluralRules::new(&self.locales(), &Object::new());
        String::from(rules.select(number))
    }

    fn locales(&self) -> Array {
        Array::of1(&JsValue::from_str(&self.language))
    }
}

fn set(object: &Object, name: &str, value: &str) {
    // Fails for frozen objects only.
    let _ = Reflect::set(object, &name.into(), &value.into());
}
