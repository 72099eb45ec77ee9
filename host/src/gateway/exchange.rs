//! One attempt's dealings with one provider through its plugin: plan, guard, send, read, judge. The same for a
//! client's request and for the host's own errands.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::time::{Instant, timeout, timeout_at};

use super::failure::{Failure, OUT_OF_TIME, TIMEOUT, UNREACHABLE};
use super::request;
use crate::chat::Outline;
use crate::clock::Clock;
use crate::config::Timeouts;
use crate::json::Value;
use crate::plugins::contract::{self, Call, Head, Input, Note, Outcome, Pair, Quota, Verdict};
use crate::plugins::plugin::{NoAnswer, Plugin};
use crate::store::ProviderKey;
use crate::upstream::client::{Client, SendErrorKind};
use crate::upstream::guard::{BaseError, Refused, UserBase, check};
use crate::upstream::leak::Leaks;
use crate::upstream::place::fill;
use crate::upstream::redact::Redactor;
use crate::upstream::retry_after;

/// The most that is read of a whole answer, bytes.
pub const MAX_ANSWER: usize = 64 << 20;

/// The most that is read of an error, bytes: what `classify` is given.
const MAX_ERROR: usize = 64 << 10;

/// How long a call into a guest may take with its wait for a place: far more than any deadline of its own.
const GUEST_WAIT: Duration = Duration::from_secs(30);

/// How long an error's body is waited for.
const ERROR_BODY: Duration = Duration::from_secs(5);

/// The most that a plugin may have carried to its next call, bytes.
const MAX_MEMO: usize = 64 << 10;

/// Requests of one attempt, the first one included.
const MAX_STEPS: u32 = 32;

/// With whom an exchange is held.
#[derive(Clone)]
pub struct Peer {
    /// The version that the attempt began with.
    pub plugin: Arc<Plugin>,
    /// The key.
    pub key: Arc<ProviderKey>,
    /// Address of the key's own endpoint.
    pub base: Option<UserBase>,
}

impl Peer {
    /// For a key, with the address of its own endpoint where it has one.
    ///
    /// # Errors
    /// An address that is refused.
    pub fn new(plugin: &Arc<Plugin>, key: Arc<ProviderKey>) -> Result<Self, BaseError> {
        Ok(Self {
            plugin: Arc::clone(plugin),
            base: key.base_url.as_deref().map(UserBase::parse).transpose()?,
            key,
        })
    }
}

/// What all exchanges share.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    /// Sends.
    pub client: &'a Client,
    /// What no plan may hold.
    pub leaks: &'a Leaks,
    /// How long each part may take.
    pub timeouts: &'a Timeouts,
    /// For `now-ms` and dates in headers.
    pub clock: &'a Clock,
}

/// See the module.
pub struct Exchange<'a> {
    means: Means<'a>,
    pub(super) peer: Peer,
    pub(super) call: Call,
    pub(super) redactor: Redactor,
    /// CPU time of guests, microseconds.
    pub(super) spent: Arc<AtomicU64>,
    /// The whole request's end.
    until: Instant,
    /// What the plugin had the host remember in this exchange.
    pub(super) notes: Vec<Note>,
    /// What a stream told of the key.
    pub(super) learned: Vec<Pair>,
    /// What the client uploaded.
    uploads: Vec<Upload>,
}

/// A file that a client uploaded.
#[derive(Debug, Clone)]
pub struct Upload {
    /// The form's field.
    pub field: String,
    /// As the client gave it.
    pub file_name: Option<String>,
    /// As the client gave it; not checked against the bytes.
    pub media_type: Option<String>,
    /// The bytes.
    pub data: Bytes,
}

/// A response whose body has not been read.
pub struct Received {
    pub(super) response: reqwest::Response,
    pub(super) head: Head,
    /// The plan's word; may be empty.
    pub(super) framing: String,
    /// Until when the first content is due.
    pub(super) first_content: Instant,
}

impl Received {
    /// What the body says it is, without parameters, in lower case; may be empty.
    pub fn media_type(&self) -> String {
        let value = self.response.headers().get(http::header::CONTENT_TYPE);
        let value = value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        value
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase()
    }
}

impl<'a> Exchange<'a> {
    /// Of one operation with one model.
    pub fn new(
        means: Means<'a>,
        peer: Peer,
        (operation, model, streaming): (&str, &str, bool),
        outline: &Outline,
        until: Instant,
    ) -> Self {
        let call = Call {
            id: fresh_id(),
            operation: operation.to_owned(),
            model: model.to_owned(),
            streaming,
            outline: contract::Outline {
                body_bytes: outline.body_bytes,
                input_tokens: outline.input_tokens,
                max_output: outline.max_output,
                items: outline.items,
                traits: outline
                    .traits
                    .iter()
                    .map(|word| (*word).to_owned())
                    .collect(),
                extra: Vec::new(),
            },
            settings: settings(&peer),
            step: 0,
            memo: String::new(),
            now_ms: 0,
            extra: Vec::new(),
        };
        let redactor = Redactor::new(peer.key.secrets.values().map(|secret| secret.as_str()));
        Self {
            means,
            peer,
            call,
            redactor,
            spent: Arc::default(),
            until,
            notes: Vec::new(),
            learned: Vec::new(),
            uploads: Vec::new(),
        }
    }

