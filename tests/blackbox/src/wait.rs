//! Waiting for what tells nobody that it happened.

use std::time::{Duration, Instant};

/// How long anything is waited for that a healthy server does at once: far above what it takes on a
/// loaded machine, so that reaching it means that it will not come.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How long to leave the other process alone between two looks.
const BETWEEN: Duration = Duration::from_millis(15);

/// Looks until `look` finds something, at most [`PATIENCE`]; `what` names it if it does not.
///
/// # Panics
/// If it is not found in time.
pub async fn until<T>(what: &str, look: impl AsyncFnMut() -> Option<T>) -> T {
    until_within(PATIENCE, what, look).await
}

/// The same for what takes even a healthy server longer.
///
/// # Panics
/// If it is not found in time.
pub async fn until_within<T>(
    patience: Duration,
    what: &str,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> T {
    let end = Instant::now() + patience;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < end, "not within {patience:?}: {what}");
        tokio::time::sleep(BETWEEN).await;
    }
}
