//! One more attempt beside one that has said nothing for longer than its model nearly always takes. Whoever answers
//! first is the answer; the other call is cancelled.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::time::timeout;

use super::Gateway;
use super::attempt::{Answered, Attempt, Wish};
use super::failure::Failure;
use super::outcome::Allowance;
use super::search::Search;
use super::trail::Record;
use crate::limits::Reservation;
use crate::routing::Candidate;

/// Never sooner than this: a second call costs its provider a request.
const SOONEST: Duration = Duration::from_millis(250);

/// An attempt and all that goes with it.
pub(super) struct Tried<'a> {
    pub(super) candidate: Arc<Candidate>,
    pub(super) reservation: Reservation,
    pub(super) attempt: Attempt<'a>,
    /// When it began; see [`Search::asked`].
    pub(super) asked_ms: i64,
}

/// After how long this candidate is late; `None` if too little is known of it, or nobody wants to know.
pub(super) fn late_after(gateway: &Gateway, candidate: &Candidate) -> Option<Duration> {
    if !gateway.policy.hedge {
        return None;
    }
    let late_ms = candidate.arm.late_ms()?;
    Some(Duration::from_millis(late_ms).max(SOONEST))
}

async fn run<'a>(
    gateway: &Gateway,
    client_key: &str,
    wish: Wish<'a>,
    mut tried: Tried<'a>,
) -> (Tried<'a>, Result<Answered, Failure>) {
    let notes = gateway.notes_for(client_key, &tried.candidate, wish.request);
    let allowance = Allowance::Metered(gateway, &tried.candidate);
    let ended = tried.attempt.run(notes, &allowance).await;
    (tried, ended)
}

/// Runs an attempt, and after `late` one more. The one that counts, and how it ended; one that failed while the other
/// still ran is booked here.
pub(super) async fn hedged<'a>(
    gateway: &'a Gateway,
    search: &mut Search<'_>,
    record: &mut Record,
    (wish, client_key): (Wish<'a>, &str),
    first: Tried<'a>,
    late: Duration,
) -> (Tried<'a>, Result<Answered, Failure>) {
    let late_one = Arc::clone(&first.candidate);
    let mut first = pin!(run(gateway, client_key, wish, first));
    if let Ok(ended) = timeout(late, first.as_mut()).await {
        return ended;
    }
    let Some((candidate, reservation)) = search.next(&record.route).await else {
        return first.await;
    };
    record.hedged(&candidate);
    let second = Tried {
        attempt: Attempt::new(gateway.means_for(&candidate.provider), &candidate, wish),
        candidate,
        reservation,
        asked_ms: search.asked_ms(),
    };
    let second = pin!(run(gateway, client_key, wish, second));
    let (ended, other) = match select(first, second).await {
        Either::Left((ended, second)) => (ended, Either::Left(second)),
        Either::Right((ended, first)) => {
            if ended.1.is_ok() {
                record.late(&late_one);
            }
            (ended, Either::Right(first))
        }
    };
    let (mut tried, failure) = match ended {
        (tried, Err(failure)) if !failure.is_final() => (tried, failure),
        // Leaving cancels the other call. What it reserved stays spent, since its provider may count it.
        answered => return answered,
    };
    record.failed(&tried.candidate, &failure, tried.attempt.guest_us());
    search.asked(tried.asked_ms);
    search
        .failed(
            &tried.candidate,
            tried.reservation,
            &mut tried.attempt.findings,
            &failure,
        )
        .await;
    search.tally.failed(&tried.candidate.key.id, failure);
    other.await
}