    /// With files that the client uploaded.
    #[must_use]
    pub fn with(mut self, uploads: Vec<Upload>) -> Self {
        self.uploads = uploads;
        self
    }

    /// Asks the plugin for a plan. `body` and `notes` are empty unless it reads bodies.
    pub async fn encode(
        &mut self,
        body: Vec<u8>,
        notes: Vec<Note>,
    ) -> Result<contract::Request, Failure> {
        self.stamp();
        let input = Input {
            body,
            files: self.files(),
            notes,
            extra: Vec::new(),
        };
        let plugin = &self.peer.plugin;
        let plan = self
            .guest(plugin.encode(&self.call, input, &self.spent))
            .await;
        plan.map_err(|no| Failure::of_guest("unsupported", no).unsent())?
            .map_err(|failure| Failure::from(failure).unsent())
    }

    /// The uploads as the plugin sees them: without their bytes, unless it reads them.
    fn files(&self) -> Vec<contract::File> {
        let reads = &self.peer.plugin.manifest().reads_files;
        let read = reads.contains(&self.call.operation);
        let file = |upload: &Upload| contract::File {
            field: upload.field.clone(),
            file_name: upload.file_name.clone(),
            media_type: upload.media_type.clone(),
            size: upload.data.len() as u64,
            data: if read {
                upload.data.to_vec()
            } else {
                Vec::new()
            },
        };
        self.uploads.iter().map(file).collect()
    }

