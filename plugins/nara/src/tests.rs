use freellmapi_sdk::testing::{kept, refuses_as_usual, speaks_openai};

use super::*;

#[test]
fn it_speaks_the_dialect() {
    speaks_openai::<Nara>("router.bynara.id/v1");
    refuses_as_usual::<Nara>();
}

#[test]
fn its_list_is_kept_as_far_as_it_chats() {
    let list = r#"{"data":[{"id":"mistral-large"},{"id":"text-embedding-3-small"}]}"#;
    assert_eq!(kept::<Nara>(list), ["mistral-large"]);
}
