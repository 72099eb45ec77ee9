//! Looks at the plugins folder again when something in it changes.

use std::sync::Arc;
use std::time::Duration;

use notify::RecursiveMode;
use notify_debouncer_mini::new_debouncer;
use tokio::sync::mpsc;

use super::registry::Registry;

/// Changes closer together than this are one change: a build tool writes a file in several steps.
const QUIET: Duration = Duration::from_millis(150);

/// How often the folder is looked at where the system cannot watch it (network file systems), or it does not
/// exist yet.
const POLL: Duration = Duration::from_secs(2);

/// Keeps `registry` in step with its folder until the task is aborted.
pub async fn watch(registry: Arc<Registry>) {
    let (tell, mut told) = mpsc::channel::<()>(1);
    let mut watching = None;
    loop {
        if watching.is_none() {
            watching = start(&registry, tell.clone());
            if watching.is_some() {
                // What changed between the last look and now would otherwise be missed.
                reload(&registry).await;
            }
        }
        match watching {
            Some(_) => {
                let _ = told.recv().await;
            }
            None => tokio::time::sleep(POLL).await,
        }
        reload(&registry).await;
        if !registry.inbox().is_dir() {
            watching = None;
        }
    }
}

async fn reload(registry: &Registry) {
    if let Err(error) = registry.reload().await {
        tracing::error!(%error, "the plugins folder could not be looked at");
    }
}

fn start(
    registry: &Registry,
    tell: mpsc::Sender<()>,
) -> Option<notify_debouncer_mini::Debouncer<notify::RecommendedWatcher>> {
    let mut debouncer = new_debouncer(QUIET, move |_| {
        // One waiting notice is enough: a look sees all that changed before it.
        let _ = tell.try_send(());
    })
    .ok()?;
    debouncer
        .watcher()
        .watch(registry.inbox(), RecursiveMode::NonRecursive)
        .ok()?;
    Some(debouncer)
}
