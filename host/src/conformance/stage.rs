//! Where a plugin acts: the real sandbox and exchange, with a player in the place of the network.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use parking_lot::Mutex;
use tokio::time::Instant;
use zeroize::Zeroizing;

use crate::chat::{ChatRequest, Outline, Seed, Usage};
use crate::clock::Clock;
use crate::config::Timeouts;
use crate::gateway::Allowance;
use crate::gateway::attempt::{Answered, Attempt, Findings, Wish};
use crate::gateway::errand;
use crate::gateway::exchange::{Means, Peer, Upload};
use crate::gateway::failure::Failure;
use crate::gateway::task::{self, Task};
use crate::json;
use crate::plugins::cache::CompileCache;
use crate::plugins::component::{LoadError, sha256_hex};
use crate::plugins::contract::{self, Note, Pair};
use crate::plugins::engine::{Engine, EngineError, Limits};
use crate::plugins::guests::Guests;
use crate::plugins::manifest::Manifest;
use crate::plugins::plugin::{House, Loaded, Plugin, Source};
use crate::routing::{Candidate, Model};
use crate::store::ProviderKey;
use crate::upstream::client::{Client, Play, Played, SendError, SendErrorKind};
use crate::upstream::leak::Leaks;

/// The time of a scene that says none: the beginning of 2026.
pub const NOW_MS: i64 = 1_767_225_600_000;

/// Where the user's own endpoint is where a scene does not say.
const BASE: &str = "http://127.0.0.1:8080/v1";

/// What the plugin is told as the attempt's id, and what generated ids are made of.
const ATTEMPT_ID: &str = "case000000000000";

/// Operations that are answered in one piece.
const TASKS: &[&str] = &[
    "embeddings",
    "images",
    "rerank",
    "speech",
    "transcription",
    "translation",
];

/// Guests that may live at once.
const GUESTS: u32 = 16;

/// The sandbox that all plugins under test share.
pub struct Kit {
    house: House,
    cache: Option<CompileCache>,
}

/// A plugin, granted all that it asks for.
pub struct Stage {
    plugin: Arc<Plugin>,
    clock: Clock,
}

/// What is acted.
#[derive(Debug, Clone, Default)]
pub struct Scene {
    /// In the contract's words.
    pub operation: String,
    /// The provider's own name of it.
    pub model: String,
    /// The client's body.
    pub request: Vec<u8>,
    /// Address of the user's own endpoint.
    pub base: Option<String>,
    /// What the user set.
    pub settings: BTreeMap<String, String>,
    /// What earlier replies taught.
    pub learned: BTreeMap<String, String>,
    /// What earlier replies had the host remember.
    pub notes: BTreeMap<String, String>,
    /// Milliseconds since 1970 UTC.
    pub now_ms: i64,
    /// What the client uploads.
    pub uploads: Vec<Upload>,
    /// What the upstream answers, in turn.
    pub replies: Vec<Reply>,
}

/// One answer of the upstream.
#[derive(Debug, Clone)]
pub struct Reply {
    /// 100 to 599.
    pub status: u16,
    /// Any letter case.
    pub headers: Vec<(String, String)>,
    /// The body, as the network reads it.
    pub pieces: Vec<Bytes>,
    /// The connection is lost after these.
    pub broken: bool,
}

/// What was seen.
pub struct Acted {
    /// What would have been sent, in order.
    pub requests: Vec<Played>,
    /// What it came to.
    pub end: End,
    /// Limits in headers and facts about the key.
    pub findings: Findings,
    /// What the plugin had the host remember.
    pub notes: Vec<Note>,
}

/// How a scene ends.
#[derive(Debug)]
pub enum End {
    /// A whole answer.
    Whole(Bytes),
    /// Bytes of this media type: sound, a picture.
    Bytes(String, Bytes),
    /// A streamed one.
    Stream {
        /// As a client gets them.
        chunks: Vec<Bytes>,
        /// What it cost, told or estimated.
        usage: Usage,
        /// Why it broke off, if it did.
        broken: Option<Failure>,
    },
    /// What can be called.
    Models(Vec<contract::Model>),
    /// The key is good.
    GoodKey,
    /// No answer.
    Failed(Failure),
}

/// Plays the replies of one scene.
#[derive(Debug)]
struct Player {
    replies: Vec<Reply>,
    requests: Mutex<Vec<Played>>,
}

impl Kit {
    /// Starts the sandbox. Compiled plugins are kept in `cache`.
    ///
    /// # Errors
    /// A system that refuses it.
    pub fn new(cache: Option<CompileCache>) -> Result<Self, EngineError> {
        let limits = Limits {
            max_instances: GUESTS,
        };
        Ok(Self {
            house: House {
                engine: Arc::new(Engine::new(limits)?),
                guests: Arc::new(Guests::new(limits.max_instances)),
                clock: Clock::manual(NOW_MS),
            },
            cache,
        })
    }