    /// Carries a plan out and waits for the status line.
    pub async fn send<'b>(
        &mut self,
        planned: contract::Request,
        canonical: impl FnOnce() -> Value<'b>,
    ) -> Result<Received, Failure> {
        let refused = |why: String| Failure::new("malformed-reply", why).unsent();
        // Only what the user set fills the holes of a grant. What a plugin learnt is its own word, and must not
        // choose where a credential goes.
        let settings: Vec<(String, String)> = self
            .peer
            .key
            .settings
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let plugin = &self.peer.plugin;
        let refuse = |why: Refused| refused(format!("the plugin's plan is refused: {why}"));
        let plan = request::plan(&planned);
        // First: other refusals quote the plan.
        let leaks = self.means.leaks;
        leaks.check(&plan).map_err(refuse)?;
        let checked =
            check(plan, &plugin.grant, &settings, self.peer.base.as_ref()).map_err(refuse)?;
        let body = match request::leaked(&planned.content, leaks, !plugin.official()) {
            None => request::body(planned.content, &self.uploads, canonical)?,
            Some(found) => {
                let own = canonical();
                // What the client itself says it may say.
                if !leaks.is_in(found, &own.to_vec()) {
                    return Err(refuse(Refused::Leak("body".to_owned())));
                }
                request::body(planned.content, &self.uploads, || own)?
            }
        };
        let optional = |name: &str| {
            let known = &plugin.manifest().credentials;
            known.iter().any(|one| one.name == name && one.optional)
        };
        let outgoing = fill(checked, &self.peer.key.secrets, &optional)
            // Nothing is wrong with the key that is there: a new version of the plugin may ask for one more.
            .map_err(|why| Failure::new("unsupported", why.to_string()).unsent())?;
        if planned.memo.len() > MAX_MEMO {
            return Err(refused(format!(
                "the plugin's memo is larger than {MAX_MEMO} bytes"
            )));
        }
        self.call.memo = planned.memo;
        let headers = Instant::now() + self.means.timeouts.headers;
        // Without the query, in which a credential may be.
        tracing::trace!(attempt = %self.call.id, request = ?outgoing, bytes = body.bytes.len(), "sending");
        let sending = self
            .means
            .client
            .send(outgoing, body.bytes, body.media_type);
        let response = match timeout_at(headers.min(self.until), sending).await {
            Err(_) => return Err(self.too_late(headers, "the provider did not answer in time")),
            Ok(Err(error)) => {
                let kind = match error.kind {
                    SendErrorKind::Timeout => TIMEOUT,
                    SendErrorKind::Refused => "malformed-reply",
                    _ => UNREACHABLE,
                };
                let message = self.redactor.text(&error.to_string()).into_owned();
                let failure = Failure::new(kind, message);
                return Err(if error.sent_maybe {
                    failure
                } else {
                    failure.unsent()
                });
            }
            Ok(Ok(response)) => response,
        };
        tracing::trace!(attempt = %self.call.id, status = response.status().as_u16(), "answered");
        Ok(Received {
            head: self.head(&response),
            response,
            framing: planned.framing,
            first_content: Instant::now() + self.means.timeouts.first_content,
        })
    }

    /// The next read of a body that belongs to the request's own time; `None` at its end. `by` is when it is due.
    pub async fn read(
        &self,
        received: &mut Received,
        by: Instant,
    ) -> Result<Option<Bytes>, Failure> {
        match timeout_at(self.until, self.read_on(received, by)).await {
            Ok(read) => read,
            Err(_) => Err(self.too_late(by, "the provider did not finish in time")),
        }
    }

    /// The next read of a stream that has begun: however long it goes on, only silence ends it.
    pub async fn read_on(
        &self,
        received: &mut Received,
        by: Instant,
    ) -> Result<Option<Bytes>, Failure> {
        match timeout_at(by, received.response.chunk()).await {
            Err(_) => Err(Failure::new(
                TIMEOUT,
                "the provider stopped in the middle of its answer",
            )),
            Ok(Err(error)) => {
                tracing::debug!(error = %self.redactor.text(&error.without_url().to_string()), "a body broke off");
                Err(Failure::new(
                    "truncated",
                    "the connection to the provider was lost in the middle of its answer",
                ))
            }
            Ok(Ok(read)) => Ok(read),
        }
    }

    /// A part that was due at `by` did not come: the provider's fault, unless the whole request's time ended first.
    fn too_late(&self, by: Instant, why: &str) -> Failure {
        if self.until < by {
            Failure::new(OUT_OF_TIME, "the time for this request is over")
        } else {
            Failure::new(TIMEOUT, why)
        }
    }

    /// Waits for a guest, its queue included, but not for ever.
    pub async fn guest<T>(
        &self,
        call: impl Future<Output = Result<T, NoAnswer>>,
    ) -> Result<T, NoAnswer> {
        timeout(GUEST_WAIT, call)
            .await
            .unwrap_or(Err(NoAnswer::Busy))
    }

    /// How long a stream may say nothing once content has come.
    pub fn idle(&self) -> Duration {
        self.means.timeouts.idle
    }

    /// The whole body, credentials blanked.
    pub async fn whole(&self, received: &mut Received) -> Result<Bytes, Failure> {
        let mut body = BytesMut::new();
        while let Some(read) = self.read(received, received.first_content).await? {
            if body.len() + read.len() > MAX_ANSWER {
                return Err(Failure::new(
                    "malformed-reply",
                    "the provider's answer is larger than 64 MiB",
                ));
            }
            body.extend_from_slice(&read);
        }
        Ok(self.blank(body.freeze()))
    }

    /// What a reply that is no success means. Its body is read as far as the contract hands it over.
    pub async fn judge(&mut self, mut received: Received) -> Result<contract::FollowUp, Failure> {
        let mut body = BytesMut::new();
        // An error whose body stalls, drips or breaks off is still this status.
        let by = Instant::now() + ERROR_BODY.min(self.idle());
        while body.len() < MAX_ERROR {
            match self.read_on(&mut received, by).await {
                Ok(Some(read)) => body.extend_from_slice(&read),
                _ => break,
            }
        }
        let told =
            retry_after::from_headers(received.response.headers(), self.means.clock.now_ms());
        let status = received.response.status().as_u16();
        let body = self.blank(body.freeze());
        self.classify(&received.head, body)
            .await
            .map_err(|mut failure| {
                failure.status = Some(status);
                failure.retry_after_ms = failure.retry_after_ms.or(told);
                failure
            })
    }

    /// Has the plugin read a whole reply.
    pub async fn decode(&mut self, head: &Head, body: Bytes) -> Result<Outcome, Failure> {
        self.stamp();
        let plugin = &self.peer.plugin;
        let outcome = self
            .guest(plugin.decode(&self.call, head, body, &self.spent))
            .await;
        outcome
            .map_err(|no| Failure::of_guest("malformed-reply", no))?
            .map_err(|failure| {
                let mut failure = Failure::from(failure);
                failure.message = self.redactor.text(&failure.message).into_owned();
                failure
            })
    }

    /// Asks the plugin what the headers say of limits, if there are any that can. One that fails at it does not
    /// cost the client a good answer.
    pub async fn quotas(&self, received: &Received) -> Vec<Quota> {
        // `date` is on every reply; alone it says nothing of limits.
        if received.head.headers.iter().all(|pair| pair.name == "date") {
            return Vec::new();
        }
        let plugin = &self.peer.plugin;
        let quotas = plugin.quotas(&self.call, &received.head, &self.spent);
        self.guest(quotas).await.unwrap_or_else(|no| {
            tracing::debug!(attempt = %self.call.id, %no, "limits in headers are not read");
            Vec::new()
        })
    }

    /// What an error means; `Ok` is another request to be sent.
    pub async fn classify(
        &mut self,
        head: &Head,
        body: Bytes,
    ) -> Result<contract::FollowUp, Failure> {
        self.stamp();
        let plugin = &self.peer.plugin;
        let verdict = self
            .guest(plugin.classify(&self.call, head, body, &self.spent))
            .await;
        match verdict.map_err(|no| Failure::of_guest("malformed-reply", no))? {
            Verdict::Again(follow_up) => Ok(follow_up),
            Verdict::Failed(failure) => {
                let mut failure = Failure::from(failure);
                failure.message = self.redactor.text(&failure.message).into_owned();
                Err(failure)
            }
        }
    }

    /// Waits as the plugin wishes and counts the step.
    pub async fn follow(
        &mut self,
        follow_up: contract::FollowUp,
    ) -> Result<contract::Request, Failure> {
        self.call.step += 1;
        if self.call.step >= MAX_STEPS {
            return Err(Failure::new(
                "malformed-reply",
                format!("the plugin wants more than {MAX_STEPS} requests"),
            ));
        }
        let end = Instant::now() + Duration::from_millis(follow_up.delay_ms);
        if end > self.until {
            return Err(self.too_late(end, "the provider was not ready in time"));
        }
        if !self.means.client.is_played() {
            tokio::time::sleep_until(end).await;
        }
        Ok(follow_up.request)
    }

    /// Brings the call's clock up to date.
    pub(super) fn stamp(&mut self) {
        self.call.now_ms = u64::try_from(self.means.clock.now_ms()).unwrap_or(0);
    }

    /// Blanks credentials; almost always the bytes themselves.
    pub(super) fn blank(&self, bytes: Bytes) -> Bytes {
        match self.redactor.bytes(&bytes) {
            std::borrow::Cow::Borrowed(_) => bytes,
            std::borrow::Cow::Owned(blanked) => blanked.into(),
        }
    }

    fn head(&self, response: &reqwest::Response) -> Head {
        let wanted = &self.peer.plugin.manifest().reads_headers;
        let headers = response
            .headers()
            .iter()
            .filter(|(name, _)| wanted.takes(name.as_str()))
            .filter_map(|(name, value)| {
                Some(Pair {
                    name: name.as_str().to_owned(),
                    value: self.redactor.text(value.to_str().ok()?).into_owned(),
                })
            })
            .collect();
        Head {
            status: response.status().as_u16(),
            headers,
            extra: Vec::new(),
        }
    }
}

