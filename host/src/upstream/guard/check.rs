//! The check itself.

use http::{HeaderName, Method};
use url::Url;

use super::{
    Checked, Field, FieldValue, Grant, Origin, Plan, Reach, Refused, USER_BASE, UserBase, path,
};

/// Where providers expect credentials, whether or not this one's manifest says so. A plugin that writes one itself
/// could send what it was told in a prompt.
const CREDENTIAL_HEADERS: [&str; 7] = [
    "authorization",
    "proxy-authorization",
    "x-api-key",
    "x-goog-api-key",
    "api-key",
    "apikey",
    "x-auth-token",
];

/// Headers that are the connection's, or would say something untrue about who sends.
const HOST_HEADERS: [&str; 19] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "upgrade",
    "te",
    "trailer",
    "cookie",
    "expect",
    "accept-encoding",
    "forwarded",
    "via",
    "http2-settings",
    // Some servers take these for the method or the path, which were checked as something else.
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-original-url",
    "x-rewrite-url",
];

/// Holds a plan against a grant. `settings` fill the `{name}`s of reaches; `base` is the address the user typed.
///
/// # Errors
/// See [`Refused`].
pub fn check(
    plan: Plan,
    grant: &Grant,
    settings: &[(String, String)],
    base: Option<&UserBase>,
) -> Result<Checked, Refused> {
    let method = match plan.method.as_str() {
        "GET" => Method::GET,
        "POST" => Method::POST,
        "PUT" => Method::PUT,
        "PATCH" => Method::PATCH,
        "DELETE" => Method::DELETE,
        other => return Err(Refused::Method(other.to_owned())),
    };
    path::plain(&plan.path).map_err(Refused::Path)?;
    let reach = reach(&plan, grant, settings)?;
    let url = match &plan.origin {
        Origin::UserBase => base.ok_or(Refused::NoBase)?.join(&plan.path),
        Origin::Host(host) => Url::parse(&format!("https://{host}{}", plan.path))
            .map_err(|_| Refused::Host(host.clone()))?,
    };
    // Reading the URL must not have changed what was checked.
    if !url.path().ends_with(&plan.path) {
        return Err(Refused::Path("is not in its plainest form"));
    }
    for header in &plan.headers {
        check_header(header)?;
        check_value(header, "header", reach, grant)?;
    }
    for parameter in &plan.query {
        check_value(parameter, "query", reach, grant)?;
    }
    Ok(Checked {
        method,
        url,
        query: plan.query,
        headers: plan.headers,
        private_ok: plan.origin == Origin::UserBase,
    })
}

/// The reach that holds the plan.
fn reach<'a>(
    plan: &Plan,
    grant: &'a Grant,
    settings: &[(String, String)],
) -> Result<&'a Reach, Refused> {
    let wanted = match &plan.origin {
        Origin::Host(host) => host.as_str(),
        Origin::UserBase => USER_BASE,
    };
    // A plan that names the word as a host must not pass for the user's address.
    if plan.origin == Origin::Host(USER_BASE.to_owned()) {
        return Err(Refused::Host(wanted.to_owned()));
    }
    let mut host_known = false;
    let mut missing = None;
    for reach in &grant.reaches {
        match path::fill(&reach.host, settings, path::is_label) {
            Ok(host) if host == wanted => host_known = true,
            Ok(_) => continue,
            Err(setting) => {
                missing = Some(setting);
                continue;
            }
        }
        let prefix = match path::fill(&reach.path, settings, path::is_segment) {
            Ok(prefix) => prefix,
            Err(setting) => {
                missing = Some(setting);
                continue;
            }
        };
        if reach.methods.contains(&plan.method) && path::is_below(&plan.path, &prefix) {
            return Ok(reach);
        }
    }
    Err(match missing {
        Some(setting) => Refused::Setting(setting),
        None if host_known => Refused::Reach {
            method: plan.method.clone(),
            target: format!("{wanted}{}", plan.path),
        },
        None => Refused::Host(wanted.to_owned()),
    })
}

fn check_header(header: &Field) -> Result<(), Refused> {
    let name = header.name.as_str();
    let well_formed =
        HeaderName::from_bytes(name.as_bytes()).is_ok_and(|known| known.as_str() == name);
    let prefixes = ["proxy-", "x-forwarded-", "sec-", ":"];
    let taken =
        HOST_HEADERS.contains(&name) || prefixes.iter().any(|prefix| name.starts_with(prefix));
    // `proxy-authorization` is told of as what it is.
    if !well_formed || (taken && name != "proxy-authorization") {
        return Err(Refused::Header(header.name.chars().take(80).collect()));
    }
    Ok(())
}

fn check_value(field: &Field, kind: &str, reach: &Reach, grant: &Grant) -> Result<(), Refused> {
    let place = format!("{kind}:{}", field.name);
    let texts = match &field.value {
        FieldValue::Text(text) => {
            let placed = grant
                .credentials
                .iter()
                .any(|rule| rule.placements.contains(&place));
            let usual = kind == "header" && CREDENTIAL_HEADERS.contains(&field.name.as_str());
            if placed || usual {
                return Err(Refused::OwnCredential(place));
            }
            [text, ""]
        }
        FieldValue::Secret {
            name,
            prefix,
            suffix,
        } => {
            let rule = grant.credentials.iter().find(|rule| rule.name == *name);
            let Some(rule) = rule.filter(|rule| rule.placements.contains(&place)) else {
                return Err(Refused::Placement(name.clone(), place));
            };
            if !rule.hosts.contains(&reach.host) {
                return Err(Refused::Bound(name.clone(), reach.host.clone()));
            }
            [prefix, suffix.as_str()]
        }
    };
    // A header beyond ASCII could not be sent as it is; a query is percent-encoded.
    let unfit = |letter: char| letter.is_control() || (kind == "header" && !letter.is_ascii());
    if texts.iter().any(|text| text.chars().any(unfit)) {
        return Err(Refused::Value(field.name.clone()));
    }
    Ok(())
}
