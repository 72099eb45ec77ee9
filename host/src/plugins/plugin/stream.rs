//! A streamed reply's decoder.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use wasmtime::component::ResourceAny;

use super::{NoAnswer, Plugin, hop};
use crate::plugins::contract::{Delta, Event};
use crate::plugins::guests::Place;
use crate::plugins::instance::{Fault, Instance, Spent};
use crate::plugins::strikes::Weight;

/// A streamed reply's decoder, in an instance of its own.
pub struct Stream {
    plugin: Arc<Plugin>,
    /// Away while a call runs on the pool; gone for good if that call was abandoned.
    guest: Option<Guest>,
}

/// The fields are dropped in this order, and the place must be given back last. It is here and not in [`Stream`], as
/// a call on the pool outlives a stream that was abandoned.
pub(super) struct Guest {
    pub(super) instance: Instance,
    pub(super) decoder: ResourceAny,
    #[expect(dead_code, reason = "held")]
    pub(super) place: Place,
}

impl Stream {
    pub(super) fn new(plugin: Arc<Plugin>, guest: Guest) -> Self {
        Self {
            plugin,
            guest: Some(guest),
        }
    }

    /// `decoder.push`.
    ///
    /// # Errors
    /// [`NoAnswer`]; nothing can be pushed after it.
    pub async fn push(&mut self, events: Vec<Event>, spent: &AtomicU64) -> Result<Delta, NoAnswer> {
        let read = events.iter().map(|event| event.data.len()).sum();
        self.plugin.check_size(read)?;
        let weight = Weight {
            call: read,
            held: self.held().saturating_add(read),
        };
        self.call(read, weight, spent, move |guest, decoder| {
            guest.push(decoder, events)
        })
        .await
    }

    /// `decoder.finish`.
    ///
    /// # Errors
    /// [`NoAnswer`].
    pub async fn finish(&mut self, spent: &AtomicU64) -> Result<Delta, NoAnswer> {
        // It may go through all that it holds.
        let weight = Weight::of(self.held());
        self.call(0, weight, spent, Instance::finish).await
    }

    fn held(&self) -> usize {
        self.guest.as_ref().map_or(0, |guest| guest.instance.read())
    }

    async fn call<T: Send + 'static>(
        &mut self,
        read: usize,
        weight: Weight,
        spent: &AtomicU64,
        call: impl FnOnce(&mut Instance, ResourceAny) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, NoAnswer> {
        let plugin = &self.plugin;
        let guests = &plugin.house.guests;
        let seat = if plugin.runs_here(read) {
            None
        } else {
            Some(guests.seat(&plugin.share).await?)
        };
        let Some(mut guest) = self.guest.take() else {
            return Err(NoAnswer::Fault(Fault::Trap));
        };
        let before = guest.instance.spent();
        let (answer, guest) = hop(guests, seat, move || {
            let answer = call(&mut guest.instance, guest.decoder);
            (answer, guest)
        })
        .await?;
        let after = guest.instance.spent();
        let took = Spent {
            calls: after.calls - before.calls,
            cpu_us: after.cpu_us - before.cpu_us,
        };
        let answer = plugin.judge(Ok((answer, took)), weight, spent)?;
        // Only a guest that did right is called again.
        self.guest = Some(guest);
        Ok(answer)
    }
}
