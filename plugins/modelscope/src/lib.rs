//! ModelScope: OpenAI's dialect; two thousand requests a day for the account, of which each model has its own share.

#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::{self, Dialect};
use freellmapi_sdk::serde_json::json;
use freellmapi_sdk::wait::header;
use freellmapi_sdk::{
    Adapter, Call, Content, Failure, FollowUp, Head, Manifest, Model, Outcome, Quota, Reply,
    Request, Scope, Verdict, export, failure,
};

/// The adapter.
pub struct ModelScope;

const HOST: &str = "api-inference.modelscope.cn";

const DAY: u64 = 86_400;

/// Days begin at midnight in Beijing.
const ACCOUNT: Scope = Scope("account", "Asia/Shanghai");
const MODEL: Scope = Scope("model", "Asia/Shanghai");

const MODELS: &str = "
deepseek-ai/DeepSeek-V4-Pro         | DeepSeek V4 Pro       | deepseek-v4-pro   | 131072 | - | 930 | tools reasoning json-object
deepseek-ai/DeepSeek-V4-Flash       | DeepSeek V4 Flash     | deepseek-v4-flash | 131072 | - | 910 | tools reasoning json-object
moonshotai/Kimi-K2.5                | Kimi K2.5             | kimi-k2.5         | 262144 | - | 920 | tools vision reasoning
MiniMax/MiniMax-M2.5                | MiniMax M2.5          | minimax-m2.5      | 196608 | - | 900 | tools reasoning
ZhipuAI/GLM-5.1                     | GLM 5.1               | glm-5.1           | 200000 | - | 890 | tools reasoning
Qwen/Qwen3-Coder-480B-A35B-Instruct | Qwen 3 Coder 480B     | qwen3-coder-480b  | 262144 | - | 950 | tools json-object
Qwen/Qwen3-235B-A22B-Instruct-2507  | Qwen 3 235B A22B 2507 | qwen3-235b        | 262144 | - | 930 | tools json-object
";

impl Adapter for ModelScope {
    fn manifest() -> Manifest {
        Manifest::new("modelscope", "ModelScope")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://modelscope.cn")
            .key_page("https://modelscope.cn/my/myaccesstoken")
            .terms("2,000 requests a day for the account, up to 500 with one model, for tests and not for business. The account needs an Aliyun account bound to it.")
            .region("CN")
            .chats_at(HOST, "/v1")
            .api_key("(ms-)?[0-9a-fA-F-]{32,40}")
            .tools()
            .reads_header("modelscope-ratelimit-*")
            .limit(ACCOUNT, "requests", DAY, 2000)
            .models(Model::table(MODELS))
    }

    fn dialect(_: &Call) -> Dialect {
        Dialect::at(HOST, "/v1")
            .remove("/messages/*/reasoning_content")
            // How it says that a model is gone.
            .fault("(1008)", "model-missing")
            .fault("exceeded today's quota", "quota-exhausted")
    }

    /// Its list answers to any key, so it is followed by the shortest chat.
    fn decode(call: &Call, _: &Head, body: &[u8]) -> Result<Outcome, Failure> {
        if call.operation != "key-check" || call.step > 0 {
            return Ok(Outcome::Done(Reply::keep()));
        }
        let first = openai::listing(body)?
            .models
            .into_iter()
            .find(|model| model.operations == ["chat"]);
        let model = first
            .ok_or_else(|| failure::malformed("the list names no model to ask"))?
            .id;
        let hello = json!({"model": model, "max_tokens": 1, "messages": [{"role": "user", "content": "1"}]});
        let mut chat = call.clone();
        chat.operation = "chat".to_owned();
        let request = Request {
            content: Content::Json(hello.to_string().into_bytes()),
            ..Self::dialect(call).plan(&chat)?
        };
        Ok(Outcome::Again(FollowUp {
            request,
            delay_ms: 0,
        }))
    }

    fn quotas(_: &Call, head: &Head) -> Vec<Quota> {
        let read = |words: &str| {
            header(head, &format!("modelscope-ratelimit-{words}"))?
                .parse()
                .ok()
        };
        [(ACCOUNT, "requests"), (MODEL, "model-requests")]
            .into_iter()
            .filter_map(|(scope, word)| {
                let mut quota = scope.limit("requests", DAY, read(&format!("{word}-limit"))?);
                quota.remaining = read(&format!("{word}-remaining"));
                Some(quota)
            })
            .collect()
    }

    fn classify(call: &Call, head: &Head, body: &[u8]) -> Verdict {
        let mut failure = Self::dialect(call).failure(call, head, body);
        failure.quotas = Self::quotas(call, head);
        let spent = failure
            .quotas
            .iter()
            .find(|quota| quota.remaining == Some(0));
        if let Some(spent) = spent.filter(|_| failure.kind == "rate-limited") {
            // The day's share is spent, of the account or of the model; the words do not tell.
            failure.scope.clone_from(&spent.scope);
            failure.kind = "quota-exhausted".to_owned();
        }
        Verdict::Failed(failure)
    }
}

export!(ModelScope);
