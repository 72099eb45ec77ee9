use freellmapi_sdk::testing::{refusals, refuses_as_usual, speaks_openai};

use super::*;

#[test]
fn it_speaks_the_dialect() {
    speaks_openai::<Volcengine>("ark.cn-beijing.volces.com/api/v3");
    refuses_as_usual::<Volcengine>();
}

/// The codes are those of the vendor's list of errors; the texts around them are invented.
#[test]
fn its_codes_say_what_to_do_next() {
    let body = |code: &str| {
        format!(r#"{{"error":{{"code":"{code}","message":"see the console","type":"x"}}}}"#)
    };
    for (status, code, kind) in [
        (404, "ModelNotOpen", "key-forbidden"),
        (404, "InvalidEndpointOrModel.NotFound", "model-missing"),
        (403, "AccountOverdueError", "payment-required"),
        (429, "SetLimitExceeded", "quota-exhausted"),
        (429, "QuotaExceeded", "quota-exhausted"),
        (429, "RateLimitExceeded.EndpointRPMExceeded", "rate-limited"),
        (429, "ServerOverloaded", "overloaded"),
        (400, "SensitiveContentDetected", "content-filtered"),
        (401, "AuthenticationError", "key-invalid"),
    ] {
        refusals::<Volcengine>(&[(status, &[], &body(code), kind, None)]);
    }
}

#[test]
fn each_model_has_its_own_day() {
    for model in Volcengine::manifest().build().models {
        let quota = &model.quotas[0];
        assert_eq!(
            (quota.scope.as_str(), quota.anchor.as_str()),
            ("model", "Asia/Shanghai")
        );
        assert_eq!(quota.limit, Some(2_000_000));
    }
}