    /// Loads a component.
    ///
    /// # Errors
    /// See [`LoadError`].
    pub fn load(&self, component: &[u8]) -> Result<Stage, LoadError> {
        let loaded = Loaded::new(
            &self.house.engine,
            self.cache.as_ref(),
            sha256_hex(component),
            component,
        )?;
        let grant = loaded.manifest.asks.clone();
        let plugin = Plugin::new(Arc::new(loaded), Source::Inbox, grant, true, &self.house);
        Ok(Stage {
            plugin: Arc::new(plugin),
            clock: self.house.clock.clone(),
        })
    }
}

impl Stage {
    /// What the plugin says of itself.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        self.plugin.manifest()
    }

    /// How often it trapped, ran out of its time or memory, or answered what cannot be taken over.
    #[must_use]
    pub fn strikes(&self) -> u64 {
        self.plugin.strikes()
    }

    /// Acts a scene.
    ///
    /// # Errors
    /// A scene that cannot be acted: a request that no client could send, an address that is none, an operation
    /// that this server does not know.
    pub async fn act(&self, scene: &Scene) -> Result<Acted, String> {
        self.clock.set(scene.now_ms);
        let player = Arc::new(Player {
            replies: scene.replies.clone(),
            requests: Mutex::default(),
        });
        let client = Client::played(Arc::clone(&player) as Arc<dyn Play>);
        let timeouts = Timeouts::default();
        let leaks = Leaks::default();
        let means = Means {
            client: &client,
            leaks: &leaks,
            timeouts: &timeouts,
            clock: &self.clock,
        };
        let (end, findings, notes) = match scene.operation.as_str() {
            "chat" => self.chat(means, scene).await?,
            "models" => {
                let listed = errand::list_models(means, self.peer(scene)?).await;
                let end = listed.map_or_else(End::Failed, End::Models);
                (end, Findings::default(), Vec::new())
            }
            "key-check" => {
                let checked = errand::check_key(means, self.peer(scene)?).await;
                let mut findings = Findings::default();
                let end = match checked {
                    Ok(learned) => {
                        let pair = |(name, value)| Pair { name, value };
                        findings.learned = learned.into_iter().map(pair).collect();
                        End::GoodKey
                    }
                    Err(failure) => End::Failed(failure),
                };
                (end, findings, Vec::new())
            }
            other => self.task(means, scene, other).await?,
        };
        let requests = std::mem::take(&mut *player.requests.lock());
        Ok(Acted {
            requests,
            end,
            findings,
            notes,
        })
    }

    /// What the plugin would send for a chat that uses these traits; `None` if it would not.
    pub(super) async fn plan(&self, traits: &[&str], streaming: bool) -> Option<contract::Content> {
        let call = contract::Call {
            id: ATTEMPT_ID.to_owned(),
            operation: "chat".to_owned(),
            model: self
                .manifest()
                .models
                .first()
                .map_or_else(|| "model".to_owned(), |model| model.id.clone()),
            streaming,
            outline: contract::Outline {
                body_bytes: 2,
                input_tokens: 1,
                max_output: None,
                items: 1,
                traits: traits.iter().map(|word| (*word).to_owned()).collect(),
                extra: Vec::new(),
            },
            settings: self
                .manifest()
                .settings
                .iter()
                .map(|one| Pair {
                    name: one.name.clone(),
                    value: if one.default.is_empty() {
                        "value".to_owned()
                    } else {
                        one.default.clone()
                    },
                })
                .collect(),
            step: 0,
            memo: String::new(),
            now_ms: u64::try_from(NOW_MS).unwrap_or(0),
            extra: Vec::new(),
        };
        let input = contract::Input {
            body: br#"{"messages":[{"role":"user","content":"Hello"}]}"#.to_vec(),
            files: Vec::new(),
            notes: Vec::new(),
            extra: Vec::new(),
        };
        let spent = std::sync::atomic::AtomicU64::new(0);
        let plan = self.plugin.encode(&call, input, &spent).await;
        plan.ok()?.ok().map(|request| request.content)
    }

    async fn chat(
        &self,
        means: Means<'_>,
        scene: &Scene,
    ) -> Result<(End, Findings, Vec<Note>), String> {
        let request = ChatRequest::parse(&scene.request).map_err(|invalid| {
            format!("the request is none that a client could send: {invalid}")
        })?;
        let outline = request.outline();
        let seed = Seed {
            id: format!("chatcmpl-{ATTEMPT_ID}"),
            created: u64::try_from(scene.now_ms / 1000).unwrap_or(0),
            model: scene.model.clone(),
        };
        let wish = Wish {
            request: &request,
            outline: &outline,
            seed: &seed,
            until: Instant::now() + means.timeouts.budget,
        };
        let candidate = self.candidate(scene)?;
        let mut attempt = Attempt::new(means, &candidate, wish).named(ATTEMPT_ID);
        let notes = scene.notes.iter().map(|(id, data)| Note {
            id: id.clone(),
            data: data.clone().into_bytes(),
        });
        let end = match attempt.run(notes.collect(), &Allowance::Free).await {
            Err(failure) => End::Failed(failure),
            Ok(Answered::Whole { body, .. }) => End::Whole(body),
            Ok(Answered::Stream(mut live)) => {
                let mut chunks = std::mem::take(&mut live.first);
                let broken = loop {
                    match attempt.next(&mut live).await {
                        Ok(Some(more)) => chunks.extend(more),
                        Ok(None) => break None,
                        Err(failure) => break Some(failure),
                    }
                };
                End::Stream {
                    chunks,
                    usage: live.usage(&wish),
                    broken,
                }
            }
        };
        let notes = attempt.take_notes();
        Ok((end, attempt.findings, notes))
    }

    async fn task(
        &self,
        means: Means<'_>,
        scene: &Scene,
        operation: &str,
    ) -> Result<(End, Findings, Vec<Note>), String> {
        let operation = TASKS
            .iter()
            .find(|known| **known == operation)
            .ok_or_else(|| {
                format!(
                    "`operation`: this server does not know {operation:?}; it knows chat, models, key-check, {}",
                    TASKS.join(", ")
                )
            })?;
        let body = json::parse(&scene.request, &json::Options::STRICT)
            .map_err(|error| format!("the request is no JSON: {error}"))?;
        let outline = Outline {
            body_bytes: scene.request.len() as u64,
            items: 1,
            ..Outline::default()
        };
        let task = Task {
            operation,
            model: scene.model.clone(),
            body: body.into_owned(),
            uploads: scene.uploads.clone(),
            outline,
            one_family: false,
        };
        let candidate = self.candidate(scene)?;
        let (done, findings) = task::try_once(means, &candidate, &task, ATTEMPT_ID).await;
        let end = match done {
            Err(failure) => End::Failed(failure),
            Ok(done) if done.media_type.contains("json") => End::Whole(done.body),
            Ok(done) => End::Bytes(done.media_type, done.body),
        };
        Ok((end, findings, Vec::new()))
    }

    fn candidate(&self, scene: &Scene) -> Result<Candidate, String> {
        let peer = self.peer(scene)?;
        let known = &self.manifest().models;
        let model = known
            .iter()
            .find(|model| model.id == scene.model)
            .map_or_else(
                || Model {
                    id: scene.model.clone(),
                    operations: vec![scene.operation.clone()],
                    ..Model::default()
                },
                Model::of_catalogue,
            );
        Ok(Candidate::alone(peer.key, peer.base, peer.plugin, model))
    }

    fn peer(&self, scene: &Scene) -> Result<Peer, String> {
        let manifest = self.manifest();
        let base = scene.base.as_deref().unwrap_or(BASE);
        let secrets = manifest
            .credentials
            .iter()
            .map(|one| (one.name.clone(), Zeroizing::new(secret(&one.name))));
        let key = ProviderKey {
            id: "key-case".to_owned(),
            provider: manifest.id.clone(),
            name: String::new(),
            label: String::new(),
            base_url: manifest.user_base_url.then(|| base.to_owned()),
            priority: 100,
            enabled: true,
            secrets: secrets.collect(),
            settings: scene.settings.clone(),
            learned: scene.learned.clone(),
            created_ms: 0,
            health: String::new(),
            health_detail: String::new(),
            health_ms: None,
            models: Vec::new(),
            models_given: false,
            damaged: None,
        };
        Peer::new(&self.plugin, Arc::new(key)).map_err(|error| format!("`base`: {error}"))
    }
}

