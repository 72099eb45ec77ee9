//! How much a model is to think.

use crate::chat::Invalid;
use crate::json::{Object, Text, Value};

use super::field::{self, Path, some};

/// Budgets below these many tokens are the efforts beside them; larger ones are `high`.
const EFFORTS: [(u64, &str); 2] = [(4_096, "low"), (16_384, "medium")];

/// What a request says of thinking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Thinking<'b> {
    /// The canonical effort; `None` leaves it to the model.
    pub(super) effort: Option<&'b str>,
    /// Whether the client is shown thoughts.
    pub(super) shown: bool,
}

/// Reads `thinking` and `output_config.effort`.
pub(super) fn read<'b>(body: &'b Object<'_>) -> Result<Thinking<'b>, Invalid> {
    let budget = budget(body)?;
    if budget == Some(Budget::Off) {
        return Ok(Thinking {
            effort: Some("none"),
            shown: false,
        });
    }
    let said = effort(body)?;
    let effort = said.or(match budget {
        Some(Budget::Tokens(tokens)) => Some(
            EFFORTS
                .iter()
                .find(|(below, _)| tokens < *below)
                .map_or("high", |(_, word)| word),
        ),
        _ => None,
    });
    Ok(Thinking {
        effort,
        shown: true,
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Budget {
    Off,
    Open,
    Tokens(u64),
}

fn budget(body: &Object<'_>) -> Result<Option<Budget>, Invalid> {
    let path = Path::Top("thinking");
    let Some(thinking) = some(body, "thinking") else {
        return Ok(None);
    };
    let thinking = field::object(thinking, &path)?;
    match &*field::text(thinking, "type", &path)?.text() {
        "disabled" => return Ok(Some(Budget::Off)),
        "enabled" | "adaptive" => {}
        other => {
            let what = format!("`{other}` is none of enabled, adaptive and disabled.");
            return Err(path.name("type").invalid(what));
        }
    }
    let Some(tokens) = some(thinking, "budget_tokens") else {
        return Ok(Some(Budget::Open));
    };
    match tokens.as_u64() {
        Some(tokens) if tokens > 0 => Ok(Some(Budget::Tokens(tokens))),
        _ => Err(path
            .name("budget_tokens")
            .invalid("It must be a whole number of at least 1.")),
    }
}

/// Words that are not known are passed on: the canonical request knows synonyms, and leaves out what is none.
fn effort<'b>(body: &'b Object<'_>) -> Result<Option<&'b str>, Invalid> {
    let path = Path::Top("output_config");
    let Some(config) = some(body, "output_config") else {
        return Ok(None);
    };
    let config = field::object(config, &path)?;
    // What has an escape in it is no word that anybody knows.
    Ok(field::optional_text(config, "effort", &path)?.map(Text::raw))
}

/// The canonical member.
pub(super) fn put<'a>(thinking: &Thinking<'_>, to: &mut Object<'a>) {
    if let Some(effort) = thinking.effort {
        to.insert("reasoning_effort", Value::from(effort.to_owned()));
    }
}
