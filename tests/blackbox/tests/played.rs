//! Every provider played from its golden cases: the running server thinks that it talks to Groq or Cloudflare, and its
//! client gets what the case says.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use blackbox::{Key, Server, Setup, paths};
use mock_upstream::{Case, Mock, When};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

/// What the cases that are played begin with. Two of them a server: some free tiers allow no more a minute.
const PLAYED: [[&str; 2]; 2] = [["plain", "stream"], ["tools", "stream-tools"]];

/// How requests are refused that no model can be found for.
const NOBODY: [&str; 3] = [
    "unsupported_by_model",
    "no_providers_configured",
    "no_tools_model",
];

fn plugins() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins")
}

/// Plugins that have cases and a host of their own.
fn providers() -> Vec<(String, Vec<Case>)> {
    let folders = std::fs::read_dir(plugins()).expect("plugins/");
    let mut found: Vec<(String, Vec<Case>)> = folders
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let name = path.file_name()?.to_str()?.to_owned();
            let cases = path.join("cases");
            (cases.is_dir() && name != "openai-compatible").then(|| (name, Case::all(&cases)))
        })
        .collect();
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}

/// A credential of the form that the provider's plugin asks for; `None`: it takes none.
async fn secret(asked: &Server, id: &str) -> Option<String> {
    let file = paths::plugin(id);
    let told = asked
        .run(["plugin", "check", &file.to_string_lossy()])
        .await
        .printed();
    let (_, form) = told
        .lines()
        .find_map(|line| line.split_once(": the credential "))?;
    Some(form.split_once(", which matches ").map_or_else(
        || "some-credential-0123456789".to_owned(),
        |(_, it)| like(it),
    ))
}

/// Plays the provider to a server with one key of it.
async fn server(id: &str, secret: Option<&str>, cases: &[&Case], mock: &Mock) -> Server {
    // One of them takes a request a second.
    let mut setup = Setup::bare().official(id).env("FREELLMAPI_WAIT_MS", "2000");
    for host in hosts(cases) {
        setup = setup.map(&host, mock);
    }
    let mut key = secret.map_or_else(|| Key::keyless(id), |secret| Key::new(id, secret));
    for (name, value) in cases.iter().flat_map(|case| &case.settings) {
        key = key.set(name, value);
    }
    setup.key(key).start().await
}

/// Where the cases send to.
fn hosts(cases: &[&Case]) -> Vec<String> {
    let mut hosts: Vec<String> = cases
        .iter()
        .filter_map(|case| Some(case.sent["host"].as_str()?.to_owned()))
        .collect();
    hosts.sort();
    hosts.dedup();
    hosts
}

/// A text that matches, always the same one. It does not look like a flag.
fn like(pattern: &str) -> String {
    let strategy = proptest::string::string_regex(pattern).expect("a pattern");
    let mut runner = TestRunner::deterministic();
    loop {
        let tree = strategy.new_tree(&mut runner).expect("a text");
        let text = tree.current();
        if !text.starts_with('-') {
            return text;
        }
    }
}

/// Without what the server itself makes up.
fn plain(mut body: Value) -> Value {
    for name in ["id", "created", "model", "usage"] {
        if let Some(members) = body.as_object_mut() {
            members.remove(name);
        }
    }
    let choices = body["choices"].as_array_mut().into_iter().flatten();
    for choice in choices {
        for name in ["message", "delta"] {
            let calls = choice[name]["tool_calls"].as_array_mut();
            for call in calls.into_iter().flatten() {
                if call["id"].is_string() {
                    call["id"] = json!("an id");
                }
            }
        }
        // Reading a member that is not there leaves a null behind.
        if let Some(members) = choice.as_object_mut() {
            members.retain(|_, value| !value.is_null());
        }
    }
    body
}

/// The code of the refusal if the server knows no model of the provider that the case can be meant for.
async fn play(server: &Server, mock: &Mock, id: &str, case: &Case) -> Result<(), &'static str> {
    let at = format!("{id}/{}", case.name);
    mock.heal();
    mock.forget();
    mock.on(When::any(), case.script());
    let mut asked = case.request.clone();
    asked["model"] = json!("auto");
    if case.streaming {
        let events = server.chat_stream(&asked).await;
        assert!(events.is_whole(), "{at}: {events:?}");
        // The chunk with the usage is the server's own.
        let told = |chunk: &Value| chunk["choices"] != json!([]);
        let chunks = events.chunks().into_iter().filter(told);
        let got: Vec<Value> = chunks.map(plain).collect();
        let chunks = case.chunks.clone().unwrap_or_default();
        let wanted: Vec<Value> = chunks.into_iter().map(plain).collect();
        assert_eq!(got, wanted, "{at}");
    } else {
        let reply = server.chat(&asked).await;
        if let Some(code) = NOBODY
            .into_iter()
            .find(|code| reply.json()["error"]["code"] == *code)
        {
            return Err(code);
        }
        assert_eq!(reply.status, 200, "{at}: {}", reply.text());
        assert_eq!(plain(reply.json()), plain(case.answer.clone()), "{at}");
    }
    let seen = mock.requests();
    let first = seen.first().expect("a request");
    assert_eq!(case.sent["method"], first.method, "{at}");
    // The model stands in the path of some, and `auto` may have chosen another.
    if !first.path.contains("/models/") {
        assert_eq!(case.sent["path"], first.path, "{at}");
    }
    if let Some(expected) = case.sent["headers"].as_object() {
        for name in expected.keys() {
            assert!(first.header(name).is_some(), "{at}: no header {name}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn every_provider_plays_its_golden_cases_to_a_running_server() {
    let mut played = 0;
    let asked = Setup::bare().start().await;
    let mut left_out = BTreeSet::new();
    for (id, cases) in providers() {
        let secret = secret(&asked, &id).await;
        for wanted in PLAYED {
            let chosen: Vec<&Case> = wanted
                .iter()
                .filter_map(|begin| {
                    cases.iter().find(|case| {
                        let answered = !case.answer.is_null() || case.chunks.is_some();
                        case.operation == "chat"
                            && case.name.starts_with(begin)
                            && answered
                            && !case.fails
                    })
                })
                .collect();
            if chosen.is_empty() {
                continue;
            }
            let mock = Mock::start().await;
            let server = server(&id, secret.as_deref(), &chosen, &mock).await;
            for case in chosen {
                match play(&server, &mock, &id, case).await {
                    Ok(()) => played += 1,
                    Err(code) => {
                        left_out.insert((id.clone(), code));
                        break;
                    }
                }
            }
        }
    }
    assert!(played > 0, "no provider has a case");
    // Chat models of the first three are known by asking for them only, which the script does not answer; those of
    // the last are not known to take tools.
    let expected = [
        ("aihorde", "unsupported_by_model"),
        ("anyapi", "no_providers_configured"),
        ("bai", "no_providers_configured"),
        ("reka", "no_tools_model"),
    ];
    assert_eq!(
        left_out,
        expected
            .map(|(id, code): (&str, _)| (id.to_owned(), code))
            .into()
    );
}
