use freellmapi_sdk::testing::{call, head, refusals, refuses_as_usual, speaks_openai};

use super::*;

#[test]
fn it_speaks_the_dialect() {
    speaks_openai::<Qianfan>("qianfan.baidubce.com/v2");
    refuses_as_usual::<Qianfan>();
}

/// As the vendor's page on rate limits shows it: with status 200.
#[test]
fn a_refusal_may_come_with_status_200() {
    for body in [
        r#"{"code":"rpm_rate_limit_exceeded","msg":"Rate limit reached for RPM"}"#,
        r#"{"code":336502,"msg":"Rate limit reached for TPM"}"#,
    ] {
        let no = Qianfan::decode(&call("chat", "m"), &head(200, &[]), body.as_bytes());
        let no = no.expect_err("a refusal");
        assert_eq!(no.kind, "rate-limited");
        assert!(no.message.starts_with("Rate limit reached"));
    }
}

/// Codes of the vendor's list; the texts are invented.
#[test]
fn its_codes_say_what_to_do_next() {
    refusals::<Qianfan>(&[
        (
            401,
            &[],
            r#"{"error":{"code":"invalid_iam_token","message":"x","type":"invalid_request_error"}}"#,
            "key-invalid",
            None,
        ),
        (
            400,
            &[],
            r#"{"error":{"code":"invalid_model","message":"x","type":"invalid_request_error"}}"#,
            "model-missing",
            None,
        ),
        (
            429,
            &[],
            r#"{"error":{"code":"tpm_rate_limit_exceeded","message":"x"}}"#,
            "rate-limited",
            None,
        ),
    ]);
}

#[test]
fn headers_tell_of_both_meters() {
    let head = head(
        200,
        &[
            ("x-ratelimit-limit-requests", "300"),
            ("x-ratelimit-remaining-requests", "299"),
            ("x-ratelimit-limit-tokens", "300000"),
            ("x-ratelimit-remaining-tokens", "299000"),
        ],
    );
    let told = Qianfan::quotas(&call("chat", "m"), &head);
    let told: Vec<_> = told.iter().map(|it| (it.window_s, it.remaining)).collect();
    assert_eq!(told, [(60, Some(299)), (60, Some(299_000))]);
}
