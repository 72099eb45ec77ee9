use freellmapi_sdk::testing::{refusals, refuses_as_usual, speaks_openai};

use super::*;

#[test]
fn it_speaks_the_dialect() {
    speaks_openai::<AiNative>("api.ainative.studio/api/v1");
    refuses_as_usual::<AiNative>();
}

/// Invented: the documentation names the plans and not the words.
#[test]
fn a_model_of_a_dearer_plan_is_no_bad_key() {
    let body = r#"{"detail":"Model qwen-coder-32b needs Pro; upgrade your plan"}"#;
    refusals::<AiNative>(&[(402, &[], body, "key-forbidden", None)]);
}
