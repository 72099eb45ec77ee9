use freellmapi_sdk::testing::{kept, refuses_as_usual, speaks_openai};

use super::*;

#[test]
fn it_speaks_the_dialect() {
    speaks_openai::<AnyApi>("api.anyapi.ai/v1");
    refuses_as_usual::<AnyApi>();
}

#[test]
fn the_account_has_a_day_of_tokens() {
    let quota = &AnyApi::manifest().build().quotas[0];
    assert_eq!(
        (quota.unit.as_str(), quota.limit),
        ("tokens", Some(100_000))
    );
    assert_eq!(
        kept::<AnyApi>(r#"{"data":[{"id":"gpt-4"},{"id":"flux-1"}]}"#),
        ["gpt-4"]
    );
}
