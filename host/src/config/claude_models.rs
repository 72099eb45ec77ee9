//! Which model is meant by a name that Anthropic's clients use: `opus=auto,sonnet=groq/some-model,claude-3-*=auto`.

/// The families of Claude's models. An entry of such a name is for all of its models.
pub const FAMILIES: [&str; 3] = ["opus", "sonnet", "haiku"];

/// All that is left over.
const ANY: &str = "*";

/// Where names of Claude's models go that no entry is for and no provider has.
const AUTO: &str = "auto";

/// The entries, in order: the first that fits counts, one of `*` last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClaudeModels {
    /// A family, a name, or a name with `*` in the place of any letters; in lower case. And what is meant.
    entries: Vec<(String, String)>,
    /// What `*` alone is for.
    rest: Option<String>,
}

impl ClaudeModels {
    /// Reads `NAME=MODEL,…`.
    ///
    /// # Errors
    /// Says which entry is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut models = Self::default();
        for entry in text.split(',').map(str::trim) {
            if entry.is_empty() {
                continue;
            }
            let (name, model) = entry
                .split_once('=')
                .map(|(name, model)| (name.trim().to_lowercase(), model.trim().to_owned()))
                .filter(|(name, model)| !name.is_empty() && !model.is_empty())
                .ok_or_else(|| {
                    format!(
                        "models of Claude: {entry:?} is not NAME=MODEL, such as opus=auto or \
                         claude-3-*=groq/llama-3.3-70b-versatile"
                    )
                })?;
            if name == ANY {
                models.rest = Some(model);
            } else {
                models.entries.push((name, model));
            }
        }
        Ok(models)
    }

    /// The model that is meant by `name`. `known` says whether a provider has a model of a name.
    #[must_use]
    pub fn route(&self, name: &str, known: impl Fn(&str) -> bool) -> String {
        // Claude Code marks the wish for a large window so.
        let bare = name.strip_suffix("[1m]").unwrap_or(name);
        let lower = bare.to_lowercase();
        if let Some((_, model)) = self.entries.iter().find(|(entry, _)| fits(entry, &lower)) {
            return model.clone();
        }
        if known(bare) {
            return bare.to_owned();
        }
        // A client that lists nothing but Claude's models can be given any other under such a name.
        if let Some(inner) = bare.strip_prefix("claude/")
            && known(inner)
        {
            return inner.to_owned();
        }
        if let Some(model) = &self.rest {
            return model.clone();
        }
        if is_claude(&lower) {
            return AUTO.to_owned();
        }
        name.to_owned()
    }
}

/// A name of Anthropic's: `claude-…`, or a family alone.
fn is_claude(lower: &str) -> bool {
    lower.starts_with("claude") || lower == "opusplan" || FAMILIES.contains(&lower)
}

fn fits(entry: &str, name: &str) -> bool {
    if FAMILIES.contains(&entry) {
        return is_claude(name) && name.contains(entry);
    }
    let mut pieces = entry.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    let Some(last) = pieces.next_back() else {
        return rest.is_empty();
    };
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(name: &str) -> bool {
        [
            "auto",
            "llama",
            "openrouter/anthropic/claude-sonnet-9",
            "claude-local",
        ]
        .contains(&name)
    }

    #[test]
    fn a_name_of_claudes_is_auto_unless_told_otherwise() {
        let none = ClaudeModels::default();
        let some =
            ClaudeModels::parse("opus=big, claude-3-*-2024*=old,SONNET = groq/x,claude-local=far")
                .unwrap();
        let all = ClaudeModels::parse("haiku=small,*=llama").unwrap();
        for (models, name, routed) in [
            (&none, "claude-opus-4-5", "auto"),
            (&none, "claude-sonnet-5[1m]", "auto"),
            (&none, "opusplan", "auto"),
            (&none, "haiku", "auto"),
            (&none, "claude-local", "claude-local"),
            (&none, "claude/llama", "llama"),
            (&none, "llama", "llama"),
            (&none, "gpt-4o", "gpt-4o"),
            (&some, "claude-opus-4-5-20251101", "big"),
            (&some, "Claude-Sonnet-9", "groq/x"),
            (&some, "claude-3-haiku-20240307", "old"),
            (&some, "claude-3-haiku-20250307", "auto"),
            (&some, "claude-local", "far"),
            (
                &some,
                "openrouter/anthropic/claude-sonnet-9",
                "openrouter/anthropic/claude-sonnet-9",
            ),
            (&all, "claude-haiku-4-5", "small"),
            (&all, "claude-opus-4-5", "llama"),
            (&all, "gpt-4o", "llama"),
            (&all, "auto", "auto"),
        ] {
            assert_eq!(models.route(name, known), routed, "{name}");
        }
    }

    #[test]
    fn patterns() {
        for (entry, name, yes) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("a*", "ab", true),
            ("*b", "ab", true),
            ("a*c", "abc", true),
            ("a*c*e", "abcde", true),
            ("a*c*e", "abde", false),
            ("ab*b", "ab", false),
        ] {
            assert_eq!(fits(entry, name), yes, "{entry} {name}");
        }
    }

    #[test]
    fn entries_that_are_none_are_named() {
        for bad in ["opus", "opus=", "=auto"] {
            let error = ClaudeModels::parse(bad).unwrap_err();
            assert!(error.contains(bad), "{error}");
        }
        assert_eq!(ClaudeModels::parse(" , ").unwrap(), ClaudeModels::default());
    }
}
