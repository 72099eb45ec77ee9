//! Answers and requests that nobody expects, thousands of each for every plugin: no trap, no hang, and what comes of
//! them is a failure with a word of the contract or a valid answer; and what is sent is a request of the dialect.

mod answers;
mod requests;
mod valid;

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::Value as Json;
use tokio::time::timeout;

use super::{cases, stages};
use crate::conformance::stage::{Acted, End, Scene};
use crate::conformance::{Case, Stage};
use crate::gateway::failure::Failure;

pub(super) use valid::{chunk, whole};

/// How many answers, and how many requests, each plugin is driven with.
const ANSWERS: u64 = 2_000;
const REQUESTS: u64 = 1_000;

/// No scene may take longer, whatever else the machine does.
const PATIENCE: Duration = Duration::from_secs(60);

/// The cases of a plugin, from which its answers are mutated.
fn seeds(name: &str) -> Vec<Case> {
    let folders = std::fs::read_dir(cases(name)).into_iter().flatten();
    let mut seeds: Vec<Case> = folders
        .filter_map(|entry| Case::read(&entry.ok()?.path()).ok())
        .collect();
    seeds.sort_by(|one, other| one.name.cmp(&other.name));
    seeds
}

async fn act(stage: &Stage, scene: &Scene) -> Acted {
    timeout(PATIENCE, stage.act(scene))
        .await
        .expect("a scene hangs")
        .unwrap_or_else(|why| panic!("{why}: {}", String::from_utf8_lossy(&scene.request)))
}

#[tokio::test]
async fn whatever_comes_is_an_answer_or_a_failure() {
    let mut wrong: Vec<(String, String)> = Vec::new();
    for (name, stage) in stages() {
        let (seeds, rounds) = match seeds(&name) {
            // What a compatible provider says, until the plugin has cases of its own.
            none if none.is_empty() => (seeds("openai-compatible"), ANSWERS / 20),
            own => (own, ANSWERS),
        };
        for round in 0..rounds {
            let mut random = StdRng::seed_from_u64(round);
            let scene = answers::scene(&seeds, &mut random);
            let acted = act(&stage, &scene).await;
            let told = || {
                let bodies = scene.replies.iter().map(|reply| {
                    let body = reply.pieces.concat();
                    format!(
                        "{} {:?}\n{}",
                        reply.status,
                        reply.headers,
                        String::from_utf8_lossy(&body)
                    )
                });
                format!(
                    "{name}, round {round}, {} answered with {}",
                    scene.operation,
                    bodies.collect::<Vec<_>>().join("\n")
                )
            };
            assert_eq!(stage.strikes(), 0, "{}", told());
            // One of a kind is told, so that one run shows all that is wrong.
            if let Err(why) = sound(&scene.operation, &acted.end)
                && wrong.iter().all(|(known, _)| *known != why)
            {
                wrong.push((why, format!("{}\n{:?}", told(), acted.end)));
            }
        }
    }
    wrong.truncate(40);
    let lines = wrong.iter().map(|(why, told)| format!("{why}: {told}\n"));
    assert!(wrong.is_empty(), "{}", lines.collect::<String>());
}

#[tokio::test]
async fn whatever_is_asked_is_sent_in_the_providers_words() {
    for (name, stage) in stages() {
        let mut sent = 0;
        for round in 0..REQUESTS {
            let mut random = StdRng::seed_from_u64(round);
            let models = &stage.manifest().models;
            let chats: Vec<_> = models
                .iter()
                .filter(|model| model.operations.iter().any(|word| word == "chat"))
                .collect();
            let model = match chats.len() {
                0 if models.is_empty() => "a-model",
                0 => break,
                many => &chats[random.random_range(0..many)].id,
            };
            let request = requests::chat(&mut random);
            let scene = Scene {
                operation: "chat".to_owned(),
                model: model.to_owned(),
                request: request.to_string().into_bytes(),
                settings: settings(&stage),
                ..Scene::default()
            };
            let acted = act(&stage, &scene).await;
            assert_eq!(stage.strikes(), 0, "{name}, round {round}: {request}");
            let Some(first) = acted.requests.first() else {
                // Nothing left the host: it must say what it cannot do.
                match &acted.end {
                    End::Failed(Failure { kind, .. })
                        if matches!(
                            kind.as_str(),
                            "unsupported" | "invalid-request" | "too-long"
                        ) => {}
                    end => panic!("{name}, round {round}: {end:?}: {request}"),
                }
                continue;
            };
            sent += 1;
            let body = String::from_utf8_lossy(&first.body);
            if let Err(why) = requests::documented(first, model) {
                panic!("{name}, round {round}: {why}\nasked {request}\nsent {body}");
            }
        }
        println!("{name}: {sent} of {REQUESTS} requests would be sent");
    }
}

/// A value for each setting that the user must give.
fn settings(stage: &Stage) -> std::collections::BTreeMap<String, String> {
    let needed = stage
        .manifest()
        .settings
        .iter()
        .filter(|one| one.default.is_empty() && !one.optional);
    needed
        .map(|one| {
            let choice = one.choices.first().cloned();
            let value = choice.unwrap_or_else(|| "0123456789abcdef0123456789abcdef".to_owned());
            (one.name.clone(), value)
        })
        .collect()
}

/// A valid answer, or a failure with a word that the router knows.
fn sound(operation: &str, end: &End) -> Result<(), String> {
    match end {
        End::Whole(_) if operation != "chat" => Ok(()),
        End::Whole(body) => {
            let body: Json = serde_json::from_slice(body).map_err(|error| error.to_string())?;
            whole(&body)
        }
        End::Stream { chunks, broken, .. } => {
            for bytes in chunks {
                let json: Json =
                    serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
                chunk(&json)?;
                if bytes.contains(&b'\n') {
                    return Err("a chunk holds a line break".to_owned());
                }
            }
            broken.as_ref().map_or(Ok(()), failure)
        }
        End::Failed(told) => failure(told),
        End::Models(models) => match models
            .iter()
            .find(|model| model.id.is_empty() || model.operations.is_empty())
        {
            Some(model) => Err(format!("a model without name or operation: {model:?}")),
            None => Ok(()),
        },
        // Of tasks there is no form that all share.
        End::Bytes(..) | End::GoodKey => Ok(()),
    }
}

fn failure(told: &Failure) -> Result<(), String> {
    const KNOWN: &[&str] = &[
        "invalid-request",
        "content-filtered",
        "unsupported",
        "too-long",
        "model-missing",
        "key-invalid",
        "key-forbidden",
        "payment-required",
        "rate-limited",
        "quota-exhausted",
        "overloaded",
        "upstream-broken",
        "truncated",
        "malformed-reply",
        "unreachable",
    ];
    if !KNOWN.contains(&told.kind.as_str()) {
        return Err(format!("a failure of no known kind: {told}"));
    }
    if told.message.is_empty() {
        return Err(format!("a failure without a word: {}", told.kind));
    }
    if told.message.chars().count() > 1_000 {
        return Err("a failure of too many words".to_owned());
    }
    Ok(())
}
