//! Why a call failed.

use freellmapi_types::ApiError;
use yew::AttrValue;

use crate::i18n::{Key, Text};

/// What went wrong, for people and for forms.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Failure {
    kind: Kind,
    /// The member of the request that is wrong.
    pub(crate) field: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    /// No answer.
    Offline,
    /// An answer that is none of the admin API's.
    Strange(String),
    /// The admin API's own words.
    Refused(ApiError),
}

impl Failure {
    pub(super) fn offline() -> Self {
        Self {
            kind: Kind::Offline,
            field: None,
        }
    }

    pub(super) fn strange(what: &dyn std::fmt::Display) -> Self {
        Self {
            kind: Kind::Strange(what.to_string()),
            field: None,
        }
    }

    pub(super) fn status(status: u16) -> Self {
        Self::strange(&format_args!("HTTP {status}"))
    }

    pub(super) fn refused(error: ApiError) -> Self {
        Self {
            field: error.field.clone(),
            kind: Kind::Refused(error),
        }
    }

    /// The session is over.
    pub(crate) fn is_logged_out(&self) -> bool {
        matches!(self.code(), "not_logged_in" | "bad_csrf")
    }

    /// The API's word for it; empty if it is not the API's.
    pub(crate) fn code(&self) -> &str {
        match &self.kind {
            Kind::Refused(error) => &error.code,
            Kind::Offline | Kind::Strange(_) => "",
        }
    }

    /// For people.
    pub(crate) fn message(&self, text: &Text) -> AttrValue {
        match &self.kind {
            Kind::Offline => text.say(Key::ErrorOffline),
            Kind::Strange(what) => text.fill(Key::ErrorStrange, &[("what", what)]),
            Kind::Refused(error) => error.message.clone().into(),
        }
    }

    /// For people, unless it is about one of these members, beside which it is said.
    pub(crate) fn beside(&self, members: &[&str], text: &Text) -> Option<AttrValue> {
        let field = self.field.as_deref();
        let elsewhere = field.is_some_and(|field| members.contains(&field));
        (!elsewhere).then(|| self.message(text))
    }

    /// For people, if it is about this member.
    pub(crate) fn about(&self, member: &str, text: &Text) -> Option<AttrValue> {
        let is_it = self.field.as_deref() == Some(member);
        is_it.then(|| self.message(text))
    }
}
