//! What the model is told before and beside the conversation.

use crate::chat::Invalid;
use crate::json::{Object, Text};

use super::content::{self, Content};
use super::field::{Path, some};

/// Begins a block by which Claude Code tells Anthropic its version. It means nothing to a model, and changes from
/// request to request, which would spoil a provider's prompt cache.
const BILLING: &str = "x-anthropic-billing-header:";

/// All that `system` says, as one text: many providers take nothing else.
pub(super) fn read<'a>(body: &Object<'a>) -> Result<Option<Text<'a>>, Invalid> {
    let Some(system) = some(body, "system") else {
        return Ok(None);
    };
    let path = Path::Top("system");
    texts(&Content::of(Some(system), &path)?, &path)
}

/// As [`read`], of any content.
pub(super) fn texts<'a>(
    content: &Content<'_, 'a>,
    path: &Path<'_>,
) -> Result<Option<Text<'a>>, Invalid> {
    content::texts(content, path, |text| !text.raw().starts_with(BILLING))
}

/// A message of the role `system` in the middle of the conversation, as a part of what the user says. Many providers
/// take such a role at the beginning only; there it would come before what it refers to, and spoil the prompt cache.
pub(super) fn reminder<'a>(said: &Text<'a>) -> Text<'a> {
    let mut text = Text::from_text("<system-reminder>\n");
    text.push(said);
    text.push(&Text::from_text("\n</system-reminder>"));
    text
}