/// The manifest's settings with the user's values, then what was learned, which wins.
fn settings(peer: &Peer) -> Vec<Pair> {
    let key = &peer.key;
    let mut settings: Vec<Pair> = peer
        .plugin
        .manifest()
        .settings
        .iter()
        .map(|one| Pair {
            name: one.name.clone(),
            value: key.settings.get(&one.name).unwrap_or(&one.default).clone(),
        })
        .collect();
    for (name, value) in &key.learned {
        settings.retain(|pair| pair.name != *name);
        settings.push(Pair {
            name: name.clone(),
            value: value.clone(),
        });
    }
    settings
}

/// 24 letters and digits.
pub(super) fn fresh_id() -> String {
    letters(rand::random())
}

/// A fresh id that sorts by time: rows of the log then follow one another in the store's index, and are not strewn
/// over all of its pages.
pub(super) fn fresh_id_at(now_ms: i64) -> String {
    let mut rest = now_ms.unsigned_abs();
    let mut digits = [b'0'; TIME_DIGITS];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(rest % 36) as usize];
        rest /= 36;
    }
    let mut id = String::from_utf8_lossy(&digits).into_owned();
    id.push_str(&letters(rand::random())[TIME_DIGITS..]);
    id
}

/// In the order of their bytes.
const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// Enough for milliseconds until the year 5188.
const TIME_DIGITS: usize = 9;

fn letters(random: [u8; 24]) -> String {
    random
        .iter()
        .map(|byte| char::from(DIGITS[usize::from(*byte) % DIGITS.len()]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_as_the_contract_says_and_sort_by_time() {
        let times = [
            0,
            35,
            36,
            1_795_000_000_000,
            1_795_000_000_001,
            4_000_000_000_000,
        ];
        let ids = times.map(fresh_id_at);
        assert!(ids.is_sorted(), "{ids:?}");
        for id in ids.iter().chain(&[fresh_id()]) {
            assert_eq!(id.len(), 24);
            assert!(id.bytes().all(|byte| DIGITS.contains(&byte)), "{id}");
        }
        assert_ne!(fresh_id_at(7), fresh_id_at(7));
    }
}
