//! Before the dashboard: making the account, and logging in.

use freellmapi_types::{Login as Entry, Session, SetUp as Making};
use yew::prelude::*;

use super::into_state;
use crate::i18n::{Key, use_text};
use crate::widgets::{Button, Field, Kind, Look, use_task};
use crate::{api, browser};

#[derive(Properties, PartialEq)]
pub(crate) struct SetUpProps {
    pub(crate) password_min: usize,
    pub(crate) enter: Callback<Session>,
}

/// Makes the account with the code that the terminal shows.
#[component]
pub(crate) fn SetUp(props: &SetUpProps) -> Html {
    let text = use_text();
    let (code, email) = (use_state_eq(String::new), use_state_eq(String::new));
    let (password, again) = (use_state_eq(String::new), use_state_eq(String::new));
    let differ = use_state_eq(|| false);
    let task = use_task();
    title(&text.say(Key::SetUpTitle));
    let onsubmit = {
        let (task, enter, differ) = (task.clone(), props.enter.clone(), differ.setter());
        let same = *password == *again;
        let body = Making {
            code: (*code).clone(),
            email: (*email).clone(),
            password: (*password).clone(),
        };
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            differ.set(!same);
            if same {
                let (body, enter) = (body.clone(), enter.clone());
                let work = async move { api::post("/api/setup", &body).await };
                task.run(work, move |session| enter.emit(session));
            }
        })
    };
    let about = |member: &str| {
        let failure = task.failure.as_ref()?;
        failure.about(member, &text)
    };
    let members = ["code", "email", "password"];
    let failure = task.failure.as_ref();
    let failure = failure.and_then(|failure| failure.beside(&members, &text));
    let least = text.count(Key::PasswordLeast, props.password_min);
    html! {
        <Box title={text.say(Key::SetUpTitle)} about={text.say(Key::SetUpAbout)} {failure}>
            <form {onsubmit}>
                <Field id="code" label={text.say(Key::SetUpCode)} hint={text.say(Key::SetUpCodeHint)} value={(*code).clone()}
                    onchange={into_state(&code)} error={about("code")} required=true autofocus=true />
                <Field id="email" label={text.say(Key::Email)} kind={Kind::Email} value={(*email).clone()} autocomplete="username"
                    onchange={into_state(&email)} error={about("email")} required=true />
                <Field id="password" label={text.say(Key::Password)} kind={Kind::Password} value={(*password).clone()} autocomplete="new-password"
                    hint={least} onchange={into_state(&password)} error={about("password")} required=true />
                <Field id="password-again" label={text.say(Key::PasswordAgain)} kind={Kind::Password} value={(*again).clone()} autocomplete="new-password"
                    onchange={into_state(&again)} error={differ.then(|| text.say(Key::PasswordsDiffer))} required=true />
                <Button look={Look::Primary} submit=true busy={task.busy}>{ text.say(Key::SetUpAct) }</Button>
            </form>
        </Box>
    }
}

#[derive(Properties, PartialEq)]
pub(crate) struct LoginProps {
    pub(crate) enter: Callback<Session>,
}

/// Logs in.
#[component]
pub(crate) fn Login(props: &LoginProps) -> Html {
    let text = use_text();
    let (email, password) = (use_state_eq(String::new), use_state_eq(String::new));
    let task = use_task();
    title(&text.say(Key::LogIn));
    let onsubmit = {
        let (task, enter) = (task.clone(), props.enter.clone());
        let body = Entry {
            email: (*email).clone(),
            password: (*password).clone(),
        };
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let (body, enter) = (body.clone(), enter.clone());
            let work = async move { api::post("/api/login", &body).await };
            task.run(work, move |session| enter.emit(session));
        })
    };
    let failure = task.failure.as_ref().map(|failure| failure.message(&text));
    html! {
        <Box title={text.say(Key::LogInTitle)} about={text.say(Key::LogInAbout)} {failure}>
            <form {onsubmit}>
                <Field id="email" label={text.say(Key::Email)} kind={Kind::Email} value={(*email).clone()} autocomplete="username"
                    onchange={into_state(&email)} required=true autofocus=true />
                <Field id="password" label={text.say(Key::Password)} kind={Kind::Password} value={(*password).clone()} autocomplete="current-password"
                    onchange={into_state(&password)} required=true />
                <Button look={Look::Primary} submit=true busy={task.busy}>{ text.say(Key::LogIn) }</Button>
            </form>
            <p class="small quiet">{ text.say(Key::LogInForgot) }</p>
        </Box>
    }
}

fn title(title: &str) {
    browser::set_title(&format!("{title} · FreeLLMAPI"));
}

#[derive(Properties, PartialEq)]
struct BoxProps {
    title: AttrValue,
    about: AttrValue,
    failure: Option<AttrValue>,
    children: Html,
}

#[component]
fn Box(props: &BoxProps) -> Html {
    html! {
        <div class="gate">
            <main>
                <span class="brand">{ "FreeLLMAPI" }</span>
                <div class="card">
                    <div class="card-body">
                        <h1>{ props.title.clone() }</h1>
                        <p class="quiet">{ props.about.clone() }</p>
                        if let Some(failure) = &props.failure {
                            <p class="note bad" role="alert">{ failure }</p>
                        }
                        { props.children.clone() }
                    </div>
                </div>
            </main>
        </div>
    }
}
