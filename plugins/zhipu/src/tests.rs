use freellmapi_sdk::plan::pair;
use freellmapi_sdk::testing::{
    call, carried, head, listed, refused, sent, speaks_openai, streamed,
};
use freellmapi_sdk::{End, json};

use super::*;

const REFUSED: &str = r#"{"error":{"code":"1000","message":"Authentication Failed"}}"#;

/// 2026-07-25T10:00:00Z
const NOW: u64 = 1_784_973_600_000;

#[test]
fn it_speaks_the_dialect() {
    speaks_openai::<Zhipu>("open.bigmodel.cn/api/paas/v4");
}

#[test]
fn a_chat_loses_what_it_does_not_take() {
    let body = json!({"messages": [{"role": "developer", "content": "d"}], "temperature": 1.5, "seed": 1,
        "max_completion_tokens": 9, "stop": ["a", "b"], "thinking": {"type": "disabled"}});
    assert_eq!(
        sent::<Zhipu>(&call("chat", "m"), &body).body,
        json!({"messages": [{"role": "system", "content": "d"}], "temperature": 1, "max_tokens": 9, "stop": ["a"],
            "thinking": {"type": "disabled"}})
    );
}

#[test]
fn a_key_is_tried_at_both_consoles_and_remembered_with_the_one_that_took_it() {
    for operation in ["chat", "key-check"] {
        let mut call = call(operation, "m");
        let Verdict::Again(next) = Zhipu::classify(&call, &head(401, &[]), REFUSED.as_bytes())
        else {
            panic!("the sibling is not asked");
        };
        call.step = 1;
        call.memo.clone_from(&next.request.memo);
        let sent = carried(&Zhipu::manifest().build(), &call, next.request, &json!({}));
        assert!(
            sent.url.starts_with("api.z.ai/api/paas/v4/"),
            "{}",
            sent.url
        );
        // Refused there too: it is the key.
        assert_eq!(
            refused::<Zhipu>(&call, &head(401, &[]), REFUSED).kind,
            "key-invalid"
        );
        assert_eq!(learned(&call), [pair("console", "global")]);
        call.settings = vec![pair("console", "global")];
        assert!(learned(&call).is_empty());
    }
    assert_eq!(learned(&call("chat", "m")), [pair("console", "domestic")]);
    let mut known = call("chat", "m");
    known.settings.push(pair("console", "global"));
    assert!(
        sent::<Zhipu>(&known, &json!({}))
            .url
            .starts_with("api.z.ai/")
    );
    assert_eq!(
        refused::<Zhipu>(&known, &head(401, &[]), REFUSED).kind,
        "key-invalid"
    );
    assert!(learned(&known).is_empty());
}

#[test]
fn a_stream_tells_the_console_too() {
    let mut global = call("chat", "m");
    "global".clone_into(&mut global.memo);
    let told = |call: &Call| {
        let mut stream = Zhipu::decoder(call, &head(200, &[]));
        let event = || freellmapi_sdk::Event {
            name: String::new(),
            data: b"{}".to_vec(),
        };
        let first = stream.push(&[event()]).extra;
        assert!(stream.push(&[event()]).extra.is_empty());
        first
    };
    assert_eq!(told(&global), [pair("learned:console", "global")]);
    global.settings.push(pair("console", "global"));
    assert!(told(&global).is_empty());
}

fn learned(call: &Call) -> Vec<freellmapi_sdk::Pair> {
    let body = br#"{"choices":[{"index":0,"message":{"role":"assistant","content":"4"}}]}"#;
    match Zhipu::decode(call, &head(200, &[]), body) {
        Ok(Outcome::Done(reply)) => reply.learned,
        other => panic!("{other:?}"),
    }
}

