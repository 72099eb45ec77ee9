//! Reasoning that a client keeps for us: sealed, so that only this server reads it, and only for the same client key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::json::{Text, Value};
use crate::vault::Vault;

/// What our `encrypted_content` begins with: OpenAI's begins with other letters.
const MARK: &str = "freellmapi1:";

/// Seals and reads the reasoning of one client.
#[derive(Clone, Debug)]
pub(super) struct Sealer {
    vault: Vault,
    place: String,
}

impl Sealer {
    pub(super) fn new(vault: Vault, client: &str) -> Self {
        Self {
            vault,
            place: format!("responses/{client}/encrypted_content"),
        }
    }

    /// As `encrypted_content`.
    pub(super) fn seal(&self, thoughts: &str) -> String {
        let sealed = self.vault.seal(&self.place, thoughts.as_bytes());
        format!("{MARK}{}", STANDARD.encode(sealed))
    }

    /// The thoughts of a reasoning item: of `encrypted_content` if that is ours; none at all if it is somebody else's;
    /// of `content`, else of `summary`, where there is none.
    pub(super) fn read<'a>(&self, item: &Value<'a>) -> Option<Text<'a>> {
        match item.get("encrypted_content") {
            None | Some(Value::Null) => texts(item, "content").or_else(|| texts(item, "summary")),
            Some(Value::String(sealed)) => {
                let sealed = sealed.text();
                let sealed = STANDARD.decode(sealed.strip_prefix(MARK)?).ok()?;
                let thoughts = self.vault.open(&self.place, &sealed).ok()?;
                Some(Text::from_text(std::str::from_utf8(&thoughts).ok()?))
            }
            Some(_) => None,
        }
    }
}

/// The text of all parts, each a paragraph of its own.
fn texts<'a>(item: &Value<'a>, member: &str) -> Option<Text<'a>> {
    let parts = item.get(member)?.as_array()?;
    let mut all: Option<Text<'a>> = None;
    for text in parts.iter().filter_map(|part| part.get("text")?.as_text()) {
        match &mut all {
            Some(before) => {
                before.push(&Text::from("\n\n"));
                before.push(text);
            }
            None => all = Some(text.clone()),
        }
    }
    all.filter(|text| !text.is_empty())
}
