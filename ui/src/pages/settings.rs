//! The settings page: how it looks and speaks, the password, and log-out everywhere.

use freellmapi_types::{PasswordChange, Session};
use yew::prelude::*;

use super::{head, into_state};
use crate::i18n::{Key, Languages, use_text};
use crate::notices::use_notices;
use crate::session::Account;
use crate::widgets::{Button, Choice, Field, Kind, Look, use_task};
use crate::{api, browser};

#[component]
pub(crate) fn Settings() -> Html {
    let text = use_text();
    html! {
        <div class="page">
            { head(text.say(Key::PageSettings), text.say(Key::SettingsAbout), Html::default()) }
            <Looks />
            <Password />
            <Everywhere />
        </div>
    }
}

#[component]
fn Looks() -> Html {
    let text = use_text();
    let languages = use_context::<Languages>();
    let theme = use_state_eq(|| browser::stored("theme").unwrap_or_default());
    let themes = [
        ("", Key::ThemeSystem),
        ("light", Key::ThemeLight),
        ("dark", Key::ThemeDark),
    ];
    let themes: Vec<_> = themes
        .map(|(word, key)| (word.to_owned(), text.say(key)))
        .into();
    let choose = {
        let theme = theme.setter();
        Callback::from(move |word: String| {
            browser::set_theme(Some(word.as_str()).filter(|word| !word.is_empty()));
            theme.set(word);
        })
    };
    let language = languages.map(|languages| {
        let name = |code: &String| {
            let name = match code.as_str() {
                "en" => "English",
                "de" => "Deutsch",
                other => other,
            };
            (code.clone(), AttrValue::from(name.to_owned()))
        };
        let options: Vec<_> = languages.all.iter().map(name).collect();
        html! {
            <Choice id="language" label={text.say(Key::Language)} {options} value={text.language.clone()} onchange={languages.choose} />
        }
    });
    html! {
        <section class="card" aria-labelledby="looks">
            <div class="card-head"><h2 id="looks">{ text.say(Key::SettingsLooks) }</h2></div>
            <div class="card-body"><div class="columns">
                <Choice id="theme" label={text.say(Key::Theme)} options={themes} value={(*theme).clone()} onchange={choose} />
                { for language }
            </div></div>
        </section>
    }
}

#[component]
fn Password() -> Html {
    let text = use_text();
    let notices = use_notices();
    let account = use_context::<Account>();
    let (current, new) = (use_state_eq(String::new), use_state_eq(String::new));
    let task = use_task();
    let least = account.as_ref().map_or(0, |account| account.password_min);
    let onsubmit = {
        let (task, text, account) = (task.clone(), text.clone(), account.clone());
        let (current, new) = (current.clone(), new.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let body = PasswordChange {
                current: (*current).clone(),
                new: (*new).clone(),
            };
            let (text, account, notices) = (text.clone(), account.clone(), notices.clone());
            let (current, new) = (current.setter(), new.setter());
            let work = async move { api::post::<Session>("/api/password", &body).await };
            task.run(work, move |session| {
                current.set(String::new());
                new.set(String::new());
                if let Some(notices) = notices {
                    notices.good(text.say(Key::PasswordChanged));
                }
                if let Some(account) = account {
                    account.enter.emit(session);
                }
            });
        })
    };
    let failure = task.failure.as_ref();
    let about = |member: &str| failure.and_then(|failure| failure.about(member, &text));
    let beside = failure.and_then(|failure| failure.beside(&["current", "new"], &text));
    let hint = text.count(Key::PasswordLeast, least);
    html! {
        <section class="card" aria-labelledby="password-title">
            <div class="card-head"><h2 id="password-title">{ text.say(Key::PasswordChange) }</h2></div>
            <div class="card-body">
                <form {onsubmit}>
                    if let Some(failure) = beside {
                        <p class="note bad" role="alert">{ failure }</p>
                    }
                    <div class="columns">
                        <Field id="password-current" label={text.say(Key::PasswordCurrent)} kind={Kind::Password} autocomplete="current-password"
                            value={(*current).clone()} onchange={into_state(&current)} error={about("current")} required=true />
                        <Field id="password-new" label={text.say(Key::PasswordNew)} kind={Kind::Password} autocomplete="new-password" {hint}
                            value={(*new).clone()} onchange={into_state(&new)} error={about("new")} required=true />
                    </div>
                    <div class="actions"><Button look={Look::Primary} submit=true busy={task.busy}>{ text.say(Key::PasswordChange) }</Button></div>
                </form>
            </div>
        </section>
    }
}

#[component]
fn Everywhere() -> Html {
    let text = use_text();
    let account = use_context::<Account>();
    let task = use_task();
    let onclick = {
        let task = task.clone();
        Callback::from(move |()| {
            let leave = account.as_ref().map(|account| account.leave.clone());
            let work = async move { api::tell("/api/logout-everywhere").await };
            task.run(work, move |()| {
                if let Some(leave) = leave {
                    leave.emit(());
                }
            });
        })
    };
    html! {
        <section class="card" aria-labelledby="everywhere">
            <div class="card-head"><h2 id="everywhere">{ text.say(Key::EverywhereTitle) }</h2></div>
            <div class="card-body">
                <p class="quiet">{ text.say(Key::EverywhereAbout) }</p>
                if let Some(failure) = &task.failure {
                    <p class="note bad" role="alert">{ failure.message(&text) }</p>
                }
                <div class="actions"><Button look={Look::Danger} busy={task.busy} {onclick}>{ text.say(Key::EverywhereAct) }</Button></div>
            </div>
        </section>
    }
}
