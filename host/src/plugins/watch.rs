//! Looks at the plugins folder again when something in it changes.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::registry::Registry;

/// Changes closer together than this are one change: a build tool writes a file in several steps.
const QUIET: Duration = Duration::from_millis(150);

/// A folder that never rests is looked at all the same, so often.
const RESTLESS: Duration = Duration::from_millis(500);

/// How often the folder is looked at where it cannot be watched, or does not exist yet.
const UNWATCHED: Duration = Duration::from_secs(2);

/// How often it is looked at all the same where it is watched: network file systems tell of nothing that others do,
/// nobody tells that a link to the folder was changed, and what failed may succeed now.
const WATCHED: Duration = Duration::from_secs(5);

/// Keeps `registry` in step with its folder until the task is aborted.
pub async fn watch(registry: Arc<Registry>) {
    let (tell, mut told) = mpsc::channel::<()>(1);
    let mut watched: Option<Watched> = None;
    loop {
        let place = Place::of(registry.inbox()).await;
        if !watched.as_ref().is_some_and(|watched| watched.fits(place)) {
            watched = place.and_then(|place| Watched::start(registry.inbox(), place, tell.clone()));
        }
        // Also after a new start: what changed between the last look and now would otherwise be missed.
        if let Err(error) = registry.reload().await {
            tracing::error!(%error, "the plugins are not all looked at or kept");
        }
        let wait = if watched.is_some() {
            WATCHED
        } else {
            UNWATCHED
        };
        // The channel stays open: `tell` is here. Without a notice it is time for a look, too.
        if timeout(wait, told.recv()).await.is_ok() {
            let _ = timeout(RESTLESS, quiet(&mut told)).await;
        }
    }
}

/// Waits until nothing was told for a while.
async fn quiet(told: &mut mpsc::Receiver<()>) {
    while matches!(timeout(QUIET, told.recv()).await, Ok(Some(()))) {}
}

/// Whether anything may be another than before. That somebody looked at the folder, as this server does itself, is no
/// reason to look again.
fn matters(event: &Event) -> bool {
    match event.kind {
        EventKind::Access(kind) => kind == AccessKind::Close(AccessMode::Write),
        _ => true,
    }
}

/// Which folder a path leads to. One that was made where another was deleted may have its inode, but not its time.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Place {
    node: (u64, u64),
    made: Option<SystemTime>,
}

/// A folder under watch, which is not always the one that its path leads to by now.
struct Watched {
    place: Place,
    /// The folder itself was moved or deleted, or events were lost.
    stale: Arc<AtomicBool>,
    /// Watches until it is dropped.
    _watcher: RecommendedWatcher,
}

impl Place {
    /// `None` if there is no folder.
    async fn of(folder: &Path) -> Option<Self> {
        let facts = tokio::fs::metadata(folder).await.ok()?;
        facts.is_dir().then(|| Self {
            node: node(&facts),
            made: facts.created().ok(),
        })
    }
}

#[cfg(unix)]
fn node(facts: &std::fs::Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (facts.dev(), facts.ino())
}

#[cfg(not(unix))]
fn node(_facts: &std::fs::Metadata) -> (u64, u64) {
    (0, 0)
}

impl Watched {
    /// `place` is where `folder` led to before this call: if that has changed meanwhile, it is seen at the next look.
    fn start(folder: &Path, place: Place, tell: mpsc::Sender<()>) -> Option<Self> {
        let stale = Arc::new(AtomicBool::new(false));
        let (flag, itself) = (Arc::clone(&stale), std::path::absolute(folder).ok()?);
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            if event.as_ref().is_ok_and(|event| !matters(event)) {
                return;
            }
            let whole = event.is_ok_and(|event| {
                !event.need_rescan() && event.paths.iter().all(|path| *path != itself)
            });
            if !whole {
                flag.store(true, Ordering::Release);
            }
            // One waiting notice is enough: a look sees all that changed before it.
            let _ = tell.try_send(());
        })
        .ok()?;
        watcher.watch(folder, RecursiveMode::NonRecursive).ok()?;
        Some(Self {
            place,
            stale,
            _watcher: watcher,
        })
    }

    /// Whether it still watches the folder at this place.
    fn fits(&self, place: Option<Place>) -> bool {
        place == Some(self.place) && !self.stale.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests;
