//! The session's cookie. No script can read it, and no other site's page can have it sent.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::admin::guard::LIFE_MS;

const NAME: &str = "freellmapi_session";

/// The token in a request's cookie.
pub(in crate::admin) fn read(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, token)| *name == NAME && is_token(token))
        .map(|(_, token)| token)
}

/// Keeps a token. `https`: the browser is to send it over nothing else.
pub(in crate::admin) fn set(token: &str, https: bool) -> HeaderValue {
    value(token, LIFE_MS / 1_000, https)
}

/// Forgets it.
pub(in crate::admin) fn clear(https: bool) -> HeaderValue {
    value("", 0, https)
}

fn value(token: &str, seconds: i64, https: bool) -> HeaderValue {
    let secure = if https { "; Secure" } else { "" };
    let text =
        format!("{NAME}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    // A token is hexadecimal digits, so that this never fails.
    let mut value = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

/// Nothing else is looked up.
fn is_token(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|digit| digit.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_well_formed_cookie_is_read() {
        let token = "a1".repeat(32);
        for (cookies, found) in [
            (format!("freellmapi_session={token}"), true),
            (format!("x=1; freellmapi_session={token}; y=2"), true),
            (
                format!("freellmapi_session=; freellmapi_session={token}"),
                true,
            ),
            (format!("xfreellmapi_session={token}"), false),
            (format!("freellmapi_session={token}0"), false),
            (format!("freellmapi_session={}", "z".repeat(64)), false),
            (String::new(), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, cookies.parse().unwrap());
            assert_eq!(read(&headers).is_some(), found, "{cookies}");
        }
    }

    #[test]
    fn a_cookie_is_for_the_server_alone() {
        let plain = set("ab", false);
        assert_eq!(
            plain.to_str().unwrap(),
            "freellmapi_session=ab; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict"
        );
        assert!(set("ab", true).to_str().unwrap().ends_with("; Secure"));
        assert!(clear(false).to_str().unwrap().contains("Max-Age=0"));
    }
}