/// Codes and texts as users reported them (HKUDS/nanobot#3356, anomalyco/opencode#14535, sipeed/picoclaw#795), and from the
/// table of error codes.
#[test]
fn numbers_count_whatever_the_status() {
    let day = 86_400_000;
    for (status, code, message, kind, scope, wait) in [
        (
            429,
            "1302",
            "您的账户已达到速率限制，请您控制请求频率",
            "rate-limited",
            "key",
            None,
        ),
        (
            200,
            "1305",
            "该模型当前访问量过大，请您稍后再试",
            "overloaded",
            "ip-model",
            None,
        ),
        (
            429,
            "1312",
            "model too busy",
            "overloaded",
            "ip-model",
            None,
        ),
        (
            429,
            "1113",
            "余额不足或无可用资源包,请充值。",
            "payment-required",
            "model",
            None,
        ),
        (
            429,
            "1304",
            "daily call limit of this API reached",
            "quota-exhausted",
            "model",
            Some(6 * 3_600_000),
        ),
        (
            429,
            "1308",
            "已达到 5 小时的使用上限。您的限额将在 2026-07-25 20:00:00 重置",
            "quota-exhausted",
            "model",
            Some(2 * 3_600_000),
        ),
        (
            429,
            "1310",
            "您已达到每周/每月使用上限，您的限额将在 2026-07-27 00:00:00 重置",
            "quota-exhausted",
            "model",
            Some(day + 6 * 3_600_000),
        ),
        (
            429,
            "1310",
            "no time is told",
            "quota-exhausted",
            "model",
            None,
        ),
        (400, "1261", "Prompt too long", "too-long", "", None),
        (
            400,
            "1301",
            "unsafe or sensitive content",
            "content-filtered",
            "",
            None,
        ),
        (500, "1234", "network error, id: X", "overloaded", "", None),
        (
            400,
            "1211",
            "模型不存在，请检查模型代码。",
            "model-missing",
            "",
            None,
        ),
        (400, "1210", "API 调用参数有误", "invalid-request", "", None),
        (429, "9999", "slow down", "rate-limited", "", None),
    ] {
        for code in [json!(code), json!(code.parse::<u32>().unwrap())] {
            let body = json!({"error": {"code": code, "message": message}});
            let mut call = call("chat", "m");
            call.now_ms = NOW;
            let failure = refused::<Zhipu>(&call, &head(status, &[]), &body.to_string());
            assert_eq!(
                (
                    failure.kind.as_str(),
                    failure.scope.as_str(),
                    failure.retry_after_ms
                ),
                (kind, scope, wait),
                "{code}"
            );
        }
    }
}

#[test]
fn an_error_in_a_whole_answer_is_one() {
    let body = br#"{"error":{"code":"1305","message":"busy"}}"#;
    let failure = Zhipu::decode(&call("chat", "m"), &head(200, &[]), body).unwrap_err();
    assert_eq!(failure.kind, "overloaded");
}

/// As recorded: pydantic/pydantic-ai, cassette `test_zai_thinking_stream`, shortened.
#[test]
fn a_stream_passes_as_it_is() {
    let events = [
        r#"{"id":"202607010739425543ff9439144b2c","created":1782862782,"object":"chat.completion.chunk","model":"glm-4.7","choices":[{"index":0,"delta":{"role":"assistant","reasoning_content":"\n1"}}]}"#,
        r#"{"id":"202607010739425543ff9439144b2c","created":1782862782,"object":"chat.completion.chunk","model":"glm-4.7","choices":[{"index":0,"finish_reason":"stop","delta":{"role":"assistant","content":"4"}}],"usage":{"prompt_tokens":14,"completion_tokens":5,"total_tokens":19}}"#,
        "[DONE]",
    ];
    let (chunks, end) = streamed::<Zhipu>(&call("chat", "m"), &events);
    assert_eq!(chunks.len(), 2);
    assert!(matches!(end, Some(End::Complete)));
}

#[test]
fn the_list_is_read() {
    let models = listed::<Zhipu>(
        r#"{"object":"list","data":[{"id":"glm-4.7-flash","object":"model","owned_by":"z-ai"}]}"#,
    );
    assert_eq!(models[0].id, "glm-4.7-flash");
}
