//! Prompts that bring the marks of a model that was trained to fill gaps. Editors write them for the model they
//! believe to be there; another one would take them for text.

/// A gap, and what stands around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gap {
    pub(super) before: String,
    pub(super) after: String,
}

/// The marks of one family of models: before the one part, between the two, and at the end, where the model writes.
struct Marks {
    first: &'static str,
    second: &'static str,
    end: &'static str,
    /// What stands after the gap comes first.
    after_first: bool,
}

const ALL: [Marks; 6] = [
    // Qwen's coders and CodeGemma.
    marks("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
    // StarCoder and its kin.
    marks("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),
    marks("<fim-prefix>", "<fim-suffix>", "<fim-middle>"),
    // Code Llama.
    marks("<PRE>", "<SUF>", "<MID>"),
    // DeepSeek's coders: their marks are written with wide bars and a low line of their own.
    marks(
        "<\u{ff5c}fim\u{2581}begin\u{ff5c}>",
        "<\u{ff5c}fim\u{2581}hole\u{ff5c}>",
        "<\u{ff5c}fim\u{2581}end\u{ff5c}>",
    ),
    // Codestral: the model writes where the prompt ends.
    Marks {
        first: "[SUFFIX]",
        second: "[PREFIX]",
        end: "",
        after_first: true,
    },
];

const fn marks(first: &'static str, second: &'static str, end: &'static str) -> Marks {
    Marks {
        first,
        second,
        end,
        after_first: false,
    }
}

/// The gap of a prompt that has all marks of one family, in their order, the last one at its end. Anything else is text:
/// also a file that merely writes about such marks. What stands before the first mark (the name of a file, text of
/// other files) belongs before the gap.
pub(super) fn find(prompt: &str) -> Option<Gap> {
    ALL.iter().find_map(|marks| {
        let body = prompt.trim_end().strip_suffix(marks.end)?;
        // Without a mark at the end, spaces there are the text's.
        let body = if marks.end.is_empty() { prompt } else { body };
        let (context, rest) = body.split_once(marks.first)?;
        let (one, other) = rest.split_once(marks.second)?;
        // Code Llama's marks have spaces around them that are no text.
        let spaced = marks.first == "<PRE>";
        let bare = |text: &str| {
            let text = text.strip_prefix(' ').filter(|_| spaced).unwrap_or(text);
            text.strip_suffix(' ')
                .filter(|_| spaced)
                .unwrap_or(text)
                .to_owned()
        };
        if marks.after_first && !context.trim().is_empty() {
            return None;
        }
        let (before, after) = if marks.after_first {
            (other, one)
        } else {
            (one, other)
        };
        Some(Gap {
            before: format!("{context}{}", bare(before)),
            after: bare(after),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_marks_of_each_family_are_known() {
        for prompt in [
            "<|fim_prefix|>let a = <|fim_suffix|>;\n<|fim_middle|>",
            "<fim_prefix>let a = <fim_suffix>;\n<fim_middle>",
            "<PRE> let a =  <SUF>;\n <MID>",
            "<PRE> let a =  <SUF>;\n <MID>\n",
            "<\u{ff5c}fim\u{2581}begin\u{ff5c}>let a = <\u{ff5c}fim\u{2581}hole\u{ff5c}>;\n<\u{ff5c}fim\u{2581}end\u{ff5c}>",
            "[SUFFIX];\n[PREFIX]let a = ",
        ] {
            let gap = find(prompt).unwrap_or_else(|| panic!("{prompt:?}"));
            assert_eq!(
                (gap.before.as_str(), gap.after.as_str()),
                ("let a = ", ";\n"),
                "{prompt:?}"
            );
        }
        let named = find("<file_sep>a.rs\n<|fim_prefix|>x<|fim_suffix|>y<|fim_middle|>").unwrap();
        assert_eq!(named.before, "<file_sep>a.rs\nx");
    }

    #[test]
    fn other_text_is_text() {
        for prompt in [
            "let a = ",
            "",
            "<|fim_prefix|>a<|fim_middle|>",
            "<|fim_suffix|>a<|fim_prefix|>b<|fim_middle|>",
            "<|fim_prefix|>a<|fim_suffix|>b<|fim_middle|> is how one writes it",
            "See [SUFFIX] and [PREFIX] for that.",
        ] {
            assert_eq!(find(prompt), None, "{prompt:?}");
        }
    }
}
