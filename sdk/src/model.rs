//! A model of the catalogue.

use crate::{RawModel, Scope};

const MINUTE: u64 = 60;
const DAY: u64 = 86_400;

/// Builds the contract's model. Starts as a chat model of unknown size.
#[derive(Clone, Debug)]
pub struct Model {
    raw: RawModel,
    day: Scope,
}

impl Model {
    /// A chat model: the provider's own name, and one for people.
    #[must_use]
    pub fn chat(id: &str, label: &str) -> Self {
        Self {
            raw: RawModel {
                id: id.to_owned(),
                label: label.to_owned(),
                family: String::new(),
                operations: vec!["chat".to_owned()],
                context: None,
                max_output: None,
                traits: Vec::new(),
                rank: None,
                dimensions: Vec::new(),
                quotas: Vec::new(),
                note: String::new(),
                extra: Vec::new(),
            },
            day: Scope::MODEL,
        }
    }

    /// Chat models of a table, a line each:
    ///
    /// ```text
    /// id | label | family | context | longest answer | rank | traits | limits
    /// ```
    ///
    /// `-` is unknown or none. Limits are requests a minute and a day, tokens a minute and a day, as in
    /// [`limits`](Self::limits); what stands last may be left out. Blank lines and those that begin with `#` are skipped. A
    /// line that is wrong stops a debug build, which is where the plugin's tests run; a component leaves it out.
    #[must_use]
    pub fn table(text: &str) -> Vec<Self> {
        let rows = text.lines().map(str::trim);
        rows.filter(|row| !row.is_empty() && !row.starts_with('#'))
            .filter_map(|row| {
                let model = Self::row(row);
                debug_assert!(model.is_some(), "no row of a catalogue: {row}");
                model
            })
            .collect()
    }

    fn row(row: &str) -> Option<Self> {
        let mut cells = row.split('|').map(|cell| match cell.trim() {
            "-" => "",
            cell => cell,
        });
        let id = cells.next().filter(|id| !id.is_empty())?;
        let mut model = Self::chat(id, cells.next()?).family(cells.next()?);
        model.raw.context = amount(cells.next()?)?;
        model.raw.max_output = amount(cells.next()?)?;
        model.raw.rank = match amount(cells.next()?)? {
            Some(rank) => Some(u32::try_from(rank).ok().filter(|rank| *rank <= 1000)?),
            None => None,
        };
        let model = model.traits(cells.next()?);
        let mut limits = [0; 4];
        let mut told = cells.next().unwrap_or_default().split_whitespace();
        for limit in &mut limits {
            *limit = amount(told.next().unwrap_or_default())?.unwrap_or(0);
        }
        let [rpm, rpd, tpm, tpd] = limits;
        (told.next().is_none() && cells.next().is_none()).then(|| model.limits(rpm, rpd, tpm, tpd))
    }

    /// A model that does something else than chat: `embeddings`, `images`, `speech`, `transcription`.
    #[must_use]
    pub fn of(operation: &str, id: &str, label: &str) -> Self {
        let mut model = Self::chat(id, label);
        model.raw.operations = vec![operation.to_owned()];
        model
    }

    /// One operation more.
    #[must_use]
    pub fn also(mut self, operation: &str) -> Self {
        self.raw.operations.push(operation.to_owned());
        self
    }

    /// Lengths of vector that it can give, its default first.
    #[must_use]
    pub fn dimensions(mut self, lengths: &[u32]) -> Self {
        self.raw.dimensions = lengths.to_vec();
        self
    }

    /// The name that joins the same model across providers.
    #[must_use]
    pub fn family(mut self, family: &str) -> Self {
        self.raw.family = family.to_owned();
        self
    }

    /// Window, tokens.
    #[must_use]
    pub fn context(mut self, tokens: u64) -> Self {
        self.raw.context = Some(tokens);
        self
    }

    /// The longest answer, tokens.
    #[must_use]
    pub fn max_output(mut self, tokens: u64) -> Self {
        self.raw.max_output = Some(tokens);
        self
    }

