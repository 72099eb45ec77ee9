//! Real exchanges, from the folder that `RECORDINGS_DIR` names, through the components; skipped without it.
//!
//! What the upstream said is read from the recorded bytes by a small reader of each dialect ([`said`]) that shares no
//! code with the plugins, and compared with what a client would get. What the recorded request meant is compared
//! with what would be sent ([`meaning`]).

mod meaning;
mod said;

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use serde_json::{Value as Json, json};

use super::stages;
use crate::conformance::Stage;
use crate::conformance::stage::{Acted, End, NOW_MS, Reply, Scene};
use crate::gateway::failure::Failure;
use meaning::Meaning;
use said::Said;

/// A recorded exchange.
struct Exchange {
    /// `provider/file`.
    name: String,
    json: Json,
}

/// How many there were of a provider, and how many came out right.
#[derive(Default)]
struct Row {
    all: usize,
    placed: usize,
    right: usize,
}

#[tokio::test]
async fn recorded_exchanges_come_out_right() {
    let Some(folder) = std::env::var_os("RECORDINGS_DIR") else {
        println!("skipped: RECORDINGS_DIR names no folder of recordings");
        return;
    };
    let stages = stages();
    if stages.is_empty() {
        return;
    }
    let exchanges = read(Path::new(&folder));
    assert!(!exchanges.is_empty(), "RECORDINGS_DIR holds no recording");
    let mut table: BTreeMap<String, Row> = BTreeMap::new();
    let (mut wrong, mut unplaced) = (Vec::new(), BTreeMap::<String, Vec<String>>::new());
    for exchange in &exchanges {
        let row = table.entry(exchange.text("provider")).or_default();
        row.all += 1;
        let stage = match place(exchange, &stages) {
            Ok(stage) => stage,
            Err(reason) => {
                unplaced
                    .entry(reason)
                    .or_default()
                    .push(exchange.name.clone());
                continue;
            }
        };
        row.placed += 1;
        match replay(exchange, stage).await {
            Ok(()) => row.right += 1,
            Err(why) => wrong.push(format!(
                "{} through {}: {why}",
                exchange.name,
                stage.manifest().id
            )),
        }
    }
    println!(
        "{:<20} {:>9} {:>7} {:>6}",
        "provider", "exchanges", "placed", "right"
    );
    for (provider, row) in &table {
        println!(
            "{provider:<20} {:>9} {:>7} {:>6}",
            row.all, row.placed, row.right
        );
    }
    for (reason, names) in &unplaced {
        println!("not placed, {reason}: {}", names.join(" "));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for stage in stages.values() {
        assert_eq!(stage.strikes(), 0, "{}", stage.manifest().id);
    }
}

fn read(folder: &Path) -> Vec<Exchange> {
    let mut found = Vec::new();
    for provider in std::fs::read_dir(folder).expect("the folder of recordings") {
        let provider = provider.expect("an entry").path();
        for file in std::fs::read_dir(&provider).into_iter().flatten() {
            let path = file.expect("a file").path();
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let Ok(json) = serde_json::from_str::<Json>(&text) else {
                continue;
            };
            if json["request"].is_object() && json["response"].is_object() {
                found.push(Exchange {
                    name: format!(
                        "{}/{}",
                        provider.file_name().unwrap_or_default().display(),
                        path.file_stem().unwrap_or_default().display()
                    ),
                    json,
                });
            }
        }
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

/// Which plugin takes it: the one that may reach its host, else the one that speaks its dialect.
fn place<'a>(
    exchange: &Exchange,
    stages: &'a BTreeMap<String, Stage>,
) -> Result<&'a Stage, String> {
    let host = exchange.json["request"]["host"]
        .as_str()
        .unwrap_or_default();
    let own = stages.values().find(|stage| {
        let mut reaches = stage.manifest().asks.reaches.iter();
        reaches.any(|reach| reach.host == host)
    });
    let of = |name: &str| {
        stages
            .get(name)
            .ok_or_else(|| format!("no plugin `{name}` is here"))
    };
    match exchange.text("api").as_str() {
        "chat" | "models" => own.map_or_else(|| of("openai-compatible"), Ok),
        "generate-content" => of("google"),
        "chat-v2"
            if exchange.json["request"]["body"]
                .to_string()
                .contains(r#""type":"document""#) =>
        {
            Err("Cohere's own documents have no place in the canonical request".to_owned())
        }
        "chat-v2" => of("cohere"),
        api @ ("embeddings" | "images" | "rerank") => match own {
            Some(stage) if does(stage, api) => Ok(stage),
            Some(_) => Err(format!("its plugin does not do `{api}`")),
            None => Err(format!("no plugin reaches its host, for `{api}`")),
        },
        api => Err(format!("no plugin speaks the dialect `{api}`")),
    }
}

fn does(stage: &Stage, operation: &str) -> bool {
    let mut models = stage.manifest().models.iter();
    models.any(|model| model.operations.iter().any(|word| word == operation))
}

async fn replay(exchange: &Exchange, stage: &Stage) -> Result<(), String> {
    let scene = exchange.scene();
    let acted = stage.act(&scene).await?;
    let sent = acted
        .requests
        .first()
        .ok_or_else(|| format!("nothing was sent: {:?}", acted.end))?;
    if exchange.json["request"]["body"].is_object() && scene.operation == "chat" {
        let body: Json = serde_json::from_slice(&sent.body)
            .map_err(|error| format!("what is sent is no JSON: {error}"))?;
        let meant = Meaning::of(&exchange.text("api"), &exchange.json["request"]["body"]);
        let kept = Meaning::of_sent(&body);
        if meant != kept {
            return Err(format!("it meant {meant:?} and would be sent as {kept:?}"));
        }
    }
    exchange.judge(&acted)?;
    // However the network cuts it, the same comes of it.
    if exchange.streams() {
        let mut cut = exchange.scene();
        for reply in &mut cut.replies {
            let body = reply.pieces.concat();
            let length = if body.len() < 8_192 { 1 } else { 7 };
            reply.pieces = body.chunks(length).map(Bytes::copy_from_slice).collect();
        }
        exchange
            .judge(&stage.act(&cut).await?)
            .map_err(|why| format!("cut into small pieces: {why}"))?;
    }
    Ok(())
}

impl Exchange {
    fn text(&self, member: &str) -> String {
        self.json[member].as_str().unwrap_or_default().to_owned()
    }

    fn streams(&self) -> bool {
        self.json["streaming"] == true
    }

    fn body(&self) -> &str {
        self.json["response"]["body"].as_str().unwrap_or_default()
    }

    fn status(&self) -> u16 {
        self.json["response"]["status"]
            .as_u64()
            .and_then(|status| u16::try_from(status).ok())
            .unwrap_or(200)
    }

    /// The exchange as a client's request and the upstream's bytes.
    fn scene(&self) -> Scene {
        let api = self.text("api");
        let request = &self.json["request"];
        let path = request["path"].as_str().unwrap_or_default();
        let in_path = path
            .split_once("/models/")
            .and_then(|(_, rest)| rest.split([':', '?']).next());
        let model = request["body"]["model"].as_str().or(in_path);
        let headers = self.json["response"]["headers"].as_object();
        let headers = headers
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
        let reply = Reply {
            status: self.status(),
            headers: headers.collect(),
            pieces: vec![Bytes::from(self.body().to_owned())],
            broken: false,
        };
        let mut body = meaning::canonical(&api, &request["body"]);
        if !body["messages"].is_array() {
            body = json!({ "messages": [{ "role": "user", "content": "Hello?" }] });
            if self.body().contains("unction") {
                let function = json!({ "name": "f", "parameters": { "type": "object" } });
                body["tools"] = json!([{ "type": "function", "function": function }]);
            }
        }
        let operation = match api.as_str() {
            "models" | "embeddings" | "images" | "rerank" => api.as_str(),
            _ => "chat",
        };
        if operation == "chat" {
            body["stream"] = Json::from(self.streams());
        } else {
            body = meaning::task(operation, &request["body"]);
        }
        Scene {
            operation: operation.to_owned(),
            model: model.unwrap_or("model").to_owned(),
            request: body.to_string().into_bytes(),
            now_ms: NOW_MS,
            // A plugin that asks once more is told the same again.
            replies: vec![reply.clone(), reply],
            ..Scene::default()
        }
    }

    fn judge(&self, acted: &Acted) -> Result<(), String> {
        let upstream = Said::by_upstream(&self.text("api"), self.streams(), self.body());
        let failed = match &acted.end {
            End::Failed(failure) => Some(failure),
            End::Stream { broken, .. } => broken.as_ref(),
            _ => None,
        };
        if self.status() >= 400 {
            return match failed {
                Some(failure) => self.failure(failure),
                // What a plugin can repair (a tool call written as text) is an answer.
                None if self.body().contains("failed_generation") => Ok(()),
                None => Err(format!("status {} became an answer", self.status())),
            };
        }
        if let End::Models(models) = &acted.end {
            return if models.is_empty() {
                Err("a list of models came out empty".to_owned())
            } else {
                Ok(())
            };
        }
        if self.text("api") != "chat"
            && let End::Whole(body) = &acted.end
            && let Some(result) = said::result(&self.text("api"), body, self.body())
        {
            return result;
        }
        if upstream.failed {
            return match failed {
                Some(_) => Ok(()),
                None => Err("an error inside a 200 became an answer".to_owned()),
            };
        }
        if let Some(failure) = failed {
            return Err(format!("it failed as {failure}"));
        }
        upstream.check(&Said::to_client(&acted.end)?)
    }

    /// Whether a status became the right kind, with the wait that was told.
    fn failure(&self, failure: &Failure) -> Result<(), String> {
        let source = self.text("source");
        let kinds: &[&str] = match self.status() {
            _ if source.contains("context_length") && self.status() != 429 => &["too-long"],
            400 if self.body().contains("does not support") => &["unsupported"],
            401 => &["key-invalid"],
            402 => &["payment-required", "rate-limited"],
            403 => &["key-forbidden", "key-invalid", "content-filtered"],
            404 => &["model-missing", "unsupported"],
            413 => &["too-long"],
            429 => &["rate-limited", "quota-exhausted"],
            400..=499 => &[
                "invalid-request",
                "unsupported",
                "model-missing",
                "key-invalid",
                "content-filtered",
                "too-long",
            ],
            _ => &["overloaded", "upstream-broken"],
        };
        if !kinds.contains(&failure.kind.as_str()) {
            return Err(format!("{failure}; expected one of {kinds:?}"));
        }
        let told = said::wait(&self.json["response"]);
        if self.status() == 429 && told.is_some() && failure.retry_after_ms != told {
            return Err(format!(
                "it is to wait {:?} ms and was told {told:?}",
                failure.retry_after_ms
            ));
        }
        Ok(())
    }
}
