//! Puts a second answer behind the first part of another, so that the client sees one.

use bytes::Bytes;

use super::sent::SoFar;
use crate::json::{Object, Options, Value, parse};

/// How a candidate is asked to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Nothing of the answer has been seen: it is asked again, and that is all.
    Anew,
    /// The answer so far is the last message, and the model writes on.
    Prefill,
    /// It is asked again: the part that has been sent is dropped, if it comes again letter by letter.
    Repeat,
    /// The user's next message asks it to go on.
    Turn,
}

/// The second answer is no continuation of the first.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parted;

/// A second part repeats the end of the first only if so many bytes of it agree: fewer agree by chance.
const OVERLAP: usize = 12;

/// How much of a second part is held to see whether it repeats the end of the first, bytes.
const HELD: usize = 240;

/// See the module.
pub(super) struct Stitch {
    way: Way,
    /// Text of the first part.
    before: String,
    id: Value<'static>,
    created: Value<'static>,
    /// Text that is not sent yet, since it may be a repetition.
    held: String,
    /// Whether the seam has been found.
    joined: bool,
    /// Goes out at the seam.
    mark: Option<String>,
    /// Text that went out.
    added: String,
    /// See [`SoFar::whole_only`].
    pub(super) whole_only: bool,
}

impl Stitch {
    pub(super) fn new(way: Way, so_far: &SoFar, mark: Option<String>) -> Self {
        Self {
            way,
            before: so_far.text.clone(),
            id: so_far.id.clone(),
            created: so_far.created.clone(),
            held: String::new(),
            joined: false,
            mark,
            added: String::new(),
            whole_only: false,
        }
    }

    /// What the second answer has added to the text.
    pub(super) fn added(&self) -> &str {
        &self.added
    }

    /// Canonical chunks of the second answer as they go out; may be none.
    ///
    /// # Errors
    /// It does not say again what was to be said again. Nothing of it has gone out.
    pub(super) fn push(&mut self, chunks: &[Bytes]) -> Result<Vec<Bytes>, Parted> {
        let mut out = Vec::new();
        for chunk in chunks {
            self.chunk(chunk, &mut out)?;
        }
        Ok(out)
    }

    /// The second answer is whole: nothing may be left of the first one.
    pub(super) fn end(&self) -> Result<(), Parted> {
        if self.joined { Ok(()) } else { Err(Parted) }
    }

    fn chunk(&mut self, chunk: &[u8], out: &mut Vec<Bytes>) -> Result<(), Parted> {
        // The normaliser has read it before.
        let Ok(Value::Object(mut chunk)) = parse(chunk, &Options::LENIENT) else {
            return Err(Parted);
        };
        if !self.id.is_null() {
            chunk.insert("id", self.id.clone());
        }
        if !self.created.is_null() {
            chunk.insert("created", self.created.clone());
        }
        let choices = chunk.get_mut("choices").and_then(Value::as_array_mut);
        let choice = choices
            .and_then(|choices| choices.first_mut())
            .and_then(Value::as_object_mut);
        let Some(choice) = choice else {
            return Ok(());
        };
        let finish = choice
            .get("finish_reason")
            .is_some_and(|finish| !finish.is_null());
        let delta = choice.get_mut("delta").and_then(Value::as_object_mut);
        let mut nothing = Object::new();
        let delta = delta.unwrap_or(&mut nothing);
        delta.remove("role");
        if self.way != Way::Anew {
            // Thoughts in the middle of an answer would be shown there.
            for name in ["reasoning_content", "reasoning", "reasoning_details"] {
                delta.remove(name);
            }
        }
        let text = delta.remove("content");
        let text = text.as_ref().and_then(Value::as_str).unwrap_or_default();
        let acts = ["tool_calls", "function_call", "refusal"]
            .iter()
            .any(|name| delta.get(name).is_some_and(|value| !value.is_null()));
        let text = self.text(&text, finish || acts)?;
        self.whole_only |= acts;
        if !text.is_empty() {
            self.added.push_str(&text);
            delta.insert("content", Value::from(text));
        }
        if !delta.is_empty() || finish {
            out.push(Value::Object(chunk).to_vec().into());
        }
        Ok(())
    }

