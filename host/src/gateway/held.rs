//! How much of a stream is held before any of it goes out.

use bytes::Bytes;

use super::exchange::MAX_ANSWER;

/// The most that is held of a stream without content, bytes: until there is some, nothing goes out.
const MOST_WITHOUT_CONTENT: usize = 16 << 20;

/// What holding a chunk costs besides its bytes.
const CHUNK: usize = 64;

/// What is kept of a stream before any of it goes out.
pub(super) struct Held {
    bytes: usize,
    most: usize,
}

impl Held {
    /// A stream is held until there is content; for a client that wants a whole answer, all of it.
    pub(super) fn new(wants_stream: bool) -> Self {
        Self {
            bytes: 0,
            most: if wants_stream {
                MOST_WITHOUT_CONTENT
            } else {
                MAX_ANSWER
            },
        }
    }

    pub(super) fn add(&mut self, chunks: &[Bytes]) {
        self.bytes += chunks
            .iter()
            .map(|chunk| chunk.len() + CHUNK)
            .sum::<usize>();
    }

    /// It is, and there is still nothing to show for it.
    pub(super) fn too_much(&self) -> bool {
        self.bytes > self.most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_without_content_is_held_only_so_long() {
        let chunk = Bytes::from(vec![b' '; 1 << 20]);
        for (wants_stream, most) in [(true, 15), (false, 63)] {
            let mut held = Held::new(wants_stream);
            for _ in 0..most {
                held.add(std::slice::from_ref(&chunk));
            }
            assert!(!held.too_much());
            held.add(&[chunk.clone(), chunk.clone()]);
            assert!(held.too_much());
        }
    }
}
