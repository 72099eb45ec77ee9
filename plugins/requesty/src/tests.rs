use freellmapi_sdk::json;
use freellmapi_sdk::testing::{call, kept, refuses_as_usual, sent, speaks_openai};

use super::*;

#[test]
fn it_speaks_the_dialect() {
    speaks_openai::<Requesty>("router.requesty.ai/v1");
    refuses_as_usual::<Requesty>();
}

#[test]
fn one_model_gets_no_temperature_of_0() {
    for (model, was, becomes) in [
        (LEANSTRAL, json!({"temperature": 0}), json!({"top_p": 1})),
        (
            LEANSTRAL,
            json!({"temperature": 0.0, "top_p": 0.5}),
            json!({"top_p": 0.5}),
        ),
        (
            LEANSTRAL,
            json!({"temperature": 0.7}),
            json!({"temperature": 0.7, "top_p": 1}),
        ),
        ("x", json!({"temperature": 0}), json!({"temperature": 0})),
    ] {
        assert_eq!(sent::<Requesty>(&call("chat", model), &was).body, becomes);
    }
}

#[test]
fn only_free_models_are_kept() {
    let list = r#"{"data":[{"id":"a","input_price":0,"output_price":0},{"id":"b","input_price":0,"output_price":1e-7},{"id":"c"}]}"#;
    assert_eq!(kept::<Requesty>(list), ["a"]);
}