    /// What goes out of this text. `last`: no more of it comes before something else does.
    fn text(&mut self, text: &str, last: bool) -> Result<String, Parted> {
        let rest = if self.joined {
            text.to_owned()
        } else {
            self.held.push_str(text);
            let Some(cut) = self.seam(last)? else {
                return Ok(String::new());
            };
            self.joined = true;
            let mut held = std::mem::take(&mut self.held);
            held.split_off(cut.min(held.len()))
        };
        if rest.is_empty() {
            return Ok(rest);
        }
        Ok(match self.mark.take() {
            Some(mark) => mark + &rest,
            None => rest,
        })
    }

    /// How many bytes of what is held have been sent before; `None` if more of it must be seen.
    fn seam(&self, last: bool) -> Result<Option<usize>, Parted> {
        let (before, held) = (self.before.as_str(), self.held.as_str());
        let again = held.starts_with(before);
        let may_be = before.starts_with(held);
        Ok(match self.way {
            Way::Anew => Some(0),
            _ if again => Some(before.len()),
            Way::Repeat if may_be && !last => None,
            Way::Repeat => return Err(Parted),
            // It may begin with all of the first part, or with its end.
            _ if !last && (may_be || held.len() < HELD) => None,
            _ => Some(overlap(before, held)),
        })
    }
}

