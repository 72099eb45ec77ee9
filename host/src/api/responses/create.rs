//! `POST /v1/responses`, and `POST /v1/responses/input_tokens`, which only counts.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::ask::{self, Asked, Birth};
use super::encode::Encoder;
use super::items;
use super::kept::{json, refuse};
use super::machine::Plan;
use super::reasoning::Sealer;
use super::shelf::{Draft, Lost};
use crate::api::Api;
use crate::api::answer::answer;
use crate::api::auth::Client;
use crate::api::body::Body;
use crate::api::dialect::Dialect;
use crate::chat::Invalid;
use crate::chat::request::members;
use crate::gateway::chat::Ask;
use crate::json::object;

/// Why a request is not asked.
enum Refused {
    /// It is wrong.
    Invalid(Invalid),
    /// What it goes on from is not there.
    Lost(Lost),
}

/// Answers a request, streamed or not.
pub async fn create(
    State(api): State<Arc<Api>>,
    Extension(client): Extension<Client>,
    Body(body): Body,
) -> Response {
    let clock = api.gateway.clock.clone();
    let sealer = Sealer::new(api.responses.vault().clone(), &client.id);
    let now_ms = clock.now_ms();
    let birth = Birth {
        id: fresh_id(),
        created: u64::try_from(now_ms / 1000).unwrap_or(0),
        keeps: api.responses.keeps(),
    };
    let asked = match read(&api, &client, &body, &birth, &sealer).await {
        Ok(asked) => asked,
        Err(Refused::Lost(lost)) => return refuse(&lost),
        Err(Refused::Invalid(invalid)) => {
            // By way of the gateway, so that it is in the log as every other.
            let nothing = Encoder::new(Plan::default(), None, clock, None);
            return answer(&api, client, Ask::Read(Err(invalid)), nothing).await;
        }
    };
    let keep = asked.keep.map(|input| {
        let draft = Draft {
            id: birth.id,
            client: client.id.clone(),
            previous: asked.previous,
            created_ms: now_ms,
            input,
        };
        (api.responses.clone(), draft)
    });
    let encoder = Encoder::new(asked.plan, Some(sealer), clock, keep);
    answer(&api, client, Ask::Read(Ok(asked.request)), encoder).await
}

/// What a request would cost of input, estimated as the router does; nobody is asked.
pub async fn count(
    State(api): State<Arc<Api>>,
    Extension(client): Extension<Client>,
    Body(body): Body,
) -> Response {
    let sealer = Sealer::new(api.responses.vault().clone(), &client.id);
    let birth = Birth {
        id: fresh_id(),
        created: 0,
        keeps: false,
    };
    match read(&api, &client, &body, &birth, &sealer).await {
        Ok(asked) => json(
            StatusCode::OK,
            &object([
                ("object", "response.input_tokens".into()),
                ("input_tokens", asked.request.outline().input_tokens.into()),
            ]),
        ),
        Err(Refused::Lost(lost)) => refuse(&lost),
        Err(Refused::Invalid(invalid)) => Dialect::OpenAi.refuse(&invalid.into()),
    }
}

async fn read(
    api: &Api,
    client: &Client,
    body: &[u8],
    birth: &Birth,
    sealer: &Sealer,
) -> Result<Asked, Refused> {
    let body = members(body).map_err(Refused::Invalid)?;
    let references = ask::references(&body).map_err(Refused::Invalid)?;
    let past = api
        .responses
        .past(&client.id, &references)
        .await
        .map_err(Refused::Lost)?;
    ask::read(&body, &past, birth, sealer).map_err(Refused::Invalid)
}

fn fresh_id() -> String {
    let mut chance = [0; 16];
    rand::fill(&mut chance[..]);
    items::response_id(chance)
}
