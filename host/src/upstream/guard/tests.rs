use super::*;

fn grant() -> Grant {
    let reach = |host: &str, methods: &[&str], path: &str| Reach {
        host: host.into(),
        methods: methods.iter().map(|method| (*method).into()).collect(),
        path: path.into(),
    };
    Grant {
        reaches: vec![
            reach("api.example", &["POST", "GET"], "/v1"),
            reach("other.example:8443", &["GET"], "/"),
            reach("{region}.example.com", &["POST"], "/accounts/{account}/ai"),
            reach(USER_BASE, &["POST"], "/"),
        ],
        credentials: vec![CredentialRule {
            name: "api-key".into(),
            placements: vec!["header:authorization".into(), "query:key".into()],
            hosts: vec!["api.example".into()],
        }],
        powers: vec!["tools".into()],
    }
}

fn plan(method: &str, host: &str, path: &str) -> Plan {
    Plan {
        method: method.into(),
        origin: if host == USER_BASE {
            Origin::UserBase
        } else {
            Origin::Host(host.into())
        },
        path: path.into(),
        query: Vec::new(),
        headers: Vec::new(),
    }
}

fn run(plan: Plan) -> Result<String, Refused> {
    let settings = [
        ("region".to_owned(), "eu".to_owned()),
        ("account".to_owned(), "abc_1".to_owned()),
    ];
    let base = UserBase::parse("http://127.0.0.1:8080/v1/").unwrap();
    check(plan, &grant(), &settings, Some(&base)).map(|checked| checked.url.to_string())
}

#[test]
fn what_is_granted_passes() {
    for (method, host, path, url) in [
        (
            "POST",
            "api.example",
            "/v1/chat/completions",
            "https://api.example/v1/chat/completions",
        ),
        ("GET", "api.example", "/v1", "https://api.example/v1"),
        (
            "GET",
            "other.example:8443",
            "/anything/at%20all",
            "https://other.example:8443/anything/at%20all",
        ),
        (
            "POST",
            "eu.example.com",
            "/accounts/abc_1/ai/run/@cf/meta/m:v",
            "https://eu.example.com/accounts/abc_1/ai/run/@cf/meta/m:v",
        ),
        (
            "POST",
            USER_BASE,
            "/chat/completions",
            "http://127.0.0.1:8080/v1/chat/completions",
        ),
    ] {
        assert_eq!(run(plan(method, host, path)).as_deref(), Ok(url));
    }
}

#[test]
fn what_is_not_granted_is_refused() {
    let host = |host: &str| Refused::Host(host.into());
    for (method, at, path, why) in [
        ("POST", "evil.example", "/v1/x", host("evil.example")),
        (
            "POST",
            "api.example.evil.example",
            "/v1/x",
            host("api.example.evil.example"),
        ),
        (
            "POST",
            "api.example:8443",
            "/v1/x",
            host("api.example:8443"),
        ),
        (
            "POST",
            "api.example@evil.example",
            "/v1/x",
            host("api.example@evil.example"),
        ),
        ("POST", "127.0.0.1", "/v1/x", host("127.0.0.1")),
        ("POST", "API.example", "/v1/x", host("API.example")),
        (
            "GET",
            "us.example.com",
            "/accounts/abc_1/ai",
            host("us.example.com"),
        ),
        (
            "TRACE",
            "api.example",
            "/v1/x",
            Refused::Method("TRACE".into()),
        ),
        (
            "post",
            "api.example",
            "/v1/x",
            Refused::Method("post".into()),
        ),
        (
            "DELETE",
            "api.example",
            "/v1/x",
            Refused::Reach {
                method: "DELETE".into(),
                target: "api.example/v1/x".into(),
            },
        ),
        (
            "POST",
            "api.example",
            "/v10",
            Refused::Reach {
                method: "POST".into(),
                target: "api.example/v10".into(),
            },
        ),
        (
            "GET",
            USER_BASE,
            "/models",
            Refused::Reach {
                method: "GET".into(),
                target: "user-base/models".into(),
            },
        ),
    ] {
        assert_eq!(
            run(plan(method, at, path)),
            Err(why),
            "{method} {at} {path}"
        );
    }
    let named = Plan {
        origin: Origin::Host(USER_BASE.into()),
        ..plan("POST", "x", "/v1")
    };
    assert_eq!(run(named), Err(host(USER_BASE)));
}

#[test]
fn paths_that_could_be_read_in_two_ways_are_refused() {
    for path in [
        "",
        "v1",
        "/v1/../admin",
        "/v1/.",
        "/v1/..",
        "/v1//x",
        "//evil.example/x",
        "/v1/%2e%2e/admin",
        "/v1/%2E./x",
        "/v1/a%2fb",
        "/v1/a%5Cb",
        "/v1/a\\b",
        "/v1/x?y=1",
        "/v1/x#y",
        "/v1/a%",
        "/v1/a%zz",
        "/v1/a%252e",
        "/v1/a b",
        "/v1/a\r\nb",
        "/v1/é",
        "/v1/a%00",
        "/v1/a;b",
        "/v1/{account}",
    ] {
        assert!(
            matches!(
                run(plan("POST", "api.example", path)),
                Err(Refused::Path(_))
            ),
            "{path:?}"
        );
    }
}