/// The longest end of `before` that `after` begins with, bytes; 0 if it is short.
fn overlap(before: &str, after: &str) -> usize {
    let longest = before.len().min(after.len());
    (OVERLAP..=longest)
        .rev()
        .find(|&length| {
            after
                .get(..length)
                .is_some_and(|start| before.ends_with(start))
        })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn so_far(text: &str) -> SoFar {
        SoFar {
            id: "first".into(),
            created: 7_u64.into(),
            text: text.to_owned(),
            finished: false,
            whole_only: false,
        }
    }

    fn chunk(delta: &str, finish: &str) -> Bytes {
        format!(
            r#"{{"id":"second","created":9,"model":"m2","choices":[{{"index":0,"delta":{delta},"finish_reason":{finish}}}]}}"#
        )
        .into()
    }

    fn text(text: &str) -> Bytes {
        let text = Value::from(text.to_owned()).to_vec();
        let text = String::from_utf8(text).unwrap();
        chunk(&format!(r#"{{"content":{text}}}"#), "null")
    }

    fn stop() -> Bytes {
        chunk("{}", "\"stop\"")
    }

    /// What the client sees in all, if the second answer comes in these pieces.
    fn all(way: Way, before: &str, pieces: &[&str], mark: Option<&str>) -> Result<String, Parted> {
        let mut stitch = Stitch::new(way, &so_far(before), mark.map(str::to_owned));
        let mut seen = before.to_owned();
        let role = chunk(r#"{"role":"assistant","content":""}"#, "null");
        let chunks = pieces.iter().map(|piece| text(piece));
        for chunk in std::iter::once(role).chain(chunks).chain([stop()]) {
            for out in stitch.push(&[chunk])? {
                let value = parse(&out, &Options::LENIENT).unwrap();
                assert_eq!(value.get("id").unwrap().as_str().unwrap(), "first");
                assert_eq!(value.get("created").unwrap().as_u64(), Some(7));
                assert_eq!(value.get("model").unwrap().as_str().unwrap(), "m2");
                let delta = value.pointer("/choices/0/delta").unwrap();
                assert!(delta.get("role").is_none());
                if let Some(content) = delta.get("content") {
                    seen.push_str(&content.as_str().unwrap());
                }
            }
        }
        stitch.end()?;
        assert_eq!(seen, format!("{before}{}", stitch.added()));
        Ok(seen)
    }

    /// How it goes on, what was sent, the pieces that come, and what the client has then.
    type Row<'a> = (Way, &'a str, &'a [&'a str], Result<&'a str, Parted>);

    #[test]
    fn what_was_sent_comes_once() {
        let table: [Row<'_>; 11] = [
            (
                Way::Repeat,
                "one two",
                &["one ", "two th", "ree"],
                Ok("one two three"),
            ),
            (Way::Repeat, "one two", &["one two"], Ok("one two")),
            (Way::Repeat, "one two", &["one "], Err(Parted)),
            (Way::Repeat, "one two", &["one", " three"], Err(Parted)),
            (Way::Prefill, "one two", &[" three"], Ok("one two three")),
            (
                Way::Prefill,
                "one two",
                &["one", " two", " three"],
                Ok("one two three"),
            ),
            (
                Way::Prefill,
                "one two",
                &["one more"],
                Ok("one twoone more"),
            ),
            (
                Way::Turn,
                "1. apples and pears\n2. ",
                &["2. ", "plums"],
                Ok("1. apples and pears\n2. 2. plums"),
            ),
            (
                Way::Turn,
                "1. apples and pears\n",
                &["apples and pears", "\n2. plums"],
                Ok("1. apples and pears\n2. plums"),
            ),
            (
                Way::Turn,
                "one two",
                &["one two", " three"],
                Ok("one two three"),
            ),
            (Way::Anew, "", &["one"], Ok("one")),
        ];
        for (way, before, pieces, wanted) in table {
            let seen = all(way, before, pieces, None);
            assert_eq!(
                seen.as_deref(),
                wanted.as_ref().map(|text| *text),
                "{way:?} {pieces:?}"
            );
        }
    }

    #[test]
    fn a_mark_stands_at_the_seam() {
        for (way, pieces) in [(Way::Turn, &[" two"][..]), (Way::Repeat, &["one", " two"])] {
            let seen = all(way, "one", pieces, Some("[on]"));
            assert_eq!(seen.as_deref(), Ok("one[on] two"));
        }
    }

    #[test]
    fn a_tool_call_ends_the_text() {
        let call = r#"{"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}"#;
        let call = chunk(call, "null");
        let mut stitch = Stitch::new(Way::Turn, &so_far("one"), None);
        assert_eq!(stitch.push(&[text(" two")]).unwrap(), Vec::<Bytes>::new());
        let out = stitch.push(std::slice::from_ref(&call)).unwrap();
        let value = parse(&out[0], &Options::LENIENT).unwrap();
        let delta = value.pointer("/choices/0/delta").unwrap();
        assert_eq!(delta.get("content").unwrap().as_str().unwrap(), " two");
        assert!(delta.get("tool_calls").is_some() && stitch.whole_only);
        let mut repeat = Stitch::new(Way::Repeat, &so_far("one"), None);
        assert_eq!(repeat.push(&[call]), Err(Parted));
    }

    #[test]
    fn thoughts_are_left_out_of_the_middle() {
        let thought = chunk(r#"{"reasoning_content":"hm"}"#, "null");
        let mut stitch = Stitch::new(Way::Repeat, &so_far("one"), None);
        assert!(
            stitch
                .push(std::slice::from_ref(&thought))
                .unwrap()
                .is_empty()
        );
        let mut anew = Stitch::new(Way::Anew, &so_far(""), None);
        assert_eq!(anew.push(&[thought]).unwrap().len(), 1);
    }

    proptest! {
        /// However it is cut, a repetition adds exactly its rest.
        #[test]
        fn a_repetition_is_dropped_wherever_it_is_cut(
            whole in "[a-zé ]{0,40}",
            sent in 0_usize..40,
            cuts in proptest::collection::vec(0_usize..40, 0..6),
        ) {
            let at = |place: usize| {
                let ends = whole.char_indices().map(|(at, _)| at).chain([whole.len()]);
                ends.filter(|end| *end <= place).max().unwrap_or(0)
            };
            let before = &whole[..at(sent)];
            let mut ends: Vec<usize> = cuts.into_iter().map(at).chain([0, whole.len()]).collect();
            ends.sort_unstable();
            let pieces: Vec<&str> = ends.windows(2).map(|pair| &whole[pair[0]..pair[1]]).collect();
            for way in [Way::Repeat, Way::Prefill] {
                prop_assert_eq!(all(way, before, &pieces, None), Ok(whole.clone()));
            }
        }
    }
}
