//! Which model and key answers: names, profiles, stickiness, what is learnt, and what a client is told.

use blackbox::{Endpoint, Reply, Request, Server, Setup, until};
use mock_upstream::{Answer, Mock, When};
use serde_json::{Value, json};

use crate::providers::{GROQ, ask};

/// Two endpoints that have the same model.
async fn two(first: &Mock, second: &Mock) -> Server {
    Setup::new()
        .endpoint(Endpoint::new("first", first).model("m").priority(1))
        .endpoint(Endpoint::new("second", second).model("m").priority(2))
        .start()
        .await
}

fn via(reply: &Reply) -> String {
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.header("x-routed-via").unwrap_or_default().to_owned()
}

async fn chat_in(server: &Server, session: &str, model: &str) -> Reply {
    let request =
        Request::post("/v1/chat/completions", &ask(model)).header("x-session-id", session);
    server.client.send(request).await
}

fn with_part(model: &str, part: &Value) -> Value {
    json!({ "model": model, "messages": [{ "role": "user", "content": [
        { "type": "text", "text": "What is this?" }, part,
    ]}]})
}

#[tokio::test]
async fn names_are_taken_in_any_case_and_unknown_ones_are_told_what_is_near() {
    let (first, second) = (Mock::start().await, Mock::start().await);
    let server = two(&first, &second).await;
    for (name, answers) in [
        ("AUTO", "first/m"),
        ("M", "first/m"),
        ("Second/M", "second/m"),
        ("auto:priority", "first/m"),
        ("auto:private", "first/m"),
    ] {
        assert_eq!(via(&server.chat(&ask(name)).await), answers, "{name}");
    }
    for (name, near) in [("secnd/m", "second/m"), ("auto:fasst", "auto:fast")] {
        let reply = server.chat(&ask(name)).await;
        assert_eq!(reply.status, 404, "{}", reply.text());
        assert_eq!(reply.code().as_deref(), Some("model_not_found"));
        assert!(reply.text().contains(near), "{}", reply.text());
    }
}

#[tokio::test]
async fn profiles_and_aliases_take_effect_while_the_server_runs() {
    let (first, second) = (Mock::start().await, Mock::start().await);
    let server = two(&first, &second).await;
    server
        .run(["route", "set", "Work", "second/m", "first/m"])
        .await
        .printed();
    server
        .run(["route", "alias", "gpt-4o", "second/m"])
        .await
        .printed();
    until("the profile", async || {
        let reply = server.chat(&ask("auto:work")).await;
        (reply.status == 200).then(|| assert_eq!(via(&reply), "second/m"))
    })
    .await;
    until("the alias", async || {
        let reply = server.chat(&ask("GPT-4o")).await;
        (reply.status == 200).then(|| assert_eq!(via(&reply), "second/m"))
    })
    .await;
    assert_eq!(via(&server.chat(&ask("auto")).await), "first/m");
    server.run(["route", "use", "work"]).await.printed();
    until("`auto` to be the profile", async || {
        let reply = server.chat(&ask("auto")).await;
        (via(&reply) == "second/m").then_some(())
    })
    .await;

    // The words that mean something already.
    for (command, says) in [
        (&["route", "set", "fast", "m"][..], "auto:fast"),
        (&["route", "use", "nothing"], "nothing"),
        (&["route", "strategy", "clever"], "balanced"),
        (&["route", "strategy", "custom"], "--weights"),
        (&["route", "alias", "auto", "m"], "auto"),
        (&["route", "remove", "nothing"], "nothing"),
    ] {
        let ran = server.run(command).await;
        assert!(!ran.ok, "{command:?}: {}", ran.told());
        assert!(ran.told().contains(says), "{command:?}: {}", ran.told());
    }
}

#[tokio::test]
async fn a_conversation_stays_with_the_key_that_answered_it() {
    let (first, second) = (Mock::start().await, Mock::start().await);
    let server = two(&first, &second).await;
    let turn = |question: &str, answered: bool| {
        let mut messages = vec![json!({ "role": "user", "content": question })];
        if answered {
            messages.push(json!({ "role": "assistant", "content": "Answer" }));
            messages.push(json!({ "role": "user", "content": "And then?" }));
        }
        json!({ "model": "m", "messages": messages })
    };
    first.on(
        When::path("/v1/chat"),
        Answer::error(500, "server_error", "Broken.").times(1),
    );
    // With a name, and by how it began, while the first one rests.
    assert_eq!(via(&chat_in(&server, "s", "m").await), "second/m");
    assert_eq!(via(&server.chat(&turn("Why?", false)).await), "second/m");
    until("the first one, rested", async || {
        let reply = server.chat(&turn("Who?", false)).await;
        (via(&reply) == "first/m").then_some(())
    })
    .await;
    for _ in 0..3 {
        assert_eq!(via(&chat_in(&server, "s", "m").await), "second/m");
        assert_eq!(via(&server.chat(&turn("Why?", true)).await), "second/m");
        // Others are not bound by it: another conversation, and one that has only begun in the same words.
        assert_eq!(via(&chat_in(&server, "t", "m").await), "first/m");
        assert_eq!(via(&server.chat(&turn("Who?", true)).await), "first/m");
    }
    assert_eq!(via(&server.chat(&turn("Why?", false)).await), "first/m");
}

