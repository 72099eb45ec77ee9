//! Providers with two consoles whose keys are not good at each other's host.

use crate::plan::{again, pair};
use crate::{Adapter, Call, Decoder, Delta, Event, Pair, Reply, Verdict};

/// A word and the host of each console, the first one tried first. Which one a key belongs to is learned with the first
/// answer, and stands in the call's settings as `console` from then on; the user may set it too. The plugin's manifest must
/// say [`decodes`](crate::Manifest::decodes) of `chat`, or nothing is learned from chats.
#[derive(Clone, Copy, Debug)]
pub struct Consoles(pub [(&'static str, &'static str); 2]);

const NAME: &str = "console";

impl Consoles {
    /// The host for this key: of the console that is known, or being tried.
    #[must_use]
    pub fn host(&self, call: &Call) -> &'static str {
        let known = self.of(&call.memo).or_else(|| self.of(call.setting(NAME)?));
        let [first, _] = self.0;
        known.unwrap_or(first).1
    }

    /// After the key was refused: the same request at the other console, if it is not known which one is right.
    #[must_use]
    pub fn sibling<A: Adapter>(&self, call: &Call) -> Option<Verdict> {
        let known = call
            .setting(NAME)
            .is_some_and(|word| self.of(word).is_some());
        if known || self.of(&call.memo).is_some() {
            return None;
        }
        let [_, (word, _)] = self.0;
        let mut call = call.clone();
        word.clone_into(&mut call.memo);
        let mut request = A::dialect(&call).plan(&call).ok()?;
        request.memo = call.memo;
        Some(again(request, 0))
    }

    /// Adds to a good reply which console gave it, where that was not known.
    #[must_use]
    pub fn learned(&self, call: &Call, mut reply: Reply) -> Reply {
        reply.learned.extend(self.news(call));
        reply
    }

    /// The same of a stream.
    #[must_use]
    pub fn learning(&self, call: &Call, stream: Box<dyn Decoder>) -> Box<dyn Decoder> {
        match self.news(call) {
            Some(news) => Box::new(Learning(Some(news), stream)),
            None => stream,
        }
    }

    fn news(&self, call: &Call) -> Option<Pair> {
        let known = call.setting(NAME).and_then(|word| self.of(word));
        let [first, _] = self.0;
        let (word, _) = self.of(&call.memo).or(known).unwrap_or(first);
        (known.map(|(known, _)| known) != Some(word)).then(|| pair(NAME, word))
    }

    fn of(&self, word: &str) -> Option<(&'static str, &'static str)> {
        self.0.into_iter().find(|(known, _)| *known == word)
    }
}

/// Tells with the first batch of a stream what is to be learned.
struct Learning(Option<Pair>, Box<dyn Decoder>);

impl Decoder for Learning {
    fn push(&mut self, events: &[Event]) -> Delta {
        let mut delta = self.1.push(events);
        if let Some(Pair { name, value }) = self.0.take() {
            delta.extra.push(pair(&format!("learned:{name}"), &value));
        }
        delta
    }

    fn finish(&mut self) -> Delta {
        self.1.finish()
    }
}
