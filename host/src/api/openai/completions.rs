//! `POST /v1/completions`, OpenAI's way of before, which editors still use for ghost text. Providers serve chat, so
//! each prompt is a chat in which the model is told to go on where the text ends, or to fill the gap before a suffix.
//!
//! - `ask`: a request becomes one chat for each prompt. `gap`: where the marks of a fill-in-the-middle prompt are.
//! - `write`: what chats answer becomes choices. `fence`: takes the code fence off that chat models put around code.
//!
//! The rules are in `docs/dialects/completions.md`.

mod ask;
mod fence;
mod gap;
#[cfg(test)]
mod tests;
mod write;

use std::sync::Arc;

use async_stream::stream;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use futures_util::StreamExt;

use self::ask::Asked;
use self::write::Writer;
use super::chat::Plain;
use crate::api::Api;
use crate::api::answer::{Steps, answer, respond};
use crate::api::auth::Client;
use crate::api::body::Body;
use crate::gateway::chat::{Ask, Caller, Step, chat};

/// Answers a request, streamed or not. Several prompts are answered one after the other; the first that fails ends it.
pub async fn complete(
    State(api): State<Arc<Api>>,
    Extension(client): Extension<Client>,
    Body(body): Body,
) -> Response {
    match ask::read(&body) {
        Ok(asked) => respond(&api, steps(&api, client, asked), Plain).await,
        // By way of the gateway, so that it is in the log as every other.
        Err(invalid) => answer(&api, client, Ask::Read(Err(invalid)), Plain).await,
    }
}

/// The steps of all chats as those of one.
fn steps(api: &Arc<Api>, client: Client, asked: Asked) -> Steps {
    let gateway = Arc::clone(&api.gateway);
    Box::pin(stream! {
        let mut writer = Writer::new(&asked.manner);
        let mut begun = false;
        for (place, one) in asked.chats.into_iter().enumerate() {
            let caller = Caller { key: client.id.clone(), session: client.session.clone() };
            let mut steps = std::pin::pin!(chat(Arc::clone(&gateway), Ask::Read(Ok(one.chat)), caller));
            writer.prompt(place, one.echo);
            while let Some(step) = steps.next().await {
                match step {
                    Step::Accepted(accepted) if place == 0 => yield Step::Accepted(accepted),
                    Step::Begun(route) if !begun => {
                        begun = true;
                        yield Step::Begun(route);
                    }
                    Step::Chunks(chunks) => {
                        let chunks: Vec<_> = chunks.iter().filter_map(|chunk| writer.chunk(chunk)).collect();
                        if !chunks.is_empty() {
                            yield Step::Chunks(chunks);
                        }
                    }
                    Step::Whole(answer) => writer.whole(&answer),
                    Step::Failed(error, route) => {
                        yield Step::Failed(error, route);
                        return;
                    }
                    Step::Accepted(_) | Step::Begun(_) | Step::Done => {}
                }
            }
        }
        if asked.manner.stream {
            if asked.manner.usage {
                yield Step::Chunks(vec![writer.usage_chunk()]);
            }
            yield Step::Done;
        } else {
            yield Step::Whole(writer.into_answer());
        }
    })
}