/// What stands in for a credential: like no other text.
pub(super) fn secret(name: &str) -> String {
    format!("s3cr3t0f0{name}0v41u3")
}

impl Play for Player {
    fn play(&self, request: Played) -> Result<reqwest::Response, SendError> {
        let mut requests = self.requests.lock();
        let reply = self.replies.get(requests.len());
        requests.push(request);
        let lost = |message: String| SendError {
            kind: SendErrorKind::Lost,
            message,
            sent_maybe: true,
        };
        let reply = reply.ok_or_else(|| {
            lost(format!(
                "the case has no answer to the plugin's request {}",
                requests.len()
            ))
        })?;
        reply.response().map_err(|error| lost(error.to_string()))
    }
}

impl Reply {
    fn response(&self) -> Result<reqwest::Response, http::Error> {
        let mut response = http::Response::builder().status(self.status);
        for (name, value) in &self.headers {
            response = response.header(name, value);
        }
        let mut reads: Vec<Result<Bytes, std::io::Error>> =
            self.pieces.iter().cloned().map(Ok).collect();
        if self.broken {
            reads.push(Err(std::io::ErrorKind::ConnectionReset.into()));
        }
        let body = reqwest::Body::wrap_stream(stream::iter(reads));
        response.body(body).map(reqwest::Response::from)
    }
}
