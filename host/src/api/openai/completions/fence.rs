//! The code fence that chat models put around code although they were told not to.

/// The mark of a fence.
const FENCE: &str = "```";

/// The longest first line that is taken for a fence's: three marks and a language.
const LONGEST: usize = 32;

/// Takes the fence off a text that comes in pieces. A text that does not begin with one passes untouched.
#[derive(Debug, Default)]
pub(super) struct Fence {
    state: State,
    held: String,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum State {
    /// It may begin with a fence yet.
    #[default]
    Start,
    /// It did; what is held may be the closing one.
    Inside,
    /// There is none.
    Outside,
}

impl Fence {
    /// What of the text so far can go out.
    pub(super) fn push(&mut self, piece: &str) -> String {
        if self.state == State::Outside {
            return piece.to_owned();
        }
        self.held.push_str(piece);
        if self.state == State::Start {
            let head = self.held.trim_start_matches('\n');
            match head.split_once('\n') {
                Some((line, rest)) if is_opening(line) => {
                    self.held = rest.to_owned();
                    self.state = State::Inside;
                }
                None if FENCE.starts_with(head) || (is_opening(head) && head.len() <= LONGEST) => {
                    return String::new();
                }
                _ => {
                    self.state = State::Outside;
                    return std::mem::take(&mut self.held);
                }
            }
        }
        // What may be the closing fence waits, with the line breaks before it; so do line breaks at the end.
        let body = self.held.trim_end();
        let start = body.rfind('\n').map_or(0, |at| at + 1);
        let waits = if FENCE.starts_with(&body[start..]) {
            &body[..start]
        } else {
            self.held.as_str()
        };
        let cut = waits.trim_end_matches('\n').len();
        let rest = self.held.split_off(cut);
        std::mem::replace(&mut self.held, rest)
    }

    /// What is left at the end.
    pub(super) fn end(&mut self) -> String {
        let held = std::mem::take(&mut self.held);
        if self.state == State::Inside && held.trim() == FENCE {
            return String::new();
        }
        held
    }
}

/// Whether a line is a fence and nothing but the name of a language.
fn is_opening(line: &str) -> bool {
    line.strip_prefix(FENCE).is_some_and(|language| {
        language
            .trim()
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "+-#._".contains(letter))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn whole(pieces: &[&str]) -> String {
        let mut fence = Fence::default();
        let mut out: String = pieces.iter().map(|piece| fence.push(piece)).collect();
        out.push_str(&fence.end());
        out
    }

    #[test]
    fn the_fence_goes_and_the_text_stays() {
        for (text, left) in [
            ("a + b", "a + b"),
            ("", ""),
            ("```rust\na + b\n```", "a + b"),
            ("```\na\n\n```\n", "a"),
            ("\n```c++\na\n```", "a"),
            ("```rust\na", "a"),
            ("```rust\na\n", "a\n"),
            ("```rust\na\n```\nand more", "a\n```\nand more"),
            ("``", "``"),
            ("```", "```"),
            ("```not a language\na", "```not a language\na"),
            ("a\n```\nb\n```", "a\n```\nb\n```"),
        ] {
            assert_eq!(whole(&[text]), left, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn it_does_not_matter_where_pieces_end(text in "(```[a-z]{0,3}\n)?[a`\n ]{0,12}(\n```\n?)?", at in any::<prop::sample::Index>()) {
            let at = at.index(text.len() + 1);
            prop_assert_eq!(whole(&[&text[..at], &text[at..]]), whole(&[&text]));
            let pieces: Vec<&str> = text.split("").collect();
            prop_assert_eq!(whole(&pieces), whole(&[&text]));
        }
    }
}
