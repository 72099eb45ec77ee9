//! Events as they go out.

use crate::json::{Object, Value};

/// Numbers and frames events, unless it is muted.
#[derive(Default)]
pub(super) struct Wire {
    out: Vec<u8>,
    /// Of the next event.
    sequence: u64,
    muted: bool,
}

impl Wire {
    /// Sends nothing from here on.
    pub(super) fn mute(&mut self) {
        self.muted = true;
    }

    /// One event.
    pub(super) fn send<'a, const N: usize>(
        &mut self,
        kind: &'static str,
        members: [(&'static str, Value<'a>); N],
    ) {
        self.send_at(kind, [], members);
    }

    /// One event that says first where it belongs.
    pub(super) fn send_at<'a, const M: usize, const N: usize>(
        &mut self,
        kind: &'static str,
        place: [(&'static str, Value<'a>); M],
        members: [(&'static str, Value<'a>); N],
    ) {
        if self.muted {
            return;
        }
        let head = [
            ("type", Value::from(kind)),
            ("sequence_number", Value::from(self.sequence)),
        ];
        self.sequence += 1;
        let event: Object<'a> = head.into_iter().chain(place).chain(members).collect();
        self.out.extend_from_slice(b"event: ");
        self.out.extend_from_slice(kind.as_bytes());
        self.out.extend_from_slice(b"\ndata: ");
        Value::Object(event).write(&mut self.out);
        self.out.extend_from_slice(b"\n\n");
    }

    /// Moves what was sent to `out`.
    pub(super) fn take(&mut self, out: &mut Vec<u8>) {
        out.append(&mut self.out);
    }
}
