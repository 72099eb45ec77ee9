//! Why an answer ends, and texts that end it.

use crate::json::{Object, Value};

use super::request::Stops;

/// The words of `stop_reason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    EndTurn,
    MaxTokens,
    StopSequence,
    ToolUse,
    Refusal,
}

impl Reason {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::EndTurn => "end_turn",
            Self::MaxTokens => "max_tokens",
            Self::StopSequence => "stop_sequence",
            Self::ToolUse => "tool_use",
            Self::Refusal => "refusal",
        }
    }
}

/// What is known of an answer's end.
#[derive(Debug, Default)]
pub(super) struct Ending {
    /// The canonical finish reason.
    finish: Option<String>,
    /// The text at which it ended.
    sequence: Option<String>,
    /// The model refused in words.
    refused: bool,
}

impl Ending {
    /// Takes what a canonical choice says of its end.
    pub(super) fn read(&mut self, choice: &Object<'_>, stops: &Stops) {
        if let Some(finish) = choice.get("finish_reason").and_then(Value::as_str) {
            self.finish = Some(finish.into_owned());
        }
        // Neither is canonical: some model servers tell which text it was.
        for name in ["stop_reason", "matched_stop"] {
            let said = choice.get(name).and_then(Value::as_str);
            if let Some(said) = said.filter(|said| stops.sent.iter().any(|stop| stop == said)) {
                self.sequence.get_or_insert_with(|| said.into_owned());
            }
        }
    }

    /// The model refused in words.
    pub(super) fn refuse(&mut self) {
        self.refused = true;
    }

    /// The host cut the answer at this text.
    pub(super) fn cut(&mut self, sequence: &str) {
        self.finish = Some("stop".to_owned());
        self.sequence = Some(sequence.to_owned());
    }

    /// The reason, and the text at which it ended. `called`: there is a block that calls a tool.
    pub(super) fn reason(&self, called: bool) -> (Reason, Option<&str>) {
        let finish = self.finish.as_deref().unwrap_or("stop");
        let reason = match finish {
            "length" => Reason::MaxTokens,
            "content_filter" => Reason::Refusal,
            // Whatever it says: a client acts on the calls that there are, and waits for those that there are not.
            _ if called => Reason::ToolUse,
            _ if self.refused => Reason::Refusal,
            _ if self.sequence.is_some() => {
                return (Reason::StopSequence, self.sequence.as_deref());
            }
            _ => Reason::EndTurn,
        };
        (reason, None)
    }
}

/// Ends a text at the first of some others, however it is cut.
#[derive(Debug, Default)]
pub(super) struct Cutter {
    /// The end of the text so far, in which one of them may have begun.
    held: String,
    hit: Option<String>,
}

impl Cutter {
    /// What can go out of the text with this piece at its end.
    pub(super) fn push(&mut self, stops: &[String], piece: &str) -> String {
        if self.hit.is_some() {
            return String::new();
        }
        self.held.push_str(piece);
        let first = stops
            .iter()
            .filter_map(|stop| Some((self.held.find(stop.as_str())?, stop)))
            // Of two at one place the longer: it is the one that was meant.
            .min_by_key(|(at, stop)| (*at, std::cmp::Reverse(stop.len())));
        if let Some((at, stop)) = first {
            self.hit = Some(stop.clone());
            self.held.truncate(at);
            return std::mem::take(&mut self.held);
        }
        let keep = stops
            .iter()
            .map(|stop| overlap(&self.held, stop))
            .max()
            .unwrap_or(0);
        let rest = self.held.split_off(self.held.len() - keep);
        std::mem::replace(&mut self.held, rest)
    }

    /// What was held back, at the end of the text.
    pub(super) fn finish(&mut self) -> String {
        std::mem::take(&mut self.held)
    }

    /// The text at which it ended.
    pub(super) fn hit(&self) -> Option<&str> {
        self.hit.as_deref()
    }
}

/// How many bytes at the end of `text` begin `stop`, but are not all of it.
fn overlap(text: &str, stop: &str) -> usize {
    let longest = text.len().min(stop.len().saturating_sub(1));
    (1..=longest)
        .rev()
        .find(|length| {
            stop.is_char_boundary(*length) && text.as_bytes().ends_with(&stop.as_bytes()[..*length])
        })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_ends_at_the_first_stop_however_it_is_cut() {
        let stops = ["</end>".to_owned(), "</e".to_owned(), "ü!".to_owned()];
        for (text, before, hit) in [
            ("one </x> two", "one </x> two", None),
            ("one </end> two", "one ", Some(2)),
            ("grün ü! x", "grün ", Some(1)),
            ("half </", "half </", None),
        ] {
            for cut in (0..=text.len()).filter(|cut| text.is_char_boundary(*cut)) {
                let mut cutter = Cutter::default();
                let mut said = cutter.push(&stops, &text[..cut]);
                said.push_str(&cutter.push(&stops, &text[cut..]));
                said.push_str(&cutter.finish());
                assert_eq!(said, before, "{text} at {cut}");
                assert_eq!(cutter.hit().is_some(), hit.is_some(), "{text} at {cut}");
            }
        }
    }

    #[test]
    fn reasons() {
        let none = Stops::default();
        let stops = Stops {
            sent: vec!["END".to_owned()],
            kept: Vec::new(),
        };
        let ending = |finish: &str, more: &str, stops: &Stops| {
            let text = format!(r#"{{"finish_reason":"{finish}"{more}}}"#);
            let choice =
                crate::json::parse(text.as_bytes(), &crate::json::Options::STRICT).unwrap();
            let mut ending = Ending::default();
            ending.read(choice.as_object().unwrap(), stops);
            ending
        };
        for (finish, more, called, reason, sequence) in [
            ("stop", "", false, Reason::EndTurn, None),
            ("stop", "", true, Reason::ToolUse, None),
            ("tool_calls", "", true, Reason::ToolUse, None),
            ("tool_calls", "", false, Reason::EndTurn, None),
            ("length", "", true, Reason::MaxTokens, None),
            ("content_filter", "", false, Reason::Refusal, None),
            (
                "stop",
                r#","stop_reason":"END""#,
                false,
                Reason::StopSequence,
                Some("END"),
            ),
            (
                "stop",
                r#","matched_stop":"END""#,
                false,
                Reason::StopSequence,
                Some("END"),
            ),
            (
                "stop",
                r#","stop_reason":128009"#,
                false,
                Reason::EndTurn,
                None,
            ),
            (
                "stop",
                r#","stop_reason":"end_turn""#,
                false,
                Reason::EndTurn,
                None,
            ),
        ] {
            let ending = ending(finish, more, &stops);
            assert_eq!(ending.reason(called), (reason, sequence), "{finish} {more}");
        }
        let unasked = ending("stop", r#","stop_reason":"END""#, &none);
        assert_eq!(unasked.reason(false), (Reason::EndTurn, None));
    }
}
