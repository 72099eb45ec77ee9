use freellmapi_sdk::json;
use freellmapi_sdk::testing::{call, refuses_as_usual, sent, speaks_openai};

use super::*;

#[test]
fn it_speaks_the_dialect() {
    speaks_openai::<Aion>("api.aionlabs.ai/v1");
    refuses_as_usual::<Aion>();
}

#[test]
fn reasoning_of_other_models_stays_here() {
    let body =
        json!({"messages": [{"role": "assistant", "content": "a", "reasoning_content": "r"}]});
    let sent = sent::<Aion>(&call("chat", "m"), &body);
    assert_eq!(
        sent.body["messages"][0],
        json!({"role": "assistant", "content": "a"})
    );
}
