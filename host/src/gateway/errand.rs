//! The host's own requests: is this key good, and what can be called with it?

use std::time::Duration;

use tokio::time::Instant;

use super::exchange::{Exchange, Means, Peer, Received};
use super::failure::Failure;
use super::outcome::news;
use crate::chat::Outline;
use crate::json::{Value, object};
use crate::plugins::contract::{FollowUp, Model, Outcome, Request};

/// How long an errand may take in all.
const PATIENCE: Duration = Duration::from_secs(30);

/// Pages of a list that are read.
const MAX_PAGES: usize = 32;

/// Models of a list that are kept.
const MAX_MODELS: usize = 5_000;

/// Asks the provider whether the key is good. What was found out about it on the way is given back: names and values,
/// news only, to be kept with the key.
///
/// # Errors
/// The plugin's verdict: `key-invalid` says that it is not; `unsupported`, that nobody can tell without spending.
pub async fn check_key(means: Means<'_>, peer: Peer) -> Result<Vec<(String, String)>, Failure> {
    let mut exchange = begin(means, peer, "key-check");
    let mut planned = exchange.encode(Vec::new(), Vec::new()).await?;
    loop {
        let follow_up = match ask(&mut exchange, planned).await? {
            Reply::Again(follow_up) => *follow_up,
            Reply::Good(mut received) => {
                let body = exchange.whole(&mut received).await?;
                match exchange.decode(&received.head, body).await? {
                    Outcome::Done(reply) => {
                        return Ok(news(&exchange.peer.key.learned, reply.learned));
                    }
                    Outcome::Again(follow_up) => follow_up,
                }
            }
        };
        planned = exchange.follow(follow_up).await?;
    }
}

/// Asks the provider what can be called.
///
/// # Errors
/// The plugin's verdict.
pub async fn list_models(means: Means<'_>, peer: Peer) -> Result<Vec<Model>, Failure> {
    let mut exchange = begin(means, peer, "models");
    let mut planned = exchange.encode(Vec::new(), Vec::new()).await?;
    let mut models = Vec::new();
    let mut pages = 0;
    loop {
        let mut received = match ask(&mut exchange, planned).await? {
            Reply::Good(received) => received,
            Reply::Again(follow_up) => {
                planned = exchange.follow(*follow_up).await?;
                continue;
            }
        };
        let body = exchange.whole(&mut received).await?;
        let plugin = &exchange.peer.plugin;
        let listing = plugin
            .decode_models(&exchange.call, &received.head, body, &exchange.spent)
            .await
            .map_err(|no| Failure::of_guest("malformed-reply", no))??;
        models.extend(listing.models);
        models.truncate(MAX_MODELS);
        pages += 1;
        match listing.next {
            Some(next) if pages < MAX_PAGES && models.len() < MAX_MODELS => planned = next,
            _ => return Ok(models),
        }
    }
}

fn begin<'a>(means: Means<'a>, peer: Peer, errand: &str) -> Exchange<'a> {
    let until = Instant::now() + PATIENCE;
    Exchange::new(means, peer, (errand, "", false), &Outline::default(), until)
}

enum Reply {
    Good(Box<Received>),
    Again(Box<FollowUp>),
}

/// Sends; a reply that is no success is judged.
async fn ask(exchange: &mut Exchange<'_>, planned: Request) -> Result<Reply, Failure> {
    let empty = || -> Value<'static> { object([]) };
    let received = exchange.send(planned, empty).await?;
    if (200..300).contains(&received.head.status) {
        return Ok(Reply::Good(Box::new(received)));
    }
    exchange
        .judge(received)
        .await
        .map(|follow_up| Reply::Again(Box::new(follow_up)))
}