#[test]
fn settings_must_fit_their_place() {
    for (region, account, refused) in [
        ("eu", "a/../b", "account"),
        ("eu", "..", "account"),
        ("eu", "a%2fb", "account"),
        ("eu", "", "account"),
        ("eu.evil", "a", "region"),
        ("-eu", "a", "region"),
        ("", "a", "region"),
    ] {
        let settings = [
            ("region".to_owned(), region.to_owned()),
            ("account".to_owned(), account.to_owned()),
        ];
        let asked = plan(
            "POST",
            &format!("{region}.example.com"),
            &format!("/accounts/{account}/ai"),
        );
        let refusal = check(asked, &grant(), &settings, None).unwrap_err();
        assert!(
            matches!(&refusal, Refused::Setting(name) if name == refused)
                || matches!(refusal, Refused::Path(_)),
            "{region} {account}: {refusal}"
        );
    }
    assert_eq!(
        check(plan("POST", USER_BASE, "/x"), &grant(), &[], None).unwrap_err(),
        Refused::NoBase
    );
}

fn text(name: &str, value: &str) -> Field {
    Field {
        name: name.into(),
        value: FieldValue::Text(value.into()),
    }
}

fn secret(field: &str, name: &str, prefix: &str) -> Field {
    let value = FieldValue::Secret {
        name: name.into(),
        prefix: prefix.into(),
        suffix: String::new(),
    };
    Field {
        name: field.into(),
        value,
    }
}

#[test]
fn headers_and_credentials() {
    let with = |header: Field| {
        let mut asked = plan("POST", "api.example", "/v1/x");
        asked.headers.push(header);
        run(asked).err()
    };
    assert_eq!(with(text("accept", "text/event-stream")), None);
    assert_eq!(with(secret("authorization", "api-key", "Bearer ")), None);
    for name in [
        "host",
        "cookie",
        "content-length",
        "connection",
        "x-forwarded-for",
        "Accept",
        "a b",
        "",
        "proxy-foo",
        "transfer-encoding",
        "x-http-method-override",
        "x-original-url",
    ] {
        assert!(
            matches!(with(text(name, "x")), Some(Refused::Header(_))),
            "{name:?}"
        );
    }
    for name in [
        "authorization",
        "x-api-key",
        "proxy-authorization",
        "x-goog-api-key",
    ] {
        assert_eq!(
            with(text(name, "Bearer mine")),
            Some(Refused::OwnCredential(format!("header:{name}")))
        );
    }
    assert_eq!(
        with(text("x-title", "Café")),
        Some(Refused::Value("x-title".into()))
    );
    assert_eq!(
        with(text("accept", "a\r\nx: y")),
        Some(Refused::Value("accept".into()))
    );
    assert_eq!(
        with(secret("authorization", "api-key", "a\n")),
        Some(Refused::Value("authorization".into()))
    );
    assert_eq!(
        with(secret("x-key", "api-key", "")),
        Some(Refused::Placement("api-key".into(), "header:x-key".into()))
    );
    assert_eq!(
        with(secret("authorization", "other", "")),
        Some(Refused::Placement(
            "other".into(),
            "header:authorization".into()
        ))
    );

    let mut elsewhere = plan("GET", "other.example:8443", "/x");
    elsewhere
        .headers
        .push(secret("authorization", "api-key", ""));
    assert_eq!(
        run(elsewhere),
        Err(Refused::Bound(
            "api-key".into(),
            "other.example:8443".into()
        ))
    );
    let mut query = plan("POST", "api.example", "/v1/x");
    query.query.push(text("key", "mine"));
    assert_eq!(run(query), Err(Refused::OwnCredential("query:key".into())));
}

#[test]
fn addresses_of_users() {
    for (text, shown) in [
        ("http://127.0.0.1:8080/v1/", "http://127.0.0.1:8080/v1"),
        ("https://gateway.example", "https://gateway.example"),
        (" http://[::1]:1234/ ", "http://[::1]:1234"),
        ("http://nas.local:11434/v1", "http://nas.local:11434/v1"),
    ] {
        assert_eq!(UserBase::parse(text).unwrap().to_string(), shown);
    }
    for text in [
        "127.0.0.1:8080",
        "ftp://a",
        "http://",
        "http://user:pw@a",
        "http://a/?x=1",
        "http://a/#x",
        "http://169.254.169.254/latest",
        "http://[::ffff:169.254.169.254]",
        "http://a/%2e%2e%2fb",
    ] {
        assert!(UserBase::parse(text).is_err(), "{text}");
    }
}

#[test]
fn widenings_name_what_is_new_and_nothing_else() {
    let held = grant();
    assert!(held.widenings(&held).is_empty());
    let mut less = held.clone();
    less.reaches[0].path = "/v1/chat".into();
    less.reaches[0].methods = vec!["POST".into()];
    less.powers.clear();
    assert!(held.widenings(&less).is_empty());
    let wider = less.widenings(&held);
    assert_eq!(wider.len(), 2, "{wider:?}");
    assert!(wider[0].contains("https://api.example/v1") && wider[1].contains("tools"));
    let mut moved = held.clone();
    moved.credentials[0].hosts.push("other.example:8443".into());
    let wider = held.widenings(&moved);
    assert_eq!(wider.len(), 2, "one for each placement: {wider:?}");
    assert!(wider.iter().all(|wish| wish.contains("other.example:8443")));
    assert_eq!(Grant::default().widenings(&held), held.describe());
}
