//! Where a JSON value that comes in pieces ends.

/// Follows one JSON object or array, whatever it is cut into, and tells when its last bracket has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct JsonEnd {
    depth: u32,
    in_string: bool,
    escaped: bool,
    closed: bool,
}

impl JsonEnd {
    /// Takes the next piece.
    pub(super) fn push(&mut self, piece: &str) {
        // All that matters is ASCII, which no byte of another character is.
        for byte in piece.bytes() {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.in_string => self.escaped = true,
                b'"' => self.in_string = !self.in_string,
                _ if self.in_string => {}
                b'{' | b'[' => {
                    self.depth = self.depth.saturating_add(1);
                    self.closed = false;
                }
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    self.closed = self.depth == 0;
                }
                _ => {}
            }
        }
    }

    /// Whether the outermost bracket is closed.
    pub(super) fn closed(self) -> bool {
        self.closed && !self.in_string
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_bracket_ends_it_however_it_is_cut() {
        for (text, closed) in [
            (r#"{}"#, true),
            (r#" {"a":[1,{"b":"}"}]} "#, true),
            (r#"{"a":"\"}"#, false),
            (r#"{"a":"\\"}"#, true),
            (r#"{"a":"ü\u007d"}"#, true),
            (r#"{"a":{}"#, false),
            (r#"["]"#, false),
            ("", false),
            ("42", false),
        ] {
            for cut in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
                let mut end = JsonEnd::default();
                end.push(&text[..cut]);
                end.push(&text[cut..]);
                assert_eq!(end.closed(), closed, "{text:?} cut at {cut}");
            }
        }
    }
}
