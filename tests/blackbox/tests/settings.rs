//! Every setting by flag, environment and file; every mistake named.

use blackbox::{Endpoint, Request, Server, Setup};
use mock_upstream::Mock;

use crate::providers::ask;

/// The longest body that it takes, to the nearest thousand bytes.
async fn body_limit(server: &Server) -> usize {
    let body = ask("local/mock-model").to_string();
    let mut thousands = 0;
    loop {
        let room = " ".repeat((thousands + 1) * 1000 - body.len());
        let request = Request::text("/v1/chat/completions", &format!("{body}{room}"));
        let reply = server.client.send(request).await;
        if reply.status != 200 {
            assert_eq!(reply.status, 413, "{}", reply.text());
            return thousands * 1000;
        }
        thousands += 1;
        assert!(thousands < 10, "no limit that was set");
    }
}

#[tokio::test]
async fn flags_go_before_environment_before_files() {
    let mock = Mock::start().await;
    let setup = Setup::new().endpoint(Endpoint::new("local", &mock));
    let dotenv = setup.text(".env", "FREELLMAPI_BODY_LIMIT=1000\n");
    let file = dotenv
        .clone()
        .text("settings.toml", "body_limit = 2000\n")
        .env("FREELLMAPI_CONFIG", "settings.toml");
    let env = file.clone().env("FREELLMAPI_BODY_LIMIT", 3000);
    let flag = env.clone().flag("--body-limit", 4000);
    for (setup, limit) in [(dotenv, 1000), (file, 2000), (env, 3000), (flag, 4000)] {
        let server = setup.start().await;
        assert_eq!(body_limit(&server).await, limit);
    }
}

#[tokio::test]
async fn mistakes_are_named_at_the_start() {
    let other = Setup::new().start().await;
    let taken = other.client.address.port().to_string();
    std::fs::write(other.home().join("unknown.toml"), "prot = 3001\n").expect("a file");
    std::fs::write(other.home().join("broken.toml"), "port = \n").expect("a file");
    // Arguments, and what the complaint names.
    let rows: [(&[&str], &str); 8] = [
        (&["serve", "--port", &taken], &taken),
        (&["serve", "--port", "many"], "many"),
        (&["serve", "--host", "nowhere"], "nowhere"),
        (&["--config", "unknown.toml", "serve"], "prot"),
        (&["--config", "broken.toml", "serve"], "broken.toml"),
        (&["--config", "missing.toml", "serve"], "missing.toml"),
        (&["--plugin-trust", "everybody", "serve"], "everybody"),
        (
            &["--upstream-map", "api.groq.com", "serve", "--port", "0"],
            "api.groq.com",
        ),
    ];
    for (args, named) in rows {
        let ran = other.run(args).await;
        assert!(!ran.ok, "{args:?}: {}", ran.told());
        assert!(ran.told().contains(named), "{args:?}: {}", ran.told());
        assert!(!ran.told().contains("panicked"), "{args:?}: {}", ran.told());
    }
}

#[tokio::test]
async fn a_wrong_encryption_key_is_refused_by_name() {
    let server = Setup::new().start().await;
    for bad in ["canary-too-brief", &"zz".repeat(32), &"ab".repeat(32)] {
        let refused = Setup::new().env("ENCRYPTION_KEY", bad);
        let told = server.run_as(&refused, ["key", "list"]).await;
        assert!(!told.ok, "{bad}: {}", told.told());
        assert!(
            told.told().contains("ENCRYPTION_KEY"),
            "{bad}: {}",
            told.told()
        );
        assert!(!told.told().contains(bad), "{}", told.told());
    }
}

#[tokio::test]
async fn help_names_every_command_and_setting() {
    let server = Setup::new().start().await;
    let rows: [(&[&str], &[&str]); 6] = [
        (
            &["--help"],
            &[
                "serve",
                "key",
                "endpoint",
                "plugin",
                "token",
                "PLUGINS_DIR",
                "FREELLMAPI_LOG",
            ],
        ),
        (
            &["serve", "--help"],
            &[
                "HOST_BIND",
                "PORT",
                "FREELLMAPI_BODY_LIMIT",
                "FREELLMAPI_KEEPALIVE_MS",
            ],
        ),
        (&["key", "--help"], &["add", "list", "test", "remove"]),
        (&["endpoint", "--help"], &["add", "list", "remove"]),
        (&["plugin", "--help"], &["list", "check", "grant"]),
        (&["token", "--help"], &["show", "rotate"]),
    ];
    for (args, words) in rows {
        let help = server.run(args).await.printed();
        for word in words {
            assert!(help.contains(word), "{args:?}: no {word} in\n{help}");
        }
    }
}
