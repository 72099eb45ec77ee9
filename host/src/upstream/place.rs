//! Puts credentials where the guard has let them be put: the last thing before a request is sent.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use url::Url;
use zeroize::Zeroizing;

use super::guard::{Checked, Field, FieldValue};

/// Credentials by name.
pub type Secrets = BTreeMap<String, Zeroizing<String>>;

/// A request that may be sent. Its `Debug` shows no secret.
pub struct Outgoing {
    pub(super) method: Method,
    /// With the query, in which a credential may be.
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) private_ok: bool,
}

/// A credential that the plan needs and the key does not have, or that fits no header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfilled(pub String);

impl std::fmt::Display for Unfilled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "the key has no usable credential `{}`; add the key anew",
            self.0
        )
    }
}

impl std::error::Error for Unfilled {}

impl std::fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outgoing")
            .field("method", &self.method)
            .field("host", &self.url.host_str())
            .field("path", &self.url.path())
            .finish_non_exhaustive()
    }
}

/// Fills all holes. One for a missing credential that is `optional` leaves its field out.
///
/// # Errors
/// [`Unfilled`].
pub fn fill(
    checked: Checked,
    secrets: &Secrets,
    optional: &dyn Fn(&str) -> bool,
) -> Result<Outgoing, Unfilled> {
    let mut url = checked.url;
    let mut headers = HeaderMap::with_capacity(checked.headers.len() + 4);
    for header in &checked.headers {
        let Some((text, secret)) = text(header, secrets, optional)? else {
            continue;
        };
        let unfilled = || Unfilled(credential(header));
        let name = HeaderName::from_bytes(header.name.as_bytes()).map_err(|_| unfilled())?;
        let mut value = HeaderValue::from_str(&text).map_err(|_| unfilled())?;
        value.set_sensitive(secret);
        headers.append(name, value);
    }
    if !checked.query.is_empty() {
        let mut pairs = url.query_pairs_mut();
        for parameter in &checked.query {
            if let Some((text, _)) = text(parameter, secrets, optional)? {
                pairs.append_pair(&parameter.name, &text);
            }
        }
    }
    if url.query() == Some("") {
        url.set_query(None);
    }
    Ok(Outgoing {
        method: checked.method,
        url,
        headers,
        private_ok: checked.private_ok,
    })
}

/// The text of a field, and whether it is secret; `None` leaves the field out.
fn text(
    field: &Field,
    secrets: &Secrets,
    optional: &dyn Fn(&str) -> bool,
) -> Result<Option<(Zeroizing<String>, bool)>, Unfilled> {
    match &field.value {
        FieldValue::Text(text) => Ok(Some((Zeroizing::new(text.clone()), false))),
        FieldValue::Secret {
            name,
            prefix,
            suffix,
        } => {
            // A pasted key often brings white space along.
            let secret = secrets
                .get(name)
                .map(|secret| secret.trim())
                .unwrap_or_default();
            if !secret.is_empty() {
                return Ok(Some((
                    Zeroizing::new(format!("{prefix}{secret}{suffix}")),
                    true,
                )));
            }
            if optional(name) {
                Ok(None)
            } else {
                Err(Unfilled(name.clone()))
            }
        }
    }
}

fn credential(field: &Field) -> String {
    match &field.value {
        FieldValue::Secret { name, .. } => name.clone(),
        FieldValue::Text(_) => field.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::guard::{CredentialRule, Grant, Origin, Plan, Reach, check};
    use super::*;

    fn checked() -> Checked {
        let grant = Grant {
            reaches: vec![Reach {
                host: "api.example".into(),
                methods: vec!["POST".into()],
                path: "/".into(),
            }],
            credentials: vec![CredentialRule {
                name: "api-key".into(),
                placements: vec!["header:authorization".into(), "query:key".into()],
                hosts: vec!["api.example".into()],
            }],
            powers: Vec::new(),
        };
        let hole = |field: &str, prefix: &str| Field {
            name: field.into(),
            value: FieldValue::Secret {
                name: "api-key".into(),
                prefix: prefix.into(),
                suffix: String::new(),
            },
        };
        let plan = Plan {
            method: "POST".into(),
            origin: Origin::Host("api.example".into()),
            path: "/v1".into(),
            query: vec![hole("key", "")],
            headers: vec![hole("authorization", "Bearer ")],
        };
        check(plan, &grant, &[], None).unwrap()
    }

    #[test]
    fn credentials_are_placed_and_do_not_show() {
        let secrets: Secrets = [(
            "api-key".to_owned(),
            Zeroizing::new(" canary&1\n".to_owned()),
        )]
        .into();
        let outgoing = fill(checked(), &secrets, &|_| false).unwrap();
        assert_eq!(outgoing.headers["authorization"], "Bearer canary&1");
        assert!(outgoing.headers["authorization"].is_sensitive());
        assert_eq!(outgoing.url.query(), Some("key=canary%261"));
        assert!(!format!("{outgoing:?}").contains("canary"));
    }

    #[test]
    fn a_missing_credential_is_named_or_left_out() {
        let none = Secrets::new();
        assert_eq!(
            fill(checked(), &none, &|_| false).unwrap_err(),
            Unfilled("api-key".into())
        );
        let outgoing = fill(checked(), &none, &|_| true).unwrap();
        assert!(outgoing.headers.is_empty());
        assert_eq!(outgoing.url.as_str(), "https://api.example/v1");
    }
}
