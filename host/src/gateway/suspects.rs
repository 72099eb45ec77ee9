//! Keys that their provider has just refused in traffic: whoever checks keys looks at these at once.

use std::collections::BTreeSet;

use parking_lot::Mutex;
use tokio::sync::Notify;

/// See the module.
#[derive(Debug, Default)]
pub struct Suspects {
    ids: Mutex<BTreeSet<String>>,
    bell: Notify,
}

impl Suspects {
    /// This key was refused.
    pub fn add(&self, key_id: &str) {
        if self.ids.lock().insert(key_id.to_owned()) {
            self.bell.notify_one();
        }
    }

    /// Waits until there is one.
    pub async fn wait(&self) {
        self.bell.notified().await;
    }

    /// All of them, once.
    #[must_use]
    pub fn take(&self) -> BTreeSet<String> {
        std::mem::take(&mut self.ids.lock())
    }
}
