use freellmapi_sdk::testing::{listed, refusals, refuses_as_usual, speaks_openai};

use super::*;

#[test]
fn it_speaks_the_dialect() {
    speaks_openai::<BAi>("api.b.ai/v1");
    refuses_as_usual::<BAi>();
}

/// The vendor's documentation tells that 403 is any of these three; the texts are invented.
#[test]
fn one_status_has_three_meanings() {
    refusals::<BAi>(&[
        (
            403,
            &[],
            r#"{"error":{"message":"insufficient quota"}}"#,
            "payment-required",
            None,
        ),
        (
            403,
            &[],
            r#"{"error":{"message":"user is banned"}}"#,
            "key-invalid",
            None,
        ),
        (
            403,
            &[],
            r#"{"error":{"message":"access denied"}}"#,
            "key-forbidden",
            None,
        ),
    ]);
}

/// A row as the vendor's documentation shows it.
#[test]
fn its_list_joins_models_that_others_have_too() {
    let list = r#"{"object":"list","success":true,"data":[{"id":"kimi-k2.6","object":"model","created":1626777600,"owned_by":"moonshot","supported_endpoint_types":["openai","anthropic"]}]}"#;
    let model = &listed::<BAi>(list)[0];
    assert_eq!(
        (model.family.as_str(), model.rank),
        ("kimi-k2.6", Some(950))
    );
}