    /// How capable, 0 to 1000 on a scale shared by all providers: the best open models stand near 950, good
    /// general ones near 700, small ones below 450.
    #[must_use]
    pub fn rank(mut self, rank: u32) -> Self {
        self.raw.rank = Some(rank);
        self
    }

    /// Words apart by spaces: `tools vision reasoning json-object json-schema`.
    #[must_use]
    pub fn traits(mut self, words: &str) -> Self {
        self.raw
            .traits
            .extend(words.split_whitespace().map(str::to_owned));
        self
    }

    /// The day limits given after this start anew as told, and belong to whom.
    #[must_use]
    pub fn day(mut self, scope: Scope) -> Self {
        self.day = scope;
        self
    }

    /// Requests a minute and a day, tokens a minute and a day, of one key; 0 is no limit.
    #[must_use]
    pub fn limits(mut self, rpm: u64, rpd: u64, tpm: u64, tpd: u64) -> Self {
        let rows = [
            ("requests", MINUTE, rpm, Scope::MODEL),
            ("requests", DAY, rpd, self.day),
            ("tokens", MINUTE, tpm, Scope::MODEL),
            ("tokens", DAY, tpd, self.day),
        ];
        for (unit, window, limit, scope) in rows {
            if limit > 0 {
                self.raw.quotas.push(scope.limit(unit, window, limit));
            }
        }
        self
    }

    /// One more limit.
    #[must_use]
    pub fn limit(mut self, scope: Scope, unit: &str, window_s: u64, most: u64) -> Self {
        self.raw.quotas.push(scope.limit(unit, window_s, most));
        self
    }

    /// A quirk worth knowing, for people.
    #[must_use]
    pub fn note(mut self, note: &str) -> Self {
        self.raw.note = note.to_owned();
        self
    }

    /// The contract's record.
    #[must_use]
    pub fn build(self) -> RawModel {
        self.raw
    }
}

/// A cell that holds an amount or nothing; `None` for one that holds anything else.
fn amount(cell: &str) -> Option<Option<u64>> {
    match cell {
        "" | "-" => Some(None),
        digits => digits.parse().ok().map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_all_there_is_to_a_model() {
        let rows = Model::table(
            "
            # id | label | family | context | answer | rank | traits | limits
            a/b:free | A B | a-b | 131072 | 8192 | 870 | tools reasoning | 30 1000 - 200000
            c | C | - | - | - | - | -
            ",
        );
        let [whole, bare] = &rows[..] else {
            panic!("two rows");
        };
        let whole = whole.clone().build();
        assert_eq!(
            (
                whole.id.as_str(),
                whole.label.as_str(),
                whole.family.as_str()
            ),
            ("a/b:free", "A B", "a-b")
        );
        assert_eq!(
            (whole.context, whole.max_output, whole.rank),
            (Some(131_072), Some(8192), Some(870))
        );
        assert_eq!(whole.traits, ["tools", "reasoning"]);
        let limits = whole
            .quotas
            .iter()
            .map(|q| (q.unit.as_str(), q.window_s, q.limit));
        assert_eq!(
            limits.collect::<Vec<_>>(),
            [
                ("requests", 60, Some(30)),
                ("requests", 86_400, Some(1000)),
                ("tokens", 86_400, Some(200_000))
            ]
        );
        let bare = bare.clone().build();
        assert_eq!(
            (bare.context, bare.rank, bare.quotas.len()),
            (None, None, 0)
        );
        assert!(bare.traits.is_empty());
    }

    #[test]
    fn a_wrong_row_is_found_out() {
        for wrong in [
            "a",
            "| A | - | 1 | - | 1 | -",
            "a | A | - | many | - | 1 | -",
            "a | A | - | 1 | - | 1001 | -",
            "a | A | - | 1 | - | 1 | - | 1 2 3 4 5",
            "a | A | - | 1 | - | 1 | - | 1 | more",
        ] {
            assert!(Model::row(wrong).is_none(), "{wrong}");
        }
    }
}