/// FC-074.
#[tokio::test]
async fn a_conversation_moves_on_from_a_spent_key_and_stays_where_it_went() {
    let mock = Mock::start().await;
    let keys = [GROQ.secret(11), GROQ.secret(12)];
    let mut setup = Setup::bare().official(GROQ.id).map(GROQ.host, &mock);
    for key in &keys {
        setup = setup.key(GROQ.key(key));
    }
    let server = setup.start().await;
    mock.forget();
    let bearer = |at: usize| {
        let requests = mock.requests();
        requests[at].bearer().unwrap_or_default().to_owned()
    };
    via(&chat_in(&server, "s", &GROQ.name()).await);
    let spent = bearer(0);
    mock.on(
        When::key(&spent),
        GROQ.error(429, "Rate limit reached on requests per day")
            .retry_after_seconds(900),
    );
    via(&chat_in(&server, "s", &GROQ.name()).await);
    assert_eq!((bearer(1), bearer(2) == spent), (spent.clone(), false));
    for at in 3..6 {
        via(&chat_in(&server, "s", &GROQ.name()).await);
        assert_ne!(bearer(at), spent, "neither tried in vain nor gone back to");
    }
    // Healthy again, it is not gone back to while the other one answers.
    mock.heal();
    via(&chat_in(&server, "s", &GROQ.name()).await);
    assert_ne!(bearer(6), spent);
}

#[tokio::test]
async fn what_no_model_can_do_is_said_by_name() {
    let mock = Mock::start().await;
    let server = Setup::bare()
        .official(GROQ.id)
        .map(GROQ.host, &mock)
        .key(GROQ.key(&GROQ.secret(13)))
        .start()
        .await;
    mock.forget();
    let image =
        json!({ "type": "image_url", "image_url": { "url": "data:image/png;base64,AAAA" } });
    let file = json!({ "type": "file", "file": { "file_data": "data:application/pdf;base64,AAAA", "filename": "a.pdf" } });
    for (part, code) in [(image, "no_vision_model"), (file, "no_document_model")] {
        let reply = server.chat(&with_part(&GROQ.name(), &part)).await;
        assert_eq!(reply.status, 422, "{}", reply.text());
        assert_eq!(reply.code().as_deref(), Some(code), "{}", reply.text());
    }
    let long = json!({ "model": GROQ.name(), "messages": [
        { "role": "user", "content": "word ".repeat(200_000) },
    ]});
    let reply = server.chat(&long).await;
    assert_eq!(reply.status, 413, "{}", reply.text());
    assert_eq!(reply.code().as_deref(), Some("context_length_exceeded"));
    assert!(mock.requests().is_empty(), "nobody was asked in vain");
}

#[tokio::test]
async fn the_better_one_is_found_and_remembered_over_a_restart() {
    let (bad, good) = (Mock::start().await, Mock::start().await);
    let mut server = Setup::new()
        .endpoint(Endpoint::new("bad", &bad).model("m"))
        .endpoint(Endpoint::new("good", &good).model("m"))
        .start()
        .await;
    // It answers three times in four, so that no rest keeps it away for long.
    let broken = Answer::error(500, "server_error", "Broken.");
    for _ in 0..10 {
        bad.heal();
        bad.on(When::path("/v1/chat"), broken.clone().times(1));
        for _ in 0..4 {
            assert_eq!(server.chat(&ask("m")).await.status, 200);
        }
    }
    let explain = ["route", "explain", "m", "--json"];
    server.stop().await;
    let lines = server.json(&explain).await;
    let find = |name: &str| {
        let lines = lines.as_array().expect("lines");
        lines
            .iter()
            .find(|line| line["name"] == name)
            .expect("a line")
            .clone()
    };
    let (seen_bad, seen_good) = (find("bad/m"), find("good/m"));
    let reliability = |line: &Value| line["reliability"].as_f64().expect("a number");
    assert!(reliability(&seen_bad) < reliability(&seen_good), "{lines}");
    assert!(
        seen_good["seen"].as_f64().is_some_and(|seen| seen > 5.0),
        "{lines}"
    );
    server.restart().await;
    bad.heal();
    good.forget();
    for _ in 0..20 {
        assert_eq!(server.chat(&ask("m")).await.status, 200);
    }
    let asked = good.requests().len();
    assert!(asked >= 12, "{asked} of 20");
}

#[tokio::test]
async fn a_client_may_wait_for_the_soonest_reset() {
    let mock = Mock::start().await;
    let limited = GROQ
        .error(429, "Rate limit reached.")
        .retry_after_seconds(1);
    mock.on(When::any(), limited.times(1));
    let server = Setup::bare()
        .official(GROQ.id)
        .map(GROQ.host, &mock)
        .key(GROQ.key(&GROQ.secret(14)))
        .flag("--wait-ms", 5_000)
        .start()
        .await;
    let reply = server.chat(&ask(&GROQ.name())).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    // Not for one that is further off than the client shall wait.
    mock.on(
        When::any(),
        GROQ.error(429, "Rate limit reached.")
            .retry_after_seconds(60),
    );
    let reply = server.chat(&ask(&GROQ.name())).await;
    assert_eq!(reply.status, 503, "{}", reply.text());
    assert!(reply.header("retry-after").is_some());
}
