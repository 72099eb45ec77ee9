//! A stream that is right as it comes.

use crate::{Decoder, Delta, End, Event, Piece};

/// Passes every event on, and ends at `[DONE]`.
#[must_use]
pub fn passing() -> Box<dyn Decoder> {
    Box::new(PassOn { finished: false })
}

struct PassOn {
    /// A finish reason came.
    finished: bool,
}

impl Decoder for PassOn {
    fn push(&mut self, events: &[Event]) -> Delta {
        let mut delta = Delta::default();
        for (index, event) in events.iter().enumerate() {
            if event.data.trim_ascii() == b"[DONE]" {
                delta.end = Some(End::Complete);
                break;
            }
            self.finished |= finishes(&event.data);
            delta.pieces.push(Piece::Keep(index as u32));
        }
        delta
    }

    /// Many upstreams end without `[DONE]`: the finish reason counts.
    fn finish(&mut self) -> Delta {
        Delta {
            end: self.finished.then_some(End::Complete),
            ..Delta::default()
        }
    }
}

/// Whether an event tells a finish reason, found without reading it as JSON.
pub(super) fn finishes(data: &[u8]) -> bool {
    const NAME: &[u8] = b"\"finish_reason\"";
    let Some(at) = data.windows(NAME.len()).position(|part| part == NAME) else {
        return false;
    };
    let rest = data[at + NAME.len()..].trim_ascii_start();
    let value = rest.strip_prefix(b":").unwrap_or(rest).trim_ascii_start();
    value.starts_with(b"\"") && !value.starts_with(b"\"\"")
}
